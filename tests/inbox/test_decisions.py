"""Why a message was sent (N8): the database demands it, the page shows it, the export has no empty field."""

import asyncio
import csv
import datetime as dt
import io
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from app.inbox.service.deciding import HEADINGS

PATIENT = "+12025550111"
HTML = {"accept": "text/html"}


async def answered(clinic, body="See you on Friday."):
    channel = await clinic.channel()
    assert (await channel.text(PATIENT, "Hello?")).status_code == 200
    [thread] = (await clinic.owner.get(clinic.at("threads"))).json()["items"]
    sent = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        json={"body": body, "seen": thread["last_seq"], "client_id": str(uuid4())},
    )
    assert sent.status_code == 201, sent.text
    return sent.json(), thread


async def test_the_database_refuses_what_nobody_decided(clinic):
    message, _ = await answered(clinic)
    with pytest.raises(psycopg.errors.CheckViolation):
        clinic.product.sql("update message set decision_id = null where id = %s", message["id"])
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        clinic.product.sql("update message set decision_id = %s where id = %s", str(uuid4()), message["id"])


async def test_a_reply_says_why(clinic):
    message, thread = await answered(clinic)
    told = (await clinic.owner.get(clinic.at(f"messages/{message['id']}/decision"))).json()
    assert told["thread_id"] == thread["id"]
    assert (told["kind"], told["channel"], told["to_address"]) == ("reply", "sms", PATIENT)
    assert (told["consent"], told["consent_source"]) == ("Wrote to us first", "message")
    assert told["zone"] == "America/New_York"  # 202 is Washington
    assert "a person's own message may always go" in told["quiet_hours"]
    assert told["approved_by"] == "Olivia Owner"
    assert not told["is_opted_out"]
    assert [act["action"] for act in told["acts"]] == ["message.sent"]
    page = await clinic.owner.get(f"/inbox/messages/{message['id']}/why", headers=HTML)
    assert page.status_code == 200
    assert "Wrote to us first" in page.text
    assert "Olivia Owner" in page.text


async def test_consent_that_was_written_down_counts(clinic):
    channel = await clinic.channel()
    assert (await channel.text(PATIENT, "Hello?")).status_code == 200
    [thread] = (await clinic.owner.get(clinic.at("threads"))).json()["items"]
    path = clinic.at(f"contacts/{thread['contact']['id']}/consent")
    assert (await clinic.owner.put(path, json={"channel": "sms", "granted": True})).is_success
    sent = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"), json={"body": "Thank you", "anyway": True}
    )
    told = (await clinic.owner.get(clinic.at(f"messages/{sent.json()['id']}/decision"))).json()
    assert (told["consent"], told["consent_source"]) == ("Said yes", "staff")


async def test_nobody_else_reads_it(clinic, new_clinic):
    message, _ = await answered(clinic)
    other = await new_clinic(clinic.product)
    for who, base in ((other, other), (other, clinic)):
        assert (await who.owner.get(base.at(f"messages/{message['id']}/decision"))).status_code == 404
    assert (await other.owner.get(f"/inbox/messages/{message['id']}/why", headers=HTML)).status_code == 404


async def test_the_export_has_no_empty_field_and_is_written_down(clinic):
    message, _ = await answered(clinic, body="=cmd()")
    days = "since=2020-01-01&until=2100-01-01"
    answer = await clinic.owner.get(clinic.at(f"decisions/export?{days}"))
    assert answer.status_code == 200
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == HEADINGS
    assert [row[0] for row in rows[1:]] == [message["id"]]
    assert all(cell.strip() for row in rows for cell in row)
    log = (await clinic.owner.get(clinic.at("audit?action=decisions.exported"))).json()["items"]
    assert len(log) == 1
    desk = await clinic.member("front_desk")
    assert (await desk.get(clinic.at(f"decisions/export?{days}"))).status_code == 403
    assert (await clinic.owner.get(clinic.at("decisions/export?since=2026-02-01&until=2026-01-01"))).status_code == 422


async def test_a_thousand_rows_come_whole_and_in_order(clinic):
    """Three pages of the export, with several decisions of one instant across their edges."""
    first, thread = await answered(clinic)
    clinic.product.sql(
        "with made as (insert into decision (id, clinic_id, kind, channel, to_address, contact_id, rule, "
        "approved_by_type, approved_by_name, consent, consent_source, consent_at, zone, local_time, quiet_hours, "
        "decided_at) select gen_random_uuid(), %s, 'campaign', 'sms', %s, %s, 'Rule ' || n, 'staff', 'Olivia', "
        "'Said yes', 'staff', now(), 'UTC', '10:00', 'it may go now', timestamptz '2026-01-02 10:00Z' + "
        "n / 7 * interval '1 second' from generate_series(0, 999) n returning id, clinic_id, rule, decided_at) "
        "insert into message (id, clinic_id, thread_id, seq, direction, channel, kind, body, to_address, "
        "author_type, status, provider_id, mode, created_at, decision_id) "
        "select gen_random_uuid(), clinic_id, %s, 0, 'out', 'sms', 'text', 'Hi', %s, 'staff', 'sent', 'SM' || rule, "
        "'live', decided_at, id from made",
        *(str(clinic.id), PATIENT, thread["contact"]["id"], thread["id"], PATIENT),
    )
    async with clinic.owner.http.stream(
        "GET", clinic.at("decisions/export?since=2020-01-01&until=2100-01-01")
    ) as answer:
        assert "content-length" not in answer.headers
        text = "".join([part async for part in answer.aiter_text()])
    rows = [dict(zip(HEADINGS, row, strict=True)) for row in list(csv.reader(io.StringIO(text)))[1:]]
    known = clinic.product.sql(
        "select m.id::text from message m join decision d on d.id = m.decision_id where m.clinic_id = %s "
        "order by d.decided_at, d.id",
        str(clinic.id),
    )
    assert len(rows) == 1001
    assert [row["message"] for row in rows] == [one for (one,) in known]
    assert rows[-1]["message"] == first["id"]
    assert all(cell.strip() for row in rows for cell in row.values())


async def test_a_mail_from_before_is_no_consent_to_texts(clinic):
    contact = await clinic.owner.post(clinic.at("contacts"), json={"name": "Ann", "phone": PATIENT})
    await clinic.channel()
    thread = (await clinic.owner.post(clinic.at("threads"), json={"contact_id": contact.json()["id"]})).json()
    clinic.product.sql(
        "insert into message (id, clinic_id, thread_id, seq, direction, channel, kind, body, author_type, status, "
        "created_at) values (gen_random_uuid(), %s, %s, 1, 'in', 'email', 'text', 'Hello', 'patient', 'received', "
        "now())",
        str(clinic.id),
        thread["id"],
    )
    sent = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json={"body": "Hi", "anyway": True})
    told = (await clinic.owner.get(clinic.at(f"messages/{sent.json()['id']}/decision"))).json()
    assert (told["consent"], told["consent_source"]) == ("No objection known, on our list since", "list")


async def test_an_automatic_message_waits_for_the_morning_there(clinic):
    """R8, in the claim: whatever was true when it was written."""
    now = dt.datetime.now(ZoneInfo("America/New_York"))
    quiet = {"quiet_from": f"{now - dt.timedelta(hours=1):%H:%M}", "quiet_to": f"{now + dt.timedelta(hours=2):%H:%M}"}
    assert (await clinic.owner.patch(clinic.at("clinic"), json=quiet)).status_code == 200
    message, thread = await answered(clinic)  # by a person, in five seconds
    clinic.product.sql("update message set author_type = 'automation' where id = %s", message["id"])
    async with asyncio.timeout(30):
        while True:
            [(status, send_at)] = clinic.product.sql("select status, send_at from message where id = %s", message["id"])
            if send_at > now + dt.timedelta(hours=1):
                break
            await asyncio.sleep(0.1)
    assert status == "scheduled"
    path = clinic.at(f"messages/{message['id']}/decision")
    told = (await clinic.owner.get(path)).json()["quiet_hours"]
    assert "a person's own message may always go; put off until " in told  # as it was written, and what came after
    assert f"put off until {send_at.astimezone(ZoneInfo('America/New_York')):%Y-%m-%d %H:%M} there" in told
    assert f"from {quiet['quiet_to']} to {quiet['quiet_from']}; it waits until" in told
    exported = await clinic.owner.get(clinic.at("decisions/export?since=2020-01-01&until=2100-01-01"))
    assert "put off until" in exported.text
    assert send_at <= now + dt.timedelta(hours=25)
    assert thread["contact"]["phone"] == PATIENT
