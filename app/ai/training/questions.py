"""`make triage-eval`, second part: which facts the assistant finds, and which it should not have found.

`facts.jsonl` is what a clinic told it. `questions.jsonl` has questions with the facts that answer them (none for most),
written for this, and those of the labelled messages, by their id. ``may``: facts that do no harm in the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import msgspec

from app.ai.adapters.embedding import WordEmbedder, choose_embedder
from app.ai.fitting import ENOUGH, SURE, parts_of
from app.ai.service.finding import rank, to_name
from app.ai.service.memory import Remembered
from app.ai.training import data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ai.adapters.embedding import Embedder

FACTS = Path(__file__).with_name("facts.jsonl")
QUESTIONS = Path(__file__).with_name("questions.jsonl")
_NAMES = UUID("3b0f3c0e-5a0d-4a57-9a41-6f2c7d1f8b22")


class ToldFact(msgspec.Struct, frozen=True):
    """One line of `facts.jsonl`."""

    id: str
    kind: str
    title: str
    body: str


class Question(msgspec.Struct, frozen=True):
    """One line of `questions.jsonl`; ``text`` or the ``id`` of a labelled message."""

    part: str
    facts: tuple[str, ...]
    may: tuple[str, ...] = ()
    text: str = ""
    id: str = ""
    language: str = ""


class Figures(msgspec.Struct):
    """What came out. ``wrong``: an answer named a fact that is none; of questions with an answer and without."""

    answered: int = 0
    answerable: int = 0
    wrong: int = 0
    false: int = 0
    unanswerable: int = 0
    milliseconds: float = 0.0


def told_facts() -> list[ToldFact]:
    """Return what the clinic told."""
    return [msgspec.json.decode(line, type=ToldFact) for line in FACTS.read_bytes().splitlines()]


def questions() -> list[Question]:
    """Return the questions, each with its text; messages that are not there any more are left out."""
    messages = {one.id: one.text for one in data.load(data.DEV, *sorted(data.MESSAGES.glob("*.jsonl")))}
    read = [msgspec.json.decode(line, type=Question) for line in QUESTIONS.read_bytes().splitlines()]
    texts = [one.text or messages.get(one.id, "") for one in read]
    return [msgspec.structs.replace(one, text=text) for one, text in zip(read, texts, strict=True) if text]


async def measure(
    embedder: Embedder, asked: Sequence[Question], levels: Sequence[float], *, errors: bool = False
) -> list[Figures]:
    """Ask everything; return what came out at each level."""
    facts = told_facts()
    ids = {uuid5(_NAMES, one.id): one.id for one in facts}
    vectors = await embedder.passages([(one.title, one.body) for one in facts])
    found = [Figures() for _ in levels]
    for one in asked:
        began = time.perf_counter()
        parts = parts_of(one.text)
        embedded = await embedder.questions([part.text for part in parts])
        near = [
            Remembered(
                uuid5(_NAMES, fact.id),
                fact.kind,
                fact.title,
                fact.body,
                [_worth(embedder, vector, x) for x in embedded],
            )
            for fact, vector in zip(facts, vectors, strict=True)
        ]
        ranked = rank(one.text, parts, near, min(levels)) if parts else []
        spent = (time.perf_counter() - began) * 1000
        for level, figures in zip(levels, found, strict=True):
            named = [ids[known.id] for known in to_name([x for x in ranked if x.score >= level]) if known.id]
            is_wrong = not set(named) <= {*one.facts, *one.may}
            figures.milliseconds += spent / len(asked)
            if one.facts:
                figures.answerable += 1
                figures.answered += bool(named) and named[0] in one.facts
                figures.wrong += is_wrong
            else:
                figures.unanswerable += 1
                figures.false += is_wrong
            if errors and (is_wrong or (one.facts and not named)):
                sys.stdout.write(
                    f"  {level} {'WRONG' if is_wrong else 'missed'} {named} {one.facts} | {one.text[:120]!r}\n"
                )
    return found


def _worth(embedder: Embedder, fact: Sequence[float], question: Sequence[float]) -> float:
    return embedder.worth(sum(a * b for a, b in zip(fact, question, strict=True)))


def main() -> None:
    """Print the figures of each embedder of this installation."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--errors", action="store_true", help="list the questions that went wrong")
    told, _ = options.parse_known_args()
    embedders: list[Embedder] = [WordEmbedder()]
    if (best := choose_embedder()).name != embedders[0].name:
        embedders.append(best)
    asked = questions()
    for embedder in embedders:
        for part in dict.fromkeys(one.part for one in asked):
            chosen = [one for one in asked if one.part == part]
            levels = {ENOUGH: "a person reads it first", SURE: "nobody reads it first"}
            for (level, words), one in zip(
                levels.items(), asyncio.run(measure(embedder, chosen, list(levels), errors=told.errors)), strict=True
            ):
                sys.stdout.write(
                    f"facts, {embedder.name}, {part} questions, {words} (from {level}): the right one first in "
                    f"{one.answered} of {one.answerable}, a wrong one beside or instead in {one.wrong}; named though "
                    f"none answers in {one.false} of {one.unanswerable}; {one.milliseconds:.1f} ms a message\n"
                )


if __name__ == "__main__":
    main()
