"""A page of somebody else cannot act in the name of who is signed in; programs need no token."""

from tests.support.callers import PASSWORD, SESSION_COOKIE, Caller

FORM = {"content-type": "application/x-www-form-urlencoded"}


def carry(browser, **headers):
    """The same cookies, other manners."""
    jar = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return Caller(browser.url, {"cookie": jar, **headers})


async def test_an_unsafe_call_with_a_cookie_needs_the_token(clinic):
    draft = {"name": "Anna", "phone": "+12025550101"}
    forger = carry(clinic.owner)
    answer = await forger.post(clinic.at("contacts"), json=draft)
    assert answer.status_code == 403
    for token in ("", "x", "a.b", "guest", clinic.owner.cookies["csrftoken"][:-1]):
        assert (await forger.post(clinic.at("contacts"), json=draft, headers={"x-csrftoken": token})).status_code == 403
    token = clinic.owner.cookies["csrftoken"]
    assert (await forger.post(clinic.at("contacts"), json=draft, headers={"x-csrftoken": token})).status_code == 201
    await forger.close()


async def test_a_token_of_another_session_is_worthless(clinic, new_clinic):
    other = await new_clinic()
    jar = f"{SESSION_COOKIE}={clinic.owner.cookies[SESSION_COOKIE]}; csrftoken={other.owner.cookies['csrftoken']}"
    forger = Caller(clinic.product.url, {"cookie": jar, "x-csrftoken": other.owner.cookies["csrftoken"]})
    assert (await forger.post(clinic.at("contacts"), json={"name": "Eve", "phone": "+12025550102"})).status_code == 403
    await forger.close()


async def test_the_header_must_equal_the_cookie(clinic):
    page = await clinic.owner.get("/settings/account")
    assert page.status_code == 200
    mixed = f"{SESSION_COOKIE}={clinic.owner.cookies[SESSION_COOKIE]}; csrftoken=something-else"
    forger = Caller(clinic.product.url, {"cookie": mixed, "x-csrftoken": clinic.owner.cookies["csrftoken"]})
    assert (await forger.post(clinic.at("contacts"), json={"name": "Eve", "phone": "+12025550103"})).status_code == 403
    await forger.close()


async def test_a_key_needs_no_token(clinic):
    program = await clinic.key("contacts")
    assert (
        await program.post(clinic.at("contacts"), json={"name": "Paul", "phone": "+12025550104"})
    ).status_code == 201


async def test_forms_need_the_field_and_the_api_takes_no_forms(clinic):
    token = clinic.owner.cookies["csrftoken"]
    bare = carry(clinic.owner)
    assert (await bare.post("/settings/account/profile", data={"name": "Olga"})).status_code == 403
    good = await bare.post("/settings/account/profile", data={"name": "Olga", "_csrf_token": token})
    assert good.status_code == 303
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        answer = await clinic.owner.post(
            clinic.at("contacts"), content=b'{"name":"Eve"}', headers={"content-type": kind}
        )
        assert answer.status_code == 415, kind
        assert answer.json()["code"] == "unsupported_media_type"
    await bare.close()


async def test_forms_in_parts_are_forms(clinic):
    token, bare = clinic.owner.cookies["csrftoken"], carry(clinic.owner)
    at = "/settings/account/profile"
    texts = {"name": (None, "Olga"), "_csrf_token": (None, token)}
    assert (await bare.post(at, files=texts)).status_code == 303
    assert (await bare.post(at, files={**texts, "name": ("name.txt", b"Olga")})).status_code == 422
    assert (
        await bare.post(at, data={"name": "Eve"}, files={"_csrf_token": ("t.txt", token.encode())})
    ).status_code == 403
    broken = {"content-type": "multipart/form-data; boundary=x"}
    for body in (b"--x\r\n", b"--x\r\nno header", b"", b"--x--", b"--x\r\n" * 200):
        assert (await bare.post(at, content=body, headers=broken)).status_code in {400, 403}, body
    await bare.close()


async def test_signing_in_from_a_foreign_page_is_refused(clinic):
    outside = Caller(clinic.product.url)
    sign_in = {"email": clinic.owner.email, "password": PASSWORD}
    for origin in ("https://evil.test", "null", clinic.product.url + ".evil.test", "http://127.0.0.1:1"):
        refused = await outside.post("/api/auth/sign-in", json=sign_in, headers={"origin": origin})
        assert refused.status_code == 403, origin
    assert (await outside.post("/api/auth/sign-in", json=sign_in)).status_code == 200
    await outside.close()


async def test_the_sign_in_form_needs_the_double_submit_token(clinic):
    sign_in = {"email": clinic.owner.email, "password": PASSWORD}
    outside = Caller(clinic.product.url)
    assert (await outside.post("/sign-in", data=sign_in)).status_code == 403
    page = await outside.get("/sign-in", headers={"accept": "text/html"})
    token = page.cookies["csrftoken"]
    assert f'value="{token}"' in page.text
    # Somebody else's guest token, without the cookie that belongs to it: a login forced on another browser.
    stranger = Caller(clinic.product.url)
    assert (await stranger.post("/sign-in", data={**sign_in, "_csrf_token": token})).status_code == 403
    done = await outside.post("/sign-in", data={**sign_in, "_csrf_token": token, "next": "//evil.test/"})
    assert done.status_code == 303
    assert done.headers["location"] == "/inbox"
    await outside.close()
    await stranger.close()


async def test_a_cookie_that_does_not_fit_is_replaced_by_the_next_page(clinic):
    clinic.owner.http.cookies.set("csrftoken", "of-another-time", domain="127.0.0.1", path="/")
    page = await clinic.owner.get("/settings/account", headers={"accept": "text/html"})
    assert page.cookies["csrftoken"] != "of-another-time"


async def test_a_page_that_is_named_may_ask_from_elsewhere(start_product):
    product = start_product(worker=False, CORS_ORIGIN="https://site.example")
    outside = Caller(product.url)
    wish = {"access-control-request-method": "GET", "access-control-request-headers": "authorization"}
    good = await outside.request("OPTIONS", "/api/auth/me", headers={**wish, "origin": "https://site.example"})
    assert good.headers["access-control-allow-origin"] == "https://site.example"
    assert "access-control-allow-credentials" not in good.headers
    bad = await outside.request("OPTIONS", "/api/auth/me", headers={**wish, "origin": "https://evil.test"})
    assert "access-control-allow-origin" not in bad.headers
    await outside.close()


async def test_a_foreign_page_cannot_open_a_socket(clinic):
    headers = {**clinic.owner.socket_headers, "origin": "https://evil.test"}
    assert await clinic.socket_refused(headers) == 4403
    del headers["origin"]
    assert await clinic.socket_refused(headers) == 4403
