"""Red flags: a pure rule over an inbound text that marks what cannot wait, in the message's own transaction.

It errs on the side of a person looking: the assistant can add to it and never take it back. English, Spanish, and Hindi
in both scripts. The words were chosen by hand from what dental front desks treat as same-day: strong pain, swelling,
bleeding that does not stop, trouble breathing, a knocked-out tooth, allergic reactions, and threats (to oneself, to
others, of a lawyer or a public complaint).
"""

from __future__ import annotations

import re
import unicodedata

_PAIN = r"pain|hurt(?:s|ing)?|ache|aching|toothache|throbbing|agony"
_STRONG = (
    r"severe|unbearable|excruciating|terrible|horrible|awful|extreme(?:ly)?|intense|worst|so much|a lot of|really bad|"
    r"very bad|10/10|9/10|can'?t (?:sleep|eat|take)"
)

# What staff read; stems of which every match has at least one; the pattern, over case-folded text.
_RULES: tuple[tuple[str, str, str], ...] = (
    # emergencies of the body
    (
        "Trouble breathing or swallowing",
        "breath|swallow",
        r"(?:can'?t|cannot|hard to|trouble|difficult[y]?(?: to)?) (?:breath\w*|swallow\w*)",
    ),
    (
        "Trouble breathing or swallowing",
        "respirar|tragar",
        r"no puedo (?:respirar|tragar)|me cuesta (?:respirar|tragar)",
    ),
    (
        "Trouble breathing or swallowing",
        "ns nahi|saans lene|सांस|साँस",
        r"sa+ns nahi|saans lene mein|सांस (?:नहीं|लेने)|साँस (?:नहीं|लेने)",
    ),
    (
        "Bleeding",
        "bleed",
        r"(?:won'?t|wont|doesn'?t|not|never) stop(?:ped|ping)? bleeding|bleed\w* (?:won'?t|wont|doesn'?t|not|hasn'?t) stop\w*",
    ),
    (
        "Bleeding",
        "bleeding|of blood",
        r"bleeding (?:a lot|heavily|badly|nonstop|non-stop|for hours|again|since)|(?:heavy|lots of|so much) bleeding|lots? of blood",
    ),
    ("Bleeding", "bleeding|blood", r"(?:still|keeps?|kept) bleeding|blood (?:everywhere|pouring|gushing)"),
    ("Bleeding", "sangr", r"sangra(?:ndo)? (?:mucho|sin parar|todav[ií]a)|no (?:para|deja) de sangrar|mucha sangre"),
    (
        "Bleeding",
        "khoon|khun|खून",
        r"kh(?:oo|u)n (?:nahi ruk|band nahi|bahut|aa raha|nikal)|खून (?:नहीं रुक|बंद नहीं|बहुत|आ रहा|निकल)",
    ),
    (
        "Swelling",
        "swoll|swell|puff",
        r"(?:face|cheek|jaw|eye|neck|lip|tongue|throat|gum|mouth)s?\b.{0,25}\b(?:swollen|swelling|swell\w*|puffy|puffed)",
    ),
    (
        "Swelling",
        "swoll|swell",
        r"(?:swollen|swelling|swelled)\b.{0,25}\b(?:face|cheek|jaw|eye|neck|lip|tongue|throat|gum|mouth)",
    ),
    (
        "Swelling",
        "swollen|swelling",
        r"(?:very|really|badly|so|all|still) swollen|swelling (?:is )?(?:getting worse|bad|worse|spreading)|swollen (?:up|shut)",
    ),
    (
        "Swelling",
        "hincha|inflamad",
        r"(?:cara|mejilla|mand[ií]bula|boca|enc[ií]a|labio|lengua)\b.{0,20}\b(?:hinchad\w+|inflamad\w+)|(?:hinchad\w+|hinchaz[oó]n|inflamad\w+)\b.{0,20}\b(?:cara|mejilla|mand[ií]bula|boca|enc[ií]a)|muy hinchad\w+",
    ),
    (
        "Swelling",
        "sujan|soojan|suj ga|sooj ga|सूजन|सूज गय",
        r"(?:sujan|soojan|suj gaya|sooj gaya|sooj gayi|suj gayi)|सूजन|सूज गय",
    ),
    (
        "Knocked-out or broken tooth",
        "knocked out|fell out|came out|come out",
        r"(?:tooth|teeth)\b.{0,15}\b(?:knocked|fell|came|come) out|knocked out (?:a |my |his |her |the )?(?:front )?t(?:oo|ee)th",
    ),
    (
        "Knocked-out or broken tooth",
        "diente|muela|nt toot|nt tut",
        r"(?:perd[ií]|se (?:me |le )?cay[oó]) (?:un|el|una|la)? ?(?:diente|muela)|d[aā]a?nt (?:toot|tut) ga?ya",
    ),
    (
        "Fever or spreading infection",
        "fever|temperature|absces|pus ",
        r"(?:fever|temperature)\b.{0,40}\b(?:tooth|jaw|swell\w*|extraction|surgery|abscess|implant)|abscess|pus (?:is )?coming|absceso",
    ),
    (
        "Allergic reaction",
        "rgic|hives|anaphyla|closing",
        r"allergic reaction|reacci[oó]n al[eé]rgica|hives|anaphyla\w+|throat (?:is )?closing",
    ),
    (
        "Accident",
        "jaw|face|unconscious|passed out|fainted|desmay|behosh|बेहोश",
        r"(?:hit|fell|smashed|broke)\b.{0,25}\b(?:jaw|face)|broken jaw|unconscious|passed out|fainted|se desmay[oó]|behosh|बेहोश",
    ),
    (
        "Emergency",
        "emergenc|urgencia|imergency|emergancy|इमरजेंसी",
        r"\bemergency\b(?! contact)|\bemergencia\b|\burgencia\b|\bimergency\b|\bemergancy\b|इमरजेंसी",
    ),
    (
        "Trouble breathing or swallowing",
        "breath|chok|swallowed",
        r"(?:can'?t|cannot|cant) catch (?:my|his|her) breath|short(?:ness)? of breath|chok(?:e|ed|ing)\b|swallowed\b.{0,25}\b(?:crown|bridge|tooth|filling|wire|bracket|something)",
    ),
    (
        "Knocked-out or broken tooth",
        "knock|pushed|hanging|loose after|nerve is",
        r"knock\w*\b.{0,15}\b(?:tooth|teeth)\b|(?:tooth|teeth)\b.{0,20}\b(?:pushed (?:back|in)|hanging|(?:very |really |now )?loose after)|nerve is (?:showing|exposed)",
    ),
    (
        "Bleeding",
        "bleeding",
        r"(?:stuck|cut|stab\w*|torn|split)\b.{0,40}\bbleeding|bleeding\b.{0,30}\b(?:stuck|cut|torn)",
    ),
    (
        "Swelling",
        "hard and|hot and|is hard|is hot|like a ",
        r"(?:cheek|jaw|face|gum)\b.{0,15}\b(?:hard and|hot and|is hard|is hot|like a (?:balloon|golf ball))",
    ),
    (
        "Fever or spreading infection",
        "fever|temp|fiebre|bukhar|बुखार",
        r"(?:fever|temp(?:erature)?)(?: of| is|:)? ?(?:10[0-6]|3[89]|4[01])|fiebre|bukhar|बुखार",
    ),
    (
        "Face or jaw",
        "droop|paraly|jaw|mouth",
        r"(?:face|mouth|lip)\b.{0,20}\b(?:droop\w*|paraly\w*)|jaw\b.{0,20}\b(?:locked|stuck|won'?t (?:open|close|shut))|(?:can'?t|cannot|cant) (?:open|close|shut) (?:my|his|her) (?:mouth|jaw)",
    ),
    ("Face or jaw", "numb", r"numb(?:ness)?\b.{0,40}\b(?:hasn'?t|has not|hasnt|still|won'?t)\b|still numb"),
    (
        "May have taken too much medicine",
        "took |taken |swallowed |overdos",
        r"(?:took|taken|swallowed) (?:all|too many|too much|the whole|a whole|a bunch)\b.{0,25}\b(?:pills?|meds?|medicine|tablets?|ibuprofen|tylenol|advil|bottle|painkillers?)|overdos\w+",
    ),
    (
        "Says they may harm themselves or others",
        "any more|anymore|no reason|better off dead",
        r"(?:can'?t|cant|cannot) (?:do this|go on|live|take it) any ?more|no reason to live|better off dead",
    ),
    # strong pain
    (
        "Strong pain",
        "agony|hurt|pain|scale of|crying|screaming|sobbing",
        r"\bagony\b|hurts? like (?:hell|crazy|mad)|(?:pain[\s,.!]*){3,}|scale of (?:1|one|0) to (?:10|ten)\b.{0,20}(?:9|1\d|nine|ten|eleven|twelve)|(?:crying|screaming|sobbing)\b.{0,30}\b(?:pain|toothache|tooth|hurt\w*)",
    ),
    (
        "Strong pain",
        "dolor",
        r"dolor\b.{0,20}\b(?:fuerte|terrible|insoportable|horrible|intenso|inaguantable)|no (?:puedo|aguanto) m[aá]s\b.{0,20}\bdolor|dolor\b.{0,30}\bno (?:puedo|aguanto) (?:m[aá]s|dormir|comer)",
    ),
    (
        "Strong pain",
        "pain|hurt|ache|aching|throbbing|agony",
        rf"(?:{_STRONG})\b.{{0,20}}\b(?:{_PAIN})\b|\b(?:{_PAIN})\b.{{0,25}}\b(?:{_STRONG})",
    ),
    (
        "Strong pain",
        "pain|killing me",
        r"in (?:so much |a lot of |great |serious )pain|killing me|pain(?: is| has)?(?: been)? (?:getting )?(?:worse|unbearable)",
    ),
    (
        "Strong pain",
        "pain",
        r"pain\b.{0,30}\b(?:all night|kept me (?:up|awake)|since (?:last night|yesterday))|(?:awake|up) all night\b.{0,30}\bpain",
    ),
    (
        "Strong pain",
        "dolor|me duele",
        r"(?:mucho|fuerte|terrible|insoportable|horrible) dolor|dolor (?:muy |tan )?(?:fuerte|terrible|insoportable|horrible|intenso)|me duele (?:mucho|much[ií]simo|demasiado|horrible)",
    ),
    (
        "Strong pain",
        "dard|pain|दर्द",
        r"(?:bahut|bohot|boht|bht|zyada|jyada|tez) (?:zyada |jyada |tez )?(?:dard|pain)|dard (?:bahut|bohot|zyada|sehen|bardasht)|(?:बहुत|तेज़?|ज़्यादा) दर्द|दर्द (?:बहुत|सहन)",
    ),
    # threats
    (
        "Says they may harm themselves or others",
        "kill |life|want to die|hurt myself|suicid|matarme|quiero morir|mar ja|mar du|mar da|मर",
        r"kill (?:myself|you|him|her|them)|(?:end|take) my (?:own )?life|want to die|hurt myself|suicid\w+|matarme|quiero morir|suicidarme|mar (?:jaunga|jaungi|dunga|dalunga)|मर (?:जाऊं|जाऊँ)",
    ),
    (
        "Threat",
        "burn|blow|shoot|pay for|regret|voy a ",
        r"(?:burn|blow|shoot)\b.{0,20}\b(?:clinic|office|place|up|down)|you(?:'ll| will) (?:pay for|regret) this|(?:los|te) voy a (?:matar|denunciar)",
    ),
    (
        "Threat of a lawyer or complaint",
        "lawyer|attorney|sue you|suing|lawsuit|legal action|malpractice|dental board|small claims|abogado|demandar|police report|vakil|वकील",
        r"\b(?:lawyer|attorney|sue you|suing|lawsuit|legal action|malpractice|dental board|small claims|abogado|demandar(?:los|te)?|police report|vakil|वकील)\b",
    ),
)

# Most texts have none of a rule's stems, and looking for them costs a hundredth of trying its pattern.
_COMPILED = tuple((words, tuple(stems.split("|")), re.compile(pattern)) for words, stems, pattern in _RULES)

# "no pain at all", "the swelling has gone": said with a no or an end right beside the word.
_CALM = re.compile(
    r"\b(?:no|not any|without|zero|little|less|don'?t have (?:any )?|no more|sin|koi) (?:\w+ )?(?:pain|swelling|bleeding|fever|dolor|dard)\b|"
    r"\b(?:pain|swelling|bleeding|fever|dolor|dard) (?:is |has |was )?(?:all |completely |finally )?(?:gone|stopped|went away|better|over|se fue)\b|"
    r"\bnot (?:an )?emergency\b|\bno es (?:una )?(?:emergencia|urgencia)\b",
)

LONGEST = 4_000
"""Characters looked at; the rest of a longer text is pasted history."""


def find_red_flag(text: str) -> str | None:
    """Return the words of the first red flag in a text (what staff read on the strip), or None."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).replace("\u2019", "'").replace("\u2018", "'").casefold()
    calmed = False
    for words, stems, pattern in _COMPILED:
        for stem in stems:
            if stem in plain:
                break
        else:
            continue
        if not calmed:
            plain, calmed = _CALM.sub(" ", plain), True
        if pattern.search(plain):
            return words
    return None
