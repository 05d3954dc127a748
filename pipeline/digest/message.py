"""A rendered digest as a mail (RFC 5322, RFC 2045 to 2049, RFC 2387 for the images inside)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from pipeline.digest import clean
from pipeline.digest.render import Rendered
from pipeline.records.messages import Address

_SUBJECT = 200
_NAME = 80


def compose(
    rendered: Rendered,
    *,
    sender: Address,
    recipient: Address,
    message_id: str,
    date: datetime,
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """Return the mail that carries `rendered`, with CRLF line ends.

    Parameters
    ----------
    sender, recipient
        Configured people; only their display names are cleaned here.
    message_id
        With angle brackets; the same digest has the same one whenever it is made.
    date
        Aware.
    extra
        Further header fields.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _mailbox(sender)
    mail["To"] = _mailbox(recipient)
    mail["Subject"] = clean.line(rendered.subject, _SUBJECT)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = clean.line(message_id, 250)
    # RFC 3834, section 5: not an answer, and nobody's program should answer.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    for name, value in (extra or {}).items():
        mail[name] = clean.line(value, 900)
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    _add_images(mail, rendered)
    for name, content_type, octets in rendered.attachments:
        maintype, _, subtype = content_type.partition("/")
        mail.add_attachment(octets, maintype=maintype, subtype=subtype, filename=clean.line(name, 80))
    return mail.as_bytes()


def _add_images(mail: EmailMessage, rendered: Rendered) -> None:
    page = mail.get_body(("html",))
    if isinstance(page, EmailMessage):
        for image in rendered.images:
            page.add_related(
                image.png,
                "image",
                "png",
                cid=f"<{image.cid}>",
                filename=f"{image.cid}.png",
                disposition="inline",
            )


def _mailbox(address: Address) -> HeaderAddress:
    return HeaderAddress(display_name=clean.line(address.name, _NAME), addr_spec=address.address)
