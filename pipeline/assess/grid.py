"""``rules/criteria.toml``: how the criteria grid and the priority are told from tags and text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from pipeline.assess.urgency import UrgencyPolicy
from pipeline.declarative import Declared, load, suggestion
from pipeline.errors import DeclarationError, Fault
from pipeline.taxonomy import Taxonomy, load_taxonomy

_PLACEHOLDERS = frozenset({"value", "objectives", "named", "priorities", "date", "quote"})
_CLOSED = (
    "kind",
    "alignment",
    "partner_type",
    "activities",
    "priorities",
    "preconditions_met",
    "complexity",
    "funding",
    "further",
)
GRID = ("preconditions_met", "shared_objectives", "complexity", "funding")
# Lines that the program adds by itself.
RESERVED = ("kind", "bounds")
OBJECTIVES = ("participation", "quality", "reach")


def _template(text: str) -> str:
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"not a template: {error}") from None
    if names - _PLACEHOLDERS:
        raise ValueError(f"unknown placeholder; known are {', '.join(sorted(_PLACEHOLDERS))}")
    return text


Points = Annotated[int, Field(ge=-100, le=100)]
Weight = Annotated[float, Field(ge=-20, le=20, allow_inf_nan=False)]
Priority = Annotated[int, Field(ge=0, le=100)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Number = Annotated[int, Field(ge=0, le=3)]
Template = Annotated[str, AfterValidator(_template), Field(min_length=1, max_length=300)]


_SINGLE = (
    "kind",
    "alignment",
    "partner_type",
    "preconditions_met",
    "complexity",
    "funding",
    "objectives",
)
_SEVERAL = ("activities", "priorities", "further", "rules")


class When(Declared):
    """A condition: all that is given must hold; of a list one value is enough.

    Parameters
    ----------
    kind, alignment, partner_type, activities, priorities, preconditions_met, complexity, funding, further
        Values of the taxonomy.
    objectives
        How many of the shared objectives the tags tell.
    rules
        Ids of rules of which one has to hit.
    longer
        Least length of the text, in characters.
    days, beyond
        A deadline at most `days`, and more than `beyond` days away.
    text
        Words of which one has to stand in the inquiry, by language: folded, commas between them, a trailing * allows any
        ending. Whatever the language of the inquiry, all lists are looked through.
    """

    kind: tuple[str, ...] = ()
    alignment: tuple[str, ...] = ()
    partner_type: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    preconditions_met: tuple[str, ...] = ()
    complexity: tuple[str, ...] = ()
    funding: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    objectives: tuple[Number, ...] = ()
    rules: tuple[str, ...] = ()
    longer: Annotated[int, Field(ge=0, le=100_000)] = 0
    days: Annotated[int, Field(ge=0, le=3650)] | None = None
    beyond: Annotated[int, Field(ge=-1, le=3650)] = -1
    text: Annotated[dict[Language, str], Field(default_factory=dict)]

    @model_validator(mode="after")
    def _in_order(self) -> When:
        if self.days is not None and self.beyond >= self.days:
            raise ValueError("beyond has to be smaller than days")
        if self.text and not self.terms:
            raise ValueError("text has no words")
        return self

    @cached_property
    def single(self) -> tuple[tuple[str, frozenset[Any]], ...]:
        """What is asked of that which has one value: its name, and the values of which one is enough."""
        return self._asked(_SINGLE)

    @cached_property
    def several(self) -> tuple[tuple[str, frozenset[Any]], ...]:
        """What is asked of that which may have several values."""
        return self._asked(_SEVERAL)

    def _asked(self, names: tuple[str, ...]) -> tuple[tuple[str, frozenset[Any]], ...]:
        return tuple((name, frozenset(getattr(self, name))) for name in names if getattr(self, name))

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The words of `text` in all languages."""
        return tuple(
            term.strip() for words in self.text.values() for term in words.split(",") if term.strip()
        )


class Expectation(Declared):
    """What a condition makes of one value of the grid, in log-odds; `always`, even where a model spoke."""

    tag: Annotated[str, Field(pattern=r"^[a-z_]+=[a-z0-9_]+$")]
    weight: Weight
    always: bool = False
    when: When


class Line(Declared):
    """One line of the priority's sum."""

    id: Id
    words: Template
    points: Points
    each: bool = False
    when: When


class Objective(Declared):
    """One of the three shared objectives: its name for people, and conditions of which one has to hold."""

    label: Annotated[str, Field(min_length=1, max_length=40)]
    told: Annotated[tuple[When, ...], Field(min_length=1)]


class Further(Declared):
    """A further beneficial element: conditions of which one has to hold, and its line in the priority's sum."""

    id: Id
    words: Template
    points: Points
    told: Annotated[tuple[When, ...], Field(min_length=1)]


class CriteriaPolicy(Declared):
    """``criteria.toml``."""

    fixed: dict[str, Priority]
    start: dict[str, dict[str, Weight]]
    objectives: dict[str, Objective]
    expect: tuple[Expectation, ...] = ()
    further: tuple[Further, ...] = ()
    line: tuple[Line, ...] = ()
    urgency: UrgencyPolicy


def load_criteria(rules: Path) -> CriteriaPolicy:
    """Read ``criteria.toml`` in the folder `rules`.

    Raises
    ------
    DeclarationError
        If it is missing or has faults, all of them listed; names are checked against ``taxonomy.toml`` beside it.
    """
    return read_criteria(rules / "criteria.toml", load_taxonomy(rules))


def read_criteria(
    path: Path, taxonomy: Taxonomy, known_rules: Collection[str] | None = None
) -> CriteriaPolicy:
    """Read the criteria in the file `path`.

    Parameters
    ----------
    path
        A criteria.toml by any name.
    taxonomy
        Which values there are.
    known_rules
        Ids of the rules that conditions may name; None: anything goes.

    Raises
    ------
    DeclarationError
        If it is missing or has faults, all of them listed.
    """
    policy = load(path, CriteriaPolicy)
    faults = tuple(
        Fault(file=str(path), path=where, message=what) for where, what in _faults(policy, taxonomy)
    )
    if known_rules is not None:
        faults += unknown_rules(policy, known_rules, str(path))
    if faults:
        raise DeclarationError(faults)
    return policy


def conditions(policy: CriteriaPolicy) -> Iterator[tuple[str, When]]:
    """Yield every condition of `policy` with where it stands in the file."""
    for name, objective in policy.objectives.items():
        for number, when in enumerate(objective.told):
            yield f"objectives.{name}.told.{number}", when
    for number, expectation in enumerate(policy.expect):
        yield f"expect.{number}.when", expectation.when
    for place, element in enumerate(policy.further):
        for number, when in enumerate(element.told):
            yield f"further.{place}.told.{number}", when
    for number, line in enumerate(policy.line):
        yield f"line.{number}.when", line.when


def unknown_rules(policy: CriteriaPolicy, known: Collection[str], file: str) -> tuple[Fault, ...]:
    """Return a fault for each rule that `policy` names and that is not among the `known` ids."""
    return tuple(
        Fault(
            file=file,
            path=f"{where}.rules",
            message=f"unknown rule {name!r}{suggestion(name, known)}",
        )
        for where, when in conditions(policy)
        for name in when.rules
        if name not in known
    )


def _faults(policy: CriteriaPolicy, taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    yield from _unknown("fixed", policy.fixed, taxonomy.values("kind"))
    yield from _unknown("start", policy.start, GRID)
    yield from _unknown("objectives", policy.objectives, OBJECTIVES)
    for field in GRID:
        yield from _unknown(f"start.{field}", policy.start.get(field, ()), taxonomy.values(field))
        if not policy.start.get(field):
            yield f"start.{field}", "missing; give each value its log-odds"
    for number, expectation in enumerate(policy.expect):
        field, _, value = expectation.tag.partition("=")
        yield from _unknown(f"expect.{number}.tag", (field,), GRID)
        if field in GRID:
            yield from _unknown(f"expect.{number}.tag", (value,), taxonomy.values(field))
    for number, element in enumerate(policy.further):
        yield from _unknown(f"further.{number}.id", (element.id,), taxonomy.values("further"))
    yield from _twice(policy)
    for where, when in conditions(policy):
        for field in _CLOSED:
            yield from _unknown(f"{where}.{field}", getattr(when, field), taxonomy.values(field))


def _twice(policy: CriteriaPolicy) -> Iterator[tuple[str, str]]:
    seen: set[str] = set(RESERVED)
    named = [(f"further.{number}", element.id) for number, element in enumerate(policy.further)]
    for where, name in (*named, *((f"line.{number}", line.id) for number, line in enumerate(policy.line))):
        if name in RESERVED:
            yield f"{where}.id", f"{name!r} is a name that the program uses itself; take another"
        elif name in seen:
            yield f"{where}.id", f"{name!r} is used twice; each line needs an id of its own"
        seen.add(name)


def _unknown(where: str, names: Iterable[str], known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        if name not in known:
            yield where, f"unknown value {name!r}{suggestion(name, known)}"
