"""The team: invitations work once, there is always an owner, and who leaves is out at once (R17)."""

import asyncio

from tests.support.callers import PASSWORD


async def invite(clinic, email="new@clinic.test", role="front_desk", by=None):
    return await (by or clinic.owner).post(clinic.at("team/invitations"), json={"email": email, "role": role})


def token(answer):
    return answer.json()["link"].rpartition("/")[2]


def fresh(clinic, name="new"):
    return f"{name}-{clinic.id.hex}@clinic.test"


async def join(clinic, answer, name="Nora"):
    return await clinic.outside.post(
        f"/api/auth/invitations/{token(answer)}", json={"name": name, "password": PASSWORD}
    )


async def test_an_invitation_works_once_and_gives_the_role_it_was_made_with(clinic):
    invited = await invite(clinic, fresh(clinic), "viewer")
    answers = await asyncio.gather(*(join(clinic, invited) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [201, 404, 404]
    team = (await clinic.owner.get(clinic.at("team"))).json()
    assert {one["role"] for one in team["items"]} == {"owner", "viewer"}
    assert team["invitations"] == []


async def test_the_link_is_given_once_and_only_its_hash_is_kept(clinic):
    invited = await invite(clinic, fresh(clinic))
    assert (await clinic.owner.get(clinic.at("team"))).json()["invitations"][0]["link"] is None
    stored = clinic.product.sql("select i::text from invitation i where clinic_id = %s", str(clinic.id))
    assert token(invited) not in stored[0][0]


async def test_an_invitation_ends_after_72_hours_or_when_it_is_taken_back(clinic):
    old, back = await invite(clinic, fresh(clinic, "old")), await invite(clinic, fresh(clinic, "back"))
    clinic.product.sql("update invitation set expires_at = now() - interval '1 second' where id = %s", old.json()["id"])
    assert (await clinic.owner.delete(clinic.at(f"team/invitations/{back.json()['id']}"))).status_code == 204
    assert (await join(clinic, old)).status_code == 404
    assert (await join(clinic, back)).status_code == 404
    assert (await clinic.outside.get(f"/invitations/{token(old)}", headers={"accept": "text/html"})).status_code == 404


async def test_only_an_owner_makes_owners(clinic):
    manager = await clinic.member("manager")
    viewer = await clinic.member("viewer")
    assert (await invite(clinic, fresh(clinic), "owner", by=manager)).status_code == 403
    assert (await manager.patch(clinic.at(f"team/{viewer.staff_id}"), json={"role": "owner"})).status_code == 403
    assert (await manager.patch(clinic.at(f"team/{clinic.owner.staff_id}"), json={"role": "viewer"})).status_code == 403
    assert (
        await manager.patch(clinic.at(f"team/{clinic.owner.staff_id}"), json={"is_active": False})
    ).status_code == 403
    assert (await manager.delete(clinic.at(f"team/{clinic.owner.staff_id}"))).status_code == 403
    program = await clinic.key("settings")
    assert (await invite(clinic, fresh(clinic), "owner", by=program)).status_code == 403
    assert (await clinic.owner.patch(clinic.at(f"team/{viewer.staff_id}"), json={"role": "owner"})).status_code == 200


async def test_the_last_owner_stays(clinic):
    mine = clinic.at(f"team/{clinic.owner.staff_id}")
    for change in ({"role": "manager"}, {"is_active": False}):
        assert (await clinic.owner.patch(mine, json=change)).status_code == 409
    assert (await clinic.owner.delete(mine)).status_code == 422


async def test_two_owners_cannot_remove_each_other_at_once(clinic):
    other = await clinic.member("owner")
    await asyncio.gather(
        clinic.owner.delete(clinic.at(f"team/{other.staff_id}")),
        other.delete(clinic.at(f"team/{clinic.owner.staff_id}")),
    )
    left = clinic.product.sql(
        "select count(*) from staff_member "
        "where clinic_id = %s and role = 'owner' and is_active and removed_at is null",
        str(clinic.id),
    )
    assert left == [(1,)]


async def test_who_is_switched_off_or_removed_is_out_at_once(clinic):
    off, gone = await clinic.member(), await clinic.member()
    sockets = [await clinic.socket(off), await clinic.socket(gone)]
    assert (await clinic.owner.patch(clinic.at(f"team/{off.staff_id}"), json={"is_active": False})).status_code == 200
    assert (await clinic.owner.delete(clinic.at(f"team/{gone.staff_id}"))).status_code == 204
    for person, socket in zip((off, gone), sockets, strict=True):
        assert await socket.closed() == 4401
        assert (await person.get("/api/auth/me")).status_code == 401
        assert (await person.sign_in()).status_code == 401
    assert (await clinic.owner.patch(clinic.at(f"team/{off.staff_id}"), json={"is_active": True})).status_code == 200
    assert (await off.get("/api/auth/me")).status_code == 401  # the old session does not come back to life
    assert (await off.sign_in()).status_code == 200
    assert (await clinic.owner.patch(clinic.at(f"team/{gone.staff_id}"), json={"is_active": True})).status_code == 404


async def test_an_address_that_is_free_again_may_join_again(clinic):
    first = await invite(clinic, fresh(clinic))
    staff_id = (await join(clinic, first)).json()["staff"]["id"]
    assert (await invite(clinic, fresh(clinic))).status_code == 409
    assert (await clinic.owner.delete(clinic.at(f"team/{staff_id}"))).status_code == 204
    assert (await join(clinic, await invite(clinic, fresh(clinic)))).status_code == 201


async def test_an_invitation_belongs_to_its_clinic(clinic, new_clinic):
    other = await new_clinic()
    joined = await join(clinic, await invite(clinic, fresh(clinic)))
    assert joined.json()["clinic"]["id"] == str(clinic.id)
    assert len((await other.owner.get(other.at("team"))).json()["items"]) == 1


async def test_fields_nobody_may_set_are_refused(clinic):
    for field in ("clinic_id", "password_hash", "email", "id"):
        answer = await clinic.owner.patch(clinic.at(f"team/{clinic.owner.staff_id}"), json={field: "x"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["key"] == field
