import asyncio
from playwright.async_api import expect
from tests.browser.screen import IN_CHROMIUM
pytestmark = IN_CHROMIUM
async def test_x(desk, patients, clinic):
    await desk.choose("Maria Lopez")
    desk.page.on("request", lambda r: print("REQ", r.method, r.url))
    await desk.page.locator("[data-act=done]").click()
    await expect(desk.row("Maria Lopez")).to_have_count(0)
    await desk.toast.get_by_role("button", name="Undo").click()
    await asyncio.sleep(2)
    if not await desk.row("Maria Lopez").count():
        print((await patients.thread("Maria Lopez")))
        for e in (await clinic.owner.get(clinic.at("events?after=0&limit=100"))).json()["items"]:
            t = e["data"].get("thread") or {}
            print(e["seq"], e["type"], t.get("state"), t.get("waiting_since"), t.get("last_seq"))
        print(await desk.page.locator("#list").inner_html())
        print(await desk.page.evaluate("""async () => { const l = await import('/static/js/list.js'); return JSON.stringify([l.factsFor(document.querySelector('#conversation').dataset.thread), l.isFrozen()]) }"""))
    await expect(desk.page.locator("[data-act=done]")).to_be_visible()
    print("second done")
    await desk.page.locator("[data-act=done]").click()
    await desk.page.locator("[data-act=reopen]").click()
    await asyncio.sleep(3)
    print(await patients.thread("Maria Lopez"))
    print(await desk.page.locator("#list").inner_html())
    print(await desk.page.locator("#conversation header").inner_text(), await desk.toast.all_inner_texts())
    for e in (await clinic.owner.get(clinic.at("events?after=0"))).json()["items"]:
        print(e["seq"], e["type"], {k: (v if not isinstance(v, dict) else {kk: v.get(kk) for kk in ("state","waiting_since","last_seq")}) for k, v in e["data"].items()} if "thread" in e["data"] else "")
    await desk.page.screenshot(path="/tmp/x.png")
