"""Absence notices without a field or a subject that says so, and people who mention that they are away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.digest.message import compose
from pipeline.digest.render import Rendered
from pipeline.parsing.absences import asks
from pipeline.parsing.automatic import automatic
from pipeline.parsing.mime import parse_message
from pipeline.records.inquiries import Automatic
from pipeline.records.messages import LOOP_FIELD, Address

NOTICES = {
"en":"Thank you for your message. I am out of the office until 12 May with limited access to email. For urgent matters please contact Jan Berg.",
"en2":"Hello,\n\nI am on annual leave and will be back on Monday 5 May. I will reply to your email on my return.",
"de":"Vielen Dank für Ihre Nachricht. Ich bin bis zum 12. Mai nicht im Büro und habe keinen Zugriff auf meine E-Mails. In dringenden Fällen wenden Sie sich bitte an Jan Berg.",
"fr":"Bonjour,\nJe suis absente du bureau jusqu'au 12 mai inclus. En cas d'urgence, merci de contacter Jan Berg. Je vous répondrai à mon retour.",
"es":"Estaré fuera de la oficina hasta el 12 de mayo sin acceso al correo. Para asuntos urgentes, contacte con Jan Berg.",
"pt":"Estou de férias até 12 de maio, com acesso limitado ao e-mail. Para assuntos urgentes, contactar Jan Berg.",
"it":"Sono assente dall'ufficio fino al 12 maggio. Per urgenze contattare Jan Berg. Risponderò al mio rientro.",
"nl":"Ik ben tot 12 mei met verlof. Uw bericht wordt niet doorgestuurd. Voor dringende zaken kunt u contact opnemen met Jan Berg.",
"sv":"Jag har semester till den 12 maj och läser inte min e-post. Vid brådskande ärenden kontakta Jan Berg.",
"da":"Jeg er på ferie til den 12. maj og læser ikke mails. Ved hastesager kontakt Jan Berg.",
"no":"Jeg er på ferie til 12. mai. I hastesaker kan du kontakte Jan Berg.",
"fi":"Olen lomalla 12.5. asti. Kiireellisissä asioissa ota yhteyttä Jan Bergiin. Vastaan palattuani.",
"pl":"Jestem na urlopie do 12 maja. W pilnych sprawach proszę o kontakt z Janem Bergiem. Odpowiem po powrocie.",
"cs":"Jsem na dovolené do 12. května. V naléhavých případech kontaktujte Jana Berga.",
"sk":"Som na dovolenke do 12. mája. V naliehavých prípadoch kontaktujte Jana Berga.",
"hu":"Május 12-ig szabadságon vagyok. Sürgős esetben kérem, forduljon Jan Berghez.",
"ro":"Sunt în concediu până pe 12 mai. În cazuri urgente vă rog să îl contactați pe Jan Berg.",
"ru":"Я в отпуске до 12 мая. По срочным вопросам обращайтесь к Яну Бергу.",
"uk":"Я у відпустці до 12 травня. У термінових справах звертайтеся до Яна Берга.",
"bg":"В отпуск съм до 12 май. При спешни случаи се обърнете към Ян Берг.",
"hr":"Na godišnjem sam odmoru do 12. svibnja. U hitnim slučajevima obratite se Janu Bergu.",
"sl":"Na dopustu sem do 12. maja. V nujnih primerih se obrnite na Jana Berga.",
"el":"Λείπω από το γραφείο έως τις 12 Μαΐου. Για επείγοντα επικοινωνήστε με τον Γιαν Μπεργκ.",
"tr":"12 Mayıs'a kadar izindeyim. Acil durumlarda Jan Berg ile iletişime geçebilirsiniz.",
"he":"אני בחופשה עד 12 במאי. במקרים דחופים ניתן לפנות ליאן ברג.",
"ar":"أنا في إجازة حتى 12 مايو. في الحالات العاجلة يرجى التواصل مع يان برغ.",
"zh":"您好，我正在休假，5月12日返回。如有急事，请联系贝先生。",
"ja":"お世話になっております。5月12日まで休暇をいただいております。お急ぎの場合はベルクまでご連絡ください。",
"ko":"5월 12일까지 휴가 중입니다. 급한 용무는 베르크에게 연락 주시기 바랍니다.",
"id":"Saya sedang cuti sampai 12 Mei. Untuk hal mendesak silakan hubungi Jan Berg.",
"vi":"Tôi đang nghỉ phép đến ngày 12 tháng 5. Trường hợp khẩn xin liên hệ Jan Berg.",
"lt":"Iki gegužės 12 d. atostogauju. Skubiais klausimais kreipkitės į Janą Bergą.",
"et":"Olen puhkusel kuni 12. maini. Kiireloomulistes küsimustes pöörduge Jan Bergi poole.",
"lv":"Esmu atvaļinājumā līdz 12. maijam. Steidzamos gadījumos sazinieties ar Janu Bergu.",
"ca":"Estic de vacances fins al 12 de maig. En cas d'urgència, contacteu amb Jan Berg.",
"sr":"На годишњем сам одмору до 12. маја. У хитним случајевима обратите се Јану Бергу.",
}  # fmt: skip

PEOPLE = {
    "en": "I am on leave until 5 May, so let us meet after that. In urgent cases please call Maria.",
    "en scans": "I am away until 5 May. The 200 scans are on the disk that I sent you, please have a look. If urgent, ring Jan.",
    "en question": "I am out of the office until Monday. Could you send the contract again? For urgent matters call Jan.",
    "de": "Ich bin bis 12. Mai im Urlaub, danach schicke ich Ihnen die Dateien. In dringenden Fällen rufen Sie Jan an.",
    "fr": "Je suis absente jusqu'au 12 mai, mais ma collègue vous envoie les photos demain. En cas d'urgence, appelez-la.",
    "es": "Estoy de vacaciones hasta el 12 de mayo, podemos vernos después sin problema. Para asuntos urgentes llame a María.",
    "pl": "Jestem na urlopie do 12 maja, potem chętnie prześlę Państwu skany. W pilnych sprawach proszę dzwonić.",
    "ru": "Я в отпуске до 12 мая, после этого пришлю вам все снимки. По срочным вопросам звоните Яну.",
}


def verdict(
    subject: str, body: str, fields: str = "", sender: str = "Anna Berg <anna@museum.example>"
) -> Automatic | None:
    head = f"From: {sender}\nTo: partners@wiki.example\nSubject: {subject}\n{fields}"
    return automatic(parse_message(f"{head}Content-Type: text/plain; charset=utf-8\n\n{body}\n".encode()))


@pytest.mark.parametrize("body", NOTICES.values(), ids=NOTICES.keys())
def test_notices(body: str) -> None:
    assert verdict("Re: Harbour pictures", body) is Automatic.AUTO_REPLY
    assert verdict("Harbour pictures", body, "In-Reply-To: <x@wiki.example>\n") is Automatic.AUTO_REPLY


@pytest.mark.parametrize("body", PEOPLE.values(), ids=PEOPLE.keys())
def test_people_who_are_away_soon(body: str) -> None:
    assert verdict("Re: Harbour pictures", body) is None
    assert verdict("Harbour pictures", body) is None


def test_what_a_machine_wrote_below_the_answer_does_not_count() -> None:
    below = (
        "From: Partner desk <desk@wiki.example>\nSent: Tuesday, 4 March 2025 10:12\nSubject: Your inquiries\n\n"
        "This message was generated automatically. Please do not reply to this e-mail. I am out of the office."
    )
    assert verdict("RE: Your inquiries", f"I will take the second one.\nAnna\n\n{below}") is None


def _digest() -> bytes:
    return compose(
        Rendered(subject="2 new inquiries", text="Two.\n", html="<p>Two.</p>"),
        sender=Address(name="Partner desk", address="desk@wiki.example"),
        recipient=Address(name="Anna Berg", address="anna@museum.example"),
        message_id="<d1@wiki.example>",
        date=datetime(2025, 3, 4, tzinfo=UTC),
    )


def test_an_own_digest_that_comes_back() -> None:
    assert automatic(parse_message(_digest())) is Automatic.OWN
    relayed = _digest().replace(
        b"From: Partner desk <desk@wiki.example>", b"From: desk via Partners <partners@lists.wiki.example>"
    )
    assert automatic(parse_message(b"List-Id: <partners.lists.wiki.example>\r\n" + relayed)) is Automatic.OWN


@pytest.mark.parametrize("part", ["message/rfc822", "text/rfc822-headers"])
def test_an_own_digest_that_is_returned(part: str) -> None:
    head = (
        "From: Mail gateway <noreply@gateway.example>\nSubject: Problem with your mail\nMIME-Version: 1.0\n"
    )
    enclosed = _digest().replace(b"\r\n", b"\n").decode("ascii")
    enclosed = enclosed if part == "message/rfc822" else enclosed.partition("\n\n")[0]
    body = f"Content-Type: multipart/mixed; boundary=m\n\n--m\n\nIt was too large.\n--m\nContent-Type: {part}\n\n{enclosed}\n--m--\n"
    assert automatic(parse_message(f"{head}{body}".encode())) is Automatic.BOUNCE


def test_who_answers_a_digest_or_passes_it_on_is_a_person() -> None:
    quoted = "On 4 Mar 2025 at 10:12 Partner desk <desk@wiki.example> wrote:\n> 2 new inquiries"
    assert (
        verdict("Re: 2 new inquiries", f"I take both.\n\n{quoted}", "In-Reply-To: <d1@wiki.example>\n")
        is None
    )
    head = "From: Anna Berg <anna@museum.example>\nSubject: Fwd: 2 new inquiries\nMIME-Version: 1.0\n"
    enclosed = _digest().decode("ascii")
    body = f"Content-Type: multipart/mixed; boundary=m\n\n--m\n\nWho takes these?\n--m\nContent-Type: message/rfc822\n\n{enclosed}\n--m--\n"
    assert automatic(parse_message(f"{head}{body}".encode())) is None


def test_no_caller_can_forge_or_drop_the_field() -> None:
    assert f"{LOOP_FIELD}: digest".encode() in _digest()


MEETING = (
    "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=m\n\n--m\nContent-Type: text/plain\n\n{text}\n"
    "--m\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n--m--\n"
)


def test_bare_meeting_links_are_calendar_mail() -> None:
    link = "________________\nMicrosoft Teams meeting\nJoin on your computer, mobile app or room device\nMeeting ID: 345 123"
    letter = "Dear Max, thank you for the talk. As agreed we would like to sign the contract for the photographs and bring two of our "
    letter += "curators, who can tell you which of the 300 pictures are free. "
    head = "From: Anna Berg <anna@museum.example>\nSubject: Harbour pictures\n"
    assert automatic(parse_message((head + MEETING.format(text=link)).encode())) is Automatic.CALENDAR
    assert automatic(parse_message((head + MEETING.format(text=letter * 2 + "\n" + link)).encode())) is None


@pytest.mark.parametrize("question", ["តើអ្នកអាចជួយយើងបានទេ?", "ကျွန်ုပ်တို့ကို ကူညီနိုင်ပါသလား?", "ท่านช่วยเราได้ไหม?"])
def test_a_question_in_a_script_without_blanks_is_more_than_a_heading(question: str) -> None:
    assert asks(question)
