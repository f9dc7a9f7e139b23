"""Times in answers are RFC 3339 in UTC and end in Z; only in events that SQL writes PostgreSQL says +00:00."""

import re

WITH_OFFSET = re.compile(r'"[^"]*"\s*:\s*"\d{4}-\d\d-\d\d[T ][\d:.]+[+-]\d\d:?(?:\d\d)?"')


async def test_every_answer_says_its_times_with_a_z(clinic):
    channel = await clinic.channel()
    await channel.text("+12025550101", "Hello")
    contact = await clinic.owner.post(clinic.at("contacts"), json={"name": "Ann", "phone": "+12025550102"})
    assert contact.status_code == 201
    threads = (await clinic.owner.get(clinic.at("threads"))).json()["items"]
    thread = clinic.at(f"threads/{threads[0]['id']}")
    assert (await clinic.owner.post(f"{thread}/assign", json={"staff_id": str(clinic.owner.staff_id)})).is_success
    for path in (
        "/api/auth/me",
        "/api/auth/sessions",
        clinic.at("clinic"),
        clinic.at("threads"),
        thread,
        f"{thread}/messages",
        clinic.at("contacts"),
        clinic.at(f"contacts/{contact.json()['id']}"),
        clinic.at("channels"),
        clinic.at("keys"),
        clinic.at("team"),
        clinic.at("audit"),
    ):
        answer = await clinic.owner.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert not WITH_OFFSET.findall(answer.text), path
