"""Mail that is built to exhaust the reader: read whole, by all steps, in a process that dies where it takes too much."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from pipeline.adapters.reading.reader import ChildReader
from pipeline.errors import UnreadableMessage
from pipeline.parsing import mime, parts, tree
from pipeline.parsing.addresses import MAX_ADDRESSES
from pipeline.parsing.attachments import MAX_PAYLOAD
from pipeline.parsing.html import to_text
from pipeline.parsing.mime import parse_message
from tests.support.hostile import EITHER, HEAD, LETTER, READ, attached, header, mixed, nested, plain, web
from tests.support.wellformed import check


@pytest.fixture(scope="module")
def reader() -> Iterator[ChildReader]:
    """Two seconds and 300 MB for each mail, enforced by the system."""
    with ChildReader() as opened:
        yield opened


@pytest.mark.parametrize("name", READ)
def test_hostile_mail_is_read_in_time(name: str, reader: ChildReader) -> None:
    check(reader.read(READ[name]()))


@pytest.mark.parametrize("name", EITHER)
def test_hostile_mail_is_read_or_refused_with_a_reason(name: str, reader: ChildReader) -> None:
    try:
        check(reader.read(EITHER[name]()))
    except UnreadableMessage as error:
        assert any(why in str(error) for why in ("over 2 s", "memory", "empty message", "are not read"))  # noqa: PT017 - reading it is no error either


def test_long_encoded_subject_is_decoded_and_cut() -> None:
    message = parse_message(READ["encoded subject"]())
    assert set(message.subject) == {"é"}
    assert any("header field longer" in defect for defect in message.defects)


def test_recipients_are_capped_with_a_defect() -> None:
    message = parse_message(READ["recipients"]())
    assert len(message.to) == MAX_ADDRESSES
    assert message.to[1].address == "u1@x.example"
    assert any("addresses in To" in defect for defect in message.defects)


def test_depth_parts_and_fields_are_capped_with_defects() -> None:
    assert f"parts nested deeper than {tree.MAX_DEPTH}: left out" in parse_message(nested(400)).defects
    many = parse_message(READ["parts"]())
    assert many.text_plain.count("hi") == tree.MAX_PARTS - 1
    assert any("parts: the rest" in defect for defect in many.defects)
    assert len(parse_message(READ["fields"]()).header_fields) == tree.MAX_FIELDS


def test_text_of_all_parts_is_capped_together(monkeypatch: pytest.MonkeyPatch) -> None:
    many = parse_message(EITHER["many large texts"]())
    assert parts.MAX_TEXT <= len(many.text_plain) < parts.MAX_TEXT + 100
    assert f"text longer than {parts.MAX_TEXT:,} characters: cut" in many.defects


def test_huge_attachment_has_a_size_but_no_payload() -> None:
    lines = base64.encodebytes(b"x" * 57) * (MAX_PAYLOAD // 57 + 1)
    message = parse_message(
        HEAD + b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines
    )
    (attachment,) = message.attachments
    assert attachment.size > MAX_PAYLOAD
    assert attachment.payload == b""


def test_huge_message_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mime, "MAX_OCTETS", 10)
    with pytest.raises(UnreadableMessage, match="more than 10"):
        parse_message(HEAD + b"\r\nx")


def test_a_field_cannot_bring_another_one_along() -> None:
    forged = base64.b64encode(b"x\r\nBcc: victim@c.example\r\n\r\nbody")
    message = parse_message(
        header(
            b"X-Subject: =?utf-8?b?" + forged + b"?=\r\nReply-To: =?utf-8?q?a=0D=0ACc=3A_v?= <a@b.example>"
        )
    )
    assert message.header("X-Subject") == "xBcc: victim@c.examplebody"
    assert message.header("Bcc") is None
    assert message.cc == ()
    assert message.reply_to[0].name == "a Cc: v"


def test_names_cannot_turn_the_direction_of_writing() -> None:
    message = parse_message(header("Reply-To: \u202eelpmaxe.c@rotcerid\u202c <a@b.example>".encode()))
    assert message.reply_to[0].name == "elpmaxe.c@rotcerid"


@pytest.mark.parametrize(
    "date",
    ["Sat, 01 Jan 0000 00:00:00 +0000", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 1 Jun 2026 10:00:00 +99999999999",
     "Mon, 1 Jun 20260 10:00:00 +0000", "Thu, 06 Feb 2225 11:29:00 +0000", "31 Feb 2026 10:00 +0000", "1 Jun 2026 99:99:99 +0000", "-1", ""],
)  # fmt: skip
def test_impossible_dates_are_no_dates(date: str) -> None:
    message = parse_message(b"From: a@b.example\r\nDate: " + date.encode() + b"\r\n\r\nx")
    assert message.date is None
    assert message.defects == (("impossible date" if date else "no date"),)


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        (b"\xc0\xaf \xe0\x80\xaf museum", b"utf-8", "museum"),
        (b"\xed\xa0\x80 museum", b"utf-8", "museum"),
        (b"\xd8\x00 museum", b"utf-7", "museum"),
        (b"+2AA- museum", b"utf-7", "museum"),
        (b"m\x00u\x00seum \x00", b"us-ascii", "museum"),
    ],
)
def test_forbidden_octets_leave_the_words_readable(body: bytes, charset: bytes, text: str) -> None:
    message = parse_message(plain(body, charset=charset))
    assert text in message.text_plain
    message.text_plain.encode()


def test_deep_formatting_costs_no_text() -> None:
    shown = to_text(web(b"<b><i><a>" * 40_000 + LETTER + b"</a></i></b> for ever").decode())
    assert "we are a museum" in shown
    assert "for ever" in shown


def test_ten_thousand_attachments_leave_the_letter_readable() -> None:
    message = parse_message(
        mixed(b"Content-Type: text/plain\r\n\r\n" + LETTER, *(attached(b"x") for _ in range(10_000)))
    )
    assert "we are a museum" in message.text_plain
    assert len(message.attachments) == tree.MAX_PARTS - 2
