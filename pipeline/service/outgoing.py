"""Mails of the program's own: from the address of the settings, under a Message-ID that a repeat has, too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pipeline.digest.message import compose
from pipeline.digest.render import Rendered
from pipeline.records.messages import Address
from pipeline.records.work import OutgoingMail
from pipeline.settings import Smtp


def outgoing(
    rendered: Rendered,
    smtp: Smtp,
    to: Address,
    *,
    purpose: str,
    period: str,
    message_id: str,
    now: datetime,
    headers: Mapping[str, str] | None = None,
    answers: bool = False,
) -> OutgoingMail:
    """Return `rendered` as a mail that can be queued.

    Parameters
    ----------
    purpose, period
        What it is, and for what: with the recipient the key by which it is queued only once.
    headers, answers
        As `pipeline.digest.message.compose` takes them.
    """
    octets = compose(
        rendered,
        sender=Address(name=smtp.from_name, address=smtp.from_address),
        recipient=to,
        message_id=message_id,
        date=now,
        headers=headers,
        answers=answers,
    )
    return OutgoingMail(
        recipient=to.address, purpose=purpose, period=period, message_id=message_id, octets=octets
    )


def message_id(smtp: Smtp, *parts: str) -> str:
    """Return the Message-ID that is made of `parts`, at the domain of the program's address."""
    return f"<{'.'.join(parts)}@{smtp.from_address.rpartition('@')[2]}>"
