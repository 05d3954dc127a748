"""Mails made of articles: what a customer's program would have sent, and nothing that an article could smuggle in."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import parsing
from pipeline.adapters.otrs.mail import TICKET_FIELD, compose, identifier
from pipeline.records.inquiries import Automatic
from pipeline.records.tickets import Article, Ticket, TicketFile
from pipeline.service.digests import _message_id
from pipeline.settings import Smtp

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PDF = TicketFile(
    name="Entwurf ü.pdf", content_type="application/pdf", disposition="attachment", content=b"%PDF-1.4"
)
HTML = TicketFile(
    name="file-2",
    content_type='text/html; charset="utf-8"',
    disposition="inline",
    alternative=True,
    content=b"<p>We <b>offer</b></p>",
)


def article(**more: Any) -> Article:
    values: dict[str, Any] = {
        "id": 4, "sender_type": "customer", "visible": True, "from_": "Pat Partner <pat@acme.example>",
        "to": "Partnerships <partnerships@help.example>", "cc": "", "reply_to": "", "subject": "Offer",
        "message_id": "<prop1@acme.example>", "in_reply_to": "", "references": "", "mime_type": "text/plain",
        "body": "We offer.\n", "created_at": NOON,
    }  # fmt: skip
    return Article(**{**values, **more})


def ticket(*articles: Article, number: str = "2026112210000022") -> Ticket:
    return Ticket(
        id=3, number=number, title="Offer", queue="Partnerships", state="new", priority_id=3, owner="root@localhost",
        locked=False, created_at=NOON, changed_at=NOON, articles=articles,
    )  # fmt: skip


def octets(one: Article, first: Article | None = None) -> bytes:
    return compose("desk", ticket(one), one, first)


def test_a_plain_article_becomes_the_mail_that_it_was() -> None:
    read = parsing.read(octets(article(subject="Grüße – Ωμέγα", body="Zażółć.\n")))
    assert read.message.message_id == "prop1@acme.example"
    assert read.author.address == "pat@acme.example"
    assert read.author.name == "Pat Partner"
    assert [one.address for one in read.message.to] == ["partnerships@help.example"]
    assert read.message.subject == "Grüße – Ωμέγα"
    assert read.message.date == NOON
    assert read.message.header(TICKET_FIELD) == "2026112210000022"
    assert read.body.strip() == "Zażółć."
    assert read.message.defects == ()


def test_html_beside_the_text_and_attachments_are_parts() -> None:
    read = parsing.read(octets(article(files=(PDF, HTML))))
    assert read.message.text_plain.strip() == "We offer."
    assert "<b>offer</b>" in read.message.text_html
    assert [(one.name, one.content_type) for one in read.message.attachments] == [
        ("Entwurf ü.pdf", "application/pdf")
    ]
    assert read.message.attachments[0].payload == b"%PDF-1.4"
    assert read.message.defects == ()


def test_an_article_that_is_html_alone_is_html() -> None:
    read = parsing.read(octets(article(mime_type="text/html", body="<p>We <b>offer</b> a scan.</p>")))
    assert read.message.text_plain == ""
    assert "<b>offer</b>" in read.message.text_html
    assert "We offer a scan." in read.body


def test_an_html_file_that_somebody_attached_stays_an_attachment() -> None:
    page = TicketFile(
        name="page.html", content_type="text/html", disposition="attachment", content=b"<p>page</p>"
    )
    read = parsing.read(octets(article(files=(page,))))
    assert read.message.text_html == ""
    assert [one.name for one in read.message.attachments] == ["page.html"]


def test_an_attached_mail_is_a_mail() -> None:
    inner = b"From: ada@museum.example\r\nSubject: Inner\r\n\r\nText\r\n"
    attached = TicketFile(
        name="mail.eml", content_type="message/rfc822", disposition="attachment", content=inner
    )
    read = parsing.read(octets(article(files=(attached,))))
    assert [one.content_type for one in read.message.attachments] == ["message/rfc822"]


def test_a_later_article_refers_to_the_first_even_where_its_sender_did_not() -> None:
    first, later = article(), article(id=9, message_id="<b@acme.example>")
    read = parsing.read(octets(later, first))
    assert read.message.in_reply_to == ("prop1@acme.example",)
    assert read.message.references == ("prop1@acme.example",)
    answer = article(
        id=9, message_id="<b@acme.example>", in_reply_to="<x@help.example>", references="<w@help.example>"
    )
    read = parsing.read(octets(answer, first))
    assert read.message.in_reply_to == ("x@help.example",)
    assert read.message.references == ("prop1@acme.example", "w@help.example", "x@help.example")


def test_a_digest_of_this_program_that_became_a_ticket_is_known_for_its_own() -> None:
    smtp = Smtp(host="mail.example", from_address="triage@help.example")
    own = _message_id(smtp, "partnerships@help.example", "weekly", "2026-W47")
    assert parsing.read(octets(article(message_id=own))).automatic is Automatic.OWN
    assert parsing.read(octets(article())).automatic is None


def test_what_never_was_a_mail_gets_an_identifier_that_stays() -> None:
    call = article(message_id="")
    assert identifier("desk", call) == "<desk.4@otrs.invalid>"
    assert octets(call) == octets(call)


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Müller, Jörg <joerg@acme.example>", "Müller, Jörg", "joerg@acme.example"),
        ('"Müller, Jörg" <joerg@acme.example>', "Müller, Jörg", "joerg@acme.example"),
        ("pat@acme.example", "", "pat@acme.example"),
        ("Pat (the <best>) <pat@acme.example>", "Pat (the <best>)", "pat@acme.example"),
        ('Pat "P" O\\Neil <pat@acme.example>', 'Pat "P" O\\Neil', "pat@acme.example"),
        ("=?utf-8?q?Pat?= <pat@acme.example>", "=?utf-8?q?Pat?=", "pat@acme.example"),
    ],
)
def test_names_as_the_help_desk_decoded_them_are_read_back(written: str, name: str, address: str) -> None:
    read = parsing.read(octets(article(from_=written)))
    assert (read.message.from_.name, read.message.from_.address) == (name, address)


def test_lists_of_people_keep_everybody() -> None:
    to = 'Müller, Jörg <j@acme.example>, ada@museum.example; "Lee, Kim" <kim@x.example>'
    read = parsing.read(octets(article(to=to)))
    assert [one.address for one in read.message.to] == [
        "j@acme.example",
        "ada@museum.example",
        "kim@x.example",
    ]
    assert [one.name for one in read.message.to] == ["Müller, Jörg", "", "Lee, Kim"]


def test_nothing_in_an_article_adds_a_field_or_ends_the_header() -> None:
    evil = "x\r\nBcc: spy@evil.example\r\n\r\n<html>\n\x00\u2028X-Evil: 1"
    bad = TicketFile(
        name=evil + '"; x="', content_type="text/plain\r\nX-Evil: 1", content_id=f"<{evil}>", content=b"x"
    )
    odd = article(
        from_=evil + " <pat@acme.example>", to=evil, cc=evil, reply_to=evil, subject=evil, message_id=f"<{evil}>",
        in_reply_to=f"<{evil}>", references=f"<{evil}> <ok@acme.example>", files=(bad,),
    )  # fmt: skip
    made = compose("desk", ticket(odd, number="1\r\nX-Evil: 1"), odd, None)
    head = made.split(b"\r\n\r\n", 1)[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert set(names) <= {
        b"Date", b"From", b"To", b"Cc", b"Reply-To", b"Subject", b"Message-ID", b"In-Reply-To", b"References",
        TICKET_FIELD.encode(), b"MIME-Version", b"Content-Type",
    }  # fmt: skip
    assert len(names) == len(set(names))
    parsed = email.message_from_bytes(made, policy=email.policy.compat32)
    assert all("Evil" not in name and name != "Bcc" for part in parsed.walk() for name in part)


# With halves of surrogate pairs, as JSON can spell them.
TEXT = st.text(
    alphabet=st.one_of(
        st.characters(), st.characters(categories=["Cs", "Cc"]), st.sampled_from('"<>,;:@\\=?')
    ),
    max_size=60,
)
FILES = st.builds(
    TicketFile,
    name=TEXT,
    content_type=st.one_of(
        TEXT, st.sampled_from(["text/html", "message/rfc822", "multipart/mixed", "image/png"])
    ),
    disposition=st.sampled_from(["", "inline", "attachment"]),
    content_id=TEXT,
    alternative=st.booleans(),
    content=st.binary(max_size=60),
)


@given(
    from_=TEXT, to=TEXT, cc=TEXT, reply_to=TEXT, subject=TEXT, message_id=TEXT, in_reply_to=TEXT, references=TEXT,
    mime_type=st.sampled_from(["", "text/plain", "text/html"]), body=TEXT, files=st.lists(FILES, max_size=3).map(tuple),
)  # fmt: skip
def test_whatever_an_article_holds_its_text_comes_back_and_no_field_is_added(**values: Any) -> None:
    one = article(**values)
    made = octets(one)
    assert made == octets(one)
    read = parsing.read(made)
    allowed = {
        "date", "from", "to", "cc", "reply-to", "subject", "message-id", "in-reply-to", "references",
        TICKET_FIELD.lower(), "mime-version", "content-type", "content-transfer-encoding",
    }  # fmt: skip
    assert {name.lower() for name, _ in read.message.header_fields} <= allowed
    assert read.message.header("Date") is not None
    main: Any = email.message_from_bytes(made)
    while main.is_multipart():
        main = main.get_payload(0)
    payload = main.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload == values["body"].encode("utf-8", "replace")
