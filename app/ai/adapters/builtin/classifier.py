"""The built-in tier: rules, a small linear model and its own reading of dates. No key, no extra, a millisecond each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from app.ai.adapters.builtin.features import look_at
from app.ai.adapters.builtin.model import shipped
from app.ai.adapters.builtin.reasons import reason
from app.ai.adapters.builtin.rules import Finding
from app.ai.adapters.builtin.services import find_services
from app.ai.labels import NEVER_AUTOMATIC, Entities, Intent, Text, Tier, Triage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.ai.adapters.builtin.model import Model, Shares
    from app.ai.adapters.builtin.text import Clean
    from app.ai.labels import When

MAY_BE_EMERGENCY = 0.06
"""Share of `emergency` from which a person is alerted at once: one too many is a glance, one too few is harm."""
URGENT, ESCALATE = 0.5, 0.4
WATCHFUL, UNSURE = 0.12, 0.8
"""Share of "a person has to look" from which no answer goes by itself, and the confidence that says so."""
SURE = 0.97
"""Confidence in what a rule decides by itself."""
AT_ONCE = 25
"""Messages read before others get their turn in the process."""


class BuiltinClassifier:
    """Reads messages with what is shipped in the repository. Answers for every text, whatever is in it."""

    tier: Tier = "builtin"

    def __init__(self, model: Model | None = None) -> None:
        self._model = model

    async def classify(self, texts: Sequence[Text]) -> list[Triage]:
        """Read some messages. Pure computing, so it pauses now and then."""
        found: list[Triage] = []
        for number, text in enumerate(texts, 1):
            found.append(self.read(text))
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        return found

    def read(self, text: Text, refine: Callable[[Clean, Shares], Shares] | None = None) -> Triage:
        """Read one message. ``refine`` is the second opinion of a tier that knows more."""
        model = self._model or shipped()
        message, finding, when, features = look_at(text)
        shares = model.shares(features)
        if refine is not None:
            shares = refine(message, shares)
        verdict = decide(shares, finding, when, text)
        services = find_services(message.own, verdict.intent)
        return Triage(
            intent=verdict.intent,
            confidence=round(verdict.confidence, 4),
            sentiment=max(shares.sentiment, key=shares.sentiment.__getitem__)
            if finding.sentiment is None
            else finding.sentiment,
            sentiment_confidence=round(max(shares.sentiment.values()) if finding.sentiment is None else SURE, 4),
            urgent=verdict.urgent,
            urgent_confidence=round(_held(verdict.urgent, shares.urgent), 4),
            escalate=verdict.escalate,
            escalate_confidence=round(_held(verdict.escalate, shares.escalate), 4),
            entities=Entities(service=services, when=when),
            reason=reason(verdict.intent, finding, when, services, text.received_at),
            tier="builtin",
            model=model.header.name,
        )


class Verdict(NamedTuple):
    """What the rules and the model come to together."""

    intent: Intent
    confidence: float
    urgent: bool
    escalate: bool


def decide(shares: Shares, finding: Finding, when: tuple[When, ...], text: Text) -> Verdict:
    """Join the model's opinion with what the rules found. A rule's flag always stands."""
    intents = shares.intent
    likeliest: Intent = max(intents, key=intents.__getitem__)
    intent = finding.intent or likeliest
    confidence = SURE if finding.intent else intents[intent]
    for_a_person = max(shares.escalate, sum(intents[each] for each in NEVER_AUTOMATIC))
    if intent not in NEVER_AUTOMATIC and finding.intent is None and (for_a_person > WATCHFUL or finding.opts_out):
        confidence = min(confidence, UNSURE)
    may_be_emergency = finding.intent is None and intents["emergency"] >= MAY_BE_EMERGENCY
    today = text.received_at.date().isoformat()
    touches_today = intent in {"booking", "reschedule", "cancel"} and any(one.date == today for one in when)
    urgent = (
        finding.urgent
        or finding.bodily
        or intent == "emergency"
        or may_be_emergency
        or touches_today
        or (finding.intent is None and shares.urgent >= URGENT)
    )
    escalate = (
        finding.escalate
        or intent in {"emergency", "clinical", "complaint"}
        or may_be_emergency
        or (finding.intent is None and shares.escalate >= ESCALATE)
    )
    return Verdict(intent, confidence, urgent, escalate)


def _held(is_raised: bool, share: float) -> float:
    """Confidence in the answer given. What a rule raised is at least an even bet, however sure the model is."""
    return max(share, 0.5) if is_raised else 1 - share
