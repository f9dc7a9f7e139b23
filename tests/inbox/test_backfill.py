"""What the webhook could not take is fetched (R2): by a worker that starts, through the same way, each once."""

import time

import pytest

from tests.journeys.support import PATIENT, at_twilio, check, live_channel, make_worker
from tests.support.twilio_server import RunningTwilio


@pytest.fixture
def twilio(tmp_path):
    server = RunningTwilio(tmp_path / "journal.jsonl")
    yield server
    server.stop()


async def test_what_was_never_delivered_is_fetched_once(start_product, new_clinic, twilio):
    product = start_product(worker=False, **at_twilio(twilio))
    clinic = await new_clinic(product)
    channel = await live_channel(clinic)
    delivered = twilio.receive(PATIENT, channel.address, "I was delivered")
    assert (await channel.text(PATIENT, "I was delivered", sid=delivered)).status_code == 200
    missed = [twilio.receive(f"+1202557{n:04d}", channel.address, f"Missed {n}") for n in range(120)]  # two pages
    twilio.receive(PATIENT, channel.address, "STOP")
    twilio.receive(PATIENT, "+12025559999", "For another number")
    socket = await clinic.socket()
    worker = make_worker(product)
    worker.start()
    end = time.monotonic() + 60
    while product.sql("select count(*) from message where direction = 'in'") != [(122,)]:
        assert time.monotonic() < end, product.sql("select count(*) from message")
    assert (await socket.next_event("message.created", timeout=10))["data"]["message"]["body"].startswith("Missed")
    threads = (await clinic.owner.get(clinic.at("threads?view=all&limit=100"))).json()["items"]
    assert next(one for one in threads if one["contact"]["phone"] == PATIENT)["opted_out"] == ["sms"]
    # Twilio brings one of them after all, and the next worker asks again: nothing is stored twice.
    assert (await channel.text("+12025570000", "Missed 0", sid=missed[0])).status_code == 200
    worker.stop()
    worker.start()
    worker.stop()
    assert product.sql("select count(*), count(distinct provider_id) from message where direction = 'in'") == [
        (122, 122)
    ]
    check(product, twilio)
    await socket.until((await clinic.owner.get(clinic.at("sync"))).json()["seq"])


async def test_a_provider_that_does_not_answer_is_asked_again_later(start_product, new_clinic, twilio):
    product = start_product(worker=False, **at_twilio(twilio, TWILIO_API_URL="http://127.0.0.1:9"))
    clinic = await new_clinic(product)
    await live_channel(clinic)
    worker = make_worker(product)
    worker.start()
    end = time.monotonic() + 30
    while "backfill.no_answer" not in worker.log():
        assert time.monotonic() < end, worker.log()
    worker.stop()
