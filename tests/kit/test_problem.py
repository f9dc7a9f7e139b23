"""Bad input is the sender's problem: 4xx, a problem with a request id, never a word of our inside (R23)."""

import asyncio
import json
import time

import pytest

from tests.support.callers import Caller

JSON = {"content-type": "application/json"}
HTML = {"accept": "text/html,application/xhtml+xml"}
INSIDES = ("Traceback", "asyncpg", "litestar", "msgspec", ".py", "select ", "Exception")


def problem(answer, status):
    """Check the form of a refusal, and return it."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:300]}"
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) >= {"type", "title", "status", "detail", "code", "errors", "request_id"}
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    assert not [word for word in INSIDES if word in answer.text]
    return body


async def send(clinic, body, **headers):
    """Post a raw body where a contact would be made."""
    return await clinic.owner.post(clinic.at("contacts"), content=body, headers={**JSON, **headers})


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 422, "body"),
        (b"{", 400, None),
        (b"\xff\xfe", 400, None),
        (b'{"name":"\xff"}', 400, None),
        (rb'{"name":"\ud800"}', 400, None),
        (rb'{"name":"a\u0000b","phone":"+12025550101"}', 422, None),
        (b'{"name":NaN}', 422, None),
        (b'{"name":1e400}', 422, None),
        (b'{"name":' + b"9" * 5000 + b"}", 422, None),
        (b'{"name":5}', 422, "name"),
        (b'{"name":null}', 422, "name"),
        (b'{"name":{"$gt":""}}', 422, "name"),
        (b'{"name":"x","clinic_id":"0190"}', 422, "clinic_id"),
        (b'{"name":"x","stage":"owner","phone":"+12025550101"}', 422, "stage"),
        (b"[]", 422, None),
        (b'"text"', 422, None),
        (b"null", 422, None),
    ],
)
async def test_a_body_that_cannot_be_used(clinic, body, status, field):
    told = problem(await send(clinic, body), status)
    if field:
        assert [error["key"] for error in told["errors"]] == [field]
        assert all(error["message"] for error in told["errors"])


async def test_deep_nesting_is_refused_within_50_ms(clinic):
    await send(clinic, b"{}")
    took = []
    for _ in range(5):
        began = time.perf_counter()
        problem(await send(clinic, b"[" * 100_000), 400)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.05


async def test_a_body_of_256_kib_and_one_byte_more(clinic):
    def note(size):
        frame = b'{"name":"%s","phone":"+12025550101"}'
        return frame % (b"x" * (size - len(frame) + 2))

    assert len(note(256 * 1024)) == 256 * 1024
    problem(await send(clinic, note(256 * 1024)), 422)  # read, and refused for its long name
    problem(await send(clinic, note(256 * 1024 + 1)), 413)

    async def chunks():
        for _ in range(5):
            yield b"x" * 64 * 1024

    problem(await clinic.owner.post(clinic.at("contacts"), content=chunks(), headers=JSON), 413)


async def test_headers_and_addresses_at_the_limit_and_beyond(clinic):
    me = "/api/auth/me?x="
    assert (await clinic.owner.get(me + "x" * (8 * 1024 - len(me)))).status_code == 200
    problem(await clinic.owner.get(me + "x" * (8 * 1024 - len(me) + 1)), 414)
    assert (await clinic.owner.get("/api/auth/me", headers={"x-long": "x" * 15_000})).status_code == 200
    problem(await clinic.owner.get("/api/auth/me", headers={"x-long": "x" * 16_500}), 431)


async def test_encodings_nobody_asked_for(clinic):
    problem(await send(clinic, b"{}", **{"content-encoding": "gzip"}), 415)
    problem(await send(clinic, b"{}", **{"content-type": "application/json; charset=utf-16"}), 415)


@pytest.mark.parametrize(
    "path",
    [
        "threads/no-id",
        "threads/00000000",
        "threads/%00",
        "threads/%ff/messages",
        "nothing",
        "threads/../../../etc",
        "%F0%9F%98%80",
    ],
)
async def test_an_address_that_is_none(clinic, path):
    problem(await clinic.owner.get(clinic.at(path)), 404)


@pytest.mark.parametrize(
    "query",
    [
        "cursor=forged",
        "cursor=-1",
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=99999999999999999999",
        "view=secret",
        "order=random",
        "q=" + "x" * 201,
        "q=%00",
        "q=%ff",
        "assignee=me",
        "channel=pigeon",
    ],
)
async def test_a_query_that_cannot_be_used(clinic, query):
    problem(await clinic.owner.get(clinic.at(f"threads?{query}")), 422)


@pytest.mark.parametrize("after", ["-1", "x", "99999999999999999999", "1.5"])
async def test_a_place_in_the_log_that_cannot_be(clinic, after):
    problem(await clinic.owner.get(clinic.at(f"events?after={after}")), 422)
    problem(await clinic.owner.get(clinic.at(f"sync?seq={after}")), 422)


async def test_methods_that_are_not_there(clinic):
    problem(await clinic.owner.put(clinic.at("contacts"), json={}), 405)
    problem(await clinic.owner.delete("/api/auth/me"), 405)


async def raw(clinic, head):
    """Send bytes as they are and return the status line."""
    reader, writer = await asyncio.open_connection("127.0.0.1", clinic.product.web[0].port)
    writer.write(head)
    line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize(
    "head",
    [
        (
            b"POST /api/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        b"GET /api/auth/me HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /api/auth/me HTTP/1.1\r\n\r\n",
        b"POST /api/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_requests_that_two_servers_could_read_differently(clinic, head):
    assert await raw(clinic, head) == 400


async def test_an_unknown_host_is_not_served(start_product, new_clinic):
    product = start_product(worker=False, PUBLIC_URL="https://desk.example.com")
    caller = Caller(product.url)
    assert (await caller.get("/sign-in", headers={"host": "desk.example.com"})).status_code == 200
    assert (await caller.get("/health/live")).status_code == 200  # from this machine
    problem(await caller.get("/sign-in", headers={"host": "evil.test"}), 400)
    secure = await caller.get("/sign-in", headers={"host": "desk.example.com"})
    assert "max-age=31536000" in secure.headers["strict-transport-security"]
    assert "Secure" in secure.headers["set-cookie"]
    made = await caller.post(
        "/api/auth/sign-up",
        json={"clinic_name": "Safe", "name": "Sam", "email": "sam@clinic.test", "password": "a long password"},
        headers={"host": "desk.example.com"},
    )
    cookie = next(line for line in made.headers.get_list("set-cookie") if "orasync" in line)
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    await caller.close()


async def test_every_answer_is_fenced(clinic):
    for path in ("/inbox", "/api/auth/me", "/sign-in", "/nowhere", clinic.at("threads"), "/docs"):
        headers = (await clinic.owner.get(path, headers=HTML)).headers
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store", path


async def test_files_are_kept_for_ever_only_under_their_own_name(clinic):
    hashed = await clinic.outside.get("/static/css/app.css?v=abc")
    assert "immutable" in hashed.headers["cache-control"]
    bare = await clinic.outside.get("/static/css/app.css")
    assert bare.headers["cache-control"] == "no-cache"
    assert bare.headers["etag"]
    for path in (
        "/static/../app/config.py",
        "/static/%2e%2e/app/config.py",
        "/static/..%2fpyproject.toml",
        "/static/",
        "/static//etc/passwd",
        "/static/%00",
    ):
        assert (await clinic.outside.get(path)).status_code == 404, path


async def test_people_get_pages_and_programs_get_problems(clinic):
    page = await clinic.owner.get("/nowhere", headers=HTML)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "<html" in page.text
    card = await clinic.owner.get(
        "/inbox/threads/0190f6a0-0000-7000-8000-000000000000", headers={**HTML, "hx-request": "true"}
    )
    assert card.status_code == 404
    assert "<html" not in card.text
    problem(await clinic.owner.get(clinic.at("nowhere"), headers=HTML), 404)
    away = await clinic.outside.get("/inbox?view=mine", headers=HTML)
    assert away.status_code == 303
    assert away.headers["location"] == "/sign-in?next=/inbox%3Fview%3Dmine"


async def test_a_crash_says_nothing_of_our_inside(start_product, new_clinic):
    product = start_product(worker=False)
    clinic = await new_clinic(product)
    product.sql("drop table saved_reply")
    told = problem(await clinic.owner.get(clinic.at("saved-replies")), 500)
    assert told["code"] == "internal"
    assert "saved_reply" not in json.dumps(told)
    assert told["request_id"] in product.log()


async def test_the_openapi_document_and_the_docs_need_nobody_else(clinic):
    document = (await clinic.outside.get("/schema/openapi.json")).json()
    assert document["openapi"].startswith("3.")
    assert "/api/auth/sign-in" in document["paths"]
    page = await clinic.outside.get("/docs", headers=HTML)
    assert page.status_code == 200
    assert "/api/auth/sign-in" in page.text
    assert "https://" not in page.text.replace("https://www.w3.org", "")
    assert "<script" not in page.text
