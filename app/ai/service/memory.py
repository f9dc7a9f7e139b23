"""The assistant's memory: how near each fact is to a question. PostgreSQL keeps it; a Qdrant server may help to look.

A fact's vector is made after the commit, by a job. Until then, and where an embedder cannot answer, the built-in one
reads the words on the spot: what was just written down is found at once.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from app.ai import memory_queries as queries
from app.ai.adapters.embedding import WordEmbedder, choose_embedder
from app.ai.adapters.qdrant import Qdrant, QdrantError
from app.config import settings
from app.events.service import unit_of_work
from app.kit import database
from app.kit.principal import system

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.ai.adapters.embedding import Embedder

log = structlog.get_logger()

AT_ONCE = 25
"""Facts that are embedded between two commits: a second of work with a model."""
_BUILT_IN = WordEmbedder()

_embedder: Embedder | None = None
_store: Qdrant | None = None


def embedder() -> Embedder:
    """Return the best embedder there is; its model is loaded at its first use."""
    global _embedder  # noqa: PLW0603 - one for the process
    if _embedder is None:
        _embedder = choose_embedder()
    return _embedder


def store() -> Qdrant | None:
    """Return the Qdrant server, where one is set and something may leave this machine."""
    global _store  # noqa: PLW0603 - one for the process
    told = settings()
    if _store is None and told.qdrant_url and not told.demo_mode:
        best = embedder()
        _store = Qdrant(told.qdrant_url, told.qdrant_api_key, collection_of(best), best.width)
    return _store


def collection_of(best: Embedder) -> str:
    """Return the name of an embedder's collection."""
    return "orasync_facts_" + re.sub(r"[^a-z0-9]+", "_", best.name)


class Remembered(msgspec.Struct, frozen=True):
    """A fact with what each question is worth to it, on the embedders' scale."""

    id: UUID
    kind: str
    title: str
    body: str
    worth: list[float]


async def recall(clinic_id: UUID, questions: Sequence[str]) -> list[Remembered]:
    """Return the clinic's facts with their nearness to each question; those far away may be missing."""
    if not questions:
        return []
    best, vectors = embedder(), await _embedded(questions)
    near = await _near(clinic_id, vectors) if vectors else None
    async with database.reading(clinic_id):
        rows = await queries.facts_with_likeness(clinic_id, best.name, vectors, near)
    by_words = await _BUILT_IN.questions(questions)
    # In a thread: hundreds of facts that nobody has read yet take their time.
    return await asyncio.to_thread(lambda: [_remembered(row, best, by_words) for row in rows])


def _remembered(row: Any, best: Embedder, by_words: Sequence[Sequence[float]]) -> Remembered:
    if row["likeness"] is not None:
        worth = [best.worth(one) for one in row["likeness"]]
    else:
        passage = _BUILT_IN.passage(row["title"], row["body"])
        worth = [_BUILT_IN.worth(sum(a * b for a, b in zip(one, passage, strict=True))) for one in by_words]
    return Remembered(row["id"], row["kind"], row["title"], row["body"], worth)


async def _embedded(questions: Sequence[str]) -> list[list[float]]:
    """Embed questions; nothing where the embedder cannot, and their words are looked for."""
    try:
        return await embedder().questions(questions)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a model, words find facts too
        # Only the kind of the error: its words may quote what the patient wrote.
        log.warning("ai.embedding_failed", error=type(error).__name__)
        return []


async def _near(clinic_id: UUID, vectors: Sequence[Sequence[float]]) -> list[UUID] | None:
    """Ask the Qdrant server which of the facts that it holds to look at; None: look at all."""
    server = store()
    if server is None:
        return None
    try:
        return await server.near(clinic_id, vectors)
    except QdrantError as error:
        log.warning("ai.memory_server_failed", error=str(error))
        return None


async def learn(clinic_id: UUID) -> None:
    """Embed what is not embedded by today's embedder, and have the Qdrant server hold the same. Safe to repeat."""
    best = embedder()
    while True:
        async with database.reading(clinic_id):
            rows = await queries.facts_to_embed(clinic_id, best.name, AT_ONCE)
        if not rows:
            break
        vectors = await best.passages([(row["title"], row["body"]) for row in rows])
        async with database.transaction(clinic_id):
            for row, vector in zip(rows, vectors, strict=True):
                await queries.keep_vector(clinic_id, row, best.name, vector)
    if (server := store()) is not None:
        async with database.reading(clinic_id):
            rows = await queries.vectors_of(clinic_id, best.name)
        await server.keep(clinic_id, [(row["id"], row["meaning"]) for row in rows])
        async with database.transaction(clinic_id):
            await queries.mark_kept(clinic_id, best.name, [row["id"] for row in rows])


async def ask_to_learn() -> None:
    """Have every clinic's facts looked after that another embedder has read; with a Qdrant server, every clinic's."""
    found = await database.fetch("select clinics_to_learn($1) as id", "" if store() else embedder().name)
    for row in found:
        async with unit_of_work(row["id"], system(row["id"])) as work:
            work.enqueue("ai_learn")
