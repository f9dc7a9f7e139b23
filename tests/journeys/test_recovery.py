"""The host's faults (reliability section 3): disk full, restore from a backup, restart under load."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from app.config import ROOT
from app.kit.embedded_postgres import EmbeddedPostgres
from app.kit.postgres_binaries import wheel_bin_dir
from tests.journeys.checker import Acked
from tests.journeys.faults import taken
from tests.journeys.support import PATIENT, a_desk, at_twilio, check, post_reply, say, thread_of, until, until_status
from tests.support.postgres import Databases
from tests.support.product import Process, Product

# -- restart under load


class Up(Process):
    """`orasync up`: its web processes share one listening socket."""

    def __init__(self, product, *options):
        arguments = ["up", "--no-demo", "--port", product.environment["PORT"], *options]
        super().__init__("up", arguments, product.environment, product.database.folder / "up.log")
        self.url = product.url


@pytest.fixture
def up(durable_databases, twilio):
    """Two webs and a worker under one parent, on a database of their own."""
    product = Product(durable_databases.make(), worker=False, **at_twilio(twilio))
    product.web = [Up(product, "--web-replicas", "2")]
    product.start()
    yield product
    product.stop()
    product.database.drop()


async def test_a_rolling_restart_under_load_fails_no_request(up, crowd_of, new_clinic):
    """R22: SIGHUP; every request is answered by the old or the new one, every socket is sent away with 1012."""
    crowd = await crowd_of(up, clinics=1, patients=3, tabs=3)
    clinic = await new_clinic(up)
    sockets = [await clinic.socket() for _ in range(3)]
    [parent] = up.web
    parent.signal(signal.SIGHUP)
    codes = await asyncio.gather(*(socket.closed(timeout=40) for socket in sockets))
    assert codes == [1012] * 3
    back = await clinic.socket(after=sockets[0].seq, epoch=sockets[0].hello["epoch"])
    assert back.hello["resumed"]
    await until(lambda: parent.log().count("restarting web") == 2, 40)
    await until(lambda: parent.log().count("worker.ready") == 2, 40)
    found = await crowd.settle()
    assert not found, "\n".join([crowd.summary, *found[:20]])
    assert crowd.refused == {}
    assert crowd.acked
    assert crowd.promised


# -- restore from a backup


def run_postgres(server, program, *arguments):
    """One of PostgreSQL's own programs, as the superuser of a server."""
    binaries = Path(os.environ.get("TEST_DATABASE_BIN") or wheel_bin_dir())
    subprocess.run(
        [binaries / program, "-h", server.socket_dir, "-p", "5432", "-U", "postgres", *arguments], check=True
    )


def run_orasync(product, command):
    """One command of the product on its database."""
    subprocess.run([sys.executable, "-m", "app.cli", command], cwd=ROOT, env=product.environment, check=True)


class Dump:
    """A logical copy, put back into a new database of the same name; `orasync migrate` finds that out by itself."""

    def __init__(self, product):
        self.product, self.server = product, product.database.server
        self.file = product.database.folder / "backup"

    def take(self):
        """While everything runs."""
        run_postgres(self.server, "pg_dump", "-Fc", "-f", self.file, self.product.database.name)

    def put_back(self):
        """Everything is stopped."""
        self.product.database.drop()
        name = self.product.database.name
        with psycopg.connect(self.server.dsn(database="postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        run_postgres(self.server, "pg_restore", "-d", name, self.file)

    def tell(self):
        """What everybody does before a start, and `orasync up` by itself."""
        run_orasync(self.product, "migrate")


class Files:
    """A copy of the stopped server's files, put back in place: it looks the same, so somebody says `restored`."""

    def __init__(self, product):
        self.product, self.server = product, product.database.server
        self.copy = self.server.home / "copy"

    def take(self):
        """The server stops for it."""
        self.server.stop()
        subprocess.run(["cp", "-a", self.server.data_dir, self.copy], check=True)
        self.server.start()

    def put_back(self):
        """Everything is stopped."""
        self.server.stop()
        shutil.rmtree(self.server.data_dir)
        self.copy.rename(self.server.data_dir)
        self.server.start()

    def tell(self):
        """What the person does who put it back."""
        run_orasync(self.product, "restored")


async def go_back_in_time(product, new_clinic, twilio, backup):
    """R13: nobody takes the new history for the old one, and what left after the backup does not leave again."""
    clinic, channel = await a_desk(product, new_clinic)
    told = {name: f"{name} the backup {uuid4().hex}" for name in ("before", "during", "after")}
    await say(clinic, told["before"])
    await until_status(product, told["before"], "delivered")
    product.worker.stop()
    await say(clinic, told["during"])  # the backup holds it as queued
    backup.take()
    product.worker.start()
    await until_status(product, told["during"], "delivered")
    await say(clinic, told["after"])
    await until_status(product, told["after"], "delivered")
    tab = await clinic.socket()
    place = {"epoch": tab.hello["epoch"], "after": tab.seq}
    product.stop()
    backup.put_back()
    backup.tell()
    assert product.sql("select count(*) from message where body = %s", told["after"]) == [(0,)]
    head = product.sql("select seq from clinic_log where clinic_id = %s", clinic.id)[0][0]
    product.start()
    await until_status(product, told["during"], "sent", "delivered")
    for after, epoch in ((place["after"], place["epoch"]), (head, place["epoch"]), (10_000, None)):
        back = await clinic.socket(after=after, epoch=epoch)
        assert not back.hello["resumed"], (after, epoch)
        assert back.hello["epoch"] != place["epoch"]
    # The new history goes on, and the same text delivered again is taken again: the copy does not know it.
    assert (await channel.text(PATIENT, "Once more", sid="SM-second")).status_code == 200
    assert (await back.next_event("message.created"))["data"]["message"]["body"] == "Once more"
    again = f"afterwards {uuid4().hex}"
    await say(clinic, again)
    await until_status(product, again, "delivered")
    assert [taken(twilio, body) for body in (*told.values(), again)] == [1] * 4
    twilio_forgets(twilio, told["after"])
    acked = [Acked(str(clinic.id), sid) for sid in ("SM-first", "SM-second")]
    check(product, twilio, acked=acked, restored=True)


def twilio_forgets(twilio, body):
    """The checker shall not look for a message that only the lost time knew."""
    kept = [line for line in twilio.journal.read_bytes().splitlines() if body.encode() not in line]
    twilio.journal.write_bytes(b"\n".join(kept) + b"\n")


async def test_a_restored_dump_begins_a_new_epoch_and_sends_nothing_again(
    start_durable, new_clinic, with_twilio, twilio
):
    product = start_durable(**with_twilio)
    await go_back_in_time(product, new_clinic, twilio, Dump(product))


@pytest.fixture
def own_databases():
    """A server nobody else uses."""
    made = Databases()
    made.start()
    yield made
    made.stop()


@pytest.mark.soak
async def test_restored_files_begin_a_new_epoch_and_send_nothing_again(own_databases, new_clinic, with_twilio, twilio):
    product = Product(own_databases.make(), **with_twilio)
    product.start()
    try:
        await go_back_in_time(product, new_clinic, twilio, Files(product))
    finally:
        product.stop()


# -- disk full


@pytest.fixture
def small_disk():
    """A PostgreSQL whose disk is a memory of 256 MB."""
    if os.getuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small disk")
    folder = Path(tempfile.mkdtemp(prefix="orasync-small-disk-"))
    folder.chmod(0o755)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m,mode=755", "tmpfs", folder], check=False)
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip("this machine lets nobody mount a small disk, as in a container without the right to")
    made = Databases()
    binaries = os.environ.get("TEST_DATABASE_BIN")
    made.server = EmbeddedPostgres(
        folder / "postgres",
        database="postgres",
        bin_dir=Path(binaries) if binaries else None,
        options={"min_wal_size": "32MB", "max_wal_size": "48MB", "shared_buffers": "32MB"},
    )
    made.disk = folder
    try:
        made.start()
        yield made
    finally:
        made.stop()
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def fill(disk):
    """Leave nothing free."""
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        for size in (1 << 20, 1 << 12):
            try:
                while ballast.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


@pytest.mark.soak
async def test_a_full_disk_refuses_writes_and_loses_nothing(small_disk, new_clinic, with_twilio, twilio):
    """Writes are 503 and a delivery is not acked, reads work; with room again all goes on, and the log is whole."""
    product = Product(small_disk.make(), **with_twilio)
    product.start()
    try:
        await write_on_a_full_disk(product, new_clinic, small_disk, twilio)
    finally:
        product.stop()


async def write_on_a_full_disk(product, new_clinic, small_disk, twilio):
    clinic, channel = await a_desk(product, new_clinic)
    acked = ["SM-first"]
    product.sql("update session set seen_at = now() - interval '10 minutes'")  # the next read wants to note that
    fill(small_disk.disk)
    begun, statuses = time.monotonic(), {}
    while statuses.get(503, 0) < 20:
        assert time.monotonic() - begun < 90, statuses
        sids = [f"SM{uuid4().hex}" for _ in range(50)]
        answers = await asyncio.gather(*(channel.text(PATIENT, "Words " * 200, sid=sid) for sid in sids))
        for sid, answer in zip(sids, answers, strict=True):
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            if answer.status_code == 200:
                acked.append(sid)
            else:
                assert answer.headers["retry-after"] == "1"
        await asyncio.to_thread(small_disk.server.start)  # `orasync up` does so should the server have given up
    assert set(statuses) == {200, 503}, statuses
    thread = await thread_of(clinic)  # a read
    refused = [await post_reply(clinic, thread, f"{number} {'words ' * 200}", uuid4()) for number in range(3)]
    assert {answer.status_code for answer in refused} <= {201, 409, 503}
    assert (await clinic.owner.get(clinic.at(f"threads/{thread['id']}"))).status_code == 200
    (small_disk.disk / "ballast").unlink()
    await asyncio.to_thread(small_disk.server.start)

    async def deliver(sid):
        for _ in range(60):
            answer = await channel.text(PATIENT, "Now?", sid=sid)
            if answer.status_code == 200:
                return
            await asyncio.sleep(0.5)
        raise AssertionError(answer.text)

    await deliver("SM-after")
    acked.append("SM-after")
    body = f"with room {uuid4().hex}"
    await say(clinic, body)
    await until_status(product, body, "delivered")
    await until(
        lambda: not product.sql("select 1 from message where direction = 'out' and status in ('queued', 'sending')")
    )
    check(product, twilio, acked=[Acked(str(clinic.id), sid) for sid in acked])
