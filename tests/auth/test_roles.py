"""Who may do what: every operation by every role and scope, over every route there is."""

import pytest
from litestar import get

from app.asgi import check_operations
from app.kit.principal import OPERATIONS, SCOPES
from tests.support.routes import routes

ROLES = ("owner", "manager", "front_desk", "viewer")
EVERYBODY, DESK, LEAD, OWNER = ROLES, ROLES[:3], ROLES[:2], ROLES[:1]

# Written down a second time on purpose: a change of the product's table must be a change here.
ALLOWED = {
    "account": (EVERYBODY, None),
    "audit.read": (LEAD, "reports"),
    "channels.manage": (LEAD, "settings"),
    "channels.read": (LEAD, "settings"),
    "clinic.own": (OWNER, None),
    "clinic.read": (EVERYBODY, "inbox:read"),
    "contacts.read": (EVERYBODY, "contacts"),
    "contacts.write": (DESK, "contacts"),
    "inbox.read": (EVERYBODY, "inbox:read"),
    "inbox.write": (DESK, "inbox:write"),
    "jobs.manage": (LEAD, "settings"),
    "keys.manage": (LEAD, None),
    "settings.manage": (LEAD, "settings"),
    "settings.read": (EVERYBODY, "settings"),
    "team.manage": (LEAD, "settings"),
    "team.read": (EVERYBODY, "settings"),
}
# They act on the caller, who would be gone for the rest of the crawl.
ENDS_THE_SESSION = {("POST", "/api/auth/sign-out"), ("POST", "/sign-out"), ("DELETE", "/api/auth/sessions")}
GUARDED = [route for route in routes() if route.operation and (route.method, route.path) not in ENDS_THE_SESSION]


def test_the_table_of_operations_is_the_one_agreed_on():
    assert {name: (roles, scope) for name, (roles, scope) in OPERATIONS.items()} == ALLOWED


def test_every_route_under_a_clinic_has_an_operation():
    assert len(GUARDED) > 60
    open_ones = [route.path for route in routes() if route.operation is None]
    assert not [path for path in open_ones if path.startswith("/api/v1/") or "{cid" in path]


def test_a_route_without_an_operation_does_not_start():
    @get("/api/v1/clinics/{cid:str}/forgotten")
    async def forgotten(cid: str) -> None: ...

    with pytest.raises(RuntimeError, match="say its operation"):
        check_operations([forgotten])


async def call(caller, route, clinic):
    """An unsafe call with an empty body: who may gets any answer but a refusal, nothing is destroyed."""
    options = {}
    if route.method not in {"GET", "DELETE"}:
        options = {"json": {}} if route.path.startswith("/api/") else {"data": {}}
    return await caller.request(route.method, route.at(cid=clinic.slug), **options)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_do_what_it_may_and_nothing_else(clinic, role):
    person = clinic.owner if role == "owner" else await clinic.member(role)
    wrong = []
    for route in GUARDED:
        answer = await call(person, route, clinic)
        allowed = role in ALLOWED[route.operation][0]
        if (answer.status_code == 403) == allowed or answer.status_code in {401, 500, 502}:
            wrong.append((route, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_key_may_do_what_its_scope_says_and_nothing_else(clinic, scope):
    program = await clinic.key(scope)
    wrong = []
    for route in GUARDED:
        if not route.path.startswith("/api/"):
            continue  # pages are for people
        answer = await call(program, route, clinic)
        needed = ALLOWED[route.operation][1]
        allowed = needed is not None and scope in {"*", needed}
        if (answer.status_code == 403) == allowed or answer.status_code in {401, 500, 502}:
            wrong.append((route, answer.status_code))
    assert wrong == []


async def test_nobody_gets_nothing(clinic):
    wrong = []
    for route in GUARDED:
        answer = await call(clinic.outside, route, clinic)
        if answer.status_code != 401:
            wrong.append((route, answer.status_code))
    assert wrong == []


async def test_a_new_role_counts_at_once_and_closes_the_sockets(clinic):
    person = await clinic.member("front_desk")
    socket = await clinic.socket(person)
    draft = {"name": "Anna", "phone": "+12025550199"}
    assert (await person.post(clinic.at("contacts"), json=draft)).status_code == 201
    changed = await clinic.owner.patch(clinic.at(f"team/{person.staff_id}"), json={"role": "viewer"})
    assert changed.status_code == 200
    assert changed.json()["role"] == "viewer"
    assert await socket.closed() == 4401
    assert (await person.post(clinic.at("contacts"), json=draft)).status_code == 403
    assert (await person.get(clinic.at("contacts"))).status_code == 200


async def test_a_viewer_may_listen_and_cannot_type(clinic):
    viewer = await clinic.member("viewer")
    channel = await clinic.channel()
    socket = await clinic.socket(viewer)
    await channel.text("+12025550188", "Hello")
    thread = (await socket.next_event("message.created"))["data"]["thread"]["id"]
    await socket.send({"t": "typing", "thread": thread, "on": True})
    assert (await socket.next_answer())["code"] == "forbidden"
