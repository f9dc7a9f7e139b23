"""Reads and writes of the assistant's memory; the clinic comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kit import database

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg


async def facts_with_likeness(
    clinic_id: UUID, embedder: str, vectors: list[list[float]], near: list[UUID] | None
) -> list[asyncpg.Record]:
    """Return the facts with their likeness to each vector; null where another embedder has read them, or none.

    ``near``: of those that the Qdrant server holds only these. Every likeness is computed: exact, and 500 are few.
    """
    return await database.fetch(
        """with q as materialized (
          select n, ($3::real[])[(n - 1) * $4 + 1 : n * $4] as vector from generate_series(1, $5::int) n)
        select f.id, f.kind, f.title, f.body, case when f.embedder = $2 and $5 > 0 then
          (select array_agg(fact_likeness(f.meaning, q.vector) order by q.n) from q) end as likeness
        from clinic_fact f where f.clinic_id = $1
          and ($6::uuid[] is null or f.embedder <> $2 or not f.is_kept or f.id = any ($6))
        order by f.title, f.id""",
        clinic_id,
        embedder,
        [number for vector in vectors for number in vector],
        len(vectors[0]) if vectors else 0,
        len(vectors),
        near,
    )


async def facts_to_embed(clinic_id: UUID, embedder: str, limit: int) -> list[asyncpg.Record]:
    """Return facts that this embedder has not read."""
    return await database.fetch(
        "select id, title, body from clinic_fact where clinic_id = $1 and embedder <> $2 order by id limit $3",
        clinic_id,
        embedder,
        limit,
    )


async def keep_vector(clinic_id: UUID, fact: asyncpg.Record, embedder: str, vector: list[float]) -> None:
    """Keep what an embedder made of a fact, unless the fact says something else by now."""
    await database.execute(
        "update clinic_fact set meaning = $5, embedder = $6, is_kept = false "
        "where clinic_id = $1 and id = $2 and title = $3 and body = $4",
        clinic_id,
        fact["id"],
        fact["title"],
        fact["body"],
        vector,
        embedder,
    )


async def vectors_of(clinic_id: UUID, embedder: str) -> list[asyncpg.Record]:
    """Return what this embedder has made of a clinic's facts."""
    return await database.fetch(
        "select id, meaning from clinic_fact where clinic_id = $1 and embedder = $2 order by id", clinic_id, embedder
    )


async def mark_kept(clinic_id: UUID, embedder: str, ids: list[UUID]) -> None:
    """Note which facts the Qdrant server holds; not those that were changed meanwhile."""
    await database.execute(
        "update clinic_fact set is_kept = true "
        "where clinic_id = $1 and embedder = $2 and id = any ($3) and not is_kept",
        clinic_id,
        embedder,
        ids,
    )
