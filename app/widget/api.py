"""The chat over HTTP, for its own page: no session, but the visitor's key. A foreign Origin is refused by the guard."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import UploadFile
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody

from app.channels.service import ConnectedChannel
from app.kit.errors import Invalid, NotSignedIn
from app.kit.ids import as_uuid
from app.widget import service
from app.widget.schemas import Arrival, FileLink, NewVisitor, SeenMark, VisitorDraft, VisitorMessage, VisitorPage

BASE = "/api/widget/{channel:str}"
PUBLIC = {"public": True}
SCHEME = "Visitor "


async def _visitor(request: ASGIConnection[Any, Any, Any, Any], name: str) -> tuple[ConnectedChannel, service.Visitor]:
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


async def _has_key(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse a stranger before a byte of the file is taken."""
    await _visitor(connection, str(connection.path_params["channel"]))


@post(
    f"{BASE}/files",
    opt={**PUBLIC, "takes_files": True, "is_keyed": True},
    guards=[_has_key],
    security=[],
    summary="Send a file as a visitor",
    request_max_body_size=service.FILE_BYTES + 128 * 1024,
)
async def send_file(
    request: Request[Any, Any, Any], channel: FromPath[str], data: MultipartBody[dict[str, Any]]
) -> VisitorMessage:
    """A picture or a PDF of at most 10 MB in the form field ``file``, with ``client_id`` and, if wanted, ``body``."""
    chat, visitor = await _visitor(request, channel)
    file, client_id, body = data.get("file"), as_uuid(str(data.get("client_id", ""))), data.get("body", "")
    if not isinstance(file, UploadFile) or not isinstance(body, str) or set(data) - {"file", "client_id", "body"}:
        raise Invalid.field("file", "Send one file, in the form field `file`.")
    if client_id is None:
        raise Invalid.field("client_id", "Give the message an id of its own.")
    content = await file.read(service.FILE_BYTES + 1)
    return await service.send_file(chat, visitor, client_id, file.filename, content, body)


@get(f"{BASE}/files/{{file_id:uuid}}", opt=PUBLIC, security=[], summary="Get a link to a file of a chat")
async def file_link(request: Request[Any, Any, Any], channel: FromPath[str], file_id: FromPath[UUID]) -> FileLink:
    """For 15 minutes, and only for files that this visitor's chat shows."""
    _, visitor = await _visitor(request, channel)
    return await service.link_to(visitor, file_id)


ROUTES = [start_visitor, send, read, seen, send_file, file_link]
