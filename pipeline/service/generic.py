"""Subjects that many people write: they join nothing by themselves."""

from __future__ import annotations

import re

from pipeline.service.sameness import DENSE, words

# Words, folded, that a subject may consist of without saying what it is about.
_TELLING_NOTHING = """
a about again an and at anfrage angebot antwort appel asking business call chat collab collaborate
collaboration contact cooperate cooperation coop dear discuss discussion email enquiry feedback follow
followup for from friendly general good greetings hello help hey hi i important info information inquiry
interest interested introduction intro invitation it letter mail meeting message morning my new news no
offer on opportunity our partner partners partnering partnership partnerships please possible potential
project proposal propose query question questions quick reaching regarding reminder request requesting reply
short some strategic subject support test thank thanks the to up update urgent us we wiki wikimedia
wikipedia with work working you your eine frage fragen hallo kooperation kooperationsanfrage partnerschaft
partnerschaftsanfrage projekt und zur zum zusammenarbeit von mit ihnen vorschlag idee kontakt bonjour
collaborer demande de du des la le les nos notre partenariat partenariats proposition projet question une un
avec et pour votre renseignement acuerdo alianza colaboracion colaborar con consulta contacto convenio duda
en hola informacion para pregunta propuesta proyecto saludo saludos solicitud su una colaboracao com contato
duvida informacoes ola parceria pergunta projeto proposta solicitacao uma buongiorno ciao collaborazione
contatto domanda informazioni per proposta progetto richiesta salve vraag samenwerking voorstel hallo
verzoek over fraga samarbete samarbeid samarbejde hej hei forslag forespørsel forfragan spørsmal spørgsmal
wspołpraca pytanie zapytanie propozycja dzien dobry witam spoluprace spolupraca dotaz nabidka dobry den
egyuttmukodes kerdes ajanlat isbirligi teklif soru merhaba colaborare parteneriat propunere intrebare buna
вопрос предложение сотрудничество сотрудничестве о здравствуите партнерство запрос питання пропозиція
співпраця співпрацю про ερωτηση συνεργασια προταση شراكة تعاون استفسار مرحبا طلب שאלה שיתוף פעולה הצעה
همکاری سوال پیشنهاد सहयोग प्रश्न प्रस्ताव साझेदारी kerjasama kemitraan pertanyaan halo 合作 咨询 询问 你好 您好 合作意向
合作咨询 協力 提携 お問い合わせ お願い ご相談 협력 제휴 문의 문의드립니다 안녕하세요
"""
_WORDS = frozenset(_TELLING_NOTHING.split())
_SHORTEST = 8
# Scripts that say a word in few signs.
_DENSE = re.compile(DENSE)
_SHORTEST_DENSE = 5


def is_generic(subject: str) -> bool:
    """Tell whether a folded subject is one that strangers share: too short, or of common words alone.

    Parameters
    ----------
    subject
        As `pipeline.service.claims.thread_subject` makes it.
    """
    dense = _DENSE.search(subject) is not None
    plain = subject.split() if dense else words(subject)
    shortest = _SHORTEST_DENSE if dense else _SHORTEST
    if len(subject.replace(" ", "")) < shortest:
        return True
    return all(word in _WORDS or word.isdigit() for word in plain)
