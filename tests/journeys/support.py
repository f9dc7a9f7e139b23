"""What the journeys share: times scaled down, a live number at the stand-in for Twilio, how to look at the records."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.journeys.checker import History, Logged, Sent, Stored, Taken, problems
from tests.support.clinic import Channel, Clinic
from tests.support.product import Process, Product
from tests.support.twilio_server import SID, TOKEN, RunningTwilio

PATIENT = "+12025550111"
MOVING = {"scheduled", "queued", "sending", "unknown"}
FAST = {
    "SEND_TIMEOUT": "1",
    "UNKNOWN_AFTER": "1",
    "REVIEW_AFTER": "6",
    "JOB_HEARTBEAT": "1",
    "JOB_BASE_BACKOFF": "0.2",
    "POLL_SECONDS": "0.5",
}
"""The product's times, scaled: what takes 15 minutes in a clinic takes 6 seconds here."""


def at_twilio(twilio: RunningTwilio, **more: str) -> dict[str, str]:
    """Settings of a product whose Twilio is the stand-in."""
    return {**FAST, "TWILIO_API_URL": twilio.url, **more}


def make_worker(product: Product, number: int = 1) -> Process:
    """A worker of a product that was started without one; not started yet, stopped with the product."""
    log = product.database.folder / f"worker-{number}.log"
    product.worker = Process("worker", ["worker"], product.environment, log)
    return product.worker


class LiveChannel(Channel):
    """A number in live mode: what is sent through it goes to the stand-in."""

    async def text(self, sender: str, body: str, *, sid: str | None = None) -> httpx.Response:
        """Deliver a patient's text, signed with the live account's secret."""
        form = {
            "MessageSid": sid or f"SM{uuid4().hex}",
            "AccountSid": SID,
            "From": sender,
            "To": self.address,
            "Body": body,
        }
        return await self.deliver(form, token=TOKEN)

    async def report(self, provider_id: str, status: str) -> httpx.Response:
        """Report what became of a message, as Twilio does."""
        form = {"MessageSid": provider_id, "MessageStatus": status, "AccountSid": SID, "From": self.address}
        return await self.deliver(form, token=TOKEN, suffix="/status")


async def live_channel(clinic: Clinic, address: str = "+12025550100") -> LiveChannel:
    """Connect a live number and lift the undo time."""
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "sms",
            "provider": "twilio",
            "mode": "live",
            "address": address,
            "credentials": {"account_sid": SID, "auth_token": TOKEN},
        },
    )
    assert made.status_code == 201, made.text
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})).status_code == 200
    return LiveChannel(clinic, made.json())


async def thread_of(clinic: Clinic, phone: str = PATIENT) -> dict[str, Any]:
    """The conversation with a number."""
    answer = await clinic.owner.get(clinic.at("threads?view=all&limit=100"))
    return next(one for one in answer.json()["items"] if one["contact"]["phone"] == phone)


async def post_reply(clinic: Clinic, thread: dict[str, Any], body: str, client_id: UUID) -> httpx.Response:
    """Answer the patient; the same ``client_id`` is the same click."""
    return await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        json={"body": body, "seen": thread["last_seq"], "client_id": str(client_id)},
    )


async def a_desk(
    product: Product, new_clinic: Callable[..., Awaitable[Clinic]], address: str = "+12025550100"
) -> tuple[Clinic, LiveChannel]:
    """A clinic with a live number and a patient who waits."""
    clinic = await new_clinic(product)
    channel = await live_channel(clinic, address)
    assert (await channel.text(PATIENT, "Hello?", sid="SM-first")).status_code == 200
    return clinic, channel


async def say(clinic: Clinic, body: str) -> dict[str, Any]:
    """Answer the patient."""
    answer = await post_reply(clinic, await thread_of(clinic), body, uuid4())
    assert answer.status_code == 201, answer.text
    return answer.json()


async def until(condition: Callable[[], Any], seconds: float = 30, what: str = "it never happened") -> Any:
    """Wait until the condition gives something, and return it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)
    return found


async def until_status(product: Product, body: str, *statuses: str, seconds: float = 40) -> str:
    """Wait until the message of that text has one of the states."""

    def look() -> str | None:
        rows = product.sql("select status from message where body = %s and direction = 'out'", body)
        return rows[0][0] if rows and rows[0][0] in statuses else None

    def now() -> list[Any]:
        return product.sql("select status, attempt from message where body = %s", body)

    try:
        return str(await until(look, seconds))
    except AssertionError:
        raise AssertionError(f"{body!r} is {now()}, not one of {statuses}: {product.log()[-2000:]}") from None


def read_history(product: Product, twilio: RunningTwilio | None = None, **more: Any) -> History:
    """What the records and the provider's journal say."""
    log: dict[str, list[Logged]] = {}
    heads: dict[str, int] = {}
    # In one statement: the assistant may be writing what it read.
    for clinic, head, seq, body, chain in product.sql(
        "select l.clinic_id, l.seq, e.seq, e.body, e.sum from clinic_log l left join event e using (clinic_id) "
        "order by l.clinic_id, e.seq"
    ):
        heads[str(clinic)] = head
        if seq is not None:
            log.setdefault(str(clinic), []).append(Logged(seq, body, bytes(chain)))
    stored = [
        Stored(str(clinic), sid, str(message), seq)
        for clinic, sid, message, seq in product.sql(
            "select clinic_id, provider_id, id, seq from message where direction = 'in'"
        )
    ]
    sent = [
        Sent(str(clinic), str(message), body, status, provider_id, str(client_id))
        for clinic, message, body, status, provider_id, client_id in product.sql(
            "select clinic_id, id, body, status, provider_id, client_id from message "
            "where direction = 'out' and kind = 'text'"
        )
    ]
    taken = [Taken(line["body"], line["sid"]) for line in twilio.accepted()] if twilio else []
    return History(log=log, heads=heads, stored=stored, sent=sent, taken=taken, **more)


def check(product: Product, twilio: RunningTwilio | None = None, **more: Any) -> None:
    """Let the checker look at everything; nothing may be wrong."""
    found = problems(read_history(product, twilio, **more))
    assert not found, "\n".join(found[:20])
