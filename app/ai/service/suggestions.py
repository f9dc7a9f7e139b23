"""What people do with a suggested reply: send it, change it first, or send it away."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from app.ai.errors import SuggestionGone
from app.ai.events import AiSuggested
from app.ai.service.talking import about_health
from app.ai.suggest_schemas import Card, SuggestionView, changes_of
from app.events.service import unit_of_work
from app.inbox.schemas import MessageView, ReplyDraft
from app.inbox.service import Reason, get_thread, send_reply
from app.kit import clock, database
from app.kit.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.ai.suggest_schemas import SendSuggestion, SuggestionState
    from app.events.service import Logged, Work
    from app.kit.principal import Principal

_UPDATES_SECONDS = 15
"""For so long after a patient wrote again a rule is thought to be writing the next suggestion."""
_SELECT = """select s.id, s.type, s.thread_id, s.message_id, s.seen_seq, s.text, s.reason, s.facts, s.state,
  s.tier as source, s.units, nullif(s.asked_by_name, '') as asked_by, s.created_at, s.sent_id, m.body as answers
from ai_suggestion s join message m on m.clinic_id = s.clinic_id and m.id = s.message_id
where s.clinic_id = $1 and s.type = 'reply'"""
_NEWER = """select max(seq) filter (where direction = 'out') is not null as answered,
  max(created_at) filter (where direction = 'in') as wrote_at
from message where clinic_id = $1 and thread_id = $2 and kind = 'text' and status <> 'cancelled' and seq > $3"""


async def get_suggestion(clinic_id: UUID, suggestion_id: UUID) -> SuggestionView:
    """Return a suggested reply; raises ``NotFound``."""
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(f"{_SELECT} and s.id = $2", clinic_id, suggestion_id)
    if row is None:
        raise NotFound("There is no such suggestion.")
    return _view(row)


def _view(row: Any) -> SuggestionView:
    values = dict(row)
    answers = values.pop("answers")
    values["facts"] = msgspec.json.decode(values["facts"])
    return msgspec.convert({**values, "about_health": about_health(answers, values["text"])}, SuggestionView)


async def find_card(clinic_id: UUID, thread_id: UUID) -> Card | None:
    """Return the suggestion that stands open in a conversation; none once somebody has answered."""
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(
            f"{_SELECT} and s.thread_id = $2 and s.state = 'offered' order by s.created_at desc, s.id limit 1",
            clinic_id,
            thread_id,
        )
        if row is None:
            return None
        newer = await connection.fetchrow(_NEWER, clinic_id, thread_id, row["seen_seq"])
    if newer["answered"]:
        return None
    wrote_at = newer["wrote_at"]
    is_fresh = wrote_at is not None and clock.now() - wrote_at < dt.timedelta(seconds=_UPDATES_SECONDS)
    return Card(_view(row), wrote_at is not None, row["asked_by"] is None and is_fresh)


async def send_suggestion(
    principal: Principal, thread_id: UUID, suggestion_id: UUID, how: SendSuggestion
) -> MessageView:
    """Send a suggestion as it is, as the reply of the person who approves it.

    It passes the fence of every reply from where the assistant saw the conversation: who wrote since, patient or
    colleague, keeps it in (``ThreadMovedOn``). Sent twice it is sent once. Raises ``SuggestionGone``.
    """
    clinic_id = principal.clinic_id
    async with database.reading(clinic_id):
        known = await get_suggestion(clinic_id, suggestion_id)
    if known.thread_id != thread_id:
        raise NotFound("There is no such suggestion.")
    if known.state not in {"offered", "sent"}:
        raise SuggestionGone("This suggestion is not open any more.")

    async def settle(work: Work) -> None:
        await _settle(work, known, "sent")

    # The suggestion's id is the message's: a second click finds the first message.
    reply = ReplyDraft(body=known.text, channel=how.channel, seen=known.seen_seq, client_id=suggestion_id)
    reason = Reason("suggestion", f"Suggested by the Practice Assistant, sent by {principal.name}", known.units)
    message = await send_reply(principal, thread_id, reply, reason=reason, check=settle)
    async with database.transaction(clinic_id) as connection:
        await connection.execute(
            "update ai_suggestion set sent_id = $3 where clinic_id = $1 and id = $2 and sent_id is null",
            clinic_id,
            suggestion_id,
            message.id,
        )
    return message


async def settle_suggestion(
    principal: Principal, thread_id: UUID, suggestion_id: UUID, state: SuggestionState
) -> SuggestionView:
    """Take a suggestion off all screens: ``edited`` into somebody's field, or ``dismissed``. Again: no change."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        known = await get_suggestion(clinic_id, suggestion_id)
        if known.thread_id != thread_id:
            raise NotFound("There is no such suggestion.")
        if known.state == state:
            return known
        return await _settle(work, known, state)


async def _settle(work: Work, known: SuggestionView, state: SuggestionState) -> SuggestionView:
    done = await work.connection.fetchval(
        "update ai_suggestion set state = $3, settled_at = now() where clinic_id = $1 and id = $2 "
        "and state = 'offered' returning true",
        work.clinic_id,
        known.id,
        state,
    )
    if not done:
        raise SuggestionGone("This suggestion is not open any more.")
    after = msgspec.structs.replace(known, state=state)
    thread = await get_thread(work.clinic_id, known.thread_id)
    work.record(AiSuggested(suggestion=after, thread=thread, changes=changes_of(known.state, state)))
    work.audit(f"assistant.suggestion_{state}", "ai_suggestion", known.id)
    return after


class _Sender(msgspec.Struct):
    type: str
    id: Any = None


class _Brief(msgspec.Struct):
    id: Any
    thread_id: Any
    direction: str
    kind: str
    author: _Sender


class _Data(msgspec.Struct):
    message: _Brief


class _Created(msgspec.Struct):
    data: _Data


_decode = msgspec.json.Decoder(_Created).decode
_SENT = """update ai_suggestion s set
  state = case when s.state = 'offered' then 'stale' else s.state end, settled_at = coalesce(s.settled_at, now()),
  sent_id = case when s.state = 'edited' then x.id else s.sent_id end
from unnest($2::uuid[], $3::uuid[]) as x (id, thread_id)
where s.clinic_id = $1 and s.thread_id = x.thread_id and s.type = 'reply' and s.created_at > now() - interval '7 days'
  and (s.state = 'offered' or (s.state = 'edited' and s.sent_id is null))
  and exists (select 1 from message m where m.clinic_id = $1 and m.id = x.id and m.seq > s.seen_seq)"""


async def note_answers(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Somebody answered: what was suggested before is over, and what was taken into the field went with it."""
    created = [_decode(event.body + "}").data.message for event in events if '"direction":"out"' in event.body]
    sent = {
        one.thread_id: one.id
        for one in created
        if one.direction == "out" and one.kind == "text" and one.author.type in {"staff", "key"}
    }
    if sent:
        async with database.transaction(clinic_id) as connection:
            await connection.execute(_SENT, clinic_id, list(sent.values()), list(sent))
