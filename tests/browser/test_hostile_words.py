"""Names and texts that try to be something else than words stay words, wherever they are shown."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM

HOSTILE = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=2>",
    '"><svg/onload=window.pwned=3>',
    "' autofocus onfocus=window.pwned=4 x='",
    "</textarea><script>window.pwned=5</script>",
    "{{ 7*7 }}{% include 'x' %}${window.pwned=6}",
    "<a href=javascript:window.pwned=7>click</a>",
    "<template id=pending-template><b>8</b></template><base href=//evil.test>",
    "</title></style><iframe srcdoc='<script>parent.pwned=9</script>'>",
    "<div hx-get=/sign-out hx-trigger=load data-act=done>10</div>",
    "javascript:alert(11)",
    "<details open ontoggle=window.pwned=12><summary>x",
    "\u202eevil\u2066 <math><mtext><img src=x onerror=window.pwned=13>",
]


async def harmless(screen):
    assert await screen.page.evaluate("window.pwned") is None
    assert (
        await screen.page.locator(
            "iframe, base, #threads script, #messages script, #messages img, #threads img"
        ).count()
        == 0
    )


async def test_nothing_runs(clinic, patients, sit_down):
    await clinic.owner.patch(clinic.at("clinic"), json={"name": HOSTILE[0]})
    await clinic.owner.post(clinic.at("saved-replies"), json={"name": HOSTILE[1], "body": HOSTILE[4]})
    await clinic.member(name=HOSTILE[2])
    screen = await sit_down(clinic.owner)
    await screen.inbox()
    # Half of them are there when the page is drawn, half come as events.
    for number, words in enumerate(HOSTILE):
        await patients.write(words, words)
        if number == len(HOSTILE) // 2:
            await screen.inbox()
    rows = screen.page.locator("#threads > li.row")
    await expect(rows).to_have_count(len(HOSTILE))
    await harmless(screen)
    first = (await patients.thread(HOSTILE[7]))["id"]
    await clinic.owner.post(
        clinic.at(f"threads/{first}/tags"), json={"add": [words[:40] for words in HOSTILE[:3]], "remove": []}
    )
    await clinic.owner.post(clinic.at(f"threads/{first}/notes"), json={"body": HOSTILE[1], "mentions": []})
    # Not the inner text: a row that was drawn anew and not painted yet has none.
    shown = await screen.page.locator("#threads .row-preview").all_text_contents()
    assert set(HOSTILE[3:]) - {words.strip() for words in shown} <= {HOSTILE[7]}
    for name in (HOSTILE[7], HOSTILE[1], HOSTILE[4]):
        thread = (await patients.thread(name))["id"]
        await screen.page.locator(f"#t-{thread} a.row-link").click()
        await expect(screen.page.locator("#conversation-name")).to_have_text(name)
        await expect(screen.page.locator("#messages .bubble-text").first).to_have_text(name)
        await screen.field.fill(name)
        await screen.page.locator("#send").click()
        await expect(screen.page.locator("#messages .msg-out .bubble-text").last).to_have_text(name)
        await harmless(screen)
    # Toasts, the palette, the menus.
    await screen.page.locator("[data-act=done]").click()
    await expect(screen.toast.first).to_be_visible()
    await screen.page.keyboard.press("Control+k")
    await screen.page.keyboard.type("onerror")
    await expect(screen.page.locator("#palette-list")).to_contain_text("<img src=x")
    await harmless(screen)


async def test_nor_on_the_other_pages(clinic, patients, sit_down):
    for words in HOSTILE[:3]:
        await clinic.owner.patch(clinic.at("clinic"), json={"name": words})
        await clinic.owner.post(clinic.at("saved-replies"), json={"name": words, "body": words})
        await clinic.owner.post(clinic.at("keys"), json={"name": words, "scopes": ["*"]})
        await clinic.member(name=words)
        await patients.write(words, words)
    screen = await sit_down(clinic.owner)
    for path in (
        "/settings/account",
        "/settings/team",
        "/settings/channels",
        "/settings/keys",
        "/settings/clinic",
        "/settings/replies",
        "/activity",
        "/status",
        f"/inbox?q={HOSTILE[1]}",
        f"/inbox?view={HOSTILE[0]}",
        "/sign-in?next=javascript:window.pwned=1",
    ):
        await screen.page.goto(path)
        await expect(screen.page.locator("body")).to_be_visible()
        await harmless(screen)


async def test_the_watch_over_the_pages_sees_what_it_should(desk):
    """What all other tests rely on: what the policy refuses, an error, a dialog and a request elsewhere are noticed."""
    await desk.page.evaluate("""() => {
      document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.pwned = 1'}));
      fetch('http://127.0.0.1:9/elsewhere').catch(() => {});
      setTimeout(() => { throw new Error('on purpose'); });
      setTimeout(() => alert('on purpose'));
    }""")
    for sign in ("policy: script-src", "policy: connect-src", "page error: on purpose", "dialog: alert on purpose"):
        await asyncio.wait_for(desk.heard(sign), 10)
    await harmless(desk)
    # A page without a policy, to let the request out.
    await desk.page.goto("about:blank")
    await desk.page.evaluate("fetch('http://127.0.0.1:9/elsewhere', {mode: 'no-cors'}).catch(() => {})")
    await asyncio.wait_for(desk.heard("request to another origin"), 10)
    desk.allow("")
