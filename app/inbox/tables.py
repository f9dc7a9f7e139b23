"""Threads, messages, drafts, read marks and saved replies."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, Array, BigInt, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import clinic_column, id_column


class Thread(Table, tablename="thread"):
    """The conversation with one contact.

    What a list row shows is kept here (name, last message, counters), so that a page is one index scan. The contact's
    name and addresses are copies: ``contacts`` tells ``inbox`` by event when they change.
    """

    id = id_column()
    clinic_id = clinic_column()
    contact_id = UUID(null=False, default=None)
    contact_name = Text(null=False, default="")
    contact_phone = Varchar(length=32, null=True, default=None)
    contact_email = Varchar(length=254, null=True, default=None)
    state = Varchar(length=8, null=False, default="open")
    assignee_id = UUID(null=True, default=None)
    waiting_since = Timestamptz(null=True, default=None)
    last_message = JSON(null=True, default=None)
    last_message_at = Timestamptz(null=False)
    last_seq = BigInt(null=False, default=0)  # of the newest message or note
    channel = Varchar(length=12, null=False, default="sms")
    channel_id = UUID(null=True, default=None)  # where the patient wrote last: answers leave by it
    tags = Array(base_column=Text(), null=False, default=list)
    intent = Varchar(length=40, null=True, default=None)
    sentiment = Varchar(length=16, null=True, default=None)
    is_urgent = Boolean(null=False, default=False)
    is_escalated = Boolean(null=False, default=False)
    alert = Text(null=True, default=None)  # the words of the red flag
    escalated_at = Timestamptz(null=True, default=None)  # kept by a trigger
    is_blocked = Boolean(null=False, default=False)  # a copy of the contact's
    whatsapp_until = Timestamptz(null=True, default=None)  # free text by WhatsApp is allowed until then
    person_id = UUID(null=True, default=None)  # who of a family is writing, when the desk has said so
    opted_out = Array(base_column=Text(), null=False, default=list)  # kinds of channel this person does not want
    snoozed_until = Timestamptz(null=True, default=None)
    lost_count = Integer(null=False, default=0)  # messages that did not arrive and that nobody took care of
    participants = Array(base_column=UUID(), null=False, default=list)  # staff who hear of what comes here
    inbound_count = Integer(null=False, default=0)
    unanswered_count = Integer(null=False, default=0)
    created_at = Timestamptz(null=False)


class Message(Table, tablename="message"):
    """One text or note. Outbound rows are their own queue: see ``inbox/sending.py``."""

    id = id_column()
    clinic_id = clinic_column()
    thread_id = UUID(null=False, default=None)
    seq = BigInt(null=True, default=None)  # of its message.created; set before the commit
    direction = Varchar(length=3, null=False, default=None)
    channel = Varchar(length=12, null=False, default=None)
    channel_id = UUID(null=True, default=None)
    kind = Varchar(length=8, null=False, default="text")
    body = Text(null=False, default="")
    to_address = Varchar(length=254, null=True, default=None)
    author_type = Varchar(length=16, null=False, default=None)
    author_id = UUID(null=True, default=None)
    author_name = Text(null=False, default="")
    status = Varchar(length=16, null=False, default=None)
    provider_id = Varchar(length=128, null=True, default=None)
    attachments = JSON(null=False, default="[]")
    details = JSON(null=True, default=None)  # what only some channels have; see channels/adapters/base.py, Details
    reactions = JSON(null=False, default="[]")  # [{"by", "name", "emoji", "at"}], newest of each person
    decision_id = UUID(null=True, default=None)  # why it was sent (N8)
    triage = JSON(null=True, default=None)  # how the assistant read it: schemas.py, Reading
    mentions = Array(base_column=UUID(), null=False, default=list)
    mode = Varchar(length=12, null=False, default="live")
    client_id = UUID(null=True, default=None)
    send_at = Timestamptz(null=True, default=None)
    seen_seq = BigInt(
        null=True, default=None
    )  # set when the fence is passed again at the claim (send-later, AI, rules)
    attempt = Integer(null=False, default=0)
    attempt_token = Varchar(length=64, null=True, default=None)
    deadline_at = Timestamptz(null=True, default=None)
    unknown_since = Timestamptz(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)
    delivered_at = Timestamptz(null=True, default=None)
    read_at = Timestamptz(null=True, default=None)
    failure_code = Varchar(length=40, null=True, default=None)
    failure_text = Text(null=True, default=None)
    retry_of = UUID(null=True, default=None)  # the one that did not arrive, sent another way by this one
    is_settled = Boolean(null=False, default=False)  # did not arrive, and somebody has taken care of it
    created_at = Timestamptz(null=False)


class ReadMark(Table, tablename="read_mark"):
    """How far one staff member has read a thread. Primary key ``(clinic_id, staff_id, thread_id)``."""

    clinic_id = clinic_column()
    staff_id = UUID(null=False, default=None)
    thread_id = UUID(primary_key=True, null=False, default=None)
    inbound_count = Integer(null=False, default=0)
    read_at = Timestamptz(null=False)


class Draft(Table, tablename="draft"):
    """What a staff member has typed and not sent. Primary key ``(clinic_id, staff_id, thread_id, kind)``."""

    clinic_id = clinic_column()
    staff_id = UUID(null=False, default=None)
    thread_id = UUID(primary_key=True, null=False, default=None)
    kind = Varchar(length=8, null=False, default="reply")
    body = Text(null=False, default="")
    updated_at = Timestamptz(null=False)


class SavedReply(Table, tablename="saved_reply"):
    """A text for staff with tokens such as ``{first_name}``."""

    id = id_column()
    clinic_id = clinic_column()
    name = Varchar(length=60, null=False, default=None)
    body = Text(null=False, default=None)
    created_at = Timestamptz(null=False)


class Decision(Table, tablename="decision"):
    """Why a message was sent: written with it, in its transaction, and never changed (N8)."""

    id = id_column()
    clinic_id = clinic_column()
    kind = Varchar(length=16, null=False, default=None)  # reply, suggestion, rule, campaign, opt_out, opt_in, help, ...
    channel = Varchar(length=12, null=False, default=None)
    to_address = Varchar(length=254, null=False, default=None)
    contact_id = UUID(null=True, default=None)
    rule = Text(null=False, default=None)  # which rule or campaign, with its version; for a reply who wrote it
    approved_by_type = Varchar(length=16, null=False, default=None)
    approved_by_id = UUID(null=True, default=None)
    approved_by_name = Text(null=False, default="")
    consent = Text(null=False, default=None)  # the basis in words: granted, wrote first, no objection known
    consent_source = Varchar(length=16, null=False, default=None)
    consent_at = Timestamptz(null=True, default=None)
    is_opted_out = Boolean(null=False, default=False)
    zone = Varchar(length=64, null=False, default=None)  # the recipient's, as far as known
    local_time = Varchar(length=5, null=False, default=None)  # there, when decided
    quiet_hours = Text(null=False, default=None)  # the sum in words
    units = Integer(null=False, default=0)  # credits it uses
    proof = JSON(null=True, default=None)  # of what the assistant sent by itself: app.ai.schemas.Proof
    decided_at = Timestamptz(null=False)


class Attachment(Table, tablename="attachment"):
    """A file of a message: the provider's first, then ours. Bytes lie in the store under ``store_key``, encrypted."""

    id = id_column()
    clinic_id = clinic_column()
    message_id = UUID(null=True, default=None)  # none yet: uploaded, not sent
    position = Integer(null=False, default=0)
    name = Varchar(length=255, null=False, default="")
    type = Varchar(length=127, null=False, default="")  # by content, once stored; before that as declared
    size = Integer(null=True, default=None)  # bytes
    state = Varchar(length=8, null=False, default="waiting")  # waiting, stored, refused
    reason = Text(null=True, default=None)  # why refused, for people
    source = Text(null=True, default=None)  # where the provider holds it: an address or an id
    content_id = Varchar(length=255, null=True, default=None)  # of a picture inside a mail
    store_key = Varchar(length=255, null=True, default=None)
    thumbnail_key = Varchar(length=255, null=True, default=None)
    width = Integer(null=True, default=None)
    height = Integer(null=True, default=None)
    created_at = Timestamptz(null=False)


class MessagePart(Table, tablename="message_part"):
    """What left of a message that goes as several calls: one row a part the provider has taken.

    Primary key ``(clinic_id, message_id, position)``.
    """

    clinic_id = clinic_column()
    message_id = UUID(primary_key=True, null=False, default=None)
    position = Integer(null=False, default=None)
    channel_id = UUID(null=False, default=None)
    provider_id = Varchar(length=128, null=False, default=None)
    status = Varchar(length=16, null=False, default="sent")  # sent, delivered, read, failed
    error_code = Varchar(length=16, null=True, default=None)
    created_at = Timestamptz(null=False)


class MailHtml(Table, tablename="mail_html"):
    """The HTML of a patient's mail, cleaned. Beside the message, so that pages and events do not carry it.

    Written before its message, which is known by its provider's id until then. Primary key ``(clinic_id, channel_id,
    provider_id)``.
    """

    clinic_id = clinic_column()
    channel_id = UUID(null=False, default=None)
    provider_id = Varchar(length=128, primary_key=True, null=False, default=None)
    html = Text(null=False, default="")
    created_at = Timestamptz(null=False)
