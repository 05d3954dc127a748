"""Names and octets of attachments, charsets, and parameters."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.attachments import attachment, safe_name, undo_transfer
from pipeline.parsing.charset import codec, decode_text
from pipeline.parsing.fields import parameters
from pipeline.parsing.flowed import unflow


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\Bilder.zip", "Bilder.zip"),
        ("a\r\nb\x00.txt", "ab.txt"),
        ("exe.\u202efdp", "exe.fdp"),
        ("..", ""),
        ("", ""),
        ("u\u0308ber.txt", "über.txt"),
    ],
)
def test_safe_name(declared: str, name: str) -> None:
    assert safe_name(declared) == name


@given(st.text(max_size=400))
def test_any_name_is_safe(declared: str) -> None:
    name = safe_name(declared)
    assert len(name) <= 200
    assert not set("/\\\x00\r\n") & set(name)
    assert name not in {".", ".."}


def test_long_name_keeps_its_suffix() -> None:
    assert safe_name("x" * 500 + ".pdf").endswith("x.pdf")


@pytest.mark.parametrize(
    ("octets", "encoding", "content", "defect"),
    [
        (b"aGVsbG8=", "base64", b"hello", None),
        (b"aGVsbG8", "base64", b"hello", "broken base64"),
        (b"not base64, just words!", "base64", b"not base64, just words!", "text that claims to be base64"),
        (b"a=C3=A9=\r\nb", "quoted-printable", "aéb".encode(), None),
        (b"100% =sure =ZZ", "quoted-printable", b"100% =sure =ZZ", None),
        (b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n", "x-uuencode", b"abc", None),
        (b"no begin", "x-uuencode", b"no begin", "broken uuencode"),
        (b"as is", "8bit", b"as is", None),
        (b"as is", "x-odd", b"as is", "unknown transfer encoding"),
    ],
)
def test_undo_transfer(octets: bytes, encoding: str, content: bytes, defect: str | None) -> None:
    assert undo_transfer(octets, encoding) == (content, defect)


@given(st.binary(max_size=300))
def test_base64_survives_the_journey(octets: bytes) -> None:
    assert undo_transfer(base64.encodebytes(octets), "base64")[0] == octets


def test_attachment_knows_its_size() -> None:
    made = attachment(name="a/b.txt", content_type="text/plain", octets=b"abc")
    assert (made.name, made.size, made.payload) == ("b.txt", 3, b"abc")


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("日本語のテキスト", "iso-2022-jp"), ("髙橋", "shift_jis"), ("中文测试", "gb2312"), ("한국어", "ks_c_5601-1987"),
        ("Привет", "koi8-r"), ("שלום", "iso-8859-8-i"), ("ıŞğ", "iso-8859-9"), ("Łódź", "windows-1250"),
        ("“quotes”", "iso-8859-1"), ("ภาษาไทย", "tis-620"), ("Grüße", "utf-7"),
    ],
)  # fmt: skip
def test_declared_charsets(text: str, declared: str) -> None:
    name = codec(declared)
    assert name is not None
    assert decode_text(text.encode(name), declared) == (text, None)


@pytest.mark.parametrize(
    ("octets", "declared", "text"),
    [
        ("Grüße aus Köln".encode("cp1252"), "utf-8", "Grüße aus Köln"),
        ("Grüße aus Köln".encode(), "us-ascii", "Grüße aus Köln"),
        ("Предложение музея о сотрудничестве".encode("cp1251"), None, "Предложение музея о сотрудничестве"),
        (
            "Предложение музея о сотрудничестве".encode("koi8-r"),
            "us-ascii",
            "Предложение музея о сотрудничестве",
        ),
        ("日本語のテキストです。よろしく".encode("cp932"), "utf-8", "日本語のテキストです。よろしく"),
        (b"caf\xc3\xa9 \xe2\x80", "utf-8", "café \ufffd"),
        (b"plain", "utf-16", "plain"),
        (b"caf\xe9", "x-unknown-thing", "café"),
        (b"caf\xe9", "punycode", "café"),
    ],
)
def test_wrong_charsets(octets: bytes, declared: str | None, text: str) -> None:
    decoded, defect = decode_text(octets, declared)
    assert decoded == text
    assert defect


@given(
    st.binary(max_size=200),
    st.sampled_from(["utf-8", "utf-16", "utf-7", "hz", "iso-2022-jp", "gb2312", "idna", "\x00", None]),
)
def test_any_octets_become_text(octets: bytes, declared: str | None) -> None:
    text = decode_text(octets, declared)[0]
    assert text.encode().decode() == text


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (
            'text/plain; charset="utf-8"; format=flowed',
            {"": "text/plain", "charset": "utf-8", "format": "flowed"},
        ),
        ("Text / HTML (odd)", {"": "text/html"}),
        ('a/b; name="x;y\\"z"', {"": "a/b", "name": 'x;y"z'}),
        ('a/b; name="open', {"": "a/b", "name": "open"}),
        ("a/b; name=one; name=two", {"": "a/b", "name": "one"}),
        ("a/b; name=has space.txt; x=1", {"": "a/b", "name": "has space.txt", "x": "1"}),
        ("attachment; filename*=iso-8859-1'de'Pr%FCfung.doc", {"": "attachment", "filename": "Prüfung.doc"}),
        ("attachment; f*1=b; f*0=a", {"": "attachment", "f": "ab"}),
        ("attachment; f*0*=utf-8''%C3; f*1*=%A9", {"": "attachment", "f": "é"}),
        ("a/b;;;", {"": "a/b"}),
    ],
)
def test_parameters(value: str, wanted: dict[str, str]) -> None:
    assert parameters(value) == wanted


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("a \nb\nc", "a b\nc"),
        ("> a \n> b\n>> c \n> d", "> a b\n>> c \n> d"),
        ("-- \nAnna", "-- \nAnna"),
        (" >not quoted", ">not quoted"),
        ("", ""),
    ],
)
def test_unflow(text: str, joined: str) -> None:
    assert unflow(text, delete_space=False) == joined
