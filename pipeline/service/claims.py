"""What a message says of the thread that it belongs to: references, ticket, subject, who takes part, when."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from pipeline.parsing.automatic_phrases import REPLY_SUBJECTS
from pipeline.parsing.subjects import base_subject
from pipeline.records.inquiries import Automatic, Inquiry
from pipeline.records.messages import ParsedMessage
from pipeline.records.threads import Claims, Voice
from pipeline.service.tickets import ticket_of, without_ticket

# References of one message that are looked up: the root and the latest ones.
_REFERENCES = 100
_PEOPLE = 300
_SUBJECT = 255
# A Date is believed if it is no later than the arrival and not over a week before it; clocks may be a bit off.
_EARLY = timedelta(days=7)
_LATE = timedelta(minutes=15)
# Conversation of an Outlook mail: 22 octets that all its answers begin with ([MS-OXOMSG], section 2.2.1.3).
_CONVERSATION = 22
# Letters and digits; Indic and Burmese vowel signs are part of their words.
WORD = re.compile(r"(?:[^\W_]|[\u0900-\u0dff\u1000-\u109f])+")
_MUNGED = re.compile(r"([^@\s]{1,64})(?:=|%40)([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})@", re.IGNORECASE)


def claims(
    inquiry: Inquiry,
    liaisons: Iterable[str],
    now: datetime,
    hooks: tuple[str, ...] = (),
    ticket: str | None = None,
) -> Claims:
    """Return what a message claims.

    Parameters
    ----------
    inquiry
        The message as read.
    liaisons
        Addresses of the desk's own people.
    now
        When it is read; stands for a time that nobody tells.
    hooks
        What stands before ticket numbers beside the usual words, such as ``Vorgang#``.
    ticket
        Its ticket, where that is known by more than its subject.
    """
    message = inquiry.message
    own = {address_key(one) for one in liaisons}
    sender = _sender(inquiry, own)
    refers = _references(inquiry)
    arrived = inquiry.received_at or message.date or now
    subject = (inquiry.returned.subject if inquiry.returned else "") or _subject(inquiry)
    return Claims(
        header_id=_clean(message.message_id),
        refers=refers,
        thread_index=_conversation(message),
        ticket=ticket or ticket_of(message.subject, hooks) or ticket_of(subject, hooks),
        subject=thread_subject(base_subject(without_ticket(subject, hooks))),
        bare_reply=not refers and _answers(message.subject),
        author=inquiry.author,
        others=_others(inquiry),
        list_id=inquiry.list_id,
        voice=_voice(inquiry, own, sender),
        written_at=_written(message.date, arrived),
        arrived_at=arrived,
        sender=sender,
    )


def address_key(address: str) -> str:
    """Return an address for comparison: lower case, and as it was before a list wrapped it up.

    Lists that rewrite From keep ``anna@example.org`` as ``anna=example.org@lists.example.net``.
    """
    if munged := _MUNGED.match(address):
        return f"{munged[1]}@{munged[2]}".lower()
    return address.lower()


def thread_subject(base: str) -> str:
    """Return a base subject folded: letters and digits in lower case, one space between words, 255 at most."""
    folded = unicodedata.normalize("NFKC", base[:2000]).casefold()
    plain = "".join(sign for sign in folded if not _is_mark(sign))
    return " ".join(WORD.findall(plain))[:_SUBJECT].strip()


def _is_mark(sign: str) -> bool:
    """Tell points, harakat and invisible joiners, which people write or leave out."""
    return unicodedata.combining(sign) != 0 or unicodedata.category(sign) == "Cf"


def _subject(inquiry: Inquiry) -> str:
    """Return the subject without what programs that answer by themselves put before it."""
    text = inquiry.base_subject
    if inquiry.automatic is not Automatic.AUTO_REPLY:
        return text
    # Of those that fit the longest: "out of office" is the beginning of "out of office reply".
    folded = text.casefold()
    lead = max((len(mark) for mark in REPLY_SUBJECTS if folded.startswith(mark)), default=0)
    rest = text[lead:].lstrip(" :：-–—>)]") if lead else text
    return base_subject(rest)


def _answers(subject: str) -> bool:
    text = " ".join(subject[:2000].split())
    return base_subject(text) != text and ":" in text.replace("：", ":")


def _references(inquiry: Inquiry) -> tuple[str, ...]:
    message = inquiry.message
    found = [*message.references, *message.in_reply_to]
    found += inquiry.returned.identifiers if inquiry.returned else ()
    own = _clean(message.message_id)
    each = [one for one in dict.fromkeys(map(_clean, found)) if one and one != own]
    return tuple(each) if len(each) <= _REFERENCES else (each[0], *each[1 - _REFERENCES :])


def _clean(identifier: str) -> str:
    """Return a Message-ID, or nothing if no program may have made it."""
    # Octets, not characters: an index of PostgreSQL takes no more than 2,704.
    return identifier if identifier.isprintable() and len(identifier.encode()) <= 998 else ""


def _conversation(message: ParsedMessage) -> str:
    raw = (message.header("Thread-Index") or "")[:2000]
    try:
        octets = base64.b64decode("".join(raw.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if len(octets) < _CONVERSATION or len(set(octets[:_CONVERSATION])) < 6:
        return ""
    return octets[:_CONVERSATION].hex()


def _others(inquiry: Inquiry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, _addressed(inquiry))))[:_PEOPLE]


def _addressed(inquiry: Inquiry) -> Iterator[str]:
    yield from inquiry.recipients[: _PEOPLE - 20]
    if inquiry.forward and not _is_resent(inquiry):
        yield inquiry.forward.forwarder.address
    yield from (one.address for one in inquiry.message.reply_to[:20])


def _is_resent(inquiry: Inquiry) -> bool:
    """Tell whether the author's own mail was passed on as it was: the field that says by whom makes nobody take part."""
    sent_by = inquiry.message.from_.address.lower()
    return sent_by == inquiry.author.address.lower() != ""


def _sender(inquiry: Inquiry, liaisons: set[str]) -> str | None:
    """Return whose mail it is where the author is only named: in a forwarded mail, in a field or address of a list.

    What an author is told to be can be written by anybody; only From is what mail servers check (RFC 7489).
    """
    sent_by = inquiry.message.from_.address.lower()
    if sent_by == address_key(inquiry.author.address) or sent_by in liaisons:
        return None
    return sent_by


def _voice(inquiry: Inquiry, liaisons: set[str], sender: str | None) -> Voice:
    if inquiry.automatic is not None:
        return Voice.MACHINE
    named = inquiry.forward is not None and sender is not None
    return Voice.DESK if address_key(inquiry.author.address) in liaisons and not named else Voice.PERSON


def _written(date: datetime | None, arrived: datetime) -> datetime:
    if date is None:
        return arrived
    return date if arrived - _EARLY <= date <= arrived + _LATE else arrived
