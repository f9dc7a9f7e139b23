"""A number at Meta, and how to look at what was stored of its deliveries."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tests.channels.whatsapp_cases import (
    ADDRESS,
    META_CREDENTIALS,
    body_of,
    message,
    signed,
)
from tests.support.whatsapp_server import TOKEN

NUMBERS = itertools.count(200_000_000_000_001)


class Number:
    """A WhatsApp number of Meta's, and Meta's part of it."""

    def __init__(self, clinic: Any, view: dict[str, Any], number: str, secret: str) -> None:
        self.clinic, self.id, self.number, self.secret = clinic, view["id"], number, secret
        self.path = urlsplit(view["webhook_url"]).path

    async def bring(self, *values: dict[str, Any], **more: Any) -> Any:
        """Deliver to this number's own address."""
        return await self.post(body_of(*values, **more))

    async def post(self, body: bytes, secret: str | None = None) -> Any:
        return await self.clinic.outside.post(self.path, content=body, headers=signed(body, secret or self.secret))

    async def write(self, text: str, **more: Any) -> str:
        """A patient writes; returns the message's id."""
        wamid = f"wamid.{uuid4().hex}"
        answer = await self.bring(message(number=self.number, id=wamid, text={"body": text}, **more))
        assert answer.status_code == 200, answer.text
        return wamid


async def connect(clinic: Any, *, secret: str = "", mode: str = "simulated", **more: str) -> Number:
    number = more.pop("phone_number_id", str(next(NUMBERS)))
    secret = secret or f"app-secret-{uuid4().hex}"
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "whatsapp",
            "provider": "whatsapp_cloud",
            "mode": mode,
            "address": ADDRESS,
            "credentials": {
                **META_CREDENTIALS,
                "phone_number_id": number,
                "access_token": TOKEN,
                "app_secret": secret,
                **more,
            },
        },
    )
    assert made.status_code == 201, made.text
    assert made.json()["mode"] == mode
    return Number(clinic, made.json(), number, secret)


def stored(clinic: Any, columns: str = "provider_id, body", where: str = "direction = 'in'") -> list[tuple[Any, ...]]:
    return clinic.product.sql(f"select {columns} from message where clinic_id = %s and {where} order by seq", clinic.id)


def unrouted(clinic: Any) -> list[str]:
    return [row[0] for row in clinic.product.sql("select reason from unrouted_delivery order by received_at")]
