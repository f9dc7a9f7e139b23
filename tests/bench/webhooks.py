"""Signed deliveries as Twilio makes them: a form of 20 fields and X-Twilio-Signature over the public address."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import struct
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.bench.product import public_url
from tests.bench.seed import ACCOUNT_SID, AUTH_TOKEN, CONTACTS, address_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.seed import Clinic

WORDS = [
    "hello",
    "could",
    "please",
    "move",
    "my",
    "appointment",
    "cleaning",
    "tooth",
    "tomorrow",
    "morning",
    "friday",
    "thanks",
    "doctor",
    "visit",
    "insurance",
    "price",
    "crown",
    "yes",
    "no",
]


class Texter:
    """Makes deliveries of texts from the seeded patients of some clinics; no two alike."""

    def __init__(self, clinics: list[Clinic], seed: int, contacts: int = CONTACTS, base: str = "") -> None:
        self._clinics = clinics
        self._random = random.Random(seed)
        self._contacts = contacts
        self._base = base or public_url()
        self._keyed = [hmac.new(AUTH_TOKEN.encode(), self.url(c).encode(), hashlib.sha1) for c in clinics]

    def url(self, clinic: Clinic) -> str:
        """The address that the provider was given."""
        return f"{self._base}/webhooks/twilio/{clinic.channel_id}"

    def words(self, count: int = 18) -> str:
        """A text."""
        return " ".join(self._random.choices(WORDS, k=count))

    def request(self, text: str | None = None, patient: int | None = None) -> bytes:
        """Return one whole HTTP request."""
        g = self._random.randrange(self._contacts) if patient is None else patient
        index = g % len(self._clinics)
        clinic, bits = self._clinics[index], self._random.getrandbits
        fields = {
            "ToCountry": "US",
            "ToState": "CA",
            "SmsMessageSid": f"SM{bits(128):032x}",
            "NumMedia": "0",
            "ToCity": "OAKLAND",
            "FromZip": "94601",
            "SmsSid": f"SM{bits(128):032x}",
            "FromState": "CA",
            "SmsStatus": "received",
            "FromCity": "OAKLAND",
            "Body": self.words() if text is None else text,
            "FromCountry": "US",
            "To": clinic.address,
            "MessagingServiceSid": f"MG{7:032x}",
            "ToZip": "94607",
            "NumSegments": "1",
            "MessageSid": f"SM{bits(128):032x}",
            "AccountSid": ACCOUNT_SID,
            "From": address_of(g),
            "ApiVersion": "2010-04-01",
        }
        mac = self._keyed[index].copy()
        mac.update("".join(name + fields[name] for name in sorted(fields)).encode())
        signature = base64.b64encode(mac.digest())
        body = urlencode(fields).encode()
        return (
            b"POST /webhooks/twilio/%s HTTP/1.1\r\nHost: bench.orasync.test\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (str(clinic.channel_id).encode(), signature, len(body), body)
        )

    def write(self, path: Path, count: int) -> None:
        """Write requests for ``httpload``: each after its length."""
        with path.open("wb") as out:
            for _ in range(count):
                request = self.request()
                out.write(struct.pack("<I", len(request)) + request)
