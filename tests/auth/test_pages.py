"""Signing up, in and out with plain forms: a browser without scripts can do all of it."""

import re

from tests.support.callers import PASSWORD

HTML = {"accept": "text/html"}


async def form(browser, path):
    """Load a page and return its CSRF token."""
    page = await browser.get(path, headers=HTML)
    assert page.status_code == 200, page.text[:200]
    return re.search(r'name="_csrf_token" value="([^"]+)"', page.text)[1]


async def test_up_out_and_in_again(clinic):
    browser = clinic.browser()
    email = f"form-{clinic.slug}@clinic.test"
    token = await form(browser, "/sign-up")
    short = await browser.post(
        "/sign-up",
        data={"clinic_name": "", "name": "Fay", "email": "no address", "password": "short", "_csrf_token": token},
        headers={"x-csrftoken": token},
    )
    assert short.status_code == 422
    assert "At least 10 characters." in short.text
    assert 'value="Fay"' in short.text
    assert "short" not in re.findall(r'value="([^"]*)"', short.text)
    made = await browser.post(
        "/sign-up",
        data={
            "clinic_name": "Form",
            "name": "Fay",
            "email": email,
            "password": PASSWORD,
            "timezone": "Europe/Paris",
            "_csrf_token": token,
        },
    )
    assert made.status_code == 303
    assert made.headers["location"] == "/inbox"
    assert (await browser.get("/inbox", headers=HTML)).status_code == 200
    token = await form(browser, "/settings/account")
    out = await browser.post("/sign-out", data={"_csrf_token": token})
    assert out.status_code == 303
    assert (await browser.get("/inbox", headers=HTML)).status_code == 303
    token = await form(browser, "/sign-in?next=/settings/team")
    wrong = await browser.post("/sign-in", data={"email": email, "password": "wrong", "_csrf_token": token})
    assert wrong.status_code == 401
    assert "is not right" in wrong.text
    done = await browser.post(
        "/sign-in", data={"email": email, "password": PASSWORD, "next": "/settings/team", "_csrf_token": token}
    )
    assert (done.status_code, done.headers["location"]) == (303, "/settings/team")
    assert (await browser.get("/sign-in", headers=HTML)).headers["location"] == "/inbox"


async def test_next_never_leads_away(clinic):
    for evil in (
        "//evil.test",
        "https://evil.test",
        "/\\evil.test",
        "/x\r\nset-cookie: a=b",
        "javascript:alert(1)",
        "\\\\evil",
    ):
        answer = await clinic.owner.get("/sign-in", params={"next": evil}, headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, "/inbox"), evil


async def test_joining_with_a_form(clinic):
    email = f"joins-{clinic.id.hex}@clinic.test"
    link = (await clinic.owner.post(clinic.at("team/invitations"), json={"email": email, "role": "viewer"})).json()[
        "link"
    ]
    path = link.removeprefix(clinic.product.url)
    browser = clinic.browser()
    token = await form(browser, path)
    short = await browser.post(path, data={"name": "", "password": PASSWORD, "_csrf_token": token})
    assert short.status_code == 422
    assert "Tell us your name." in short.text
    joined = await browser.post(path, data={"name": "Jo", "password": PASSWORD, "_csrf_token": token})
    assert joined.status_code == 303
    me = (await browser.get("/api/auth/me")).json()
    assert (me["staff"]["name"], me["staff"]["role"], me["staff"]["email"]) == ("Jo", "viewer", email)


async def test_how_a_person_likes_the_desk_stays(clinic):
    liked = {"theme": "dark", "shortcuts": False, "sounds": True}
    assert (await clinic.owner.put("/api/auth/preferences", json=liked)).status_code == 204
    assert (await clinic.owner.get("/api/auth/me")).json()["staff"]["preferences"] == liked
    page = await clinic.owner.get("/settings/account", headers=HTML)
    assert 'data-theme="dark"' in page.text


async def test_a_new_name_is_told_to_the_others(clinic):
    socket = await clinic.socket(await clinic.member())
    renamed = await clinic.owner.patch("/api/auth/me", json={"name": "  Olga  "})
    assert renamed.json()["staff"]["name"] == "Olga"
    event = await socket.next_event("settings.changed")
    assert event["data"]["section"] == "team"
    assert event["data"]["changes"] == {"name": ["Olivia Owner", "Olga"]}


async def test_names_are_shown_as_text(clinic):
    evil = "<script>alert(1)</script>\"'"
    token = clinic.owner.cookies["csrftoken"]
    await clinic.owner.post("/settings/account/profile", data={"name": evil, "_csrf_token": token})
    await clinic.owner.patch(clinic.at("clinic"), json={"name": evil})
    for path in ("/inbox", "/settings/account", "/settings/team", "/settings/clinic", "/activity"):
        page = await clinic.owner.get(path, headers=HTML)
        assert page.status_code == 200
        assert "<script>alert" not in page.text, path
