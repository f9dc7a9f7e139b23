"""The same key gets the same answer, whatever happened in between (R5)."""

import asyncio
from uuid import uuid4

PERSON = {"name": "Anna", "phone": "+12025550101"}


def keyed(key):
    return {"idempotency-key": key}


async def people(clinic):
    return (await clinic.owner.get(clinic.at("contacts"))).json()["items"]


async def test_a_repeat_gets_the_first_answer_and_changes_nothing(clinic):
    key = uuid4().hex
    first = await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))
    again = await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["content-type"] == again.headers["content-type"]
    assert len(await people(clinic)) == 1


async def test_another_body_is_refused(clinic):
    key = uuid4().hex
    await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))
    other = await clinic.owner.post(clinic.at("contacts"), json={**PERSON, "name": "Eve"}, headers=keyed(key))
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    assert len(await people(clinic)) == 1


async def test_the_same_key_elsewhere_or_by_somebody_else_is_another(clinic, new_clinic):
    key, other = uuid4().hex, await new_clinic()
    colleague = await clinic.member("manager")
    assert (await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))).status_code == 201
    assert (await other.owner.post(other.at("contacts"), json=PERSON, headers=keyed(key))).status_code == 201
    made = await clinic.owner.post(clinic.at("saved-replies"), json={"name": "a", "body": "b"}, headers=keyed(key))
    assert made.status_code == 201
    theirs = await colleague.post(clinic.at("saved-replies"), json={"name": "c", "body": "d"}, headers=keyed(key))
    assert theirs.status_code == 201


async def test_many_at_once_run_once(clinic):
    key = uuid4().hex
    answers = await asyncio.gather(
        *(clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key)) for _ in range(12))
    )
    assert {one.status_code for one in answers} <= {201, 409}
    assert len({one.content for one in answers if one.status_code == 201}) == 1
    for one in answers:
        if one.status_code == 409:
            assert one.json()["code"] == "still_running"
            assert int(one.headers["retry-after"]) >= 1
    assert len(await people(clinic)) == 1


async def test_a_refusal_is_an_answer_too(clinic):
    key = uuid4().hex
    first = await clinic.owner.post(clinic.at("contacts"), json={"name": "nobody"}, headers=keyed(key))
    again = await clinic.owner.post(clinic.at("contacts"), json={"name": "nobody"}, headers=keyed(key))
    assert first.status_code == again.status_code == 422
    assert first.content == again.content
    assert again.headers["content-type"].startswith("application/problem+json")


async def test_being_refused_at_the_door_does_not_use_a_key_up(clinic):
    key = uuid4().hex
    no_token = {**keyed(key), "x-csrftoken": "wrong"}
    assert (await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=no_token)).status_code == 403
    assert (await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))).status_code == 201


async def test_a_request_that_died_half_way_is_taken_over_after_a_minute(clinic):
    key = uuid4().hex
    first = await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))
    set_back = (
        "update kept_answer set status = null, body = null, created_at = now() - interval '{}' "
        "where clinic_id = %s and key = %s"
    )
    clinic.product.sql(set_back.format("59 seconds"), str(clinic.id), key)
    assert (await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))).status_code == 409
    clinic.product.sql(set_back.format("61 seconds"), str(clinic.id), key)
    again = await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))
    # It runs anew: the person exists by now, and that is what it says.
    assert again.status_code in {201, 409}
    assert again.json().get("code") != "still_running"
    assert first.status_code == 201


async def test_a_key_may_be_used_again_after_a_day(clinic):
    key = uuid4().hex
    await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))
    clinic.product.sql(
        "update kept_answer set created_at = now() - interval '24 hours 1 second' where clinic_id = %s", str(clinic.id)
    )
    later = await clinic.owner.post(
        clinic.at("contacts"), json={"name": "Ben", "phone": "+12025550102"}, headers=keyed(key)
    )
    assert later.status_code == 201
    assert later.json()["name"] == "Ben"


async def test_a_key_has_at_most_255_visible_characters(clinic):
    good = await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed("k" * 255))
    assert good.status_code == 201
    for key in ("k" * 256, "", "t\tab", "é".encode("latin-1")):
        answer = await clinic.owner.post(clinic.at("contacts"), json=PERSON, headers=keyed(key))
        assert answer.status_code == 422, key
