"""Reading what patients wrote, after it is committed: nobody waits for it, and everybody sees what came of it.

What is quick (the built-in tier, the local one) reads first, and the desk is sorted. A language model, where one is
set, reads after that, and each message gets its second and last reading: the better one, or the first one for good. The
clinic's rules begin with the last reading, in its transaction: once, and on the best there is.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import structlog

from app.ai import queries
from app.ai.adapters.choosing import choose_classifier, choose_model, refine
from app.ai.events import AiTriaged
from app.ai.labels import INTENTS, Text
from app.ai.service.allowance import take_calls
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
    from app.ai.adapters.openai import OpenAITier
    from app.ai.labels import Triage
    from app.ai.schemas import RuleView
    from app.events.service import Logged, Work
    from app.inbox.schemas import MessageView
    from app.inbox.service import Unsorted

log = structlog.get_logger()

AT_ONCE = 50
"""Messages read in one transaction: a few tens of milliseconds of work."""
LONGEST = 15_000
"""Characters that are read; what hangs below a longer text does not change the wish."""

_ALERTS = {"emergency": "Emergency", "complaint": "Upset", "clinical": "Asks the dentist"}


def assistant(clinic_id: UUID) -> Principal:
    """Return the principal of the Practice Assistant in a clinic."""
    return Principal(clinic_id=clinic_id, type="ai", id=None, name="Practice Assistant")


# One of each for the process, made at its first use: only who reads messages pays for it.


@cache
def classifier() -> Classifier:
    """Return all tiers there are, for who can wait for the best."""
    return choose_classifier(settings())


@cache
def quick_classifier() -> Classifier:
    """Return the tiers that ask nobody outside."""
    return choose_classifier(settings(), "local")


@cache
def language_model() -> OpenAITier | None:
    """Return the tier that asks a language model; None where none is set."""
    return choose_model(settings())


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
    """Read these messages and tell the desk, twice where there is a language model. Safe to run twice.

    What was read for good is left alone; what a worker that died left half-way is finished.
    """
    unsorted = await find_unsorted(clinic_id, message_ids)
    if not unsorted:
        return
    zone = zoneinfo.ZoneInfo((await get_clinic(clinic_id)).timezone)
    read = await _read_quickly([_text(message, zone) for message in unsorted])
    readable = [(message, one) for message, one in zip(unsorted, read, strict=True) if one is not None]
    if not readable:
        raise RuntimeError("None of these messages could be read.")  # the job tries again, and is seen when it gives up
    waiting, found = [message for message, _ in readable], [one for _, one in readable]
    model = language_model()
    waits = model is not None and model.is_free
    fresh = {one.id: reading_of(low) for one, low in zip(waiting, found, strict=True) if not one.is_sorted}
    if fresh:
        await retrying(_write, clinic_id, fresh, waits=waits)
    if waits or len(fresh) < len(waiting):
        last = await _read_well(model, clinic_id, waiting, found, zone) if model is not None else found
        readings = {one.id: reading_of(high) for one, high in zip(waiting, last, strict=True)}
        await retrying(_write, clinic_id, readings, again=True)


async def _read_well(
    model: OpenAITier, clinic_id: UUID, waiting: Sequence[Unsorted], found: list[Triage], zone: zoneinfo.ZoneInfo
) -> list[Triage]:
    """Have the language model read them; where it says nothing usable, what was found before stands."""
    count = await take_calls(clinic_id, len(waiting))
    # Only what leaves for a model has to know whom to hide.
    staff = [member.name for member in (await list_team(clinic_id)).members]
    texts = [msgspec.structs.replace(_text(one, zone), names=(one.name, *staff)) for one in waiting[:count]]
    return [*await refine(model, texts, found[:count]), *found[count:]]


async def _read_quickly(texts: list[Text]) -> list[Triage | None]:
    """Read what can be read: a text that breaks a reader stays unsorted, and is alone in that."""
    try:
        return [*await quick_classifier().classify(texts)]
    except Exception as error:  # noqa: BLE001 - whatever it is, the next texts have nothing to do with it
        if len(texts) == 1:
            log.warning("ai.unreadable", error=type(error).__name__)
            return [None]
    return [one for text in texts for one in await _read_quickly([text])]


async def _write(clinic_id: UUID, readings: dict[UUID, Reading], *, waits: bool = False, again: bool = False) -> None:
    async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
        written = await write_readings(work, readings, main_wish=main_wish, alert_of=alert_of, waits=waits, again=again)
        for done in written:
            # A model that had nothing to add is no news.
            if done.message.triage != done.before:
                work.record(AiTriaged(message=done.message, thread=done.thread, changes=done.changes))
        if not waits:
            await _begin_rules(work, [done.message for done in written])


async def _begin_rules(work: Work, messages: Sequence[MessageView]) -> None:
    """Have the clinic's rules act on what was read for good."""
    rules: dict[tuple[str, str], RuleView] = {
        (rule.channel, rule.intent): rule for rule in await queries.list_rules(work.clinic_id)
    }
    for message in messages:
        rule = rules.get((message.channel, message.triage.intent)) if message.triage else None
        if rule is not None and rule.mode in {"answer", "shadow"}:
            work.enqueue("ai_answer", after=dt.timedelta(seconds=rule.wait_seconds), message_id=message.id)
        elif rule is not None and rule.mode == "suggest":
            work.enqueue("ai_suggest", message_id=message.id)


def _text(message: Unsorted, zone: zoneinfo.ZoneInfo) -> Text:
    body = f"Subject: {message.subject}\n\n{message.body}" if message.subject else message.body
    return Text(
        channel=message.channel,
        text=body[:LONGEST],
        received_at=message.created_at.astimezone(zone).replace(tzinfo=None),
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
