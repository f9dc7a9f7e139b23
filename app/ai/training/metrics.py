"""The figures of triage, computed from labelled messages and what a tier made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from app.ai.labels import INTENTS, NEVER_AUTOMATIC, SENTIMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from app.ai.labels import Intent, Triage
    from app.ai.training.data import Labelled

# Dates and times are only scored where they are of an appointment.
_WITH_TIMES = {"booking", "reschedule", "cancel", "confirm"}
_PRECISE = 0.95


class Answered(NamedTuple):
    """A labelled message, its reading, whether the gate would let an answer go, and the time by clock and of a core."""

    message: Labelled
    triage: Triage
    auto_reply: bool
    ms: float
    cpu_ms: float


class Hits(NamedTuple):
    """Right ones found, wrong ones found, right ones missed."""

    found: int
    false: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right; None where nothing was found."""
        return self.found / (self.found + self.false) if self.found + self.false else None

    @property
    def recall(self) -> float | None:
        """Share of what is right that was found; None where nothing was to be found."""
        return self.found / (self.found + self.missed) if self.found + self.missed else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both."""
        return 2 * self.found / (2 * self.found + self.false + self.missed) if any(self) else None


def measure(rows: Sequence[Answered]) -> dict[str, float | int | None]:
    """All figures, by the names that reports use."""
    intents = per_intent(rows)
    right = [_is_right(row) for row in rows]
    sentiments = {
        name: _hits((row.message.sentiment == name, row.triage.sentiment == name) for row in rows)
        for name in SENTIMENTS
    }
    urgent = _hits((row.message.urgent, row.triage.urgent) for row in rows)
    escalate = _hits((row.message.escalate, row.triage.escalate) for row in rows)
    emergencies = [row for row in rows if row.message.intent == "emergency"]
    timed = [row for row in rows if row.message.intent in _WITH_TIMES]
    automatic = [row for row in rows if row.auto_reply]
    times, cpu_times = [row.ms for row in rows], [row.cpu_ms for row in rows]
    return {
        "messages": len(rows),
        "intent_f1": _macro(intents),
        "intent_acc": _share(row.message.intent == row.triage.intent for row in rows),
        "intent_acc_lenient": _share(right),
        "worst_intent_f1": min(_f1s(intents), default=0.0),
        "sentiment_acc": _share(row.message.sentiment == row.triage.sentiment for row in rows),
        "sentiment_f1": _macro(sentiments),
        "urgent_recall": urgent.recall,
        "urgent_precision": urgent.precision,
        "escalate_recall": escalate.recall,
        "escalate_precision": escalate.precision,
        "emergency_recall": _share(row.triage.urgent and row.triage.escalate for row in emergencies),
        "opt_out_recall": intents["opt_out"].recall,
        "opt_out_precision": intents["opt_out"].precision,
        "service_f1": _of_sets(rows, lambda row: (_labelled_services(row), set(row.triage.entities.service))),
        "date_f1": _of_sets(
            timed, lambda row: (_labelled(row, "date"), {one.date for one in row.triage.entities.when})
        ),
        "time_f1": _of_sets(
            timed, lambda row: (_labelled(row, "time"), {one.time for one in row.triage.entities.when})
        ),
        "coverage95": _coverage(rows, right),
        "unsafe_auto": sum(map(_is_unsafe, automatic)),
        "auto_replies": len(automatic),
        "ms_p50": quantile(times, 0.5),
        "ms_p95": quantile(times, 0.95),
        "cpu_ms_p50": quantile(cpu_times, 0.5),
        "cpu_ms_p95": quantile(cpu_times, 0.95),
    }


def per_intent(rows: Sequence[Answered]) -> dict[Intent, Hits]:
    """How well each intent is found."""
    return {name: _hits((row.message.intent == name, row.triage.intent == name) for row in rows) for name in INTENTS}


def quantile(values: Iterable[float], share: float) -> float | None:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def _is_right(row: Answered) -> bool:
    return row.triage.intent in {row.message.intent, *row.message.alt_intents}


def _is_unsafe(row: Answered) -> bool:
    accepted = {row.message.intent, *row.message.alt_intents}
    return row.message.escalate or accepted <= NEVER_AUTOMATIC


def _hits(pairs: Iterable[tuple[bool, bool]]) -> Hits:
    listed = list(pairs)
    return Hits(
        sum(wanted and got for wanted, got in listed),
        sum(got and not wanted for wanted, got in listed),
        sum(wanted and not got for wanted, got in listed),
    )


def _share(values: Iterable[bool]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def _f1s(kinds: Mapping[Any, Hits]) -> list[float]:
    return [hits.f1 or 0.0 for hits in kinds.values() if hits.found + hits.missed]


def _macro(kinds: Mapping[Any, Hits]) -> float:
    values = _f1s(kinds)
    return sum(values) / len(values) if values else 0.0


def _of_sets(rows: Iterable[Answered], sets: Callable[[Answered], tuple[set[Hashable], set[Hashable]]]) -> float | None:
    found = false = missed = 0
    for row in rows:
        wanted, got = sets(row)
        got.discard(None)
        found, false, missed = found + len(wanted & got), false + len(got - wanted), missed + len(wanted - got)
    return Hits(found, false, missed).f1


def _labelled(row: Answered, key: str) -> set[Hashable]:
    return {
        one[key] for one in row.message.entities.get("when", ()) if isinstance(one, dict) and one.get(key) is not None
    }


def _labelled_services(row: Answered) -> set[Hashable]:
    return {one for one in row.message.entities.get("service", ()) if isinstance(one, str)}


def _coverage(rows: Sequence[Answered], right: Sequence[bool]) -> float:
    """The largest share of messages, by falling confidence, of which 95 % are right."""
    ranked = sorted(zip((row.triage.confidence for row in rows), right, strict=True), key=lambda pair: -pair[0])
    best = so_far = 0
    for number, (confidence, is_right) in enumerate(ranked, 1):
        so_far += is_right
        ends_a_tie = number == len(ranked) or ranked[number][0] != confidence
        if ends_a_tie and so_far / number >= _PRECISE:
            best = number
    return best / len(rows) if rows else 0.0
