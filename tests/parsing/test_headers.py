"""Header fields to values."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing.addresses import addresses
from pipeline.parsing.headers import MAX_IDENTIFIERS, date_utc, identifiers, list_id
from pipeline.parsing.subjects import base_subject, forwarded
from pipeline.parsing.words import decode_field
from pipeline.records.messages import Address


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        ("anna@Museum.Example", [("", "anna@museum.example")]),
        ("Anna Berg <anna@museum.example>", [("Anna Berg", "anna@museum.example")]),
        ('"Berg, Anna" <anna@museum.example>', [("Berg, Anna", "anna@museum.example")]),
        ("Berg, Anna <anna@museum.example>", [("Berg, Anna", "anna@museum.example")]),
        ("anna@museum.example (Anna (the first) Berg)", [("Anna (the first) Berg", "anna@museum.example")]),
        ("Friends: a@b.example, D <d@e.example>;", [("", "a@b.example"), ("D", "d@e.example")]),
        ("undisclosed-recipients:;", []),
        ("<@r1.example,@r2.example:u@h.example>", [("", "u@h.example")]),
        ("=?iso-8859-1?Q?Last=DFName=2C_First?= <c@x.example>", [("LastßName, First", "c@x.example")]),
        ('"=?utf-8?Q?=C3=A9?=" <a@b.example>', [("é", "a@b.example")]),
        ("bob@x.example <eve@y.example>", [("bob@x.example", "eve@y.example")]),
        ("Bob <bob@x.example> Ann <ann@y.example>", [("Bob", "bob@x.example"), ("Ann", "ann@y.example")]),
        ("user at example.org (Jo)", [("Jo", "user@example.org")]),
        ("<MAILER-DAEMON>", [("", "MAILER-DAEMON")]),
        ("<>", []),
        ('"a b"@x.example', [("", '"a b"@x.example')]),
        ("x@[IPv6:2001::1]", [("", "x@[ipv6:2001::1]")]),
        ("Jo . Bloggs @ example . com", [("", "Jo.Bloggs@example.com")]),
        ("a <b@c.example", [("a", "b@c.example")]),
        ("a@b.example,,c@d.example,", [("", "a@b.example"), ("", "c@d.example")]),
        ("'Anna' <a@b.example>", [("Anna", "a@b.example")]),
    ],
)
def test_addresses(raw: str, pairs: list[tuple[str, str]]) -> None:
    assert addresses(raw) == tuple(Address(name=name, address=address) for name, address in pairs)


@given(st.text(alphabet='ab@.,;:<>()[]"\\ =?\n\x00é', max_size=200))
def test_addresses_of_anything_are_clean(raw: str) -> None:
    for found in addresses(raw):
        assert (found.name + found.address).isprintable()
        assert found.domain == found.domain.lower()


@pytest.mark.parametrize(
    "raw", ['"' * 200_000, "(a " * 60_000, " <>" * 80_000, "a@b, " * 60_000, '"\\' * 90_000]
)
def test_addresses_take_linear_time(raw: str) -> None:
    start = time.process_time()
    addresses(raw)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: [Partners] AW: [Ticket#2025040810011482] WG: Hallo (fwd)", "Hallo"),
        ("RE[2]: x", "x"),
        ("İLT: YNT: deneme", "deneme"),
        ("回复：转发：你好", "你好"),
        ("返信: 転送: こんにちは", "こんにちは"),
        ("[Fwd: Re: abc]", "abc"),
        ("TR : Re : truc", "truc"),
        ("R: I: ciao", "ciao"),
        ("Odp: PD: cześć", "cześć"),
        ("SV: VS: VB: hei", "hei"),
        ("ΣΧΕΤ: ΑΠ: γεια", "γεια"),
        ("Ответ: Пересл: привет", "привет"),
        ("رد: مرحبا", "مرحبا"),
        ("Res: Enc: oi", "oi"),
        ("RV: Vá: Antw: x", "x"),
        ("[Partners]", "[Partners]"),
        ("Re: [Partners]", "[Partners]"),
        ("Republic: a story", "Republic: a story"),
        ("Information: opening hours", "Information: opening hours"),
        ("scans [Ticket#20250408100] of maps", "scans of maps"),
        ("  a \t b ", "a b"),
        ("Re:", ""),
    ],
)
def test_base_subject(subject: str, base: str) -> None:
    assert base_subject(subject) == base
    assert base_subject(base) == base


def test_base_subject_takes_linear_time() -> None:
    start = time.process_time()
    for piece in ("[Fwd:", "Re:", "[a] ", "Re[", "[", "Ticket#"):
        base_subject(piece * 100_000)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("subject", "yes"), [("WG: x", True), ("[l] Fwd: x", True), ("x (fwd)", True), ("Re: x", False)]
)
def test_forwarded(subject: str, yes: bool) -> None:
    assert forwarded(subject) is yes


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Mon, 13 Jul 2026 07:02:00 +0200", datetime(2026, 7, 13, 5, 2, tzinfo=UTC)),
        ("Thu, 29 Apr 2013 23:45:51 +0900 (JST)", datetime(2013, 4, 29, 14, 45, 51, tzinfo=UTC)),
        ("01 Jan 2001 00:01+0000", datetime(2001, 1, 1, 0, 1, tzinfo=UTC)),
        ("Mon Jan 13 12:00:00 2020", datetime(2020, 1, 13, 12, tzinfo=UTC)),
        ("2020-01-13T12:00:00Z", datetime(2020, 1, 13, 12, tzinfo=UTC)),
        ("Wed, 23 Jul 03 23:30:00 +0200", datetime(2003, 7, 23, 21, 30, tzinfo=UTC)),
        ("Sun, 06 Nov 1994 08:49:60 GMT", datetime(1994, 11, 6, 8, 49, 59, tzinfo=UTC)),
        ("31 Feb 2020 00:00:00 +0000", None),
        ("Mon, 01 Jan 0000 00:00:00 +0000", None),
        ("Wed, 1 Jan 99999 00:00:00 +0000", None),
        ("1 Jan 2020 10:00:00 +9999", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_date(raw: str, moment: datetime | None) -> None:
    assert date_utc(raw) == moment


@given(st.text(alphabet="0123456789 :+-,()MonJaTZ", max_size=60))
def test_date_of_anything(raw: str) -> None:
    found = date_utc(raw)
    assert found is None or (found.tzinfo is UTC and 1969 <= found.year < 2201)


def test_identifiers_are_found_in_junk_once_and_capped() -> None:
    assert identifiers("your mail of <today> <a@x>\n\t<b@x>, <a@x>") == ("today", "a@x", "b@x")
    assert identifiers("a@x b@x") == ("a@x", "b@x")
    many = identifiers(" ".join(f"<{n}@x>" for n in range(1000)))
    assert (len(many), many[0], many[-1]) == (MAX_IDENTIFIERS, "0@x", "999@x")


@pytest.mark.parametrize(
    ("raw", "identifier"),
    [
        ("Partners <Partners.lists.example>", "partners.lists.example"),
        ("=?utf-8?q?Z=C3=BCrich?= <z.lists.example>", "z.lists.example"),
        ("bare.lists.example", "bare.lists.example"),
        ("", None),
    ],
)
def test_list_id(raw: str, identifier: str | None) -> None:
    assert list_id(raw) == identifier


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?= c", "ab c"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?koi8-r?Q?=F0=F2=E9?= =?utf-8?B?0LI=?=", "ПРИв"),
        ("=?us-ascii*en?Q?hello?=", "hello"),
        ("=?utf-8?B?w6k?=", "é"),
        ("one\r\n\ttwo", "one two"),
        ("bell\x07", "bell"),
        ("=?utf-8?Q?inject=0D=0ABcc:_x?=", "injectBcc: x"),
    ],
)
def test_decode_field(raw: str, text: str) -> None:
    assert decode_field(raw) == text
