"""A clinic's own mailbox on a real IMAP server: each mail is taken once, whatever the server or we go through."""

from __future__ import annotations

import ssl

import pytest

from app.channels.adapters.imap import Imap
from app.channels.adapters.mail_compose import mail_id_of
from app.channels.adapters.smtp import checked_tls
from app.inbox.service.sending import reconcile_message
from tests.support.dovecot import NEEDS_DOVECOT, SENT, Dovecot
from tests.support.mail import written
from tests.support.own_mailbox import ADDRESS, OwnMailbox
from tests.support.tls import Authority

pytestmark = NEEDS_DOVECOT


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def dovecot(authority):
    running = Dovecot(authority)
    running.start()
    yield running
    running.remove()


@pytest.fixture
async def mailbox(records, authority, dovecot, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root_path))
    checked_tls.cache_clear()
    found = OwnMailbox(records)
    await found.open(dovecot.account, {**dovecot.account, "port": 587})
    yield found
    await found.close()
    checked_tls.cache_clear()


def mail(text, **headers):
    return written(text, To=ADDRESS, **headers).as_bytes()


async def test_each_mail_is_taken_once(mailbox, dovecot, monkeypatch):
    monkeypatch.setattr("app.inbox.mailboxes.FIRST_WAIT", 0.2)
    dovecot.deliver(mail("first"))
    dovecot.deliver(mail("second", From="Ben <ben@example.com>"))
    first = mailbox.read()
    assert sorted(await mailbox.wait_for(2)) == ["first", "second"]
    # The server tells who waits (IDLE): the next look by ourselves would be a minute away.
    dovecot.deliver(mail("third"))
    assert len(await mailbox.wait_for(3)) == 3
    validity = await mailbox.read_up_to(3)

    # We are away and come back; then the server.
    await first.stop()
    dovecot.deliver(mail("fourth"))
    mailbox.read()
    await mailbox.wait_for(4)
    dovecot.stop()
    dovecot.deliver(mail("fifth"))
    dovecot.start()
    await mailbox.wait_for(5)
    assert await mailbox.read_up_to(5) == validity

    # All is numbered anew: it is read again and known.
    dovecot.stop()
    dovecot.number_anew()
    dovecot.deliver(mail("sixth"))
    dovecot.start()
    assert sorted(await mailbox.wait_for(6)) == ["fifth", "first", "fourth", "second", "sixth", "third"]
    assert await mailbox.read_up_to(6) != validity
    # The clinic's own program still finds them as new.
    assert not list((dovecot.folder / "mail" / "cur").glob("*:2,*S*"))


async def test_looking_by_ourselves(authority, dovecot):
    """Where nobody tells us, the time itself is the poll; also over a line that was idle before."""
    imap = Imap(dovecot.account, 10, ssl.create_default_context(cafile=str(authority.root_path)))
    await imap.open()
    try:
        await imap.select("INBOX")
        assert await imap.new_uids(0) == []
        await imap.idle(0.1)
        dovecot.deliver(mail("hello"))
        await imap.select("INBOX")
        assert await imap.new_uids(0) == [1]
        assert await imap.new_uids(1) == []
        assert b"hello" in (await imap.fetch(1) or b"")
    finally:
        imap.close()


async def test_a_copy_among_what_was_sent_is_evidence(mailbox, dovecot):
    """The line broke after the mail: the account's own folder shows that it went out. Nothing there proves nothing."""
    dovecot.deliver(mail("May I come?"))
    mailbox.read()
    await mailbox.wait_for(1)
    message_id = mailbox.doubtful_mail()

    def state():
        return mailbox.records.sql("select status, provider_id from message where id = %s", message_id)

    dovecot.deliver(mail("Another", Message_ID="<another@clinic.example>"), SENT)
    await reconcile_message(mailbox.clinic_id, message_id, is_last=False)
    assert state() == [("unknown", None)]
    mail_id = mail_id_of(message_id, ADDRESS)
    dovecot.deliver(mail("Friday at 3", Message_ID=mail_id), SENT)
    await reconcile_message(mailbox.clinic_id, message_id, is_last=False)
    assert state() == [("sent", mail_id)]
    assert mailbox.bodies() == ["May I come?"]
