"""What holds of every input: nothing is invented, nothing raises, nothing stalls."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.parsing.forwards import open_forward
from pipeline.parsing.introduction import LIMIT, introduce
from pipeline.parsing.language import detect
from pipeline.parsing.quotes import split_quotes
from pipeline.parsing.sentences import sentences
from pipeline.parsing.signature import LINES_LIMIT, split_signature
from pipeline.parsing.textclean import normalise
from pipeline.records.messages import Address

PIECES = st.sampled_from(
    [
        "On 4 Mar 2025 at 10:12 Nora wrote:", "> quoted", ">> deeper", "-- ", "--", "Best regards,", "Nora Field",
        "-----Original Message-----", "From: Nora <nora@museum.example>", "Sent: 4 March 2025 10:12", "Subject: list",
        "---------- Forwarded message ---------", "______________________", "Partners mailing list", "", "", "P.S. and",
        "We would like to give 300 pictures.", "Tel. +49 30 5550100", "Sent from my phone", "此致", "敬礼", "מאת: נורה",
    ]
)  # fmt: skip
BODIES = st.lists(st.one_of(PIECES, st.text(max_size=60)), max_size=40).map("\n".join)
NAMES = st.one_of(st.just("Nora Field"), st.text(max_size=30))


@settings(max_examples=150, deadline=None)
@given(body=BODIES, name=NAMES)
def test_all_words_come_from_the_body(body: str, name: str) -> None:
    body = normalise(body)
    written, quoted = split_quotes(body)
    text, signature = split_signature(written, name)
    parts = Counter(f"{text} {signature} {quoted}".split())
    assert not parts - Counter(body.split())
    assert bool(written.strip()) == bool(body.strip())
    assert bool(text.strip()) == bool(written.strip())
    assert sum(bool(line.strip()) for line in signature.split("\n")) <= LINES_LIMIT + 2


@settings(max_examples=100, deadline=None)
@given(body=BODIES, subject=st.sampled_from(["Fwd: list", "Re: list", "", "WG: Liste"]))
def test_forwards_only_rearrange(body: str, subject: str) -> None:
    body = normalise(body)
    opened = open_forward(body, subject, Address(name="Nora Field", address="nora@museum.example"))
    if opened is not None:
        assert opened.text.strip()
        assert set(opened.text.split()) <= set(body.split())


@settings(max_examples=100, deadline=None)
@given(text=BODIES, name=NAMES)
def test_introduction_is_short_and_from_the_text(text: str, name: str) -> None:
    said = introduce(text, "", name)
    assert len(said) <= LIMIT
    assert set(said.split()) <= set(text.split()) or len(said) == LIMIT
    for sentence in sentences(text):
        assert sentence == " ".join(sentence.split())


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "\r" not in once
    assert "\u202e" not in once


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=200))
def test_language_is_a_code(text: str) -> None:
    assert detect(text).isalpha()


HOSTILE = """
from pipeline.parsing.contact import read_signature
from pipeline.parsing.forwards import open_forward
from pipeline.parsing.html import to_text
from pipeline.parsing.quotes import split_quotes
from pipeline.parsing.sentences import sentences
from pipeline.parsing.signature import split_signature
from pipeline.parsing.textclean import normalise
from pipeline.records.messages import Address

units = ["\\n", ">\\n", "a:\\n", "From: a\\n", "On 1 Jan 2020 at 10:00 a@b wrote:\\n", "--\\n", "____\\n", "wrote:\\n",
         "x" * 399 + ":\\n", "On " + "1 " * 150 + ":\\n", "a@a.a ", "1 2.", ". ", "Ab. ", "\\u200c", "((((", " ", "a\\n>b\\n",
         ".", "!?", "On 4 Mar 2025,\\nNora\\n", "From: a@b.example\\nSent: 1 Jan 2020 10:00\\nSubject: d\\n", "写", "-----Original Message-----\\n",
         "-------------- next part --------------\\n", "a, ", "tel 1 "]
for unit in units:
    text = unit * (1_000_000 // len(unit))
    split_quotes(text)
    split_signature(text, "Nora Field")
    read_signature(text, "Nora Field")
    open_forward(text, "Fwd: x", Address(name="N"))
    sentences(text)
    normalise(text)
for unit in ["<div>x", "<blockquote type=cite>x", "<table><tr><td>", "<b><i>", "<", "<!--", "<ul><li>", "<a b='", "</p><p>"]:
    to_text(unit * (1_000_000 // len(unit)))
to_text("<p " + " ".join(f'a{n}="<>"' for n in range(80_000)) + ">x")
print("done")
"""


def test_no_input_of_a_megabyte_stalls() -> None:
    """Square cost would take hours; the limit only stops a child that hangs."""
    child = subprocess.run(
        [sys.executable, "-c", HOSTILE], capture_output=True, text=True, timeout=240, check=False
    )
    assert child.stdout == "done\n", child.stderr[-2000:]
