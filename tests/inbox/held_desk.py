"""A desk that is held by its events alone, everything people can do at it."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

from tests.journeys.support import until
from tests.support.clinic import ACCOUNT_SID

PATIENTS = ["+12025550101", "+12025550102", "+15005550001", "+15005550003", "+12025550105", "+12025550106"]
"""Two of them cannot be reached: one is refused at once, of the other it is reported later."""
WORDS = ["Cleaning please", "My gum won't stop bleeding", "Gracias 🦷 <b>", "STOP", "START", "x" * 300]
REFUSED = {403, 404, 405, 409, 422, 503}
"""An act may come too late, or be none for this thread. Then it changes nothing."""

choice = st.integers(0, 5)
ACTS = {
    "inbound": st.tuples(choice, choice),
    "picture": st.tuples(choice),
    "reply": st.tuples(choice, st.sampled_from(["now", "later"])),
    "note": st.tuples(choice, choice),
    "assign": st.tuples(choice, st.sampled_from(["owner", "colleague", None])),
    "help": st.tuples(choice),
    "snooze": st.tuples(choice, st.sampled_from([1, 86_400])),
    "close": st.tuples(choice),
    "reopen": st.tuples(choice),
    "read": st.tuples(choice),
    "unread": st.tuples(choice),
    "tags": st.tuples(choice, st.sampled_from(["a", "b", "c"]), st.booleans()),
    "bulk": st.tuples(
        st.lists(choice, min_size=1, max_size=4),
        st.sampled_from(["assign", "snooze", "close", "reopen", "read", "unread", "tags"]),
    ),
    "cancel": st.tuples(choice),
    "retry": st.tuples(choice),
    "went": st.tuples(choice),
    "add_contact": st.tuples(choice),
    "change_contact": st.tuples(choice, st.sampled_from(["name", "stage", "tags", "note", "language"]), choice),
    "consent": st.tuples(choice, st.booleans()),
    "open_thread": st.tuples(choice),
    "undo": st.tuples(st.sampled_from([0, 30])),
    "draft": st.tuples(choice),
    "rename_me": st.tuples(choice),
    "merge": st.tuples(choice, choice),
    "part": st.tuples(choice),
    "block": st.tuples(choice, st.booleans()),
    "share": st.tuples(choice, choice),
    "person": st.tuples(choice, choice),
    "point": st.tuples(choice, choice),
    "first_point": st.tuples(choice),
}
acts = st.lists(
    st.sampled_from(sorted(ACTS)).flatmap(lambda name: st.tuples(st.just(name), ACTS[name])), min_size=4, max_size=16
)


class Desk:
    """The clinic as one client holds it, and everything that can be done in it."""

    def __init__(self, clinic, channel, colleague) -> None:
        self.clinic, self.channel, self.colleague = clinic, channel, colleague
        self.seq = 0
        self.threads: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, dict[str, Any]] = {}
        self.contacts: dict[str, dict[str, Any]] = {}
        self.counts: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.parts: list[str] = []

    # -- what a client does

    async def fetch(self) -> None:
        """Take a fresh snapshot; it is one if nothing happened meanwhile."""
        for _ in range(200):
            before = await self._get("sync")
            threads = {one["id"]: one for one in await self._all("threads?view=all&limit=100")}
            counts = await self._get("threads/counts")
            contacts = {one["id"]: one for one in await self._all("contacts?limit=100")}
            found = await asyncio.gather(*(self._all(f"threads/{one}/messages?limit=100") for one in threads))
            each = await asyncio.gather(*(self._get(f"threads/{one}") for one in threads))
            if await self._get("sync") == before:
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError("it never comes to rest")
        assert list(threads.values()) == each, "the list and the single thread differ"
        for thread in threads.values():
            del thread["unread"]  # of each viewer their own
        self.seq, self.threads, self.contacts, self.counts = before["seq"], threads, contacts, counts
        self.messages = {message["id"]: message for messages in found for message in messages}

    async def hear(self, to: int) -> list[str]:
        """Apply every event up to a number; returns their types."""
        types = []
        while self.seq < to:
            for event in (await self._get(f"events?after={self.seq}"))["items"]:
                assert event["seq"] == self.seq + 1
                if event["seq"] > to:
                    break
                self.seq = event["seq"]
                types.append(event["type"])
                self.apply(event["data"])
        return types

    def apply(self, data: dict[str, Any]) -> None:
        """The whole reducer: the newest view of a thing replaces the one before."""
        if (merged := data.get("merged")) is not None:
            self.join(data, merged)
        if (thread := data.get("thread")) is not None:
            self.threads[thread["id"]] = thread
        if (message := data.get("message")) is not None:
            self.messages[message["id"]] = message
        if (contact := data.get("contact")) is not None:
            # A message brings the brief view of its sender; the fields it has not are those nobody was told of yet.
            self.contacts[contact["id"]] = {**self.contacts.get(contact["id"], {}), **contact}
        if data.get("section") == "team" and "name" in data["changes"]:
            self.rename(data["staff_id"], data["changes"]["name"][1])

    def join(self, data: dict[str, Any], merged: dict[str, Any]) -> None:
        """Two people became one, or two again: what lay in the one thread lies in the other."""
        if not data["undone"]:
            self.threads.pop(merged["thread_id"], None)
            self.contacts.pop(merged["contact_id"], None)
            self.parts.append(data["thread"]["contact"]["id"])
            for message in self.messages.values():
                if message["thread_id"] == merged["thread_id"]:
                    message["thread_id"] = data["thread"]["id"]
            return
        parted = data["parted"]
        self.contacts[merged["contact_id"]] = parted["contact"]
        if parted["thread"] is not None:
            self.threads[merged["thread_id"]] = parted["thread"]
        for one in parted["message_ids"]:
            message = self.messages[one]
            message["thread_id"] = merged["thread_id"]
            if message["author"]["id"] == data["contact"]["id"]:
                message["author"] |= {"id": merged["contact_id"], "name": parted["contact"]["name"]}

    def count(self) -> dict[str, int]:
        """The numbers on the tabs, from the threads held."""
        opened = [one for one in self.threads.values() if one["state"] == "open"]
        me = str(self.clinic.owner.staff_id)
        return {
            "todo": sum(one["waiting_since"] is not None or one["escalated"] for one in opened),
            "mine": sum(one["assignee"] is not None and one["assignee"]["id"] == me for one in opened),
            "unassigned": sum(one["assignee"] is None for one in opened),
            "snoozed": sum(one["state"] == "snoozed" for one in self.threads.values()),
            "lost": sum(one["lost"] > 0 for one in self.threads.values()),
            "all": len(self.threads),
        }

    async def _get(self, path: str) -> Any:
        answer = await self.clinic.owner.get(self.clinic.at(path))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def _all(self, path: str) -> list[dict[str, Any]]:
        items, cursor = [], None
        while True:
            options = {"params": {"cursor": cursor}} if cursor else {}
            address, _, query = path.partition("?")
            options["params"] = {**dict(part.split("=") for part in query.split("&")), **options.get("params", {})}
            answer = await self.clinic.owner.get(self.clinic.at(address), **options)
            assert answer.status_code == 200, answer.text
            items += answer.json()["items"]
            cursor = answer.json()["next"]
            if cursor is None:
                return items

    def rename(self, staff_id: str, name: str) -> None:
        """A colleague's new name is told once, not with each thread they have."""
        for thread in self.threads.values():
            if thread["assignee"] is not None and thread["assignee"]["id"] == staff_id:
                thread["assignee"] = {"id": staff_id, "name": name}

    # -- what people do

    def thread(self, number: int) -> str:
        held = sorted(self.threads)
        return f"threads/{held[number % len(held)]}"

    def message(self, number: int, *statuses: str) -> str:
        """One that this can be done to, where there is one."""
        held = sorted(self.messages)
        fitting = [one for one in held if self.messages[one]["status"] in statuses] or held
        return f"messages/{fitting[number % len(fitting)]}"

    def contact(self, number: int) -> str:
        held = sorted(self.contacts)
        return held[number % len(held)]

    async def act(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Do it, as the owner or the colleague."""
        answer = await getattr(self, name)(*arguments)
        assert answer.is_success or answer.status_code in REFUSED, f"{name}{arguments}: {answer.text}"
        if answer.is_success:
            self.done[name] = self.done.get(name, 0) + 1

    async def _post(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        who = self.clinic.owner if len(path) % 2 else self.colleague
        return await who.request(method, self.clinic.at(path), **({"json": body} if body is not None else {}))

    async def picture(self, number: int):
        """A patient sends a picture without a word; it is fetched after the message is there."""
        form = {
            "MessageSid": f"MM{uuid4().hex}",
            "AccountSid": ACCOUNT_SID,
            "From": PATIENTS[number],
            "To": self.channel.address,
            "Body": "",
            "NumMedia": "1",
            "MediaUrl0": "https://api.twilio.com/m",
            "MediaContentType0": "image/png",
        }
        return await self.channel.deliver(form)

    async def inbound(self, patient: int, words: int):
        return await self.channel.text(PATIENTS[patient], WORDS[words])

    async def reply(self, number: int, when: str):
        later = {"send_at": (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).isoformat()} if when == "later" else {}
        body = {"body": f"Reply {number}", "client_id": str(uuid4()), **later}
        return await self._post(f"{self.thread(number)}/messages", body)

    async def note(self, number: int, words: int):
        mentions = [str(self.colleague.staff_id)] if words % 2 else []
        return await self._post(f"{self.thread(number)}/notes", {"body": WORDS[words], "mentions": mentions})

    async def assign(self, number: int, who: str | None):
        people = {"owner": str(self.clinic.owner.staff_id), "colleague": str(self.colleague.staff_id), None: None}
        return await self._post(f"{self.thread(number)}/assign", {"staff_id": people[who]})

    async def snooze(self, number: int, seconds: int):
        until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
        return await self._post(f"{self.thread(number)}/snooze", {"until": until.isoformat()})

    async def tags(self, number: int, tag: str, off: bool):
        return await self._post(f"{self.thread(number)}/tags", {"remove" if off else "add": [tag]})

    async def help(self, number: int):
        return await self._post(f"{self.thread(number)}/help")

    async def close(self, number: int):
        return await self._post(f"{self.thread(number)}/close")

    async def reopen(self, number: int):
        return await self._post(f"{self.thread(number)}/reopen")

    async def read(self, number: int):
        return await self._post(f"{self.thread(number)}/read")

    async def unread(self, number: int):
        return await self._post(f"{self.thread(number)}/unread")

    async def bulk(self, numbers: list[int], act: str):
        args = {
            "assign": {"staff_id": str(self.colleague.staff_id)},
            "snooze": {"until": (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).isoformat()},
            "tags": {"add": ["bulk"], "remove": ["a"]},
        }
        ids = sorted({self.thread(number).partition("/")[2] for number in numbers})
        return await self._post("threads/bulk", {"ids": ids, "act": act, "args": args.get(act, {})})

    async def cancel(self, number: int):
        return await self._post(f"{self.message(number, 'scheduled', 'queued')}/cancel")

    async def retry(self, number: int):
        return await self._post(f"{self.message(number, 'failed', 'needs_review')}/retry")

    async def went(self, number: int):
        return await self._post(f"{self.message(number, 'needs_review')}/went")

    async def add_contact(self, number: int):
        return await self._post("contacts", {"name": f"Added {number}", "phone": f"+1202555{7000 + number}"})

    async def change_contact(self, number: int, field: str, value: int):
        values = {
            "name": f"Name {value}",
            "stage": ["lead", "patient", "archived"][value % 3],
            "tags": [f"tag {value}"],
            "note": f"Note {value}",
            "language": ["en", "es"][value % 2],
        }
        return await self._post(f"contacts/{self.contact(number)}", {field: values[field]}, method="PATCH")

    async def consent(self, number: int, granted: bool):
        body = {"channel": "sms", "granted": granted}
        return await self._post(f"contacts/{self.contact(number)}/consent", body, method="PUT")

    async def open_thread(self, number: int):
        return await self._post("threads", {"contact_id": self.contact(number)})

    async def undo(self, seconds: int):
        return await self.clinic.owner.patch(self.clinic.at("clinic"), json={"undo_seconds": seconds})

    async def rename_me(self, number: int):
        return await self.colleague.patch("/api/auth/me", json={"name": f"Fiona {number}"})

    async def merge(self, number: int, into: int):
        other = self.thread(into).partition("/")[2]
        return await self._post(f"{self.thread(number)}/merge", {"into": other})

    async def part(self, number: int):
        """Of the last people who were joined, while that is known to be possible."""
        for contact in [*reversed(self.parts), self.contact(number)]:
            answer = await self.clinic.owner.get(self.clinic.at(f"contacts/{contact}/people"))
            merges = answer.json().get("merges")
            if merges:
                return await self._post(f"contacts/merges/{merges[0]['id']}/undo")
        return answer

    async def block(self, number: int, on: bool):
        return await self._post(f"contacts/{self.contact(number)}/{'block' if on else 'unblock'}", {} if on else None)

    async def share(self, number: int, other: int):
        who = {"contact_id": self.contact(other)} if other % 2 else {"name": f"Child {other}"}
        return await self._post(f"contacts/{self.contact(number)}/sharers", who)

    async def person(self, number: int, who: int):
        """One of the family, where it is one; else nobody, which changes nothing."""
        thread = self.threads[self.thread(number).partition("/")[2]]
        answer = await self.clinic.owner.get(self.clinic.at(f"contacts/{thread['contact']['id']}/people"))
        family = answer.json().get("sharers") or [{"id": None}]
        body = {"contact_id": family[who % len(family)]["id"]}
        return await self._post(f"threads/{thread['id']}/person", body, method="PUT")

    async def point(self, number: int, which: int):
        body = {"kind": "phone", "address": f"+1202555{8000 + which}"}
        return await self._post(f"contacts/{self.contact(number)}/points", body)

    async def first_point(self, number: int):
        held = [one for one in self.contacts.values() if len(one.get("points", [])) > 1] or list(self.contacts.values())
        contact = held[number % len(held)]
        points = contact.get("points") or [{"id": str(uuid4())}]
        return await self._post(f"contacts/{contact['id']}/points/{points[-1]['id']}", {"first": True}, method="PATCH")

    async def draft(self, number: int):
        return await self._post(f"{self.thread(number)}/draft", {"body": "Half a sen"}, method="PUT")


async def make_desk(clinic) -> Desk:
    """Some threads to begin with, and sends that ended in every way."""
    desk = Desk(clinic, await clinic.channel(), await clinic.member())
    await desk.undo(0)
    for number in range(4):
        await desk.inbound(number, 0)
    await desk.fetch()
    await asyncio.gather(*(desk.reply(number, "now") for number in range(4) for _ in range(2)))
    moving = (
        "select count(*) from message where clinic_id = %s and direction = 'out' "
        "and status not in ('delivered', 'failed')"
    )
    await until(lambda: clinic.product.sql(moving, clinic.id) == [(0,)], 40, "replies are still on their way")
    # Of some nobody knows what became of them. The provider here never leaves that open, so it is put in by hand.
    clinic.product.sql(
        "update message set status = 'needs_review' where id in (select id from message where clinic_id = %s and "
        "status = 'delivered' limit 2)",
        clinic.id,
    )
    await desk.fetch()
    await desk.assign(3, "colleague")
    await desk.fetch()
    assert {one["status"] for one in desk.messages.values()} >= {"failed", "needs_review", "received"}
    return desk
