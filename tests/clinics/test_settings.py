"""The clinic's own settings."""

import pytest


async def test_a_change_is_told_to_everybody(clinic):
    socket = await clinic.socket()
    changed = await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 10, "timezone": "Asia/Kolkata"})
    assert changed.status_code == 200
    assert (changed.json()["undo_seconds"], changed.json()["timezone"]) == (10, "Asia/Kolkata")
    event = await socket.next_event("settings.changed")
    assert event["data"]["section"] == "clinic"
    assert event["data"]["changes"] == {"undo_seconds": [5, 10], "timezone": ["America/New_York", "Asia/Kolkata"]}


async def test_no_change_is_no_event(clinic):
    before = (await clinic.owner.get(clinic.at("sync"))).json()["seq"]
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 5})).status_code == 200
    assert (await clinic.owner.get(clinic.at("sync"))).json()["seq"] == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"undo_seconds": 7}, "undo_seconds"),
        ({"lock_minutes": -1}, "lock_minutes"),
        ({"reply_target_minutes": 0}, "reply_target_minutes"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "   "}, "name"),
        ({"hours": {"8": [["09:00", "17:00"]]}}, "hours"),
        ({"hours": {"1": [["17:00", "09:00"]]}}, "hours"),
        ({"hours": {"1": [["09:00", "12:00"], ["11:00", "17:00"]]}}, "hours"),
        ({"hours": {"1": [["9", "17:00"]]}}, "hours"),
        ({"hours": {"1": [["09:00"]]}}, "hours"),
        ({"slug": "mine"}, "slug"),
        ({"is_demo": True}, "is_demo"),
        ({"client_code": "X"}, "client_code"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(clinic, change, field):
    answer = await clinic.owner.patch(clinic.at("clinic"), json=change)
    assert answer.status_code == 422
    assert [error["key"] for error in answer.json()["errors"]] == [field]


async def test_hours_may_have_a_break(clinic):
    hours = {"1": [["08:00", "12:00"], ["13:00", "17:30"]], "6": []}
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"hours": hours})).json()["hours"] == hours


async def test_clinics_of_one_name_get_addresses_of_their_own(clinic, new_clinic):
    other, third = await new_clinic(name="Bright Smiles"), await new_clinic(name="!!! 牙医 !!!")
    assert len({clinic.slug, other.slug, third.slug}) == 3
    assert other.slug.startswith("bright-smiles")
    assert third.slug.startswith("clinic")
