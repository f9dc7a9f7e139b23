"""One fault at a time, real processes (reliability section 3): what each part owes when another one goes."""

from __future__ import annotations

import asyncio
import signal
import time
from uuid import uuid4

import httpx
import pytest

from tests.journeys.breaking import CLEAN, Breaker, kill_server
from tests.journeys.checker import Acked
from tests.journeys.support import (
    PATIENT,
    a_desk,
    at_twilio,
    check,
    make_worker,
    say,
    until,
    until_status,
)

RECONNECT_SECONDS = 10.0


# -- the provider


async def walk_all_ways(product, new_clinic, twilio):
    """One reply for each way the provider can take it; all at a time, each for its own reason."""
    clinic, _ = await a_desk(product, new_clinic)
    ends = {
        "ok": "delivered",
        "500": "delivered",
        "lost": "sent",
        "429": "delivered",
        "21610": "failed",
        "double": "delivered",
    }
    bodies = {}
    for mood in ends:
        bodies[mood] = f"{mood} {uuid4().hex}"
        twilio.set_mood(mood, 1, body=bodies[mood])
        await say(clinic, bodies[mood])
    for mood, end in ends.items():
        await until_status(product, bodies[mood], end)
    taken = [line["body"] for line in twilio.accepted()]
    assert sorted(taken) == sorted(body for mood, body in bodies.items() if mood != "21610")
    [(code, words)] = product.sql("select failure_code, failure_text from message where body = %s", bodies["21610"])
    assert code == "21610"
    assert words == "This person asked not to get texts (STOP). Only they can undo it, by texting START."
    check(product, twilio, acked=[Acked(str(clinic.id), "SM-first")])
    return clinic


async def test_replies_with_redis_as_queue_and_bus(start_product, new_clinic, twilio, redis):
    product = start_product(**at_twilio(twilio, REDIS_URL=redis.url))
    await walk_all_ways(product, new_clinic, twilio)
    assert '"queue": "RedisQueue"' in product.log()


@pytest.mark.soak  # so run nearly all other tests
async def test_replies_with_postgres_as_queue_and_bus(start_product, new_clinic, twilio):
    product = start_product(**at_twilio(twilio))
    await walk_all_ways(product, new_clinic, twilio)
    assert '"queue": "PreparedPostgresQueue"' in product.log()


@pytest.mark.soak  # the same reports come in one process in inbox/test_replies.py
async def test_late_and_doubled_reports_never_move_a_message_back(start_product, new_clinic, twilio):
    """R4, all at once and in any order, for a message that is delivered already."""
    product = start_product(**at_twilio(twilio))
    clinic, channel = await a_desk(product, new_clinic)
    body = f"once {uuid4().hex}"
    await say(clinic, body)
    await until_status(product, body, "delivered")
    [sid] = [line["sid"] for line in twilio.accepted()]
    words = ["queued", "sending", "sent", "delivered", "failed", "undelivered"] * 3
    answers = await asyncio.gather(*(channel.report(sid, word) for word in words))
    assert {answer.status_code for answer in answers} == {200}
    assert product.sql("select status from message where body = %s", body) == [("delivered",)]
    # A report for a message nobody knows waits for it, and does so on the disk.
    assert (await channel.report("SM" + "7" * 32, "delivered")).status_code == 200
    assert product.sql("select status from delivery_report") == [("delivered",)]
    check(product, twilio)


# -- the worker


@pytest.mark.soak  # the crash point send.after_call is the same story
async def test_a_worker_killed_in_the_middle_of_a_send_is_found_out_by_the_list(start_product, new_clinic, twilio):
    """The provider has taken it and says nothing more: neither an answer nor a report."""
    product = start_product(**at_twilio(twilio, SEND_TIMEOUT="3"))
    clinic, _ = await a_desk(product, new_clinic)
    twilio.set_mood("mute", 1)
    body = f"in the middle {uuid4().hex}"
    await say(clinic, body)
    await until(twilio.accepted)
    product.worker.kill()
    assert product.sql("select status from message where body = %s", body) == [("sending",)]
    product.worker.start()
    await until_status(product, body, "unknown")
    await until_status(product, body, "sent")
    assert len(twilio.accepted()) == 1
    check(product, twilio)


@pytest.mark.soak  # the crash point relay.after_take is the same story
async def test_a_worker_killed_before_it_claimed_its_job(start_product, new_clinic, twilio):
    """The queue thinks the job is being worked at, the records know that nobody has it: they decide (R20, R21)."""
    product = start_product(worker=False, **at_twilio(twilio))
    clinic, _ = await a_desk(product, new_clinic)
    body = f"unclaimed {uuid4().hex}"
    await say(clinic, body)
    product.sql(
        "create function stand_still() returns trigger language plpgsql as "
        "$$ begin perform pg_sleep(60); return new; end $$"
    )
    product.sql(
        "create trigger stand_still before update on job for each row when (new.status = 'processing') "
        "execute function stand_still()"
    )
    worker = make_worker(product)
    worker.start()
    await until(
        lambda: product.sql(
            "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
        )
    )
    worker.kill()
    product.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where wait_event = 'PgSleep' and datname = current_database()"
    )
    product.sql("drop trigger stand_still on job")
    worker.start()
    await until_status(product, body, "delivered", seconds=15)
    assert len(twilio.accepted()) == 1
    check(product, twilio)


async def test_a_worker_frozen_past_its_deadline_does_not_send(start_product, new_clinic, twilio):
    """It wakes up with a claim that has been given up meanwhile; what it learns then changes nothing."""
    product = start_product(**at_twilio(twilio))
    clinic, _ = await a_desk(product, new_clinic)
    twilio.set_mood("slow", 1)
    body = f"frozen {uuid4().hex}"
    await say(clinic, body)
    await until(twilio.accepted)
    product.worker.signal(signal.SIGSTOP)
    await asyncio.sleep(7)  # past the claim's deadline of 6 s
    product.worker.signal(signal.SIGCONT)
    await until_status(product, body, "sent", "delivered")
    assert len(twilio.accepted()) == 1
    await until_status(product, body, "delivered")
    check(product, twilio)


async def test_a_worker_that_is_told_to_stop_finishes_its_send(start_product, new_clinic, twilio):
    """R22: SIGTERM in the middle of a call; the outcome is written, the next worker has nothing to wonder about."""
    product = start_product(**at_twilio(twilio, SEND_TIMEOUT="5"))
    clinic, _ = await a_desk(product, new_clinic)
    twilio.set_mood("slow", 1)
    body = f"slowly {uuid4().hex}"
    await say(clinic, body)
    await until(twilio.accepted)
    assert await asyncio.to_thread(product.worker.stop) == 0
    await until_status(product, body, "sent", "delivered", seconds=5)
    assert product.sql("select count(*) from job where status = 'processing'") == [(0,)]
    # What comes meanwhile waits for the next worker.
    again = f"waiting {uuid4().hex}"
    await say(clinic, again)
    product.worker.start()
    await until_status(product, again, "delivered")
    check(product, twilio)


# -- the web


@pytest.mark.soak  # the chaos of a minute kills and freezes webs all the time
async def test_a_web_killed_and_one_stopped_under_load(start_product, with_twilio, crowd_of, databases):
    """R1, R12, R20, R22: patients, staff and tabs on two webs, each of which goes twice."""
    product = start_product(web=2, **with_twilio)
    crowd = await crowd_of(product, clinics=2, patients=3, tabs=5)
    breaker = Breaker(product, databases.server, 1)
    for go, web in [(breaker.kill, 0), (breaker.stop, 1), (breaker.kill, 1), (breaker.stop, 0)]:
        await asyncio.sleep(1)
        await go(product.web[web])
    found = await crowd.settle()
    assert not found, "\n".join([crowd.summary, *found[:20]])
    assert crowd.refused
    assert crowd.acked
    assert crowd.promised


async def test_a_web_that_is_told_to_stop_closes_its_sockets_with_1012(start_product, new_clinic):
    product = start_product(worker=False)
    clinic = await new_clinic(product)
    sockets = [await clinic.socket(html=html) for html in (False, True, False)]
    begun = time.monotonic()
    status, *codes = await asyncio.gather(
        asyncio.to_thread(product.web[0].stop), *(socket.closed(timeout=15) for socket in sockets)
    )
    assert codes == [1012] * 3
    assert status in CLEAN
    assert time.monotonic() - begun < 10


# -- the database


@pytest.mark.soak  # the chaos of a minute kills PostgreSQL, too
async def test_postgres_killed_under_load(start_durable, durable_databases, with_twilio, crowd_of, new_clinic):
    """Both processes are back within 10 s; until then 503 with Retry-After; what was acked is there."""
    product = start_durable(web=2, **with_twilio)
    crowd = await crowd_of(product, clinics=1, patients=4, tabs=4)
    clinic, channel = await a_desk(product, new_clinic)
    await asyncio.sleep(1.5)
    kill_server(durable_databases.server)
    for answer in await asyncio.gather(*(clinic.owner.get(clinic.at("threads")) for _ in range(10))):
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["code"] == "unavailable"
    await asyncio.sleep(1.5)
    await asyncio.to_thread(durable_databases.server.start)
    begun = time.monotonic()
    answers = await asyncio.gather(*(keep_asking(clinic, web.url) for web in product.web))
    assert set(answers) == {200}
    assert (await channel.text(PATIENT, "Still there?", sid="SM-second")).status_code == 200
    body = f"still here {uuid4().hex}"
    await say(clinic, body)
    await until_status(product, body, "sent", "delivered", seconds=RECONNECT_SECONDS)
    assert time.monotonic() - begun < RECONNECT_SECONDS
    crowd.acked += [Acked(str(clinic.id), sid) for sid in ("SM-first", "SM-second")]
    crowd.delivered |= {(str(clinic.id), sid) for sid in ("SM-first", "SM-second")}
    found = await crowd.settle()
    assert not found, "\n".join([crowd.summary, *found[:20]])
    assert crowd.acked


async def keep_asking(clinic, url):
    """Ask a replica until it answers something else than 503."""
    end = time.monotonic() + RECONNECT_SECONDS
    async with httpx.AsyncClient(base_url=url, cookies=clinic.owner.cookies, timeout=10, trust_env=False) as http:
        while True:
            answer = await http.get(clinic.at("threads"))
            if answer.status_code != 503 or time.monotonic() > end:
                return answer.status_code
            await asyncio.sleep(0.1)


# -- Redis


@pytest.mark.soak  # the chaos of a minute kills Redis, too
@pytest.mark.redis
async def test_redis_killed(start_product, new_clinic, twilio, redis):
    """Live falls back to the poll, jobs wait in their table; when Redis is back, empty, both go on as before."""
    product = start_product(web=2, **at_twilio(twilio, REDIS_URL=redis.url))
    clinic, channel = await a_desk(product, new_clinic)
    socket = await clinic.socket(url=product.web[1].url)
    redis.kill()
    await asyncio.sleep(0.5)
    begun = time.monotonic()
    assert (await channel.text(PATIENT, "Without Redis?", sid="SM-second")).status_code == 200
    assert time.monotonic() - begun < 1
    event = await socket.next_event("message.created", timeout=5)
    assert event["data"]["message"]["body"] == "Without Redis?"
    assert time.monotonic() - begun < 2  # POLL_SECONDS is 0.5
    body = f"without {uuid4().hex}"
    await say(clinic, body)
    await asyncio.sleep(1)
    assert product.sql("select status from message where body = %s", body) == [("queued",)]
    redis.start()
    await until_status(product, body, "delivered", seconds=30)
    begun = time.monotonic()
    assert (await channel.text(PATIENT, "And now?", sid="SM-third")).status_code == 200
    while (await socket.next_event("message.created"))["data"]["message"]["body"] != "And now?":
        pass
    check(product, twilio, acked=[Acked(str(clinic.id), f"SM-{name}") for name in ("first", "second", "third")])
