"""Clocks that are wrong by an hour, or jump by one (reliability section 3): of one process, against its database's."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import uuid4

import pytest

from tests.journeys.faults import taken
from tests.journeys.support import a_desk, at_twilio, check, say, until, until_status
from tests.support.product import Product
from tests.support.twilio_server import RunningTwilio

HOUR = 3600


class Clock:
    """The wall clocks of a product's processes, each of which can be set."""

    def __init__(self, product):
        self.product = product
        for part in product.parts:
            file = product.database.folder / f"clock-{part.log_path.stem}"
            file.write_text("0")
            skewed = Path(__file__).with_name("skewed")
            part.environment = {**part.environment, "PYTHONPATH": str(skewed), "CLOCK_OFFSET_FILE": str(file)}
            part.clock = file

    def set(self, part, seconds):
        """From now on that process is wrong by so much."""
        draft = part.clock.with_suffix(".new")
        draft.write_text(str(seconds))
        draft.rename(part.clock)


@pytest.fixture(scope="module")
def clocked(durable_databases, tmp_path_factory):
    """A product with clocks that can be set, and its Twilio."""
    twilio = RunningTwilio(tmp_path_factory.mktemp("clock") / "journal.jsonl")
    product = Product(durable_databases.make(), **at_twilio(twilio, SEND_TIMEOUT="4", JOB_BASE_BACKOFF="2"))
    clock = Clock(product)
    product.start()
    yield product, clock, twilio
    product.stop()
    product.database.drop()
    twilio.stop()


@pytest.fixture
async def clocked_desk(clocked, new_clinic):
    """A clinic in it; all clocks are right before and after."""
    product, clock, _ = clocked
    clinic, _ = await a_desk(product, new_clinic, f"+1202555{uuid4().int % 10_000:04d}")
    yield clinic
    for part in product.parts:
        clock.set(part, 0)
    product.sql("update job set run_at = now() where run_at > now() and status in ('pending', 'failed')")
    await until(
        lambda: (
            not product.sql(
                "select 1 from message where status in ('scheduled', 'queued', 'sending', 'unknown') union all "
                "select 1 from job where status = 'processing'"
            )
        )
    )


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
async def test_the_workers_clock_jumps_in_the_middle_of_a_send(clocked, clocked_desk, jump):
    """Its call has a monotonic time-out, its claim a token: sent once, and neither given up nor kept for an hour."""
    (product, clock, twilio), clinic = clocked, clocked_desk
    body, after = f"in the middle {uuid4().hex}", f"afterwards {uuid4().hex}"
    twilio.set_mood("slow", 1, body=body)
    await say(clinic, body)
    await until(lambda: taken(twilio, body))
    clock.set(product.worker, jump)
    await until_status(product, body, "delivered")
    await say(clinic, after)
    await until_status(product, after, "delivered")
    assert [taken(twilio, one) for one in (body, after)] == [1, 1]
    check(product, twilio)


@pytest.mark.parametrize("wrong", [-HOUR, pytest.param(HOUR, marks=pytest.mark.soak)])
async def test_a_web_whose_clock_is_wrong_sends_in_time(clocked, clocked_desk, wrong):
    """What is due now is due by the database's clock; people stay signed in."""
    (product, clock, twilio), clinic = clocked, clocked_desk
    clock.set(product.web[0], wrong)
    body = f"now {uuid4().hex}"
    await say(clinic, body)
    assert (await clinic.owner.get(clinic.at("threads"))).status_code == 200
    await until_status(product, body, "delivered", seconds=10)
    assert taken(twilio, body) == 1
    check(product, twilio)


@pytest.mark.parametrize("wrong", [-HOUR, pytest.param(HOUR, marks=pytest.mark.soak)])
async def test_a_worker_whose_clock_is_wrong_finds_out_what_became_of_a_send(clocked, clocked_desk, wrong):
    """The provider took it and says nothing: its list settles it in the usual time."""
    (product, clock, twilio), clinic = clocked, clocked_desk
    clock.set(product.worker, wrong)
    body = f"unknown {uuid4().hex}"
    twilio.set_mood("lost", 1, body=body)
    await say(clinic, body)
    await until_status(product, body, "sent", seconds=15)
    assert taken(twilio, body) == 1
    check(product, twilio)


@pytest.mark.parametrize("wrong", [-HOUR, pytest.param(HOUR, marks=pytest.mark.soak)])
async def test_a_refused_send_is_tried_again_in_time_at_a_wrong_clock(clocked, clocked_desk, wrong):
    """The next attempt comes after its pause of 2 s, neither at once nor an hour later."""
    (product, clock, twilio), clinic = clocked, clocked_desk
    clock.set(product.worker, wrong)
    body = f"again {uuid4().hex}"
    twilio.set_mood("503", 1, body=body)
    begun = time.monotonic()
    await say(clinic, body)
    await until_status(product, body, "delivered", seconds=10)
    assert time.monotonic() - begun > 2
    assert taken(twilio, body) == 1
    check(product, twilio)
