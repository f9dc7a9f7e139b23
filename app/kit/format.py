"""Times, phone numbers, names and lengths as people read them, in the clinic's own zone and locale.

Every function takes instants as ``datetime`` or as the RFC 3339 text of an event's data, because the same templates
render both. The browser's twin is ``static/js/time.js``: what both say must be the same words.
"""

from __future__ import annotations

import datetime as dt
import math
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from phonenumbers import PhoneNumberFormat

from app.kit import clock
from app.kit.quoting import quote_start

Instant = dt.datetime | str | None

FULL_DATE, WEEKDAY = "full", "EEEE"
"""The locale's longest date, and a day's whole name; every other format is a skeleton."""

DAY_MINUTES = 24 * 60
LONGEST_WAIT_DAYS = 30
"""Waiting time is counted day by day; what waits longer than this is shown as this long."""

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€\f")

CHANNEL_WORDS = {"sms": "Text", "whatsapp": "WhatsApp", "email": "Email", "webchat": "Web chat"}
CHANNEL_PLURALS = {"sms": "texts", "whatsapp": "WhatsApp messages", "email": "emails", "webchat": "web chat"}
CHANNEL_BY = {"sms": "text", "whatsapp": "WhatsApp", "email": "email", "webchat": "web chat"}
"""By which a message goes: "sent by email"."""
CHANNEL_ICONS = {"sms": "message-square", "whatsapp": "message-circle", "email": "mail", "webchat": "globe"}


INTENT_WORDS = {
    "booking": "Wants to book",
    "new_patient": "New patient",
    "reschedule": "Reschedule",
    "cancel": "Cancels",
    "confirm": "Confirms",
    "question": "Question",
    "billing": "Billing",
    "clinical": "Asks the dentist",
    "emergency": "Emergency",
    "complaint": "Complaint",
    "opt_out": "No more messages",
    "thanks": "Thanks",
    "spam": "Spam",
    "other": "Something else",
}
MOOD_WORDS = {"positive": "Friendly", "neutral": "Neutral", "negative": "Upset"}
_INTENT_LOOKS = {
    **dict.fromkeys(("booking", "new_patient", "reschedule", "confirm"), " chip-brand"),
    **dict.fromkeys(("emergency", "complaint"), " chip-danger"),
}


def intent_look(intent: str) -> str:
    """Return the chip's further class: what fills the calendar is in the brand's colour, what hurts is red."""
    return _INTENT_LOOKS.get(intent, "")


def stopped_by(contact: Any, kind: str) -> str:
    """Return who may undo an opt-out: a person who stopped it by a message, or staff who wrote it down."""
    by_word = any(one.channel == kind and not one.granted and one.source == "keyword" for one in contact.consents)
    return "Only they can undo it, by sending START." if by_word else "If that has changed, write it down beside this."


# -- the clinic's place


def _of(clinic: Any, name: str, default: Any) -> Any:
    value = clinic.get(name) if isinstance(clinic, dict) else getattr(clinic, name, None)
    return default if value is None else value


@lru_cache(maxsize=256)
def _zone(name: str) -> dt.tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name, sep="-" if "-" in name else "_")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "US")


def instant(value: Instant) -> dt.datetime | None:
    """Return an aware datetime for a datetime or RFC 3339 text."""
    if not value:
        return None
    at = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def local(value: Instant, clinic: Any) -> dt.datetime | None:
    """Return the instant on the clinic's wall clock."""
    at = instant(value)
    return at.astimezone(_zone(_of(clinic, "timezone", "UTC"))) if at else None


def _today(clinic: Any, now: dt.datetime | None) -> dt.datetime:
    return (now or clock.now()).astimezone(_zone(_of(clinic, "timezone", "UTC")))


@lru_cache(maxsize=8_192)
def _clock(hour: int, minute: int, locale: str) -> str:
    # CLDR puts a narrow no-break space before AM and PM; a plain one keeps the text searchable (CSS keeps it on a line)
    return format_time(dt.time(hour, minute), "short", locale=_locale(locale)).replace("\u202f", " ")


@lru_cache(maxsize=8_192)
def _date(year: int, month: int, day: int, skeleton: str, locale: str) -> str:
    # format_skeleton takes instants only for skeletons that hold a zone: noon keeps the date what it is
    noon = dt.datetime(year, month, day, 12, tzinfo=dt.UTC)
    if skeleton in {FULL_DATE, WEEKDAY}:
        return format_date(noon, skeleton, locale=_locale(locale))
    return format_skeleton(skeleton, noon, tzinfo=dt.UTC, locale=_locale(locale))


def _day(at: dt.datetime, skeleton: str, clinic: Any) -> str:
    return _date(at.year, at.month, at.day, skeleton, _of(clinic, "locale", "en-US"))


# -- times


def iso(value: Instant) -> str:
    """Return the UTC text of the ``datetime`` attribute."""
    at = instant(value)
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""


def clock_time(value: Instant, clinic: Any) -> str:
    """Return "9:42 AM"."""
    at = local(value, clinic)
    return _clock(at.hour, at.minute, _of(clinic, "locale", "en-US")) if at else ""


def list_time(value: Instant, clinic: Any, now: dt.datetime | None = None) -> str:
    """Return how a list says when: "9:42 AM", "Yesterday", "Tue", "Mar 3" or "Mar 3, 2024"."""
    at = local(value, clinic)
    if at is None:
        return ""
    today = _today(clinic, now)
    days = (today.date() - at.date()).days
    if days <= 0:
        return clock_time(at, clinic)
    if days == 1:
        return "Yesterday"
    if days < 7:
        return _day(at, "E", clinic)
    return _day(at, "MMMd" if at.year == today.year else "yMMMd", clinic)


def day_key(value: Instant, clinic: Any) -> str:
    """Return the clinic's date, "2026-04-03": messages with another one stand under another divider."""
    at = local(value, clinic)
    return at.date().isoformat() if at else ""


def day_divider(value: Instant, clinic: Any, now: dt.datetime | None = None) -> str:
    """Return "Today", "Yesterday", "Tue, Mar 3" or "Mar 3, 2024"."""
    at = local(value, clinic)
    if at is None:
        return ""
    today = _today(clinic, now)
    days = (today.date() - at.date()).days
    if days <= 1:
        return "Yesterday" if days == 1 else "Today"
    return _day(at, "MMMEd" if at.year == today.year else "yMMMd", clinic)


def full_time(value: Instant, clinic: Any) -> str:
    """Return date, time and zone for a title: "Tuesday, March 3, 2026, 9:42 AM EST"."""
    at = local(value, clinic)
    return f"{_day(at, FULL_DATE, clinic)}, {clock_time(at, clinic)} {at.tzname()}" if at else ""


def week_time(value: Instant, clinic: Any) -> str:
    """Return "Tue, Mar 3, 9:42 AM": words that stay right whatever day it is."""
    at = local(value, clinic)
    return f"{_day(at, 'MMMEd', clinic)}, {clock_time(at, clinic)}" if at else ""


def long_time(value: Instant, clinic: Any) -> str:
    """Return "Tuesday, March 3, 9:42 AM": for a sentence that is sent and read any day."""
    at = local(value, clinic)
    return f"{_day(at, WEEKDAY, clinic)}, {_day(at, 'MMMMd', clinic)}, {clock_time(at, clinic)}" if at else ""


def clock_in(at: dt.datetime, clinic: Any) -> str:
    """Return "9:42 AM" as the clinic writes it, of the zone that the instant is in."""
    return _clock(at.hour, at.minute, _of(clinic, "locale", "en-US"))


def sends_later(message: Any) -> bool:
    """Say whether a message waits for a time that somebody chose, and not only for the time to take it back."""
    if _of(message, "status", "") != "scheduled":
        return False
    at, made = instant(_of(message, "send_at", None)), instant(_of(message, "created_at", None))
    return at is not None and made is not None and at - made > dt.timedelta(seconds=30)


def short_date(value: Instant, clinic: Any) -> str:
    """Return "Mar 3, 2026"."""
    at = local(value, clinic)
    return _day(at, "yMMMd", clinic) if at else ""


def date_time(value: Instant, clinic: Any) -> str:
    """Return "Mar 3, 2026, 9:42 AM"."""
    return f"{short_date(value, clinic)}, {clock_time(value, clinic)}" if value else ""


# -- waiting


def _on(day: dt.date, text: str, zone: dt.tzinfo) -> dt.datetime:
    hour, _, minute = text.partition(":")
    if int(hour) >= 24:
        return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), zone)
    return dt.datetime.combine(day, dt.time(int(hour), int(minute or 0)), zone)


def waiting_minutes(since: Instant, clinic: Any, now: dt.datetime | None = None) -> int:
    """Return how many minutes of clinic hours have passed; a clinic that has set no hours is always open."""
    start, end = instant(since), now or clock.now()
    if start is None or start >= end:
        return 0
    hours = _of(clinic, "hours", None)
    if not hours or not any(hours.values()):
        return min(int((end - start).total_seconds() // 60), LONGEST_WAIT_DAYS * DAY_MINUTES)
    zone = _zone(_of(clinic, "timezone", "UTC"))
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    day = max(day, last - dt.timedelta(days=LONGEST_WAIT_DAYS))
    seconds = 0.0
    while day <= last:
        for opens, closes in hours.get(str(day.isoweekday())) or ():
            # in UTC: the difference of two wall clocks is wrong on the night the clocks change
            opened, closed = _on(day, opens, zone).astimezone(dt.UTC), _on(day, closes, zone).astimezone(dt.UTC)
            seconds += max(0.0, (min(end, closed) - max(start, opened)).total_seconds())
        day += dt.timedelta(days=1)
    return int(seconds // 60)


def waiting_text(minutes: int) -> str:
    """Return "now", "3 min", "1 h 20" or "2 days"."""
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < DAY_MINUTES:
        return f"{minutes // 60} h {minutes % 60}" if minutes % 60 else f"{minutes // 60} h"
    days = minutes // DAY_MINUTES
    return "1 day" if days == 1 else f"{days} days"


def waiting_level(minutes: int, target: int) -> str:
    """Return "" until half of the reply target, then "soon", and "late" past it."""
    if minutes >= target:
        return "late"
    return "soon" if minutes * 2 >= target else ""


def snooze_options(clinic: Any, now: dt.datetime | None = None) -> list[tuple[str, str, str]]:
    """Return (words, when in words, instant) of the usual times to wake a conversation, in the clinic's mornings."""
    at = _today(clinic, now)
    later = (at + dt.timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    choices = [("Tomorrow morning", 1), ("Next Monday", 8 - at.isoweekday()), ("In a week", 7)]
    found = [("Later today", later)] if later.date() == at.date() else []
    found += [
        (word, dt.datetime.combine(at.date() + dt.timedelta(days=days), dt.time(9), at.tzinfo))
        for word, days in choices
    ]
    return [(word, f"{_day(when, 'E', clinic)} {clock_time(when, clinic)}", iso(when)) for word, when in found]


# -- people and numbers


@lru_cache(maxsize=8_192)
def phone(address: str | None, country: str = "US") -> str:
    """Return a stored number as people write it: national in the clinic's country, international elsewhere."""
    if not address:
        return ""
    try:
        number = phonenumbers.parse(address, country)
    except phonenumbers.NumberParseException:
        return address
    at_home = number.country_code == phonenumbers.country_code_for_region(country)
    return phonenumbers.format_number(
        number, PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    )


def person(contact: Any, clinic: Any) -> str:
    """Return the name of a contact, or how else to call them."""
    number = _of(contact, "phone", "")
    # The wire names somebody known by a number only by that number.
    if (name := _of(contact, "name", "")) and name != number:
        return name
    if number:
        return phone(number, _of(clinic, "country", "US"))
    return _of(contact, "email", "") or "Unknown person"


@lru_cache(maxsize=8_192)
def initials(name: str | None) -> str:
    """Return up to two letters, or "#" for somebody known by a number only."""
    words = [word for word in (name or "").replace("-", " ").split() if word[0].isalpha()]
    if not words:
        return "#"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def first_name(name: str | None) -> str:
    """Return the first word of a name; a number stays whole."""
    return (name or "").split(" ", 1)[0] if initials(name) != "#" else (name or "")


def file_size(size: int | None) -> str:
    """Return "840 bytes", "12 kB" or "1.4 MB"."""
    if not size:
        return ""
    if size < 1_000:
        return f"{size} bytes"
    return f"{size / 1_000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def amount(count: int, one: str, many: str) -> str:
    """Return "1 person" or "3 people"."""
    return f"{count:,} {one if count == 1 else many}"


# -- texts


def text_parts(body: str) -> tuple[int, bool]:
    """Return how many texts a body makes, and whether a letter outside the phone alphabet makes them shorter."""
    if not body:
        return 0, False
    if all(letter in _GSM_BASIC or letter in _GSM_EXTENDED for letter in body):
        length = sum(2 if letter in _GSM_EXTENDED else 1 for letter in body)
        return (1 if length <= 160 else math.ceil(length / 153)), False
    length = len(body.encode("utf-16-le")) // 2
    return (1 if length <= 70 else math.ceil(length / 67)), True


def length_line(body: str) -> str:
    """Return the composer's line: "1 text", "2 texts · emoji makes texts shorter"."""
    parts, wide = text_parts(body)
    return (amount(parts, "text", "texts") + (" · emoji makes texts shorter" if wide else "")) if parts else ""


def words(code: str | None) -> str:
    """Return a stored word for the screen: "wants_to_book" is "Wants to book"."""
    return (code or "").replace("_", " ").replace("-", " ").strip().capitalize()


def quoted(body: str, at: int | None = None) -> tuple[str, str]:
    """Split a mail into what was written and what hangs below: the older mail, the signature. ``at`` where is known."""
    at = at or quote_start(body)
    return (body, "") if at is None else (body[:at], body[at:].strip())
