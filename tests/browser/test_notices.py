"""What a screen in the background says: one notice and one sound where they are wanted, none where they are not."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.journeys.support import until

pytestmark = IN_CHROMIUM

# Stands for the desktop and the loudspeaker, and lets a test say that the tab is hidden.
STUBS = """(() => {
  window.notices = [];
  window.tones = 0;
  window.Notification = class {
    static permission = "granted";
    constructor(title, options) { window.notices.push([title, options.silent]); }
    close() {}
  };
  const gain = {setValueAtTime() {}, exponentialRampToValueAtTime() {}};
  const node = () => ({connect() {}, start() {}, stop() {}, frequency: {}, gain});
  window.AudioContext = class {
    currentTime = 0;
    resume() {}
    createGain() { window.tones += 1; return node(); }
    createOscillator() { return node(); }
  };
  window.hide = (on) => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => on});
    document.dispatchEvent(new Event("visibilitychange"));
  };
})();"""


@pytest.fixture
def listen(clinic, patients, sit_down):
    """A screen in the background, with notices and sound as they are set."""

    async def start(*, notices: bool, sounds: bool):
        await clinic.owner.put("/api/auth/preferences", json={"theme": "system", "shortcuts": True, "sounds": sounds})
        await patients.write("Maria Lopez", "Hello")
        screen = await sit_down(clinic.owner)
        await screen.context.grant_permissions(["notifications"])
        await screen.context.add_init_script(STUBS)
        await screen.context.add_init_script(f"localStorage.setItem('orasync.notices', '{'on' if notices else 'off'}')")
        await screen.inbox()
        # A browser allows sound only after a key or a click.
        await screen.page.locator("#list-pane").click(position={"x": 5, "y": 5})
        await screen.leave_list()
        await screen.page.evaluate("hide(true)")
        return screen

    return start


async def told(screen, *, something: bool = False):
    # Asked from here: the page's policy lets nothing be evaluated again and again in it.
    while something and not await screen.page.evaluate("window.notices.length"):
        await screen.page.wait_for_timeout(50)
    return await screen.page.evaluate("[window.notices, window.tones]")


async def test_a_new_message_is_one_notice_and_no_sound(listen, patients):
    screen = await listen(notices=True, sounds=True)
    await patients.write("Tom Becker", "Can I come on Friday?")
    await expect(screen.row("Tom Becker")).to_have_count(1)
    assert await told(screen, something=True) == [[["New message from Tom", True]], 0]


async def test_a_patient_in_need_is_one_notice_and_one_sound(clinic, listen, patients):
    screen = await listen(notices=True, sounds=True)
    await patients.write("Tom Becker", "My face is swollen and I cannot breathe")
    await expect(screen.row("Tom Becker").locator(".chip-danger")).to_have_count(1)
    notices, tones = await told(screen, something=True)
    assert tones == 1
    assert len(notices) == 1
    assert notices[0][0] == "Tom needs help"
    # The tab says it too, until somebody looks at it.
    await expect(screen.page).to_have_title("Tom needs help · (2) Inbox · Bright Smiles")
    await screen.page.evaluate("hide(false)")
    await expect(screen.page).to_have_title("(2) Inbox · Bright Smiles")
    # It reaches those who look at another page of ours.
    await screen.page.goto("/settings/account")
    await expect(screen.page.locator("[data-live=status]").first).to_have_text("Live")
    await patients.write("Maria Lopez", "My face is swollen too and it hurts terribly")
    await expect(screen.toast).to_contain_text("Maria needs help")
    await patients.write("Tom Becker", "It is my jaw too, and I have a fever")
    await expect(screen.toast).to_have_text(re.compile("^2 patients need help"))
    await screen.toast.get_by_role("button", name="Close").click()
    # Nobody helps, and whoever is asked by name hears of it there as well.
    watched = "select count(distinct payload->>'thread_id') from job where clinic_id = %s and type = 'alert_overdue'"
    await until(lambda: clinic.product.sql(watched, clinic.id) == [(2,)])
    clinic.product.sql(
        "update thread set escalated_at = escalated_at - interval '1 hour' where clinic_id = %s", clinic.id
    )
    clinic.product.sql("update job set run_at = now() where clinic_id = %s and type = 'alert_overdue'", clinic.id)
    await patients.write("Ann Oak", "Hello")  # wakes whoever looks for what is due
    await expect(screen.toast.filter(has_text="Nobody has helped Maria yet")).to_have_count(1)
    await screen.toast.filter(has_text="Maria").get_by_role("button", name="Open").click()
    await expect(screen.page.locator("#conversation-name")).to_have_text("Maria Lopez")


async def test_nothing_where_nothing_is_wanted(listen, patients):
    screen = await listen(notices=False, sounds=False)
    await patients.write("Tom Becker", "My face is swollen and I cannot breathe")
    await expect(screen.row("Tom Becker").locator(".chip-danger")).to_have_count(1)
    assert await told(screen) == [[], 0]


async def test_no_notice_of_a_message_while_the_page_is_looked_at(listen, patients):
    screen = await listen(notices=True, sounds=True)
    await screen.page.evaluate("hide(false)")
    await patients.write("Tom Becker", "Can I come on Friday?")
    await expect(screen.row("Tom Becker")).to_have_count(1)
    assert await told(screen) == [[], 0]


async def test_only_the_author_hears_that_a_message_did_not_arrive(clinic, sit_down):
    await clinic.channel()
    made = await clinic.owner.post(clinic.at("contacts"), json={"name": "Dora Novak", "phone": "+15005550003"})
    thread = (await clinic.owner.post(clinic.at("threads"), json={"contact_id": made.json()["id"]})).json()["id"]
    screen = await sit_down(clinic.owner)
    await screen.context.grant_permissions(["notifications"])
    await screen.context.add_init_script(STUBS)
    await screen.context.add_init_script("localStorage.setItem('orasync.notices', 'on')")
    await screen.inbox("?view=all")
    await screen.page.evaluate("hide(true)")
    colleague = await (await sit_down(await clinic.member())).inbox(f"?view=all&thread={thread}")
    draft = {"channel": "sms", "body": "It is ready."}
    assert (await clinic.owner.post(clinic.at(f"threads/{thread}/messages"), json=draft)).status_code == 201
    words = "Your message to Dora could not be delivered."
    await expect(screen.page.locator("#toasts")).to_contain_text(words)
    assert (await told(screen))[0] == [[words, True]]
    await expect(colleague.message("It is ready.").locator(".status-bad")).to_contain_text("could not be reached")
    await expect(colleague.page.locator("#toasts")).not_to_contain_text("could not be delivered")
    await screen.page.evaluate("hide(false)")
    await screen.toast.get_by_role("button", name="Open").click()
    await expect(screen.message("It is ready.")).to_be_visible()


async def test_a_lost_message_goes_another_way(clinic, sit_down):
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    await clinic.channel()
    await clinic.channel("hello@clinic.test", kind="email", provider="smtp", credentials={})
    await clinic.channel(kind="whatsapp")
    person = {"name": "Dora Novak", "phone": "+15005550003", "email": "dora@patients.test"}
    made = await clinic.owner.post(clinic.at("contacts"), json=person)
    thread = (await clinic.owner.post(clinic.at("threads"), json={"contact_id": made.json()["id"]})).json()["id"]
    screen = await (await sit_down(clinic.owner)).inbox("?view=todo")
    draft = {"channel": "sms", "body": "It is ready."}
    await clinic.owner.post(clinic.at(f"threads/{thread}/messages"), json=draft)
    line = screen.page.locator("#undelivered a")
    await expect(line).to_have_text("Not delivered: 1")
    await line.click()
    await expect(screen.row("Dora Novak").locator(".chip-danger")).to_have_text("Could not be delivered")
    await screen.choose("Dora Novak")
    lost = screen.message("It is ready.").first
    await lost.get_by_role("button", name="Send another way").click()
    await expect(lost.locator(".ways .hint")).to_contain_text("only takes approved messages")
    way = lost.get_by_role("button", name="Send by email instead")
    await expect(way).to_be_focused()
    await way.dblclick()
    await expect(lost).to_contain_text("Sent by email instead")
    await expect(lost.get_by_role("button", name="Try again")).to_have_count(0)
    await expect(screen.message("It is ready.").nth(1).locator(".status")).to_have_text("Delivered")
    await expect(screen.message("It is ready.")).to_have_count(2)
    await expect(line).to_be_hidden()
    await expect(screen.page.locator("#list-empty")).to_contain_text("Everything has arrived")
