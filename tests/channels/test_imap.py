"""A clinic's own mailbox, end to end: a reply goes out by SMTP, its answer comes in by IMAP, into one conversation."""

from __future__ import annotations

import asyncio
import email
import time
from email import policy
from uuid import uuid4

import pytest

from app.channels.adapters.imap import LARGEST, Imap, ImapError
from app.channels.adapters.smtp import checked_tls
from app.inbox import mailboxes
from tests.support.imap_server import PASSWORD, USER, ImapServer
from tests.support.mail import written
from tests.support.own_mailbox import ADDRESS, OwnMailbox
from tests.support.product import Product
from tests.support.smtp_server import SmtpServer
from tests.support.tls import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def own_product(databases, authority):
    # The whole machine's trust is replaced by the test's authority: the program itself has no switch for that.
    running = Product(databases.make(), SSL_CERT_FILE=str(authority.root_path))
    running.start()
    yield running
    running.stop()
    running.database.drop()


@pytest.fixture
def smtp(authority):
    running = SmtpServer(authority.server())
    yield running
    running.stop()


@pytest.fixture
def imap(authority):
    running = ImapServer(authority.server())
    yield running
    running.stop()


async def eventually(ask):
    deadline = time.monotonic() + 80
    while not (found := await ask()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return found


async def test_a_conversation_over_the_clinics_own_server(new_clinic, own_product, smtp, imap):
    clinic = await new_clinic(own_product)
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    patient, address = f"ann-{uuid4().hex[:8]}@example.com", f"desk-{uuid4().hex[:8]}@clinic.example"
    imap.add(written("May I come?", From=f"Ann <{patient}>", To=address, Subject="Friday").as_bytes())
    imap.add(b"\xff\x00 not a mail at all")
    imap.add(written("A copy of our own", From=address, To=patient).as_bytes())
    told = {"host": "127.0.0.1", "user": USER, "password": PASSWORD, "tls": True}
    await clinic.channel(
        address,
        kind="email",
        provider="smtp",
        mode="live",
        credentials={**told, "port": smtp.port, "imap": {**told, "port": imap.port}},
    )

    async def bodies():
        threads = (await clinic.owner.get(clinic.at("threads"), params={"view": "all"})).json()["items"]
        assert len(threads) <= 1
        if not threads:
            return None, []
        shown = await clinic.owner.get(clinic.at(f"threads/{threads[0]['id']}/messages"))
        return threads[0], [one["body"] for one in sorted(shown.json()["items"], key=lambda one: one["seq"])]

    async def first():
        return (await bodies())[0]

    thread = await eventually(first)
    made = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"), json={"channel": "email", "body": "Friday at 3 is free."}
    )
    assert made.status_code == 201, made.text

    async def sent():
        return smtp.accepted

    await eventually(sent)
    mail = email.message_from_bytes(bytes(smtp.accepted[0].content), policy=policy.default)
    assert (mail["Subject"], mail["To"].addresses[0].addr_spec) == ("Re: Friday", patient)
    assert mail["In-Reply-To"] == mail["References"]
    assert mail["Auto-Submitted"] is None
    imap.hang_up()
    imap.add(
        written("Then I come.", From=patient, To=address, In_Reply_To=mail["Message-ID"], Subject="Re: x").as_bytes()
    )

    async def answered():
        found = (await bodies())[1]
        return found if len(found) == 3 else None

    assert await eventually(answered) == ["May I come?", "Friday at 3 is free.", "Then I come."]
    assert max(imap.fetched.count(uid) for uid in imap.mails) == 1

    # Numbered anew: everything is read again, and nothing is there twice.
    imap.validity, imap.mails = 2, {uid + 100: one for uid, one in imap.mails.items()}
    imap.add(written("One more.", From=patient, To=address).as_bytes())

    async def again():
        found = (await bodies())[1]
        return found if "One more." in found else None

    assert await eventually(again) == ["May I come?", "Friday at 3 is free.", "Then I come.", "One more."]
    assert clinic.product.sql("select validity, uid from mailbox_position where clinic_id = %s", clinic.id) == [
        (2, max(imap.mails))
    ]


async def test_two_workers_on_one_mailbox(records, authority, imap, monkeypatch):
    """One reads at a time, whoever holds the lock; where both do for a moment, each mail is still stored once."""
    for name in ("FIND_SECONDS", "LOOK_SECONDS", "FIRST_WAIT"):
        monkeypatch.setattr(mailboxes, name, 0.1)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root_path))
    checked_tls.cache_clear()
    read_new, failed = mailboxes.read_new, []

    async def fail_once(*arguments):
        if not failed:
            failed.append(True)
            raise RuntimeError("what nobody thought of")
        return await read_new(*arguments)

    monkeypatch.setattr(mailboxes, "read_new", fail_once)
    imap.can_idle = False  # a server that tells nobody: the look by ourselves finds them
    told = {"host": "127.0.0.1", "port": imap.port, "user": USER, "password": PASSWORD}
    mailbox, wanted = OwnMailbox(records), []

    def arrive(count):
        for _ in range(count):
            wanted.append(f"mail {len(wanted)}")
            imap.add(written(wanted[-1], To=ADDRESS, From=f"p{len(wanted)}@example.com").as_bytes())

    await mailbox.open(told, {**told, "port": 587})
    try:
        first, second = mailbox.read(), mailbox.read()
        arrive(4)
        assert await mailbox.wait_for(4) == wanted
        assert imap.sign_ins == 2, "the reader that failed, and the one that came after it"
        # The connection that held the lock is lost, and mail goes on coming.
        records.sql("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = "
                    "(select oid from pg_database where datname = current_database())")  # fmt: skip
        arrive(4)
        await mailbox.wait_for(8)
        await first.stop()
        arrive(2)
        await mailbox.wait_for(10)
        await second.stop()
        assert sorted(mailbox.bodies()) == sorted(wanted)
        assert imap.sign_ins > 2
    finally:
        await mailbox.close()
        checked_tls.cache_clear()


async def test_a_server_cannot_fill_the_memory(imap, authority):
    mailbox = Imap({"host": "127.0.0.1", "port": imap.port, "user": USER, "password": PASSWORD}, 5, authority.client())
    imap.add(b"x")
    imap.lie = LARGEST * 2
    await mailbox.open()
    assert await mailbox.select("INBOX") == 1
    with pytest.raises(ImapError):
        await mailbox.fetch(1)
    mailbox.close()


async def test_only_the_right_server_gets_the_password(imap, authority):
    told = {"host": "127.0.0.1", "port": imap.port, "user": USER, "password": PASSWORD}
    stranger = Imap(told, 5)
    with pytest.raises(OSError, match=r"(?i)certificate"):
        await stranger.open()
    stranger.close()
    assert imap.sign_ins == 0
    wrong = Imap({**told, "password": 'x" "'}, 5, authority.client())
    with pytest.raises(ImapError) as refused:
        await wrong.open()
    assert refused.value.is_sign_in
    wrong.close()
