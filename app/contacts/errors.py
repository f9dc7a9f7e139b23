"""What contacts refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kit.errors import Conflict, NotFound

if TYPE_CHECKING:
    from uuid import UUID


class AddressTaken(Conflict):
    """The number or address is somebody's already: ``contact_id`` and ``name`` say whose, ``offers`` the ways out."""

    def __init__(self, owner_id: UUID, name: str, kind: str) -> None:
        what = "number" if kind == "phone" else "address"
        super().__init__(
            f"This {what} belongs to {name or 'somebody else'}. Join the two, or say that they share it.",
            contact_id=str(owner_id),
            name=name,
            offers=["merge", "share"],
        )


class ContactMerged(NotFound):
    """Somebody who was joined with another person: ``contact_id`` is who they are now."""


class NotPartable(Conflict):
    """Two people who were joined cannot be parted any more; the sentence says why."""

    code = "not_partable"
