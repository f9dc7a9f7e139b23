"""Limits hold over all processes, and keep nobody out but who tries too often (reliability section 4)."""

import asyncio

import pytest

from app.auth.limits import CALL_BURST, SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS
from tests.support.callers import PASSWORD, Caller, Program
from tests.support.product import Product

WRONG = "the wrong password"


@pytest.fixture(scope="module")
def limited(databases):
    """Two web processes that do limit, on one database."""
    running = Product(databases.make(), web=2, worker=False, RATE_LIMITS="true")
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def callers(limited):
    """One caller for each of the two processes, with fresh buckets."""
    limited.sql("truncate rate_bucket")
    made = [Caller(web.url) for web in limited.web]
    yield made
    for caller in made:
        await caller.close()


async def attempt(caller, email, password=WRONG):
    return await caller.post("/api/auth/sign-in", json={"email": email, "password": password})


async def test_five_wrong_passwords_over_two_processes_and_no_sixth(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    answers = [await attempt(callers[n % 2], clinic.owner.email) for n in range(SIGN_IN_PER_ACCOUNT)]
    assert [one.status_code for one in answers] == [401] * SIGN_IN_PER_ACCOUNT
    refused = await attempt(callers[1], clinic.owner.email)
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many"
    assert 100 < int(refused.headers["retry-after"]) <= 180
    assert (await attempt(callers[0], clinic.owner.email, PASSWORD)).status_code == 429  # the right one comes too late
    colleague = await clinic.member()
    assert (await attempt(callers[0], colleague.email, PASSWORD)).status_code == 200  # others are not kept out


async def test_only_wrong_passwords_count(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    for n in range(SIGN_IN_PER_ACCOUNT * 2):
        assert (await attempt(callers[n % 2], clinic.owner.email, PASSWORD)).status_code == 200


async def test_twenty_tries_from_one_address(limited, callers):
    answers = await asyncio.gather(
        *(attempt(callers[n % 2], f"nobody-{n}@clinic.test") for n in range(SIGN_IN_PER_ADDRESS + 4))
    )
    codes = sorted(one.status_code for one in answers)
    assert codes == [401] * SIGN_IN_PER_ADDRESS + [429] * 4


async def test_a_caller_gets_a_burst_of_sixty_over_all_processes(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    made = await clinic.key("inbox:read")
    limited.sql("truncate rate_bucket")
    programs = [Program(web.url, made.key, key_id=made.key_id, client_code=made.client_code) for web in limited.web]
    began = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(programs[n % 2].get(clinic.at("threads/counts")) for n in range(CALL_BURST * 3)))
    took = asyncio.get_running_loop().time() - began
    granted = sum(one.status_code == 200 for one in answers)
    # The burst, what came in while it lasted (20 a second, in lots of ten), and nothing beyond.
    assert CALL_BURST <= granted <= CALL_BURST + 20 * took + 10
    refused = next(one for one in answers if one.status_code == 429)
    assert int(refused.headers["retry-after"]) >= 1
    assert (
        await clinic.owner.get(clinic.at("threads/counts"))
    ).status_code == 200  # another caller of the clinic goes on
    await asyncio.sleep(0.6)
    assert (await programs[0].get(clinic.at("threads/counts"))).status_code == 200
    for program in programs:
        await program.close()


async def test_the_screen_lock_counts_wrong_passwords_too(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    answers = [
        await clinic.owner.post("/api/auth/unlock", json={"password": WRONG}) for _ in range(SIGN_IN_PER_ACCOUNT + 1)
    ]
    assert [one.status_code for one in answers] == [403] * SIGN_IN_PER_ACCOUNT + [429]
