"""The desk is sorted before a language model has answered; what the model says comes second, and raises only."""

from __future__ import annotations

import asyncio
from importlib import import_module

import pytest

from app.ai.schemas import RuleChange
from app.ai.service.rules import change_rules
from app.ai.service.talking import read_talk
from app.ai.service.writing import model_draft
from app.config import reset_settings
from app.inbox.service import help_patient
from tests.journeys.support import until
from tests.support.inside import Inside
from tests.support.openai_server import FINE, OpenAIServer

BOOKING = "I'd like to book a cleaning please"
RUDE = "I was treated very rudely by your receptionist yesterday and I am really disappointed."
triage = import_module("app.ai.service.triage")  # the package's name for it is the function
WAITS = "select count(*) from message where triage->>'waits' = 'true'"


@pytest.fixture(scope="module")
def server():
    running = OpenAIServer()
    yield running
    running.stop()


@pytest.fixture
async def desk(records, server, monkeypatch):
    """A clinic with a model that answers when it is let. Its three seconds are many: this machine may be busy."""
    server.mood, server.moods, server.says = "held", [], FINE | {"intent": "billing"}
    server.release.clear()
    server.bodies.clear()
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setattr("app.ai.adapters.openai.LIMIT_SECONDS", 30.0)
    reset_settings()
    triage.language_model.cache_clear()
    opened = await Inside(records).open()
    rules = [RuleChange(channel="sms", intent=intent, mode="suggest") for intent in ("booking", "billing", "complaint")]
    await change_rules(opened.owner, rules)
    yield opened
    server.release.set()
    await opened.close()
    if model := triage.language_model():
        await model.close()
    triage.language_model.cache_clear()


async def begin(desk, words):
    """A patient writes; returns when the desk is sorted and the model thinks: the message and the job that waits."""
    message = await desk.write(words)
    await desk.react("ai.triage")
    working = asyncio.create_task(desk.work("ai_triage"))
    await until(lambda: desk.sql("select 1 from event where type = 'ai.triaged'"))
    return message, working


async def test_the_tag_is_there_before_the_model_answers_and_is_refined_once(desk, server):
    message, working = await begin(desk, BOOKING)
    (first,) = await desk.events("ai.triaged")
    assert first["data"]["message"]["triage"]["intent"] == "booking"
    assert first["data"]["message"]["triage"]["tier"] in {"builtin", "local"}
    assert "waits" not in first["data"]["message"]["triage"]
    await until(lambda: server.bodies)
    assert desk.jobs("ai_suggest") == [], "rules wait for the best reading"
    server.release.set()
    await working
    _, second = await desk.events("ai.triaged")
    assert (second["data"]["message"]["triage"]["tier"], second["data"]["thread"]["intent"]) == ("llm", "billing")
    assert second["data"]["changes"] == {"intent": ["booking", "billing"]}
    assert desk.jobs("ai_suggest") == ["pending"]

    desk.again("ai_triage")
    await desk.react("ai.triage")
    assert await desk.work("ai_triage") == 2
    assert len(server.bodies) == 1
    assert len(await desk.events("ai.triaged")) == 2
    assert desk.jobs("ai_suggest") == ["pending"], "the rule begins once"
    await desk.work("ai_suggest")
    told = desk.sql("select message_id from ai_suggestion where type = 'reply'")
    assert told == [(message,)]


async def test_a_worker_that_dies_in_between_leaves_a_tag_and_another_one_goes_on(desk, server, monkeypatch):
    async def dies(*_arguments):
        raise RuntimeError

    monkeypatch.setattr(triage, "refine", dies)
    await desk.write(BOOKING)
    await desk.react("ai.triage")
    await desk.work("ai_triage")
    assert len(await desk.events("ai.triaged")) == 1
    assert desk.jobs("ai_suggest") == []
    monkeypatch.undo()
    server.mood = "fine"
    desk.again("ai_triage")
    await desk.work("ai_triage")
    assert [one["data"]["message"]["triage"]["tier"] == "llm" for one in await desk.events("ai.triaged")] == [
        False,
        True,
    ]
    assert desk.jobs("ai_suggest") == ["pending"]


async def test_a_model_that_says_nothing_usable_changes_nothing(desk, server):
    for n, mood in enumerate(("down", "schema_break", "empty", "leaking"), 1):
        server.mood = mood
        await desk.write(BOOKING, f"+1202555010{n}")
        await desk.react("ai.triage")
        await desk.work("ai_triage")
        told = await desk.events("ai.triaged")
        assert [one["data"]["message"]["triage"]["intent"] for one in told] == ["booking"] * n, mood
        assert (desk.sql(WAITS), len(desk.jobs("ai_suggest"))) == ([(0,)], n)
    assert len(server.bodies) == 3, "then it is left in peace"


async def test_the_model_raises_what_the_first_reading_missed_and_lowers_nothing(desk, server):
    server.says = FINE | {"intent": "complaint", "escalate": True, "sentiment": "negative"}
    _, working = await begin(desk, BOOKING)
    assert await desk.events("alert.raised") == []
    server.release.set()
    await working
    (raised,) = await desk.events("alert.raised")
    assert (raised["data"]["thread"]["alert"], raised["data"]["changes"]["escalated"]) == ("Upset", [False, True])
    server.says = FINE | {"confidence": 1.0}
    await desk.write("the bleeding won't stop", "+12025550144")
    await desk.react("ai.triage")
    await desk.work("ai_triage")
    first, last = [one["data"]["message"]["triage"] for one in (await desk.events("ai.triaged"))[-2:]]
    assert (first["tier"] == "llm", last["tier"]) == (False, "llm")
    assert [(one["intent"], one["urgent"], one["escalate"]) for one in (first, last)] == [("emergency", True, True)] * 2


async def test_who_was_helped_while_the_model_thought_is_not_raised_again(desk, server):
    server.says = FINE | {"intent": "complaint", "escalate": True, "sentiment": "negative"}
    message, working = await begin(desk, RUDE)
    assert len(await desk.events("alert.raised")) == 1
    await help_patient(desk.owner, desk.thread_of(message))
    server.release.set()
    await working
    assert len(await desk.events("alert.raised")) == 1
    assert desk.sql("select is_escalated from thread") == [(False,)]
    assert (await desk.events("ai.triaged"))[-1]["data"]["message"]["triage"]["tier"] == "llm"


async def test_a_text_that_breaks_a_reader_stays_unsorted_alone(desk, server, monkeypatch):
    server.mood = "fine"
    quick = triage.quick_classifier()

    class Breaks:
        async def classify(self, texts):
            if any("breaks" in text.text for text in texts):
                raise ValueError
            return await quick.classify(texts)

    monkeypatch.setattr(triage, "quick_classifier", Breaks)
    for n, words in enumerate((BOOKING, "this breaks it", BOOKING)):
        await desk.write(words, f"+1202555012{n}")
    await desk.react("ai.triage")
    assert (await desk.work("ai_triage"), desk.jobs("ai_triage")) == (1, ["completed"])
    told = desk.sql("select triage->>'tier' from message where direction = 'in' order by seq")
    assert told == [("llm",), (None,), ("llm",)]


async def test_a_clinic_asks_a_model_so_often_a_day_and_is_served_without_it_then(desk, server, monkeypatch):
    monkeypatch.setenv("AI_CALLS_A_DAY", "1")
    monkeypatch.setattr("app.ai.service.writing._writer", None)  # one that writes for this clinic's model
    reset_settings()
    server.mood = "fine"
    for sender in ("+12025550101", "+12025550102"):
        await desk.write(BOOKING, sender)
    await desk.react("ai.triage")
    await desk.work("ai_triage")
    assert len(server.bodies) == 1
    assert (desk.sql(WAITS), len(desk.jobs("ai_suggest"))) == ([(0,)], 2), "the other one is sorted all the same"
    assert await model_draft(await read_talk(desk.id, desk.sql("select id from thread limit 1")[0][0]), []) is None
    assert len(server.bodies) == 1
