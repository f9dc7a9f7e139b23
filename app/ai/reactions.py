"""What the assistant does when something happened below it. Each does one thing: they share one reading of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.ai import service
from app.events.service import Logged, reacts_to
from app.inbox.events import AlertRaised, MessageCreated, ThreadMerged, ThreadUpdated

if TYPE_CHECKING:
    from collections.abc import Sequence


@reacts_to(MessageCreated, name="ai.triage")
async def sort_new_messages(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Patients wrote: all that waits is read together."""
    await service.ask_for_triage(clinic_id, events)


@reacts_to(MessageCreated, name="ai.end_suggestions")
async def end_suggestions(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """People answered: what was suggested before is over."""
    await service.note_answers(clinic_id, events)


@reacts_to(MessageCreated, name="ai.compare")
async def compare_trials(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """People answered: silent trials are compared with it."""
    await service.ask_for_comparison(clinic_id, events)


@reacts_to(MessageCreated, name="ai.count_corrections")
async def count_corrections(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """People answered: automatic answers that it corrects are counted."""
    await service.note_corrections(clinic_id, events)


@reacts_to(MessageCreated, AlertRaised, ThreadMerged, ThreadUpdated, name="ai.watch_alerts")
async def watch_alerts(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Patients need help: somebody must take each alert in time."""
    await service.watch_alerts(clinic_id, events)


@reacts_to(ThreadUpdated, name="ai.release_closed")
async def release_closed_conversations(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Conversations were closed: the assistant may answer there again when the patient writes."""
    closed = {
        UUID(event.data["thread"]["id"])
        for event in events
        if event.data.get("changes", {}).get("state", [None, None])[1] == "closed"
    }
    if closed:
        await service.release_closed(clinic_id, sorted(closed))
        await service.compare_threads(clinic_id, sorted(closed))
