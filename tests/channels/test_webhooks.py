"""Deliveries over HTTP: what is genuine is stored once and answered, what is not leaves nothing behind."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import pytest
from twilio.request_validator import RequestValidator

from tests.channels.cases import ADDRESS, WEBHOOKS, by_name
from tests.support.clinic import ACCOUNT_SID, AUTH_TOKEN

PATIENT = "+12025550111"


async def make_channel(clinic, case):
    config = case["config"]
    return await clinic.channel(
        ADDRESS,
        kind="whatsapp" if "whatsapp%3A" in case["request"]["body"] else "sms",
        credentials={"account_sid": config["account_sid"], "auth_token": config["auth_token"]},
    )


def stored(clinic, what: str = "direction = 'in'"):
    return clinic.product.sql(
        f"select provider_id, body, attachments::text from message where clinic_id = %s and {what} order by seq",
        clinic.id,
    )


@pytest.mark.parametrize("case", [one for one in WEBHOOKS if one["expect"]["valid"]], ids=lambda case: case["name"])
async def test_every_published_delivery_is_taken(clinic, case):
    channel = await make_channel(clinic, case)
    form = dict(parse_qsl(case["request"]["body"], keep_blank_values=True))
    query = urlsplit(case["request"]["url"]).query
    suffix = ("/status" if case["expect"]["events"][0]["kind"] == "status" else "") + (f"?{query}" if query else "")
    answer = await channel.deliver(form, token=case["config"]["auth_token"], suffix=suffix)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    wanted = [event for event in case["expect"]["events"] if event["kind"] == "message"]
    assert [(row[0], row[1]) for row in stored(clinic)] == [(event["id"], event["text"]) for event in wanted]
    for event in wanted:
        for file in event.get("media", ()):
            assert file["url"] in stored(clinic)[0][2]


@pytest.mark.parametrize(
    "name", ["sms-text-body-changed", "sms-text-no-signature", "sms-text-extra-param", "sms-text-other-token"]
)
async def test_what_is_forged_leaves_nothing(clinic, name):
    good, bad = by_name("sms-text"), by_name(name)
    channel = await make_channel(clinic, good)
    form = dict(parse_qsl(good["request"]["body"], keep_blank_values=True))
    signature = RequestValidator(good["config"]["auth_token"]).compute_signature(channel.webhook_url, form)
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    if "X-Twilio-Signature" not in bad["request"]["headers"]:
        del headers["x-twilio-signature"]
    elif name == "sms-text-other-token":
        headers["x-twilio-signature"] = RequestValidator("another token").compute_signature(channel.webhook_url, form)
    path = channel.webhook_url.removeprefix(clinic.product.url)
    answer = await clinic.outside.post(path, content=bad["request"]["body"], headers=headers)
    assert answer.status_code == 403
    assert answer.json()["code"] == "forged"
    assert stored(clinic) == []
    assert clinic.product.sql("select 1 from webhook_delivery where clinic_id = %s", clinic.id) == []


async def test_the_host_header_does_not_matter(clinic):
    channel = await clinic.channel()
    form = {
        "MessageSid": f"SM{uuid4().hex}",
        "AccountSid": ACCOUNT_SID,
        "From": PATIENT,
        "To": channel.address,
        "Body": "ok",
    }
    for host, url, status in (
        ("evil.example", channel.webhook_url, 200),
        ("evil.example", channel.webhook_url.replace("127.0.0.1", "evil.example"), 403),
    ):
        headers = {
            "host": host,
            "x-forwarded-host": host,
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": RequestValidator(AUTH_TOKEN).compute_signature(url, form),
        }
        path = channel.webhook_url.removeprefix(clinic.product.url)
        answer = await clinic.outside.post(path, content=urlencode(form), headers=headers)
        assert answer.status_code == status, answer.text


async def test_a_repeat_changes_nothing_also_at_the_same_moment(clinic):
    channel, sid = await clinic.channel(), f"SM{uuid4().hex}"
    answers = await asyncio.gather(*(channel.text(PATIENT, "Only once, please", sid=sid) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(stored(clinic)) == 1


async def test_another_number_is_kept_as_unrouted_and_told(clinic):
    channel = await clinic.channel()
    form = {"MessageSid": "SM1", "AccountSid": ACCOUNT_SID, "From": PATIENT, "To": "+12125559999", "Body": "Hi"}
    assert (await channel.deliver(form)).status_code == 200
    assert stored(clinic) == []
    rows = clinic.product.sql("select reason, raw from unrouted_delivery where channel_id = %s", channel.id)
    assert len(rows) == 1
    assert "+12125559999" in rows[0][0]
    view = (await clinic.owner.get(clinic.at(f"channels/{channel.id}"))).json()
    assert view["state"] == "attention"
    assert "+12125559999" in view["last_error"]
    await channel.text(PATIENT, "And now the right one")
    assert (await settled(clinic, channel, lambda view: view["state"] == "working"))["last_error"] is None


async def settled(clinic, channel, done, seconds=5):
    """Wait for the channel's card."""
    until = time.monotonic() + seconds
    while True:
        view = (await clinic.owner.get(clinic.at(f"channels/{channel.id}"))).json()
        if done(view) or time.monotonic() > until:
            return view
        await asyncio.sleep(0.05)


async def test_the_first_message_sets_the_tick_and_tells_everybody(clinic):
    channel = await clinic.channel()
    socket = await clinic.socket()
    await channel.text(PATIENT, "Does this arrive?")
    view = await settled(clinic, channel, lambda view: view["last_inbound_at"])
    assert view["state"] == "working"
    frame = await socket.next_event("channel.health_changed")
    assert frame["data"]["channel"]["last_inbound_at"]
    assert frame["data"]["channel"]["secrets"] == []


@pytest.mark.parametrize(("path", "status"), [("{other}", 404), ("not-an-id", 404), ("{id}/elsewhere", 404)])
async def test_addresses_that_are_nobody_s(clinic, path, status):
    channel = await clinic.channel()
    answer = await clinic.outside.post(
        f"/webhooks/twilio/{path.format(other=uuid4(), id=channel.id)}", content=b"Body=x"
    )
    assert answer.status_code == status


async def test_too_large_is_refused_before_anything_is_read(clinic):
    channel = await clinic.channel()
    path = channel.webhook_url.removeprefix(clinic.product.url)
    answer = await clinic.outside.post(path, content=b"x" * (3 * 1024 * 1024 + 1))
    assert answer.status_code == 413


async def test_a_removed_channel_takes_nothing_and_its_conversations_stay(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Before")
    assert (await clinic.owner.delete(clinic.at(f"channels/{channel.id}"))).status_code in {200, 204}
    assert (await channel.text(PATIENT, "After")).status_code == 404
    assert [row[1] for row in stored(clinic)] == ["Before"]
    assert clinic.product.sql("select credentials from channel where id = %s", channel.id) == [(None,)]


async def test_nul_and_odd_text_is_kept_without_what_cannot_be_stored(clinic):
    channel = await clinic.channel()
    form = {
        "MessageSid": f"SM{uuid4().hex}",
        "AccountSid": ACCOUNT_SID,
        "From": PATIENT,
        "To": channel.address,
        "Body": "a\x00b \u202e😀" * 400,
    }
    assert (await channel.deliver(form)).status_code == 200
    assert stored(clinic)[0][1] == "ab \u202e😀" * 400
