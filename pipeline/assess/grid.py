"""``rules/criteria.toml``: how the criteria grid and the priority are told from tags and text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from pipeline.assess.urgency import UrgencyPolicy
from pipeline.declarative import Declared, load, suggestion
from pipeline.errors import DeclarationError, Fault
from pipeline.taxonomy import Taxonomy, load_taxonomy

_PLACEHOLDERS = frozenset({"value", "objectives", "date", "quote"})
_CLOSED = (
    "kind",
    "alignment",
    "partner_type",
    "activities",
    "priorities",
    "preconditions_met",
    "complexity",
    "funding",
)
_GRID = ("preconditions_met", "complexity", "funding")


def _template(text: str) -> str:
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"not a template: {error}") from None
    if names - _PLACEHOLDERS:
        raise ValueError(f"unknown placeholder; known are {', '.join(sorted(_PLACEHOLDERS))}")
    return text


Points = Annotated[int, Field(ge=-100, le=100)]
Weight = Annotated[float, Field(ge=-20, le=20)]
Priority = Annotated[int, Field(ge=0, le=100)]
Template = Annotated[str, AfterValidator(_template), Field(min_length=1, max_length=300)]


class When(Declared):
    """A condition: all that is given must hold; of a list one value is enough.

    Parameters
    ----------
    kind, alignment, partner_type, activities, priorities, preconditions_met, complexity, funding
        Values of the taxonomy.
    days, beyond
        A deadline at most `days`, and more than `beyond` days away.
    text
        Words of which one has to stand in the inquiry: folded, commas between them, at the beginning of a word.
    """

    kind: tuple[str, ...] = ()
    alignment: tuple[str, ...] = ()
    partner_type: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    preconditions_met: tuple[str, ...] = ()
    complexity: tuple[str, ...] = ()
    funding: tuple[str, ...] = ()
    days: Annotated[int, Field(ge=0, le=3650)] | None = None
    beyond: Annotated[int, Field(ge=-1, le=3650)] = -1
    text: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> When:
        if self.days is not None and self.beyond >= self.days:
            raise ValueError("beyond has to be smaller than days")
        return self


class Expectation(Declared):
    """What a condition makes of one value of the grid, in log-odds; `always`, even where a model spoke."""

    tag: Annotated[str, Field(pattern=r"^[a-z_]+=[a-z_]+$")]
    weight: Weight
    always: bool = False
    when: When


class Line(Declared):
    """One line of the priority's sum."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    words: Template
    points: Points
    each: bool = False
    when: When


class CriteriaPolicy(Declared):
    """``criteria.toml``."""

    fixed: dict[str, Priority]
    start: dict[str, dict[str, Weight]]
    expect: tuple[Expectation, ...] = ()
    line: tuple[Line, ...] = ()
    urgency: UrgencyPolicy


def load_criteria(rules: Path) -> CriteriaPolicy:
    """Read ``criteria.toml`` in the folder `rules`.

    Raises
    ------
    DeclarationError
        If it is missing or has faults, all of them listed; names are checked against ``taxonomy.toml`` beside it.
    """
    path = rules / "criteria.toml"
    policy = load(path, CriteriaPolicy)
    faults = tuple(
        Fault(file=str(path), path=where, message=what)
        for where, what in _faults(policy, load_taxonomy(rules))
    )
    if faults:
        raise DeclarationError(faults)
    return policy


def _faults(policy: CriteriaPolicy, taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    yield from _unknown("fixed", policy.fixed, taxonomy.values("kind"))
    yield from _unknown("start", policy.start, _GRID)
    for field in _GRID:
        yield from _unknown(f"start.{field}", policy.start.get(field, ()), taxonomy.values(field))
        if not policy.start.get(field):
            yield f"start.{field}", "missing; give each value its log-odds"
    for number, expectation in enumerate(policy.expect):
        field, _, value = expectation.tag.partition("=")
        yield from _unknown(f"expect.{number}.tag", (field,), _GRID)
        if field in _GRID:
            yield from _unknown(f"expect.{number}.tag", (value,), taxonomy.values(field))
        yield from _conditions(f"expect.{number}.when", expectation.when, taxonomy)
    seen: set[str] = set()
    for number, line in enumerate(policy.line):
        if line.id in seen:
            yield f"line.{number}.id", f"{line.id!r} is used twice; each line needs an id of its own"
        seen.add(line.id)
        yield from _conditions(f"line.{number}.when", line.when, taxonomy)


def _conditions(where: str, when: When, taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    for field in _CLOSED:
        yield from _unknown(f"{where}.{field}", getattr(when, field), taxonomy.values(field))


def _unknown(where: str, names: object, known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names if isinstance(names, tuple | dict) else ():
        if name not in known:
            yield where, f"unknown value {name!r}{suggestion(str(name), known)}"
