"""The assistant's worker dies at each of its commits: the patient gets one answer at most, and one at last."""

from __future__ import annotations

import pytest

from tests.journeys.support import PATIENT, at_twilio, check, live_channel, make_worker, until

WORDS = "I'd like to book a cleaning please"
# The worker's commits on the way: the reaction's jobs, the reading, the answer, its claim, what the provider said, what
# came of it, ... Around the answer itself here, all of them in the soak.
CRASHES = [
    pytest.param(f"work.{moment}_commit:{n}", marks=() if (moment, n) == ("after", 3) else pytest.mark.soak)
    for moment in ("before", "after")
    for n in range(1, 9)
]


@pytest.mark.parametrize("crash", CRASHES)
async def test_one_answer_whenever_the_worker_dies(start_product, new_clinic, twilio, crash):
    product = start_product(worker=False, **at_twilio(twilio))
    clinic = await new_clinic(product)
    channel = await live_channel(clinic)
    rule = {"channel": "sms", "intent": "booking", "mode": "answer", "consent": True, "override": True}
    assert (await clinic.owner.put(clinic.at("ai-rules"), json=rule)).status_code == 200
    assert (await channel.text(PATIENT, WORDS, sid="SM-first")).status_code == 200
    worker = make_worker(product)
    worker.start(ORASYNC_CRASH_AT=crash)
    answered = "select count(*) from ai_answer where clinic_id = %s and state = 'sent'"

    def is_over() -> bool:
        return worker.child.poll() is not None or product.sql(answered, clinic.id) == [(1,)]

    await until(is_over, 60, "it neither died nor answered")
    if worker.child.poll() is not None:
        worker.start()
    await until(lambda: product.sql(answered, clinic.id) == [(1,)], 90, "the patient was never answered")
    sent = "select count(*), min(status) from message where clinic_id = %s and author_type = 'ai'"
    # A worker that died with the call in hand leaves a doubt that a person settles; a second call never.
    done = ("delivered", "sent", "unknown", "needs_review")
    await until(lambda: product.sql(sent, clinic.id)[0][1] in done, 90, "the answer never came to its end")
    assert product.sql(sent, clinic.id)[0][0] == 1
    assert len(twilio.accepted()) <= 1
    check(product, twilio)
