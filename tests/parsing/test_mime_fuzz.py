"""Nothing but UnreadableMessage escapes, whatever the octets."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UnreadableMessage
from pipeline.parsing import read
from pipeline.parsing.automatic import automatic
from pipeline.parsing.mime import parse_message

MUTANTS = 200

PIECES = st.sampled_from(
    [
        b"From: ", b"Subject: ", b"Content-Type: multipart/mixed; boundary=b\r\n", b"\r\n", b"\r\n\r\n", b"--b\r\n",
        b"--b--\r\n", b"=?utf-8?q?", b"=?gb2312?b?", b"?=", b"Content-Transfer-Encoding: base64\r\n", b"<", b">", b"(",
        b")", b'"', b"\\", b";", b"charset=", b"utf-16", b"idna", b"filename*0*=", b"utf-8''%C3", b"\x00", b"\xc3",
        b"Date: 31 Feb 0000 99:99 +9999\r\n", b"Content-Type: text/plain; format=flowed\r\n", b"> a ", b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/calendar\r\n", b"METHOD:REPLY\r\n",
    ]
)  # fmt: skip


def survives(octets: bytes) -> None:
    try:
        message = parse_message(octets)
    except UnreadableMessage:
        return
    automatic(message)
    text = "".join(
        (message.subject, message.text_plain, message.text_html, *(a.name for a in message.attachments))
    )
    text.encode()
    assert "\x00" not in text


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_random_octets(octets: bytes) -> None:
    survives(octets)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=6)), max_size=40))
def test_random_mail(pieces: list[bytes]) -> None:
    survives(b"".join(pieces))


def mutant(octets: bytes, chance: random.Random) -> bytes:
    changed = bytearray(octets)
    for _ in range(chance.randint(1, 30)):
        place = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[place] = chance.randrange(256)
            case 1:
                del changed[place : place + chance.randint(1, 60)]
            case 2:
                changed[place:place] = changed[place // 2 : place // 2 + chance.randint(1, 60)]
            case _:
                changed[place:place] = bytes(chance.randrange(256) for _ in range(4))
        if not changed:
            break
    return bytes(changed)


def test_mutated_fixtures_are_read_as_inquiries_or_refused(
    fixtures: Path, train_labels: dict[str, dict[str, str]]
) -> None:
    chance = random.Random(20261123)
    names = chance.sample(sorted(train_labels), MUTANTS)
    understood = 0
    for name in names:
        try:
            inquiry = read(mutant((fixtures / "messages" / f"{name}.eml").read_bytes(), chance))
        except UnreadableMessage:
            continue
        understood += 1
        assert inquiry.text or not inquiry.body, name
    assert understood > MUTANTS // 2


def test_mutated_fixtures(fixtures: Path, train_labels: dict[str, dict[str, str]]) -> None:
    chance = random.Random(20261122)
    for name in chance.sample(sorted(train_labels), MUTANTS):
        survives(mutant((fixtures / "messages" / f"{name}.eml").read_bytes(), chance))
