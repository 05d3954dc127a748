"""Damaged mails and hostile ones put together at random: read within the limits, or refused with a reason."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.reading.reader import ChildReader
from pipeline.errors import UnreadableMessage
from pipeline.parsing import read
from tests.support.mutants import CHARSETS, ENCODINGS, TOKENS, mutant
from tests.support.wellformed import check

MUTANTS = 500
MUTANTS_AT_NIGHT = 10_000
# What the reader says of mail that it was not made for; anything else is a fault of the reader.
HONEST_REFUSALS = ("empty message", "neither a header field nor text", "more than")


@pytest.fixture(scope="module")
def mails(fixtures: Path, train_labels: dict[str, dict[str, str]]) -> list[bytes]:
    return [(fixtures / "messages" / f"{name}.eml").read_bytes() for name in sorted(train_labels)]


@pytest.fixture(scope="module")
def reader() -> Iterator[ChildReader]:
    with ChildReader() as opened:
        yield opened


def test_mutated_fixtures(mails: list[bytes], reader: ChildReader) -> None:
    survive(mails, reader, seed=20261122, count=MUTANTS)


@pytest.mark.nightly
def test_many_mutated_fixtures(mails: list[bytes], reader: ChildReader) -> None:
    survive(mails, reader, seed=7, count=MUTANTS_AT_NIGHT)


def survive(mails: list[bytes], reader: ChildReader, *, seed: int, count: int) -> None:
    chance = random.Random(seed)
    refused = 0
    for number in range(count):
        octets = mutant(chance.choice(mails), chance, mails)
        try:
            check(reader.read(octets))
        except UnreadableMessage as error:
            refused += 1
            if not any(reason in str(error) for reason in HONEST_REFUSALS):
                pytest.fail(f"mutant {number} of seed {seed}: {error}")
        except AssertionError as error:
            pytest.fail(f"mutant {number} of seed {seed}: {error}")
    assert refused < count / 20


FIELD_NAMES = st.sampled_from(
    [b"From", b"To", b"Cc", b"Subject", b"Date", b"Reply-To", b"Sender", b"References", b"In-Reply-To", b"Message-ID", b"List-Id",
     b"Auto-Submitted", b"X-Original-From", b"Content-Type", b"Content-Disposition"]
)  # fmt: skip
FRAGMENTS = st.one_of(
    st.sampled_from(TOKENS),
    st.sampled_from([b"a@b.example", b"<a@b.example>", b'"A, B"', b"Museum", b"=?utf-8?q?=C3=A9?=", b"\r\n ", b";", b",", b":", b" "]),
    st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=6),
)  # fmt: skip
BODIES = st.lists(FRAGMENTS, max_size=12).map(b"".join)
KINDS = st.sampled_from(
    [b"text/plain", b"text/html", b"multipart/mixed", b"multipart/alternative", b"multipart/report", b"message/rfc822",
     b"application/pdf", b"application/octet-stream", b"text/calendar", b"message/delivery-status"]
)  # fmt: skip


@st.composite
def headers(draw: st.DrawFn) -> bytes:
    fields = draw(st.lists(st.tuples(FIELD_NAMES, BODIES), max_size=6))
    return b"".join(name + b": " + body + b"\r\n" for name, body in fields)


@st.composite
def leaves(draw: st.DrawFn) -> bytes:
    head = b"Content-Type: %s; charset=%s\r\nContent-Transfer-Encoding: %s\r\n" % (
        draw(KINDS), draw(st.sampled_from(CHARSETS)), draw(st.sampled_from(ENCODINGS))
    )  # fmt: skip
    named = draw(st.sampled_from([b"", b'Content-Disposition: attachment; filename="a.pdf"\r\n']))
    return draw(headers()) + head + named + b"\r\n" + draw(BODIES)


def multiparts(children: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    def put_together(boundary: bytes, kind: bytes, parts: list[bytes]) -> bytes:
        between = b"\r\n--" + boundary + b"\r\n"
        head = b"Content-Type: " + kind + b'; boundary="' + boundary + b'"\r\n\r\n'
        return head + between + between.join(parts) + b"\r\n--" + boundary + b"--\r\n"

    # One boundary on several levels, boundaries that begin alike, an empty one.
    return st.builds(
        put_together, st.sampled_from([b"a", b"a", b"ab", b"--", b""]), KINDS, st.lists(children, max_size=4)
    )


@settings(max_examples=200)
@given(headers(), st.recursive(leaves(), multiparts, max_leaves=8))
def test_structured_hostile_mails(header: bytes, body: bytes) -> None:
    try:
        check(read(header + body))
    except UnreadableMessage as error:
        assert any(reason in str(error) for reason in HONEST_REFUSALS)  # noqa: PT017 - reading is no error either
