"""Two people who are one: joined, found by their old links, and parted again, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from uuid import uuid4

ANNA, ANNE = "+12025550111", "+12025550122"


async def get(clinic, path, who=None):
    answer = await (who or clinic.owner).get(clinic.at(path))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(clinic, path, body=None, who=None, method="POST"):
    answer = await (who or clinic.owner).request(method, clinic.at(path), json=body if body is not None else {})
    assert answer.is_success, answer.text
    return answer.json()


async def threads_of(clinic, view="all"):
    return (await get(clinic, f"threads?view={view}"))["items"]


async def two_people(clinic, channel):
    """Anna wrote twice, Anne once; returns their threads."""
    await channel.text(ANNA, "Hello from my mobile")
    await channel.text(ANNE, "Hello from work")
    await channel.text(ANNA, "Are you there?")
    rows = {row["contact"]["phone"]: row for row in await threads_of(clinic)}
    for phone, name in ((ANNA, "Anna Bell"), (ANNE, "Anne B.")):
        await post(clinic, f"contacts/{rows[phone]['contact']['id']}", {"name": name}, method="PATCH")
    return rows[ANNA], rows[ANNE]


async def bodies(clinic, thread):
    return [message["body"] for message in (await get(clinic, f"threads/{thread['id']}/messages"))["items"]]


def merge(clinic, thread, into, who=None, **more):
    return post(clinic, f"threads/{thread['id']}/merge", {"into": into, **more}, who)


async def everything(clinic):
    """All that a desk can see, without what changes by itself."""
    threads = {row["id"]: row for row in await threads_of(clinic)}
    texts = {one: await bodies(clinic, row) for one, row in threads.items()}
    contacts = {row["id"]: row for row in (await get(clinic, "contacts"))["items"]}
    return threads, texts, contacts, await get(clinic, "threads/counts")


async def test_everything_goes_to_the_survivor(clinic):
    channel = await clinic.channel()
    anna, anne = await two_people(clinic, channel)
    await post(clinic, f"threads/{anne['id']}/notes", {"body": "Has a second number"})
    await post(clinic, f"threads/{anne['id']}/tags", {"add": ["work"]})
    await post(clinic, f"threads/{anna['id']}/tags", {"add": ["vip"]})
    await clinic.owner.put(clinic.at(f"threads/{anne['id']}/draft"), json={"body": "About your"})
    await clinic.owner.put(clinic.at(f"threads/{anna['id']}/draft"), json={"body": "Dear Anna"})
    socket = await clinic.socket()
    done = await merge(clinic, anne, anna["id"])

    told = (await socket.next_event("thread.merged"))["data"]
    assert told["merged"] == {"thread_id": anne["id"], "contact_id": anne["contact"]["id"], "name": "Anne B."}
    assert told["thread"]["id"] == done["thread"]["id"] == anna["id"]
    thread = await get(clinic, f"threads/{anna['id']}")
    assert {**thread, "unread": 0} == {**told["thread"], "unread": 0}
    assert (thread["contact"]["name"], thread["contact"]["phone"]) == ("Anna Bell", ANNA)
    assert thread["tags"] == ["vip", "work"]
    assert thread["unread"] == 3
    assert thread["waiting_since"] == anna["waiting_since"]
    assert await bodies(clinic, anna) == [
        "Has a second number",
        "Are you there?",
        "Hello from work",
        "Hello from my mobile",
    ]
    assert (await get(clinic, f"threads/{anna['id']}/draft"))["reply"] == "Dear Anna\n\nAbout your"
    assert [row["id"] for row in await threads_of(clinic)] == [anna["id"]]
    assert (await get(clinic, "threads/counts"))["all"] == 1
    assert [point["address"] for point in done["contact"]["points"]] == [ANNA, ANNE]
    assert [row["id"] for row in (await get(clinic, "threads?q=0122"))["items"]] == [anna["id"]]
    assert [row["id"] for row in (await get(clinic, "threads?q=second number"))["items"]] == [anna["id"]]


async def test_old_links_lead_to_the_survivor_and_acts_are_told(clinic):
    channel = await clinic.channel()
    anna, anne = await two_people(clinic, channel)
    await merge(clinic, anne, anna["contact"]["id"])  # a person's id does as well
    assert (await get(clinic, f"threads/{anne['id']}"))["id"] == anna["id"]
    assert await bodies(clinic, anne) == await bodies(clinic, anna)
    assert (await get(clinic, f"contacts/{anne['contact']['id']}"))["id"] == anna["contact"]["id"]
    page = await clinic.owner.get(f"/inbox?thread={anne['id']}", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert f'data-thread="{anna["id"]}"' in page.text
    for verb, body in (("messages", {"body": "Hi"}), ("notes", {"body": "Hi"}), ("close", None), ("read", None)):
        answer = await clinic.owner.post(clinic.at(f"threads/{anne['id']}/{verb}"), json=body or {})
        assert answer.status_code == 409, (verb, answer.text)
        assert (answer.json()["code"], answer.json()["thread_id"]) == ("thread_merged", anna["id"])
    answer = await clinic.owner.put(clinic.at(f"threads/{anne['id']}/draft"), json={"body": "x"})
    assert answer.json()["code"] == "thread_merged"
    await channel.text(ANNE, "From work again")
    assert (await bodies(clinic, anna))[0] == "From work again"
    assert len(await threads_of(clinic)) == 1


async def test_the_survivor_can_be_this_one(clinic):
    channel = await clinic.channel()
    anna, anne = await two_people(clinic, channel)
    done = await merge(clinic, anne, anna["id"], survivor=anne["id"])
    assert done["thread"]["id"] == anne["id"]
    assert done["contact"]["name"] == "Anne B."
    assert done["contact"]["phone"] == ANNE


async def test_what_cannot_be_joined_is_refused(clinic, new_clinic):
    channel = await clinic.channel()
    anna, anne = await two_people(clinic, channel)
    other = await new_clinic()
    address = clinic.at(f"threads/{anna['id']}/merge")
    for body, status in (
        ({"into": anna["contact"]["id"]}, 422),
        ({"into": anne["id"], "survivor": str(uuid4())}, 404),
        ({"into": str(uuid4())}, 404),
        ({}, 422),
        ({"into": "x"}, 422),
        ({"into": anne["id"], "more": 1}, 422),
    ):
        answer = await clinic.owner.post(address, json=body)
        assert answer.status_code in {status, 400 if status == 422 else status}, (body, answer.text)
    assert (
        await other.owner.post(other.at(f"threads/{anna['id']}/merge"), json={"into": anne["id"]})
    ).status_code == 404
    assert len(await threads_of(clinic)) == 2


async def test_a_blocked_person_is_joined_with_a_blocked_one_only(clinic):
    channel = await clinic.channel()
    anna, anne = await two_people(clinic, channel)
    await post(clinic, f"contacts/{anne['contact']['id']}/block")
    answer = await clinic.owner.post(clinic.at(f"threads/{anna['id']}/merge"), json={"into": anne["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "blocked")
    await post(clinic, f"contacts/{anna['contact']['id']}/block")
    done = await merge(clinic, anne, anna["id"])
    assert (done["thread"]["state"], done["thread"]["blocked"]) == ("closed", True)
    await channel.text(ANNE, "Advertising")
    await post(clinic, f"contacts/merges/{done['merge']['id']}/undo")
    rows = {row["id"]: row for row in await threads_of(clinic)}
    assert [(row["state"], row["blocked"], row["waiting_since"]) for row in rows.values()] == [
        ("closed", True, None)
    ] * 2
    assert rows[anne["id"]]["last_message"]["body"] == "Advertising"


async def test_parting_restores_everything(clinic):
    channel = await clinic.channel()
    anna, anne = await two_people(clinic, channel)
    colleague = await clinic.member()
    await post(clinic, f"threads/{anne['id']}/read", who=colleague)
    await post(clinic, f"threads/{anna['id']}/tags", {"add": ["vip"]})
    await post(clinic, f"threads/{anne['id']}/tags", {"add": ["work"]})
    await post(clinic, f"threads/{anne['id']}/close")
    await clinic.owner.put(clinic.at(f"threads/{anne['id']}/draft"), json={"body": "About your"})
    before = await everything(clinic)
    done = await merge(clinic, anne, anna["id"])
    assert [one["id"] for one in (await get(clinic, f"contacts/{anna['contact']['id']}/people"))["merges"]] == [
        done["merge"]["id"]
    ]
    socket = await clinic.socket()
    await post(clinic, f"contacts/merges/{done['merge']['id']}/undo")
    told = (await socket.next_event("thread.merged"))["data"]
    assert told["undone"]
    assert told["parted"]["thread"]["id"] == anne["id"]
    assert len(told["parted"]["message_ids"]) == 1
    assert await everything(clinic) == before
    assert (await get(clinic, f"threads/{anne['id']}", colleague))["unread"] == 0
    assert (await get(clinic, f"threads/{anna['id']}", colleague))["unread"] == 2
    assert (await get(clinic, f"threads/{anne['id']}/draft"))["reply"] == "About your"
    again = await clinic.owner.post(clinic.at(f"contacts/merges/{done['merge']['id']}/undo"), json={})
    assert (again.status_code, again.json()["code"]) == (409, "not_partable")


async def test_parting_takes_along_what_came_since(clinic):
    channel = await clinic.channel()
    anna, anne = await two_people(clinic, channel)
    done = await merge(clinic, anne, anna["id"])
    await channel.text(ANNE, "From work, later")
    await channel.text(ANNA, "From home, later")
    await post(clinic, f"threads/{anna['id']}/tags", {"add": ["since"]})
    await post(clinic, f"threads/{anna['id']}/read")
    await post(clinic, f"contacts/merges/{done['merge']['id']}/undo")
    assert await bodies(clinic, anne) == ["From work, later", "Hello from work"]
    assert await bodies(clinic, anna) == ["From home, later", "Are you there?", "Hello from my mobile"]
    rows = {row["id"]: row for row in await threads_of(clinic, "todo")}
    assert rows.keys() == {anna["id"], anne["id"]}
    assert rows[anna["id"]]["tags"] == ["since"]
    assert rows[anne["id"]]["last_message"]["body"] == "From work, later"
    assert [row["unread"] for row in rows.values()] == [0, 0]
    first = (await get(clinic, f"threads/{anne['id']}/messages"))["items"][0]
    assert (first["author"]["id"], first["author"]["name"]) == (anne["contact"]["id"], "Anne B.")


async def test_parting_is_refused_where_it_cannot_be_right(clinic):
    channel = await clinic.channel()
    anna, anne = await two_people(clinic, channel)
    await channel.text("+12025550133", "Ann here")
    ann = next(row for row in await threads_of(clinic) if row["contact"]["phone"] == "+12025550133")
    first = await merge(clinic, anne, anna["id"])
    second = await merge(clinic, anna, ann["id"])
    assert (await get(clinic, f"threads/{anne['id']}"))["id"] == ann["id"]  # over two joins

    async def refused(merge_id):
        answer = await clinic.owner.post(clinic.at(f"contacts/merges/{merge_id}/undo"), json={})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_partable"), answer.text
        return answer.json()["detail"]

    assert "Part those first" in await refused(first["merge"]["id"])
    clinic.product.sql(
        "update contact_merge set merged_at = merged_at - interval '31 days' where clinic_id = %s and id = %s",
        clinic.id,
        second["merge"]["id"],
    )
    assert "30 days" in await refused(second["merge"]["id"])
    clinic.product.sql("update contact_merge set merged_at = now() where clinic_id = %s", clinic.id)
    await post(clinic, f"contacts/merges/{second['merge']['id']}/undo")
    point = next(one for one in first["contact"]["points"] if one["address"] == ANNE)
    removed = await clinic.owner.delete(clinic.at(f"contacts/{anna['contact']['id']}/points/{point['id']}"))
    assert removed.status_code == 200
    assert ANNE in await refused(first["merge"]["id"])
    assert len(await threads_of(clinic)) == 2


async def test_nothing_is_lost_or_doubled_while_people_are_joined(clinic):
    """Texts and replies arrive while two people are joined and parted, again and again."""
    channel = await clinic.channel()
    anna, anne = await two_people(clinic, channel)
    colleague = await clinic.member()
    written: list[str] = []

    async def texts(phone):
        for number in range(12):
            words = f"{phone} {number}"
            answer = await channel.text(phone, words)
            assert answer.status_code == 200, answer.text
            written.append(words)

    async def replies(thread, who):
        for number in range(10):
            words = f"Reply {thread['contact']['phone']} {number}"
            answer = await who.post(
                clinic.at(f"threads/{thread['id']}/messages"), json={"body": words, "client_id": str(uuid4())}
            )
            assert answer.status_code in {201, 409, 503}, answer.text
            if answer.status_code == 201:
                written.append(words)
            else:
                # Gone elsewhere, or the records were busy: refused whole, and said so.
                assert answer.json()["code"] == ("thread_merged" if answer.status_code == 409 else "unavailable")
            mark = await who.post(clinic.at(f"threads/{thread['id']}/read"), json={})
            assert mark.status_code in {200, 409, 503}, mark.text

    async def insist(path, body):
        """Whoever is told that the records are busy asks again."""
        async with asyncio.timeout(60):
            while True:
                answer = await clinic.owner.post(clinic.at(path), json=body)
                if answer.status_code != 503:
                    assert answer.status_code == 200, answer.text
                    return answer.json()
                await asyncio.sleep(0.1)

    async def joins():
        for number in range(6):
            gone, stays = (anne, anna) if number % 2 else (anna, anne)
            done = await insist(f"threads/{gone['id']}/merge", {"into": stays["id"]})
            await asyncio.sleep(0.02)
            await insist(f"contacts/merges/{done['merge']['id']}/undo", {})
            await asyncio.sleep(0.02)
        await insist(f"threads/{anne['id']}/merge", {"into": anna["id"]})

    await asyncio.gather(texts(ANNA), texts(ANNE), replies(anna, clinic.owner), replies(anne, colleague), joins())
    rows = await threads_of(clinic)
    assert [row["id"] for row in rows] == [anna["id"]]
    found = clinic.product.sql(
        "select body, count(*), count(distinct seq) from message where clinic_id = %s group by body", clinic.id
    )
    assert {row[0]: row[1] for row in found} == dict.fromkeys(
        [*written, "Hello from my mobile", "Hello from work", "Are you there?"], 1
    )
    kept = clinic.product.sql(
        "select count(*) filter (where m.thread_id = t.id) = count(*), max(m.seq) = t.last_seq, "
        "count(*) filter (where m.direction = 'in') = t.inbound_count from thread t join message m "
        "on m.clinic_id = t.clinic_id where t.clinic_id = %s group by t.id, t.last_seq, t.inbound_count",
        clinic.id,
    )
    assert kept == [(True, True, True)]
