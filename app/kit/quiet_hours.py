"""When a machine may write to somebody: inside the clinic's window by the clock on the recipient's wall. Pure.

Sources: 47 CFR 64.1200(c)(1) (08:00-21:00 at the called party's location); Florida Stat. 501.616(6)(a) (08:00-20:00);
Oklahoma's Telephone Solicitation Act of 2022 (08:00-20:00); Texas Bus. & Com. Code, chapters 301 and 302 with Senate
Bill 140 of 2025 (09:00-21:00, Sundays from 12:00); Connecticut Gen. Stat. 42-288a with Public Act 23-98 (09:00-20:00).
They speak of sales calls and texts; a machine keeps to them whatever it writes. Oklahoma and Connecticut take a number
with their area code for a resident's. A number that was carried to another state keeps its code, so the clinic's window
and the code's state both count: whatever is stricter.

Zones come from ``phonenumbers``. It knows states as well, but only in its geocoder, whose tables take 190 MB of memory
and 3 s to load (measured with 9.0.43): the area codes of four states are listed here instead, as its tables have them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import NumberParseException
from phonenumbers import timezone as zones_of_numbers

MOST_DAYS = 8
"""Windows come back every week; nothing open in this many days is closed for ever."""

_UTC = dt.UTC
_UNKNOWN = "Etc/Unknown"
_MIDNIGHT = dt.time(0)


class Window(NamedTuple):
    """From when until when, by the local clock. ``opens`` after ``closes`` runs over midnight; equal: always open."""

    opens: dt.time
    closes: dt.time


class State(NamedTuple):
    """A stricter law. ``sunday`` is when Sundays open, where they open later."""

    name: str
    window: Window
    sunday: dt.time | None = None


_EVENING = dt.time(20)
_FLORIDA = State("Florida", Window(dt.time(8), _EVENING))
_OKLAHOMA = State("Oklahoma", Window(dt.time(8), _EVENING))
_TEXAS = State("Texas", Window(dt.time(9), dt.time(21)), sunday=dt.time(12))
_CONNECTICUT = State("Connecticut", Window(dt.time(9), _EVENING))

_AREA_CODES = {
    _FLORIDA: "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954",
    _OKLAHOMA: "405 539 572 580 918",
    _TEXAS: "210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 915 936 940 945 "
    "956 972 979",
    _CONNECTICUT: "203 475 860 959",
}
STATES = {code: state for state, codes in _AREA_CODES.items() for code in codes.split()}
"""North American area code -> the state with a law of its own."""


class Place(NamedTuple):
    """Where a recipient may be: the zones their number allows, and the state with a law of its own, if any."""

    zones: tuple[str, ...]
    state: State | None


def parse_time(text: str) -> dt.time:
    """Read ``"08:00"``."""
    return dt.time.fromisoformat(text)


@lru_cache(maxsize=4096)
def place_of(phone: str | None, default: str) -> Place:
    """Return where a number (E.164) may be; without one, or where it does not tell, the zone ``default``."""
    try:
        number = phonenumbers.parse(phone or "", None)
    except NumberParseException:
        return Place((default,), None)
    found = tuple(zone for zone in zones_of_numbers.time_zones_for_number(number) if zone != _UNKNOWN)
    area = str(number.national_number)[:3] if number.country_code == 1 else ""
    return Place(found or (default,), STATES.get(area))


def is_open(at: dt.datetime, place: Place, window: Window) -> bool:
    """Say whether a machine may write at this instant: it must be open in every zone and under every rule."""
    return all(_is_open(at.astimezone(ZoneInfo(zone)), rule) for zone in place.zones for rule in _rules(place, window))


def next_open(at: dt.datetime, place: Place, window: Window) -> dt.datetime | None:
    """Return the first instant from ``at`` on (in UTC) that is open everywhere; None when there is none.

    Local clocks jump: an opening time inside the hour that is left out in spring counts from the end of the jump, and
    of the hour that comes twice in autumn each pass is judged by what the clock on the wall shows.
    """
    at = at.astimezone(_UTC)
    if is_open(at, place, window):
        return at
    candidates = {
        one for zone in place.zones for rule in _rules(place, window) for one in _openings(at, ZoneInfo(zone), rule)
    }
    return next((one for one in sorted(candidates) if one >= at and is_open(one, place, window)), None)


def _rules(place: Place, window: Window) -> Iterable[State]:
    yield State("", window)
    if place.state is not None:
        yield place.state


def _is_open(local: dt.datetime, rule: State) -> bool:
    (opens, closes), now = rule.window, local.time()
    if rule.sunday is not None and local.isoweekday() == 7:
        opens = max(opens, rule.sunday)
    if opens == closes:
        return True
    return opens <= now < closes if opens < closes else now >= opens or now < closes


def _openings(at: dt.datetime, zone: ZoneInfo, rule: State) -> Iterable[dt.datetime]:
    """Yield the instants at which a rule may open: its times, both of a doubled hour, and where the clock jumps."""
    first = at.astimezone(zone).date() - dt.timedelta(days=1)
    for day in (first + dt.timedelta(days=n) for n in range(MOST_DAYS + 2)):
        for time in {rule.window.opens, rule.sunday or rule.window.opens, _MIDNIGHT}:
            for fold in (0, 1):
                yield dt.datetime.combine(day, time.replace(fold=fold), zone).astimezone(_UTC)
        yield from _jumps(day, zone)


def _jumps(day: dt.date, zone: ZoneInfo) -> Iterable[dt.datetime]:
    begin = dt.datetime.combine(day, _MIDNIGHT, zone).astimezone(_UTC)
    end = dt.datetime.combine(day + dt.timedelta(days=1), _MIDNIGHT, zone).astimezone(_UTC)
    if begin.astimezone(zone).utcoffset() == end.astimezone(zone).utcoffset():
        return
    low, high, before = 0, int((end - begin).total_seconds() // 60), begin.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        same = (begin + dt.timedelta(minutes=middle)).astimezone(zone).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    yield begin + dt.timedelta(minutes=high)
