"""A language model at the other end of a line: OpenAI, or any server that speaks the same API (Ollama, Together).

What readers and writers share: one client, no retries, no redirects, and a rest where asking on is pointless. Nothing
of a prompt or an answer is logged. Sources: `openai/openai-openapi` 2.3.0, `openai` 3.x.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from app.config import is_placeholder

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from app.config import Settings

LONGEST_ANSWER = 16_384  # bytes; an answer with everything OpenAI wraps around it has about 1,200
REST_SECONDS = 30.0

_LONG_REST_SECONDS = 600.0  # no credit, a wrong key, an unknown model: a person must act first
_LOGGERS = ("openai", "httpx2", "httpcore2")  # theirs would name headers and addresses when set to debug


class Unusable(Exception):
    """An answer that is not one. Its text says why, never what was answered."""


class Model:
    """The way to the model. ``limit``: the seconds after which the client itself gives a call up."""

    def __init__(self, settings: Settings, limit: float) -> None:
        self.name = settings.openai_model
        self._settings = settings
        self._limit = limit
        self._client: AsyncOpenAI | None = None
        self._loading = asyncio.Lock()
        self._rests_until = 0.0

    async def client(self) -> AsyncOpenAI:
        """Return the client, made at its first use."""
        async with self._loading:
            if self._client is None:
                # The library takes 0.6 s and 57 MB: only who uses it pays, and the loop never waits for it.
                self._client = await asyncio.to_thread(_connect, self._settings, self._limit)
        return self._client

    def asked(self, instructions: str, prompt: str, **more: Any) -> dict[str, Any]:
        """Return the body of a call: what holds for all of them, and ``more``."""
        return {
            "model": self.name,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": prompt}],
            "store": False,
            **more,
        }

    @property
    def rests(self) -> bool:
        """Say whether the provider is left in peace for now."""
        return asyncio.get_running_loop().time() < self._rests_until

    def rest(self, seconds: float) -> None:
        """Leave the provider in peace for so long; 0: ask again at once."""
        self._rests_until = asyncio.get_running_loop().time() + seconds

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None


def _connect(settings: Settings, limit: float) -> AsyncOpenAI:
    """Make the client. Heavy at the first call: not on the loop."""
    import openai  # noqa: PLC0415 - heavy, and only needed where a model is set

    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    key = settings.openai_api_key
    return openai.AsyncOpenAI(
        # A server of one's own takes any key.
        api_key=key if key and not is_placeholder(key) else "none",
        base_url=settings.openai_base_url,
        max_retries=0,
        timeout=limit,
        default_headers={"Accept-Encoding": "identity"},  # what is counted is what was sent
        # A redirect would carry patients' words to an address nobody chose.
        http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, trust_env=False),
    )


def kind_of(error: BaseException) -> str:
    """Why there is no answer, in words that quote nothing."""
    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, asyncio.CancelledError | TimeoutError):
        return "late"
    status = getattr(error, "status_code", None)
    return f"status {status}" if isinstance(status, int) else type(error).__name__


def rest_after(error: BaseException) -> float:
    """For how many seconds asking again is pointless; 0 when it may work at once."""
    status = getattr(error, "status_code", None)
    if status in {401, 403, 404} or getattr(error, "code", None) == "insufficient_quota":
        return _LONG_REST_SECONDS
    if status == 429:
        return _retry_after(error)
    return 0.0


def _retry_after(error: Any) -> float:
    try:
        return min(max(float(error.response.headers["retry-after"]), 1.0), 60.0)
    except (KeyError, ValueError):
        return 10.0
