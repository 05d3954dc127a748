"""What a help desk is told of a decision, and what it looked like before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketState:
    """What a ticket looks like, as far as write-backs go.

    Parameters
    ----------
    queue, owner, state
        As the help desk names them.
    locked
        An agent works on it.
    priority
        Number of its priority.
    answers
        How many articles agents wrote, notes of this program left out.
    fields
        Those dynamic fields that the program writes; empty text where a field is empty.
    refs
        Which notes of this program it holds, by `Note.ref`.
    """

    queue: str
    owner: str
    state: str
    locked: bool
    priority: int
    answers: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)
    refs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketSeen:
    """A ticket as it was when its articles were read: what an agent changes later is told by this.

    Parameters
    ----------
    server
        Which help desk, as sightings name it.
    ticket, number
        What the server and what people call it.
    state
        How it looked.
    taken
        Which of our dynamic fields somebody had filled in before, as in `KnownTicket.touched`.
    """

    server: str
    ticket: int
    number: str
    state: TicketState
    taken: frozenset[str] = frozenset()

    def known(self, key: str | None, now: datetime) -> KnownTicket:
        """Return what is to be remembered of a ticket at its first sight."""
        return KnownTicket(
            ticket=self.ticket,
            number=self.number,
            key=key,
            base=self.state,
            touched=self.taken,
            looked_at=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An internal note, which customers never see.

    Parameters
    ----------
    ref
        By which it is known again; the last line of what is written tells it.
    subject, body
        Plain text.
    gist
        What it concludes, as a hash: another note with the same one would tell agents nothing new.
    """

    ref: str
    subject: str
    body: str = field(repr=False)
    gist: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a ticket should look once a mail is decided; None and empty where nothing is wished.

    Parameters
    ----------
    fields
        Dynamic field to value.
    note
        To be added once.
    queue, owner
        Where it should lie, and with whom.
    lock
        Lock it for its owner.
    priority
        Number of the help desk's priority.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    note: Note | None = None
    queue: str | None = None
    owner: str | None = None
    lock: bool = False
    priority: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Queue, owner and lock, always together: a help desk takes the owner off a ticket that only changes its queue."""

    queue: str
    owner: str
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """What one update changes: no more than is needed to make a wish come true."""

    fields: Mapping[str, str] = field(default_factory=dict)
    note: Note | None = None
    move: Move | None = None
    priority: int | None = None

    def __bool__(self) -> bool:
        return bool(self.fields or self.note or self.move or self.priority is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A ticket whose inquiry was decided, assigned or corrected since the help desk was told of it.

    Parameters
    ----------
    ticket
        Number of the server for it.
    key
        The inquiry.
    basis
        Which decision, assignment and correction are the newest; names this state of the inquiry for good.
    decision
        The ledger's number of the newest decision.
    last, last_note
        The wish and the note that were queued last for this ticket, or None.
    """

    ticket: int
    key: str
    basis: str
    decision: int
    last: Wish | None = None
    last_note: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBack:
    """A wish in the queue: its number there, for which ticket it is, and how often it was tried."""

    id: int
    ticket: int
    wish: Wish
    attempts: int
    queued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTicket:
    """What the ledger remembers of a ticket.

    Parameters
    ----------
    ticket, number
        What the server and what people call it.
    key
        The inquiry that its first article belongs to; None if that is not read yet.
    base
        How it looked when the program last read or wrote it.
    touched
        What agents changed: ``queue``, ``owner``, ``locked``, ``state``, ``answers``, ``priority``, ``field:NAME``.
        That is theirs for good.
    looked_at
        When it was last compared (aware, UTC).
    """

    ticket: int
    number: str
    key: str | None
    base: TicketState
    touched: frozenset[str] = frozenset()
    looked_at: datetime
