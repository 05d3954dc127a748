"""The thread fixtures: compact TOML to mails as programs send them.

A thread has `groups`: mails of one inquiry stand together, inquiries apart are parted by ``|``; `same`: mails that are
copies of one; `links`: ``x>a`` claims, ``x~a`` has the same Message-ID; `order`: ``any``, or ``given`` where the rules
speak of who came first. Of a mail: `re` answers another one, with all references (`bare`: In-Reply-To alone), `refs` and
`rawrefs` as they stand (``@a`` is the Message-ID of mail a), `copy` is another copy of a mail, `list` came over a list,
`via` with From rewritten (`lost`: nowhere the address), `mid` own Message-ID or none, `day` after the first.
"""

from __future__ import annotations

import base64
import email.header
import email.utils
import hashlib
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DESK = "partnerships@desk.example"
_FOOTER = (
    "\r\n\r\n_______________________________________________\r\n{name} mailing list -- {name}@lists.example\r\n"
    "To unsubscribe send an email to {name}-leave@lists.example\r\n"
)
_QUOTES = (
    "On Mon, 5 Jan 2026 at 09:00, {name} <{address}> wrote:",
    "-----Original Message-----\r\nFrom: {name} <{address}>\r\nSent: Monday, 5 January 2026 09:00\r\nSubject: {subject}\r\n",
    "On 5 Jan 2026, at 09:00, {name} <{address}> wrote:",
    "On 05.01.2026 09:00, {name} wrote:",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail of a thread."""

    thread: str
    id: str
    octets: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thread: its mails, and what is expected of them."""

    name: str
    letters: tuple[Letter, ...]
    groups: frozenset[frozenset[str]]
    same: frozenset[str]
    links: frozenset[str]
    any_order: bool


def cases() -> list[Case]:
    """Return all threads."""
    found = []
    for path in sorted(DATA.glob("*.toml")):
        found += [_case(one) for one in tomllib.loads(path.read_text(encoding="utf-8"))["thread"]]
    return found


def _case(thread: dict[str, Any]) -> Case:
    mails: dict[str, dict[str, Any]] = {}
    for mail in thread["mail"]:
        whole = {**mails[mail["copy"]], "of": mail["copy"], **mail} if "copy" in mail else mail
        mails[mail["id"]] = whole
    return Case(
        name=thread["name"],
        letters=tuple(_letter(thread["name"], mail, mails) for mail in mails.values()),
        groups=frozenset(frozenset(group.split()) for group in thread["groups"].split("|")),
        same=frozenset(thread.get("same", "").split()),
        links=frozenset(thread.get("links", "").split()),
        any_order=thread.get("order", "any") == "any",
    )


def _letter(thread: str, mail: dict[str, Any], mails: dict[str, dict[str, Any]]) -> Letter:
    sent = START + timedelta(days=mail.get("day", 0))
    # Copies arrive some seconds after each other, a list's a minute later.
    delay = timedelta(seconds=90 if mail.get("list") and "of" in mail else 10 + ord(mail["id"]))
    if "bounce" in mail:
        octets = _bounce(thread, mail, mails, sent)
    else:
        head = "".join(f"{line}\r\n" for line in _header(thread, mail, mails, sent))
        octets = head.encode() + _body(mail, mails)
    return Letter(thread=thread, id=mail["id"], octets=octets, received_at=sent + delay)


def _header(thread: str, mail: dict[str, Any], mails: dict[str, dict[str, Any]], sent: datetime) -> list[str]:
    writer = mail["from"]
    lines = [f"From: {_address(writer)}", f"To: {_address(mail.get('to', DESK))}"]
    if mail.get("cc"):
        lines.append(f"Cc: {_address(mail['cc'])}")
    subject, name = mail["subject"], mail.get("list", "")
    if name:
        lines += [
            f"List-Id: {name.title()} <{name}.lists.example>",
            f"List-Post: <mailto:{name}@lists.example>",
        ]
        subject = f"[{name.title()}] {subject}"
    if mail.get("via"):
        person = email.utils.parseaddr(writer)
        lines[0] = f'From: "{person[0]} via {name.title()}" <{name}@lists.example>'
        lines += [] if mail.get("lost") else [f"Reply-To: {person[1]}"]
    lines += [f"Subject: {_encoded(subject)}", f"Date: {email.utils.format_datetime(sent)}"]
    lines += mail.get("headers", [])
    identifier = _identifier(thread, mail)
    lines += [f"Message-ID: <{identifier}>"] if identifier else []
    lines += _references(thread, mail, mails)
    if "outlook" in mail:
        lines.append(f"Thread-Index: {_thread_index(thread, mail['outlook'])}")
    return [*lines, "MIME-Version: 1.0"]


def _references(thread: str, mail: dict[str, Any], mails: dict[str, dict[str, Any]]) -> list[str]:
    if "rawrefs" in mail:
        raw = re.sub(r"@([a-z])\b", lambda found: _identifier(thread, mails[found[1]]), mail["rawrefs"])
        return [raw.rstrip("\r\n")]
    if "refs" in mail:
        named = [_named(thread, one, mails) for one in mail["refs"]]
        return ["References: " + " ".join(f"<{one}>" for one in named)]
    if "re" not in mail:
        return []
    chain = [mail["re"]]
    while "re" in mails[chain[0]]:
        chain.insert(0, mails[chain[0]]["re"])
    named = [_identifier(thread, mails[one]) for one in chain]
    named[1:1] = [f"filler-{number}@noise.example" for number in range(mail.get("many", 0))]
    lines = [f"In-Reply-To: <{named[-1] if len(chain) > 1 else named[0]}>"]
    return lines if mail.get("bare") else [*lines, "References: " + "\r\n ".join(f"<{one}>" for one in named)]


def _named(thread: str, one: str, mails: dict[str, dict[str, Any]]) -> str:
    return _identifier(thread, mails[one[1:]]) if one.startswith("@") else one


def _identifier(thread: str, mail: dict[str, Any]) -> str:
    own = mail.get("mid")
    if own is not None and not own.startswith("@"):
        return str(own)
    name = own[1:] if own else mail.get("of", mail["id"])
    return f"{thread}.{name}@mail.example"


def _thread_index(thread: str, mark: str) -> str:
    root = hashlib.sha256(f"{thread}{mark.rstrip('+')}".encode()).digest()[:22]
    return base64.b64encode(root + b"\x80\x01\x02\x03\x04" * mark.count("+")).decode()


def _body(mail: dict[str, Any], mails: dict[str, dict[str, Any]]) -> bytes:
    text = mail["text"]
    if "long" in mail:
        text += "".join(
            f" In chapter {number} we tell of shaft number {number * 7}." for number in range(mail["long"])
        )
    if "quote" in mail:
        text += _quote(mails[mail["quote"]])
    if mail.get("list"):
        text += _FOOTER.format(name=mail["list"])
    charset = mail.get("charset", "utf-8")
    if mail.get("html"):
        return f"Content-Type: text/html; charset=utf-8\r\n\r\n{mail['html']}".encode()
    octets = text.encode(charset, "replace")
    if mail.get("spoilt"):
        octets, charset = re.sub(rb"[\x80-\xff]{2}", b"?", octets), "us-ascii"
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(octets).replace(b"\n", b"\r\n")


def _quote(mail: dict[str, Any]) -> str:
    name, address = email.utils.parseaddr(mail["from"])
    style = _QUOTES[len(mail["text"]) % len(_QUOTES)]
    quoted = "\r\n".join(f"> {line}" for line in mail["text"].splitlines())
    return f"\r\n\r\n{style.format(name=name, address=address, subject=mail['subject'])}\r\n{quoted}\r\n"


def _bounce(thread: str, mail: dict[str, Any], mails: dict[str, dict[str, Any]], sent: datetime) -> bytes:
    lost = _identifier(thread, mails[mail["bounce"]])
    return "\r\n".join(
        (
            f"From: {mail['from']}", f"To: {DESK}", f"Subject: {mail['subject']}",
            f"Date: {email.utils.format_datetime(sent)}", f"Message-ID: <{_identifier(thread, mail)}>",
            "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
            "--b", "Content-Type: text/plain; charset=utf-8", "", mail["text"],
            "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "",
            "Final-Recipient: rfc822; teo@musica.example", "Action: failed", "Status: 5.2.2", "",
            "--b", "Content-Type: message/rfc822", "", f"From: {DESK}", "To: teo@musica.example",
            "Subject: Re: an answer", "Message-ID: <never-seen@desk.example>", f"In-Reply-To: <{lost}>", "",
            "Thank you.", "--b--", "",
        )
    ).encode()  # fmt: skip


def _address(written: str) -> str:
    pairs = email.utils.getaddresses([written])
    return ", ".join(email.utils.formataddr(pair) for pair in pairs)


def _encoded(text: str) -> str:
    return text if text.isascii() else email.header.Header(text, "utf-8").encode(linesep="\r\n")
