"""Texts other than replies without a model: subjects, campaigns, follow-ups, and work on a text that is there.

Tokens such as ``{first_name}`` stay as they are: a campaign fills them for each recipient. Nothing is promised: no
price, no discount, no date.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from app.ai.schemas import Tone

Written = Literal["en", "es"]

_SUBJECTS: dict[Written, tuple[str, ...]] = {
    "en": (
        "Time for your next visit to {clinic}?",
        "A note from your team at {clinic}",
        "We would love to see you again",
        "Your next check-up at {clinic}",
        "A quick hello from {clinic}",
        "Is it time for a check-up?",
        "News from {clinic}",
        "Your smile matters to us",
        "Let's find a time for you",
        "From our team to you",
    ),
    "es": (
        "¿Es hora de su próxima visita a {clinic}?",
        "Una nota de su equipo de {clinic}",
        "Nos encantaría verle de nuevo",
        "Su próxima revisión en {clinic}",
        "Un saludo de {clinic}",
        "¿Le toca una revisión?",
        "Noticias de {clinic}",
        "Su sonrisa nos importa",
        "Busquemos una hora para usted",
        "De nuestro equipo para usted",
    ),
}
_ABOUT: dict[Written, tuple[str, ...]] = {
    "en": ("{topic} at {clinic}", "{clinic}: {topic}", "About {topic}", "A word about {topic}", "{topic}: how we help"),
    "es": ("{topic} en {clinic}", "{clinic}: {topic}", "Sobre {topic}", "Unas palabras sobre {topic}", "{topic}"),
}
_OPENINGS: dict[Written, tuple[str, ...]] = {
    "en": ("Hi {first_name}, ", "Dear {first_name}, ", "Hello {first_name}! "),
    "es": ("Hola {first_name}: ", "Estimado/a {first_name}: ", "¡Hola, {first_name}! "),
}
_BODIES: dict[Written, tuple[str, ...]] = {
    "en": (
        (
            "it has been a while, and we would love to see you again at {clinic}. You can pick a time that suits you "
            "here: {booking_link}"
        ),
        (
            "we wanted to remind you that a regular check-up is part of looking after your teeth. Book when you like: "
            "{booking_link}"
        ),
        "your team at {clinic} is thinking of you. If you would like to come in, choose a time here: {booking_link}",
        "whenever you are ready for your next visit, we are here. Reply to this message or book here: {booking_link}",
    ),
    "es": (
        (
            "hace tiempo que no nos vemos y nos encantaría verle de nuevo en {clinic}. Elija la hora que le convenga "
            "{booking_link}"
        ),
        (
            "le recordamos que una revisión periódica es parte del cuidado de sus dientes. Reserve cuando quiera: "
            "{booking_link}"
        ),
        "su equipo de {clinic} piensa en usted. Si desea venir, elija una hora aquí: {booking_link}",
        "cuando quiera hacer su próxima visita, aquí estamos. Responda a este mensaje o reserve aquí: {booking_link}",
    ),
}
_TOPICS: dict[Written, str] = {
    "en": "we are writing to you about {topic}. If you would like to know more, reply to this message or book a time "
    "here: {booking_link}",
    "es": "le escribimos sobre {topic}. Si desea saber más, responda a este mensaje o reserve una hora aquí: "
    "{booking_link}",
}
_FOLLOW_UPS: dict[str, tuple[str, ...]] = {
    "en": (
        "just checking in: do you still have questions, or can we help you with a time?",
        "we wanted to follow up on our conversation. Is there anything else you need from us?",
        "we have not heard from you and wanted to make sure that you have all you need. Just reply to this message.",
        "a friendly reminder from {clinic}: we are happy to help whenever it suits you.",
    ),
    "es": (
        "¿le quedó alguna pregunta, o le ayudamos a encontrar una hora?",
        "queremos retomar nuestra conversación. ¿Necesita algo más de nosotros?",
        "no hemos sabido de usted y queremos asegurarnos de que tiene todo lo que necesita. Responda a este mensaje.",
        "un recordatorio de {clinic}: le ayudamos con gusto cuando le convenga.",
    ),
    "hi": (
        "kya aapke aur sawaal hain, ya hum aapke liye time dekhein?",
        "hum apni baat aage badhana chahte the. Kya aapko hamse kuchh aur chahiye?",
        "aapka jawab nahi aaya, isliye pooch rahe hain. Bas is message ka jawab dein.",
        "{clinic} ki taraf se ek yaad: jab aap chahein, hum madad ke liye yahan hain.",
    ),
}
_HELLOS: dict[str, tuple[str, str, str]] = {
    "en": ("Hi {name}, ", "Dear {name}, ", "Hello {name}, "),
    "es": ("Hola {name}: ", "Estimado/a {name}: ", "Buenos días, {name}: "),
    "hi": ("Namaste {name}, ", "Namaste {name} ji, ", "Hello {name}, "),
}
_GREETING = re.compile(r"^\s*(?:hi|hello|hey|dear|hola|estimad[oa]s?)\b[^,:!.\n]{0,40}[,:!.]+\s*", re.IGNORECASE)
_FAREWELL = re.compile(
    r"\s*\b(?:(?:kind|best|warm) regards|regards|best wishes|sincerely|yours truly|cheers|saludos|un saludo)\b.*\Z",
    re.IGNORECASE | re.DOTALL,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_LONG_FORMS = {
    "can't": "cannot", "won't": "will not", "don't": "do not", "doesn't": "does not", "didn't": "did not",
    "isn't": "is not", "aren't": "are not", "wasn't": "was not", "i'm": "I am", "we're": "we are", "you're": "you are",
    "it's": "it is", "that's": "that is", "we'll": "we will", "i'll": "I will", "you'll": "you will",
    "we've": "we have", "i've": "I have", "let's": "let us", "thanks": "thank you",
}  # fmt: skip
_CASUAL = re.compile(r"(?<![\w'’])(?:" + "|".join(map(re.escape, _LONG_FORMS)) + r")(?![\w'’])", re.IGNORECASE)


def subjects(clinic: str, topic: str | None, language: Written) -> list[str]:
    """Return subjects of an e-mail, the best first; with a topic those about it come first."""
    about = [_put(one, clinic=clinic, topic=topic) for one in _ABOUT[language]] if topic else []
    usual = [_put(one, clinic=clinic) for one in _SUBJECTS[language]]
    return _distinct([_capital(one) for one in [*about, *usual]])


def campaigns(topic: str | None, language: Written, tone: Tone) -> list[str]:
    """Return texts of a campaign with the tokens that it fills."""
    openings = _OPENINGS[language] if tone != "formal" else (_OPENINGS[language][1], *_OPENINGS[language])
    bodies = _BODIES[language] if topic is None else (_put(_TOPICS[language], topic=topic), *_BODIES[language])
    if tone == "short":
        return _distinct([*map(_capital, bodies), *_joined(openings, bodies)])
    return _distinct(_joined(openings, bodies))


def follow_ups(name: str, clinic: str, language: str, tone: Tone) -> list[str]:
    """Return friendly questions to somebody who has not answered."""
    hellos = [one.format(name=name) for one in _HELLOS[language]] if name else [""]
    if tone == "formal" and name:
        hellos = [hellos[1], hellos[0], hellos[2]]
    return _distinct(_joined(hellos, [_put(one, clinic=clinic) for one in _FOLLOW_UPS[language]]))


def _joined(openings: tuple[str, ...] | list[str], bodies: tuple[str, ...] | list[str]) -> list[str]:
    """Every opening with every body; neighbours differ in both."""
    pairs = list(product(range(len(openings)), range(len(bodies))))
    pairs.sort(key=lambda pair: (pair[0] + pair[1]) % len(openings) + len(openings) * pair[1])
    return [_capital(openings[one] + _own(openings[one], bodies[two])) for one, two in pairs]


def _own(opening: str, body: str) -> str:
    return _capital(body) if opening.rstrip().endswith("!") else body


def shortened(text: str) -> list[str]:
    """Return the text without greeting, farewell and what comes late, ever shorter. Cut at sentences, then at words."""
    bare = _FAREWELL.sub("", _GREETING.sub("", " ".join(text.split())))
    sentences = _SENTENCE_END.split(bare.strip())
    found = []
    for limit in (160, 100, 60):
        kept = ""
        for sentence in sentences:
            if kept and len(kept) + 1 + len(sentence) > limit:
                break
            kept = f"{kept} {sentence}".strip()
        if len(kept) > limit:
            kept = kept[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
        found.append(_capital(kept))
    return _distinct(found)


def rewritten(text: str, tone: Tone, language: Written) -> list[str]:
    """Return the text tidied up, in the tone first. The words stay those of its author."""
    bare = " ".join(text.split())
    tidy = " ".join(_capital(one) for one in _SENTENCE_END.split(bare))
    tidy = tidy if tidy[-1:] in ".!?…" else tidy + "."
    formal = _capital(_CASUAL.sub(lambda one: _LONG_FORMS[one[0].lower().replace("’", "'")], tidy.replace("!", ".")))
    thanks = {"en": "Thank you for your message. ", "es": "Gracias por su mensaje. "}[language]
    by_tone = {"friendly": thanks + tidy, "formal": formal, "short": shortened(tidy)[0]}
    return _distinct([by_tone[tone], *by_tone.values(), tidy])


def _put(text: str, **blanks: str | None) -> str:
    """Fill only what is known; other tokens stay for the campaign."""
    for name, value in blanks.items():
        text = text.replace("{" + name + "}", value or "")
    return text


def _capital(text: str) -> str:
    at = 1 if text[:1] in {"¡", "¿"} else 0
    return text if text.startswith("{") else text[:at] + text[at : at + 1].upper() + text[at + 1 :]


def _distinct(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
