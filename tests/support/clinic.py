"""A clinic made from outside, through the public API only: its people, keys, numbers and sockets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
from twilio.request_validator import RequestValidator

from tests.support.callers import PASSWORD, Browser, Caller, Program
from tests.support.product import Product
from tests.support.socket import Socket

ACCOUNT_SID, AUTH_TOKEN = "AC" + "0" * 32, "a-token-of-this-test-0123456789ab"


class Channel:
    """A simulated number of a clinic, and the provider that delivers to it."""

    def __init__(self, clinic: Clinic, view: dict[str, Any]) -> None:
        self.clinic = clinic
        self.id = UUID(view["id"])
        self.address: str = view["address"]
        self.webhook_url: str = view["webhook_url"]

    async def deliver(self, form: dict[str, str], *, token: str = AUTH_TOKEN, suffix: str = "") -> httpx.Response:
        """Deliver a form as Twilio does, signed with ``token``."""
        url = self.webhook_url + suffix
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": RequestValidator(token).compute_signature(url, form),
        }
        path = url.removeprefix(self.clinic.product.url)
        return await self.clinic.outside.post(path, content=urlencode(form), headers=headers)

    async def text(self, sender: str, body: str, *, sid: str | None = None, to: str | None = None) -> httpx.Response:
        """Deliver a patient's text."""
        return await self.deliver(
            {
                "MessageSid": sid or f"SM{uuid4().hex}",
                "AccountSid": ACCOUNT_SID,
                "From": sender,
                "To": to or self.address,
                "Body": body,
                "NumMedia": "0",
            }
        )


class Clinic:
    """One clinic of a product. Whatever it opened is closed with it."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.outside = Caller(product.url)
        self._opened: list[Caller] = [self.outside]
        self._sockets: list[Socket] = []
        self._numbers = iter(range(100, 1000))

    async def open(self, name: str = "Bright Smiles") -> Clinic:
        """Sign up."""
        self.owner = self.browser(email=f"owner-{uuid4().hex[:10]}@clinic.test")
        made = await self.owner.post(
            "/api/auth/sign-up",
            json={
                "clinic_name": name,
                "name": "Olivia Owner",
                "email": self.owner.email,
                "password": PASSWORD,
            },
        )
        assert made.status_code == 201, made.text
        self.id = UUID(made.json()["clinic"]["id"])
        self.slug: str = made.json()["clinic"]["slug"]
        self.owner.staff_id = UUID(made.json()["staff"]["id"])
        return self

    def at(self, path: str) -> str:
        """The address of a resource of this clinic's API."""
        return f"/api/v1/clinics/{self.slug}/{path}"

    def browser(self, **who: str) -> Browser:
        """A browser that nobody is signed in with."""
        made = Browser(self.product.url, **who)
        self._opened.append(made)
        return made

    async def member(self, role: str = "front_desk", name: str = "Fiona Front") -> Browser:
        """A colleague who was invited and joined, signed in."""
        email = f"{role}-{uuid4().hex[:10]}@clinic.test"
        invited = await self.owner.post(self.at("team/invitations"), json={"email": email, "role": role})
        assert invited.status_code == 201, invited.text
        token = invited.json()["link"].rpartition("/")[2]
        made = self.browser(email=email)
        joined = await made.post(f"/api/auth/invitations/{token}", json={"name": name, "password": PASSWORD})
        assert joined.status_code == 201, joined.text
        made.staff_id = UUID(joined.json()["staff"]["id"])
        return made

    async def key(self, *scopes: str) -> Program:
        """A program with a fresh connection key; all scopes when none are named."""
        made = await self.owner.post(self.at("keys"), json={"name": "Test", "scopes": list(scopes) or ["*"]})
        assert made.status_code == 201, made.text
        view = made.json()
        program = Program(self.product.url, view["key"], key_id=UUID(view["id"]), client_code=view["client_code"])
        self._opened.append(program)
        return program

    async def channel(self, address: str | None = None, **more: Any) -> Channel:
        """A simulated texting number."""
        made = await self.owner.post(
            self.at("channels"),
            json={
                "kind": "sms",
                "provider": "twilio",
                "mode": "simulated",
                "address": address or f"+1212555{next(self._numbers):04d}",
                "credentials": {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN},
                **more,
            },
        )
        assert made.status_code == 201, made.text
        return Channel(self, made.json())

    async def socket(self, caller: Browser | Program | None = None, url: str | None = None, **place: Any) -> Socket:
        """A socket of the owner, or of the caller given; ``place``: after, epoch, html."""
        made = await Socket.open(url or self.product.url, (caller or self.owner).socket_headers, **place)
        self._sockets.append(made)
        return made

    async def socket_refused(self, who: Caller | dict[str, str], **place: Any) -> int | None:
        """Try to open a socket and return the code it is closed with."""
        headers = who if isinstance(who, dict) else who.socket_headers
        made = await Socket.open(self.product.url, headers, wait=False, **place)
        try:
            return await made.closed()
        finally:
            await made.close()

    async def close(self) -> None:
        """Hang up everything."""
        for socket in self._sockets:
            await socket.close()
        for caller in self._opened:
            await caller.close()
