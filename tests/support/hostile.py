"""Mails that are built to exhaust or to mislead a reader, made when they are asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable

HEAD = b"From: a@b.example\r\nSubject: x\r\n"
LETTER = b"Dear all,\r\n\r\nwe are a museum and would like to share our pictures.\r\n"
MEGABYTE = 1024 * 1024

Make = Callable[[], bytes]


def mixed(*parts: bytes, boundary: bytes = b"b", closed: bool = True) -> bytes:
    """Return a multipart mail."""
    start = HEAD + b"Content-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n"
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return start + body + (b"--" + boundary + b"--\r\n" if closed else b"")


def plain(body: bytes, charset: bytes = b"utf-8", encoding: bytes = b"8bit") -> bytes:
    """Return a mail of one plain text."""
    kind = b"Content-Type: text/plain; charset=" + charset + b"\r\nContent-Transfer-Encoding: " + encoding
    return HEAD + kind + b"\r\n\r\n" + body


def web(body: bytes) -> bytes:
    """Return a mail of one HTML page."""
    return HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body


def header(field: bytes) -> bytes:
    """Return a mail with one more header field."""
    return HEAD + field + b"\r\n\r\n" + LETTER


def attached(octets: bytes, name: bytes = b"a.pdf", kind: bytes = b"application/octet-stream") -> bytes:
    """Return a part that is an attachment."""
    head = b"Content-Type: " + kind + b'; name="' + name + b'"\r\nContent-Disposition: attachment\r\n'
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets)


def nested(depth: int) -> bytes:
    """Return multiparts within multiparts."""
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(depth)
    )
    return HEAD + parts + b"\r\nhi\r\n" + b"a\n" * 300_000


def one_prefix(depth: int) -> bytes:
    """Return multiparts within multiparts, each boundary the start of the next."""
    marks = [b"a" * (i + 1) for i in range(depth)]
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=" + mark + b"\n\n--" + mark + b"\n" for mark in marks
    )
    return HEAD + parts + (b"--" + b"a" * (depth + 1) + b"z\n") * 60_000


def messages_within(depth: int) -> bytes:
    """Return messages attached to messages."""
    return b"".join(
        b"Subject: Fwd: %d\r\nContent-Type: message/rfc822\r\n\r\n" % i for i in range(depth)
    ) + header(b"X-Last: yes")


def messages_forwarded(depth: int) -> bytes:
    """Return forwards of forwards, each a multipart with a message in it."""
    octets = header(b"X-Last: yes")
    for number in range(depth):
        mark = b"m%d" % number
        octets = (
            b"From: a%d@b.example\r\nSubject: Fwd: x\r\nContent-Type: multipart/mixed; boundary=" % number
            + mark + b"\r\n\r\n--" + mark + b"\r\n\r\nsee below\r\n--" + mark
            + b"\r\nContent-Type: message/rfc822\r\n\r\n" + octets + b"\r\n--" + mark + b"--\r\n"
        )  # fmt: skip
    return octets


def large(size: int) -> bytes:
    """Return a mail of about `size` octets, most of it a picture."""
    lines = (b"/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwg\r\n") * (
        size // 86
    )
    picture = b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines
    return mixed(b"Content-Type: text/plain\r\n\r\n" + LETTER, picture)


def words(text: bytes, times: int) -> bytes:
    """Return a mail whose text repeats something."""
    return plain(text * times)


# What has to be read, however odd.
READ: dict[str, Make] = {
    # The header.
    "encoded subject": lambda: (
        b"Subject: =?utf-8?b?" + base64.b64encode(b"\xc3\xa9" * 110_000) + b"?=\r\n\r\nx"
    ),
    "many encoded words": lambda: b"Subject: " + b"=?utf-8?q?=C3=A9?=\r\n " * 20_000 + b"\r\n\r\nx",
    "encoded words of many charsets": lambda: header(
        b"X: " + b" ".join(b"=?%s?q?=e9=f1?=" % name for name in (b"utf-7", b"gb2312", b"x", b"hz") * 2_000)
    ),
    "unclosed encoded words": lambda: b"Subject: " + b"=?a?q?" * 60_000 + b"\r\n\r\nx",
    "recipients": lambda: (
        HEAD + b"To: " + b", ".join(b"u%d <u%d@x.example>" % (i, i) for i in range(100_000)) + b"\r\n\r\nx"
    ),
    "recipient fields": lambda: HEAD + b"To: u@x.example\r\n" * 100_000 + b"\r\nx",
    "groups": lambda: header(b"To: " + b"g: a@b.example;" * 30_000),
    "parentheses": lambda: b"From: " + b"(" * 300_000 + b"\r\nDate: " + b"(" * 300_000 + b"\r\n\r\nx",
    "quotation marks": lambda: header(b"Cc: " + b'"' * 99_999 + b", " + b'\\"' * 50_000),
    "fields": lambda: b"".join(b"X-%d: b\r\n" % i for i in range(100_000)) + b"\r\nx",
    "folds": lambda: b"Subject: a" + b"\r\n b" * 300_000 + b"\r\n\r\nx",
    "blank folds": lambda: b"Subject: a" + b"\r\n \t \r\n" * 100_000 + b"b\r\n\r\nx",
    "parameters": lambda: HEAD + b"Content-Type: text/plain" + b';a="' * 200_000 + b"\r\n\r\nx",
    "continued parameters": lambda: header(
        b"Content-Disposition: attachment" + b"".join(b"; filename*%d*=%%C3%%A9" % i for i in range(900))
    ),
    "lines in the header": lambda: b"From: a@b\n" + b"junk\nSubject: x\n" * 30_000 + b"\nx",
    "angles": lambda: b"References: " + b"<" * 300_000 + b"\r\nFrom: " + b" <>" * 100_000 + b"\r\n\r\nx",
    "references": lambda: header(b"References: " + b"<%d@x.example>\r\n " * 50_000),
    "one line of a header": lambda: HEAD + b"X: " + b"a" * 10 * MEGABYTE + b"\r\n\r\nx",
    "received fields": lambda: (
        HEAD + b"Received: from a by b; Mon, 1 Jun 2026 10:00:00 +0000\r\n" * 20_000 + b"\r\nx"
    ),
    "subject marks": lambda: b"Subject: " + b"Re: Fwd: AW: [x] " * 20_000 + b"\r\n\r\nx",
    "list fields": lambda: header(b"List-Id: " + b"<" * 60_000 + b"\r\nAuto-Submitted: " + b"(" * 60_000),
    # The structure.
    "nesting": lambda: nested(400),
    "boundaries with one prefix": lambda: one_prefix(50),
    "parts": lambda: (
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nhi\r\n" * 100_000
    ),
    "empty parts": lambda: (
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n" * 100_000
    ),
    "attachments": lambda: mixed(*(attached(b"x" * 20, b"a%d.pdf" % i) for i in range(10_000))),
    "messages within messages": lambda: messages_within(1_000),
    "forwards of forwards": lambda: messages_forwarded(200),
    "wrong boundary": lambda: mixed(LETTER * 50, closed=False).replace(b"boundary=b", b"boundary=c"),
    "boundary within boundary": lambda: mixed(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ninner\r\n--b--"
    ),
    "no boundary": lambda: mixed(LETTER).replace(b"; boundary=b", b""),
    "long boundary": lambda: mixed(LETTER, boundary=b"b" * 7_000),
    "empty digest": lambda: (
        HEAD + b"Content-Type: multipart/digest; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 50_000
    ),
    "large mail": lambda: large(50 * MEGABYTE),
    # Transfer encodings and charsets.
    "base64 garbage": lambda: plain(b"\xff=A!" * 500_000, encoding=b"base64"),
    "base64 of padding": lambda: plain(b"=" * 3_000_000, encoding=b"base64"),
    "quoted-printable bomb": lambda: plain(b"=\r\n" * 700_000, encoding=b"quoted-printable"),
    "quoted-printable octets": lambda: plain(b"=C3=A9" * 500_000, encoding=b"quoted-printable"),
    "uuencode": lambda: plain(
        b"begin 644 a\r\n" + b"M" + b"a" * 60 + b"\r\n" * 99_999, encoding=b"x-uuencode"
    ),
    "UTF-7": lambda: plain(b"+AGEAYg-" * 200_000, charset=b"utf-7"),
    "unclosed UTF-7": lambda: plain(b"+AGEA" * 300_000, charset=b"utf-7"),
    "escapes": lambda: plain(b"\x1b$B" * 500_000, charset=b"iso-2022-jp"),
    "hz": lambda: plain(b"~{" * 500_000, charset=b"hz-gb-2312"),
    "overlong UTF-8": lambda: plain(b"\xc0\xaf\xe0\x80\xaf" * 200_000),
    "surrogates": lambda: plain(b"\xed\xa0\x80\xed\xb0\x80" * 200_000),
    "surrogates in UTF-16": lambda: plain(b"\x00\xd8" * 500_000, charset=b"utf-16-le"),
    "NUL octets": lambda: HEAD + b"\r\n" + b"\x00" * 3_000_000 + LETTER,
    "NUL octets in the header": lambda: header(b"X-Nul: " + b"\x00" * 100_000),
    "one octet of each charset": lambda: mixed(
        *(b"Content-Type: text/plain; charset=cp%d\r\n\r\n\xe4" % i for i in range(900))
    ),
    # Plain text.
    "one line": lambda: words(b"a", 10 * MEGABYTE),
    "one line of words": lambda: words(b"museum ", 1_500_000),
    "blank lines": lambda: words(b"\r\n", 2_000_000),
    "spaces": lambda: words(b" ", 5_000_000),
    "tabs": lambda: words(b"\t", 3_000_000),
    "combining marks": lambda: words("e\u0301\u0300".encode(), 500_000),
    "flowed": lambda: HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> a \n" * 500_000,
    "quote marks": lambda: words(b">" * 70 + b" a\r\n", 50_000),
    "quote marks in one line": lambda: words(b"> " * 1_000_000, 1),
    "attributions": lambda: words(b"On Mon, 1 Jun 2026 at 10:00, A <a@b.example> wrote:\r\n", 40_000),
    "attributions cut short": lambda: words(b"On Monday\r\n, A\r\nwrote\r\n", 100_000),
    "forward blocks": lambda: words(
        b"---------- Forwarded message ---------\r\nFrom: A <a@b.example>\r\nSubject: x\r\n\r\nhi\r\n", 20_000
    ),
    "header blocks": lambda: words(b"From: a@b.example\r\nSent: Monday\r\nTo: c\r\nSubject: x\r\n", 40_000),
    "rules of dashes": lambda: words(b"-" * 200 + b"\r\n", 20_000),
    "dashes": lambda: words(b"-", 2_000_000),
    "underscores": lambda: words(b"_" * 30 + b"\r\n", 60_000),
    "signature marks": lambda: words(b"-- \r\nA\r\n", 200_000),
    "greetings": lambda: words(b"Regards,\r\nA B\r\n", 100_000),
    "telephone numbers": lambda: words(b"Tel. +49 (0) 30 - 123 456 78 / 90\r\n", 50_000),
    "digits": lambda: words(b"1", 2_000_000),
    "addresses": lambda: words(b"a.b.c@d.e.f.example ", 100_000),
    "at signs": lambda: words(b"@", 1_000_000),
    "dots": lambda: words(b"a.", 1_000_000),
    "links": lambda: words(b"https://www.example.org/?q=a ", 60_000),
    "colons": lambda: words(b"a: ", 500_000),
    "commas": lambda: words(b"A, B, ", 300_000),
    "brackets": lambda: words(b"[<({", 400_000),
    "sentences": lambda: words(b"We are a museum. I am the director of it! ", 50_000),
    "capitals": lambda: words(b"Anna Maria Bertha Clara Dora ", 60_000),
    "asterisks": lambda: words(b"*a_ ", 300_000),
    "out of office": lambda: words(b"I am out of the office until 1 June. ", 50_000),
    "lines that hold one letter": lambda: words(b"a\r\n", 700_000),
    "right to left": lambda: words("\u202eabc\u202c\u200f".encode(), 200_000),
    "rare letters": lambda: plain("".join(map(chr, range(0x10000, 0x2FFFF))).encode()),
    # HTML.
    "nested tags": lambda: web(b"<div>" * 100_000 + LETTER),
    "nested blockquotes": lambda: web(b'<blockquote type="cite">' * 100_000 + LETTER),
    "nested tables": lambda: web(b"<table><tr><td>" * 50_000 + LETTER),
    "nested formatting": lambda: web(b"<b><i><a>" * 40_000 + LETTER),
    "misnested formatting": lambda: web(b"<b><p><i></b>" * 40_000 + LETTER),
    "nested lists": lambda: web(b"<ul><li>" * 50_000 + LETTER),
    "entities": lambda: web(b"&amp;&lt;&eacute;&#x41;" * 250_000),
    "unknown entities": lambda: web(b"&" + b"a" * 100 + b"&" * 500_000),
    "style sheets": lambda: web(b"<style>" + b".a{color:red}" * 400_000 + b"</style>" + LETTER),
    "inline styles": lambda: web(b'<p style="display:none">x</p>' * 100_000 + LETTER),
    "open tags": lambda: web(b"<style " * 300_000),
    "attributes": lambda: web(b"<p " + b"a=b " * 500_000 + b">" + LETTER),
    "an attribute": lambda: web(b'<p style="' + b"a" * 3_000_000 + b'">' + LETTER),
    "comments": lambda: web(b"<!--" * 500_000 + LETTER),
    "paragraphs": lambda: web(b"<p>" * 500_000),
    "line breaks": lambda: web(b"<br>" * 700_000),
    "pictures in the text": lambda: web(b'<img src="data:image/png;base64,' + b"A" * 8_000_000 + b'">' + LETTER),
    "angles in HTML": lambda: web(b"<" * 2_000_000),
    "selects": lambda: web(b"<select><option>" * 50_000),
    "several bodies": lambda: web(b"<html><body>" * 50_000 + LETTER),
    "foreign content": lambda: web(b"<svg><math><mi>" * 30_000 + LETTER),
    # Dates.
    "the year naught": lambda: header(b"Date: Sat, 01 Jan 0000 00:00:00 +0000"),
    "the year 9999": lambda: header(b"Date: Fri, 31 Dec 9999 23:59:59 -2359"),
    "an absurd zone": lambda: header(b"Date: Mon, 1 Jun 2026 10:00:00 +99999999999999999999"),
    "an absurd year": lambda: header(b"Date: Mon, 1 Jun 99999999999999999999 10:00:00 +0000"),
    "forwarded in the year 9999": lambda: plain(
        b"---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: Fri, 31 Dec 9999 23:59:59 -2359\n"
        b"Subject: x\nTo: c@d.example\n\n" + LETTER
    ),
    "forwarded in the year one": lambda: plain(
        b"-----Original Message-----\nFrom: A <a@b.example>\nSent: 1.1.0001 00:00 +1400\nTo: c\nSubject: x\n\n" + LETTER
    ),
    "a date of digits": lambda: header(b"Date: " + b"1" * 60_000),
    "a date of colons": lambda: header(b"Date: Mon, 1 Jun 2026 " + b":" * 60_000),
}  # fmt: skip

# What may be read or refused, but not harm.
EITHER: dict[str, Make] = {
    "larger than any mail": lambda: large(99 * MEGABYTE),
    "too large": lambda: large(112 * MEGABYTE),
    "no header at all": lambda: b"\x00\xff" * 1_000_000,
    "zeros": lambda: b"\x00" * 10 * MEGABYTE,
    "line ends": lambda: b"\r\n" * 5 * MEGABYTE,
    "carriage returns": lambda: HEAD + b"\r" * 5 * MEGABYTE,
    "doubled carriage returns": lambda: HEAD.replace(b"\n", b"\r\n") + b"\r\r\n" * 3_000_000,
    "large text of NUL octets": lambda: plain(b"\x00a" * 10 * MEGABYTE),
    "large text in UTF-16": lambda: plain("ä".encode("utf-16-le") * 15 * MEGABYTE, charset=b"utf-16-le"),
    "large text in UTF-7": lambda: plain(b"+AGEAYg-" * 4 * MEGABYTE, charset=b"utf-7"),
    "large text in HZ": lambda: plain(b"~{VPND~}" * 3 * MEGABYTE, charset=b"hz-gb-2312"),
    "many large texts": lambda: mixed(*(b"\r\n" + b"museum " * 300_000 for _ in range(20))),
    "large HTML": lambda: web(b"<p>museum</p>" * 3_000_000),
    "large quoted-printable": lambda: plain(b"=C3=A9\r\n" * 5_000_000, encoding=b"quoted-printable"),
    "large header": lambda: b"X: y\r\n" * 5_000_000 + b"\r\n" + LETTER,
}
