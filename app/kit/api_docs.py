"""The OpenAPI document as a page for people: groups of operations in the order of their addresses."""

from __future__ import annotations

from itertools import groupby
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
_CLINIC = "/api/v1/clinics/{cid}/"


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
