"""Who approaches the movement: organisations, what they are known by, and what the public may read of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from pipeline.records.outcomes import Outcome
from pipeline.records.work import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Who writes, as far as one message tells.

    Parameters
    ----------
    name
        As it stands in the message, on one line, at most 120 characters; empty if nothing tells plainly.
    kind
        ``partner_type`` of the taxonomy, or None if not decided.
    domain
        Registrable domain that is the organisation's own, such as ``museum.example``; empty if there is none: providers
        of mailboxes and hosts of pages never count.
    country
        ISO 3166-1 alpha-2, or None if unknown.
    found_by
        What told the name: ``domain`` (its letters, spelled out in the text), ``sender``, ``signature``,
        ``introduction``; empty if nothing did.
    """

    name: str = ""
    kind: str | None = None
    domain: str = ""
    country: str | None = None
    found_by: str = ""


class MarkKind(StrEnum):
    """How an organisation is looked up."""

    DOMAIN = "domain"
    # The whole name in canonical form.
    NAME = "name"
    # What all spellings of the name have in common.
    BLOCK = "block"
    # SHA-256 of the address of somebody who wrote for it from a provider of mailboxes.
    WRITER = "writer"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class OrganisationMark:
    """One thing that an organisation is known by."""

    kind: MarkKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """One inquiry that waits to be registered, as the ledger knows it.

    Parameters
    ----------
    inquiry
        Its KEY.
    number
        The ledger's number for it.
    organisation, domain
        Name and own domain as read from its messages; empty if none.
    address
        Of who asks.
    kind, country, region
        Of its newest decision; None where unknown or only guessed.
    opened_at
        When its first message came (aware, UTC).
    """

    inquiry: str
    number: int
    organisation: str
    domain: str
    address: str
    kind: str | None
    country: str | None
    region: str | None
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An organisation of the register that may be the one that writes.

    Parameters
    ----------
    id
        Its number; of merged ones, that of the one they were merged into.
    name
        What it is called.
    kind, country
        As in `Organisation`.
    domains, names, writers
        Values of its marks.
    """

    id: int
    name: str
    kind: str | None
    country: str | None
    domains: frozenset[str]
    names: frozenset[str]
    writers: frozenset[str]


class Choose(Protocol):
    """Tells which of the organisations that share a mark with a newcomer it is."""

    def __call__(self, newcomer: Newcomer, known: Sequence[Known]) -> Match:
        """Return the one that is known, or what to enter."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which organisation an inquiry comes from.

    Parameters
    ----------
    organisation
        Number of the one that is known; None to enter a new one, or none at all if `name` is empty.
    found_by
        ``domain``, ``name``, ``writer``, ``new``, ``maintainer``, or ``none``.
    name
        What a new one is called, or one that was only known by its domain so far.
    marks
        What it is known by from now on.
    """

    organisation: int | None
    found_by: str
    name: str = ""
    marks: frozenset[OrganisationMark] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """An organisation that has written before: its number, its name, how many inquiries came from it earlier."""

    organisation: int
    name: str
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One inquiry in the history of an organisation; nothing of it is anybody's name, address or text."""

    inquiry: str
    opened_at: datetime
    kind: str
    state: str
    activities: tuple[str, ...]
    liaison: str | None
    outcome: str | None
    found_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An organisation in the register.

    Parameters
    ----------
    id, name, kind, country, region
        As registered; None where unknown.
    met_at, last_at
        When its first and its last inquiry came (aware, UTC).
    inquiries
        How many came, those of merged organisations counted in.
    merged_into
        Number of the organisation that it is the same as, or None.
    domains
        Its own domains.
    merged
        Numbers and names of the organisations merged into it.
    contacts
        Its inquiries, oldest first; empty in listings.
    """

    id: int
    name: str
    kind: str | None
    country: str | None
    region: str | None
    met_at: datetime
    last_at: datetime
    inquiries: int
    merged_into: int | None = None
    domains: tuple[str, ...] = ()
    merged: tuple[tuple[int, str], ...] = ()
    contacts: tuple[Contact, ...] = ()


class Section(StrEnum):
    """The tables of the landscape, as in the proposal."""

    PARTNERS = "partners"
    EXPLORATORY = "exploratory"
    ENDORSEMENTS = "endorsements"


_SECTIONS = {
    Outcome.PARTNERSHIP.value: Section.PARTNERS,
    Outcome.ENDORSED.value: Section.ENDORSEMENTS,
    Outcome.HANDED_OVER.value: None,
    Outcome.DECLINED.value: None,
}
_ENDED = frozenset({State.DECLINED, State.NOT_OURS, State.FILED, State.MERGED})
# Kinds that are talks about working together.
TALKS = frozenset({"partnership", "endorsement"})


def section_of(kind: str, state: State, outcome: str | None) -> Section | None:
    """Return the table that an inquiry belongs to, or None if it is no matter for the landscape.

    Parameters
    ----------
    kind
        Of its decision.
    state, outcome
        Where it stands, and how it ended; an outcome counts whatever the kind.
    """
    if outcome is not None:
        return _SECTIONS.get(outcome)
    return Section.EXPLORATORY if kind in TALKS and state not in _ENDED else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LandscapeRow:
    """What the public may read of one inquiry.

    Parameters
    ----------
    inquiry
        Its KEY.
    section
        The table that it belongs to.
    organisation
        Name; never that of a person.
    partner_type, country, region
        Of the organisation, else of the decision; None where unknown.
    asks
        ``partnership`` or ``endorsement``.
    activities
        Values of the taxonomy.
    nature
        What a maintainer wrote about the nature of the partnership; empty if nobody did.
    background
        Where to read of it (http or https), or empty.
    state, outcome
        Where it stands; how it ended, or None.
    since
        The day on which the first message came.
    """

    inquiry: str
    section: Section
    organisation: str
    partner_type: str | None
    country: str | None
    region: str | None
    asks: str
    activities: tuple[str, ...]
    nature: str
    background: str
    state: str
    outcome: str | None
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One row of the landscape: as it is now, and as it was approved, if it was.

    Parameters
    ----------
    row
        As the ledger knows it now.
    approved
        What the public reads: the row as it was when a maintainer approved it; None if nobody did.
    approved_by, approved_at
        Who did, and when.
    """

    row: LandscapeRow
    approved: LandscapeRow | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
