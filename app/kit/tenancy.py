"""What every tenant table shares: the clinic's column."""

from __future__ import annotations

from piccolo.columns import UUID


def clinic_column() -> UUID:
    """Return the column that row level security reads.

    The foreign key to ``clinic`` is written in the migration: with it the key is ``(clinic_id, id)``, so that a link
    to another clinic's row cannot be expressed.
    """
    return UUID(null=False, default=None)


def id_column() -> UUID:
    """Return the id column: a UUIDv7 made by us."""
    return UUID(primary_key=True, default=None, null=False)
