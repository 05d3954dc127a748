"""``rules/places.toml``: the words that tell a place, and how much each kind of clue weighs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from pipeline.assess.caching import gazetteer_file, read_once
from pipeline.declarative import Declared, load
from pipeline.resources import packaged

Shares = tuple[tuple[str, float], ...]
# What tells at once which of some patterns a text has, and the countries of each.
Forms = tuple[Any, tuple[Shares, ...]]


@cache
def shares_of(text: str) -> Shares:
    """Read ``"DE:0.8 AT"`` as ``(("DE", 0.8), ("AT", 1.0))``.

    Raises
    ------
    ValueError
        If a country is not two capitals or a share is not above 0 and at most 1.
    """
    pairs = []
    for part in text.split():
        country, colon, share = part.partition(":")
        number = float(share) if colon else 1.0
        if not (len(country) == 2 and country.isascii() and country.isupper() and 0 < number <= 1):
            raise ValueError(f"not a country with its share: {part!r}; write DE or DE:0.8")
        pairs.append((country, number))
    return tuple(pairs)


def _checked(text: str) -> str:
    if not shares_of(text):
        raise ValueError("no country given; write DE or DE:0.8 AT:0.2")
    return text


def _pattern(text: str) -> str:
    import re2

    try:
        re2.compile(text)
    except re2.error as error:
        raise ValueError(f"not a pattern in RE2's syntax: {error}") from None
    return text


def _rising(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if any(a[0] >= b[0] or a[1] > b[1] for a, b in pairwise(points)):
        raise ValueError("the points have to rise from left to right")
    return points


SharesText = Annotated[str, AfterValidator(_checked)]
CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Pattern = Annotated[str, AfterValidator(_pattern)]
Probability = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=-20, le=20)]
Curve = Annotated[tuple[tuple[Probability, Probability], ...], Field(min_length=2), AfterValidator(_rising)]


class WorldWide(Declared):
    """Words of bodies that belong to no one country; `countries` is how many make a body world-wide."""

    bodies: str
    phrases: str
    countries: Annotated[int, Field(ge=2)]
    counted: str


class Domains(Declared):
    """What domains tell; see the file for each list."""

    generic: str
    global_: Annotated[str, Field(alias="global")]
    education: str
    government: str
    regional: dict[str, SharesText]
    institutions: dict[str, SharesText]
    mailbox: dict[str, SharesText]


class Bias(Declared):
    """Where a mail without clues stands, in log-odds against a country without clues."""

    unknown: Weight
    world_wide: Weight


class Calibration(Declared):
    """Score of the best value to how often it is right."""

    country: Curve
    region: Curve


class PlacePolicy(Declared):
    """``places.toml``."""

    stop: str
    not_countries: str
    names: str
    adjectives: dict[CountryCode, str]
    regions: dict[CountryCode, str]
    cities: dict[CountryCode, str]
    namesakes: dict[str, SharesText]
    uncapitalised: str
    written: dict[Pattern, SharesText]
    institutions: dict[CountryCode, str]
    legal_forms: dict[str, SharesText]
    currencies: dict[str, SharesText]
    postal: dict[Pattern, SharesText]
    world_wide: WorldWide
    within: dict[CountryCode, CountryCode]
    domains: Domains
    weights: dict[str, dict[str, Weight]]
    bias: Bias
    calibration: Calibration

    @cached_property
    def postal_forms(self) -> Forms:
        """The patterns of `postal`."""
        return _forms(self.postal)

    @cached_property
    def written_forms(self) -> Forms:
        """The patterns of `written`."""
        return _forms(self.written)

    def weight(self, kind: str, view: str) -> float:
        """Return the weight of a clue of `kind` in `view`, 0 if the file gives none."""
        return self.weights.get(kind, {}).get(view, 0.0)


def _forms(table: Mapping[str, str]) -> Forms:
    import re2

    matcher = re2.Set.SearchSet()
    for pattern in table:
        matcher.Add(pattern)
    matcher.Compile()
    return matcher, tuple(map(shares_of, table.values()))


def load_places(rules: Path) -> PlacePolicy:
    """Read ``places.toml`` in the folder `rules`.

    Raises
    ------
    DeclarationError
        If the file is missing or has faults, all of them listed.
    """
    return load(rules / "places.toml", PlacePolicy)


@read_once
def default_places(rules: Path | None = None) -> PlacePolicy:
    """Return the policy in the folder `rules`, or the packaged one if there is none in it; read once."""
    own = rules is not None and (rules / "places.toml").is_file()
    return load_places(rules if rules and own else packaged("rules"))


def table(file: str, rules: Path | None = None) -> list[str]:
    """Return the lines of a table of the gazetteer: of the folder `rules` if it has one, else of the packaged one."""
    return gazetteer_file(file, rules).read_text(encoding="utf-8").splitlines()


def curve(points: tuple[tuple[float, float], ...], value: float) -> float:
    """Return where `value` lies on the line through `points`."""
    if value <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if value <= x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    return points[-1][1]
