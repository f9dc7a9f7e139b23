"""Ids: UUIDv7, so that new rows of a clinic lie beside each other in its indexes."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

new_id = uuid7


def as_uuid(text: str) -> UUID | None:
    """Return the id written in ``text``, or None when it is none."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


__all__ = ["as_uuid", "new_id"]
