"""Reactions: what a higher feature does when a lower one has changed something.

The log itself is the outbox: each reaction keeps, per clinic, the seq up to which it has seen events. The worker calls
it with the events above that, in order, at least once (``workers/relay.py``); its effect must be safe to repeat.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from app.events.log import Event, Logged

ReactionFunction = Callable[[UUID, "Sequence[Logged]"], Awaitable[Any]]


class Reaction(msgspec.Struct, frozen=True):
    """``run(clinic_id, events)`` gets all events of ``types`` that wait, oldest first."""

    name: str
    types: frozenset[str]
    run: ReactionFunction


REACTIONS: dict[str, Reaction] = {}


def reacts_to(*events: type[Event], name: str) -> Callable[[ReactionFunction], ReactionFunction]:
    """Register a reaction under a name that must never change: its position in the log is kept under it."""

    def register(run: ReactionFunction) -> ReactionFunction:
        REACTIONS[name] = Reaction(name, frozenset(event.type for event in events), run)
        return run

    return register
