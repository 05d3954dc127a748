"""What to label next: where the model is torn, in mail unlike the mail chosen before, of values seldom labelled.

Uncertainty is one minus the margin between the two most probable values (Scheffer, Decomain and Wrobel 2001), variety
comes from choosing farthest first (Gonzalez 1985), rarity from how seldom people have labelled a plausible value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.records.decisions import LIST_FIELDS, Decision, Source

# How much a doubt about a field matters: the kind decides whether anybody reads the mail at all.
_WEIGHTS: Mapping[str, float] = {
    "kind": 3.0, "partner_type": 2.0, "alignment": 2.0, "region": 1.0, "activities": 1.0, "priorities": 0.5,
    "preconditions_met": 0.5, "complexity": 0.5, "funding": 0.5,
}  # fmt: skip
_UNCERTAIN, _RARE = 0.7, 0.3
# Less probable values do not count as what a mail may be about.
_PLAUSIBLE = 0.2
_LISTED = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mail that might be labelled.

    Parameters
    ----------
    key
        What it is called.
    uncertainty
        0 to 1: how torn the witnesses are, over all fields.
    rarity
        0 to 1: how seldom one of its plausible values was labelled.
    doubts
        The fields of which they are least sure, the worst first, at most three.
    rare
        The plausible value labelled least often, as ``field=value``; or empty.
    traits
        Tag to weight: what it is like, for telling mails apart.
    """

    key: str
    uncertainty: float
    rarity: float
    doubts: tuple[str, ...]
    rare: str
    traits: Mapping[str, float]

    @property
    def score(self) -> float:
        """How useful a label would be, 0 to 1."""
        return _UNCERTAIN * self.uncertainty + _RARE * self.rarity


def candidate(key: str, decision: Decision, labelled: Mapping[str, int]) -> Candidate:
    """Return how useful it would be to label the mail that `decision` is about.

    Parameters
    ----------
    labelled
        Tag, such as ``kind=spam``, to the number of labels there are.
    """
    said = _probabilities(decision)
    doubts = {field: _doubt(field, list(values.values())) for field, values in said.items()}
    total = sum(_WEIGHTS[field] for field in doubts) or 1.0
    plausible = [
        f"{field}={value}"
        for field, values in said.items()
        for value, chance in values.items()
        if chance >= _PLAUSIBLE
    ]
    rare = min(plausible, key=lambda tag: (labelled.get(tag, 0), tag), default="")
    return Candidate(
        key=key,
        uncertainty=sum(_WEIGHTS[field] * doubt for field, doubt in doubts.items()) / total,
        rarity=1.0 / math.sqrt(1.0 + labelled.get(rare, 0)) if rare else 0.0,
        doubts=tuple(sorted(doubts, key=lambda field: (-_WEIGHTS[field] * doubts[field], field))[:3]),
        rare=rare,
        traits=_traits(said, decision.language),
    )


def in_order(candidates: Sequence[Candidate], limit: int) -> tuple[Candidate, ...]:
    """Return at most `limit` candidates, the most useful first.

    The first has the highest score; each next one the highest product of its score and its distance from those that
    were chosen, 0 where it is like one of them, 1 where it has nothing in common with any.
    """
    import numpy as np

    pool = sorted(candidates, key=lambda one: (-one.score, one.key))
    if not pool:
        return ()
    table = _table(pool)
    scores = np.array([one.score for one in pool])
    nearest = np.zeros(len(pool))
    left = np.ones(len(pool), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < min(limit, len(pool)):
        # Copies of what was chosen come last, but they come.
        worth = np.where(left, scores * (1.0 - nearest) + 1e-6 * scores, -1.0)
        best = int(worth.argmax())
        chosen.append(best)
        left[best] = False
        nearest = np.maximum(nearest, np.clip(table @ table[best], 0.0, 1.0))
    return tuple(pool[at] for at in chosen)


def reason(one: Candidate) -> str:
    """Return in a few words why a mail comes now."""
    parts = [f"unsure of {', '.join(one.doubts)}"] if one.uncertainty >= _LISTED and one.doubts else []
    parts += [f"rare: {one.rare}"] if one.rarity >= _LISTED and one.rare else []
    return "; ".join(parts) or "unlike the others"


def _probabilities(decision: Decision) -> dict[str, dict[str, float]]:
    """Return field to value to probability: the model's, else the confidence of the value that was chosen."""
    said: dict[str, dict[str, float]] = {}
    for item in decision.evidence:
        if item.source is Source.MODEL and item.field in _WEIGHTS and math.isfinite(item.score):
            said.setdefault(item.field, {})[item.value] = min(max(item.score, 0.0), 1.0)
    for field, sure in decision.confidence.items():
        if field in _WEIGHTS and field not in said and field not in LIST_FIELDS:
            grid = decision.tags.criteria
            value = getattr(decision.tags, field, None) or getattr(grid, field, None)
            said[field] = {str(value): min(max(sure, 0.0), 1.0)}
    return said


def _doubt(field: str, chances: list[float]) -> float:
    if field in LIST_FIELDS:
        return 1.0 - min((abs(2.0 * chance - 1.0) for chance in chances), default=1.0)
    best, second = (*sorted(chances, reverse=True), 0.0, 0.0)[:2]
    # Of one value alone the rest of the probability is all that stands against it.
    return 1.0 - (best - (second if len(chances) > 1 else 1.0 - best))


def _traits(said: Mapping[str, Mapping[str, float]], language: str) -> dict[str, float]:
    traits = {
        f"{field}={value}": _WEIGHTS[field] * chance
        for field, values in said.items()
        for value, chance in values.items()
    }
    return traits | {f"language={language}": 2.0}


def _table(pool: Sequence[Candidate]) -> Any:
    """Return a row of unit length for each candidate, so that products are cosines."""
    import numpy as np

    column: dict[str, int] = {}
    for one in pool:
        for trait in one.traits:
            column.setdefault(trait, len(column))
    table = np.zeros((len(pool), len(column)))
    for row, one in enumerate(pool):
        for trait, weight in one.traits.items():
            table[row, column[trait]] = weight
    return table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
