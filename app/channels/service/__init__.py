"""The front door of channels."""

from app.channels.adapters.base import (
    Accepted,
    Attachment,
    Delivery,
    InboundMessage,
    Outbound,
    Refused,
    SentMessage,
    StatusReport,
    Unknown,
)
from app.channels.adapters.journal import Follower, Journal
from app.channels.adapters.simulated import SimulatedAdapter, WeatherStation
from app.channels.service.connecting import (
    change_channel,
    connect_channel,
    get_channel,
    list_channels,
    remove_channel,
    send_test,
)
from app.channels.service.credentials import rewrap_data_key
from app.channels.service.health import (
    count_forged,
    keep_unrouted,
    note_failure,
    note_inbound,
    note_success,
    wait_for_channel,
)
from app.channels.service.loading import (
    LOOKUP_ERRORS,
    TOPIC,
    ConnectedChannel,
    choose_channel,
    forget,
    load_channel,
    simulated_folder,
)
from app.channels.service.signed import post_signed

__all__ = [
    "LOOKUP_ERRORS",
    "TOPIC",
    "Accepted",
    "Attachment",
    "ConnectedChannel",
    "Delivery",
    "Follower",
    "InboundMessage",
    "Journal",
    "Outbound",
    "Refused",
    "SentMessage",
    "SimulatedAdapter",
    "StatusReport",
    "Unknown",
    "WeatherStation",
    "change_channel",
    "choose_channel",
    "connect_channel",
    "count_forged",
    "forget",
    "get_channel",
    "keep_unrouted",
    "list_channels",
    "load_channel",
    "note_failure",
    "note_inbound",
    "note_success",
    "post_signed",
    "remove_channel",
    "rewrap_data_key",
    "send_test",
    "simulated_folder",
    "wait_for_channel",
]
