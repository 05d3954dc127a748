"""The mail that an article was, as octets (RFC 5322, RFC 2045): the interface gives its fields, not the mail itself.

Everything in an article is a stranger's. Whatever is written into the header loses its control characters, is split
into what the field may hold, and is encoded (RFC 2047); texts and files are base64. The same article gives the same
octets each time.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from email.header import Header
from email.utils import format_datetime
from urllib.parse import quote

from pipeline.records.messages import LOOP_FIELD
from pipeline.records.tickets import Article, Ticket, TicketFile

TICKET_FIELD = "X-OTRS-TicketNumber"
"""The field that carries the number of the ticket; a mail's own fields never get here."""

_LONGEST = 10_000
_PEOPLE = 300
_REFERENCES = 100
_LINE = 76
_IDENTIFIER = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>")
_TYPE = re.compile(
    r"\s*([a-z0-9][a-z0-9!#$&^_.+-]{0,100}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100})\s*(?:;|$)", re.IGNORECASE
)
_CHARSET = re.compile(r"charset\s{0,5}=\s{0,5}\"?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_BRACKETED = re.compile(r"<([^<>\s]{1,320})>")
# What digests of this program are called; the field that tells them is not among those that the interface gives.
_OWN = re.compile(r"<(?:daily|weekly)\.[0-9W-]{6,10}\.[0-9a-f]{24}@")
_TAGGED_NAME = re.compile(r"file-\d+(?:\.html?)?")


def compose(
    server: str, ticket: Ticket, article: Article, first: Article | None, *, files: bool = True
) -> bytes:
    """Return the mail of an article.

    Parameters
    ----------
    server
        What the ledger calls the help desk; goes into the Message-ID of what never had one.
    ticket
        Where the article is.
    first
        The first article of the thread, which a later one refers to also where its sender did not.
    files
        Whether attachments go along.
    """
    kind, body = _content(article, files=files)
    header = "".join(
        f"{name}: {value}\r\n" for name, value in _fields(server, ticket, article, first) if value
    )
    return (header + f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n").encode("utf-8", "replace") + body


def identifier(server: str, article: Article) -> str:
    """Return the Message-ID of an article, made up for what was no mail; with angle brackets."""
    found = _IDENTIFIER.search(article.message_id)
    return found[0] if found else f"<{server}.{article.id}@otrs.invalid>"


def _fields(
    server: str, ticket: Ticket, article: Article, first: Article | None
) -> Iterator[tuple[str, str]]:
    yield "Date", format_datetime(article.created_at or ticket.created_at)
    yield "From", ",\r\n ".join(_addresses(article.from_))
    yield "To", ",\r\n ".join(_addresses(article.to))
    yield "Cc", ",\r\n ".join(_addresses(article.cc))
    yield "Reply-To", ",\r\n ".join(_addresses(article.reply_to))
    yield "Subject", _encoded("Subject", article.subject)
    yield "Message-ID", identifier(server, article)
    answered = _identifiers(article.in_reply_to)
    anchor = [identifier(server, first)] if first is not None and first.id != article.id else []
    yield "In-Reply-To", "\r\n ".join(answered[:_REFERENCES] or anchor)
    known = _identifiers(article.references)
    chain = list(dict.fromkeys([*anchor, *known[-_REFERENCES:], *answered]))
    yield "References", "\r\n ".join(chain[: _REFERENCES + 1]) if anchor or known else ""
    yield LOOP_FIELD, "digest" if _OWN.match(article.message_id) else ""
    yield TICKET_FIELD, "".join(c for c in ticket.number if c.isascii() and c.isalnum())[:40]


def _content(article: Article, *, files: bool) -> tuple[str, bytes]:
    """Return Content-Type, and what follows it: further fields, the empty line, and the body."""
    attached = [one for one in article.files if not _is_html_body(one)]
    html = next((one for one in article.files if _is_html_body(one) and one.content), None)
    text = article.body.encode("utf-8", "replace")
    if article.mime_type == "text/html":
        main = _part("text/html; charset=utf-8", text)
    else:
        main = _part("text/plain; charset=utf-8", text)
        if html is not None:
            main = _multipart(
                "alternative", [main, _part(f"text/html; charset={_charset(html)}", html.content)]
            )
    if attached and files:
        main = _multipart("mixed", [main, *map(_file, attached)])
    return main


def _is_html_body(one: TicketFile) -> bool:
    """Tell whether a file is the article's text as HTML, which the server lists among the attachments."""
    if not one.content_type.lower().startswith("text/html"):
        return False
    return one.alternative or (one.disposition != "attachment" and bool(_TAGGED_NAME.fullmatch(one.name)))


def _part(kind: str, octets: bytes, further: str = "") -> tuple[str, bytes]:
    coded = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    return kind, f"{further}Content-Transfer-Encoding: base64\r\n\r\n".encode() + coded


def _multipart(kind: str, parts: Iterable[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Join parts by a boundary that none of them can hold: it is the hash of them all."""
    whole = [f"Content-Type: {declared}\r\n".encode() + octets for declared, octets in parts]
    boundary = "=_" + hashlib.sha256(b"\0".join(whole)).hexdigest()[:40]
    line = f"--{boundary}\r\n".encode()
    body = b"".join(line + one + b"\r\n" for one in whole)
    return f'multipart/{kind}; boundary="{boundary}"', b"\r\n" + body + f"--{boundary}--\r\n".encode()


def _file(one: TicketFile) -> tuple[str, bytes]:
    found = _TYPE.match(one.content_type)
    kind = (
        found[1].lower()
        if found and not found[1].lower().startswith("multipart/")
        else "application/octet-stream"
    )
    if kind.startswith("text/"):
        kind += f"; charset={_charset(one)}"
    place = "inline" if one.disposition == "inline" and one.content_id else "attachment"
    name = _plain(one.name).strip()[:255]
    further = f"Content-Disposition: {place}{_filename(name)}\r\n"
    shown = re.fullmatch(r"<?([\x21-\x3b\x3d\x3f-\x7e]{1,300})>?", one.content_id)
    further += f"Content-ID: <{shown[1]}>\r\n" if shown else ""
    if kind == "message/rfc822":  # must not be encoded (RFC 2046, section 5.2.1)
        return kind, f"{further}Content-Transfer-Encoding: 8bit\r\n\r\n".encode() + one.content
    return _part(kind, one.content, further)


def _filename(name: str) -> str:
    """Return the parameter as in RFC 6266 and RFC 2231."""
    if not name:
        return ""
    if re.fullmatch(r"[A-Za-z0-9 ._()+-]{1,60}", name):
        return f'; filename="{name}"'
    return ";\r\n filename*=UTF-8''" + quote(name.encode("utf-8", "replace"), safe="")


def _charset(one: TicketFile) -> str:
    found = _CHARSET.search(one.content_type)
    return found[1].lower() if found else "utf-8"


def _plain(text: str) -> str:
    """Return text without what ends a line or a field: no control characters, no halves of surrogate pairs."""
    kept = "".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in text[:_LONGEST])
    return " ".join(kept.encode("utf-8", "replace").decode().split())


def _encoded(name: str, text: str) -> str:
    """Return unstructured text, encoded where it is not plain ASCII or looks as if it were encoded already."""
    plain = _plain(text)
    if plain.isascii() and "=?" not in plain:
        return _folded(plain, len(name) + 2)
    return Header(plain, "utf-8", maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")


def _folded(text: str, used: int) -> str:
    lines, line = [], ""
    for word in text.split(" "):
        if line and used + len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line, used = word, 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _addresses(text: str) -> list[str]:
    """Return mailboxes as they are written in a header, of a list whose names were decoded and may hold commas."""
    found = []
    for chunk in _chunks(_plain(text)):
        bracketed = next(reversed(list(_BRACKETED.finditer(chunk))), None)
        address = bracketed[1] if bracketed else chunk.strip()
        name = chunk[: bracketed.start()].strip(" \"'") if bracketed else ""
        address = "".join(c for c in address if c not in '<>()[],;:\\" ')[:320]
        if address and (bracketed or "@" in address):
            found.append(_mailbox(name[:500], address))
        elif chunk.strip():
            found.append(_mailbox(chunk.strip(" \"'")[:500], ""))
    return found[:_PEOPLE]


def _chunks(text: str) -> Iterator[str]:
    """Yield what is between commas, but for those in quotes, in brackets, or in a name whose address comes later."""
    quoted = bracketed = False
    chunk = ""
    for sign in text:
        if sign == '"':
            quoted = not quoted
        elif sign in "<>" and not quoted:
            bracketed = sign == "<"
        if sign in ",;" and not quoted and not bracketed and "@" in chunk:
            yield chunk
            chunk = ""
        else:
            chunk += sign
    yield chunk


def _mailbox(name: str, address: str) -> str:
    if not name:
        return f"<{address}>"
    if name.isascii() and "=?" not in name:
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        shown = Header(name, "utf-8", maxlinelen=_LINE, header_name="From").encode(linesep="\r\n")
    return f"{shown} <{address}>"


def _identifiers(text: str) -> list[str]:
    return _IDENTIFIER.findall(text[: 1000 * _REFERENCES])
