"""The checker is proven: a good history passes, and each way of breaking one makes it complain of exactly that."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from tests.journeys.checker import Acked, History, Logged, Promised, Sent, Stored, Stream, Taken, problems


def make_log(clinic, count, *, messages=(), moves=()):
    """First the events that make messages, then those that move them, then others."""
    events, chain, told = [], bytes(32), [*messages, *moves]
    for seq in range(1, count + 1):
        kind, data = "thread.read", {"clinic": clinic}
        if seq <= len(messages):
            kind, data = "message.created", {"message": {"id": told[seq - 1]}}
        elif seq <= len(told):
            message, *change = told[seq - 1]
            kind, data = "message.status_changed", {"message": {"id": message}, "changes": {"status": change}}
        body = json.dumps({"t": "event", "seq": seq, "type": kind, "data": data}, separators=(",", ":"))[:-1]
        chain = sha256(chain + sha256(body.encode()).digest()).digest()
        events.append(Logged(seq, body, chain))
    return events


MOVES = (("m2", "queued", "sending"), ("m2", "sending", "sent"))


@pytest.fixture
def good():
    """Two clinics; in A one text came in, and two replies went out: one taken, one for a person to look at."""
    log = {"A": make_log("A", 8, messages=("m1", "m2", "m3"), moves=MOVES), "B": make_log("B", 5)}
    frames = [event.frame for event in log["A"]]
    return History(
        log=log,
        heads={"A": 8, "B": 5},
        acked=[Acked("A", "SM1"), Acked("A", "SM1")],
        promised=[Promised("A", "m2", "c2")],
        stored=[Stored("A", "SM1", "m1", 1)],
        sent=[Sent("A", "m2", "hi", "sent", "p1", "c2"), Sent("A", "m3", "ho", "needs_review", None, "c3")],
        taken=[Taken("hi", "p1")],
        streams=[
            Stream("one", "A", 2, frames[2:]),
            Stream("two", "A", 0, [frame[:-1] + ',"html":{"x":"y"}}' for frame in frames]),
            Stream("three", "B", 4, [log["B"][4].frame]),
        ],
        delivered={("A", "SM1"), ("A", "SM2")},
    )


def test_a_good_history_passes(good):
    assert problems(good) == []


def lose_a_text(history):
    history.stored.clear()


def store_twice(history):
    history.stored.append(Stored("A", "SM1", "m9", 1))


def store_a_stranger_s_text(history):
    history.stored.append(Stored("B", "SM1", "m1", 1))


def tell_of_a_message_nobody_has(history):
    history.sent.pop()


def log_a_message_twice(history):
    history.log["A"] = make_log("A", 8, messages=("m1", "m2", "m3", "m1"))
    history.streams.clear()


def lose_an_event_of_the_log(history):
    del history.log["A"][4]


def cut_the_log(history):
    del history.log["B"][4]
    history.streams.pop()


def forge_an_event(history):
    history.log["B"][2] = replace(history.log["B"][2], body=history.log["B"][2].body.replace('"B"', '"C"'))


def miss_a_frame(history):
    del history.streams[0].frames[2]


def repeat_a_frame(history):
    history.streams[0].frames.insert(2, history.streams[0].frames[1])


def swap_frames(history):
    frames = history.streams[1].frames
    frames[3], frames[4] = frames[4], frames[3]


def stop_early(history):
    history.streams[0].frames.pop()


def show_another_clinic_s_event(history):
    history.streams[2].frames[0] = history.log["A"][4].frame


def go_on_past_the_log(history):
    history.streams[2].frames.append(history.streams[0].frames[3])


def change_the_sum(history):
    history.streams[0].frames[0] = history.streams[0].frames[0].replace('"sum":"', '"sum":"0')


def refuse_to_resume(history):
    history.streams[0].resyncs = 1


def send_twice(history):
    history.taken.append(Taken("hi", "p2"))


def send_what_nobody_wrote(history):
    history.taken.append(Taken("buy now", "p3"))


def claim_a_send_that_never_was(history):
    history.taken[0] = Taken("ho", "p1")


def leave_it_moving(history):
    history.sent[1] = replace(history.sent[1], status="unknown")


def lose_a_reply(history):
    history.sent[0] = replace(history.sent[0], client_id="c9")


def take_a_click_twice(history):
    history.sent[1] = replace(history.sent[1], client_id="c2")


def move_back(history):
    history.log["A"] = make_log("A", 8, messages=("m1", "m2", "m3"), moves=(*MOVES, ("m2", "sent", "sending")))


def move_from_nowhere(history):
    history.log["A"] = make_log("A", 8, messages=("m1", "m2", "m3"), moves=(MOVES[0], ("m2", "unknown", "sent")))


def move_without_a_word(history):
    history.log["A"] = make_log("A", 8, messages=("m1", "m2", "m3"), moves=MOVES[:1])


def send_what_was_cancelled(history):
    history.sent[0] = replace(history.sent[0], status="cancelled")


@pytest.mark.parametrize(
    ("breaks", "complaint"),
    [
        (lose_a_text, "lost: SM1"),
        (store_twice, "doubled: SM1"),
        (store_a_stranger_s_text, "foreign: SM1 is in B"),
        (tell_of_a_message_nobody_has, "foreign: events [3] of A"),
        (log_a_message_twice, "events: message m1"),
        (lose_an_event_of_the_log, "gap: the log of A"),
        (cut_the_log, "head: the log of B"),
        (forge_an_event, "chain: event 3 of B"),
        (miss_a_frame, "order: one got 6 after 4"),
        (repeat_a_frame, "order: one got 4 after 4"),
        (swap_frames, "order: two got 5 after 3"),
        (stop_early, "lost: one ended at 7"),
        (show_another_clinic_s_event, "foreign: three got another event 5"),
        (go_on_past_the_log, "foreign: three got event 6"),
        (change_the_sum, "foreign: one got another event 3"),
        (refuse_to_resume, "resync: one"),
        (send_twice, "double send: m2 was taken 2 times"),
        (send_what_nobody_wrote, "unknown send: the provider took ['p3']"),
        (claim_a_send_that_never_was, "false word: m2 is sent"),
        (leave_it_moving, "stuck: m3 is still unknown"),
        (lose_a_reply, "lost: reply m2"),
        (take_a_click_twice, "doubled: the click c2"),
        (move_back, "backwards: m2 of A went from sent to sending"),
        (move_from_nowhere, "jump: m2 of A was sending"),
        (move_without_a_word, "jump: m2 is sent"),
        (send_what_was_cancelled, "false word: m2 is cancelled"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_broken_history_is_noticed(good, breaks, complaint):
    breaks(good)
    assert any(one.startswith(complaint) for one in problems(good)), problems(good)
