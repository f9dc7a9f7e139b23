"""Makes the demo clinic: channels, team, people with a past. Safe to run again: what is there stays as it is.

The past is written in one transaction with its true times: rows and events by the same database functions that write
them in real life, the log's numbers and chain by ``log_append``. What staff did with conversations (assign, done,
snooze, tags) goes through the inbox's own use cases.
"""

from __future__ import annotations

import datetime as dt
import random
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec

from app.channels.schemas import ChannelDraft
from app.channels.service import connect_channel, list_channels
from app.clinics.service import get_clinic
from app.contacts.schemas import ConsentChange
from app.events.service import Logged, announce, unit_of_work
from app.inbox.schemas import SavedReplyDraft, TagChange
from app.inbox.service import (
    assign_thread,
    change_consent,
    close_thread,
    decide,
    read_thread,
    reason_of,
    save_reply_text,
    snooze_thread,
    tag_thread,
)
from app.kit import clock, database
from app.kit.crypto import hash_password
from app.kit.ids import new_id
from app.kit.principal import Principal
from app.simulator.past import ANSWERS, PAST, SAVED_REPLIES, TAGS, Line, Past
from app.simulator.people import Person, fiction_number, make_person
from app.simulator.stories import STORIES, Talk, say
from app.staff.schemas import SignUp
from app.staff.service import add_staff, create_clinic, list_team

if TYPE_CHECKING:
    import asyncpg

    from app.clinics.schemas import ClinicView

SLUG, CLINIC_NAME, TIMEZONE = "clinic-123", "Bright Smile Dental", "America/New_York"
OWNER_EMAIL = "demo@brightsmile.example"
STAFF = {  # key in ``past``: name, address, role; the first is the demo sign-in
    "you": ("Alex Morgan", OWNER_EMAIL, "owner"),
    "priya": ("Priya Nair", "priya@brightsmile.example", "manager"),
    "ana": ("Ana Torres", "ana@brightsmile.example", "front_desk"),
    "sam": ("Sam Lee", "sam@brightsmile.example", "front_desk"),
}
CHANNELS = (
    ("sms", "twilio", "+15550100001"),
    ("whatsapp", "twilio", "+15550100002"),
    ("email", "smtp", "hello@brightsmile.example"),
    ("webchat", "webchat", "brightsmile.example"),
)
EVERYDAY = 26
"""Further people, with everyday conversations of the last days."""


def person_of(index: int, past: Past) -> Person:
    """Return who stands behind a past."""
    return Person(past.name, fiction_number(index), past.language)


def regulars() -> list[Person]:
    """Return the demo clinic's people, as the traffic knows them."""
    told = [person_of(i, past) for i, past in enumerate(PAST)]
    return told + [make_person(i) for i in range(len(PAST), len(PAST) + EVERYDAY)]


async def seed_demo(password: str) -> bool:
    """Make the demo clinic and fill it. Says whether there was anything to make."""
    clinic_id = await database.fetchval("select find_clinic($1)", SLUG)
    if clinic_id is None:
        name, email, _ = STAFF["you"]
        draft = SignUp(clinic_name=CLINIC_NAME, name=name, email=email, password=password, timezone=TIMEZONE)
        clinic_id, _, _ = await create_clinic(draft, slug=SLUG, is_demo=True)
    team = await _make_team(clinic_id, password)
    await _make_channels(team["you"])
    async with database.reading(clinic_id) as connection:
        if await connection.fetchval("select exists (select 1 from contact where clinic_id = $1)", clinic_id):
            return False
    history = [*PAST, *_everyday()]
    threads = await _write_past(clinic_id, team, history)
    for past, thread_id in zip(history, threads, strict=True):
        await _arrange(past, thread_id, team)
    for name, body in SAVED_REPLIES:
        await save_reply_text(team["you"], SavedReplyDraft(name, body))
    return True


async def _make_team(clinic_id: UUID, password: str) -> dict[str, Principal]:
    known = {member.email: member for member in (await list_team(clinic_id)).members}
    owner = known[OWNER_EMAIL]
    you = Principal(clinic_id=clinic_id, type="staff", id=owner.id, name=owner.name, role="owner")
    team = {"you": you}
    for key, (name, email, role) in STAFF.items():
        if key == "you":
            continue
        staff_id = known[email].id if email in known else new_id()
        if email not in known:
            hashed = await hash_password(password)
            async with unit_of_work(clinic_id, you) as work:
                await add_staff(work, staff_id=staff_id, email=email, name=name, role=role, password_hash=hashed)
                work.audit("staff.joined", "staff", staff_id, role=role)
        team[key] = Principal(clinic_id=clinic_id, type="staff", id=staff_id, name=name, role=role)  # type: ignore[arg-type]
    return team


async def _make_channels(you: Principal) -> None:
    known = {(channel.kind, channel.address) for channel in await list_channels(you.clinic_id)}
    for kind, provider, address in CHANNELS:
        if (kind, address) not in known:
            draft = {"kind": kind, "provider": provider, "address": address, "mode": "simulated"}
            await connect_channel(you, msgspec.convert(draft, ChannelDraft))


def _everyday() -> list[Past]:
    """Return conversations made from the stories, spread over the last days; the older ones are answered and done."""
    made = []
    people = regulars()[len(PAST) :]
    for i, person in enumerate(people):
        draw = random.Random(f"everyday:{i}")  # noqa: S311 - a demo
        told = [story for story in STORIES if story.language == person.language and story.key in ANSWERS]
        story = told[i % len(told)]
        talk, staff = Talk(person, story, draw), draw.choice(list(STAFF))
        ago = 200 + i * (6 * 1440 - 200) / len(people) + draw.uniform(0, 120)
        recent = ago < 900  # of today: some of these still wait for an answer
        lines = [Line(ago, "p", talk.open())]
        for answer in ANSWERS[story.key]:
            if recent and draw.random() < 0.4:
                break
            ago -= draw.uniform(2, 25)
            lines.append(Line(ago, staff, say(answer, person, draw)))
            if talk.finished:
                break
            ago -= draw.uniform(2, 30)
            lines.append(Line(ago, "p", talk.answer(lines[-1].text)))
        done = not recent or lines[-1].who != "p"
        made.append(
            Past(
                person.name,
                tuple(lines),
                channel=draw.choice(("sms", "sms", "whatsapp")),
                language=person.language,
                stage=draw.choice(("patient", "patient", "lead")),
                tags=(TAGS[story.key],) if story.key in TAGS else (),
                owner=staff if len(lines) > 1 else None,
                state="closed" if done else "open",
            )
        )
    return made


# -- the past


async def _write_past(clinic_id: UUID, team: dict[str, Principal], history: list[Past]) -> list[UUID]:
    """Write contacts, threads, messages and their events, oldest first, in one transaction; returns the threads."""
    now, clinic = clock.now(), await get_clinic(clinic_id)
    events: list[Logged] = []
    async with database.transaction(clinic_id) as connection:
        # Held to the end: everything below knows its number before it is written.
        seq = await connection.fetchval("select seq from clinic_log where clinic_id = $1 for no key update", clinic_id)
        channels = {
            row["kind"]: row["id"]
            for row in await connection.fetch(
                "select kind, id from channel where clinic_id = $1 and removed_at is null", clinic_id
            )
        }
        writer = _Writer(connection, clinic, team, channels)
        threads = [await writer.begin(i, past, now) for i, past in enumerate(history)]
        order = sorted(
            ((now - dt.timedelta(minutes=line.ago), i, line) for i, past in enumerate(history) for line in past.lines),
            key=lambda one: one[:2],
        )
        for at, i, line in order:
            seq += 1
            await writer.write(seq, at, i, history[i], line)
        rows = await connection.fetch(
            "select seq, body, sum from log_append($1, $2::text[], $3::text[], $4::uuid[], $5::uuid[], '{}'::json[])",
            clinic_id,
            writer.types,
            writer.rests,
            writer.threads_of,
            writer.messages,
        )
        events = [Logged(row["seq"], row["body"], row["sum"]) for row in rows]
    announce(clinic_id, events)
    return threads


class _Writer:
    """Writes the past line by line and collects the events."""

    def __init__(
        self, connection: asyncpg.Connection, clinic: ClinicView, team: dict[str, Principal], channels: dict[str, UUID]
    ) -> None:
        self._connection = connection
        self._clinic = clinic
        self._clinic_id = clinic.id
        self._team = team
        self._channels = channels
        self._contacts: list[tuple[UUID, UUID]] = []
        self._addresses: list[str] = []
        self._met: set[int] = set()
        self.types: list[str] = []
        self.rests: list[str] = []
        self.threads_of: list[UUID] = []
        self.messages: list[UUID] = []

    async def begin(self, index: int, past: Past, now: dt.datetime) -> UUID:
        """Write the person and an empty conversation, as they were before the first message."""
        contact_id, thread_id, phone = new_id(), new_id(), fiction_number(index)
        at = now - dt.timedelta(minutes=past.lines[0].ago)
        run, clinic_id = self._connection.execute, self._clinic_id
        await run(
            "insert into contact (id, clinic_id, name, stage, language, note, tags, created_at, updated_at) "
            "values ($1, $2, $3, $4, $5, $6, '{}', $7, $7)",
            contact_id,
            clinic_id,
            past.name,
            past.stage,
            {"en": "English", "es": "Spanish", "hi": "Hindi"}[past.language],
            past.note,
            at,
        )
        for kind, address in (("phone", phone), ("email", person_of(index, past).email)):
            if address:
                await run(
                    "insert into contact_point (id, clinic_id, contact_id, kind, address, is_reachable, created_at) "
                    "values ($1, $2, $3, $4, $5, true, $6)",
                    new_id(),
                    clinic_id,
                    contact_id,
                    kind,
                    address,
                    at,
                )
        await run(
            "insert into thread (id, clinic_id, contact_id, contact_name, contact_phone, contact_email, state, "
            "channel, channel_id, last_message_at, last_seq, tags, is_urgent, is_escalated, inbound_count, "
            "unanswered_count, created_at) "
            "values ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, 0, '{}', false, false, 0, 0, $9)",
            thread_id,
            clinic_id,
            contact_id,
            past.name,
            phone,
            person_of(index, past).email,
            past.channel,
            self._channels[past.channel],
            at,
        )
        self._contacts.append((contact_id, thread_id))
        self._addresses.append(await self._visit(contact_id, past, at) if past.channel == "webchat" else phone)
        return thread_id

    async def _visit(self, contact_id: UUID, past: Past, at: dt.datetime) -> str:
        """Write a visit to the clinic's site, by a browser whose key nobody has any more; returns its address."""
        visitor_id, run = new_id(), self._connection.execute
        await run(
            "insert into visitor (id, clinic_id, channel_id, key_hash, contact_id, name, page, seen_at, created_at) "
            "values ($1, $2, $3, $4, $5, $6, 'https://brightsmile.example/', $7, $7)",
            visitor_id,
            self._clinic_id,
            self._channels["webchat"],
            sha256(visitor_id.bytes).hexdigest(),
            contact_id,
            past.name,
            at,
        )
        await run(
            "insert into contact_point (id, clinic_id, contact_id, kind, address, is_reachable, created_at) "
            "values ($1, $2, $3, 'chat', $4, true, $5)",
            new_id(),
            self._clinic_id,
            contact_id,
            str(visitor_id),
            at,
        )
        return str(visitor_id)

    async def _decide(self, index: int, past: Past, person: Principal, at: dt.datetime) -> UUID:
        contact_id, thread_id = self._contacts[index]
        return await decide(
            self._connection,
            person,
            reason_of("staff", person.name),
            contact_id=contact_id,
            thread_id=thread_id,
            channel=past.channel,
            to_address=self._addresses[index],
            clinic=self._clinic,
            at=at,
        )

    async def write(self, seq: int, at: dt.datetime, index: int, past: Past, line: Line) -> None:
        """Write one message or note, the thread after it, and its event."""
        contact_id, thread_id = self._contacts[index]
        inbound = line.who == "p"
        note = not inbound and line.who not in self._team
        person = None if inbound else self._team[line.who.removeprefix("n") if note else line.who]
        author = ("patient", contact_id, past.name) if person is None else ("staff", person.id, person.name)
        message_id, clinic_id = new_id(), self._clinic_id
        status = "received" if inbound else "sent" if note else "read" if past.channel == "whatsapp" else "delivered"
        soon = at + dt.timedelta(seconds=2)
        sent = not inbound and not note
        message = await self._connection.fetchval(
            "insert into message as m (id, clinic_id, thread_id, seq, direction, channel, channel_id, kind, body, "
            "to_address, "
            "author_type, author_id, author_name, status, provider_id, attachments, mentions, mode, attempt, sent_at, "
            "delivered_at, read_at, created_at, decision_id) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '[]', '{}', "
            "$16, $17, $18, $18, $19, $20, $21) "
            "returning message_json(m)",
            message_id,
            clinic_id,
            thread_id,
            seq,
            "in" if inbound else "out",
            past.channel,
            None if note else self._channels[past.channel],
            "note" if note else "text",
            line.text,
            self._addresses[index] if not note else None,
            *author,
            status,
            None if note else f"SM{uuid4().hex}",
            "simulated" if sent else "live",
            1 if sent else 0,
            soon if sent else None,
            soon if status == "read" else None,
            at,
            await self._decide(index, past, person, at) if person is not None and sent else None,
        )
        alert = past.alert if inbound and line == past.lines[-1] else None
        thread = await self._connection.fetchval(
            "update thread t set last_message = message_brief(m), last_message_at = $4, last_seq = $5, "
            "waiting_since = case when $6 then coalesce(t.waiting_since, $4) when $7 then t.waiting_since end, "
            "unanswered_count = case when $6 then t.unanswered_count + 1 when $7 then t.unanswered_count else 0 end, "
            "inbound_count = t.inbound_count + case when $6 then 1 else 0 end, "
            "whatsapp_until = case when $6 and t.channel = 'whatsapp' then $4 + interval '24 hours' "
            "else t.whatsapp_until end, "
            "is_urgent = $8::text is not null, is_escalated = $8::text is not null, alert = $8 "
            "from message m where t.clinic_id = $1 and t.id = $2 and m.clinic_id = $1 and m.id = $3 "
            "returning thread_json(t)",
            clinic_id,
            thread_id,
            message_id,
            at,
            seq,
            inbound,
            note,
            alert,
        )
        data: dict[str, Any] = {"message": msgspec.Raw(message.encode()), "thread": msgspec.Raw(thread.encode())}
        if not note:
            contact = {
                "id": contact_id,
                "name": past.name,
                "phone": fiction_number(index),
                "email": person_of(index, past).email,
                "stage": past.stage,
                "language": past.language,
                "tags": [],
            }
            data |= {"contact": contact, "new_contact": index not in self._met}
        self._met.add(index)
        kind = "note.created" if note else "message.created"
        head = {
            "type": kind,
            "at": clock.iso(at),
            "actor": {"type": author[0], "id": author[1], "name": author[2]},
            "data": data,
        }
        self.types.append(kind)
        self.rests.append("," + msgspec.json.encode(head)[1:-1].decode())
        self.threads_of.append(thread_id)
        self.messages.append(message_id)


async def _arrange(past: Past, thread_id: UUID, team: dict[str, Principal]) -> None:
    """Do what staff did with a conversation afterwards, and note who has read it."""
    actor = team[past.owner or "ana"]
    if past.tags:
        await tag_thread(actor, thread_id, TagChange(add=list(past.tags)))
    if past.opted_out:
        contact = (await read_thread(actor, thread_id)).contact
        await change_consent(actor, contact.id, ConsentChange(channel="sms", granted=False))
    if past.owner:
        await assign_thread(actor, thread_id, actor.id)
    if past.state == "closed":
        await close_thread(actor, thread_id)
    elif past.state == "snoozed":
        await snooze_thread(actor, thread_id, clock.now() + dt.timedelta(days=20))
    if past.state != "open" or past.lines[-1].who != "p":
        async with database.transaction(actor.clinic_id) as connection:
            for person in team.values():
                await connection.execute(
                    "insert into read_mark (clinic_id, staff_id, thread_id, inbound_count, read_at) "
                    "select $1, $2, $3, inbound_count, now() from thread where clinic_id = $1 and id = $3 "
                    "on conflict do nothing",
                    actor.clinic_id,
                    person.id,
                    thread_id,
                )
