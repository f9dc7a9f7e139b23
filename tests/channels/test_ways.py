"""Connecting each kind of channel on its page: at most five fields, what to copy afterwards, and a test to oneself."""

import re

import pytest

from app.channels.ways import WAYS

HTML = {"accept": "text/html"}
ADDRESSES = {
    "sms": "+1 212 555 0142",
    "whatsapp": "+1 212 555 0143",
    "email": "hello@clinic.test",
    "webchat": "clinic.test",
}


async def connect(clinic, way, **typed):
    form = {"way": way.key, "mode": "simulated", "address": ADDRESSES[way.kind], **typed}
    return await clinic.owner.post("/settings/channels/connect", data=form, headers=HTML)


def test_no_way_asks_for_more_than_five_things():
    assert max(len(way.fields) for way in WAYS) <= 5


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.key)
async def test_each_way_connects_from_its_own_form(clinic, way):
    page = await clinic.owner.get(f"/settings/channels?way={way.key}", headers=HTML)
    assert page.status_code == 200
    for field in way.fields:
        assert f'name="{field.name}"' in page.text
    made = await connect(clinic, way)
    assert made.status_code == 303, made.text
    [channel] = (await clinic.owner.get(clinic.at("channels"))).json()["items"]
    assert (channel["kind"], channel["provider"]) == (way.kind, way.provider)
    shown = await clinic.owner.get("/settings/channels", headers=HTML)
    if channel["webhook_url"]:
        path = channel["webhook_url"].partition("://")[2]
        assert path in shown.text


async def test_a_refused_form_comes_back_without_its_secrets(clinic):
    [way] = [way for way in WAYS if way.key == "whatsapp"]
    refused = await connect(clinic, way, mode="live", address="12", waba_id="777888", access_token="very-secret-token")
    assert refused.status_code == 422
    assert "777888" in refused.text
    assert "very-secret-token" not in refused.text


async def test_words_we_made_up_are_for_managers_only_and_never_in_the_api(clinic):
    [way] = [way for way in WAYS if way.key == "whatsapp"]
    await connect(clinic, way)
    page = await clinic.owner.get("/settings/channels", headers=HTML)
    word = re.search(r"Verify token.*?data-copy=\"([0-9A-Za-z_-]{20,})\"", page.text, re.DOTALL)[1]
    assert word not in (await clinic.owner.get(clinic.at("channels"))).text
    viewer = await clinic.member("viewer")
    assert word not in (await viewer.get("/settings/channels", headers=HTML)).text


async def test_a_test_to_oneself_says_what_came_of_it(clinic):
    channel = await clinic.channel()
    path = f"/settings/channels/{channel.id}/test"
    told = await clinic.owner.post(path, data={"to": "+12125550199"}, headers=HTML)
    assert told.status_code == 200
    assert "A practice run: it would be on its way now." in told.text
    wrong = await clinic.owner.post(path, data={"to": "nobody"}, headers=HTML)
    assert wrong.status_code == 422
    assert "This does not look like a phone number." in wrong.text
