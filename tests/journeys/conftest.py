"""Fixtures of the journeys: the stand-in for Twilio, a PostgreSQL that may be killed, a Redis that may be killed."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from app.kit.embedded_postgres import EmbeddedPostgres
from tests.journeys.breaking import Redis
from tests.journeys.crowd import Crowd
from tests.journeys.support import a_desk, at_twilio
from tests.support.postgres import Databases
from tests.support.product import Product
from tests.support.twilio_server import RunningTwilio


@pytest.fixture
def twilio(tmp_path):
    """A Twilio of one's own; its journal is the judge."""
    server = RunningTwilio(tmp_path / "journal.jsonl")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def durable_databases():
    """A PostgreSQL with fsync on: what is committed there outlives ``kill -9``."""
    made = Databases()
    binaries = os.environ.get("TEST_DATABASE_BIN")
    made.server = EmbeddedPostgres(
        made.folder / "durable",
        database="postgres",
        bin_dir=Path(binaries) if binaries else None,
        options={"max_connections": "400"},
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture
def start_durable(durable_databases):
    """Like ``start_product``, on the server that may be killed."""
    started: list[Product] = []

    def start(**options):
        running = Product(durable_databases.make(), **options)
        started.append(running)
        running.start()
        return running

    yield start
    durable_databases.server.start()
    for running in started:
        running.stop()
        running.database.drop()


@pytest.fixture
def redis(tmp_path):
    """A Redis of one's own that keeps nothing."""
    server = Redis(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def redis_of_the_module(tmp_path_factory):
    """A Redis for all tests of a file."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def crowd_of(twilio, new_clinic):
    """Start a crowd at a product, say with ``clinics=2, patients=3, tabs=5``."""

    async def start(product, *, seed=None, **numbers):
        seed = random.randrange(2**32) if seed is None else seed
        print(f"seed {seed}")
        crowd = Crowd(product, twilio, seed)
        await crowd.come(new_clinic, **numbers)
        return crowd

    return start


@pytest.fixture
def with_twilio(twilio):
    """Settings of a product whose Twilio is the stand-in and whose times are scaled down."""
    return at_twilio(twilio)


@pytest.fixture
async def desk(wired, new_clinic):
    """A clinic with a number of its own in a wired product; the lines are whole before and after."""
    clinic, channel = await a_desk(wired.product, new_clinic, wired.address)
    yield clinic, channel
    wired.mend()
    wired.twilio.set_mood("ok")
