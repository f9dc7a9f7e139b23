"""A small server that speaks as much S3 as a store needs, and checks every signature (AWS Signature Version 4)."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlsplit

ACCESS_KEY, SECRET_KEY, BUCKET = "AKIDEXAMPLE", "a-secret-of-this-test", "files"


def signature(method: str, target: str, headers: dict[str, str], secret: str) -> str:
    """The signature this request must carry, as docs.aws.amazon.com/IAM describes it."""
    fields = dict(part.split("=", 1) for part in headers["authorization"].split(" ", 1)[1].replace(" ", "").split(","))
    scope, names = fields["Credential"].split("/", 1)[1], fields["SignedHeaders"].split(";")
    parts = urlsplit(target)
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True))
    )
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    request = "\n".join([method, parts.path, query, lines, ";".join(names), headers["x-amz-content-sha256"]])
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(request.encode()).hexdigest()])
    key = b"AWS4" + secret.encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


class S3Server:
    """Keeps objects of one bucket. ``refused`` names the requests with a wrong signature or body."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.refused: list[str] = []
        self.age = 0.0
        """Seconds since everything was put here, as the list tells it."""
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip("\r\n").split("\r\n")
                method, target, _ = first.split(" ")
                headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, answer = self._answer(method, target, headers, body)
                told = f'ETag: "x"\r\nLast-Modified: Sat, 21 Nov 2026 10:00:00 GMT\r\nContent-Length: {len(answer)}\r\n'
                writer.write(f"HTTP/1.1 {status} Status\r\n{told}\r\n".encode() + answer)
                await writer.drain()
        writer.close()

    def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        told = headers["x-amz-content-sha256"]
        fits = told == "UNSIGNED-PAYLOAD" or told == sha256(body).hexdigest()
        if not fits or not headers["authorization"].endswith(signature(method, target, headers, SECRET_KEY)):
            self.refused.append(f"{method} {target}")
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        if method == "POST" and target == f"/{BUCKET}?delete":
            names = re.findall(rb"<Key>([^<]+)</Key>", body)
            for name in names:
                self.kept.pop(name.decode(), None)
            gone = b"".join(b"<Deleted><Key>" + name + b"</Key></Deleted>" for name in names)
            return 200, b'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' + gone + b"</DeleteResult>"
        if method == "GET" and "list-type=2" in target:
            return 200, self._list(dict(parse_qsl(urlsplit(target).query)))
        name = target.removeprefix(f"/{BUCKET}/")
        if method == "PUT":
            self.kept[name] = body
            return 200, b""
        if name not in self.kept:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>"
        return 200, self.kept[name]

    def _list(self, query: dict[str, str]) -> bytes:
        """One page, of at most two: so that the second has to be asked for."""
        after, most = query.get("continuation-token", ""), min(int(query.get("max-keys", "2")), 2)
        names = sorted(name for name in self.kept if name > after)
        at = (datetime.now(UTC) - timedelta(seconds=self.age)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        rows = "".join(
            f'<Contents><Key>{name}</Key><LastModified>{at}</LastModified><ETag>"x"</ETag>'
            f"<Size>{len(self.kept[name])}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for name in names[:most]
        )
        more = f"<NextContinuationToken>{names[most - 1]}</NextContinuationToken>" if len(names) > most else ""
        told = f"<Name>{BUCKET}</Name><IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}{rows}"
        return f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{told}</ListBucketResult>'.encode()


@contextlib.asynccontextmanager
async def s3_server() -> AsyncIterator[S3Server]:
    """Run one on this machine."""
    made = S3Server()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield made
