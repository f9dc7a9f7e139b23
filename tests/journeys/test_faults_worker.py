"""The worker, its database and the provider: parts that stand still, lines that break (reliability section 3)."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import pytest

from tests.journeys.faults import Wired, frozen, taken, texts
from tests.journeys.support import a_desk, check, post_reply, say, thread_of, until, until_status


@pytest.fixture(scope="module")
def wired(durable_databases, tmp_path_factory):
    """The product with its links."""
    made = Wired(durable_databases, tmp_path_factory.mktemp("wired"), web=1)
    made.product.start()
    yield made
    made.stop()


# -- worker and database


async def test_the_worker_loses_its_database_in_the_middle_of_a_send(wired, desk):
    """The outcome is written when the line is back; the provider has it once."""
    (clinic, _), link = desk, wired.worker_database
    body = f"in the middle {uuid4().hex}"
    wired.twilio.set_mood("slow", 1, body=body)
    await say(clinic, body)
    await until(lambda: taken(wired.twilio, body))
    link.refuse()
    await asyncio.sleep(1.5)
    link.mend()
    await until_status(wired.product, body, "delivered")
    again = f"afterwards {uuid4().hex}"
    await say(clinic, again)
    await until_status(wired.product, again, "delivered")
    assert (taken(wired.twilio, body), taken(wired.twilio, again)) == (1, 1)
    check(wired.product, wired.twilio, acked=texts(clinic))


async def send_on_a_slow_line(wired, desk, latency, number):
    """Throughput falls, nothing goes wrong."""
    (clinic, _), link = desk, wired.worker_database
    link.slow(latency=latency)
    bodies = [f"slow {uuid4().hex}" for _ in range(number)]
    for body in bodies:
        await say(clinic, body)
    for body in bodies:
        await until_status(wired.product, body, "delivered", seconds=90)
    link.mend()
    assert [taken(wired.twilio, body) for body in bodies] == [1] * number
    check(wired.product, wired.twilio, acked=texts(clinic))


@pytest.mark.soak  # a lost line is the harder case
async def test_a_worker_on_a_slow_line_sends_slower_and_without_errors(wired, desk):
    """The scaled send has one second for all of its round trips."""
    await send_on_a_slow_line(wired, desk, latency=0.03, number=1)


@pytest.mark.soak
async def test_a_worker_whose_database_is_half_a_second_away(wired, desk):
    """With the product's own times."""
    worker = wired.product.worker
    worker.stop()
    worker.start(SEND_TIMEOUT="10", UNKNOWN_AFTER="30", REVIEW_AFTER="900", JOB_HEARTBEAT="15", JOB_BASE_BACKOFF="5")
    try:
        await send_on_a_slow_line(wired, desk, latency=0.5, number=3)
    finally:
        worker.stop()
        worker.start()


@pytest.mark.soak
async def test_a_worker_on_a_half_open_line_goes_on(wired, desk):
    """Relay and queue would wait for ever on connections that nobody answers any more."""
    (clinic, _), link = desk, wired.worker_database
    link.half_open()
    body = f"half-open {uuid4().hex}"
    await say(clinic, body)
    await until_status(wired.product, body, "delivered", seconds=60)
    assert taken(wired.twilio, body) == 1
    check(wired.product, wired.twilio, acked=texts(clinic))


# -- worker and provider


async def test_a_frozen_provider_takes_it_after_all(wired, desk):
    """The send is unknown after its time-out; the request lay in the provider's kernel, and its report settles it."""
    clinic, _ = desk
    body = f"frozen {uuid4().hex}"
    with frozen(wired.twilio.process.pid):
        await say(clinic, body)
        await until_status(wired.product, body, "unknown")
    await until_status(wired.product, body, "delivered")
    assert taken(wired.twilio, body) == 1
    check(wired.product, wired.twilio, acked=texts(clinic))


@pytest.mark.parametrize("fault", ["reset", "half_open"])
async def test_a_line_to_the_provider_that_breaks_after_the_request(wired, desk, fault):
    """Nobody knows, so nobody sends again; the provider's list tells."""
    clinic, _ = desk
    body = f"{fault} {uuid4().hex}"
    wired.twilio.set_mood("mute", 1, body=body)
    await say(clinic, body)
    await until(lambda: taken(wired.twilio, body))
    getattr(wired.provider, fault)()
    await until_status(wired.product, body, "unknown")
    await until_status(wired.product, body, "sent")
    assert taken(wired.twilio, body) == 1
    check(wired.product, wired.twilio, acked=texts(clinic))


async def test_a_slow_line_to_the_provider(wired, desk):
    """Half a second more is nothing; more than SEND_TIMEOUT (1 s here) is unknown, and still one send."""
    clinic, _ = desk
    in_time, too_late = f"in time {uuid4().hex}", f"too late {uuid4().hex}"
    wired.provider.slow(latency=0.5)
    await say(clinic, in_time)
    await until_status(wired.product, in_time, "delivered")
    wired.provider.slow(latency=3)
    await say(clinic, too_late)
    await until_status(wired.product, too_late, "unknown", "delivered")
    wired.provider.mend()
    await until_status(wired.product, too_late, "delivered")
    statuses = wired.product.sql(
        "select body from event where type = 'message.status_changed' and body like %s and body like %s",
        f"%{too_late}%",
        '%"unknown"]%',
    )
    assert len(statuses) == 1
    assert [taken(wired.twilio, body) for body in (in_time, too_late)] == [1, 1]
    check(wired.product, wired.twilio, acked=texts(clinic))


async def open_the_circuit(wired, clinic):
    """Five calls in a row find nobody: the channel's card says so, and no more are made."""
    wired.provider.black_hole()
    wired.provider.reset()
    bodies = [f"hole {uuid4().hex}" for _ in range(6)]
    thread = await thread_of(clinic)
    for body in bodies:
        assert (await post_reply(clinic, thread, body, uuid4())).status_code == 201

    def needs_attention():
        return wired.product.sql(
            "select last_error from channel where clinic_id = %s and state = 'attention'", clinic.id
        )

    [(error,)] = await until(needs_attention, 20)
    assert error == "The provider does not answer. Messages wait and go out when it is back."
    return bodies


@pytest.mark.soak
async def test_a_provider_in_a_black_hole_opens_one_clinics_circuit(wired, desk, new_clinic):
    """After 5 failures nobody tries for 30 s; another clinic's circuit is its own; then all goes out, once."""
    clinic, _ = desk
    bodies = await open_the_circuit(wired, clinic)
    other, _ = await a_desk(wired.product, new_clinic, wired.address)
    opened = time.monotonic()
    wired.provider.mend()
    prompt = f"prompt {uuid4().hex}"
    await say(other, prompt)
    await until_status(wired.product, prompt, "delivered", seconds=10)
    assert [taken(wired.twilio, body) for body in bodies] == [0] * 6
    for body in bodies:
        await until_status(wired.product, body, "delivered", seconds=90)
    assert time.monotonic() - opened > 20
    assert [taken(wired.twilio, body) for body in bodies] == [1] * 6
    await until(
        lambda: wired.product.sql("select 1 from channel where clinic_id = %s and state = 'working'", clinic.id)
    )
    check(wired.product, wired.twilio, acked=texts(clinic))
