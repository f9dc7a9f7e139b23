"""What a text that WhatsApp approved says, which blanks it has, and how they are filled. No database, no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

BLANK = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,64})\s*\}\}")
_GAPS = re.compile(r"[\r\n\t]| {4}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")
LONGEST = 1024
"""Characters of a filled text; Meta refuses longer ones."""

LONGEST_LINK = 2000
_FILES = {"IMAGE", "VIDEO", "DOCUMENT"}
_ELSEWHERE = {"LOCATION", "GIF"}
_CODES = {"OTP", "COPY_CODE"}
_PARTS = {"HEADER", "BODY", "FOOTER", "BUTTONS", "CONTENT"}
"""``CONTENT`` is ours: what Twilio calls the text by, and pictures with a blank in their address."""


class Blank(msgspec.Struct, frozen=True):
    """One thing to fill in. ``name`` is a number, or a word of whoever wrote the text."""

    name: str
    example: str = ""
    place: Literal["body", "header", "button", "file"] = "body"
    at: int = 0
    """Which button it belongs to, from 0."""
    around: str = ""
    """The link it completes, with the blank in it."""

    @property
    def is_link(self) -> bool:
        """Say whether it stands in an address."""
        return self.place in {"button", "file"}


class TemplateText(msgspec.Struct, frozen=True):
    """An approved text as the patient reads it, with its blanks still open.

    ``cannot`` says why it cannot be sent by hand, although approved: something in it wants more than words.
    """

    body: str = ""
    header: str = ""
    footer: str = ""
    buttons: list[str] = []
    blanks: list[Blank] = []
    """Those of the body first, then those of the heading, the buttons and the file."""
    file: str = ""
    """What goes above the text and is chosen for each message: ``image``, ``video`` or ``document``."""
    content_sid: str = ""
    """What Twilio calls it by."""
    cannot: str | None = None

    @property
    def whole(self) -> str:
        """Everything it says, with open blanks."""
        return "\n\n".join(part for part in (self.header, self.body, self.footer) if part)


def read_components(components: Sequence[dict[str, Any]]) -> TemplateText:
    """Read the parts as Meta describes them (Gallabox passes the same on)."""
    parts = {str(part.get("type", "")).upper(): part for part in components}
    body = _text(parts.get("BODY"))
    header, buttons = parts.get("HEADER", {}), parts.get("BUTTONS", {}).get("buttons") or []
    buttons = [button for button in buttons if isinstance(button, dict)]
    content = parts.get("CONTENT", {})
    blanks = [
        *_blanks(body, parts.get("BODY", {}).get("example")),
        *_header_blanks(header),
        *_button_blanks(buttons),
        *_file_blanks(content),
    ]
    kind = str(header.get("format", "TEXT")).upper()
    return TemplateText(
        body=body,
        header=_text(header),
        footer=_text(parts.get("FOOTER")),
        buttons=[_text(button) for button in buttons if _text(button)],
        # Twilio numbers its blanks through: the same number is the same value, wherever it stands.
        blanks=list({blank.name: blank for blank in reversed(blanks)}.values())[::-1] if content else blanks,
        file=kind.lower() if kind in _FILES and not content else "",
        content_sid=str(content.get("sid", "")),
        cannot=_why_not(parts, header, buttons),
    )


def _text(part: dict[str, Any] | None) -> str:
    text = (part or {}).get("text")
    return text if isinstance(text, str) else ""


def _why_not(parts: dict[str, Any], header: dict[str, Any], buttons: list[dict[str, Any]]) -> str | None:
    kinds = {str(button.get("type", "")).upper() for button in buttons}
    reasons = (
        (not _text(parts.get("BODY")), "It has no text."),
        (
            str(header.get("format", "TEXT")).upper() in _ELSEWHERE,
            "It needs a place on the map or a moving picture, which cannot be added here.",
        ),
        (set(parts) - _PARTS, "It has parts that cannot be filled in here."),
        (kinds & _CODES, "Its button carries a code. It is sent by itself when somebody signs in."),
    )
    return next((reason for is_so, reason in reasons if is_so), None)


def _blanks(body: str, example: Any) -> list[Blank]:
    names = list(dict.fromkeys(BLANK.findall(body)))
    if all(name.isdecimal() for name in names):
        names.sort(key=int)  # values go in the order of the numbers, wherever they stand in the sentence
    samples = _examples(example)
    return [Blank(name, samples.get(name, samples.get(str(at), ""))) for at, name in enumerate(names, 1)]


def _header_blanks(header: dict[str, Any]) -> list[Blank]:
    """A heading has one blank at most. Its sample stands in a list of its own."""
    names = list(dict.fromkeys(BLANK.findall(_text(header))))
    told = header.get("example")
    samples = told.get("header_text") if isinstance(told, dict) else None
    sample = samples[0] if isinstance(samples, list) and samples and isinstance(samples[0], str) else ""
    return [Blank(name, sample, "header") for name in names]


def _button_blanks(buttons: list[dict[str, Any]]) -> list[Blank]:
    """Links with a blank. A button that answers by itself carries nothing to fill in."""
    found = []
    for at, button in enumerate(buttons):
        url = button["url"] if isinstance(button.get("url"), str) else ""
        for name in dict.fromkeys(BLANK.findall(url)):
            samples = button.get("example")
            sample = samples[0] if isinstance(samples, list) and samples and isinstance(samples[0], str) else ""
            found.append(Blank(name, sample, "button", at, url))
    return found


def _file_blanks(content: dict[str, Any]) -> list[Blank]:
    """Pictures of Twilio's whose address has a blank."""
    urls = [url for url in content.get("media") or [] if isinstance(url, str)]
    return [Blank(name, "", "file", 0, url) for url in urls for name in dict.fromkeys(BLANK.findall(url))]


def _examples(example: Any) -> dict[str, str]:
    """Return the author's samples, by number or by name (``body_text``, ``body_text_named_params``)."""
    if not isinstance(example, dict):
        return {}
    found: dict[str, str] = {}
    rows = example.get("body_text")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else rows
    for at, value in enumerate(row if isinstance(row, list) else [], 1):
        if isinstance(value, str):
            found[str(at)] = value
    named = example.get("body_text_named_params")
    for one in named if isinstance(named, list) else []:
        if isinstance(one, dict) and isinstance(one.get("param_name"), str) and isinstance(one.get("example"), str):
            found[one["param_name"]] = one["example"]
    return found


def value_problem(value: str) -> str | None:
    """Return why a value cannot stand in a blank, or None (Meta's error 132018 and its rules for parameters)."""
    if not value.strip():
        return "Fill this in."
    if _GAPS.search(value):
        return "WhatsApp takes no line breaks, tabs or wide gaps here."
    if _CONTROL.search(value):
        return "This holds characters that cannot be sent."
    return None


def link_problem(blank: Blank, value: str) -> str | None:
    """Return why a value cannot stand in an address, or None."""
    text = value.strip()
    if not (text.isascii() and text.isprintable()) or " " in text:
        return "A link has no spaces and no accents."
    whole = BLANK.sub(lambda _: text, blank.around)
    if len(whole) > LONGEST_LINK:
        return "This link is too long."
    try:
        before, after = urlsplit(BLANK.split(blank.around)[0]), urlsplit(whole)
    except ValueError:
        return "This is not a link."
    # What is filled in may go on the link's way, but not lead to another house.
    is_same = not before.netloc or (before.scheme, before.netloc) == (after.scheme, after.netloc)
    return None if is_same else "This leads to another site than the approved message says."


def address_problem(link: str) -> str | None:
    """Return why this cannot be the address of the file, or None: WhatsApp fetches it from there."""
    try:
        parts = urlsplit(link)
        is_address = parts.scheme == "https" and bool(parts.hostname) and "." in (parts.hostname or "")
    except ValueError:
        is_address = False
    if not is_address or not (link.isascii() and link.isprintable()) or " " in link or len(link) > LONGEST_LINK:
        return "Give an address that begins with https://, or choose a file."
    return None


def fill(text: TemplateText, values: Sequence[str]) -> str:
    """Return what the patient reads. One value a blank, in the order of ``text.blanks``."""
    if len(values) != len(text.blanks):
        raise ValueError("one value for each blank")
    in_header, in_body = _places(text, "header"), _places(text, "body")
    header = BLANK.sub(lambda found: values[in_header[found[1]]], text.header)
    body = BLANK.sub(lambda found: values[in_body[found[1]]], text.body)
    return msgspec.structs.replace(text, header=header, body=body).whole


def _places(text: TemplateText, place: str) -> dict[str, int]:
    """Return where in ``text.blanks`` those of one place stand. Twilio numbers them through all places."""
    return {blank.name: at for at, blank in enumerate(text.blanks) if text.content_sid or blank.place == place}


def pieces(text: TemplateText) -> list[tuple[str, int | None]]:
    """Return the whole text in pieces: words, or the place of a blank in ``text.blanks``."""
    found: list[tuple[str, int | None]] = []
    for place, words in (("header", text.header), ("body", text.body), ("", text.footer)):
        if words and found:
            found.append(("\n\n", None))
        places = _places(text, place)
        for at, piece in enumerate(BLANK.split(words)):  # every second one is a blank's name
            if at % 2 and piece in places:
                found.append(("", places[piece]))
            elif piece:
                found.append((piece if at % 2 == 0 else f"{{{{{piece}}}}}", None))
    return found


_GREETING = re.compile(r"\b(?:hi|hello|hey|dear|namaste|hola|good (?:morning|afternoon|evening))[ ,]*$", re.IGNORECASE)
_FIRST_NAME = {"name", "first_name", "firstname", "patient", "patient_name", "customer_name"}
_CLINIC = {"clinic", "clinic_name", "practice", "practice_name", "business", "business_name"}
_OF_CLINIC = re.compile(r"\b(?:dental|dentistry|clinic|practice|smiles?)\b", re.IGNORECASE)


def suggest(text: TemplateText, blank: Blank, first_name: str, clinic: str) -> str:
    """Return what most likely belongs into a blank, from its name, the words before it and its sample; or nothing."""
    if blank.name.lower() in _FIRST_NAME:
        return first_name
    if blank.name.lower() in _CLINIC:
        return clinic
    place = next((found for found in BLANK.finditer(text.body) if found[1] == blank.name), None)
    if place and _GREETING.search(text.body[: place.start()]):
        return first_name
    return clinic if _OF_CLINIC.search(blank.example) else ""


def _practice(name: str, category: str, body: str, *examples: str) -> tuple[str, str, list[dict[str, Any]]]:
    return name, category, [{"type": "BODY", "text": body, "example": {"body_text": [list(examples)]}}]


PRACTICE = (
    _practice(
        "otp_verification",
        "AUTHENTICATION",
        "{{1}} is your sign-in code. For your safety, do not pass it on.",
        "123456",
    ),
    _practice(
        "appointment_confirmed",
        "UTILITY",
        "Hello {{1}}, your visit at {{2}} on {{3}} at {{4}} is booked. We look forward to seeing you.",
        "Maria",
        "Bright Smile Dental",
        "Friday, March 6",
        "3:00 PM",
    ),
    _practice(
        "payment_received",
        "UTILITY",
        "Hello {{1}}, we have received your payment of {{2}}. Thank you. {{3}}",
        "Maria",
        "$120.00",
        "Bright Smile Dental",
    ),
    _practice(
        "appointment_reminder",
        "UTILITY",
        "Hello {{1}}, a reminder of your visit at {{2}} on {{3}} at {{4}}. Answer here if you need another time.",
        "Maria",
        "Bright Smile Dental",
        "Friday, March 6",
        "3:00 PM",
    ),
    _practice(
        "meet_link",
        "UTILITY",
        "Hello {{1}}, this is the link for your video visit with {{2}}: {{3}}",
        "Maria",
        "Bright Smile Dental",
        "https://meet.example.com/abc-defg-hij",
    ),
)
"""What a practice run can send: name, category, components (row M33). All approved, in English."""
