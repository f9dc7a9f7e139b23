"""WhatsApp's error codes in words that staff can act on, and what each means for trying again.

Codes: Meta's list as ``david-lev/pywa pywa/errors.py`` has it. They come as the answer to a send, or later as a failed
state; the code counts, never Meta's text.
"""

from __future__ import annotations

from typing import Literal

Meaning = Literal["person", "channel", "slow", "pair", "later", "ours"]
"""Whose matter it is. ``person``: this one message or recipient. ``channel``: every further send would meet the same.
``slow``: the number sends too fast. ``pair``: too fast to this one person. ``later``: Meta is not well.
``ours``: we wrote something Meta cannot read."""

_RECONNECT = (
    "WhatsApp does not accept the clinic's sign-in any more. A manager can connect it again in Settings, Channels."
)
_RIGHTS = "The clinic's WhatsApp sign-in may not send messages. A manager can allow it in Meta's app."
_SLOW = "WhatsApp asked to slow down. It will be tried again."
_LATER = "WhatsApp is not available at the moment. It will be tried again."
_OURS = "WhatsApp could not read this message. Please tell support."
_LOCKED = "WhatsApp has locked this account. A manager can see why in Meta's app."
_WINDOW = (
    "WhatsApp only allows free text within 24 hours of the patient's last message. Send a prepared message instead."
)

_TEXTS: dict[int, tuple[str, Meaning]] = {
    131047: (_WINDOW, "person"),
    131026: ("This number cannot get WhatsApp messages. Try a text.", "person"),
    131030: ("This WhatsApp number is for tests and may only write to numbers entered in Meta's app.", "channel"),
    131050: ("This person stopped advertising from the clinic in WhatsApp.", "person"),
    131049: (
        "WhatsApp held this back: the person gets too much advertising just now. Try again another day.",
        "person",
    ),
    130472: ("WhatsApp did not deliver this because of a trial it runs. Try a text instead.", "person"),
    4: (_SLOW, "slow"),
    80007: (_SLOW, "slow"),
    130429: (_SLOW, "slow"),
    131056: ("Too many messages to this person in a short time. It will be tried again.", "pair"),
    131048: (
        "WhatsApp stopped this number for now: too many people blocked or reported it. Send less advertising.",
        "channel",
    ),
    368: ("WhatsApp has blocked this account for a while. A manager can see why in Meta's app.", "channel"),
    131031: (_LOCKED, "channel"),
    130497: ("WhatsApp does not let this clinic write to people in this country.", "channel"),
    132000: ("The prepared message needs another number of details. Choose it again and fill in each.", "person"),
    132001: ("WhatsApp does not know this prepared message in this language. Fetch the list again.", "person"),
    132005: ("With its details filled in the prepared message is too long.", "person"),
    132007: ("WhatsApp says that this prepared message breaks a rule of its policy.", "person"),
    132008: ("WhatsApp says that this prepared message breaks a rule of its policy.", "person"),
    132012: ("A detail of the prepared message is not in the form WhatsApp wants.", "person"),
    132015: (
        "WhatsApp has paused this prepared message, because people did not like it. Choose another one.",
        "person",
    ),
    132016: ("WhatsApp has switched this prepared message off for good. Choose another one.", "person"),
    0: (_RECONNECT, "channel"),
    190: (_RECONNECT, "channel"),
    3: (_RIGHTS, "channel"),
    10: (_RIGHTS, "channel"),
    100: (_OURS, "ours"),
    131008: (_OURS, "ours"),
    131009: (_OURS, "ours"),
    1: (_LATER, "later"),
    2: (_LATER, "later"),
    131000: (_LATER, "later"),
    131016: (_LATER, "later"),
    131057: ("WhatsApp is working on this account at the moment. It will be tried again.", "later"),
    131051: ("WhatsApp cannot deliver this kind of message.", "person"),
    131052: ("WhatsApp could not fetch the file the patient sent.", "person"),
    131053: ("WhatsApp does not take this file. Send it as a picture or a PDF, or by email.", "person"),
    131042: ("WhatsApp wants a way of paying first. A manager can add one in Meta's app.", "channel"),
}

# What the adapters say themselves.
TOO_LONG = "A WhatsApp message can have {most:,} characters. Shorten it."
UNREADABLE_ANSWER = "WhatsApp refused this message and did not say why."
_UNKNOWN = "WhatsApp could not deliver it"


def _known(code: str | None) -> tuple[str, Meaning] | None:
    if not code or not code.isascii() or not code.isdigit() or len(code) > 9:
        return None
    number = int(code)
    if 200 <= number <= 299:
        return _RIGHTS, "channel"
    return _TEXTS.get(number)


def failure_text(code: str | None) -> str:
    """Return what an error code means, in words staff can act on."""
    if not code:
        return f"{_UNKNOWN} and did not say why."
    known = _known(code)
    return known[0] if known else f"{_UNKNOWN} (its code is {code})."


def meaning(code: str | None) -> Meaning | None:
    """Return whose matter a code is; None for a code that nobody has described."""
    known = _known(code)
    return known[1] if known else None
