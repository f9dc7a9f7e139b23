"""Checks requests against a provider's own OpenAPI document, strictly: what the provider would refuse must fail a test.

Stricter than a plain validator: unknown paths, query parameters and properties are problems too, because most of these
documents do not forbid extras and a misspelt field would pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs

FOLDER = Path(__file__).parent / "specs"
_PARTS = ("allOf", "anyOf", "oneOf")


class Document:
    """One provider's document, by the name of its file."""

    def __init__(self, name: str) -> None:
        self.whole: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
        _correct(self.whole)
        is_new = self.whole["openapi"].startswith("3.1")
        self._validator = jsonschema_rs.Draft202012Validator if is_new else jsonschema_rs.Draft7Validator

    def request_problems(self, method: str, url: str, content_type: str = "", body: bytes = b"") -> list[str]:
        """Return what the document does not allow in a request."""
        parts = urlsplit(url)
        found = self._operation(method, parts.path)
        if found is None:
            return [f"no operation {method} {parts.path}"]
        item, operation = found
        parameters = [self._deref(one) for one in [*item.get("parameters", []), *operation.get("parameters", [])]]
        known = {one["name"] for one in parameters if one["in"] == "query"}
        problems = [f"unknown query parameter {name}" for name, _ in parse_qsl(parts.query) if name not in known]
        described = self._deref(operation.get("requestBody", {}))
        if not described:
            return problems + (["a body where none is described"] if body else [])
        media = described["content"].get(content_type.partition(";")[0].strip())
        if media is None:
            return [*problems, f"content type {content_type!r}"]
        return problems + self._problems(media["schema"], json.loads(body))

    def answer_problems(self, method: str, url: str, status: int, value: Any) -> list[str]:
        """Return what an answer has that the document does not describe."""
        found = self._operation(method, urlsplit(url).path)
        assert found is not None
        described = found[1]["responses"][str(status)]["content"]["application/json"]["schema"]
        return self._problems(described, value)

    def value_problems(self, name: str, value: Any) -> list[str]:
        """Return what a value has that the named schema does not describe; only a ``discriminator`` leads to some."""
        return self._problems(self.whole["components"]["schemas"][name], value)

    def _operation(self, method: str, path: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        fitting = []
        for template, item in self.whole["paths"].items():
            pattern = "".join(
                "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"({[^}]+})", template)
            )
            if re.fullmatch(pattern, path) and method.lower() in item:
                fitting.append((template.count("{"), template, item))
        if not fitting:
            return None
        item = min(fitting, key=lambda one: one[:2])[2]
        return item, item[method.lower()]

    def _problems(self, schema: dict[str, Any], value: Any) -> list[str]:
        checked = self._validator({**schema, "components": self.whole.get("components", {})})
        found = [f"{'/'.join(map(str, one.instance_path))}: {one.message[:200]}" for one in checked.iter_errors(value)]
        return found + [f"unknown property {where}" for where in self._unknown(schema, value, "")]

    def _unknown(self, schema: dict[str, Any], value: Any, where: str) -> Iterator[str]:
        schema = self._deref(schema)
        if isinstance(value, dict):
            names, is_open = self._names(schema)
            for key, one in value.items():
                if key in names:
                    yield from _fewest(list(self._unknown(each, one, f"{where}/{key}")) for each in names[key])
                elif not is_open:
                    yield f"{where}/{key}"
        elif isinstance(value, list):
            options = [schema, *(self._deref(one) for key in _PARTS for one in schema.get(key, []))]
            items = [one["items"] for one in options if isinstance(one.get("items"), dict)]
            for at, one in enumerate(value):
                yield from _fewest(list(self._unknown(each, one, f"{where}/{at}")) for each in items)

    def _names(self, schema: dict[str, Any], depth: int = 0) -> tuple[dict[str, list[dict[str, Any]]], bool]:
        """Return the schemas of each property, and whether others are allowed on purpose."""
        schema = self._deref(schema)
        names: dict[str, list[dict[str, Any]]] = {}
        extras = schema.get("additionalProperties")
        is_open = extras is True or isinstance(extras, dict)
        if not is_open and "properties" not in schema and not any(key in schema for key in _PARTS):
            is_open = True
        for key, one in schema.get("properties", {}).items():
            names.setdefault(key, []).append(one)
        for part in (self._deref(one) for key in _PARTS for one in schema.get(key, [])):
            if depth > 12 or not any(key in part for key in ("properties", "additionalProperties", *_PARTS)):
                continue
            more, more_open = self._names(part, depth + 1)
            is_open = is_open or more_open
            for key, found in more.items():
                names.setdefault(key, []).extend(found)
        return names, is_open

    def _deref(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self.whole
            for part in node["$ref"][2:].split("/"):
                found = found[part]
            node = found
        return node


def _fewest(found: Iterator[list[str]]) -> list[str]:
    """Of several schemas that may apply, the one with the fewest problems does."""
    return min(found, key=len, default=[])


def _correct(whole: dict[str, Any]) -> None:
    """Meta counts buttons from 0 to 9 (its reference of template messages), which its document's pattern does not say.

    ``^[2-6, 11-14]$`` is one character out of a set: "1" to "6", a comma or a space.
    """
    for name in ("TemplateComponent", "ButtonComponent"):
        found = whole.get("components", {}).get("schemas", {}).get(name, {})
        for part in (found, *found.get("allOf", [])):
            index = part.get("properties", {}).get("index")
            if index is not None:
                assert index["pattern"] == "^[2-6, 11-14]$"
                index["pattern"] = "^[0-9]$"
