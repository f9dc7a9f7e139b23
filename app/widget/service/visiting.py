"""Visitors of a clinic's site: the key they are known by, what they send, and what they get."""

from __future__ import annotations

import re
import secrets
import time
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from app.auth.service import take as take_token
from app.channels.service import ConnectedChannel, InboundMessage, StatusReport, choose_channel, load_channel
from app.clinics.service import get_clinic
from app.contacts.schemas import ContactChange, PointDraft
from app.contacts.service import parse_address
from app.inbox.service import add_point, rename_contact
from app.inbox.service import take as take_item
from app.kit import clock, database
from app.kit.errors import Conflict, FieldError, Invalid, NotFound, NotSignedIn, TooMany
from app.kit.ids import as_uuid, new_id
from app.kit.principal import system
from app.widget.events import ARRIVED, view_of
from app.widget.schemas import NewVisitor, VisitorDraft, VisitorMessage, VisitorPage
from app.widget.service.presence import note_presence

if TYPE_CHECKING:
    from app.clinics.schemas import ClinicView

NEW_A_MINUTE, NEW_BURST = 6, 10
NEW_CLINIC_A_MINUTE, NEW_CLINIC_BURST = 60, 120
SENDS_A_MINUTE, SEND_BURST = 20, 8
SENDS_CLINIC_A_MINUTE, SENDS_CLINIC_BURST = 600, 200
READS_A_MINUTE, READ_BURST = 60, 30
PAGE = 100
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_SECOND_LINE = re.compile(r"[\x00-\x1f\x7f]")


class Visitor(msgspec.Struct, frozen=True):
    """Somebody with a key. ``contact_id`` and ``thread_id`` are known once they have written."""

    id: UUID
    clinic_id: UUID
    channel_id: UUID
    name: str
    contact_id: UUID | None
    thread_id: UUID | None


async def find_chat(name: str) -> ConnectedChannel:
    """Return a web chat by its id, or a clinic's first one by the clinic's id or name. Raises ``NotFound``."""
    gone = NotFound("This chat is not there any more.")
    wanted = as_uuid(name)
    if wanted is not None:
        try:
            channel = await load_channel(wanted)
        except NotFound:
            pass
        else:
            if channel.removed or channel.kind != "webchat":
                raise gone
            return channel
    clinic_id = wanted or await database.fetchval("select find_clinic($1)", name[:80])
    if clinic_id is None:
        raise gone
    try:
        async with database.reading(clinic_id):
            return await choose_channel(clinic_id, None, "webchat")
    except Invalid as error:
        raise gone from error


# -- the key


async def limit(key: str, a_minute: float, burst: float) -> None:
    """Raise ``TooMany`` over so many a minute; what may come at once is ``burst``."""
    wait = await take_token(key, a_minute / 60, burst)
    if wait > 0:
        raise TooMany("That was a lot at once. Please wait a moment, then try again.", retry_after=wait)


async def start_visitor(channel: ConnectedChannel, page: str, address: str) -> NewVisitor:
    """Make a visitor and their key: 256 random bits, of which only the hash is kept."""
    await limit(f"chat-new:{address}", NEW_A_MINUTE, NEW_BURST)
    await limit(f"chat-new-clinic:{channel.clinic_id}", NEW_CLINIC_A_MINUTE, NEW_CLINIC_BURST)
    key, visitor_id, now = secrets.token_urlsafe(32), new_id(), clock.now()
    async with database.transaction(channel.clinic_id) as connection:
        await connection.execute(
            "insert into visitor (id, clinic_id, channel_id, key_hash, page, seen_at, created_at) "
            "values ($1, $2, $3, $4, $5, $6, $6)",
            visitor_id,
            channel.clinic_id,
            channel.id,
            _hash(key),
            _plain_page(page),
            now,
        )
    return NewVisitor(visitor_id, key)


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _plain_page(page: str) -> str:
    """Keep where, not what: a query may hold whatever a site puts into its links."""
    try:
        parts = urlsplit(page)
    except ValueError:
        return ""
    return (
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.scheme in {"http", "https"} else ""
    )


async def authenticate(channel: ConnectedChannel, key: str) -> Visitor:
    """Return whose key this is, in this chat. Raises ``NotSignedIn``."""
    refused = NotSignedIn("This chat does not know you any more. Start a new one.")
    if not _KEY.fullmatch(key):
        raise refused
    # Looked up by hash, so that the time it takes says nothing about keys that exist.
    found = await database.fetch("select clinic_id, id from find_visitor($1)", _hash(key))
    if not found or found[0]["clinic_id"] != channel.clinic_id:
        raise refused
    async with database.reading(channel.clinic_id) as connection:
        row = await connection.fetchrow(
            "select v.id, v.clinic_id, v.channel_id, v.name, p.contact_id, t.id as thread_id from visitor v "
            "left join contact_point p on p.clinic_id = v.clinic_id and p.kind = 'chat' and p.address = v.id::text "
            "left join thread t on t.clinic_id = p.clinic_id and t.contact_id = p.contact_id "
            "where v.clinic_id = $1 and v.id = $2 and v.channel_id = $3",
            channel.clinic_id,
            found[0]["id"],
            channel.id,
        )
    if row is None:
        raise refused
    return Visitor(**dict(row))


# -- what they send


async def send(channel: ConnectedChannel, visitor: Visitor, draft: VisitorDraft) -> VisitorMessage:
    """Put a visitor's message into the inbox, once for each ``client_id``. Raises ``Invalid`` naming the fields."""
    await limit_sends(channel, visitor)
    if not plain_text(draft.body).strip():
        raise Invalid.field("body", "Write something first.")
    known = bool(visitor.name)
    clinic = await get_clinic(channel.clinic_id)
    if not known:
        _check_who(channel, clinic, draft)
    provider_id = f"{visitor.id}:{draft.client_id}"
    message = InboundMessage(
        provider_id=provider_id,
        from_address=str(visitor.id),
        to_address=channel.address,
        body=draft.body,
        name=visitor.name or _one_line(draft.name),
        raw=msgspec.json.encode({"client_id": draft.client_id, "body": draft.body}).decode(),
    )
    await take_item(channel, message)
    if not known:
        await _introduce(channel, visitor, clinic, draft)
    return await read_one(channel, provider_id)


async def limit_sends(channel: ConnectedChannel, visitor: Visitor) -> None:
    """Raise ``TooMany`` when this visitor, or all of the clinic's, send too much at once."""
    await limit(f"chat-send:{visitor.id}", SENDS_A_MINUTE, SEND_BURST)
    await limit(f"chat-send-clinic:{channel.clinic_id}", SENDS_CLINIC_A_MINUTE, SENDS_CLINIC_BURST)


def plain_text(body: str) -> str:
    """Return a text that can be stored; raises ``Invalid``."""
    if any("\ud800" <= c <= "\udfff" for c in body):
        raise Invalid.field("body", "The text holds characters that cannot be sent.")
    return body


def _one_line(text: str) -> str:
    return " ".join(_SECOND_LINE.sub(" ", text).split())


def _check_who(channel: ConnectedChannel, clinic: ClinicView, draft: VisitorDraft) -> None:
    """Ask for a name and for a way to answer once they have left."""
    problems: list[FieldError] = []
    if not _one_line(draft.name):
        problems.append({"key": "name", "message": "Tell us your name."})
    asked = channel.settings.get("ask", "either")
    if asked == "phone" and not draft.phone.strip():
        problems.append({"key": "phone", "message": "Tell us your phone number."})
    elif asked == "email" and not draft.email.strip():
        problems.append({"key": "email", "message": "Tell us your email address."})
    elif not draft.phone.strip() and not draft.email.strip():
        problems.append({"key": "phone", "message": "Tell us your phone number or your email address."})
    for kind, text in (("phone", draft.phone), ("email", draft.email)):
        if not text.strip():
            continue
        try:
            found = parse_address(kind, text, clinic.country, field=kind)
        except Invalid as error:
            problems.extend(error.errors)
            continue
        if not found.is_reachable:
            problems.append({"key": kind, "message": "This does not look like a phone number."})
    if problems:
        raise Invalid("Something is missing or does not look right.", errors=tuple(problems))


async def _introduce(channel: ConnectedChannel, visitor: Visitor, clinic: ClinicView, draft: VisitorDraft) -> None:
    """Keep who they say they are. An address that is somebody's already proves nothing: it stays words in a note.

    Every step may be done twice: it is repeated with the message when the first try broke off.
    """
    who, name = system(channel.clinic_id, "Web chat"), _one_line(draft.name)
    contact_id = (await _contact_of(channel.clinic_id, visitor.id))[0]
    said = [f"Says they are {name} (not verified)."]
    for kind, text in (("phone", draft.phone), ("email", draft.email)):
        if not text.strip():
            continue
        word = "number" if kind == "phone" else "address"
        try:
            await add_point(who, contact_id, PointDraft(kind, text.strip()))  # type: ignore[arg-type]
            said.append(f"The {word} {parse_address(kind, text, clinic.country).address} is not verified.")
        except Conflict:
            address = parse_address(kind, text, clinic.country).address
            said.append(f"Gave the {word} {address}, which belongs to somebody on your list. Join the two if you know.")
    await rename_contact(who, contact_id, ContactChange(note=" ".join(said)))
    async with database.transaction(channel.clinic_id) as connection:
        await connection.execute(
            "update visitor set contact_id = $3, name = $4, seen_at = $5 where clinic_id = $1 and id = $2",
            channel.clinic_id,
            visitor.id,
            contact_id,
            name,
            clock.now(),
        )


async def _contact_of(clinic_id: UUID, visitor_id: UUID) -> tuple[UUID, UUID]:
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(
            "select p.contact_id, t.id from contact_point p join thread t on t.clinic_id = p.clinic_id "
            "and t.contact_id = p.contact_id where p.clinic_id = $1 and p.kind = 'chat' and p.address = $2",
            clinic_id,
            str(visitor_id),
        )
    if row is None:
        raise NotFound
    return row[0], row[1]


async def find_thread(visitor: Visitor) -> UUID | None:
    """Return the conversation a visitor is in now; another one after two people were joined."""
    try:
        return (await _contact_of(visitor.clinic_id, visitor.id))[1]
    except NotFound:
        return None


async def read_one(channel: ConnectedChannel, provider_id: str) -> VisitorMessage:
    """Return the message of a visitor that was stored under this id."""
    async with database.reading(channel.clinic_id) as connection:
        text = await connection.fetchval(
            "select message_json(m) from message m where m.clinic_id = $1 and m.channel_id = $2 and m.provider_id = $3",
            channel.clinic_id,
            channel.id,
            provider_id,
        )
    return view_of(msgspec.json.decode(text))


# -- what they get

_THEIRS = """m.clinic_id = $1 and m.channel_id = $2 and m.to_address = $3 and m.kind = 'text' and m.thread_id =
  (select t.id from contact_point p join thread t on t.clinic_id = p.clinic_id and t.contact_id = p.contact_id
   where p.clinic_id = $1 and p.kind = 'chat' and p.address = $3)"""


async def read(channel: ConnectedChannel, visitor: Visitor, after: int | None) -> VisitorPage:
    """Return a visitor's messages above ``after``, or their newest; what was new to them counts as delivered."""
    await limit(f"chat-read:{visitor.id}", READS_A_MINUTE, READ_BURST)
    # What came before ``after`` but left only since then is new to them, too: it is not delivered yet.
    fresh = " and (m.seq > $5 or (m.direction = 'out' and m.status = 'sent'))" if after is not None else ""
    way = "asc" if after is not None else "desc"
    async with database.reading(channel.clinic_id) as connection:
        head = await connection.fetchval("select seq from clinic_log where clinic_id = $1", channel.clinic_id)
        rows = await connection.fetch(
            f"select message_json(m) from message m where {_THEIRS} "  # noqa: S608 - our own words only
            f"and (m.direction = 'in' or m.status = any ($4)){fresh} order by m.seq {way} limit {PAGE}",
            channel.clinic_id,
            channel.id,
            str(visitor.id),
            list(ARRIVED),
            *([after] if after is not None else []),
        )
    items = sorted((view_of(msgspec.json.decode(row[0])) for row in rows), key=lambda message: message.seq)
    await mark(channel, visitor, max((item.seq for item in items), default=0), "delivered")
    await note_presence(visitor)
    full = after is not None and len(items) == PAGE
    return VisitorPage(items, items[-1].seq if full else head)


async def mark(channel: ConnectedChannel, visitor: Visitor, seq: int, status: str) -> None:
    """Report that the clinic's messages up to a number arrived (``delivered``) or were looked at (``read``)."""
    earlier = ["sent"] if status == "delivered" else ["sent", "delivered"]
    async with database.reading(channel.clinic_id) as connection:
        rows = await connection.fetch(
            f"select m.provider_id from message m where {_THEIRS} and m.direction = 'out' and m.seq <= $4 "  # noqa: S608
            f"and m.status = any ($5) and m.provider_id is not null order by m.seq limit {PAGE}",
            channel.clinic_id,
            channel.id,
            str(visitor.id),
            seq,
            earlier,
        )
    for row in rows:
        report = StatusReport(provider_id=row["provider_id"], status=status, at=clock.now())  # type: ignore[arg-type]
        await take_item(channel, report)


async def owners_of(clinic_id: UUID, message_ids: list[UUID]) -> dict[UUID, UUID]:
    """Return the visitor each of these messages was written by or to."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(
            "select m.id, m.to_address from message m where m.clinic_id = $1 and m.id = any ($2) "
            "and m.channel = 'webchat' and m.kind = 'text'",
            clinic_id,
            message_ids,
        )
    found = {row["id"]: as_uuid(row["to_address"] or "") for row in rows}
    return {message_id: visitor_id for message_id, visitor_id in found.items() if visitor_id is not None}


# -- how fast the desk answers

_ANSWER_SECONDS = """select percentile_cont(0.5) within group (order by extract(epoch from a.created_at - q.created_at))
from (select m.thread_id, m.created_at from message m where m.clinic_id = $1 and m.channel_id = $2
  and m.direction = 'in' and m.seq is not null order by m.created_at desc limit 100) q
cross join lateral (select o.created_at from message o where o.clinic_id = $1 and o.thread_id = q.thread_id
  and o.direction = 'out' and o.kind = 'text' and o.created_at > q.created_at order by o.seq limit 1) a"""
KEEP_SECONDS = 600.0
_answers: dict[UUID, tuple[float, str]] = {}


async def answer_words(channel: ConnectedChannel) -> str:
    """Return "Usually answers in 5 min" from the chat's own past, or what the clinic says; empty when nobody knows."""
    said = str(channel.settings.get("reply_time") or "")
    if said:
        return said
    known = _answers.get(channel.id)
    if known is not None and time.monotonic() - known[0] < KEEP_SECONDS:
        return known[1]
    async with database.reading(channel.clinic_id) as connection:
        seconds = await connection.fetchval(_ANSWER_SECONDS, channel.clinic_id, channel.id)
    words = "" if seconds is None else f"Usually answers in {_rough(float(seconds) / 60)}"
    _answers[channel.id] = (time.monotonic(), words)
    return words


def _rough(minutes: float) -> str:
    if minutes <= 1.5:
        return "1 min"
    if minutes < 60:
        return f"{round(minutes)} min" if minutes < 10 else f"{5 * round(minutes / 5)} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 24 else "a day"
