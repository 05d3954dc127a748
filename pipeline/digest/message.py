"""Rendered digests to mail (RFC 5322, RFC 2045 to 2047, RFC 2387): complete, safe and the same each time."""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from pipeline.digest import clean
from pipeline.digest.render import Rendered
from pipeline.errors import UsageError
from pipeline.records.messages import LOOP_FIELD, Address
from pipeline.tongue import tongue

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,120}@[A-Za-z0-9.-]{1,120}>")
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_OWN = frozenset({"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "mime-version", "content-type",
                  "content-transfer-encoding", "auto-submitted", LOOP_FIELD.lower()})  # fmt: skip
_LONGEST_SUBJECT = 200
_LONGEST_FIELD = 900


def compose(
    rendered: Rendered,
    *,
    sender: Address,
    recipient: Address,
    message_id: str,
    date: datetime,
    headers: Mapping[str, str] | None = None,
    answers: bool = False,
) -> bytes:
    """Return `rendered` as a mail with CRLF line ends; equal arguments give equal octets.

    Parameters
    ----------
    rendered
        What it says.
    sender, recipient
        From and To; display names may hold anything, control characters are dropped.
    message_id
        With angle brackets; the caller keeps it stable, so that a repeat is recognised.
    date
        Aware.
    headers
        More fields, such as List-Unsubscribe; those that this function writes itself are refused.
    answers
        It answers a mail (``auto-replied``), and is not sent of its own accord.

    Raises
    ------
    UsageError
        If an address, the Message-ID or a field name is not fit for a header.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender)
    message["To"] = _address(recipient)
    message["Subject"] = clean.line(rendered.subject, _LONGEST_SUBJECT)
    message["Date"] = date
    message["Message-ID"] = _identifier(message_id)
    # RFC 3834, section 5; the second field keeps Exchange's absence notices away.
    message["Auto-Submitted"] = "auto-replied" if answers else "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message[LOOP_FIELD] = "digest"
    _fill(message, rendered)
    # Content-Language would go with the content if it stood there before.
    for name, value in (headers or {}).items():
        message[_field_name(name)] = clean.line(value, _LONGEST_FIELD)
    _settle_boundaries(message, message_id)
    return message.as_bytes()


def thread_fields(thread: str, reply_to: str, locale: str) -> dict[str, str]:
    """Return the fields that keep a liaison's mails of one week together, and lead answers to the right place.

    Parameters
    ----------
    thread
        A Message-ID that all of them answer; no mail has it, and mail programs need none (RFC 5256, section 3).
    reply_to
        Where answers go, and a request to pause (RFC 2369, section 3.2); empty where nobody can answer.
    locale
        What it is written in (RFC 3282).
    """
    fields = {
        "In-Reply-To": _identifier(thread),
        "References": thread,
        "Content-Language": tongue(locale).lang,
    }
    if clean.mail_address(reply_to):
        fields |= {"Reply-To": reply_to, "List-Unsubscribe": f"<{clean.pause_link(reply_to)}>"}
    return fields


def _fill(message: EmailMessage, rendered: Rendered) -> None:
    """Build mixed > (alternative > text, (related > html, images)), attachments."""
    _write(message, rendered.text, "plain")
    if not rendered.html:
        return  # a note of a few lines needs no page
    message.add_alternative("", subtype="html", cte="quoted-printable")
    page = list(message.iter_parts())[-1]
    _write(page, rendered.html, "html")
    for image in rendered.images:
        name = f"{image.cid.partition('@')[0]}.png"
        page.add_related(image.png, "image", "png", cid=f"<{image.cid}>", disposition="inline", filename=name)
    for name, content_type, octets in rendered.attachments:
        maintype, _, subtype = content_type.partition("/")
        message.add_attachment(octets, maintype, subtype, filename=clean.line(name, 80))


def _write(part: Any, text: str, subtype: str) -> None:
    """Make `text` the content of `part` in quoted-printable, which binascii writes many times as fast as email does."""
    part.set_content("", subtype=subtype, cte="quoted-printable")
    part.set_payload(binascii.b2a_qp(text.encode(), istext=True).decode("ascii"))


def _settle_boundaries(message: EmailMessage, seed: str) -> None:
    """Replace random boundaries; ``=_`` cannot come up in quoted-printable or base64 (RFC 2045, section 6.7)."""
    stem = hashlib.sha256(seed.encode()).hexdigest()[:24]
    for number, part in enumerate(each for each in message.walk() if each.is_multipart()):
        part.set_boundary(f"=_{stem}_{number}")


def _address(address: Address) -> HeaderAddress:
    if not clean.mail_address(address.address):
        raise UsageError(
            f"not a mail address that can stand in a header: {address.address!r}; write name@example.org"
        )
    return HeaderAddress(display_name=clean.line(address.name, 80), addr_spec=address.address)


def _identifier(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise UsageError(f"not a Message-ID: {message_id!r}; write <unique@example.org>")
    return message_id


def _field_name(name: str) -> str:
    if not _FIELD_NAME.fullmatch(name) or name.lower() in _OWN:
        raise UsageError(f"not a header field that can be added: {name!r}")
    return name
