"""The built-in tier: rules, a small linear model and its own reading of dates. No key, no extra, a millisecond each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from app.ai.adapters.builtin.caution import SPEAKS_FOR, has_doubt
from app.ai.adapters.builtin.features import look_at
from app.ai.adapters.builtin.model import shipped
from app.ai.adapters.builtin.reasons import reason
from app.ai.adapters.builtin.services import find_services
from app.ai.labels import Entities, Intent, Text, Tier, Triage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.ai.adapters.builtin.features import Look
    from app.ai.adapters.builtin.model import Model, Shares
    from app.ai.adapters.builtin.text import Clean

MAY_BE_EMERGENCY, WITH_A_SIGN = 0.05, 0.02
"""Share of `emergency` from which a person is alerted at once, and the one where the body is spoken of: one too many is
a glance, one too few is harm."""
URGENT, ESCALATE = 0.5, 0.33
UNSURE, NEVER_QUITE = 0.8, 0.84
"""Confidences above the first are pressed together below the second where something speaks against an answer."""
_ALERTING: tuple[Intent, ...] = ("emergency", "clinical", "complaint")
_BODY = frozenset({"PAIN", "SWELLING", "BLOOD", "FEVER", "BROKEN", "TRAUMA", "AIRWAY", "STUCK", "SELFHARM"})
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
        look = look_at(text)
        finding, when = look.finding, look.when
        shares = model.shares(look.features)
        if refine is not None and finding.intent is None:
            shares = refine(look.message, shares)
        verdict = decide(shares, look, text, model.strangeness(look.words))
        services = find_services(look.message.own, verdict.intent)
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


def decide(shares: Shares, look: Look, text: Text, strange: float) -> Verdict:
    """Join the model's opinion with what the rules found. A rule's flag always stands."""
    finding, intents = look.finding, shares.intent
    likeliest: Intent = max(intents, key=intents.__getitem__)
    intent = finding.intent or likeliest
    confidence = SURE if finding.intent else intents[intent]
    if (
        intent in SPEAKS_FOR
        and finding.intent is None
        and confidence > UNSURE
        and has_doubt(intent, look, shares, strange)
    ):
        confidence = UNSURE + (confidence - UNSURE) / (1 - UNSURE) * (NEVER_QUITE - UNSURE)
    speaks_of_body = not (finding.calm or look.meanings.isdisjoint(_BODY))
    may_be_emergency = finding.intent is None and intents["emergency"] >= (
        WITH_A_SIGN if speaks_of_body else MAY_BE_EMERGENCY
    )
    alert = max(shares.escalate, sum(intents[each] for each in _ALERTING))
    today = text.received_at.date().isoformat()
    touches_today = intent in {"booking", "reschedule", "cancel"} and any(one.date == today for one in look.when)
    urgent = (
        finding.urgent
        or finding.bodily
        or intent == "emergency"
        or may_be_emergency
        or touches_today
        or (finding.intent is None and shares.urgent >= URGENT)
    )
    escalate = (
        finding.escalate or intent in _ALERTING or may_be_emergency or (finding.intent is None and alert >= ESCALATE)
    )
    return Verdict(intent, confidence, urgent, escalate)


def _held(is_raised: bool, share: float) -> float:
    """Confidence in the answer given. What a rule raised is at least an even bet, however sure the model is."""
    return max(share, 0.5) if is_raised else 1 - share
