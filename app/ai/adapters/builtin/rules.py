"""What must not depend on a model: hand-kept rules over a message's own words. They raise flags and never lower one.

Bodily signs err on the side of a person looking. English, Spanish, Hindi in Latin letters; patterns run over plain text
(folded case, no accents).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from app.ai.adapters.builtin import trouble
from app.ai.adapters.builtin.body import CALM, find_sign
from app.ai.adapters.builtin.text import plain
from app.ai.labels import Intent, Sentiment
from app.channels.service import opt_out_word
from app.inbox.service import find_red_flag

# Red flags of the inbox that are no matter of the body: a person now, yet nothing a dentist must see today.
_NOT_BODILY = {"Threat", "Threat of a lawyer or complaint"}
_HARM = {"Threat", "Says they may harm themselves or others"}


class Finding(NamedTuple):
    """What the rules say of a message."""

    reasons: tuple[str, ...] = ()
    """In words for staff, the gravest first."""
    intent: Intent | None = None
    """Where the whole message is a sign or a keyword: decided here."""
    sentiment: Sentiment | None = None
    bodily: bool = False
    """Says something that may be an emergency of the body."""
    harm: bool = False
    """Threatens or may harm somebody."""
    urgent: bool = False
    escalate: bool = False
    calm: bool = False
    """Names pain, swelling or the like only to say that there is none, or none any more."""
    opts_out: bool = False
    """Asks for no more messages, beside whatever else it says."""
    instructs: bool = False
    """Addresses the software."""


# Whole messages of one sign or word, as people answer reminders.
_SIGNS: tuple[tuple[Intent, Sentiment, str], ...] = (
    ("confirm", "neutral", ("c|y|yes|1|si|sip|ya|yea|yeah|yep|yup|yeppers|ys|yess|yesss|sure|haan|ha|ji|ha ji|haan ji|ji haan|vale|claro|de acuerdo|"
      "👍|👌|✅|✔|☑|🆗|💯|🤝|confirm|confirmed|confirmo|confirmado|yes please|yes confirmed|yes ok|ok yes|uh huh|see you then|see u then|works for me|count me in")),
    ("cancel", "neutral", "n|no|nope|nah|nahi|👎|x|❌|🙅|nahi aana|can't make it|cant make it|no puedo ir"),
    ("reschedule", "neutral", "r|2|reschedule|resched|reagendar"),
    ("thanks", "neutral", "k|kk|ok|okay|okey|cool|fair enough|all set|no prob|no problem|np|no worries|okie dokie|got it|will do|sounds good|noted|no pasa nada|de nada"),
    ("thanks", "positive", ("thanks|thank you|thank you so much|thx|ty|tysm|gracias|muchas gracias|shukriya|dhanyavad|dhanyavaad|"
      "🙏|❤|😊|😀|😁|😃|😄|🥰|😍|🤗|🙂|☺|⭐|🌟|🎉|✨|💕|💖|💛|💙|💚|💜|🌹|💐|🌸|👏|🙌|😘|🦷")),
    ("complaint", "negative", "😡|🤬|😠|😤|🖕|🤮|manager|the manager"),
    ("opt_out", "neutral", "🛑|⛔|dnd|enough|remove|remove me|unsub|baja por favor"),
    ("emergency", "negative", "🆘|🚑|🩸|🚨|🤕|😭🦷"),
    ("other", "negative", "😢|😭|😞|😔|🥺|😩"),
    ("other", "neutral", "hi|hello|hey|hola|namaste|huh|?|hmm"),
)  # fmt: skip
_SHORT = {sign: (intent, sentiment) for intent, sentiment, signs in _SIGNS for sign in signs.split("|")}
_TINTS = re.compile(r"[\U0001f3fb-\U0001f3ff\ufe0f\u200d]")
_STOP_LIKE = re.compile(
    r"(?:please |pls |plz |ok |just )?(?:stop|stpo|stp|sotp|stoop|unsubscribe|unsub|opt ?out|remove me|end|quit)"
    r"(?: (?:please|pls|plz|now|it|this|all|texting(?: me)?|messaging(?: me)?|msgs|messages|texts|sms|ok))*"
)
_MEDIA = re.compile(
    r"\W*(?:(?:\d+ )?(?:photo|image|picture|img|video|audio|voice (?:message|note)|sticker|gif|document|attachment|file|"
    r"location|contact(?: card)?|foto|imagen|nota de voz|media omitted|no text|empty)s?(?: (?:attached|omitted|received|adjunta))?"
    r"(?:[: ]+[\w-]+\.\w{2,4})?\W*)+"
)

_BRACKETS = re.compile(r"\[[^\[\]\n]{1,60}\]")
_ONLY_SIGNS = re.compile(r"[^\w]+")
_HELP_SIGNS = re.compile(r"[\U0001f198\U0001fa78\U0001f691\U0001f915]")


def examine(raw: str, own: str) -> Finding:
    """Apply every rule to a message: its raw text for what the inbox marks, its own words for the rest."""
    text = plain(own)
    short = _short(text)
    reasons: list[str] = []
    bodily = harm = urgent = escalate = instructs = False
    flag = find_red_flag(raw)
    if flag:
        reasons.append(flag)
        escalate = True
        bodily, harm = flag not in _NOT_BODILY, flag in _HARM
    calmed = CALM.sub(" ", text)
    sign = find_sign(calmed)
    if sign:
        reasons.append(sign)
        bodily = escalate = True
    for pattern, words in (
        (trouble.SELF_HARM, "Says they may harm themselves or others"),
        (trouble.THREAT, "Threat"),
    ):
        if pattern.search(text):
            reasons.append(words)
            harm = urgent = escalate = True
            bodily = bodily or pattern is trouble.SELF_HARM
    for pattern, words in (
        (trouble.LEGAL, "Threat of a lawyer or complaint"),
        (trouble.PRIVACY, "May be a breach of privacy"),
        (trouble.FRAUD, "Looks like payment fraud"),
        (trouble.NO_BOT, "Wants a person, not the assistant"),
        (trouble.DISPUTE, "Disputes a charge"),
        (trouble.ANGER, "Sounds angry"),
    ):
        if pattern.search(text):
            reasons.append(words)
            escalate = True
    fact = trouble.MEDICAL_FACT.search(trouble.NO_FACT.sub(" ", text))
    if fact:
        reasons.append(f"Tells a medical fact ({fact[0]})")
        escalate = True
    opts_out = bool(trouble.OPT_OUT.search(text))
    if trouble.INSTRUCTS.search(text):
        reasons.append("Tries to instruct the software")
        instructs = escalate = True
    if trouble.PROCEDURE_SOON.search(text) and trouble.BEFORE_IT.search(text) and "?" in text:
        reasons.append("Asks before a treatment today or tomorrow")
        urgent = escalate = True
    if trouble.AT_THE_DOOR.search(text):
        reasons.append("On the way or at the door now")
        urgent = True
    intent, sentiment = short or (None, None)
    if intent in {"emergency", "complaint"}:
        escalate = True
        urgent = urgent or intent == "emergency"
    return Finding(
        reasons=tuple(dict.fromkeys(reasons)),
        intent=intent,
        sentiment=sentiment,
        bodily=bodily,
        harm=harm,
        urgent=urgent,
        escalate=escalate,
        calm=calmed != text and not bodily,
        opts_out=opts_out,
        instructs=instructs,
    )


def _short(text: str) -> tuple[Intent, Sentiment] | None:
    """What a message means that is nothing but a sign or a keyword."""
    bare = " ".join(_TINTS.sub("", text).split()).strip(" \"'.,!¡*")
    if not bare or _MEDIA.fullmatch(bare) or _BRACKETS.fullmatch(bare):
        return "other", "neutral"
    if bare in _SHORT:
        return _SHORT[bare]
    if opt_out_word(bare) == "stop" or _STOP_LIKE.fullmatch(bare):
        return "opt_out", "neutral"
    if _ONLY_SIGNS.fullmatch(bare):
        if _HELP_SIGNS.search(bare):
            return "emergency", "negative"
        return next((_SHORT[sign] for sign in bare if sign in _SHORT), None)
    return None
