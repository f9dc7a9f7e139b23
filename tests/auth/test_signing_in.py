"""Getting in and out: what is given, what is refused, and what ends a session (R17)."""

import asyncio
import time

from app.auth.service.signing_in import WRONG_TAKES
from tests.support.callers import PASSWORD, SESSION_COOKIE, Browser, Caller

WRONG = "the wrong password"


def cookie(answer, name):
    """The attributes of one cookie the answer sets."""
    lines = [line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}=")]
    assert len(lines) == 1, lines
    return {part.strip().partition("=")[0].lower(): part.strip().partition("=")[2] for part in lines[0].split(";")[1:]}


async def revoke(clinic, browser):
    """End somebody's session from outside of the product's own code: as time would."""
    clinic.product.sql(
        "update session set seen_at = now() - interval '12 hours 1 second' where staff_id = %s", str(browser.staff_id)
    )


async def test_signing_up_gives_exactly_what_the_contract_says(clinic):
    outside = Browser(clinic.product.url)
    made = await outside.post(
        "/api/auth/sign-up",
        json={
            "clinic_name": "Ørsted Tænder",
            "name": "Åse",
            "email": "Aase@Example.COM",
            "password": PASSWORD,
        },
    )
    assert made.status_code == 201
    assert set(made.json()) == {"clinic", "staff"}
    assert set(made.json()["clinic"]) == {"id", "slug"}
    assert set(made.json()["staff"]) == {"id"}
    flags = cookie(made, SESSION_COOKIE)
    assert "httponly" in flags
    assert flags["samesite"].lower() == "lax"
    assert flags["path"] == "/"
    assert "httponly" not in cookie(made, "csrftoken")
    assert made.headers["cache-control"] == "no-store"
    me = (await outside.get("/api/auth/me")).json()
    assert me["staff"]["email"] == "aase@example.com"
    assert me["staff"]["role"] == "owner"
    await outside.close()


async def test_a_new_clinic_opens_on_weekdays_and_has_its_code(clinic):
    view = (await clinic.owner.get(clinic.at("clinic"))).json()
    assert view["hours"] == {str(day): [["09:00", "17:00"]] for day in range(1, 6)}
    assert len(view["client_code"]) == 8
    again = (await clinic.owner.get(f"/api/v1/clinics/{clinic.id}/clinic")).json()
    assert again == view


async def test_an_address_belongs_to_one_person_whatever_its_case(clinic):
    outside = Caller(clinic.product.url)
    taken = await outside.post(
        "/api/auth/sign-up",
        json={
            "clinic_name": "Other",
            "name": "Other",
            "email": clinic.owner.email.upper(),
            "password": PASSWORD,
        },
    )
    assert taken.status_code == 409
    assert taken.json()["code"] == "conflict"
    await outside.close()


async def test_two_sign_ups_with_one_address_at_once_make_one_clinic(clinic):
    outside = Caller(clinic.product.url)
    draft = {"clinic_name": "Twice", "name": "Tom", "email": f"twice-{clinic.slug}@clinic.test", "password": PASSWORD}
    answers = await asyncio.gather(*(outside.post("/api/auth/sign-up", json=draft) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    await outside.close()


async def test_a_short_password_is_refused_by_name(clinic):
    outside = Caller(clinic.product.url)
    answer = await outside.post(
        "/api/auth/sign-up",
        json={
            "clinic_name": "x",
            "name": "x",
            "email": "x@clinic.test",
            "password": "123456789",
        },
    )
    assert answer.status_code == 422
    assert [error["key"] for error in answer.json()["errors"]] == ["password"]
    await outside.close()


async def test_signing_in_changes_the_session(clinic):
    before = clinic.owner.cookies[SESSION_COOKIE]
    answer = await clinic.owner.sign_in()
    assert answer.status_code == 200
    assert clinic.owner.cookies[SESSION_COOKIE] != before
    assert (await clinic.owner.get("/api/auth/me")).status_code == 200


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer_in_a_fixed_time(clinic):
    outside = Caller(clinic.product.url)

    async def attempt(email):
        began = time.perf_counter()
        answer = await outside.post("/api/auth/sign-in", json={"email": email, "password": WRONG})
        return time.perf_counter() - began, answer

    known = [await attempt(clinic.owner.email) for _ in range(5)]
    unknown = [await attempt(f"nobody-{n}@clinic.test") for n in range(5)]
    bodies = [{**answer.json(), "request_id": ""} for _, answer in known + unknown]
    assert all(answer.status_code == 401 for _, answer in known + unknown)
    assert all(body == bodies[0] for body in bodies)
    # Whatever was looked up and written meanwhile disappears in a fixed time.
    assert min(took for took, _ in known + unknown) >= WRONG_TAKES
    await outside.close()


async def test_signing_out_ends_the_session_and_its_sockets(clinic):
    socket = await clinic.socket()
    stolen = clinic.browser()
    stolen.http.cookies = clinic.owner.http.cookies
    kept = dict(clinic.owner.cookies)
    assert (await clinic.owner.post("/api/auth/sign-out")).status_code == 204
    began = time.monotonic()
    assert await socket.closed() == 4401
    assert time.monotonic() - began < 2
    outside = Caller(clinic.product.url, {"cookie": f"{SESSION_COOKIE}={kept[SESSION_COOKIE]}"})
    assert (await outside.get("/api/auth/me")).status_code == 401
    await outside.close()


async def test_a_session_ends_after_twelve_hours_without_use(clinic):
    clinic.product.sql(
        "update session set seen_at = now() - interval '11 hours 59 minutes' where clinic_id = %s", str(clinic.id)
    )
    assert (await clinic.owner.get("/api/auth/me")).status_code == 200
    # Being used, it goes on: the clock starts again.
    assert clinic.product.sql(
        "select now() - seen_at < interval '1 minute' from session where clinic_id = %s", str(clinic.id)
    ) == [(True,)]
    await revoke(clinic, clinic.owner)
    answer = await clinic.owner.get("/api/auth/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"
    assert (await clinic.socket_refused(clinic.owner)) == 4401


async def test_a_new_password_ends_every_other_session(clinic):
    other = clinic.browser(email=clinic.owner.email)
    await other.sign_in()
    socket = await clinic.socket(other)
    wrong = await clinic.owner.put("/api/auth/password", json={"current": WRONG, "password": "another long one"})
    assert wrong.status_code == 403
    changed = await clinic.owner.put("/api/auth/password", json={"current": PASSWORD, "password": "another long one"})
    assert changed.status_code == 204
    assert await socket.closed() == 4401
    assert (await other.get("/api/auth/me")).status_code == 401
    assert (await clinic.owner.get("/api/auth/me")).status_code == 200
    assert (await other.sign_in()).status_code == 401
    other.password = "another long one"
    assert (await other.sign_in()).status_code == 200


async def test_the_screen_lock_asks_for_the_password(clinic):
    assert (await clinic.owner.post("/api/auth/unlock", json={"password": WRONG})).status_code == 403
    assert (await clinic.owner.post("/api/auth/unlock", json={"password": PASSWORD})).status_code == 204


async def test_a_person_sees_and_ends_their_own_sessions_only(clinic):
    other = clinic.browser(email=clinic.owner.email)
    await other.sign_in()
    colleague = await clinic.member()
    sessions = (await clinic.owner.get("/api/auth/sessions")).json()["items"]
    assert [one["current"] for one in sessions].count(True) == 1
    assert len(sessions) == 2
    ended = next(one["id"] for one in sessions if not one["current"])
    assert (await colleague.delete(f"/api/auth/sessions/{ended}")).status_code == 404
    assert (await clinic.owner.delete(f"/api/auth/sessions/{ended}")).status_code == 204
    assert (await other.get("/api/auth/me")).status_code == 401
    await other.sign_in()
    assert (await clinic.owner.delete("/api/auth/sessions")).status_code == 204
    assert (await other.get("/api/auth/me")).status_code == 401
    assert (await clinic.owner.get("/api/auth/me")).status_code == 200


async def test_only_hashes_of_tokens_are_stored(clinic):
    token = clinic.owner.cookies[SESSION_COOKIE]
    key = (await clinic.key()).key
    for table in ("session", "connection_key", "event", "audit_entry", "kept_answer"):
        rows = clinic.product.sql(f"select t::text from {table} t where clinic_id = %s", str(clinic.id))
        assert not [row for row in rows if token in row[0] or key in row[0] or PASSWORD in row[0]]
