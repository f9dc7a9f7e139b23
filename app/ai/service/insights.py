"""The week in plain sentences (M53): numbers of the clinic's own rows, beside the week before, and what to do.

No number is guessed: below :data:`LEAST` messages a sentence says that there is too little.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.ai.insight_queries import BUSIEST, COULD_ANSWER, EXCHANGES, OPT_OUTS
from app.ai.insight_schemas import Insight, Insights
from app.ai.labels import NEVER_AUTOMATIC
from app.clinics.service import get_clinic
from app.kit import clock, database
from app.kit.format import INTENT_WORDS, amount, clock_in, waiting_minutes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.clinics.schemas import ClinicView

LEAST = 10
"""Messages below which a share or a median would say more than is known."""
SURE = 0.95
"""How sure the assistant must have been of what a patient wanted."""
MOST_INTENTS = 3
WEEK = dt.timedelta(days=7)
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_ABOUT = {
    "booking": "booking messages",
    "new_patient": "messages of new patients",
    "reschedule": "messages about another time",
    "cancel": "cancellations",
    "confirm": "confirmations",
    "question": "questions",
    "billing": "messages about bills",
    "clinical": "messages for the dentist",
    "emergency": "emergencies",
    "complaint": "complaints",
}
"""What waits for an answer, as a sentence names it."""


class Waited:
    """What became of some questions: minutes of clinic hours until each was answered, and those that came too late."""

    def __init__(self, rows: Sequence[Any], clinic: ClinicView, now: dt.datetime) -> None:
        target = clinic.reply_target_minutes
        self.minutes = [
            waiting_minutes(row["asked_at"], clinic, row["answered_at"]) for row in rows if row["answered_at"]
        ]
        # Who waits for less than the target may still be answered in time.
        late = [
            row for row in rows if not row["answered_at"] and waiting_minutes(row["asked_at"], clinic, now) > target
        ]
        self.judged = len(self.minutes) + len(late)
        self.in_time = sum(minutes <= target for minutes in self.minutes)

    @property
    def share(self) -> float | None:
        """Return the share answered in time; None for too few."""
        return self.in_time / self.judged if self.judged >= LEAST else None

    @property
    def middle(self) -> float | None:
        """Return the median in minutes; None for too few."""
        return float(median(self.minutes)) if len(self.minutes) >= LEAST else None


async def get_insights(clinic_id: UUID) -> Insights:
    """Return what the last seven days say."""
    clinic, until = await get_clinic(clinic_id), clock.now()
    since, before = until - WEEK, until - 2 * WEEK
    async with database.reading(clinic_id) as connection:
        exchanges = await connection.fetch(EXCHANGES, clinic_id, before, until)
        busiest = await connection.fetchrow(BUSIEST, clinic_id, since, until, clinic.timezone)
        sure = await connection.fetch(COULD_ANSWER, clinic_id, since, until, SURE, sorted(NEVER_AUTOMATIC))
        opt_outs = await connection.fetchrow(OPT_OUTS, clinic_id, before, since, until)
    items = [
        # Counting minutes of clinic hours is work: not while others wait for this process.
        *await asyncio.to_thread(_answering, exchanges, clinic, since, until),
        _busiest(busiest, clinic),
        _could_answer(sure),
        _left_open(exchanges, clinic, since, until),
        _opt_outs(opt_outs),
    ]
    return Insights(since=since, until=until, target_minutes=clinic.reply_target_minutes, least=LEAST, items=items)


def _answering(rows: Sequence[Any], clinic: ClinicView, since: dt.datetime, until: dt.datetime) -> list[Insight]:
    weeks = [row for row in rows if row["asked_at"] >= since], [row for row in rows if row["asked_at"] < since]
    now, before = (Waited(week, clinic, until) for week in weeks)
    found = [_first_answer(now, before), _in_time("in_time", "messages", now, before, clinic)]
    for intent, _ in Counter(row["intent"] for row in weeks[0] if row["intent"] in _ABOUT).most_common(MOST_INTENTS):
        one, other = (Waited([row for row in week if row["intent"] == intent], clinic, until) for week in weeks)
        if one.share is not None:
            found.append(_in_time(f"in_time.{intent}", _ABOUT[intent], one, other, clinic))
    return found


def _first_answer(now: Waited, before: Waited) -> Insight:
    count = len(now.minutes)
    if now.middle is None:
        sentence = _too_little("to say how fast you answer", count)
        suggestion = "Connect the channels your patients use, and this fills by itself."
    else:
        told = _beside(_minutes(before.middle) if before.middle is not None else None)
        sentence = f"Half of your patients had a first answer within {_minutes(now.middle)}{told}"
        is_slower = before.middle is not None and now.middle > before.middle
        suggestion = (
            "Put one more person on the desk in the busiest hour."
            if is_slower
            else "Saved replies for what you are asked most make it faster still."
        )
    return Insight(
        key="first_answer",
        sentence=sentence,
        suggestion=suggestion,
        value=now.middle,
        before=before.middle,
        count=count,
        query=EXCHANGES,
    )


def _in_time(key: str, about: str, now: Waited, before: Waited, clinic: ClinicView) -> Insight:
    target = amount(clinic.reply_target_minutes, "minute", "minutes")
    if now.share is None:
        sentence = _too_little(f"to say how many {about} you answer within {target}", now.judged)
        suggestion = "Look again when more patients have written."
    else:
        told = _beside(_percent(before.share) if before.share is not None else None)
        sentence = f"You answered {_percent(now.share)} of {about} within {target}{told}"
        suggestion = (
            "Sort the inbox by longest waiting and begin at the top."
            if now.share < 0.8
            else f"You could promise patients an answer within {target} on your website."
        )
    return Insight(
        key=key,
        sentence=sentence,
        suggestion=suggestion,
        value=now.share,
        before=before.share,
        count=now.judged,
        query=EXCHANGES,
    )


def _busiest(row: Any, clinic: ClinicView) -> Insight:
    total = int(row["total"]) if row else 0
    value: float | None = None
    if row is None or total < LEAST:
        sentence = _too_little("to name your busiest hour", total)
        suggestion = "Look again when more patients have written."
    else:
        value = float(row["messages"])
        hour = _hour(row["hour"], clinic), _hour((row["hour"] + 1) % 24, clinic)
        where = f"on {_DAYS[row['day'] - 1]} from {hour[0]} to {hour[1]}"
        sentence = f"Your busiest hour was {where}: {row['messages']} of {total} messages."
        suggestion = "Keep that hour free of breaks and meetings for whoever looks after the inbox."
    return Insight(
        key="busiest", sentence=sentence, suggestion=suggestion, value=value, before=None, count=total, query=BUSIEST
    )


def _hour(hour: int, clinic: ClinicView) -> str:
    at = dt.datetime(2026, 1, 5, hour, tzinfo=ZoneInfo(clinic.timezone))
    return clock_in(at, {"timezone": clinic.timezone, "locale": clinic.locale})


def _could_answer(rows: Sequence[Any]) -> Insight:
    total, sure = sum(row["messages"] for row in rows), sum(row["sure"] for row in rows)
    value: float | None = None
    if total < LEAST:
        sentence = _too_little("to say what the assistant could take off you", total)
        suggestion = "Look again when more patients have written."
    else:
        value = float(sure)
        sentence = (
            f"The assistant could have answered {sure} of {total} messages by itself: it was at least "
            f"{_percent(SURE)} sure of what they want."
        )
        suggestion = (
            f"Let it try itself out in silence on “{INTENT_WORDS[rows[0]['intent']]}” first."
            if sure
            else "Leave it at suggestions for now."
        )
    return Insight(
        key="could_answer",
        sentence=sentence,
        suggestion=suggestion,
        value=value,
        before=None,
        count=total,
        query=COULD_ANSWER,
    )


def _left_open(rows: Sequence[Any], clinic: ClinicView, since: dt.datetime, until: dt.datetime) -> Insight:
    closings = closing_times(clinic, since - WEEK, until)
    found = [at for row in rows if (at := _closed_on(row, closings)) is not None]
    now, before = sum(at >= since for at in found), sum(at < since for at in found)
    if not closings:
        sentence = "You have set no opening hours, so nobody knows what was left when you closed."
        suggestion = "Set your opening hours in the settings of the clinic."
    else:
        verb = "was" if now == 1 else "were"
        sentence = f"{amount(now, 'message', 'messages')} {verb} still unanswered when you closed, last week {before}."
        suggestion = (
            "Let the assistant answer while you are closed, or look at To do once before you leave."
            if now
            else "Nothing to do."
        )
    return Insight(
        key="left_open",
        sentence=sentence,
        suggestion=suggestion,
        value=float(now) if closings else None,
        before=float(before) if closings else None,
        count=sum(row["asked_at"] >= since for row in rows),
        query=f"{EXCHANGES}\n-- Counted: those not answered at your first closing time after asked_at.",
    )


def _closed_on(row: Any, closings: Sequence[dt.datetime]) -> dt.datetime | None:
    """Return the first closing time after a question, if it was not answered by then."""
    at = next((one for one in closings if one > row["asked_at"]), None)
    return at if at is not None and (row["answered_at"] is None or row["answered_at"] > at) else None


def closing_times(clinic: ClinicView, since: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """Return when the clinic closed for the day, between two instants. Pure."""
    zone = ZoneInfo(clinic.timezone)
    day, last, found = since.astimezone(zone).date(), until.astimezone(zone).date(), []
    while day <= last:
        blocks = clinic.hours.get(str(day.isoweekday())) or []
        if blocks:
            hour, minute = map(int, blocks[-1][1].split(":"))
            found.append(dt.datetime.combine(day, dt.time(), zone) + dt.timedelta(hours=hour, minutes=minute))
        day += dt.timedelta(days=1)
    return [at for at in found if since <= at <= until]


def _opt_outs(row: Any) -> Insight:
    now, before = int(row["now"]), int(row["before"])
    verb = "has" if now == 1 else "have"
    sentence = f"{amount(now, 'number or address', 'numbers and addresses')} {verb} said stop, last week {before}."
    suggestion = "Look at what you sent them last, and send less of it." if now > before else "Nothing to do."
    return Insight(
        key="opt_outs",
        sentence=sentence,
        suggestion=suggestion,
        value=float(now),
        before=float(before),
        count=now,
        query=OPT_OUTS,
    )


def _too_little(what: str, count: int) -> str:
    return f"Too little {what}: {amount(count, 'message', 'messages')} this week, at least {LEAST} are needed."


def _beside(before: str | None) -> str:
    return f", last week {before}." if before is not None else ". The week before had too few to compare."


def _percent(share: float | None) -> str:
    return f"{round(100 * (share or 0))} %"


def _minutes(count: float) -> str:
    whole = max(round(count), 1)
    return amount(whole, "minute", "minutes") if whole < 120 else f"{round(count / 60)} hours"
