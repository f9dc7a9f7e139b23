"""Texts that WhatsApp approved: read, filled, fetched from a stand-in that speaks Meta's and Gallabox's format."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json

import pytest

from app.channels.adapters import whatsapp_templates as module
from app.channels.adapters.base import Connection
from app.channels.adapters.whatsapp_templates import FAILED, LISTERS, ListRefused
from app.channels.template_text import Blank, fill, read_components, suggest, value_problem
from app.config import reset_settings
from app.kit.ids import new_id
from tests.support.product import Product
from tests.support.template_server import ACCOUNT, KEY, SECRET, TOKEN, TemplateServer, row

APP_SECRET = "app-secret-0123456789abcdef"


def body(text: str, **more: object) -> list[dict[str, object]]:
    return [{"type": "BODY", "text": text, **more}]


# -- what a text says


def test_blanks_go_by_their_numbers_and_keep_their_samples():
    text = read_components(body("See {{2}}, {{1}}! {{2}}?", example={"body_text": [["Ann", "Friday"]]}))
    assert text.blanks == [Blank("1", "Ann"), Blank("2", "Friday")]
    assert fill(text, ["Tom", "Monday"]) == "See Monday, Tom! Monday?"


def test_named_blanks_go_by_their_place():
    samples = {"body_text_named_params": [{"param_name": "first_name", "example": "Ann"}]}
    text = read_components(body("Hi {{first_name}}, at {{ clinic_name }}", example=samples))
    assert text.blanks == [Blank("first_name", "Ann"), Blank("clinic_name")]
    assert fill(text, ["Tom", "Bright"]) == "Hi Tom, at Bright"


def test_a_value_is_never_read_as_a_blank():
    text = read_components(body("{{1}} and {{2}}"))
    assert fill(text, ["{{2}}", "b"]) == "{{2}} and b"


def test_heading_footer_and_buttons_are_part_of_it():
    parts = [
        {"type": "HEADER", "format": "TEXT", "text": "Your visit"},
        *body("Hello {{1}}"),
        {"type": "FOOTER", "text": "Bright Smile"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Confirm"}]},
    ]
    text = read_components(parts)
    assert fill(text, ["Ann"]) == "Your visit\n\nHello Ann\n\nBright Smile"
    assert (text.buttons, text.cannot) == (["Confirm"], None)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [{"type": "HEADER", "format": "IMAGE"}, *body("Hi")],
        [{"type": "HEADER", "format": "TEXT", "text": "For {{1}}"}, *body("Hi")],
        [*body("Hi"), {"type": "CAROUSEL", "cards": []}],
        [*body("{{1}}"), {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Copy"}]}],
        [*body("Hi"), {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://x.example/{{1}}"}]}],
    ],
)
def test_what_wants_more_than_words_cannot_be_sent_by_hand(parts):
    assert read_components(parts).cannot


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "a\tb", "a    b", "a\x07", "\u2028"])
def test_values_that_whatsapp_refuses(value):
    assert value_problem(value)
    assert value_problem("Friday at 3 pm   ok") is None


def test_first_name_and_clinic_are_suggested():
    text = read_components(
        body("Hello {{1}}, your visit at {{2}} is on {{3}}.", example={"body_text": [["Ann", "Good Dental", "Friday"]]})
    )
    assert [suggest(text, blank, "Tom", "Bright") for blank in text.blanks] == ["Tom", "Bright", ""]
    named = read_components(body("{{clinic_name}} thanks {{first_name}}"))
    assert [suggest(named, blank, "Tom", "Bright") for blank in named.blanks] == ["Bright", "Tom"]


# -- the list


@pytest.fixture(scope="module")
def lists():
    server = TemplateServer()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _fresh(lists):
    lists.rows, lists.size, lists.answer, lists.endless = [], 1, None, False
    lists.asked.clear()


@pytest.fixture
def here(lists, monkeypatch):
    """The stand-in, for what this very process asks."""
    monkeypatch.setenv("WHATSAPP_API_URL", lists.url)
    monkeypatch.setenv("GALLABOX_API_URL", lists.url)
    reset_settings()
    yield
    reset_settings()


META = {"phone_number_id": "106540352242922", "waba_id": ACCOUNT, "access_token": TOKEN, "app_secret": APP_SECRET}
GALLABOX = {"api_key": KEY, "api_secret": SECRET, "channel_id": "c01"}


def connection(provider: str = "whatsapp_cloud", **changes: str) -> Connection:
    return Connection(
        channel_id=new_id(),
        clinic_id=new_id(),
        kind="whatsapp",
        provider=provider,
        address="+12125550100",
        webhook_url="",
        credentials={**(META if provider == "whatsapp_cloud" else GALLABOX), **changes},
        secret="s",
        timeout=5,
    )


async def fetch(provider: str = "whatsapp_cloud", **changes: str):
    return await LISTERS[provider](connection(provider, **changes))


@pytest.mark.usefixtures("here")
async def test_pages_are_followed_by_cursor_and_never_to_another_host(lists):
    lists.rows = [row("a", "A {{1}}"), row("b", "B", status="REJECTED"), row("b", "B", language="de")]
    found = await fetch()
    assert [(one.name, one.language, one.status) for one in found] == [
        ("a", "en_US", "APPROVED"),
        ("b", "en_US", "REJECTED"),
        ("b", "de", "APPROVED"),
    ]
    assert len(lists.asked) == 3
    assert all("access_token" not in path and "fields=id%2Cname" in path for path in lists.asked)


@pytest.mark.usefixtures("here")
async def test_rows_of_another_shape_are_left_out_alone(lists):
    lists.size = 10
    huge = row("huge", "x" * 70_000)
    lists.rows = [
        {},
        "text",
        {"name": 5, "language": "en"},
        row("n" * 513, "x"),
        huge,
        row("good", "x", components=None),
    ]
    assert [(one.name, one.components) for one in await fetch()] == [("good", [])]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("answer", [(500, "<html>"), (302, ""), (200, "<html>"), (200, "[]"), (200, '{"data": 1}')])
async def test_no_usable_answer_is_an_error_and_not_an_empty_list(lists, answer):
    lists.answer = answer
    with pytest.raises((*FAILED, KeyError, TypeError, AttributeError)):
        await fetch()


@pytest.mark.usefixtures("here")
async def test_a_list_that_does_not_end_is_given_up(lists, monkeypatch):
    monkeypatch.setattr(module, "MOST_PAGES", 5)
    lists.rows, lists.endless = [row("a", "x"), row("b", "x")], True
    with pytest.raises(ValueError, match="end"):
        await fetch()
    assert len(lists.asked) <= 5


@pytest.mark.usefixtures("here")
async def test_refused_details_are_said_in_words(lists):
    for provider, wrong in (
        ("whatsapp_cloud", {"access_token": "old"}),
        ("whatsapp_cloud", {"waba_id": ""}),
        ("whatsapp_cloud", {"waba_id": "../me"}),
        ("gallabox", {"api_secret": "old"}),
    ):
        with pytest.raises(ListRefused):
            await fetch(provider, **wrong)
    assert not any("me" in path.split("/") for path in lists.asked)


@pytest.mark.usefixtures("here")
async def test_gallabox_lists_those_of_its_channel(lists):
    lists.rows = [
        row("mine", "x", channelId="c01", status="approved"),
        row("not", "x", channelId="c02"),
        row("all", "x"),
    ]
    assert [(one.name, one.status) for one in await fetch("gallabox")] == [("mine", "APPROVED"), ("all", "APPROVED")]


# -- kept


@pytest.fixture(scope="module")
def product(databases, lists):
    """A product whose WhatsApp is the stand-in."""
    running = Product(databases.make(), WHATSAPP_API_URL=lists.url, GALLABOX_API_URL=lists.url)
    running.start()
    yield running
    running.stop()
    running.database.drop()


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
    return made.json()


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
    assert found["reminder/en_US"]["blanks"] == [{"name": "1", "example": "Ann"}, {"name": "2", "example": "Friday"}]
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


async def report(clinic, channel, event: str, name: str = "reminder", language: str = "en_US"):
    """Meta says something about a text, signed with the app's secret."""
    value = {"event": event, "message_template_name": name, "message_template_language": language, "reason": None}
    told = {
        "object": "whatsapp_business_account",
        "entry": [{"id": ACCOUNT, "changes": [{"field": "message_template_status_update", "value": value}]}],
    }
    raw = json.dumps(told).encode()
    signature = hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    answer = await clinic.outside.post(
        f"/webhooks/whatsapp/{channel['id']}",
        content=raw,
        headers={"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"},
    )
    assert answer.status_code == 200, answer.text


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
