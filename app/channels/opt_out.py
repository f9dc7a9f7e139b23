"""Words that mean something to the law when they stand alone: stop, start, help (M40, N8).

A keyword is the whole message, whatever its case, accents, spaces or full stop; "we must STOP this" is a sentence. The
English words are Twilio's (support article 223134027), so that both sides agree about every text; the Spanish and
French ones are what people type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from app.channels.adapters.base import OptOut

LONGEST = 40
"""Characters: no keyword is that long, so a longer message is not looked at."""

Language = Literal["en", "es", "fr"]

_STOP: dict[Language, tuple[str, ...]] = {
    "en": (
        *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke"),
        *("optout", "opt out", "opt-out"),
    ),
    "es": ("alto", "parar", "pare", "baja", "cancelar", "detener", "no mas", "desuscribir"),
    "fr": ("arret", "arreter", "stopper", "desabonner", "desinscrire", "desinscription", "fin"),
}
_START: dict[Language, tuple[str, ...]] = {
    "en": ("start", "unstop", "yes", "subscribe", "opt in", "optin", "opt-in"),
    "es": ("inicio", "iniciar", "comenzar", "empezar", "alta", "suscribir", "si"),
    "fr": ("commencer", "demarrer", "reprendre", "abonner", "oui"),
}
_HELP: dict[Language, tuple[str, ...]] = {"en": ("help", "info"), "es": ("ayuda", "informacion"), "fr": ("aide",)}

STOP, START, HELP = (tuple(word for words in table.values() for word in words) for table in (_STOP, _START, _HELP))

_WORDS: dict[str, OptOut] = {
    **dict.fromkeys(HELP, "help"),
    **dict.fromkeys(START, "start"),
    **dict.fromkeys(STOP, "stop"),
}
_LANGUAGES = {word: language for table in (_STOP, _START, _HELP) for language, words in table.items() for word in words}


def opt_out_word(body: str, named: str | None = None) -> OptOut | None:
    """Return what a whole message asks for, as the provider named it or as the person typed it.

    "Yes" counts as start here. Whether it means that is for the caller: only somebody who is opted out can opt in by it
    (it is also a good answer to "shall we book it?").
    """
    return _WORDS.get(_plain(named or body))


def language_of(body: str) -> Language | None:
    """Return the language of a word of the law; None for a clinic's own."""
    return _LANGUAGES.get(_plain(body))


def own_words(given: dict[str, list[str]]) -> dict[str, OptOut]:
    """Return a clinic's own words in the form that is compared. The words of the law keep their meaning."""
    found = {_plain(word): cast("OptOut", kind) for kind, words in given.items() for word in words}
    return {word: kind for word, kind in found.items() if word and word not in _WORDS}


def own_word(body: str, words: dict[str, OptOut]) -> OptOut | None:
    """Return what a whole message asks for in a clinic's own words."""
    return words.get(_plain(body)) if words else None


def _plain(text: str) -> str:
    if len(text) > LONGEST:
        return ""
    # NFKD: phones with an Asian keyboard write STOP in full-width letters; accents are left off as often as not.
    bare = "".join(c for c in normalize("NFKD", text) if not combining(c)).casefold()
    return " ".join(bare.split()).strip("\"'.,!¡ ")
