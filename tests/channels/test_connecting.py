"""Connecting channels over the API: secrets go in and never come out, and every refusal names its field."""

from __future__ import annotations

import pytest

from tests.support.clinic import ACCOUNT_SID, AUTH_TOKEN

SECRET = "s3cret-token-that-must-not-leak-77aa"


def draft(**changes):
    return {
        "kind": "sms",
        "provider": "twilio",
        "address": "+12125550188",
        "mode": "live",
        "credentials": {"account_sid": ACCOUNT_SID, "auth_token": SECRET},
        **changes,
    }


async def test_secrets_are_stored_sealed_and_never_given_back(clinic):
    made = await clinic.owner.post(clinic.at("channels"), json=draft())
    assert made.status_code == 201, made.text
    view = made.json()
    assert view["mode"] == "live"
    assert view["state"] == "new"
    assert view["webhook_url"] == f"{clinic.product.url}/webhooks/twilio/{view['id']}"
    assert {one["name"]: one["last4"] for one in view["secrets"]}["auth_token"] == "77aa"
    listed = await clinic.owner.get(clinic.at("channels"))
    events = await clinic.owner.get(clinic.at("events"))
    page = await clinic.owner.get("/settings/channels", headers={"accept": "text/html"})
    for answer in (made, listed, events, page):
        assert answer.status_code in {200, 201}
        assert SECRET not in answer.text
    assert "77aa" not in events.text
    sealed = clinic.product.sql("select credentials from channel where id = %s", view["id"])[0][0]
    assert sealed.startswith(b"v1|")
    assert SECRET.encode() not in sealed
    dump = clinic.product.sql("select string_agg(a::text, '') from audit_entry a where clinic_id = %s", clinic.id)[0][0]
    assert SECRET not in dump


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"provider": "smtp"}, "provider"),
        ({"address": "12"}, "address"),
        ({"address": ""}, "address"),
        ({"credentials": {"account_sid": ACCOUNT_SID}}, "credentials.auth_token"),
        ({"credentials": {"account_sid": ACCOUNT_SID, "auth_token": "x", "pin": "1"}}, "credentials.pin"),
        ({"credentials": {"account_sid": ["a"], "auth_token": "x"}}, "credentials.account_sid"),
        (
            {
                "kind": "email",
                "provider": "smtp",
                "address": "a@b.example",
                "credentials": {"host": "mail.b.example", "port": 0},
            },
            "credentials.port",
        ),
        (
            {"kind": "email", "provider": "smtp", "address": "no mail", "mode": "simulated", "credentials": {}},
            "address",
        ),
        ({"kind": "webchat", "provider": "webchat", "mode": "simulated"}, "credentials"),
    ],
)
async def test_a_refusal_names_the_field(clinic, changes, key):
    answer = await clinic.owner.post(clinic.at("channels"), json=draft(**changes))
    assert answer.status_code == 422, answer.text
    assert key in {error["key"] for error in answer.json()["errors"]}
    assert SECRET not in answer.text


@pytest.mark.parametrize("changes", [{"kind": "fax"}, {"clinic_id": "x"}, {"mode": "maybe"}, {"send_per_minute": 0}])
async def test_what_the_shape_does_not_know_is_refused(clinic, changes):
    assert (await clinic.owner.post(clinic.at("channels"), json=draft(**changes))).status_code == 422


async def test_a_number_is_connected_once(clinic):
    assert (await clinic.owner.post(clinic.at("channels"), json=draft())).status_code == 201
    again = await clinic.owner.post(clinic.at("channels"), json=draft(address="(212) 555-0188"))
    assert again.status_code == 409
    assert again.json()["errors"][0]["key"] == "address"


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "simulated"},
        {"credentials": {}},
        {"credentials": {"account_sid": "test_sid", "auth_token": "test_key"}},
    ],
)
async def test_without_usable_credentials_it_is_a_practice_run_and_says_why(clinic, changes):
    view = (await clinic.owner.post(clinic.at("channels"), json=draft(**changes))).json()
    assert view["mode"] == "simulated"
    assert view["simulated_because"]


@pytest.mark.parametrize(
    ("kind", "provider", "address"),
    [
        ("whatsapp", "twilio", "+12125550189"),
        ("whatsapp", "whatsapp_cloud", "+12125550190"),
        ("whatsapp", "gallabox", "+12125550191"),
        ("email", "smtp", "Desk@Clinic.example"),
        ("email", "sendgrid", "a@clinic.example"),
        ("email", "postmark", "b@clinic.example"),
        ("webchat", "webchat", "clinic.example"),
    ],
)
async def test_every_kind_can_be_a_practice_run(clinic, kind, provider, address):
    made = await clinic.owner.post(
        clinic.at("channels"), json={"kind": kind, "provider": provider, "address": address, "mode": "simulated"}
    )
    assert made.status_code == 201, made.text
    assert made.json()["address"] == (address.lower() if kind == "email" else address)


async def test_credentials_are_replaced_whole_and_take_effect_at_once(clinic):
    channel = await clinic.channel()
    assert (await channel.text("+12025550111", "old token")).status_code == 200
    changed = await clinic.owner.patch(
        clinic.at(f"channels/{channel.id}"),
        json={
            "credentials": {"account_sid": ACCOUNT_SID, "auth_token": "a-new-token-9876543210"},
            "send_per_minute": 60,
        },
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["send_per_minute"] == 60
    form = {
        "MessageSid": "SM2",
        "AccountSid": ACCOUNT_SID,
        "From": "+12025550111",
        "To": channel.address,
        "Body": "new",
    }
    assert (await channel.deliver(form, token=AUTH_TOKEN)).status_code == 403
    assert (await channel.deliver(form, token="a-new-token-9876543210")).status_code == 200


async def test_who_may_manage(clinic, new_clinic):
    channel = await clinic.channel()
    desk, other = await clinic.member("front_desk"), await new_clinic()
    assert (await desk.get(clinic.at("channels"))).status_code == 403
    assert (await desk.post(clinic.at("channels"), json=draft())).status_code == 403
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test")):
        body = {"json": {"to": "+12025550111"} if path else {}} if method in {"PATCH", "POST"} else {}
        answer = await other.owner.request(method, other.at(f"channels/{channel.id}{path}"), **body)
        assert answer.status_code == 404, (method, answer.text)


async def test_a_test_message_says_what_became_of_it(clinic):
    channel = await clinic.channel()
    sent = await clinic.owner.post(clinic.at(f"channels/{channel.id}/test"), json={"to": "(202) 555-0111"})
    assert sent.status_code == 200, sent.text
    assert sent.json()["status"] == "accepted"
    refused = await clinic.owner.post(clinic.at(f"channels/{channel.id}/test"), json={"to": "+15005550001"})
    assert refused.json()["status"] == "refused"
    nonsense = await clinic.owner.post(clinic.at(f"channels/{channel.id}/test"), json={"to": "me"})
    assert nonsense.status_code == 422
    assert clinic.product.sql("select count(*) from message where clinic_id = %s", clinic.id) == [(0,)]


async def test_the_page_connects_and_shows_mistakes_beside_their_fields(clinic):
    page = await clinic.owner.get("/settings/channels", headers={"accept": "text/html"})
    assert page.status_code == 200
    token = clinic.owner.http.cookies["csrftoken"]
    form = {
        "_csrf_token": token,
        "kind": "sms",
        "provider": "twilio",
        "mode": "live",
        "address": "12",
        "account_sid": "AC1",
        "auth_token": SECRET,
    }
    refused = await clinic.owner.post("/settings/channels/connect", data=form, headers={"accept": "text/html"})
    assert refused.status_code == 422
    assert "country code" in refused.text
    assert SECRET not in refused.text
    good = await clinic.owner.post(
        "/settings/channels/connect", data={**form, "address": "+12125550177"}, headers={"accept": "text/html"}
    )
    assert good.status_code == 303
    shown = await clinic.owner.get(good.headers["location"].partition("#")[0], headers={"accept": "text/html"})
    assert "+1 212" in shown.text or "(212) 555-0177" in shown.text
