"""What must not depend on a model: hand-kept rules over a message's own words. They raise flags and never lower one.

Bodily signs err on the side of a person looking. English, Spanish, Hindi in Latin letters; patterns run over plain text
(folded case, no accents).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from app.ai.adapters.builtin.text import plain
from app.ai.labels import Intent, Sentiment
from app.channels.service import opt_out_word
from app.inbox.service import find_red_flag

# Red flags of the inbox that are no matter of the body: a person now, yet nothing a dentist must see today.
_NOT_BODILY = {"Threat", "Threat of a lawyer or complaint"}
_HARM = {"Threat", "Says they may harm themselves or others"}


class Finding(NamedTuple):
    """What the rules say of a message."""

    reasons: tuple[str, ...] = ()
    """In words for staff, the gravest first."""
    intent: Intent | None = None
    """Where the whole message is a sign or a keyword: decided here."""
    sentiment: Sentiment | None = None
    bodily: bool = False
    """Says something that may be an emergency of the body."""
    harm: bool = False
    """Threatens or may harm somebody."""
    urgent: bool = False
    escalate: bool = False
    calm: bool = False
    """Names pain, swelling or the like only to say that there is none, or none any more."""
    opts_out: bool = False
    """Asks for no more messages, beside whatever else it says."""
    instructs: bool = False
    """Addresses the software."""


# Whole messages of one sign or word, as people answer reminders.
_SIGNS: tuple[tuple[Intent, Sentiment, str], ...] = (
    ("confirm", "neutral", ("c|y|yes|1|si|sip|ya|yea|yeah|yep|yup|yeppers|ys|yess|yesss|sure|haan|ha|ji|ha ji|haan ji|ji haan|vale|claro|de acuerdo|"
      "👍|👌|✅|✔|☑|🆗|💯|🤝|confirm|confirmed|confirmo|confirmado|yes please|yes confirmed|yes ok|ok yes|uh huh|see you then|see u then|works for me|count me in")),
    ("cancel", "neutral", "n|no|nope|nah|nahi|👎|x|❌|🙅|nahi aana|can't make it|cant make it|no puedo ir"),
    ("reschedule", "neutral", "r|2|reschedule|resched|reagendar"),
    ("thanks", "neutral", "k|kk|ok|okay|okey|cool|fair enough|all set|no prob|no problem|np|no worries|okie dokie|got it|will do|sounds good|noted|no pasa nada|de nada"),
    ("thanks", "positive", ("thanks|thank you|thank you so much|thx|ty|tysm|gracias|muchas gracias|shukriya|dhanyavad|dhanyavaad|"
      "🙏|❤|😊|😀|😁|😃|😄|🥰|😍|🤗|🙂|☺|⭐|🌟|🎉|✨|💕|💖|💛|💙|💚|💜|🌹|💐|🌸|👏|🙌|😘|🦷")),
    ("complaint", "negative", "😡|🤬|😠|😤|🖕|🤮|manager|the manager"),
    ("opt_out", "neutral", "🛑|⛔|dnd|enough|remove|remove me|unsub|baja por favor"),
    ("emergency", "negative", "🆘|🚑|🩸|🚨|🤕|😭🦷"),
    ("other", "negative", "😢|😭|😞|😔|🥺|😩"),
    ("other", "neutral", "hi|hello|hey|hola|namaste|huh|?|hmm"),
)  # fmt: skip
_SHORT = {sign: (intent, sentiment) for intent, sentiment, signs in _SIGNS for sign in signs.split("|")}
_TINTS = re.compile(r"[\U0001f3fb-\U0001f3ff\ufe0f\u200d]")
_STOP_LIKE = re.compile(
    r"(?:please |pls |plz |ok |just )?(?:stop|stpo|stp|sotp|stoop|unsubscribe|unsub|opt ?out|remove me|end|quit)"
    r"(?: (?:please|pls|plz|now|it|this|all|texting(?: me)?|messaging(?: me)?|msgs|messages|texts|sms|ok))*"
)
_MEDIA = re.compile(
    r"\W*(?:(?:\d+ )?(?:photo|image|picture|img|video|audio|voice (?:message|note)|sticker|gif|document|attachment|file|"
    r"location|contact(?: card)?|foto|imagen|nota de voz|media omitted|no text|empty)s?(?: (?:attached|omitted|received|adjunta))?"
    r"(?:[: ]+[\w-]+\.\w{2,4})?\W*)+"
)

_HURTS = (
    r"pain(?:s|ful|ing)?|hurt(?:s|ing)?|aches?|aching|toothaches?|throb\w*|agony|dolor(?:es)?|duele[n]?|doliendo|dard|"
    r"dukh (?:raha|rahi)|takleef"
)
_HARD = (
    r"so hard|shaking|trembling|nothing (?:helps|works)|unable to (?:sleep|eat)|"
    r"severe(?:ly)?|unbearable|excruciating|terribl[ey]|horribl[ey]|awful|extreme(?:ly)?|intense|worst|insane|crazy|brutal|"
    r"so (?:much|bad(?:ly)?)|really bad|very bad|super bad|real bad|a lot|badly|killing|like hell|constant(?:ly)?|non ?stop|"
    r"shooting|sharp|stabbing|unreal|growing|worse(?:ning)?|wont go away|won't go away|can'?t (?:sleep|eat|chew|think|work|take|stand|bear)|"
    r"woke me|all night|since (?:last night|yesterday|this morning|\d|mon|tue|wed|thu|fri|sat|sun)|help|"
    r"insoportable|inaguantable|terrible|fuert\w+|much(?:o|isimo)|demasiado|peor|no aguanto|no (?:me deja|puedo) (?:dormir|comer|mas)|"
    r"toda la noche|desde (?:anoche|ayer|hoy|hace|el)|bahut|bohot|boht|bahot|bht|zyada|jyada|tez|sehen|sahan|bardasht|bardaasht|"
    r"raat (?:bhar|se)|kal se|subah se|neend|so nahi|itna|bhayankar|asahniya"
)
_PART = (
    r"face|cheek|jaw|gums?|lips?|tongue|mouth|throat|neck|eye|tooth|teeth|molar|cara|mejilla|cachete|mandibula|encias?|labios?|"
    r"lengua|boca|garganta|cuello|ojo|diente|muela|gaal|chehra|muh|munh|jabda|masood\w+|masud\w+|dant|daant|hont|galaa?"
)
_LOSES = (
    r"knock\w*|fell out|falling out|came (?:right |all the way |completely )?out|popped out|broke\w*|snapped|shatter\w*|"
    r"crack\w*|chipp?\w*|split|push\w*|loose|moved|bent|hanging|wobbl\w*|displaced|"
    r"romp\w+|rot[oa]|parti[do]\w*|quebr\w+|cay[oe]?\w*|cayo|saco|salio|floj[oa]|afloj\w+|mueve|toot\w*|tut\w*|nikal|hil|gir"
)

# A few words of languages that are not read otherwise: a person looks.
_ELSEWHERE = "|".join(
    rf"\b{re.escape(plain(word))}" if plain(word)[0] < "\u0400" else re.escape(plain(word))
    for word in (
        *(
            "dor de dente",
            "muita dor",
            "dor forte",
            "inchad",
            "inchou",
            "febre",
            "quebrei",
            "douleur",
            "rage de dent",
            "mal aux dents",
            "tres mal",
        ),
        *(
            "gonfle",
            "saigne",
            "fievre",
            "schmerz",
            "geschwollen",
            "blutet",
            "fieber",
            "abgebrochen",
            "mal di denti",
            "gonfi",
            "sanguina",
            "febbre",
        ),
        *(
            "болит",
            "боль",
            "опух",
            "кров",
            "температура",
            "сломал",
            "выбил",
            "疼",
            "痛",
            "肿",
            "腫",
            "流血",
            "出血",
            "发烧",
            "発熱",
            "아파",
            "부었",
            "피가",
        ),
        *(
            "đau",
            "sưng",
            "chảy máu",
            "bị sốt",
            "ألم",
            "وجع",
            "تورم",
            "متورم",
            "ينزف",
            "نزيف",
            "انكسر",
            "sumasakit",
            "masakit ang",
            "namamaga",
            "dumudugo",
            "nabasag",
        ),
        *("दर्द", "सूजन", "खून", "बुखार", "टूट", "दुख", "ব্যথা", "diş ağrısı", "şişti", "boli mnie", "opuch", "spuch"),
    )
)

# What staff read; stems of which every match has at least one; the pattern.
_BODILY: tuple[tuple[str, str, str], ...] = (
    ("Strong pain", "pain|hurt|ache|aching|throb|agony|dol|duele|dard|dukh|taklee", rf"\b(?:{_HURTS})\b.{{0,60}}\b(?:{_HARD})\b|\b(?:{_HARD})\b.{{0,40}}\b(?:{_HURTS})\b"),
    ("Strong pain", "pain|dolor|dard", r"\bin (?:\w+ ){0,2}pain\b|(?:pain|dolor|dard)(?:[\s!.,]*(?:pain|dolor|dard)){1,}|pain ?(?:level|scale)?\W{0,3}(?:[6-9]|10)\b"),
    ("Strong pain", "crying|screaming|sobbing|llora|grita|ro rah|chilla|killing|marta|mar rah|matando", r"\b(?:crying|screaming|sobbing|llorando|gritando|ro rah\w+|chilla)\b.{0,50}\b(?:tooth|teeth|mouth|muela|diente|dant|daant|dolor|dard)|\bkilling (?:me|him|her)\b|me (?:esta|estan) matando|dard se mar"),
    ("Strong pain", "scale of|out of 10|/10|de 10|sobre 10", r"\b(?:[7-9]|1[0-9]|seven|eight|nine|ten|eleven|twelve) ?(?:/|out of|de|sobre) ?(?:10|ten|diez)\b|scale of\b.{0,30}\b(?:[7-9]|1\d|nine|ten|eleven|twelve)\b"),
    ("Strong pain", "throb", r"\bthrob\w*"),
    ("Knocked-out, broken or loose tooth", "hand|hath|haath|mano", r"\b(?:tooth|teeth|diente|muela|dant|daant)\b.{0,25}\b(?:in (?:my|his|her) (?:hand|palm|mouth)|h[a]+th me|en la mano)"),
    ("Face or jaw", "feel my|feel his|feel her|siento", r"can'?t feel (?:my|his|her|half|one)\b.{0,20}\b(?:tongue|lip|chin|face|cheek|mouth)|no siento (?:la|el|mi) (?:lengua|labio|cara|boca)"),
    ("Calls for help with a sign", "\U0001f198|\U0001fa78|\U0001f691", r"[\U0001f198\U0001fa78\U0001f691]"),
    ("Pain, swelling or bleeding", "", _ELSEWHERE),
    ("Strong pain", "ear|sleep|dorm|neend|painkiller|pastilla|advil|tylenol|ibuprofen|goli|dawa", r"(?:painkillers?|advil|tylenol|ibuprofen|motrin|pastillas?|ibuprofeno|goli|dawai?|combiflam)\b.{0,30}\b(?:not|n't|nothing|isn|no|nahi|nada)\b.{0,20}\b(?:work|help|touch|hac|quita|asar|kaam|calma|ayuda)"),
    ("Swelling", "swell|swoll|puff|hincha|inflam|suj|soo?j|phul|phool|balloon|lump|bulto", rf"\b(?:swell\w*|swollen|swole|puff\w*|hincha\w*|inflam[ao]\w*|suja?n\w*|sooja?n\w*|soo?j|suj|phool|phul)\b.{{0,50}}\b(?:{_PART})\b|\b(?:{_PART})\b.{{0,50}}\b(?:swell\w*|swollen|swole|puff\w*|hincha\w*|inflam[ao]\w*|suja?n\w*|sooja?n\w*|soo?j|suj|phool|phul\w*|ballo+n\w*|lump)\b"),
    ("Swelling", "swell|swoll|hincha|suj|sooj", r"\b(?:is|are|was|very|really|so|all|got|getting|still|hai|gay[ai]|muy|esta|tan|more|keeps?) (?:\w+ )?(?:swell\w*|swollen|hincha\w*|suja?n|sooja?n)|\b(?:swelling|hinchazon|sujan|soojan)\b.{0,30}\b(?:wors|spread|bigger|up|down my|badh|crec|aument|hai|ho ga|aa ga)|(?:suj|sooj) ga[iy]"),
    ("Infection", "pus|abs[ce]|infec|flemon|bump|pimple|boil|peep|smell", r"\bpu+s+\b|\babs[ce]\w*|\bflemon|\bpeep\b|\b(?:bump|pimple|boil|bubble|blister|bolita|grano)\b.{0,25}\b(?:gums?|encia|masood\w+)|\bgums?\b.{0,25}\b(?:bump|pimple|boil|bubble)\b|\binfect(?:ed|ion)\b|\binfeccion\b|\binfectad|tastes? (?:foul|gross|salty|disgusting)"),
    ("Fever with it", "fever|temp|fiebre|calentura|bukhar|chills|102|103|104|39", r"\b(?:fever|feverish|fiebre|calentura|bukhar|bukhaar|chills|high temp)\b|temp\w*.{0,12}\b(?:10[0-5]|3[89]|40)\b|\b(?:10[1-5]|39|40)(?:\.\d)? ?(?:f\b|c\b|degrees|fever|grados)"),
    ("Bleeding", "bleed|blood|bled|sangr|khoon|khun", r"\bbleed\w*|\bbled\b|\bblood(?:y)?\b(?! ?(?:thinner|pressure|test|work|sugar))|\bsangr\w+|\bkh(?:oo|u)n\b"),
    ("Knocked-out, broken or loose tooth", "tooth|teeth|molar|diente|muela|incisor|colmillo|dant|daant|dat ", rf"\b(?:tooth|teeth|molars?|dientes?|muelas?|incisors?|colmillos?|dant|daant|daat|toothe?s)\b.{{0,40}}\b(?:{_LOSES})\b|\b(?:{_LOSES})\b.{{0,30}}\b(?:tooth|teeth|molars?|dientes?|muelas?|incisors?|colmillos?|dant|daant|daat)\b"),
    ("Crown, filling or wire came loose and cuts or hurts", "stuck|poking|stab|cutting|sharp|jabb|clava|filos|phas|chubh|chubb|digging|sliced", r"\b(?:stuck|poking|stabb\w*|cutting|cuts|sharp|jabb\w*|digging|slic\w+|clav\w+|filos\w+|cortando|phas|chubh?\w*)\b.{0,50}\b(?:cheek|tongue|gums?|lip|mouth|throat|teeth|tooth|wire|bracket|edge|lengua|mejilla|cachete|encia|labio|alambre|gaal|jeebh|jibh|masood\w+)|\b(?:wire|bracket|edge|alambre|bone|seed|popcorn|floss|fish|something|algo|hueso)\b.{0,40}\b(?:stuck|poking|stabb\w*|cutting|jabb\w*|digging|lodged|clav\w+|atorad\w+|phas\w*|chubh?\w*)"),
    ("Trouble breathing or swallowing", "breath|swallow|chok|throat|respir|trag|ahog|saans|sans |nigal|gasp|wheez", r"(?:can'?t|cannot|hard|trouble|difficult\w*|barely|struggling|hurts?|unable|not able|painful|problem) (?:\w+ ){0,2}(?:breath\w*|swallow\w*)|\bchok(?:e|ed|ing)\b|\bgasping|\bwheez\w+|short(?:ness)? of breath|throat\b.{0,20}\b(?:clos|tight|swell|swoll)\w*|\bswallowed\b.{0,40}\b(?:crown|bridge|tooth|filling|wire|bracket|something|piece|cap|part)\b|(?:no|cuesta|dificil|apenas|trabajo) (?:\w+ ){0,2}(?:respir\w+|trag\w+)|me ahogo|garganta\b.{0,20}\bcerr\w+|sa+ns (?:nahi|lene|phool|ruk)|nigal\w* (?:nahi|me)"),
    ("Allergic reaction", "allerg|alerg|hives|rash|itch|anaphyl|ronchas|khujli|lips|tongue", r"\ballergic reaction|reaccion alergica|\bhives\b|\banaphyl\w+|\bronchas\b|(?:rash|itch\w*|khujli|comezon|allergy ho)\b.{0,60}\b(?:took|taking|after|pill|antibiotic|medicine|amoxicillin|dawai?|tablet|medicina|pastilla|antibiotico|throat|lips|body)|(?:took|taking|after|pill|antibiotic|medicine|amoxicillin|dawai?|tablet|medicina|pastilla|antibiotico)\b.{0,70}\b(?:rash|itch\w*|hives|khujli|comezon|ronchas)\b|\b(?:lips?|tongue|face)\b.{0,20}\b(?:tingl|swell|swoll)\w*"),
    ("Face or jaw", "jaw|mouth|numb|droop|mandibula|boca|ojo|pelota|globo|jabda|muh |face|adormecid|dormid|sunn", r"\bjaw\b.{0,25}\b(?:lock|stuck|won'?t|dislocat|popped|out of place)\w*|(?:can'?t|cannot|unable to|won'?t) (?:\w+ ){0,2}(?:open|close|shut)\b.{0,15}\b(?:mouth|jaw|it)\b|\bnumb(?:ness)?\b.{0,50}\b(?:still|hasn'?t|not gone|since yesterday|never|won'?t|days?)\b|\bstill (?:\w+ )?numb|\bdroop\w*|mandibula\b.{0,25}\b(?:trab|bloque)\w*|no pued[eo] (?:abrir|cerrar) (?:la|el|su|mi) (?:boca|ojo|mandibula)|como (?:una )?(?:pelota|globo)|muh nahi (?:khul|band)|sigo (?:dormid|adormecid)\w+|jabda (?:lock|atak|phas)"),
    ("Accident", "fell|hit|elbow|punch|accident|crash|golpe|cayo|caid|gira|gir ga|chot|face|kick", r"\b(?:fell|hit|hits|elbowed|punched|kicked|crash\w*|smash\w*|accident|golpe\w*|cayo|caida|gir ga\w+|gira|chot)\b.{0,60}\b(?:tooth|teeth|face|mouth|jaw|lip|chin|dientes?|cara|boca|labio|mandibula|dant|daant|muh|chehra)\b|\b(?:tooth|teeth|face|mouth|jaw|lip|chin|dientes?|cara|boca|dant|daant|muh)\b.{0,40}\b(?:fell|hit|elbow\w*|punch\w*|kick\w*|crash\w*|golpe\w*|caida|chot|lag ga\w+)\b"),
    ("Calls it an emergency", "emergenc|urgenc|911| er|ambulanc|imergency|hospital", r"\bemergenc(?:y|ia)\b(?! contact)|\burgencias?\b|\b(?:911|ambulance|ambulancia)\b|\b(?:go|going|come|headed|heading|drive) to (?:the )?(?:er|emergency room|hospital|urgent care)\b|(?:the|or) er\b"),
    ("Feels faint or very ill", "faint|passed out|dizz|vomit|mareo|maread|desmay|chakkar|ulti|behosh|collaps|unconscious", r"\bfaint\w*|passed out|\bdizz\w+|\bvomit\w*|throwing up blood|\bmaread\w+|\bdesmay\w+|\bchakkar\b|\bbehosh\w*|\bcollaps\w+|\bunconscious\b"),
    ("May have taken too much medicine", "took|taken|overdos|tome|pastillas|swallowed|ate|kha li", r"\b(?:took|taken|swallowed|ate)\b.{0,15}\b(?:all|too many|too much|whole|bunch|double|\d{2,})\b.{0,30}\b(?:pills?|meds?|medicine|tablets?|ibuprofen|tylenol|advil|bottle|painkillers?|fluoride|toothpaste)|\boverdos\w+|tome (?:todas|demasiad\w+)|(?:saari|zyada) (?:goli|dawai?)\b.{0,12}\bkha"),
)  # fmt: skip

_SELF_HARM = re.compile(
    r"\b(?:kill|hurt|harm|hurting|killing) (?:myself|my self)\b|\bsuicid\w*|wan(?:t|ted|na) (?:to )?die|end (?:it all|my life)|"
    r"no reason to live|better off dead|can'?t (?:do (?:this|it)|go on|live|take (?:it|this)|keep going)(?: like this)? any ?more|do(?:n'?t| not) (?:want to|wanna) (?:live|be here|be alive|exist|wake up|keep going|go on)|(?:wish|rather) (?:i (?:was|were)|be) dead|marne ka man|"
    r"what'?s the point of (?:living|anything|fixing|it all|going on)|won'?t be (?:around|here) (?:much longer|next|anyway|long)|(?:pills|meds|bottle|vicodin|tablets|them)\b.{0,20}\blined up|say(?:ing)? goodbye (?:to|forever)|(?:think\w*|thought\w*) (?:about|of) (?:ending|killing|dying)|been cutting (?:again|myself)|at once\b.{0,30}\bfinally stop|sab khatam kar\w*|khatam karne ka soch|"
    r"take (?:all|every one|the whole) (?:of )?(?:these|them|the (?:pills|bottle)|my (?:pills|meds))|hacer(?:me|le)? dano|no le veo sentido|ya no quiero seguir|quiero morir\w*|matarme|no quiero vivir|quitarme la vida|mar (?:jaun|jana chah|jaoon)\w*|jeena nahi|jina nahi|khudkushi"
)
_THREAT = re.compile(
    r"\b(?:know|found out) where (?:he|she|you|they|the (?:dentist|doctor)) (?:lives?|parks?|works?|sleeps?)|"
    r"\b(?:he|she|you|they|you all|y'all|you guys)(?:'ll|'re going to| will| gonna| are going to) (?:be sorry|regret|pay for)|"
    r"\b(?:burn|blow|shoot|smash|trash|bomb)\b.{0,25}\b(?:clinic|office|place|building|up|down|you|windows?)\b|"
    r"watch (?:your|his|her) back|some(?:one|body)(?:'?s| is| will)? (?:gonna|going to|will) (?:get hurt|pay|bleed|die)|\b(?:have|got|bring(?:ing)?|own) (?:a|my) (?:gun|knife|weapon|bat)\b|bring (?:a|my) (?:gun|knife)|(?:hurt|stab|attack) (?:you|him|her|them|some(?:one|body)|the)\b|beat (?:you|him|her|the)\b|punch (?:you|him|her|the)\b|"
    r"(?:los|te|lo|la) voy a (?:matar|golpear|buscar|quemar)|se (?:van a arrepentir|arrepentira)|van a ver|"
    r"dekh lunga|dekh lenge|maar (?:dunga|daalunga|dalunga|denge)|jaan se|aag laga|tod (?:dunga|denge)"
)
_LEGAL = re.compile(
    r"\b(?:lawyers?|attorneys?|su(?:e|ing) (?:you|the|u|y'all|this)|lawsuit|legal (?:action|notice|steps)|malpractice|dental board|"
    r"state board|small claims|hipaa|abogad[oa]s?|demandar\w*|denunci\w+|vakil|consumer (?:court|forum)|police (?:report|complaint)|"
    r"court notice|medical council|report(?:ing)? (?:you|this) to|better business|ombudsman|privacy (?:breach|violation)|data breach)\b"
)
_PRIVACY = re.compile(
    r"\b(?:my|her|his|private|medical|personal|someone else'?s|another patient'?s|other patient'?s|wrong)\b.{0,50}"
    r"\b(?:info\w*|records?|results?|x-?rays?|chart|stuff|file|details|number|data|report)\b.{0,50}"
    r"\b(?:shared|leaked|posted|told|gave|given|sent (?:it |them )?to (?:my|the wrong|someone|another|a stranger)|to my (?:ex|boss|employer|neighbor|mother|sister|husband|wife))"
)
_MEDICAL_FACT = re.compile(
    r"\b(?:blood ?-?thinn\w+|thinners|warfarin|eliquis|xarelto|plavix|coumadin|heparin|apixaban|pradaxa|rivaroxaban|clopidogrel|"
    r"acenocumarol|sintrom|anticoag\w+|adiro|ecosprin|khoon patla|heart valve|(?:new|artificial|replaced|replacement) valve|valve replace\w*|"
    r"pacemaker|marcapasos|stents?|valvula|heart (?:surgery|attack|condition|failure|murmur|bypass|defect|operation)|open heart|bypass|angioplasty|"
    r"(?:hip|knee|joint|shoulder) replac\w+|replaced (?:hip|knee)|(?:new|artificial) (?:hip|knee|joint)|protesis de (?:cadera|rodilla)|"
    r"ghutne? (?:ka|ki|badal)|operacion del corazon|infarto|dil ka|"
    r"pregnan\w+|expecting a baby|(?:found out|learned|know) (?:i'?m|im|we'?re) expecting|embaraz\w+|weeks along|trimester|due date is|pet se|garbhvati|garbh|breast ?-?feeding|lactan\w+|amamant\w+|"
    r"latex|epipen|allerg(?:y|ies|ic) to|(?:am|i'm|he's|she's|is|severely|deathly) allergic|alergi[ac]\w* (?:a|al|a la)\b|se (?:mujhe )?allergy|ki allergy|allergy hai|"
    r"insulin\w*|diabet\w+|chemo\w*|quimio\w*|radiation (?:therapy|to)|bisphosphonat\w*|fosamax|alendron\w+|prolia|zometa|osteopor\w+|"
    r"hemophil\w+|hemofil\w+|bleeding disorder|von willebrand|seizures?|epilep\w+|mirgi|hiv|vih|hepatitis|dialysis|dialisis|transplant\w*|trasplant\w+|"
    r"(?:had|having|after|suffered|mini|recent) (?:a )?stroke|derrame|immuno?\w*(?:suppress|compromis)\w*|endocarditis|diagnosed with|diagnosticaron|"
    r"high blood pressure|presion alta|hipertens\w+|bp (?:ki|high)|sugar (?:ki|hai|patient)|cardiologist|cardiologo|transfusion)\b"
)
_NO_FACT = re.compile(
    r"\b(?:no|not|without|never|don't have|any) (?:\w+ )?(?:allerg\w+|latex|pregnan\w+|embaraz\w+|diabet\w+)|sin alergias|allergy nahi|not pregnant|no longer pregnant"
)
_INSTRUCTS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,40}\b(?:rules?|instructions?|prompts?|guidelines|previous|above|earlier|polic\w+|restrictions|everything|training|safety)\b|"
    r"\b(?:system|developer|debug|admin|root|maintenance|dan|god) (?:mode|prompt|message|override|access|note|notice|instruction|command)\b|(?:^|\W)(?:system|assistant|developer|user|admin|ai) ?: |"
    r"</?\s?(?:message|system|user|assistant|prompt|instructions?|im_end|im_start|s|inst)\b|\[/?(?:inst|system)\]|###|\bjailbreak\b|\bsudo\b|\bdrop table\b|\bprompt injection\b|"
    r"\byou are (?:now|no longer)\b|\byou're now\b|\bpretend (?:to be|you|that you)|\bact as (?:a|an|if|the)\b|\bfrom now on\b.{0,30}\b(?:you|respond|reply|answer|act)\b|"
    r"\b(?:repeat|print|show|reveal|output|display|tell me|give me|list|export|dump|send me|share|what (?:are|is|were))\b.{0,40}"
    r"\b(?:your (?:\w+ )?(?:instructions?|prompt|rules|api|configuration|settings|training)|instructions (?:you|above)|system prompt|hidden (?:prompt|instructions)|api keys?|passwords?|"
    r"all (?:the )?(?:patients?|contacts|users|appointments|customers)|(?:every|other) patient\w*|list of (?:all )?(?:the )?(?:patients|contacts)|patients? (?:list|data|records|names|database|phone)|database|phone numbers)\b|"
    r"\b(?:text|message|sms|email|tell|notify|send\b.{0,30}\bto|forward\b.{0,30}\bto|broadcast) (?:\w+ )?(?:all|everyone|everybody|every|each) (?:\w+ )?(?:patients?|contacts?|one|in your|on your|of your|that|the)|"
    r"\b(?:intent|auto_reply|confidence|escalate|urgent|sentiment|role) ?[=:] ?[\w\"'.]+|\"(?:intent|role|confidence)\"|"
    r"\b(?:as an ai|language model|chatgpt|gpt|llm|ai (?:assistant|model|agent|bot)|dear (?:ai|bot|assistant)|hey (?:ai|bot)|note to (?:the )?(?:ai|bot|assistant|model|system)|attention (?:ai|bot|assistant))\b|"
    r"\b(?:classify|mark|flag|label|tag|treat|categorize|set|log) (?:this|it|me|my|the) (?:\w+ ){0,3}(?:as|to) |\bgive (?:me|this patient|yourself)\b.{0,20}\b(?:100 ?%|free|discount|admin)|"
    r"\b(?:ignora|olvida|omite|desobedece)\b.{0,40}\b(?:instruc\w+|reglas|anterior\w*|indicaciones|todo|normas)\b|\beres (?:ahora|un asistente)|\bactua como\b|\bmodo (?:desarrollador|administrador)|"
    r"\b(?:muestra|dame|envia|manda|lista)\w*\b.{0,30}\b(?:todos los pacientes|lista de pacientes|datos de (?:los )?pacientes|tus instrucciones|a todos)\b|"
    r"\b(?:apne|pichle|purane|saare|sab) (?:\w+ )?(?:rules?|instructions?|nirdesh|niyam)\b|\b(?:rules?|instructions?|nirdesh) (?:\w+ )?(?:bhool|ignore|bhul|chhod)|(?:sab|saare|sabhi) patients?\b.{0,25}\b(?:number|list|bhej|data|ko)",
)
_FRAUD = re.compile(
    r"\b(?:this is|i'?m|i am|es|soy|main) (?:the |el |la |dr\.? |doctor |your )?(?:ceo|cfo|owner|boss|director|dr|doctor|manager|dueno)\b.{0,200}\b(?:gift ?cards?|wire|bank account|transfer|codes|bitcoin|payroll|tarjetas)\b|"
    r"\b(?:gift ?cards?|itunes cards?|steam cards?)\b.{0,80}\b(?:codes?|scratch|buy|urgent|today|meeting)|"
    r"\b(?:change|update|new|changed)\b.{0,30}\b(?:bank (?:account|details)|direct deposit|payroll|account number|iban|wire (?:details|instructions))|cambi\w+\b.{0,30}\bcuenta bancaria"
)
_DISPUTE = re.compile(
    r"\b(?:(?:double|twice|two|2|duplicate|dupe|extra|unknown|wrong|second|same)\b.{0,25}\b(?:charg\w+|debits?|debited|billed|payments?|bill|amount|invoice)|(?:charg\w+|debit\w*|billed|paid|pay|took|taken)\b.{0,25}\b(?:twice|two times|double|again|dos veces|do baar|2x|x2))\b|"
    r"\bover ?-?(?:charg\w+|billed)|\b(?:refund|reimbursement|reembolso|devolucion|money back)\b.{0,50}\b(?:due|promised|yet|still|waiting|weeks?|months?|never|where|overdue|since|nothing|not|no|todavia|aun|nunca|kab|nahi|abhi tak)\b|"
    r"\b(?:still|waiting|where(?:'s| is)|never|havent|haven't|when)\b.{0,40}\b(?:refund|money back|reembolso)\b|\b(?:don'?t|do not|didn'?t|did not|never) (?:\w+ ){0,2}(?:recogni[sz]e|authori[sz]e\w*|agree\w*|sign\w*|owe|order\w*|recall having)\b|"
    r"\b(?:not|isn'?t|wasn'?t|aren't) (?:what (?:i|we|you)|the (?:amount|price)|correct|right|covered)\b|\b(?:your|a|the|ur|be a|billing|by) (?:mistake|error)\b|\b(?:dispute|disputing|chargeback|unauthori[sz]ed|incorrect(?:ly)?|erroneous\w*)\b|"
    r"\b(?:billed|charged|charging|billing)\b.{0,40}\b(?:wrong|never|for (?:something|nothing|a (?:visit|service|cleaning|filling|crown))|only had|didn'?t|not mine|i wasn'?t|why)\b|\bwhy (?:was|am|were|did|is|are|do)\b.{0,25}\b(?:charg\w+|bill\w*|fee|owe)\b|"
    r"\b(?:quoted|estimate|told|said)\b.{0,50}\b(?:but|now|bill (?:says|is)|charged|is \$?\d|says)\b.{0,30}(?:\d|bill|charg)|\balready paid\b|\bcollections?\b(?! of)|"
    r"me cobraron|cobrad[oa]s? (?:dos|doble|de mas|duas)|cobro (?:doble|duplicad\w+|indebido|que no)|de mas\b|no reconozco|yo no (?:pedi|autorice|firme)|galat (?:bill|hai|charge|amount|laga|kata|kaat)|(?:dono|do baar|double|zyada|extra) (?:\w+ )?(?:debit|kat|kaat|charge|paise|cut|bill)\w*|paise (?:wapas|lauta)|refund (?:nahi|kab|kar)"
)
_ANGER = re.compile(
    r"\b(?:thanks?|thx|thank you|ty|gracias) (?:for|por) (?:nothing|nada)\b|\bwhat (?:did|am|do) i (?:even )?pay(?:ing)? (?:you )?for\b|\bdo better\b|\bnever (?:\w+ ){0,3}(?:set(?:ting)? foot|com(?:e|ing) back|return\w*|again|go(?:ing)? (?:back|there))\b|"
    r"\b(?:you|dentist|doctor|she|he|they|receptionist|staff) (?:all )?(?:lied|lies|liars?)\b|\b(?:i'?m|im|we'?re) (?:out|done with (?:you|this|y'all|them))\b|\bdone with (?:this|your|you)\b|\bunacceptable|\bridiculous|\bdisgust\w+|\bdisgrace\w*|\bincompeten\w+|\bunprofessional|"
    r"\b(?:so|very|extremely|really|beyond|incredibly|was|were|being|is|are|how) (?:\w+ )?(?:rude|disrespect\w*|dismissive|condescending|careless)\b|\brude\b|\b(?:worst|terrible|horrible|awful|bad|poor|pathetic|shameful) (?:\w+ )?(?:service|experience|place|clinic|office|dentist|treatment|care|communication)\b|\bfed up|\bsick (?:and tired )?of (?:this|you|your|waiting|being)|"
    r"\b(?:1|one|zero|0) ?-?stars?\b|\b(?:bad|negative|honest|scathing|google|yelp) review|\bshame on|\bscam(?:mers?)?\b|\brip ?-?off|\bgrosse?r[oa]s?\b|\bpesim[oa]s?\b|\binaceptable|\bverguenza\b|\bmal(?:a|isima)? (?:atencion|trato|servicio)|\bnunca mas\b|\bestafa\w*|\bharto|\bindignad\w+|\bbakwas|\bbekaar?\b|\bghatiya|\bbadtameez\w*|\bloot (?:liya|rahe|macha)|\bbewakoof|\bsharam"
)
_NO_BOT = re.compile(
    r"\b(?:not|no|don'?t|stop|won'?t|refuse|hate|tired|enough|sick)\b.{0,40}\b(?:bots?|robots?|machines?|computers?|ai|automated|chatbots?|maquinas?)\b|"
    r"\b(?:real|actual|live) (?:person|human|people|someone)|\bhuman\b(?! resources)|\bpersona (?:real|de verdad)|\b(?:robot|bot|machine) se\b|insaan se|"
    r"\b(?:your|this|the|stupid|dumb|ur) (?:\w+ )?(?:bot|robot|chatbot|machine)\b|\bun robot\b"
)
_OPT_OUT = re.compile(
    r"\b(?:stop|quit|cease|no more|enough|don'?t|do not|never|please no)\b.{0,25}\b(?:text(?:s|ing)?|messag\w+|sms|promos?|promotion\w*|marketing|spam\w*|e-?mails?|newsletters?|ads?|offers?|reminders?|contact(?:ing)?|alerts|notifications)\b|"
    r"\bunsubscri\w+|\bopt(?:ing|ed)? ?-?out\b|\b(?:remove|delete|take|drop|erase)\b.{0,30}\b(?:list|number|contacts?|database|mailing|phone|system)\b|\bcancel (?:my |these |the |all |your )?(?:subscription|alerts|messages|texts|notifications|promos|emails)\b|"
    r"\b(?:withdraw|revoke)\b.{0,20}\bconsent|\bno further contact|\blose (?:my|this) number|\bleave me alone|\bwrong (?:number|person)\b.{0,30}\b(?:stop|quit|remove|don'?t)|\bnot interested\b|"
    r"\b(?:no|dejen de|deje de|dejad de|ya no)\b.{0,30}\b(?:mand\w+|envi\w+|escrib\w+|mensajes?|publicidad|promocion\w*|llam(?:en|ar)|recibir|figurar)\b|\b(?:dar(?:me)?|den(?:me)?|quiero|solicito la) (?:de )?baja\b|\bborr\w+\b.{0,20}\bnumero|\bcancelar? (?:la |mi )?suscripcion|\bdesuscrib\w+|"
    r"\b(?:message|messages|msg|msgs|sms|ads?|offers?|promo\w*|call|number|spam)\b.{0,25}\b(?:band|mat|hata\w*|nahi chahiye|rok\w*|bhejna|delete)\b|\bmat (?:bhej\w*|karo)|\bband (?:karo|kar do|kijiye|karein)\b"
)
_AT_THE_DOOR = re.compile(
    r"\b(?:i'?m|im|we'?re|were|i am|we are|just|running|be|gonna be|will be|bit|little|min(?:ute)?s?|going to be) (?:\w+ )?(?:late|outside|in the (?:parking|lobby|waiting)|at the (?:door|front|entrance)|here now|downstairs|parked|stuck)\b|"
    r"\brunning (?:\w+ ){0,3}(?:late|behind)|\b\d+ ?(?:min\w*|m) (?:late|away|behind|out)\b|\b(?:parking lot|door is locked|door'?s locked|doors? (?:are |is )?locked|in ur lobby|in your lobby|in the lobby|in (?:your|ur|the) waiting room|waiting outside|ring the bell|nobody at the (?:desk|door))\b|"
    r"\b(?:traffic|flat tire|car broke|train is|bus is|uber|stuck (?:in|on|at))\b.{0,60}\b(?:late|still|wait|there|min\w*|okay?|make it)\b|"
    r"\b(?:voy|llego|llegare|llegamos|vamos) (?:\w+ ){0,3}(?:tarde|retrasad\w+|atrasad\w+|minutos)|estoy (?:afuera|en la puerta|aqui|en el estacionamiento|llegando)|(?:hay|mucho) trafico|"
    r"\b(?:late ho|der ho|thodi der|traffic me|traffic mein|bahar (?:khad|hu|hoon|wait)|pahunch raha|pahunch rahi|raste me|raste mein|gate band|darwaza band)"
)

_COMPILED = tuple((words, tuple(stems.split("|")), re.compile(pattern)) for words, stems, pattern in _BODILY)
# Said with a no or an end beside it. Only what stands beside is taken out; the rest of the message is still read.
_CALM = re.compile(
    r"\b(?:no|not any|without|zero|don't have (?:any )?|doesn't have (?:any )?|isn't (?:any )?|not in|nor|nothing|hasn't|stopped|sin|ningun|koi|not|don't|doesn't|didn't|does not|didnt|doesnt) "
    r"(?:(?:\w+ ){0,2})?(?:pain(?:ful)?|swelling|swollen|bleeding|blood|bleed|fever|dolor|dard|fiebre|sangrado|sujan|hurt(?:ing|s)?|emergency|emergencia|urgencia|sore|infection|duele)\b|"
    r"\b(?:pain|swelling|bleeding|fever|dolor|dard|sujan|bukhar|hinchazon|fiebre|numbness) (?:(?:is|has|was|hai|se|ya|all|completely|finally|totally|went|bhi|mostly|ab) )*"
    r"(?:gone|stopped|away|better|over|fue|quito|paso|khatam|theek|thik|nahi|nhi|kam|going down|going away|bajo|down)\b|"
    r"\b(?:dard|sujan|bukhar|khoon|pain) nah?i\b|\bno (?:me |le )?(?:duele|sangra)\b|\bpain ?(?:less|free)|\bblood (?:test|work|pressure|sugar|thinner\w*)|"
    r"\b(?:afraid|scared|fear|terrified|worried|nervous|miedo|dar) (?:of|about|del?|al) (?:the )?(?:pain|dolor|blood|needles?)|\bemergency (?:contact|fund|exit|number)"
)


_BRACKETS = re.compile(r"\[[^\[\]\n]{1,60}\]")
_ONLY_SIGNS = re.compile(r"[^\w]+")
_HELP_SIGNS = re.compile(r"[\U0001f198\U0001fa78\U0001f691\U0001f915]")


def examine(raw: str, own: str) -> Finding:
    """Apply every rule to a message: its raw text for what the inbox marks, its own words for the rest."""
    text = plain(own)
    short = _short(text)
    reasons: list[str] = []
    bodily = harm = urgent = escalate = instructs = False
    flag = find_red_flag(raw)
    if flag:
        reasons.append(flag)
        escalate = True
        bodily, harm = flag not in _NOT_BODILY, flag in _HARM
    calmed = _CALM.sub(" ", text)
    sign = _bodily(calmed)
    if sign:
        reasons.append(sign)
        bodily = escalate = True
    for pattern, words in (
        (_SELF_HARM, "Says they may harm themselves or others"),
        (_THREAT, "Threat"),
    ):
        if pattern.search(text):
            reasons.append(words)
            harm = urgent = escalate = True
            bodily = bodily or pattern is _SELF_HARM
    for pattern, words in (
        (_LEGAL, "Threat of a lawyer or complaint"),
        (_PRIVACY, "May be a breach of privacy"),
        (_FRAUD, "Looks like payment fraud"),
        (_NO_BOT, "Wants a person, not the assistant"),
        (_DISPUTE, "Disputes a charge"),
        (_ANGER, "Sounds angry"),
    ):
        if pattern.search(text):
            reasons.append(words)
            escalate = True
    fact = _MEDICAL_FACT.search(_NO_FACT.sub(" ", text))
    if fact:
        reasons.append(f"Tells a medical fact ({fact[0]})")
        escalate = True
    opts_out = bool(_OPT_OUT.search(text))
    if _INSTRUCTS.search(text):
        reasons.append("Tries to instruct the software")
        instructs = escalate = True
    if _AT_THE_DOOR.search(text):
        reasons.append("On the way or at the door now")
        urgent = True
    intent, sentiment = short or (None, None)
    if intent in {"emergency", "complaint"}:
        escalate = True
        urgent = urgent or intent == "emergency"
    return Finding(
        reasons=tuple(dict.fromkeys(reasons)),
        intent=intent,
        sentiment=sentiment,
        bodily=bodily,
        harm=harm,
        urgent=urgent,
        escalate=escalate,
        calm=calmed != text and not bodily,
        opts_out=opts_out,
        instructs=instructs,
    )


def _short(text: str) -> tuple[Intent, Sentiment] | None:
    """What a message means that is nothing but a sign or a keyword."""
    bare = " ".join(_TINTS.sub("", text).split()).strip(" \"'.,!¡*")
    if not bare or _MEDIA.fullmatch(bare) or _BRACKETS.fullmatch(bare):
        return "other", "neutral"
    if bare in _SHORT:
        return _SHORT[bare]
    if opt_out_word(bare) == "stop" or _STOP_LIKE.fullmatch(bare):
        return "opt_out", "neutral"
    if _ONLY_SIGNS.fullmatch(bare):
        if _HELP_SIGNS.search(bare):
            return "emergency", "negative"
        return next((_SHORT[sign] for sign in bare if sign in _SHORT), None)
    return None


def _bodily(calmed: str) -> str | None:
    for words, stems, pattern in _COMPILED:
        if not any(map(calmed.__contains__, stems)):
            continue
        if pattern.search(calmed):
            return words
    return None
