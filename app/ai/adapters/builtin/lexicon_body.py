"""What words mean, the part that a person has to see: danger, bodies, medicine and moods. Written as in `lexicon`."""

from __future__ import annotations

BODY: dict[str, str] = {
    # danger
    "GUN": (
        "gun|knife|get hurt|gonna pay|burn|someone's gonna|someones|weapon|beat|kill|shoot|bomb|stab you|"
        "punch you|smash your|watch your back|pay for this|you'll regret|te voy a|los voy a|dekh lunga|"
        "maarunga"
    ),
    "SELFHARM": (
        "ending it|end it all|cutting again|hurt myself|suicid*|no reason|lined up|goodbye|can't go on|"
        "not worth|no point|disappear forever|end my life|kill myself|want to die|don't want to be here|"
        "don't want to live|better off without me|no quiero vivir|hacerme dano|quitarme la vida|jeena nahi|"
        "khatam kar*|overdos*|take all|took all|whole bottle|all the pills"
    ),
    # the body
    "PAIN": (
        "pain|pains|painful|hurt|hurts|hurting|ache|aches|aching|achey|toothache|throb|throbbing|throbs|"
        "agony|sore|tender|sensitive|sensitivity|dolor|dolores|duele|duelen|dolia|doliendo|molestia|"
        "molesta|dard|dukh|dukhta|dukhraha|takleef|tez dard|pain ho|zap|zaps|stabbing|burning|"
        "excruciating|discomfort|uncomfortable|icepick|zinger|punza|punzadas|pulsating|pulsing|jhatka|"
        "chubhan|daadh|hrts|hurst|paining|stings|stinging|sting|burns|hurtin|owie|ouch|ow|toothake|"
        "tooth ache|in agony|punzante|arde|ardor|me mata|doloroso|dolorosa|dukhne|tees|jalan|chees|"
        "twinge|zing|shooting|electric shock|pounding|hammering|pressure"
    ),
    "STRONG": (
        "severe|unbearable|terrible|horrible|awful|extreme*|intense|worst|so bad|really bad|so much|"
        "very bad|too much|killing|insoportable|fuerte|muchisimo|mucho|demasiado|bahut|zyada|tez|sehan|"
        "bardasht|can't sleep|can't eat|no puedo dormir|no puedo comer|neend nahi|so nahi|all night|"
        "toda la noche|raat bhar|worse|getting worse|peor|empeora|badh|10/10|9/10|screaming|crying|"
        "llorando|ro raha|ro rahi|help me|ayuda|ayudenme|bachao|please help|grito|went from|shaking|tears|"
        "passing out|phata|icepick|excruciat*|unable to sleep|no se me quita|asar nahi|blinding|excruciating|"
        "agonizing|can't think|can't take|can't stand|sobbing|losing it|losing my mind|climbing the walls|"
        "begging|desperate|dying|through the roof|off the charts|nonstop|non-stop|constant|woke me up|"
        "keeps me up|kept me up|kept me awake|up all night|hasn't slept|haven't slept|no sleep|nothing helps|"
        "nothing works|isn't touching|not touching|aren't touching|doing nothing|won't go away|not going away|"
        "spreading|by the hour|every hour|inaguantable|desesperad*|no aguanto|no soporto|no para|cada vez|"
        "no pude dormir|sin dormir|no dormi|mar raha|mar rahi|mar gaya|pagal|rona|jaan nikal|jan ja|"
        "asahniya|unable to eat"
    ),
    "SWELLING": (
        "swell*|swollen|puffy|puffed|balloon|lump|bump|hinchad*|hinchaz*|inflam*|sujan|soojan|suj|sooj|"
        "phool|phula|abscess*|absces*|infect*|pus|puss|flemon|pimple on my gum|bolita|gola|como pelota|"
        "golf ball|egg|chipmunk|puffed up|soojke|blew up|blown up|blowing up|ballooned|ballooning|bulging|"
        "bulge|lopsided|twice its size|twice the size|size of a|double the size|swole|fat lip|golfball|"
        "hamster|squirrel|blister|boil|knot under|glands|bulto|bola|pelota|globo|deforme|morado|phul|"
        "phoola|mota ho|gubbara|gilti|oozing|ooze|discharge|foul|salty taste|bad taste|nasty taste|huge"
    ),
    "BLOOD": (
        "bleed*|blood|bloody|sangr*|khoon|khun|clot|clots|bled|bleeds|gushing|gush|soaked|soaking|"
        "pouring|dripping|hemorrhag*|hemorragia|spitting red|rakt|lahoo|khooni|won't clot"
    ),
    "FEVER": (
        "fever|feverish|temperature|temp|chills|fiebre|calentura|bukhar|fever hai|101|102|103|104|"
        "shivering|shivers|burning up|sweating|hot to touch|warm to touch|nausea*|nauseous|vomit*|"
        "throwing up|threw up|dizzy|dizziness|faint|fainted|lightheaded|escalofrios|mareo|maread*|kaanp*|"
        "thand lag|ulti|chakkar"
    ),
    "BROKEN": (
        "broke|broken|chip|chipped|crack|cracked|snapped|shatter*|fractur*|split|knocked|fell out|"
        "came out|come out|came off|fell off|popped off|popped out|loose|wobbly|wiggly|se me cayo|se cayo|"
        "se me salio|se rompio|se me rompio|roto|rota|partio|quebro|quebrado|flojo|floja|aflojo|toot|"
        "tuta|toota|tut|nikal gaya|nikal gayi|hil raha|hilta|gir gaya|gir gayi|abrio|in two|in half|"
        "hath me aa|in my hand|split in|piece came|pedazo|pedasito|break|breaking|busted|sheared|snap|"
        "in pieces|pieces|piece|half my tooth|half a tooth|half of my tooth|half the tooth|half the molar|"
        "fragment|chunk|hanging|dangling|dangl*|crooked|pushed back|pushed in|pushed up|out of place|"
        "displaced|came loose|coming loose|come loose|comes off|come off|coming off|fall out|falling out|"
        "falls out|lost my crown|lost a crown|lost a filling|lost my filling|lost a tooth|swallowed|sharp|"
        "jagged|colgando|chueco|astill*|trozo|se quebro|se despego|despegado|se solto|se me solto|zafo|"
        "torcido|desprend*|salido|se ha salido|salio|tukda|tukde|hilne|tirchha|tedha|dheela|dhila|"
        "alag ho|phoot"
    ),
    "TRAUMA": (
        "fell|hit|elbow*|punched|accident|bike|hockey|football|soccer|basketball|playground|crash|fall|"
        "golpe*|cayo|accidente|gira|chot|lagi|trampoline|skateboard|scooter|stairs|tripped|tripping|"
        "slipped|smack*|bumped|slam*|whack*|faceplant*|face plant*|face first|tumbl*|collid*|collision|"
        "kicked|puck|dodgeball|rugby|lacrosse|karate|boxing|wrestling|assault*|crashed|wreck|handlebar*|"
        "monkey bars|curb|sidewalk|concrete|bathtub|tub|choco|tropez*|resbal*|estrell*|pelotazo|punetazo|"
        "codazo|patada|bicicleta|patineta|caida|caerme|caerse|me cai|caido|fisla|fisal*|giri|takra*|"
        "thokar|ghoonsa|cycle se|seedhi"
    ),
    "AIRWAY": (
        "breathe|breathing|breath|swallow|swallowing|choking|choke|throat|tongue|lips|respirar|tragar|"
        "garganta|saans|nigal*|hives|rash|itchy|itching|allergic reaction|anaphyl*|ronchas|khujli|wheez*|"
        "cough*|gag|gagging|gasp*|inhaled|inhale|aspirat*|wrong pipe|wrong way|went down|airway|lungs|"
        "chest|tightness|suffocat*|drooling|hoarse|welts|blotch*|red spots|tos|tosiendo|ahog*|"
        "falta el aire|falta de aire|asfixi*|atragant*|pecho|urticaria|sarpullido|comezon|picazon|lengua|"
        "khansi|khaans*|dam ghut*|dum ghut*|saas|gale me|chhaati|seene|chakatte|laal daane"
    ),
    "STUCK": (
        "stuck|poking|stabbing|cutting|jabbing|lodged|clavando|clavado|enterrado|atorado|phas gaya|chubh*|"
        "digging|wedged|jammed|pierc*|embedded|splinter|fishbone|fish bone|toothpick|impaled|trapped|"
        "poked|pokes|slic*|metida|metido|encajad*|clava*|atascad*|espina|pincha*|raspa|fasa|phasa|"
        "phansa|fansa|atka|ghus gay*"
    ),
    "TOOTH": (
        "tooth|teeth|molar|molars|gum|gums|jaw|mouth|cheek|face|diente|dientes|muela|muelas|encia|"
        "encias|mandibula|boca|cara|cachete|dant|dat|masood*|jabda|gaal|muh|chehra|socket|stitches|"
        "stitch|puntos|tanke|wisdom|incisor|canine|juicio|akal|nerve|chin|palate|roof of my mouth|fang|"
        "incisivo|colmillo|paladar|quijada|menton|daadh|hont|jeebh|jibh|taalu|toof|teef|chompers|"
        "cachetes|mejilla|mejillas|teeths|tooths"
    ),
    # what a dentist answers
    "MEDICINE": (
        "antibiotic*|amoxicillin|penicillin|ibuprofen|ibuprofeno|advil|tylenol|motrin|aleve|aspirin|"
        "aspirina|paracetamol|crocin|combiflam|brufen|dolo|painkiller*|pain meds|meds|med|medicine|"
        "medicines|medication*|medicina*|medicamento*|pastilla*|antibiotico*|dawa|dawai|goli|tablet|"
        "tablets|pill|pills|dose|doses|dosis|mg|refill|refills|prescription*|prescribed|script|rx|"
        "receta|recetaron|receto|pharmacy|farmacia|mouthwash|chlorhexidine|clindamycin|norco|hydrocodone|"
        "tramadol|codeine|vicodin|valium|steroid*|metronidazole|cream|gel|numb|numbing|numbed|sedation|"
        "steroids|sulfa|brilinta|lisinopril|metformin|drops|injection|anesthe*|anaesthe*|laughing gas|"
        "nitrous|kroger|walgreens|cvs|walmart|chemist|oxy*|fluoride|toothpaste|rinse|retin*|goliyan|"
        "antibiotics|naproxen|naproxeno|penicilina|amoxicilina|amoxi|augmentin|azithro*|cephalex*|keflex|"
        "thyroid tablet|levothyrox*|statin|beta blocker*|antidepress*|zoloft|lexapro|xanax|ativan|benadryl|"
        "antihistamin*|vitamin*|supplement*|turmeric|clove oil|orajel|peroxide|lidocaine|novocaine|"
        "novacaine|epinephrine|anestesia|sedante|sedacion|inyeccion|enjuague|gotas|jarabe|pomada|"
        "analgesico*|calmante*|antiinflamatorio*|ketorolac*|diclofenac*|tempra|haldi|laung|sui|"
        "birth control|alcohol|wine|beer|smoke|smoking|vape|vaping|cigarette*|fumar|cerveza|daru|sharab|"
        "ozempic|accutane|botox|prednis*|inhaler|fasting|nothing by mouth|nil by mouth|eat before|"
        "drink before|put under|under sedation|otc|over the counter"
    ),
    "CONDITION": (
        "pregnan*|embaraz*|garbhvati|blood thinner*|blood thinners|thinner|thinners|warfarin|eliquis|"
        "xarelto|plavix|coumadin|heparin|anticoagulante*|anticoagulant*|heart valve|valve|pacemaker|stent|"
        "marcapasos|valvula|heart|corazon|cardiologist|joint replacement|hip replacement|knee replacement|"
        "new knee|new hip|protesis|diabet*|sugar|insulin|insulina|allerg*|alerg*|latex|epilep*|seizure*|"
        "hiv|hepatitis|cancer|chemo*|radiation|quimio*|bisphosphonate*|fosamax|prolia|osteoporo*|hemophil*|"
        "kidney|dialysis|transplant|stroke|blood pressure|hypertension|presion alta|bp|breastfeeding|"
        "nursing|lactando|asthma|asma|immun*|lupus|trying to conceive|trimester|weeks pregnant|diagnos*|"
        "surgery|surgeon|bypass|afib|fibrillation|mri|murmur|arrhythm*|stents|angioplast*|heart attack|"
        "infarto|derrame|thyroid|tiroides|liver|higado|rinon*|leukemia|lymphoma|tumor|tumour|chemotherap*|"
        "arthritis|artritis|parkinson*|alzheimer*|dementia|autis*|copd|apnea|cpap|reflux|crohn*|anemi*|"
        "clotting|dvt|embolism|von willebrand|herpes|vih|tuberculosis|covid|pneumonia|hip|knee|joint|"
        "prosthe*|operated|operation|operaron|operado|operada|cirugia|hospitalized|hospitalised|hospital|"
        "cardiolog*|oncolog*|neurolog*|midwife|expecting|wks|weeks along|trimest*|preggo|prego|preggers|"
        "ivf|postpartum|gave birth|breastfe*|amamant*|maa banne|pet se|garbh*|dil ka|dil ki|dama|mirgi|"
        "khoon patla|allergic|reaction to|lidocaine|iodine|codeine"
    ),
    "ISITNORMAL": (
        "is it normal|is that normal|is this normal|normal|should i worry|worried|worry|concern*|is it ok|"
        "is it okay|is that ok|is that bad|is it safe|safe|es normal|es malo|preocup*|theek hai kya|"
        "koi problem|side effect*|what should i do|what do i do|que hago|que debo|kya karu|kya karna|"
        "can i take|can i eat|can i drink|can i smoke|can i brush|puedo tomar|puedo comer|puedo beber|"
        "le sakta|le sakti|kha sakta|kha sakti|kha sakte|pi sakta|how long do i|how long should|"
        "how long will|how many times|how often|cuantas veces|cuanto tiempo|kitne din|kab tak|better|"
        "recommend|best for|mejor|before or after|do i need to|should i|typical|is it bad|ok to|ok if|"
        "tricks|how many hours|should my|should she|should he|does it matter|supposed to|allowed to|"
        "am i allowed|se caen solos|le hace algo|puedo bucear|se quita|cavity or stain|khaane se pehle|"
        "lena chahiye|le lu|what to do|any tips|until i see|til i see|who decides|to care about|"
        "worried about|normal to|supposed to feel|a concern|worrying|something wrong|anything wrong|ok that|"
        "okay that|okay to|safe to|damage|risk|risks|risky|too many|too soon|too early|how soon|"
        "how long after|how long before|how long until|when can i|when can he|when can she|could it be|"
        "could this be|what causes|why does|why do|does that mean|which is better|what's better|better option|"
        "your opinion|advise|advice|thoughts on|make it worse|remedy|remedies|tips|cuando puedo|cada cuanto|"
        "cada cuantas|es bueno|riesgo|peligros*|que me recomienda|que recomienda|que opina|conviene|"
        "hace dano|es recomendable|safe hai|nuksan|kya kha|kya pi|upay|gharelu|do i skip|should i skip|"
        "do i stop|should i stop|keep taking|do i take|should i take|need to do anything"
    ),
    "AFTERCARE": (
        "after the extraction|after extraction|after surgery|after my|after a|after the|since the extraction|"
        "since the filling|since my|despues de|despues del|nikalne ke baad|ke baad|day 2|day 3|day 4|"
        "healing|heal|stitches|gauze|ice|rinse|salt water|dry socket|brush|floss|whitening strips|"
        "toothpaste|straw|solid food|temporary|extraction site|the hole|wore off|recover*|post op|post-op|"
        "postop|day after|days after|dissolv*|suture*|stiches|gasa|suturas|cicatriz*|reposo|taanke|ghaav|"
        "new crown|new filling|new denture|new retainer|aligner|aligners|tray|trays|bite feels|feels high|"
        "too high"
    ),
    "NOTHURT": (
        "no pain|not pain*|doesn't hurt|not hurting|doesn't really hurt|no duele|no me duele|sin dolor|"
        "dard nahi|dard nhi|not urgent|no rush|no hurry|whenever|no es urgente|sin prisa|not an emergency|"
        "nothing urgent|mild|slight|a little|a bit|un poco|poquito|leve|thoda|halka|going down|"
        "getting better|went away|much better|no discomfort|painless|without pain|isn't painful|not painful|"
        "nothing hurts|doesn't bother|not bothering|when you have time|at your convenience|no hay prisa|"
        "nada urgente|no me molesta|ya no duele|ya no me duele|no more pain|pain is gone|pain gone|gone down|"
        "all gone|feeling better|feels better|aaram|aram|dard chala|bilkul dard nahi|koi dard nahi|"
        "jaldi nahi|koi jaldi|chali gayi|chala gaya|tiny bit|no swelling"
    ),
    # moods
    "REFUSEBOT": (
        "human|real person|bot|robot|automated|actual person|speak to a person|talk to a person|persona real|"
        "maquina|insaan|ai|chatbot|get me a person|asli aadmi|asli insaan|machine wale|una maquina|"
        "algun humano|automatic thing|talk to someone real|not a machine|chat bot|auto reply|auto response|"
        "humans|person please|real people|live person|live agent|representative|not an ai|if this is ai|"
        "this ai|stupid bot|automated message*|automated reply|answering machine|only talk to people|"
        "talk to people|no bots|no bot|hablar con alguien|hablar con una persona|un humano|humano|"
        "contestadora|robots|insan|kisi insaan|aadmi se"
    ),
    "ANGRY": (
        "unacceptable|ridiculous|rude|disgust*|disappoint*|terrible service|worst|horrible service|pathetic|"
        "angry|furious|upset|frustrat*|appall*|outrag*|never coming back|not coming back|never again|"
        "never return*|joke|shame|unprofessional|incompeten*|careless|liar|liars|scam|ripoff|rip off|"
        "sick of|tired of|fed up|complain*|complaint|review|yelp|1 star|one star|bad service|humiliat*|"
        "embarrassed me|disrespect*|ignored|wtf|bs|damn|crap|hell|not ok|not okay|not happy|unhappy|"
        "dissatisf*|poor service|nobody|no one|grosera|grosero|pesimo|pesima|queja*|inaceptable|molesto|"
        "molesta|enojad*|verguenza|decepcion*|mal trato|nunca mas|estafa|indignad*|bakwas|bekar|ghatiya|"
        "gussa|badtameez*|kharab|wahiyat|shikayat|bura|dhokha|loot|insult*|racist|mocked|rough|waited|"
        "waiting|an hour|hours late|kept waiting|still waiting|third time|second time|again|lost my|"
        "messed up|botched|mess|wrong tooth|redo|redone|fell out after|crickets|explain|waste|devastated|"
        "whistle|doesn't fit|don't match|not match|attitude|bravo|shabash|mazak|gross|sales pitch|"
        "sticking it|piano keys|get started|told you|asked twice|kept going|for the third|clueless|pushy|"
        "lied|lazy|filthy|dirty|hours|no apology|apolog*|nobody called|nobody wrote|nobody answers|"
        "never called back|yell*|snapped at|laughed|rolled|humilla*|regaño|regano|me gritaron|esperando|"
        "llevo|nadie|sin avisar|koi uthata nahi|uthata nahi|intezaar|wait karwa*|dhoop me|tameez|insulted|"
        "cheat*|paisa barbad|satisfied nahi|fraud|terrible|horrible|awful|butcher*|nightmare|hate|hated|"
        "lousy|crappy|sucks|suck|sucked|garbage|trash|bullshit|wth|smh|unreal|clown*|circus|no respect|"
        "treated like|like a number|talked down|looked down|condescend*|dismissiv*|nasty|aggressive|"
        "impatient|eye roll|rushed|hurt me|forgot about me|forgot me|left me|sat here|sitting here|"
        "sat there|stood there|been here since|been waiting|minutes late|hour late|on hold|hung up|cut off|"
        "hangs up|no response|no reply|never replied|never responded|nobody responds|nobody replies|"
        "no callback|ignoring me|ghosted|ghosting|cancelled on me|canceled on me|going elsewhere|"
        "another dentist|done with|taking my business|warn people|warn everyone|reviews|lost a patient|"
        "losing a patient|dissapoint*|let down|mad|pissed|livid|annoyed|irritated|new record|top notch|"
        "congrats on|way to go|slow clap|real nice|unhelpful|useless|worthless|mistreat*|wrong side|"
        "without asking|without telling|didn't listen|doesn't listen|never listened|ruined|wasted|"
        "falta de respeto|nefast*|asco|porqueria|inutil*|incompetent*|groser*|prepotente|mal educad*|"
        "maleducad*|me ignoraron|nunca contestan|no contestan|no responden|nadie contesta|me colgaron|"
        "no vuelvo|no volvere|jamas|burla|rateros|ladrones|ghanta|ghante se|bewakoof|nautanki|tamasha|"
        "dobara nahi|laparwah*|naraz|naaraz|pareshan|time waste|paise waste|faltu|went ahead of me|"
        "does anyone work|is anyone running|thanks for nothing|thanks a lot|"
        "whatever|the last time i|last chance|one more chance"
    ),
    "LEGAL": (
        "lawyer|attorney|sue|suing|lawsuit|legal|malpractice|board|hipaa|privacy|small claims|abogad*|"
        "demanda*|denuncia*|vakil|court|police|report you|better business|bbb|news|gdpr|breach|"
        "confidential|lawsuits|complain to|file a complaint|formal complaint|health department|"
        "attorney general|profeco|consumer forum|consumer court|reporter"
    ),
    "FEAR": (
        "scared|terrified|afraid|nervous|anxious|anxiety|panic*|freak*|dread*|phobia|miedo|asustad*|"
        "nervios*|dar lag*|darr|ghabra*|tension|embarrassed|ashamed|worried|fear|scary|frightened|"
        "petrified|temor|panico|aterra*|ansiedad|bhay|dar lagta"
    ),
    "SAD": (
        "passed away|died|funeral|hospital|sad|sorry to|😞|😢|😭|😔|fallecio|murio|guzar gay*|guzar gaye|"
        "deceased|widow*|late husband|laid off|broke|divorce*|hospice|grief|grieving|mourning|depress*|"
        "hopeless|lonely|overwhelmed|falleci*|velorio|luto|dehant"
    ),
}
