"""When an automatic message may reach a phone: the recipient's daytime, by every clock that may be theirs. Pure.

The federal rule for advertising in the US is 8:00 to 21:00 where the recipient is; some states are stricter. The table
below is what the trade's handbooks print (2025); it is not legal advice, and being stricter than needed only waits.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import NumberParseException, timezone

OPENS, CLOSES = dt.time(8), dt.time(21)
SUNDAY = 7
STRICTER: dict[str, dict[int, tuple[dt.time, dt.time]]] = {
    "FL": dict.fromkeys(range(1, 8), (dt.time(8), dt.time(20))),
    "OK": dict.fromkeys(range(1, 8), (dt.time(8), dt.time(20))),
    "CT": dict.fromkeys(range(1, 8), (dt.time(9), dt.time(20))),
    "TX": {SUNDAY: (dt.time(12), dt.time(21))},
}
"""State -> ISO weekday -> from when to when; days that are not named have no rule of their own."""
_AREA_CODES = {
    "FL": "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954",
    "OK": "405 539 572 580 918",
    "CT": "203 475 860 959",
    "TX": "210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832 903 915 936 940 945 956 972 979",
}
"""North American Numbering Plan Administrator, area codes in service, 2026. The library's own map of places takes 20 MB."""
_STATE_OF = {code: state for state, codes in _AREA_CODES.items() for code in codes.split()}
_MIDNIGHT = dt.time(0)
_DAYS = 9
"""A week and the days around it: further ahead no window can open that did not open before."""
_ROUNDS = 64

Interval = tuple[dt.time, dt.time | None]
"""From when to when on one day; None is the end of the day."""


class Where(NamedTuple):
    """Where a recipient may be: IANA zones, none when nobody knows, and the US state if its law is stricter."""

    zones: tuple[str, ...]
    state: str | None


class Window(NamedTuple):
    """The daytime, on the recipient's clock. Equal times: at any hour. It may cross midnight."""

    opens: dt.time = OPENS
    closes: dt.time = CLOSES


@lru_cache(maxsize=8192)
def where_is(phone: str) -> Where:
    """Return where a number in E.164 belongs; mobile numbers travel, so this is a guess on the careful side."""
    try:
        number = phonenumbers.parse(phone, None)
    except NumberParseException:
        return Where((), None)
    zones = tuple(zone for zone in timezone.time_zones_for_number(number) if zone != timezone.UNKNOWN_TIMEZONE)
    code = str(number.national_number)[:3] if number.country_code == 1 else ""
    return Where(zones, _STATE_OF.get(code))


def next_open(at: dt.datetime, zones: tuple[str, ...], window: Window, state: str | None = None) -> dt.datetime:
    """Return the first moment from ``at`` on at which it is daytime in all of the zones; ``at`` itself if it is now.

    Where no moment suits all zones (a number of the whole world), the first zone decides.
    """
    places = [ZoneInfo(zone) for zone in zones]
    moment = at
    for _ in range(_ROUNDS):
        later = moment
        for place in places:
            later = _next_open(later, place, window, state)
        if later == moment:
            return moment
        moment = later
    return _next_open(at, places[0], window, state)


def is_open(at: dt.datetime, zone: str, window: Window, state: str | None = None) -> bool:
    """Say whether it is daytime there."""
    local = at.astimezone(ZoneInfo(zone))
    return any(
        start <= local.time().replace(fold=0) and (end is None or local.time().replace(fold=0) < end)
        for start, end in _intervals(local.date(), window, state)
    )


def _next_open(at: dt.datetime, place: ZoneInfo, window: Window, state: str | None) -> dt.datetime:
    if is_open(at, place.key, window, state):
        return at
    today = at.astimezone(place).date()
    found = [
        moment
        for ahead in range(-1, _DAYS)
        for start, _ in _intervals(today + dt.timedelta(days=ahead), window, state)
        for fold in (0, 1)  # the hour that comes twice: its window opens twice
        for moment in [dt.datetime.combine(today + dt.timedelta(days=ahead), start, place).replace(fold=fold)]
    ]
    moments = [moment.astimezone(at.tzinfo) for moment in found]
    return min(moment for moment in moments if moment >= at and is_open(moment, place.key, window, state))


def _intervals(day: dt.date, window: Window, state: str | None) -> list[Interval]:
    if window.opens == window.closes:
        usual: list[Interval] = [(_MIDNIGHT, None)]
    elif window.opens < window.closes:
        usual = [(window.opens, window.closes)]
    else:
        usual = [(_MIDNIGHT, window.closes), (window.opens, None)]
    rule = STRICTER.get(state or "", {}).get(day.isoweekday())
    if rule is None:
        return usual
    cut = [(max(start, rule[0]), rule[1] if end is None else min(end, rule[1])) for start, end in usual]
    return [(start, end) for start, end in cut if start < end] or [rule]
