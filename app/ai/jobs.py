"""Jobs of the assistant."""

from __future__ import annotations

from uuid import UUID

from app.ai import service
from app.kit.jobs import job, schedule


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


@job("ai_compare", retries=5, timeout=60)
async def ai_compare(clinic_id: UUID, thread_id: UUID) -> None:
    """Compare silent trials in one conversation with what staff did."""
    await service.compare_threads(clinic_id, [thread_id])


@job("ai_replay", timeout=300)
async def ai_replay(clinic_id: UUID, channel: str, intent: str, count: int) -> None:
    """Try one rule on messages of the past."""
    await service.replay(clinic_id, channel, intent, count)


@job("ai_weigh", retries=5, timeout=30)
async def ai_weigh(clinic_id: UUID, channel: str, intent: str) -> None:
    """See whether staff take too many answers of a rule over."""
    await service.weigh(clinic_id, channel, intent)


@job("alert_overdue", retries=6, timeout=30, backoff=2)
async def alert_overdue(clinic_id: UUID, thread_id: UUID) -> None:
    """Pass an alert on that nobody took."""
    await service.pass_on(clinic_id, thread_id)


@job("ai_learn", retries=5, timeout=300)
async def ai_learn(clinic_id: UUID) -> None:
    """Read what a clinic has told the assistant, so that it is found by its meaning."""
    await service.learn(clinic_id)


@schedule("ai_learn_all", seconds=6 * 3600, at_start=True)
async def ai_learn_all() -> None:
    """Have facts read again that another version has read; with a server of vectors, see that it holds them all."""
    await service.ask_to_learn()
