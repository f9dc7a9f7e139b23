"""What words mean: the concepts behind English, Spanish and Hindi-English words of a dental front desk.

A small model learns from a few thousand messages; that "turno", "appt" and "slot" are one thing need not be learnt.
Words are in plain form (folded, no accents), separated by bars. ``word*`` is a stem; several words are a phrase.
"""

from __future__ import annotations

CONCEPTS: dict[str, str] = {
    # what turns a wish round
    "NOTCANCEL": (
        "not cancel*|not canceling|not cancelling|won't cancel|don't cancel|can't cancel now|no need to cancel|never cancel|didn't cancel|"
        "no quiero cancelar|no la quiero cancelar|no cancelen|no cancelo|kaatna mat|cancel mat|cancel nahi|cancel nhi|not calling off|"
        "don't want to cancel"
    ),
    "NOTMOVE": (
        "not moving|no need to change|nothing changed|don't want a different|no need to reschedule|no new time|no need to find|don't want a new|"
        "not rescheduling|don't want another|don't worry about another|no quiero otra|otra no|not looking to move|not right now"
    ),
    "GUN": ("gun|knife|get hurt|gonna pay|burn|someone's gonna|someones|weapon|beat|kill"),
    "SELFHARM": (
        "ending it|end it all|cutting again|hurt myself|suicid*|no reason|lined up|goodbye|can't go on|not worth|no point|disappear forever"
    ),
    "THEOFFER": (
        "you offered|u offered|the one you said|you suggested|u said|you proposed|proposing|que me ofrecio|que me dieron|jo aapne"
    ),
    # what it is about
    "APPOINTMENT": (
        "appointment*|booking|bookings|slot|slots|visit|visits|session|cita|citas|turno|turnos|hora medica|consulta|samay|appointment ka|reservation"
    ),
    "OPENING": (
        "opening|openings|availab*|vacanc*|free slot|fit me in|get in|squeeze|disponib*|hueco|khali|any time|waitlist|waiting list|cancellation list|"
        "lista de espera|first available|earliest|soonest|tienen espacio|khali hai|any openings|next opening|whatcha got|what u got|what else"
    ),
    "BOOK": (
        "book|bookme|schedule|set up|make an|put me down|put us down|sign me up for|agendar|agenda|reservar|programar|pedir|sacar|quisiera una|"
        "quiero una|necesito una|book kar*|lena hai|milega|milegi|mil sakta|mil sakti|chahiye|dikhana|dikhane|aana hai|due for|overdue for|need an|"
        "like an|want an|come in|see me|see us|i'll take it|take it|put me on|on the books|appoint me|set us up|fit us|number laga*|apuntenme|apunteme|"
        "apuntarme|una cita|una citaa|tomen medidas|toca limpieza|due again|needs seeing|needs to see|give me any day|koi bhi slot|dekh lenge kya|"
        "aa sakte hai kya|want to come|schedule me|set up a visit|hacer una cita|agendenme|denme una cita|get her in|get him in|get them in"
    ),
    "MOVE": (
        "reschedul*|move|moving my|push|push back|postpone*|prepone*|change my|change it|change the|switch|swap|shift|another day|another time|"
        "different day|different time|other day|other time|instead|later time|earlier time|rebook|bump|put back|bring forward|sooner|earlier|"
        "later than|otro dia|otra hora|otra fecha|cambiar*|mover|mover la|posponer|aplazar|adelantar|reprogramar|pasar la|retrasar|aage|badal*|"
        "change kar*|shift kar*|doosre din|dusre din|aage ka|aage badha*|baad mein|kisi aur din|aur kisi din|rather come|running out of|won't work|"
        "doesn't work|not gonna work|ain't gonna work|can't do|new time|new date|rakh do|pasarla|pasenme|paseme|pasemela|me la pasa|recorr*|muev*|"
        "become|different one|next one after|rather have|sooner than|push out|push it|moved to|change time|time change|time badal*|baad ka|"
        "ke baad wala|in place of|switched|swap with|otro lado|mas adelante|para mas tarde|another slot|other slot|new slot|alternate"
    ),
    "CANCEL": (
        "cancel|cancels|cancelling|canceling|cancelled|canceled|cancellation|call off|calling off|scratch|scrap|take me off the schedule|"
        "remove the appointment|no longer need|don't need the|won't be able|can't make|can't come|won't make|not going to make|not coming|"
        "won't be there|can't be there|drop the|decline|anular|cancelar|cancelo|cancelen|cancele|cancela|no puedo ir|no podre|no voy a poder|"
        "no voy a ir|no ire|no asistire|ya no necesito|nahi aa|nahi aaunga|nahi aaungi|nahi aa paunga|nahi aa paungi|nahi aa sakta|nahi aa sakti|"
        "cancel kar*|radd|decided not to|decided against|change of plans|give up my|giving up|x me out|drop me|call it off|don't hold|no need to find|"
        "no me interesa|quitenla|quitenme la|cancelala|cancelamela|cancelenla|kaat do|hata dijiye|remove my appointment|take my name off|"
        "not going ahead|won't need|don't need it|lose my spot|free up my|give my slot|give my spot|den mi lugar|dejenlo asi|ya no voy|nahi aana|"
        "nahi aayenge|nahi aa payenge|not possible|no podemos ir|no puedo asistir|no podre asistir|i'm skipping|skip my|not make it|unable to attend|"
        "can't attend|cannot attend"
    ),
    "CONFIRM": (
        "confirm|confirms|confirmed|confirming|confirmo|confirmado|confirmada|confirmamos|i'll be there|we'll be there|will be there|see you then|"
        "see you there|see you tomorrow|see you at|be there|works for me|works for us|that works|works great|that's fine|thats fine|sounds good|"
        "perfect|count me in|still coming|coming|on my way tomorrow|ahi estare|alli estare|estare ahi|ahi estaremos|ahi nos vemos|nos vemos|me va bien|"
        "me sirve|de acuerdo|claro que si|por supuesto|pakka|aa jaunga|aa jaungi|aa jayenge|aaunga|aaungi|aa raha hu|aa rahi hu|pahunch jaunga|"
        "theek hai|thik hai|tik hai|lock it in|all set|still good|still on|will be coming|as planned|confirmo que|suits us|suits me|i accept|works!|"
        "we coming|i come on time|aana final|on the calendar|wouldn't miss|count us in|looking forward|estare|estaremos|sin falta|ok for me|good to go|"
        "no changes|that's my appointment|apuntado|anotado|perfecto el|esta perfecto|esta bien el|accepted"
    ),
    "YES": (
        "yes|y|si|sip|haan|ha ji|haan ji|han ji|haa|ji haan|sure|absolutely|definitely|affirmative|of course|vale|dale|claro|you bet|will do|yess*|"
        "yeppers|ys|yas|yee|uh-huh|va|sale|sisi|simon|aye|affirm|correct|right"
    ),
    "NO": ("no|n|nahi ji|negative"),
    "OK": (
        "ok|okay|alright|cool|fine|great|bueno|listo|entendido|accha|achha|acha|theek|thik|got it|noted|understood|fair enough|all good|will do|"
        "sounds right|okie|dokie|no prob|enterado|perfecto|muy bien|ek dum|sahi"
    ),
    "THANKS": (
        "thank*|grateful|appreciate*|gracias|agradec*|shukriya|dhanyavaad|dhanyavad|dhanyawad|meherbani|much obliged|cheers|ty|bless you|god bless"
    ),
    "PRAISE": (
        "amazing|awesome|best|great job|wonderful|fantastic|excellent|love|loved|lovely|happy|so kind|friendly|painless|gentle|excelente|excelentes|"
        "maravilloso|maravillosa|encantada|encantado|amable|amables|genial|feliz|contento|contenta|mast|badhiya|bahut accha|bahut acha|khush|kamaal|"
        "five stars|5 stars|recommend you|rock|incredible|beautiful|gorgeous|relieved|relief|impressed|so good|so happy|super happy|thrilled|delighted|"
        "perfect job|rockstar*|shoutout|kiss|first class|encantados|new person|brand new|lifesaver*|angels|wizards|magician|heroes|legend*|blessing|"
        "so nice|so sweet|patient with|kind to|felt this good|never felt better|didn't feel|no pain at all|revista|los amo|las amo|super bien|"
        "buenisimo|increible|impecable|de lujo|bahut achhe|bahut achhi|bahut achha|dil se|jaadu|best dentist|best experience|well done|good job|nicest|"
        "spot on|pain free"
    ),
    "NOPROBLEM": (
        "no worries|no problem|never mind|nevermind|all good|found it|no te preocupes|no hay problema|koi baat nahi|you're welcome|de nada|talk later|"
        "no pasa nada|sorted|figured it out|that answers|olvidelo|ya lo encontre|rehne do|mil gaya|no need to call|disregard my|forget it|"
        "ignore my last"
    ),
    # facts about the house
    "OPENHOURS": (
        "open|hours|close|closed|closes|closing time|horario|horarios|abren|abierto|abiertos|cierran|cerrado|khula|khule|khulte|band|timing|timings|"
        "kitne baje|holiday|holidays|lunch break|sundays|saturdays|weekends"
    ),
    "PLACE": (
        "located|location|address|directions|parking|park|where are|where is|direccion|ubicacion|donde|estacionamiento|kahan|kahaan|kaha|pata|map|pin|"
        "floor|elevator|wheelchair|bus|wifi|entrance|restroom|gate|which floor|kaunse|kaunsi manzil|metro|bathroom|building|como llego|landmark"
    ),
    "PRICE": (
        "how much|cost|costs|price|prices|pricing|charge for|charges for|fee for|fees|cuanto cuesta|cuanto cobran|cuanto sale|cuanto vale|precio|"
        "precios|kitna|kitne ka|kitne paise|kharcha|rate|rates|charges|quote|ballpark|special|discount|offer|promo|descuento|financing|payment plan|"
        "payment plans|run for|what do|expensive|cheap|cuanto me|emi|interest|membership"
    ),
    "INSURANCE": (
        "insurance|insured|in network|in-network|out of network|ppo|hmo|dmo|medicaid|medicare|delta|aetna|cigna|metlife|humana|guardian|blue cross|"
        "bcbs|united|tricare|seguro|aseguranza|bima|coverage|covered|cover|policy|copay"
    ),
    "OFFERED": (
        "do you do|do you offer|do you have|do you take|do you accept|do you treat|do you speak|do you see|are you able|can you do|offer|provide|"
        "aceptan|ofrecen|hacen|tienen|trabajan con|hablan|karte ho|karte hai|hota hai|hoti hai|is there|are there|what kind|which"
    ),
    "STAFFPERSON": (
        "doctor|dentist|hygienist|receptionist|front desk|assistant|staff|nurse|orthodontist|doctora|dentista|recepcionista|higienista|daktar|madam|"
        "manager|supervisor|owner|gerente|encargado"
    ),
    "QUESTIONWORD": (
        "what|when|where|how|which|who|why|que|cual|cuando|como|quien|por que|kya|kab|kaise|kaun|kyu|kyun|is it|can i|may i|puedo|should|do i|could|"
        "did you|do u|does it|does the|is there|are u|will you|wondering|pregunta|quisiera saber|me gustaria saber|jaan*|batao|bataiye|bata do"
    ),
    # money
    "BILL": (
        "bill|bills|billed|billing|invoice|invoices|statement|receipt|receipts|balance|owe|owed|owing|charged|charge|overcharged|refund|refunded|"
        "reimburs*|claim|claims|eob|collections|deposit|paid|payment|payments|pay|card on file|fsa|hsa|copay|deductible|superbill|ledger|factura|"
        "facturas|recibo|cobro|cobraron|cobrado|cobrar|pagar|pago|pague|saldo|deuda|debo|reembolso|devolucion|paise|paisa|bakaya|baaki|bill bhej*|"
        "rasid|upi|paytm|gpay|refund kar*|estimate|autopay|late fee|installment|installments|pay link|venmo|zelle|paypal|credit card|debit|due date|"
        "card ending|estado de cuenta|tax id|transferred|wire|folio|deposite|mensualidad|interest|monthly|workers comp|explanation of benefits|"
        "resumen de pagos|lo abonado|coinsurance|out of pocket|jama|transaction|receipt chahiye|payment kar*|cheque|check number"
    ),
    "WRONGCHARGE": (
        "double charged|charged twice|overcharged|twice|wrong amount|never signed|didn't authorize|unauthorized|not authorize*|incorrect charge|"
        "mistake on|error on|cobraron de mas|cobraron dos veces|dos veces|do baar|galat bill|zyada paise|dispute|disputing|chargeback|charge i don't|"
        "don't recognize|not what i|why was i charged|why am i being|still waiting on|promised|where is my refund|where's my refund|fix this|"
        "charged me for|billed me for|billed for|never had|never received|already paid|i paid this|extra charge|no reconozco|me cobraron|two debits|"
        "2 pending|refund was due|not paying|i'm not paying|no way i'm paying|never authorised|nunca autorice|is wrong|is wrnog|ye galat|minus karo|"
        "wapas|lauta*|devuelvan|devolver|me pasaron|double|didn't sign|said no to"
    ),
    "MONEY": ("dollars|bucks|usd|rupees|rs|pesos|cash"),
    # bodies
    "PAIN": (
        "pain|pains|painful|hurt|hurts|hurting|ache|aches|aching|achey|toothache|throb|throbbing|throbs|agony|sore|tender|sensitive|sensitivity|dolor|"
        "dolores|duele|duelen|dolia|doliendo|molestia|molesta|dard|dukh|dukhta|dukhraha|takleef|tez dard|pain ho|zap|zaps|stabbing|burning|"
        "excruciating|discomfort|uncomfortable|icepick|zinger|punza|punzadas|pulsating|pulsing|jhatka|chubhan|daadh|hrts|hurst|paining"
    ),
    "STRONG": (
        "severe|unbearable|terrible|horrible|awful|extreme*|intense|worst|so bad|really bad|so much|very bad|too much|killing|insoportable|fuerte|"
        "muchisimo|mucho|demasiado|bahut|zyada|tez|sehan|bardasht|can't sleep|can't eat|no puedo dormir|no puedo comer|neend nahi|so nahi|all night|"
        "toda la noche|raat bhar|worse|getting worse|peor|empeora|badh|10/10|9/10|screaming|crying|llorando|ro raha|ro rahi|help me|ayuda|ayudenme|"
        "bachao|please help|grito|went from|shaking|tears|passing out|phata|icepick|excruciat*|unable to sleep|no se me quita|asar nahi"
    ),
    "SWELLING": (
        "swell*|swollen|puffy|puffed|balloon|lump|bump|hinchad*|hinchaz*|inflam*|sujan|soojan|suj|sooj|phool|phula|abscess*|absces*|infect*|pus|puss|"
        "flemon|pimple on my gum|bolita|gola|como pelota|golf ball|egg|chipmunk|puffed up|soojke"
    ),
    "BLOOD": ("bleed*|blood|bloody|sangr*|khoon|khun|clot|clots"),
    "FEVER": ("fever|feverish|temperature|temp|chills|fiebre|calentura|bukhar|fever hai|101|102|103|104"),
    "BROKEN": (
        "broke|broken|chip|chipped|crack|cracked|snapped|shatter*|fractur*|split|knocked|fell out|came out|come out|came off|fell off|popped off|"
        "popped out|loose|wobbly|wiggly|se me cayo|se cayo|se me salio|se rompio|se me rompio|roto|rota|partio|quebro|quebrado|flojo|floja|aflojo|toot|"
        "tuta|toota|tut|nikal gaya|nikal gayi|hil raha|hilta|gir gaya|gir gayi|abrio|in two|in half|hath me aa|in my hand|split in|piece came|pedazo|"
        "pedasito"
    ),
    "TRAUMA": (
        "fell|hit|elbow*|punched|accident|bike|hockey|football|soccer|basketball|playground|crash|fall|golpe*|cayo|accidente|gira|chot|lagi|trampoline|"
        "skateboard|scooter|stairs"
    ),
    "AIRWAY": (
        "breathe|breathing|breath|swallow|swallowing|choking|choke|throat|tongue|lips|respirar|tragar|garganta|saans|nigal*|hives|rash|itchy|itching|"
        "allergic reaction|anaphyl*|ronchas|khujli|wheez*"
    ),
    "STUCK": (
        "stuck|poking|stabbing|cutting|jabbing|lodged|clavando|clavado|enterrado|atorado|phas gaya|chubh*|digging"
    ),
    "TOOTH": (
        "tooth|teeth|molar|molars|gum|gums|jaw|mouth|cheek|face|diente|dientes|muela|muelas|encia|encias|mandibula|boca|cara|cachete|dant|dat|masood*|"
        "jabda|gaal|muh|chehra|socket|stitches|stitch|puntos|tanke|wisdom|incisor|canine|juicio|akal"
    ),
    "MEDICINE": (
        "antibiotic*|amoxicillin|penicillin|ibuprofen|ibuprofeno|advil|tylenol|motrin|aleve|aspirin|aspirina|paracetamol|crocin|combiflam|brufen|dolo|"
        "painkiller*|pain meds|meds|med|medicine|medicines|medication*|medicina*|medicamento*|pastilla*|antibiotico*|dawa|dawai|goli|tablet|tablets|"
        "pill|pills|dose|doses|dosis|mg|refill|refills|prescription*|prescribed|script|rx|receta|recetaron|receto|pharmacy|farmacia|mouthwash|"
        "chlorhexidine|clindamycin|norco|hydrocodone|tramadol|codeine|vicodin|valium|steroid*|metronidazole|cream|gel|numb|numbing|numbed|sedation|"
        "steroids|sulfa|brilinta|lisinopril|metformin|drops|injection|anesthe*|anaesthe*|laughing gas|nitrous|kroger|walgreens|cvs|walmart|chemist|"
        "oxy*|fluoride|toothpaste|rinse|retin*|goliyan|antibiotics"
    ),
    "CONDITION": (
        "pregnan*|embaraz*|garbhvati|blood thinner*|blood thinners|thinner|thinners|warfarin|eliquis|xarelto|plavix|coumadin|heparin|anticoagulante*|"
        "anticoagulant*|heart valve|valve|pacemaker|stent|marcapasos|valvula|heart|corazon|cardiologist|joint replacement|hip replacement|"
        "knee replacement|new knee|new hip|protesis|diabet*|sugar|insulin|insulina|allerg*|alerg*|latex|epilep*|seizure*|hiv|hepatitis|cancer|chemo*|"
        "radiation|quimio*|bisphosphonate*|fosamax|prolia|osteoporo*|hemophil*|kidney|dialysis|transplant|stroke|blood pressure|hypertension|"
        "presion alta|bp|breastfeeding|nursing|lactando|asthma|asma|immun*|lupus|trying to conceive|trimester|weeks pregnant|diagnos*|surgery|surgeon|"
        "bypass|afib|fibrillation|mri"
    ),
    "ISITNORMAL": (
        "is it normal|is that normal|is this normal|normal|should i worry|worried|worry|concern*|is it ok|is it okay|is that ok|is that bad|is it safe|"
        "safe|es normal|es malo|preocup*|theek hai kya|koi problem|side effect*|what should i do|what do i do|que hago|que debo|kya karu|kya karna|"
        "can i take|can i eat|can i drink|can i smoke|can i brush|puedo tomar|puedo comer|puedo beber|le sakta|le sakti|kha sakta|kha sakti|kha sakte|"
        "pi sakta|how long do i|how long should|how long will|how many times|how often|cuantas veces|cuanto tiempo|kitne din|kab tak|better|recommend|"
        "best for|mejor|before or after|do i need to|should i|typical|is it bad|ok to|ok if|tricks|how many hours|should my|should she|should he|"
        "does it matter|supposed to|allowed to|am i allowed|se caen solos|le hace algo|puedo bucear|se quita|cavity or stain|khaane se pehle|"
        "lena chahiye|le lu|what to do|any tips|until i see|til i see|who decides|to care about|worried about"
    ),
    "AFTERCARE": (
        "after the extraction|after extraction|after surgery|after my|after a|after the|since the extraction|since the filling|since my|despues de|"
        "despues del|nikalne ke baad|ke baad|day 2|day 3|day 4|healing|heal|stitches|gauze|ice|rinse|salt water|dry socket|brush|floss|"
        "whitening strips|toothpaste|straw|solid food|temporary"
    ),
    "NOTHURT": (
        "no pain|not pain*|doesn't hurt|not hurting|doesn't really hurt|no duele|no me duele|sin dolor|dard nahi|dard nhi|not urgent|no rush|no hurry|"
        "whenever|no es urgente|sin prisa|not an emergency|nothing urgent|mild|slight|a little|a bit|un poco|poquito|leve|thoda|halka|going down|"
        "getting better|went away|much better"
    ),
    # persons and moods
    "REFUSEBOT": (
        "human|real person|bot|robot|automated|actual person|speak to a person|talk to a person|persona real|maquina|insaan|ai|chatbot|get me a person|"
        "asli aadmi|asli insaan|machine wale|una maquina|algun humano|automatic thing|talk to someone real|not a machine|chat bot|auto reply|"
        "auto response"
    ),
    "ANGRY": (
        "unacceptable|ridiculous|rude|disgust*|disappoint*|terrible service|worst|horrible service|pathetic|angry|furious|upset|frustrat*|appall*|"
        "outrag*|never coming back|not coming back|never again|never return*|joke|shame|unprofessional|incompeten*|careless|liar|liars|scam|ripoff|"
        "rip off|sick of|tired of|fed up|complain*|complaint|review|yelp|1 star|one star|bad service|humiliat*|embarrassed me|disrespect*|ignored|wtf|"
        "bs|damn|crap|hell|not ok|not okay|not happy|unhappy|dissatisf*|poor service|nobody|no one|grosera|grosero|pesimo|pesima|queja*|inaceptable|"
        "molesto|molesta|enojad*|verguenza|decepcion*|mal trato|nunca mas|estafa|indignad*|bakwas|bekar|ghatiya|gussa|badtameez*|kharab|wahiyat|"
        "shikayat|bura|dhokha|loot|insult*|racist|mocked|rough|waited|waiting|an hour|hours late|kept waiting|still waiting|third time|second time|"
        "again|lost my|messed up|botched|mess|wrong tooth|redo|redone|fell out after|crickets|explain|waste|devastated|whistle|doesn't fit|don't match|"
        "not match|attitude|bravo|shabash|mazak|gross|sales pitch|sticking it|piano keys|get started|told you|asked twice|kept going|for the third|"
        "clueless|pushy|lied|lazy|filthy|dirty|hours|no apology|apolog*|nobody called|nobody wrote|nobody answers|never called back|yell*|snapped at|"
        "laughed|rolled|humilla*|regaño|regano|me gritaron|esperando|llevo|nadie|sin avisar|koi uthata nahi|uthata nahi|intezaar|wait karwa*|dhoop me|"
        "tameez|insulted|cheat*|paisa barbad|satisfied nahi|fraud"
    ),
    "LEGAL": (
        "lawyer|attorney|sue|suing|lawsuit|legal|malpractice|board|hipaa|privacy|small claims|abogad*|demanda*|denuncia*|vakil|court|police|report you|"
        "better business|bbb|news|gdpr|breach|confidential"
    ),
    "FEAR": (
        "scared|terrified|afraid|nervous|anxious|anxiety|panic*|freak*|dread*|phobia|miedo|asustad*|nervios*|dar lag*|darr|ghabra*|tension|embarrassed|"
        "ashamed|worried"
    ),
    "SAD": (
        "passed away|died|funeral|hospital|sad|sorry to|😞|😢|😭|😔|fallecio|murio|guzar gay*|guzar gaye|deceased|widow*|late husband|laid off|broke|"
        "divorce*|hospice"
    ),
    # others
    "OPTOUT": (
        "stop|stop all|stopall|unsubscribe*|opt out|opt-out|optout|remove me|take me off|off your list|mailing list|no more messages|no more texts|"
        "stop texting|stop messaging|stop sending|stop calling|don't text|don't message|don't contact|do not contact|do not text|don't call|"
        "quit texting|quit messaging|leave me alone|lose my number|delete my number|no more promos|no marketing|marketing|promos|promotions|"
        "promotional|newsletter|withdraw my consent|consent|baja|darme de baja|dar de baja|no me manden|no me envien|no mas mensajes|dejen de|"
        "borren mi numero|quitenme|desuscrib*|message band|messages band|sms band|band karo|band kar*|mat bhejo|mat bhejna|mat bheje|message mat|"
        "nahi chahiye message|hatao|hata do|spamming|desist|notifications|alerts|dnd|parenle|borren*|borrenme|delete me|further contact|cease|stop the|"
        "enough messages|not interested|turn off|no more of these|lose it|ni uno mas|no deseo|hatao mera|number hata*|bhejna band|disturb"
    ),
    "WRONGNUMBER": (
        "wrong number|wrong person|numero equivocado|galat number|who is this|don't know you|quien es|never been a patient|not my number|kaun hai|"
        "no soy|you have the wrong|isn't my|i'm not|numero incorrecto|aqui no vive|no conozco|wrong guy|wrong lady|new number owner|belongs to|"
        "not a patient of"
    ),
    "NEWPATIENT": (
        "new patient*|new patients|never been|first time|first visit|first timer|moved here|just moved|new in town|new to the area|relocat*|"
        "switching dentists|looking for a dentist|looking for a new|accepting|become a patient|register|registering|sign up|referred|refer*|your ad|"
        "instagram|facebook|google|postcard|flyer|coworker|neighbor|transfer|transferring|second opinion|paciente nuevo|paciente nueva|"
        "pacientes nuevos|primera vez|nuevo paciente|nueva paciente|me mude|recien llegado|nos mudamos|vi su anuncio|me recomendaron|naya patient|"
        "pehli baar|pahli baar|nayi patient|naye patient|shift hua|lead|website form|how did you hear|not a patient|aren't patients|new here|found you|"
        "saw your|haven't seen a dentist|never seen|new clients|dusri rai|doosri rai|your opinion|groupon|first exam|contact form|no dentist|"
        "dentist retired|retired|naye mareez|naya case|trasladar|soy nuevo|soy nueva|come to you|start with you|take me on|taking patients|taking new|"
        "web form|formulario web|patient_before|patient before|existing patient no|ya es paciente|looking around|shopping around for a|find a dentist|"
        "need a dentist|don't have a dentist|in the area|website says|saw you|los vi en|estudiante|new to town|new dentist|kabhi dikhaya nahi|"
        "pehle kabhi|nunca he ido|nunca he venido|never had a dentist"
    ),
    "LATE": (
        "late|running|on my way|traffic|stuck in|parking lot|outside|lobby|door|locked|waiting room|be there in|minutes away|here now|i'm here|"
        "just arrived|checking in|check in|tarde|llego|llegando|afuera|trafico|raste mein|raste me|pahunch*|late ho|der|bahar|estoy aqui|atrasad*|"
        "retrasad*|mins away|almost there|pulling in|pulled up|parked|uber|elevator|out front|neeche|khada hu|khadi hu|gate pe|gate par|pahunchne|"
        "signal pe|atorado|atorada en|ya llegue|ya estoy|walking in|back entrance|bus broke|train|caught up|held up|behind|few minutes|couple minutes|"
        "10 min|5 min"
    ),
    "RECORDS": (
        "records|record|forms|form|paperwork|intake|xrays sent|xrays emailed|chart|update my|my new number|new phone|new address|new email|changed my|"
        "change my number|change my address|change my email|last name|note for|letter for|school note|work note|excuse|release|forward the|forward my|"
        "send my|copies|copy of|historial|expediente|formulario*|radiografias|justificante|constancia|certificado|actualizar|nuevo numero|form bhar*|"
        "report bhej*|naya number|email me|emailed|fax|portal|log in|password|login|upload|proof of|formatos|signature|link doesn't|link is|"
        "doesn't open|won't open|can't open|contact card|new last name|emergency contact|chart says|my chart|translate|doctor's note|jury|employer|"
        "insurer|attorney requests|my file|birth*|spelling of|middle name|email changed|pharmacy to|update the|naam badal*|pata badal*|file me|"
        "comprobante|resultados|copia"
    ),
    "LOST": (
        "left my|lost my|forgot my|jacket|phone charger|umbrella|glasses|wallet|olvide mi|deje mi|se me quedo|bhool gaya|bhool gayi|chhoot|"
        "lost and found|earring|sweater|scarf|keys|water bottle|lost and|left a|turn in|found a|keychain|pen|bhool|chhod aaya|chhod aayi|encontre en|"
        "ring|hoodie|purse|backpack|tupper"
    ),
    "JOB": (
        "resume|cv|hiring|position|vacancy|apply|applying|internship|shadow|experience as|job|jobs|career|empleo|trabajo|vacante|curriculum|naukri|"
        "externship|volunteer|license|licence|w-2|looking for work|part time|cover letter|interview with|openings for|are you hiring|temp hygienist|"
        "shadowing|student"
    ),
    "CALLME": (
        "call me|call back|callback|give me a call|phone me|llamenme|me pueden llamar|llamar|call kar*|phone kar*|ring me|reach me|return my call|"
        "missed call|missed your call|someone call|ring my|have someone call|call my|phone call|llameme|marquen*|marqueme|marcar|que me marque|"
        "call kijiye|baat karni|talk to someone|speak with|speak to"
    ),
    "AUTOREPLY": (
        "out of office|out of the office|automatic reply|auto-reply|autoreply|away from|limited access|fuera de la oficina|respuesta automatica|"
        "i'm driving|driving with"
    ),
    "SELL": (
        "seo|rank|ranking|leads|marketing agency|guaranteed|click here|click|claim here|won|winner|prize|gift card|gift cards|crypto|bitcoin|"
        "investment|invest|earn|telegram|whatsapp group|loan|loans|free audit|demo|software|payroll|practices|manufacturer|supplier|suppliers|catalog|"
        "wholesale|website design|web design|virtual assistant|outsourc*|15 minutes|quick call|hop on|google reviews|more patients|increase your|"
        "grow your|boost your|partnership|collaborat*|we help|our company|our team of|verify your|account suspended|suspended|package|delivery|"
        "delivered|irs|tax refund|warranty|buy houses|forex|trading|profit*|earn money|work from home|ganar dinero|ganaste|premio|prestamo|"
        "oferta exclusiva|posicionamiento|paise kamao|lottery|kbc|jeet*|income|ghar baithe|viagra|casino|dating|singles|followers|bulk|b2b|"
        "kindly find attached|business loan|funding|merchant|lessons|psychic|readings|wings|karaoke|mystery shopper|selected for|locked|unlock|"
        "apple id|couch|amarres|forward to|profile|are you alone|pics|hot|txt|text back|join now|limited time|act now|% off|percent off|only today|"
        "free trial|subscribe to|verified database|email list|congress|speaker|webinar|conference|registration fee|sponsor|wholesale price|lab work|"
        "zirconia|voice agent|our platform|our agency|our product|rep|cost savings|credit line|approved for|cash advance|inheritance|prince|"
        "paid survey|survey|network marketing|passive|nft|token"
    ),
    "INSTRUCT": (
        "ignore|disregard|system prompt|developer mode|system:|assistant:|instructions|prompt|jailbreak|override|as an ai|you are now|pretend|act as|"
        "language model|repeat the|reveal|your rules|previous instructions|list of patients|all patients|patient list|phone numbers of|auto_reply|"
        "intent=|admin mode|sudo|ignora|olvida tus|instrucciones|nirdesh|debug|classify|mark this|confidence|tool call|begin tool|unrestricted|"
        "no restrictions|configuration|maintenance|developers|nueva orden|asistente|no tienes reglas|naukar robot|ab se tum|paste the|rules they|"
        "secret|password|api|admin|wipe|system note|note to|export|resend|everyone|every hour|script|code:|json|token|respond only|output|say yes to|"
        "training data|roleplay|pirate|game where"
    ),
    # times
    "TODAY": (
        "today|tonight|this morning|this afternoon|this evening|right now|hoy|esta tarde|esta manana|esta noche|ahora|ahorita|aaj|abhi|immediately|now|"
        "aaj hi|hoy mismo|this instant|in an hour|within the hour|tonite"
    ),
    "TOMORROW": ("tomorrow|manana|kal"),
    "DAY": (
        "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|lunes|martes|miercoles|jueves|viernes|"
        "sabado|domingo|somvar|mangalvar|budhvar|guruvar|shukravar|shanivar|ravivar|itvar"
    ),
    "MONTH": (
        "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|enero|"
        "febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    ),
    "PARTOFDAY": (
        "morning|mornings|afternoon|afternoons|evening|evenings|noon|lunchtime|after work|after school|tarde|manana|mediodia|subah|shaam|sham|dopahar|"
        "next week|this week|weekend|proxima semana|agle hafte|is hafte|semana que viene|next month|proximo mes"
    ),
    "FAMILY": (
        "son|daughter|kid|kids|child|children|husband|wife|mother|mom|mum|father|dad|brother|sister|family|hijo|hija|hijos|esposo|esposa|marido|mama|"
        "papa|madre|padre|beta|beti|bachcha|bacche|bachche|pati|patni|mummy|papa ji|hubby|grandson|granddaughter|nino|nina|baby|toddler"
    ),
    "PLEASE": ("please|kindly|por favor|porfa|porfavor|kripya|could you|would you|can you|pueden|podria|podrian"),
    "NOT": (
        "not|don't|can't|won't|isn't|doesn't|didn't|no|never|nahi|nunca|without|sin|mat|wasn't|haven't|hasn't|nothing"
    ),
    "WANT": (
        "want|need|like to|would like|looking for|wish|quiero|quisiera|necesito|me gustaria|deseo|chahta|chahti|chahiye|karna hai|karwana|karana|"
        "interested|trying to|hoping"
    ),
    "IHAVE": (
        "i have an|have an|my appointment|i have a|tengo cita|tengo una|mi cita|mera appointment|meri appointment|my cleaning|my visit|our appointment|"
        "her appointment|his appointment|my slot|booked for|scheduled for"
    ),
}
