"""What commits between a look and an act: the act is judged by what is, not by what was seen."""

from __future__ import annotations

import asyncio
import contextvars
import datetime as dt
from importlib import import_module

import pytest

from app.ai.schemas import RuleChange
from app.ai.service.rules import change_rules
from app.ai.service.takeover import take_over
from app.channels.service import Journal, simulated_folder
from app.inbox import queries
from app.inbox.schemas import MergeDraft, ReplyDraft
from app.inbox.service import merge_threads, send_reply, undo_merge
from app.kit import clock
from app.kit.errors import Unavailable
from tests.support.inside import Inside

answering = import_module("app.ai.service.answering")
BOOKING = "I'd like to book a cleaning please"
OUT = "select status, failure_code from message where direction = 'out'"
DONE = "select state, against from ai_answer"


@pytest.fixture
async def desk(records):
    """A clinic whose assistant answers wishes to book."""
    opened = await Inside(records).open()
    rule = RuleChange(channel="sms", intent="booking", mode="answer", consent=True, override=True)
    await change_rules(opened.owner, [rule])
    yield opened
    await opened.close()


async def read(desk):
    """A patient writes and is read; the answer's job waits."""
    message = await desk.write(BOOKING)
    await desk.react("ai.triage")
    await desk.work("ai_triage")
    assert desk.jobs("ai_answer") == ["pending"]
    return message


def calls():
    """What reached the provider."""
    return list(Journal(simulated_folder()).read(clock.now() - dt.timedelta(hours=1)))


async def elsewhere(act):
    """Do something in a transaction of its own, as another person's request does."""
    await asyncio.create_task(act, context=contextvars.Context())


async def test_a_take_over_while_the_assistant_writes_keeps_its_answer_in(desk, monkeypatch):
    message = await read(desk)
    write = answering.draft_reply

    async def write_slowly(*arguments, **named):
        draft = await write(*arguments, **named)
        await elsewhere(take_over(desk.owner, desk.thread_of(message)))
        return draft

    monkeypatch.setattr(answering, "draft_reply", write_slowly)
    await desk.work("ai_answer")
    assert (desk.sql(OUT), desk.sql(DONE)) == ([], [("refused", ["taken_over"])])
    assert await desk.work("message_send") == 0


async def test_a_take_over_takes_back_an_answer_that_nobody_has_begun_to_send(desk):
    message = await read(desk)
    await desk.work("ai_answer")
    assert (desk.sql(OUT), desk.sql(DONE)) == ([("queued", None)], [("sent", [])])
    await take_over(desk.owner, desk.thread_of(message))
    assert desk.sql(OUT) == [("cancelled", "taken_over")]
    assert await desk.work("message_send") == 1
    assert (desk.sql(OUT), calls()) == ([("cancelled", "taken_over")], [])
    desk.again("ai_answer")
    await desk.work("ai_answer")
    assert desk.sql(OUT) == [("cancelled", "taken_over")], "a job that runs again writes no second one"


async def test_a_reply_while_a_join_is_undone_is_refused_whole(desk, monkeypatch):
    gone, stays = [desk.thread_of(await desk.write("Hello", f"+1202555019{n}")) for n in (1, 2)]
    joined = await merge_threads(desk.owner, gone, MergeDraft(into=stays))
    find = queries.find_present_thread

    async def find_late(*arguments):
        await elsewhere(undo_merge(desk.owner, joined.merge.id))
        return await find(*arguments)

    monkeypatch.setattr(import_module(queries.raise_missing.__module__), "find_present_thread", find_late)
    reply = ReplyDraft(body="See you then")
    with pytest.raises(Unavailable):
        await send_reply(desk.owner, gone, reply)
    assert desk.sql(OUT) == []
    assert str((await send_reply(desk.owner, gone, reply)).thread_id) == str(gone)
