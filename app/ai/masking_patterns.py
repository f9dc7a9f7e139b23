"""How mail addresses, links, birth dates, numbers, street addresses and names look in what patients write.

The patterns read text without accents, invisible characters and full-width forms. Where one has a group ``value``, that
is what is hidden; the rest tells what it is.
"""

from __future__ import annotations

import re
from pathlib import Path

WORDS = Path(__file__).parent / "words"
_I = re.IGNORECASE

MAILS = (
    re.compile(r"(?<![\w.+%'&-])[\w.+%'&-]+@[\w-]+(?:\.[\w-]+)*"),
    re.compile(
        r"\b[\w.+-]{1,64}\s{0,3}(?:\(at\)|\[at\]|\bat\b)\s{0,3}[\w-]{1,64}\s{0,3}(?:\(dot\)|\[dot\]|\bdot\b)\s{0,3}\w{1,20}",
        _I,
    ),
    re.compile(r"\b[\w.+-]{1,64} arroba [\w-]{1,64}(?:\.| punto )\w{1,20}", _I),
)
LINKS = (
    re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.)\S+", _I),
    re.compile(
        r"(?<![a-z0-9.-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.(?:com|net|org|edu|gov|info|biz|dental|health|clinic|app|dev|xyz|ru|cn|de|fr|es|"
        r"mx|in|uk|us|ca|au|io|co|me|ly|gl|to|tv|link|click|site|online|shop)\b(?:[/?#:]\S*)?",
        _I,
    ),
)

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:'?\d{2}|(?:18|19|20)\d{2})"
_DATE = (
    rf"(?:\d{{1,4}}\s?[-/.]\s?\d{{1,2}}(?:\s?[-/.]\s?\d{{1,4}})?|"
    rf"{_DAY}\s*(?:of|de)?\s*{_MONTH}\.?|{_MONTH}\.?\s*(?:the\s+)?{_DAY})"
)
_BORN = (
    r"(?:\bd\.?o\.?b\b\.?|date of birth|birth ?dates?|birth ?day|\bborn|\bb\.\s?day|fecha de nacimiento|\bnacid[oa]|"
    r"\bnacio?\b|cumplea\w+|janam ?(?:din|tithi)|\bjanam)"
)
BIRTHS = (
    re.compile(
        r"\b\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}\b|\b\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?(?:\d{4}|\d{2})\b"
    ),
    re.compile(rf"\b{_DAY}\s*(?:of|de)?\s*{_MONTH}\.?,?\s*(?:de|del|of)?\s*{_YEAR}\b(?![:.]\d)", _I),
    re.compile(rf"\b{_MONTH}\.?\s*(?:the\s+)?{_DAY}\s*,?\s+(?:of\s+)?(?:18|19|20)\d{{2}}\b", _I),
    re.compile(rf"{_BORN}[^\d\n]{{0,24}}?\b(?P<value>{_DATE}|(?:19|20)\d{{2}}\b)", _I),
    re.compile(r"\b(?:born|nacid[oa]|nacio?) (?:in|en) (?P<value>(?:19|20)\d{2})\b", _I),
)

_DIGIT_WORD = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|cero|uno|dos|tres|cuatro|cinco|seis|siete|"
    r"ocho|nueve|shunya|ek|teen|char|paanch|panch|chhe|saat|aath|nau)"
)
PHONES = (
    re.compile(r"(?:\+|\(|\b)\d(?:[\s().\-–—/*_·•|,]{0,3}\d){6,18}(?:\s*(?:x|ext\.?)\s*\d{1,6})?", _I),
    re.compile(rf"\b{_DIGIT_WORD}(?:[\s,-]+(?:{_DIGIT_WORD}|\d)){{5,}}\b", _I),
)
NUMBERS = (
    re.compile(r"\d(?:-?\d){4,}"),
    # Member, policy, claim and record numbers, as letters and digits.
    re.compile(r"\b(?=[A-Z0-9-]{6,30}\b)(?=[A-Z-]*\d)[A-Z]{1,6}-?\d[A-Z0-9]*\d[A-Z0-9]*(?:-[A-Z0-9]+)*\b"),
    re.compile(
        r"\b(?:member|policy|subscriber|group|account|acct|a/c|card|claim|patient|chart|invoice|record|reference|ref|mrn|"
        r"ssn|aadhaar|pan|passport|licen[cs]e|cuenta|tarjeta|poliza|curp|dni|nss)\b\s*(?:id|no|num|number|numero|#)?[\s.:#]*"
        r"(?:is|es|ending(?: in)?|ends? (?:in|with))?\s*(?P<value>[a-z]*\d[a-z\d-]{2,})",
        _I,
    ),
)

_SUITE = r"(?:,?\s*(?:apt|apartment|unit|suite|ste|floor|fl|flat|#)\b\.?\s*#?\w+)?"
_TOWN = r"(?:,\s*[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}(?:,?\s+[A-Z]{2}\b)?)?"
ADDRESSES = (
    # 12 Oak Tree Lane, Apt 3, Springfield, IL
    re.compile(
        r"\b\d{1,6}[A-Za-z]?,?\s+(?:[NSEW]{1,2}\.?\s+)?(?:(?:[A-Z][\w.'-]*|\d+(?:st|nd|rd|th)|of|the)\s+){1,4}"
        r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr(?!\.?\s+[A-Z])|Lane|Ln|Boulevard|Blvd|Court|Ct|Place|Pl|Way|Circle|Cir|"
        r"Terrace|Ter|Highway|Hwy|Parkway|Pkwy|Square|Sq|Trail|Trl|Crescent|Close|Grove|Row|Nagar|Marg|Colony|Park)\b\.?"
        + _SUITE
        + _TOWN
    ),
    re.compile(
        r"\b\d{1,6}[a-z]?,?\s+(?:[nsew]\.?\s+)?(?:(?!am\b|pm\b|on\b|at\b|in\b|the\b)[\w'-]+\s+){1,2}"
        r"(?:street|avenue|ave|road|rd|lane|boulevard|blvd|highway|hwy|parkway|crescent|nagar|marg)\b\.?" + _SUITE,
        _I,
    ),
    re.compile(
        r"\b(?:calle|avenida|av\.|avda|carrera|paseo|plaza|camino|colonia)\s+(?:[\w.]+\s+){0,4}?(?:#|n[uo]m?\.?|n[°º])?\s*\d+\w*",
        _I,
    ),
    re.compile(
        r"\b(?:flat|house|plot|villa|sector|h\.?\s?no|door|apartment|apt|p\.?\s?o\.?\s?box)\b\.?\s*(?:no\b\.?|number|#)?\s*"
        r"\w{0,2}[-/]?\d[\w/-]*(?:\s*,\s*[A-Z][\w']+(?: [A-Z][\w']+){0,3}){0,3}",
        _I,
    ),
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b"),  # a British postcode
)

TITLED = re.compile(r"[^\W\d_a-z](?=[^\W\d_]*[a-z])[^\W\d_]+\Z")
"""One word that begins with a capital and is not all capitals."""

_CAPITAL = r"(?-i:[A-Z])[^\W\d_]{1,40}(?:['-][^\W\d_]{1,40}){0,2}"
PARTICLES = frozenset(
    {"de", "del", "la", "las", "los", "van", "von", "der", "den", "da", "di", "do", "dos", "bin", "ibn", "al"}
)
_PARTICLE = rf"(?:(?:{'|'.join(sorted(PARTICLES))})[ ])"
_CAPITALS = rf"(?:(?-i:[A-Z])\.[ ]?)?{_CAPITAL}(?:[ ]{_PARTICLE}{{0,2}}(?:(?-i:[A-Z])\.?[ ])?{_CAPITAL}){{0,2}}"
_ANY = r"[^\W\d_]{1,40}(?:['-][^\W\d_]{1,40}){0,2}"
_ANYS = rf"{_ANY}(?:[ ]{_ANY}){{0,2}}"
_KIN = (
    r"(?:son|daughter|wife|husband|mom|mum|mother|dad|father|brother|sister|child|kid|boy|girl|baby|partner|friend|boss|"
    r"grandson|granddaughter|grandma|grandpa|nephew|niece|aunt|uncle|cousin|roommate|fiancee?|hij[oa]|espos[oa]|"
    r"marido|mujer|madre|padre|mama|papa|herman[oa]|niet[oa]|beta|beti|biwi|pati)"
)
NAMES = (
    re.compile(
        rf"\b(?:dr|mr|mrs|ms|mx|prof|sra?|srta|shri|smt)\b\.?\s{{1,3}}(?P<value>{_ANY}(?:[ ]{_CAPITAL}){{0,2}})", _I
    ),
    re.compile(rf"\b(?:doctora?|miss|nurse|senora?|senorita|don|dona|aunty?|uncle)\s+(?P<value>{_CAPITALS})", _I),
    re.compile(
        r"\b(?:name(?:'s| is| was|:)|named|me llamo|nombre es|nombre:|se llama|mera naam|naam|patient:|paciente:)\s+"
        rf"(?P<value>{_ANYS})",
        _I,
    ),
    re.compile(
        rf"\b(?:i am|i'?m|this is|it'?s|soy|habla|es|main|with|from|for|to|and|by|para|con|de|y|see|saw|ask|tell|call)"
        rf"\s+(?P<value>{_CAPITALS})",
        _I,
    ),
    re.compile(
        rf"(?:^|\n)[ \t]{{0,9}}(?:hi|hello|hey|dear|hola|estimad[oa]|querid[oa]|namaste|"
        rf"good (?:morning|afternoon|evening))\s+(?P<value>{_CAPITALS})",
        _I,
    ),
    re.compile(rf"\b{_KIN},?\s+(?P<value>{_CAPITALS})", _I),
    re.compile(rf"\b(?P<value>{_CAPITAL})'s\b", _I),
    re.compile(rf"\b(?P<value>(?-i:[A-Z])\.[ ]?{_CAPITAL}|{_CAPITAL}[ ]{_PARTICLE}{{1,2}}{_CAPITAL})", _I),
    # Signatures: a line of their own, after thanks, after a dash.
    re.compile(rf"\n[ \t]{{0,9}}[-–—~]{{0,4}}[ \t]{{0,9}}(?P<value>{_CAPITALS})[ \t]{{0,9}}(?=\r|\n|,|\Z)", _I),
    re.compile(
        rf"\b(?:thanks|thank you|thx|ty|regards|cheers|best|sincerely|gracias|saludos|atentamente|love|shukriya)"
        rf"[\s,.!-]{{1,9}}(?P<value>{_ANY}(?:[ ]{_ANY})?)[\s.!]{{0,9}}\Z",
        _I,
    ),
    re.compile(rf"[\n.!?,][ ]{{0,3}}[-–—~]{{1,4}}[ ]?(?P<value>{_ANY}(?:[ ]{_ANY})?)[\s.]{{0,9}}\Z", _I),
)

ORDINARY = frozenset((WORDS / "everyday.txt").read_text().split())
"""Everyday words (English, Spanish, Hindi in Latin letters): a capital letter alone does not make them names."""
FIRST_NAMES = frozenset((WORDS / "first_names.txt").read_text().split())
"""Common first names (English, Spanish, Indian) that are no everyday words: hidden wherever they stand."""
