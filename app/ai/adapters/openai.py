"""The language model as a reader of messages. Source: `openai/openai-openapi` 2.3.0.

What leaves is one message a call, without names, numbers and addresses, as data inside a JSON object. What comes back
picks from fixed lists, or is not used: the tier below has answered already. Nothing of either is logged, kept or shown.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from app.ai.adapters.base import DISPUTED
from app.ai.adapters.builtin.text import clean
from app.ai.adapters.calling import LONGEST_ANSWER, REST_SECONDS, Model, Unusable, kind_of, rest_after
from app.ai.adapters.instructions import FORM, INSTRUCTIONS, SIGNS, Answer
from app.ai.labels import Entities, Tier, Triage
from app.ai.masking import Mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai import AsyncOpenAI

    from app.ai.labels import Text
    from app.config import Settings

log = structlog.get_logger()

LIMIT_SECONDS = 3.0
"""For all messages of one read together, waiting for a turn included."""
AT_ONCE = 16
"""Calls of one process under way."""
MOST_READS = 10
"""Reads of one process that wait for the model: half of a worker's places, so that texts go out meanwhile."""
LONGEST_TEXT = 4_000  # characters

_FAILURES_BEFORE_REST = 3


class _NoTurn(Unusable):
    """Too many others were asking, it had no time: that says nothing about the provider."""


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
        self._model = Model(settings, LIMIT_SECONDS)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._reads = 0
        self._failures = 0

    @property
    def is_free(self) -> bool:
        """Say whether asking may help now: the provider is not left in peace, and not too many wait for it."""
        return not self._model.rests and self._reads < MOST_READS

    async def read(self, texts: Sequence[Text], below: Sequence[Triage]) -> list[Triage | None]:
        """Read messages; None for each that has no usable answer within the limit."""
        if not texts or not self.is_free:
            return [None] * len(texts)
        self._reads += 1
        try:
            outcomes = await self._answers(texts)
        finally:
            self._reads -= 1
        self._learn(outcomes)
        return [
            self._reading(found, low) if isinstance(found, Answer) else None
            for found, low in zip(outcomes, below, strict=True)
        ]

    async def close(self) -> None:
        """Close the connections."""
        await self._model.close()

    async def _answers(self, texts: Sequence[Text]) -> list[Answer | BaseException]:
        client = await self._model.client()
        calls = [asyncio.create_task(self._ask(client, text)) for text in texts]
        try:
            await asyncio.wait(calls, timeout=LIMIT_SECONDS)
        finally:
            for call in calls:
                call.cancel()
        return await asyncio.gather(*calls, return_exceptions=True)

    async def _ask(self, client: AsyncOpenAI, text: Text) -> Answer:
        loop = asyncio.get_running_loop()
        began = None
        try:
            async with self._turns:
                began = loop.time()
                return answer_of(await _fetch(client, self._asked(text)))
        except asyncio.CancelledError:
            if began is None or loop.time() - began < LIMIT_SECONDS / 2:
                raise _NoTurn("no turn") from None
            raise

    def _asked(self, text: Text) -> dict[str, Any]:
        return self._model.asked(
            INSTRUCTIONS, prompt(text), response_format=FORM, temperature=0, max_completion_tokens=300
        )

    def _learn(self, outcomes: Sequence[Answer | BaseException]) -> None:
        """Count what went wrong, and rest where asking on is pointless."""
        errors = [one for one in outcomes if isinstance(one, BaseException)]
        if errors:
            log.warning("ai.llm_unusable", why=dict(Counter(map(kind_of, errors))))
        tried = [one for one in outcomes if not isinstance(one, _NoTurn)]
        if any(isinstance(one, Answer) for one in tried):
            self._failures = 0
        elif tried:
            self._failures += 1
        rest = max(map(rest_after, errors), default=0.0)
        if not rest and self._failures >= _FAILURES_BEFORE_REST:
            rest = REST_SECONDS
        if rest:
            self._failures = 0
            self._model.rest(rest)

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
            model=self._model.name,
        )


async def _fetch(client: AsyncOpenAI, asked: dict[str, Any]) -> bytes:
    async with client.chat.completions.with_streaming_response.create(**asked) as response:
        body = bytearray()
        async for piece in response.iter_bytes():
            body += piece
            if len(body) > LONGEST_ANSWER:
                raise Unusable("too long")
    return bytes(body)


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
    """How sure the two tiers are together: no surer than the one that was measured. Its doubts are for a person."""
    return min(own, below) if agrees else min(own, DISPUTED)
