"""A Chromium for the whole session, and screens in it that must stay without complaint."""

from __future__ import annotations

import contextlib
import shutil

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from app.config import ROOT
from tests.browser.screen import ARGUMENTS, Patients, Screen
from tests.support.callers import Browser as Caller
from tests.support.clinic import Clinic
from tests.support.product import Product

FAILED = pytest.StashKey[bool]()
PICTURES = ROOT / "reports" / "browser"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Remember that a test failed, for whoever tidies up after it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


async def keep_evidence(name: str, screens: list[Screen]) -> None:
    """Keep what the screens of a failed test showed and heard."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number, screen in enumerate(screens):
        with contextlib.suppress(Exception):
            await screen.page.screenshot(path=PICTURES / f"failed-{name}-{number}.png")
        print(f"--- screen {number}: {screen.page.url}", *screen.history[-60:], *screen.trouble, sep="\n")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium():
    """One browser for all tests; each opens contexts of its own."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("Chromium is not installed: `sudo apt-get install chromium`, or run `make test` as root")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_clinic(product):
    """As everywhere, on the loop that the browser lives on."""
    made: list[Clinic] = []

    async def make(where: Product | None = None, name: str = "Bright Smiles") -> Clinic:
        clinic = Clinic(where or product)
        made.append(clinic)
        return await clinic.open(name)

    yield make
    for clinic in made:
        await clinic.close()


@pytest_asyncio.fixture(loop_scope="session")
async def clinic(new_clinic):
    """A clinic of one's own in the shared product, without undo time: what is sent goes at once."""
    made = await new_clinic()
    await made.owner.patch(made.at("clinic"), json={"undo_seconds": 0})
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def patients(clinic):
    """People who write to the clinic."""
    return Patients(clinic, await clinic.channel())


@pytest_asyncio.fixture(loop_scope="session")
async def sit_down(chromium, request):
    """Screens for people: await the fixture's value with a caller. What a browser complained about fails the test."""
    opened: list[Screen] = []

    async def open_screen(caller: Caller | None = None, *, origin: str | None = None, **options) -> Screen:
        where = origin or (caller.url if caller else request.getfixturevalue("product").url)
        screen = await Screen.open(chromium, where, caller=caller, **options)
        opened.append(screen)
        return screen

    yield open_screen
    if request.node.stash.get(FAILED, False):
        await keep_evidence(request.node.name, opened)
        print(
            *(
                line
                for line in request.getfixturevalue("product").log().splitlines()[-400:]
                if '"level":"info"' not in line and '"level": "info"' not in line
            ),
            sep="\n",
        )
    complaints = [complaint for screen in opened for complaint in screen.complaints]
    for screen in opened:
        await screen.close()
    assert not complaints, "\n".join(complaints)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(clinic, patients, sit_down):
    """The owner's screen with one conversation in its list, live."""
    await patients.write("Maria Lopez", "Is Thursday at 10:30 still open?")
    screen = await sit_down(clinic.owner)
    return await screen.inbox()
