"""A local Qdrant that speaks its REST API: collections, points, batched queries with a filter, deletes by filter.

Source: `docs/redoc/master/openapi.json` of `qdrant/qdrant`. What it does not know in our requests is answered with 400
and noted in ``problems``.

Moods: fine, down (hangs up), slow (answers after 30 s), 500, page (HTML with status 200), foreign (finds every point,
whatever the filter says).
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from tests.support.stand_in import HttpStandIn, Request, reset, write, write_json

SLOW_SECONDS = 30.0
_PATH = re.compile(r"/collections/(\w+)(/exists|/index|/points/query/batch|/points/delete|/points)?")


class QdrantServer(HttpStandIn):
    """Runs in a thread of its own until it is stopped."""

    def __init__(self, api_key: str = "") -> None:
        self.mood = "fine"
        self.api_key = api_key
        self.collections: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.bodies: list[bytes] = []
        self.problems: list[str] = []
        super().__init__()

    @property
    def points(self) -> dict[str, Any]:
        """All points of all collections, by id."""
        return {key: point for one in self.collections.values() for key, point in one["points"].items()}

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        path = urlsplit(request.target).path
        self.calls.append(f"{request.method} {path}")
        self.bodies.append(request.body)
        if (is_open := await self._in_a_mood(writer)) is not None:
            return is_open
        if self.api_key and request.headers.get("api-key") != self.api_key:
            return await _refuse(writer, 401, "Must provide an API key")
        if (request.method, path) == ("GET", "/collections"):
            names = [{"name": name} for name in self.collections]
            return await write_json(writer, 200, {"result": {"collections": names}, "status": "ok", "time": 0.0001})
        found = _PATH.fullmatch(path)
        body = json.loads(request.body) if request.body else None
        try:
            result = self._do(f"{request.method} {found[2] or ''}", found[1], body) if found else None
        except (KeyError, TypeError, ValueError) as error:
            self.problems.append(f"{request.method} {path}: {error!r}")
            return await _refuse(writer, 400, f"Format error in JSON body: {error}")
        if result is None:
            # What is not there, and a collection that is there already.
            return await _refuse(writer, 409 if request.method == "PUT" else 404, path)
        return await write_json(writer, 200, {"result": result, "status": "ok", "time": 0.0001})

    async def _in_a_mood(self, writer: asyncio.StreamWriter) -> bool | None:
        """Answer as the mood says; None: as usual."""
        if self.mood == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if self.mood == "page":
            return await write(writer, 200, b"<html>Please sign in</html>", {"Content-Type": "text/html"})
        if self.mood == "500":
            return await _refuse(writer, 500, "Service internal error")
        if self.mood == "down":
            reset(writer)
            return False
        return None

    def _do(self, act: str, name: str, body: Any) -> Any:
        collection = self.collections.get(name)
        if act == "GET /exists":
            return {"exists": collection is not None}
        if act == "PUT " and collection is None:
            _only(body["vectors"], "size", "distance")
            self.collections[name] = {"size": int(body["vectors"]["size"]), "points": {}}
            return True
        acts = {
            "PUT /index": self._index,
            "PUT /points": self._put,
            "POST /points/query/batch": self._search_all,
            "POST /points/delete": self._delete,
        }
        return acts[act](collection, body) if collection is not None and act in acts else None

    def _index(self, _collection: dict[str, Any], body: Any) -> Any:
        _only(body, "field_name", "field_schema")
        return {"operation_id": 1, "status": "completed"}

    def _delete(self, collection: dict[str, Any], body: Any) -> Any:
        _only(body, "filter")
        for key in [key for key, point in collection["points"].items() if _fits(key, point, body["filter"])]:
            del collection["points"][key]
        return {"operation_id": 3, "status": "completed"}

    def _search_all(self, collection: dict[str, Any], body: Any) -> Any:
        _only(body, "searches")
        return [self._search(collection, one) for one in body["searches"]]

    def _put(self, collection: dict[str, Any], body: Any) -> Any:
        _only(body, "points")
        for point in body["points"]:
            _only(point, "id", "vector", "payload")
            if len(point["vector"]) != collection["size"]:
                raise ValueError("Vector dimension error")
            collection["points"][str(UUID(point["id"]))] = point
        return {"operation_id": 2, "status": "completed"}

    def _search(self, collection: dict[str, Any], asked: dict[str, Any]) -> Any:
        _only(asked, "query", "filter", "limit", "with_payload")
        points = collection["points"]
        fitting = [key for key in points if self.mood == "foreign" or _fits(key, points[key], asked["filter"])]
        scored = [
            (sum(a * b for a, b in zip(asked["query"], points[key]["vector"], strict=True)), key) for key in fitting
        ]
        best = sorted(scored, reverse=True)[: asked["limit"]]
        return {"points": [{"id": key, "version": 1, "score": score} for score, key in best]}


def _product(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _fits(key: str, point: dict[str, Any], asked: dict[str, Any]) -> bool:
    _only(asked, "must", "must_not")
    return all(_holds(key, point, one) for one in asked.get("must", [])) and not any(
        _holds(key, point, one) for one in asked.get("must_not", [])
    )


def _holds(key: str, point: dict[str, Any], condition: dict[str, Any]) -> bool:
    if "has_id" in condition:
        return key in condition["has_id"]
    _only(condition, "key", "match")
    return bool(point.get("payload", {}).get(condition["key"]) == condition["match"]["value"])


def _only(given: dict[str, Any], *known: str) -> None:
    if unknown := set(given) - set(known):
        raise ValueError(f"unknown {sorted(unknown)}")


async def _refuse(writer: asyncio.StreamWriter, status: int, words: str) -> bool:
    return await write_json(writer, status, {"status": {"error": words}, "time": 0.0001})
