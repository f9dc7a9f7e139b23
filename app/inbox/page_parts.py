"""What the inbox adds to every staff page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.inbox import queries
from app.kit.page import page_part

if TYPE_CHECKING:
    from app.kit.principal import Principal


@page_part
async def counts_part(principal: Principal) -> dict[str, Any]:
    """The counts on the rail and the tabs."""
    return {"counts": await queries.count_views(principal.clinic_id, principal.id)}
