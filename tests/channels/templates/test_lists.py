"""The list of approved messages as a provider gives it: pages, odd rows, refusals."""

from __future__ import annotations

import pytest

from app.channels import service
from app.channels.adapters import whatsapp_templates as module
from app.channels.adapters.whatsapp_templates import FAILED, ListRefused
from app.channels.schemas import ChannelDraft
from app.channels.template_text import read_components
from app.kit.principal import system
from app.staff.schemas import SignUp
from app.staff.service import create_clinic
from tests.channels.templates.support import CONTENTS, META, fetch
from tests.support.template_server import (
    TOKEN,
    row,
)


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
        ("twilio", {"auth_token": "old"}),
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


@pytest.mark.usefixtures("here")
async def test_twilio_s_list_is_read_like_meta_s(lists):
    lists.rows, lists.size = CONTENTS, 4
    found = {(one.name, one.status): read_components(one.components) for one in await fetch("twilio")}
    card = found["card", "APPROVED"]
    assert card.whole == "Your visit\n\nHi {{1}}\n\nBright"
    assert [(one.name, one.example, one.place, one.around) for one in card.blanks] == [
        ("1", "Ann", "body", ""),
        ("2", "", "button", "https://pay.example.com/{{2}}"),
    ]
    assert (card.content_sid, card.buttons, card.cannot) == (f"HX{1:032x}", ["Pay"], None)
    assert (found["reply", "APPROVED"].buttons, found["reply", "APPROVED"].cannot) == (["Yes"], None)
    assert [one.place for one in found["picture", "APPROVED"].blanks] == ["file"]
    assert found["many", "APPROVED"].cannot
    assert ("card", "REJECTED") in found
    assert ("new", "PENDING") in found
    assert all("192.0.2.1" not in path for path in lists.asked)


@pytest.mark.usefixtures("records", "here")
async def test_every_live_number_is_asked_in_turn_and_one_that_refuses_stops_nobody(lists):
    made = []
    for at, token in enumerate(("an-old-token-that-is-refused", TOKEN)):
        draft = SignUp("Bright Smiles", "Olivia Owner", f"owner-{at}@clinic.test", "correct horse battery")
        clinic_id, _, _ = await create_clinic(draft)
        number = f"1065403522{at}"
        channel = ChannelDraft(
            kind="whatsapp",
            provider="whatsapp_cloud",
            address=f"+1212556990{at}",
            credentials={**META, "phone_number_id": number, "access_token": token},
        )
        made.append(await service.connect_channel(system(clinic_id), channel))
        made.append(clinic_id)
    lists.rows = [row("reminder", "Hello")]
    await service.sync_all_templates()
    refused, other, taken, clinic_id = made
    assert (await service.list_templates(other, refused.id)).items == []
    assert [one.name for one in (await service.list_templates(clinic_id, taken.id)).items] == ["reminder"]
