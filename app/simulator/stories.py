"""What patients write about, turn by turn, and how they take the answers. Pure: no clock, no network.

The first turn opens a conversation; each further one is said after the clinic has answered. A turn lists alternatives.
The mix follows what dental desks say fills their day: moving and making appointments, insurance, bills, children, and
now and then pain that cannot wait.
"""

# ruff: noqa: E501 - what people write is not cut into pieces
from __future__ import annotations

import random
import re

import msgspec

from app.simulator.people import Person


class Story(msgspec.Struct, frozen=True):
    """One reason to write."""

    key: str
    turns: tuple[tuple[str, ...], ...]
    language: str = "en"
    weight: float = 1.0
    chaser: str = "Hi, just checking you saw my message?"
    thanks: str = "Thank you!"


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
DIAS = ("lunes", "martes", "miércoles", "jueves", "viernes")
TIMES = ("9", "10:30", "11", "2", "3:30", "4")

STORIES: tuple[Story, ...] = (
    Story(
        "move",
        (
            (
                "Hi, this is {name}. Something came up at work, can I move my cleaning on {day} to another day?",
                "Hey, it's {first}. I can't make {day} anymore. Is there anything later that week?",
                "Good morning! Could we push my {day} appointment by a week? Sorry for the short notice",
            ),
            ("Any afternoon works, after {time} is best", "Mornings are easier for me if you have one"),
            ("That works, see you then",),
        ),
        weight=5,
    ),
    Story(
        "book",
        (
            (
                "Hi! I haven't been in for about a year and would like to book a check up and cleaning",
                "Hello, are you taking new patients? I just moved to the area",
                "Do you have anything open this week for a cleaning?",
            ),
            ("{day} would be great. Name is {name}", "I'm flexible, just not {day}. My name is {name}"),
            ("Perfect. Do I need to fill anything out before?",),
            ("Got it, thanks so much",),
        ),
        weight=5,
    ),
    Story(
        "insurance",
        (
            (
                "Do you take {plan}?",
                "Hi, quick question, are you in network with {plan} PPO?",
                "We're switching to {plan} next month. Will you still be able to see us?",
            ),
            ("Great. Does it cover a crown or is that extra?", "Ok and how much would the visit be without it?"),
            ("Good to know. I'll call them too",),
        ),
        weight=4,
    ),
    Story(
        "bill",
        (
            (
                "I got a bill for $140 but I thought the cleaning was covered by {plan}?",
                "Hi, I see two charges for my visit on {day}. Can somebody check?",
            ),
            ("The date on it is {day}. Under {name}",),
            ("Ok thanks for looking into it",),
        ),
        weight=3,
        chaser="Any news on the bill? It says it is due Friday",
    ),
    Story(
        "kid",
        (
            (
                "{child} has a loose tooth that won't come out, should I bring them in or wait?",
                "Hi! When should {child} get the first check up? They're almost 3",
                "{child} is nervous about the filling. Can I sit in the room?",
            ),
            ("They're not in any pain, just wobbly and annoyed", "{child} is 6"),
            ("That's a relief, thank you",),
        ),
        weight=3,
    ),
    Story("confirm", (("Yes I'll be there {day}", "Confirmed for {day} at {time}", "C"),), weight=3, thanks="👍"),
    Story(
        "late",
        (
            (
                "Running about 10 minutes late, traffic is awful. Still ok?",
                "I'm outside, is there parking in the back?",
            ),
            ("Ok hurrying",),
        ),
        weight=2,
        chaser="Should I still come?",
    ),
    Story(
        "records",
        (
            (
                "Could you send my x-rays to my orthodontist? Dr. Halloran's office",
                "I need a copy of my treatment plan for {plan}",
            ),
            ("Their email is records@halloran-ortho.example",),
        ),
        weight=2,
    ),
    Story(
        "after care",
        (
            (
                "I had the extraction yesterday. When can I eat normally again?",
                "Is it ok to take ibuprofen after the filling? My jaw is a little sore",
            ),
            ("Just a bit sore, nothing bad",),
            ("Will do, thanks for the quick answer",),
        ),
        weight=2,
    ),
    Story(
        "price",
        (
            ("How much is whitening?", "What would Invisalign cost roughly? Do you do payment plans?"),
            ("Is there a payment plan?",),
        ),
        weight=2,
    ),
    Story("hours", (("Are you open Saturday?", "What time do you close on {day}?"),), weight=1.5, thanks="Ok ty"),
    Story(
        "cancel",
        (
            (
                "Please cancel my appointment on {day}. I'm out of town",
                "Need to cancel {day}, family emergency contact changed and we're moving",
            ),
            ("I'll book again when I'm back",),
        ),
        weight=1.5,
    ),
    Story(
        "kind words",
        (
            (
                "Just wanted to say Dr. Kim was so gentle with {child} today, thank you all",
                "Best cleaning I've ever had. Tell Ana she's great!",
            ),
        ),
        weight=1.5,
        thanks="😊",
    ),
    Story(
        "crown off",
        (
            ("My temporary crown came off while eating. It doesn't hurt but feels weird. What should I do?",),
            ("I still have it, yes", "I kept it in a little bag"),
            ("Ok I'll come by",),
        ),
        weight=1.5,
        chaser="Should I keep it off or try to put it back?",
    ),
    Story(
        "pain",
        (
            (
                "Hi, I have really bad pain in my back tooth since last night, can somebody see me today?",
                "My tooth is killing me, I couldn't sleep at all. Do you have anything today??",
            ),
            ("It's the lower left. Ibuprofen isn't helping", "9/10 pain, lower right side"),
            ("I can be there in 20 minutes",),
        ),
        weight=0.7,
        chaser="Please, it's getting worse. Is anyone there?",
    ),
    Story(
        "swelling",
        (
            (
                "My cheek is really swollen this morning and I have a fever. I had the root canal on {day}. Should I go to the ER?",
            ),
            ("Temperature is 101.2. I can swallow fine",),
            ("On my way",),
        ),
        weight=0.35,
        chaser="The swelling is getting worse",
    ),
    Story(
        "knocked out",
        (
            ("{child} fell off the scooter and knocked out a front tooth!! What do I do with it??",),
            ("It's in milk now. It's bleeding a bit",),
            ("Leaving now, 15 min",),
        ),
        weight=0.25,
        chaser="HELLO? Please answer, {child} is crying",
    ),
    Story(
        "upset",
        (
            (
                "I waited 50 minutes past my appointment on {day} and nobody said anything. This is not ok.",
                "This is the third time I've been billed wrong. I want to speak to a manager.",
            ),
            ("I'd like someone to call me. {name}",),
            ("Fine. I'll wait for the call",),
        ),
        weight=0.6,
        chaser="So nobody is going to answer me?",
        thanks="Ok.",
    ),
    Story(
        "mover",
        (
            (
                "Hola, soy {first}. ¿Puedo cambiar mi cita del {dia} para otro día?",
                "Buenos días, no puedo ir el {dia}. ¿Tienen algo en la tarde?",
            ),
            ("Sí, el {dia} después de las {time} me queda bien",),
            ("Perfecto, ahí estaré",),
        ),
        language="es",
        weight=4,
        chaser="Hola, ¿vieron mi mensaje?",
        thanks="¡Muchas gracias!",
    ),
    Story(
        "seguro",
        (
            ("¿Aceptan el seguro {plan}?", "Buenas tardes, ¿cuánto cuesta una limpieza sin seguro?"),
            ("¿Y para niños es el mismo precio? {child} tiene 5 años",),
        ),
        language="es",
        weight=3,
        chaser="¿Hola?",
        thanks="Gracias por la información",
    ),
    Story(
        "dolor",
        (
            ("Me duele mucho una muela desde ayer, ¿me pueden ver hoy?",),
            ("Es la de abajo, del lado derecho. Ya tomé ibuprofeno",),
            ("Sí, puedo llegar en media hora",),
        ),
        language="es",
        weight=0.7,
        chaser="Por favor, me duele mucho",
        thanks="Gracias, voy para allá",
    ),
    Story(
        "appointment badalna",
        (
            (
                "Hi, mera {day} ka appointment hai, usko next week shift kar sakte hain kya?",
                "Namaste, {child} ke liye cleaning book karni hai, koi evening slot hai?",
            ),
            ("{time} baje ke baad chalega, office se aata hoon",),
            ("Done, thank you ji",),
        ),
        language="hi",
        weight=4,
        chaser="Hello, koi hai?",
        thanks="Thank you so much 🙏",
    ),
    Story(
        "insurance hai kya",
        (
            (
                "Aap log {plan} lete ho? Root canal ka kitna lagega?",
                "X-ray ka alag charge hai ya checkup mein included?",
            ),
            ("Ok, aur EMI ka option hai?",),
        ),
        language="hi",
        weight=2,
        chaser="Please batayein",
        thanks="Ok thanks",
    ),
    Story(
        "dard",
        (
            ("Daant mein bahut dard ho raha hai raat se, aaj appointment mil sakta hai?",),
            ("Upar wala left side. Painkiller se bhi kam nahi ho raha",),
            ("Haan, 20 min mein aa sakta hoon",),
        ),
        language="hi",
        weight=0.6,
        chaser="Please jaldi reply karo, dard bahut hai",
        thanks="Thank you doctor",
    ),
)

_BIRTHDAY = re.compile(r"date of birth|birthday|birth date|\bdob\b|fecha de nacimiento|janam", re.IGNORECASE)
_OFFER = re.compile(r"\b(\d{1,2}(?::\d\d)?)\s?([ap]\.?m\.?)\b", re.IGNORECASE)
_PLAN = re.compile(r"(?:insurance|seguro|member id|policy)[^.?!]*\?", re.IGNORECASE)
_TAKES_IT = {"en": "Yes, {at} works for me", "es": "Sí, a las {at} está perfecto", "hi": "Haan {at} theek hai"}
_SAYS_PLAN = {
    "en": "It's {plan}, member ID ends in 4471",
    "es": "Es {plan}, termina en 4471",
    "hi": "{plan} hai, ID 4471 pe end hota hai",
}
_YES = {"en": "Yes please", "es": "Sí, por favor", "hi": "Haan ji"}


def choose_story(person: Person, draw: random.Random) -> Story:
    """Return a reason to write in the person's language."""
    known = [story for story in STORIES if story.language == person.language]
    return draw.choices(known, [story.weight for story in known])[0]


def say(text: str, person: Person, draw: random.Random) -> str:
    """Fill the places of a text."""
    return text.format(
        name=person.name,
        first=person.first_name,
        child=person.child,
        plan=person.plan,
        day=draw.choice(DAYS),
        dia=draw.choice(DIAS),
        time=draw.choice(TIMES),
    )


class Talk:
    """One conversation as its patient sees it: what they said, and what they say next."""

    def __init__(self, person: Person, story: Story, draw: random.Random) -> None:
        self.person = person
        self.story = story
        self._draw = draw
        self._turn = 0
        self._agreed = False
        self._asked: set[re.Pattern[str]] = set()
        self.finished = False

    def open(self) -> str:
        """Return the first message."""
        self._turn = 1
        self.finished = len(self.story.turns) == 1 and self._draw.random() < 0.5
        return self._say(self._draw.choice(self.story.turns[0]))

    def chase(self) -> str:
        """Return what they write when nobody answers; after that they give up."""
        self.finished = True
        return self._say(self.story.chaser)

    def answer(self, reply: str) -> str:
        """Return what they write after the clinic's reply."""
        language = self.person.language
        if self._is_asked(_BIRTHDAY, reply):
            return self._draw.choice(("3/14/1986", "11/02/1979", "06/27/1992"))
        offer = _OFFER.search(reply)
        if offer and not self._agreed:
            self._agreed, self._turn = True, len(self.story.turns)
            return _TAKES_IT[language].format(at=offer[0])
        if self._is_asked(_PLAN, reply):
            return _SAYS_PLAN[language].format(plan=self.person.plan)
        if self._turn < len(self.story.turns):
            self._turn += 1
            return self._say(self._draw.choice(self.story.turns[self._turn - 1]))
        if reply.rstrip().endswith("?") and not self._agreed:
            self._agreed = True
            return _YES[language]
        self.finished = True
        return self.story.thanks

    def _is_asked(self, question: re.Pattern[str], reply: str) -> bool:
        """Whether the reply asks this, for the first time: nobody tells their birthday twice."""
        if question in self._asked or not question.search(reply):
            return False
        self._asked.add(question)
        return True

    def _say(self, text: str) -> str:
        return say(text, self.person, self._draw)
