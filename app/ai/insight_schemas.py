"""What the week's numbers say, on the wire."""

from __future__ import annotations

import datetime as dt

import msgspec


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """One plain sentence, what to do about it, and what it rests on."""

    key: str
    """Stable: ``first_answer``, ``in_time``, ``in_time.<intent>``, ``busiest``, ``could_answer``, ``left_open``,
    ``opt_outs``."""
    sentence: str
    suggestion: str
    value: float | None
    """This week's number: minutes, a share from 0 to 1, or a count; None where there is too little."""
    before: float | None
    """The same of the week before."""
    count: int
    """What this week's number rests on: messages, or people."""
    query: str
    """The question to the database; ``$1`` is the clinic, the others are what :attr:`Insights` names."""


class Insights(msgspec.Struct, frozen=True, kw_only=True):
    """A week of seven whole days until ``until``, beside the seven days before."""

    since: dt.datetime
    until: dt.datetime
    target_minutes: int
    least: int
    """Messages below which a share or a median is not told."""
    items: list[Insight]
