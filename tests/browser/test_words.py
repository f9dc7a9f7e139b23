"""ui.md section 4: no word of ours stands in a template where a person would read it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.kit.templating import STATIC, TEMPLATES

FORBIDDEN = re.compile(
    r"\b(SMS|AI model|simulat(?:ion|ed|e)|bounced|duplicates?|auth(?:entication|enticate)?|audit|token|JSON|HTTP|API|"
    r"queue[ds]?|workers?|webhooks?|null|undefined|UUID|payload|backend|database|server|exception|log ?in)\b",
    re.IGNORECASE,
)
# Section 4 allows them where developers read: connecting a number, connection keys, the page about the API.
DEVELOPER = {
    "channels/channels.html": {"webhook", "token"},
    "integrations/keys.html": {"api", "http", "webhook"},
    "docs.html": {"api", "http", "json", "webhook", "token"},
}
NOT_SHOWN = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(?:script|style)\b.*?</(?:script|style)>", re.DOTALL)
SAID = re.compile(
    r"\b(?:title|aria-label|placeholder|alt|data-confirm|data-confirm-text|data-confirm-yes)=\"([^\"]*)\""
)
TAG = re.compile(r"<[^>]*>|[\w-]+=\"[^\"]*\"", re.DOTALL)
SENTENCE = re.compile(r"""["`]([A-Z][^"`\n]* [^"`\n]*)["`]""")


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_speak_plainly(path: Path):
    source = path.read_text()
    plain = NOT_SHOWN.sub(" ", source)
    read = [*SAID.findall(plain), TAG.sub(" ", plain)]
    found = {match.group(0).lower() for text in read for match in FORBIDDEN.finditer(text)}
    assert found - DEVELOPER.get(str(path.relative_to(TEMPLATES)), set()) == set()


@pytest.mark.parametrize("path", sorted(STATIC.glob("js/*.js")), ids=lambda path: path.name)
def test_scripts_speak_plainly(path: Path):
    said = [re.sub(r"\$\{[^}]*\}", " ", sentence) for sentence in SENTENCE.findall(path.read_text())]
    assert {match.group(0).lower() for text in said for match in FORBIDDEN.finditer(text)} == set()
