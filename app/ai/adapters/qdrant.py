"""A Qdrant server beside PostgreSQL: it says which facts are near; what they say, PostgreSQL says.

Source: Qdrant's REST API (`docs/redoc/master/openapi.json` of `qdrant/qdrant`): collections, points, filters,
`points/query/batch` (since 1.10). A point has the fact's id, its vector and the clinic's id; no word of the fact.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

ASK_SECONDS = 1.0
"""Longest wait for an answer: PostgreSQL knows it too."""
KEEP_SECONDS = 20.0
REST_SECONDS = 30.0
"""After a failure nobody waits for it again for so long."""
LARGEST_ANSWER = 1_000_000  # bytes
_AT_ONCE = 100
_NEAREST = 20


class QdrantError(Exception):
    """No usable answer. Only the kind of the trouble: addresses and keys stay out of logs."""


class _Point(msgspec.Struct):
    id: UUID


class _Found(msgspec.Struct):
    points: list[_Point]


class _Answer(msgspec.Struct):
    result: list[_Found]


class _Known(msgspec.Struct):
    exists: bool


class _Exists(msgspec.Struct):
    result: _Known


class Qdrant:
    """One collection an embedder: vectors of two cannot be compared. All clinics share it; each asks for its own."""

    def __init__(self, url: str, api_key: str | None, collection: str, width: int) -> None:
        self._base = f"{url.rstrip('/')}/collections/{collection}"
        self._headers = {"api-key": api_key} if api_key else {}
        self._width = width
        self._rests_until = 0.0
        self._client: httpx.AsyncClient | None = None

    async def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            await self._client.aclose()

    async def near(self, clinic_id: UUID, vectors: Sequence[Sequence[float]]) -> list[UUID]:
        """Return the ids of points near any of the vectors; whose they are, ask PostgreSQL. Raises ``QdrantError``."""
        if time.monotonic() < self._rests_until:
            raise QdrantError("resting")
        searches = [
            {"query": list(one), "filter": {"must": [_of(clinic_id)]}, "limit": _NEAREST, "with_payload": False}
            for one in vectors
        ]
        try:
            content = await self._call("POST", "/points/query/batch", {"searches": searches}, ASK_SECONDS)
            found = msgspec.json.decode(content, type=_Answer).result
        except (QdrantError, msgspec.DecodeError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            raise QdrantError(_kind(error)) from None
        return list(dict.fromkeys(point.id for one in found for point in one.points))

    async def keep(self, clinic_id: UUID, facts: Sequence[tuple[UUID, Sequence[float]]]) -> None:
        """Have exactly these points of a clinic there. Safe to repeat. Raises ``QdrantError``."""
        await self._make()
        for start in range(0, len(facts), _AT_ONCE):
            points = [
                {"id": str(fact_id), "vector": list(vector), "payload": {"clinic_id": str(clinic_id)}}
                for fact_id, vector in facts[start : start + _AT_ONCE]
            ]
            await self._call("PUT", "/points?wait=true", {"points": points}, KEEP_SECONDS)
        others = {"must": [_of(clinic_id)], "must_not": [{"has_id": [str(fact_id) for fact_id, _ in facts]}]}
        await self._call("POST", "/points/delete?wait=true", {"filter": others}, KEEP_SECONDS)

    async def _make(self) -> None:
        content = await self._call("GET", "/exists", None, KEEP_SECONDS)
        try:
            if msgspec.json.decode(content, type=_Exists).result.exists:
                return
        except msgspec.DecodeError:
            raise QdrantError("no JSON") from None
        made = {"vectors": {"size": self._width, "distance": "Dot"}}
        # 409: another worker was first.
        await self._call("PUT", "", made, KEEP_SECONDS, allowed=(409,))
        index = {"field_name": "clinic_id", "field_schema": {"type": "keyword", "is_tenant": True}}
        await self._call("PUT", "/index?wait=true", index, KEEP_SECONDS)

    async def _call(self, method: str, path: str, body: Any, seconds: float, allowed: tuple[int, ...] = ()) -> bytes:
        try:
            async with (
                asyncio.timeout(seconds),
                self._connected().stream(
                    method,
                    self._base + path,
                    content=msgspec.json.encode(body) if body is not None else None,
                    headers={**self._headers, "content-type": "application/json"},
                ) as answer,
            ):
                content = await _take(answer)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise QdrantError(type(error).__name__) from None
        if not answer.is_success and answer.status_code not in allowed:
            raise QdrantError(f"answered {answer.status_code}")
        return content

    def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            # Every call has a time-out of its own.
            self._client = httpx.AsyncClient(timeout=None, follow_redirects=False, trust_env=False)  # noqa: S113
        return self._client


async def _take(answer: httpx.Response) -> bytes:
    taken = bytearray()
    async for piece in answer.aiter_bytes():
        taken += piece
        if len(taken) > LARGEST_ANSWER:
            raise QdrantError("too long an answer")
    return bytes(taken)


def _of(clinic_id: UUID) -> dict[str, Any]:
    return {"key": "clinic_id", "match": {"value": str(clinic_id)}}


def _kind(error: Exception) -> str:
    return str(error) if isinstance(error, QdrantError) else "no JSON"
