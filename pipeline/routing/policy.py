"""``rules/liaisons.toml``: who the liaisons are, what each takes, and the limits that the judge keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from pipeline.declarative import Declared, read, validate
from pipeline.errors import DeclarationError, Fault
from pipeline.routing import checks
from pipeline.settings import MailAddress, TimeZone
from pipeline.taxonomy import Taxonomy

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Probability = Annotated[float, Field(ge=0, le=1)]


class Absence(Declared):
    """Days on which a liaison gets nothing, `first` and `last` included, in the liaison's own time zone."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Absence:
        if self.last < self.first:
            raise ValueError(f"ends on {self.last}, before it starts on {self.first}; swap first and last")
        return self


class Liaison(Declared):
    """One person who deals with inquiries. An empty list means all.

    Parameters
    ----------
    id
        Short name in this file and in the ledger; stays when the person's name or address changes.
    name, address
        Who gets the digest, and where.
    languages
        ISO 639 codes of the languages that they read.
    regions, countries
        Where they take inquiries from: one of these regions or one of these countries; both empty is everywhere.
    partner_types, activities
        What they take. Types are a limit, activities a preference.
    capacity
        How many inquiries a week they can take.
    timezone, country
        Whose clock and (in future) whose holidays count for deadlines.
    absences
        When they are away.
    deputy
        Id of the liaison who gets their share meanwhile.
    paused
        True while they take nothing new.
    """

    id: Identifier
    name: Annotated[str, Field(min_length=1, max_length=200)]
    address: MailAddress
    languages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    partner_types: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    capacity: Annotated[int, Field(ge=1, le=1000)] = 10
    timezone: TimeZone = "UTC"
    country: str | None = None
    absences: tuple[Absence, ...] = ()
    deputy: str | None = None
    paused: bool = False

    def is_present(self, now: datetime) -> bool:
        """Return whether they take inquiries at `now`: neither paused nor absent on their own calendar."""
        today = now.astimezone(ZoneInfo(self.timezone)).date()
        return not self.paused and not any(away.first <= today <= away.last for away in self.absences)


class Routes(Declared):
    """Who gets all mail of a kind, whatever its region and type; None: shared out like the rest."""

    endorsement: str | None = None
    misdirected: str | None = None


class Band(Declared):
    """From which priority on the first answer is due after how many working days."""

    priority: Annotated[int, Field(ge=0, le=100)]
    working_days: Annotated[int, Field(ge=1, le=250)]


def _complete(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    starts = [band.priority for band in bands]
    if len(set(starts)) < len(starts):
        raise ValueError("two deadlines start at the same priority; keep one of them")
    if 0 not in starts:
        raise ValueError("no deadline starts at priority 0; add one for all that is not urgent")
    return tuple(sorted(bands, key=lambda band: -band.priority))


class Limits(Declared):
    """How sure the judge has to be; probabilities, 0 to 1.

    Parameters
    ----------
    threshold
        Below it a tag is only the best guess, where the model states no threshold of its own.
    choose
        From it on a list takes a value, where the model states none of its own. With rules alone the lists of the
        train part come out best between 0.25 and 0.4.
    plausible
        From it on another value counts as a serious alternative. With 0.15 there is always one where the best value
        has less than 0.55, as kinds are handled in four ways.
    file
        Spam and automated mail is filed only if it is one or the other with this probability.
    honest
        And only if a partnership or endorsement inquiry is less probable than this: one of them lost is the
        worst error, and a hundred spam mails to look at cost less.
    """

    threshold: Probability = 0.5
    choose: Probability = 0.35
    plausible: Probability = 0.15
    file: Probability = 0.9
    honest: Probability = 0.02


class Policy(Declared):
    """``liaisons.toml``.

    Parameters
    ----------
    fallback
        Id of the liaison who gets what nobody covers.
    triage
        Ids of those who look at review cases, in turns; empty: the fallback does.
    low_priority
        Id of who gets business mail and what is plainly not aligned; None: shared out like the rest.
    routes, deadlines, decisions, liaisons
        The tables of those names; `deadlines` with the highest priority first.
    """

    fallback: str
    triage: tuple[str, ...] = ()
    low_priority: str | None = None
    routes: Routes = Routes()
    deadlines: Annotated[tuple[Band, ...], AfterValidator(_complete)] = (
        Band(priority=75, working_days=2),
        Band(priority=50, working_days=5),
        Band(priority=0, working_days=10),
    )
    decisions: Limits = Limits()
    liaisons: tuple[Liaison, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Liaison]:
        """Id to liaison, in file order."""
        return {liaison.id: liaison for liaison in self.liaisons}


def load_policy(rules: Path, taxonomy: Taxonomy) -> Policy:
    """Read liaisons and limits, and check them against the `taxonomy`.

    Parameters
    ----------
    rules
        The file, or the folder in which it is called ``liaisons.toml``.

    Raises
    ------
    DeclarationError
        If the file is missing or has faults; all of them are listed, in file order.
    """
    path = rules / "liaisons.toml" if rules.is_dir() else rules
    document = read(path)
    found = [
        Fault(file=str(path), path=where, message=message)
        for where, message in checks.faults(document, taxonomy)
    ]
    policy: Policy | None = None
    try:
        policy = validate(document, Policy, str(path))
    except DeclarationError as error:
        found = [*error.faults, *found]
    if policy is None or found:
        raise DeclarationError(_in_file_order(found, list(document)))
    return policy


def _in_file_order(found: Sequence[Fault], tables: list[str]) -> tuple[Fault, ...]:
    def place(fault: Fault) -> tuple[Any, ...]:
        top, _, rest = fault.path.partition(".")
        index = rest.partition(".")[0]
        return (tables.index(top) if top in tables else len(tables), int(index) if index.isdecimal() else -1)

    return tuple(sorted(found, key=place))
