"""What words mean, the part of errands and strangers: what is no matter of an appointment. As in `lexicon`."""

from __future__ import annotations

ERRANDS: dict[str, str] = {
    # errands that a person does
    "OPTOUT": (
        "stop|stop all|stopall|unsubscribe*|opt out|opt-out|optout|remove me|take me off|off your list|"
        "mailing list|no more messages|no more texts|stop texting|stop messaging|stop sending|stop calling|"
        "don't text|don't message|don't contact|do not contact|do not text|don't call|quit texting|"
        "quit messaging|leave me alone|lose my number|delete my number|no more promos|no marketing|marketing|"
        "promos|promotions|promotional|newsletter|withdraw my consent|consent|baja|darme de baja|dar de baja|"
        "no me manden|no me envien|no mas mensajes|dejen de|borren mi numero|quitenme|desuscrib*|message band|"
        "messages band|sms band|band karo|band kar*|mat bhejo|mat bhejna|mat bheje|message mat|"
        "nahi chahiye message|hatao|hata do|spamming|desist|notifications|alerts|dnd|parenle|borren*|"
        "borrenme|delete me|further contact|cease|stop the|enough messages|not interested|turn off|"
        "no more of these|lose it|ni uno mas|no deseo|hatao mera|number hata*|bhejna band|disturb|stop these|"
        "stop those|no texts|no emails|stop emailing|don't email|do not email|too many texts|"
        "too many messages|too many emails|cut down on|cut it out|knock it off|off this list|off the list|"
        "mailing|subscription|unsuscribe|unsub|remove my number|remove this number|erase my|block you|"
        "blocking you|report as spam|junk|only the reminders|no more reminders|no reminders|stop contacting|"
        "quit contacting|no me escriban|no escriban|no me molesten|dejenme en paz|saquenme|eliminen|"
        "elimine mi|no quiero recibir|no mas promociones|suscripcion|msg mat|msg band|mat karo|pareshan mat|"
        "number delete|promotion mat|one text is enough|and the same"
    ),
    "WRONGNUMBER": (
        "wrong number|wrong person|numero equivocado|galat number|who is this|don't know you|quien es|"
        "never been a patient|not my number|kaun hai|no soy|you have the wrong|isn't my|i'm not|"
        "numero incorrecto|aqui no vive|no conozco|wrong guy|wrong lady|new number owner|belongs to|"
        "not a patient of|not him|not her|don't know any|no one named|nobody named|someone else's number|"
        "texted the wrong|meant for|wrong chat|wrong text|wrong thread|oops wrong|se equivoco|se equivocaron|"
        "equivocad*|galti se|think you want|who dis|oops"
    ),
    "LATE": (
        "late|running|on my way|traffic|stuck in|parking lot|outside|lobby|door|locked|waiting room|"
        "be there in|minutes away|here now|i'm here|just arrived|checking in|check in|tarde|llego|llegando|"
        "afuera|trafico|raste mein|raste me|pahunch*|late ho|der|bahar|estoy aqui|atrasad*|retrasad*|"
        "mins away|almost there|pulling in|pulled up|parked|uber|elevator|out front|neeche|khada hu|"
        "khadi hu|gate pe|gate par|pahunchne|signal pe|atorado|atorada en|ya llegue|ya estoy|walking in|"
        "back entrance|bus broke|train|caught up|held up|behind|few minutes|couple minutes|10 min|5 min|"
        "be late|running behind|delayed|detour|flat tire|car won't start|car broke|missed the bus|"
        "can't find parking|circling|in the lot|i'm outside|we're outside|at your door|at the door|front door|"
        "buzzer|doorbell|knocking|let me in|nobody at|no one at|on our way|omw|eta|leaving now|"
        "llegare tarde|voy tarde|en camino|ya casi llego|ya mero|estamos afuera|en la puerta|"
        "en el estacionamiento|sala de espera|nikal raha|nikal rahi|pahuch*|pohoch*|jam me|jaam|thoda late"
    ),
    "RECORDS": (
        "records|record|forms|form|paperwork|intake|xrays sent|xrays emailed|chart|update my|my new number|"
        "new phone|new address|new email|changed my|change my number|change my address|change my email|"
        "last name|note for|letter for|school note|work note|excuse|release|forward the|forward my|send my|"
        "copies|copy of|historial|expediente|formulario*|radiografias|justificante|constancia|certificado|"
        "actualizar|nuevo numero|form bhar*|report bhej*|naya number|email me|emailed|fax|portal|log in|"
        "password|login|upload|proof of|formatos|signature|link doesn't|link is|doesn't open|won't open|"
        "can't open|contact card|new last name|emergency contact|chart says|my chart|translate|doctor's note|"
        "jury|employer|insurer|attorney requests|my file|birth*|spelling of|middle name|email changed|"
        "pharmacy to|update the|naam badal*|pata badal*|file me|comprobante|resultados|copia|plate|"
        "power of attorney|guardian of|guardianship|consent form|authorization|sign the|signed|fill out|"
        "fill in|filled out|print|scan|scanned|attached|attachment|pdf|referral letter|treatment plan|"
        "plan de tratamiento|w9|misspelled|legal name|maiden|married name|change of address|landline|updated|"
        "on file|my profile|username|reset|cambio de domicilio|mi nuevo|nueva direccion|nuevo correo|"
        "poder notarial|firma*|receta medica|radiografia|placa|estudios|form bharna|email badal*|certificate|"
        "parchi"
    ),
    "LOST": (
        "left my|lost my|forgot my|jacket|phone charger|umbrella|glasses|wallet|olvide mi|deje mi|"
        "se me quedo|bhool gaya|bhool gayi|chhoot|lost and found|earring|sweater|scarf|keys|water bottle|"
        "lost and|left a|turn in|found a|keychain|pen|bhool|chhod aaya|chhod aayi|encontre en|ring|hoodie|"
        "purse|backpack|tupper"
    ),
    "JOB": (
        "resume|cv|hiring|position|vacancy|apply|applying|internship|shadow|experience as|job|jobs|"
        "career|empleo|trabajo|vacante|curriculum|naukri|externship|volunteer|license|licence|w-2|"
        "looking for work|part time|cover letter|interview with|openings for|are you hiring|temp hygienist|"
        "shadowing|student|volunteers|volunteering|trainee|apprentice*|externs|contratando|zaroorat|"
        "work for you|working for you|interns|intern|summer job|need anyone|"
        "looking for a job|my resume|rda|rdh|job opening|recruit*|staffing|salary|hire|become a dentist|"
        "be a dentist|dental school|predental|solicito trabajo|busco trabajo|vacantes|practicas|pasante|"
        "servicio social|kaam chahiye|naukari"
    ),
    "CALLME": (
        "call me|call back|callback|give me a call|phone me|llamenme|me pueden llamar|llamar|call kar*|"
        "phone kar*|ring me|reach me|return my call|missed call|missed your call|someone call|ring my|"
        "have someone call|call my|phone call|llameme|marquen*|marqueme|marcar|que me marque|call kijiye|"
        "baat karni|talk to someone|speak with|speak to"
    ),
    "AUTOREPLY": (
        "out of office|out of the office|automatic reply|auto-reply|autoreply|away from|limited access|"
        "fuera de la oficina|respuesta automatica|i'm driving|driving with"
    ),
    # strangers
    "SELL": (
        "seo|rank|ranking|leads|marketing agency|guaranteed|click here|click|claim here|won|winner|prize|"
        "gift card|gift cards|crypto|bitcoin|investment|invest|earn|telegram|whatsapp group|loan|loans|"
        "free audit|demo|software|payroll|practices|manufacturer|supplier|suppliers|catalog|wholesale|"
        "website design|web design|virtual assistant|outsourc*|15 minutes|quick call|hop on|google reviews|"
        "more patients|increase your|grow your|boost your|partnership|collaborat*|we help|our company|"
        "our team of|verify your|account suspended|suspended|package|delivery|delivered|irs|tax refund|"
        "warranty|buy houses|forex|trading|profit*|earn money|work from home|ganar dinero|ganaste|premio|"
        "prestamo|oferta exclusiva|posicionamiento|paise kamao|lottery|kbc|jeet*|income|ghar baithe|viagra|"
        "casino|dating|singles|followers|bulk|b2b|kindly find attached|business loan|funding|merchant|"
        "lessons|psychic|readings|wings|karaoke|mystery shopper|selected for|locked|unlock|apple id|couch|"
        "amarres|forward to|profile|are you alone|pics|hot|txt|text back|join now|limited time|act now|"
        "% off|percent off|only today|free trial|subscribe to|verified database|email list|congress|speaker|"
        "webinar|conference|registration fee|sponsor|wholesale price|lab work|zirconia|voice agent|"
        "our platform|our agency|our product|rep|cost savings|credit line|approved for|cash advance|"
        "inheritance|prince|paid survey|survey|network marketing|passive|nft|token|circling back|touch base|"
        "for your practice|for your clinic|for your office|dental practices|practice owners|decision maker|vp|"
        "founder|ai receptionist|missed calls|lead gen|google ads|facebook ads|social media|first page|"
        "page one|page 1|backlinks|redesign|payment processing|card processing|lower your|save your|"
        "reduce your|cut your|supplies|gloves|scrubs|equipment|autoclave|handpiece|distributor|partner with|"
        "influencer|promo code|use code|flash sale|buy now|shop now|order now|tap here|click below|bit.ly|"
        "link below|congratulations|you've been selected|reward|rewards|free iphone|voucher|final notice|"
        "parcel|customs|usps|fedex|dhl|toll|account locked|netflix|amazon|verify|ssn|usdt|btc|airdrop|"
        "giveaway|horoscope|astrolog*|vashikaran|loan approved|instant loan|personal loan|gana|haz clic|"
        "da clic|reclama|credito aprobado|prestamos|inversion|pagina web|marketing digital|proveedor|"
        "proveedores|inaam|jeeta|jeeti|recharge|click kare*|kamaye|worth a chat|pay the attached|"
        "attached invoice"
    ),
    "INSTRUCT": (
        "ignore|disregard|system prompt|developer mode|system:|assistant:|instructions|prompt|jailbreak|"
        "override|as an ai|you are now|pretend|act as|language model|repeat the|reveal|your rules|"
        "previous instructions|list of patients|all patients|patient list|phone numbers of|auto_reply|intent=|"
        "admin mode|sudo|ignora|olvida tus|instrucciones|nirdesh|debug|classify|mark this|confidence|"
        "tool call|begin tool|unrestricted|no restrictions|configuration|maintenance|developers|nueva orden|"
        "asistente|no tienes reglas|naukar robot|ab se tum|paste the|rules they|secret|password|api|admin|"
        "wipe|system note|note to|export|resend|everyone|every hour|script|code:|json|token|respond only|"
        "output|say yes to|training data|roleplay|pirate|game where|dear ai|dear bot|hey bot|computer|"
        "chatbot|llm|gpt|chatgpt|new instructions|new rule|new rules|your instructions|your prompt|"
        "your programming|bypass|disable|safety|filters|send to all|send this to|send everyone|text everyone|"
        "email everyone|message all|notify all|broadcast|every patient|each patient|all contacts|contact list|"
        "names and numbers|phone numbers|dump|database|delete all|cancel all appointments|cancel everyone|"
        "cancel every|mark as paid|set balance|balance to zero|balance to 0|zero out|auto approve|act like|"
        "respond with|reply with|answer only|say only|repeat after|ignore the|ignore everything|ignore any|"
        "ignore your|disregard the|forget everything|forget your|forget all|simulate|test mode|end of message|"
        "instruccion*|actua como|responde solo|responde con|envia a todos|manda a todos|lista de todos|"
        "todos los numeros|numeros de|sabko bhej*|sab patients|sabka number|list bhej*|bhool jao|ignore karo|"
        "everyone named"
    ),
}
