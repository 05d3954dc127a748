"""Settings of who reads and answers: the committee, when digests go, which mail belongs together, answers by mail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pipeline.declarative import Declared
from pipeline.settings.fields import Clock, Host, MailAddress, TimeZone, mail_address


class Committee(Declared):
    """Who reads the weekly summary, and in which language.

    Parameters
    ----------
    addresses
        Who gets it by mail; nobody where the list is empty.
    locale
        Its language, such as ``de`` or ``fr``.
    """

    addresses: tuple[MailAddress, ...] = ()
    locale: str = "en"


class Schedule(Declared):
    """When things happen, in `timezone`.

    Parameters
    ----------
    timezone
        In which times are meant, such as ``Europe/Berlin``; liaisons have their own.
    poll_minutes
        Minutes between two looks at a mailbox, beside listening.
    daily
        When digests go to liaisons who name no hour of their own.
    weekly_day, weekly
        When the weekly summary goes.
    """

    timezone: TimeZone = "UTC"
    poll_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    daily: Clock = "07:00"
    weekly_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    weekly: Clock = "07:00"


def _trusted(sender: str) -> str:
    if sender.startswith("@"):
        mail_address(f"anybody{sender}")
        return sender
    return mail_address(sender)


Trusted = Annotated[str, AfterValidator(_trusted)]


class Threads(Declared):
    """What joins a follow-up to its inquiry beside references.

    Parameters
    ----------
    ticket_hooks
        What the help desk writes before a ticket's number, beside the usual words: ``Vorgang-Nr`` for ``[Vorgang-Nr 12]``.
    trusted_senders
        Whose X-OTRS fields (X-OTOBO, X-Znuny) are believed: addresses, or domains as ``@help.example``. Anybody can write
        such an address into a mail: name those alone for which your mail server refuses forgeries.
    subject_days
        Days within which an equal subject between the same people joins.
    """

    ticket_hooks: tuple[Annotated[str, Field(min_length=1, max_length=40)], ...] = ()
    trusted_senders: tuple[Trusted, ...] = ()
    subject_days: Annotated[int, Field(ge=0, le=366)] = 30


def _plain_local_part(address: str) -> str:
    if "+" in address.rpartition("@")[0]:
        raise ValueError(f"{address!r} has a + already; write the plain address")
    return address


class Answers(Declared):
    """Answers by mail.

    Parameters
    ----------
    address
        Where liaisons' answers, copies of answers to inquirers, and delivery failures arrive: one of the polled
        mailboxes. Mail to ``name+anything@`` has to arrive there as well. None: nobody can answer by mail.
    authserv_ids
        Whose Authentication-Results (RFC 8601) are believed: the authserv-id that your own mail server writes.
    key_file
        The secret from which tokens are made; `triage init` makes it.
    days
        How long a token of a digest is valid.
    maintainer
        Who is told when mail to a liaison keeps coming back, or a page cannot be published; None: the committee is.
    """

    address: Annotated[MailAddress, AfterValidator(_plain_local_part)] | None = None
    authserv_ids: tuple[Host, ...] = ()
    key_file: Path = Path("triage.key")
    days: Annotated[int, Field(ge=1, le=366)] = 45
    maintainer: MailAddress | None = None
