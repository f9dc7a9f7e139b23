"""Finds the concepts in a message; `lexicon` lists their words."""

from __future__ import annotations

from app.ai.adapters.builtin.lexicon import CONCEPTS

# Shorthand and frequent slips, put right before anything else looks.
_SPELLING = """
u=you ur=your r=are ya=you y'all=you yall=you n=and &=and w=with w/=with b4=before bc=because cuz=because
pls=please plz=please plss=please thx=thanks thnx=thanks tx=thanks ty=thankyou thks=thanks tnx=thanks
tmrw=tomorrow tmr=tomorrow tmw=tomorrow tomoro=tomorrow tomorow=tomorrow tommorow=tomorrow tommorrow=tomorrow
2moro=tomorrow 2mrw=tomorrow tonite=tonight tdy=today 2day=today
appt=appointment appts=appointments apt=appointment appointmnt=appointment appoinment=appointment
apointment=appointment appoitment=appointment appointement=appointment apptmt=appointment appmt=appointment
im=i'm ive=i've ill=i'll id=i'd dont=don't doesnt=doesn't didnt=didn't cant=can't cannot=can't wont=won't
isnt=isn't wasnt=wasn't arent=aren't hasnt=hasn't havent=haven't couldnt=couldn't wouldnt=wouldn't
shouldnt=shouldn't thats=that's whats=what's hes=he's shes=she's its=it's theres=there's wheres=where's
hows=how's whos=who's youre=you're theyre=they're gonna=going wanna=want gotta=have-to lemme=let-me
resched=reschedule rescedule=reschedule reshedule=reschedule reschdule=reschedule cancle=cancel canel=cancel
cancell=cancel msg=message msgs=messages txt=text txts=texts dr=doctor doc=doctor drs=doctor dentis=dentist
mins=minutes min=minutes hr=hour hrs=hours wk=week wks=weeks yr=year yrs=years
recieve=receive reciept=receipt insurence=insurance ins=insurance bal=balance pymt=payment acct=account
emergancy=emergency emergeny=emergency imergency=emergency swolen=swollen sweling=swelling bleding=bleeding
q=que k=ok kk=ok okk=ok okay=ok okey=ok oky=ok yep=yes yup=yes yeah=yes yea=yes yess=yes yesss=yes yeh=yes
nope=no nah=no nvm=nevermind asap=urgently rn=now abt=about smth=something sth=something ppl=people
prob=probably def=definitely tho=though thru=through bday=birthday info=information addr=address num=number
xray=xrays x-ray=xrays x-rays=xrays bahot=bahut bohot=bahut boht=bahut bht=bahut bhot=bahut
nhi=nahi nahin=nahi nai=nahi h=hai hain=hai mje=mujhe muje=mujhe krna=karna kr=kar krdo=kardo
chahie=chahiye chaiye=chahiye chahye=chahiye daant=dant daat=dant drd=dard kb=kab kl=kal
"""
SPELLING: dict[str, str] = dict(pair.split("=", 1) for pair in _SPELLING.split())


def _read() -> tuple[
    dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], dict[str, list[tuple[tuple[str, ...], str]]]
]:
    words: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for concept, listed in CONCEPTS.items():
        for phrase in listed.split("|"):
            parts = tuple(phrase.split())
            if len(parts) > 1:
                phrases.setdefault(parts[0], []).append((parts, concept))
            elif phrase.endswith("*"):
                stems[phrase[:-1]] = (*stems.get(phrase[:-1], ()), concept)
            else:
                words[phrase] = (*words.get(phrase, ()), concept)
    return words, stems, phrases


WORDS, STEMS, PHRASES = _read()
SHORTEST_STEM = min(map(len, STEMS))
LONGEST_STEM = max(map(len, STEMS))


def concepts(tokens: list[str]) -> list[str]:
    """The concepts of a message, in the order of its words; a word may have several or none."""
    found: list[str] = []
    for at, token in enumerate(tokens):
        for parts, concept in PHRASES.get(token, ()):
            if _follows(tokens, at, parts):
                found.append(concept)
        if token in WORDS:
            found.extend(WORDS[token])
        else:
            for length in range(SHORTEST_STEM, min(len(token), LONGEST_STEM) + 1):
                if token[:length] in STEMS:
                    found.extend(STEMS[token[:length]])
    return found


def _follows(tokens: list[str], at: int, parts: tuple[str, ...]) -> bool:
    if at + len(parts) > len(tokens):
        return False
    for wanted, token in zip(parts, tokens[at : at + len(parts)], strict=True):
        if wanted[-1] == "*":
            if not token.startswith(wanted[:-1]):
                return False
        elif wanted != token:
            return False
    return True
