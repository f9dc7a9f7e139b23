"""Connection keys: shown once, useful at once, gone at once."""

import subprocess
import sys

from app.config import ROOT
from tests.support.callers import Caller


async def test_a_key_is_shown_once(clinic):
    made = await clinic.owner.post(clinic.at("keys"), json={"name": "Website", "scopes": ["*"]})
    assert made.status_code == 201
    assert {"id", "key", "client_code"} <= set(made.json())
    assert made.json()["key"].startswith("ok_")
    listed = await clinic.owner.get(clinic.at("keys"))
    assert made.json()["key"] not in listed.text
    assert listed.json()["items"][0]["last4"] == made.json()["key"][-4:]


async def test_both_ways_to_send_a_key(clinic, new_clinic):
    program, other = await clinic.key(), await (await new_clinic()).key()
    path = clinic.at("threads")

    async def status(**headers):
        caller = Caller(clinic.product.url, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = await caller.get(path)
        await caller.close()
        return answer.status_code

    assert await status(authorization=f"Bearer {program.key}") == 200
    assert await status(authorization=f"bearer {program.key}") == 200
    assert await status(x_api_key=program.key, x_client_code=program.client_code) == 200
    assert await status(x_api_key=program.key) == 401
    assert await status(x_api_key=program.key, x_client_code=other.client_code) == 401
    assert await status(x_api_key=other.key, x_client_code=program.client_code) == 401
    assert await status(authorization=f"Bearer {program.key}x") == 401
    assert await status(authorization=f"Basic {program.key}") == 401
    assert await status(authorization="Bearer ok_") == 401
    assert await status(authorization=f"Bearer {other.key}") == 404  # the clinic in the path is not theirs


async def test_a_revoked_key_ends_at_once_with_its_sockets(clinic):
    program = await clinic.key("inbox:read")
    socket = await clinic.socket(program)
    assert (await clinic.owner.delete(clinic.at(f"keys/{program.key_id}"))).status_code == 204
    assert await socket.closed() == 4401
    assert (await program.get(clinic.at("threads"))).status_code == 401
    assert (await clinic.owner.delete(clinic.at(f"keys/{program.key_id}"))).status_code == 404


async def test_a_bad_key_is_no_way_around_a_good_session(clinic):
    answer = await clinic.owner.get(clinic.at("threads"), headers={"authorization": "Bearer ok_wrong"})
    assert answer.status_code == 401


async def test_a_key_acts_in_its_own_name(clinic):
    program = await clinic.key("contacts")
    socket = await clinic.socket()
    assert (
        await program.post(clinic.at("contacts"), json={"name": "Anna", "phone": "+12025550101"})
    ).status_code == 201
    event = await socket.next_event("contact.created")
    assert event["actor"] == {"type": "key", "id": str(program.key_id), "name": "Test"}


async def test_scopes_are_checked_when_a_key_is_made(clinic):
    for scopes in ([], ["everything"], ["*"] * 10, "inbox:read", None):
        answer = await clinic.owner.post(clinic.at("keys"), json={"name": "x", "scopes": scopes})
        assert answer.status_code == 422, scopes
        assert [error["key"].split(".")[0].split("[")[0] for error in answer.json()["errors"]] == ["scopes"], (
            answer.json()
        )


async def test_the_command_prints_a_key_once(clinic):
    program = run_key(
        "--clinic", clinic.slug, "--name", "Shell", "--scopes", "inbox:read,contacts", product=clinic.product
    )
    assert program.returncode == 0, program.stderr
    key = program.stdout.strip()
    assert key.startswith("ok_")
    assert "contacts, inbox:read" in program.stderr
    caller = Caller(clinic.product.url, {"authorization": f"Bearer {key}"})
    assert (await caller.get(clinic.at("threads"))).status_code == 200
    assert (await caller.get(clinic.at("keys"))).status_code == 403
    await caller.close()


async def test_the_command_says_what_is_wrong(clinic):
    wrong = run_key("--clinic", clinic.slug, "--name", "Shell", "--scopes", "all", product=clinic.product)
    assert wrong.returncode == 2
    assert "all is no scope. There are: * inbox:read" in wrong.stderr
    unknown = run_key("--clinic", "nobody", "--name", "Shell", "--scopes", "*", product=clinic.product)
    assert unknown.returncode == 1
    assert "There is no clinic 'nobody'." in unknown.stderr


def run_key(*options, product):
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "key", "create", *options],
        check=False,
        env=product.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
