"""Chaos (reliability section 11.4): a crowd on two webs and a worker, everything killed at random, then the checker.

``CHAOS_SECONDS`` (60; 30 min in ``make soak``) and ``CHAOS_SEED`` are read from the environment; the seed is printed.
"""

from __future__ import annotations

import asyncio
import os
import random
import time

import pytest

from tests.journeys.breaking import Breaker

SECONDS = float(os.environ.get("CHAOS_SECONDS", "60"))
SOAK_SECONDS = float(os.environ.get("CHAOS_SECONDS", "1800"))


async def survive(start_durable, durable_databases, with_twilio, crowd_of, twilio, *, seconds):
    """Break things for so long; nothing that was promised may be broken at the end."""
    seed = int(os.environ.get("CHAOS_SEED", "0")) or random.randrange(1, 2**32)
    product = start_durable(web=2, **with_twilio)
    crowd = await crowd_of(product, seed=seed, clinics=2, patients=4, tabs=5)
    breaker = Breaker(product, durable_databases.server, seed)
    await asyncio.sleep(1)
    twilio.set_mood("chaos")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await breaker.break_something()
        await asyncio.sleep(breaker.random.uniform(0.5, 2))
    twilio.set_mood("ok")
    found = await crowd.settle()
    story = f"CHAOS_SEED={seed}; {crowd.summary}; {'; '.join(breaker.done)}"
    print(story)
    assert not found, "\n".join([story, *found[:30]])
    assert len(crowd.acked) > seconds
    assert len(crowd.promised) > seconds / 4


@pytest.mark.timeout(SECONDS + 180)
async def test_chaos(start_durable, durable_databases, with_twilio, crowd_of, twilio):
    await survive(start_durable, durable_databases, with_twilio, crowd_of, twilio, seconds=SECONDS)


@pytest.mark.soak
@pytest.mark.timeout(SOAK_SECONDS + 300)
async def test_chaos_for_half_an_hour(start_durable, durable_databases, with_twilio, crowd_of, twilio):
    await survive(start_durable, durable_databases, with_twilio, crowd_of, twilio, seconds=SOAK_SECONDS)
