"""What clinics add to every staff page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.clinics.service import clinic_context
from app.events.service import log_state
from app.kit.page import page_part

if TYPE_CHECKING:
    from app.kit.principal import Principal


@page_part
async def clinic_part(principal: Principal) -> dict[str, Any]:
    """The clinic, and the number its log has reached in this snapshot."""
    state = await log_state(principal.clinic_id, None)
    return {"clinic": await clinic_context(principal.clinic_id), "seq": state.seq, "epoch": str(state.epoch)}
