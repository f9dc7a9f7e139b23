"""Files as browsers and providers fetch them: with a session, or by a signed link that soon ends."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from app.inbox import service
from app.inbox.file_rules import is_shown, served_type
from app.kit.principal import Principal

if TYPE_CHECKING:
    from app.inbox.service.uploads import Opened

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


ROUTES = [file, thumbnail, signed_file]
