"""Where files are kept and for how long, without a provider."""

from __future__ import annotations

import contextlib
import json
from uuid import uuid4

import pytest

from app.channels.service import Attachment, InboundMessage
from app.config import reset_settings
from app.inbox import service
from app.inbox.service.files import hold
from app.kit.errors import NotFound, TooMany, Unavailable
from app.kit.principal import system
from tests.events.test_isolation import make
from tests.inbox.files.support import MIB
from tests.support.pictures import photo
from tests.support.s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, s3_server


class Mailbox:
    """As much of a channel as holding a mail's files needs."""

    def __init__(self, clinic_id):
        self.clinic_id, self.id = clinic_id, uuid4()


def mail(*files):
    return InboundMessage(
        provider_id="<1@x>", from_address="a@x.test", to_address="b@x.test", body="", raw="", attachments=list(files)
    )


async def test_what_a_mail_brings_is_kept_before_the_mail_is_acknowledged(records):
    clinic_id = await make(1)
    folder = records.folder / "files"
    brought = [
        Attachment("", "image/png", "a\u202egnp.jpg", content=photo(), content_id="<pic@x>"),
        Attachment("", "text/html", "evil.exe", content=b"MZ"),
        Attachment("", "\udcff/\x00", "\udcff.txt", content=b"plain"),
        *(Attachment("", "text/plain", f"{number}.txt", content=b"x") for number in range(30)),
    ]
    told = await hold(Mailbox(clinic_id), mail(*brought))
    held = json.loads(told)
    assert [one["state"] for one in held[:3]] == ["stored", "refused", "stored"]
    assert (held[0]["type"], held[0]["name"], held[0]["content_id"]) == ("image/jpeg", "agnp.jpg", "<pic@x>")
    assert held[2]["name"] == ".txt" or held[2]["name"] == "txt"
    assert [one["state"] for one in held[-3:]] == ["refused"] * 3, "thirty are enough"
    kept = {path.name for path in folder.rglob("*") if path.is_file()}
    assert len(kept) == 2 + 1 + 27
    assert all(one["store_key"].rpartition("/")[2] in kept for one in held if one["state"] == "stored")
    shown = json.loads(records.sql("select shown_files(%s::json)::text", told)[0][0])
    secrets = {"source", "sha256", "content_id", "store_key", "thumbnail_key"}
    assert all(not secrets & set(one) for one in shown)
    assert [one["id"] for one in shown] == [one["id"] for one in held]


async def test_a_bucket_holds_files_as_sealed_as_a_folder_does(records, monkeypatch):
    clinic_id = await make(1)
    async with s3_server() as server:
        for name, value in {
            "ENDPOINT": server.url,
            "BUCKET": BUCKET,
            "ACCESS_KEY": ACCESS_KEY,
            "SECRET_KEY": SECRET_KEY,
        }.items():
            monkeypatch.setenv(f"S3_{name}", value)
        reset_settings()
        file = await service.upload_file(system(clinic_id), "plan.txt", b"the plan" * 100_000, MIB)
        assert len(server.kept) == 1
        assert b"the plan" not in next(iter(server.kept.values()))
        opened = await service.open_file(clinic_id, file.id)
        assert b"".join([part async for part in opened.parts]) == b"the plan" * 100_000
    monkeypatch.setenv("S3_ENDPOINT", "http://127.0.0.1:9")
    reset_settings()
    with pytest.raises(Unavailable):
        await service.upload_file(system(clinic_id), "plan.txt", b"x", MIB)
    with pytest.raises(Unavailable):
        await service.open_file(clinic_id, file.id)
    assert not (records.folder / "files").exists()


async def test_a_clinic_s_uploads_are_limited(records):
    clinic_id = await make(1)
    taken = 0
    with contextlib.suppress(TooMany):
        while taken < 600:  # one more is allowed each second that this takes
            await service.upload_file(system(clinic_id), "a.txt", b"x", 100)
            taken += 1
    assert 60 <= taken < 600


async def test_unsent_uploads_are_forgotten_and_lost_fetches_are_found(records):
    """What the schedules do, with the times moved."""
    clinic_id = await make(1)
    old = await service.upload_file(system(clinic_id), "old.txt", b"old", 100)
    new = await service.upload_file(system(clinic_id), "new.txt", b"new", 100)
    records.sql("update attachment set created_at = now() - interval '25 hours' where id = %s", old.id)
    assert await service.forget_unsent() == 1
    assert await service.forget_unsent() == 0
    with pytest.raises(NotFound):
        await service.read_file(clinic_id, old.id)
    assert len([path for path in (records.folder / "files").rglob("*") if path.is_file()]) == 1
    opened = await service.open_file(clinic_id, new.id)
    assert b"".join([part async for part in opened.parts]) == b"new"
    lost = uuid4()
    records.sql(
        "insert into attachment (id, clinic_id, message_id, position, name, type, state, created_at) values "
        "(%s, %s, %s, 0, 'x', 'image/png', 'waiting', now() - interval '16 minutes')",
        lost,
        clinic_id,
        uuid4(),
    )
    await service.sweep_files()
    await service.sweep_files()
    jobs = records.sql("select payload->>'attachment_id' from job where type = 'attachment_fetch'")
    assert jobs == [(str(lost),)], "found, and not twice"
