"""Send later: what waits can be changed, sent now or taken back until the claim, and never past the fence."""

import asyncio
import datetime as dt
from uuid import uuid4

import pytest

from app.channels.service import Journal
from app.kit import clock

PATIENT = "+12025550173"
HOUR = dt.timedelta(hours=1)


def at(pause: dt.timedelta) -> str:
    return (clock.now() + pause).isoformat()


async def thread_of(clinic):
    [thread] = (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"]
    return thread


async def schedule(clinic, send_at, body="See you on Friday.", **more):
    thread = await thread_of(clinic)
    return await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        json={"body": body, "seen": thread["last_seq"], "client_id": str(uuid4()), "send_at": send_at, **more},
    )


async def change(clinic, message, who=None, **fields):
    return await (who or clinic.owner).patch(clinic.at(f"messages/{message['id']}"), json=fields)


async def settled(clinic, message, statuses=("sent", "delivered", "read", "cancelled", "failed")):
    for _ in range(300):
        items = (await clinic.owner.get(clinic.at(f"threads/{message['thread_id']}/messages"))).json()["items"]
        found = next(one for one in items if one["id"] == message["id"])
        if found["status"] in statuses:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def test_words_and_time_change_on_all_screens_and_it_can_go_now(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "When is my visit?")
    message = (await schedule(clinic, at(HOUR))).json()
    assert message["status"] == "scheduled"
    thread = await thread_of(clinic)
    assert thread["last_message"]["send_at"] == message["send_at"]
    assert thread["waiting_since"] is None
    socket = await clinic.socket()
    colleague = await clinic.member()
    later = at(2 * HOUR)
    changed = await change(clinic, message, colleague, body="See you on Monday.", send_at=later)
    assert changed.status_code == 200, changed.text
    data = (await socket.next_event("message.status_changed"))["data"]
    assert data["changes"]["body"] == ["See you on Friday.", "See you on Monday."]
    assert data["message"]["body"] == data["thread"]["last_message"]["body"] == "See you on Monday."
    assert data["thread"]["last_message"]["send_at"] == data["message"]["send_at"] != message["send_at"]
    assert changed.json()["author"]["name"] == "Olivia Owner"
    assert (await change(clinic, message)).json() == changed.json()  # nothing asked, nothing changed
    sent = await change(clinic, message, send_at=None)
    assert sent.json()["status"] == "queued"
    done = await settled(clinic, message)
    assert (done["status"] in {"sent", "delivered", "read"}, done["body"]) == (True, "See you on Monday.")
    for fields in ({"body": "Too late"}, {"send_at": at(HOUR)}, {"send_at": None}):
        refused = await change(clinic, message, **fields)
        assert (refused.status_code, refused.json()["code"]) == (409, "already_on_its_way")
    why = (await clinic.owner.get(clinic.at(f"messages/{message['id']}/decision"))).json()
    assert [(act["action"], act["by"]) for act in why["acts"]] == [
        ("message.sent", "Olivia Owner"),
        ("message.changed", "Fiona Front"),
        ("message.changed", "Olivia Owner"),
    ]


async def test_changes_race_the_claim_and_what_left_is_what_is_written(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hi")
    message = (await schedule(clinic, at(dt.timedelta(seconds=1.5)))).json()
    answers = []
    for number in range(400):
        answers.append(await change(clinic, message, body=f"Version {number}"))
        if answers[-1].status_code != 200:
            break
    assert answers[-1].status_code == 409
    done = await settled(clinic, message)
    assert done["body"] == answers[-2].json()["body"]
    lines = Journal(clinic.product.database.folder / "simulated").read(clock.now() - HOUR)
    assert [line["body"] for line in lines if line.get("message") == message["id"]] == [done["body"]]


async def test_the_fence_stands_at_the_change_and_at_the_claim(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hi")
    message = (await schedule(clinic, at(HOUR))).json()
    seen = (await thread_of(clinic))["last_seq"]
    await channel.text(PATIENT, "I cannot come on Friday")
    moved_on = await change(clinic, message, body="Friday it is", seen=seen)
    assert (moved_on.status_code, moved_on.json()["code"]) == (409, "thread_moved_on")
    assert [one["body"] for one in moved_on.json()["messages"]] == ["I cannot come on Friday"]
    # Who does not say what they have seen does not open the fence at the claim.
    assert (await change(clinic, message, send_at=None)).status_code == 200
    held = await settled(clinic, message)
    assert (held["status"], held["failure"]["code"]) == ("cancelled", "thread_moved_on")
    assert (await thread_of(clinic))["waiting_since"]
    again = (await schedule(clinic, at(HOUR))).json()
    await channel.text(PATIENT, "Hello?")
    assert (await change(clinic, again, send_at=None, anyway=True)).status_code == 200
    assert (await settled(clinic, again))["status"] in {"sent", "delivered", "read"}


async def test_what_waits_can_be_taken_back(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hi")
    message = (await schedule(clinic, at(HOUR))).json()
    assert (await clinic.owner.post(clinic.at(f"messages/{message['id']}/cancel"))).json()["status"] == "cancelled"
    assert (await change(clinic, message, body="No")).status_code == 409
    assert (await thread_of(clinic))["last_message"]["body"] == "Hi"


async def test_what_cannot_be_is_refused(clinic, new_clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hi")
    for send_at in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", at(dt.timedelta(days=400))):
        assert (await schedule(clinic, send_at)).status_code in {201, 422}
    message = (await schedule(clinic, at(HOUR))).json()
    bad = [
        {"body": ""},
        {"body": "  "},
        {"body": "a\x00b"},
        {"body": "x" * 1601},
        {"body": None},
        {"send_at": "tomorrow"},
        {"send_at": "2026-01-01T10:00:00"},
        {"send_at": "9999-12-31T23:59:59-12:00"},
        {"send_at": at(dt.timedelta(days=400))},
        {"seen": -1},
        {"channel": "email"},
    ]
    for fields in bad:
        assert (await change(clinic, message, **fields)).status_code in {400, 422}, fields
    note = await clinic.owner.post(clinic.at(f"threads/{message['thread_id']}/notes"), json={"body": "A note"})
    assert (await change(clinic, note.json(), body="Another")).status_code == 409
    assert (await change(clinic, message, await clinic.member("viewer"), body="No")).status_code == 403
    other = await new_clinic(clinic.product)
    assert (await change(clinic, message, other.owner, body="No")).status_code == 404
    assert (await change(other, message, body="No")).status_code == 404
    clinic.product.sql("update message set author_type = 'automation' where id = %s", message["id"])
    assert (await change(clinic, message, body="No")).status_code == 409


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
async def test_whatsapp_takes_no_free_text_past_its_24_hours(clinic, channel):
    number = await clinic.channel(kind=channel)
    prefix = "whatsapp:" if channel == "whatsapp" else ""
    await number.text(prefix + PATIENT, "Hi", to=prefix + number.address)
    message = (await schedule(clinic, at(HOUR))).json()
    changed = await change(clinic, message, send_at=at(25 * HOUR))
    assert (changed.status_code, changed.json().get("code")) == (
        (409, "whatsapp_window_closed") if channel == "whatsapp" else (200, None)
    )
