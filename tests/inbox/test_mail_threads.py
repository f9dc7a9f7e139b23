"""Whose conversation a mail belongs to, and how it is shown as its sender wrote it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from app.config import reset_settings
from app.inbox.service.mail import mail_token, read_token
from app.kit.ids import new_id
from tests.support.mail import deliver, files_are_there, mailbox, messages, written
from tests.support.pictures import photo

ANN, SPOUSE = "Ann <ann@example.com>", "Ben <ben@example.com>"


async def threads(clinic):
    return (await clinic.owner.get(clinic.at("threads"), params={"view": "all"})).json()["items"]


@pytest.fixture
def same_secret(monkeypatch, database):
    """Make tokens as the product does."""
    for name, value in database.environment.items():
        monkeypatch.setenv(name, value)
    reset_settings()
    yield
    reset_settings()


async def wrote_to(clinic, mail_id):
    """Make as if the clinic's newest message in its only thread was a mail of this id."""
    (thread,) = await threads(clinic)
    sent = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        json={"channel": "email", "body": "See you on Friday", "seen": thread["last_seq"], "client_id": str(new_id())},
    )
    assert sent.status_code == 201, sent.text
    clinic.product.sql(
        "update message set details = json_build_object('mail_id', %s::text) where clinic_id = %s and id = %s",
        mail_id,
        clinic.id,
        sent.json()["id"],
    )


async def test_a_known_address_joins_its_own_thread(clinic):
    channel = await mailbox(clinic)
    for number in range(2):
        await deliver(channel, written(f"text {number}", From=ANN, Subject=f"About {number}"))
    assert len(await threads(clinic)) == 1
    # The same words by somebody else are somebody else's, whatever the subject.
    await deliver(channel, written("me too", From=SPOUSE, Subject="Re: About 1"))
    assert len(await threads(clinic)) == 2


@pytest.mark.parametrize("header", ["In_Reply_To", "References"])
async def test_an_unknown_address_joins_whom_it_answers(clinic, header):
    channel = await mailbox(clinic)
    await deliver(channel, written(From=ANN))
    await wrote_to(clinic, "<out-1@clinic.example>")
    await deliver(channel, written("From my work", From="ann@work.example", **{header: "<x@y> <out-1@clinic.example>"}))
    (thread,) = await threads(clinic)
    assert [one["body"] for one in await messages(clinic)] == ["Hello", "From my work"]
    contact = (await clinic.owner.get(clinic.at(f"contacts/{thread['contact']['id']}"))).json()
    assert {point["address"] for point in contact["points"]} == {"ann@example.com", "ann@work.example"}
    # A machine that answers from yet another address is nobody's second address.
    auto = written(
        "Away", From="out@office.example", Auto_Submitted="auto-replied", In_Reply_To="<out-1@clinic.example>"
    )
    await deliver(channel, auto)
    assert len(await threads(clinic)) == 2


async def test_an_unknown_address_joins_whose_token_it_carries(clinic, same_secret):
    channel = await mailbox(clinic)
    await deliver(channel, written(From=ANN))
    (thread,) = await threads(clinic)
    marked = f"desk+{mail_token(clinic.id, UUID(thread['id']))}@clinic.example"
    # As the envelope says, with another case; and where only To has it, because the mail was forwarded.
    await deliver(channel, written("by envelope", From=SPOUSE), to=marked.upper())
    await deliver(channel, written("by header", From="eve@example.com", To=marked), to="x@inbound.provider.example")
    (thread,) = await threads(clinic)
    assert [one["body"] for one in await messages(clinic)] == ["Hello", "by envelope", "by header"]
    assert not any(one["details"].get("cc") for one in await messages(clinic))
    # A token nobody made names nobody.
    await deliver(channel, written(From="mallory@example.com"), to=marked.replace("@", "a@"))
    assert len(await threads(clinic)) == 2


async def test_never_across_clinics(new_clinic, same_secret):
    one, two = await new_clinic(), await new_clinic()
    channel = await mailbox(one)
    await deliver(channel, written(From=ANN))
    await wrote_to(one, "<out-2@clinic.example>")
    (thread,) = await threads(one)
    marked = f"desk+{mail_token(one.id, UUID(thread['id']))}@clinic.example"
    await deliver(await mailbox(two), written(From=SPOUSE, In_Reply_To="<out-2@clinic.example>"), to=marked)
    assert len(await threads(one)) == 1
    assert len(await messages(one)) == 1
    assert [message["contact"]["email"] for message in await messages(two)] == ["ben@example.com"]


def test_a_token_is_for_one_thread_of_one_clinic(same_secret):
    clinic_id, thread_id = new_id(), new_id()
    token = mail_token(clinic_id, thread_id)
    assert re.fullmatch(r"[a-z2-7]{42}", token)
    for address in (f"desk+{token}@x.example", f"DESK+{token.upper()}@X.EXAMPLE", f"a+b+{token}@x"):
        assert read_token(clinic_id, address) == thread_id
    assert read_token(new_id(), f"desk+{token}@x.example") is None
    for number, letter in enumerate(token[:41]):
        changed = token[:number] + ("a" if letter != "a" else "b") + token[number + 1 :]
        assert read_token(clinic_id, f"desk+{changed}@x.example") is None
    for wrong in ("", "desk@x", "desk+@x", f"desk+{token}a@x", "desk+" + "é" * 42 + "@x", f"desk+{token[:-1]}1@x"):
        assert read_token(clinic_id, wrong) is None


# -- shown

PICTURES = '<p>See <b>this</b></p><img src="cid:tooth"><img src="https://tracker.example/a.png" alt="logo">'


async def shown(caller, message, query=""):
    return await caller.get(f"/inbox/messages/{message['id']}/mail{query}")


async def test_a_mail_is_shown_in_a_frame_of_its_own(clinic):
    channel = await mailbox(clinic)
    mail = written("See this", html=PICTURES)
    mail.get_payload()[1].add_related(photo(), "image", "jpeg", cid="<tooth>")
    assert (await deliver(channel, mail)).status_code == 200
    await files_are_there(clinic)
    (message,) = await messages(clinic)
    assert message["details"]["has_html"] is message["details"]["has_remote_pictures"] is True
    viewer = await clinic.member("viewer")
    answer = await shown(viewer, message)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src 'self' ")
    assert "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "https:" not in policy
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert ' src="https://tracker' not in answer.text
    link = re.search(r'<img src="([^"]*/files/signed/[^"]*)"', answer.text)[1]
    picture = await clinic.outside.get(link.removeprefix(clinic.product.url))
    assert picture.headers["content-type"] == "image/jpeg"
    with_pictures = await shown(viewer, message, "?pictures=1")
    assert ' src="https://tracker.example/a.png"' in with_pictures.text
    assert "https: http:" in with_pictures.headers["content-security-policy"]


async def test_only_the_clinic_sees_it(new_clinic):
    one, two = await new_clinic(), await new_clinic()
    await deliver(await mailbox(one), written("plain", html="<p>secret</p>"))
    await deliver(await mailbox(two), written("only text", From="b@example.com"))
    (message,), (plain,) = await messages(one), await messages(two)
    assert (await shown(two.owner, message)).status_code == 404
    assert (await shown(two.owner, plain)).status_code == 404
    assert "secret" not in (await shown(one.outside, message)).text
    assert "secret" in (await shown(one.owner, message)).text
    # Neither pages nor events carry it.
    assert "html" not in message["details"]
    events = one.product.sql("select body from event where clinic_id = %s", one.id)
    assert not any("<p>secret" in body for (body,) in events)
