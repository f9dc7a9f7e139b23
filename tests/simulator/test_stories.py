"""Patients: what they say, in which language, and how they take an answer."""

from __future__ import annotations

import random

import pytest

from app.inbox.red_flags import find_red_flag
from app.kit.phone import parse_phone
from app.simulator.past import ANSWERS, PAST, TAGS
from app.simulator.people import Person, fiction_number, make_person
from app.simulator.stories import STORIES, Talk, choose_story, say

PERSON = Person("Rosa Bennett", "+12025550111")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.key)
def test_every_text_of_a_story_can_be_said(story):
    for turn in (*story.turns, (story.chaser, story.thanks)):
        for text in turn:
            said = say(text, PERSON, random.Random(1))
            assert said.strip()
            assert "{" not in said


def test_a_talk_ends_whatever_the_clinic_answers():
    for seed in range(200):
        draw = random.Random(seed)
        person = make_person(seed)
        talk = Talk(person, choose_story(person, draw), draw)
        talk.open()
        for _ in range(12):
            if talk.finished:
                break
            talk.answer(
                draw.choice(("Sure?", "We have 3 pm", "Your date of birth?", "Which insurance do you have?", "Ok."))
            )
        assert talk.finished


def test_they_take_an_offered_time_and_answer_questions():
    talk = Talk(PERSON, STORIES[0], random.Random(1))
    talk.open()
    assert "3:30 pm" in talk.answer("I have Thursday at 3:30 pm, shall I book it?")
    assert "/19" in Talk(PERSON, STORIES[0], random.Random(3)).answer("What is your date of birth?")
    assert "Delta Dental" in Talk(PERSON, STORIES[0], random.Random(1)).answer("Which insurance do you have?")


def test_people_speak_their_own_language():
    for index in range(120):
        person = make_person(index)
        assert choose_story(person, random.Random(index)).language == person.language


def test_everybody_has_a_number_of_their_own_that_nobody_has():
    numbers = [fiction_number(i) for i in range(5000)]
    assert len(set(numbers)) == len(numbers)
    assert all(parse_phone(number, "US").reachable for number in numbers[:1500])
    assert all("555010" in number or "55501" in number for number in numbers[:1500])


def test_the_told_past_makes_sense():
    for past in PAST:
        agos = [line.ago for line in past.lines]
        assert agos == sorted(agos, reverse=True), past.name
        if past.alert:
            assert find_red_flag(" ".join(line.text for line in past.lines[-2:])) == past.alert
    assert set(TAGS) <= {story.key for story in STORIES}
    assert set(ANSWERS) <= {story.key for story in STORIES}


def test_what_cannot_wait_is_seen_as_such():
    for key in ("pain", "swelling", "knocked out", "dolor", "dard"):
        story = next(one for one in STORIES if one.key == key)
        assert all(find_red_flag(say(text, PERSON, random.Random(1))) for text in story.turns[0]), key
