"""What joins messages to one inquiry: what a message claims, what the ledger knows of others, what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.records.answers import Note
from pipeline.records.messages import Address


class Voice(StrEnum):
    """Who speaks in a message: a person from outside, a machine, or one of the liaisons."""

    PERSON = "person"
    MACHINE = "machine"
    DESK = "desk"


class Tie(StrEnum):
    """What a stored message and a new one have in common.

    ``answered``: the new one refers to it; ``answers``: it refers to the new one; ``shared``: both refer to a message
    that is not here; ``ticket``: the help desk's number; ``desk``: the help desk itself has both in one ticket;
    ``subject``: the base subject.
    """

    ANSWERED = "answered"
    ANSWERS = "answers"
    SHARED = "shared"
    TICKET = "ticket"
    DESK = "desk"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What one message says of the thread that it belongs to.

    Parameters
    ----------
    header_id
        Its Message-ID, or empty.
    refers
        The Message-IDs that it refers to, oldest first; in a bounce those of the mail that came back.
    thread_index
        Outlook's name of the conversation, or empty.
    ticket
        The help desk's number in the subject, with its hook, or None.
    subject
        The base subject, folded; empty if there is none.
    bare_reply
        The subject says that it answers, and no reference says what.
    author
        Who writes.
    others
        To, Cc, who passed it on, and where answers go: addresses, each once.
    list_id
        The mailing list, or None.
    voice
        Who speaks.
    written_at, arrived_at
        Aware, UTC: by its Date where that is plausible; by the source.
    desk_ticket
        The help desk that it was read from and the ticket's number there; no mail can claim that. None for other mail.
    sender
        Whose mail it is where the author is only named in it: who forwards, or the list that rewrote From. Empty if
        nobody, None where the author sent it or a liaison passed it on.
    """

    header_id: str
    refers: tuple[str, ...]
    thread_index: str
    ticket: str | None
    subject: str
    bare_reply: bool
    author: Address
    others: tuple[str, ...]
    list_id: str | None
    voice: Voice
    written_at: datetime
    arrived_at: datetime
    desk_ticket: tuple[str, int] | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A stored message that has something in common with a new one.

    Parameters
    ----------
    key
        The inquiry that it belongs to.
    ties
        What they have in common.
    author, others, list_id, bare_reply, voice, written_at, arrived_at, sender
        As in `Claims`.
    """

    key: str
    ties: frozenset[Tie]
    author: Address
    others: tuple[str, ...]
    list_id: str | None
    bare_reply: bool
    voice: Voice
    written_at: datetime
    arrived_at: datetime
    sender: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """An inquiry that a message may belong to.

    Parameters
    ----------
    key
        What people call it.
    number
        The ledger's; lower is older.
    authors, others
        Who wrote in it; who got its messages or passed them on. Addresses.
    lists
        The mailing lists that it came over.
    open
        Somebody still has to act.
    worked
        A person has taken it up.
    liaison
        Who has it, or None.
    claimants
        Inquiries that were only linked because they claim to belong to this one: KEY to the authors in it.
    senders
        Who sent its messages, without those who are only named as authors; None: the authors.
    """

    key: str
    number: int
    authors: frozenset[str]
    others: frozenset[str]
    lists: frozenset[str]
    open: bool = True
    worked: bool = False
    liaison: str | None = None
    claimants: tuple[Thread, ...] = ()
    senders: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What the ledger knows that a message may belong to; the messages oldest first."""

    known: tuple[Known, ...] = ()
    threads: tuple[Thread, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a message belongs.

    Parameters
    ----------
    join
        KEY of the inquiry that it continues; None: it starts one.
    merge
        KEYs of inquiries that this message shows to be the same as `join`.
    claims
        KEYs of inquiries that the message, or one of `merge` left alone, only claims to belong to.
    claimed_by
        KEYs of inquiries that only claim to belong to this one.
    mentions
        KEYs of inquiries with the same ticket number, among other people.
    same_id
        KEYs of inquiries in which another mail with the same Message-ID lies.
    contested
        Another mail had its Message-ID before.
    answered_by
        Id of the liaison whose answer to the inquirer it is; None of all other mail.
    """

    join: str | None = None
    merge: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    claimed_by: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    same_id: tuple[str, ...] = ()
    contested: bool = False
    answered_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A stored message that another one may be a copy of.

    Parameters
    ----------
    id, key
        The ledger's number for it, and its inquiry.
    header_id, author, subject, text, list_id, attachments, written_at
        As in `Claims` and `Inquiry`; attachments counted.
    filed
        It was decided that it needs nobody.
    forwarder
        Who passed it on, or empty.
    dated
        `written_at` is its Date; without, the time at which it arrived.
    """

    id: int
    key: str
    header_id: str
    author: Address
    subject: str
    text: str
    list_id: str | None
    attachments: int
    written_at: datetime
    filed: bool
    forwarder: str = ""
    dated: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One message of an inquiry, for people: when, by whom, what was decided, how often it was seen.

    `contested`: another mail with the same Message-ID was here before.
    """

    at: datetime
    author: Address
    subject: str
    voice: Voice
    disposition: str
    kind: str
    seen: int
    contested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Another inquiry that has to do with one, and why, in words for people."""

    key: str
    reason: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The messages of an inquiry, oldest first, the inquiries that have to do with it, and what people noted."""

    key: str
    articles: tuple[Article, ...]
    links: tuple[Link, ...]
    notes: tuple[Note, ...] = ()
