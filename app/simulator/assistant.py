"""What the demo clinic has told its assistant, and what it lets it do: data, written through the ordinary use cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.ai.schemas import RuleChange
from app.ai.service import FactDraft, add_fact, change_rules, list_facts

if TYPE_CHECKING:
    from app.kit.principal import Principal

FACTS = (
    ("price", "Price of a cleaning", "$95 without insurance, $65 for children, with the check-up."),
    ("price", "Whitening", "In the office it is $389, a kit for home is $219."),
    ("price", "New patient exam and X-rays", "$89 for the first exam with all X-rays."),
    (
        "insurance",
        "Which insurances do you take?",
        "We are in network with Delta Dental PPO, Cigna, MetLife, Aetna and Guardian, and check your plan first.",
    ),
    ("faq", "Payment plans", "You can pay in six equal monthly parts, without interest."),
    ("directions", "Parking", "You can park for free behind the building."),
    ("policy", "Cancelling or moving a visit", "Please tell us at least 24 hours before. It costs nothing then."),
    (
        "faq",
        "What to bring to the first visit",
        "Please bring a photo ID, your insurance card and a list of your medicines, and come 15 minutes early.",
    ),
    ("faq", "Do you see children?", "Yes, from the first tooth. You can stay in the room with them."),
    ("faq", "Do you speak Spanish?", "Yes, Ana and most of our team speak Spanish."),
    ("hours", "Saturdays", "We are open every first Saturday of the month."),
    ("faq", "¿Cuánto cuesta una limpieza sin seguro?", "Cuesta 95 dólares, y 65 para niños, con la revisión incluida."),
)

# It suggests and sends nothing by itself: that a clinic allows with open eyes.
SUGGESTS = [
    RuleChange(channel=channel, intent=intent, mode="suggest")
    for channel in ("sms", "whatsapp", "webchat")
    for intent in ("question", "booking", "reschedule", "new_patient")
]


async def teach_assistant(actor: Principal) -> None:
    """Tell the assistant what the clinic's patients ask every day, and let it suggest replies."""
    await _tell_facts(actor)
    await change_rules(actor, SUGGESTS)


async def _tell_facts(actor: Principal) -> None:
    if not (await list_facts(actor.clinic_id)).items:
        for fact in FACTS:
            await add_fact(actor, msgspec.convert(dict(zip(("kind", "title", "body"), fact, strict=True)), FactDraft))
