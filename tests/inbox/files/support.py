"""A number that pictures come to, and how to look at what came of them."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

from tests.support.clinic import Channel
from tests.support.twilio_server import SID, TOKEN

PATIENT = "+12025550111"
MIB = 1024 * 1024


class Live(Channel):
    """A number at the stand-in provider."""

    async def send(self, *urls, body="", kind="image/jpeg"):
        form = {"MessageSid": f"MM{uuid4().hex}", "AccountSid": SID, "From": PATIENT, "To": self.address, "Body": body}
        form["NumMedia"] = str(len(urls))
        for number, url in enumerate(urls):
            form |= {f"MediaUrl{number}": url, f"MediaContentType{number}": kind}
        answer = await self.deliver(form, token=TOKEN)
        assert answer.status_code == 200, answer.text


async def newest(clinic):
    """The newest thread and its newest message."""
    thread = (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"][0]
    messages = (await clinic.owner.get(clinic.at(f"threads/{thread['id']}/messages"))).json()["items"]
    return thread, messages[0]


async def settled(clinic, seconds=20):
    """The newest message when none of its files waits any more."""
    end = time.monotonic() + seconds
    while True:
        _, message = await newest(clinic)
        if message["attachments"] and all(one["state"] != "waiting" for one in message["attachments"]):
            return message
        assert time.monotonic() < end, message
        await asyncio.sleep(0.05)


async def upload(clinic, data, name="x-ray.jpg", caller=None):
    return await (caller or clinic.owner).post(clinic.at("attachments"), files={"file": (name, data, "text/html")})
