"""The script a clinic puts on its site, and the page it shows in a frame."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get
from litestar.params import FromPath

from app.channels.service import BRAND, sites_of
from app.clinics.service import get_clinic
from app.config import settings
from app.kit.errors import NotFound, Unavailable
from app.kit.static_files import StaticFile
from app.kit.templating import render
from app.widget import service
from app.widget.colors import accents

PUBLIC = {"public": True}
SCRIPT = "js/widget.js"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors {}"
)


@get("/widget.js", opt={**PUBLIC, "is_compressed": True}, include_in_schema=False)
async def script(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer the script: small, and asked for again after an hour, so that a fix reaches every site in that time."""
    found: StaticFile = request.app.state.static_files[SCRIPT]
    headers = {
        "ETag": found.etag,
        "Cache-Control": "public, max-age=3600",
        # Pages that let in nothing foreign by default may still load it.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    body, which = found.pick(request.headers.get("accept-encoding", ""))
    if found.is_known(request.headers.get("if-none-match", "")):
        return Response(b"", status_code=304, headers=headers | which)
    return Response(body, media_type=found.media_type, headers=headers | which)


@get("/widget/{channel:str}", opt=PUBLIC, include_in_schema=False)
async def frame(request: Request[Any, Any, Any], channel: FromPath[str]) -> Response[str]:
    """Show the chat, in a frame of an allowed site or as a page of its own."""
    try:
        chat = await service.find_chat(channel)
    except NotFound:
        return _refused(404, "This chat is not there any more.")
    sites = sites_of(chat.address, chat.settings)
    referrer, framed = request.headers.get("referer", ""), request.headers.get("sec-fetch-dest") == "iframe"
    if framed and referrer and not _is_allowed(_origin(referrer), sites):
        return _refused(403, "The clinic has not allowed its chat on this site. Settings, Channels has the list.")
    clinic = await get_clinic(chat.clinic_id)
    try:
        answers = await service.answer_words(chat)
    except Unavailable:
        answers = ""
    light, dark = accents(chat.settings.get("color") or BRAND)
    text = render(
        "widget/frame.html",
        channel_id=chat.id,
        clinic=clinic,
        title=chat.settings.get("title") or f"Chat with {clinic.name}",
        greeting=chat.settings.get("greeting") or "Hello! How can we help you?",
        ask=chat.settings.get("ask") or "either",
        answers=answers,
        accent=light,
        accent_dark=dark,
        framed=framed,
    )
    policy = CSP.format(" ".join(["'self'", *sites]))
    return Response(text, media_type="text/html", headers={"Content-Security-Policy": policy})


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.netloc}".lower()
    except ValueError:
        return ""


def _is_allowed(origin: str, sites: list[str]) -> bool:
    """Say what ``frame-ancestors`` will say, so that a refusal can be given in words."""
    if origin == _origin(settings().public_url):
        return True
    scheme, _, host = origin.partition("://")
    return any(
        origin == site or (site.startswith(f"{scheme}://*.") and host.endswith(site.removeprefix(f"{scheme}://*")))
        for site in sites
    )


def _refused(status: int, reason: str) -> Response[str]:
    # A page of words may be seen anywhere.
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *"
    text = render("widget/refused.html", reason=reason)
    return Response(text, status_code=status, media_type="text/html", headers={"Content-Security-Policy": policy})


ROUTES = [script, frame]
