"""Machines are told from people, also from people who write about machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.parsing.automatic import automatic
from pipeline.parsing.mime import parse_message
from pipeline.records.inquiries import Automatic

CALENDAR = (
    "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain\n\n{text}\n"
    "--m\nContent-Type: text/calendar; method={method}\n\nBEGIN:VCALENDAR\nMETHOD:{method}\nEND:VCALENDAR\n--m--\n"
)


def verdict(
    subject: str, body: str, sender: str = "Anna Berg <anna@museum.example>", fields: str = ""
) -> Automatic | None:
    head = f"From: {sender}\nTo: partnerships@wikimedia.example\nSubject: {subject}\n{fields}"
    gap = "" if body.startswith("MIME-Version") else "\n"
    return automatic(parse_message(f"{head}{gap}{body}\n".encode()))


HUMAN = [
    (
        "Re: Automatic reply: our proposal",
        "I got your out-of-office. When are you back? We would like to donate our scans.",
    ),
    (
        "Fwd: Undeliverable: letter",
        "Dear all, this bounced, can you help?\n\n> could not be delivered\n> 550 5.1.1 user unknown",
    ),
    (
        "Fw: Undelivered Mail Returned to Sender",
        "My mail to your chapter came back. Who is responsible?\n\nYour message could not be delivered to one recipient.",
    ),
    (
        "Invitation: become a partner of our festival",
        "We invite you to become a partner of our book festival in May.",
    ),
    (
        "Accepted papers: your workshop",
        "Your paper was accepted. We would like to cooperate on an edit-a-thon.",
    ),
    ("Out of office hours workshop", "We plan a workshop out of office hours, would you come?"),
    ("Absence of articles on our collection", "We noticed the absence of articles and wish to help."),
    ("Abwesenheit von Artikeln über unser Museum", "Wir möchten das ändern und bieten Bilder an."),
    (
        "Réponse automatique aux questions : un projet",
        "Nous étudions la réponse automatique et cherchons un partenaire.",
    ),
    (
        "Autoreply for talk pages: a tool",
        "We built a tool that sends an autoreply on talk pages. Interested?",
    ),
    ("Auto: digitising our car museum", "We are a car museum and offer photographs."),
    (
        "Re: meeting",
        "I am on leave until 5 May, so let us meet after that. In urgent cases please call Maria.",
    ),
    (
        "Cooperation",
        "I am out of the office this week but write to you now: we release photographs. For urgent matters call Jan.",
    ),
    ("Vacation scans", "I am on vacation and scanned 200 postcards. Where do I upload them?"),
    ("Delivery of the scans failed", "The delivery of the hard disk failed, the courier could not find you."),
    (
        "Mailing list rules",
        "Should posts be held for approval? Moderation requests waiting for days are bad.",
    ),
    (
        "Newsletter of the museums, May",
        "Dear readers, three new museums.\n\nYou are receiving this because you subscribed.",
    ),
    (
        "Tool",
        "Our bot writes automatically generated articles; this was written by hand. Do you want the bot?",
    ),
    (
        "Question",
        "I received 'this is an automated reply, please do not reply to this message'. Is a human there?",
    ),
    ("Reminder: our proposal of March", "We wrote in March and have no answer yet."),
    ("Davet: Ankara 2026 konferansı", "Sizi konferansımıza davet ediyoruz."),
    ("We received your proposal", "Dear colleagues, we have received your proposal and would like to meet."),
    ("Confirmation of receipt of our agreement", "Thank you, we received your signed agreement. Anna"),
    ("Our curator is away", "Our curator is away, so I write to you instead."),
    (
        "Invitation: conference @ Riga 10:30 on 3 May",
        "We invite you to our conference and ask for a keynote.",
    ),
    ("Cancelled: our meeting", "Sorry, I have to cancel our meeting tomorrow. Can we meet next week?"),
    ("Zugesagt: 5.000 Euro für das Projekt", "Die Stiftung hat zugesagt. Können wir anfangen?"),
    ("Bot for Wikipedia", "I'm a bot developer and want to cooperate."),
    (
        "About a bounce",
        "My mail could not be delivered (550 5.1.1 user unknown). We want to donate our archive.",
    ),
    ("Anfrage", "Diese E-Mail wurde automatisch übersetzt. Wir sind ein Museum und bieten Bilder an."),
    (
        "Letter from the ministry",
        "This is a system generated letter and needs no signature. The ministry invites you.",
    ),
    ("[Partners] Unsubscribe", "Please unsubscribe me."),
]


@pytest.mark.parametrize(("subject", "body"), HUMAN, ids=[subject for subject, _ in HUMAN])
def test_person(subject: str, body: str) -> None:
    assert verdict(subject, body) is None


def test_person_behind_a_web_form() -> None:
    body = (
        "Name: Anna Berg\nEmail: anna@museum.example\nMessage: We would like to upload our collection. Who can help?\n\n"
        "This message was generated automatically by the contact form. Please do not reply to this e-mail."
    )
    assert (
        verdict("New submission", body, "noreply@museum.example", "Auto-Submitted: auto-generated\n") is None
    )
    assert verdict("New submission", body, "noreply@museum.example") is None


@pytest.mark.parametrize(
    "fields",
    [
        "Precedence: bulk\n", "Precedence: list\nList-Id: <x.y.example>\n", "X-Auto-Response-Suppress: All\n",
        "Auto-Submitted: no\n", "Return-Path: <>\n", "Return-Path: <x-bounces@y.example>\n",
    ],
)  # fmt: skip
def test_one_weak_field_is_no_proof(fields: str) -> None:
    assert (
        verdict("Proposal", "Dear team, we are a library and offer our scans. Best, Anna", fields=fields)
        is None
    )


def test_person_behind_an_address_that_takes_no_replies() -> None:
    body = "Please do not reply to this address, write to anna@museum.example instead. We offer 300 scans."
    assert verdict("Offer", body, "no-reply@museum.example") is None


def test_letter_with_an_appointment_is_from_a_person() -> None:
    text = (
        "Dear team, as agreed I send the appointment for our first meeting on the scans; please bring the contract. "
        * 3
    )
    assert verdict("Our meeting", CALENDAR.format(text=text, method="REQUEST")) is None


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Automatic reply: scans", "I am away."),
        ("Abwesend: Re: Karten", "Ich bin bis Montag nicht im Büro."),
        ("[Partners] Réponse automatique : projet", "Je suis absente."),
        ("Resposta automática: parceria", "Estou de férias."),
        ("Autosvar: projekt", "Jag är på semester."),
        ("Automatyczna odpowiedź: skany", "Jestem na urlopie."),
        ("Автоответ: сканы", "Я в отпуске."),
        ("自动回复: 合作", "我在休假。"),
        ("不在通知 Re: 提案", "休暇をいただいております。"),
        ("رد تلقائي: تعاون", "أنا في إجازة."),
        ("Otomatik yanıt: işbirliği", "İzindeyim."),
        ("Anna Berg is out of the office.", "I will be out of the office until Monday."),
        (
            "Re: scans",
            "Ik ben met vakantie tot 3 augustus en lees geen mail. Bij spoed kunt u de balie bellen.",
        ),
        (
            "Re: scans",
            "Dies ist eine automatisch erstellte Antwort. Bitte antworten Sie nicht auf diese E-Mail.",
        ),
    ],
)
def test_automatic_reply(subject: str, body: str) -> None:
    assert verdict(subject, body) is Automatic.AUTO_REPLY


@pytest.mark.parametrize(
    "fields", ["Auto-Submitted: auto-replied\n", "X-Autoreply: yes\n", "Precedence: auto_reply\n"]
)
def test_automatic_reply_by_its_fields(fields: str) -> None:
    assert verdict("Re: scans", "Thank you.", fields=fields) is Automatic.AUTO_REPLY


@pytest.mark.parametrize(
    ("subject", "body", "sender"),
    [
        ("Undelivered Mail Returned to Sender", "This is the mail system.", "MAILER-DAEMON@mx.example"),
        (
            "Unzustellbar: Karten",
            "Ihre Nachricht konnte nicht zugestellt werden. 550 5.1.1",
            "Postmaster <postmaster@x.example>",
        ),
        (
            "Échec de la remise : lettre",
            "Votre message n'a pas pu être remis. 550 5.1.1",
            "Exchange <exchange@x.example>",
        ),
        ("Не доставлено: сканы", "Доставить письмо не удалось: 550 5.2.2", "postmaster@x.example"),
        ("failure notice", "Hi. I'm afraid I wasn't able to deliver your message. 550 no such user", "<>"),
    ],
)
def test_bounce(subject: str, body: str, sender: str) -> None:
    assert verdict(subject, body, sender) is Automatic.BOUNCE


def test_reports_by_type() -> None:
    def report(kind: str) -> Automatic | None:
        body = f"MIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary=m\n\n--m\n\nhi\n--m--"
        return verdict("Read: scans", body)

    assert report("delivery-status") is Automatic.BOUNCE
    assert report("disposition-notification") is Automatic.REPORT
    assert report("feedback-report") is Automatic.REPORT
    aggregate = verdict(
        "Report Domain: museum.example Submitter: mx.example Report-ID: 1", "", "noreply-dmarc@mx.example"
    )
    assert aggregate is Automatic.REPORT


@pytest.mark.parametrize("method", ["REPLY", "COUNTER", "CANCEL"])
def test_answers_of_calendars(method: str) -> None:
    assert verdict("whatever", CALENDAR.format(text="Anna", method=method)) is Automatic.CALENDAR


def test_calendar_by_its_words() -> None:
    assert (
        verdict("Zugesagt: Treffen @ Do 3. Juli 10:00", "Anna hat diese Einladung angenommen.")
        is Automatic.CALENDAR
    )
    assert (
        verdict("Invitation: kick-off", CALENDAR.format(text="When: Monday", method="REQUEST"))
        is Automatic.CALENDAR
    )


@pytest.mark.parametrize(
    ("subject", "body", "sender"),
    [
        (
            "3 Partners moderator request(s) waiting",
            "Please attend to this.",
            "partners-bounces@lists.example",
        ),
        (
            'Welcome to the "Partners" mailing list',
            "Your subscription to the list was confirmed.",
            "partners-request@lists.example",
        ),
        (
            "confirm 3fa9b7",
            "To confirm that you want to be added, reply.",
            "partners-confirm+3fa9b7@lists.example",
        ),
        (
            "Votre message attend l'approbation du modérateur",
            "Il est en attente.",
            "partners-owner@lists.example",
        ),
    ],
)
def test_list_administration(subject: str, body: str, sender: str) -> None:
    assert verdict(subject, body, sender) is Automatic.LIST_ADMIN


def test_other_machines() -> None:
    body = "State: CRITICAL\n\nThis message was generated automatically."
    assert verdict("PROBLEM: host db1 is DOWN", body, "nagios@monitor.example") is Automatic.OTHER
    receipt = (
        "Your request has been received and a ticket has been opened. Please do not reply to this message."
    )
    assert verdict("Ticket #4711 has been created", receipt, "noreply@desk.example") is Automatic.AUTO_REPLY


def test_bounce_goes_before_automatic_reply() -> None:
    verdict_ = verdict(
        "Undeliverable: scans", "not delivered", "postmaster@x.example", "Auto-Submitted: auto-replied\n"
    )
    assert verdict_ is Automatic.BOUNCE


def test_training_fixtures(fixtures: Path, train_labels: dict[str, dict[str, str]]) -> None:
    right = wrong = missed = 0
    for name, row in train_labels.items():
        found = automatic(parse_message((fixtures / "messages" / f"{name}.eml").read_bytes()))
        machine = row["kind"] == "automated"
        if found and not machine:
            assert row["kind"] == "spam", name  # a person's mail is never taken for a machine's
            wrong += 1
        right += machine and found is not None
        missed += machine and found is None
    assert right / (right + wrong) >= 0.97
    assert right / (right + missed) >= 0.95
