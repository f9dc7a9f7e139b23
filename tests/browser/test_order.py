"""Rows stand where the database puts them: page and event tell a browser the same of a row."""

from __future__ import annotations

import datetime as dt

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM

# The facts of every row from its attributes, and from the thread as the API, and so every event, shows it.
FACTS = """async () => {
  const [{factsOf, factsOfRow}, {get}] = await Promise.all(["order.js", "api.js"].map((name) => import(
    document.querySelector("script[type=module]").src.replace("app.js", name))));
  const {items} = await get("/threads?view=all");
  const pick = ({id, at, waiting, snoozed}) => ({id, at, waiting, snoozed});
  const drawn = [...document.querySelectorAll("#threads > li.row")].map((row) => pick(factsOfRow(row)));
  return [drawn, items.map((thread) => pick(factsOf(thread)))];
}"""


async def test_a_row_and_an_event_tell_the_same_instants(clinic, patients, sit_down):
    for name in ("Maria Lopez", "Tom Becker", "Nora Østergård"):
        await patients.write(name, "Hello")
    thread = await patients.thread("Tom Becker")
    until = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=3)
    answer = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/snooze"), json={"until": until.isoformat()})
    assert answer.status_code == 200, answer.text
    screen = await (await sit_down(clinic.owner)).inbox("?view=all")
    await expect(screen.page.locator("#threads > li.row")).to_have_count(3)
    drawn, told = await screen.page.evaluate(FACTS)
    assert drawn == told
    assert [row["snoozed"] for row in drawn if row["id"] == thread["id"]] == [int(until.timestamp()) * 1_000_000]


async def test_a_reload_shows_the_order_that_events_made(clinic, patients, sit_down):
    screen = await (await sit_down(clinic.owner)).inbox()
    names = screen.page.locator("#threads .row-name")
    for number in range(8):
        await patients.write(f"Patient {'ABCDEFGH'[number]}", "Hello")
    for number in (5, 2, 7):
        await patients.write(f"Patient {'ABCDEFGH'[number]}", "Are you there?")
    await expect(names.first).to_have_text("Patient H")
    await expect(names).to_have_count(8)
    live = await names.all_text_contents()
    await screen.inbox()
    assert await names.all_text_contents() == live
