"""What every test may ask for: a real database, the running product, a clinic in it."""

from __future__ import annotations

import os

import pytest

from app.config import Settings, reset_settings, settings
from app.kit import database as kit_database
from app.kit.crypto import use_password_memory
from tests.support.clinic import Clinic
from tests.support.postgres import Databases
from tests.support.product import Product


@pytest.fixture(scope="session")
def databases():
    """The PostgreSQL server of this session."""
    server = Databases()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database(databases):
    """A fresh, migrated database."""
    made = databases.make()
    yield made
    made.drop()


@pytest.fixture
async def records(database, monkeypatch):
    """A fresh database, opened in this very process: for tests that call use cases."""
    for name in list(os.environ):
        if name not in database.environment:
            monkeypatch.delenv(name)
    for name, value in database.environment.items():
        monkeypatch.setenv(name, value)
    reset_settings()
    use_password_memory(settings().password_memory)
    await kit_database.start(database.app_dsn, name="test")
    yield database
    await kit_database.stop()
    use_password_memory(Settings().password_memory)
    reset_settings()


@pytest.fixture(scope="session")
def product(databases):
    """Web and worker on one database, shared: every test makes a clinic of its own. Rate limits are lifted."""
    running = Product(databases.make())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def start_product(databases):
    """Start a product of one's own: ``start_product(web=2, worker=False, RATE_LIMITS="true")``."""
    started: list[Product] = []

    def start(**options):
        running = Product(databases.make(), **options)
        started.append(running)
        running.start()
        return running

    yield start
    for running in started:
        running.stop()
        running.database.drop()


@pytest.fixture
async def new_clinic(request):
    """A maker of clinics: in the shared product, or in the one it is given."""
    made: list[Clinic] = []

    async def make(where: Product | None = None, name: str = "Bright Smiles") -> Clinic:
        clinic = Clinic(where or request.getfixturevalue("product"))
        made.append(clinic)
        return await clinic.open(name)

    yield make
    for clinic in made:
        await clinic.close()


@pytest.fixture
async def clinic(new_clinic):
    """A clinic of one's own in the shared product."""
    return await new_clinic()
