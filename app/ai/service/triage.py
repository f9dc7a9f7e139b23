"""Reading what patients wrote, after it is committed: nobody waits for it, and everybody sees what came of it."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app.ai import queries
from app.ai.adapters.choosing import choose_classifier
from app.ai.events import AiTriaged
from app.ai.labels import INTENTS, Text
from app.clinics.service import get_clinic
from app.config import settings
from app.events.service import retrying, unit_of_work
from app.inbox.schemas import Reading
from app.inbox.service import find_unsorted, write_readings
from app.kit.principal import Principal
from app.staff.service import list_team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ai.adapters.base import Classifier
    from app.ai.labels import Triage
    from app.ai.schemas import RuleView
    from app.events.service import Logged
    from app.inbox.service import Unsorted

AT_ONCE = 50
"""Messages read in one transaction: a few tens of milliseconds of work."""
LONGEST = 15_000
"""Characters that are read; what hangs below a longer text does not change the wish."""

_ALERTS = {"emergency": "Emergency", "complaint": "Upset", "clinical": "Asks the dentist"}

_classifier: Classifier | None = None


def assistant(clinic_id: UUID) -> Principal:
    """Return the principal of the Practice Assistant in a clinic."""
    return Principal(clinic_id=clinic_id, type="ai", id=None, name="Practice Assistant")


def classifier() -> Classifier:
    """Return the best tier there is, made at its first use: only who reads messages pays for it."""
    global _classifier  # noqa: PLW0603 - one for the process
    if _classifier is None:
        _classifier = choose_classifier(settings())
    return _classifier


async def ask_for_triage(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Have all incoming messages of these events read. A message asked for twice is read once."""
    ids = [found for event in events if (found := _incoming(event)) is not None]
    if not ids:
        return
    async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
        for start in range(0, len(ids), AT_ONCE):
            work.enqueue("ai_triage", message_ids=ids[start : start + AT_ONCE])


class _Brief(msgspec.Struct):
    id: UUID
    direction: str
    kind: str


class _Data(msgspec.Struct):
    message: _Brief


class _Created(msgspec.Struct):
    data: _Data


_decode = msgspec.json.Decoder(_Created).decode


def _incoming(event: Logged) -> UUID | None:
    message = _decode(event.body + "}").data.message
    return message.id if message.direction == "in" and message.kind == "text" else None


async def triage(clinic_id: UUID, message_ids: Sequence[UUID]) -> None:
    """Read these messages and tell the desk. What was read before is left alone."""
    waiting = await find_unsorted(clinic_id, message_ids)
    if not waiting:
        return
    zone = zoneinfo.ZoneInfo((await get_clinic(clinic_id)).timezone)
    reader = classifier()
    # Only what leaves for a model has to know whom to hide.
    staff = [member.name for member in (await list_team(clinic_id)).members] if reader.tier == "llm" else []
    found = await reader.classify([_text(message, zone, staff) for message in waiting])
    readings = {message.id: reading_of(one) for message, one in zip(waiting, found, strict=True)}
    await retrying(_write, clinic_id, readings)


async def _write(clinic_id: UUID, readings: dict[UUID, Reading]) -> None:
    async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
        rules: dict[tuple[str, str], RuleView] = {
            (rule.channel, rule.intent): rule for rule in await queries.list_rules(clinic_id)
        }
        for done in await write_readings(work, readings, main_wish=main_wish, alert_of=alert_of):
            work.record(AiTriaged(message=done.message, thread=done.thread, changes=done.changes))
            rule = rules.get((done.message.channel, done.message.triage.intent)) if done.message.triage else None
            if rule is not None and rule.mode in {"answer", "shadow"}:
                after = dt.timedelta(seconds=rule.wait_seconds)
                work.enqueue("ai_answer", after=after, message_id=done.message.id)
            elif rule is not None and rule.mode == "suggest":
                work.enqueue("ai_suggest", message_id=done.message.id)


def _text(message: Unsorted, zone: zoneinfo.ZoneInfo, staff: Sequence[str]) -> Text:
    body = f"Subject: {message.subject}\n\n{message.body}" if message.subject else message.body
    return Text(
        channel=message.channel,
        text=body[:LONGEST],
        received_at=message.created_at.astimezone(zone).replace(tzinfo=None),
        names=(message.name, *staff),
    )


def reading_of(found: Triage) -> Reading:
    """Return what is kept of a triage."""
    return Reading(
        intent=found.intent,
        confidence=round(found.confidence, 3),
        sentiment=found.sentiment,
        sentiment_confidence=round(found.sentiment_confidence, 3),
        urgent=found.urgent,
        escalate=found.escalate,
        entities=_entities(found),
        reason=found.reason,
        tier=found.tier,
        model=found.model,
    )


def _entities(found: Triage) -> dict[str, Any]:
    return {"service": list(found.entities.service), "when": msgspec.to_builtins(found.entities.when)}


def main_wish(readings: Sequence[Reading]) -> Reading:
    """Return of several unanswered messages the one that decides: the first wish in the order of the labels."""
    return min(reversed(readings), key=lambda reading: INTENTS.index(reading.intent))


def alert_of(reading: Reading) -> str:
    """Return the few words of an alert."""
    return _ALERTS.get(reading.intent) or ("Upset" if reading.sentiment == "negative" else "Needs a person")
