"""What keeping a ledger for years is about: what was set aside or did not leave, findings of the doctor, backups, forgetting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

FORGET = "forget"
"""The lease of who forgets a person: meanwhile nobody tags."""

REMOVED = "removed"
"""What stands where something was taken out; people read it in their language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A message that a step failed on, or an answer that was not trusted.

    Parameters
    ----------
    number
        What commands call it.
    place
        Where it came from.
    step
        ``fetch``, ``read``, ``decide``, ``answer``.
    reason
        What went wrong.
    at
        When, the last time (aware, UTC).
    attempts
        How often.
    size
        Octets of the message, or of the part of it that is kept; 0 where nothing is kept.
    whole
        Whether it can be tried again as it is kept; what a source could not hand over cannot.
    """

    number: int
    place: str
    step: str
    reason: str
    at: datetime
    attempts: int
    size: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideDetail:
    """All that is kept of what was set aside: its trace, and its octets or None."""

    aside: Aside
    trace: str
    octets: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """Something that was to leave: a mail or a page of the outbox, or what a help desk is to be told.

    Parameters
    ----------
    number
        What commands call it.
    to
        Recipient, page, or ticket.
    what
        Purpose and period, or KEY of the inquiry.
    state
        As in the ledger: queued, failed.
    queued_at, next_at
        When it was made, and when it is tried again (aware, UTC); the latter None if it is not.
    attempts, error
        How often it was tried, and what went wrong last.
    """

    number: int
    to: str
    what: str
    state: str
    queued_at: datetime
    next_at: datetime | None
    attempts: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the doctor looked at.

    Parameters
    ----------
    check
        Its name.
    claim
        What has to be true.
    offenders
        How often it is not.
    examples
        Some of them, by numbers or KEYs; nothing of people.
    advice
        What to do about it.
    """

    check: str
    claim: str
    offenders: int
    examples: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself.

    Parameters
    ----------
    made_at
        When (aware, UTC).
    keep_until
        When it is to be deleted (aware, UTC), or None.
    program, schema
        Version of the program that made it, and of its tables.
    sha256, size
        Of the ledger in it; size in octets.
    counts
        Table to number of rows.
    """

    made_at: datetime
    keep_until: datetime | None
    program: str
    schema: str
    sha256: str
    size: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in the ledger that mentions somebody.

    Parameters
    ----------
    table, column
        Where.
    row
        Its key, for people.
    """

    table: str
    column: str
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """A hash of somebody, or of a mail, that was forgotten; see the ledger's table `forgotten`."""

    kind: str
    salt: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What of a person is in the ledger, or was taken out.

    Parameters
    ----------
    names
        Names that stood with the address.
    keys
        KEYs of the inquiries that they take part in.
    messages
        Messages that they wrote, and those that mention them.
    rows
        Table to the number of rows in which something was (or would be) taken out.
    closed
        KEYs of inquiries that were open and have nobody to answer any more.
    """

    names: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    messages: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)
    closed: tuple[str, ...] = ()


class Seeker(Protocol):
    """Finds one person in what is kept."""

    def is_theirs(self, address: str) -> bool:
        """Return whether an address is theirs, in whatever spelling."""
        ...

    def named(self, names: Iterable[str]) -> Seeker:
        """Return one that finds these names, too, where it is asked `closely`."""
        ...

    def in_text(self, text: str, *, closely: bool) -> bool:
        """Return whether a text has their address in it; `closely`: or a name of theirs."""
        ...

    def in_octets(self, octets: bytes, *, closely: bool, words: Sequence[str] = ()) -> bool:
        """Return whether a mail has, however it is encoded; or one of some `words`."""
        ...

    def redacted(self, text: str, *, closely: bool) -> str:
        """Return a text without their address, and closely without their name."""
        ...
