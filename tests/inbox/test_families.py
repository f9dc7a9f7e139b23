"""One phone, several patients: who shares it, who is writing, and a stop that counts for all."""

from __future__ import annotations

from uuid import uuid4

import pytest

PHONE = "+12025550144"


async def call(clinic, method, path, body=None, status=200):
    answer = await clinic.owner.request(method, clinic.at(path), json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
async def family(clinic):
    """A mother who writes for two children; one was on the list before."""
    channel = await clinic.channel()
    await channel.text(PHONE, "Mia has a toothache")
    thread = (await call(clinic, "GET", "threads"))["items"][0]
    mother = thread["contact"]["id"]
    await call(clinic, "PATCH", f"contacts/{mother}", {"name": "Maria Lopez"})
    leo = await call(clinic, "POST", "contacts", {"name": "Leo Lopez", "email": "leo@example.org"}, 201)
    await call(clinic, "POST", f"contacts/{mother}/sharers", {"name": "Mia Lopez"}, 201)
    people = await call(clinic, "POST", f"contacts/{mother}/sharers", {"contact_id": leo["id"]}, 201)
    assert [one["name"] for one in people["sharers"]] == ["Leo Lopez", "Mia Lopez"]
    return clinic, channel, thread, mother, {one["name"]: one["id"] for one in people["sharers"]}


async def test_who_is_writing_is_said_and_told(family):
    clinic, _, thread, mother, children = family
    socket = await clinic.socket()
    chosen = await call(clinic, "PUT", f"threads/{thread['id']}/person", {"contact_id": children["Mia Lopez"]})
    assert chosen["person"] == {"id": children["Mia Lopez"], "name": "Mia Lopez"}
    told = (await socket.next_event("thread.updated"))["data"]
    assert told["thread"]["person"]["name"] == "Mia Lopez"
    await call(clinic, "PATCH", f"contacts/{children['Mia Lopez']}", {"name": "Mia L."})
    told = (await socket.next_event("thread.updated"))["data"]
    assert told["thread"]["person"]["name"] == "Mia L."
    page = await clinic.owner.get(f"/inbox?thread={thread['id']}", headers={"accept": "text/html"})
    assert "<bdi>Mia L.</bdi> is writing" in page.text
    for one, name in ((mother, "Maria Lopez"), (None, None)):
        now = await call(clinic, "PUT", f"threads/{thread['id']}/person", {"contact_id": one})
        assert (now["person"] or {"name": None})["name"] == name


async def test_only_somebody_of_the_family_can_be_writing(family):
    clinic, _, thread, _, _ = family
    stranger = await call(clinic, "POST", "contacts", {"name": "Stranger", "phone": "2025550155"}, 201)
    for one, status in ((stranger["id"], 422), (str(uuid4()), 422), ("x", 400), (5, 400)):
        answer = await clinic.owner.put(clinic.at(f"threads/{thread['id']}/person"), json={"contact_id": one})
        assert answer.status_code in {status, 422}, answer.text


async def test_a_stop_counts_for_all_and_says_so(family):
    clinic, channel, _, mother, children = family
    await channel.text(PHONE, "STOP")
    people = await call(clinic, "GET", f"contacts/{children['Mia Lopez']}/people")
    assert people["shared"] == [
        {"kind": "phone", "address": PHONE, "owner_id": mother, "owner": "Maria Lopez", "opted_out": ["sms"]}
    ]


async def test_who_leaves_the_family_is_not_writing_any_more(family):
    clinic, _, thread, mother, children = family
    await call(clinic, "PUT", f"threads/{thread['id']}/person", {"contact_id": children["Mia Lopez"]})
    people = await call(clinic, "DELETE", f"contacts/{mother}/sharers/{children['Mia Lopez']}")
    assert [one["name"] for one in people["sharers"]] == ["Leo Lopez"]
    assert (await call(clinic, "GET", f"threads/{thread['id']}"))["person"] is None
    await call(clinic, "DELETE", f"contacts/{mother}/sharers/{children['Mia Lopez']}", status=404)
    await call(clinic, "PUT", f"threads/{thread['id']}/person", {"contact_id": children["Leo Lopez"]})
    point = (await call(clinic, "GET", f"contacts/{mother}"))["points"][0]["id"]
    await call(clinic, "DELETE", f"contacts/{mother}/points/{point}")
    assert (await call(clinic, "GET", f"threads/{thread['id']}"))["person"] is None


async def test_a_child_who_is_on_the_list_twice_stays_in_the_family(family):
    clinic, _, thread, mother, children = family
    await call(clinic, "PUT", f"threads/{thread['id']}/person", {"contact_id": children["Leo Lopez"]})
    twice = await call(clinic, "POST", "contacts", {"name": "Leo Lopez", "phone": "2025550156"}, 201)
    people = await call(clinic, "GET", f"contacts/{twice['id']}/people")
    assert [(one["id"], one["why"]) for one in people["duplicates"]] == [(children["Leo Lopez"], "name")]
    conversation = await call(clinic, "POST", "threads", {"contact_id": twice["id"]}, 201)
    done = await call(
        clinic,
        "POST",
        f"threads/{conversation['id']}/merge",
        {
            "into": children["Leo Lopez"],
            "survivor": twice["id"],
        },
    )
    assert [point["address"] for point in done["contact"]["points"]] == ["+12025550156", "leo@example.org"]
    assert (await call(clinic, "GET", f"threads/{thread['id']}"))["person"]["id"] == twice["id"]
    people = await call(clinic, "GET", f"contacts/{mother}/people")
    assert twice["id"] in [one["id"] for one in people["sharers"]]
    await call(clinic, "POST", f"contacts/merges/{done['merge']['id']}/undo")
    assert (await call(clinic, "GET", f"threads/{thread['id']}"))["person"]["id"] == children["Leo Lopez"]
    people = await call(clinic, "GET", f"contacts/{mother}/people")
    assert {one["id"] for one in people["sharers"]} == set(children.values())


async def test_a_number_without_its_country_may_be_the_same_person(clinic):
    known = await call(clinic, "POST", "contacts", {"name": "Kim", "phone": "+12025550157"}, 201)
    short = await call(clinic, "POST", "contacts", {"name": "K.", "phone": "5550157"}, 201)
    await call(clinic, "POST", "contacts", {"name": "Somebody else", "phone": "+13015550157"}, 201)
    people = await call(clinic, "GET", f"contacts/{short['id']}/people")
    assert known["id"] in [one["id"] for one in people["duplicates"]]
    assert {one["why"] for one in people["duplicates"]} == {"number"}
    people = await call(clinic, "GET", f"contacts/{known['id']}/people")
    assert [one["id"] for one in people["duplicates"]] == [short["id"]]


async def test_bad_input(family):
    clinic, _, _, mother, children = family
    for body in (
        {},
        {"name": "  "},
        {"contact_id": mother},
        {"contact_id": "x"},
        {"name": "x" * 121},
        {"name": "Kim", "point_id": str(uuid4())},
        {"contact_id": children["Mia Lopez"], "more": 1},
    ):
        answer = await clinic.owner.post(clinic.at(f"contacts/{mother}/sharers"), json=body)
        assert answer.status_code in {400, 422}, (body, answer.text)
    await call(clinic, "POST", f"contacts/{mother}/sharers", {"contact_id": str(uuid4())}, 404)
