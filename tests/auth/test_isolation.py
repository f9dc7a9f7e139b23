"""Two clinics: neither reads, is sent or changes anything of the other (R18), and either fence alone holds (R19)."""

import asyncpg
import pytest

from tests.support.routes import routes

SENDER = "+12025550142"


async def fill(clinic):
    """One of each thing that has an id."""
    channel = await clinic.channel()
    assert (await channel.text(SENDER, f"secret of {clinic.slug}")).status_code == 200
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    messages = (await clinic.owner.get(clinic.at(f"threads/{thread['id']}/messages"))).json()["items"]
    reply = await clinic.owner.post(clinic.at("saved-replies"), json={"name": "Hi", "body": "Hello {first_name}"})
    colleague = await clinic.member()
    invited = await clinic.owner.post(
        clinic.at("team/invitations"), json={"email": f"x@{clinic.slug}.test", "role": "viewer"}
    )
    uploaded = await clinic.owner.post(clinic.at("attachments"), files={"file": ("secret.txt", b"secret")})
    jobs = clinic.product.sql("select id from job where clinic_id = %s", str(clinic.id))
    return {
        "thread_id": thread["id"],
        "contact_id": thread["contact"]["id"],
        "message_id": messages[0]["id"],
        "channel_id": channel.id,
        "reply_id": reply.json()["id"],
        "staff_id": colleague.staff_id,
        "invitation_id": invited.json()["id"],
        "key_id": (await clinic.key()).key_id,
        "session_id": (await colleague.get("/api/auth/sessions")).json()["items"][0]["id"],
        "attachment_id": uploaded.json()["id"],
        "job_id": str(jobs[0][0]) if jobs else None,
    }


def fingerprint(clinic):
    """Everything a clinic has, as one value; uses of its keys and sessions leave marks that do not count."""
    rows = clinic.product.sql("select table_name::text from information_schema.columns where column_name = 'clinic_id'")
    ignored = {"session", "connection_key", "job", "reaction_position", "kept_answer"}
    return {
        table: clinic.product.sql(
            f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t where clinic_id = %s",
            str(clinic.id),
        )
        for (table,) in rows
        if table not in ignored
    }


def plain(answer):
    """An answer without what differs by request."""
    body = answer.json()
    body.pop("request_id", None)
    return answer.status_code, body


BODIES = {
    "assign": {"staff_id": None},
    "snooze": {"until": "2099-01-01T10:00:00Z"},
    "tags": {"add": ["x"]},
    "notes": {"body": "x"},
    "draft": {"body": "x"},
    "messages": {"body": "x", "seen": 0},
}


def body_for(route):
    if route.method in {"GET", "DELETE"}:
        return {}
    return {
        "json": BODIES.get(route.path.rpartition("/")[2], {"name": "x", "body": "x"} if "saved" in route.path else {})
    }


async def test_another_clinics_address_is_one_that_does_not_exist(clinic, new_clinic):
    other = await new_clinic()
    wrong = []
    for route in routes():
        if "cid" in route.parameters:
            answers = [
                plain(await clinic.owner.request(route.method, route.at(cid=cid), **body_for(route)))
                for cid in ("no-such-clinic", other.slug, other.id, "%00", "a" * 200)
            ]
            if answers[0][0] != 404 or any(one != answers[0] for one in answers):
                wrong.append((route, answers))
    assert wrong == []


async def test_another_clinics_ids_are_ids_that_do_not_exist(clinic, new_clinic):
    other = await new_clinic()
    ids = await fill(other)
    before = fingerprint(other)
    wrong, tried = [], 0
    for route in routes():
        named = [name for name in route.parameters if ids.get(name)]
        if not named or route.operation is None or not route.path.startswith("/api/"):
            continue
        tried += 1
        missing = plain(await clinic.owner.request(route.method, route.at(cid=clinic.slug), **body_for(route)))
        foreign = plain(await clinic.owner.request(route.method, route.at(cid=clinic.slug, **ids), **body_for(route)))
        if missing != foreign or (route.path.rpartition("/")[2] != "draft" and missing[0] not in {404, 422}):
            wrong.append((route, missing, foreign))
    assert wrong == []
    assert tried > 20
    assert fingerprint(other) == before


async def test_another_clinics_ids_in_bodies_and_queries_do_nothing(clinic, new_clinic):
    other = await new_clinic()
    own, foreign = await fill(clinic), await fill(other)
    before = fingerprint(other)
    owner, at = clinic.owner, clinic.at
    assert (
        await owner.post(at(f"threads/{own['thread_id']}/assign"), json={"staff_id": str(foreign["staff_id"])})
    ).status_code in {404, 422}
    assert (await owner.post(at("threads"), json={"contact_id": str(foreign["contact_id"])})).status_code == 404
    bulk = await owner.post(at("threads/bulk"), json={"ids": [str(foreign["thread_id"])], "act": "close"})
    assert bulk.status_code in {200, 404, 422}
    assert (await owner.get(at("threads"), params={"assignee": str(foreign["staff_id"])})).json()["items"] == []
    found = (await owner.get(at("threads"), params={"q": "secret"})).json()["items"]
    assert [one["id"] for one in found] == [own["thread_id"]]
    events = (await owner.get(at("events"), params={"after": 0})).text
    assert str(other.id) not in events
    assert f"secret of {other.slug}" not in events.replace(f"secret of {clinic.slug}", "")
    assert fingerprint(other) == before


async def test_nothing_of_another_clinic_reaches_a_socket(clinic, new_clinic):
    other = await new_clinic()
    socket = await clinic.socket()
    channel, foreign = await clinic.channel(), await other.channel()
    for n in range(5):
        await foreign.text(SENDER, f"foreign {n}")
        await channel.text(SENDER, f"own {n}")
    while not socket.frames or "own 4" not in socket.frames[-1]:
        await socket.next_event()
    assert not [frame for frame in socket.frames if "foreign" in frame or str(other.id) in frame]
    assert await clinic.socket_refused(clinic.owner, clinic=str(other.id)) in {4400, 4403, 4404}


@pytest.fixture
async def application(clinic):
    """The application's own login, outside of the application's code: the second fence alone."""
    connection = await asyncpg.connect(clinic.product.database.app_dsn)
    yield connection
    await connection.close()


async def tables(connection):
    rows = await connection.fetch("select c.relname::text from pg_class c where c.relrowsecurity order by 1")
    return [row[0] for row in rows]


async def test_without_a_clinic_the_database_shows_nothing(clinic, application):
    await fill(clinic)
    assert len(await tables(application)) > 15
    for table in await tables(application):
        assert await application.fetch(f"select * from {table}") == [], table


async def test_with_a_clinic_the_database_shows_only_its_rows(clinic, new_clinic, application):
    other = await new_clinic()
    await fill(clinic)
    await fill(other)
    async with application.transaction():
        await application.execute("select set_config('app.clinic_id', $1, true)", str(clinic.id))
        seen = 0
        for table in await tables(application):
            column = "id" if table == "clinic" else "clinic_id"
            owners = {row[0] for row in await application.fetch(f"select distinct {column} from {table}")}
            assert owners <= {clinic.id}, table
            seen += len(owners)
        assert seen > 8
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute(
                "insert into saved_reply (id, clinic_id, name, body, created_at) "
                "values (gen_random_uuid(), $1, 'x', 'x', now())",
                other.id,
            )
    # The setting ended with its transaction.
    assert await application.fetch("select * from clinic") == []


async def test_every_table_of_a_clinic_has_the_second_fence(clinic):
    bare = clinic.product.sql(
        "select c.relname::text from pg_class c "
        "join pg_attribute a on a.attrelid = c.oid and a.attname = 'clinic_id' and not a.attisdropped "
        "where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace "
        "and not (c.relrowsecurity and c.relforcerowsecurity)"
    )
    assert bare == []
