"""The activity log: it can only grow, its chain shows every change, and it leaves as harmless CSV."""

import csv
import io

import asyncpg
import psycopg
import pytest

from app.audit.service import harmless


async def verify(clinic):
    return (await clinic.owner.get(clinic.at("audit/verify"))).json()


async def entries(clinic, **query):
    return (await clinic.owner.get(clinic.at("audit"), params=query)).json()["items"]


async def test_acts_are_written_with_who_and_what(clinic):
    await clinic.member("viewer")
    await clinic.outside.post("/api/auth/sign-in", json={"email": clinic.owner.email, "password": "wrong"})
    found = await entries(clinic)
    actions = [one["action"] for one in found]
    assert actions == ["sign_in.failed", "staff.joined", "staff.invited", "clinic.created"]
    assert [one["n"] for one in found] == [4, 3, 2, 1]
    assert found[2]["actor_name"] == "Olivia Owner"
    assert found[2]["details"] == {"role": "viewer"}
    stored = clinic.product.sql(
        "select request_id is not null, address from audit_entry where clinic_id = %s and action = 'staff.invited'",
        str(clinic.id),
    )
    assert stored == [(True, "127.0.0.1")]


async def test_pages_and_filters(clinic):
    for n in range(5):
        await clinic.owner.patch(clinic.at("clinic"), json={"name": f"Name {n}"})
    first = (await clinic.owner.get(clinic.at("audit"), params={"limit": 2, "action": "settings.changed"})).json()
    second = (
        await clinic.owner.get(
            clinic.at("audit"), params={"limit": 2, "action": "settings.changed", "cursor": first["next"]}
        )
    ).json()
    third = (
        await clinic.owner.get(
            clinic.at("audit"), params={"limit": 2, "action": "settings.changed", "cursor": second["next"]}
        )
    ).json()
    names = [one["details"]["changes"]["name"][1] for page in (first, second, third) for one in page["items"]]
    assert names == ["Name 4", "Name 3", "Name 2", "Name 1", "Name 0"]
    assert third["next"] is None
    assert await entries(clinic, since="2099-01-01") == []
    assert await entries(clinic, actor="key") == []


async def test_the_chain_holds_and_shows_a_changed_row(clinic):
    for n in range(3):
        await clinic.owner.patch(clinic.at("clinic"), json={"name": f"Name {n}"})
    assert await verify(clinic) == {"checked": 4, "broken_at": None}
    change = "set session_replication_role = replica; update audit_entry set {} where clinic_id = '{}' and n = 2"
    for what in (
        "details = replace(details::text, 'Name', 'Fame')::json",
        "actor_name = 'Nobody'",
        "action = 'nothing.happened'",
        "sum = sha256('x')",
    ):
        kept = clinic.product.sql(
            "select details::text, actor_name, action, sum from audit_entry where clinic_id = %s and n = 2",
            str(clinic.id),
        )[0]
        clinic.product.sql(change.format(what, clinic.id))
        assert (await verify(clinic))["broken_at"] == 2, what
        with psycopg.connect(clinic.product.database.owner_dsn, autocommit=True) as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute(
                "update audit_entry set details = %s::json, actor_name = %s, action = %s, sum = %s "
                "where clinic_id = %s and n = 2",
                (*kept, str(clinic.id)),
            )
        assert (await verify(clinic))["broken_at"] is None


async def test_the_chain_shows_a_row_that_is_gone(clinic):
    for n in range(3):
        await clinic.owner.patch(clinic.at("clinic"), json={"name": f"Name {n}"})
    clinic.product.sql(
        f"set session_replication_role = replica; delete from audit_entry where clinic_id = '{clinic.id}' and n = 4"
    )
    assert (await verify(clinic))["broken_at"] == 4
    clinic.product.sql(
        f"set session_replication_role = replica; delete from audit_entry where clinic_id = '{clinic.id}' and n = 2"
    )
    assert (await verify(clinic))["broken_at"] == 2


async def test_nobody_can_change_or_delete_a_row(clinic):
    for statement in ("update audit_entry set action = 'x'", "delete from audit_entry", "truncate audit_entry"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            clinic.product.sql(statement)
    connection = await asyncpg.connect(clinic.product.database.app_dsn)
    await connection.execute("select set_config('app.clinic_id', $1, false)", str(clinic.id))
    for statement in ("update audit_entry set action = 'x'", "delete from audit_entry", "truncate audit_entry"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_the_export_is_the_filters_rows_and_harmless(clinic):
    evil = '=HYPERLINK("http://evil.test")'
    await clinic.owner.patch(clinic.at("clinic"), json={"name": evil})
    await clinic.owner.post(
        "/settings/account/profile", data={"name": "+1-800-EVIL", "_csrf_token": clinic.owner.cookies["csrftoken"]}
    )
    await clinic.owner.patch(clinic.at("clinic"), json={"name": "Quiet"})
    answer = await clinic.owner.get(clinic.at("audit/export"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert [row[4] for row in rows[1:]] == [
        "audit.exported",
        "settings.changed",
        "staff.renamed",
        "settings.changed",
        "clinic.created",
    ]
    assert rows[2][3] == "'+1-800-EVIL"
    assert all(row[1].endswith("Z") for row in rows[1:])
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@|%")]
    assert (await verify(clinic))["broken_at"] is None


@pytest.mark.parametrize(
    "cell", ["=1+1", " =1", "\ufeff=1", "+1", "-1", "@x", "|x", "%x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"]
)
def test_every_formula_gets_a_quote(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Anna", "a=b", "12", "", "'x"])
def test_ordinary_cells_stay(cell):
    assert harmless(cell) == cell
