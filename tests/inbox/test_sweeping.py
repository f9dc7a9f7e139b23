"""Bytes that a crash left in the store: forgotten after a day, and never what anything points at."""

from __future__ import annotations

import os
import time
from uuid import UUID

import pytest

from app.config import reset_settings
from app.inbox import service
from app.inbox.service.keeping import store
from app.kit.ids import new_id
from app.kit.principal import system
from tests.events.test_isolation import make
from tests.support.s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, s3_server

HOURS = 3600


def id_of(hours: float) -> UUID:
    """An id as it was made so many hours ago."""
    made = int((time.time() - hours * HOURS) * 1000)
    return UUID(int=(new_id().int & ((1 << 80) - 1)) | made << 80)


async def put(clinic_id: UUID, hours: float) -> str:
    key = f"{clinic_id.hex}/{id_of(hours).hex}"
    await store().put(key, [b"sealed"])
    return key


def point_at(records, clinic_id, *, store_key=None, thumbnail_key=None):
    records.sql(
        "insert into attachment (id, clinic_id, position, name, type, state, store_key, thumbnail_key, created_at) "
        "values (%s, %s, 0, 'x', 'image/png', 'stored', %s, %s, now())",
        new_id(), clinic_id, store_key, thumbnail_key,
    )  # fmt: skip


def hold_in_message(records, clinic_id, key):
    """A mail whose files nobody has adopted yet: its own list of files is all that points at them."""
    records.sql(
        "with c as (insert into contact (id, clinic_id, name, stage, language, note, tags, created_at, updated_at) "
        "values (gen_random_uuid(), %s, 'Ann', 'lead', '', '', '{}', now(), now()) returning id), "
        "t as (insert into thread (id, clinic_id, contact_id, last_message_at, created_at) "
        "select gen_random_uuid(), %s, id, now(), now() from c returning id) "
        "insert into message (id, clinic_id, thread_id, direction, channel, author_type, status, attachments, "
        "created_at) select gen_random_uuid(), %s, id, 'in', 'email', 'patient', 'received', "
        "json_build_array(json_build_object('store_key', %s::text)), now() from t",
        clinic_id, clinic_id, clinic_id, key,
    )  # fmt: skip


async def everything(records, clinic_id):
    """Bytes of every kind; returns the keys that must stay, and those that must go."""
    row, small, held = [await put(clinic_id, 30) for _ in range(3)]
    point_at(records, clinic_id, store_key=row, thumbnail_key=small)
    hold_in_message(records, clinic_id, held)
    young, foreign = await put(clinic_id, 23), await put(new_id(), 400)
    return {row, small, held, young, foreign}, {await put(clinic_id, hours) for hours in (25, 30, 9000)}


def age_folder(folder, hours=30.0):
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - hours * HOURS,) * 2)


async def test_a_folder_keeps_what_is_pointed_at_and_what_is_young(records):
    clinic_id, folder = await make(1), records.folder / "files"
    stay, go = await everything(records, clinic_id)
    draft = folder / clinic_id.hex / f".{id_of(30).hex}.{id_of(30).hex}"
    draft.write_bytes(b"half")
    assert await service.sweep_store() == 0, "by the folder's own clock all of it is new"
    age_folder(folder)
    (draft.parent / f".{id_of(0).hex}.{id_of(0).hex}").write_bytes(b"in flight")
    (draft.parent / "notes.txt").write_bytes(b"not ours")
    assert await service.sweep_store() == len(go)
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert stay <= left
    assert not go & left
    assert not draft.exists()
    assert len(left - stay) == 2, "an upload in flight, and what is not ours"
    assert await service.sweep_store() == 0


async def test_an_upload_of_now_is_safe_whenever_it_commits(records):
    clinic_id = await make(1)
    file = await service.upload_file(system(clinic_id), "plan.txt", b"the plan", 100)
    records.sql("update attachment set store_key = null where id = %s", file.id)  # as before its commit
    assert await service.sweep_store() == 0
    assert len([path for path in (records.folder / "files").rglob("*") if path.is_file()]) == 1


@pytest.fixture
async def bucket(monkeypatch):
    async with s3_server() as server:
        told = {"ENDPOINT": server.url, "BUCKET": BUCKET, "ACCESS_KEY": ACCESS_KEY, "SECRET_KEY": SECRET_KEY}
        for name, value in told.items():
            monkeypatch.setenv(f"S3_{name}", value)
        reset_settings()
        yield server
        monkeypatch.setenv("S3_ENDPOINT", "http://127.0.0.1:9")
        reset_settings()
        assert await service.sweep_store() == 0, "a bucket that is away is looked at another time"


async def test_a_bucket_is_swept_like_a_folder(records, bucket):
    stay, go = await everything(records, await make(1))
    bucket.kept["somebody-else.txt"] = b"not ours"
    assert await service.sweep_store() == 0, "by the bucket's own clock all of it is new"
    bucket.age = 30.0 * HOURS
    assert await service.sweep_store() == len(go)
    assert set(bucket.kept) == stay | {"somebody-else.txt"}
    assert bucket.refused == []
