"""R12-R17: the socket of contract section 4, to the letter."""

from __future__ import annotations

import asyncio
import contextlib
import json
from hashlib import sha256
from uuid import uuid4

import pytest

from tests.journeys.support import until
from tests.support.socket import Socket


async def texts(channel, count, start=0):
    for number in range(start, start + count):
        assert (await channel.text(f"+1202556{number % 7:04d}", f"Text {number}")).status_code == 200


async def test_hello_without_a_place(clinic):
    socket = await clinic.socket()
    head = (await clinic.owner.get(clinic.at("sync"))).json()
    assert socket.hello == {
        "t": "hello",
        "clinic": str(clinic.id),
        "epoch": head["epoch"],
        "seq": head["seq"],
        "resumed": False,
    }


async def test_events_come_in_order_and_once(clinic):
    channel = await clinic.channel()
    socket = await clinic.socket()
    await asyncio.gather(*(channel.text(f"+1202556{i:04d}", f"Text {i}") for i in range(40)))
    head = (await clinic.owner.get(clinic.at("sync"))).json()
    await socket.until(head["seq"])
    bodies = [one["data"]["message"]["body"] for one in socket.events if one["type"] == "message.created"]
    assert sorted(bodies) == sorted(f"Text {i}" for i in range(40))


@pytest.mark.parametrize("missed", [0, 1, 30])
async def test_resuming_brings_every_missed_event(clinic, missed):
    channel = await clinic.channel()
    first = await clinic.socket()
    await texts(channel, 3)
    await first.until((await clinic.owner.get(clinic.at("sync"))).json()["seq"])
    await first.close()
    await texts(channel, missed, start=3)
    again = await clinic.socket(after=first.seq, epoch=first.hello["epoch"])
    assert again.hello["resumed"] is True
    await again.until((await clinic.owner.get(clinic.at("sync"))).json()["seq"])
    created = [one for one in again.events if one["type"] == "message.created"]
    assert len(created) == missed


async def test_a_place_outside_the_log_is_not_resumed(clinic):
    await texts(await clinic.channel(), 2)
    read = "select count(*) from event where clinic_id = %s and type = 'ai.triaged'"
    await until(lambda: clinic.product.sql(read, clinic.id) == [(2,)])  # from here on nothing comes any more
    head = (await clinic.owner.get(clinic.at("sync"))).json()
    for place in ({"after": head["seq"] + 1}, {"after": 1, "epoch": str(uuid4())}, {"after": -5}):
        socket = await clinic.socket(**{"epoch": head["epoch"], **place})
        assert (socket.hello["resumed"], socket.hello["seq"]) == (False, head["seq"])


async def test_the_chain_can_be_recomputed_from_the_frames(clinic):
    channel = await clinic.channel()
    socket = await clinic.socket(after=0)
    await texts(channel, 5)
    head = (await clinic.owner.get(clinic.at("sync"))).json()
    await socket.until(head["seq"])
    chain = bytes(32)
    frames = [text for text in socket.frames if text.startswith('{"t":"event"')]
    for frame in frames[: head["seq"]]:  # what is read of the texts comes after them, in its own time
        body, _, tail = frame.rpartition(',"sum":"')
        chain = sha256(chain + sha256(body.encode()).digest()).digest()
        assert tail == f'{chain[:8].hex()}"}}'
    assert head["sum"] == chain[:8].hex()
    page = await clinic.owner.get(clinic.at("events?after=0"))
    same = slice(0, head["seq"])
    assert [json.dumps(one) for one in page.json()["items"][same]] == [json.dumps(one) for one in socket.events[same]]


async def test_frames_for_browsers_carry_ready_rows(clinic):
    channel = await clinic.channel()
    socket = await clinic.socket(html=True)
    await channel.text("+12025550199", "<b>Hi</b> & bye")
    event = await socket.next_event("message.created")
    thread, message = event["data"]["thread"]["id"], event["data"]["message"]["id"]
    assert set(event["html"]) == {f"t-{thread}", f"m-{message}"}
    assert "&lt;b&gt;Hi&lt;/b&gt; &amp; bye" in event["html"][f"m-{message}"]
    assert "<form" not in "".join(event["html"].values())


async def test_who_may_not_listen_is_told_why(clinic):
    stranger = await Socket.open(clinic.product.url, {}, wait=False)
    assert await stranger.closed() == 4401
    foreign = await Socket.open(
        clinic.product.url, {**clinic.owner.socket_headers, "origin": "https://evil.example"}, wait=False
    )
    assert await foreign.closed() == 4403
    bad = await Socket.open(clinic.product.url, (await clinic.key()).socket_headers, after="x", wait=False)  # type: ignore[arg-type]
    assert await bad.closed() == 4400
    program = await clinic.key("contacts")
    assert await (await Socket.open(clinic.product.url, program.socket_headers, wait=False)).closed() == 4403


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"t":"evil"}',
        '{"t":"focus","thread":7}',
        '{"t":"typing"}',
        b"\x00\x01",
        "[" * 5000,
        '{"t":"ping","x":1}',
    ],
)
async def test_a_bad_frame_is_answered_and_the_socket_stays(clinic, frame):
    socket = await clinic.socket()
    await socket.send(frame)
    answer = await socket.next_answer()
    assert (answer["t"], bool(answer["code"]), bool(answer["detail"])) == ("error", True, True)
    await socket.send({"t": "ping"})
    assert (await socket.next_answer())["t"] == "pong"


async def test_too_large_a_frame_closes(clinic):
    socket = await clinic.socket()
    await socket.send(json.dumps({"t": "ping", "pad": "x" * 20_000}))
    assert await socket.closed() == 1009


async def test_presence_and_typing_reach_the_colleague(clinic):
    channel = await clinic.channel()
    await texts(channel, 1)
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]["id"]
    colleague = await clinic.member(name="Priya Nair")
    mine, theirs = await clinic.socket(), await clinic.socket(colleague)
    await theirs.send({"t": "focus", "thread": thread})
    while True:
        data = (await mine.next_live("thread.presence"))["data"]
        if data["viewers"].get(thread) == [{"id": str(colleague.staff_id), "name": "Priya Nair"}]:
            break
    assert {one["name"] for one in data["online"]} == {"Olivia Owner", "Priya Nair"}
    await theirs.send({"t": "typing", "thread": thread, "on": True})
    assert (await mine.next_live("thread.typing"))["data"] == {
        "thread": thread,
        "staff": {"id": str(colleague.staff_id), "name": "Priya Nair"},
        "on": True,
    }


async def online(socket, seconds=0.8):
    """Who is online by each presence frame that comes within so many seconds."""
    frames = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                data = (await socket.next_live("thread.presence"))["data"]
                frames.append([one["name"] for one in data["online"]])
    return frames


async def test_who_comes_is_told_once_who_is_there(clinic):
    colleague = await clinic.member(name="Priya Nair")
    mine = await clinic.socket()
    assert await online(mine) == [["Olivia Owner"]]
    second_tab = await clinic.socket()
    assert await online(second_tab) == [["Olivia Owner"]]
    theirs = await clinic.socket(colleague)
    assert [sorted(names) for names in await online(theirs)] == [["Olivia Owner", "Priya Nair"]]
    assert [sorted(names) for names in await online(mine, 0.3)] == [["Olivia Owner", "Priya Nair"]]
    # Many at once, who change nothing in the picture: each is told once.
    tabs = await asyncio.gather(*(clinic.socket(colleague if n % 2 else None) for n in range(6)))
    for tab in tabs:
        assert len(await online(tab, 0.5)) == 1


async def test_another_clinics_thread_cannot_be_looked_at(clinic, new_clinic):
    other = await new_clinic()
    await texts(await other.channel(), 1)
    thread = (await other.owner.get(other.at("threads"))).json()["items"][0]["id"]
    socket = await clinic.socket()
    await socket.send({"t": "focus", "thread": thread})
    assert (await socket.next_answer())["code"] == "not_found"


async def test_nobody_hears_another_clinic(clinic, new_clinic):
    other = await new_clinic()
    socket = await clinic.socket()
    await texts(await other.channel(), 3)
    await texts(await clinic.channel(), 1)
    event = await socket.next_event("message.created")
    assert event["data"]["message"]["body"] == "Text 0"
    assert all(str(other.id) not in frame for frame in socket.frames)


async def test_signing_out_closes_the_sockets(clinic):
    colleague = await clinic.member()
    socket = await clinic.socket(colleague)
    assert (await colleague.post("/api/auth/sign-out")).status_code == 204
    assert await socket.closed() == 4401


async def test_losing_a_right_closes_the_sockets_and_a_key_its_own(clinic):
    colleague = await clinic.member()
    program = await clinic.key()
    theirs, its, mine = await clinic.socket(colleague), await clinic.socket(program), await clinic.socket()
    await clinic.owner.patch(clinic.at(f"team/{colleague.staff_id}"), json={"is_active": False})
    assert await theirs.closed() == 4401
    await clinic.owner.delete(clinic.at(f"keys/{program.key_id}"))
    assert await its.closed() == 4401
    await mine.send({"t": "ping"})
    assert (await mine.next_answer())["t"] == "pong"


async def test_a_second_replica_hears_the_first(start_product, new_clinic):
    product = start_product(web=2, worker=False)
    clinic = await new_clinic(product)
    channel = await clinic.channel()
    socket = await clinic.socket(await clinic.key(), url=product.web[1].url)
    await asyncio.gather(*(channel.text(f"+1202556{i:04d}", f"Text {i}") for i in range(20)))
    await socket.until((await clinic.owner.get(clinic.at("sync"))).json()["seq"])


async def test_a_deaf_socket_is_dropped_and_hurts_nobody(start_product, new_clinic):
    """R15: 20 sockets that never read; the healthy one gets everything."""
    product = start_product(worker=False)
    clinic = await new_clinic(product)
    channel, key = await clinic.channel(), await clinic.key()
    deaf = []
    for _ in range(20):
        socket = await clinic.socket(key)
        socket._connection.transport.pause_reading()
        deaf.append(socket)
    healthy = await clinic.socket(key)
    body = "x" * 9_000

    async def listen():
        while True:
            await healthy.next_event(timeout=60)

    listening = asyncio.create_task(listen())
    try:
        for batch in range(6):
            await asyncio.gather(*(channel.text(f"+1202557{i:04d}", f"{batch} {i} {body}") for i in range(25)))
        head = (await clinic.owner.get(clinic.at("sync"))).json()["seq"]
        async with asyncio.timeout(60):
            while healthy.seq < head:  # noqa: ASYNC110 - another task listens
                await asyncio.sleep(0.05)
        back = await clinic.socket(key, after=healthy.hello["seq"], epoch=healthy.hello["epoch"])
        await back.until(head, timeout=60)
        metrics = (await clinic.outside.get("/metrics")).text
        open_now = next(line for line in metrics.splitlines() if line.startswith("orasync_sockets "))
        assert float(open_now.split()[1]) == 2, "the deaf ones are gone, the healthy ones are not"
    finally:
        listening.cancel()
        for socket in deaf:
            socket._connection.transport.abort()
