"""Reads what people write into environment variables. Each ValueError continues a sentence that names the variable."""

import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_BOOLEANS = {"yes": True, "on": True, "true": True, "1": True, "no": False, "off": False, "false": False, "0": False}
_KEY_BYTES = 32


def boolean(text: str) -> bool:
    """`true`, `yes`, `on`, `1` or their opposites."""
    if text.lower() not in _BOOLEANS:
        raise ValueError("must be true or false")
    return _BOOLEANS[text.lower()]


def url(text: str) -> str:
    """An http(s) address, without a slash at its end."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://desk.example.com")
    return text.rstrip("/")


def urls(text: str) -> tuple[str, ...]:
    """Several such addresses, separated by commas."""
    return tuple(url(part) for part in words(text))


def with_scheme(*schemes: str) -> Callable[[str], str]:
    """A reader of addresses that start with one of the schemes."""

    def read(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(f"must start with {schemes[0]}://")
        return text

    return read


def duration(text: str) -> float:
    """Seconds; `90`, `1.5`, `15m`, `12h` or `7d`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text)
    if match is None:
        raise ValueError("must be a duration in seconds, or such as 15m, 12h or 7d")
    return float(match[1]) * _UNITS[match[2]]


def words(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(part for part in (part.strip() for part in text.split(",")) if part)


def numbered_point(text: str) -> str:
    """`name:n`, n from 1."""
    if not re.fullmatch(r"[\w.-]+:[1-9]\d*", text):
        raise ValueError("must look like name:3")
    return text


def keys(text: str) -> tuple[tuple[str, bytes], ...]:
    """Master keys, `id:base64,...`, in their order."""
    found: dict[str, bytes] = {}
    for part in words(text):
        name, _, encoded = part.partition(":")
        try:
            key = b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name) or len(key) != _KEY_BYTES or name in found:
            raise ValueError("must be id:base64,... with different ids and 32 bytes each")
        found[name] = key
    return tuple(found.items())


def dotenv(path: Path) -> dict[str, str]:
    """The variables in a `.env` file, if there is one: `NAME=value` lines, `#` comments, optional quotes."""
    if not path.is_file():
        return {}
    pairs = re.findall(r"^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=[ \t]*(.*?)\s*$", path.read_text(), re.MULTILINE)
    return {
        name: value[1:-1] if value[:1] in ("'", '"') and value[:1] == value[-1:] else value for name, value in pairs
    }
