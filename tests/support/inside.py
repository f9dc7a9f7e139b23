"""A clinic opened in the test's own process: jobs and reactions run when it says so, never by themselves."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from app.channels.schemas import ChannelDraft
from app.channels.service import connect_channel
from app.events.service import REACTIONS, Batcher, read_log
from app.features import parts
from app.inbox.service.inbound import COLUMNS
from app.kit.ids import new_id
from app.kit.principal import Principal
from app.staff.schemas import SignUp
from app.staff.service import create_clinic
from tests.support.clinic import ACCOUNT_SID, AUTH_TOKEN
from tests.support.postgres import Database
from workers.runner import run

PATIENT = "+12025550123"


class Inside:
    """One clinic with a simulated number; ``owner`` is whoever signed it up."""

    def __init__(self, records: Database) -> None:
        self.records = records

    async def open(self) -> Inside:
        """Sign up and connect the number."""
        for part in ("jobs", "reactions"):
            parts(part)
        self.id, _, owner_id = await create_clinic(
            SignUp(clinic_name="Bright Smiles", name="Olivia Owner", email="o@x.example", password="long enough")
        )
        self.sql("update clinic set undo_seconds = 0")
        self.owner = Principal(clinic_id=self.id, type="staff", id=owner_id, name="Olivia Owner", role="owner")
        credentials = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN}
        number = ChannelDraft(
            kind="sms", provider="twilio", mode="simulated", address="+12025550100", credentials=credentials
        )
        self.channel_id = (await connect_channel(self.owner, number)).id
        self._batcher = Batcher(self.records.app_dsn, "ingest_batch", COLUMNS)
        await self._batcher.start()
        return self

    async def close(self) -> None:
        """Let go of the database."""
        await self._batcher.stop()

    def sql(self, text: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Look at the database as the superuser."""
        return self.records.sql(text, *arguments)

    async def write(self, words: str, sender: str = PATIENT) -> UUID:
        """A patient writes; returns the message's id."""
        sid = f"SM{new_id().hex}"
        await self._batcher.submit((
            self.id, self.channel_id, "sms", "phone", sender, "", sid, words,
            "[]", None, None, None, False, None, "", new_id(), new_id(), new_id(), new_id(),
        ))  # fmt: skip
        return self.sql("select id from message where provider_id = %s", sid)[0][0]

    def thread_of(self, message_id: UUID) -> UUID:
        """The conversation of a message."""
        return self.sql("select thread_id from message where id = %s", message_id)[0][0]

    async def events(self, type_: str = "") -> list[dict[str, Any]]:
        """All events so far, or those of one type."""
        told = [json.loads(event.body + "}") for event in await read_log(self.id, 0)]
        return [event for event in told if event["type"] == (type_ or event["type"])]

    async def react(self, name: str) -> None:
        """Show the whole log to a reaction, as after a crash."""
        reaction = REACTIONS[name]
        events = await read_log(self.id, 0)
        await reaction.run(
            self.id, [event for event in events if json.loads(event.body + "}")["type"] in reaction.types]
        )

    async def work(self, job: str) -> int:
        """Run the jobs of one kind that are due, once each; returns how many."""
        due = self.sql(
            "select id from job where type = %s and status in ('pending', 'failed') and run_at <= now() order by id",
            job,
        )
        for (job_id,) in due:
            await run(self.id, job_id)
        return len(due)

    def again(self, job: str) -> None:
        """Make jobs that have run due once more, as when a worker dies before it can say that they did."""
        self.sql("update job set status = 'pending', run_at = now() where type = %s", job)

    def jobs(self, job: str) -> list[str]:
        """The states of all jobs of one kind."""
        return [status for (status,) in self.sql("select status from job where type = %s order by id", job)]
