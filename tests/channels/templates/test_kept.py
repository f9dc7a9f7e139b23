"""What is kept of the list, who may see it, and how one of them goes out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time

from app.kit.ids import new_id
from tests.channels.templates.support import APP_SECRET, CONTENTS, META, TWILIO
from tests.support.template_server import (
    ACCOUNT,
    row,
)

NUMBERS = itertools.count(1000)


async def connect(clinic, mode: str = "live") -> dict:
    number = next(NUMBERS)  # one number belongs to one clinic, at Meta and here
    credentials = {**META, "phone_number_id": f"10654035224{number}"} if mode == "live" else {}
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "whatsapp",
            "provider": "whatsapp_cloud",
            "mode": mode,
            "address": f"+1212556{number}",
            "credentials": credentials,
        },
    )
    assert made.status_code == 201, made.text
    return {**made.json(), "number": credentials.get("phone_number_id")}


async def listed(clinic, channel: dict, caller=None) -> dict[str, dict]:
    answer = await (caller or clinic.owner).get(clinic.at(f"channels/{channel['id']}/templates"))
    assert answer.status_code == 200, answer.text
    return {f"{one['name']}/{one['language']}": one for one in answer.json()["items"]}


async def until(clinic, channel, wanted) -> dict[str, dict]:
    """Wait until the list is as wanted: a job brings it."""
    for _ in range(300):
        found = await listed(clinic, channel)
        if wanted(found):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def sync(clinic, channel, caller=None):
    return await (caller or clinic.owner).post(clinic.at(f"channels/{channel['id']}/templates/sync"))


async def test_connecting_fetches_them_and_what_is_gone_goes(clinic, lists):
    lists.rows = [row("reminder", "Hello {{1}}, see you {{2}}."), row("old", "Old", status="PAUSED")]
    channel = await connect(clinic)
    found = await until(clinic, channel, lambda found: len(found) == 2)
    assert found["reminder/en_US"]["cannot"] is None
    assert [(one["name"], one["example"], one["place"]) for one in found["reminder/en_US"]["blanks"]] == [
        ("1", "Ann", "body"),
        ("2", "Friday", "body"),
    ]
    assert "paused" in found["old/en_US"]["cannot"]
    lists.rows = [row("reminder", "Hello {{1}}, bye {{2}}.")]
    again = await sync(clinic, channel)
    assert again.status_code == 200, again.text
    assert [one["text"] for one in again.json()["items"]] == ["Hello {{1}}, bye {{2}}."]
    assert again.json()["synced_at"]
    assert list(await listed(clinic, channel)) == ["reminder/en_US"]


async def test_a_list_that_cannot_be_had_leaves_what_was_known(clinic, lists):
    lists.rows = [row("reminder", "Hello")]
    channel = await connect(clinic)
    await until(clinic, channel, bool)
    for answer in ((500, ""), (401, "{}"), (200, '{"data": {}}')):
        lists.answer = answer
        refused = await sync(clinic, channel)
        assert (refused.status_code, refused.json()["code"]) == (409, "templates_unavailable"), refused.text
    assert list(await listed(clinic, channel)) == ["reminder/en_US"]


async def test_a_practice_run_has_the_five(clinic, lists):
    channel = await connect(clinic, mode="simulated")
    found = await listed(clinic, channel)
    assert sorted(found) == [
        "appointment_confirmed/en",
        "appointment_reminder/en",
        "meet_link/en",
        "otp_verification/en",
        "payment_received/en",
    ]
    assert {one["status"] for one in found.values()} == {"APPROVED"}
    assert (await sync(clinic, channel)).status_code == 200
    assert sorted(await listed(clinic, channel)) == sorted(found)
    assert lists.asked == []


async def test_who_may_see_and_fetch_them(clinic, new_clinic, product):
    channel = await connect(clinic, mode="simulated")
    desk = await clinic.member("front_desk")
    assert await listed(clinic, channel, desk)
    assert (await sync(clinic, channel, desk)).status_code == 403
    other = await new_clinic()
    for answer in (
        await other.owner.get(other.at(f"channels/{channel['id']}/templates")),
        await sync(other, channel),
        await clinic.owner.get(clinic.at(f"channels/{(await clinic.channel()).id}/templates")),
    ):
        assert answer.status_code == 404


async def deliver(clinic, channel, field: str, value: dict) -> None:
    """Meta tells something, signed with the app's secret."""
    told = {
        "object": "whatsapp_business_account",
        "entry": [{"id": ACCOUNT, "changes": [{"field": field, "value": value}]}],
    }
    raw = json.dumps(told).encode()
    signature = hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    answer = await clinic.outside.post(
        f"/webhooks/whatsapp/{channel['id']}",
        content=raw,
        headers={"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"},
    )
    assert answer.status_code == 200, answer.text


async def report(clinic, channel, event: str, name: str = "reminder", language: str = "en_US") -> None:
    """Meta says something about a text."""
    value = {"event": event, "message_template_name": name, "message_template_language": language, "reason": None}
    await deliver(clinic, channel, "message_template_status_update", value)


async def write(clinic, channel, body: str, written_at: float) -> None:
    """A patient writes by WhatsApp."""
    message = {"from": "12025550111", "id": f"wamid.{new_id()}", "timestamp": str(int(written_at)), "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": channel["address"], "phone_number_id": channel["number"]},
        "contacts": [{"profile": {"name": "Ann Example"}, "wa_id": "12025550111"}],
        "messages": [{**message, "text": {"body": body}}],
    }
    await deliver(clinic, channel, "messages", value)


async def test_an_approved_message_goes_to_meta_as_meta_wants_it(clinic, lists):
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    named = row("welcome", "", components=[{"type": "BODY", "text": "Hi {{first_name}}, this is {{clinic_name}}."}])
    lists.rows = [row("reminder", "Hello {{1}}, see you {{2}}."), named]
    channel = await connect(clinic)
    await until(clinic, channel, lambda found: len(found) == 2)
    await write(
        clinic, channel, "Hello", time.time() - 25 * 3600
    )  # came late: the 24 hours run from when it was written
    [thread] = (await clinic.owner.get(clinic.at("threads"))).json()["items"]
    path = clinic.at(f"threads/{thread['id']}/messages")
    free = await clinic.owner.post(path, json={"body": "Hello Ann", "seen": thread["last_seq"]})
    assert free.json()["code"] == "whatsapp_window_closed"
    for name, values in (("reminder", ["Ann", "on Friday"]), ("welcome", ["Ann", "Bright Smiles"])):
        template = {"name": name, "language": "en_US", "values": values}
        sent = await clinic.owner.post(path, json={"seen": thread["last_seq"], "template": template})
        assert sent.status_code == 201, sent.text
    for _ in range(300):
        if len(lists.sent) == 2:
            break
        await asyncio.sleep(0.05)
    parameters = {
        one["template"]["name"]: one["template"]["components"][0]["parameters"]
        for one in lists.sent
        if one["type"] == "template"
    }
    assert parameters == {
        "reminder": [{"type": "text", "text": "Ann"}, {"type": "text", "text": "on Friday"}],
        "welcome": [
            {"type": "text", "parameter_name": "first_name", "text": "Ann"},
            {"type": "text", "parameter_name": "clinic_name", "text": "Bright Smiles"},
        ],
    }


async def test_an_approved_message_goes_to_twilio_by_its_sid(clinic, lists):
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    lists.rows, lists.size = CONTENTS, 4
    told = {"kind": "whatsapp", "provider": "twilio", "mode": "live", "address": "+12125560999", "credentials": TWILIO}
    channel = (await clinic.owner.post(clinic.at("channels"), json=told)).json()
    found = await until(clinic, channel, bool)
    assert found["card/en"]["blanks"][1]["link"] == "https://pay.example.com/{{2}}"
    contact = await clinic.owner.post(clinic.at("contacts"), json={"name": "Ann Example", "phone": "+12025550111"})
    thread = (await clinic.owner.post(clinic.at("threads"), json={"contact_id": contact.json()["id"]})).json()
    path = clinic.at(f"threads/{thread['id']}/messages")
    for values, key in ((["Ann"], "template.values"), (["Ann", "not a link"], "template.values.1")):
        template = {"name": "card", "language": "en", "values": values}
        refused = await clinic.owner.post(path, json={"channel": "whatsapp", "template": template})
        assert (refused.status_code, refused.json()["errors"][0]["key"]) == (422, key), refused.text
    before = len(lists.sent)
    template = {"name": "card", "language": "en", "values": ["Ann", "bill/77"]}
    sent = await clinic.owner.post(path, json={"channel": "whatsapp", "template": template})
    assert sent.status_code == 201, sent.text
    assert sent.json()["body"] == "Your visit\n\nHi Ann\n\nBright"
    for _ in range(300):
        if len(lists.sent) > before:
            break
        await asyncio.sleep(0.05)
    form = lists.sent[-1]
    assert (form["To"], form["From"]) == ("whatsapp:+12025550111", "whatsapp:+12125560999")
    assert (form["ContentSid"], json.loads(form["ContentVariables"])) == (f"HX{1:032x}", {"1": "Ann", "2": "bill/77"})
    assert "Body" not in form


async def test_what_the_provider_says_about_one_is_kept(clinic, lists):
    lists.rows = [row("reminder", "Hello {{1}}")]
    channel = await connect(clinic)
    await until(clinic, channel, bool)
    for event, status in (("PAUSED", "PAUSED"), ("FLAGGED", "PAUSED"), ("REINSTATED", "APPROVED")):
        await report(clinic, channel, event)
        assert (await listed(clinic, channel))["reminder/en_US"]["status"] == status
    lists.rows.append(row("fresh", "New {{1}}"))
    await report(clinic, channel, "APPROVED", "fresh")  # nobody knows its words yet: the list is fetched
    assert (await until(clinic, channel, lambda found: len(found) == 2))["fresh/en_US"]["text"] == "New {{1}}"
    await report(clinic, channel, "PENDING_DELETION", "fresh")
    assert list(await listed(clinic, channel)) == ["reminder/en_US"]


async def test_the_card_fetches_them_and_says_what_came_of_it(clinic, lists):
    lists.rows = [row("reminder", "Hello {{1}}"), row("old", "Old", status="REJECTED")]
    channel = await connect(clinic)
    await until(clinic, channel, lambda found: len(found) == 2)
    page = await clinic.owner.get("/settings/channels", headers={"accept": "text/html"})
    assert "1 approved message, fetched" in page.text
    assert "WhatsApp did not approve it." in page.text
    form = {"_csrf_token": clinic.owner.cookies["csrftoken"]}
    address = f"/settings/channels/{channel['id']}/approved"
    lists.rows.append(row("another", "Hi"))
    fetched = await clinic.owner.post(address, data=form, headers={"accept": "text/html"})
    assert (fetched.status_code, "2 messages can be sent" in fetched.text) == (200, True)
    lists.answer = (500, "")
    refused = await clinic.owner.post(address, data=form, headers={"accept": "text/html"})
    assert (refused.status_code, "Nothing was changed" in refused.text) == (409, True)
