"""The language model: OpenAI, or any server that speaks the same API (Ollama, Together).

Sources: `openai/openai-openapi` 2.3.0, `openai` 3.x. What leaves is one message a call, without names, numbers and
addresses, as data inside a JSON object. What comes back picks from fixed lists, or is not used: the tier below has
answered already. Nothing of a prompt or an answer is logged, kept or shown.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from app.ai.adapters.base import DISPUTED
from app.ai.adapters.builtin.text import clean
from app.ai.adapters.instructions import FORM, INSTRUCTIONS, SIGNS, Answer
from app.ai.labels import Entities, Tier, Triage
from app.ai.masking import Mask
from app.config import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai import AsyncOpenAI

    from app.ai.labels import Text
    from app.config import Settings

log = structlog.get_logger()

LIMIT_SECONDS = 3.0
"""For all messages of one call together, waiting for a turn included."""
AT_ONCE = 8
LONGEST_TEXT = 4_000  # characters
LONGEST_ANSWER = 16_384  # bytes; an answer with everything OpenAI wraps around it has about 1,200
DOUBT_LEFT = 0.4  # of the doubt of the tier below, where a model agrees; an estimate: no model can be measured offline

_FAILURES_BEFORE_REST = 3
_REST_SECONDS = 30.0
_LONG_REST_SECONDS = 600.0  # no credit, a wrong key, an unknown model: a person must act first
_LOGGERS = ("openai", "httpx2", "httpcore2")  # theirs would name headers and addresses when set to debug


class Unusable(Exception):
    """An answer that is not one. Its text says why, never what was answered."""


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]


_read_completion = msgspec.json.Decoder(_Completion).decode
_read_answer = msgspec.json.Decoder(Answer).decode


class OpenAITier:
    """Asks the model; rests when the provider is down, so that nobody waits for it again and again."""

    tier: Tier = "llm"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: AsyncOpenAI | None = None
        self._loading = asyncio.Lock()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._failures = 0
        self._rests_until = 0.0

    async def read(self, texts: Sequence[Text], below: Sequence[Triage]) -> list[Triage | None]:
        """Read messages; None for each that has no usable answer within the limit."""
        loop = asyncio.get_running_loop()
        if not texts or loop.time() < self._rests_until:
            return [None] * len(texts)
        client = await self._connected()
        calls = [loop.create_task(self._ask(client, text)) for text in texts]
        try:
            await asyncio.wait(calls, timeout=LIMIT_SECONDS)
        finally:
            for call in calls:
                call.cancel()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        self._learn(outcomes, loop.time())
        return [
            self._reading(found, low) if isinstance(found, Answer) else None
            for found, low in zip(outcomes, below, strict=True)
        ]

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _ask(self, client: AsyncOpenAI, text: Text) -> Answer:
        async with self._turns:
            async with client.chat.completions.with_streaming_response.create(**self._asked(text)) as response:
                body = bytearray()
                async for piece in response.iter_bytes():
                    body += piece
                    if len(body) > LONGEST_ANSWER:
                        raise Unusable("too long")
            return answer_of(bytes(body))

    def _asked(self, text: Text) -> dict[str, Any]:
        return {
            "model": self._settings.openai_model,
            "messages": [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": prompt(text)}],
            "response_format": FORM,
            "temperature": 0,
            "max_completion_tokens": 300,
            "store": False,
        }

    async def _connected(self) -> AsyncOpenAI:
        async with self._loading:
            if self._client is None:
                # The library takes 0.6 s and 57 MB: only who uses it pays, and the loop never waits for it.
                self._client = await asyncio.to_thread(connect, self._settings)
        return self._client

    def _learn(self, outcomes: Sequence[Answer | BaseException], now: float) -> None:
        """Count what went wrong, and rest where asking on is pointless."""
        errors = [one for one in outcomes if isinstance(one, BaseException)]
        if errors:
            log.warning("ai.llm_unusable", why=dict(Counter(map(kind_of, errors))))
        self._failures = self._failures + 1 if len(errors) == len(outcomes) else 0
        rest = max(map(rest_after, errors), default=0.0)
        if not rest and self._failures >= _FAILURES_BEFORE_REST:
            rest = _REST_SECONDS
        if rest:
            self._failures = 0
            self._rests_until = now + rest

    def _reading(self, answer: Answer, below: Triage) -> Triage:
        said = "; ".join(SIGNS[sign] for sign in dict.fromkeys(answer.signs))
        intent = answer.intent.replace("_", " ")
        return Triage(
            intent=answer.intent,
            confidence=_share(answer.intent == below.intent, below.confidence, answer.confidence),
            sentiment=answer.sentiment,
            sentiment_confidence=_share(answer.sentiment == below.sentiment, below.sentiment_confidence),
            urgent=answer.urgent,
            urgent_confidence=_share(answer.urgent == below.urgent, below.urgent_confidence),
            escalate=answer.escalate,
            escalate_confidence=_share(answer.escalate == below.escalate, below.escalate_confidence),
            entities=Entities(service=tuple(dict.fromkeys(answer.services)), when=below.entities.when),
            reason=f"Read as {intent}: {said}." if said else f"Read as {intent}.",
            tier="llm",
            model=self._settings.openai_model,
        )


def prompt(text: Text) -> str:
    """Return what is asked about a message: a JSON object, out of which no text can break."""
    own = clean(text.text).own or text.text
    masked = Mask(text.names).hide(own)
    asked = {
        "channel": text.channel,
        "received": text.received_at.strftime("%A %H:%M"),
        "message": masked[:LONGEST_TEXT],
    }
    return msgspec.json.encode(asked).decode()


def answer_of(body: bytes) -> Answer:
    """Read a completion. Raises Unusable for whatever is not an answer of the form."""
    try:
        choices = _read_completion(body).choices
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unusable("not a completion") from None
    if not choices:
        raise Unusable("no choice")
    choice = choices[0]
    if choice.message.refusal:
        raise Unusable("refused")
    if choice.finish_reason not in {"stop", None}:
        raise Unusable("not finished")
    content = (choice.message.content or "").strip()
    if content.startswith("```"):  # smaller models fence what they were told to send bare
        content = content.removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    try:
        return _read_answer(content)
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise Unusable("not of the form") from None


def _share(agrees: bool, below: float, own: float = 1.0) -> float:
    """How sure the two tiers are together. A model's own figure counts only against it."""
    if not agrees:
        return min(own, DISPUTED)
    return below if own < 0.5 else 1 - (1 - below) * DOUBT_LEFT


def connect(settings: Settings) -> AsyncOpenAI:
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
        timeout=LIMIT_SECONDS,
        default_headers={"Accept-Encoding": "identity"},  # what is counted is what was sent
        # A redirect would carry patients' words to an address nobody chose.
        http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, trust_env=False),
    )


def kind_of(error: BaseException) -> str:
    """Why there is no answer, in words that quote nothing."""
    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, asyncio.CancelledError):
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
