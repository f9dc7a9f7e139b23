"""What staff do with threads, the views that follow from it, and that the events say all of it (R14)."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.journeys.support import until


@pytest.fixture
async def desk(clinic):
    """A clinic with three threads."""
    channel = await clinic.channel()
    for number, body in (
        ("+12025550101", "Cleaning please"),
        ("+12025550102", "Invoice question"),
        ("+12025550103", "Gracias"),
    ):
        await channel.text(number, body)
    threads = (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"]
    return clinic, channel, {one["contact"]["phone"]: one for one in threads}


async def ids(clinic, query):
    return [one["contact"]["phone"] for one in (await clinic.owner.get(clinic.at(f"threads?{query}"))).json()["items"]]


async def test_newest_first_and_pages_by_cursor(desk):
    clinic, *_ = desk
    assert await ids(clinic, "view=all") == ["+12025550103", "+12025550102", "+12025550101"]
    first = (await clinic.owner.get(clinic.at("threads?limit=2"))).json()
    second = (await clinic.owner.get(clinic.at(f"threads?limit=2&cursor={first['next']}".replace("+", "%2B")))).json()
    assert [one["contact"]["phone"] for one in second["items"]] == ["+12025550101"]
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "True~x~y", "9" * 300, "True~2026-01-01~1"])
async def test_a_forged_cursor_is_refused(clinic, cursor):
    assert (await clinic.owner.get(clinic.at(f"threads?cursor={cursor}"))).status_code == 422


async def test_assigning_and_the_views(desk):
    clinic, _, threads = desk
    thread = threads["+12025550101"]
    answer = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/assign"), json={"staff_id": str(clinic.owner.staff_id)}
    )
    assert answer.json()["assignee"] == {"id": str(clinic.owner.staff_id), "name": "Olivia Owner"}
    assert await ids(clinic, "view=mine") == ["+12025550101"]
    assert "+12025550101" not in await ids(clinic, "view=unassigned")
    counts = (await clinic.owner.get(clinic.at("threads/counts"))).json()
    assert counts == {"todo": 3, "mine": 1, "unassigned": 2, "snoozed": 0, "all": 3, "lost": 0}


async def test_done_and_a_new_text_reopens(desk):
    clinic, channel, threads = desk
    thread = threads["+12025550102"]
    assert (await clinic.owner.post(clinic.at(f"threads/{thread['id']}/close"))).json()["state"] == "closed"
    assert "+12025550102" not in await ids(clinic, "view=todo")
    await channel.text("+12025550102", "Still there?")
    again = (await clinic.owner.get(clinic.at(f"threads/{thread['id']}"))).json()
    assert (again["state"], bool(again["waiting_since"])) == ("open", True)


async def test_a_snoozed_thread_comes_back(desk):
    clinic, _, threads = desk
    thread = threads["+12025550103"]
    socket = await clinic.socket()
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)).isoformat()
    answer = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/snooze"), json={"until": until})
    assert answer.json()["state"] == "snoozed"
    assert await ids(clinic, "view=snoozed") == ["+12025550103"]
    event = await socket.next_event("thread.updated", timeout=30)
    assert (event["data"]["thread"]["id"], event["data"]["thread"]["state"]) == (thread["id"], "open")


async def test_tags_unread_and_bulk(desk):
    clinic, _, threads = desk
    one, two = threads["+12025550101"], threads["+12025550102"]
    tagged = await clinic.owner.post(
        clinic.at(f"threads/{one['id']}/tags"), json={"add": ["Anxious", "anxious", " Mornings "]}
    )
    assert tagged.json()["tags"] == ["Anxious", "Mornings"]
    assert await ids(clinic, "tag=Anxious") == ["+12025550101"]
    await clinic.owner.post(clinic.at(f"threads/{one['id']}/read"))
    assert (await clinic.owner.get(clinic.at(f"threads/{one['id']}"))).json()["unread"] == 0
    await clinic.owner.post(clinic.at(f"threads/{one['id']}/unread"))
    assert (await clinic.owner.get(clinic.at(f"threads/{one['id']}"))).json()["unread"] == 1
    gone = "01890000-0000-7000-8000-000000000000"
    bulk = await clinic.owner.post(
        clinic.at("threads/bulk"), json={"ids": [one["id"], two["id"], gone], "act": "close"}
    )
    assert (sorted(bulk.json()["done"]), bulk.json()["missing"]) == (sorted([one["id"], two["id"]]), [gone])
    assert await ids(clinic, "view=todo") == ["+12025550103"]


async def test_read_marks_are_per_person(desk):
    clinic, _, threads = desk
    colleague = await clinic.member()
    thread = threads["+12025550101"]
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/read"))
    assert (await colleague.get(clinic.at(f"threads/{thread['id']}"))).json()["unread"] == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0102", ["+12025550102"]),
        ("invoice", ["+12025550102"]),
        ("clean", ["+12025550101"]),
        ("inv question", []),
        ("question inv", ["+12025550102"]),
        ("nobody", []),
        ("%_'\"", []),
        ("a & b | !c:*", []),
        ("🦷", []),
    ],
)
async def test_search_by_digits_words_and_prefix(desk, text, found):
    clinic, *_ = desk
    answer = await clinic.owner.get(clinic.at("threads"), params={"q": text})
    assert answer.status_code == 200
    assert [one["contact"]["phone"] for one in answer.json()["items"]] == found


async def test_search_by_name(desk):
    clinic, _, threads = desk
    contact = threads["+12025550101"]["contact"]["id"]
    changed = await clinic.owner.patch(clinic.at(f"contacts/{contact}"), json={"name": "Maria Lopez"})
    assert changed.json()["name"] == "Maria Lopez"
    assert await ids(clinic, "q=lop") == ["+12025550101"]
    assert await ids(clinic, "q=mar%20lopez") == ["+12025550101"]


async def test_drafts_are_kept_on_the_server_per_person_and_thread(desk):
    clinic, _, threads = desk
    one, two = threads["+12025550101"]["id"], threads["+12025550102"]["id"]
    await clinic.owner.put(clinic.at(f"threads/{one}/draft"), json={"body": "Half a sen"})
    empty = {"reply": "", "note": "", "subject": "", "others": []}
    assert (await clinic.owner.get(clinic.at(f"threads/{one}/draft"))).json() == {**empty, "reply": "Half a sen"}
    assert (await clinic.owner.get(clinic.at(f"threads/{two}/draft"))).json() == empty
    colleague = await clinic.member()
    own = (await colleague.get(clinic.at(f"threads/{one}/draft"))).json()
    assert {**own, "others": []} == empty
    assert (await colleague.get(clinic.at(f"threads/{two}/draft"))).json() == empty


async def test_a_colleague_who_leaves_gives_up_conversations(desk):
    clinic, _, threads = desk
    colleague = await clinic.member()
    thread = threads["+12025550101"]["id"]
    await clinic.owner.post(clinic.at(f"threads/{thread}/assign"), json={"staff_id": str(colleague.staff_id)})
    socket = await clinic.socket()
    assert (await clinic.owner.delete(clinic.at(f"team/{colleague.staff_id}"))).status_code == 204
    event = await socket.next_event("thread.assigned", timeout=30)
    assert event["data"]["thread"]["assignee"] is None


async def test_events_and_a_fresh_read_agree(desk):
    """R14: the last event's view of each thread and message is what a reload shows."""
    clinic, channel, threads = desk
    thread = threads["+12025550101"]["id"]
    base = clinic.at(f"threads/{thread}")
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    socket = await clinic.socket(after=0)
    await clinic.owner.post(f"{base}/assign", json={"staff_id": str(clinic.owner.staff_id)})
    await clinic.owner.post(f"{base}/tags", json={"add": ["x"]})
    await clinic.owner.post(f"{base}/notes", json={"body": "n"})
    await clinic.owner.post(f"{base}/messages", json={"body": "Hi"})
    while (await socket.next_event("message.status_changed", timeout=20))["data"]["message"]["status"] != "delivered":
        pass
    await channel.text("+12025550101", "My gum won't stop bleeding")
    await socket.next_event("message.created")
    await clinic.owner.post(f"{base}/help")
    await clinic.owner.post(f"{base}/close")
    unread = "select count(*) from message where clinic_id = %s and direction = 'in' and triage is null"
    await until(lambda: clinic.product.sql(unread, clinic.id) == [(0,)])  # from here on nothing comes any more
    head = (await clinic.owner.get(clinic.at("sync"))).json()
    await socket.until(head["seq"])
    last_thread, last_message = {}, {}
    for event in socket.events:
        for view, kept in ((event["data"].get("thread"), last_thread), (event["data"].get("message"), last_message)):
            if view:
                kept[view["id"]] = view
    for found in (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"]:
        found.pop("unread")
        assert same(last_thread[found["id"]]) == same(found)
    for found in (await clinic.owner.get(f"{base}/messages")).json()["items"]:
        assert same(last_message[found["id"]]) == same(found)


def same(value):
    """Instants are written with Z or +00:00; both mean the same."""
    if isinstance(value, dict):
        return {key: same(one) for key, one in value.items()}
    if isinstance(value, list):
        return [same(one) for one in value]
    if isinstance(value, str) and len(value) > 18 and value[4:5] == "-" and value[10:11] == "T":
        return dt.datetime.fromisoformat(value)
    return value
