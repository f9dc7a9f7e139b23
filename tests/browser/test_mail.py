"""Mails on the screen: subject, folded history, the frame; and forty ways to break out of it that do not."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import look
from tests.support.mail import deliver, files_are_there, mailbox, messages, written
from tests.support.pictures import photo

pytestmark = IN_CHROMIUM

OUT = "https://evil.example"
HOSTILE = [
    "<script>top.pwned=1</script>",
    "<img src=x onerror=top.pwned=1>",
    f"<img src='{OUT}/pixel.gif' srcset='{OUT}/2x.gif 2x' onload=top.pwned=1>",
    f"<img src=//evil.example/a><img data-src={OUT}/b><image href={OUT}/c>",
    "<svg onload=top.pwned=1><script>top.pwned=1</script></svg>",
    f"<svg><image href='{OUT}/svg.png'/><use href='{OUT}/u.svg#a'/></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=top.pwned=1>",
    f"<iframe src='{OUT}/frame'></iframe><iframe srcdoc='<script>top.pwned=1</script>'></iframe>",
    f"<object data='{OUT}/o'></object><embed src='{OUT}/e'><applet code=x></applet>",
    f"<link rel=stylesheet href='{OUT}/s.css'><link rel=prefetch href='{OUT}/p'>",
    f"<link rel=dns-prefetch href=//evil.example><link rel=preconnect href={OUT}><link rel=modulepreload href={OUT}/m>",
    f"<style>@import '{OUT}/i.css'; body{{background:url({OUT}/bg)}}</style>",
    f"<div style='background:url({OUT}/bg2)'>a</div><div style=\"background-image:u\\72l({OUT}/bg3)\">b</div>",
    f"<div style='list-style-image:url({OUT}/li);content:url({OUT}/c);cursor:url({OUT}/cur),auto'>c</div>",
    f"<div style='color:red;border-image:url({OUT}/bi);mask:url({OUT}/m);filter:url({OUT}/f#x)'>d</div>",
    f"<table background='{OUT}/t'><tr><td background='{OUT}/td'>x</td></tr></table><body background='{OUT}/b'>",
    "<div style='position:fixed;inset:0;z-index:9999;background:#fff'>covers everything</div>",
    "<div style='width:expression(top.pwned=1);behavior:url(#x);-moz-binding:url(x)'>old</div>",
    "<a href='javascript:top.pwned=1' id=click>click</a>",
    "<a href='java\nscript:top.pwned=1' id=click>click</a><a href='&#106;avascript:top.pwned=1'>x</a>",
    "<a href='data:text/html,<script>top.pwned=1</script>' id=click>click</a><a href='vbscript:x'>x</a>",
    f"<a href='{OUT}/ping' ping='{OUT}/ping2' download>link</a><area href='{OUT}/area'>",
    f"<base href='{OUT}/'><a href='relative'>relative</a><img src='relative.png'>",
    f"<meta http-equiv=refresh content='0;url={OUT}/refresh'><meta http-equiv=set-cookie content='a=b'>",
    f"<form action='{OUT}/form'><input name=password autofocus onfocus=top.pwned=1><button>Sign in</button></form>",
    f"<button formaction='{OUT}/fa'>x</button><input type=image src='{OUT}/in.png'><isindex action={OUT}>",
    f"<video src='{OUT}/v' poster='{OUT}/poster' autoplay></video><audio src='{OUT}/a' autoplay></audio>",
    f"<picture><source srcset='{OUT}/src.webp'><img src='{OUT}/img'></picture><track src='{OUT}/t'>",
    "<details open ontoggle=top.pwned=1><summary>x</summary></details><marquee onstart=top.pwned=1>m</marquee>",
    "<div hx-get='/sign-out' hx-trigger=load data-hx-post='/x' x-data='top.pwned=1' data-act=done>act</div>",
    "<div id=messages class=toast name=body>clobbers</div><form id=composer name=getElementById></form>",
    "<template><img src=x onerror=top.pwned=1></template>",
    "<noscript><p title='</noscript><img src=x onerror=top.pwned=1>'></noscript>",
    "<textarea></textarea><img src=x onerror=top.pwned=1><title></title><script>top.pwned=1</script>",
    "<!--[if IE]><script>top.pwned=1</script><![endif]--><!--><img src=x onerror=top.pwned=1>-->",
    "<![CDATA[<img src=x onerror=top.pwned=1>]]><?xml-stylesheet href='x'?><!DOCTYPE x SYSTEM 'file:///etc/passwd'>",
    "<a title='\"><img src=x onerror=top.pwned=1>'>a</a><img alt='`><img src=x onerror=top.pwned=1>' src=x>",
    '<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="top.pwned=1"/>\'>',
    "<img src='cid:\"><script>top.pwned=1</script>'><img src='cid:x' onerror=top.pwned=1>",
    "<scr<script>ipt>top.pwned=1</scr</script>ipt><<script>top.pwned=1//<</script>",
    "\u202e<p style='direction:rtl;unicode-bidi:bidi-override'>txt.exe</p><plaintext><script>top.pwned=1</script>",
    "<select><option><style></option></select><img src=x onerror=top.pwned=1></style>",
    f"<a href='https:evil.example'>x</a><a href=' {OUT}'>y</a><a href='mailto:x@y?attach=/etc/passwd'>z</a>",
    "<body onload=top.pwned=1 onpageshow=top.pwned=1 style='background:url(x)'><html onmouseover=top.pwned=1>",
    f"<portal src='{OUT}/p'></portal><fencedframe src='{OUT}'></fencedframe><slot><dialog open>x</dialog>",
]
NAMES = [
    "<script>top.pwned=1</script>",
    '"><img src=x onerror=top.pwned=1>',
    "{{ 7*7 }}",
    "</title><svg/onload=top.pwned=1>",
]


@pytest_asyncio.fixture(loop_scope="session")
async def box(clinic):
    return await mailbox(clinic)


async def open_only(sit_down, clinic):
    """The owner's screen with the clinic's only conversation open."""
    screen = await sit_down(clinic.owner)
    await screen.inbox()
    return await screen.choose("Ann Example")


WILD = (
    "script, iframe, object, embed, link, base, form, input, button, svg, math, video, audio, style:not(head style), "
    "meta:not(head meta), [id], [class], [srcset], [background], [data-act], [hx-get]"
)


async def unharmed(screen):
    assert await screen.page.evaluate("window.pwned") is None
    # The sandbox says on the console what it stopped; nothing may have been there to stop.
    assert screen.complaints == []


def show(screen):
    return screen.page.locator("[data-act=mail]").last


async def test_nothing_runs_and_nobody_is_called(clinic, box, sit_down):
    assert len(HOSTILE) >= 40
    for number, html in enumerate(HOSTILE):
        name = NAMES[number % len(NAMES)]
        mail = written(f"plain {number}", html="<p>the start</p>" + html, Subject=name + html[:200].replace("\n", " "))
        del mail["From"]
        mail["From"] = f'"{name.replace(chr(34), "")}" <eve@example.com>'
        assert (await deliver(box, mail)).status_code == 200
    stored = await messages(clinic)
    assert len(stored) == len(HOSTILE)
    screen = await sit_down(clinic.owner)
    await screen.inbox()
    await screen.page.locator("#threads a.row-link").first.click()
    await expect(screen.page.locator("#messages .msg")).to_have_count(len(HOSTILE))
    await unharmed(screen)
    # Every one of them in its frame, at once.
    links = screen.page.locator("[data-act=mail]")
    count = await links.count()
    assert count == len(HOSTILE)
    await screen.page.evaluate("document.querySelectorAll('[data-act=mail]').forEach((link) => link.click())")
    shown = screen.page.locator("iframe.mail-frame")
    await expect(shown).to_have_count(count)
    frames = await shown.all()
    for frame in frames:
        inside = frame.content_frame
        await expect(inside.get_by_text("the start")).to_be_attached()
        assert await inside.locator(WILD).count() == 0, await inside.locator("body").inner_html()
    await unharmed(screen)
    # Once pictures are asked for, pictures are called and nothing else is.
    called = []
    screen.page.on("request", lambda one: called.append(one) if OUT in one.url else None)
    screen.allow(OUT)
    await screen.page.evaluate(
        "document.querySelectorAll('iframe.mail-frame').forEach((frame) => { frame.src += '?pictures=1' })"
    )
    for frame in frames:
        await frame.content_frame.locator("html").evaluate(
            "() => document.readyState === 'complete' || new Promise((done) => addEventListener('load', done))"
        )
    assert {one.resource_type for one in called} == {"image"}
    await unharmed(screen)


async def test_a_mail_reads_like_one(clinic, box, sit_down):
    text = "Friday is fine.\n\nOn Mon, Sep 21, 2026 at 9:00 AM Clinic <desk@clinic.example> wrote:\n\n> Hello Ann"
    await deliver(box, written(text, Subject="Re: Your appointment"))
    screen = await open_only(sit_down, clinic)
    bubble = screen.page.locator("#messages .msg-in .bubble").last
    await expect(bubble.locator(".mail-subject")).to_have_text("Re: Your appointment")
    await expect(bubble.locator(".bubble-text").first).to_have_text("Friday is fine.")
    await expect(bubble.get_by_text("Hello Ann")).to_be_hidden()
    await bubble.locator("summary").click()
    await expect(bubble.get_by_text("Hello Ann")).to_be_visible()


async def test_pictures_are_loaded_only_when_asked(clinic, box, sit_down):
    html = f'<p>Our <b>logo</b></p><img src="cid:tooth" alt="tooth"><img src="{OUT}/logo.png" alt="logo">'
    mail = written("Our logo", html=html)
    mail.get_payload()[1].add_related(photo(), "image", "jpeg", cid="<tooth>")
    await deliver(box, mail)
    await files_are_there(clinic)
    screen = await open_only(sit_down, clinic)
    asked: list[str] = []

    async def logo(route):
        asked.append(route.request.url)
        assert "referer" not in route.request.headers
        await route.fulfill(body=photo(10, 10), content_type="image/jpeg")

    await screen.context.route(f"{OUT}/**", logo)
    await show(screen).click()
    frame = screen.page.frame_locator("iframe.mail-frame")
    await expect(frame.locator("b")).to_have_text("logo")
    own = frame.locator("img[alt=tooth]")
    assert await own.evaluate("async (img) => { await img.decode(); return img.naturalWidth }") > 0
    assert asked == []
    assert await look(screen, "mail") == []
    assert screen.complaints == []
    screen.allow("request to another origin: https://evil.example/logo.png")
    await screen.page.locator("[data-act=mail-pictures]").click()
    await expect(screen.page.locator(".mail-bar")).to_have_count(0)
    await expect(frame.locator("img[alt=logo]")).to_have_attribute("src", f"{OUT}/logo.png")
    assert asked == [f"{OUT}/logo.png"]
    # For this view only.
    await show(screen).click()
    await expect(screen.page.locator("iframe.mail-frame")).to_have_count(0)
    await show(screen).click()
    await expect(screen.page.locator(".mail-bar")).to_be_visible()
    assert asked == [f"{OUT}/logo.png"]
    assert screen.complaints == []
