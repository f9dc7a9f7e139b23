"""What the wires of mail providers share: who may deliver, and whose the mail is. Pure."""

from __future__ import annotations

import base64
import binascii
import hmac

from app.channels.adapters.base import Delivery, Headers
from app.channels.adapters.mail_headers import without_token
from app.channels.adapters.mail_message import ParsedMail, mail_items
from app.channels.errors import Forged


def check_secret(headers: Headers, secret: str) -> None:
    """Let through who knows the channel's inbound secret: the password of Basic authentication, whatever the user.

    Neither SendGrid nor Postmark signs what it delivers; the secret stands in the address that was entered there.
    Raises ``Forged``.
    """
    given = next((value for name, value in headers if name == b"authorization"), b"")
    scheme, _, encoded = given.partition(b" ")
    if scheme.lower() != b"basic":
        raise Forged("The sign-in is missing.")
    try:
        told = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        raise Forged from None
    password, wanted = told.partition(b":")[2], secret.encode()
    if not secret or not (hmac.compare_digest(password, wanted) or hmac.compare_digest(told, wanted)):
        raise Forged


def own_recipient(recipients: list[str], address: str) -> str | None:
    """Return which of the envelope's recipients is this channel's mailbox, with its token; else the first."""
    fitting = (one for one in recipients if without_token(one.strip().lower()) == address)
    return next(fitting, recipients[0] if recipients else None)


def delivery_of(mail: ParsedMail, address: str) -> Delivery:
    """Return what a genuine mail brings to the channel with this address."""
    if _is_for_another(mail, address):
        return Delivery(unrouted=f"It was sent to {mail.to_address[:80]}, but this channel is {address}.")
    items = mail_items(mail, channel_address=address)
    if items:
        return Delivery(items)
    if mail.report is not None:
        return Delivery(ignored="a notice of delay, or a report about nobody")
    return Delivery(unrouted="It has no sender whom one could answer.")


def _is_for_another(mail: ParsedMail, address: str) -> bool:
    """Say whether it was meant for another mailbox of the same domain.

    Mail that was forwarded, or goes to an address the provider thought up, has another domain, or our name behind its
    ``+``, and is taken.
    """
    local, _, domain = mail.to_address.partition("@")
    name, _, own_domain = address.partition("@")
    return domain == own_domain and name not in local.split("+") and address not in mail.recipients
