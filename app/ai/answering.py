"""What the gate would decide of a message that stands alone, with every rule of the clinic on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ai.gate import Case, judge

if TYPE_CHECKING:
    from app.ai.labels import Triage


def would_answer(triage: Triage) -> bool:
    """Say whether the assistant would answer such a message by itself."""
    return judge(
        Case(
            rule="answer",
            intent=triage.intent,
            confidence=triage.confidence,
            urgent=triage.urgent,
            escalate=triage.escalate,
        )
    ).may_send
