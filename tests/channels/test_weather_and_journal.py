"""The simulated provider's own parts: its weather, its memory, the life it gives a message."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
from collections import Counter
from uuid import uuid4

import pytest

from app.channels.adapters.base import Accepted, Outbound, Refused, Unknown
from app.channels.adapters.journal import Follower, Journal
from app.channels.adapters.simulated import SimulatedAdapter, WeatherStation
from app.channels.player import plan
from app.kit import clock
from app.kit.ids import new_id
from app.kit.weather import Weather

CHANNEL = uuid4()


def adapter(folder, *, timeout=0.2):
    return SimulatedAdapter(
        webhook_url="http://localhost:8000/webhooks/twilio/c1",
        auth_token="t" * 32,
        account_sid="AC1",
        kind="sms",
        address="+12025550100",
        secret="a secret of sixteen",
        channel_id=CHANNEL,
        folder=folder,
        timeout=timeout,
    )


def outbound(body="Hello", **changes):
    return Outbound(
        **{
            "to": "+12025550111",
            "from_": "+12025550100",
            "body": body,
            "token": uuid4().hex,
            "message_id": new_id(),
            "expires_at": clock.now() + dt.timedelta(seconds=5),
            **changes,
        }
    )


def test_on_a_fine_day_nothing_goes_wrong():
    fine = Weather(0, seed=1)
    assert not any(
        fine.has(trouble, str(i)) for trouble in ("duplicate", "delay", "lose", "refuse", "hang") for i in range(500)
    )
    assert fine.delay("x") == 0


def test_the_dial_turns_trouble_up_and_a_seed_repeats_it():
    def refusals(dial):
        return [Weather(dial, seed=4).has("refuse", str(i)) for i in range(2000)]

    assert 0 < sum(refusals(3)) < sum(refusals(10)) < 600
    assert refusals(10) == refusals(10)
    assert refusals(10) != [Weather(10, seed=5).has("refuse", str(i)) for i in range(2000)]


def test_the_station_is_seen_by_every_process(tmp_path):
    ours, theirs = WeatherStation(tmp_path), WeatherStation(tmp_path)
    assert theirs.read() == Weather()
    ours.set(Weather(7, seed=3))
    assert theirs.read() == Weather(7, seed=3)
    ours.clear()
    assert theirs.read() == Weather()


def _append(folder, count):
    journal = Journal(folder)
    for i in range(count):
        journal.append(act="accepted", n=i, body="x" * 3000)


def test_lines_of_several_processes_do_not_mix(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_append, args=(tmp_path, 12)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    lines = list(Journal(tmp_path).read(clock.now() - dt.timedelta(minutes=1)))
    assert Counter(line["n"] for line in lines) == Counter(dict.fromkeys(range(12), 3))


def test_a_follower_sees_each_line_once_and_whole_lines_only(tmp_path):
    journal = Journal(tmp_path)
    follower = Follower(journal, clock.now() - dt.timedelta(minutes=1))
    assert follower.read() == []
    journal.append(act="accepted", n=1)
    assert [line["n"] for line in follower.read()] == [1]
    path = journal.files(clock.now().date())[0]
    half = json.dumps({"at": clock.now().timestamp(), "act": "accepted", "n": 2})
    with path.open("a") as file:
        file.write(half[:10])
        file.flush()
        assert follower.read() == []
        file.write(half[10:] + "\n")
    assert [line["n"] for line in follower.read()] == [2]


def test_old_files_go(tmp_path):
    (tmp_path / "journal-2020-01-01.jsonl").write_text("")
    journal = Journal(tmp_path)
    journal.append(act="accepted")
    journal.tidy()
    assert len(list(tmp_path.glob("journal-*"))) == 1


async def test_what_is_accepted_is_in_the_journal_and_can_be_looked_up(tmp_path):
    channel, since = adapter(tmp_path), clock.now()
    result = await channel.send(outbound("find me"))
    assert isinstance(result, Accepted)
    found = await channel.find_sent("+12025550111", since, "find me")
    assert [sent.provider_id for sent in found] == [result.provider_id]
    assert await channel.find_sent("+12025550111", since, "somebody else") == []


async def test_at_dial_ten_every_send_ends_in_one_of_three_ways_and_the_journal_knows_which(tmp_path):
    """Refused: not in the journal. Accepted and unknown: there, once."""
    WeatherStation(tmp_path).set(Weather(10, seed=2))
    channel, since = adapter(tmp_path, timeout=0.01), clock.now()
    seen = Counter()
    for i in range(60):
        result = await channel.send(outbound(f"n {i}"))
        seen[type(result).__name__] += 1
        found = await channel.find_sent("+12025550111", since, f"n {i}")
        assert len(found) == (0 if isinstance(result, Refused) else 1)
        assert isinstance(result, Accepted | Refused | Unknown)
    assert seen["Accepted"] > seen["Refused"] > 0
    assert seen["Unknown"] > 0


async def test_nothing_is_accepted_after_the_deadline(tmp_path):
    result = await adapter(tmp_path).send(outbound(expires_at=clock.now() - dt.timedelta(seconds=1)))
    assert isinstance(result, Refused)
    assert not list(Journal(tmp_path).read(clock.now() - dt.timedelta(minutes=1)))


def _line(**changes):
    return {
        "at": 1000.0,
        "act": "accepted",
        "channel": str(CHANNEL),
        "provider_id": "SM1",
        "to": "+12025550111",
        "from_": "+12025550100",
        "callback": "http://localhost:8000/w/status?a=x",
        **changes,
    }


def test_the_life_of_a_message_is_in_order_on_a_fine_day():
    calls = plan(_line(), "sms", Weather())
    assert [call.word for call in calls] == ["queued", "sent", "delivered"]
    assert sorted(call.due for call in calls) == [call.due for call in calls]
    assert "read" not in [call.word for call in plan(_line(), "sms", Weather())]


@pytest.mark.parametrize("trouble", ["duplicate", "delay", "lose"])
def test_bad_weather_reaches_the_callbacks(trouble):
    lives = [
        [(call.word, call.due) for call in plan(_line(provider_id=f"SM{i}"), "sms", Weather(10, seed=1))]
        for i in range(200)
    ]
    if trouble == "duplicate":
        assert any(len(life) > 3 for life in lives)
    elif trouble == "delay":
        assert any(
            [word for word, _ in sorted(life, key=lambda one: one[1])] != [word for word, _ in life] for life in lives
        )
    else:
        assert any("delivered" not in dict(life) for life in lives)
