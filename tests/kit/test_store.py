"""Where files lie: nothing half-written, nothing readable, nothing moved unnoticed; by folder and by bucket alike."""

from __future__ import annotations

import os

import pytest

from app.kit.crypto import CannotOpenError, Place, Vault
from app.kit.ids import new_id
from app.kit.store import PART_BYTES, FolderStore, NotKept, S3Store, open_parts, seal_parts
from tests.support.s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, s3_server

CLINIC = new_id()
VAULT = Vault([("k1", bytes(32))])
KEY = VAULT.new_data_key(CLINIC)


@pytest.fixture(params=["folder", "bucket"])
async def store(request, tmp_path):
    if request.param == "folder":
        yield FolderStore(tmp_path / "files")
        return
    async with s3_server() as server:
        yield S3Store(endpoint=server.url, bucket=BUCKET, access_key=ACCESS_KEY, secret_key=SECRET_KEY, timeout=10)
        assert server.refused == []


async def read(parts):
    return b"".join([part async for part in parts])


async def test_what_was_put_comes_back_and_can_be_forgotten(store):
    data = os.urandom(300_000)
    await store.put("c1/f1", [data[:100_000], data[100_000:]])
    assert await read(store.get("c1/f1")) == data
    await store.put("c1/f1", [b"new"])
    assert await read(store.get("c1/f1")) == b"new"
    await store.delete("c1/f1")
    await store.delete("c1/f1")
    with pytest.raises(NotKept):
        await read(store.get("c1/f1"))


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a/../b", "a//b", "", "A", "a\x00"])
async def test_a_key_leads_nowhere_else(store, key):
    with pytest.raises(ValueError, match="not a key of ours"):
        await store.put(key, [b"x"])
    with pytest.raises(ValueError, match="not a key of ours"):
        await read(store.get(key))


async def test_a_write_that_breaks_off_leaves_nothing(tmp_path):
    def parts():
        yield b"half"
        raise OSError("disk full")

    store = FolderStore(tmp_path)
    with pytest.raises(OSError, match="disk full"):
        await store.put("c1/f1", parts())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_bucket_that_does_not_answer_is_trouble_like_a_disk_s():
    store = S3Store(endpoint="http://127.0.0.1:9", bucket=BUCKET, access_key="a", secret_key="b", timeout=1)
    with pytest.raises(OSError, match="does not answer"):
        await store.put("c1/f1", [b"x"])


async def test_a_bucket_refuses_the_wrong_key():
    async with s3_server() as server:
        store = S3Store(endpoint=server.url, bucket=BUCKET, access_key=ACCESS_KEY, secret_key="wrong", timeout=5)
        with pytest.raises(OSError, match="does not answer"):
            await store.put("c1/f1", [b"x"])
        assert server.kept == {}
        assert server.refused


def place(row=None, column="store", clinic=CLINIC):
    return Place(clinic, "attachment", column, row or new_id())


async def some(*pieces):
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES])
async def test_sealed_parts_open_in_whatever_pieces_they_come(size):
    data, where = os.urandom(size), place()
    sealed = b"".join(seal_parts(VAULT, KEY, where, data))
    pieces = [sealed[at : at + 70_001] for at in range(0, len(sealed), 70_001)]
    assert await read(open_parts(VAULT, KEY, where, some(*pieces))) == data
    assert size < 32 or data[:32] not in sealed


async def test_a_sealed_file_opens_only_whole_in_order_and_in_its_place():
    where, data = place(), os.urandom(2 * PART_BYTES + 5)
    parts = list(seal_parts(VAULT, KEY, where, data))
    other = list(seal_parts(VAULT, KEY, place(), data))
    wrong = {
        "cut short": parts[:2],
        "cut inside": [parts[0], parts[1], parts[2][:-1]],
        "nothing": [],
        "swapped": [parts[1], parts[0], parts[2]],
        "from another file": [other[0], parts[1], parts[2]],
        "more after the end": [*parts, parts[2]],
        "said to be the last": [b"\x01" + parts[0][1:]],
        "changed": [parts[0][:-1] + bytes([parts[0][-1] ^ 1]), *parts[1:]],
        "absurd length": [b"\x00\xff\xff\xff\xff"],
    }
    for pieces in wrong.values():
        with pytest.raises(CannotOpenError):
            await read(open_parts(VAULT, KEY, where, some(*pieces)))
    for elsewhere in (place(), where._replace(column="thumbnail")):
        with pytest.raises(CannotOpenError):
            await read(open_parts(VAULT, KEY, elsewhere, some(*parts)))
