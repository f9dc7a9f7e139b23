"""What reaches the log: one line a request, and nothing of what people wrote, sent along or keep secret."""

import json
import logging

from app.kit.logs import _Clean, clean, hide_secrets

CANARY = "canary-7f3a"


async def test_no_request_leaves_a_trace_of_its_content(start_product, new_clinic):
    product = start_product()
    clinic = await new_clinic(product, name=f"{CANARY} dental")
    program = await clinic.key()
    channel = await clinic.channel(
        credentials={"account_sid": "AC" + "0" * 32, "auth_token": "a-token-of-this-test-0123456789ab"}
    )
    await channel.text("+12025550177", f"{CANARY} tooth hurts")
    await clinic.owner.post(clinic.at("contacts"), json={"name": f"{CANARY} Anna", "phone": "+12025550166"})
    await clinic.owner.get(clinic.at(f"threads?q={CANARY}"))
    await clinic.owner.get(f"/inbox?q={CANARY}")
    await clinic.outside.post("/api/auth/sign-in", json={"email": f"{CANARY}@x.test", "password": CANARY})
    await clinic.outside.get(f"/invitations/{CANARY}")
    await program.post(
        clinic.at("contacts"), content=f'{{"name":"{CANARY}'.encode(), headers={"content-type": "application/json"}
    )
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    sent = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        json={
            "channel": "sms",
            "body": f"{CANARY} see you",
            "seen": thread["last_seq"],
            "client_id": "0190f6a0-0000-7000-8000-000000000001",
        },
    )
    assert sent.status_code == 201, sent.text
    # A crash, whose database error quotes the row.
    product.sql("alter table contact add constraint no_eve check (name <> 'canary-7f3a Eve')")
    crash = await clinic.owner.post(clinic.at("contacts"), json={"name": f"{CANARY} Eve", "phone": "+12025550165"})
    assert crash.status_code == 500
    log = product.log()
    cookies = clinic.owner.cookies.values()
    for secret in (
        CANARY,
        program.key,
        *cookies,
        "+12025550177",
        "+12025550166",
        "12025550165",
        "a-token-of-this-test",
        clinic.owner.email,
    ):
        assert secret not in log, secret
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["event"] == "request"]
    assert {"method", "route", "status", "ms", "request_id", "clinic"} <= set(requests[0])
    routes = {line["route"] for line in requests}
    assert "/api/v1/clinics/{cid}/contacts" in routes or "/api/v1/clinics/{cid:str}/contacts" in routes, routes
    assert str(clinic.id) in {line["clinic"] for line in requests}
    assert any(
        line["event"] == "request.crashed" and line["request_id"] == crash.json()["request_id"] for line in lines
    )


def test_secrets_are_taken_out_whoever_put_them_in():
    entry = hide_secrets(
        None,
        "info",
        {"password": "x", "said": "key ok_abcdefgh12345 and Bearer abc.def, postgresql://u:pw@h/d", "n": 3},
    )
    assert entry == {"password": "***", "said": "key *** and *** postgresql://u:***@h/d", "n": 3}


def test_rows_quoted_by_database_errors_are_taken_out():
    said = "UniqueViolationError: duplicate key\nDETAIL:  Key (email)=(anna@x.test) already exists.\nmore"
    assert clean(said) == "UniqueViolationError: duplicate key\nmore"
    record = logging.LogRecord("x", logging.ERROR, "f", 1, said, (), None)
    assert "anna" not in _Clean().format(record)
