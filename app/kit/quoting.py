"""Where a mail's own words end: below it only quoted history and signatures follow.

A guess for display only; the whole text is always kept. Line by line and in linear time: the two libraries there are
(mail-parser-reply 1.36, email-reply-parser 0.5.12) read 10 of our 13 real cases and run for minutes on hostile ones.
"""

from __future__ import annotations

import re

_WROTE = (
    ("on ", ("wrote:",)),
    ("am ", ("schrieb:",)),
    ("el ", ("escribió:", "escribio:")),
    ("le ", ("a écrit :", "a écrit:")),
    ("il ", ("ha scritto:",)),
    ("em ", ("escreveu:",)),
    ("op ", ("schreef:",)),
    ("den ", ("skrev:",)),
)
"""How mail programs introduce what they quote, by language: a line (or up to three) from the one word to the other."""
_WRAPPED = 3
_LONGEST_LINE = 500
_GERMAN = re.compile(r"am .{1,200} schrieb .{1,250}:")
_FIELD = re.compile(r"[*> ]{0,4}(?:from|sent|to|cc|subject|date|von|gesendet|an|betreff|datum|de|enviado|para|asunto|"
                    r"envoyé|à|objet|fecha|da|inviato|a|oggetto|data):", re.IGNORECASE)  # fmt: skip
_ORIGINAL = re.compile(
    r"-{3,} ?(?:original message|ursprüngliche nachricht|mensaje original|message d'origine|messaggio originale) ?-+",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"(?:sent from my |sent from outlook|get outlook for |gesendet von |von meinem .{1,40} gesendet|enviado desde mi |"
    r"envoyé de mon |inviato da |enviado do meu )",
    re.IGNORECASE,
)


def quote_start(text: str) -> int | None:
    """Return how many characters of the text are its author's own; None where that is all of it, or none."""
    lines = text.split("\n")
    plain = [line.strip() if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] for line in lines]
    last_own = max((at for at, line in enumerate(plain) if line and not line.startswith(">")), default=-1)
    end = next((at for at in range(len(plain)) if _history_starts(plain, at, last_own)), len(plain))
    end = _without_trailing_quote(plain, end)
    own = "\n".join(lines[:end]).rstrip()
    return len(own) if own.strip() and len(own) < len(text.rstrip()) else None


def _history_starts(lines: list[str], at: int, last_own: int) -> bool:
    line = lines[at]
    if not line:
        return False
    if line == "--" or _ORIGINAL.fullmatch(line):
        return True
    if line.strip("_") == "" and len(line) >= 20:
        return _fields(lines, at + 1) >= 2
    if _FIELD.match(line) and _fields(lines, at) >= 3:
        return True
    length = _introduces(lines, at)
    if not length:
        return False
    below = next((one for one in lines[at + length : at + length + 4] if one), "")
    # Quoted first and then answered below: those are the author's own words.
    return last_own < at + length or not below.startswith(">")


def _fields(lines: list[str], at: int) -> int:
    """Count the lines that look like a mail's header (From:, Sent:, ...) right from here on."""
    return sum(1 for line in lines[at : at + 6] if _FIELD.match(line))


def _introduces(lines: list[str], at: int) -> int:
    """Return over how many lines "On Monday, Ann wrote:" goes; 0 where it does not."""
    start = lines[at].lower()
    ends = next((ends for word, ends in _WROTE if start.startswith(word)), None)
    if ends is None:
        return 0
    for length in range(1, _WRAPPED + 1):
        joined = " ".join(lines[at : at + length]).lower()
        if joined.endswith(ends) or (start.startswith("am ") and _GERMAN.fullmatch(joined)):
            return length
    return 0


def _without_trailing_quote(lines: list[str], end: int) -> int:
    while end and (not (line := lines[end - 1]) or line.startswith(">") or _SENT_FROM.match(line)):
        end -= 1
    return end
