"""Who calls the product from outside: a browser with its cookies, and a program with its connection key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx

from tests.support.trust import TLS

CSRF_COOKIE, CSRF_HEADER = "csrftoken", "x-csrftoken"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION_COOKIE = "orasync_session"
PASSWORD = "correct horse battery"


class Caller:
    """Speaks HTTP to one product. ``headers`` go along with every request."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False, verify=TLS)

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request; redirects are not followed."""
        return await self.http.request(method, path, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("DELETE", path, **options)

    async def close(self) -> None:
        """Hang up."""
        await self.http.aclose()

    @property
    def socket_headers(self) -> dict[str, str]:
        """What a socket of this caller sends along."""
        return dict(self.http.headers.multi_items())


class Program(Caller):
    """A program with a connection key."""

    def __init__(self, url: str, key: str, *, key_id: UUID, client_code: str) -> None:
        super().__init__(url, {"authorization": f"Bearer {key}"})
        self.key, self.key_id, self.client_code = key, key_id, client_code

    @property
    def socket_headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}


class Browser(Caller):
    """A browser: keeps cookies, sends its Origin and, with unsafe requests, the CSRF token of its cookie."""

    def __init__(self, url: str, *, email: str = "", password: str = PASSWORD) -> None:
        super().__init__(url, {"origin": url})
        self.email, self.password = email, password
        self.staff_id: UUID | None = None

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies it has now."""
        return {cookie.name: cookie.value or "" for cookie in self.http.cookies.jar}

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = dict(options.pop("headers", None) or {})
        if method not in SAFE and CSRF_COOKIE in self.cookies:
            headers.setdefault(CSRF_HEADER, self.cookies[CSRF_COOKIE])
        return await super().request(method, path, headers=headers, **options)

    async def sign_in(self) -> httpx.Response:
        """Sign in with its own address and password."""
        return await self.post("/api/auth/sign-in", json={"email": self.email, "password": self.password})

    @property
    def socket_headers(self) -> dict[str, str]:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"origin": self.url, "cookie": jar}
