"""N1: nobody answers a conversation they have not read; and without the fence the same race shows that they would.

The judge is independent of the fence: the stored ``seen`` of each click, the log's numbers, and the provider's journal.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from uuid import UUID

import pytest

from app.channels.schemas import ChannelDraft
from app.channels.service import Journal, connect_channel, simulated_folder
from app.events.service import Batcher
from app.inbox.errors import ThreadMovedOn
from app.inbox.queries import get_thread
from app.inbox.schemas import ReplyDraft
from app.inbox.service import Reason, replies, sending
from app.inbox.service.inbound import COLUMNS
from app.inbox.service.sending import send_message
from app.kit import clock, database
from app.kit.ids import new_id
from app.kit.principal import Principal
from app.staff.schemas import SignUp
from app.staff.service import create_clinic
from tests.support.clinic import ACCOUNT_SID, AUTH_TOKEN

ROUNDS = 40
PATIENT = "+12025550123"


class Race:
    """One thread, a patient who goes on writing, two colleagues, the assistant, a rule: all answer what they read."""

    def __init__(self, records, people: list[Principal], channel_id: UUID, batcher: Batcher, seed: int) -> None:
        self.records = records
        self.people = people
        self.clinic_id = people[0].clinic_id
        self.channel_id = channel_id
        self.batcher = batcher
        self.random = random.Random(seed)
        self.seen: dict[str, int] = {}
        self.refused = 0

    async def write(self) -> None:
        """The patient writes."""
        await self._pause()
        await self.batcher.submit((
            self.clinic_id, self.channel_id, "sms", "phone", PATIENT, "", f"SM{new_id().hex}", "And another thing",
            "[]", None, None, None, False, None, "", new_id(), new_id(), new_id(), new_id(),
        ))  # fmt: skip

    async def answer(self, who: Principal, thread_id: UUID) -> None:
        """Read, think, answer, send."""
        await self._pause()
        async with database.reading(self.clinic_id):
            seen = (await get_thread(self.clinic_id, thread_id)).last_seq
        await self._pause()
        try:
            draft = ReplyDraft(body=f"As of {seen}", seen=seen)
            reason = Reason("answer", "A rule", proof={"read": seen}) if who.id is None else None
            message = await replies.send_reply(who, thread_id, draft, reason=reason)
        except ThreadMovedOn:
            self.refused += 1
            return
        self.seen[str(message.id)] = seen
        await send_message(self.clinic_id, message.id)

    async def _pause(self) -> None:
        await asyncio.sleep(self.random.choice([0, 0, 0.001, 0.004, 0.01]))

    async def run(self) -> None:
        """Many rounds; in each both answer and the patient writes, in whatever order it comes."""
        await self.write()
        [(thread_id,)] = self.records.sql("select id from thread where clinic_id = %s", self.clinic_id)
        for _ in range(ROUNDS):
            acts = [*(self.answer(who, thread_id) for who in self.people), self.write()]
            self.random.shuffle(acts)
            await asyncio.gather(*acts)

    def stale_calls(self) -> list[str]:
        """Messages the provider took although somebody else had written between what was seen and what was sent."""
        taken = {
            line["message"]
            for line in Journal(simulated_folder()).read(clock.now() - dt.timedelta(hours=1))
            if line["act"] == "accepted"
        }
        assert taken <= set(self.seen), "the journal holds only what was answered with success"
        rows = self.records.sql(
            "select id, seq, coalesce(author_id::text, id::text) from message where clinic_id = %s and "
            "status <> 'cancelled' order by seq",
            self.clinic_id,
        )
        stale = []
        for message_id, seq, author in rows:
            seen = self.seen.get(str(message_id)) if str(message_id) in taken else None
            if seen is not None and any(seen < other < seq and who != author for _, other, who in rows):
                stale.append(str(message_id))
        return stale


@pytest.fixture
async def race(records):
    clinic_id, _, owner_id = await create_clinic(
        SignUp(clinic_name="A", name="Ann", email="ann@x.example", password="long enough")
    )
    records.sql("update clinic set undo_seconds = 0")
    people = [
        Principal(clinic_id=clinic_id, type="staff", id=one, name=name, role="owner")
        for one, name in ((owner_id, "Ann"), (new_id(), "Ben"))
    ]
    people += [
        Principal(clinic_id=clinic_id, type="ai", id=None, name="Practice Assistant"),
        Principal(clinic_id=clinic_id, type="automation", id=None, name="A rule"),
    ]
    credentials = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN}
    view = await connect_channel(
        people[0],
        ChannelDraft(kind="sms", provider="twilio", mode="simulated", address="+12025550100", credentials=credentials),
    )
    batcher = Batcher(records.app_dsn, "ingest_batch", COLUMNS)
    await batcher.start()
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    yield Race(records, people, view.id, batcher, seed)
    await batcher.stop()


async def test_no_send_is_caused_by_a_stale_view(race):
    await race.run()
    assert race.stale_calls() == []
    assert race.refused > ROUNDS / 10, "the race must have been one"
    assert len(race.seen) > ROUNDS / 10


async def test_without_the_fence_the_same_race_sends_what_is_stale(race, monkeypatch):
    """Broken on purpose: were it not so for each of them, the test above would prove nothing."""

    async def open_gate(*_arguments, **_named):
        return None

    monkeypatch.setattr(replies, "pass_fence", open_gate)
    monkeypatch.setattr(sending, "_fenced", open_gate)  # machines are asked once more when they send
    await race.run()
    stale = race.stale_calls()
    kinds = race.records.sql("select distinct author_type from message where id = any (%s::uuid[])", stale)
    assert {kind for (kind,) in kinds} == {"staff", "ai", "automation"}
