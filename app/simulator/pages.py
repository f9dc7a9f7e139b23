"""A page as the demo clinic might have one, with the chat on it."""

from __future__ import annotations

from litestar import Response, get

from app.kit import database
from app.kit.errors import NotFound
from app.kit.templating import render
from app.simulator.seed import CLINIC_NAME, SLUG


@get("/widget-demo", opt={"public": True}, include_in_schema=False)
async def widget_demo() -> Response[str]:
    """Show the chat where it belongs; only where the demo clinic has been made."""
    if await database.fetchval("select find_clinic($1)", SLUG) is None:
        raise NotFound
    return Response(render("widget/demo.html", title=CLINIC_NAME, clinic=SLUG), media_type="text/html")


ROUTES = [widget_demo]
