"""Secrets: sealed values, passwords, tokens and signatures.

Sealed values use an envelope. Every clinic has a data key of 32 random bytes; it is stored wrapped by a master key from
ENCRYPTION_KEYS and seals that clinic's values with AES-256-GCM. Both look alike: ``v1|key id|`` nonce, ciphertext, tag.
The place a value belongs to is authenticated with it, so a value moved to another row, column or clinic does not open.
Erasing a clinic's data key erases everything it sealed.
"""

import asyncio
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import NamedTuple, TypeVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.kit.clock import now

Result = TypeVar("Result")

_VERSION = b"v1"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_BYTES = 32


class CannotOpenError(Exception):
    """A sealed value does not open: another place, another key, or it was changed. Says nothing about its content."""


class BadSignatureError(Exception):
    """A signed value is not ours, was made for another purpose, or its time is over."""


class Place(NamedTuple):
    """Where a sealed value lies; it opens nowhere else."""

    clinic_id: UUID
    table: str
    column: str
    row_id: UUID

    def associated(self) -> bytes:
        """The bytes that are authenticated with the value."""
        return f"{self.clinic_id}|{self.table}|{self.column}|{self.row_id}".encode()


class Vault:
    """Seals and opens with data keys wrapped by the master keys: the first wraps, every one unwraps."""

    def __init__(self, master_keys: Sequence[tuple[str, bytes]]) -> None:
        if not master_keys:
            raise ValueError("a vault needs a master key")
        self._current = master_keys[0][0]
        self._masters = dict(master_keys)

    def new_data_key(self, clinic_id: UUID) -> bytes:
        """A fresh data key for the clinic, wrapped; this is what the database keeps."""
        return self._wrap(secrets.token_bytes(_KEY_BYTES), clinic_id)

    def rewrap(self, wrapped: bytes, clinic_id: UUID) -> bytes | None:
        """The same data key under the current master key; None when it is already. What it sealed stays as it is."""
        if _key_id(wrapped) == self._current:
            return None
        return self._wrap(self._unwrap(wrapped, clinic_id), clinic_id)

    def seal(self, wrapped: bytes, value: bytes, place: Place) -> bytes:
        """Encrypt ``value`` for its place with the clinic's wrapped data key."""
        key = self._unwrap(wrapped, place.clinic_id)
        return _seal(key, _fingerprint(key), value, place.associated())

    def open(self, wrapped: bytes, sealed: bytes, place: Place) -> bytes:
        """Decrypt what `seal` made for this very place. Raises CannotOpenError."""
        return _open(self._unwrap(wrapped, place.clinic_id), sealed, place.associated())

    def _wrap(self, key: bytes, clinic_id: UUID) -> bytes:
        return _seal(self._masters[self._current], self._current, key, _data_key_of(clinic_id))

    def _unwrap(self, wrapped: bytes, clinic_id: UUID) -> bytes:
        master = self._masters.get(_key_id(wrapped))
        if master is None:
            raise CannotOpenError("sealed with a master key that ENCRYPTION_KEYS no longer names")
        return _open(master, wrapped, _data_key_of(clinic_id))


def _seal(key: bytes, key_id: str, value: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return b"|".join((_VERSION, key_id.encode(), nonce + AESGCM(key).encrypt(nonce, value, associated)))


def _open(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    version, _, rest = sealed.partition(b"|")
    body = rest.partition(b"|")[2]
    if version != _VERSION or len(body) < _NONCE_BYTES + _TAG_BYTES:
        raise CannotOpenError("not a sealed value")
    try:
        return AESGCM(key).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], associated)
    except InvalidTag:
        raise CannotOpenError("sealed for another place or with another key") from None


def _key_id(sealed: bytes) -> str:
    return sealed.split(b"|", 2)[1].decode(errors="replace") if sealed.count(b"|") > 1 else ""


def _fingerprint(key: bytes) -> str:
    return sha256(b"orasync data key" + key).hexdigest()[:8]


def _data_key_of(clinic_id: UUID) -> bytes:
    return f"{clinic_id}|data key".encode()


# Tokens

CONNECTION_KEY_PREFIX = "ok_"


def new_token(prefix: str = "") -> str:
    """256 random bits that survive in addresses and headers; connection keys start with `ok_`."""
    return prefix + secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is stored of a token. No salt: 256 random bits cannot be guessed, and must be found by their hash."""
    return sha256(token.encode()).hexdigest()


# Signatures


def signature(secret: str, purpose: str, message: bytes) -> bytes:
    """HMAC-SHA256 under a key of its own per purpose, so that a signature for one use is worthless for another."""
    key = hmac.digest(secret.encode(), b"orasync:" + purpose.encode(), sha256)
    return hmac.digest(key, message, sha256)


def sign(secret: str, purpose: str, value: str, *, lasts: float | None = None) -> str:
    """``value`` with its end of life and a signature, fit for an address or a cookie. Not secret, only unforgeable."""
    until = "" if lasts is None else str(int(now().timestamp() + lasts))
    body = f"{_encode(value.encode())}.{until}"
    return f"{body}.{_encode(signature(secret, purpose, body.encode()))}"


def unsign(secret: str, purpose: str, signed: str) -> str:
    """The value that `sign` was given for this purpose. Raises BadSignatureError."""
    body, _, given = signed.rpartition(".")
    value, _, until = body.rpartition(".")
    if not hmac.compare_digest(given.encode(), _encode(signature(secret, purpose, body.encode())).encode()):
        raise BadSignatureError("not signed by us for this purpose")
    if until and int(until) <= now().timestamp():
        raise BadSignatureError("its time is over")
    return _decode(value).decode()


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


# Passwords

# Each hash takes 64 MiB and about 50 ms of a core: two at a time, beside the event loop, so that a flood of sign-ins
# queues here and neither memory nor the live screens pay for it.
_HASHERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


class _Told:
    hasher = PasswordHasher()


def use_password_memory(mebibytes: int) -> None:
    """Have hashes from here on take so much memory; those that were stored before go on being understood."""
    _Told.hasher = PasswordHasher(memory_cost=mebibytes * 1024)


async def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return await _beside(lambda: _Told.hasher.hash(password))


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password fits. None (an unknown account) takes as long as a wrong password and never fits."""
    return await _beside(lambda: _verify(stored, password))


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's; hash again at the next sign-in."""
    return _Told.hasher.check_needs_rehash(stored)


def _verify(stored: str | None, password: str) -> bool:
    if stored is None:
        _Told.hasher.hash(password)
        return False
    try:
        return _Told.hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


async def _beside(work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_HASHERS, work)
