"""What mail servers and mail providers refuse with, in words that staff can act on.

Enhanced status codes: RFC 3463 and IANA's list; reply codes: RFC 5321. Postmark's numbers are those of its API's page.
"""

from __future__ import annotations

import re

SIGN_IN = "The mail server refused the clinic's sign-in details. A manager can correct them in Settings, Channels."
NOT_TRUSTED = (
    "The mail server's certificate is not valid for its name, so nothing was sent to it. "
    "A manager can check the server under Settings, Channels."
)
NO_TLS = (
    "The mail server offers no encryption, so nothing was sent to it. A manager can check it in Settings, Channels."
)
AWAY = "The mail server cannot be reached. It will be tried again."
LATE = "It took too long to get to the mail server. It will be tried again."
BUSY = "The mail server asked to wait. It will be tried again."
NOT_ALLOWED = (
    "The clinic's mail address may not send here. A manager can check the address and the server in Settings, Channels."
)
_NO_SUCH = "This address does not exist. Check it, or ask the person for another one."
_FULL = "The person's mailbox is full. Try again later, or another way."

_TEXTS = {
    "5.1.0": _NO_SUCH,
    "5.1.1": _NO_SUCH,
    "5.1.2": "The part behind the @ does not exist. Check the address.",
    "5.1.3": "This is not an address a mail could go to. Check it.",
    "5.1.6": "This mailbox has moved. Ask the person for their new address.",
    "5.1.10": "The part behind the @ takes no mail. Ask the person for another address.",
    "5.2.1": "This mailbox is switched off. Ask the person for another address.",
    "5.2.2": _FULL,
    "4.2.2": _FULL,
    "5.2.3": "The mail is too large for the person's mailbox. Send it with smaller files.",
    "5.3.4": "The mail is too large for the mail server. Send it with smaller files.",
    "5.4.1": "The person's mail server does not take mail for this address. Check it.",
    "5.4.4": "The part behind the @ does not exist. Check the address.",
    "5.7.1": "The person's mail server held this mail back. Try other words, or another way.",
    "5.7.26": "The person's mail server cannot see that this mail is the clinic's. A manager can set up SPF and DKIM.",
    "550": "The mail server does not take mail for this address. Check it.",
    "551": "The mail server does not take mail for this address. Check it.",
    "552": "The mailbox is full, or the mail is too large for it.",
    "553": "This is not an address a mail could go to. Check it.",
    "554": "The mail server held this mail back. Try other words, or another way.",
    "came_back": "Nobody said why. Check the address, or ask the person for another one.",
    "4.0.0": "The other side could not take it at that time. Try again later, or another way.",
    "dropped": "SendGrid did not send this mail on. Try again, or another way.",
    "bounced": "A mail to this address came back before. Check the address, then mark it as good again.",
    "spam": "This person marked a mail of the clinic as unwanted.",
    "unsubscribed": "This person unsubscribed from the clinic's mails.",
    "postmark:300": "This is not an address a mail could go to. Check it.",
    "postmark:406": "A mail to this address came back, or was unwanted, before. Postmark sends it nothing more.",
    "postmark:412": "The clinic's Postmark account is not approved yet: it only sends to the clinic's own domain.",
}
_CHANNEL = {
    "postmark:10": SIGN_IN,
    "postmark:400": NOT_ALLOWED,
    "postmark:401": NOT_ALLOWED,
    "postmark:405": "The clinic's Postmark account has no mails left. A manager can sort this out with Postmark.",
    "postmark:412": _TEXTS["postmark:412"],
    "530": SIGN_IN,
    "534": SIGN_IN,
    "535": SIGN_IN,
    "538": NO_TLS,
    "5.7.8": SIGN_IN,
    "5.7.9": SIGN_IN,
    "401": SIGN_IN,
    "403": NOT_ALLOWED,
}
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def failure_text(code: str | None) -> str:
    """Return what an error code means, in words staff can act on."""
    if not code:
        return "The mail could not be delivered, and nobody said why."
    known = _CHANNEL.get(code) or _TEXTS.get(code)
    if known:
        return known
    group = code.rpartition(".")[0] + ".0" if code.count(".") == 2 else ""
    return _TEXTS.get(group) or f"The mail could not be delivered (its code is {code})."


def blames_channel(code: str) -> bool:
    """Say whether the clinic's own server or account is at fault, not the one recipient."""
    return code in _CHANNEL


def enhanced(code: int | str, text: str) -> str:
    """Return the enhanced code of a server's sentence, or its plain reply code."""
    found = _ENHANCED.search(text[:500])
    return found[1] if found and found[1][0] == str(code)[0] else str(code)


def code_of(reason: str, *, final: bool) -> str:
    """Return the code in a report's sentence; where it names none, that mail came back is all there is to say."""
    found = enhanced("5" if final else "4", reason)
    return {"5": "came_back", "4": "4.0.0"}.get(found, found)[:16]
