"""Contacts, contact points, and what people allow us."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, Array, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import clinic_column, id_column


class Contact(Table, tablename="contact"):
    """Any person the clinic talks to; a patient is a contact at stage ``patient``."""

    id = id_column()
    clinic_id = clinic_column()
    name = Text(null=False, default="")
    stage = Varchar(length=16, null=False, default="lead")  # lead, patient, archived
    language = Varchar(length=16, null=False, default="")
    note = Text(null=False, default="")
    tags = Array(base_column=Text(), null=False, default=list)
    is_blocked = Boolean(null=False, default=False)  # no notices, no campaigns; what they write is kept
    merged_into = UUID(null=True, default=None)  # the surviving contact; this row stays for un-merging
    created_at = Timestamptz(null=False)
    updated_at = Timestamptz(null=False)


class ContactPoint(Table, tablename="contact_point"):
    """One phone number (E.164) or lower-cased address. Unique in the clinic: ``(kind, address)``."""

    id = id_column()
    clinic_id = clinic_column()
    contact_id = UUID(null=False, default=None)
    kind = Varchar(length=8, null=False, default=None)  # phone, email, chat
    address = Varchar(length=254, null=False, default=None)
    is_reachable = Boolean(null=False, default=True)
    failure = Text(null=True, default=None)  # why it is not, in words: a bounce, a complaint
    position = Integer(null=False, default=0)  # the lowest of a kind is used first
    created_at = Timestamptz(null=False)


class Consent(Table, tablename="consent"):
    """What the owner of a number or address allows, a row for each kind of channel; no row: nobody asked.

    It belongs to the address, not to the person: a stop holds before we know whose number it is, and after a merge.
    Primary key ``(clinic_id, channel, address)``. How it came to be stands in the activity log.
    """

    clinic_id = clinic_column()
    channel = Varchar(length=8, null=False, default=None)  # sms, whatsapp, email
    address = Varchar(length=254, primary_key=True, null=False, default=None)
    is_granted = Boolean(null=False, default=None)
    source = Varchar(length=16, null=False, default=None)  # keyword, staff
    at = Timestamptz(null=False)


class Sharer(Table, tablename="sharer"):
    """Another person behind a number or address: a family with one phone.

    The number's own thread is that of ``contact_point.contact_id``. Primary key: all four.
    """

    clinic_id = clinic_column()
    kind = Varchar(length=8, null=False, default=None)
    address = Varchar(length=254, primary_key=True, null=False, default=None)
    contact_id = UUID(null=False, default=None)
    created_at = Timestamptz(null=False)


class ContactMerge(Table, tablename="contact_merge"):
    """Two contacts made one, and what is needed to part them again."""

    id = id_column()
    clinic_id = clinic_column()
    survivor_id = UUID(null=False, default=None)
    merged_id = UUID(null=False, default=None)
    moved = JSON(null=False, default="{}")  # ids of what moved, by table; the survivor's fields as they were
    merged_at = Timestamptz(null=False)
    undone_at = Timestamptz(null=True, default=None)
