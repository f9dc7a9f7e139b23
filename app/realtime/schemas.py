"""What a client may send on the socket (contract section 4)."""

from __future__ import annotations

from uuid import UUID

import msgspec


class Focus(msgspec.Struct, tag_field="t", tag="focus", forbid_unknown_fields=True):
    """The thread the person looks at now."""

    thread: UUID | None = None


class Typing(msgspec.Struct, tag_field="t", tag="typing", forbid_unknown_fields=True):
    """The person types into a thread, or has stopped."""

    thread: UUID
    on: bool


class Ping(msgspec.Struct, tag_field="t", tag="ping", forbid_unknown_fields=True):
    """Answered by a pong."""


ClientFrame = Focus | Typing | Ping
decode_frame = msgspec.json.Decoder(ClientFrame).decode
