"""What one week came to: counts made by the ledger, short lists of inquiries, and the summary that the committee reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.records.messages import Address
from pipeline.records.work import Entry, State, Window

Counts = tuple[tuple[str, int], ...]

# It is over, and people said how.
CLOSED = frozenset({State.DONE, State.DECLINED, State.NOT_OURS})


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCount:
    """How many inquiries of each disposition came in one week, and how many were closed.

    `worthy` counts those of kind partnership that are not plainly misaligned, `overdue` the answers that were late at
    the week's end; None where that was not counted.
    """

    period: str
    assigned: int
    review: int
    filed: int
    closed: int
    worthy: int | None = None
    overdue: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much one liaison holds at the week's end, how much of it is late, what came new, and what they can take a week.

    `capacity` is 0 for somebody who is no longer a liaison and still holds something.
    """

    name: str
    open: int
    overdue: int
    capacity: int
    new: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """The first entries of a list, and how many there are in all."""

    entries: tuple[Entry, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """How long inquirers waited for first answers: how many were given, median and 90th percentile (nearest rank)."""

    answers: int = 0
    median: timedelta | None = None
    ninetieth: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fortune:
    """What became of the inquiries that have one value in common.

    Parameters
    ----------
    value
        Of the type or the region.
    inquiries, answered, ended
        How many came; of these, how many were answered or are over; how many are over.
    partnerships, endorsed, handed_over
        How many ended so.
    """

    value: str
    inquiries: int
    answered: int
    ended: int
    partnerships: int
    endorsed: int
    handed_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Endorsement requests: came in the week, open at its end, granted in all the weeks of the trend."""

    received: int = 0
    open: int = 0
    endorsed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintances:
    """Who wrote in the week.

    Parameters
    ----------
    new, returning, unknown
        Organisations that wrote for the first time, that had written before, and inquiries of no known organisation.
    newcomers
        Names of the first of the new ones.
    old
        Names of the first of those that returned, the most frequent first, each with how many inquiries came before.
    """

    new: int = 0
    returning: int = 0
    unknown: int = 0
    newcomers: tuple[str, ...] = ()
    old: Counts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A version that decided for the first time in the week: of ``rules`` or ``model``, after which one, and since when."""

    part: str
    before: str
    after: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What the ledger knows of one week, as of its end.

    Parameters
    ----------
    flow
        What the week brought, as (way, fate, count): ``assign``, ``review`` or ``file``, and ``open``, ``answered``,
        ``closed`` or ``filed``.
    worthy
        Partnership inquiries among it that are not plainly misaligned.
    types
        (type, region, count) of the week's inquiries that have a type.
    alignment, activities, languages, channels, unsure, kinds_filed
        Value to count. Of `unsure` the field to how many inquiries have only a best guess in it.
    corrected
        Field to how many inquiries people corrected in it during the week.
    overdue, homeless, escalated
        Open inquiries without an answer: late; with nobody; brought before the deputy.
    undecided
        Open partnership inquiries without an answer that are not plainly misaligned, by priority.
    endorsements
        Requests for endorsement that came in the week or are open, oldest first.
    filed
        What was filed, the least certain first.
    waited, waited_before
        First answers of the week; of the weeks of the trend before it.
    by_type, by_region
        What became of the inquiries of all the weeks of the trend.
    requests
        Of endorsements.
    loads
        Liaison id to (open, overdue, new in the week).
    acquaintances
        Organisations that wrote.
    changes
        Of rules and models.
    set_aside
        Messages that wait because a step failed on them.
    rulebook_version, model_version
        In force at the week's end.
    trend
        This week and those before it, oldest first.
    """

    flow: tuple[tuple[str, str, int], ...]
    worthy: int
    types: tuple[tuple[str, str, int], ...]
    alignment: Counts
    activities: Counts
    languages: Counts
    channels: Counts
    unsure: Counts
    kinds_filed: Counts
    corrected: Counts
    overdue: Shortlist
    homeless: Shortlist
    escalated: Shortlist
    undecided: Shortlist
    endorsements: Shortlist
    filed: Shortlist
    waited: Delay
    waited_before: Delay
    by_type: tuple[Fortune, ...]
    by_region: tuple[Fortune, ...]
    requests: Requests
    loads: tuple[tuple[str, int, int, int], ...]
    acquaintances: Acquaintances
    changes: tuple[Change, ...]
    set_aside: int
    rulebook_version: str
    model_version: str
    trend: tuple[WeekCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklySummary:
    """What the committee reads.

    Parameters
    ----------
    recipients
        Where it goes.
    window
        The week.
    week
        What the ledger knows of it.
    loads
        One for each liaison, and for whoever else holds something.
    drift
        Warnings that what comes in is no longer what the model learnt from, one a line; mostly none.
    locale
        CLDR name of the readers' language, such as ``en`` or ``de``.
    """

    recipients: tuple[Address, ...]
    window: Window
    week: Week
    loads: tuple[Load, ...] = ()
    drift: tuple[str, ...] = ()
    locale: str = "en"
