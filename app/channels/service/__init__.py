"""The front door of channels."""

from app.channels.adapters.base import (
    Accepted,
    Attachment,
    Bounce,
    ChannelTrouble,
    Connection,
    Delivery,
    Details,
    InboundMessage,
    Item,
    Outbound,
    OutboundFile,
    Reaction,
    Refused,
    SentMessage,
    StatusReport,
    TemplateReport,
    Unknown,
    Wire,
)
from app.channels.adapters.gallabox_wire import GallaboxWire
from app.channels.adapters.imap import Imap, ImapError, came_at
from app.channels.adapters.journal import Follower, Journal
from app.channels.adapters.mail_compose import mail_id_of
from app.channels.adapters.mail_failures import code_of as mail_failure_code
from app.channels.adapters.mail_failures import failure_text as mail_failure_text
from app.channels.adapters.mail_message import parse_mail
from app.channels.adapters.mail_wire import delivery_of
from app.channels.adapters.simulated import SimulatedAdapter, WeatherStation
from app.channels.adapters.smtp import imap_of
from app.channels.adapters.whatsapp_cloud_wire import WhatsAppCloudWire
from app.channels.opt_out import language_of, opt_out_word, own_word
from app.channels.service.connecting import (
    change_channel,
    connect_channel,
    get_channel,
    list_channels,
    remove_channel,
    send_test,
    setup_lines,
)
from app.channels.service.credentials import data_key_of, rewrap_data_key, vault
from app.channels.service.health import (
    count_forged,
    keep_stray,
    keep_unrouted,
    note_failure,
    note_inbound,
    note_success,
    note_trouble,
    wait_for_channel,
)
from app.channels.service.loading import (
    LOOKUP_ERRORS,
    TOPIC,
    ConnectedChannel,
    choose_channel,
    forget,
    load_channel,
    load_of_account,
    load_routed,
    simulated_folder,
)
from app.channels.service.media import locate_media, media_places
from app.channels.service.sent_folder import find_in_sent
from app.channels.service.signed import post_signed
from app.channels.service.templates import (
    fill_template,
    find_texts,
    list_all_templates,
    list_templates,
    note_template,
    sync_templates,
)
from app.channels.service.templates import sync_all as sync_all_templates
from app.channels.site import BRAND, sites_of
from app.channels.template_text import Blank, TemplateText, pieces, suggest

__all__ = [
    "BRAND",
    "LOOKUP_ERRORS",
    "TOPIC",
    "Accepted",
    "Attachment",
    "Blank",
    "Bounce",
    "ChannelTrouble",
    "ConnectedChannel",
    "Connection",
    "Delivery",
    "Details",
    "Follower",
    "GallaboxWire",
    "Imap",
    "ImapError",
    "InboundMessage",
    "Item",
    "Journal",
    "Outbound",
    "OutboundFile",
    "Reaction",
    "Refused",
    "SentMessage",
    "SimulatedAdapter",
    "StatusReport",
    "TemplateReport",
    "TemplateText",
    "Unknown",
    "WeatherStation",
    "WhatsAppCloudWire",
    "Wire",
    "came_at",
    "change_channel",
    "choose_channel",
    "connect_channel",
    "count_forged",
    "data_key_of",
    "delivery_of",
    "fill_template",
    "find_in_sent",
    "find_texts",
    "forget",
    "get_channel",
    "imap_of",
    "keep_stray",
    "keep_unrouted",
    "language_of",
    "list_all_templates",
    "list_channels",
    "list_templates",
    "load_channel",
    "load_of_account",
    "load_routed",
    "locate_media",
    "mail_failure_code",
    "mail_failure_text",
    "mail_id_of",
    "media_places",
    "note_failure",
    "note_inbound",
    "note_success",
    "note_template",
    "note_trouble",
    "opt_out_word",
    "own_word",
    "parse_mail",
    "pieces",
    "post_signed",
    "remove_channel",
    "rewrap_data_key",
    "send_test",
    "setup_lines",
    "simulated_folder",
    "sites_of",
    "suggest",
    "sync_all_templates",
    "sync_templates",
    "vault",
    "wait_for_channel",
]
