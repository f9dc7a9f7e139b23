"""The OpenAPI document: completed with how refusals look, and as a page for people."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

METHODS = ("get", "post", "put", "patch", "delete")
_CLINIC = "/api/v1/clinics/{cid}/"


_TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors", "request_id"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": {**_TEXT, "description": "Stable, in snake_case: what programs decide by"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "required": ["key", "message"], "properties": {"key": _TEXT, "message": _TEXT}},
        },
        "request_id": {"type": ["string", "null"]},
    },
}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Say of every operation how it refuses; Litestar only knows its own form of a 400."""
    document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    refusal = {
        "description": "Refused: a problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for item in document.get("paths", {}).values():
        for method in METHODS:
            if method in item:
                answers = item[method].setdefault("responses", {})
                for code in [code for code in answers if code >= "4"]:
                    said = answers.pop(code)["description"]
                    if code != "400":  # Litestar's own; what a route documents itself stays
                        answers[code] = {**refusal, "description": said}
                answers["default"] = refusal
    return document


class Document(JsonRenderPlugin):
    """Serves the completed document."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        """Return it as JSON."""
        return msgspec.json.encode(complete(openapi_schema))


def summarize(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return groups ``{name, operations: [{method, path, summary, description, parameters, body, answers}]}``."""
    operations = [
        _operation(document, method, path, item[method])
        for path, item in document.get("paths", {}).items()
        for method in METHODS
        if method in item
    ]
    operations.sort(key=lambda one: (one["group"], one["path"], METHODS.index(one["method"].lower())))
    return [
        {"name": name, "operations": list(found)} for name, found in groupby(operations, key=lambda one: one["group"])
    ]


def _operation(document: dict[str, Any], method: str, path: str, told: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {
            "name": one["name"],
            "place": one["in"],
            "required": one.get("required", False),
            "type": _type(one.get("schema", {})),
        }
        for one in told.get("parameters", [])
        if one["name"] != "cid"
    ]
    contents = told.get("requestBody", {}).get("content", {})
    body = next((one.get("schema", {}) for one in contents.values()), None)
    return {
        "group": _group(path),
        "method": method.upper(),
        "path": path,
        "summary": told.get("summary", ""),
        "description": told.get("description", ""),
        "parameters": parameters,
        "body": _fields(document, body) if body else [],
        "answers": sorted(told.get("responses", {})),
    }


def _group(path: str) -> str:
    """``threads`` for what lies in a clinic, else the first two parts: ``api-auth``."""
    if path.startswith(_CLINIC):
        return path.removeprefix(_CLINIC).split("/")[0]
    return "-".join(path.strip("/").split("/")[:2])


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    schema = _resolve(document, schema)
    needed = set(schema.get("required", ()))
    return [
        {"name": name, "type": _type(one), "required": name in needed}
        for name, one in schema.get("properties", {}).items()
    ]


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document.get("components", {}).get("schemas", {}).get(name, {}) if name else schema
    return found


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return " | ".join(_type(one) for one in schema[union])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return " | ".join(kind) if isinstance(kind, list) else str(schema.get("format", kind))
