"""``rules/liaisons.toml``: who the liaisons are, what each takes, and the limits that the judge keeps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pipeline.declarative import Declared, read, validate
from pipeline.errors import DeclarationError, Fault
from pipeline.routing import checks
from pipeline.routing.duetimes import Alerts, Band, Escalation, complete
from pipeline.settings.fields import Clock, MailAddress, TimeZone
from pipeline.taxonomy import Taxonomy
from pipeline.tongue import is_locale

Probability = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _listed(value: Any) -> Any:
    """Let one word stand for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _identifier(name: str) -> str:
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError(
            f"not a short name: {name[:60]!r}; write up to 40 small letters, digits, - and _, such as 'ana'"
        )
    return name


def _locale(name: str) -> str:
    if not is_locale(name):
        raise ValueError(f"no such language: {name!r}; write one such as 'en', 'es' or 'pt_BR'")
    return name


def _web_address(url: str) -> str:
    if url and (not url.startswith(("https://", "http://")) or any(c.isspace() or c in '<>"' for c in url)):
        raise ValueError(f"not a web address: {url!r}; write one such as 'https://example.org/'")
    return url


Identifier = Annotated[str, AfterValidator(_identifier)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Locale = Annotated[str, AfterValidator(_locale)]
WebAddress = Annotated[str, Field(max_length=500), AfterValidator(_web_address)]


class Absence(Declared):
    """Days on which a liaison gets nothing, in the liaison's own time zone.

    Parameters
    ----------
    first, last
        Both included.
    """

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
        Whose clock and whose holidays count for deadlines.
    absences
        When they are away.
    deputy
        Ids of those who get their share meanwhile: the first of them who is there.
    paused
        True while they take nothing.
    digest_at
        Hours of their digest by their clock, as HH:MM; empty: the one of the settings.
    digest_days
        On which days it comes; empty: on all.
    locale
        CLDR name of the language of their digests.
    unsigned_answers
        True to believe answers by mail although their provider writes no Authentication-Results: anybody who
        knows a token from one of their digests can then act for them.
    """

    id: Identifier
    name: Name
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
    deputy: Names = ()
    paused: bool = False
    digest_at: Annotated[tuple[Clock, ...], BeforeValidator(_listed)] = ()
    digest_days: Annotated[tuple[Day, ...], BeforeValidator(_listed)] = ()
    locale: Locale = "en"
    unsigned_answers: bool = False

    def is_present(self, now: datetime) -> bool:
        """Return whether they take inquiries at `now`: neither paused nor absent on their own calendar."""
        today = now.astimezone(ZoneInfo(self.timezone)).date()
        return not self.paused and not any(away.first <= today <= away.last for away in self.absences)


class Group(Liaison):
    """A team or a chapter with a shared address; it gets a digest and answers like a liaison.

    Parameters
    ----------
    kind
        ``team`` of our own, or ``chapter``, to whom inquiries are handed over.
    members
        Ids of the liaisons who may answer for it, beside its own address.
    capacity
        How many inquiries a week it can take, all members together.
    direct
        True if it takes what fits its languages, places and types by itself, as a liaison does; else it gets what a route, a
        rule or a person gives it.
    url
        Where an inquirer may read about it.
    """

    kind: Literal["team", "chapter"]
    members: tuple[str, ...] = ()
    capacity: Annotated[int, Field(ge=1, le=1000)] = 30
    direct: bool = False
    url: WebAddress = ""


class Forward(Declared):
    """Where misdirected mail on one topic belongs.

    Parameters
    ----------
    topic
        Short name, such as ``donations``; rules may name it as a route.
    name, address, url
        What the inquirer is told: who is in charge, and where they are found.
    to
        Id of who of us tells them; None: whoever gets all misdirected mail.
    words
        Words, or words in a row, by which the topic is known, in any language and any case.
    """

    topic: Identifier
    name: Name
    address: MailAddress | None = None
    url: WebAddress = ""
    to: str | None = None
    words: tuple[Annotated[str, Field(min_length=2, max_length=60)], ...] = ()

    @model_validator(mode="after")
    def _somewhere(self) -> Forward:
        if not (self.address or self.url):
            raise ValueError("leads nowhere; give an address or a url")
        return self


class Routes(Declared):
    """Who gets all mail of a kind, whatever its region and type; None: shared out like the rest.

    Parameters
    ----------
    endorsement
        Id of who gets requests for a letter of support, for endorsement, or for our name.
    misdirected
        Id of who gets mail that is not for us, to tell where it belongs.
    """

    endorsement: str | None = None
    misdirected: str | None = None


def _at_most_all(shares: dict[str, float]) -> dict[str, float]:
    if sum(shares.values()) > 1.0 + 1e-9:
        raise ValueError(f"the shares of kinds sum to {sum(shares.values()):g}; all mail together is 1")
    return shares


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
    kinds
        Kind to its share of the mailbox's mail, where it is another than in the labelled mail: a tenth of it spam there,
        half of it perhaps here. The probabilities, and what is promised of them, are then those of this mailbox.
        What is not named shares the rest.
    """

    threshold: Probability = 0.5
    choose: Probability = 0.35
    plausible: Probability = 0.15
    file: Probability = 0.9
    honest: Probability = 0.02
    kinds: Annotated[dict[str, Probability], AfterValidator(_at_most_all)] = Field(default_factory=dict)


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
    routes, forwards, deadlines, alerts, escalation, decisions, liaisons, groups
        The tables of those names; `deadlines` with the highest priority first.
    """

    fallback: str
    triage: tuple[str, ...] = ()
    low_priority: str | None = None
    routes: Routes = Routes()
    forwards: tuple[Forward, ...] = ()
    deadlines: Annotated[tuple[Band, ...], AfterValidator(complete)] = (
        Band(priority=75, working_days=2),
        Band(priority=50, working_days=5),
        Band(priority=0, working_days=10),
    )
    alerts: Alerts = Alerts()
    escalation: Escalation = Escalation()
    decisions: Limits = Limits()
    liaisons: tuple[Liaison, ...] = ()
    groups: tuple[Group, ...] = ()

    def __copy__(self) -> Policy:
        """Copy without what is worked out from the tables: the copy may get others."""
        copied = super().__copy__()
        copied.__dict__.pop("by_id", None)
        return copied

    @property
    def desks(self) -> tuple[Liaison, ...]:
        """All who can have inquiries: liaisons, then groups, in file order."""
        return (*self.liaisons, *self.groups)

    @property
    def takers(self) -> tuple[Liaison, ...]:
        """All to whom inquiries are shared out: liaisons, and groups that are `direct`."""
        return (*self.liaisons, *(group for group in self.groups if group.direct))

    @cached_property
    def by_id(self) -> dict[str, Liaison]:
        """Id to liaison or group, in file order."""
        return {desk.id: desk for desk in self.desks}

    def name_of(self, identifier: str) -> str:
        """Return the name of the liaison or group called `identifier`; the id itself where the file has none."""
        desk = self.by_id.get(identifier)
        return desk.name if desk else identifier

    def voices(self, identifier: str) -> tuple[str, ...]:
        """Return the addresses that may answer for the liaison or group called `identifier`; nothing if there is none."""
        desk = self.by_id.get(identifier)
        if desk is None:
            return ()
        members = desk.members if isinstance(desk, Group) else ()
        named = (self.by_id[one].address for one in members if one in self.by_id)
        return tuple(dict.fromkeys((desk.address, *named)))


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
        named = [_with_id(fault, document) for fault in found]
        raise DeclarationError(_in_file_order(named, list(document)))
    return policy


def _with_id(fault: Fault, document: dict[str, Any]) -> Fault:
    """Tell whose table a fault is in: of hundreds nobody counts to the 317th."""
    top, *rest = fault.path.split(".")
    tables = document.get(top) if top in ("liaisons", "groups") and rest and rest[0].isdecimal() else None
    table = tables[int(rest[0])] if isinstance(tables, list) else None
    identifier = table.get("id") if isinstance(table, dict) and rest[1:] != ["id"] else None
    if not isinstance(identifier, str):
        return fault
    return replace(fault, message=f"{fault.message} [{identifier[:40]}]")


def _in_file_order(found: Sequence[Fault], tables: list[str]) -> tuple[Fault, ...]:
    def place(fault: Fault) -> tuple[Any, ...]:
        top, _, rest = fault.path.partition(".")
        index = rest.partition(".")[0]
        return (tables.index(top) if top in tables else len(tables), int(index) if index.isdecimal() else -1)

    return tuple(sorted(found, key=place))
