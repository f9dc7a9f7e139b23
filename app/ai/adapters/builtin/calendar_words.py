"""The words of the calendar, in plain form: English, Spanish, Hindi in both scripts, the commonest of a few others."""

from __future__ import annotations

import re

from app.ai.adapters.builtin.text import plain


def _numbered(rows: str, first: int) -> dict[str, int]:
    return {plain(word): at for at, row in enumerate(rows.strip().splitlines(), first) for word in row.split()}


MONTHS: dict[str, int] = _numbered(
    """january jan enero janeiro januar janvier gennaio जनवरी
    february feb febrero fevereiro februar fevrier febbraio फरवरी
    march mar marzo março märz maerz mars मार्च
    april apr abril avril aprile अप्रैल
    may mayo maio mai maggio मई
    june jun junio junho juni juin giugno जून
    july jul julio julho juli juillet luglio जुलाई
    august aug agosto août अगस्त
    september sep sept septiembre setiembre setembro septembre settembre सितंबर
    october oct octubre outubro oktober octobre ottobre अक्टूबर
    november nov noviembre novembro novembre नवंबर
    december dec diciembre dezembro dezember décembre dicembre दिसंबर""",
    1,
)

_NAMED = _numbered(
    """monday mon lunes lun somvar somwar montag lundi lunedi सोमवार
    tuesday tue tues martes mangalvar mangalwar mangal dienstag mardi martedi मंगलवार
    wednesday wed weds miercoles budhvar budhwar budh mittwoch mercredi mercoledi बुधवार
    thursday thu thur thurs jueves guruvar guruwar brihaspativar donnerstag jeudi giovedi गुरुवार
    friday fri viernes vier shukravar shukrawar shukravaar freitag vendredi venerdi शुक्रवार
    saturday sat sabado shanivar shaniwar samstag samedi sabato शनिवार
    sunday domingo ravivar raviwar itvar itwar sonntag dimanche domenica रविवार इतवार""",
    0,
)


def _slips(word: str) -> set[str]:
    """Spellings with one letter left out, doubled or swapped with its neighbour."""
    spellings = {word[:at] + word[at + 1 :] for at in range(1, len(word))}
    spellings |= {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)}
    return spellings | {word[:at] + word[at] + word[at:] for at in range(1, len(word))}


# Full English names are often mistyped. "sun" and "mar" are other words more often than days.
WEEKDAYS: dict[str, int] = {
    **{
        slip: day
        for word, day in _NAMED.items()
        if word.endswith("day")
        for slip in _slips(word)
        if slip not in {"moday", "fiday", "today"}
    },
    **_NAMED,
    "moday": 0,
    "fiday": 4,
    "wendsday": 2,
    "wensday": 2,
    "segunda-feira": 0,
    "terca-feira": 1,
    "quarta-feira": 2,
    "quinta-feira": 3,
    "sexta-feira": 4,
    "sexta": 4,
}

NUMBERS: dict[str, int] = {
    word: number
    for number, row in enumerate(
        ("one una uno", "two dos", "three tres", "four cuatro", "five cinco", "six seis", "seven siete", "eight ocho",
         "nine nueve", "ten diez", "eleven once", "twelve doce"),
        1,
    )
    for word in row.split()
}  # fmt: skip

WORDS: dict[str, tuple[str, ...]] = {
    "today": (
        *("later today", "today", "2day", "tdy", "tonight", "tonite", "this morning", "this afternoon", "this evening"),
        *("this aft", "hoy", "esta tarde", "esta manana", "esta noche", "aaj", "aj", "aaj shaam", plain("आज")),
        *("heute", "hoje", "oggi", "aujourd'hui", "ce matin", "cet apres-midi", "ngayon", "hom nay", "сегодня"),
    ),
    "tomorrow": (
        *("tomorrow", "tomorow", "tommorow", "tommorrow", "tomorro", "tomoro", "tomorrows", "tmrw", "tmr", "tmw"),
        *(
            "tmoro",
            "tmrrw",
            "tmmrw",
            "tomm",
            "tom",
            "2moro",
            "2morrow",
            "2mrw",
            "tomrrow",
            "tomarrow",
            "manana",
            "kal",
            plain("कल"),
        ),
        *("morgen", "amanha", "domani", "demain", "bukas", "ngay mai", "завтра"),
    ),
    "after tomorrow": (
        *("day after tomorrow", "the day after tomorrow", "day after tmrw", "pasado manana", "parso", "parson"),
        *("parsoon", plain("परसों"), "ubermorgen", "apres-demain"),
    ),
    "not a date": (
        *("por la manana", "en la manana", "de la manana", "a la manana", "las mananas"),
        *("good morning", "kal raat", "kal se", "dia siguiente", "day after", "every day", "guten morgen"),
    ),
}

PARTS = re.compile(
    r"\b(?:(?P<morning>subah|in the morning|de la manana|por la manana|morning)|"
    r"(?P<afternoon>dopahar|afternoon)|(?P<evening>shaam|sham|evening|tonight|de la tarde|de la noche|por la tarde|por la noche|at night|raat))\b"
)
"""Words beside an hour that tell which half of the day is meant."""
