"""Through the doors: signing up, signing in, being invited, signing out, the locked screen."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.support.callers import PASSWORD

pytestmark = IN_CHROMIUM


async def test_from_sign_up_into_the_inbox(sit_down):
    screen = await sit_down()
    await screen.page.goto("/sign-up")
    await screen.page.get_by_label("Clinic").fill("Harbour Dental")
    await screen.page.get_by_label("Your name").fill("Nora Østergård")
    await screen.page.get_by_label("Email").fill(f"nora-{uuid4().hex[:8]}@clinic.test")
    await screen.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await screen.page.locator("form button[type=submit], form button.btn-primary").first.click()
    await expect(screen.page).to_have_url(re.compile("/inbox"))
    await screen.is_live()
    await expect(screen.page.locator("#list")).to_contain_text("No number connected yet")
    await expect(screen.page.locator("body")).to_have_attribute("data-clinic-name", "Harbour Dental")


async def test_sign_in_says_no_and_then_lets_in(clinic, sit_down):
    screen = await sit_down()
    screen.allow("status of 4(01|22)")
    await screen.page.goto("/settings/account")
    await expect(screen.page).to_have_url(re.compile("/sign-in"))
    for password in ("not my password", PASSWORD):
        await screen.page.get_by_label("Email").fill(clinic.owner.email)
        await screen.page.get_by_label("Password", exact=True).fill(password)
        await screen.page.get_by_role("button", name="Sign in", exact=True).click()
        if password != PASSWORD:
            await expect(screen.page.get_by_role("alert").first).to_be_visible()
            await expect(screen.page.get_by_label("Email")).to_have_value(clinic.owner.email)
    # Where one wanted to go.
    await expect(screen.page).to_have_url(re.compile("/settings/account$"))
    await screen.page.goto("/inbox")
    await screen.is_live()


async def test_an_invited_colleague_joins(clinic, sit_down):
    invited = await clinic.owner.post(
        clinic.at("team/invitations"), json={"email": f"sam-{uuid4().hex[:8]}@clinic.test", "role": "front_desk"}
    )
    screen = await sit_down()
    await screen.page.goto(invited.json()["link"])
    await expect(screen.page.locator("main")).to_contain_text("Bright Smiles")
    await screen.page.get_by_label("Your name").fill("Sam Reed")
    await screen.page.get_by_label("Choose a password").fill(PASSWORD)
    await screen.page.locator("main form button.btn-primary").click()
    await expect(screen.page).to_have_url(re.compile("/inbox"))
    await screen.is_live()
    await expect(screen.page.locator(".rail")).to_contain_text("Sam Reed")


async def test_signing_out_leaves_nothing_on_the_screen(desk):
    await desk.page.locator("#me-menu summary").click()
    await desk.page.get_by_role("button", name="Sign out").click()
    await expect(desk.page).to_have_url(re.compile("/sign-in"))
    await desk.page.goto("/inbox")
    await expect(desk.page).to_have_url(re.compile("/sign-in"))
    await expect(desk.page.locator("body")).not_to_contain_text("Maria Lopez")


async def test_a_session_that_was_ended_elsewhere_leaves_the_page(desk, clinic):
    desk.allow("status of 401|WebSocket connection to")
    other = clinic.browser(email=clinic.owner.email)
    assert (await other.sign_in()).status_code == 200
    assert (await other.delete("/api/auth/sessions")).status_code < 300
    await expect(desk.page).to_have_url(re.compile("/sign-in"), timeout=30_000)


async def test_the_lock_covers_the_screen_and_keeps_what_was_typed(desk, patients):
    desk.allow("status of 403")
    await desk.choose("Maria Lopez")
    await desk.field.fill("Half a sentence")
    await desk.page.locator("#me-menu summary").click()
    await desk.page.get_by_role("button", name="Lock the screen").click()
    await patients.write("Maria Lopez", "While you were away")
    await desk.page.locator("#unlock-password").fill("wrong password")
    await desk.page.get_by_role("button", name="Unlock").click()
    await expect(desk.page.locator("#unlock-error")).to_be_visible()
    await desk.page.locator("#unlock-password").fill(PASSWORD)
    await desk.page.get_by_role("button", name="Unlock").click()
    await expect(desk.page.locator("#lock")).to_be_hidden()
    await expect(desk.field).to_have_value("Half a sentence")
    await expect(desk.message("While you were away")).to_have_count(1)
