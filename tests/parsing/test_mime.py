"""Messages with one oddity each, and what must be read from them all the same."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import UnreadableMessage
from pipeline.parsing.mime import parse_message
from pipeline.records.messages import Address, ParsedMessage

DATA = Path(__file__).with_name("data")


def read(name: str) -> ParsedMessage:
    return parse_message((DATA / f"{name}.eml").read_bytes())


def test_raw_utf8_in_the_header_is_read() -> None:
    message = read("raw-utf8-header")
    assert message.subject == "Für die Sammlung – größer"
    assert message.from_ == Address(name="Zoë Müller", address="zoe@museum.example")
    assert message.date == datetime(2026, 7, 13, 5, 2, tzinfo=UTC)
    assert message.header("subject") == message.subject
    assert message.defects == ()


def test_raw_octets_of_another_charset_in_the_header_are_guessed() -> None:
    assert read("raw-cp1251-header").subject == "Предложение о сотрудничестве с музеем"


def test_encoded_words_split_within_a_character() -> None:
    message = read("words-split-within-character")
    assert message.from_.name == "Zoë M"
    assert message.subject == "café au lait"


def test_broken_encoded_words_do_not_break_the_rest() -> None:
    subject = read("words-broken").subject
    assert subject.endswith("end")
    assert "\ufffd" not in subject


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("utf8-declared-cp1252-sent", "Un café à la bibliothèque — merci\n"),
        ("latin1-declared-utf8-sent", "Un café à la bibliothèque\n"),
    ],
)
def test_wrongly_declared_charset(name: str, text: str) -> None:
    message = read(name)
    assert message.text_plain == text
    assert any("declared charset" in defect for defect in message.defects)


def test_utf7_is_decoded() -> None:
    assert read("utf7-body").text_plain == "Grüße aus Köln\n"


def test_nul_octets_are_dropped_and_noted() -> None:
    message = read("nul-octets")
    assert message.subject == "ab"
    assert message.text_plain == "onetwo\n"
    assert "control characters in the text" in message.defects


def test_impossible_date_is_none() -> None:
    message = read("year-naught")
    assert message.date is None
    assert "impossible date" in message.defects


def test_first_of_several_froms_wins_and_is_noted() -> None:
    message = read("several-froms")
    assert message.from_.address == "first@b.example"
    assert message.headers("from") == ("First One <first@b.example>", "Second <second@b.example>")
    assert "several From fields" in message.defects


def test_mbox_line_is_skipped() -> None:
    assert read("mbox-line").subject == "after the mbox line"


def test_body_without_an_empty_line() -> None:
    message = read("no-blank-line")
    assert message.subject == "no gap"
    assert message.text_plain == "and here the text begins at once\nand goes on\n"
    assert "no empty line between header and body" in message.defects


def test_parameter_folded_without_white_space() -> None:
    assert read("fold-without-space").text_plain.strip() == "inside"


def test_flowed_text_is_joined_with_its_quote_marks() -> None:
    lines = read("flowed-delsp").text_plain.split("\n")
    assert lines == ["これは長い行です。", ">> quotedwords", "> less", "stuffed", "-- ", "Signer", ""]


def test_alternatives_inline_image_attachment_and_footer() -> None:
    message = read("alternative-and-inline-image")
    assert message.text_plain == "plain words\nlist footer\n"
    assert message.text_html == "<p>html words</p>"
    assert [(item.name, item.content_type) for item in message.attachments] == [
        ("", "image/png"),
        ("notes.txt", "text/plain"),
    ]
    assert message.attachments[0].payload == b"\x89PNG\r\n\x1a\n"


def test_attached_message_is_one_attachment_with_its_very_octets() -> None:
    message = read("attached-message")
    assert message.text_plain == "see below"
    (inner,) = message.attachments
    assert inner.content_type == "message/rfc822"
    assert inner.payload.startswith(b"From:inner@c.example\r\nSubject: inner\r\n")
    assert parse_message(inner.payload).text_plain == "inner text"


def test_file_names_in_pieces_and_with_directories() -> None:
    names = [item.name for item in read("rfc2231-name").attachments]
    assert names == ["Vereinbarung über Bilder.pdf", "prüfung.doc"]


def test_plain_footer_after_an_html_letter_does_not_pass_for_the_letter() -> None:
    message = read("html-body-plain-footer")
    assert message.text_plain == ""
    assert message.text_html == "<p>the letter</p>\n<pre>list footer &lt;x&gt;</pre>"


def test_multipart_without_its_boundary_is_text() -> None:
    message = read("boundary-never-appears")
    assert message.text_plain == "all there is\n"
    assert message.defects == ("multipart whose boundary never appears", "no date")


def test_parts_after_the_closing_line_are_found() -> None:
    message = read("closed-too-early")
    assert message.text_plain == "one"
    assert [item.name for item in message.attachments] == ["late.gif"]


def test_text_that_only_claims_to_be_base64() -> None:
    message = read("plain-that-claims-base64")
    assert message.text_plain.startswith("Dear friends, this is plain")
    assert "text that claims to be base64" in message.defects


def test_base64_with_a_broken_end_is_read_as_far_as_it_goes() -> None:
    message = read("base64-broken-end")
    assert message.text_plain == "Dear friends, hello"
    assert "broken base64" in message.defects


def test_uuencode_in_text_is_left_alone() -> None:
    assert read("uuencode-in-text").text_plain == "here it is\nbegin 644 a.txt\n#86)C\n`\nend\n"


def test_doubled_carriage_returns() -> None:
    message = read("doubled-carriage-returns")
    assert message.subject == "doubled"
    assert message.text_plain == "first\nsecond\n"


def test_report_keeps_its_text_and_attaches_the_rest() -> None:
    message = read("report-delivery-status")
    assert message.text_plain == "I am sorry."
    assert [item.content_type for item in message.attachments] == [
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    assert b"Status: 5.1.1" in message.attachments[0].payload


def test_tnef_is_just_an_attachment() -> None:
    (tnef,) = read("tnef").attachments
    assert (tnef.name, tnef.content_type, tnef.size) == ("winmail.dat", "application/ms-tnef", 4)


def test_identity_is_the_hash_of_the_octets() -> None:
    octets = (DATA / "tnef.eml").read_bytes()
    assert parse_message(octets).sha256 == hashlib.sha256(octets).hexdigest()


def test_threading_fields() -> None:
    message = parse_message(
        b"Message-ID: <c@x.example>\r\nIn-Reply-To: your mail <b@x.example>\r\n"
        b"References: <a@x.example>\r\n <b@x.example> junk\r\nList-Id: Partners <Partners.lists.example>\r\n"
        b"Auto-Submitted: Auto-Replied (vacation); x=y\r\n\r\nx"
    )
    assert message.message_id == "c@x.example"
    assert message.in_reply_to == ("b@x.example",)
    assert message.references == ("a@x.example", "b@x.example")
    assert message.list_id == "partners.lists.example"
    assert message.auto_submitted == "auto-replied"


@pytest.mark.parametrize(
    "octets", [b"", b"\r\n\r\n  \n", b"\x00" * 50, bytes(range(128, 256)) * 20 + b"\x01\x02"]
)
def test_nothing_can_be_made_of_it(octets: bytes) -> None:
    with pytest.raises(UnreadableMessage):
        parse_message(octets)


def test_text_without_any_header_is_kept() -> None:
    message = parse_message("Grüße, aber ohne Kopf\n".encode())
    assert message.text_plain == "Grüße, aber ohne Kopf\n"
    assert message.from_ == Address()


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("*.eml")))
def test_no_output_holds_controls_or_surrogates(name: str) -> None:
    message = read(name)
    header = [message.subject, message.from_.name, *(value for _, value in message.header_fields)]
    assert all(value.isprintable() for value in header)
    assert "\r" not in message.text_plain + message.text_html
    (message.text_plain + message.text_html + "".join(header)).encode()


def test_boundary_that_the_header_gets_wrong_is_recognised() -> None:
    message = read("wrong-boundary-declared")
    assert message.text_plain == "the letter"
    assert [item.name for item in message.attachments] == ["a.gif"]
    assert "multipart whose boundary never appears" in message.defects
