"""What patients ask a clinic about, in English, Spanish and Hindi-English; services have a list of their own.

``app.ai.adapters.builtin.lexicon`` sorts wishes, for which "parking" and "which floor" are one thing; here they must be
two. Words are in plain form (folded, no accents), separated by bars. ``word*`` is a stem; several words are a phrase.
A topic in small letters is a kind of question ("how much", "which insurance") and says nothing of what it is about.
"""

from __future__ import annotations

TOPICS: dict[str, str] = {
    # kinds of questions
    "price": (
        "how much|cost|costs|costing|price*|pricing|prices|charge|charges|charged|fee|fees|rate|rates|"
        "ballpark|quote|estimate|how expensive|price list|combien|cleaning run|crown run|run for|runs for|"
        "run me|cuanto cuesta*|cuanto cobran|cuanto sale*|cuanto vale*|cuanto es|cuanto seria|cuanto me|"
        "cuanto por|precio*|costo*|coste|cuesta*|cobran|tarifa*|kitna|kitne|kitni|kharcha|kharch|paise|paisa|"
        "daam|rupaye|expensive"
    ),
    "duration": (
        "how long|how much time|how many minutes|how many hours|cuanto tarda*|cuanto dura|cuanto tiempo|"
        "kitna time|kitna samay|kitni der|kitna waqt|kitne minute|kitne ghante|duration"
    ),
    "rules": (
        "policy|policies|rule|rules|penalty|penalties|politica|politicas|reglas|niyam|in advance|con anticipacion"
    ),
    "family": (
        "my son|my daughter|my kid|my kids|my child|my children|my little one|my boy|my girl|mi hijo|mi hija|"
        "mis hijos|mis hijas|mera beta|meri beti|mere bachche|mera bachcha|son|daughter"
    ),
    # money
    "INSURANCE": (
        "insurance*|insured|insurer*|in network|in-network|out of network|network|ppo|hmo|dental plan|"
        "dental plans|seguro|seguros|aseguradora*|bima|beema|policy number"
    ),
    "UNINSURED": (
        "without insurance|no insurance|don't have insurance|dont have insurance|uninsured|self pay|self-pay|"
        "not insured|sin seguro|no tengo seguro|bina insurance|insurance nahi"
    ),
    "COVERED": "cover|covers|covered|coverage|does my plan|my benefits|cubre|cubren|cobertura|annual maximum",
    "MEMBERSHIP": ("membership*|member plan|savings plan|discount plan|dental club|membresia*|plan de descuento*"),
    "DISCOUNT": ("discount*|special offer*|promo*|coupon*|deal|deals|descuento*|oferta*|promocion*|chhoot|cashback"),
    "PLAN": (
        "payment plan*|instal*ment*|monthly payment*|pay monthly|pay over time|monthly parts|pay in parts|"
        "pay later|financ*|carecredit|care credit|plan de pago*|planes de pago*|a plazos|en cuotas|cuotas|"
        "mensualidad*|abonos|emi|kist|kishton|kisht*|interest free|without interest|sin intereses"
    ),
    "PAYING": (
        "credit card*|debit card*|pay by|pay with|pay in cash|how can i pay|how do i pay|cash|cards|"
        "card payment|card se|apple pay|google pay|gpay|paytm|upi|visa|mastercard|amex|american express|hsa|"
        "fsa|venmo|zelle|paypal|payment method*|ways to pay|checks|cheque*|tarjeta*|efectivo|pagar con|"
        "puedo pagar|formas de pago|metodos de pago|card chal*|payment kaise"
    ),
    "DEPOSIT": "deposit*|anticipo*|down payment|advance payment|prepay*|enganche",
    "REFUND": "refund*|reembols*|money back|devolucion|devuelven|paise wapas",
    "OWED": (
        "i owe|do i owe|owe you|my balance|my bill|my invoice|my statement|mi saldo|mi cuenta|mi factura|"
        "debo|mera bill|mera balance|my insurance pay|my insurance paid|my claim|my deductible|my copay|"
        "my payment"
    ),
    "WARRANTY": "warrant*|guarantee*|garantia*|guarantee",
    "GIFTCARD": "gift card*|gift certificate*|voucher*|tarjeta* de regalo|vale de regalo",
    # the way and the house
    "PARKING": (
        "parking|park|parks|garage|carport|valet|park my car|leave my car|leave the car|leave a car|"
        "estacion*|aparcar|aparcamiento|parqueo|parquear|parqueadero|gaadi|gadi|parking lot"
    ),
    "PLACE": (
        "address|located|location|directions|where are you|where is your|where is the clinic|"
        "where is the office|what street|which street|find you|get to you|direccion|ubicad*|ubicacion|"
        "donde estan|donde esta la|donde queda*|como llego|ka pata|apna pata|pata bata*|pata bhej*|kahan hai|"
        "kahan par|kahaan|kis jagah|google maps|cross street|landmark|which floor|what floor"
    ),
    "TRANSIT": (
        "bus|buses|subway|metro|train|tram|public transport*|transit|bus stop|autobus*|camion|tren|"
        "transporte publico|railway|metro station|green line|red line"
    ),
    "ACCESS": (
        "wheelchair*|elevator*|ramp|ramps|disabled|handicap*|step free|stairs|accessible|walker|"
        "silla de ruedas|elevador|ascensor|rampa|discapacidad|discapacitad*|lift|lift hai|wheel chair|seedhi|"
        "seedhiyan|chadh*|power chair|walking frame|step-free|escaleras"
    ),
    "WIFI": "wifi|wi-fi|wi fi|internet",
    "ANIMALS": "dog|dogs|cat|pet|pets|service animal|perro|mascota*|kutta",
    "ENTERTAINMENT": "tv|television|netflix|music|headphones|musica",
    "COMPANY": (
        "sit with me|come with me|stay with me|in the room with|acompan*|wait with me|companion|saath aa|saath baith*"
    ),
    # hours
    "OPEN": (
        "open|opening hours|closing time|hours|close at|closed|horario*|abren|abiert*|cierran|cerrad*|khula|"
        "khulta|khulte|band rehta|office hours"
    ),
    "HOLIDAY": (
        "holiday*|christmas|xmas|thanksgiving|new year*|easter|memorial day|labor day|july 4*|4th of july|"
        "independence day|festiv*|feriado*|navidad|nochebuena|ano nuevo|accion de gracias|semana santa|"
        "diwali|holi|eid"
    ),
    "WALKIN": (
        "walk in|walk insurance|walk ins|walk-in*|walkin*|without an appointment|without appointment|"
        "no appointment|just show up|just come by|drop in|sin cita|sin turno|bina appointment|"
        "appointment ke bina|orden de llegada"
    ),
    "AFTERHOURS": (
        "after hours|at night|on weekends|overnight|middle of the night|weekend emergenc*|de noche|"
        "por la noche|fin de semana|raat ko|raat mein|on call|closed and"
    ),
    "EMERGENCY": "emergenc*|urgen*|guardia|emergency|aapatkal*",
    # rules
    "CANCELLING": (
        "cancel*|cancellation*|cancelation*|no show*|no-show*|missed appointment fee|24 hours|notice|"
        "moving a visit|anular"
    ),
    "LATE": (
        "running late|i'm late|be late|am late|minutes late|minute late|late for|arrive late|show up late|"
        "late arrival*|late policy|behind schedule|llego tarde|llegar tarde|llegamos tarde|retras*|late ho|"
        "der se|der ho"
    ),
    "MINOR": (
        "under 18|under eighteen|minor|minors|come alone|without a parent|without me|a parent|parent|parents|"
        "consent form|years old alone|guardian has|menor de edad|menores|sin sus padres|venir solo|"
        "venir sola|akela|akeli|is 15|is 16|is 17|he's 17|she's 17|16 year old|17 year old|15 year old|"
        "16-year-old|17-year-old|15-year-old|tiene 16|tiene 17|tiene 15"
    ),
    "CHILDREN": (
        "children|child|kid|kids|toddler*|baby|babies|pediatric*|paediatric*|nino|ninos|nina|ninas|bebe*|"
        "bachche|bachcho*|bacche|bacho*|bachon|bachcha|infant*|little ones|youngest"
    ),
    "FIRSTVISIT": (
        "first visit|first appointment|first time|first consultation|new patient*|primera visita|"
        "primera cita|primera vez|primera consulta|paciente nuev*|pehli baar|pehli visit|pehle visit|"
        "naya patient|the first time"
    ),
    "BRING": (
        "bring|have with me|should i take with|need to have|llevar|traer|lana hai|lana hoga|saath lana|laana|"
        "documents|paperwork|photo id|forms to fill"
    ),
    # care
    "SEDATION": (
        "sedat*|laughing gas|nitrous|gas de la risa|put me to sleep|put to sleep|knock me out|asleep|"
        "sedacion|dormid*|anestesia general|general anesthesia|twilight|behosh*|oral sedation|"
        "sleep dentistry|deep sleep|sleep during|unconscious"
    ),
    "NEWHERE": (
        "become a patient|become patients|register|sign up|join|accepting|taking patients|waiting list|"
        "registrarme|registrar"
    ),
    "FEAR": (
        "nervous*|anxious|anxiety|scared|afraid|terrified|fear|phobia|panic|miedo|ansiedad|nervios*|"
        "dar lagta|darr|dar lag*|ghabra*"
    ),
    "HURTING": "does it hurt|will it hurt|painful|duele|dolor|pain|dard|hurts",
    "PREGNANCY": "pregnan*|embaraz*|breastfeeding|garbhvati",
    "EATING": ("eat before|eat after|drink before|drink after|on an empty stomach|comer antes|en ayunas|khali pet"),
    "PRESCRIPTION": "prescri*|receta*|recetar|dawai|medicine for|antibiotic*|painkiller*",
    "ALIGNERS": "invisalign|aligner*|clear aligner*|clearcorrect|alineador*",
    "BRACES": "braces|brackets|frenos|frenillos|metal braces|taar",
    "RETAINER": "retainer*|retenedor*",
    "BRIDGE": "bridge|bridges|puente dental|puentes",
    "BOTOX": "botox|filler|fillers|dermal",
    "LASER": "laser",
    "SECONDOPINION": "second opinion|segunda opinion|doosri rai|dusri rai",
    "REFERRAL": "refer me|referral*|recommend a|recommend an|specialist|especialista",
    "SHOP": "sell|toothbrush*|electric brush*|venden|cepillo*|water flosser*|toothpaste|pasta dental",
    "BRAND": "brand|brands|material|materials|made of|marca|marcas",
    # people
    "LANGUAGE": (
        "speak|speaks|spoken|speaking|habla|hablan|hablar|interpreter*|translator*|interprete*|bolte|bolta|"
        "language*|idioma*"
    ),
    "SPANISH": "spanish|espanol|castellano",
    "ENGLISH": "english|ingles",
    "RUSSIAN": "russian|ruso",
    "CHINESE": "chinese|mandarin|cantonese|chino",
    "FRENCH": "french|frances",
    "ARABIC": "arabic|arabe",
    "PORTUGUESE": "portuguese|portugues|brazilian",
    "HINDI": "hindi|urdu|punjabi|gujarati|tamil|telugu",
    "WHO": (
        "who will|who is the|who are your|which doctor|name of the|ka naam|como se llama|quien me|quien va|"
        "male or female|a woman|a man"
    ),
    "JOBS": "hiring|job|jobs|vacancy|career*|empleo|trabajo|naukri",
    "AGE": "in business|how old is|how long have you been|since when|cuantos anos llevan|kitne saal",
    # papers
    "RECORDS": (
        "records|copy of my|copies of|copy of|my file|historial|expediente|copia|copias|send my x-rays|"
        "send my xrays|transfer my|records ki copy|medical records|dental records"
    ),
    "MINE": (
        "my appointment tomorrow|is my appointment|is my next|is my visit|when is my|what time is my|"
        "when will my|when can i pick|did you get|did you receive|have you received|did my|i sent|"
        "a que hora es mi|cuando es mi|cuando estara|mi resultado|resultado de mi|el resultado|resultados|"
        "mera appointment|meri appointment|meri report|my results|my test|call me back|my lab|is ready|"
        "esta lista|estara lista|my new insurance card|have my insurance|got my insurance|lost my|leave her|"
        "leave his|left my|forgot my"
    ),
}
"""Topics and their words."""

INSURERS: dict[str, str] = {
    "delta": "delta dental|delta",
    "aetna": "aetna",
    "cigna": "cigna",
    "metlife": "metlife|met life",
    "humana": "humana",
    "guardian": "guardian",
    "bluecross": "blue cross|bcbs|blue shield|anthem",
    "united": "united healthcare|unitedhealthcare|uhc|united concordia",
    "kaiser": "kaiser",
    "tricare": "tricare",
    "principal": "principal dental",
    "ameritas": "ameritas",
    "sunlife": "sun life|sunlife",
    "molina": "molina",
    "medicaid": "medicaid|medi-cal|medical|masshealth|chip program",
    "medicare": "medicare",
    "starhealth": "star health|star insurance",
    "icici": "icici|lombard",
    "hdfc": "hdfc|ergo",
    "sanitas": "sanitas",
    "mapfre": "mapfre",
    "adeslas": "adeslas",
    "imss": "imss|issste",
}
"""Insurers that patients name."""

_NOTHING = """
a aap aapka aapke aapki ab abhi about accept accepts acepta aceptan after again agar ahi al algo alguien algun
alguna all also am an and ante any anybody anyone appointment appointments aqui are aren't around as asi ask
at atiende atienden aur bata bataiye batao be because been before being bhi bien bolo both buena buenas bueno
buenos but by cada can can't cannot chahiye chal chalega chalte cita citas clinic come coming como con
consulta could cual cuales cuando cuanta cuanto cuantos days de decir del dental dentist dentists desde dia
dias dice diya do doctor does doesn't doing don't donde done e each ek el ella ellos else en entre era es esa
ese eso esta estan estar este esto estoy ever every everyone favor for from fue gaya general get gets getting
ghar give go going good got gracias guys ha hacen hacer had hai hain ham has have haven't having hay he he's
hello her here hey hi him his ho hoga hola hoon hota hoti how hoy hu hua hum i i'd i'll i'm i've if in into ir
is isme isn't it it's its ja jaa jaana jaayega jao jayega ji jo just ka kab kahan kaise kar karna karo karte
karti karu karun kaun kaunsa kaunse ke ki kijiye kind kisi know ko koi kuch kya kyu kyun kyunki la lagana
lagega lagenge lagta lagti lagwana lagwane las le lena les let lete like liye lo lol look looking los mai main
mas may maybe me mein mera mere meri mi might mil mila milega milegi mine mis more much mujhe must muy my
myself na nada nahi ne near need needs new ni nikalwane no nos nosotros not now o of off offer offers office
ofrecen ok on one only option options or other otra otro our out over par para patient patients pe pehle
people pero phir place plan please poder podria podrian por porque possible provide puede pueden puedo pues
que question quien quiero quisiera raha rahe rahi really sab saber sahab sakta sakte sakti same say se see
seria she should si sido sin so sobre some someone something son sort soy still su such sure sus tak take
takes taking tal tambien tan tell tengo tha than thank thanks that that's the their them then there there's
these they thi thing things think this those ti tiene tienen to today todo todos toh tomorrow too treat treats
try tu tum tus un una uno unos up us usan use using usted ustedes va van ver very via visit visits voy wahan
wala wale wali want wants was way we we're well were what what's when where which while who whom whose why
will with within woh won't wonder wondering work working works would y ya yah yahan ye yeh yes yet yo you
you'd you're your yours
"""
STOPWORDS = frozenset(_NOTHING.split())
"""Words that say nothing of what a question is about."""
