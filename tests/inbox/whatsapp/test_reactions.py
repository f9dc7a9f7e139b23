"""Reactions: the newest of each person counts, in whatever order they come."""

from __future__ import annotations

import itertools
import json
from typing import Any
from uuid import uuid4

from tests.channels.whatsapp_cases import (
    PATIENT,
    message,
)
from tests.inbox.whatsapp.support import Number, connect


async def react(number: Number, target: str, emoji: str | None, at: int) -> None:
    told = {"message_id": target, **({"emoji": emoji} if emoji else {})}
    answer = await number.bring(
        message("reaction", number.number, id=f"wamid.{uuid4().hex}", timestamp=str(at), reaction=told)
    )
    assert answer.status_code == 200, answer.text


def shown(clinic: Any, wamid: str) -> list[str]:
    [(told,)] = clinic.product.sql(
        "select reactions::text from message where clinic_id = %s and provider_id = %s", clinic.id, wamid
    )
    return [one["emoji"] for one in json.loads(told) if one["emoji"]]


def told_of(clinic: Any) -> int:
    sql = "select count(*) from event where clinic_id = %s and type = 'message.reacted'"
    return clinic.product.sql(sql, clinic.id)[0][0]


async def test_the_newest_reaction_counts_in_whatever_order_they_come(clinic):
    number = await connect(clinic)
    orders = list(itertools.permutations([("👍", 10), ("❤️", 20), (None, 30), ("😀", 40)]))
    for order in orders[::6]:
        wamid = await number.write("Hello")
        for emoji, at in [*order, *order]:
            await react(number, wamid, emoji, at)
        assert shown(clinic, wamid) == ["😀"], order
    for order in itertools.permutations([("👍", 10), (None, 20), ("❤️", 20)]):
        wamid = await number.write("Hello")
        for emoji, at in [*order, *order]:
            await react(number, wamid, emoji, at)
        assert shown(clinic, wamid) == [], order


async def test_a_reaction_is_told_with_its_chip_and_a_repeat_is_not(clinic):
    number = await connect(clinic)
    wamid = await number.write("Your visit is on Friday")
    socket = await clinic.socket(html=1)
    await react(number, wamid, "👍", 1789999999)
    frame = await socket.next_event("message.reacted")
    found = frame["data"]["message"]
    assert found["provider_id"] == wamid
    assert [(one["by"], one["name"], one["emoji"]) for one in found["reactions"]] == [(PATIENT, "Ann Example", "👍")]
    assert [old_new[-1:] != [] for old_new in frame["data"]["changes"]["reactions"]] == [False, True]
    assert "Ann Example reacted with 👍" in frame["html"][f"m-{found['id']}"]
    await react(number, wamid, "👍", 1789999999)
    await react(number, wamid, "😀", 1789999000)
    assert told_of(clinic) == 1
    await react(number, wamid, None, 1790000001)
    gone = await socket.next_event("message.reacted")
    assert "reacted with" not in gone["html"][f"m-{found['id']}"]


async def test_a_reaction_to_a_message_we_do_not_know_changes_nothing(clinic):
    number = await connect(clinic)
    await react(number, "wamid.never-seen", "👍", 1)
    assert told_of(clinic) == 0
    # Not even to one of another person's conversation.
    told = message(number=number.number, id="wamid.other", text={"body": "hi"})
    told["messages"][0]["from"] = "12025550199"
    await number.bring(told)
    await react(number, "wamid.other", "👍", 1)
    assert shown(clinic, "wamid.other") == []


async def test_a_message_and_what_is_thought_of_it_in_one_delivery(clinic):
    number = await connect(clinic)
    reaction = message("reaction", number.number, reaction={"message_id": "wamid.both", "emoji": "👍"})
    await number.bring(reaction, message(number=number.number, id="wamid.both", text={"body": "first"}))
    assert shown(clinic, "wamid.both") == ["👍"]
