"""Keeping answers by key: begin, finish, forget (R5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.kit import database

if TYPE_CHECKING:
    from uuid import UUID

ABANDONED_SECONDS = 60


class Kept(msgspec.Struct, frozen=True):
    """What is known of a key. ``status`` None: the first request is still running."""

    status: int | None
    body: bytes | None
    same_body: bool


async def begin(clinic_id: UUID, endpoint: str, key: str, body_hash: bytes) -> Kept | None:
    """Claim a key; returns None when the caller shall run the request, else what is kept.

    A request that died half-way leaves a running row; after 60 s the next caller takes it over.
    """
    async with database.transaction(clinic_id) as connection:
        mine = await connection.fetchval(
            "insert into kept_answer (clinic_id, endpoint, key, body_hash, created_at) values ($1, $2, $3, $4, now()) "
            "on conflict (clinic_id, endpoint, key) do update "
            "set body_hash = excluded.body_hash, created_at = now(), status = null, body = null "
            "where kept_answer.created_at < now() - interval '24 hours' "
            "or (kept_answer.status is null and kept_answer.created_at < now() - make_interval(secs => $5)) "
            "returning 1",
            clinic_id,
            endpoint,
            key,
            body_hash,
            ABANDONED_SECONDS,
        )
        if mine:
            return None
        row = await connection.fetchrow(
            "select status, body, body_hash from kept_answer where clinic_id = $1 and endpoint = $2 and key = $3",
            clinic_id,
            endpoint,
            key,
        )
    return Kept(row["status"], row["body"], bytes(row["body_hash"]) == body_hash)


async def finish(clinic_id: UUID, endpoint: str, key: str, status: int, body: bytes) -> None:
    """Keep the answer for 24 hours."""
    async with database.transaction(clinic_id) as connection:
        await connection.execute(
            "update kept_answer set status = $4, body = $5 where clinic_id = $1 and endpoint = $2 and key = $3",
            clinic_id,
            endpoint,
            key,
            status,
            body,
        )


async def forget(clinic_id: UUID, endpoint: str, key: str) -> None:
    """Let the key be used again: the request failed on our side and changed nothing."""
    async with database.transaction(clinic_id) as connection:
        await connection.execute(
            "delete from kept_answer where clinic_id = $1 and endpoint = $2 and key = $3 and status is null",
            clinic_id,
            endpoint,
            key,
        )
