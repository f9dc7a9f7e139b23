"""What contacts tell."""

from __future__ import annotations

from typing import Any, ClassVar

from app.contacts.schemas import ContactView
from app.events.service import Event, event_type


@event_type
class ContactCreated(Event):
    """Somebody added a person (an unknown sender is told by ``message.created`` with ``new_contact``)."""

    type: ClassVar[str] = "contact.created"
    contact: ContactView


@event_type
class ContactUpdated(Event):
    """A person's details changed; ``changes`` has old and new of each field."""

    type: ClassVar[str] = "contact.updated"
    contact: ContactView
    changes: dict[str, Any]
