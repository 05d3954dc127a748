"""What an answer by mail comes to: all that is done at once, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from pipeline.records.answers import Action, Note
from pipeline.records.outcomes import Outcome
from pipeline.records.work import Correction, OutgoingMail, State


class Result(StrEnum):
    """What became of one line of an answer.

    ``stale``: the inquiry has moved on since the digest. ``refused``: it cannot be done, or not by this person.
    ``ambiguous``: two lines exclude each other. ``unclear``: not understood. ``replayed``: the same mail came before.
    """

    DONE = "done"
    STALE = "stale"
    REFUSED = "refused"
    AMBIGUOUS = "ambiguous"
    UNCLEAR = "unclear"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of an inquiry's state; the fields as in the ledger's `LifeTable.change`."""

    key: str
    state: State
    liaison: str | None = None
    reason: str = ""
    due_at: datetime | None = None
    waiting_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How an inquiry ended, and where to read of it; None leaves as is."""

    key: str
    outcome: Outcome | None = None
    background: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line of an answer, for the record: which action (empty: none was understood), on what, and its result."""

    action: Action | None
    key: str
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All that one answer does.

    Parameters
    ----------
    liaison
        Id of who answers.
    fingerprint
        By which the same answer is known when it comes again.
    said
        Line by line.
    versions
        KEY to the version at which each inquiry was looked at.
    changes, corrections, notes, settlements
        What is done, in this order; changes in the order of the lines.
    duty
        True: takes inquiries again; False: takes none for now; None: as it was.
    receipt
        What is sent back, or None.
    """

    liaison: str
    fingerprint: str
    said: tuple[Said, ...]
    versions: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    corrections: tuple[Correction, ...] = ()
    notes: tuple[Note, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    duty: bool | None = None
    receipt: OutgoingMail | None = None
