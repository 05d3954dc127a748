"""ParsedMessage to Inquiry: who asks, in whose words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.errors import UnreadableMessage
from pipeline.parsing import authors, body, forwards, language, lists
from pipeline.parsing.addresses import addresses
from pipeline.parsing.automatic import automatic
from pipeline.parsing.contact import read_signature
from pipeline.parsing.failures import failure
from pipeline.parsing.introduction import introduce
from pipeline.parsing.listdigests import enclosed_mails
from pipeline.parsing.mime import parse_message
from pipeline.parsing.quotes import split_quotes
from pipeline.parsing.returned import returned
from pipeline.parsing.scrubbed import cut_scrubbed
from pipeline.parsing.signature import split_signature
from pipeline.parsing.subjects import answered, base_subject, forwarded
from pipeline.records.inquiries import Automatic, Forward, Inquiry
from pipeline.records.messages import Address, Attachment, ParsedMessage

_COVER_LIMIT = 1_500  # characters of a note above which an attached message is an enclosure, not a forward
_NESTING = 3
_NO_TYPES = frozenset(("application/octet-stream", "application/eml", "application/x-eml", "text/plain"))
_FROM = re.compile(rb"(?:\A|\n)From:", re.IGNORECASE)
_HEAD = 65_536  # octets in which an attachment without a type must have a From field to be a message


def read_inquiry(message: ParsedMessage, received_at: datetime | None = None) -> Inquiry:
    """Read a message as an inquiry.

    Parameters
    ----------
    message
        The message.
    received_at
        When it arrived (aware, UTC), if the source knows; else its own date counts.
    """
    machine = automatic(message)
    read = _read(message, machine)
    return Inquiry(
        message=replace(message, attachments=message.attachments + read.scrubbed)
        if read.scrubbed
        else message,
        thread=_thread(message),
        author=read.author,
        forward=read.forward,
        recipients=tuple(dict.fromkeys(to.address for to in message.to + message.cc if to.address)),
        base_subject=_subject(message, read.forward),
        body=read.body,
        text=read.text,
        quoted=read.quoted,
        signature=read.signature,
        introduction=introduce(read.text, read.signature, read.author.name),
        language=language.detect(read.text, base_subject(message.subject)),
        list_id=lists.list_identifier(message),
        automatic=machine,
        received_at=received_at or message.date,
        returned=returned(message, machine),
        failure=failure(message, machine),
        enclosed=enclosed_mails(message) if machine is Automatic.LIST_ADMIN else (),
        signed=read_signature(read.signature, read.author.name),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The parts of a body."""

    author: Address
    body: str
    text: str
    quoted: str
    signature: str
    forward: Forward | None = None
    scrubbed: tuple[Attachment, ...] = ()


def _read(message: ParsedMessage, machine: Automatic | None, depth: int = 0) -> _Reading:
    writer = authors.author(message)
    shown = body.choose(message)
    if machine is None:
        attached = _attached(message, shown, writer, depth)
        if attached:
            return attached
        answers = bool(message.in_reply_to or message.references)
        opened = forwards.open_forward(shown, message.subject, writer, answers=answers, to=message.to)
        if opened:
            return _opened(opened, shown, writer)
        own = _divide(shown, writer, answers=answers or _marked(message.subject))
        return replace(own, forward=_resent(message, writer))
    return _divide(shown, writer)


def _resent(message: ParsedMessage, writer: Address) -> Forward | None:
    """Return who passed a mail on as it was (RFC 5322, section 3.6.6), other than a list or its author."""
    field = message.header("Resent-From") or message.header("Resent-Sender")
    by = next(iter(addresses(field)), Address()) if field else Address()
    own = by.address.lower() == writer.address.lower()
    if not by.address or own or lists.is_role_of(by.address, lists.list_addresses(message)):
        return None
    return Forward(forwarder=by, from_=writer, date=message.date, subject=message.subject)


def _marked(subject: str) -> bool:
    """Tell whether a subject bears a mark of a reply or forward."""
    return answered(subject) or forwards.passed_on(subject)


def _divide(shown: str, writer: Address, *, answers: bool = True) -> _Reading:
    whole, notices, scrubbed = cut_scrubbed(shown)
    written, quoted = split_quotes(whole, answers=answers, writer=writer.name)
    text, signature = split_signature(written, writer.name)
    quoted = "\n\n".join(part for part in (quoted, notices) if part)
    return _Reading(
        author=writer, body=shown, text=text, quoted=quoted, signature=signature, scrubbed=scrubbed
    )


def _opened(opened: forwards.Opened, shown: str, writer: Address) -> _Reading:
    """Read the mail inside a forward."""
    known = _first_author(opened.forward, writer)
    inner = _divide(opened.text, known)
    if known.name and not known.address:  # Outlook names people of its own address book without their address
        emails = read_signature(inner.signature, known.name).emails
        known = replace(known, address=next((one for one in emails if one != writer.address), ""))
    return _Reading(
        author=known,
        body=shown,
        text=inner.text,
        quoted="\n\n".join(part for part in (opened.note, inner.quoted) if part),
        signature=inner.signature,
        forward=opened.forward,
        scrubbed=inner.scrubbed,
    )


def _first_author(forward: Forward, writer: Address) -> Address:
    """Return whom the block names; the sender where it names nobody, or the sender by name alone."""
    first = forward.from_
    same = first.name and not first.address and set(first.name.split()) <= set(writer.name.split())
    return writer if same or first == Address() else first


def _attached(message: ParsedMessage, shown: str, writer: Address, depth: int) -> _Reading | None:
    """Read a message that was forwarded as an attachment (RFC 2046, section 5.2.1)."""
    enclosed = [part for part in message.attachments if part.payload and _is_mail(part)]
    if len(enclosed) != 1 or depth >= _NESTING:
        return None
    if not forwarded(message.subject) and (len(shown) > _COVER_LIMIT or message.in_reply_to):
        return None
    original = _parsed(enclosed[0])
    if original is None:
        return None
    inner = _read(original, None, depth + 1)
    if not inner.text.strip():
        return None
    if not shown and lists.is_role_of(message.from_.address, lists.list_addresses(message)):
        return inner  # a list that wraps what it passes on (Mailman's "wrap_message") forwards nothing
    first = inner.forward.from_ if inner.forward and inner.forward.from_ != Address() else inner.author
    forward = Forward(forwarder=writer, from_=first, date=original.date, subject=original.subject)
    if forwards.asks_itself(shown, inner.text, forward, message.to):
        return None
    return _Reading(
        author=first,
        body=f"{shown}\n\n{inner.body}".strip("\n"),
        text=inner.text,
        quoted="\n\n".join(part for part in (shown, inner.quoted) if part),
        signature=inner.signature,
        forward=forward,
    )


def _is_mail(part: Attachment) -> bool:
    """Tell whether an attachment is a message, also where its type says nothing but its name does."""
    if part.content_type == "message/rfc822":
        return True
    return (
        part.name.lower().endswith(".eml")
        and part.content_type in _NO_TYPES
        and bool(_FROM.search(part.payload[:_HEAD]))
    )


def _parsed(enclosed: Attachment) -> ParsedMessage | None:
    try:
        return parse_message(enclosed.payload)
    except UnreadableMessage:
        return None


def _thread(message: ParsedMessage) -> str:
    """Return what the message names as the root of its thread (RFC 5322, section 3.6.4)."""
    return next(iter((*message.references, *message.in_reply_to)), message.message_id or message.sha256)


def _subject(message: ParsedMessage, forward: Forward | None) -> str:
    """Return the base subject; of the forwarded mail where the outer one only passes it on."""
    inner = base_subject(forward.subject) if forward else ""
    return inner if inner and forwarded(message.subject) else base_subject(message.subject)
