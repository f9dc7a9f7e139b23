"""Sealed values open only where they belong, signatures cannot be forged, passwords and tokens are kept as hashes."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import Settings
from app.kit import crypto
from app.kit.clock import now
from app.kit.crypto import BadSignatureError, CannotOpenError, Place, Vault

OLD, NEW = ("old", b"o" * 32), ("new", b"n" * 32)
SECRET = "a-secret-of-decent-length"


@pytest.fixture
def place():
    return Place(uuid4(), "channel", "credentials", uuid4())


@given(value=st.binary(max_size=2000))
def test_what_was_sealed_opens(value):
    vault, where = Vault([NEW]), Place(uuid4(), "channel", "credentials", uuid4())
    key = vault.new_data_key(where.clinic_id)
    assert vault.open(key, vault.seal(key, value, where), where) == value


def test_the_format_is_version_key_nonce_text_and_tag(place):
    vault = Vault([NEW])
    key = vault.new_data_key(place.clinic_id)
    assert key.startswith(b"v1|new|")
    version, key_id, body = vault.seal(key, b"secret", place).split(b"|", 2)
    assert (version, len(key_id), len(body)) == (b"v1", 8, 12 + len(b"secret") + 16)
    assert vault.seal(key, b"secret", place) != vault.seal(key, b"secret", place)


@pytest.mark.parametrize("field", ["clinic_id", "table", "column", "row_id"])
def test_a_value_moved_elsewhere_does_not_open(place, field):
    vault = Vault([NEW])
    key = vault.new_data_key(place.clinic_id)
    sealed = vault.seal(key, b"secret", place)
    elsewhere = place._replace(**{field: uuid4() if field.endswith("_id") else "other"})
    with pytest.raises(CannotOpenError):
        vault.open(key, sealed, elsewhere)


def test_another_clinics_data_key_does_not_unwrap(place):
    vault = Vault([NEW])
    foreign = vault.new_data_key(uuid4())
    with pytest.raises(CannotOpenError):
        vault.seal(foreign, b"secret", place)


def test_every_changed_byte_is_noticed(place):
    vault = Vault([NEW])
    key = vault.new_data_key(place.clinic_id)
    sealed = vault.seal(key, b"secret", place)
    for index in [0, *range(sealed.rindex(b"|", 0, 12) + 1, len(sealed))]:
        changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises(CannotOpenError):
            vault.open(key, changed, place)


@pytest.mark.parametrize("rubbish", [b"", b"v1", b"v1|k", b"v1|k|", b"v1|k|short", b"v2|k|" + b"x" * 40, b"\xff" * 50])
def test_rubbish_does_not_open(place, rubbish):
    vault = Vault([NEW])
    with pytest.raises(CannotOpenError):
        vault.open(vault.new_data_key(place.clinic_id), rubbish, place)
    with pytest.raises(CannotOpenError):
        vault.open(rubbish, rubbish, place)


def test_rotation_rewraps_the_data_key_and_leaves_what_it_sealed(place):
    before = Vault([OLD])
    key = before.new_data_key(place.clinic_id)
    sealed = before.seal(key, b"secret", place)
    during = Vault([NEW, OLD])
    rewrapped = during.rewrap(key, place.clinic_id)
    assert rewrapped is not None
    assert during.rewrap(rewrapped, place.clinic_id) is None
    assert during.open(key, sealed, place) == b"secret"
    after = Vault([NEW])
    assert after.open(rewrapped, sealed, place) == b"secret"
    with pytest.raises(CannotOpenError, match="no longer names"):
        after.open(key, sealed, place)


@given(value=st.text(max_size=200))
def test_a_signed_value_comes_back_only_for_its_purpose_and_secret(value):
    signed = crypto.sign(SECRET, "link", value)
    assert crypto.unsign(SECRET, "link", signed) == value
    for secret, purpose in ((SECRET, "cookie"), ("another-secret-of-length", "link")):
        with pytest.raises(BadSignatureError):
            crypto.unsign(secret, purpose, signed)


def test_a_signed_value_ends_in_time_and_its_end_cannot_be_moved(monkeypatch):
    signed = crypto.sign(SECRET, "link", "value", lasts=60)
    assert crypto.unsign(SECRET, "link", signed) == "value"
    value, until, signature = signed.split(".")
    with pytest.raises(BadSignatureError):
        crypto.unsign(SECRET, "link", f"{value}.{int(until) + 60}.{signature}")
    later = now() + timedelta(seconds=61)
    monkeypatch.setattr(crypto, "now", lambda: later)
    with pytest.raises(BadSignatureError, match="over"):
        crypto.unsign(SECRET, "link", signed)


@pytest.mark.parametrize("rubbish", ["", ".", "..", "a.b.c", "é.é.é"])
def test_rubbish_is_not_signed(rubbish):
    with pytest.raises(BadSignatureError):
        crypto.unsign(SECRET, "link", rubbish)


def test_tokens_are_long_unlike_and_kept_as_hashes():
    tokens = {crypto.new_token(crypto.CONNECTION_KEY_PREFIX) for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("ok_") and len(token) >= 46 for token in tokens)
    token = tokens.pop()
    assert crypto.hash_token(token) == crypto.hash_token(token) != crypto.hash_token(tokens.pop())
    assert token not in crypto.hash_token(token)


async def test_passwords():
    stored = await crypto.hash_password("correct horse")
    assert stored.startswith(f"$argon2id$v=19$m={Settings().password_memory * 1024},t=3,p=4$")
    assert Settings().password_memory >= 64
    assert await crypto.verify_password(stored, "correct horse")
    assert not await crypto.verify_password(stored, "wrong horse")
    assert not await crypto.verify_password("not a hash", "correct horse")
    assert not crypto.needs_rehash(stored)


async def test_more_memory_is_asked_of_what_was_stored_with_less():
    crypto.use_password_memory(1)
    weak = await crypto.hash_password("correct horse")
    crypto.use_password_memory(Settings().password_memory)
    assert await crypto.verify_password(weak, "correct horse")
    assert crypto.needs_rehash(weak)


async def test_an_unknown_account_takes_as_long_as_a_wrong_password():
    stored = await crypto.hash_password("correct horse")
    times = []
    for candidate in (stored, None):
        began = time.perf_counter()
        assert not await crypto.verify_password(candidate, "wrong horse")
        times.append(time.perf_counter() - began)
    assert min(times) > max(times) / 5
