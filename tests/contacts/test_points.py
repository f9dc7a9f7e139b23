"""Several numbers and addresses a person: what is stored, which is used first, whose it is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.contacts.addresses import parse_address
from app.kit.errors import Invalid
from app.kit.phone import parse_phone

COUNTRIES = st.sampled_from(["US", "IN", "GB", "DE", "BR", "ZZ", ""])
TYPED = st.text(max_size=60) | st.text(alphabet="0123456789+-() .ext", max_size=60)


@given(text=TYPED, country=COUNTRIES)
@example(text="1" * 39 + " 2", country="US")
def test_what_is_stored_is_stored_again(text, country):
    """Nothing crashes; what came out once comes out again."""
    for kind in ("phone", "email"):
        try:
            stored = parse_address(kind, text, country)
        except Invalid:
            continue
        assert parse_address(kind, stored.address, country) == stored
        assert not stored.is_reachable or kind == "email" or stored.address.startswith("+")
    phone = parse_phone(text, country)
    assert parse_phone(phone.address, country) == phone


@pytest.mark.parametrize(
    ("kind", "text", "stored", "reachable"),
    [
        ("phone", "(202) 555-0111", "+12025550111", True),
        ("phone", "2025550111", "+12025550111", True),
        ("phone", "5550111", "5550111", False),
        ("email", "  Anna.Bell@Example.ORG ", "anna.bell@example.org", True),
    ],
)
def test_what_is_stored(kind, text, stored, reachable):
    assert parse_address(kind, text, "US") == (kind, stored, reachable)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("phone", text) for text in ("call me", "", "5\x00", "9" * 33)),
        *(("email", text) for text in ("anna", "anna@", "@x.org", "a b@x.org", "a@b", "a@x.org>", "a@b\n.org", "")),
        ("email", "a" * 65 + "@x.org"),
        ("email", "a@" + "x" * 250 + ".org"),
        ("email", "a\ud800@x.org"),
    ],
)
def test_what_is_no_address_is_refused(kind, text):
    with pytest.raises(Invalid):
        parse_address(kind, text, "US")


async def person(clinic, **more):
    made = await clinic.owner.post(clinic.at("contacts"), json={"name": "Anna Bell", "phone": "2025550111", **more})
    assert made.status_code == 201, made.text
    return made.json()


async def call(clinic, method, path, body=None, status=200):
    answer = await clinic.owner.request(method, clinic.at(path), json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_numbers_and_addresses_are_added_chosen_corrected_and_removed(clinic):
    anna = await person(clinic, email="anna@example.org")
    thread = await call(clinic, "POST", "threads", {"contact_id": anna["id"]}, 201)
    points = f"contacts/{anna['id']}/points"
    socket = await clinic.socket()
    await call(clinic, "POST", points, {"kind": "phone", "address": "(202) 555-0122"}, 201)
    view = await call(clinic, "POST", points, {"kind": "email", "address": "Bell@Work.example.org"}, 201)
    assert [point["address"] for point in view["points"]] == [
        "+12025550111",
        "+12025550122",
        "anna@example.org",
        "bell@work.example.org",
    ]
    assert (view["phone"], view["email"]) == ("+12025550111", "anna@example.org")
    for address, kind in (("+12025550122", "phone"), ("bell@work.example.org", "email")):
        point = next(one for one in view["points"] if one["address"] == address)
        view = await call(clinic, "PATCH", f"{points}/{point['id']}", {"first": True})
        assert view[kind] == address
    told = (await socket.next_event("thread.updated"))["data"]["thread"]["contact"]
    assert (told["phone"], told["email"]) == ("+12025550122", "anna@example.org")
    now = (await call(clinic, "GET", f"threads/{thread['id']}"))["contact"]
    assert (now["phone"], now["email"]) == ("+12025550122", "bell@work.example.org")

    work = view["points"][0]
    view = await call(clinic, "PATCH", f"{points}/{work['id']}", {"address": "5550199"})
    assert (view["points"][0]["address"], view["points"][0]["reachable"]) == ("5550199", False)
    answer = await clinic.owner.patch(clinic.at(f"{points}/{work['id']}"), json={"reachable": True})
    assert answer.status_code == 422  # it was never complete
    view = await call(clinic, "PATCH", f"{points}/{work['id']}", {"address": "2025550133"})
    assert (view["phone"], view["points"][0]["reachable"]) == ("+12025550133", True)
    view = await call(clinic, "DELETE", f"{points}/{work['id']}")
    assert view["phone"] == "+12025550111"
    assert (await call(clinic, "GET", f"threads/{thread['id']}"))["contact"]["phone"] == "+12025550111"
    answer = await clinic.owner.delete(clinic.at(f"{points}/{work['id']}"))
    assert answer.status_code == 404


async def test_an_answer_leaves_for_the_number_that_is_used_first(clinic):
    channel = await clinic.channel()
    await channel.text("+12025550111", "Hello")
    thread = (await call(clinic, "GET", "threads?view=all"))["items"][0]
    points = f"contacts/{thread['contact']['id']}/points"
    view = await call(clinic, "POST", points, {"kind": "phone", "address": "+12025550122"}, 201)
    await call(clinic, "PATCH", f"{points}/{view['points'][1]['id']}", {"first": True})
    await call(clinic, "POST", f"threads/{thread['id']}/messages", {"body": "To your mobile"}, 201)
    sent = clinic.product.sql("select to_address from message where clinic_id = %s and direction = 'out'", clinic.id)
    assert sent == [("+12025550122",)]
    # Who has no name is called by it, also in the event of what comes from the other number.
    socket = await clinic.socket()
    await channel.text("+12025550111", "Thanks")
    told = (await socket.next_event("message.created"))["data"]
    assert [told["contact"]["name"], told["thread"]["contact"]["name"]] == ["+12025550122"] * 2


async def test_a_stop_of_a_number_comes_and_goes_with_it(clinic):
    channel = await clinic.channel()
    anna = await person(clinic)
    thread = await call(clinic, "POST", "threads", {"contact_id": anna["id"]}, 201)
    await channel.text("+12025550122", "STOP")
    stopped = next(row for row in (await call(clinic, "GET", "contacts"))["items"] if row["phone"] == "+12025550122")
    there = f"contacts/{stopped['id']}/points/{stopped['points'][0]['id']}"
    await call(clinic, "DELETE", there)
    view = await call(clinic, "POST", f"contacts/{anna['id']}/points", {"kind": "phone", "address": "2025550122"}, 201)
    assert (await call(clinic, "GET", f"threads/{thread['id']}"))["opted_out"] == ["sms"]
    await call(clinic, "DELETE", f"contacts/{anna['id']}/points/{view['points'][1]['id']}")
    assert (await call(clinic, "GET", f"threads/{thread['id']}"))["opted_out"] == []


async def test_a_number_of_somebody_else_is_refused_with_the_ways_out(clinic, new_clinic):
    anna, ben = await person(clinic), await person(clinic, name="Ben Ode", phone="2025550122")
    points = f"contacts/{anna['id']}/points"
    problem = await call(clinic, "POST", points, {"kind": "phone", "address": "+1 202 555 0122"}, 409)
    assert (problem["code"], problem["contact_id"], problem["name"]) == ("conflict", ben["id"], "Ben Ode")
    assert problem["offers"] == ["merge", "share"]
    again = await call(clinic, "POST", points, {"kind": "phone", "address": "2025550111"}, 201)
    assert len(again["points"]) == 1
    other = await new_clinic()
    answer = await other.owner.post(other.at(points), json={"kind": "phone", "address": "2025550177"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "phone"},
        {"kind": "chat", "address": "x"},
        {"kind": "phone", "address": "call me"},
        {"kind": "email", "address": "anna@"},
        {"kind": "email", "address": "a\x00@x.org"},
        {"kind": "phone", "address": 5},
        {"kind": "phone", "address": "2025550133", "first": True},
        {"kind": "phone", "address": "9" * 300},
    ],
)
async def test_bad_input_is_refused(clinic, body):
    anna = await person(clinic)
    answer = await clinic.owner.post(clinic.at(f"contacts/{anna['id']}/points"), json=body)
    assert answer.status_code in {400, 422}, answer.text
