"""Damaged copies of mails: what bad programs, bad lines and bad people make of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

Mutate = Callable[[bytes, Random, Sequence[bytes]], bytes]

TOKENS = (
    b"=?utf-8?b?", b"=?gb2312?q?=", b"?=", b"\x00", b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", "\u202e".encode(), "\u2028".encode(),
    b"\r\n\r\n", b"\r", b"\n ", b"--", b"Content-Type: multipart/mixed; boundary=\r\n", b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: text/html\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"charset=utf-16", b"charset=utf-7", b"charset=hz", b"charset=idna", b"format=flowed", b"filename*0*=utf-8''%C3",
    b"Date: 31 Feb 0000 99:99 +9999\r\n", b"Date: Fri, 31 Dec 9999 23:59:60 -1400\r\n", b"From: ", b"To: " + b"<" * 50, b"(" * 80,
    b'"' * 41, b"<blockquote>", b"<!--", b"<style>", b"&#xD800;", b"&#0;", b"> " * 40, b"\n-- \n", b"On Mon, 1 Jun 2026, A wrote:\n",
    b"---------- Forwarded message ---------\nFrom: ", b"Subject: Fwd: Re: AW: ", b"%PDF-1.7\n", b"PK\x03\x04", b"{\\rtf1 ", b"\x1b$B", b"~{",
)  # fmt: skip
CHARSETS = (
    b"utf-8",
    b"utf-7",
    b"utf-16",
    b"us-ascii",
    b"iso-2022-jp",
    b"gb18030",
    b"big5",
    b"koi8-r",
    b"x-none",
    b"cp037",
)
ENCODINGS = (b"base64", b"quoted-printable", b"8bit", b"7bit", b"x-uuencode", b"binary", b"")


def mutant(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Return a damaged copy; `others` are mails to take pieces from."""
    for _ in range(chance.randint(1, 4)):
        octets = chance.choice(MUTATORS)(octets, chance, others) or b"x"
    return octets


def _flip(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    changed = bytearray(octets)
    for _ in range(chance.randint(1, 40)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _lines(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    lines = octets.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    count = chance.randint(1, 6)
    taken = lines[place : place + count]
    match chance.randrange(3):
        case 0:
            del lines[place : place + count]
        case 1:
            lines[place:place] = taken * chance.choice((1, 2, 200))
        case _:
            del lines[place : place + count]
            elsewhere = chance.randrange(len(lines) + 1)
            lines[elsewhere:elsewhere] = taken
    return b"".join(lines)


def _swap_fields(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Give a field the body of another one, or the name."""
    head, gap, body = octets.partition(b"\n\n" if b"\r\n\r\n" not in octets else b"\r\n\r\n")
    fields = [line.partition(b":") for line in head.splitlines(keepends=True)]
    one, other = chance.randrange(len(fields)), chance.randrange(len(fields))
    fields[one] = (fields[one][0], b":", fields[other][2])
    return b"".join(map(b"".join, fields)) + gap + body


def _boundary(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Damage one line that begins like a boundary, or lose the parameter."""
    if chance.random() < 0.2:
        return octets.replace(b"boundary=", chance.choice((b"bound=", b"boundary==", b"boundary=\x00")), 1)
    places = [found.start() for found in re.finditer(rb"\n--", octets)]
    if not places:
        return octets
    place = chance.choice(places) + 1
    return octets[:place] + chance.choice((b"", b"-", b"----", b" --", b"--\r\n--")) + octets[place + 2 :]


def _charset(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    for known in (b"utf-8", b"UTF-8", b"us-ascii", b"iso-8859-1", b"windows-1252"):
        octets = octets.replace(known, chance.choice(CHARSETS), chance.randint(0, 3))
    return octets


def _encoding(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    for known in (b"base64", b"quoted-printable", b"8bit", b"7bit"):
        octets = octets.replace(
            b"Encoding: " + known, b"Encoding: " + chance.choice(ENCODINGS), chance.randint(0, 2)
        )
    return octets


def _cut(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    place = chance.randrange(len(octets))
    return octets[:place] if chance.random() < 0.7 else octets[place:]


def _splice(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others)
    return octets[: chance.randrange(len(octets))] + other[chance.randrange(len(other)) :]


def _insert(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(octets))
        octets = octets[:place] + chance.choice(TOKENS) * chance.choice((1, 1, 1, 3, 500)) + octets[place:]
    return octets


def _insert_in_header(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    place = chance.randrange(min(len(octets), 600))
    return octets[:place] + chance.choice(TOKENS) * chance.choice((1, 2, 2000)) + octets[place:]


def _wrap(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Attach the mail to another one."""
    head = b"From: A <a@b.example>\r\nSubject: Fwd: x\r\nContent-Type: multipart/mixed; boundary=w\r\n\r\n"
    return (
        head
        + b"--w\r\n\r\nsee below\r\n--w\r\nContent-Type: message/rfc822\r\n\r\n"
        + octets
        + b"\r\n--w--\r\n"
    )


def _line_ends(octets: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    return octets.replace(b"\r\n", b"\n").replace(b"\n", chance.choice((b"\n", b"\r", b"\r\r\n", b"\r\n")))


MUTATORS: tuple[Mutate, ...] = (
    _flip, _lines, _lines, _swap_fields, _boundary, _charset, _encoding, _cut, _splice, _insert, _insert, _insert_in_header,
    _wrap, _line_ends,
)  # fmt: skip
