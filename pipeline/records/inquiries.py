"""What a message means: who asks, in whose words, in which language, by machine or by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.records.messages import Address, ParsedMessage


class Automatic(StrEnum):
    """Why a message counts as produced by a machine (RFC 3834, RFC 3464, RFC 8098, RFC 5965)."""

    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    REPORT = "report"
    LIST_ADMIN = "list-admin"
    CALENDAR = "calendar"
    OWN = "own"
    OTHER = "other"


class View(StrEnum):
    """A part of an inquiry that says something by being where it is."""

    SENDER = "sender"
    SUBJECT = "subject"
    INTRODUCTION = "introduction"
    BODY = "body"
    SIGNATURE = "signature"
    QUOTED = "quoted"
    ATTACHMENTS = "attachments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """The header that somebody who forwarded a mail left above it.

    Parameters
    ----------
    forwarder
        Who passed it on.
    from_
        The first author, as far as the block tells.
    date, subject
        Of the forwarded mail; None or empty if the block does not tell.
    """

    forwarder: Address
    from_: Address
    date: datetime | None
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a signature block says about who signs; what it does not say is empty.

    Parameters
    ----------
    name, role, organisation
        As written, without the closing phrase and marks around them.
    address
        Where they are found: street, place, country, in the order of the block, divided by commas.
    phones
        Telephone numbers as written, without labels; no fax numbers.
    web
        Addresses of pages, without ``https://``.
    emails
        Mail addresses, the domain in lower case.
    """

    name: str = ""
    role: str = ""
    organisation: str = ""
    address: str = ""
    phones: tuple[str, ...] = ()
    web: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a report, such as a bounce, tells of the mail that it is about: Message-IDs, oldest first, and its subject."""

    identifiers: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What a bounce tells of the delivery that it is about.

    Parameters
    ----------
    status
        Enhanced status code (RFC 3463), such as 5.1.1; 5.0.0 or 4.0.0 where only the class is known, 2.0.0 for a success.
    permanent
        Whether it failed for good; a delay, or what might work another day, did not.
    """

    status: str
    permanent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One message as a reader understands it.

    Parameters
    ----------
    message
        The message that it was read from.
    thread
        Message identifier of the thread's root as the message itself claims it; the message's own if it starts one.
    author
        Who asks: behind a forward its first author, behind a rewriting list the person.
    forward
        The forward block, or None.
    recipients
        Addresses of To and Cc.
    base_subject
        Subject without reply and forward marks and list tags (RFC 5256, section 2.1).
    body
        The whole chosen body as text, as people see it.
    text
        What the author wrote: the body without quoted mail and without the signature; in a forward, of the forwarded mail.
    quoted
        Quoted mail, and in a forward the forwarder's own words.
    signature
        The signature block.
    introduction
        First sentences of `text` and those in which the author says who writes.
    language
        ISO 639-1, else 639-3, else ``und``.
    list_id
        The mailing list, or None.
    automatic
        Why it counts as produced by a machine, or None for a human author.
    received_at
        When it arrived (aware, UTC): by the source, else by its own Date, else None.
    signed
        What the signature says, taken apart.
    returned
        The mail that a report is about, or None.
    enclosed
        Of the digest of a list the mails in it, each as octets in base64.
    failure
        What a bounce tells of the delivery, or None.
    """

    message: ParsedMessage
    thread: str
    author: Address
    forward: Forward | None
    recipients: tuple[str, ...]
    base_subject: str
    body: str
    text: str
    quoted: str
    signature: str
    introduction: str
    language: str
    list_id: str | None
    automatic: Automatic | None
    received_at: datetime | None
    signed: Signature = Signature()
    returned: Returned | None = None
    enclosed: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def sha256(self) -> str:
        """Identity of the message's octets."""
        return self.message.sha256

    def view(self, view: View) -> str:
        """Return the text of one `view`."""
        match view:
            case View.SENDER:
                return f"{self.author.name} <{self.author.address}>"
            case View.SUBJECT:
                return self.base_subject
            case View.INTRODUCTION:
                return self.introduction
            case View.BODY:
                return self.text
            case View.SIGNATURE:
                return self.signature
            case View.QUOTED:
                return self.quoted
            case View.ATTACHMENTS:
                parts = (part for one in self.message.attachments for part in (one.name, one.text))
                return "\n".join(filter(None, parts))
