"""Somebody the clinic does not want to hear from: kept, quiet, unanswered, until they are unblocked."""

from __future__ import annotations

import pytest

SPAM = "+12025550166"


async def get(clinic, path):
    answer = await clinic.owner.get(clinic.at(path))
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def blocked(clinic):
    """Somebody who needed help, is ours, and was blocked."""
    channel = await clinic.channel()
    await channel.text(SPAM, "My gum won't stop bleeding")
    thread = (await get(clinic, "threads"))["items"][0]
    assert thread["escalated"]
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/assign"), json={"staff_id": str(clinic.owner.staff_id)})
    socket = await clinic.socket()
    answer = await clinic.owner.post(clinic.at(f"contacts/{thread['contact']['id']}/block"), json={"reason": "spam"})
    assert (answer.status_code, answer.json()["blocked"]) == (200, True), answer.text
    told = (await socket.next_event("thread.updated"))["data"]["thread"]
    assert (told["blocked"], told["state"], told["escalated"]) == (True, "closed", False)
    assert (await socket.next_event("contact.updated"))["data"]["contact"]["blocked"]
    return clinic, channel, thread


async def test_a_blocked_person_asks_for_no_work(blocked):
    clinic, channel, thread = blocked
    answer = await channel.text(SPAM, "Emergency! I can't breathe")
    assert answer.status_code == 200
    now = await get(clinic, f"threads/{thread['id']}")
    assert now["last_message"]["body"] == "Emergency! I can't breathe"  # kept
    assert (now["state"], now["waiting_since"], now["escalated"], now["urgent"]) == ("closed", None, False, False)
    counts = await get(clinic, "threads/counts")
    assert counts == {"todo": 0, "mine": 0, "unassigned": 0, "snoozed": 0, "all": 1, "lost": 0}
    for view in ("todo", "mine", "unassigned", "snoozed"):
        assert (await get(clinic, f"threads?view={view}"))["items"] == []
    page = await clinic.owner.get("/inbox?view=all", headers={"accept": "text/html"})
    assert "<span>Blocked</span>" in page.text


async def test_nothing_is_written_to_them(blocked):
    clinic, _, thread = blocked
    for verb, body in (
        ("messages", {"body": "Hi"}),
        ("reopen", {}),
        ("snooze", {"until": "2026-12-24T10:00:00Z"}),
    ):
        answer = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/{verb}"), json=body)
        assert (answer.status_code, answer.json()["code"]) in {(409, "blocked"), (422, "invalid")}, answer.text
        assert verb == "snooze" or "Unblock" in answer.json()["detail"]
    bulk = {"ids": [thread["id"]], "act": "reopen"}
    answer = await clinic.owner.post(clinic.at("threads/bulk"), json=bulk)
    assert answer.json() == {"done": [], "missing": [thread["id"]]}


async def test_what_waits_to_go_does_not_go(clinic):
    """The claim asks again: the block may come after the message was written."""
    channel = await clinic.channel()
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 30})
    await channel.text(SPAM, "Hello")
    thread = (await get(clinic, "threads"))["items"][0]
    socket = await clinic.socket()
    sent = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json={"body": "Hi"})
    assert sent.json()["status"] == "scheduled"
    await clinic.owner.post(clinic.at(f"contacts/{thread['contact']['id']}/block"), json={})
    clinic.product.sql("update message set send_at = now() where clinic_id = %s and direction = 'out'", clinic.id)
    clinic.product.sql("update job set run_at = now() where clinic_id = %s and type = 'message_send'", clinic.id)
    clinic.product.sql("select pg_notify('orasync', 'jobs')")
    told = (await socket.next_event("message.status_changed"))["data"]["message"]
    assert (told["status"], told["failure"]["code"]) == ("failed", "blocked")


async def test_unblocking_brings_back_what_nobody_answered(blocked):
    clinic, channel, thread = blocked
    await channel.text(SPAM, "Sorry, wrong number before. Do you have time on Friday?")
    answer = await clinic.owner.post(clinic.at(f"contacts/{thread['contact']['id']}/unblock"))
    assert answer.json()["blocked"] is False
    now = await get(clinic, f"threads/{thread['id']}")
    assert (now["state"], now["blocked"]) == ("open", False)
    assert now["waiting_since"]
    assert (await get(clinic, "threads/counts"))["todo"] == 1
    sent = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json={"body": "Yes"})
    assert sent.status_code == 201, sent.text


async def test_a_blocked_person_who_never_wrote_stays_quiet(clinic):
    channel = await clinic.channel()
    made = await clinic.owner.post(clinic.at("contacts"), json={"name": "Robo", "phone": SPAM})
    await clinic.owner.post(clinic.at(f"contacts/{made.json()['id']}/block"), json={"reason": "spam"})
    await channel.text(SPAM, "My gum won't stop bleeding")
    thread = (await get(clinic, "threads"))["items"][0]
    assert (thread["blocked"], thread["state"], thread["escalated"]) == (True, "closed", False)


async def test_roles_and_bad_input(clinic):
    made = await clinic.owner.post(clinic.at("contacts"), json={"name": "Robo", "phone": SPAM})
    address = clinic.at(f"contacts/{made.json()['id']}/block")
    assert (await (await clinic.member("viewer")).post(address, json={})).status_code == 403
    assert (await (await clinic.member("front_desk")).post(address, json={})).status_code == 200
    for body in ({"reason": "x"}, {"why": "spam"}, []):
        assert (await clinic.owner.post(address, json=body)).status_code in {400, 422}
    done = clinic.product.sql(
        "select action, details->>'reason' from audit_entry where clinic_id = %s and action like '%%blocked'", clinic.id
    )
    assert done == [("contact.blocked", "unwanted")]
