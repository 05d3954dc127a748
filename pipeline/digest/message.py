"""Rendered digests to mail (RFC 5322, RFC 2045 to 2047, RFC 2387): complete, safe and the same each time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP

from pipeline.digest import clean
from pipeline.digest.render import Rendered
from pipeline.errors import UsageError
from pipeline.records.messages import LOOP_FIELD, Address

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
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message[LOOP_FIELD] = "digest"
    for name, value in (headers or {}).items():
        message[_field_name(name)] = clean.line(value, _LONGEST_FIELD)
    _fill(message, rendered)
    _settle_boundaries(message, message_id)
    return message.as_bytes()


def _fill(message: EmailMessage, rendered: Rendered) -> None:
    """Build mixed > (alternative > text, (related > html, images)), attachments."""
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    page = list(message.iter_parts())[-1]
    for image in rendered.images:
        name = f"{image.cid.partition('@')[0]}.png"
        page.add_related(image.png, "image", "png", cid=f"<{image.cid}>", disposition="inline", filename=name)
    for name, content_type, octets in rendered.attachments:
        maintype, _, subtype = content_type.partition("/")
        message.add_attachment(octets, maintype, subtype, filename=clean.line(name, 80))


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
