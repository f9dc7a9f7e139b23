"""The clinic on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Words = Annotated[list[Annotated[str, Meta(min_length=1, max_length=40, pattern=r"\S")]], Meta(max_length=20)]
Hours = dict[str, list[tuple[str, str]]]


class ClinicView(msgspec.Struct):
    """A clinic and its preferences. ``hours``: ISO weekday -> blocks ``["09:00", "17:00"]`` in the clinic's time."""

    id: UUID
    slug: str
    name: str
    timezone: str
    locale: str
    country: str
    currency: str
    hours: dict[str, list[list[str]]]
    undo_seconds: int
    lock_minutes: int
    reply_target_minutes: int
    client_code: str
    quiet_from: str = "21:00"
    """Automatic messages wait from then on, by the recipient's clock, until ``quiet_to``; equal times: at any hour."""
    quiet_to: str = "08:00"
    opt_out_words: dict[str, list[str]] = {}
    """Further words for ``stop``, ``start`` and ``help``; each counts only as a whole message."""
    phone: str = ""
    """The number patients can call; empty: the one a message leaves by is named instead."""
    is_demo: bool = False


class ClinicChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change; a field left out stays."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")] | msgspec.UnsetType = msgspec.UNSET
    phone: Annotated[str, Meta(max_length=40)] | msgspec.UnsetType = msgspec.UNSET
    timezone: Annotated[str, Meta(max_length=64)] | msgspec.UnsetType = msgspec.UNSET
    undo_seconds: Literal[0, 5, 10] | msgspec.UnsetType = msgspec.UNSET
    lock_minutes: Annotated[int, Meta(ge=0, le=240)] | msgspec.UnsetType = msgspec.UNSET
    reply_target_minutes: Annotated[int, Meta(ge=1, le=1440)] | msgspec.UnsetType = msgspec.UNSET
    hours: dict[str, list[list[str]]] | msgspec.UnsetType = msgspec.UNSET
    quiet_from: Clock | msgspec.UnsetType = msgspec.UNSET
    quiet_to: Clock | msgspec.UnsetType = msgspec.UNSET
    opt_out_words: dict[Literal["stop", "start", "help"], Words] | msgspec.UnsetType = msgspec.UNSET


def as_fields(change: ClinicChange) -> dict[str, Any]:
    """Return the fields that were given."""
    return {name: value for name, value in msgspec.structs.asdict(change).items() if value is not msgspec.UNSET}
