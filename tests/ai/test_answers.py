"""Automatic answers: only by rule and gate, one at most, silent when people or patients write, proven afterwards."""

from __future__ import annotations

import asyncio
import csv
import io
from hashlib import sha256

import pytest

from tests.journeys.support import until

PATIENT = "+12025550123"
BOOKING = "I'd like to book a cleaning please"


async def allow(clinic, intent="booking", channel="sms", **fields):
    answer = await clinic.owner.put(
        clinic.at("ai-rules"),
        json={"channel": channel, "intent": intent, "mode": "answer", "consent": True, "override": True, **fields},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def desk(clinic):
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    return clinic, await clinic.channel(), await clinic.socket()


def out(clinic):
    return clinic.product.sql(
        "select author_type, body, status from message where clinic_id = %s and direction = 'out' order by created_at",
        clinic.id,
    )


async def settled(clinic, count=1):
    """Wait until the assistant has done with so many messages; returns what it did with each."""
    ask = "select state, against from ai_answer where clinic_id = %s order by created_at"
    await until(lambda: len(clinic.product.sql(ask, clinic.id)) >= count)
    return clinic.product.sql(ask, clinic.id)


async def test_a_rule_answers_by_itself_and_says_so(desk):
    clinic, channel, socket = desk
    rule = await allow(clinic)
    await channel.text(PATIENT, BOOKING)
    event = await socket.next_event("ai.replied", timeout=30)
    message = event["data"]["message"]
    assert message["author"]["type"] == "ai"
    assert "automated assistant" in message["body"]
    while message["status"] != "delivered":
        message = (await socket.next_event("message.status_changed", timeout=30))["data"]["message"]
    why = (await clinic.owner.get(clinic.at(f"messages/{message['id']}/decision"))).json()
    assert why["kind"] == "answer"
    proof = why["proof"]
    assert proof["input_digest"] == sha256(BOOKING.encode()).hexdigest()
    assert (proof["intent"], proof["tier"], proof["rule_version"]) == ("booking", "builtin", rule["version"])
    assert proof["allowed_by"] == rule["allowed_by"]
    assert await settled(clinic) == [("sent", [])]


async def test_without_a_rule_nothing_is_sent(desk):
    clinic, channel, socket = desk
    await allow(clinic, "question")
    await channel.text(PATIENT, BOOKING)
    await socket.next_event("ai.triaged", timeout=30)
    await channel.text("+12025550199", "Do you take Delta Dental?")
    await socket.next_event("ai.replied", timeout=30)
    assert [author for author, _, _ in out(clinic)] == ["ai"]


async def test_who_was_answered_by_a_person_hears_no_machine(desk):
    clinic, channel, socket = desk
    await allow(clinic)
    await channel.text(PATIENT, "hello")
    await socket.next_event("ai.triaged", timeout=30)
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    said = {"body": "Good morning!", "seen": thread["last_seq"]}
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=said)
    await channel.text(PATIENT, BOOKING)
    assert await settled(clinic) == [("refused", ["taken_over"])]
    back = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/hand-back"), json={})
    assert back.status_code == 200
    await socket.next_event("ai.handed_back", timeout=20)
    await channel.text(PATIENT, "I want to book a check-up for Friday")
    await socket.next_event("ai.replied", timeout=30)


async def test_taken_over_by_the_button_and_free_again_when_closed(desk):
    clinic, channel, socket = desk
    await allow(clinic)
    await channel.text(PATIENT, "hello")
    await socket.next_event("ai.triaged", timeout=30)
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/take-over"), json={})
    taken = await socket.next_event("ai.taken_over", timeout=20)
    assert taken["data"]["thread"]["id"] == thread["id"]
    await channel.text(PATIENT, BOOKING)
    assert await settled(clinic) == [("refused", ["taken_over"])]
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/close"), json={})
    asked = "select taken_at is null from ai_takeover where clinic_id = %s"
    await until(lambda: clinic.product.sql(asked, clinic.id) == [(True,)])
    await channel.text(PATIENT, "Can I book a whitening on Monday?")
    await socket.next_event("ai.replied", timeout=30)


async def test_what_waits_is_taken_back_by_taking_over(desk):
    clinic, channel, socket = desk
    await allow(clinic, wait_seconds=3600)
    await channel.text(PATIENT, BOOKING)
    thread = (await socket.next_event("ai.triaged", timeout=30))["data"]["thread"]
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/take-over"), json={})
    clinic.product.sql("update job set run_at = now() where clinic_id = %s and type = 'ai_answer'", clinic.id)
    await channel.text("+12025550199", "hello")  # wakes whoever looks for jobs that are due
    assert await settled(clinic) == [("refused", ["taken_over"])]
    assert out(clinic) == []


async def test_a_newer_word_makes_it_silent(desk):
    clinic, channel, _ = desk
    await allow(clinic, wait_seconds=2)
    await channel.text(PATIENT, BOOKING)
    await channel.text(PATIENT, "no wait, I have a question first")
    assert ("refused", ["moved_on"]) in await settled(clinic)
    assert out(clinic) == []


async def test_an_emergency_gets_the_holding_text_once(desk):
    clinic, channel, socket = desk
    await clinic.owner.patch(clinic.at("ai-rules"), json={"emergency_line": "+1 202 555 0111"})
    await allow(clinic, "emergency")
    await channel.text(PATIENT, "the bleeding won't stop since the extraction")
    event = await socket.next_event("ai.replied", timeout=30)
    assert "+1 202 555 0111" in event["data"]["message"]["body"]
    message = event["data"]["message"]
    while message["status"] != "delivered":  # a newer word of the patient would stop it before
        message = (await socket.next_event("message.status_changed", timeout=30))["data"]["message"]
    thread = (await clinic.owner.get(clinic.at("threads?view=todo"))).json()["items"]
    assert [one["escalated"] for one in thread] == [True], "a machine's word takes no alert down"
    await channel.text(PATIENT, "it is still bleeding heavily!!")
    states = await settled(clinic, 2)
    assert states[0][0] == "held"
    assert states[1][0] == "refused"


async def test_the_daily_limit_holds(desk):
    clinic, channel, socket = desk
    await allow(clinic, daily_limit=1)
    await channel.text(PATIENT, BOOKING)
    await socket.next_event("ai.replied", timeout=30)
    await channel.text("+12025550199", BOOKING)
    assert sorted(await settled(clinic, 2)) == [("refused", ["daily_limit"]), ("sent", [])]


async def test_a_rule_needs_a_yes_and_a_safe_wish(clinic):
    put = clinic.owner.put
    rule = {"channel": "sms", "intent": "booking", "mode": "answer"}
    answer = await put(clinic.at("ai-rules"), json=rule)
    assert (answer.status_code, answer.json()["code"]) == (422, "consent_needed")
    answer = await put(clinic.at("ai-rules"), json={**rule, "intent": "complaint", "consent": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "never_automatic")
    answer = await put(clinic.at("ai-rules"), json={**rule, "intent": "dancing", "consent": True})
    assert answer.status_code in {400, 422}
    answer = await put(clinic.at("ai-rules"), json={**rule, "consent": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_earned")
    first = await allow(clinic)
    again = (await put(clinic.at("ai-rules"), json={**rule, "daily_limit": 5})).json()
    assert (again["version"], again["allowed_by"]) == (first["version"] + 1, first["allowed_by"])
    off = (await put(clinic.at("ai-rules"), json={**rule, "mode": "off"})).json()
    assert off["allowed_by"] is None
    grid = (await clinic.owner.get(clinic.at("ai-rules"))).json()
    assert len(grid["items"]) == 4 * 14
    assert (
        next(one for one in grid["items"] if (one["channel"], one["intent"]) == ("sms", "booking"))["daily_limit"] == 5
    )


async def test_never_topics_keep_it_silent(desk):
    clinic, channel, _ = desk
    await allow(clinic)
    await clinic.owner.patch(clinic.at("ai-rules"), json={"never_topics": ["Dr. Smith"]})
    await channel.text(PATIENT, "I'd like to book a cleaning with dr. smith please")
    assert await settled(clinic) == [("refused", ["never_topic"])]


async def test_many_at_once_are_each_answered_once(desk):
    clinic, channel, _ = desk
    await allow(clinic)
    await asyncio.gather(*(channel.text(f"+1202555{n:04d}", BOOKING) for n in range(100, 115)))
    await settled(clinic, 15)
    counts = clinic.product.sql(
        "select count(*), count(distinct thread_id) from message where clinic_id = %s and author_type = 'ai'", clinic.id
    )
    assert counts == [(15, 15)]


async def test_a_rule_keeps_to_its_hours(desk):
    clinic, channel, socket = desk
    await clinic.owner.patch(clinic.at("clinic"), json={"hours": {}})  # no hours are known: always open
    await allow(clinic, hours="closed")
    await channel.text(PATIENT, BOOKING)
    assert await settled(clinic) == [("refused", ["outside_its_hours"])]
    await allow(clinic, hours="open")
    await channel.text("+12025550199", BOOKING)
    await socket.next_event("ai.replied", timeout=30)


async def all_acts(clinic):
    """The assistant's log, two acts a page."""
    found, more = [], ""
    while more is not None:
        page = (await clinic.owner.get(clinic.at(f"ai-log?limit=2{more}"))).json()
        found += page["items"]
        more = f"&cursor={page['next']}" if page["next"] else None
    return found


async def test_everything_it_did_is_told_from_one_place(desk):
    clinic, channel, socket = desk
    rule = await allow(clinic, "question")
    fact = {"kind": "insurance", "title": "Delta Dental", "body": "We are in network with Delta Dental."}
    assert (await clinic.owner.post(clinic.at("facts"), json=fact)).status_code == 201
    words = "Do you take Delta Dental?"
    await channel.text(PATIENT, words)
    thread = (await socket.next_event("ai.replied", timeout=30))["data"]["thread"]
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/take-over"), json={})
    await channel.text(PATIENT, f"And {words}")
    await settled(clinic, 2)
    suggestion = (await socket.next_event("ai.suggested", timeout=30))["data"]["suggestion"]
    path = f"threads/{thread['id']}/suggestions/{suggestion['id']}/dismiss"
    assert (await clinic.owner.post(clinic.at(path), json={})).status_code == 200
    acts = {one["act"]: one for one in await all_acts(clinic)}
    assert acts.keys() >= {
        *("rule_changed", "read", "answer_sent", "taken_over", "answer_refused", "suggested", "suggestion_dismissed"),
    }
    sent = acts["answer_sent"]
    assert sent["input_digest"] == sha256(words.encode()).hexdigest()
    assert (sent["intent"], sent["tier"], sent["against"]) == ("question", "builtin", [])
    assert (sent["rule_version"], sent["allowed_by"], sent["by"]) == (
        rule["version"],
        rule["allowed_by"],
        "Practice Assistant",
    )
    assert sent["confidence"] >= 0.85
    assert [one["title"] for one in sent["facts"]] == ["Delta Dental"]
    assert all(sent[name] for name in ("model", "allowed_at", "written_by", "sent_id", "thread_id", "message_id"))
    assert "taken_over" in acts["answer_refused"]["against"]
    assert acts["taken_over"]["by"] == "Olivia Owner"
    assert acts["suggested"]["thread_id"] == thread["id"]
    assert acts["read"]["input_digest"] == sha256(f"And {words}".encode()).hexdigest()

    known = await all_acts(clinic)
    answer = await clinic.owner.get(clinic.at("ai-log/export"))
    assert words not in answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    # The last one is the export itself: it writes down that it was made.
    assert [(row["at"], row["act"]) for row in rows[:-1]] == [(one["at"], one["act"]) for one in known]
    assert rows[-1]["act"] == "log_exported"
    exported = next(row for row in rows if row["act"] == "answer_sent")
    assert "Delta Dental" in exported["facts"]
    assert all(exported[name] for name in ("input_digest", "tier", "model", "confidence", "rule_version", "allowed_by"))
    assert "log_exported" in (await clinic.owner.get("/activity/assistant")).text
    assert (await (await clinic.member()).get(clinic.at("ai-log/export"))).status_code == 403
    for wrong in ("cursor=x~y", "since=2026-02-01&until=2026-01-01", "until=0001-01-01", "until=9999-12-31"):
        assert (await clinic.owner.get(clinic.at(f"ai-log?{wrong}"))).status_code in {200, 422}, wrong
