"""What bounces of many mail servers say of the delivery; and that nothing can be made of hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import parsing
from pipeline.parsing.failures import failure
from pipeline.records.inquiries import Automatic, Failure
from pipeline.records.messages import Address, Attachment, ParsedMessage


def report(*recipients: str, subject: str = "Undelivered Mail Returned to Sender", words: str = "") -> bytes:
    """Return a delivery report (RFC 3464) with these per-recipient fields."""
    blocks = "\r\n\r\n".join(
        ("Reporting-MTA: dns; mx.wiki.example\r\nArrival-Date: Mon, 2 Mar 2026 07:00:00 +0000", *recipients)
    )
    return (
        "From: MAILER-DAEMON@mx.wiki.example (Mail Delivery System)\r\nTo: desk+b-abcdefghijklmnop@wiki.example\r\n"
        f"Subject: {subject}\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        f"--B\r\nContent-Type: text/plain\r\n\r\n{words or 'I could not deliver it.'}\r\n"
        f"--B\r\nContent-Type: message/delivery-status\r\n\r\n{blocks}\r\n\r\n"
        "--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <daily.1@wiki.example>\r\nSubject: 5.9.9\r\n\r\n--B--\r\n"
    ).encode()


def recipient(action: str, status: str, more: str = "") -> str:
    return f"Final-Recipient: rfc822; ana@wiki.example\r\nAction: {action}\r\nStatus: {status}{more}"


@pytest.mark.parametrize(
    ("recipients", "expected"),
    [
        ([recipient("failed", "5.1.1")], Failure(status="5.1.1", permanent=True)),
        ([recipient("FAILED", "5.2.2 (mailbox full)")], Failure(status="5.2.2", permanent=True)),
        # Given up after days: another day it may work.
        ([recipient("failed", "4.4.7")], Failure(status="4.4.7", permanent=False)),
        ([recipient("delayed", "4.4.1")], Failure(status="4.4.1", permanent=False)),
        # Some servers warn of a delay with a code of the other class.
        ([recipient("delayed", "5.0.0")], Failure(status="5.0.0", permanent=False)),
        ([recipient("delivered", "2.1.5")], Failure(status="2.1.5", permanent=False)),
        ([recipient("relayed", "")], Failure(status="2.0.0", permanent=False)),
        ([recipient("failed", "none")], Failure(status="5.0.0", permanent=True)),
        # A status that says no more than its class, beside a server's answer that does.
        (
            [recipient("failed", "5.0.0", "\r\nDiagnostic-Code: smtp; 451 4.7.1 greylisted")],
            Failure(status="4.7.1", permanent=False),
        ),
        (
            [recipient("failed", "5.1.1"), recipient("failed", "5.1.2")],
            Failure(status="5.1.1", permanent=True),
        ),
        # One of those behind an alias got it.
        (
            [recipient("failed", "5.1.1"), recipient("delivered", "2.0.0")],
            Failure(status="2.0.0", permanent=False),
        ),
        (
            [recipient("failed", "5.7.1", "\r\nDiagnostic-Code: smtp; 550\r\n 4.9.9 folded")],
            Failure(status="5.7.1", permanent=True),
        ),
    ],
)
def test_delivery_reports(recipients: list[str], expected: Failure) -> None:
    assert parsing.read(report(*recipients)).failure == expected


def plain(sender: str, subject: str, body: str, headers: str = "") -> bytes:
    return (
        f"Return-Path: <>\r\nFrom: {sender}\r\nTo: desk+b-abcdefghijklmnop@wiki.example\r\nSubject: {subject}\r\n"
        f"{headers}Content-Type: text/plain\r\n\r\n" + body.replace("\n", "\r\n")
    ).encode()


QMAIL = """Hi. This is the qmail-send program at mx.wiki.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana@wiki.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <desk+b-abcdefghijklmnop@wiki.example>
Subject: 4.2.2
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ana@wiki.example
    host mx.wiki.example [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<ana@wiki.example>:
    550 no such user here
"""
EXIM_DELAY = """This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.wiki.example.

The address to which the message has not yet been delivered is:

  ana@wiki.example
    Delay reason: mailbox is busy

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered.
"""
BARE = """Your message to ana@wiki.example could not be delivered.
"""


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (
            plain("MAILER-DAEMON@mx.wiki.example", "failure notice", QMAIL),
            Failure(status="5.1.1", permanent=True),
        ),
        (
            plain(
                "Mail Delivery System <Mailer-Daemon@mx.wiki.example>",
                "Mail delivery failed: returning message to sender",
                EXIM,
                "X-Failed-Recipients: ana@wiki.example\r\nAuto-Submitted: auto-replied\r\n",
            ),
            Failure(status="5.0.0", permanent=True),
        ),
        (
            plain(
                "Mail Delivery System <Mailer-Daemon@mx.wiki.example>",
                "Warning: message 1abc-2 delayed 24 hours",
                EXIM_DELAY,
                "Auto-Submitted: auto-replied\r\n",
            ),
            Failure(status="4.0.0", permanent=False),
        ),
        (
            plain("MAILER-DAEMON@mx.wiki.example", "Undelivered Mail Returned to Sender", BARE),
            Failure(status="5.0.0", permanent=True),
        ),
    ],
    ids=["qmail", "exim", "exim-delay", "bare"],
)
def test_bounces_in_words(octets: bytes, expected: Failure) -> None:
    assert parsing.read(octets).failure == expected


def test_no_code_is_read_out_of_addresses_dates_and_versions() -> None:
    body = QMAIL.replace("(#5.1.1)", "").replace("<ana", "<5.1.1.4 on 4.96.2 after 450 days, 192.5.1.1, <ana")
    told = parsing.read(plain("MAILER-DAEMON@mx.wiki.example", "failure notice", body)).failure
    assert told == Failure(status="5.0.0", permanent=True)


def test_people_and_other_machines_tell_of_no_failure() -> None:
    letter = (
        b"From: Ana <ana@wiki.example>\r\nSubject: 550 5.1.1\r\n\r\nOur archive has 550 5.1.1 plates.\r\n"
    )
    assert parsing.read(letter).failure is None
    away = b"From: Ana <ana@wiki.example>\r\nSubject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nBack on Monday.\r\n"
    assert parsing.read(away).failure is None


@given(st.binary(max_size=400), st.text(max_size=200))
def test_any_octets_are_read(payload: bytes, words: str) -> None:
    attached = Attachment(name="", content_type="message/delivery-status", size=len(payload), payload=payload)
    message = ParsedMessage(
        sha256="", message_id="", date=None, from_=Address(), text_plain=words, attachments=(attached,)
    )
    told = failure(message, Automatic.BOUNCE)
    assert told is not None
    assert told.status[0] in "245"
    assert len(told.status) < 16


def test_a_report_without_end_is_cut_off() -> None:
    endless = report(*[recipient("failed", "5.1.1")] * 20_000)
    assert parsing.read(endless).failure == Failure(status="5.1.1", permanent=True)
