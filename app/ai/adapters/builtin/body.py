"""Signs of the body in a message that may be an emergency. They err on the side of a person looking.

English, Spanish, Hindi in Latin letters; a few words of languages that are not read otherwise. Patterns run over plain
text (folded case, no accents).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from app.ai.adapters.builtin.text import plain
from app.ai.adapters.builtin.trouble import either

_HURTS = (
    r"pain(?:s|ful|ing)?|hurt(?:s|ing)?|aches?|aching|toothaches?|throb\w*|agony|dolor(?:es)?|duele[n]?|"
    r"doliendo|dard|dukh (?:raha|rahi)|takleef"
)
_HARD = (
    r"so hard|shaking|trembling|nothing (?:helps|works)|unable to (?:sleep|eat)|severe(?:ly)?|unbearable|"
    r"excruciating|terribl[ey]|horribl[ey]|awful|extreme(?:ly)?|intense|worst|insane|crazy|brutal|"
    r"so (?:much|bad(?:ly)?)|really bad|very bad|super bad|real bad|a lot|badly|killing|like hell|"
    r"constant(?:ly)?|non ?stop|shooting|sharp|stabbing|unreal|growing|worse(?:ning)?|wont go away|"
    r"won't go away|can'?t (?:sleep|eat|chew|think|work|take|stand|bear)|woke me|all night|"
    r"since (?:last night|yesterday|this morning|\d|mon|tue|wed|thu|fri|sat|sun)|help|insoportable|"
    r"inaguantable|terrible|fuert\w+|much(?:o|isimo)|demasiado|peor|no aguanto|"
    r"no (?:me deja|puedo) (?:dormir|comer|mas)|toda la noche|desde (?:anoche|ayer|hoy|hace|el)|bahut|"
    r"bohot|boht|bahot|bht|zyada|jyada|tez|sehen|sahan|bardasht|bardaasht|raat (?:bhar|se)|kal se|subah se|"
    r"neend|so nahi|itna|bhayankar|asahniya"
)
_PART = (
    r"face|cheek|jaw|gums?|lips?|tongue|mouth|throat|neck|eye|tooth|teeth|molar|cara|mejilla|cachete|"
    r"mandibula|encias?|labios?|lengua|boca|garganta|cuello|ojo|diente|muela|gaal|chehra|muh|munh|jabda|"
    r"masood\w+|masud\w+|dant|daant|hont|galaa?"
)
_LOSES = (
    r"knock\w*|fell out|falling out|came (?:right |all the way |completely )?out|popped out|broke\w*|"
    r"snapped|shatter\w*|crack\w*|chipp?\w*|split|push\w*|loose|moved|bent|hanging|wobbl\w*|displaced|"
    r"romp\w+|rot[oa]|parti[do]\w*|quebr\w+|cay[oe]?\w*|cayo|saco|salio|floj[oa]|afloj\w+|mueve|toot\w*|"
    r"tut\w*|nikal|hil|gir"
)
_OTHER_LANGUAGES = """
dor de dente, muita dor, dor forte, inchad, inchou, febre,
quebrei, douleur, rage de dent, mal aux dents, tres mal, gonfle,
saigne, fievre, schmerz, geschwollen, blutet, fieber, abgebrochen,
mal di denti, gonfi, sanguina, febbre, болит, боль, опух, кров,
температура, сломал, выбил, 疼, 痛, 肿, 腫, 流血, 出血, 发烧, 発熱, 아파, 부었,
피가, đau, sưng, chảy máu, bị sốt, ألم, وجع, تورم, متورم, ينزف,
نزيف, انكسر, sumasakit, masakit ang, namamaga, dumudugo, nabasag,
दर्द, सूजन, खून, बुखार, टूट, दुख, ব্যথা, diş ağrısı, şişti,
boli mnie, opuch, spuch
"""
# Words in Latin letters count from their beginning only.
_ELSEWHERE = "|".join(
    rf"\b{re.escape(word)}" if word[0] < "\u0400" else re.escape(word)
    for word in (plain(each.strip()) for each in _OTHER_LANGUAGES.replace("\n", " ").split(","))
)


class Sign(NamedTuple):
    """A sign: what staff read, stems of which every match has at least one, the pattern."""

    words: str
    stems: tuple[str, ...]
    pattern: re.Pattern[str]


def _sign(words: str, stems: str, *patterns: str) -> Sign:
    return Sign(words, tuple(stems.split("|")), either(*patterns))


SIGNS: tuple[Sign, ...] = (
    _sign(
        "Strong pain",
        "pain|hurt|ache|aching|throb|agony|dol|duele|dard|dukh|taklee",
        rf"\b(?:{_HURTS})\b.{{0,60}}\b(?:{_HARD})\b|\b(?:{_HARD})\b.{{0,40}}\b(?:{_HURTS})\b",
    ),
    _sign(
        "Strong pain",
        "pain|dolor|dard",
        r"\bin (?:\w+ ){0,2}pain\b|(?:pain|dolor|dard)(?:[\s!.,]*(?:pain|dolor|dard)){1,}",
        r"pain ?(?:level|scale)?\W{0,3}(?:[6-9]|10)\b",
    ),
    _sign(
        "Strong pain",
        "crying|screaming|sobbing|llora|grita|ro rah|chilla|killing|marta|mar rah|matando",
        r"\b(?:crying|screaming|sobbing|llorando|gritando|ro rah\w+|chilla)\b.{0,50}\b(?:tooth|teeth|mouth|"
        r"muela|diente|dant|daant|dolor|dard)",
        r"\bkilling (?:me|him|her)\b|me (?:esta|estan) matando|dard se mar",
    ),
    _sign(
        "Strong pain",
        "scale of|out of 10|/10|de 10|sobre 10",
        r"\b(?:[7-9]|1[0-9]|seven|eight|nine|ten|eleven|twelve) ?(?:/|out of|de|sobre) ?(?:10|ten|diez)\b",
        r"scale of\b.{0,30}\b(?:[7-9]|1\d|nine|ten|eleven|twelve)\b",
    ),
    _sign(
        "Strong pain",
        "throb",
        r"\bthrob\w*",
    ),
    _sign(
        "Knocked-out, broken or loose tooth",
        "hand|hath|haath|mano",
        r"\b(?:tooth|teeth|diente|muela|dant|daant)\b.{0,25}\b(?:in (?:my|his|her) (?:hand|palm|mouth)|"
        r"h[a]+th me|en la mano)",
    ),
    _sign(
        "Face or jaw",
        "feel my|feel his|feel her|siento",
        r"can'?t feel (?:my|his|her|half|one)\b.{0,20}\b(?:tongue|lip|chin|face|cheek|mouth)",
        r"no siento (?:la|el|mi) (?:lengua|labio|cara|boca)",
    ),
    _sign(
        "Calls for help with a sign",
        "🆘|🩸|🚑",
        r"[\U0001f198\U0001fa78\U0001f691]",
    ),
    _sign("Pain, swelling or bleeding", "", _ELSEWHERE),
    _sign(
        "Strong pain",
        "ear|sleep|dorm|neend|painkiller|pastilla|advil|tylenol|ibuprofen|goli|dawa",
        r"(?:painkillers?|advil|tylenol|ibuprofen|motrin|pastillas?|ibuprofeno|goli|dawai?|"
        r"combiflam)\b.{0,30}\b(?:not|n't|nothing|isn|no|nahi|nada)\b.{0,20}\b(?:work|help|touch|hac|quita|"
        r"asar|kaam|calma|ayuda)",
    ),
    _sign(
        "Swelling",
        "swell|swoll|puff|hincha|inflam|suj|soo?j|phul|phool|balloon|lump|bulto",
        r"\b(?:swell\w*|swollen|swole|puff\w*|hincha\w*|inflam[ao]\w*|suja?n\w*|sooja?n\w*|soo?j|suj|phool|"
        rf"phul)\b.{{0,50}}\b(?:{_PART})\b",
        rf"\b(?:{_PART})\b.{{0,50}}\b(?:swell\w*|swollen|swole|puff\w*|hincha\w*|inflam[ao]\w*|suja?n\w*|"
        r"sooja?n\w*|soo?j|suj|phool|phul\w*|ballo+n\w*|lump)\b",
    ),
    _sign(
        "Swelling",
        "swell|swoll|hincha|suj|sooj",
        r"\b(?:is|are|was|very|really|so|all|got|getting|still|hai|gay[ai]|muy|esta|tan|more|"
        r"keeps?) (?:\w+ )?(?:swell\w*|swollen|hincha\w*|suja?n|sooja?n)",
        r"\b(?:swelling|hinchazon|sujan|soojan)\b.{0,30}\b(?:wors|spread|bigger|up|down my|badh|crec|aument|"
        r"hai|ho ga|aa ga)",
        r"(?:suj|sooj) ga[iy]",
    ),
    _sign(
        "Infection",
        "pus|abs[ce]|infec|flemon|bump|pimple|boil|peep|smell|ball|bubble|blister|tast|gunk|ooz|drain|salty|sabor",
        r"\bpu+s+\b|\babs[ce]\w*|\bflemon|\bpeep\b",
        r"\b(?:bump|pimple|boil|ball|bubble|blister|sac|zit|bolita|grano)\b.{0,25}\b(?:gums?|encia|masood\w+)",
        r"\bgums?\b.{0,25}\b(?:bump|pimple|boil|ball|bubble|blister)\b|\binfect(?:ed|ion)\b|\binfeccion\b|\binfectad",
        r"\btastes? (?:so |really |very )?(?:foul|gross|salty|disgusting|nasty|rotten|metallic)",
        r"\b(?:foul|gross|salty|disgusting|nasty|rotten|yellow\w*|white) (?:\w+ )?(?:taste|gunk|goo|fluid|stuff|"
        r"liquid|discharge)",
        r"\b(?:gunk|goo|discharge|ooz\w+|draining|leaking)\b.{0,50}\b(?:tooth|gums?|mouth|socket|implant|face|jaw)\b",
        r"\bsabor (?:muy )?(?:horrible|salado|feo|podrido|asqueroso)",
    ),
    _sign(
        "Fever with it",
        "fever|temp|fiebre|calentura|bukhar|chills|102|103|104|39",
        r"\b(?:fever|feverish|fiebre|calentura|bukhar|bukhaar|chills|high temp)\b",
        r"temp\w*.{0,12}\b(?:10[0-5]|3[89]|40)\b",
        r"\b(?:10[1-5]|39|40)(?:\.\d)? ?(?:f\b|c\b|degrees|fever|grados)",
    ),
    _sign(
        "Bleeding",
        "bleed|blood|bled|sangr|khoon|khun",
        r"\bbleed\w*|\bbled\b|\bblood(?:y)?\b(?! ?(?:thinner|pressure|test|work|sugar))|\bsangr\w+",
        r"\bkh(?:oo|u)n\b",
    ),
    _sign(
        "Knocked-out, broken or loose tooth",
        "tooth|teeth|molar|diente|muela|incisor|colmillo|dant|daant|dat ",
        r"\b(?:tooth|teeth|molars?|dientes?|muelas?|incisors?|colmillos?|dant|daant|daat|"
        rf"toothe?s)\b.{{0,40}}\b(?:{_LOSES})\b",
        rf"\b(?:{_LOSES})\b.{{0,30}}\b(?:tooth|teeth|molars?|dientes?|muelas?|incisors?|colmillos?|dant|daant|"
        r"daat)\b",
    ),
    _sign(
        "Crown, filling or wire came loose and cuts or hurts",
        "stuck|poking|stab|cutting|sharp|jabb|clava|filos|phas|chubh|chubb|digging|sliced",
        r"\b(?:stuck|poking|stabb\w*|cutting|cuts|sharp|jabb\w*|digging|slic\w+|clav\w+|filos\w+|cortando|"
        r"phas|chubh?\w*)\b.{0,50}\b(?:cheek|tongue|gums?|lip|mouth|throat|teeth|tooth|wire|bracket|edge|"
        r"lengua|mejilla|cachete|encia|labio|alambre|gaal|jeebh|jibh|masood\w+)",
        r"\b(?:wire|bracket|edge|alambre|bone|seed|popcorn|floss|fish|something|algo|"
        r"hueso)\b.{0,40}\b(?:stuck|poking|stabb\w*|cutting|jabb\w*|digging|lodged|clav\w+|atorad\w+|phas\w*|"
        r"chubh?\w*)",
    ),
    _sign(
        "Trouble breathing or swallowing",
        "breath|swallow|chok|throat|respir|trag|ahog|saans|sans |nigal|gasp|wheez",
        r"(?:can'?t|cannot|hard|trouble|difficult\w*|barely|struggling|hurts?|unable|not able|painful|"
        r"problem) (?:\w+ ){0,2}(?:breath\w*|swallow\w*)",
        r"\bchok(?:e|ed|ing)\b|\bgasping|\bwheez\w+|short(?:ness)? of breath",
        r"throat\b.{0,20}\b(?:clos|tight|swell|swoll)\w*",
        r"\bswallowed\b.{0,40}\b(?:crown|bridge|tooth|filling|wire|bracket|something|piece|cap|part)\b",
        r"(?:no|cuesta|dificil|apenas|trabajo) (?:\w+ ){0,2}(?:respir\w+|trag\w+)|me ahogo",
        r"garganta\b.{0,20}\bcerr\w+|sa+ns (?:nahi|lene|phool|ruk)|nigal\w* (?:nahi|me)",
    ),
    _sign(
        "Allergic reaction",
        "allerg|alerg|hives|rash|itch|anaphyl|ronchas|khujli|lips|tongue",
        r"\ballergic reaction|reaccion alergica|\bhives\b|\banaphyl\w+|\bronchas\b",
        r"(?:rash|itch\w*|khujli|comezon|allergy ho)\b.{0,60}\b(?:took|taking|after|pill|antibiotic|medicine|"
        r"amoxicillin|dawai?|tablet|medicina|pastilla|antibiotico|throat|lips|body)",
        r"(?:took|taking|after|pill|antibiotic|medicine|amoxicillin|dawai?|tablet|medicina|pastilla|"
        r"antibiotico)\b.{0,70}\b(?:rash|itch\w*|hives|khujli|comezon|ronchas)\b",
        r"\b(?:lips?|tongue|face)\b.{0,20}\b(?:tingl|swell|swoll)\w*",
    ),
    _sign(
        "Face or jaw",
        "jaw|mouth|numb|droop|mandibula|boca|ojo|pelota|globo|jabda|muh |face|adormecid|dormid|sunn",
        r"\bjaw\b.{0,25}\b(?:lock|stuck|won'?t|dislocat|popped|out of place)\w*",
        r"(?:can'?t|cannot|unable to|won'?t) (?:\w+ ){0,2}(?:open|close|shut)\b.{0,15}\b(?:mouth|jaw|it)\b",
        r"\bnumb(?:ness)?\b.{0,50}\b(?:still|hasn'?t|not gone|since yesterday|never|won'?t|days?)\b",
        r"\bstill (?:\w+ )?numb|\bdroop\w*|mandibula\b.{0,25}\b(?:trab|bloque)\w*",
        r"no pued[eo] (?:abrir|cerrar) (?:la|el|su|mi) (?:boca|ojo|mandibula)|como (?:una )?(?:pelota|globo)",
        r"muh nahi (?:khul|band)|sigo (?:dormid|adormecid)\w+|jabda (?:lock|atak|phas)",
    ),
    _sign(
        "Accident",
        "fell|hit|elbow|punch|accident|crash|golpe|cayo|caid|gira|gir ga|chot|face|kick",
        r"\b(?:fell|hit|hits|elbowed|punched|kicked|crash\w*|smash\w*|accident|golpe\w*|cayo|caida|gir ga\w+|"
        r"gira|chot)\b.{0,60}\b(?:tooth|teeth|face|mouth|jaw|lip|chin|dientes?|cara|boca|labio|mandibula|dant|"
        r"daant|muh|chehra)\b",
        r"\b(?:tooth|teeth|face|mouth|jaw|lip|chin|dientes?|cara|boca|dant|daant|muh)\b.{0,40}\b(?:fell|hit|"
        r"elbow\w*|punch\w*|kick\w*|crash\w*|golpe\w*|caida|chot|lag ga\w+)\b",
    ),
    _sign(
        "Calls it an emergency",
        "emergenc|urgenc|911| er|ambulanc|imergency|hospital",
        r"\bemergenc(?:y|ia)\b(?! contact)|\burgencias?\b|\b(?:911|ambulance|ambulancia)\b",
        r"\b(?:go|going|come|headed|heading|drive) to (?:the )?(?:er|emergency room|hospital|urgent care)\b",
        r"(?:the|or) er\b",
    ),
    _sign(
        "Feels faint or very ill",
        "faint|passed out|dizz|vomit|mareo|maread|desmay|chakkar|ulti|behosh|collaps|unconscious",
        r"\bfaint\w*|passed out|\bdizz\w+|\bvomit\w*|throwing up blood|\bmaread\w+|\bdesmay\w+|\bchakkar\b",
        r"\bbehosh\w*|\bcollaps\w+|\bunconscious\b",
    ),
    _sign(
        "May have taken too much medicine",
        "took|taken|overdos|tome|pastillas|swallowed|ate|kha li",
        r"\b(?:took|taken|swallowed|ate)\b.{0,15}\b(?:all|too many|too much|whole|half|entire|bunch|double|"
        r"\d{2,})\b.{0,30}\b(?:pills?|meds?|medicine|tablets?|ibuprofen|tylenol|advil|bottle|painkillers?|"
        r"fluoride|toothpaste)",
        r"\boverdos\w+|tome (?:todas|demasiad\w+)|(?:saari|zyada) (?:goli|dawai?)\b.{0,12}\bkha",
    ),
    _sign(
        "Trouble breathing or swallowing",
        "wrong|cough|inhal|breathed|aspir|tos|khans|khaans|chest|pecho",
        r"\b(?:went|gone|go|going|slid|slipped|fell) (?:down )?(?:the )?wrong (?:way|pipe|tube)",
        r"\b(?:inhaled|aspirated|breathed in|aspire) (?:\w+ ){0,4}(?:piece|part|crown|tooth|filling|bracket|"
        r"wire|retainer|bit|cap|corona|diente|pedazo|something|it)\b",
        r"\b(?:cough\w*|tosiendo|khaans\w*)\b.{0,50}\b(?:piece|part|crown|tooth|filling|bracket|wire|retainer|"
        r"denture|cap|blood|swallow\w*|corona|diente|pedazo)\b",
        r"\b(?:piece|part|crown|tooth|filling|bracket|wire|retainer|denture|cap|corona|diente|"
        r"pedazo)\b.{0,60}\b(?:cough\w*|tosiendo|khaans\w*)",
        r"\b(?:chest|pecho|chhaati|seene)\b.{0,15}\b(?:tight\w*|pain|hurts|heavy|dolor|duele|aprieta|dard|"
        r"jakad\w*)",
    ),
    _sign(
        "Swelling",
        "twice|double|size of|huge|blew|blown|balloon|doble|tamano|lump|knot|egg|golf|bulto|bola|pelota|gola|gubbar",
        rf"\b(?:{_PART})\b.{{0,40}}\b(?:twice (?:its|the|his|her|my)|double (?:its|the)|size of|huge|blew up|"
        r"blown up|blowing up|balloon\w*|bulg\w+|lump|golf ball|egg|como (?:una? )?(?:bola|pelota|huevo|"
        r"globo)|al doble|gola|gubbar\w*)",
        rf"\b(?:lump|knot|egg|golf ball|bulto|bola)\b.{{0,30}}\b(?:{_PART})\b",
    ),
    _sign(
        "Strong pain",
        "pain|dolor|dard|hurt",
        r"\b(?:pain|dolor|dard)\b.{0,40}\b(?:ear|oido|kaan|blinding|worse|climb\w*|spread\w*|shooting|awake|"
        r"scream\w*|cry\w*|too much|peor|badh\w*)\b",
        r"\b(?:blinding|shooting|stabbing|searing|splitting) (?:\w+ )?(?:pain|ache|toothache)",
    ),
    _sign(
        "Strong pain",
        "sleep|slept|dorm|neend|so nah|think|up since|awake|despiert",
        r"\b(?:can'?t|cannot|cant|cnt|couldn'?t|haven'?t|hasn'?t|didn'?t|not|no pude|no puedo|sin|"
        r"no he) (?:\w+ )?(?:sleep|slept|slep|dormir|dormi|dormido)\b.{0,80}\b(?:tooth|teeth|toothache|molar|"
        r"jaw|gum|pain|muela|diente|dolor)",
        r"\b(?:tooth|teeth|toothache|toof|molar|jaw|pain|muela|diente|dolor|dant|daant|daadh|"
        r"dard)\b.{0,80}\b(?:(?:can'?t|cannot|cant|cnt|couldn'?t|haven'?t|hasn'?t|didn'?t|not|no pude|"
        r"no puedo|sin|no he) (?:\w+ )?(?:sleep|slept|slep|dormir|dormi|dormido)|neend nahi|so nahi|"
        r"up all (?:night|nite)|kept me (?:up|awake))",
        r"\b(?:up|awake|despiert[oa]) (?:since|all night|till|until|desde)\b.{0,100}\b(?:tooth|molar|jaw|muela|diente|"
        r"(?:bottom|top|lower|upper|back) (?:left|right|one))\b",
        r"\b(?:tooth|molar|jaw|muela|diente|(?:bottom|top|lower|upper|back) (?:left|right|one))\b.{0,100}\b(?:up|awake|"
        r"despiert[oa]) (?:since|all night|till|until|desde)\b",
    ),
    _sign(
        "Strong pain",
        "rocking|wall|pliers|alicate|pinza|myself|stars|tears|bawling|sobbing",
        r"\brocking back|\b(?:climb\w*|punch\w*) (?:up )?(?:the )?walls?\b|\bpliers\b",
        r"\bcon (?:un )?(?:alicates?|pinzas?)\b",
        r"\b(?:pull|yank|rip|take|get) (?:it|this|that|the (?:tooth|thing)) (?:out )?myself\b",
        r"\bseeing stars\b|\b(?:in|to) tears\b.{0,60}\b(?:tooth|mouth|jaw|molar|pain)|\bbawling\b",
    ),
    _sign(
        "Knocked-out, broken or loose tooth",
        "front ones|diente|muela|colmillo|tooth|teeth|molar|dant|daant",
        r"\b(?:diente|muela|colmillo)s?\b.{0,40}\b(?:salido|salio|salirse|colgando|vaso|leche|en la mano|"
        r"abrio|astill\w+|en dos)\b",
        r"\b(?:se me|se le) (?:ha |han )?(?:sal\w+|ca\w+|rot\w*|romp\w+|part\w+|quebr\w+|abri\w+|"
        r"mov\w+) (?:\w+ ){0,3}(?:diente|muela|colmillo)",
        r"\b(?:tooth|teeth|molar)\b.{0,40}\b(?:shear\w*|bust\w*|in (?:half|two|pieces|milk|a glass)|missing|"
        r"crooked|dangl\w*|pushed (?:up|in|back))\b",
        r"\b(?:half|piece|chunk|part) (?:of )?(?:a |my |the |his |her )?(?:front |back )?(?:tooth|"
        r"molar)\b.{0,25}\b(?:in|on|off|out|gone|came|broke|fell|missing)\b",
    ),
    _sign(
        "Accident",
        "tripp|slipp|smack|bump|slam|whack|faceplant|face plant|tumbl|collid|choc|tropez|resbal|fisl|takra|caer",
        r"\b(?:tripp\w+|slipp\w+|smack\w*|bump\w*|slam\w*|whack\w*|tumbl\w+|collid\w+|choc\w+|tropez\w+|"
        r"resbal\w+|caer(?:me|se)|fis[a]?l\w*|takra\w*)\b.{0,80}\b(?:tooth|teeth|lip|chin|mouth|jaw|diente|"
        r"labio|boca|barbilla|dant|daant|muh|hont|blood|bleed\w*)\b",
        r"\bface ?-?plant\w*",
    ),
    _sign(
        "Allergic reaction",
        "lips|honth|hont|labio|spots|welts|body|tongue|lengua|jeebh|aankh|ojos",
        r"\b(?:injection|shot|pill|tablet|medicine|antibiotic\w*|anesthe\w+|anestesia|inyeccion|pastilla|"
        r"dawai?|goli)\b.{0,80}\b(?:lips?|tongue|eyes?|spots|welts|itch\w*|rash|swell\w*|fat|labios?|lengua|"
        r"ojos|ronchas|hont\w*|aankh\w*|jeebh|daane|khujli)\b",
    ),
)
CALM = either(
    r"\b(?:no|not any|without|zero|don't have (?:any )?|doesn't have (?:any )?|isn't (?:any )?|not in|nor|"
    r"nothing|hasn't|stopped|sin|ningun|koi|not|don't|doesn't|didn't|does not|didnt|"
    r"doesnt) (?:(?:\w+ ){0,2})?(?:pain(?:ful)?|swelling|swollen|bleeding|blood|bleed|fever|dolor|dard|"
    r"fiebre|sangrado|sujan|hurt(?:ing|s)?|emergency|emergencia|urgencia|sore|infection|duele)\b",
    r"\b(?:pain|swelling|bleeding|fever|dolor|dard|sujan|bukhar|hinchazon|fiebre|numbness) (?:(?:is|has|"
    r"was|hai|se|ya|all|completely|finally|totally|went|bhi|mostly|ab) )*(?:gone|stopped|away|better|over|"
    r"fue|quito|paso|khatam|theek|thik|nahi|nhi|kam|going down|going away|bajo|down)\b",
    r"\b(?:dard|sujan|bukhar|khoon|pain) nah?i\b|\bno (?:me |le )?(?:duele|sangra)\b|\bpain ?(?:less|free)",
    r"\bblood (?:test|work|pressure|sugar|thinner\w*)",
    r"\b(?:afraid|scared|fear|terrified|worried|nervous|miedo|dar) (?:of|about|del?|al) (?:the )?(?:pain|"
    r"dolor|blood|needles?)",
    r"\bemergency (?:contact|fund|exit|number)",
    r"\bno more (?:pain|swelling|bleeding|dolor|throbbing|toothache)",
    r"\b(?:pain|swelling|bleeding|fever|dolor|dard|sujan|soojan|bukhar) (?:\w+ )?(?:chal[ai]|utar|"
    r"utr) ga\w+",
    r"\bbleeding[- ](?:heart|hearts|edge)|\bbleed(?:ing)? (?:money|cash)|\bbled (?:the |my )?(?:brakes?|"
    r"dry)|\bblood (?:drive|donation|orange|bank|type|relative|moon)",
    r"\bpain in the (?:neck|butt|ass|rear|a\*\*)|\bpains? to (?:park|get|find|schedule)|\bpainfully\b|"
    r"\bkiller (?:smile|deal)",
    r"\bemergency (?:exit|fund|contact|door|brake)",
    r"\b(?:scared|afraid|worried|terrified) (?:it|that it|this) (?:will|would|might|may|could) (?:hurt|"
    r"bleed|swell)",
)
"""Said with a no or an end beside it: only what stands beside is taken out, the rest of the message is still read."""


def find_sign(calmed: str) -> str | None:
    """Return what staff read of the first sign in a plain text that was calmed, or None."""
    for sign in SIGNS:
        if any(map(calmed.__contains__, sign.stems)) and sign.pattern.search(calmed):
            return sign.words
    return None
