"""Makes the demo clinic: channels, team, people with a past. Safe to run again: what is there stays as it is.

The past is written in one transaction with its true times (``writing``). What staff did with conversations (assign,
done, snooze, tags) goes through the inbox's own use cases.
"""

from __future__ import annotations

import datetime as dt
import random
from uuid import UUID

import msgspec

from app.channels.schemas import ChannelDraft
from app.channels.service import connect_channel, list_channels
from app.contacts.schemas import ConsentChange
from app.events.service import unit_of_work
from app.inbox.schemas import SavedReplyDraft, TagChange
from app.inbox.service import (
    assign_thread,
    change_consent,
    close_thread,
    read_thread,
    save_reply_text,
    snooze_thread,
    tag_thread,
)
from app.kit import clock, database
from app.kit.crypto import hash_password
from app.kit.ids import new_id
from app.kit.principal import Principal
from app.simulator.assistant import teach_assistant
from app.simulator.past import ANSWERS, PAST, SAVED_REPLIES, TAGS, Line, Past
from app.simulator.people import Person, make_person, person_of
from app.simulator.stories import STORIES, Talk, say
from app.simulator.writing import write_past
from app.staff.schemas import SignUp
from app.staff.service import add_staff, create_clinic, list_team

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
    threads = await write_past(clinic_id, team, history)
    for past, thread_id in zip(history, threads, strict=True):
        await _arrange(past, thread_id, team)
    for name, body in SAVED_REPLIES:
        await save_reply_text(team["you"], SavedReplyDraft(name, body))
    await teach_assistant(team["you"])
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
