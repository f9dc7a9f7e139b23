"""Checks requests against Twilio's own OpenAPI document, strictly: what Twilio would refuse must fail a test."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

DOCUMENT = json.loads((Path(__file__).parent / "specs" / "twilio_api_v2010.json").read_text())


def request_problems(method: str, url: str, content_type: str, body: bytes) -> list[str]:
    """Return what the document does not allow: path, query, form fields, their types and shapes."""
    parts = urlsplit(url)
    found = _operation(method, parts.path)
    if found is None:
        return [f"no operation {method} {parts.path}"]
    item, operation = found
    parameters = [_deref(one) for one in [*item.get("parameters", []), *operation.get("parameters", [])]]
    problems = _fields(
        "query parameter",
        parse_qsl(parts.query, keep_blank_values=True),
        {one["name"]: one["schema"] for one in parameters if one["in"] == "query"},
        [one["name"] for one in parameters if one["in"] == "query" and one.get("required")],
    )
    form = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded")
    if form is None:
        return problems + (["a body where none is described"] if body else [])
    if content_type.partition(";")[0].strip() != "application/x-www-form-urlencoded":
        return [*problems, f"content type {content_type!r}"]
    schema = _deref(form["schema"])
    return problems + _fields(
        "field", parse_qsl(body.decode(), keep_blank_values=True), schema["properties"], schema.get("required", [])
    )


def answer_problems(value: dict[str, Any], name: str = "api.v2010.account.message") -> list[str]:
    """Return what an answer has that the named schema does not, or has in another shape."""
    schema = DOCUMENT["components"]["schemas"][name]
    problems = []
    for key, one in value.items():
        if key not in schema["properties"]:
            problems.append(f"unknown property {key}")
        elif one is None and not schema["properties"][key].get("nullable"):
            problems.append(f"{key} is null")
        elif isinstance(one, str):
            problems += _text(f"property {key}", one, schema["properties"][key])
    return problems


def _operation(method: str, path: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    for template, item in DOCUMENT["paths"].items():
        pattern = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"({[^}]+})", template)
        )
        if re.fullmatch(pattern, path) and method.lower() in item:
            return item, item[method.lower()]
    return None


def _fields(what: str, pairs: list[tuple[str, str]], known: dict[str, Any], required: list[str]) -> list[str]:
    problems = [f"missing {what} {name}" for name in required if name not in dict(pairs)]
    for name, value in pairs:
        if name not in known:
            problems.append(f"unknown {what} {name}")
        else:
            problems += _text(f"{what} {name}", value, known[name])
    return problems


def _text(where: str, value: str, schema: dict[str, Any]) -> list[str]:  # noqa: PLR0911 - one a rule
    schema = _deref(schema)
    kind = schema.get("type")
    if kind == "array":
        return _text(where, value, schema["items"])
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    if kind == "integer" and not re.fullmatch(r"-?\d+", value):
        return [f"{where}: {value!r} is no whole number"]
    if kind == "boolean" and value not in {"true", "false"}:
        return [f"{where}: {value!r} is neither true nor false"]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{where}: {value!r} does not look like {schema['pattern']}"]
    if schema.get("format") == "uri" and not urlsplit(value).scheme:
        return [f"{where}: {value!r} is no address"]
    if schema.get("format") == "phone-number" and not re.fullmatch(
        r"(whatsapp:)?\+\d{5,15}|\d{5,6}|[A-Za-z0-9 ]{1,11}", value
    ):
        return [f"{where}: {value!r} is no phone number"]
    return []


def _deref(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = DOCUMENT
        for part in node["$ref"][2:].split("/"):
            found = found[part]
        node = found
    return node
