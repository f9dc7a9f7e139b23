"""Jobs of the assistant."""

from __future__ import annotations

from uuid import UUID

from app.ai import service
from app.kit.jobs import job


@job("ai_triage", retries=5, timeout=60)
async def ai_triage(clinic_id: UUID, message_ids: list[str]) -> None:
    """Read some messages."""
    await service.triage(clinic_id, [UUID(one) for one in message_ids])


@job("ai_answer", retries=5, timeout=60)
async def ai_answer(clinic_id: UUID, message_id: UUID) -> None:
    """Answer one message, if that is allowed."""
    await service.answer(clinic_id, message_id)


@job("ai_suggest", retries=5, timeout=60)
async def ai_suggest(clinic_id: UUID, message_id: UUID) -> None:
    """Suggest a reply to one message, if a rule asks for it."""
    await service.suggest_for_message(clinic_id, message_id)
