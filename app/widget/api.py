"""The chat over HTTP, for its own page: no session, but the visitor's key. A foreign Origin is refused by the guard."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from app.channels.service import ConnectedChannel
from app.kit.errors import NotSignedIn
from app.widget import service
from app.widget.schemas import Arrival, NewVisitor, SeenMark, VisitorDraft, VisitorMessage, VisitorPage

BASE = "/api/widget/{channel:str}"
PUBLIC = {"public": True}
SCHEME = "Visitor "


async def _visitor(request: Request[Any, Any, Any], name: str) -> tuple[ConnectedChannel, service.Visitor]:
    given = request.headers.get("authorization", "")
    channel = await service.find_chat(name)
    if not given.startswith(SCHEME):
        raise NotSignedIn("Send the visitor's key: Authorization: Visitor <key>.")
    return channel, await service.authenticate(channel, given.removeprefix(SCHEME).strip())


@post(f"{BASE}/visitors", opt=PUBLIC, security=[], summary="Open a chat")
async def start_visitor(request: Request[Any, Any, Any], channel: FromPath[str], data: JSONBody[Arrival]) -> NewVisitor:
    """Make a visitor's key; it is shown only here. Ten at once from one address, then six a minute."""
    chat = await service.find_chat(channel)
    address = request.client.host if request.client else ""
    return await service.start_visitor(chat, data.page, address)


@post(f"{BASE}/messages", opt=PUBLIC, security=[], summary="Send as a visitor")
async def send(request: Request[Any, Any, Any], channel: FromPath[str], data: JSONBody[VisitorDraft]) -> VisitorMessage:
    """One message; the same ``client_id`` is the same message. Before the first one, name and a way to answer."""
    chat, visitor = await _visitor(request, channel)
    return await service.send(chat, visitor, data)


@get(f"{BASE}/messages", opt=PUBLIC, security=[], summary="Read a visitor's chat")
async def read(
    request: Request[Any, Any, Any], channel: FromPath[str], after: FromQuery[int | None] = None
) -> VisitorPage:
    """The newest 100 messages, or those above ``after``."""
    chat, visitor = await _visitor(request, channel)
    return await service.read(chat, visitor, None if after is None else max(0, min(after, 2**53)))


@post(f"{BASE}/seen", opt=PUBLIC, security=[], status_code=204, summary="Say what a visitor has seen")
async def seen(request: Request[Any, Any, Any], channel: FromPath[str], data: JSONBody[SeenMark]) -> None:
    """The clinic's messages up to this number were on the screen."""
    chat, visitor = await _visitor(request, channel)
    await service.limit(f"chat-read:{visitor.id}", service.READS_A_MINUTE, service.READ_BURST)
    await service.mark(chat, visitor, data.seq, "read")


ROUTES = [start_visitor, send, read, seen]
