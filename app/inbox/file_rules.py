"""What may be kept, shown and sent: rules about files without database, clock or network."""

from __future__ import annotations

import re
import unicodedata

from app.kit.sniff import HTML, PROGRAM, SVG, UNKNOWN, XML

MIB = 1024 * 1024
LARGEST_FILE = 10 * MIB
MOST_FILES = 10
"""Of one message that we send; Twilio takes no more."""
MOST_HELD = 30
"""Of one message that we receive."""
LONGEST_NAME = 120

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif"})
"""As they are kept: a picture of any kind is written anew as one of these."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCUMENTS = frozenset(
    {
        "application/pdf",
        f"{_OFFICE}wordprocessingml.document",
        f"{_OFFICE}spreadsheetml.sheet",
        f"{_OFFICE}presentationml.presentation",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "text/plain",
        "text/csv",
        "text/vcard",
        "text/calendar",
    }
)
SOUNDS = frozenset({"audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg", "audio/wav"})
FILMS = frozenset({"video/mp4", "video/3gpp", "video/quicktime", "video/webm"})
SENDABLE = PICTURES | DOCUMENTS | SOUNDS | FILMS
ONLY_BYTES = frozenset({HTML, SVG, XML, UNKNOWN, PROGRAM, "application/zip", "image/heic", "image/avif"})
"""Handed out as bytes to save, whatever they are: a browser must not even try to show them."""

_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/amr": "amr",
    "audio/aac": "aac",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "text/plain": "txt",
    "text/vcard": "vcf",
    "text/calendar": "ics",
}
_WORDS = {"image": "Picture", "audio": "Recording", "video": "Video"}
_SPACE = re.compile(r"\s+")


def clean_name(name: str) -> str:
    """Return a file's name without folders, line breaks and marks that turn the reading direction around."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    plain = _SPACE.sub(" ", shown).strip(" .")
    if len(plain) <= LONGEST_NAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: LONGEST_NAME - 12]}{dot}{ending[:10]}" if dot else plain[:LONGEST_NAME]


def name_for(name: str, kind: str) -> str:
    """Return the name a file is shown by: its own with the ending of what it is, or a word for what it is."""
    ending = _ENDINGS.get(kind)
    if not name:
        word = _WORDS.get(kind.partition("/")[0], "File")
        return f"{word}.{ending}" if ending else word
    if kind in PICTURES:
        stem, dot, had = name.rpartition(".")
        if not dot:
            return f"{name}.{ending}"
        if had.lower() not in {ending, "jpeg" if ending == "jpg" else ending}:
            return f"{stem}.{ending}"
    return name


def served_type(kind: str) -> str:
    """Return the type a file is served with."""
    return UNKNOWN if kind in ONLY_BYTES or kind not in SENDABLE else kind


def is_shown(kind: str) -> bool:
    """Say whether a browser may show it: only pictures, which we have drawn ourselves."""
    return kind in PICTURES


_WHATSAPP = {"image/jpeg": 5, "image/png": 5, "video/mp4": 16, "video/3gpp": 16}
_WHATSAPP_SOUNDS = SOUNDS - {"audio/wav"}


def why_not(channel: str, files: list[tuple[str, int]]) -> str | None:
    """Return why these files (type and bytes) cannot go by this kind of channel, in plain words; None when they can."""
    total = sum(size for _, size in files)
    if len(files) > MOST_FILES:
        return f"At most {MOST_FILES} files go with one message."
    if channel == "sms":
        if any(kind not in PICTURES for kind, _ in files):
            return "Only pictures can go with a text. Send other files by email."
        if total > 5 * MIB:
            return "Pictures in a text can have 5 MB together. Send fewer or smaller ones, or use email."
    elif channel == "whatsapp":
        return _why_not_whatsapp(files)
    elif total > LARGEST_FILE:
        return "The files of one message can have 10 MB together."
    return None


def _why_not_whatsapp(files: list[tuple[str, int]]) -> str | None:
    for kind, size in files:
        if kind not in _WHATSAPP and kind not in _WHATSAPP_SOUNDS and kind not in DOCUMENTS:
            return "WhatsApp does not take this kind of file. Send it by email."
        most = _WHATSAPP.get(kind, 16)
        if size > most * MIB:
            return f"WhatsApp takes at most {most} MB of this kind of file."
    return None
