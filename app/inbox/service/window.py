"""What a channel would refuse is refused here first: free text after WhatsApp's 24 hours, and texts that are too long.

WhatsApp lets a clinic write freely for 24 hours after each message of the person; ``thread.whatsapp_until`` says when
that ends (kept by ``ingest_batch``, counted from when the person wrote). After it only approved texts arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.channels.service import ConnectedChannel, Details, choose_channel, fill_template, find_texts, pieces, suggest
from app.clinics.service import get_clinic
from app.inbox.errors import FileNotTaken, WhatsAppWindowClosed
from app.kit import clock, database
from app.kit.errors import Invalid, NotFound
from app.kit.format import first_name, initials, words

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    import asyncpg

    from app.channels.service import Blank, TemplateText
    from app.inbox.schemas import ReplyDraft

LONGEST = {"sms": 1600, "whatsapp": 4096}
"""Characters that Twilio takes in one text, and Meta in one message."""

CLOSED = (
    "WhatsApp only takes approved messages when a person has not written for 24 hours. "
    "Choose an approved message, or send a text or an email."
)
LATER = "By then WhatsApp's 24 hours are over, and only approved messages go. Send it sooner, or choose another way."


class BlankToFill(msgspec.Struct, frozen=True):
    """A field of the picker: what it is called, what most likely belongs there, and the author's sample.

    ``link`` is the address that it completes, for one that stands in a button's.
    """

    label: str
    value: str
    example: str
    link: str = ""


class ApprovedText(msgspec.Struct, frozen=True):
    """A choice of the picker. ``pieces`` are words, or the number of a blank; ``file`` has to be chosen, too."""

    name: str
    language: str
    pieces: list[tuple[str, int | None]]
    blanks: list[BlankToFill]
    file: str = ""
    buttons: list[str] = []


def is_open(until: dt.datetime | None, at: dt.datetime) -> bool:
    """Say whether free text may go at this instant; at the very end it may not."""
    return until is not None and at < until


async def words_to_send(
    way: ConnectedChannel, thread: asyncpg.Record, draft: ReplyDraft, body: str, at: dt.datetime
) -> tuple[str, Details]:
    """Return what leaves at ``at``, and what is special about it. Raises ``WhatsAppWindowClosed``, ``Invalid``."""
    if draft.template is not None:
        if way.kind != "whatsapp":
            raise Invalid.field("channel", "Approved messages only go by WhatsApp.")
        if body.strip():
            raise Invalid.field("body", "An approved message brings its own words. Leave this empty.")
        body, told = await fill_template(way, draft.template, await _file_type(thread["clinic_id"], draft))
        return body, Details(template=told)
    if (reason := too_long(way.kind, body)) is not None:
        raise Invalid.field("body", reason)
    if way.kind == "whatsapp" and not is_open(thread["whatsapp_until"], at):
        raise WhatsAppWindowClosed(LATER if is_open(thread["whatsapp_until"], clock.now()) else CLOSED)
    return body, Details(subject=_subject(way, draft.subject))


async def _file_type(clinic_id: UUID, draft: ReplyDraft) -> str | None:
    """Return what the one file is that goes above an approved text; None for none."""
    if not draft.attachments:
        return None
    if len(draft.attachments) > 1:
        raise Invalid.field("attachments", "One file goes with an approved message.")
    found: str | None = await database.fetchval(
        "select type from attachment where clinic_id = $1 and id = $2", clinic_id, draft.attachments[0].id
    )
    if found is None:
        raise FileNotTaken.field("attachments", "One of the files is not here any more. Attach it again.")
    return found


def too_long(kind: str, body: str) -> str | None:
    """Return why a text is too long for this kind of channel, in plain words; None when it is not."""
    longest = LONGEST.get(kind)
    if longest is None or len(body) <= longest:
        return None
    what = "A text" if kind == "sms" else "A WhatsApp message"
    return f"{what} holds at most {longest:,} characters. This one has {len(body):,}."


def _subject(way: ConnectedChannel, subject: str | None) -> str | None:
    """Return the subject of a mail as it may stand in a header: one line."""
    text = (subject or "").strip()
    if text and way.kind != "email":
        raise Invalid.field("subject", "Only an email has a subject.")
    if not text.isprintable():
        raise Invalid.field("subject", "Write the subject in one line.")
    return text or None


async def list_approved(clinic_id: UUID, thread_id: UUID) -> list[ApprovedText]:
    """Return what can be sent by WhatsApp now, with what most likely belongs into the blanks. Raises ``NotFound``."""
    async with database.reading(clinic_id):
        thread = await database.fetchrow(
            "select channel_id, contact_name from thread where clinic_id = $1 and id = $2", clinic_id, thread_id
        )
        if thread is None:
            raise NotFound("This conversation is not in your inbox.")
        way = await choose_channel(clinic_id, thread["channel_id"], "whatsapp")
        clinic = await get_clinic(clinic_id)
        texts = await find_texts(way)
    name = thread["contact_name"] if initials(thread["contact_name"]) != "#" else ""
    known = {"First name": first_name(name), "Clinic": clinic.name}
    return [
        ApprovedText(
            one, language, pieces(text), [_blank(text, blank, known) for blank in text.blanks], text.file, text.buttons
        )
        for one, language, text in texts
    ]


def _blank(text: TemplateText, blank: Blank, known: dict[str, str]) -> BlankToFill:
    if blank.is_link:
        button = text.buttons[blank.at] if blank.place == "button" and blank.at < len(text.buttons) else ""
        return BlankToFill(f"Link of “{button}”" if button else "Link", "", blank.example, blank.around)
    value = suggest(text, blank, known["First name"], known["Clinic"])
    label = next((word for word, known_value in known.items() if value and value == known_value), "")
    if not label:
        label = f"Blank {blank.name}" if blank.name.isdecimal() else words(blank.name)
        label = "Heading" if blank.place == "header" else label
    return BlankToFill(label, value, blank.example)


async def why_closed(kind: str, message: asyncpg.Record) -> str | None:
    """Return why this message may not leave now; None when it may. Asked in the claim's own lock."""
    if kind != "whatsapp" or details_of(message).template is not None:
        return None
    until = await database.fetchval(
        "select whatsapp_until from thread where clinic_id = $1 and id = $2", message["clinic_id"], message["thread_id"]
    )
    return None if is_open(until, clock.now()) else CLOSED


def details_of(message: asyncpg.Record) -> Details:
    """Return what is special about a message of ours."""
    return msgspec.json.decode(message["details"], type=Details) if message["details"] else Details()
