"""The demo clinic and its traffic, as `orasync up` makes them."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import pytest

from app.ai.service.finding import find_facts
from app.clinics.service import get_clinic
from app.config import ROOT
from app.kit import database as kit_database
from app.simulator.seed import SLUG, seed_demo
from tests.support.callers import Browser
from tests.support.product import Product


def orasync(environment, *arguments, timeout=90):
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


async def test_the_demo_clinic_is_made_once_with_a_log_that_adds_up(records):
    assert await seed_demo("smile-12345678")
    counts = records.sql(
        "select (select count(*) from event), (select count(*) from message), (select count(*) from contact)"
    )
    assert counts[0][2] >= 40
    assert not await seed_demo("smile-12345678")
    assert (
        records.sql(
            "select (select count(*) from event), (select count(*) from message), (select count(*) from contact)"
        )
        == counts
    )
    chain = bytes(32)
    for expected, (seq, body, digest, total) in enumerate(
        records.sql("select seq, body, digest, sum from event order by seq"), 1
    ):
        assert seq == expected
        assert digest == sha256(body.encode()).digest()
        chain = sha256(chain + digest).digest()
        assert total == chain
    assert records.sql("select seq, sum from clinic_log") == [(counts[0][0], chain)]


async def test_the_demo_shows_every_state(records):
    await seed_demo("smile-12345678")
    states = dict(records.sql("select state, count(*) from thread group by state"))
    assert states.keys() == {"open", "closed", "snoozed"}
    assert records.sql("select count(*) from thread where is_escalated") == [(2,)]
    assert records.sql("select count(distinct assignee_id) from thread")[0][0] == 4
    assert {kind for (kind,) in records.sql("select kind from channel")} == {"sms", "whatsapp", "email", "webchat"}
    wrong = records.sql(
        "select t.contact_name from thread t "
        "where t.last_seq <> (select max(seq) from message m where m.thread_id = t.id) "
        "or t.last_message->>'id' <> "
        "(select id::text from message m where m.thread_id = t.id order by seq desc limit 1)"
    )
    assert wrong == []
    assert records.sql("select count(*) from message where seq is null") == [(0,)]
    assert records.sql("select distinct mode from ai_rule") == [("suggest",)], (
        "it suggests, and sends nothing by itself"
    )
    # What its patients ask is answered with what the clinic told the assistant, or not at all.
    clinic = await get_clinic(await kit_database.fetchval("select find_clinic($1)", SLUG))
    for question, titles in (
        ("How much is whitening?", ["Whitening"]),
        ("Do you take Delta Dental?", ["Which insurances do you take?"]),
        ("Do you take Humana?", []),
        ("Root canal ka kitna lagega?", []),
        ("I'm outside, is there parking in the back?", ["Parking"]),
        ("Are you open Saturday?", ["Saturdays"]),
    ):
        assert [one.title for one in await find_facts(clinic, question, "en")] == titles, question
    (spanish,) = await find_facts(clinic, "Buenas tardes, ¿cuánto cuesta una limpieza sin seguro?", "es")
    assert spanish.body.startswith("Cuesta 95 dólares"), "in the patient's own language, and once"


@pytest.fixture(scope="module")
def demo(databases):
    running = Product(databases.make())
    made = orasync(running.environment, "demo")
    assert made.returncode == 0, made.stderr
    running.start()
    running.said = made.stdout
    yield running
    running.stop()


async def test_the_printed_sign_in_works_and_stays_the_same(demo):
    again = orasync(demo.environment, "demo")
    assert again.stdout == demo.said
    password = demo.said.splitlines()[0].rpartition(" ")[2]
    for email in ("demo@brightsmile.example", "ana@brightsmile.example"):
        browser = Browser(demo.url)
        answer = await browser.post("/api/auth/sign-in", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        await browser.close()


def inbound(product):
    return product.sql("select count(*), count(distinct provider_id) from message where direction = 'in'")[0]


@pytest.mark.parametrize("weather", [pytest.param("0", marks=pytest.mark.soak), "10"])
def test_traffic_arrives_exactly_once_in_any_weather(demo, weather):
    """Row N10: the same promise at dial 0 and dial 10."""
    before = inbound(demo)[0]
    run = orasync(
        demo.environment,
        "simulate",
        "--clinic",
        SLUG,
        "--rate",
        "20",
        "--seconds",
        "3",
        "--weather",
        weather,
        "--seed",
        "7",
    )
    assert run.returncode == 0, run.stderr
    lines = [line.rsplit(None, 1) for line in run.stdout.splitlines() if line.strip()]
    numbers = {name.strip(): int(value) for name, value in lines}
    assert numbers["written"] == numbers["delivered"] > 20
    assert numbers["refused"] == numbers["given up"] == 0
    assert (numbers["delivered twice"] > 0) == (weather == "10")
    after = inbound(demo)
    assert after[0] == after[1]
    assert after[0] - before == numbers["written"]


def test_nobody_plays_with_a_clinic_that_has_no_practice_number(demo):
    run = orasync(demo.environment, "simulate", "--clinic", "nobody-here", "--seconds", "1")
    assert run.returncode != 0
    assert "no clinic" in run.stderr
    assert "Traceback" not in run.stderr


async def test_the_demo_clinics_site_carries_the_chat(demo):
    browser = Browser(demo.url)
    page = await browser.get("/widget-demo")
    assert page.status_code == 200
    assert f'<script src="/widget.js" data-clinic="{SLUG}" async></script>' in page.text
    assert "Chat with Bright Smile Dental" in (await browser.get(f"/widget/{SLUG}")).text
    await browser.close()
