"""The running product with a language model: it reads what patients write, learns no names, and is not missed."""

from __future__ import annotations

import pytest

from tests.journeys.support import until
from tests.support.openai_server import OpenAIServer

PATIENT = "+12025550123"
CANARIES = ("tazzle", "quornby", "olivia", "5550123", "555-0123", "payment")


@pytest.fixture
def provider():
    running = OpenAIServer()
    yield running
    running.stop()


async def read(socket, words, seconds=60):
    while True:
        data = (await socket.next_event("ai.triaged", timeout=seconds))["data"]
        if data["message"]["body"] == words:
            return data["message"]["triage"]


async def read_by_the_model(channel, socket, words):
    """What the model made of it. On a very busy machine its three seconds may pass: then once more."""
    for again in ("", "?"):
        await channel.text(PATIENT, words + again)
        assert (await read(socket, words + again))["tier"] != "llm", "the tag does not wait for the model"
        try:
            return await read(socket, words + again, seconds=10)
        except TimeoutError:
            continue
    raise AssertionError("the model was never in time")


@pytest.mark.soak  # a product of its own; test_llm.py shows every mood and every canary
async def test_names_stay_and_the_desk_is_sorted_with_and_without_the_provider(provider, start_product, new_clinic):
    product = start_product(OPENAI_BASE_URL=provider.base_url, LOG_LEVEL="debug")
    clinic = await new_clinic(product)
    channel, socket = await clinic.channel(), await clinic.socket()
    provider.says |= {"intent": "billing"}
    assert (await read_by_the_model(channel, socket, "hello"))["tier"] == "llm"

    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    contact = clinic.at(f"contacts/{thread['contact']['id']}")
    named = await clinic.owner.patch(contact, json={"name": "Tazzle Quornby"})
    assert named.status_code == 200, named.text
    words = "tazzle here (quornby), did olivia get my payment? 202-555-0123"
    found = await read_by_the_model(channel, socket, words)
    assert (found["tier"], found["intent"], found["reason"]) == ("llm", "billing", "Read as billing.")

    provider.mood = "down"
    await channel.text(PATIENT, "my cheek is really swollen")
    found = await read(socket, "my cheek is really swollen")
    assert found["tier"] in {"builtin", "local"}
    assert found["urgent"]
    assert found["escalate"]

    assert not provider.problems
    told = " ".join(provider.prompts).casefold()
    assert "did [name_" in told
    assert not [canary for canary in CANARIES[:-1] if canary in told]
    await until(lambda: "ai.llm_unusable" in product.log())
    log = product.log().casefold()
    assert not [canary for canary in CANARIES if canary in log]
