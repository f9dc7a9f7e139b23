"""Redis as queue and bus, and everything that can be wrong with the line to it: nothing but speed may depend on it.

Killed: ``test_kills.py``. Here the server stands still, and the lines are reset, half-open, slow, or lead nowhere.
"""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import pytest

from tests.journeys.checker import Acked
from tests.journeys.faults import Wired, frozen
from tests.journeys.support import PATIENT, check, say, until_status

pytestmark = pytest.mark.redis

POLL_SECONDS = 0.5


@pytest.fixture(scope="module")
def wired(durable_databases, redis_of_the_module, tmp_path_factory):
    """The product on Redis; the first web and the worker reach it by links."""
    made = Wired(
        durable_databases,
        tmp_path_factory.mktemp("wired"),
        REDIS_URL=redis_of_the_module.url,
        POLL_SECONDS=str(POLL_SECONDS),
    )
    to = ("127.0.0.1", redis_of_the_module.port)
    made.redis = redis_of_the_module
    made.web_redis, made.worker_redis = made.link(to), made.link(to)
    for part, link in ((made.product.web[0], made.web_redis), (made.product.worker, made.worker_redis)):
        part.environment["REDIS_URL"] = f"redis://127.0.0.1:{link.port}/0"
    made.product.start()
    yield made
    made.stop()


async def hears_the_other_web(wired, clinic, channel, word):
    """A text taken by the first web reaches a tab at the second within two seconds, and the other way round."""
    first, second = wired.product.web
    tabs = [await clinic.socket(url=web.url) for web in (first, second)]
    begun = time.monotonic()
    assert (await channel.text(PATIENT, word)).status_code == 200
    assert time.monotonic() - begun < 1, "a delivery waits for Redis"
    for tab in tabs:
        while (await tab.next_event("message.created", timeout=5))["data"]["message"]["body"] != word:
            pass
    assert time.monotonic() - begun < POLL_SECONDS + 2


async def sends(wired, clinic, seconds):
    """A reply goes out, once."""
    body = f"redis {uuid4().hex}"
    await say(clinic, body)
    await until_status(wired.product, body, "delivered", seconds=seconds)
    assert [line["body"] for line in wired.twilio.accepted()].count(body) == 1


async def stand_still(wired, desk, seconds):
    """As killed: live by the poll, jobs wait; when it goes on, so do they."""
    clinic, channel = desk
    body = f"frozen {uuid4().hex}"
    begun = time.monotonic()
    with frozen(wired.redis.child.pid):
        await say(clinic, body)
        await hears_the_other_web(wired, clinic, channel, "Without Redis?")
        await asyncio.sleep(max(0, begun + seconds - time.monotonic()))
        assert wired.product.sql("select status from message where body = %s", body) == [("queued",)]
    await until_status(wired.product, body, "delivered")
    await hears_the_other_web(wired, clinic, channel, "And now?")
    check(wired.product, wired.twilio, acked=[Acked(str(clinic.id), "SM-first")])


async def test_a_frozen_redis_costs_speed_only(wired, desk):
    await stand_still(wired, desk, seconds=2)


@pytest.mark.soak
async def test_a_redis_frozen_for_half_a_minute(wired, desk):
    await stand_still(wired, desk, seconds=30)


@pytest.mark.soak  # a frozen Redis is the harder case
async def test_reset_lines_to_redis_are_made_again(wired, desk):
    clinic, channel = desk
    for link in (wired.web_redis, wired.worker_redis):
        link.reset()
    await hears_the_other_web(wired, clinic, channel, "After a reset")
    await sends(wired, clinic, seconds=30)
    check(wired.product, wired.twilio, acked=[Acked(str(clinic.id), "SM-first")])


@pytest.mark.soak  # a frozen Redis is the harder case
async def test_redis_in_a_black_hole(wired, desk):
    """The bus is gone, the poll of the log is not; jobs go out when the way is free."""
    clinic, channel = desk
    for link in (wired.web_redis, wired.worker_redis):
        link.black_hole()
        link.reset()
    await hears_the_other_web(wired, clinic, channel, "Nobody there")
    for link in (wired.web_redis, wired.worker_redis):
        link.mend()
    await sends(wired, clinic, seconds=40)
    check(wired.product, wired.twilio, acked=[Acked(str(clinic.id), "SM-first")])


@pytest.mark.soak
async def test_a_slow_line_to_redis(wired, desk):
    """+500 ms: neither a delivery nor a reply waits for the bus."""
    clinic, channel = desk
    for link in (wired.web_redis, wired.worker_redis):
        link.slow()
    await hears_the_other_web(wired, clinic, channel, "Slowly")
    await sends(wired, clinic, seconds=30)
    check(wired.product, wired.twilio, acked=[Acked(str(clinic.id), "SM-first")])


@pytest.mark.soak
async def test_half_open_lines_to_redis_are_found_out(wired, desk):
    """Nobody is told: the subscription finds it by its pulse (15 s + 5 s), the relay and the worker by their time."""
    clinic, channel = desk
    for link in (wired.web_redis, wired.worker_redis):
        link.half_open()
    await hears_the_other_web(wired, clinic, channel, "Half-open")
    await sends(wired, clinic, seconds=90)
    check(wired.product, wired.twilio, acked=[Acked(str(clinic.id), "SM-first")])
