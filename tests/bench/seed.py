"""Clinics, channels and keys through the public API; patients straight into the tables, because 5,000 take too long."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import msgspec

from tests.bench.product import NOWHERE, BenchError, public_url

if TYPE_CHECKING:
    from tests.bench.product import Site, Web

CONTACTS = 5_000
AUTH_TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT_SID = "AC" + "9" * 32
PASSWORD = "a bench needs no secret"

# What both the product and the floor write to: people who have written before, spread over the clinics. {target} lists
# them for the floor, which cannot look a number's clinic up in an address.
PATIENTS = """
create schema if not exists bench;
drop table if exists {target};
create table {target} (g int primary key, clinic_id uuid not null, channel_id uuid not null, address text not null);
insert into {target}
  select g, c.clinic_id, c.channel_id, '+1555' || lpad(g::text, 7, '0')
  from generate_series(0, {contacts} - 1) g
  join unnest(array[{clinics}]::uuid[], array[{channels}]::uuid[]) with ordinality c (clinic_id, channel_id, n)
    on c.n = 1 + g % {count};
create temporary table fresh as
  select b.*, uuidv7() as contact_id, uuidv7() as thread_id, 'Patient ' || b.g as name from {target} b
  where not exists (
    select 1 from contact_point p where p.clinic_id = b.clinic_id and p.kind = 'phone' and p.address = b.address);
insert into contact (id, clinic_id, name, stage, created_at, updated_at)
  select contact_id, clinic_id, name, 'patient', now(), now() from fresh;
insert into contact_point (id, clinic_id, contact_id, kind, address, created_at)
  select uuidv7(), clinic_id, contact_id, 'phone', address, now() from fresh;
insert into thread
  (id, clinic_id, contact_id, contact_name, contact_phone, channel, channel_id, last_message_at, created_at)
  select thread_id, clinic_id, contact_id, name, address, 'sms', channel_id, now(), now() from fresh;
analyze;
"""


class Clinic(msgspec.Struct, frozen=True):
    """A clinic of the bench, with a connected number and a key that may do everything."""

    id: UUID
    slug: str
    channel_id: UUID
    address: str
    key: str
    client_code: str
    email: str


def make_clinics(web: Web, site: Site, count: int, *, prefix: str = "bench") -> list[Clinic]:
    """Sign clinics up and connect them, as a person would; undo time 0, so that replies leave at once."""
    clinics = [_make_clinic(web, f"{prefix} {n}", n) for n in range(count)]
    site.sql("update clinic set undo_seconds = 0")
    return clinics


def _make_clinic(web: Web, name: str, number: int) -> Clinic:
    with httpx.Client(base_url=web.url, timeout=30, headers={"origin": public_url()}) as client:
        email = f"{name.replace(' ', '.')}@bench.example.com"
        made = _answer(
            client.post(
                "/api/auth/sign-up",
                json={"clinic_name": name, "name": "Robin Bench", "email": email, "password": PASSWORD},
            )
        )
        slug = made["clinic"]["slug"]
        client.headers["x-csrftoken"] = client.cookies.get("csrftoken", "")
        base = f"/api/v1/clinics/{slug}"
        address = f"+1510555{number:04}"
        channel = _answer(
            client.post(
                f"{base}/channels",
                json={
                    "kind": "sms",
                    "provider": "twilio",
                    "address": address,
                    "mode": "live",
                    "credentials": {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN},
                },
            )
        )
        key = _answer(client.post(f"{base}/keys", json={"name": "bench", "scopes": ["*"]}))
        return Clinic(
            UUID(made["clinic"]["id"]), slug, UUID(channel["id"]), address, key["key"], key["client_code"], email
        )


def _answer(response: httpx.Response) -> dict[str, Any]:
    if response.status_code not in {200, 201}:
        raise BenchError(
            f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text[:500]}"
        )
    return json.loads(response.content)


def make_patients(site: Site, clinics: list[Clinic], contacts: int = CONTACTS) -> str:
    """Give the clinics ``contacts`` people with a thread each; returns the table that lists them."""
    target = f"bench.target_{len(clinics)}"
    site.sql(
        PATIENTS.format(
            target=target,
            contacts=contacts,
            count=len(clinics),
            clinics=", ".join(f"'{c.id}'" for c in clinics),
            channels=", ".join(f"'{c.channel_id}'" for c in clinics),
        )
    )
    return target


def address_of(g: int) -> str:
    """The number of the g-th patient."""
    return f"+1555{g:07}"


__all__ = ["ACCOUNT_SID", "AUTH_TOKEN", "CONTACTS", "NOWHERE", "Clinic", "address_of", "make_clinics", "make_patients"]
