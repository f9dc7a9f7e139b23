"""What of a message decides: its own new words, without quoted mails, forwarded parts and signatures."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

LONGEST = 4_000
"""Characters of the raw text that are looked at; what comes later in a longer message is pasted history."""

_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
# Runs of blanks say nothing, and patterns take long over them.
_GAPS = re.compile(r" {2,}|\n[ \n]*\n[ \n]*")
_SUBJECT = re.compile(r"\A\s*(?:subject|asunto|betreff)\s*:[ \t]*(.*)\n?", re.IGNORECASE)
_ANSWERED = re.compile(r"\s*(?:re|fw|fwd|aw|rv)\s*:", re.IGNORECASE)
# Where somebody else's words begin.
_QUOTE_BEGINS = re.compile(
    r"^[ \t]*(?:>|-{2,}\s*(?:original|forwarded|mensaje|reenviado)|begin forwarded message|_{5,}\s*$|"
    r"on .{4,120}\bwrote:\s*$|el .{4,120}\bescribi[oó]:\s*$|(?:from|de):.{1,160}\n[ \t]*(?:sent|date|to|enviado|fecha|para):)",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNATURE_BEGINS = re.compile(
    r"^[ \t]*(?:--+[ \t]*$|(?:sent|get|enviado|envoyé)\b.{0,12}\b(?:from|via|desde|outlook|for|de)\b.{0,40}$|"
    r"this (?:e-?mail|message|communication)\b.{0,60}\b(?:confidential|intended)|confidentiality notice|"
    r"este (?:correo|mensaje)\b.{0,60}\bconfidencial)",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING = re.compile(
    r"^[ \t]*(?:(?:with|many|kind|best|warm|warmest|kindest|thanks|and|yours|in|the)?[ \t]*){0,3}"
    r"(?:regards|wishes|thanks|thank you(?: so much| very much| in advance)?|cheers|sincerely|faithfully|truly|respectfully|"
    r"best|warmly|advance|gratefully|saludos(?: cordiales)?|atentamente|un saludo|(?:muchas )?gracias|dhanyavaad|shukriya|love|xoxo)"
    r"[ \t]*[,.!\-]*[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_AFTERTHOUGHT = re.compile(r"^[ \t]*p\.?[ \t]?[sd]\b[.:,]?.*(?:\n.+)*", re.IGNORECASE | re.MULTILINE)
_LONGEST_SIGNATURE = 9  # lines


class Clean(NamedTuple):
    """A message as the decision reads it."""

    own: str
    """The writer's own new words: NFKC, straight quotes, no invisible characters. May be empty."""
    closing: str
    """What was cut off as greeting and signature: a warm "thank you so much" still tells the mood."""


def clean(raw: str) -> Clean:
    """Cut a message down to what its writer has just written."""
    text = readable(raw[:LONGEST])
    subject = _SUBJECT.match(text)
    head = ""
    if subject:
        head, text = subject[1].strip(), text[subject.end() :]
        if _ANSWERED.match(head):
            head = ""  # the clinic's own subject, sent back
    own, closing = _without_signature(_without_quotes(text))
    own = own.strip()
    if head and head.casefold() not in own.casefold():
        own = f"{head}.\n{own}" if own else head
    return Clean(own, closing.strip())


def readable(raw: str) -> str:
    """The same text in one alphabet of signs: compatibility forms folded, invisible and control characters gone."""
    text = unicodedata.normalize("NFKC", raw).translate(_STRAIGHT).replace("\r\n", "\n").replace("\r", "\n")
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_visible, text))
    return _GAPS.sub(lambda gap: "\n\n" if "\n" in gap[0] else " ", text)


@lru_cache(maxsize=4096)
def _visible(sign: str) -> str:
    if sign == "\n":
        return sign
    kind = unicodedata.category(sign)
    if kind in {"Cf", "Mn"} and not unicodedata.combining(sign):  # joiners, marks of direction, variation selectors
        return "" if kind == "Cf" or "\ufe00" <= sign <= "\ufe0f" else sign
    return " " if kind in {"Cc", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"} else sign


@lru_cache(maxsize=4096)
def _bare(sign: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(c))


def plain(text: str) -> str:
    """Folded case, no accents: how words are compared."""
    folded = text.casefold()
    return folded if folded.isascii() else "".join(map(_bare, folded))


def _without_quotes(text: str) -> str:
    begins = _QUOTE_BEGINS.search(text)
    if begins is None:
        return text
    before = text[: begins.start()]
    if before.strip():
        return before
    # The quotation comes first, the answer below it.
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))


def _without_signature(text: str) -> tuple[str, str]:
    cut = len(text)
    begins = _SIGNATURE_BEGINS.search(text)
    if begins and text[: begins.start()].strip():
        cut = begins.start()
    for closing in _CLOSING.finditer(text, 0, cut):
        rest = text[closing.end() : cut]
        if text[: closing.start()].strip() and rest.count("\n") <= _LONGEST_SIGNATURE:
            cut = closing.start()
            break
    tail = text[cut:]
    own = text[:cut]
    for afterthought in _AFTERTHOUGHT.finditer(tail):
        own = f"{own.rstrip()}\n{afterthought[0]}"
    return own, tail[:200]
