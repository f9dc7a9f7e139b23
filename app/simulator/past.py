"""What happened at the demo clinic before today, as its people would tell it. Data only; ``seed`` writes it.

Times are minutes ago. Who: ``p`` the patient, ``n`` + a name a note; a bare name is the staff member who answered.
"""

# ruff: noqa: E501 - what people write is not cut into pieces
from __future__ import annotations

import msgspec

HOUR, DAY = 60, 1440


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One message or note."""

    ago: float
    who: str
    text: str


class Past(msgspec.Struct, frozen=True):
    """One person's history and how their conversation stands now."""

    name: str
    lines: tuple[Line, ...]
    channel: str = "sms"
    language: str = "en"
    stage: str = "patient"
    tags: tuple[str, ...] = ()
    owner: str | None = None
    state: str = "open"
    alert: str | None = None
    note: str = ""
    opted_out: bool = False


def talk(*lines: tuple[float, str, str]) -> tuple[Line, ...]:
    """Return the lines of a conversation."""
    return tuple(Line(*line) for line in lines)


PAST: tuple[Past, ...] = (
    Past(
        "Naomi Goldberg",
        talk(
            (3 * DAY, "p", "Hi, is it normal to be sore two days after the root canal?"),
            (
                3 * DAY - 12,
                "ana",
                "Hi Naomi, yes, some soreness for 2 to 3 days is normal. Ibuprofen with food helps. Write us if it gets worse, any time.",
            ),
            (3 * DAY - 20, "p", "Ok thank you Ana"),
            (9, "p", "My cheek is really swollen this morning and it's spreading toward my eye. I have a fever too"),
            (4, "p", "Please answer, I'm scared. Should I go to the ER?"),
        ),
        tags=("root canal",),
        alert="Swelling",
    ),
    Past(
        "Victor Doyle",
        talk(
            (2 * DAY, "p", "I was charged twice for the crown. 1,240 two times on my card"),
            (
                2 * DAY - 40,
                "sam",
                "Hi Victor, I'm sorry about that. I've asked our billing team to look at it and will get back to you tomorrow.",
            ),
            (6 * HOUR, "p", "It is tomorrow. Nobody called."),
            (
                44,
                "p",
                "This is unacceptable. If I don't hear from a manager today I will talk to my lawyer and leave a review everywhere.",
            ),
        ),
        tags=("billing", "upset"),
        alert="Threat of a lawyer or complaint",
        owner="priya",
    ),
    Past(
        "Emily Walsh",
        talk(
            (23, "p", "Hi, can I move my cleaning on Friday? Something came up at work"),
            (21, "p", "Any time next week is fine, mornings are best"),
        ),
        tags=("cleaning",),
    ),
    Past(
        "Marcus Brooks",
        talk(
            (4 * DAY, "p", "Do you take Delta Dental PPO?"),
            (
                4 * DAY - 8,
                "ana",
                "Hi Marcus! Yes, we are in network with Delta Dental PPO. Would you like to book a first visit?",
            ),
            (4 * DAY - 30, "p", "Yes. Tuesday or Thursday after 3 works"),
            (4 * DAY - 36, "ana", "I have Thursday at 3:30 pm with Dr. Kim. Shall I book it for you?"),
            (4 * DAY - 39, "p", "Perfect"),
            (31, "p", "Quick question, do I need to bring anything tomorrow besides my insurance card?"),
        ),
        tags=("new patient", "insurance"),
        owner="ana",
        stage="lead",
    ),
    Past(
        "Grace Okafor",
        talk(
            (
                58,
                "p",
                "Leo chipped his front tooth at soccer. It's not bleeding and he says it doesn't hurt. Is this something for today?",
            ),
            (55, "nana", "Dr. Kim says: today or tomorrow morning is fine as long as it doesn't hurt. Soft food only."),
            (
                52,
                "ana",
                "Hi Grace, sorry to hear that! Dr. Kim can see Leo today at 4:15 pm or tomorrow at 8:30 am. Soft food until then, and keep the piece in milk if you have it.",
            ),
            (49, "p", "Tomorrow 8:30 is great. We have the piece!"),
        ),
        tags=("kids",),
        owner="ana",
    ),
    Past(
        "Rosa Reyes",
        talk(
            (70, "p", "Hola, ¿tienen cita para limpieza el sábado? Trabajo toda la semana"),
        ),
        language="es",
        stage="lead",
        tags=("cleaning",),
    ),
    Past(
        "Anjali Sharma",
        talk(
            (DAY + 90, "p", "Hi, Kabir ka appointment Monday ko hai, usko shift kar sakte hain kya?"),
            (DAY + 75, "you", "Hi Anjali, of course. Is Wednesday at 5 pm good for Kabir?"),
            (DAY + 71, "p", "Haan perfect, thank you ji 🙏"),
        ),
        channel="whatsapp",
        language="hi",
        tags=("kids",),
        owner="you",
        state="closed",
    ),
    Past(
        "Derek Sullivan",
        talk(
            (5 * DAY, "p", "How much is whitening?"),
            (
                5 * DAY - 25,
                "sam",
                "Hi Derek, in-office whitening is $389, and the take-home kit is $219. Would you like to book?",
            ),
            (5 * DAY - 60, "p", "I'll think about it, ask me next month maybe"),
            (5 * DAY - 61, "nsam", "Ask again mid December."),
        ),
        tags=("whitening",),
        owner="sam",
        state="snoozed",
        stage="lead",
    ),
    Past(
        "Hannah Lindgren",
        talk(
            (2 * DAY + 200, "p", "Just wanted to say Dr. Kim was so gentle with Maya yesterday, thank you all"),
            (2 * DAY + 190, "priya", "That made our day, Hannah. Give Maya a high five from us!"),
            (2 * DAY + 188, "p", "😊"),
        ),
        tags=("kids",),
        owner="priya",
        state="closed",
    ),
    Past(
        "Tyrone Hayes",
        talk(
            (3 * HOUR, "p", "I'm running about 15 minutes late, traffic is awful. Still ok?"),
            (3 * HOUR - 2, "ana", "No problem, Tyrone, we'll keep your chair. Drive safely!"),
        ),
        owner="ana",
        state="closed",
    ),
    Past(
        "Carmen Delgado",
        talk(
            (DAY + 300, "p", "Buenos días, ¿cuánto cuesta una corona sin seguro?"),
            (
                DAY + 280,
                "ana",
                "Buenos días Carmen. Una corona cuesta 1,150 dólares y se puede pagar en 6 meses sin intereses. ¿Quiere que la agendemos?",
            ),
            (DAY + 100, "p", "Sí por favor, ¿puede ser el martes en la mañana?"),
        ),
        language="es",
        tags=("crown",),
        owner="ana",
    ),
    Past(
        "Oliver Chan",
        talk(
            (
                8 * HOUR,
                "p",
                "Could you send my x-rays to my orthodontist? Dr. Halloran's office, records@halloran-ortho.example",
            ),
            (7 * HOUR, "nsam", "Release form is signed, on file since March."),
            (
                7 * HOUR - 5,
                "sam",
                "Hi Oliver, they are on their way to Dr. Halloran's office. Anything else we can do?",
            ),
            (7 * HOUR - 40, "p", "That was fast. Thanks!"),
        ),
        tags=("records",),
        owner="sam",
        state="closed",
        channel="whatsapp",
    ),
    Past(
        "Leah Fisher",
        talk(
            (6 * DAY, "p", "My temporary crown came off while eating. It doesn't hurt but feels weird"),
            (
                6 * DAY - 9,
                "you",
                "Hi Leah, keep it safe and don't chew on that side. Can you come in today at 2:30 pm?",
            ),
            (6 * DAY - 14, "p", "Yes 2:30 works"),
            (5 * DAY, "you", "How does it feel today?"),
            (5 * DAY - 50, "p", "Much better, thank you for squeezing me in"),
        ),
        tags=("crown",),
        owner="you",
        state="closed",
    ),
    Past(
        "Ethan Park",
        talk(
            (95, "p", "Hi! I haven't been in for about a year and would like to book a check up and cleaning"),
            (90, "sam", "Welcome back, Ethan! I have Wednesday at 10:30 am or Friday at 2 pm. Which suits you?"),
            (35, "p", "Friday 2 pm please. Also my insurance changed to Cigna, do you need the card?"),
        ),
        tags=("cleaning", "insurance"),
        owner="sam",
        channel="whatsapp",
    ),
    Past(
        "Ruth Kowalski",
        talk(
            (DAY, "p", "I got a bill for $140 but I thought the cleaning was covered by MetLife?"),
            (
                DAY - 30,
                "priya",
                "Hi Ruth, let me check with MetLife. They sometimes count the frequency by calendar year. I'll write you today.",
            ),
            (DAY - 31, "npriya", "Called MetLife: claim was coded as a second exam. Resubmitting, ref 88213."),
            (
                DAY - 240,
                "priya",
                "Ruth, it was coded wrong on our side. We've sent it again and you owe nothing. Sorry for the scare!",
            ),
            (DAY - 250, "p", "Oh wonderful. Thank you for taking care of it"),
        ),
        tags=("billing",),
        owner="priya",
        state="closed",
    ),
    Past(
        "Simon Marchetti",
        talk(
            (14 * HOUR, "p", "Are you open Saturday?"),
        ),
        stage="lead",
    ),
    Past(
        "Meera Patel",
        talk(
            (2 * HOUR + 20, "p", "Root canal ke baad crown kab lagega? Aur Cigna cover karega kya?"),
            (2 * HOUR, "nyou", "Dr. Kim wants 2 weeks between. Cigna covers 50 % after the deductible."),
        ),
        language="hi",
        channel="whatsapp",
        tags=("crown", "insurance"),
        owner="you",
    ),
    Past(
        "Daniel Novak",
        talk(
            (5 * HOUR, "ana", "Hi Daniel, your crown is back from the lab. Shall we find a time this week?"),
            (4 * HOUR + 40, "p", "Thanks, but please call me about these things. I don't want texts any more"),
            (4 * HOUR + 31, "nana", "Called him, crown on Tuesday 9 am. Written down: no texts."),
        ),
        tags=("crown",),
        opted_out=True,
    ),
    Past(
        "Hannah Brooks",
        talk(
            (52, "p", "Hi! Do you take new patients, and do you see a three year old?"),
            (50, "ana", "Hi Hannah, yes to both. Children come from their first tooth. Which days suit you?"),
            (47, "p", "Tuesday or Thursday after 3 would be great"),
            (44, "ana", "I have Thursday at 3:30 pm for the two of you. Shall I keep it?"),
            (21, "p", "Yes please! Do I need to bring anything?"),
        ),
        channel="webchat",
        stage="lead",
        note="Says they are Hannah Brooks (not verified).",
    ),
)

SAVED_REPLIES: tuple[tuple[str, str], ...] = (
    ("Offer two times", "Hi {first_name}, I have … or … with Dr. Kim. Which suits you better?"),
    (
        "Confirm visit",
        "You're all set, {first_name}. See you then! Reply here if anything changes. {my_name}, {clinic}",
    ),
    ("Running late", "No problem, {first_name}, we'll keep your chair. Drive safely!"),
    (
        "Insurance card",
        "Could you send us a photo of both sides of your insurance card, {first_name}? We'll check it before your visit.",
    ),
    (
        "After an extraction",
        "Soft food on the other side today, no straw for 48 hours, and ibuprofen with food if it's sore. If it bleeds for more than an hour, call us right away.",
    ),
    (
        "Emergency",
        "I'm sorry you're hurting, {first_name}. Can you be here in 30 minutes? We'll see you as soon as you walk in.",
    ),
    ("Agendar cita", "Hola {first_name}, tengo … o …. ¿Cuál le queda mejor? {my_name}, {clinic}"),
)

ANSWERS: dict[str, tuple[str, ...]] = {
    "move": (
        "Hi {first}, no problem at all. I have Wednesday at 10:30 am. Does that work?",
        "You're all set, {first}. See you then!",
    ),
    "book": (
        "Hi {first}, we'd love to see you! I have Thursday at 3 pm with Dr. Kim. Does that work?",
        "Booked! You'll get the forms by e-mail today. Please bring your insurance card.",
    ),
    "insurance": (
        "Hi {first}, yes, we are in network with {plan}. It covers cleanings in full and usually half of larger work.",
        "A crown is usually covered at 50 % after the deductible. We check it for you before anything starts.",
    ),
    "bill": (
        "I'm sorry about the confusion, {first}. Which date does the bill show?",
        "Found it: it was sent to the wrong plan. We've corrected it and you owe nothing.",
    ),
    "kid": (
        "Hi {first}, thanks for asking! How old are they now, and does anything hurt?",
        "Then there's no rush. Let it wiggle, and bring them in if it isn't out in a week.",
    ),
    "confirm": ("Thanks {first}, see you then!",),
    "late": ("No worries, {first}. We'll keep your chair, and there is parking behind the building.",),
    "records": ("Of course, {first}. Where should we send them?", "Sent! They should have it in a few minutes."),
    "after care": (
        "Hi {first}, soft food on the other side today, and yes, ibuprofen with food is fine. Any swelling or fever?",
        "Good. It should be better by tomorrow. Write us any time if it isn't.",
    ),
    "price": (
        "Hi {first}, it starts at $389, and we offer six months without interest.",
        "Yes, six equal payments. Shall I book a consultation?",
    ),
    "hours": ("Hi {first}, we're open Monday to Friday, 9 to 5, and every first Saturday of the month.",),
    "cancel": ("Done, {first}. Write us when you're back and we'll find you a new time.",),
    "kind words": ("That made our day, {first}. We'll pass it on!",),
    "crown off": (
        "Don't worry, {first}. Do you still have it?",
        "Great. Come by at 2:30 pm today and we'll put it back on.",
    ),
    "mover": ("Hola {first}, claro que sí. Tengo el jueves a las 3 pm. ¿Le queda bien?", "Listo, {first}. ¡Nos vemos!"),
    "seguro": (
        "Hola {first}, sí lo aceptamos. Una limpieza sin seguro cuesta 95 dólares.",
        "Para niños son 65 dólares, con la revisión incluida.",
    ),
    "appointment badalna": ("Hi {first}, of course. Wednesday at 5:30 pm theek rahega?", "Done! See you on Wednesday."),
    "insurance hai kya": (
        "Hi {first}, yes, we take {plan}. A root canal is usually covered at 80 %.",
        "Yes, six months without interest.",
    ),
}
"""What staff said in the everyday conversations that are made up from the stories, turn by turn."""

TAGS = {
    "move": "reschedule",
    "book": "booking",
    "insurance": "insurance",
    "bill": "billing",
    "kid": "kids",
    "records": "records",
    "crown off": "crown",
    "mover": "reschedule",
    "seguro": "insurance",
    "appointment badalna": "reschedule",
    "insurance hai kya": "insurance",
    "price": "whitening",
}
