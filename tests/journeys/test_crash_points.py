"""Every crash point: the process dies there, is started again, and no promise is broken (R1, R6, R7, R20, R21).

The worker's points are met by a worker that finds a reply waiting; the web's by the call that is told to be its last.
"""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from app.kit.crash import POINTS
from tests.journeys.checker import Acked
from tests.journeys.support import (
    PATIENT,
    at_twilio,
    check,
    live_channel,
    make_worker,
    post_reply,
    thread_of,
    until,
    until_status,
)

KILLED = 137

# What the provider has taken when the process dies, and where the message must end.
# Mood "silent": nobody calls back, so only the provider's own list can tell.
WORKER_POINTS = {
    "relay.after_take": ("ok", 0, "delivered"),
    "job.after_claim": ("ok", 0, "delivered"),
    "send.after_claim": ("ok", 0, "needs_review"),
    "send.before_call": ("ok", 0, "needs_review"),
    "send.after_call": ("silent", 1, "sent"),
    "send.after_outcome": ("ok", 1, "delivered"),
    "job.after_effect": ("ok", 1, "delivered"),
}
TEXT_POINTS = {"ingest.before_commit": 0, "ingest.after_commit": 1}
REPLY_POINTS = {"work.before_commit": 0, "work.after_commit": 1}
"""How many rows there are when the web has died."""


def test_every_point_is_driven():
    """Whoever adds a point to the product adds its story here."""
    assert set(POINTS) == {*WORKER_POINTS, *TEXT_POINTS, *REPLY_POINTS}


@pytest.fixture
async def desk(start_product, new_clinic, twilio):
    """A product without a worker, and a clinic in it with a live number and one waiting patient."""
    product = start_product(worker=False, **at_twilio(twilio))
    clinic = await new_clinic(product)
    channel = await live_channel(clinic)
    assert (await channel.text(PATIENT, "Hello?", sid="SM-first")).status_code == 200
    # The points count the passes of the reply: nothing else is to be done. Its own story: test_assistant_kills.py.
    product.sql(
        "insert into reaction_position (clinic_id, name, seq) values (%s, 'ai.triage', 1000000000)", str(clinic.id)
    )
    return product, clinic, channel


async def ends_with_killed(process):
    """Wait for the process to have ended as if by ``kill -9``."""
    await until(lambda: process.child.poll() is not None, 20, f"{process.name} never came to its crash point")
    assert process.child.returncode == KILLED, process.log()[-2000:]


def short(points):
    """All of them in the soak; here those whose twin shows the same."""
    twins = {
        *("job.after_claim", "send.before_call", "send.after_outcome", "ingest.before_commit", "work.before_commit"),
        *("relay.after_take", "job.after_effect", "work.after_commit"),
    }
    return [pytest.param(point, marks=pytest.mark.soak) if point in twins else point for point in points]


@pytest.mark.parametrize("point", short(WORKER_POINTS))
async def test_a_worker_that_dies_sends_nothing_twice_and_loses_nothing(desk, twilio, point):
    mood, taken, end = WORKER_POINTS[point]
    product, clinic, _ = desk
    twilio.set_mood(mood)
    body = f"{point} {uuid4().hex}"
    answer = await post_reply(clinic, await thread_of(clinic), body, uuid4())
    assert answer.status_code == 201, answer.text
    worker = make_worker(product)
    worker.start(ORASYNC_CRASH_AT=f"{point}:1")
    await ends_with_killed(worker)
    assert len(twilio.accepted()) == taken
    worker.start()
    await until_status(product, body, end)
    # Nothing is left that could do it again, and the jobs have come to their end.
    await until(
        lambda: product.sql("select count(*) from job where status <> 'completed' and type = 'message_send'") == [(0,)]
    )
    assert len(twilio.accepted()) == (0 if end == "needs_review" else 1)
    check(product, twilio, acked=[Acked(str(clinic.id), "SM-first")])


@pytest.mark.parametrize("point", short(TEXT_POINTS))
async def test_a_web_that_dies_with_a_text_in_hand_keeps_it_once(desk, point):
    product, clinic, channel = desk
    [web], sid = product.web, f"SM{uuid4().hex}"
    web.stop()
    web.start(ORASYNC_CRASH_AT=f"{point}:1")
    with pytest.raises(httpx.TransportError):
        await channel.text(PATIENT, "Are you there?", sid=sid)
    await ends_with_killed(web)
    stored = product.sql("select count(*) from message where provider_id = %s", sid)
    assert stored == [(TEXT_POINTS[point],)]
    web.start()
    for _ in range(2):
        assert (await channel.text(PATIENT, "Are you there?", sid=sid)).status_code == 200
    check(product, acked=[Acked(str(clinic.id), one) for one in (sid, "SM-first")])


@pytest.mark.parametrize("point", short(REPLY_POINTS))
async def test_a_web_that_dies_with_a_reply_in_hand_sends_it_once(desk, twilio, point):
    product, clinic, _ = desk
    thread, body, client_id = await thread_of(clinic), f"{point} {uuid4().hex}", uuid4()
    [web] = product.web
    web.stop()
    web.start(ORASYNC_CRASH_AT=f"{point}:1")
    with pytest.raises(httpx.TransportError):
        await post_reply(clinic, thread, body, client_id)
    await ends_with_killed(web)
    assert product.sql("select count(*) from message where body = %s", body) == [(REPLY_POINTS[point],)]
    web.start()
    make_worker(product).start()
    # The browser does what it does after a lost line: the same click again.
    answer = await post_reply(clinic, thread, body, client_id)
    assert answer.status_code == 201, answer.text
    await until_status(product, body, "delivered")
    assert [line["body"] for line in twilio.accepted()] == [body]
    check(product, twilio)
