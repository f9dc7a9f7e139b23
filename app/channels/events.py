"""What channels tell."""

from __future__ import annotations

from typing import ClassVar

from app.channels.schemas import ChannelView
from app.events.service import Event, event_type


@event_type
class ChannelHealthChanged(Event, kw_only=True):
    """A channel was connected, began to work, needs attention, was changed or removed."""

    type: ClassVar[str] = "channel.health_changed"
    channel: ChannelView
    removed: bool = False
