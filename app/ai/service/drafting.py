"""What the assistant would write back: from the clinic's facts and what was said, never from thin air.

A model writes where one is set; its text is taken when it adds nothing of its own. Else the fixed sentences answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ai.service.talking import Draft, Talk, about_health, facts_for, read_talk, template_draft
from app.ai.service.writing import model_draft

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["Draft", "Talk", "about_health", "draft_reply", "facts_for", "read_talk", "template_draft", "write_draft"]


async def draft_reply(clinic_id: UUID, thread_id: UUID, *, alone: bool = False) -> Draft:
    """Write a reply to the newest message of the patient. ``alone``: it is sent unread and says what it is.

    Raises ``NotFound`` where no patient has written.
    """
    return await write_draft(await read_talk(clinic_id, thread_id), alone=alone, aloud=not alone)


async def write_draft(talk: Talk, *, alone: bool = False, aloud: bool = False) -> Draft:
    """Write a reply to a conversation. ``aloud``: screens see a model's text while it grows."""
    facts = await facts_for(talk, alone=alone)
    return await model_draft(talk, facts, alone=alone, aloud=aloud) or template_draft(talk, facts, alone=alone)
