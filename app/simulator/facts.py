"""What the demo clinic has told its assistant: data, and the writing of it through the ordinary use case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.ai.service import FactDraft, add_fact, list_facts

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


async def tell_facts(actor: Principal) -> None:
    """Tell the assistant what the clinic's patients ask every day; what it knows already stays."""
    if not (await list_facts(actor.clinic_id)).items:
        for fact in FACTS:
            await add_fact(actor, msgspec.convert(dict(zip(("kind", "title", "body"), fact, strict=True)), FactDraft))
