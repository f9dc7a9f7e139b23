"""Ready HTML for events: rendered once per clinic, event and process, from the event's data alone.

The same for every viewer and without forms; what differs per person (unread, selected, mine) the page's script sets
from ``data-*`` attributes. The partials are those of the page, so a reload shows exactly what the events drew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.clinics.service import clinic_context
from app.kit.templating import render

if TYPE_CHECKING:
    from uuid import UUID


async def load_context(clinic_id: UUID) -> dict[str, Any]:
    """Return what the partials need of the clinic: name, zone, locale, country."""
    return await clinic_context(clinic_id)


def render_event(event: dict[str, Any], clinic: Any) -> dict[str, str]:
    """Return the fragments of an event by element id: ``t-<thread>`` and ``m-<message>``."""
    data, fragments = event["data"], {}
    thread, message = data.get("thread"), data.get("message")
    if thread is not None:
        fragments[f"t-{thread['id']}"] = render("desk/_row.html", thread=thread, clinic=clinic)
    if message is not None:
        fragments[f"m-{message['id']}"] = render("desk/_message.html", message=message, clinic=clinic)
    return fragments
