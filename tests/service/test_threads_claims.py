"""What a message claims: references, tickets, subjects, times, people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import parsing
from pipeline.records.threads import Claims, Voice
from pipeline.service.claims import address_key, claims, thread_subject
from pipeline.service.generic import is_generic
from pipeline.service.tickets import ticket_of, without_ticket
from tests.support.mails import NOW, letter


def said(headers: str = "", subject: str = "Glass plates", **more: Any) -> Claims:
    return claims(
        parsing.read(letter(headers=headers, subject=subject, **more)), ("wanjiru@desk.example",), NOW
    )


@pytest.mark.parametrize(
    ("subject", "ticket"),
    [
        ("[Ticket#2026112210000022] Re: note", "ticket#2026112210000022"),
        ("Re: Plates [Ticket: 123]", "ticket#123"),
        ("AW: [Ticket ID: 99] plates", "ticket#99"),
        ("Ticket#2026112210000022: plates", "ticket#2026112210000022"),
        ("[#4711] plates", "#4711"),
        ("[desk.example #4711] plates", "deskexample#4711"),
        ("[Vorgang 2026-17] Platten", "vorgang#2026-17"),
        ("工单 plates [工单:88]", "工单#88"),
        ("[Ticket＃２０２６１１] plates", "ticket#202611"),
        ("[Aktenzeichen 17] Platten", "aktenzeichen#17"),
        ("[#12] plates", None),
        ("[Partners] plates", None),
        ("Case # 12 of 100", None),
        ("Plates #4711", None),
        ("[Case 12 of 3]", None),
    ],
)
def test_tickets(subject: str, ticket: str | None) -> None:
    assert ticket_of(subject, ("Aktenzeichen",)) == ticket


def test_a_ticket_is_no_part_of_the_subject() -> None:
    assert said(subject="Re: [Ticket: 123] Glass plates").subject == "glass plates"
    assert said(subject="Glass plates [#4711]").subject == "glass plates"
    assert without_ticket("[Ticket#1] plates").strip() == "plates"


@given(st.text(max_size=500))
def test_any_subject_has_a_ticket_or_none(subject: str) -> None:
    found = ticket_of(subject, ("[.*",))
    assert found is None or (len(found) <= 64 and "#" in found)


@given(st.text(max_size=3000))
def test_a_folded_subject_is_short_and_folds_to_itself(subject: str) -> None:
    folded = thread_subject(subject)
    assert len(folded) <= 255
    assert thread_subject(folded) == folded
    assert is_generic(folded) in (True, False)


def test_reply_marks_case_and_width_do_not_matter() -> None:
    plain = said(subject="Glass plates: 300").subject
    for other in (
        "RE: Glass Plates - 300",
        "AW: SV: glass  plates: 300",
        "[Partners] Glass plates: 300",
        "回复：Ｇlass plates：300",
    ):
        assert said(subject=other).subject == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("کتاب‌خانه ملی", "کتاب‌خانه ملی"),
        ("مُتحف القاهرة", "متحف القاهرة"),
        ("सहयोग का प्रस्ताव!", "Re: सहयोग का प्रस्ताव"),
    ],
)
def test_marks_that_people_leave_out_do_not_matter(one: str, other: str) -> None:
    assert thread_subject(one) == said(subject=other).subject
    assert len(thread_subject(one).split()) == len(one.rstrip("!").split())


def test_what_a_machine_puts_before_the_subject_is_taken_off() -> None:
    for subject in (
        "Automatic reply: Glass plates",
        "Automatische Antwort: Glass plates",
        "Out of Office Re: Glass plates",
    ):
        found = said("Auto-Submitted: auto-replied", subject)
        assert (found.voice, found.subject) == (Voice.MACHINE, "glass plates")


def test_references_are_cleaned_and_bounded() -> None:
    many = " ".join(f"<{number}@x.example>" for number in range(150))
    found = said(f"References: <one@x.example> {many}")
    assert len(found.refers) == 100
    assert "one@x.example" not in found.refers
    assert found.refers[-1] == "149@x.example"


def test_a_message_id_that_no_program_makes_is_none() -> None:
    octets = letter().replace(b"<one@x.example>", b"<one\x00@x.example>")
    assert "\x00" not in claims(parsing.read(octets), (), NOW).header_id
    assert claims(parsing.read(letter(identifier="x" * 5000 + "@x.example")), (), NOW).header_id == ""


def test_a_date_is_believed_where_it_is_plausible() -> None:
    inquiry = parsing.read(letter(), NOW)
    assert claims(inquiry, (), NOW).written_at == inquiry.message.date
    late = NOW + timedelta(days=40)
    assert claims(parsing.read(letter(), late), (), late).written_at == late
    early = NOW - timedelta(days=40)
    assert claims(parsing.read(letter(), early), (), early).written_at == early


def test_who_takes_part() -> None:
    found = said("Cc: Luc <luc@museum.example>\nReply-To: office@museum.example")
    assert found.others == ("partnerships@wikimedia.example", "luc@museum.example", "office@museum.example")
    assert said(sender="Wanjiru <Wanjiru@desk.example>").voice is Voice.DESK


def test_addresses_are_compared_as_they_were_before_a_list_wrapped_them() -> None:
    assert address_key("Anna=Example.org@lists.example") == "anna@example.org"
    assert address_key("anna%40example.org@lists.example") == "anna@example.org"
    assert address_key("a=b@example.org") == "a=b@example.org"


def test_outlooks_conversation_is_the_same_in_its_answers() -> None:
    root = "Aaq7zRmq0dHhAFxGRVWx7cPzvMCnIA=="
    answer = "Aaq7zRmq0dHhAFxGRVWx7cPzvMCnIAABAgME"
    assert said(f"Thread-Index: {root}").thread_index == said(f"Thread-Index: {answer}").thread_index != ""
    for broken in ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "short", "!!!!", "A" * 100_000):
        assert said(f"Thread-Index: {broken}").thread_index == ""


def test_a_bounce_names_the_mail_that_came_back_even_in_its_text() -> None:
    octets = letter(
        sender="Mail Delivery <mailer-daemon@mx.example>", subject="Undelivered Mail Returned to Sender",
        headers="Auto-Submitted: auto-replied\nX-Failed-Recipients: a@x.example",
        body=b"It could not be delivered.\r\n\r\n--- original ---\r\nMessage-ID: <lost@desk.example>\r\nSubject: x\r\n",
    )  # fmt: skip
    assert claims(parsing.read(octets), (), NOW).refers == ("lost@desk.example",)
