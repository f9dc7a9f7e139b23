"""`make triage-eval`: what each tier of triage is worth on messages that it has not learnt from.

The built-in model is trained anew for this: on the written messages and measured on `dev.jsonl`, then in parts over
everything. So is the matrix of the local tier, where the extra is installed; a language model answers as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.ai.adapters.builtin import BuiltinClassifier
from app.ai.adapters.builtin.model import read
from app.ai.adapters.choosing import available_tiers, choose_classifier
from app.ai.answering import would_answer
from app.ai.labels import Text
from app.ai.training import data
from app.ai.training.metrics import Answered, measure, per_intent
from app.ai.training.train import folds, learn, say, shipped_calibration
from app.config import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ai.adapters.base import Classifier
    from app.ai.labels import Tier
    from app.ai.training.data import Labelled


_WARM_UP = Text(channel="sms", text="good to go", received_at=datetime(2026, 3, 4, 10, 15))  # noqa: DTZ001 - clinic-local
"""The first message must not pay for what is loaded once."""


async def answered(classifier: Classifier, messages: Sequence[Labelled]) -> list[Answered]:
    """Have messages read one by one, with the time each took."""
    rows = []
    await classifier.classify([_WARM_UP])
    for message in messages:
        began, began_cpu = time.perf_counter(), time.process_time()
        (triage,) = await classifier.classify([message.unlabelled()])
        took, took_cpu = time.perf_counter() - began, time.process_time() - began_cpu
        rows.append(Answered(message, triage, would_answer(triage), took * 1000, took_cpu * 1000))
    return rows


def learnt_from(messages: Sequence[Labelled]) -> BuiltinClassifier:
    """A built-in tier that has seen these messages only; how far to trust scores is taken from the shipped file."""
    return BuiltinClassifier(read(learn(messages, shipped_calibration())))


async def leave_dev_out() -> list[Answered]:
    """Learn from the written messages, answer the yardstick."""
    return await answered(learnt_from(data.written()), data.dev())


async def local_without_dev() -> list[Answered]:
    """The same for the tier of local embeddings."""
    from app.ai.training import train_local  # noqa: PLC0415 - needs the extra

    messages = data.written()
    return await answered(train_local.learnt_from(messages, read(learn(messages, shipped_calibration()))), data.dev())


async def in_parts(*, has_local: bool) -> dict[Tier, list[Answered]]:
    """Everything, each message answered by tiers that have not seen it."""
    messages = [*data.written(), *data.dev()]
    rows: dict[Tier, list[Answered]] = {"builtin": []}
    vectors: Any = None
    if has_local:
        from app.ai.training import train_local  # noqa: PLC0415 - needs the extra

        rows["local"] = []
        say("embeddings")
        vectors = train_local.embed(messages)
    parts = folds(messages)
    for number, part in enumerate(parts, 1):
        say(f"part {number} of {len(parts)}")
        held_back = set(part)
        rest = [at for at in range(len(messages)) if at not in held_back]
        known, unknown = [messages[at] for at in rest], [messages[at] for at in part]
        model = read(learn(known, shipped_calibration()))
        rows["builtin"].extend(await answered(BuiltinClassifier(model), unknown))
        if has_local:
            tier = train_local.learnt_from(known, model, vectors[rest])
            rows["local"].extend(await answered(tier, unknown))
    return rows


def start_up(tier: Tier) -> tuple[float, float]:
    """Seconds and MiB that a fresh process needs until its first answer, above one that does nothing."""
    program = (
        "import asyncio, datetime, resource, sys, time\n"
        "began = time.perf_counter()\n"
        "from app.ai.adapters.choosing import choose_classifier\n"
        "from app.ai.labels import Text\n"
        "from app.config import settings\n"
        "text = Text(channel='sms', text='ok', received_at=datetime.datetime(2026, 3, 4, 10, 15))\n"
        # What is resident now; the peak of a child begins with that of its parent.
        "def mebibytes(): return int(open('/proc/self/statm').read().split()[1]) * resource.getpagesize() / 2**20\n"
        "before = mebibytes()\n"
        "loaded = time.perf_counter()\n"
        f"asyncio.run(choose_classifier(settings(), {tier!r}).classify([text]))\n"
        "print(time.perf_counter() - loaded, mebibytes() - before)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seconds, mebibytes = said.stdout.split()[-2:]
    return float(seconds), float(mebibytes)


def show(title: str, rows: Sequence[Answered], *, with_intents: bool = False) -> None:
    """Print the figures of one measurement."""
    write = sys.stdout.write
    write(f"\n{title}\n")
    for name, value in measure(rows).items():
        write(f"  {name:20} {'-' if value is None else value if isinstance(value, int) else f'{value:.3f}'}\n")
    if with_intents:
        for name, hits in per_intent(rows).items():
            shown = " ".join("    -" if x is None else f"{x:.3f}" for x in (hits.precision, hits.recall, hits.f1))
            write(f"    {name:14} {shown} {hits.found + hits.missed:5}\n")


def show_errors(rows: Sequence[Answered]) -> None:
    """Print what went wrong, one message a line."""
    for row in rows:
        message, triage = row.message, row.triage
        wrong = [
            f"{name} {wanted}->{got}"
            for name, wanted, got in (
                ("intent", message.intent, triage.intent),
                ("sentiment", message.sentiment, triage.sentiment),
                ("urgent", message.urgent, triage.urgent),
                ("escalate", message.escalate, triage.escalate),
            )
            if wanted != got and not (name == "intent" and got in message.alt_intents)
        ]
        if wrong or (row.auto_reply and message.escalate):
            sys.stdout.write(
                f"{message.id}: {'; '.join(wrong)} ({triage.confidence:.2f}{', ANSWERED' if row.auto_reply else ''}) | "
                f"{json.dumps(message.text[:160], ensure_ascii=False)} | {triage.reason}\n"
            )


def main() -> None:
    """Measure what is asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--errors", action="store_true", help="list the messages that went wrong")
    asked.add_argument("--quick", action="store_true", help="only `dev.jsonl` with a model that has not seen it")
    options = asked.parse_args()
    rows = asyncio.run(leave_dev_out())
    show("builtin, learnt from the written messages, measured on dev.jsonl", rows, with_intents=True)
    if options.errors:
        show_errors(rows)
    tiers = available_tiers(settings())
    if "local" in tiers:
        show("local, the same", asyncio.run(local_without_dev()), with_intents=True)
    if not options.quick:
        for tier, rows in asyncio.run(in_parts(has_local="local" in tiers)).items():
            show(f"{tier}, everything in five parts", rows, with_intents=True)
            if options.errors:
                show_errors(rows)
    for tier in tiers:
        if tier == "llm":
            show("llm, on dev.jsonl", asyncio.run(answered(choose_classifier(settings(), tier), data.dev())))
        seconds, mebibytes = start_up(tier)
        sys.stdout.write(f"\n{tier}: first answer after {seconds:.2f} s, {mebibytes:.0f} MiB more memory\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"(this measurement itself took {peak:.0f} MiB)")


if __name__ == "__main__":
    main()
