"""`orasync triage` over a pipe, and the figures of triage."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from app.ai.adapters.builtin import BuiltinClassifier
from app.ai.commands import triage
from app.ai.training import data
from app.ai.training.data import DEV
from app.ai.training.evaluate import answered
from app.ai.training.metrics import Hits, measure


def run(*arguments: str, lines: bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "triage", *arguments],
        input=lines,
        capture_output=True,
        timeout=100,
        check=False,
        env={"PATH": "/usr/bin:/bin", "VAR_DIR": "/nonexistent", **environment},
    )


def test_messages_go_in_and_readings_come_out():
    lines = DEV.read_bytes().splitlines()[:40]
    done = run("--tier", "builtin", lines=b"\n".join([*lines[:20], b"", *lines[20:]]))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in found] == [json.loads(line)["id"] for line in lines]
    assert b"40 messages" in done.stderr
    for one in found:
        assert {"intent", "sentiment", "urgent", "escalate", "entities", "confidence", "auto_reply", "ms"} <= one.keys()
        assert one["tier"] == "builtin"
        assert not (one["auto_reply"] and (one["escalate"] or one["urgent"]))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"not json", "Line 2"),
        (b'{"id": "x", "channel": "sms", "text": "hi"}', "received_at"),
        (b'{"id": "x", "channel": "sms", "text": 5, "received_at": "2026-03-04T10:15:00"}', "text"),
        (b'{"id": "x", "channel": "sms", "text": "\xff", "received_at": "2026-03-04T10:15:00"}', "Line 2"),
    ],
)
def test_a_bad_line_is_named_and_what_came_before_is_answered(line, words):
    good = DEV.read_bytes().splitlines()[0]
    done = CliRunner().invoke(triage, ["--tier", "builtin"], input=good + b"\n" + line + b"\n")
    assert done.exit_code == 1
    assert words in done.stderr
    assert "Line 2" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_a_tier_that_is_not_there_says_what_is_missing(monkeypatch):
    monkeypatch.setattr("app.ai.commands.available_tiers", lambda _settings: ("builtin",))
    for tier, words in (("llm", "OPENAI_API_KEY"), ("local", "local-ai")):
        done = CliRunner().invoke(triage, ["--tier", tier], input=b"")
        assert done.exit_code == 1
        assert words in done.stderr


async def test_the_figures_count_what_they_say():
    rows = await answered(BuiltinClassifier(), data.dev()[:60])
    figures = measure(rows)
    assert figures["messages"] == 60
    right = sum(row.message.intent == row.triage.intent for row in rows)
    assert figures["intent_acc"] == right / 60
    assert figures["unsafe_auto"] == 0
    assert figures["ms_p50"] <= figures["ms_p95"]
    worse = [row._replace(auto_reply=True) for row in rows]
    assert measure(worse)["unsafe_auto"] == sum(row.message.escalate for row in rows)


def test_precision_and_recall():
    hits = Hits(found=3, false=1, missed=2)
    assert (hits.precision, hits.recall, hits.f1) == (0.75, 0.6, 6 / 9)
    assert Hits(0, 0, 0).f1 is None
