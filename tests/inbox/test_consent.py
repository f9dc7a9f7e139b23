"""Stop means stop (R8): stored before the message, asked in every claim, undone only by the person themselves."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.opt_out import HELP, START, STOP, opt_out_word

PATIENT = "+12025550142"


async def threads(clinic):
    return (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"]


async def reply(clinic, thread, body="Hello", **more):
    return await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"), json={"body": body, "seen": thread["last_seq"], **more}
    )


async def until_status(clinic, thread, message_id, *statuses):
    for _ in range(300):
        items = (await clinic.owner.get(clinic.at(f"threads/{thread['id']}/messages"))).json()["items"]
        message = next(one for one in items if one["id"] == message_id)
        if message["status"] in statuses:
            return message
        await asyncio.sleep(0.1)
    raise AssertionError(message)


# -- words


@pytest.mark.parametrize("text", ["STOP", "stop.", " Stop ", "ＳＴＯＰ", "Arrêt", "STOP ALL", "no más", "opt-out!"])
def test_a_stop_word_alone_counts_however_it_is_typed(text):
    assert opt_out_word(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "we must STOP this",
        "Please stop texting me",
        "stop stop",
        "I will cancel",
        "the end",
        "",
        "🛑",
        "stopp",
        "S T O P",
    ],
)
def test_a_word_inside_a_sentence_does_not(text):
    assert opt_out_word(text) is None


@given(st.sampled_from(STOP + START + HELP), st.text(alphabet="abc xyz", min_size=3).filter(str.strip))
def test_no_sentence_is_a_keyword(word, rest):
    assert opt_out_word(f"{word} {rest.strip()}") is None or f"{word} {rest.strip()}" in STOP + START + HELP


@given(st.sampled_from(STOP), st.booleans(), st.sampled_from(["", " ", ".", "!", "  \n"]))
def test_case_and_edges_do_not_matter(word, loud, edge):
    assert opt_out_word(edge + (word.upper() if loud else word.title()) + edge) == "stop"


# -- the whole way


async def test_stop_is_told_and_nothing_leaves_any_more(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hi")
    socket = await clinic.socket()
    assert (await channel.text(PATIENT, "Stop")).status_code == 200
    event = await socket.next_event("consent.changed")
    assert event["data"]["granted"] is False
    assert event["data"]["source"] == "keyword"
    assert event["data"]["address"] == PATIENT
    assert event["data"]["thread"]["opted_out"] == ["sms"]
    assert (await socket.next_event("message.created"))["data"]["message"]["body"] == "Stop"
    [thread] = await threads(clinic)
    assert thread["opted_out"] == ["sms"]
    refused = await reply(clinic, thread, anyway=True)
    assert refused.status_code == 409
    assert refused.json()["code"] == "opted_out"
    assert "sending START" in refused.json()["detail"]
    contact = (await clinic.owner.get(clinic.at(f"contacts/{thread['contact']['id']}"))).json()
    assert [(one["channel"], one["granted"], one["source"]) for one in contact["consents"]] == [
        ("sms", False, "keyword")
    ]
    acts = (await clinic.owner.get(clinic.at("audit"), params={"action": "consent.changed"})).json()["items"]
    assert [one["details"]["granted"] for one in acts] == [False]


async def test_what_waits_when_the_stop_comes_does_not_leave(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hi")
    [thread] = await threads(clinic)
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 5})).status_code == 200
    sent = (await reply(clinic, thread)).json()
    assert sent["status"] == "scheduled"
    await channel.text(PATIENT, "STOP")
    message = await until_status(clinic, thread, sent["id"], "failed", "sent", "delivered")
    assert message["status"] == "failed"
    assert message["failure"]["code"] == "opted_out"


async def test_start_opens_again_and_yes_means_it_only_then(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Yes")  # a good answer to "shall we book it?"
    [thread] = await threads(clinic)
    contact = clinic.at(f"contacts/{thread['contact']['id']}")
    assert (await clinic.owner.get(contact)).json()["consents"] == []
    await channel.text(PATIENT, "STOP")
    await channel.text(PATIENT, "stop")
    await channel.text(PATIENT, "yes")
    [thread] = await threads(clinic)
    assert thread["opted_out"] == []
    assert (await reply(clinic, thread)).status_code == 201
    acts = (await clinic.owner.get(clinic.at("audit"), params={"action": "consent.changed"})).json()["items"]
    assert [one["details"]["granted"] for one in acts] == [True, False]


async def test_a_stranger_who_begins_with_stop_is_known_as_opted_out(clinic):
    channel = await clinic.channel()
    await channel.text("+12025550177", "STOP")
    [thread] = await threads(clinic)
    assert thread["opted_out"] == ["sms"]


async def test_a_repeated_delivery_of_an_old_stop_does_not_close_again(clinic):
    """The provider may deliver twice: what the person said last counts (R1)."""
    channel = await clinic.channel()
    await channel.text(PATIENT, "STOP", sid="SM-stop")
    await channel.text(PATIENT, "START", sid="SM-start")
    await channel.text(PATIENT, "STOP", sid="SM-stop")
    [thread] = await threads(clinic)
    assert thread["opted_out"] == []


async def test_another_number_and_another_clinic_are_not_meant(clinic, new_clinic):
    other = await new_clinic()
    channel, others = await clinic.channel(), await other.channel()
    await others.text(PATIENT, "Hi")
    await channel.text("+12025550188", "Hi")
    await channel.text(PATIENT, "STOP")
    assert [one["opted_out"] for one in await threads(other)] == [[]]
    assert sorted(one["opted_out"] for one in await threads(clinic)) == [[], ["sms"]]


async def test_staff_write_down_what_they_were_told(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hi")
    [thread] = await threads(clinic)
    consent = clinic.at(f"contacts/{thread['contact']['id']}/consent")
    told = await clinic.owner.put(consent, json={"channel": "sms", "granted": False})
    assert told.status_code == 200, told.text
    [thread] = await threads(clinic)
    assert thread["opted_out"] == ["sms"]
    assert (await reply(clinic, thread)).status_code == 409
    assert (await clinic.owner.put(consent, json={"channel": "sms", "granted": True})).status_code == 200
    await channel.text(PATIENT, "STOP")
    undone = await clinic.owner.put(consent, json={"channel": "sms", "granted": True})
    assert undone.status_code == 409
    assert undone.json()["code"] == "opted_out"
    assert (await clinic.owner.put(consent, json={"channel": "fax", "granted": True})).status_code == 422
    assert (await clinic.owner.put(consent, json={"channel": "email", "granted": True})).status_code == 422


async def test_who_is_changed_and_allows_something_at_once_is_told_as_they_are(clinic):
    """Whichever came second tells both."""
    made = await clinic.owner.post(clinic.at("contacts"), json={"name": "Anna Bell", "phone": PATIENT})
    there = clinic.at(f"contacts/{made.json()['id']}")
    socket = await clinic.socket()
    for n in range(15):
        granted = n % 2 == 0
        allow = clinic.owner.put(f"{there}/consent", json={"channel": "sms", "granted": granted})
        await asyncio.gather(clinic.owner.patch(there, json={"note": f"note {n}"}), allow)
        told = [await socket.next_event(), await socket.next_event()]
        assert {one["type"] for one in told} == {"contact.updated", "consent.changed"}
        contact = told[1]["data"]["contact"]
        assert (contact["note"], [one["granted"] for one in contact["consents"]]) == (f"note {n}", [granted])
