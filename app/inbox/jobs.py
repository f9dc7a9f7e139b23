"""Jobs of the inbox: they load by id and call a use case."""

from __future__ import annotations

from uuid import UUID

from app.inbox import service
from app.kit.errors import NotFound
from app.kit.jobs import job, schedule
from app.kit.principal import system


@job("message_send", retries=5, timeout=30)
async def message_send(clinic_id: UUID, message_id: UUID) -> None:
    """Send one message."""
    await service.send_message(clinic_id, message_id)


@job("message_reconcile", timeout=30)
async def message_reconcile(clinic_id: UUID, message_id: UUID, is_last: bool) -> None:
    """Find out what became of an unknown send."""
    await service.reconcile_message(clinic_id, message_id, is_last=is_last)


@job("word_answer", retries=6, timeout=30, backoff=2)
async def word_answer(clinic_id: UUID, channel_id: UUID, heard: str, word: str, language: str) -> None:
    """Answer STOP, START or HELP."""
    await service.answer_word(clinic_id, channel_id, heard, word, language)


@job("attachment_fetch", retries=5, timeout=120)
async def attachment_fetch(clinic_id: UUID, attachment_id: UUID, tries: int) -> None:
    """Fetch a file that a patient sent."""
    await service.fetch_file(clinic_id, attachment_id, tries)


@job("thread_wake", timeout=10)
async def thread_wake(clinic_id: UUID, thread_id: UUID) -> None:
    """End a snooze."""
    try:
        await service.wake_thread(system(clinic_id), thread_id)
    except NotFound:
        return  # merged or erased meanwhile


@schedule("backfill", seconds=300, at_start=True)
async def backfill() -> None:
    """Fetch what providers could not deliver."""
    await service.fetch_missed()


@schedule("message_sweep", seconds=5)
async def message_sweep() -> None:
    """Look after sends that stopped moving."""
    await service.sweep_overdue()


@schedule("attachment_sweep", seconds=300)
async def attachment_sweep() -> None:
    """Look after files that nobody fetches any more, and forget those that nobody sent."""
    await service.sweep_files()
    await service.forget_unsent()


@schedule("store_sweep", seconds=6 * 3600)
async def store_sweep() -> None:
    """Forget stored bytes that nothing points at."""
    await service.sweep_store()
