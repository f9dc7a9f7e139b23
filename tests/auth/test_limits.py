"""Limits hold over all processes, and keep nobody out but who tries too often (reliability section 4)."""

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import count

import httpx
import pytest

from app.auth.limits import (
    CALL_BURST,
    LONGEST_DELAY,
    SIGN_IN_PER_ACCOUNT,
    SIGN_IN_PER_ADDRESS,
    _network,
    delay_after,
)
from app.auth.service.signing_in import WRONG_TAKES
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


# Strangers: they come from many addresses and keep no cookies.

SLACK = 1.5  # what a busy machine may add to a time
_addresses = (f"127.0.{n // 250 + 1}.{n % 250 + 1}" for n in count())


@asynccontextmanager
async def somebody(product, address=None):
    """A browser at an address of its own, without a cookie."""
    caller = Caller(product.url)
    await caller.http.aclose()
    caller.http = httpx.AsyncClient(
        base_url=product.url,
        timeout=30,
        trust_env=False,
        transport=httpx.AsyncHTTPTransport(local_address=address or next(_addresses)),
    )
    try:
        yield caller
    finally:
        await caller.close()


async def timed(caller, email, password=WRONG):
    began = time.monotonic()
    answer = await attempt(caller, email, password)
    return answer.status_code, time.monotonic() - began


async def hammer(product, email, strangers):
    """Wrong passwords from so many addresses, as many as each may try."""

    async def one():
        async with somebody(product) as stranger:
            for _ in range(SIGN_IN_PER_ACCOUNT + 1):
                await attempt(stranger, email)

    await asyncio.gather(*(one() for _ in range(strangers)))


async def test_wrong_passwords_wait_longer_and_longer_wherever_they_come_from(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    delays = (0, 0, 0, 0.25, 0.5, 1, 2, 2)
    for n, delay in enumerate(delays):
        async with somebody(limited.web[n % 2]) as stranger, somebody(limited.web[n % 2]) as another:
            # Nobody learns which of them has an account.
            answers = await asyncio.gather(timed(stranger, clinic.owner.email), timed(another, "nobody@clinic.test"))
        for status, took in answers:
            assert status == 401
            assert WRONG_TAKES + delay - 0.02 <= took < WRONG_TAKES + delay + SLACK, n


@pytest.mark.soak  # it waits out real delays
async def test_tries_at_the_same_moment_see_each_other(limited, callers):
    began = time.monotonic()
    await hammer(limited.web[0], "nobody@clinic.test", strangers=4)
    assert time.monotonic() - began > SIGN_IN_PER_ACCOUNT * LONGEST_DELAY - 4


async def test_strangers_lock_nobody_out(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    async with somebody(limited) as own:
        assert (await timed(own, clinic.owner.email, PASSWORD))[0] == 200
        hammering = asyncio.create_task(hammer(limited.web[1], clinic.owner.email, strangers=8))
        try:
            await asyncio.sleep(1)
            # In her own browser she notices nothing; in a new one she waits as long as everybody else.
            status, took = await timed(own, clinic.owner.email, PASSWORD)
            assert status == 200
            assert took < LONGEST_DELAY
            async with somebody(limited) as new:
                status, took = await timed(new, clinic.owner.email, PASSWORD)
            assert status == 200
            assert LONGEST_DELAY <= took < LONGEST_DELAY + 2 * SLACK
        finally:
            await hammering
        assert (await timed(own, clinic.owner.email, PASSWORD))[1] < SLACK


@pytest.mark.soak  # it waits out real delays
async def test_a_stranger_at_her_own_address_does_not_lock_her_out(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    address = next(_addresses)
    async with somebody(limited, address) as own, somebody(limited, address) as stranger:
        assert (await attempt(own, clinic.owner.email, PASSWORD)).status_code == 200
        for n in range(SIGN_IN_PER_ADDRESS + 1):
            await attempt(stranger, clinic.owner.email if n < 6 else f"nobody-{n}@clinic.test")
        assert (await attempt(stranger, clinic.owner.email)).status_code == 429
        own.http.cookies.delete("orasync_session")
        status, took = await timed(own, clinic.owner.email, PASSWORD)
        assert (status, took < SLACK) == (200, True)


async def test_ones_own_browser_may_be_wrong_five_times_too(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    async with somebody(limited) as own:
        await attempt(own, clinic.owner.email, PASSWORD)
        codes = [(await attempt(own, clinic.owner.email)).status_code for _ in range(SIGN_IN_PER_ACCOUNT + 1)]
        assert codes == [401] * SIGN_IN_PER_ACCOUNT + [429]
    async with somebody(limited) as other:
        assert (await timed(other, clinic.owner.email, PASSWORD))[1] < SLACK


@pytest.mark.soak  # it waits out real delays
async def test_a_browser_is_known_to_the_accounts_that_were_opened_there_and_to_no_other(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    colleague = await clinic.member()
    async with somebody(limited) as theirs:
        answer = await attempt(theirs, colleague.email, PASSWORD)
        line = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("orasync_browser="))
        assert "httponly" in line.lower()
        assert "samesite=lax" in line.lower()
        browser, code = theirs.http.cookies["orasync_browser"].split(".")
        await hammer(limited, clinic.owner.email, strangers=2)
        for forged in (f"{browser}.{code}", f"{browser}.{'0' * 32}", "x" * 5000):
            theirs.http.cookies.clear()
            theirs.http.cookies.set("orasync_browser", forged)
            status, took = await timed(theirs, clinic.owner.email)
            assert (status, took >= LONGEST_DELAY) == (401, True)


@pytest.mark.soak  # it waits out real delays
async def test_one_browser_knows_all_who_work_at_it(limited, callers, new_clinic):
    clinic = await new_clinic(limited)
    colleague = await clinic.member()
    async with somebody(limited) as shared:
        for who in (clinic.owner, colleague):
            assert (await attempt(shared, who.email, PASSWORD)).status_code == 200
        await hammer(limited, clinic.owner.email, strangers=2)
        status, took = await timed(shared, clinic.owner.email, PASSWORD)
        assert (status, took < SLACK) == (200, True)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_who_has_one_address_of_version_6_has_its_whole_network(address, network):
    assert _network(address) == network


def test_the_delay_doubles_and_ends():
    assert [delay_after(n) for n in (0, 2, 2.4, 3, 3.4, 4, 5, 6, 20)] == [0, 0, 0, 0.25, 0.25, 0.5, 1, 2, 2]
