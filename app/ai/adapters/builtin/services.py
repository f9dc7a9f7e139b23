"""Which services a message names or plainly means."""

from __future__ import annotations

import re

from app.ai.adapters.builtin.text import plain
from app.ai.labels import Intent, Service

# The words of each service, in plain form; then what takes them back ("cavity" is a filling unless told otherwise).
_WORDS: dict[Service, str] = {
    "cleaning": r"(?:teeth |dental |deep )?clean(?:ing|ings|ed|in)?\b(?! (?:up|place|office|bathroom))|hygiene|hygienist (?:visit|appointment)|prophy\w*|limpieza\w*|safai|scaling|"
    r"i'?m due\b|overdue for (?:my )?(?:6|six)|6 ?-? ?month|six ?-? ?month",
    "checkup": r"check ?-? ?ups?|(?:dental|an|routine|full|annual|regular|first) exams?\b|examination|routine (?:appointment|exam)|revision|chequeo|control dental|check (?:kara\w*|karw\w*)|jaanch|reconocimiento|once[- ]over",
    "whitening": r"whiten\w*|bleach\w*|blanquea\w*|whiter|teeth (?:lighter|brighter)|safed",
    "filling": r"fillings?\b|tooth filled|hole in (?:my|her|his|the) tooth|cavit(?:y|ies)|empaste\w*|caries|resina|relleno|amalgama|keeda|keede|bharwa\w*|bharna|filing (?:fell|came|done|karw\w+)",
    "crown": r"crowns?\b|corona|coronas|dental cap|(?:my|the|tooth|a) cap\b|cap (?:fell|came|lagw\w*|nikal)|\bcap lag",
    "root_canal": r"root ?-? ?canals?|rct\b|endodon\w*|conducto|conductos|tratamiento de conducto",
    "extraction": r"extract(?:ion|ions|ed|ing)?\b|wisdom (?:tooth|teeth)|(?:tooth|teeth|molar|it|them|one) (?:pulled|removed|taken out|out\b)|pull(?:ed|ing)? (?:a |the |my |it|that |this )?(?:\w+ )?(?:tooth|teeth|molar|out)|remov\w+ (?:of )?(?:a |the |my )?(?:\w+ )?(?:tooth|teeth)|tooth removal|extraccion\w*|sacar (?:la|el|una|un|me|mi|las)? ?(?:muela|diente)\w*|"
    r"(?:muela|diente)s? (?:sacad\w*|del juicio)|saca\w* (?:la|una|mi|el) (?:muela|diente)|juicio|akal (?:daadh|dadh|dant)|(?:dant|daant|daat|tooth|daadh) nik[aa]*l\w*",
    "implant": r"implant\w*",
    "ortho": r"brace(?:s)?\b|invisalign|aligners?|ortho\w*|retainers?|brackets?|frenos|frenillos|alineador\w*|ortodon\w*|retenedor\w*|brackets|taar (?:lagw|wale)",
    "denture": r"dentures?|partials?\b|false teeth|dentadura\w*|protesis (?:dental|removible|total|parcial)|placa (?:dental|removible)|batti?si|nakli (?:dant|daant)",
    "veneer": r"veneers?|carilla\w*|lumineers?|bonding",
    "xray": r"x ?-? ?rays?|radiograph\w*|radiografia\w*|3d scan|panoramic\w*|panorex|cbct|bitewings?|rayos x|ct scan",
    "gum_treatment": r"gum (?:treatment|therapy|graft\w*|surgery|disease|cleaning)|deep clean\w*|periodon\w*|perio\b|scaling (?:and|&) root|root planing|tratamiento de encias|curetaje|injerto de encia|masood\w* (?:ka|ki) (?:ilaaj|treatment)",
    "night_guard": r"night ?-? ?guards?|mouth ?-? ?guards?|grind\w*|bruxis\w*|guard thing|splint|clench\w*|protector (?:bucal|nocturno)|ferula|guarda (?:nocturna|oclusal)|sports? guard",
    "child_visit": r"(?:my|our|the|a) (?:\d+ ?-? ?(?:year|yr|month|mo)s? ?-? ?old|toddler|kids?|kiddos?|child(?:ren)?|little one|boys|girls)\b|kiddo|'s mom\b|(?:my|our) (?:\w+ )?(?:son|daughter|boy|girl|niece|nephew|grandson|granddaughter)\b.{0,25}\b(?:\d{1,2}\b|teeth|tooth|appointment|check|clean|visit|first|appt)|"
    r"(?:son|daughter)'?s (?:appt|appointment|cleaning|check|visit|first)|pediatric|paediatric|odontopediatr\w*|(?:mi|mis|nuestr[oa]) (?:hij[oa]s?|nin[oa]s?|nen[ea]|bebe|peque\w*)\b|(?:meri|mere|mera) (?:beti|bete|beta|bachch\w+|bacch?\w+)|bach?ch?[eo]\w* (?:ka|ke|ki|ko|k)\b|school\b.{0,30}\bmom",
}  # fmt: skip
_COMPILED = tuple((service, re.compile(rf"\b(?:{pattern})")) for service, pattern in _WORDS.items())
_OF_NO_SERVICE: frozenset[Intent] = frozenset({"other", "spam", "opt_out"})
# "Since the extraction", "pictures of my x-rays": named, and not what the message is about.
_ABOUT_THE_PAST: frozenset[Intent] = frozenset({"clinical", "emergency", "complaint", "thanks"})
_BACKGROUND = re.compile(
    r"\b(?:after|since|before|from|during|post|despues de|desde|antes de|durante) (?:(?:the|my|an?|her|his|our|last|la|el|mi|una?|that|getting|having|wisdom) )*"
    r"(?:\w+ )?(?:extraction|extraccion|filling|cleaning|root canal|x-?rays?|limpieza|checkup|surgery|tooth (?:pulled|out))\b"
)
_ONLY_WANTED: dict[Service, frozenset[Intent]] = {
    "child_visit": frozenset({"booking", "reschedule", "question"}),
    "xray": frozenset({"booking", "reschedule", "cancel", "question", "clinical"}),
    "extraction": frozenset(
        {"booking", "reschedule", "cancel", "confirm", "question", "clinical", "new_patient", "billing", "complaint"}
    ),
}
# A deep cleaning treats gums; dentures and orthodontics are named with words that others share.
_NOT_CLEANING = re.compile(
    r"deep clean\w*|clean(?:ing|ed)? (?:my|the|your|our) (?:office|retainer|aligners|dentures?|carpets?)"
)


def find_services(own: str, intent: Intent) -> tuple[Service, ...]:
    """The services that a wish is about, in the order of the list."""
    if intent in _OF_NO_SERVICE:
        return ()
    text = _BACKGROUND.sub(" ", plain(own)) if intent in _ABOUT_THE_PAST else plain(own)
    found: list[Service] = [
        service
        for service, pattern in _COMPILED
        if pattern.search(text) and (service not in _ONLY_WANTED or intent in _ONLY_WANTED[service])
    ]
    if "cleaning" in found and not _COMPILED[0][1].search(_NOT_CLEANING.sub(" ", text)):
        found.remove("cleaning")
    return tuple(found)
