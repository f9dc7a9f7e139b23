"""What the inbox does when a lower feature has changed something."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.clinics.events import SettingsChanged
from app.events.service import Logged, reacts_to
from app.inbox.events import MessageCreated
from app.inbox.service import adopt_files, unassign_from
from app.kit.principal import system

if TYPE_CHECKING:
    from collections.abc import Sequence


@reacts_to(SettingsChanged, name="inbox.give_up_conversations")
async def give_up_conversations(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """A colleague was removed: their conversations belong to nobody until somebody takes them."""
    for event in events:
        data = event.data
        if data.get("section") == "team" and "removed" in data.get("changes", {}) and data.get("staff_id"):
            await unassign_from(system(clinic_id), UUID(data["staff_id"]))


@reacts_to(MessageCreated, name="inbox.adopt_files")
async def adopt_files_of_new_messages(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Files came with a message: they get rows of their own, and what the provider holds is fetched."""
    await adopt_files(clinic_id, events)
