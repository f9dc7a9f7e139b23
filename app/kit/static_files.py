"""The files under ``static/``, ready to send: read, minified and compressed once, when a web process starts.

The address of a file carries its version (``asset("css/app.css")`` -> ``/static/css/app.css?v=...``), so that a browser
keeps it for ever and still sees every change. Modules import each other: they share one version, and their imports are
rewritten to carry it, so that no module is ever loaded twice under two addresses.

What is in memory is what is sent. After a change start the web process again (Ctrl+C, ``make run``), as for templates.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import structlog

log = structlog.get_logger()

STATIC = Path(__file__).resolve().parents[2] / "static"
STATIC_URL = "/static/"
MINIFIER = Path(__file__).with_name("minifier.py")
MINIFIER_SECONDS = 10
# The charset, UTF-8, is added to what is text.
TEXT = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".md": "text/plain",
    ".license": "text/plain",
}
BINARY = {".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon"}
FOR_EVER = "public, max-age=31536000, immutable"
# During a rolling restart a page of the other release may ask us: what it gets is ours, not what its address promises.
FOR_A_MINUTE = "public, max-age=60, immutable"
ASK_AGAIN = "no-cache"

_IMPORT = re.compile(r"""((?:\bfrom|\bimport)\s*\(?\s*)(["'])\./([\w-]+\.js)\2""")
_CSS_URL = re.compile(r"""url\(\s*(["']?)([^"')?#:]+)\1\s*\)""")
_NO_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


class StaticFile(NamedTuple):
    """One file as it is sent."""

    body: bytes
    gzipped: bytes | None
    media_type: str
    version: str
    # Weak: the compressed bytes stand for the same content.
    etag: str

    def is_known(self, if_none_match: str) -> bool:
        """Whether the caller holds this content already."""
        return if_none_match.strip() == "*" or self.etag in (tag.strip() for tag in if_none_match.split(","))

    def cache_control(self, version: str | None) -> str:
        """How long an answer to an address with this version may be kept."""
        if version is None:
            return ASK_AGAIN
        return FOR_EVER if version == self.version else FOR_A_MINUTE

    def pick(self, accept_encoding: str) -> tuple[bytes, dict[str, str]]:
        """Return the bytes for a caller, and the headers that say which they are."""
        if self.gzipped is None:
            return self.body, {}
        if "gzip" in accept_encoding and not _NO_GZIP.search(accept_encoding):
            return self.gzipped, {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"}
        return self.body, {"Vary": "Accept-Encoding"}


@lru_cache(maxsize=512)
def asset(path: str) -> str:
    """Return the address of a file under ``static/``; one that is not there keeps its bare address."""
    try:
        return f"{STATIC_URL}{path}?v={_version(path)}"
    except FileNotFoundError:
        return STATIC_URL + path


def read_all() -> dict[str, StaticFile]:
    """Read every file, by its path under ``static/``. Takes a moment: not on the event loop."""
    contents = {
        path.relative_to(STATIC).as_posix(): path.read_bytes() for path in sorted(STATIC.rglob("*")) if path.is_file()
    }
    ours = {
        path: _versioned(path, content.decode())
        for path, content in contents.items()
        if PurePosixPath(path).parent.name in {"js", "css"}
    }
    contents.update({path: text.encode() for path, text in minified(ours).items()})
    return {path: _ready(path, content) for path, content in contents.items()}


def minified(texts: dict[str, str]) -> dict[str, str]:
    """Return the texts minified; as they are when that cannot be done here, for they work just as well."""
    try:
        # Isolated and without our environment: it needs none of our secrets.
        done = subprocess.run(
            [sys.executable, "-I", str(MINIFIER)],
            input=json.dumps(texts).encode(),
            capture_output=True,
            timeout=MINIFIER_SECONDS,
            check=True,
            env={},
        )
        small: dict[str, str] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.warning("Scripts and styles are sent as they were written", error=str(error))
        return texts
    return small


def _ready(path: str, content: bytes) -> StaticFile:
    kind = PurePosixPath(path).suffix.lower()
    gzipped = gzip.compress(content, 9, mtime=0) if kind in TEXT else None
    media_type = (TEXT | BINARY).get(kind, "application/octet-stream")
    return StaticFile(content, gzipped, media_type, _version(path), f'W/"{_digest(content)}"')


def _versioned(path: str, text: str) -> str:
    """Give what a module or a stylesheet loads the addresses that pages use for it."""
    if path.endswith(".js"):
        return _IMPORT.sub(rf"\1\2./\3?v={_version(path)}\2", text)
    folder = STATIC / PurePosixPath(path).parent

    def address(found: re.Match[str]) -> str:
        wanted = (folder / found[2]).resolve()
        return f'url("{asset(wanted.relative_to(STATIC).as_posix())}")' if wanted.is_relative_to(STATIC) else found[0]

    return _CSS_URL.sub(address, text)


@cache
def _version(path: str) -> str:
    if path.startswith("js/") and (STATIC / path).is_file():
        modules = sorted((STATIC / "js").glob("*.js"))
        return _digest(b"".join(module.name.encode() + module.read_bytes() for module in modules))
    return _digest((STATIC / path).read_bytes())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
