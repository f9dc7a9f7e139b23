"""Files as browsers and providers fetch them, with a session or by a signed link that soon ends; mails in a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream
from markupsafe import Markup

from app.config import settings
from app.inbox import service
from app.inbox.file_rules import is_shown, served_type
from app.kit.page import staff_page
from app.kit.principal import Principal
from app.kit.templating import render

if TYPE_CHECKING:
    from app.inbox.service.uploads import Opened

ACTS_WORDS = {
    "message.sent": "wrote it",
    "message.changed": "changed it while it waited",
    "message.put_off": "had it wait for the morning there",
    "message.cancelled": "took it back",
    "message.retried": "sent it again",
    "message.confirmed": "said that it went",
}
READ = {"operation": "inbox.read", "is_compressed": True}
Caller = NamedDependency[Principal]


def _answer(opened: Opened, *, anywhere: bool = False) -> Stream:
    """Hand a file out. Whatever it is, a browser neither runs nor guesses it, and nobody on the way keeps it."""
    how = "inline" if is_shown(opened.type) else "attachment"
    headers = {
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(opened.name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        # A mail's frame has no origin of its own and comes with a signed link.
        "Cross-Origin-Resource-Policy": "cross-origin" if anywhere else "same-origin",
    }
    if opened.size is not None:
        headers["Content-Length"] = str(opened.size)
    return Stream(opened.parts, media_type=served_type(opened.type), headers=headers)


@get("/files/{file_id:uuid}", opt=READ, include_in_schema=False)
async def file(caller: Caller, file_id: FromPath[UUID]) -> Stream:
    """A file of the caller's clinic."""
    return _answer(await service.open_file(caller.clinic_id, file_id))


@get("/files/{file_id:uuid}/thumbnail", opt=READ, include_in_schema=False)
async def thumbnail(caller: Caller, file_id: FromPath[UUID]) -> Stream:
    """A small picture of it."""
    return _answer(await service.open_file(caller.clinic_id, file_id, thumbnail=True))


@get("/files/signed/{signed:str}", opt={"public": True, "is_compressed": True}, include_in_schema=False)
async def signed_file(signed: FromPath[str]) -> Stream:
    """The one file that a link of ours names: providers fetch what they are to send."""
    return _answer(await service.open_link(signed), anywhere=True)


@get("/files/visitor/{signed:str}", opt={"public": True, "is_compressed": True}, include_in_schema=False)
async def visitor_file(signed: FromPath[str]) -> Stream:
    """A file of a web chat, for the visitor whose chat shows it."""
    return _answer(await service.open_visitor_link(signed))


@get("/inbox/messages/{message_id:uuid}/mail", opt=READ, include_in_schema=False)
async def mail(caller: Caller, message_id: FromPath[UUID], pictures: FromQuery[bool | None] = None) -> Response[str]:
    """A mail as its sender wrote it, for a frame; ``?pictures=1`` also loads those that lie on other servers.

    The second wall: whatever the cleaning let through, here it has no scripts, no origin, no forms and no way out.
    """
    html = await service.read_mail(caller.clinic_id, message_id, remote=bool(pictures))
    whence = f"'self' {settings().public_url} data:" + (" https: http:" if pictures else "")
    page = render("desk/mail_frame.html", mail=Markup(html))  # noqa: S704 - cleaned by the allow-list when it came
    return Response(
        page,
        media_type="text/html",
        headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
            f"img-src {whence}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
            "sandbox allow-popups allow-popups-to-escape-sandbox",
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-DNS-Prefetch-Control": "off",
        },
    )


@get("/inbox/messages/{message_id:uuid}/why", opt={"operation": "inbox.read"}, include_in_schema=False)
async def why(request: Request[Any, Any, Any], caller: Caller, message_id: FromPath[UUID]) -> Response[str]:
    """Why a message was sent: consent, hours, who approved it, and what became of it."""
    decided = await service.read_decision(caller.clinic_id, message_id)
    return await staff_page(request, caller, "inbox/why.html", nav="inbox", decided=decided, acts_words=ACTS_WORDS)


ROUTES = [why, file, thumbnail, signed_file, visitor_file, mail]
