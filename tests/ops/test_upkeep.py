"""The shell's upkeep: chains that are checked, keys that change under load, a restore that is noticed (R13)."""

import asyncio
import subprocess
import sys
from base64 import b64encode
from uuid import uuid4

import psycopg
import pytest

from app.config import ROOT
from tests.journeys.support import at_twilio, live_channel, make_worker, post_reply, thread_of, until_status
from tests.support.postgres import Database
from tests.support.product import Product
from tests.support.twilio_server import RunningTwilio

OTHER_KEY = "k2:" + b64encode(b"2" * 32).decode()


@pytest.fixture
def twilio(tmp_path):
    server = RunningTwilio(tmp_path / "journal.jsonl")
    yield server
    server.stop()


def orasync(database, *arguments, **environment):
    """Run a command as the one who runs the machine would."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env={**database.environment, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


# -- the chains


async def test_whole_chains_are_called_whole(clinic):
    await (await clinic.channel()).text("+12025550199", "Hello")
    done = orasync(clinic.product.database, "verify-audit", "--clinic", clinic.slug)
    assert done.returncode == 0, done.stdout
    assert f"whole  {clinic.slug}" in done.stdout


@pytest.mark.parametrize(
    ("log", "change"),
    [
        ("event log", "update event set body = replace(body, 'Hello', 'Hallo') where clinic_id = %s"),
        pytest.param("event log", "delete from event where clinic_id = %s and seq = 2", marks=pytest.mark.soak),
        pytest.param(
            "event log",
            "delete from event where clinic_id = %s and seq = (select max(seq) from event)",
            marks=pytest.mark.soak,
        ),
        (
            "event log",
            "update event set digest = sha256('x'), body = 'x' where clinic_id = %s and type = 'message.created'",
        ),
    ],
)
async def test_a_changed_log_is_found(start_product, new_clinic, log, change):
    product = start_product(worker=False)
    clinic = await new_clinic(product)
    await (await clinic.channel()).text("+12025550199", "Hello")
    product.sql(change, clinic.id)
    done = orasync(product.database, "verify-audit")
    assert done.returncode == 1
    assert f"broken {clinic.slug}: the {log} does not fit from #" in done.stdout


# -- keys


@pytest.mark.soak  # it changes keys for many seconds; tests/kit/test_crypto.py has the steps
async def test_keys_change_while_everything_runs(start_product, new_clinic):
    product = start_product(worker=False, RATE_LIMITS="false")
    clinics = [await new_clinic(product, f"Clinic {number}") for number in range(3)]
    channels = [await clinic.channel() for clinic in clinics]
    wrapped = product.sql("select data_key from clinic where data_key is not null order by id")
    assert len(wrapped) == 3
    both = f"{OTHER_KEY},{product.database.environment['ENCRYPTION_KEYS']}"
    product.web[0].stop()
    product.web[0].start(ENCRYPTION_KEYS=both)
    going, answers = True, []

    async def keep_texting():
        number = 0
        while going:
            number += 1
            answers.append((await channels[number % 3].text("+12025550150", f"Text {number}")).status_code)

    load = asyncio.create_task(keep_texting())
    done = await asyncio.to_thread(orasync, product.database, "rotate-keys", ENCRYPTION_KEYS=both)
    again = await asyncio.to_thread(orasync, product.database, "rotate-keys", ENCRYPTION_KEYS=both)
    going = False
    await load
    assert done.returncode == 0, done.stderr
    assert "3 of 3 clinics changed" in done.stdout
    assert "0 of 3 clinics changed" in again.stdout
    assert set(answers) == {200}
    # The old key can go: everything still opens.
    product.web[0].stop()
    product.web[0].start(ENCRYPTION_KEYS=OTHER_KEY)
    for channel in channels:
        assert (await channel.text("+12025550151", "Still there?")).status_code == 200


async def test_a_missing_key_is_named_as_the_cause(start_product, new_clinic):
    product = start_product(worker=False)
    await (await new_clinic(product)).channel()
    done = orasync(product.database, "rotate-keys", ENCRYPTION_KEYS=OTHER_KEY)
    assert done.returncode == 1
    assert "ENCRYPTION_KEYS no longer names" in done.stderr


# -- a restored database


@pytest.mark.soak  # test_recovery has the short one; this one waits until it is a person's turn
async def test_a_restored_copy_begins_a_new_epoch_and_sends_nothing_twice(databases, new_clinic, twilio):
    """The backup holds two messages as waiting; one has left since, the other had not (R13, R6)."""
    product = Product(databases.make(), worker=False, **at_twilio(twilio))
    assert orasync(product.database, "migrate").returncode == 0
    product.start()
    clinic = await new_clinic(product)
    channel = await live_channel(clinic)
    await channel.text("+12025550111", "Hello?", sid="SM-first")
    left, waits = f"left {uuid4().hex}", f"waits {uuid4().hex}"
    assert (await post_reply(clinic, await thread_of(clinic), left, uuid4())).status_code == 201
    assert (await post_reply(clinic, await thread_of(clinic), waits, uuid4())).status_code == 201
    before = (await clinic.owner.get(clinic.at("sync"))).json()
    copy = restore_point(databases, product.database)
    product.sql("update message set status = 'cancelled' where body = %s", waits)
    worker = run_worker(product)
    await until_status(product, left, "delivered")
    worker.stop()
    product.stop()

    after = Product(copy, worker=False, **at_twilio(twilio))
    noticed = orasync(copy, "migrate")
    assert "was restored or moved" in noticed.stdout
    assert "2 waiting messages" in noticed.stdout
    assert "was restored" not in orasync(copy, "migrate").stdout
    after.start()
    clinic.product = after
    clinic.owner.http.base_url = after.url
    clinic.owner.http.headers["origin"] = clinic.owner.url = after.url
    now = (await clinic.owner.get(clinic.at("sync"))).json()
    assert now["epoch"] != before["epoch"]
    socket = await clinic.socket(after=before["seq"], epoch=before["epoch"])
    assert socket.hello["resumed"] is False
    worker = run_worker(after)
    await until_status(after, left, "sent", "delivered")  # its provider knows it
    await until_status(after, waits, "needs_review")  # nobody knows: a person decides
    assert [line["body"] for line in twilio.accepted()] == [left]
    worker.stop()
    after.stop()
    copy.drop()
    product.database.drop()


def restore_point(databases, database):
    """A copy of a database as it is now, under another name: what a restored dump looks like."""
    name = f"{database.name}_copy"
    with psycopg.connect(databases.server.dsn(), autocommit=True) as connection:
        connection.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database.name}'")
        connection.execute(f"create database {name} template {database.name} strategy file_copy")
    folder = databases.folder / name
    folder.mkdir()
    return Database(databases.server, name, folder)


def run_worker(product):
    worker = make_worker(product)
    worker.start()
    return worker
