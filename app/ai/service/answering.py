"""Automatic answers: one at most to each message, only through the gate, silent the moment a person writes.

The answer is an ordinary reply: it passes the fence when it is written and again when it is sent, so a newer word of
anybody stops it (N1). Its id is made from the patient's message: a worker that dies and a job that runs twice find it.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import msgspec
import structlog

from app.ai import queries
from app.ai.errors import TakenOver
from app.ai.events import AiReplied
from app.ai.gate import Case, Ruling, judge
from app.ai.schemas import Proof
from app.ai.service.drafting import draft_reply
from app.ai.service.shadow import watch
from app.ai.service.triage import assistant
from app.clinics.service import get_clinic, is_open
from app.events.service import unit_of_work
from app.inbox.errors import ThreadMovedOn
from app.inbox.schemas import MessageView, Reading, ReplyDraft
from app.inbox.service import Reason, find_by_client_id, get_thread, send_reply
from app.kit import clock, database
from app.kit.errors import OrasyncError, Unavailable
from app.kit.format import CHANNEL_PLURALS, INTENT_WORDS

if TYPE_CHECKING:
    import datetime as dt

    from app.ai.schemas import AssistantView, RuleView
    from app.ai.service.drafting import Draft
    from app.clinics.schemas import ClinicView
    from app.events.service import Work

log = structlog.get_logger()

_NAMES = UUID("6f5f3c0e-6a55-4b8e-9d0e-1c7b9f2a4d10")
"""Of the ids of answers; ours, made once."""
_ELSEWHERE = frozenset({"message_id", "facts"})
"""What of a proof the activity log leaves to the decision: facts have titles, which people write."""
_MACHINES = re.compile(
    r"(?:no-?_?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|notifications?|newsletter)[^@]*@", re.IGNORECASE
)


async def answer(clinic_id: UUID, message_id: UUID) -> None:
    """Answer one message by itself, if the clinic's rule and the gate allow it at this moment. Safe to run twice."""
    async with database.reading(clinic_id):
        row = await queries.find_case(clinic_id, message_id)
        if row is None or row["is_settled"]:
            return
        reading = msgspec.json.decode(row["triage"], type=Reading)
        rule = await queries.find_rule(clinic_id, row["channel"], reading.intent)
        settings = await queries.get_assistant(clinic_id)
        known = await find_by_client_id(clinic_id, _answer_id(message_id))
    if rule is None:
        return
    proof = proof_of(row, reading, rule)
    if known is not None:
        await _settle(clinic_id, row, rule, proof, "sent", text=known.body, sent=known)
        return
    clinic = await get_clinic(clinic_id)
    ruling = judge(case_of(row, reading, rule, settings, is_in_hours=is_in_hours(clinic, rule, clock.now())))
    if rule.mode == "shadow":
        await watch(clinic_id, row, reading, rule, ruling)
        return
    if not ruling.may_send and not ruling.may_hold:
        await _settle(clinic_id, row, rule, proof, "refused", against=ruling.against)
        return
    draft = await draft_reply(clinic_id, row["thread_id"], alone=True)
    written = {"written_by": draft.model or draft.tier, "facts": msgspec.to_builtins(draft.facts)}
    await _send(clinic_id, row, rule, msgspec.structs.replace(proof, **written), ruling, draft)


def _answer_id(message_id: UUID) -> UUID:
    return uuid5(_NAMES, str(message_id))


def is_in_hours(clinic: ClinicView, rule: RuleView, at: dt.datetime) -> bool:
    """Say whether a rule holds at an instant. Pure."""
    return rule.hours == "always" or is_open(clinic, at) == (rule.hours == "open")


def case_of(row: Any, reading: Reading, rule: RuleView, settings: AssistantView, *, is_in_hours: bool) -> Case:
    """Return what the gate is asked about a message; ``row`` is one of ``queries.find_case`` or looks like it."""
    details = msgspec.json.decode(row["details"]) if row["details"] else {}
    by_mail = row["channel"] == "email"
    return Case(
        rule=rule.mode,
        intent=reading.intent,  # type: ignore[arg-type]  # of the labels: the assistant wrote it
        confidence=reading.confidence,
        urgent=reading.urgent,
        escalate=reading.escalate,
        is_escalated=row["is_escalated"],
        is_opted_out=row["channel"] in row["opted_out"],
        is_blocked=row["is_blocked"],
        is_taken_over=row["is_taken_over"],
        has_moved_on=row["has_moved_on"],
        is_machine=bool(details.get("auto_reply")) or (by_mail and bool(_MACHINES.match(row["contact_email"] or ""))),
        answers_here=row["answers_here"],
        most_here=1 if by_mail else 3,
        answers_by_rule=row["answers_by_rule"],
        daily_limit=rule.daily_limit,
        is_in_hours=is_in_hours,
        touches_never_topic=_touches(row["body"], settings.never_topics),
    )


def _touches(body: str, topics: list[str]) -> bool:
    text = body.casefold()
    return any(re.search(rf"(?<!\w){re.escape(topic.casefold())}(?!\w)", text) for topic in topics)


def proof_of(row: Any, reading: Reading, rule: RuleView) -> Proof:
    """Return what an answer rests on, as far as it is known before it is written."""
    return Proof(
        message_id=row["id"],
        input_digest=sha256(row["body"].encode()).hexdigest(),
        tier=reading.tier,  # type: ignore[arg-type]
        model=reading.model,
        intent=reading.intent,  # type: ignore[arg-type]
        confidence=reading.confidence,
        rule_version=rule.version,
        allowed_by=rule.allowed_by or "",
        allowed_at=rule.allowed_at or clock.now(),
        written_by="",
    )


async def _send(  # noqa: PLR0917 - what an answer rests on
    clinic_id: UUID, row: Any, rule: RuleView, proof: Proof, ruling: Ruling, draft: Draft
) -> None:
    words = f"{INTENT_WORDS[proof.intent]}, {CHANNEL_PLURALS[row['channel']]}"
    named = f"Rule of the assistant for “{words}”, version {rule.version}"
    reason = Reason("answer", named, proof=msgspec.to_builtins(proof))
    reply = ReplyDraft(body=draft.text, channel=row["channel"], seen=row["last_seq"], client_id=_answer_id(row["id"]))

    async def still_ours(work: Work) -> None:
        if await queries.is_taken_over(work.clinic_id, row["thread_id"]):
            raise TakenOver("Your team has taken this conversation over.")

    try:
        sent = await send_reply(assistant(clinic_id), row["thread_id"], reply, reason=reason, check=still_ours)
    except Unavailable:
        raise
    except ThreadMovedOn:
        await _settle(clinic_id, row, rule, proof, "refused", against=("moved_on",), text=draft.text)
        return
    except OrasyncError as error:
        # Taken over, opted out, blocked, closed window: whatever keeps a person's reply in keeps this one in.
        log.info("ai.answer_refused", code=error.code)
        await _settle(clinic_id, row, rule, proof, "refused", against=(error.code,), text=draft.text)
        return
    state = "sent" if ruling.may_send else "held"
    await _settle(clinic_id, row, rule, proof, state, against=ruling.against, text=draft.text, sent=sent)


async def _settle(
    clinic_id: UUID,
    row: Any,
    rule: RuleView,
    proof: Proof,
    state: str,
    *,
    against: tuple[str, ...] = (),
    text: str = "",
    sent: MessageView | None = None,
) -> None:
    who = assistant(clinic_id)
    async with unit_of_work(clinic_id, who) as work:
        is_new = await work.connection.fetchval(
            "insert into ai_answer (clinic_id, message_id, thread_id, channel, intent, rule_version, state, against, "
            "text, sent_id, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now()) "
            "on conflict (clinic_id, message_id) do nothing returning true",
            clinic_id,
            row["id"],
            row["thread_id"],
            row["channel"],
            proof.intent,
            rule.version,
            state,
            list(against),
            text,
            sent.id if sent else None,
        )
        if is_new:
            told = {name: value for name, value in msgspec.to_builtins(proof).items() if name not in _ELSEWHERE}
            told |= {"channel": row["channel"], "against": list(against)}
            work.audit(f"assistant.answer_{state}", "message", row["id"], **told)
        if is_new and state == "refused" and rule.mode == "answer":
            work.enqueue("ai_suggest", message_id=row["id"])
        if is_new and sent is not None:
            thread = await get_thread(clinic_id, sent.thread_id)
            work.record(AiReplied(message=sent, thread=thread, answers=row["id"]))
