"""The part that says something is the body."""

from __future__ import annotations

import pytest

from pipeline.parsing.body import choose
from pipeline.parsing.textclean import TEXT_LIMIT, normalise
from pipeline.records.messages import Address, ParsedMessage

HTML = "<p>We keep 300 pictures of the harbour and ask whom to write to.</p>"
SEEN = "We keep 300 pictures of the harbour and ask whom to write to."


def _message(plain: str, html: str) -> ParsedMessage:
    return ParsedMessage(
        sha256="0", message_id="", date=None, from_=Address(), text_plain=plain, text_html=html
    )


@pytest.mark.parametrize(
    ("plain", "html", "expected"),
    [
        ("Hello there,\nNora", HTML, "Hello there,\nNora"),
        ("", HTML, SEEN),
        (" \n\u200b\n", HTML, SEEN),
        ("Your e-mail client does not support HTML messages.", HTML, SEEN),
        ("Diese Nachricht enthält HTML. Bitte im Browser öffnen.", HTML, SEEN),
        ("https://news.museum.example/view?id=3", HTML, SEEN),
        ("______________________\nPartners mailing list\npartners@lists.museum.example", HTML, SEEN),
        ("Can you render HTML?", "", "Can you render HTML?"),
        ("Your client shows no HTML", "<img src=x>", "Your client shows no HTML"),
        ("", "", ""),
    ],
)
def test_choice(plain: str, html: str, expected: str) -> None:
    assert choose(_message(plain, html)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("caf\u0065\u0301", "café"),
        ("pay\u202elap\u202c", "paylap"),
        ("a\u200b\u200bb\ufeff", "ab"),
        ("x \u200c \u200c \u200c y", "x    y"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("one   \ntwo\t\n\n\n\n\n\nthree", "one\ntwo\n\n\nthree"),
        ("a\u00a0b\x00c\x1b", "a bc"),
        ("\n\n  indented\n", "  indented"),
    ],
)
def test_normal_form(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_length_is_capped() -> None:
    assert len(normalise("word " * 100_000)) <= TEXT_LIMIT
