"""Country and region of an inquiry: clues, each kept as evidence, and the place that they make likely together.

The scores of the clues for a country add up; a softmax over all countries with clues, "world-wide" and "nothing
tells" makes probabilities of them (a conditional logit model: McFadden 1974). What each kind of clue weighs stands in
``rules/places.toml``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.assess.caching import changed, forget
from pipeline.assess.clues import COUNTRY_OFFICE, Clue, collect, collect_domain, collect_text
from pipeline.assess.places import PlacePolicy, curve, default_places, load_places
from pipeline.odds import softmax
from pipeline.records.decisions import Evidence, Source
from pipeline.records.inquiries import Inquiry
from pipeline.resources import packaged
from pipeline.taxonomy import Taxonomy

WORLD_WIDE = "region=global"
# Clues that name a place plainly, and where the author speaks of themselves.
_PLAIN = frozenset(
    {
        "country name",
        "administrative region",
        "city",
        "institution",
        "phone",
        "local phone",
        "official domain",
        "postal address",
        "tld",
    }
)
_OWN = frozenset({"subject", "introduction", "signature"})
_LEAST_GUESS = 0.1
# What an office of a world-wide body in one country is, people have to say: its place is never sure.
_OFFICE_SURE = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an inquiry comes from.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-2, or None if it is world-wide or nothing tells.
    region
        A value of the taxonomy; ``unknown`` if nothing tells.
    country_confidence, region_confidence
        How likely each is right, 0 to 1, None and ``unknown`` included.
    """

    country: str | None
    region: str
    country_confidence: float
    region_confidence: float

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the two verdicts as evidence whose scores are probabilities."""
        verdicts = [("region", self.region, self.region_confidence)]
        if self.country:
            verdicts.insert(0, ("country", self.country, self.country_confidence))
        return tuple(
            Evidence(
                source=Source.REGION,
                name="place",
                tag=f"{field}={value}",
                score=score,
                detail="all clues together",
            )
            for field, value, score in verdicts
        )


def refresh(rules: Path | None) -> None:
    """Read the places in the folder `rules` again if they have changed since the last call for it.

    Raises
    ------
    DeclarationError
        If its ``places.toml`` has faults; what was read before goes on serving.
    """
    folder = rules or packaged("rules")
    if (folder / "places.toml").is_file():
        load_places(folder)
    if changed(folder):
        forget()


def clues(inquiry: Inquiry, rules: Path | None = None) -> tuple[Evidence, ...]:
    """Return what tells where `inquiry` comes from, the weightiest first.

    Parameters
    ----------
    inquiry
        Anything.
    rules
        Folder of the rules; by default the packaged one.

    Returns
    -------
    tuple of Evidence
        Each with the tag ``country=XX`` or ``region=global``, the weight of the clue in log-odds (negative if it speaks
        against), and the words and the view in its detail.
    """
    policy = default_places(rules)
    found = [_evidence(clue, policy) for clue in collect(inquiry, policy, rules)]
    return tuple(sorted(found, key=lambda evidence: -abs(evidence.score)))


def place(clues: Iterable[Evidence], taxonomy: Taxonomy, rules: Path | None = None) -> Place:
    """Return the place that `clues` make most likely.

    Parameters
    ----------
    clues
        As from :func:`clues`.
    taxonomy
        Says which region a country is in; clues for countries that it does not know are left out.
    rules
        Folder of the rules; by default the packaged one.
    """
    policy = default_places(rules)
    told = tuple(clues)
    chances = softmax(scores(told, policy, taxonomy))
    by_region: dict[str, float] = defaultdict(float)
    for value, chance in chances.items():
        by_region[_region(value, taxonomy)] += chance
    best = max(chances, key=lambda value: (chances[value], value))
    if best == "unknown":
        best = _guess(told, chances)
    country = best if len(best) == 2 else None
    region = _region(best, taxonomy)
    sure = chances[best] if country else chances["unknown"] + chances["global"]
    surest = _OFFICE_SURE if any(clue.name == COUNTRY_OFFICE for clue in told) else 1.0
    return Place(
        country=country,
        region=region,
        country_confidence=round(min(surest, curve(policy.calibration.country, min(1.0, sure))), 4),
        region_confidence=round(
            min(surest, curve(policy.calibration.region, min(1.0, by_region[region]))), 4
        ),
    )


def _guess(clues: Iterable[Evidence], chances: Mapping[str, float]) -> str:
    """Return the likeliest country that the author's own words name plainly, else ``unknown``.

    Where nothing else tells, a place that is named is the best guess; what is weaker than a name is none.
    """
    named = {
        clue.value
        for clue in clues
        if clue.name in _PLAIN and clue.field == "country" and clue.score > 0 and _own_words(clue)
    }
    likely = [value for value in named if chances.get(value, 0.0) >= _LEAST_GUESS]
    return max(likely, key=lambda value: (chances[value], value), default="unknown")


def _own_words(clue: Evidence) -> bool:
    return clue.detail.partition(":")[0] in _OWN


def scores(clues: Iterable[Evidence], policy: PlacePolicy, taxonomy: Taxonomy) -> dict[str, float]:
    """Return the log-odds of each country with clues, of ``global`` and of ``unknown``."""
    total: dict[str, float] = {"unknown": policy.bias.unknown, "global": policy.bias.world_wide}
    for clue in clues:
        if clue.tag == WORLD_WIDE:
            total["global"] += clue.score
        elif clue.field == "country" and taxonomy.region_of(clue.value):
            total[clue.value] = total.get(clue.value, 0.0) + clue.score
    return total


def country_of_text(text: str, rules: Path | None = None) -> str | None:
    """Return the country that an address line or the like names most plainly, or None."""
    policy = default_places(rules)
    return _likeliest(collect_text(text, policy, rules), policy)


def country_of_domain(domain: str, rules: Path | None = None) -> str | None:
    """Return the country that a domain alone tells, or None."""
    policy = default_places(rules)
    return _likeliest(collect_domain(domain, policy, rules), policy)


def _likeliest(found: Iterable[Clue], policy: PlacePolicy) -> str | None:
    total: dict[str, float] = defaultdict(float)
    for clue in found:
        if clue.country:
            total[clue.country] += clue.amount * policy.weight(clue.kind, clue.view)
    return max(total, key=lambda country: (total[country], country), default=None)


def _evidence(clue: Clue, policy: PlacePolicy) -> Evidence:
    return Evidence(
        source=Source.REGION,
        name=clue.kind,
        tag=f"country={clue.country}" if clue.country else WORLD_WIDE,
        score=round(clue.amount * policy.weight(clue.kind, clue.view), 3),
        detail=f"{clue.view}: {clue.words!r}",
    )


def _region(value: str, taxonomy: Taxonomy) -> str:
    return value if len(value) > 2 else taxonomy.region_of(value) or "unknown"
