"""The sentences of replies without a model: by language and wish, each friendly, formal and short.

They promise no time, no price and no treatment. ``{when}`` is the next opening in words, or nothing.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "es", "hi"]
Sentences = dict[str, tuple[str, str, str]]

_EN: Sentences = {
    "booking": (
        "we'd be happy to see you! Our team will write back with times that are free{when}.",
        "thank you for your request. Our team will write to you with the available times{when}.",
        "We'll send you free times{when}.",
    ),
    "new_patient": (
        "welcome! We'd love to look after you. Our team will write back with times that are free{when}.",
        "thank you for choosing us. Our team will write to you with the available times{when}.",
        "Welcome! We'll send you free times{when}.",
    ),
    "reschedule": (
        "no problem! Our team will look for another time and write back{when}.",
        "thank you for letting us know. Our team will look for another time and write to you{when}.",
        "No problem. We'll look for another time and write back{when}.",
    ),
    "cancel": (
        "thanks for letting us know. Our team will take it out of the calendar and confirm it to you{when}.",
        "thank you for letting us know. Our team will cancel the appointment and confirm it to you{when}.",
        "Thanks. We'll take it out and confirm{when}.",
    ),
    "confirm": (
        "thank you for confirming. See you then!",
        "thank you for your confirmation. We look forward to seeing you.",
        "Thanks, see you then.",
    ),
    "question": (
        "thanks for asking! Our team will answer this{when}.",
        "thank you for your question. Our team will answer it{when}.",
        "Our team will answer this{when}.",
    ),
    "billing": (
        "thanks for writing. Somebody who looks after billing will check this and write back{when}.",
        "thank you for your message. Our billing team will review this and write to you{when}.",
        "Our billing team will check this and write back{when}.",
    ),
    "thanks": ("you're very welcome!", "you are most welcome.", "You're welcome!"),
    "complaint": (
        (
            "thank you for telling us, and we are sorry to hear this. Somebody from our team will look into it and "
            "back personally{when}."
        ),
        (
            "thank you for bringing this to our attention. We are sorry. A member of our team will look into it and "
            "to you personally{when}."
        ),
        "We're sorry to hear this. Somebody from our team will look into it and write back personally{when}.",
    ),
    "other": (
        "thank you for your message! Our team will look at it and write back{when}.",
        "thank you for your message. Our team will look into it and write to you{when}.",
        "Thanks. Our team will write back{when}.",
    ),
    "holding": (
        "we have your message and our team has been told. We cannot give medical advice here.{line}",
        "we have received your message and our team has been told. We cannot give medical advice here.{line}",
        "Our team has your message. We cannot give medical advice here.{line}",
    ),
    "fact": (
        "thanks for asking! {fact}",
        "thank you for your question. {fact}",
        "{fact}",
    ),
}
_ES: Sentences = {
    "booking": (
        "¡con gusto le atendemos! Nuestro equipo le escribirá con las horas libres{when}.",
        "gracias por su solicitud. Nuestro equipo le escribirá con las horas disponibles{when}.",
        "Le enviaremos las horas libres{when}.",
    ),
    "new_patient": (
        "¡le damos la bienvenida! Nos alegrará atenderle. Nuestro equipo le escribirá con las horas libres{when}.",
        "gracias por elegirnos. Nuestro equipo le escribirá con las horas disponibles{when}.",
        "¡Le damos la bienvenida! Le enviaremos las horas libres{when}.",
    ),
    "reschedule": (
        "¡no hay problema! Nuestro equipo buscará otra hora y le escribirá{when}.",
        "gracias por avisarnos. Nuestro equipo buscará otra hora y le escribirá{when}.",
        "No hay problema. Buscaremos otra hora y le escribiremos{when}.",
    ),
    "cancel": (
        "gracias por avisar. Nuestro equipo quitará la cita y se lo confirmará{when}.",
        "gracias por comunicárnoslo. Nuestro equipo cancelará la cita y se lo confirmará{when}.",
        "Gracias. Quitaremos la cita y lo confirmaremos{when}.",
    ),
    "confirm": (
        "gracias por confirmar. ¡Hasta entonces!",
        "gracias por su confirmación. Le esperamos.",
        "Gracias, hasta entonces.",
    ),
    "question": (
        "¡gracias por preguntar! Nuestro equipo le responderá{when}.",
        "gracias por su pregunta. Nuestro equipo le responderá{when}.",
        "Nuestro equipo le responderá{when}.",
    ),
    "billing": (
        "gracias por escribir. Quien lleva las cuentas lo revisará y le escribirá{when}.",
        "gracias por su mensaje. El departamento de facturación lo revisará y le escribirá{when}.",
        "Lo revisará quien lleva las cuentas y le escribirá{when}.",
    ),
    "thanks": ("¡de nada, con mucho gusto!", "no hay de qué.", "¡De nada!"),
    "complaint": (
        (
            "gracias por decírnoslo, y lamentamos lo ocurrido. Alguien del equipo lo verá y le escribirá personalmente"
            "{when}."
        ),
        (
            "gracias por hacérnoslo saber. Lo lamentamos. Una persona de nuestro equipo lo revisará y le escribirá "
            "personalmente{when}."
        ),
        "Lo lamentamos. Alguien del equipo lo verá y le escribirá personalmente{when}.",
    ),
    "other": (
        "¡gracias por su mensaje! Nuestro equipo lo verá y le escribirá{when}.",
        "gracias por su mensaje. Nuestro equipo lo revisará y le escribirá{when}.",
        "Gracias. Nuestro equipo le escribirá{when}.",
    ),
    "holding": (
        "tenemos su mensaje y nuestro equipo ya está avisado. Aquí no podemos dar consejos médicos.{line}",
        "hemos recibido su mensaje y nuestro equipo ya está avisado. Aquí no podemos dar consejos médicos.{line}",
        "Nuestro equipo tiene su mensaje. Aquí no podemos dar consejos médicos.{line}",
    ),
    "fact": ("¡gracias por preguntar! {fact}", "gracias por su pregunta. {fact}", "{fact}"),
}
_HI: Sentences = {
    "booking": (
        "zaroor! Hamari team free time ke saath aapko likhegi{when}.",
        "aapke anurodh ke liye dhanyavaad. Hamari team available time ke saath aapko likhegi{when}.",
        "Hum aapko free time bhejenge{when}.",
    ),
    "new_patient": (
        "swagat hai! Hamari team free time ke saath aapko likhegi{when}.",
        "hamein chunne ke liye dhanyavaad. Hamari team available time ke saath aapko likhegi{when}.",
        "Swagat hai! Hum aapko free time bhejenge{when}.",
    ),
    "reschedule": (
        "koi baat nahi! Hamari team doosra time dekh kar aapko likhegi{when}.",
        "batane ke liye dhanyavaad. Hamari team doosra time dekh kar aapko likhegi{when}.",
        "Koi baat nahi. Hum doosra time dekh kar likhenge{when}.",
    ),
    "cancel": (
        "batane ke liye dhanyavaad. Hamari team appointment hata kar aapko confirm karegi{when}.",
        "suchna ke liye dhanyavaad. Hamari team appointment cancel kar ke aapko confirm karegi{when}.",
        "Dhanyavaad. Hum appointment hata kar confirm karenge{when}.",
    ),
    "confirm": (
        "confirm karne ke liye dhanyavaad. Tab milte hain!",
        "confirm karne ke liye dhanyavaad. Hum aapki pratiksha karenge.",
        "Dhanyavaad, tab milte hain.",
    ),
    "question": (
        "poochne ke liye dhanyavaad! Hamari team iska jawab degi{when}.",
        "aapke sawaal ke liye dhanyavaad. Hamari team iska jawab degi{when}.",
        "Hamari team iska jawab degi{when}.",
    ),
    "billing": (
        "likhne ke liye dhanyavaad. Billing wale isko dekh kar aapko likhenge{when}.",
        "aapke message ke liye dhanyavaad. Hamari billing team isko dekh kar aapko likhegi{when}.",
        "Hamari billing team isko dekh kar likhegi{when}.",
    ),
    "thanks": ("aapka bahut swagat hai!", "aapka swagat hai.", "Aapka swagat hai!"),
    "complaint": (
        "batane ke liye dhanyavaad, hamein khed hai. Hamari team isko dekh kar aapko khud likhegi{when}.",
        "hamein soochit karne ke liye dhanyavaad. Hamein khed hai. Hamari team isko dekh kar aapko khud likhegi{when}.",
        "Hamein khed hai. Hamari team isko dekh kar aapko khud likhegi{when}.",
    ),
    "other": (
        "aapke message ke liye dhanyavaad! Hamari team isko dekh kar likhegi{when}.",
        "aapke message ke liye dhanyavaad. Hamari team isko dekh kar aapko likhegi{when}.",
        "Dhanyavaad. Hamari team aapko likhegi{when}.",
    ),
    "holding": (
        (
            "aapka message mil gaya hai aur hamari team ko bata diya gaya hai. Yahan hum medical salah nahi de sakte."
            "{line}"
        ),
        "aapka message praapt hua aur hamari team ko bata diya gaya hai. Yahan hum medical salah nahi de sakte.{line}",
        "Hamari team ko aapka message mil gaya hai. Yahan hum medical salah nahi de sakte.{line}",
    ),
    "fact": ("poochne ke liye dhanyavaad! {fact}", "aapke sawaal ke liye dhanyavaad. {fact}", "{fact}"),
}
SENTENCES: dict[Language, Sentences] = {"en": _EN, "es": _ES, "hi": _HI}
GREETINGS: dict[Language, tuple[str, str]] = {
    "en": ("Hi {name}, ", "Dear {name}, "),
    "es": ("Hola {name}: ", "Estimado/a {name}: "),
    "hi": ("Namaste {name}, ", "Namaste {name} ji, "),
}
# What may follow a sentence that brings no bad news; the one with a number only where the clinic has told it.
CLOSINGS: dict[Language, tuple[str, ...]] = {
    "en": (
        "",
        " You can also call us at {phone}.",
        " Have a lovely day!",
        " We are here if you need anything else.",
        " Just reply if you have more questions.",
    ),
    "es": (
        "",
        " También puede llamarnos al {phone}.",
        " ¡Que tenga un buen día!",
        " Aquí estamos si necesita algo más.",
        " Responda si tiene más preguntas.",
    ),
    "hi": (
        "",
        " Aap hamein {phone} par call bhi kar sakte hain.",
        " Aapka din shubh ho!",
        " Kuchh aur chahiye to hum yahan hain.",
        " Aur sawaal ho to jawab dein.",
    ),
}
WHEN: dict[Language, str] = {
    "en": " when we open again on {opens}",
    "es": " cuando abramos de nuevo, el {opens}",
    "hi": " jab clinic {opens} ko khulega",
}
LINE: dict[Language, str] = {
    "en": " If it cannot wait, please call {line} now.",
    "es": " Si no puede esperar, llame ahora al {line}.",
    "hi": " Agar yeh ruk nahi sakta to abhi {line} par call karein.",
}
NO_LINE: dict[Language, str] = {
    "en": " If it cannot wait, please call your local emergency number now.",
    "es": " Si no puede esperar, llame ahora al número de emergencias de su zona.",
    "hi": " Agar yeh ruk nahi sakta to abhi emergency number par call karein.",
}
MACHINE: dict[Language, str] = {
    "en": " I'm the Practice Assistant of {clinic}, its automated assistant.",
    "es": " Soy el Practice Assistant de {clinic}, su asistente automático.",
    "hi": " Main {clinic} ka Practice Assistant hoon, ek automated assistant.",
}
