"""People who write about automatic mail, and absence notices that no field and no subject gives away."""

from __future__ import annotations

import pytest

from pipeline.parsing.automatic import automatic
from pipeline.parsing.mime import parse_message
from pipeline.records.inquiries import Automatic


def verdict(subject: str, body: str, fields: str = "") -> Automatic | None:
    head = f"From: Anna Berg <anna@museum.example>\nTo: partners@wiki.example\nSubject: {subject}\n{fields}"
    return automatic(parse_message(f"{head}Content-Type: text/plain; charset=utf-8\n\n{body}\n".encode()))


ABOUT = [
    ("Undeliverable mail to your office", "My mail to your office could not be delivered. We are a library that wants to join."),
    ("Undeliverable", "Dear colleagues, mails to your office cannot be delivered. Please check the address."),
    ("Mail delivery failed", "Hello, your address bounces with 550 5.1.1 user unknown. Please mend it."),
    ("Delivery failure", "Our courier could not deliver the maps. Delivery failed twice. Please tell us where to send them."),
    ("Returned mail", "Our letter of 3 May returned. Kindly send us the new address."),
    ("Échec de remise", "Bonjour, mon message n'a pas pu être remis. Notre musée souhaite adhérer."),
    ("No entregado", "Mi correo no se ha podido entregar. Somos una biblioteca."),
    ("Не доставлено", "Моё письмо не доставлено. Наш музей хочет сотрудничать."),
    ("Abwesenheitsnotiz", "Guten Tag, ich habe Ihre Abwesenheitsnotiz erhalten. Wer vertritt Frau Meier in dieser Zeit?"),
    ("Réponse automatique", "Bonjour, j'ai reçu votre réponse automatique et souhaite toujours vous parler."),
    ("Fuera de la oficina", "Recibí su respuesta automática. ¿Quién sustituye a la señora Meier?"),
    ("自动回复", "我收到了您的自动回复。我们希望与贵会合作。"),
    ("Out of Office", 'Our theatre group plays "Out of Office" in May and looks for a partner.'),
    ("Out of Office", "Dear all, attached our film, enjoy."),
    ("Abwesenheit", "Wegen meiner Abwesenheit im Mai schicke ich den Vertrag erst im Juni. Passt das?"),
    ("Automatic reply to visitors - would you test it?", "This is an automated service for museums. Would you like to try it?"),
    ("Re: Contract", "I signed it. I am on vacation until 15 March and will answer afterwards. In urgent cases call Jan."),
    ("Re: Contract", "I am on leave and will be back Monday. I will bring the scans."),
    ("Re: Contract", "Thanks, I signed it. I am on leave until May. In urgent cases call Jan."),
    ("Re: Contract", "Jsem na dovolené do 15. března. Smlouvu podepíšu potom. V naléhavých případech volejte."),
]  # fmt: skip

NOTICES = {
    "parental": "Hello, I am on parental leave and will be back in September. Eva (eva@museum.example) covers for me.",
    "travelling": "Thank you for your email. I am travelling with limited access to email and will reply when I return.",
    "bare": "I am away until 15 March and will answer afterwards.",
    "left": "I no longer work at the museum. Please contact my successor Eva at eva@museum.example.",
    "de": "Ich bin bis zum 15. März im Urlaub und lese keine E-Mails. In dringenden Fällen wenden Sie sich an Eva Meier.",
    "fr": "Bonjour,\n\nJe suis en congé maternité jusqu'au 12 mai. Pour les urgences, contactez Anne.\n\nCordialement\nMarie",
    "es": "Estoy de vacaciones hasta el 15 de marzo. Para urgencias escriba a Ana.",
    "ca": "Soc fora de l'oficina fins al 15 de març. Per a urgències escriviu a Anna.",
    "cs": "Dobrý den, do 15. března čerpám dovolenou. V naléhavých případech se obraťte na kolegyni.",
    "el": "Βρίσκομαι σε άδεια έως τις 15 Μαρτίου. Για επείγοντα θέματα επικοινωνήστε με την Ελένη.",
    "fa": "با سلام، من تا ۱۵ مارس در مرخصی هستم. در موارد ضروری با همکارم تماس بگیرید.",
    "hi": "मैं 15 मार्च तक छुट्टी पर हूँ। आवश्यक कार्य के लिए कृपया सुनीता से संपर्क करें।",
    "hr": "Poštovani, na godišnjem sam odmoru do 15. ožujka. Za hitne slučajeve obratite se kolegici.",
    "ro": "Bună ziua, sunt în concediu până pe 15 martie și nu am acces la e-mail.",
    "sl": "Pozdravljeni, do 15. marca sem na dopustu. Za nujne zadeve se obrnite na Ano.",
    "sr": "Поштовани, на одмору сам до 15. марта. За хитне случајеве обратите се Ани.",
    "sw": "Kwa sasa niko likizo hadi tarehe 15 Machi. Kwa mambo ya dharura wasiliana na Asha.",
    "vi": "Tôi đang nghỉ phép đến ngày 15 tháng 3. Nếu có việc gấp xin liên hệ chị Lan.",
    "signature": "Bonjour,\n\nJe suis en congés jusqu'au 12 mai. En cas d'urgence, vous pouvez joindre Paul.\n\n"
    "Cordialement,\nMarie Curie\nResponsable des collections\nMusée de la Ville\n12 rue du Port",
    "tr capital dotted i": "İzindeyim. Acil durumlarda Ayşe ile iletişime geçin.",
}


@pytest.mark.parametrize("fields", ["", "In-Reply-To: <x@wiki.example>\n"], ids=["first", "answer"])
@pytest.mark.parametrize(("subject", "body"), ABOUT)
def test_people_who_write_about_automatic_mail(subject: str, body: str, fields: str) -> None:
    assert verdict(subject, body, fields) is None


@pytest.mark.parametrize("body", NOTICES.values(), ids=NOTICES.keys())
def test_notices_without_a_field(body: str) -> None:
    assert verdict("Re: Harbour maps", body, "In-Reply-To: <x@wiki.example>\n") is Automatic.AUTO_REPLY


@pytest.mark.parametrize(
    ("fields", "found"), [("Auto-Submitted: auto-replied\n", Automatic.AUTO_REPLY), ("Return-Path: <>\n", Automatic.AUTO_REPLY), ("", None)]
)  # fmt: skip
def test_a_bare_subject_needs_the_header_or_the_text(fields: str, found: Automatic | None) -> None:
    assert verdict("Out of Office", "Gone fishing with my nephews, who love the sea.", fields) is found
    assert (
        verdict("Out of Office", "I am away until 3 May. For urgent matters call Jan.")
        is Automatic.AUTO_REPLY
    )
