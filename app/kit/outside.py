"""Fetching from an address that somebody else named, without being led to where they could not go themselves.

The name is resolved once, every address it has is checked, and the connection goes to a checked address: a second look
at the name could give another one. Redirects are followed by hand, each step checked like the first. What opens doors
(sign-in headers) goes to the first address only.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx
import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
_TEREDO_AND_6TO4 = (ipaddress.ip_network("2001::/32"), ipaddress.ip_network("2002::/16"))


class Refused(Exception):
    """It is not fetched, and trying again cannot help. The message is for people."""


class NoAnswer(Exception):
    """Not now: the other side is away, slow or troubled. ``status`` is what it answered, if it did."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Places(msgspec.Struct, frozen=True):
    """Where a file may come from. A host that begins with a dot stands for everything below it.

    ``own`` is the base address that whoever runs this program has set for the provider. Only its host may lie inside
    their network, and be spoken to without TLS or on another port.
    """

    hosts: tuple[str, ...]
    own: str = ""

    def allows(self, host: str) -> bool:
        """Say whether this host is one of the provider's."""
        return any(host == one or (one.startswith(".") and host.endswith(one)) for one in self.hosts)

    def is_own(self, parts: SplitResult) -> bool:
        """Say whether this is the host of the configured base address, by that base's scheme."""
        own = urlsplit(self.own)
        return bool(own.hostname) and parts.hostname == own.hostname and parts.scheme == own.scheme


def is_public(address: str) -> bool:
    """Say whether an IP address lies on the open internet, however it is dressed up."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if found in _NAT64_LOCAL or any(found in one for one in _TEREDO_AND_6TO4):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


async def fetch(url: str, places: Places, *, headers: Mapping[str, str], most: int, seconds: float) -> bytes:
    """Return what lies at an address of ``places``, at most ``most`` bytes. Raises ``Refused`` or ``NoAnswer``."""
    try:
        async with asyncio.timeout(seconds):
            return await _follow(url, places, headers, most)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
        raise NoAnswer(type(error).__name__) from error


@cache
def _trust() -> ssl.SSLContext:
    """Read the trust store once: it takes 27 ms of CPU."""
    return ssl.create_default_context()


async def _follow(url: str, places: Places, headers: Mapping[str, str], most: int) -> bytes:
    client = httpx.AsyncClient(timeout=None, follow_redirects=False, trust_env=False, verify=_trust())  # noqa: S113 - above
    async with client:
        for step in range(MOST_REDIRECTS + 1):
            parts = _checked(url, places)
            address = await _address_of(parts, places)
            doors = {} if step else headers
            request = client.build_request(
                "GET",
                httpx.URL(url).copy_with(host=address),
                headers={**doors, "Host": parts.netloc, "Accept-Encoding": "identity"},
                # The certificate must be for the name, though the connection goes to an address.
                extensions={"sni_hostname": parts.hostname},
            )
            answer = await client.send(request, stream=True)
            try:
                if answer.status_code not in _REDIRECTS:
                    return await _take(answer, most)
                url = urljoin(url, answer.headers.get("location", ""))
            finally:
                await answer.aclose()
    raise Refused("The file's address leads in circles.")


_ELSEWHERE = "The file does not come from the provider's own address."


def _checked(url: str, places: Places) -> SplitResult:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise Refused(_ELSEWHERE) from None
    if parts.username is not None or parts.password is not None or not url.isascii() or not url.isprintable():
        raise Refused(_ELSEWHERE)
    if places.is_own(parts):
        return parts
    if parts.scheme != "https" or port not in {None, 443} or not places.allows(host):
        raise Refused(_ELSEWHERE)
    return parts


async def _address_of(parts: SplitResult, places: Places) -> str:
    found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not addresses:
        raise NoAnswer("no address")
    if not places.is_own(parts) and not all(is_public(address) for address in addresses):
        raise Refused(_ELSEWHERE)
    return addresses[0]


async def _take(answer: httpx.Response, most: int) -> bytes:
    status = answer.status_code
    if status in {404, 410}:
        raise NoAnswer("gone", status)
    if status >= 400 or not answer.is_success:
        raise NoAnswer(f"answered {status}", status)
    too_large = Refused(f"The file is larger than {most // 1024**2} MB.")
    length = answer.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > most:
        raise too_large
    taken = bytearray()
    async for piece in answer.aiter_raw():
        taken += piece
        if len(taken) > most:
            raise too_large
    return bytes(taken)
