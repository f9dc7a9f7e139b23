"""Twilio's error codes in words that staff can act on, and what each means for trying again.

Codes: Twilio's error dictionary; which ones are final is from ``track-outbound-message-status`` and the error pages.
"""

from __future__ import annotations

CHANNEL = "channel"
"""The number, its registration or the credentials are at fault: every further send would meet the same."""

_TEXTS: dict[str, tuple[str, str]] = {
    # code: (text, whose fault)
    "20003": (
        "The text provider refused the clinic's sign-in details. A manager can correct them in Settings, Channels.",
        CHANNEL,
    ),
    "20404": (
        "The text provider does not know this account. A manager can check it under Settings, Channels.",
        CHANNEL,
    ),
    "20429": ("The text provider asked to slow down. It will be tried again.", ""),
    "21211": ("This is not a phone number that can get texts. Check the number.", ""),
    "21212": ("The clinic's own number is not right. A manager can check it under Settings, Channels.", CHANNEL),
    "21408": ("The clinic's text account may not send to this country yet. A manager can switch it on at Twilio.", ""),
    "21606": ("The clinic's number cannot send texts. A manager can check it under Settings, Channels.", CHANNEL),
    "21610": ("This person asked not to get texts (STOP). Only they can undo it, by texting START.", ""),
    "21611": ("Too many texts are waiting at the provider. It will be tried again.", ""),
    "21614": ("This is not a mobile number. Try calling, or another number.", ""),
    "21617": ("The text is too long for one message. Shorten it to 1,600 characters.", ""),
    "21659": (
        "This number does not belong to the clinic's text account. A manager can check it under Settings, Channels.",
        CHANNEL,
    ),
    "30001": ("Too many texts were waiting at the provider. Send it again.", ""),
    "30002": ("The clinic's text account is suspended. A manager can sort this out with Twilio.", CHANNEL),
    "30003": ("The phone could not be reached. It may be switched off; try again later.", ""),
    "30004": ("This phone blocks texts from the clinic.", ""),
    "30005": ("This number does not exist or is no longer in use.", ""),
    "30006": ("This is a landline, or its company takes no texts.", ""),
    "30007": ("The phone company took this for spam and held it back. Try other words.", ""),
    "30008": ("The phone company did not say why it failed. Send it again.", ""),
    "30034": (
        "US phone companies hold back texts from unregistered numbers. A manager can register it at Twilio.",
        CHANNEL,
    ),
    "63003": ("This number is not on WhatsApp. Try a text.", ""),
    "63016": ("WhatsApp only allows free text within 24 hours of the patient's last message. Try a text instead.", ""),
    "63024": ("This number is not on WhatsApp. Try a text.", ""),
}

_UNKNOWN = "The provider could not deliver it"


def failure_text(code: str | None) -> str:
    """Return what an error code means, in words staff can act on."""
    if not code:
        return f"{_UNKNOWN} and did not say why."
    known = _TEXTS.get(code)
    return known[0] if known else f"{_UNKNOWN} (its code is {code})."


def blames_channel(code: str) -> bool:
    """Say whether the code means that the channel itself is at fault, not the one recipient."""
    known = _TEXTS.get(code)
    return known is not None and known[1] == CHANNEL
