"""Writes the past of the demo clinic: people, conversations and their events, at their true times.

Rows and events by the same database functions that write them in real life, the log's numbers and chain by
``log_append``, all in one transaction.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec

from app.clinics.service import get_clinic
from app.events.service import Logged, announce
from app.inbox.service import decide, reason_of
from app.kit import clock, database
from app.kit.ids import new_id
from app.simulator.people import fiction_number, person_of

if TYPE_CHECKING:
    import asyncpg

    from app.clinics.schemas import ClinicView
    from app.kit.principal import Principal
    from app.simulator.past import Line, Past


async def write_past(clinic_id: UUID, team: dict[str, Principal], history: list[Past]) -> list[UUID]:
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
