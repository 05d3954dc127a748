"""Letters that look like quotes or forwards, and forwards that look like letters; each named after its oddity."""

from __future__ import annotations

import pytest

from pipeline.parsing.authors import author
from pipeline.parsing.inquiry import read_inquiry
from pipeline.parsing.mime import parse_message
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import Address

IVAN = Address(name="Иван Петров", address="ivan@uni.example")
PEDRO = Address(name="Pedro Silva", address="pedro@uni.example")
NORA = Address(name="Nora Lind", address="nora@museum.example")
REQUEST = "Dear team,\nour university wants to become a partner."


def _read(
    body: str, subject: str = "Request", sender: str = "Max Dale <max@wiki.example>", *more: str
) -> Inquiry:
    head = [
        f"From: {sender}",
        "To: partners@wiki.example",
        f"Subject: {subject}",
        "Message-ID: <1@x.example>",
    ]
    if not any(field.startswith("Content-Type") for field in more):
        head.append("Content-Type: text/plain; charset=utf-8")
    return read_inquiry(parse_message("\n".join([*head, *more, "", body, ""]).encode()))


def test_loan_data_are_no_header_block() -> None:
    body = "Hello,\n\nFrom: Lund\nTo: Malmö\nDate: 5 May 2026 10:00\nSubject: Transport of maps\n\nCan you confirm?"
    inquiry = _read(body, "Answers")
    assert (inquiry.forward, inquiry.quoted, inquiry.text) == (None, "", body)
    assert inquiry.author.address == "max@wiki.example"


@pytest.mark.parametrize(
    "line",
    [
        "am 3. Mai 2025 um 10:00 Uhr schrieb Frau Dr. Maria Kurz in unserer Zeitung:",
        "On 5 May 2025 our director Maria Lopez wrote:",
        "On 5 May 2025 at 10:00 Maria Lopez wrote:",
    ],
)
def test_attribution_in_the_prose_of_a_letter(line: str) -> None:
    body = f"Dear all,\n\n{line}\n\nNobody knows our maps.\n\nWe want to be a partner. What must we do?"
    inquiry = _read(body)
    assert (inquiry.text, inquiry.quoted) == (body, "")
    assert _read(body, "Re: Request").text == "Dear all,"


def test_quote_in_a_mail_that_has_lost_its_mark() -> None:
    earlier = "On Mon, 2 Mar 2026 at 10:14 Team <team@wiki.example> wrote:\n\nShall we say Monday?"
    assert _read(f"Yes, Monday suits.\n\n{earlier}").text == "Yes, Monday suits."
    outlook = (
        "De : Secrétariat\nEnvoyé : lundi 6 novembre 2023 11:02\nÀ : Max Dale\nObjet : Carte\nTu relances ?"
    )
    assert _read(f"Voici la carte du musée.\n\n{outlook}").text == "Voici la carte du musée."


def test_our_own_old_mail_enclosed_by_who_asks() -> None:
    note = "We are a museum in Lima and want to join. Below is your answer of last year. How do we proceed?"
    ours = "From: Team <team@wiki.example>\nDate: Sun, 1 Mar 2025 09:00\nSubject: Programme\n\nPlease write to us."
    rita = "Rita Paz <rita@ngo.example>"
    inquiry = _read(f"{note}\n\n---------- Forwarded message ---------\n{ours}", "Fwd: Programme", rita)
    assert (inquiry.forward, inquiry.text) == (None, note)
    assert inquiry.author == Address(name="Rita Paz", address="rita@ngo.example")
    others = ours.replace("wiki.example", "elsewhere.example")
    assert _read(f"{note}\n\n---------- Forwarded message ---------\n{others}", "Fwd: P", rita).text == note
    everybodys = ours.replace("wiki.example", "gmail.com")
    shared = read_inquiry(
        parse_message(
            f"From: Max <max@wiki.example>\nTo: partners@gmail.com\nSubject: Fwd: P\n\nPlease take this.\n\n{everybodys}".encode()
        )
    )
    assert shared.author.address == "team@gmail.com"
    passed = f"Can you take this?\n\n---------- Forwarded message ---------\n{others}"
    assert _read(passed, "Fwd: P", rita).author.name == "Team"


@pytest.mark.parametrize("marker", ["Пересылаемое сообщение", "Forwarded message"])
@pytest.mark.parametrize("name", ["Иван Петров", '"Иван Петров"'])
@pytest.mark.parametrize("end", ["Конец пересылаемого сообщения", "End of forwarded message"])
def test_yandex_forward_with_an_attribution(marker: str, name: str, end: str) -> None:
    body = f"-------- {marker} --------\n01.03.2026, 09:00, {name} <ivan@uni.example>:\n\nНаш университет хочет стать партнёром."
    inquiry = _read(f"Смотрите\n\n{body}\n-------- {end} --------\n", "Fwd: Req")
    assert inquiry.author == IVAN
    assert inquiry.text == "Наш университет хочет стать партнёром."
    assert inquiry.forward is not None
    assert inquiry.forward.date is not None


def test_eml_sent_as_octets() -> None:
    body = (
        "--b\nContent-Type: text/plain\n\nPlease handle\n--b\n"
        'Content-Type: application/octet-stream; name="Request.eml"\n'
        'Content-Disposition: attachment; filename="Request.eml"\n\n'
        f"From: Pedro Silva <pedro@uni.example>\nSubject: Request\n\n{REQUEST}\n--b--"
    )
    inquiry = _read(
        body, "Fwd: Request", "Max <max@wiki.example>", "Content-Type: multipart/mixed; boundary=b"
    )
    assert (inquiry.author, inquiry.text) == (PEDRO, REQUEST)


def test_proton_marks_what_it_forwards() -> None:
    marked = "\n".join(f"> {line}" for line in REQUEST.split("\n"))
    block = (
        "From: Pedro Silva <pedro@uni.example>\nDate: On Sunday, March 1st, 2026 at 9:00 AM\nSubject: Request"
    )
    inquiry = _read(f"see\n\n------- Forwarded Message -------\n{block}\n\n\n{marked}", "Fw: Request")
    assert (inquiry.author, inquiry.text) == (PEDRO, REQUEST)


def test_address_of_who_is_named_alone_from_the_signature() -> None:
    block = "From: Pedro Silva\nSent: Sunday, March 1, 2026 9:00 AM\nTo: Max\nSubject: Request"
    body = f"Can you take this?\n\n{block}\n\n{REQUEST}\n\nPedro Silva\npedro@uni.example"
    assert _read(body, "FW: Request").author == PEDRO


@pytest.mark.parametrize(
    ("sender", "fields"),
    [
        ("nora=40museum.example@dmarc.ietf.example", ["List-Id: <partners.ietf.example>"]),
        ("nora=museum.example@dmarc.lists.wiki.example", ["List-Id: <partners.lists.wiki.example>"]),
        ("nora=museum.example@dmarc.lists.wiki.example", []),
    ],
)
def test_address_escaped_by_a_relay(sender: str, fields: list[str]) -> None:
    assert _read("Hi", "Coop", f"Nora Lind <{sender}>", *fields).author == NORA


def test_via_in_a_comment_without_fields_of_a_list() -> None:
    sender = "Nora Lind (via Partners List) <partners@wiki.example>"
    assert _read("Hi", "Coop", sender, "Reply-To: nora@museum.example").author == NORA


@pytest.mark.parametrize("word", ["par", "da", "von", "via", "über", "por", "przez", "через"])
def test_via_in_front_of_what_the_list_calls_itself(word: str) -> None:
    sender = f"Nora Lind {word} Partenaires <partners@lists.wiki.example>"
    fields = ["List-Id: Partenaires <partners.lists.wiki.example>", "Cc: Nora Lind <nora@museum.example>"]
    assert _read("Hi", "Coop", sender, *fields).author == NORA
    named = "Nora da Silva <partners@lists.wiki.example>"
    message = f"From: {named}\nList-Id: Partenaires <partners.lists.wiki.example>\n\nHi\n"
    assert author(parse_message(message.encode())).name == "Nora da Silva"


@pytest.mark.parametrize(
    "history",
    [
        '>>>>> "Team" == Team  <team@wiki.example> writes:\n\n    Team> hello there\n    Team> all',
        "##- Please type your reply above this line -##\n\nTeam (Institute)\nMar 2, 2026, 10:14 UTC\n\nDear Anna",
        "## Bitte antworten Sie oberhalb dieser Zeile ##\n\nTeam\n\nGuten Tag",
    ],
    ids=["supercite", "help desk", "help desk de"],
)
def test_history_of_other_programs_is_no_signature(history: str) -> None:
    inquiry = _read(
        f"We would gladly sign the agreement in May.\n\nKind regards\nAnna Berg\n\n{history}",
        "Re: Agreement",
        "Anna Berg <anna@museum.example>",
    )
    assert inquiry.text == "We would gladly sign the agreement in May."
    assert inquiry.signature == "Kind regards\nAnna Berg"


def test_one_line_with_an_arrow_is_no_citation() -> None:
    body = "We would pass the pictures on so:\n\nMuseum> archive\nArchive> library\n\nDoes that suit you?"
    assert _read(body).text == body


def test_confidentiality_notice_is_no_organisation() -> None:
    signed = "Saludos cordiales,\n\nMaría López\nDirectora\nUniversidad de Sevilla"
    notice = "Este mensaje y sus archivos adjuntos son confidenciales..."
    inquiry = _read(
        f"Queremos firmar un convenio.\n\n{signed}\n\n{notice}", "Hola", "María López <m@uni.example>"
    )
    assert inquiry.signed.organisation == "Universidad de Sevilla"
    officer = _read(
        "Shall we talk?\n\nRegards\nAda Lund\nChief Privacy Officer", "Hi", "Ada Lund <a@uni.example>"
    )
    assert officer.signed.role == "Chief Privacy Officer"
