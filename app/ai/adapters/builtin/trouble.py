"""Signs of trouble in a message that are no matter of the body: threats, money, anger, facts, orders to the software.

Patterns run over plain text (folded case, no accents), in English, Spanish and Hindi in Latin letters.
"""

from __future__ import annotations

import re


def either(*patterns: str) -> re.Pattern[str]:
    """One pattern of several."""
    return re.compile("|".join(patterns))


def words(*patterns: str) -> re.Pattern[str]:
    """One pattern of several that stand as whole words."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


_PROCEDURES = (
    "extraction|surgery|procedure|implant|root canal|sedation|an[a]?esthesia|crown|fillings?|wisdom teeth|cleaning|"
    "appointment|appt|visit|cirugia|extraccion|cita|endodoncia|limpieza|operation"
)
_SOON = "today|tonight|tomorrow|tmrw?w?|2moro|this (?:morning|afternoon)|in the morning|hoy|manana|aaj|kal"

SELF_HARM = either(
    r"\b(?:tomar(?:me|se)?|trag\w+) todas (?:las|mis|estas) pastillas|\b(?:sab|saari) goliyan? ek saath",
    r"\bzindagi se (?:thak|tang)|\bbetter (?:off )?without me\b",
    r"\b(?:no|don'?t|dont|can'?t|cant) see (?:a|any) way out|\bno veo (?:la |una )?salida",
    r"\b(?:kill|hurt|harm|hurting|killing) (?:myself|my self)\b|\bsuicid\w*|wan(?:t|ted|na) (?:to )?die",
    r"end (?:it all|my life)|no reason to live|better off dead",
    r"can'?t (?:do (?:this|it)|go on|live|take (?:it|this)|keep going)(?: like this)? any ?more",
    r"do(?:n'?t| not) (?:want to|wanna) (?:live|be here|be alive|exist|wake up|keep going|go on)",
    r"(?:wish|rather) (?:i (?:was|were)|be) dead|marne ka man",
    r"what'?s the point of (?:living|anything|fixing|it all|going on)",
    r"won'?t be (?:around|here) (?:much longer|next|anyway|long)",
    r"(?:pills|meds|bottle|vicodin|tablets|them)\b.{0,20}\blined up|say(?:ing)? goodbye (?:to|forever)",
    r"(?:think\w*|thought\w*) (?:about|of) (?:ending|killing|dying)|been cutting (?:again|myself)",
    r"at once\b.{0,30}\bfinally stop|sab khatam kar\w*|khatam karne ka soch",
    r"take (?:all|every one|the whole) (?:of )?(?:these|them|the (?:pills|bottle)|my (?:pills|meds))",
    r"hacer(?:me|le)? dano|no le veo sentido|ya no quiero seguir|quiero morir\w*|matarme|no quiero vivir",
    r"quitarme la vida|mar (?:jaun|jana chah|jaoon)\w*|jeena nahi|jina nahi|khudkushi",
    r"\b(?:hurt|harm|cut|kill)(?:ing)? (?:my ?self)\b|\bdon'?t (?:want to|wanna) (?:be (?:around|alive)|"
    r"live|wake up)\b|\bno (?:quiero|tiene sentido) (?:vivir|seguir)\b|\bend(?:ing)? my life\b",
)
"""May harm themselves."""
THREAT = either(
    r"\b(?:know|found out) where (?:he|she|you|they|the (?:dentist|doctor)) (?:lives?|parks?|works?|"
    r"sleeps?)",
    r"\b(?:he|she|you|they|you all|y'all|you guys)(?:'ll|'re going to| will| gonna|"
    r" are going to) (?:be sorry|regret|pay for)",
    r"\b(?:burn|blow|shoot|smash|trash|bomb)\b.{0,25}\b(?:clinic|office|place|building|up|down|you|"
    r"windows?)\b",
    r"watch (?:your|his|her) back",
    r"some(?:one|body)(?:'?s| is| will)? (?:gonna|going to|will) (?:get hurt|pay|bleed|die)",
    r"\b(?:have|got|bring(?:ing)?|own) (?:a|my) (?:gun|knife|weapon|bat)\b|bring (?:a|my) (?:gun|knife)",
    r"(?:hurt|stab|attack) (?:you|him|her|them|some(?:one|body)|the)\b|beat (?:you|him|her|the)\b",
    r"punch (?:you|him|her|the)\b|(?:los|te|lo|la) voy a (?:matar|golpear|buscar|quemar)",
    r"se (?:van a arrepentir|arrepentira)|van a ver|dekh lunga|dekh lenge",
    r"maar (?:dunga|daalunga|dalunga|denge)|jaan se|aag laga|tod (?:dunga|denge)",
    r"\b(?:come|coming) (?:down )?(?:there|over) (?:and|to) (?:\w+ )?(?:hurt|smash|break|beat|kick|punch|"
    r"burn|wreck|trash)\b|\b(?:break|smash|kick) (?:his|her|your|their|the) (?:\w+ )?(?:face|neck|legs?|"
    r"windows?|teeth|door)\b",
)
"""Threatens somebody or the house."""
LEGAL = words(
    r"lawyers?|attorneys?|su(?:e|ing) (?:you|the|u|y'all|this)|lawsuit|legal (?:action|notice|steps)",
    r"malpractice|dental board|state board|small claims|hipaa|abogad[oa]s?|demandar\w*|denunci\w+|vakil",
    r"consumer (?:court|forum)|police (?:report|complaint)|court notice|medical council",
    r"report(?:ing)? (?:you|this) to|better business|ombudsman|privacy (?:breach|violation)|data breach",
)
"""A lawyer, a board, the police."""
PRIVACY = either(
    r"\b(?:my|her|his|private|medical|personal|someone else'?s|another patient'?s|other patient'?s|"
    r"wrong)\b.{0,50}\b(?:info\w*|records?|results?|x-?rays?|chart|stuff|file|details|number|data|"
    r"report)\b.{0,50}\b(?:shared|leaked|posted|told|gave|given|sent (?:it |them )?to (?:my|the wrong|"
    r"someone|another|a stranger)|to my (?:ex|boss|employer|neighbor|mother|sister|husband|wife))",
    r"\b(?:report|pdf|file|x-?rays?|records?|results?|history|chart|attachment|scan|reporte|"
    r"expediente)\b.{0,90}\b(?:not mine|isn'?t mine|not for me|someone else'?s?|(?:another|other|different|"
    r"one) (?:patient|person)|wrong (?:patient|person)|no es mi[oa]|de otr[oa]|mera nahi|meri nahi)\b",
)
"""Somebody else saw what is private."""
FRAUD = either(
    r"\b(?:this is|i'?m|i am|es|soy|main) (?:the |el |la |dr\.? |doctor |your )?(?:ceo|cfo|owner|boss|"
    r"director|dr|doctor|manager|dueno)\b.{0,200}\b(?:gift ?cards?|wire|bank account|transfer|codes|"
    r"bitcoin|payroll|tarjetas)\b",
    r"\b(?:gift ?cards?|itunes cards?|steam cards?)\b.{0,80}\b(?:codes?|scratch|buy|urgent|today|meeting)",
    r"\b(?:change|update|new|changed)\b.{0,30}\b(?:bank (?:account|details)|direct deposit|payroll|"
    r"account number|iban|wire (?:details|instructions))",
    r"cambi\w+\b.{0,30}\bcuenta bancaria|\brouting (?:number |no |#)?\d{4,}",
    r"\b(?:switch\w*|chang\w*|new|badal\w*)\b.{0,25}\bbanks?\b.{0,140}\b(?:paychecks?|payroll|salary|wages|dues|vendor|"
    r"transfer|routing|invoices?)\b",
    r"\bbank\b.{0,20}\b(?:changed|badal\w*)\b.{0,100}\b(?:transfer|pay|send|bhej\w*)\b",
    r"\b(?:paychecks?|payroll|salary|wages|direct deposit)\b.{0,60}\b(?:account|bank|change)\b",
)
"""Poses as a colleague who needs money moved."""
NO_BOT = either(
    r"\b(?:not|no|don'?t|stop|won'?t|refuse|hate|tired|enough|sick)\b.{0,40}\b(?:bots?|robots?|machines?|"
    r"computers?|ai|automated|chatbots?|maquinas?)\b",
    r"\b(?:real|actual|live) (?:person|human|people|someone)|\bhuman\b(?! resources)",
    r"\bpersona (?:real|de verdad)|\b(?:robot|bot|machine) se\b|insaan se",
    r"\b(?:your|this|the|stupid|dumb|ur) (?:\w+ )?(?:bot|robot|chatbot|machine)\b|\bun robot\b",
    r"\bif (?:this|you)(?:'s| is|'re| are) (?:an? )?(?:ai|bot|robot|machine|computer)\b",
    r"\b(?:only|rather|want to|wanna|need to|let me|can i|could i) (?:talk|speak|chat) (?:to|"
    r"with) (?:an? )?(?:people|humans?|real|actual|person)\b",
    r"\bhave (?:a |an )?(?:person|human|someone real)\b",
    r"\b(?:are|r) (?:you|u) (?:a |an )?(?:bot|robot|ai|machine|real)\b",
    r"\b(?:un|algun|con una?) (?:humano|ser humano|persona de carne)\b",
    r"\bno (?:quiero )?(?:hablar )?con (?:un robot|una maquina|un bot)\b",
)
"""Refuses to talk to a machine."""
DISPUTE = either(
    r"\b(?:charge|payment|bill|invoice|amount|debit)\b.{0,50}\b(?:isn'?t|not|ain'?t|wasn'?t) (?:mine|ours|for me|my)\b",
    r"\b(?:(?:double|twice|two|2|duplicate|dupe|extra|unknown|wrong|second|same)\b.{0,25}\b(?:charg\w+|"
    r"debits?|debited|billed|payments?|bill|amount|invoice)|(?:charg\w+|debit\w*|billed|paid|pay|took|"
    r"taken)\b.{0,25}\b(?:twice|two times|double|again|dos veces|do baar|2x|x2))\b",
    r"\bover ?-?(?:charg\w+|billed)",
    r"\b(?:refund|reimbursement|reembolso|devolucion|money back)\b.{0,50}\b(?:due|promised|yet|still|"
    r"waiting|weeks?|months?|never|where|overdue|since|nothing|not|no|todavia|aun|nunca|kab|nahi|"
    r"abhi tak)\b",
    r"\b(?:still|waiting|where(?:'s| is)|never|havent|haven't|when)\b.{0,40}\b(?:refund|money back|"
    r"reembolso)\b",
    r"\b(?:don'?t|do not|didn'?t|did not|never) (?:\w+ ){0,2}(?:recogni[sz]e|authori[sz]e\w*|agree\w*|"
    r"sign\w*|owe|order\w*|recall having)\b",
    r"\b(?:not|isn'?t|wasn'?t|aren't) (?:what (?:i|we|you)|the (?:amount|price)|correct|right|covered)\b",
    r"\b(?:your|a|the|ur|be a|billing|by) (?:mistake|error)\b",
    r"\b(?:dispute|disputing|chargeback|unauthori[sz]ed|incorrect(?:ly)?|erroneous\w*)\b",
    r"\b(?:billed|charged|charging|billing)\b.{0,40}\b(?:wrong|never|for (?:something|nothing|a (?:visit|"
    r"service|cleaning|filling|crown))|only had|didn'?t|not mine|i wasn'?t|why)\b",
    r"\bwhy (?:was|am|were|did|is|are|do)\b.{0,25}\b(?:charg\w+|bill\w*|fee|owe)\b",
    r"\b(?:quoted|estimate|told|said)\b.{0,50}\b(?:but|now|bill (?:says|is)|charged|is \$?\d|"
    r"says)\b.{0,30}(?:\d|bill|charg)",
    r"\balready paid\b|\bcollections?\b(?! of)|me cobraron|cobrad[oa]s? (?:dos|doble|de mas|duas)",
    r"cobro (?:doble|duplicad\w+|indebido|que no)|de mas\b|no reconozco|yo no (?:pedi|autorice|firme)",
    r"galat (?:bill|hai|charge|amount|laga|kata|kaat)",
    r"(?:dono|do baar|double|zyada|extra) (?:\w+ )?(?:debit|kat|kaat|charge|paise|cut|bill)\w*",
    r"paise (?:wapas|lauta)|refund (?:nahi|kab|kar)",
    r"\b(?:ran|run|swiped|hit|used|debited) my (?:\w+ )?(?:card|account|visa|amex|"
    r"mastercard)\b.{0,30}\b(?:twice|again|two|2|double|without|wrong)\b",
    r"\bwhat(?:'?s| is| was| are) (?:this|that|the|these)\b.{0,30}\b(?:charge|dollar\w*|"
    r"on my (?:card|statement|account|bill))\b",
    r"\b(?:charge|payment|\$ ?\d[\d,.]*|dollars?)\b.{0,60}\b(?:haven'?t|havent|wasn'?t|wasnt|didn'?t|"
    r"didnt|never|not) (?:even )?(?:been|there|come|came|in|have|had|get|got|go|visit\w*|see|my|me|mine)\b",
    r"\b(?:bill|invoice|statement)\b.{0,40}\b(?:wrong|too (?:high|much)|only had|there was only|"
    r"incorrect|error|mistake|twice)\b",
    r"\b(?:there was|i had|we had|it was|had) only (?:one|1|two|a)\b",
    r"\bfix (?:my|the|this) (?:bill|invoice|charge|balance|account)\b",
    r"\b(?:said|told|quoted)\b.{0,30}\b(?:covered|free|included|no charge|\$? ?\d{2,})\b.{0,40}\b(?:but|"
    r"now|then|yet|and)\b",
    r"\b(?:cobr\w+|cargo)\b.{0,30}\b(?:dos|doble|no (?:hice|reconozco|autorice|fui|pedi)|equivocad\w+|mal|"
    r"otra vez|nuevamente)\b",
)
"""Says that a charge is wrong, double or unknown, or that money back is overdue."""
ANGER = either(
    r"\b(?:thanks?|thx|thank you|ty|gracias) (?:for|por) (?:nothing|nada)\b",
    r"\bwhat (?:did|am|do) i (?:even )?pay(?:ing)? (?:you )?for\b|\bdo better\b",
    r"\bnever (?:\w+ ){0,3}(?:set(?:ting)? foot|com(?:e|ing) back|return\w*|again|go(?:ing)? (?:back|"
    r"there))\b",
    r"\b(?:you|dentist|doctor|she|he|they|receptionist|staff) (?:all )?(?:lied|lies|liars?)\b",
    r"\b(?:i'?m|im|we'?re) (?:out|done with (?:you|this|y'all|them))\b|\bdone with (?:this|your|you)\b",
    r"\bunacceptable|\bridiculous|\bdisgust\w+|\bdisgrace\w*|\bincompeten\w+|\bunprofessional",
    r"\b(?:so|very|extremely|really|beyond|incredibly|was|were|being|is|are|how) (?:\w+ )?(?:rude|"
    r"disrespect\w*|dismissive|condescending|careless)\b",
    r"\brude\b",
    r"\b(?:worst|terrible|horrible|awful|bad|poor|pathetic|shameful) (?:\w+ )?(?:service|experience|place|"
    r"clinic|office|dentist|treatment|care|communication)\b",
    r"\bfed up|\bsick (?:and tired )?of (?:this|you|your|waiting|being)|\b(?:1|one|zero|0) ?-?stars?\b",
    r"\b(?:bad|negative|honest|scathing|google|yelp) review|\bshame on|\bscam(?:mers?)?\b|\brip ?-?off",
    r"\bgrosse?r[oa]s?\b|\bpesim[oa]s?\b|\binaceptable|\bverguenza\b",
    r"\bmal(?:a|isima)? (?:atencion|trato|servicio)|\bnunca mas\b|\bestafa\w*|\bharto|\bindignad\w+",
    r"\bbakwas|\bbekaar?\b|\bghatiya|\bbadtameez\w*|\bloot (?:liya|rahe|macha)|\bbewakoof|\bsharam",
    r"\blike a butcher|\bhorrendous|\bappall\w+|\boutrag\w+|\bfurious|\blivid\b|\bpissed\b|"
    r"\bdisrespect\w*|\bhumiliat\w+",
    r"\b(?:went|go|going|taken|called|seen) (?:ahead of|before) (?:me|us)\b|\b(?:sat|sitting|been sitting|"
    r"waiting|stood|been) here (?:since|for)\b|\b(?:\d+|an|two|half an) ?(?:min\w*|hours?|"
    r"hrs?) late\b.{0,20}\b(?:again|record|this time|every time|as usual)",
    r"\b(?:hung up|hangs up|hang up) on (?:me|us)\b",
    r"\b(?:won'?t|not|never) be (?:back|coming back|returning)\b|\b(?:lost|losing) (?:a|another|us as|"
    r"me as) (?:patients?|customers?|family)\b",
    r"\btreat\w* (?:me|us|people|patients|him|her|like)\b.{0,20}\b(?:like|number|dirt|garbage|cattle|"
    r"crap)\b",
    r"\b(?:no|nunca) (?:pienso |voy a )?(?:volver|vuelvo|regreso|volvere|regresare)\b|\bfalta de respeto|"
    r"\bnefast\w+|\bque (?:asco|porqueria|horror de)",
    r"\bdobara (?:kabhi )?nahi\b|\blaparwah\w*|\bfaltu\b|\bghatiya",
    r"\b(?:tak\w+|bring\w*|going|moving) (?:my |our |the )?(?:\w+ )?(?:elsewhere|somewhere else)\b",
    r"\b(?:lobby|waiting room)\b.{0,20}\b(?:\d+|two|an|three) ?(?:hrs?|hours?)\b",
    r"\bme (?:hablo|hablaron|trato|trataron|contesto|contestaron|grito|gritaron) (?:muy |tan )?(?:feo|mal|horrible)\b",
)
"""Anger at people, waiting or treatment."""
MEDICAL_FACT = words(
    r"blood ?-?thinn\w+|thinners|warfarin|eliquis|xarelto|plavix|coumadin|heparin|apixaban|pradaxa",
    r"rivaroxaban|clopidogrel|acenocumarol|sintrom|anticoag\w+|adiro|ecosprin|khoon patla|heart valve",
    r"(?:new|artificial|replaced|replacement) valve|valve replace\w*|pacemaker|marcapasos|stents?|valvula",
    r"heart (?:surgery|attack|condition|failure|murmur|bypass|defect|operation)|open heart|bypass",
    r"angioplasty|(?:hip|knee|joint|shoulder) replac\w+|replaced (?:hip|knee)",
    r"(?:new|artificial) (?:hip|knee|joint)|protesis de (?:cadera|rodilla)|ghutne? (?:ka|ki|badal)",
    r"operacion del corazon|infarto|dil ka|pregnan\w+|expecting a baby",
    r"(?:found out|learned|know) (?:i'?m|im|we'?re) expecting|embaraz\w+|weeks along|trimester|due date is",
    r"pet se|garbhvati|garbh|breast ?-?feeding|lactan\w+|amamant\w+|latex|epipen|allerg(?:y|ies|ic) to",
    r"(?:am|i'm|he's|she's|is|severely|deathly) allergic|alergi[ac]\w* (?:a|al|a la)\b",
    r"se (?:mujhe )?allergy|ki allergy|allergy hai|insulin\w*|diabet\w+|chemo\w*|quimio\w*",
    r"radiation (?:therapy|to)|bisphosphonat\w*|fosamax|alendron\w+|prolia|zometa|osteopor\w+|hemophil\w+",
    r"hemofil\w+|bleeding disorder|von willebrand|seizures?|epilep\w+|mirgi|hiv|vih|hepatitis|dialysis",
    r"dialisis|transplant\w*|trasplant\w+|(?:had|having|after|suffered|mini|recent) (?:a )?stroke|derrame",
    r"immuno?\w*(?:suppress|compromis)\w*|endocarditis|diagnosed with|diagnosticaron|high blood pressure",
    r"presion alta|hipertens\w+|bp (?:ki|high)|sugar (?:ki|hai|patient)|cardiologist|cardiologo",
    r"transfusion|lidocaine allergy",
    r"\d{1,2} ?(?:wks?|weeks?|months?) (?:pregnant|along|preg|pg|prego|preggo)|pre(?:g|ggo|ggers|go)",
    r"i'?m expecting|we'?re expecting|baby on the way|con hijo en camino|esperando (?:un )?(?:bebe|hijo)",
    r"gestation\w*|anti-?coagul\w+|afib|a-fib|atrial fib\w+|arrhythm\w+|arritmia\w*|defibrillator",
    r"desfibrilador|cancer|mastectomy|lupus|marfan|thalassemi\w*|sickle cell|addison\w*",
    r"steroids? (?:for|daily)|methotrexate|humira|enbrel|infusions?|kidney (?:disease|failure|transplant)",
    r"liver (?:disease|failure|transplant)|cirrhosis|heart (?:stent|problem|issue|disease|meds?|rhythm)",
    r"problemas? (?:del|de) corazon|enfermo del corazon|dil (?:ki|ka) (?:bimari|operation|problem|dawai)",
    r"hamil|pregnant hu\w*|maa banne|dawai? se reaction",
    r"reaction (?:to|from) (?:the )?(?:penicillin|amoxicillin|lidocaine|latex|novocaine|anesthe\w+|"
    r"antibiotic\w*|codeine|sulfa)",
)
"""A fact that changes how a dentist treats."""
NO_FACT = either(
    r"\b(?:no|not|without|never|don't have|any) (?:\w+ )?(?:allerg\w+|latex|pregnan\w+|embaraz\w+|"
    r"diabet\w+)",
    r"sin alergias|allergy nahi|not pregnant|no longer pregnant",
)
"""The same, denied: taken out before facts are looked for."""
OPT_OUT = either(
    r"\b(?:stop|quit|cease|no more|enough|don'?t|do not|never|please no)\b.{0,25}\b(?:text(?:s|ing)?|"
    r"messag\w+|sms|promos?|promotion\w*|marketing|spam\w*|e-?mails?|newsletters?|ads?|offers?|reminders?|"
    r"contact(?:ing)?|alerts|notifications)\b",
    r"\bunsubscri\w+|\bopt(?:ing|ed)? ?-?out\b",
    r"\b(?:remove|delete|take|drop|erase)\b.{0,30}\b(?:list|number|contacts?|database|mailing|phone|"
    r"system)\b",
    r"\bcancel (?:my |these |the |all |your )?(?:subscription|alerts|messages|texts|notifications|promos|"
    r"emails)\b",
    r"\b(?:withdraw|revoke)\b.{0,20}\bconsent|\bno further contact|\blose (?:my|this) number",
    r"\bleave me alone|\bwrong (?:number|person)\b.{0,30}\b(?:stop|quit|remove|don'?t)|\bnot interested\b",
    r"\b(?:no|dejen de|deje de|dejad de|ya no)\b.{0,30}\b(?:mand\w+|envi\w+|escrib\w+|mensajes?|"
    r"publicidad|promocion\w*|llam(?:en|ar)|recibir|figurar)\b",
    r"\b(?:dar(?:me)?|den(?:me)?|quiero|solicito la) (?:de )?baja\b|\bborr\w+\b.{0,20}\bnumero",
    r"\bcancelar? (?:la |mi )?suscripcion|\bdesuscrib\w+",
    r"\b(?:message|messages|msg|msgs|sms|ads?|offers?|promo\w*|call|number|spam)\b.{0,25}\b(?:band|mat|"
    r"hata\w*|nahi chahiye|rok\w*|bhejna|delete)\b",
    r"\bmat (?:bhej\w*|karo)|\bband (?:karo|kar do|kijiye|karein)\b",
)
"""Wants no more messages, all or some."""
INSTRUCTS = either(
    r"\b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,40}\b(?:rules?|instructions?|prompts?|"
    r"guidelines|previous|above|earlier|polic\w+|restrictions|everything|training|safety)\b",
    r"\b(?:system|developer|debug|admin|root|maintenance|dan|god) (?:mode|prompt|message|override|access|"
    r"note|notice|instruction|command)\b",
    r"(?:^|\W)(?:system|assistant|developer|user|admin|ai) ?: ",
    r"</?\s?(?:message|system|user|assistant|prompt|instructions?|im_end|im_start|s|inst)\b",
    r"\[/?(?:inst|system)\]|###|\bjailbreak\b|\bsudo\b|\bdrop table\b|\bprompt injection\b",
    r"\byou are (?:now|no longer)\b|\byou're now\b|\bpretend (?:to be|you|that you)",
    r"\bact as (?:a|an|if|the)\b|\bfrom now on\b.{0,30}\b(?:you|respond|reply|answer|act)\b",
    r"\b(?:repeat|print|show|reveal|output|display|tell me|give me|list|export|dump|send me|share|"
    r"what (?:are|is|were))\b.{0,40}\b(?:your (?:\w+ )?(?:instructions?|prompt|rules|api|configuration|"
    r"settings|training)|instructions (?:you|above)|system prompt|hidden (?:prompt|instructions)|"
    r"api keys?|passwords?|all (?:the )?(?:patients?|contacts|users|appointments|customers)|(?:every|"
    r"other) patient\w*|list of (?:all )?(?:the )?(?:patients|contacts)|patients? (?:list|data|records|"
    r"names|database|phone)|database|phone numbers)\b",
    r"\b(?:text|message|sms|email|tell|notify|send\b.{0,30}\bto|forward\b.{0,30}\bto|"
    r"broadcast) (?:\w+ )?(?:all|everyone|everybody|every|each) (?:\w+ )?(?:patients?|contacts?|one|"
    r"in your|on your|of your|that|the)",
    r"\b(?:intent|auto_reply|confidence|escalate|urgent|sentiment|role) ?[=:] ?[\w\"'.]+",
    r'"(?:intent|role|confidence)"',
    r"\b(?:as an ai|language model|chatgpt|gpt|llm|ai (?:assistant|model|agent|bot)|dear (?:ai|bot|"
    r"assistant)|hey (?:ai|bot)|note to (?:the )?(?:ai|bot|assistant|model|system)|attention (?:ai|bot|"
    r"assistant))\b",
    r"\b(?:classify|mark|flag|label|tag|treat|categorize|set|log) (?:this|it|me|my|"
    r"the) (?:\w+ ){0,3}(?:as|to) ",
    r"\bgive (?:me|this patient|yourself)\b.{0,20}\b(?:100 ?%|free|discount|admin)",
    r"\b(?:ignora|olvida|omite|desobedece)\b.{0,40}\b(?:instruc\w+|reglas|anterior\w*|indicaciones|todo|"
    r"normas)\b",
    r"\beres (?:ahora|un asistente)|\bactua como\b|\bmodo (?:desarrollador|administrador)",
    r"\b(?:muestra|dame|envia|manda|lista)\w*\b.{0,30}\b(?:todos los pacientes|lista de pacientes|"
    r"datos de (?:los )?pacientes|tus instrucciones|a todos)\b",
    r"\b(?:apne|pichle|purane|saare|sab) (?:\w+ )?(?:rules?|instructions?|nirdesh|niyam)\b",
    r"\b(?:rules?|instructions?|nirdesh) (?:\w+ )?(?:bhool|ignore|bhul|chhod)",
    r"(?:sab|saare|sabhi) patients?\b.{0,25}\b(?:number|list|bhej|data|ko)",
    r"\b(?:phone numbers?|numbers|addresses|emails?|names|records|birth ?days?|appointments|details|"
    r"info) (?:of|for) (?:all|every\w*|each|other|your (?:other )?patients|anyone|the (?:other|last|"
    r"next) (?:\w+ )?patients?)\b",
    r"\b(?:and |hey |ok |dear |attention )(?:computer|machine|robot|bot|ai|assistant|chatbot),",
    r"\bcancel (?:all|every\w*|each)(?: of)? (?:the |your |other )?(?:appointments?|patients?|visits)\b",
    r"\b(?:set|change|put|make|zero) (?:out )?(?:my|the|our) (?:balance|bill|account|price) (?:to|"
    r"at) (?:zero|0|nothing)\b",
    r"\bmark (?:my |the )?(?:\w+ )?(?:balance|bill|invoice|account) (?:as )?paid\b",
    r"\b(?:who|which patients?) (?:else )?(?:is|are|has|have) (?:\w+ )?(?:booked|scheduled|appointments?|"
    r"coming in)\b",
    r"\bnuevas? (?:instruccion\w*|orden\w*|reglas?)\b",
    r"\b(?:new|updated|special) (?:instructions?|rules?|directives?)\b",
    r"\b(?:reply|respond|answer) (?:only |just )?(?:with|in) (?:the |only |json|yes|ok|a list|all)",
    r"\b(?:numeros?|datos|nombres|citas) de (?:todos|todas|los demas|otros|otras)\b",
    r"\b(?:sab|sabhi|saare|dusre|doosre) (?:logo|patients?|marij|mareez)\w* (?:ke|ka|ki|ko)\b",
)
"""Addresses the software: its rules, other people's data, messages to others."""
AT_THE_DOOR = either(
    r"\A\W*here\b|\b(?:i'?m|im|we'?re|i am|we are) here\b|\b(?:ya )?estamos? aqui\b",
    r"\b(?:i'?m|im|we'?re|were|i am|we are|just|running|be|gonna be|will be|bit|little|min(?:ute)?s?|"
    r"going to be) (?:\w+ )?(?:late|outside|in the (?:parking|lobby|waiting)|at the (?:door|front|"
    r"entrance)|here now|downstairs|parked|stuck)\b",
    r"\brunning (?:\w+ ){0,3}(?:late|behind)|\b\d+ ?(?:min\w*|m) (?:late|away|behind|out)\b",
    r"\b(?:parking lot|door is locked|door'?s locked|doors? (?:are |is )?locked|in ur lobby|in your lobby|"
    r"in the lobby|in (?:your|ur|the) waiting room|waiting outside|ring the bell|nobody at the (?:desk|"
    r"door))\b",
    r"\b(?:traffic|flat tire|car broke|train is|bus is|uber|stuck (?:in|on|at))\b.{0,60}\b(?:late|still|"
    r"wait|there|min\w*|okay?|make it)\b",
    r"\b(?:voy|llego|llegare|llegamos|vamos) (?:\w+ ){0,3}(?:tarde|retrasad\w+|atrasad\w+|minutos)",
    r"estoy (?:afuera|en la puerta|aqui|en el estacionamiento|llegando)|(?:hay|mucho) trafico",
    r"\b(?:late ho|der ho|thodi der|traffic me|traffic mein|bahar (?:khad|hu|hoon|wait)|pahunch raha|"
    r"pahunch rahi|raste me|raste mein|gate band|darwaza band)",
)
"""On the way, late or outside now."""
PROCEDURE_SOON = either(
    rf"\b(?:{_PROCEDURES})\b.{{0,60}}\b(?:{_SOON})\b|\b(?:{_SOON})\b.{{0,60}}\b(?:{_PROCEDURES})\b",
)
"""Something is done today or tomorrow."""
BEFORE_IT = words(
    r"aspirin\w*|ibuprofen\w*|advil|tylenol|antibiotic\w*|amoxicillin|medications?|medicines?|meds|pills?|tablets?",
    r"blood thinners?|insulin|metformin|eat|drink|fasting|coffee|water|aspirina|medicinas?|medicamentos?|pastillas?",
    r"comer|ayun\w+|dawai?|goli|khana|khali pet",
)
"""What a dentist says before a treatment: medicine, food."""
