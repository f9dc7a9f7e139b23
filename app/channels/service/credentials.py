"""Credentials of channels: checked by the shape of their provider, stored sealed, opened only to make an adapter."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from app.channels.schemas import CREDENTIALS, SecretView
from app.config import is_placeholder, settings
from app.kit import database
from app.kit.crypto import Place, Vault
from app.kit.errors import FieldError, Invalid

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

_TELLING = 12
"""Shortest secret whose last four characters may be shown: of a shorter one they would be too much."""


@cache
def vault() -> Vault:
    """Return the vault of this process."""
    return Vault(settings().encryption_keys)


def check(provider: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the given credentials in their provider's shape. Raises ``Invalid`` naming each field."""
    wanted = CREDENTIALS.get(provider)
    if wanted is None:
        if given:
            raise Invalid.field("credentials", "This kind of channel needs no credentials.")
        return {}
    cleaned = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
    known = {field.name: field for field in msgspec.structs.fields(wanted)}
    problems: list[FieldError] = [
        {"key": f"credentials.{name}", "message": "This provider does not have this."}
        for name in sorted(cleaned.keys() - known.keys())
    ]
    for name, field in known.items():
        if field.required and cleaned.get(name, "") == "":
            problems.append({"key": f"credentials.{name}", "message": "This is needed."})
            continue
        if name in cleaned:
            try:
                msgspec.convert(cleaned[name], field.type)
            except msgspec.ValidationError:
                problems.append({"key": f"credentials.{name}", "message": "This does not look right."})
    if problems:
        raise Invalid("Some of the sign-in details are missing or not right.", errors=tuple(problems))
    return cleaned


def made_up(provider: str) -> dict[str, Any]:
    """Return fresh secrets for a simulated channel that was given none: its deliveries are checked all the same."""
    secret = secrets.token_hex
    shapes: dict[str, dict[str, Any]] = {
        "twilio": {"account_sid": f"AC{secret(16)}", "auth_token": secret(16)},
        "whatsapp_cloud": {
            "phone_number_id": str(secrets.randbelow(9 * 10**14) + 10**14),
            "waba_id": str(secrets.randbelow(9 * 10**14) + 10**14),
            "access_token": secret(16),
            "app_secret": secret(16),
        },
        "gallabox": {"api_key": secret(12), "api_secret": secret(16), "channel_id": secret(12)},
        "sendgrid": {"api_key": secret(16)},
        "postmark": {"server_token": secret(16)},
    }
    return shapes.get(provider, {})


def usable(given: dict[str, Any]) -> bool:
    """Say whether these could be real ones: none is a stand-in such as ``test_key``."""
    return bool(given) and not any(
        isinstance(value, str) and is_placeholder(value) for value in given.values() if value
    )


def of_process(provider: str) -> dict[str, Any]:
    """Return the program's own credentials for a provider, for clinics that gave none; empty if unusable."""
    told = settings()
    if provider not in _OF_PROCESS or not told.is_live(provider):
        return {}
    return {name: value for name, field in _OF_PROCESS[provider].items() if (value := getattr(told, field)) is not None}


_OF_PROCESS: dict[str, dict[str, str]] = {
    "twilio": {"account_sid": "twilio_account_sid", "auth_token": "twilio_auth_token"},
    "whatsapp_cloud": {
        "phone_number_id": "whatsapp_phone_number_id",
        "waba_id": "whatsapp_waba_id",
        "access_token": "whatsapp_access_token",
        "app_secret": "whatsapp_app_secret",
        "verify_token": "whatsapp_verify_token",
    },
    "gallabox": {
        "api_key": "gallabox_api_key",
        "api_secret": "gallabox_api_secret",
        "channel_id": "gallabox_channel_id",
    },
    "smtp": {
        "host": "email_smtp_host",
        "port": "email_smtp_port",
        "user": "email_smtp_user",
        "password": "email_smtp_pass",
    },
    "sendgrid": {"api_key": "sendgrid_api_key"},
    "postmark": {"server_token": "postmark_token"},
}
"""The settings of each provider, by the names its credentials have here."""


async def seal(connection: asyncpg.Connection, clinic_id: UUID, channel_id: UUID, given: dict[str, Any]) -> bytes:
    """Return the sealed form. Makes the clinic's data key at its first secret; locks the clinic's row for that."""
    wrapped = await _data_key(connection, clinic_id)
    return vault().seal(wrapped, msgspec.json.encode(given), place(clinic_id, channel_id))


async def _data_key(connection: asyncpg.Connection, clinic_id: UUID) -> bytes:
    wrapped = await connection.fetchval("select data_key from clinic where id = $1 for no key update", clinic_id)
    if wrapped is None:
        wrapped = vault().new_data_key(clinic_id)
        await connection.execute("update clinic set data_key = $2 where id = $1", clinic_id, wrapped)
    return bytes(wrapped)


async def data_key_of(clinic_id: UUID) -> bytes:
    """Return the clinic's data key, wrapped; one is made where there is none yet. Not inside another transaction."""
    async with database.reading(clinic_id) as connection:
        wrapped = await connection.fetchval("select data_key from clinic where id = $1", clinic_id)
    if wrapped is not None:
        return bytes(wrapped)
    async with database.transaction(clinic_id) as connection:
        return await _data_key(connection, clinic_id)


async def rewrap_data_key(clinic_id: UUID) -> bool:
    """Wrap the clinic's data key with the first of ENCRYPTION_KEYS; says whether that changed anything.

    What the data key sealed stays as it is, so nothing else is touched and readers never fail meanwhile.
    """
    async with database.transaction(clinic_id) as connection:
        wrapped = await connection.fetchval("select data_key from clinic where id = $1 for no key update", clinic_id)
        changed = vault().rewrap(wrapped, clinic_id) if wrapped is not None else None
        if changed is not None:
            await connection.execute("update clinic set data_key = $2 where id = $1", clinic_id, changed)
    return changed is not None


def unseal(wrapped: bytes | None, sealed: bytes | None, clinic_id: UUID, channel_id: UUID) -> dict[str, Any]:
    """Return what was sealed; empty when nothing was."""
    if wrapped is None or sealed is None:
        return {}
    return msgspec.json.decode(vault().open(wrapped, sealed, place(clinic_id, channel_id)))


def place(clinic_id: UUID, channel_id: UUID) -> Place:
    """Return where a channel's credentials lie."""
    return Place(clinic_id, "channel", "credentials", channel_id)


def hints(given: dict[str, Any]) -> list[SecretView]:
    """Return what may be shown of stored credentials: each name, and how a long value ends."""
    return [
        SecretView(name, str(value)[-4:] if isinstance(value, str) and len(value) >= _TELLING else "")
        for name, value in given.items()
        if value and not isinstance(value, dict)
    ]
