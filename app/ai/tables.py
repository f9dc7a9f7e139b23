"""The clinic's rules for the assistant, what it knows, what it wrote, and who has taken a conversation over."""

from __future__ import annotations

from piccolo.columns import (
    JSON,
    UUID,
    Array,
    BigInt,
    Boolean,
    DoublePrecision,
    Integer,
    Real,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from app.kit.tenancy import clinic_column, id_column


class Assistant(Table, tablename="assistant"):
    """What holds for all rules of a clinic. Primary key ``clinic_id``; no row: the defaults."""

    clinic_id = UUID(primary_key=True, null=False, default=None)
    tone = Varchar(length=12, null=False, default="friendly")  # friendly, formal, short
    never_topics = Array(base_column=Text(), null=False, default=list)  # words that make it leave a message alone
    emergency_line = Text(null=False, default="")  # the number that a holding text names
    alert_minutes = Integer(null=False, default=10)  # after which an alert that nobody took goes to alert_to
    alert_to = UUID(null=True, default=None)  # a staff member; null: the owners and managers
    agreement_level = DoublePrecision(null=False, default=0.8)  # share from which a rule may answer by itself
    least_compared = Integer(null=False, default=20)  # messages that this share must rest on
    updated_at = Timestamptz(null=False)


class Rule(Table, tablename="ai_rule"):
    """What the assistant does with one wish on one channel. Primary key ``(clinic_id, channel, intent)``."""

    clinic_id = clinic_column()
    channel = Varchar(length=12, null=False, default=None)
    intent = Varchar(length=16, primary_key=True, null=False, default=None)
    mode = Varchar(length=8, null=False, default="off")  # off, shadow, suggest, answer
    hours = Varchar(length=8, null=False, default="always")  # always, open, closed: of the clinic
    daily_limit = Integer(null=True, default=None)
    wait_seconds = Integer(null=False, default=0)
    version = Integer(null=False, default=1)  # of this cell: every change counts it up
    allowed_by_id = UUID(null=True, default=None)  # who said that it may answer by itself
    allowed_by_name = Text(null=False, default="")
    allowed_at = Timestamptz(null=True, default=None)
    stepped_back_at = Timestamptz(null=True, default=None)  # staff took too many of its answers over
    updated_at = Timestamptz(null=False)


class Answer(Table, tablename="ai_answer"):
    """What the assistant did, or would have done, about one message. Primary key ``(clinic_id, message_id)``."""

    clinic_id = clinic_column()
    message_id = UUID(primary_key=True, null=False, default=None)  # the patient's
    thread_id = UUID(null=False, default=None)
    channel = Varchar(length=12, null=False, default=None)
    intent = Varchar(length=16, null=False, default=None)
    rule_version = Integer(null=False, default=0)
    state = Varchar(length=8, null=False, default=None)  # sent, held, refused, shadow
    against = Array(base_column=Text(), null=False, default=list)  # the gate's words, empty when it went
    text = Text(null=False, default="")  # what it wrote or would have written
    facts = JSON(null=False, default="[]")  # [{"id", "title"}] that the text rests on
    sent_id = UUID(null=True, default=None)  # the answer's message
    is_past = Boolean(null=False, default=False)  # tried on a message that was answered long ago
    outcome = Varchar(length=12, null=True, default=None)  # of a shadow: see agreement.py; null: staff may answer yet
    likeness = DoublePrecision(null=True, default=None)  # of its text and the staff's, 0 to 1, where it names facts
    staff_message_id = UUID(null=True, default=None)  # what it was compared with
    compared_at = Timestamptz(null=True, default=None)
    undone_at = Timestamptz(null=True, default=None)  # staff took over or corrected what it had sent
    created_at = Timestamptz(null=False)


class Takeover(Table, tablename="ai_takeover"):
    """Whether people or the assistant have a conversation. Primary key ``(clinic_id, thread_id)``."""

    clinic_id = clinic_column()
    thread_id = UUID(primary_key=True, null=False, default=None)
    taken_at = Timestamptz(null=True, default=None)  # null: handed back
    taken_by_id = UUID(null=True, default=None)
    taken_by_name = Text(null=False, default="")
    handed_back_at = Timestamptz(null=True, default=None)


class Fact(Table, tablename="clinic_fact"):
    """One thing the clinic has told the assistant."""

    id = id_column()
    clinic_id = clinic_column()
    kind = Varchar(length=12, null=False, default=None)  # hours, price, insurance, directions, policy, faq, answered
    title = Text(null=False, default=None)  # the question, or what it is about
    body = Text(null=False, default=None)
    source_id = UUID(null=True, default=None)  # of an answered question: the message that staff wrote
    created_by_name = Text(null=False, default="")
    created_at = Timestamptz(null=False)
    updated_at = Timestamptz(null=False)
    meaning = Array(base_column=Real(), null=True, default=None)  # what an embedder made of it; null: not read yet
    embedder = Varchar(length=60, null=False, default="")  # which: vectors of two cannot be compared
    is_kept = Boolean(null=False, default=False)  # a Qdrant server holds it


class Suggestion(Table, tablename="ai_suggestion"):
    """A text the assistant offered. Each is one use of ``ai_suggestions``: the one place where uses are counted."""

    id = id_column()
    clinic_id = clinic_column()
    type = Varchar(length=20, null=False, default=None)  # reply, rewrite, summary, email_subject, ...
    thread_id = UUID(null=True, default=None)
    message_id = UUID(null=True, default=None)  # the patient's newest, which it answers
    seen_seq = BigInt(null=True, default=None)  # the conversation as it was read: the fence asks for it at the send
    text = Text(null=False, default="")
    reason = Text(null=False, default="")
    facts = JSON(null=False, default="[]")  # [{"id", "title"}]
    state = Varchar(length=12, null=False, default="offered")  # offered, sent, edited, dismissed, replaced, stale
    tier = Varchar(length=12, null=False, default=None)  # template, llm
    model = Varchar(length=80, null=False, default="")
    units = Integer(null=False, default=1)
    asked_by_id = UUID(null=True, default=None)
    asked_by_name = Text(null=False, default="")
    sent_id = UUID(null=True, default=None)
    created_at = Timestamptz(null=False)
    settled_at = Timestamptz(null=True, default=None)
