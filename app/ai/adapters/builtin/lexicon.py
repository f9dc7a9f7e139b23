"""What words mean: the concepts behind English, Spanish and Hindi-English words of a dental front desk.

A small model learns from a few thousand messages; that "turno", "appt" and "slot" are one thing need not be learnt.
Words are in plain form (folded, no accents), separated by bars. ``word*`` is a stem; several words are a phrase.
"""

from __future__ import annotations

from app.ai.adapters.builtin.lexicon_body import BODY
from app.ai.adapters.builtin.lexicon_errands import ERRANDS

CONCEPTS: dict[str, str] = {
    **BODY,
    **ERRANDS,
    # what turns a wish round
    "NOTCANCEL": (
        "not cancel*|not canceling|not cancelling|won't cancel|don't cancel|can't cancel now|no need to cancel|"
        "never cancel|didn't cancel|no quiero cancelar|no la quiero cancelar|no cancelen|no cancelo|kaatna mat|"
        "cancel mat|cancel nahi|cancel nhi|not calling off|don't want to cancel"
    ),
    "NOTMOVE": (
        "not moving|no need to change|nothing changed|don't want a different|no need to reschedule|no new time|"
        "no need to find|don't want a new|not rescheduling|don't want another|don't worry about another|"
        "no quiero otra|otra no|not looking to move|not right now"
    ),
    # appointments
    "THEOFFER": (
        "you offered|u offered|the one you said|you suggested|u said|you proposed|proposing|que me ofrecio|"
        "que me dieron|jo aapne"
    ),
    "APPOINTMENT": (
        "appointment*|booking|bookings|slot|slots|visit|visits|session|cita|citas|turno|turnos|"
        "hora medica|consulta|samay|appointment ka|reservation"
    ),
    "OPENING": (
        "opening|openings|availab*|vacanc*|free slot|fit me in|get in|squeeze|disponib*|hueco|khali|"
        "any time|waitlist|waiting list|cancellation list|lista de espera|first available|earliest|soonest|"
        "tienen espacio|khali hai|any openings|next opening|whatcha got|what u got|what else"
    ),
    "BOOK": (
        "book|bookme|schedule|set up|make an|put me down|put us down|sign me up for|agendar|agenda|"
        "reservar|programar|pedir|sacar|quisiera una|quiero una|necesito una|book kar*|lena hai|milega|"
        "milegi|mil sakta|mil sakti|chahiye|dikhana|dikhane|aana hai|due for|overdue for|need an|like an|"
        "want an|come in|see me|see us|i'll take it|take it|put me on|on the books|appoint me|set us up|"
        "fit us|number laga*|apuntenme|apunteme|apuntarme|una cita|una citaa|tomen medidas|toca limpieza|"
        "due again|needs seeing|needs to see|give me any day|koi bhi slot|dekh lenge kya|aa sakte hai kya|"
        "want to come|schedule me|set up a visit|hacer una cita|agendenme|denme una cita|get her in|"
        "get him in|get them in|grab a|grab an|looking to get|looking to book|looking to schedule|"
        "get my teeth|get a cleaning|get a checkup|can i get|can we get|could i get|could we get|can i come|"
        "could i come|can we come|got anything|got any|have anything|anything open|anything available|"
        "any spots|any slots|any chance|put me in|pencil me|slot me|time for my|it's time for|due for my|"
        "yanked|resume my|agendame|agendarme|apartar|aparta|me gustaria una|quisiera agendar|quiero agendar|"
        "necesito cita|quiero cita|hacer cita|sacar cita|pedir cita|tienen cita|tienen citas|tienen lugar|"
        "hay lugar|hay espacio|hay cita|me puede dar|me da una|denme|pueden ver|me atienden|"
        "appointment chahiye|appointment le*|appointment mil*|appointment de*|appointment fix|time mil*|"
        "time de do|slot mil*|slot de*|dikhwa*|check karwa*|safai karwa*|karwani hai|karwana hai|karana hai|"
        "kab aau|kab aaun|kab aa sak*"
    ),
    "MOVE": (
        "reschedul*|move|moving my|push|push back|postpone*|prepone*|change my|change it|change the|switch|"
        "swap|shift|another day|another time|different day|different time|other day|other time|instead|"
        "later time|earlier time|rebook|bump|put back|bring forward|sooner|earlier|later than|otro dia|"
        "otra hora|otra fecha|cambiar*|mover|mover la|posponer|aplazar|adelantar|reprogramar|pasar la|"
        "retrasar|aage|badal*|change kar*|shift kar*|doosre din|dusre din|aage ka|aage badha*|baad mein|"
        "kisi aur din|aur kisi din|rather come|running out of|won't work|doesn't work|not gonna work|"
        "ain't gonna work|can't do|new time|new date|rakh do|pasarla|pasenme|paseme|pasemela|me la pasa|"
        "recorr*|muev*|become|different one|next one after|rather have|sooner than|push out|push it|"
        "moved to|change time|time change|time badal*|baad ka|ke baad wala|in place of|switched|swap with|"
        "otro lado|mas adelante|para mas tarde|another slot|other slot|new slot|alternate|rather|no good|"
        "not good for me|isn't good|can't make that|other options|any other|another date|different date|"
        "move it|move me|move us|slide|bump it|push my|push mine|pushed|push to|trade|trade with|"
        "switch with|swap my|take my slot|use my slot|could we do|can we do|could we make it|can we make it|"
        "later that day|earlier that day|a bit later|a bit earlier|an hour later|an hour earlier|week after|"
        "following week|week later|day later|day earlier|cambio de cita|cambiarla|me cambian|me la cambian|"
        "moverla|me la mueven|muevanla|la paso|la pueden pasar|mas tarde|mas temprano|otro horario|"
        "otro momento|para otro|para otra|reagend*|posponerla|aplazarla|dusra din|dusra time|doosra|"
        "din badal*|date badal*|date change|date aage|aage kar*|pehle kar*|kisi aur|shift ho|come later|"
        "make it later|make it earlier"
    ),
    "CANCEL": (
        "cancel|cancels|cancelling|canceling|cancelled|canceled|cancellation|call off|calling off|scratch|"
        "scrap|take me off the schedule|remove the appointment|no longer need|don't need the|won't be able|"
        "can't make|can't come|won't make|not going to make|not coming|won't be there|can't be there|drop the|"
        "decline|anular|cancelar|cancelo|cancelen|cancele|cancela|no puedo ir|no podre|no voy a poder|"
        "no voy a ir|no ire|no asistire|ya no necesito|nahi aa|nahi aaunga|nahi aaungi|nahi aa paunga|"
        "nahi aa paungi|nahi aa sakta|nahi aa sakti|cancel kar*|radd|decided not to|decided against|"
        "change of plans|give up my|giving up|x me out|drop me|call it off|don't hold|no need to find|"
        "no me interesa|quitenla|quitenme la|cancelala|cancelamela|cancelenla|kaat do|hata dijiye|"
        "remove my appointment|take my name off|not going ahead|won't need|don't need it|lose my spot|"
        "free up my|give my slot|give my spot|den mi lugar|dejenlo asi|ya no voy|nahi aana|nahi aayenge|"
        "nahi aa payenge|not possible|no podemos ir|no puedo asistir|no podre asistir|i'm skipping|skip my|"
        "not make it|unable to attend|can't attend|cannot attend|need to cancel|have to cancel|gotta cancel|"
        "back out|backing out|bail|bailing|bow out|have to pass|take me out|take us off|free up|release my|"
        "release the|not gonna make|unable to make|unable to come|forget the appointment|no longer coming|"
        "went elsewhere|found another dentist|chose another|tengo que cancelar|cancelarla|cancelame|cancelenme|"
        "cancelacion|anulen|anule|anula|anularla|no alcanzo|no podremos|no puedo llegar|no voy a llegar|"
        "ya no quiero|ya no puedo|cancel kardo|cancel chahiye|nahi aa sakte|nahi ho payega|aana mushkil|"
        "mat rakho|rehne dijiye|cancel me|cancel my|cancel our|cancel all"
    ),
    "CONFIRM": (
        "confirm|confirms|confirmed|confirming|confirmo|confirmado|confirmada|confirmamos|i'll be there|"
        "we'll be there|will be there|see you then|see you there|see you tomorrow|see you at|be there|"
        "works for me|works for us|that works|works great|that's fine|thats fine|sounds good|perfect|"
        "count me in|still coming|coming|on my way tomorrow|ahi estare|alli estare|estare ahi|ahi estaremos|"
        "ahi nos vemos|nos vemos|me va bien|me sirve|de acuerdo|claro que si|por supuesto|pakka|aa jaunga|"
        "aa jaungi|aa jayenge|aaunga|aaungi|aa raha hu|aa rahi hu|pahunch jaunga|theek hai|thik hai|tik hai|"
        "lock it in|all set|still good|still on|will be coming|as planned|confirmo que|suits us|suits me|"
        "i accept|works!|we coming|i come on time|aana final|on the calendar|wouldn't miss|count us in|"
        "looking forward|estare|estaremos|sin falta|ok for me|good to go|no changes|that's my appointment|"
        "apuntado|anotado|perfecto el|esta perfecto|esta bien el|accepted|i'm good for|we're good for|"
        "it's a go|is a go|on for|time works|works perfectly|that'll work|that will work|i can make it|"
        "can make it|i'll come|i'll take that|i'll take the|let's do|book it|see you on|see you soon|"
        "see you guys|will see you|attending|i'm coming|we're coming|we are coming|planning to be|"
        "still planning|definitely coming|for sure|roger|copy that|confirmar|ahi estoy|alla nos vemos|"
        "alla estare|ahi llego|si voy|asistire|asistiremos|si puedo|me queda bien|me queda perfecto|ok a las|"
        "confirm hai|confirm kar*|aa jaenge|aayenge|aaenge|zaroor|jarur|haan aa*|milte hain|milte hai|"
        "time pe|time par|chalega|final hai"
    ),
    "YES": (
        "yes|y|si|sip|haan|ha ji|haan ji|han ji|haa|ji haan|sure|absolutely|definitely|affirmative|"
        "of course|vale|dale|claro|you bet|will do|yess*|yeppers|ys|yas|yee|uh-huh|va|sale|sisi|simon|"
        "aye|affirm|correct|right"
    ),
    "NO": "no|n|nahi ji|negative",
    "OK": (
        "ok|okay|alright|cool|fine|great|bueno|listo|entendido|accha|achha|acha|theek|thik|got it|"
        "noted|understood|fair enough|all good|will do|sounds right|okie|dokie|no prob|enterado|perfecto|"
        "muy bien|ek dum|sahi"
    ),
    # kindness
    "THANKS": (
        "thank*|grateful|appreciate*|gracias|agradec*|shukriya|dhanyavaad|dhanyavad|dhanyawad|meherbani|"
        "much obliged|cheers|ty|bless you|god bless|tks|thanku|props|kudos|hats off|much love|gratitude|"
        "dios lo*|dios les|bendiciones|aabhar|dhanyawaad|shukria|sukriya"
    ),
    "PRAISE": (
        "amazing|awesome|best|great job|wonderful|fantastic|excellent|love|loved|lovely|happy|so kind|"
        "friendly|painless|gentle|excelente|excelentes|maravilloso|maravillosa|encantada|encantado|amable|"
        "amables|genial|feliz|contento|contenta|mast|badhiya|bahut accha|bahut acha|khush|kamaal|"
        "five stars|5 stars|recommend you|rock|incredible|beautiful|gorgeous|relieved|relief|impressed|"
        "so good|so happy|super happy|thrilled|delighted|perfect job|rockstar*|shoutout|kiss|first class|"
        "encantados|new person|brand new|lifesaver*|angels|wizards|magician|heroes|legend*|blessing|"
        "so nice|so sweet|patient with|kind to|felt this good|never felt better|didn't feel|no pain at all|"
        "revista|los amo|las amo|super bien|buenisimo|increible|impecable|de lujo|bahut achhe|bahut achhi|"
        "bahut achha|dil se|jaadu|best dentist|best experience|well done|good job|nicest|spot on|pain free|"
        "made my day|made my week|made my whole|so gentle|very gentle|so helpful|very helpful|pleasant|"
        "smooth|caring|kindness|sweetest|sweetheart|phenomenal|outstanding|superb|stellar|brilliant|"
        "fabulous|terrific|great experience|great visit|great team|great work|told everyone|tell everyone|"
        "favorite|favourite|smile looks|looks amazing|looks great|happy tears|can't stop smiling|smiling|"
        "confident|proud|no tears|wasn't scared|not even scared|enjoyed|loves|worth it|saved my|saved me|"
        "you saved|best ever|a gem|gems|muy amable|muy amables|muy profesional*|excelente trato|buen trato|"
        "lo maximo|los mejores|la mejor|quede encantad*|hermos*|precios*|bonit*|felicidades|chingon*|"
        "padrisimo|bahut badiya|ekdum mast|zabardast|shandar|shaandar|lajawab|behtareen|khushi|dil khush|"
        "waah|pata hi nahi|without so much as|grateful for|thank everyone"
    ),
    "NOPROBLEM": (
        "no worries|no problem|never mind|nevermind|all good|found it|no te preocupes|no hay problema|"
        "koi baat nahi|you're welcome|de nada|talk later|no pasa nada|sorted|figured it out|that answers|"
        "olvidelo|ya lo encontre|rehne do|mil gaya|no need to call|disregard my|forget it|ignore my last|"
        "false alarm|all sorted|resolved|ya quedo|ya no hace falta|olvidalo|ho gaya|no issue|no issues|"
        "not a problem|all set then"
    ),
    # facts about the house
    "OPENHOURS": (
        "open|hours|close|closed|closes|closing time|horario|horarios|abren|abierto|abiertos|cierran|"
        "cerrado|khula|khule|khulte|band|timing|timings|kitne baje|holiday|holidays|lunch break|sundays|"
        "saturdays|weekends|opening hours|what time do|what time are|what days|which days|open late|"
        "thanksgiving|christmas|new year*|easter|diwali|holi|eid|semana santa|festivo*|feriado*|atienden|"
        "que dias|a que hora|hasta que hora|chutti|after hours|walk in|walk ins|walk-in|walk-ins|"
        "timing please"
    ),
    "PLACE": (
        "located|location|address|directions|parking|park|where are|where is|direccion|ubicacion|donde|"
        "estacionamiento|kahan|kahaan|kaha|pata|map|pin|floor|elevator|wheelchair|bus|wifi|entrance|"
        "restroom|gate|which floor|kaunse|kaunsi manzil|metro|bathroom|building|como llego|landmark|"
        "how do i get|get there|which entrance|what floor|suite|cross street|next to the|across from|"
        "validate|validated|garage|valet|street parking|handicap|accessible|ramp|train station|subway|"
        "como llegar|que piso|donde queda|donde estan|queda cerca|rampa|elevador|ascensor|kaise pahunch*|"
        "kaise aana|rasta|lift|kis jagah|waiting room tv|coffee"
    ),
    "PRICE": (
        "how much|cost|costs|price|prices|pricing|charge for|charges for|fee for|fees|cuanto cuesta|"
        "cuanto cobran|cuanto sale|cuanto vale|precio|precios|kitna|kitne ka|kitne paise|kharcha|rate|"
        "rates|charges|quote|ballpark|special|discount|offer|promo|descuento|financing|payment plan|"
        "payment plans|run for|what do|expensive|cheap|cuanto me|emi|interest|membership|price list|"
        "cost of|out the door|without insurance|cash price|self pay|uninsured|student discount|"
        "senior discount|military|coupon|monthly payments|carecredit|care credit|in house plan|cuanto seria|"
        "cuanto es|costo|costos|presupuesto|cotizacion|meses sin intereses|promocion|kitne me|kitne mein|"
        "lagega|kitna hoga|daam|sasta|mehnga"
    ),
    "INSURANCE": (
        "insurance|insured|in network|in-network|out of network|ppo|hmo|dmo|medicaid|medicare|delta|aetna|"
        "cigna|metlife|humana|guardian|blue cross|bcbs|united|tricare|seguro|aseguranza|bima|coverage|"
        "covered|cover|policy|copay|insurances|dental plan|medi-cal|denti-cal|united healthcare|uhc|"
        "ameritas|sun life|geha|anthem|careington|kaiser|dentemax|out-of-network|prior authorization|imss|"
        "issste|gnp|axa|mapfre|sanitas|adeslas|aseguradora|poliza|star health|cghs|tpa|cashless"
    ),
    "OFFERED": (
        "do you do|do you offer|do you have|do you take|do you accept|do you treat|do you speak|do you see|"
        "are you able|can you do|offer|provide|aceptan|ofrecen|hacen|tienen|trabajan con|hablan|karte ho|"
        "karte hai|hota hai|hoti hai|is there|are there|what kind|which|do you guys|do you all|do you carry|"
        "do you sell|do you provide|do you make|do you use|do you allow|do you still|can you treat|"
        "you guys do|you guys have|you guys take|is it possible|does your|anyone speak|what services|"
        "hay alguien|se puede|puedo llevar|manejan|cuentan con|tendran|aap log|aapke yahan|aapke paas|"
        "milta hai|facility"
    ),
    "STAFFPERSON": (
        "doctor|dentist|hygienist|receptionist|front desk|assistant|staff|nurse|orthodontist|doctora|"
        "dentista|recepcionista|higienista|daktar|madam|manager|supervisor|owner|gerente|encargado"
    ),
    "QUESTIONWORD": (
        "what|when|where|how|which|who|why|que|cual|cuando|como|quien|por que|kya|kab|kaise|kaun|"
        "kyu|kyun|is it|can i|may i|puedo|should|do i|could|did you|do u|does it|does the|is there|"
        "are u|will you|wondering|pregunta|quisiera saber|me gustaria saber|jaan*|batao|bataiye|bata do"
    ),
    # money
    "BILL": (
        "bill|bills|billed|billing|invoice|invoices|statement|receipt|receipts|balance|owe|owed|owing|"
        "charged|charge|overcharged|refund|refunded|reimburs*|claim|claims|eob|collections|deposit|paid|"
        "payment|payments|pay|card on file|fsa|hsa|copay|deductible|superbill|ledger|factura|facturas|"
        "recibo|cobro|cobraron|cobrado|cobrar|pagar|pago|pague|saldo|deuda|debo|reembolso|devolucion|"
        "paise|paisa|bakaya|baaki|bill bhej*|rasid|upi|paytm|gpay|refund kar*|estimate|autopay|late fee|"
        "installment|installments|pay link|venmo|zelle|paypal|credit card|debit|due date|card ending|"
        "estado de cuenta|tax id|transferred|wire|folio|deposite|mensualidad|interest|monthly|workers comp|"
        "explanation of benefits|resumen de pagos|lo abonado|coinsurance|out of pocket|jama|transaction|"
        "receipt chahiye|payment kar*|cheque|check number|copays|ran my card|my card|on my card|itemized|"
        "itemised|late charge|cancellation fee|no show fee|no-show fee|prepaid|pay off|pay online|pay over|"
        "split the|payment link|zero balance|past due|pay by|pay the|payed|money back|reimbursement|"
        "overpaid|overpayment|credit on|credit balance|insurance paid|preauth*|pre-auth*|denied|denial|"
        "write off|adjustment|mensualidades|abono|abonos|abonar|transferencia|deposito|tarjeta|me cobran|"
        "cargo|cargos|adeudo|liquidar|pagado|bhugtan|hisaab|kist|kitna baki|kitna bacha|amount|"
        "gift card balance|was applied|payment plan"
    ),
    "WRONGCHARGE": (
        "double charged|charged twice|overcharged|twice|wrong amount|never signed|didn't authorize|"
        "unauthorized|not authorize*|incorrect charge|mistake on|error on|cobraron de mas|cobraron dos veces|"
        "dos veces|do baar|galat bill|zyada paise|dispute|disputing|chargeback|charge i don't|"
        "don't recognize|not what i|why was i charged|why am i being|still waiting on|promised|"
        "where is my refund|where's my refund|fix this|charged me for|billed me for|billed for|never had|"
        "never received|already paid|i paid this|extra charge|no reconozco|me cobraron|two debits|2 pending|"
        "refund was due|not paying|i'm not paying|no way i'm paying|never authorised|nunca autorice|is wrong|"
        "is wrnog|ye galat|minus karo|wapas|lauta*|devuelvan|devolver|me pasaron|double|didn't sign|"
        "said no to|duplicate|duplicat*|double billed|double charge|two charges|charged again|"
        "charged for something|wasn't supposed|haven't been in|wasn't there|i was never|didn't get|only one|"
        "only had one|there was only|should have been|was supposed to be|supposed to be covered|"
        "said it was covered|quoted me|more than you|higher than|what's this charge|what is this charge|"
        "unknown charge|strange charge|haven't received my refund|my money back|owe me|cobro que no|no debia|"
        "no me corresponde|cargo que no|cargo doble|doble cargo|error en la|error en mi|mi dinero|regresen|"
        "reembols*|galat amount|galat charge|do bar|double kat*|paise kat*|refund nahi|paise wapas|"
        "extra paise|zyada liya|zyada charge|ran my card twice|card twice|me twice|"
        "deny|denied|denial|rejected"
    ),
    "MONEY": "dollars|bucks|usd|rupees|rs|pesos|cash",
    "NEWPATIENT": (
        "new patient*|new patients|never been|first time|first visit|first timer|moved here|just moved|"
        "new in town|new to the area|relocat*|switching dentists|looking for a dentist|looking for a new|"
        "accepting|become a patient|register|registering|sign up|referred|refer*|your ad|instagram|facebook|"
        "google|postcard|flyer|coworker|neighbor|transfer|transferring|second opinion|paciente nuevo|"
        "paciente nueva|pacientes nuevos|primera vez|nuevo paciente|nueva paciente|me mude|recien llegado|"
        "nos mudamos|vi su anuncio|me recomendaron|naya patient|pehli baar|pahli baar|nayi patient|"
        "naye patient|shift hua|lead|website form|how did you hear|not a patient|aren't patients|new here|"
        "found you|saw your|haven't seen a dentist|never seen|new clients|dusri rai|doosri rai|your opinion|"
        "groupon|first exam|contact form|no dentist|dentist retired|retired|naye mareez|naya case|trasladar|"
        "soy nuevo|soy nueva|come to you|start with you|take me on|taking patients|taking new|web form|"
        "formulario web|patient_before|patient before|existing patient no|ya es paciente|looking around|"
        "shopping around for a|find a dentist|need a dentist|don't have a dentist|in the area|website says|"
        "saw you|los vi en|estudiante|new to town|new dentist|kabhi dikhaya nahi|pehle kabhi|nunca he ido|"
        "nunca he venido|never had a dentist|new family dentist|looking for dentist|switching from|switch from|"
        "switch to you|leaving my old|old dentist|previous dentist|last dentist|former dentist|"
        "my dentist moved|my dentist closed|never visited|first-time|1st time|1st visit|new client|"
        "new customer|establish care|join your practice|take on new|see new|accept new|just relocated|"
        "moving to|we moved|i moved|recently moved|off my parents|my own dentist|heard about you|"
        "heard good things|heard great|coworker goes|friend goes|found your|came across|saw an ad|"
        "saw your sign|tiktok|zocdoc|nextdoor|billboard|2nd opinion|segunda opinion|otra opinion|"
        "primera cita|primera consulta|no soy paciente|aun no soy|todavia no soy|aceptan pacientes|"
        "reciben pacientes|acabo de llegar|recien mudad*|busco dentista|buscando dentista|me los recomend*|"
        "pehli bar|pehle baar|naya hu|nayi hu|naye hain|shift hue|kabhi nahi aaya|dost ne bataya|suna hai"
    ),
    # times
    "TODAY": (
        "today|tonight|this morning|this afternoon|this evening|right now|hoy|esta tarde|esta manana|"
        "esta noche|ahora|ahorita|aaj|abhi|immediately|now|aaj hi|hoy mismo|this instant|in an hour|"
        "within the hour|tonite|in like an hour|this minute|asap|urgently|en este momento|en una hora|turant|"
        "isi waqt"
    ),
    "TOMORROW": "tomorrow|manana|kal",
    "DAY": (
        "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed|thu|thur|thurs|fri|"
        "sat|sun|lunes|martes|miercoles|jueves|viernes|sabado|domingo|somvar|mangalvar|budhvar|guruvar|"
        "shukravar|shanivar|ravivar|itvar"
    ),
    "MONTH": (
        "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|"
        "mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
        "septiembre|octubre|noviembre|diciembre"
    ),
    "PARTOFDAY": (
        "morning|mornings|afternoon|afternoons|evening|evenings|noon|lunchtime|after work|after school|"
        "tarde|manana|mediodia|subah|shaam|sham|dopahar|next week|this week|weekend|proxima semana|"
        "agle hafte|is hafte|semana que viene|next month|proximo mes"
    ),
    # small words
    "FAMILY": (
        "son|daughter|kid|kids|child|children|husband|wife|mother|mom|mum|father|dad|brother|sister|"
        "family|hijo|hija|hijos|esposo|esposa|marido|mama|papa|madre|padre|beta|beti|bachcha|bacche|"
        "bachche|pati|patni|mummy|papa ji|hubby|grandson|granddaughter|nino|nina|baby|toddler|wife's|"
        "husband's|son's|daughter's|little guy|little one|gran|grandma|grandpa|nana|abuela|abuelo|dadi|"
        "nani|partner|twins|niece|nephew|teenager|sobrin*|nieto|nieta|bhai|behen|aunty"
    ),
    "PLEASE": "please|kindly|por favor|porfa|porfavor|kripya|could you|would you|can you|pueden|podria|podrian",
    "NOT": (
        "not|don't|can't|won't|isn't|doesn't|didn't|no|never|nahi|nunca|without|sin|mat|wasn't|haven't|hasn't|nothing"
    ),
    "WANT": (
        "want|need|like to|would like|looking for|wish|quiero|quisiera|necesito|me gustaria|deseo|chahta|"
        "chahti|chahiye|karna hai|karwana|karana|interested|trying to|hoping"
    ),
    "IHAVE": (
        "i have an|have an|my appointment|i have a|tengo cita|tengo una|mi cita|mera appointment|"
        "meri appointment|my cleaning|my visit|our appointment|her appointment|his appointment|my slot|"
        "booked for|scheduled for"
    ),
}
