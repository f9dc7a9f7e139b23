"""Dates and clock times as patients write them, relative to when the message came in.

English, Spanish and Hindi in Latin letters; the commonest words of a few other languages. The rules are those that the
messages are labelled by: a bare weekday is the next such day, "next Friday" the one of the following week, a day of the
month the next one to come, "6/3" whichever reading lies nearer ahead, "at 4" lies between 07:00 and 18:59. Recurring and
open expressions ("Mondays", "next week") carry no date.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from app.ai.adapters.builtin.calendar_words import MONTHS, NUMBERS, PARTS, WEEKDAYS, WORDS
from app.ai.adapters.builtin.text import plain
from app.ai.labels import When

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Reader = Callable[[re.Match[str], date], "date | None"]

LONGEST = 2_000
"""Characters that are read."""
MOST = 12
"""Expressions that are kept: a pasted calendar says nothing about one appointment."""


_OPEN = date.max
_READ = "\u00b7"


def _any(words: object) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))  # type: ignore[call-overload]


_MONTH = rf"(?P<month>{_any(MONTHS)})\b\.?"
_WEEKDAY = rf"(?P<weekday>{_any(WEEKDAYS)})"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|\u00ba|\u00aa|o(?= de))?"
_YEAR = r"(?:,? (?:de |del )?(?P<year>20\d\d))?"
_BEFORE, _AFTER = r"(?<![\w$/.:-])", r"(?![\w/:%-]|\.\d)"
_NEXT = r"next|nxt|proxim[oa]|agle|agla|nachsten?|prochaine?"
_NEXT_WEEK = r"next (?:week|wk)|(?:de |en )?la (?:semana que viene|proxima semana|semana proxima|otra semana)|agle (?:hafte|week)"
_ONCE_IN_A_WHILE = r"(?:every|each|any|cada|todos los|todas las|har)"


def find_dates(own: str, received_at: datetime) -> tuple[When, ...]:
    """All dates and clock times of a message's own words, in their order."""
    own = own[:LONGEST]
    text = plain(own)
    said = own if len(own) == len(text) else text
    today = received_at.date()
    found: list[tuple[int, When]] = []
    at_hand = _at_hand(text)
    for needs, pattern, reader in _DATES:
        if not needs <= at_hand:
            continue
        for match in list(pattern.finditer(text)):
            with suppress(ValueError, OverflowError):
                day = reader(match, today)
                if day is None:
                    continue
                if day is not _OPEN:
                    found.append((match.start(), When(text=said[slice(*match.span())].strip(), date=day.isoformat())))
                # What was read is not read a second time; its place stays, so that positions hold.
                text = f"{text[: match.start()]}{_READ * len(match[0])}{text[match.end() :]}"
    found.extend((at, When(text=said[at:end].strip(), time=time)) for at, end, time in _times(text))
    return tuple(when for _, when in sorted(found, key=lambda pair: pair[0])[:MOST])


# Dates


def _named_month(match: re.Match[str], today: date) -> date:
    return _to_come(today, MONTHS[match["month"]], int(match["day"]), match["year"])


def _to_come(today: date, month: int, day: int, year: str | None = None) -> date:
    if year:
        return date(int(year), month, day)
    with suppress(ValueError):
        if (this_year := date(today.year, month, day)) >= today:
            return this_year
    return date(today.year + 1, month, day)


def _two_numbers(match: re.Match[str], today: date) -> date | None:
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    if year and len(year) == 2:
        year = f"20{year}"
    readings = []
    for month, day in ((first, second), (second, first)):
        with suppress(ValueError):
            readings.append(_to_come(today, month, day, year))
    return min(readings, key=lambda day: (day < today, abs(day - today)), default=None)


def _written_out(match: re.Match[str], _today: date) -> date:
    return date(int(match["year"]), int(match["month"]), int(match["day"]))


def _of_the_month(match: re.Match[str], today: date) -> date | None:
    """Say which is the next such day of the month; months that do not have it are passed over."""
    day = int(match["day"])
    if not 1 <= day <= 31:
        return None
    year, month = today.year, today.month
    for _ in range(4):
        with suppress(ValueError):
            if (found := date(year, month, day)) >= today:
                return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _bare_weekday(match: re.Match[str], today: date) -> date:
    ahead = (WEEKDAYS[match["weekday"]] - today.weekday()) % 7
    return today + timedelta(ahead or 7)


def _weekday_of_next_week(match: re.Match[str], today: date) -> date:
    monday = today - timedelta(today.weekday())
    return monday + timedelta(7 + WEEKDAYS[match["weekday"]])


def _next_weekday(match: re.Match[str], today: date) -> date:
    named = WEEKDAYS[match["weekday"] or match["after"]]
    return today - timedelta(today.weekday()) + timedelta(7 + named)


def _week_after_weekday(match: re.Match[str], today: date) -> date:
    return _bare_weekday(match, today) + timedelta(7)


def _in_some_time(match: re.Match[str], today: date) -> date:
    count = match["count"]
    number = int(count) if count.isdigit() else NUMBERS[count]
    return today + timedelta(number * (7 if match["unit"][0] in "wsh" else 1))


def _nothing(_match: re.Match[str], _today: date) -> date:
    """Open and recurring expressions: read, so that nothing else reads them, and without a date."""
    return _OPEN


def _fixed(days: int) -> Reader:
    return lambda _match, today: today + timedelta(days)


_COUNT = rf"(?P<count>\d{{1,2}}|{_any(NUMBERS)})"
_UNIT = r"(?P<unit>days?|dias?|din|weeks?|wks?|semanas?|haft[ae])"


def _at_hand(text: str) -> frozenset[str]:
    """What kinds of words and numbers a text has at all: most patterns need not be tried."""
    words = set(_SPLIT.split(text))
    found = {"d"} if _DIGIT.search(text) else set()
    if not words.isdisjoint(MONTHS):
        found.add("m")
    if not words.isdisjoint(_DAY_WORDS):
        found.add("w")
    return frozenset(found)


_SPLIT = re.compile(r"[^a-z\u0080-\uffff]+")
_DIGIT = re.compile(r"\d")
_DAY_WORDS = {part for word in WEEKDAYS for part in word.split("-")}
_NEEDS = {"".join(kinds): frozenset(kinds) for kinds in ("", "d", "m", "w", "dm", "dw")}


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# In the order in which they are tried.
_DATES: tuple[tuple[frozenset[str], re.Pattern[str], Reader], ...] = (
    # a week or a part of a month has no date
    (_NEEDS[""], _compile(rf"\b(?:the |la |el )?(?:week|semana|weekend|first (?:week|half)|second (?:week|half)|last week|end|beginning|middle|mid|finales|principios) (?:of|de|del) (?:the )?(?:{_DAY}|{_any(MONTHS)})\b"), _nothing),
    (_NEEDS["w"], _compile(rf"\b{_ONCE_IN_A_WHILE} (?:other |otro )?{_WEEKDAY}s?\b(?: (?:or|o|and|y) {_WEEKDAY.replace('weekday', 'second')}s?\b)?"), _nothing),
    (_NEEDS["d"], _compile(_BEFORE + r"(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)"), _written_out),
    (_NEEDS["dm"], _compile(rf"(?:\b{_WEEKDAY},? (?:the |el |den |le )?)?{_BEFORE}{_DAY} ?(?:of |de |of the )?{_MONTH}{_YEAR}"), _named_month),
    (_NEEDS["dm"], _compile(rf"(?:\b{_WEEKDAY},? )?\b{_MONTH} (?:the )?{_DAY}{_AFTER}{_YEAR}"), _named_month),
    (_NEEDS["d"], _compile(rf"(?:\b{_WEEKDAY},? )?{_BEFORE}(?!24/7\b)(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})(?:/(?P<year>20\d\d|\d\d))?(?![\d/%])(?! (?:pain|dolor))"), _two_numbers),
    (_NEEDS["d"], _compile(_BEFORE + r"(?P<first>\d{1,2})[.-](?P<second>\d{1,2})[.-](?P<year>20\d\d|2\d)(?![\d-])"), _two_numbers),
    # counted from today
    (_NEEDS[""], _compile(rf"\b{_COUNT} {_UNIT} (?:from (?:today|now)|a partir de hoy|de hoy)\b"), _in_some_time),
    (_NEEDS[""], _compile(rf"\b(?:in|en|dentro de) {_COUNT} {_UNIT}\b(?! (?:pain|or|o)\b)"), _in_some_time),
    (_NEEDS[""], _compile(rf"(?<!\w)(?:{_any(WORDS['after tomorrow'])})(?!\w)"), _fixed(2)),
    (_NEEDS[""], _compile(rf"(?<!\w)(?:{_any(WORDS['not a date'])})(?!\w)"), _nothing),
    (_NEEDS[""], _compile(rf"(?<!\w)(?:{_any(WORDS['today'])})(?!\w)"), _fixed(0)),
    (_NEEDS[""], _compile(rf"(?<!\w)(?:{_any(WORDS['tomorrow'])})(?!\w)|\u660e\u5929"), _fixed(1)),
    (_NEEDS[""], _compile(r"\u4eca\u5929"), _fixed(0)),
    # weekdays
    (_NEEDS["dw"], _compile(rf"\b{_WEEKDAY},? (?:the |el |el dia |dia |den )?{_DAY}{_AFTER}(?! ?(?:am|pm|a\.m|p\.m|baje|uhr|h\b|o'clock|min|or so|people))"), lambda match, today: _of_the_month(match, today) if _is_that_weekday(match, today) else None),
    (_NEEDS["w"], _compile(rf"\b(?:{_NEXT}) {_WEEKDAY}(?:'s)?\b|\b{_WEEKDAY.replace('weekday', 'after')} (?:que viene|proximo|de la proxima|of next week)\b"), _next_weekday),
    (_NEEDS["w"], _compile(rf"\b{_WEEKDAY},? (?:(?:of|de|ka) )?(?:{_NEXT_WEEK})|(?:{_NEXT_WEEK})(?: on| el| ka| ke)? {_WEEKDAY.replace('weekday', 'after')}\b"), _next_weekday),
    (_NEEDS["w"], _compile(rf"\ba week (?:from|on|after) (?:this )?{_WEEKDAY}\b|\b{_WEEKDAY.replace('weekday', 'after')} week\b"), lambda match, today: _week_after_weekday(match, today) if match["weekday"] else None),
    (_NEEDS["w"], _compile(rf"(?<![\w']){_WEEKDAY}(?:'s)?(?![\w']|(?<=s)'| (?:afternoons|mornings|evenings|nights)\b)"), _bare_weekday),
    (_NEEDS[""], _compile(r"(?:\u661f\u671f|\u5468|\u793c\u62dc)(?P<sign>[\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u65e5\u5929])"), lambda match, today: today + timedelta(("\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u65e5\u5929".index(match["sign"]) % 7 - today.weekday()) % 7 or 7)),
    # a day of a month that is not named
    (_NEEDS["d"], _compile(r"(?<![\w$/.:-])(?P<day>[0-3]?\d)(?:st|nd|rd|th)\b(?! (?:one|visit|time|floor|grade|molar|opinion|appointment|appt|birthday|st\b|street|ave|reminder|message|text|party|week|option|slot|dose|tooth|try|call|email|of [a-z]+ (?:messages|texts)))"), _of_the_month),
    (_NEEDS["d"], _compile(r"\b(?:el dia|dia|el|del|al|para el|the|den|le|am|on) (?P<day>[0-3]?\d)(?:(?=[^\w:/%.,-])|(?=[.,](?!\d))|$)(?! ?(?:am|pm|a\.m|p\.m|o'clock|min|years?|yr|days?|weeks?|hours?|hrs|month|fillings?|kids|people|de los|por ciento|percent|of (?:us|them|my)|appointments?|teeth|x-?rays|stars?|uhr|h\b|horas|heures))"), _of_the_month),
    (_NEEDS["d"], _compile(r"(?<![\w$/.:-])(?P<day>[0-3]?\d) (?:ko|tareekh|tarikh|taarikh|wali|wale|date|tareek|\u0924\u093e\u0930\u0940\u0916|\u0915\u094b)(?!\w)"), _of_the_month),
)  # fmt: skip


def _is_that_weekday(match: re.Match[str], today: date) -> bool:
    """Whether "Monday 9" is the ninth: when that is a Monday; else the number is an hour or a slip."""
    day = _of_the_month(match, today)
    return day is not None and (day.weekday() == WEEKDAYS[match["weekday"]] or day.day > 12)


# Times

_CLOCK = re.compile(
    r"(?<![\w$/.:+-])(?P<hour>[01]?\d|2[0-3])"
    r"(?:(?:[:.]|h)(?P<minute>[0-5]\d)(?![\d:]))?\s?(?P<half>[ap]\.?m\b\.?|a\b(?= )|p\b)?(?P<ish>ish\b)?(?P<clock>\s?(?:o ?'? ?clock|oclock|baje|bje|uhr|hrs?\b|h\b|horas\b|heures?\b|\u092c\u091c\u0947|\u70b9|\u9ede))?"
    r"(?![\w:/%]|[.,-]\d)"
)
_UNITS = re.compile(
    r" ?(?:%|min|years?|yrs?|yo\b|days?|weeks?|wks?|months?|hours?\b|anos?|dias?|semanas?|meses|horas antes|people|kids|stars?|times|din\b|saal|mahine|ghant|teeth|tooth|visits?|visitas|citas|cleanings?|limpiezas|others?|dollars|bucks|rupees|rs\b|k\b|mg|st\b|nd\b|rd\b|th\b|degrees|fillings?|crowns?|appointments?|appts?|of us|de nosotros|(?:am|pm)?\d)"
)
_LEADS = re.compile(
    r"(?:\bat|@|\bby|\btil|\btill|\buntil|\bbefore|\bafter|\baround|\babout|\bfrom|\bpast|\bbetween|\binstead of|\bmake it|\blike|\bat around|\bthan|"
    r"\ba las?|\blas?|\bdespues de las?|\bantes de las?|\bsobre las?|\bhacia las?|\bentre las?|\bgegen|\bum|\bnach|\bvor|\bas|\bvers|\bsubah|\bshaam|\bsham|\bdopahar|\braat|"
    r"\bmorning|\bafternoon|\bevening|\btoday|\btomorrow|\bde las?|\b\u00b7+(?:,| at)?|\u00b7(?:,| at)?) ?$"
)
_AHEAD = re.compile(r" ?\u00b7")
_MAYBE = re.compile(r"\b(?:do|be|for|maybe|prefer) $")
_ENDS = re.compile(r" ?(?:[?.,!;)]|$|instead|please|pls|ok\b|work)")
_SINCE = re.compile(r"\b(?:since|desde|desde las?) $")
# "9 or 10", "between 3 and 5", "3 to 4": a number beside a time is one too.
_JOINS = re.compile(
    r" ?(?:or|and|to|o|y|a|-|ya|se|till|til|until|/|,|instead of|rather than|not) ?(?:at |las |a las |like |maybe )?$"
)
_WORD_TIMES = re.compile(
    rf"\b(?P<noon>noon|midday|mediodia|medio dia|12 noon)\b|\bhalf (?:past )?(?P<half>\d{{1,2}}|{_any(NUMBERS)})\b|\bquarter (?P<which>past|after|to|till) (?P<quarter>\d{{1,2}}|{_any(NUMBERS)})\b|"
    rf"\b(?P<oclock>{_any(NUMBERS)}) ?o ?'? ?clock\b|\b(?:at(?! once)|a las|a la|after|before|around|by) (?P<bare>{_any(NUMBERS)})(?: (?P<thirty>thirty|fifteen|forty ?-?five|y media|y cuarto))?\b(?! (?:days?|weeks?|years?|hours?|months?|min|of|visitas|citas|thing|point|time|more|dias|semanas))|"
    r"\b(?:las?|a las?) (?P<spanish>\d{1,2}) y (?P<part>media|cuarto)\b|\b(?P<hindi>saa?dhe|sava|paune) (?P<hour>\d{1,2})\b"
)


def _times(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _WORD_TIMES.finditer(text):
        if time := _worded(match):
            yield match.start(), match.end(), time
    text = _WORD_TIMES.sub(lambda match: "\u00b7" * len(match[0]), text)
    last_end = -1
    for match in _CLOCK.finditer(text):
        before = text[max(0, match.start() - 24) : match.start()]
        is_marked = match["half"] or match["clock"] or match["ish"] or (match["minute"] and ":" in match[0])
        follows = last_end >= 0 and _JOINS.fullmatch(text[last_end : match.start()])
        leads = (
            _LEADS.search(before)
            or _AHEAD.match(text, match.end())
            or (_MAYBE.search(before) and _ENDS.match(text, match.end()))
        )
        if not (is_marked or ((follows or leads) and not _UNITS.match(text, match.end()))) or _SINCE.search(before):
            continue
        time = _clock(int(match["hour"]), int(match["minute"] or 0), match["half"], before, text[match.end() :][:24])
        if time:
            last_end = match.end()
            yield match.start(), match.end(), time


def _clock(hour: int, minute: int, half: str | None, before: str, after: str) -> str | None:
    if half:
        if not 1 <= hour <= 12:
            return None if hour == 0 or hour > 23 else f"{hour:02}:{minute:02}"
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    elif 1 <= hour <= 12:
        part = PARTS.search(after) or PARTS.search(before[-12:])
        hour = _by_part(hour, part.lastgroup if part else None)
    elif hour == 0:
        return None
    return f"{hour:02}:{minute:02}"


def _by_part(hour: int, part: str | None) -> int:
    """The hour of the day that "4" is, told the part of the day or taken between 07:00 and 18:59."""
    if part == "morning":
        return hour % 12 if hour < 12 else 12
    if part == "evening":
        return hour if hour == 12 else hour + 12
    return hour + 12 if hour < 7 else hour


def _worded(match: re.Match[str]) -> str | None:
    if match["noon"]:
        return "12:00"
    minute = 0
    word = match["oclock"] or match["bare"] or match["half"] or match["quarter"] or match["spanish"] or match["hour"]
    hour = int(word) if word.isdigit() else NUMBERS[word]
    if not 1 <= hour <= 12:
        return None
    hour = _by_part(hour, None)
    if (
        match["half"]
        or match["part"] == "media"
        or ((match["hindi"] or "").startswith("sa") and match["hindi"] != "sava")
    ):
        minute = 30
    elif match["thirty"]:
        minute = {
            "t": 30,
            "f": 45 if "forty" in match["thirty"] else 15,
            "y": 30 if "media" in match["thirty"] else 15,
        }[match["thirty"][0]]
    elif match["which"] in {"to", "till"} or match["hindi"] == "paune":
        hour, minute = hour - 1, 45
    elif match["quarter"] or match["part"] or match["hindi"] == "sava":
        minute = 15
    return f"{hour:02}:{minute:02}"
