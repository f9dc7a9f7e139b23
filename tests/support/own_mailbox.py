"""A clinic's own mailbox, read in this very process: what the worker runs, against a server of the test's choice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from app.channels.schemas import ChannelDraft
from app.channels.service import connect_channel
from app.inbox import lifecycle
from app.inbox.mailboxes import Mailboxes
from app.kit.ids import new_id
from app.kit.principal import Principal
from app.staff.schemas import SignUp
from app.staff.service import create_clinic
from tests.support.postgres import Database

ADDRESS = "desk@clinic.example"


class OwnMailbox:
    """One clinic with one mailbox; ``readers`` are workers that could each read it."""

    def __init__(self, records: Database) -> None:
        self.records = records
        self.readers: list[Mailboxes] = []

    async def open(self, imap: dict[str, Any], smtp: dict[str, Any]) -> None:
        """Connect it; nobody reads yet."""
        clinic_id, _, owner_id = await create_clinic(
            SignUp(clinic_name="A", name="Ann", email="ann@x.example", password="long enough")
        )
        owner = Principal(clinic_id=clinic_id, type="staff", id=owner_id, name="Ann", role="owner")
        draft = ChannelDraft(
            kind="email", provider="smtp", mode="live", address=ADDRESS, credentials={**smtp, "imap": imap}
        )
        self.clinic_id, self.channel_id = clinic_id, (await connect_channel(owner, draft)).id
        await lifecycle.start(self.records.app_dsn)

    def read(self) -> Mailboxes:
        """Start one more worker's reading."""
        reader = Mailboxes(self.records.app_dsn)
        reader.start()
        self.readers.append(reader)
        return reader

    async def close(self) -> None:
        """Stop everything."""
        for reader in self.readers:
            await reader.stop()
        await lifecycle.stop()

    def bodies(self) -> list[str]:
        """What patients wrote, in its order."""
        return [
            row[0] for row in self.records.sql("select trim(body) from message where direction = 'in' order by seq")
        ]

    async def wait_for(self, count: int) -> list[str]:
        """Wait until so many mails are stored."""
        return await self._until(self.bodies, lambda found: len(found) >= count)

    async def read_up_to(self, uid: int) -> int:
        """Wait until the position is this number; returns its UIDVALIDITY. It is written after the mail."""
        (row,) = await self._until(
            lambda: self.records.sql("select validity, uid from mailbox_position"),
            lambda found: [row[1] for row in found] == [uid],
        )
        return row[0]

    async def _until(self, ask: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
        deadline = time.monotonic() + 40
        while not fits(found := ask()):
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.05)
        return found

    def doubtful_mail(self) -> Any:
        """A mail of ours of which nobody knows whether it went out; returns its id."""
        message_id = new_id()
        (thread,) = self.records.sql("select id from thread limit 1")[0]
        self.records.sql(
            "insert into decision (id, clinic_id, kind, channel, to_address, contact_id, rule, approved_by_type, "
            "approved_by_name, consent, consent_source, is_opted_out, zone, local_time, quiet_hours, units, "
            "decided_at) "
            "select %s, t.clinic_id, 'reply', 'email', 'ann@example.com', t.contact_id, 'A person answered', 'staff', "
            "'Ann', 'Wrote to us', 'list', false, 'UTC', '12:00', 'None', 1, now() from thread t where t.id = %s",
            message_id,
            thread,
        )
        self.records.sql(
            "insert into message (id, clinic_id, thread_id, seq, direction, channel, channel_id, kind, body, "
            "to_address, author_type, author_name, status, unknown_since, decision_id, created_at) "
            "select %s, t.clinic_id, t.id, 0, 'out', 'email', %s, 'text', 'Friday at 3', 'ann@example.com', 'staff', "
            "'Ann', 'unknown', now(), %s, now() from thread t where t.id = %s",
            message_id,
            self.channel_id,
            message_id,
            thread,
        )
        return message_id
