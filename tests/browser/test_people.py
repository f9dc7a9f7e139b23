"""Several numbers, the same person twice, families and blocking: by mouse and keyboard, on a phone, without scripts."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import look

pytestmark = IN_CHROMIUM


def people(screen):
    return screen.page.locator("#people")


async def test_a_number_is_added_chosen_and_taken_off(desk):
    await desk.choose("Maria Lopez")
    section = people(desk)
    await section.get_by_text("Add a number or address").click()
    await section.get_by_label("Phone number or email").fill("(202) 555-0177")
    await desk.page.keyboard.press("Enter")
    row = section.locator("li", has_text="555-0177")
    await expect(row).to_be_visible()
    await row.get_by_text("Change", exact=True).click()
    await row.get_by_role("button", name="Use first").click()
    await expect(section.locator("li").first).to_contain_text("555-0177")
    await expect(section.locator("li").first).to_contain_text("Used first")
    await expect(desk.page.locator("#conversation header")).to_contain_text("555-0177")
    await section.locator("li").first.get_by_text("Change", exact=True).click()
    may_come = asyncio.Event()

    async def hold(route):
        answer = await route.fetch(max_redirects=0)
        await may_come.wait()
        await route.fulfill(response=answer)

    await desk.page.route("**/points/*", hold)
    await section.locator("li").first.get_by_role("button", name="Remove").click()
    await expect(section.locator("li", has_text="555-0177")).to_have_count(0)
    # The answer comes after the news of it: what was begun meanwhile stays.
    await section.get_by_text("Add a number or address").click()
    await section.get_by_label("Phone number or email").fill("call me")
    async with desk.page.expect_response("**/inbox/threads/*"):
        may_come.set()
    await desk.page.wait_for_timeout(200)
    desk.allow("422")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_text("This does not look like a phone number.")).to_be_visible()


async def test_the_same_person_is_joined_and_parted_again(desk, patients, sit_down, clinic):
    await patients.write("Maria L.", "This is my work phone")
    colleague = await sit_down(await clinic.member())
    colleague.allow("409")  # its draft may meet the conversation gone before the news of it
    await colleague.inbox()
    await colleague.choose("Maria L.")
    await colleague.field.press_sequentially("Dear Maria, about your ")
    await colleague.field.press_sequentially("visit")
    await desk.choose("Maria Lopez")
    section = people(desk)
    number = patients.number_of("Maria L.")
    await section.get_by_text("Add a number or address").click()
    await section.get_by_label("Phone number or email").fill(number)
    await desk.page.keyboard.press("Enter")
    candidate = section.locator("[data-candidate]")
    await expect(candidate).to_contain_text("Has this number or address already")
    await candidate.get_by_text("Yes, join them").click()
    await candidate.get_by_role("button", name="Join them").click()
    log = desk.page.locator("#messages")
    await expect(log).to_contain_text("This is my work phone")
    await expect(log).to_contain_text("Is Thursday at 10:30 still open?")
    await expect(desk.page.locator("#threads > li.row")).to_have_count(1)
    # Whoever had the other conversation open sees the one it is in now, with what they had typed.
    await expect(colleague.page.locator("#messages")).to_contain_text("Is Thursday at 10:30 still open?")
    await expect(colleague.field).to_have_value("Dear Maria, about your visit")
    await expect(colleague.page.locator("#threads > li.row")).to_have_count(1)
    await section.get_by_role("button", name="Part them again").click()
    await expect(desk.page.locator("#threads > li.row")).to_have_count(2)
    await expect(log).not_to_contain_text("This is my work phone")


async def test_a_family_says_who_is_writing(desk):
    await desk.choose("Maria Lopez")
    section = people(desk)
    for name in ("Mia Lopez", "Leo Lopez"):
        await section.get_by_text("Somebody shares it").click()
        await section.get_by_label("Their name").fill(name)
        await desk.page.keyboard.press("Enter")
        await expect(section.get_by_role("listitem").filter(has_text=name)).to_be_visible()
    strip = desk.page.locator("#who-is-this")
    await expect(strip).to_contain_text("Several people share this number. Who is this?")
    await strip.get_by_role("button", name="Mia").click()
    await expect(strip).to_contain_text("Mia Lopez is writing")
    await expect(strip.get_by_role("button", name="Mia")).to_have_attribute("aria-pressed", "true")
    await section.get_by_role("button", name="Mia Lopez does not share it any more").click()
    await expect(strip).to_contain_text("Who is this?")


async def test_a_blocked_person_leaves_the_work_and_makes_no_noise(desk, patients):
    await patients.write("Ben Ode", "Cheap crowns!!!")
    await desk.choose("Ben Ode")
    section = people(desk)
    await section.get_by_text("Block Ben").click()
    await section.get_by_role("button", name="Block", exact=True).click()
    await expect(desk.page.locator("#blocked")).to_contain_text("Your clinic has blocked Ben.")
    await expect(desk.page.locator("#threads > li.row")).to_have_count(1)
    await expect(desk.page).to_have_title(re.compile(r"^\(1\)"))
    await patients.write("Ben Ode", "My gum won't stop bleeding")
    await expect(desk.page.locator("#messages")).to_contain_text("My gum won't stop bleeding")
    await expect(desk.page.locator("#escalated")).to_have_count(0)
    await expect(desk.page).to_have_title(re.compile(r"^\(1\)"))
    await desk.page.locator("#views a[data-view=all]").click()
    await expect(desk.page.locator("#threads > li.row", has_text="Ben Ode")).to_contain_text("Blocked")
    await desk.page.locator("#blocked").get_by_role("button", name="Unblock").click()
    await expect(desk.page.locator("#blocked")).to_have_count(0)
    await expect(desk.page).to_have_title(re.compile(r"^\(2\)"))


async def test_it_fits_and_is_accessible(desk, patients, clinic):
    await patients.write("Maria L.", "This is my work phone")
    rows = (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"]
    maria, other = (next(row for row in rows if row["contact"]["name"] == name) for name in ("Maria Lopez", "Maria L."))
    await clinic.owner.post(clinic.at(f"contacts/{maria['contact']['id']}/sharers"), json={"name": "Mia Lopez"})
    await clinic.owner.patch(clinic.at(f"contacts/{other['contact']['id']}"), json={"name": "Maria Lopez"})
    await desk.inbox(f"?view=all&thread={maria['id']}")
    section = people(desk)
    await expect(section.locator("[data-candidate]")).to_contain_text("Has the same name")
    for fold in await section.locator("details > summary").all():
        await fold.click()
    assert await look(desk, "people") == []
    await desk.inbox(f"?view=all&thread={maria['id']}&pane=details")
    await section.get_by_text("Block Maria").click()
    assert await look(desk, "people-pane", pictures=True) == []


async def test_without_scripts_it_is_plain_forms(desk, clinic, sit_down):
    thread = (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"][0]
    screen = await sit_down(clinic.owner, java_script_enabled=False)
    await screen.page.goto(f"/inbox?view=all&thread={thread['id']}")
    section = people(screen)
    await section.get_by_text("Add a number or address").click()
    await section.get_by_label("Phone number or email").fill("maria@example.org")
    await section.get_by_role("button", name="Add", exact=True).first.click()
    await expect(section.locator("li", has_text="maria@example.org")).to_be_visible()
    await section.get_by_text("Block Maria").click()
    await section.get_by_role("button", name="Block", exact=True).click()
    await screen.page.locator("#blocked").get_by_role("button", name="Unblock").click()
    await expect(screen.page.locator("#blocked")).to_have_count(0)


async def test_the_palette_leads_to_it(desk):
    await desk.choose("Maria Lopez")
    await desk.page.keyboard.press("Control+k")
    await desk.page.locator("#palette-q").fill("block this")
    await expect(desk.page.locator("#palette-list [aria-selected=true]")).to_contain_text("Block this person")
    await desk.page.keyboard.press("Enter")
    await expect(people(desk).get_by_label("Advertising")).to_be_focused()
    await desk.page.keyboard.press("ArrowRight")
    await desk.page.keyboard.press("Tab")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("#blocked")).to_be_visible()
