"""Strangers' words made fit to show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.digest import clean
from pipeline.links import web_address


@given(st.text(max_size=400), st.integers(1, 80))
def test_a_line_is_one_visible_line_within_its_limit(text: str, limit: int) -> None:
    shown = clean.line(text, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1
    assert shown == shown.strip()
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nBcc: b", "a Bcc: b"),
        ("a\x00b\tc", "a b c"),
        ("pay\u202egnp.exe", "paygnp.exe"),
        ("می\u200cخواهیم", "می\u200cخواهیم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("Z" + "\u0321" * 40, "Z" + "\u0321" * 4),
        ("lone \udc80", "lone \ufffd"),
        ("", ""),
    ],
)
def test_what_deceives_goes_and_what_writing_needs_stays(text: str, shown: str) -> None:
    assert clean.line(text) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("当館の収蔵品を題材に", 5, "当館の収…"),
        ("wordwithoutend", 6, "wordw…"),
    ],
)
def test_what_is_too_long_ends_at_a_word(text: str, limit: int, shown: str) -> None:
    assert clean.cut(text, limit) == shown


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_wrapping_loses_no_word_and_keeps_the_width(text: str) -> None:
    wrapped = clean.wrap(text, 40, "  ", "    ")
    assert "".join(wrapped.split()) == "".join(text.split())
    assert all(
        clean.columns(line) <= 40 or "://" in line or "mailto:" in line for line in wrapped.split("\n")
    )


def test_links_are_not_wrapped() -> None:
    link = "https://lists.example/" + "a" * 100
    assert link in clean.wrap(f"see {link} there", 40).split("\n")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "javascript://a.example/%0aalert(1)",
        "ftp://a.example/",
        "data:text/html,x",
        "https://user@evil.example/",
        'https://a.example/"onmouseover=x',
        "https://a.example/<b>",
        "https://a.example/ b",
        "https://[broken",
        "//a.example",
        "https://",
        "https://a.example/" + "a" * 400,
        "https://a.example/\u202e",
        "",
    ],
)
def test_an_unsafe_link_is_none(url: str) -> None:
    assert web_address(url) == ""


@pytest.mark.parametrize("url", ["https://lists.example/a?b=1&c=2#d", "http://lists.example:8080/"])
def test_a_plain_link_is_kept(url: str) -> None:
    assert web_address(url) == url


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "  =1", "＝1", "＠a"])
def test_a_cell_is_no_formula(value: str) -> None:
    assert clean.cell(value) == f"'{value}"


@pytest.mark.parametrize("value", ["a=b", "1-2", "", "Berg"])
def test_a_harmless_cell_stays_as_it_is(value: str) -> None:
    assert clean.cell(value) == value


def test_a_reply_link_is_encoded() -> None:
    link = clean.reply_link("a.berg@x.example", 'Grüße & "mehr"\r\nBcc: all@evil.example')
    assert link.startswith("mailto:a.berg@x.example?subject=Re%3A%20Gr%C3%BC%C3%9Fe%20%26%20%22mehr%22%20Bcc")
    assert not set(link) & set('\r\n"<> ')


@pytest.mark.parametrize("address", ["", "a", "a@b", "a@b.example\r\nBcc: c", "a?cc=b@c.example,d@e.example"])
def test_there_is_no_reply_to_an_insane_address(address: str) -> None:
    assert clean.reply_link(address, "x") == ""
