"""What auth adds to every staff page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.auth.service import who_am_i
from app.kit.page import page_part

if TYPE_CHECKING:
    from app.kit.principal import Principal


@page_part
async def me_part(principal: Principal) -> dict[str, Any]:
    """Who is looking, and how they like the desk."""
    signed_in = await who_am_i(principal)
    staff = signed_in.staff
    liked = {"theme": "system", "shortcuts": True, "sounds": False, **staff.preferences}
    return {"me": {"id": str(staff.id), "name": staff.name, "email": staff.email, "role": staff.role, **liked}}
