"""The front door of contacts."""

from app.contacts.addresses import parse_address
from app.contacts.queries import (
    find_consent,
    find_duplicates,
    find_points,
    find_survivor,
    get_contact,
    list_contacts,
    list_shared,
    list_sharers,
)
from app.contacts.service.blocking import set_blocked
from app.contacts.service.failing import mark_failed
from app.contacts.service.merging import join_contact, lock_contacts, part_contact
from app.contacts.service.people import change_contact, create_contact, write_consent
from app.contacts.service.points import add_point, change_point, remove_point
from app.contacts.service.sharing import add_sharer, remove_sharer

__all__ = [
    "add_point",
    "add_sharer",
    "change_contact",
    "change_point",
    "create_contact",
    "find_consent",
    "find_duplicates",
    "find_points",
    "find_survivor",
    "get_contact",
    "join_contact",
    "list_contacts",
    "list_shared",
    "list_sharers",
    "lock_contacts",
    "mark_failed",
    "parse_address",
    "part_contact",
    "remove_point",
    "remove_sharer",
    "set_blocked",
    "write_consent",
]
