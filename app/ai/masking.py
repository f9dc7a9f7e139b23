"""Who wrote is nobody's business but the clinic's: names, numbers and addresses are replaced before any call outside.

``Mask`` keeps what it took out, gives the same value the same placeholder in every text of one call, and puts the
values back in an answer. It errs on the side of hiding: a date with a year, any run of five digits, and two capitalised
words in a row are hidden too. What it must not lose is what a reading needs: days, times of day, prices, treatments.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from app.ai.masking_patterns import (
    ADDRESSES,
    BIRTHS,
    FIRST_NAMES,
    LINKS,
    MAILS,
    NAMES,
    NUMBERS,
    ORDINARY,
    PARTICLES,
    PHONES,
    TITLED,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PLACEHOLDER = re.compile(r"\[(?:WORD|MAIL|LINK|BIRTH|PHONE|NUMBER|ADDRESS|NAME)_\d{1,6}\]", re.IGNORECASE | re.ASCII)
"""A placeholder, in whatever case a model writes it. What still matches after ``restore`` was made up by the model."""

# Where spans overlap they are hidden as one, of the kind named first.
_RULES: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...] = (
    ("WORD", (PLACEHOLDER,)),  # what already looks like a placeholder is a word like others: it must come back too
    ("MAIL", MAILS),
    ("LINK", LINKS),
    ("BIRTH", BIRTHS),
    ("PHONE", PHONES),
    ("NUMBER", NUMBERS),
    ("ADDRESS", ADDRESSES),
)
_WORD = re.compile(r"[^\W\d_]+")
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "mx", "prof", "sr", "sra", "doctor"})
_BETWEEN = frozenset({" ", "-", "'", ". ", "  "})  # between the words of one name


class Mask:
    """Hides and restores for one call. ``names``: known beforehand, of the contact, the household and the staff."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._placeholders: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._known, self._cautious = _known(names)

    def hide(self, text: str) -> str:
        """Return the text with placeholders. ``restore`` of it is the text again, to the character."""
        pieces = []
        done = 0
        for start, end, kind in self._spans(text):
            pieces += [text[done:start], self._placeholder(kind, text[start:end])]
            done = end
        return "".join([*pieces, text[done:]])

    def restore(self, text: str) -> str:
        """Put back what was taken out; a placeholder that was never given stays."""
        return PLACEHOLDER.sub(lambda found: self._values.get(found[0].upper(), found[0]), text)

    def _placeholder(self, kind: str, value: str) -> str:
        if (kind, value) not in self._placeholders:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            made = f"[{kind}_{self._counts[kind]}]"
            self._placeholders[kind, value] = made
            self._values[made] = value
        return self._placeholders[kind, value]

    def _spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What is to be hidden: in order, apart from each other."""
        plain, places = _folded(text)
        found = [
            (*one.span("value" if "value" in pattern.groupindex else 0), rank, kind)
            for rank, (kind, patterns) in enumerate(_RULES)
            for pattern in patterns
            for one in pattern.finditer(plain)
        ]
        found += [(start, end, len(_RULES), "NAME") for start, end in self._names(plain)]
        for start, end, kind in _joined(found):
            yield places[start], places[end - 1] + 1, kind

    def _names(self, plain: str) -> Iterator[tuple[int, int]]:
        """Where names stand that are known, common, introduced as such, or written like names."""
        if self._known:
            yield from (one.span() for one in self._known.finditer(plain))
        for pattern in NAMES:
            for one in pattern.finditer(plain):
                yield from _trimmed(plain, *one.span("value"))
        run: list[re.Match[str]] = []
        for word in _WORD.finditer(plain):
            small = word[0].casefold()
            is_titled = TITLED.match(word[0]) is not None
            if small in FIRST_NAMES or (is_titled and small in self._cautious):
                yield word.span()
            if run and (not is_titled or plain[run[-1].end() : word.start()] not in _BETWEEN):
                yield from _whole(run)
                run = []
            if is_titled and small not in ORDINARY:
                run.append(word)
        yield from _whole(run)


def _joined(found: list[tuple[int, int, int, str]]) -> list[tuple[int, int, str]]:
    """Join what overlaps."""
    joined: list[tuple[int, int, int, str]] = []
    for start, end, rank, kind in sorted(found):
        if joined and start < joined[-1][1]:
            first, last, rank_before, kind_before = joined[-1]
            best, its_kind = min((rank_before, kind_before), (rank, kind))
            joined[-1] = (first, max(last, end), best, its_kind)
        elif end > start:
            joined.append((start, end, rank, kind))
    return [(start, end, kind) for start, end, _, kind in joined]


def _whole(run: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Two capitalised words and more are a name; one may begin a sentence."""
    if len(run) > 1:
        yield run[0].start(), run[-1].end()


def _trimmed(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A name that was announced, up to the first everyday word."""
    name: list[re.Match[str]] = []
    for word in _WORD.finditer(plain, start, end):
        small = word[0].casefold()
        if name and small in PARTICLES:
            continue
        if small in ORDINARY:
            break
        name.append(word)
    if name:
        yield name[0].start(), name[-1].end()


def _known(names: Iterable[str]) -> tuple[re.Pattern[str] | None, frozenset[str]]:
    """How known names look, whole and in parts; and the parts that are everyday words, which need their capital."""
    wanted: set[str] = set()
    cautious: set[str] = set()
    for name in names:
        parts = [part for part in re.split(r"[\s,.-]+", _folded(name)[0].casefold()) if part]
        if len(parts) > 1:
            wanted.add(r"[\s,.-]+".join(map(re.escape, parts)))
        for part in parts:
            if part in _TITLES:
                continue
            if part in ORDINARY or (len(part) < 3 and part.isascii()):
                cautious.add(part)
            elif part not in PARTICLES:
                wanted.add(re.escape(part))
    if not wanted:
        return None, frozenset(cautious)
    longest_first = "|".join(sorted(wanted, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{longest_first})(?![^\W_])", re.IGNORECASE), frozenset(cautious)


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The text as the patterns read it, and where each of its characters stands in the original."""
    if text.isascii():
        return text, range(len(text))
    kept = [(found, at) for at, sign in enumerate(text) if (found := _plain(sign))]
    return "".join(sign for sign, _ in kept), [at for _, at in kept]


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    """One character without accent and width; nothing for one that cannot be seen."""
    if unicodedata.category(sign) in {"Cf", "Mn"}:
        return ""
    base = "".join(one for one in unicodedata.normalize("NFKD", sign) if unicodedata.category(one) != "Mn")
    return base if len(base) == 1 else sign
