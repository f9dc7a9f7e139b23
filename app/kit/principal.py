"""Who is calling, and what they may do: one table of operations, read by guards, pages and tests."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from app.kit.errors import Forbidden

Role = Literal["owner", "manager", "front_desk", "viewer"]
ROLES: tuple[Role, ...] = ("owner", "manager", "front_desk", "viewer")
SCOPES = ("*", "inbox:read", "inbox:write", "contacts", "campaigns", "booking", "workflows", "reports", "settings")

_ALL: tuple[Role, ...] = ROLES
_DESK: tuple[Role, ...] = ("owner", "manager", "front_desk")
_LEAD: tuple[Role, ...] = ("owner", "manager")

OPERATIONS: dict[str, tuple[tuple[Role, ...], str | None]] = {
    # operation: (roles, key scope; None means no key may do it)
    "account": (_ALL, None),
    "clinic.read": (_ALL, "inbox:read"),
    "inbox.read": (_ALL, "inbox:read"),
    "inbox.write": (_DESK, "inbox:write"),
    "contacts.read": (_ALL, "contacts"),
    "contacts.write": (_DESK, "contacts"),
    "team.read": (_ALL, "settings"),
    "team.manage": (_LEAD, "settings"),
    "channels.read": (_LEAD, "settings"),
    "channels.manage": (_LEAD, "settings"),
    "settings.read": (_ALL, "settings"),
    "settings.manage": (_LEAD, "settings"),
    "keys.manage": (_LEAD, None),
    "audit.read": (_LEAD, "reports"),
    "jobs.manage": (_LEAD, "settings"),
    "clinic.own": (("owner",), None),
}


class Principal(msgspec.Struct, frozen=True):
    """The caller of a use case, and the actor its events name."""

    clinic_id: UUID
    type: Literal["staff", "key", "system", "ai", "automation", "provider", "patient"]
    id: UUID | None
    name: str
    role: Role | None = None
    scopes: tuple[str, ...] = ()
    session_id: UUID | None = None
    request_id: str | None = None
    address: str | None = None

    @property
    def actor(self) -> dict[str, str | None]:
        """Return the wire form: ``{"type", "id", "name"}``."""
        return {"type": self.type, "id": str(self.id) if self.id else None, "name": self.name}

    def may(self, operation: str) -> bool:
        """Say whether the operation is allowed. Our own processes (system, ai, ...) are: use cases check them."""
        roles, scope = OPERATIONS[operation]
        if self.type == "staff":
            return self.role in roles
        if self.type == "key":
            return scope is not None and ("*" in self.scopes or scope in self.scopes)
        return True

    def require(self, operation: str) -> None:
        """Raise ``Forbidden`` unless the operation is allowed."""
        if not self.may(operation):
            raise Forbidden("Your role does not allow this. Ask the owner or a manager of the clinic.")


def system(clinic_id: UUID, name: str = "Orasync") -> Principal:
    """Return the principal of our own processes in a clinic."""
    return Principal(clinic_id=clinic_id, type="system", id=None, name=name)
