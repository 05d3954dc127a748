"""Mail that is built to exhaust the parser."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

import pytest

from pipeline.errors import UnreadableMessage
from pipeline.parsing import mime, tree
from pipeline.parsing.attachments import MAX_PAYLOAD
from pipeline.parsing.automatic import automatic
from pipeline.parsing.headers import MAX_ADDRESSES, MAX_FIELD
from pipeline.parsing.mime import parse_message

HEAD = b"From: a@b.example\r\nSubject: x\r\n"


def nested(depth: int) -> bytes:
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(depth)
    )
    return HEAD + parts + b"\r\nhi\r\n" + b"a\n" * 300_000


def one_prefix(depth: int) -> bytes:
    marks = [b"a" * (i + 1) for i in range(depth)]
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=" + mark + b"\n\n--" + mark + b"\n" for mark in marks
    )
    return HEAD + parts + (b"--" + b"a" * (depth + 1) + b"z\n") * 60_000


HOSTILE: dict[str, Callable[[], bytes]] = {
    "encoded subject": lambda: (
        b"Subject: =?utf-8?b?" + base64.b64encode(b"\xc3\xa9" * 110_000) + b"?=\r\n\r\nx"
    ),
    "many encoded words": lambda: b"Subject: " + b"=?utf-8?q?=C3=A9?=\r\n " * 20_000 + b"\r\n\r\nx",
    "unclosed encoded words": lambda: b"Subject: " + b"=?a?q?" * 60_000 + b"\r\n\r\nx",
    "recipients": lambda: (
        HEAD + b"To: " + b", ".join(b"u%d <u%d@x.example>" % (i, i) for i in range(100_000)) + b"\r\n\r\nx"
    ),
    "parentheses": lambda: b"From: " + b"(" * 300_000 + b"\r\nDate: " + b"(" * 300_000 + b"\r\n\r\nx",
    "nesting": lambda: nested(400),
    "boundaries with one prefix": lambda: one_prefix(50),
    "parts": lambda: (
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nhi\r\n" * 100_000
    ),
    "fields": lambda: b"".join(b"X-%d: b\r\n" % i for i in range(100_000)) + b"\r\nx",
    "folds": lambda: b"Subject: a" + b"\r\n b" * 300_000 + b"\r\n\r\nx",
    "parameters": lambda: HEAD + b"Content-Type: text/plain" + b';a="' * 200_000 + b"\r\n\r\nx",
    "lines in the header": lambda: b"From: a@b\n" + b"junk\nSubject: x\n" * 30_000 + b"\nx",
    "angles": lambda: b"References: " + b"<" * 300_000 + b"\r\nFrom: " + b" <>" * 100_000 + b"\r\n\r\nx",
    "flowed": lambda: HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> a \n" * 500_000,
    "open tags": lambda: HEAD + b"Content-Type: text/html\r\n\r\n" + b"<style " * 300_000,
    "escapes": lambda: HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_in_time(name: str) -> None:
    octets = HOSTILE[name]()
    start = time.process_time()
    message = parse_message(octets)
    automatic(message)
    assert time.process_time() - start < 2
    assert all(len(value) <= 4 * MAX_FIELD for _, value in message.header_fields)


def test_long_encoded_subject_is_decoded_and_cut() -> None:
    message = parse_message(HOSTILE["encoded subject"]())
    assert set(message.subject) == {"é"}
    assert any("header field longer" in defect for defect in message.defects)


def test_recipients_are_capped_with_a_defect() -> None:
    message = parse_message(HOSTILE["recipients"]())
    assert len(message.to) == MAX_ADDRESSES
    assert message.to[1].address == "u1@x.example"
    assert any("addresses in To" in defect for defect in message.defects)


def test_depth_parts_and_fields_are_capped_with_defects() -> None:
    assert f"parts nested deeper than {tree.MAX_DEPTH}: left out" in parse_message(nested(400)).defects
    many = parse_message(HOSTILE["parts"]())
    assert many.text_plain.count("hi") == tree.MAX_PARTS - 1
    assert any("parts: the rest" in defect for defect in many.defects)
    assert len(parse_message(HOSTILE["fields"]()).header_fields) == tree.MAX_FIELDS


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
