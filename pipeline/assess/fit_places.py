"""Learn the weights of clues to a place from labelled inquiries.

A conditional logit model (McFadden 1974): each country with a clue, ``global`` and ``unknown`` are the choices of one
inquiry; what is learnt stays near the weights that people wrote (a Gaussian prior around them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.assess.clues import Clue
from pipeline.odds import softmax

Feature = tuple[str, str]
# What people expect of each kind of clue, in log-odds, and how much of it in each view.
_KINDS = {
    "country name": 2.5,
    "adjective": 1.5,
    "administrative region": 2.3,
    "city": 2.2,
    "institution": 2.5,
    "town": 1.2,
    "phone": 3.5,
    "local phone": 2.5,
    "tld": 3.5,
    "official domain": 5.0,
    "education domain": 3.0,
    "mailbox": 2.0,
    "registered domain": 1.5,
    "currency": 1.8,
    "legal form": 2.0,
    "postal address": 2.2,
    "written place": 2.3,
    "world-wide body": 2.0,
    "world-wide phrase": 1.2,
    "number of countries": 2.5,
}
_VIEWS = {"sender": 1.1, "signature": 1.0, "introduction": 0.85, "subject": 0.7, "body": 0.6, "quoted": 0.15}
_OTHERS: dict[Feature, float] = {
    ("language", "body"): 3.0,
    ("language", "everywhere"): 2.0,
    ("places named", "everywhere"): 1.5,
    ("utc offset", "fits"): 0.5,
    ("utc offset", "misfits"): -0.8,
    ("utc offset", "forwarder fits"): 0.3,
    ("utc offset", "forwarder misfits"): -0.2,
    ("place told of", "introduction"): 0.6,
    ("intergovernmental body", "sender"): 6.0,
    ("intergovernmental body", "signature"): 5.0,
    ("intergovernmental body", "introduction"): 5.0,
    ("bias", "unknown"): 1.0,
    ("bias", "world_wide"): -1.0,
}
_UNKNOWN: Feature = ("bias", "unknown")
_WORLD: Feature = ("bias", "world_wide")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The clues in one inquiry, and the right answer: a country, ``global`` or ``unknown``."""

    clues: tuple[Clue, ...]
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Weights from all examples, and what such weights said of each example that they had not seen."""

    weights: Mapping[Feature, float]
    unseen: tuple[tuple[str, float], ...]


def expected_weights() -> dict[Feature, float]:
    """Return the weights that people expect, around which the learnt ones stay."""
    parts = {(kind, view): base * part for kind, base in _KINDS.items() for view, part in _VIEWS.items()}
    return parts | _OTHERS


def learn(examples: Sequence[Example], folds: Sequence[int], strength: float = 1.0) -> Learnt:
    """Fit on all `examples`, and for an honest measure on all but each fold in turn.

    Parameters
    ----------
    examples
        Labelled inquiries.
    folds
        A number for each; examples that belong together have the same.
    strength
        As of :func:`fit`.
    """
    prior = expected_weights()
    unseen: list[tuple[str, float]] = [("unknown", 0.0)] * len(examples)
    for fold in sorted(set(folds)):
        rest = [example for example, number in zip(examples, folds, strict=True) if number != fold]
        weights = fit(rest, prior, strength)
        for place, number in enumerate(folds):
            if number == fold:
                unseen[place] = likeliest(examples[place], weights)
    return Learnt(weights=fit(examples, prior, strength), unseen=tuple(unseen))


def likeliest(example: Example, weights: Mapping[Feature, float]) -> tuple[str, float]:
    """Return the most likely answer to `example` and its probability."""
    total = {"unknown": weights[_UNKNOWN], "global": weights[_WORLD]}
    for clue in example.clues:
        choice = clue.country or "global"
        total[choice] = total.get(choice, 0.0) + clue.amount * weights.get((clue.kind, clue.view), 0.0)
    chances = softmax(total)
    best = max(chances, key=lambda choice: (chances[choice], choice))
    return best, chances[best]


def fit(
    examples: Sequence[Example], prior: Mapping[Feature, float], strength: float = 1.0
) -> dict[Feature, float]:
    """Return the weight of each feature of `prior`.

    Parameters
    ----------
    examples
        Labelled inquiries; one whose answer no clue speaks for teaches nothing and is left out.
    prior
        (kind, view) to the weight that people wrote; ("bias", "unknown") and ("bias", "world_wide") among them.
    strength
        Of the prior: the inverse of its variance.

    Returns
    -------
    dict
        Weights of clues are never below 0, save those of clocks that do not fit.
    """
    import numpy as np
    from scipy.optimize import minimize

    features = sorted(prior)
    start = np.array([prior[feature] for feature in features])
    matrix, group, right = _design(examples, {feature: index for index, feature in enumerate(features)})

    def loss(weights: Any) -> tuple[float, Any]:
        score = matrix @ weights
        powers = np.exp(
            score
            - np.maximum.reduceat(score, group)[np.repeat(np.arange(len(group)), _sizes(group, len(score)))]
        )
        totals = np.add.reduceat(powers, group)
        chance = powers / np.repeat(totals, _sizes(group, len(score)))
        apart = weights - start
        value = -np.log(np.maximum(chance[right], 1e-12)).sum() + strength / 2 * apart @ apart
        gradient = matrix.T @ chance - matrix[right].sum(axis=0) + strength * apart
        return float(value), np.asarray(gradient).ravel()

    bounds = [
        (None, None) if kind == "bias" else (None, 0) if view.endswith("misfits") else (0, None)
        for kind, view in features
    ]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return {feature: round(float(weight), 3) for feature, weight in zip(features, found.x, strict=True)}


def _sizes(group: Any, total: int) -> Any:
    import numpy as np

    return np.diff(np.append(group, total))


def _design(examples: Sequence[Example], index: Mapping[Feature, int]) -> tuple[Any, Any, Any]:
    """Return one row for each choice of each example, where each example begins, and the rows of the answers."""
    import numpy as np

    rows: list[Any] = []
    group: list[int] = []
    right: list[int] = []
    for example in examples:
        choices = _choices(example, index)
        if example.answer not in choices:
            continue
        group.append(len(rows))
        right.append(len(rows) + list(choices).index(example.answer))
        rows.extend(choices.values())
    return np.array(rows), np.array(group), np.array(right)


def _choices(example: Example, index: Mapping[Feature, int]) -> dict[str, Any]:
    import numpy as np

    choices = {"unknown": np.zeros(len(index)), "global": np.zeros(len(index))}
    choices["unknown"][index[_UNKNOWN]] = 1
    choices["global"][index[_WORLD]] = 1
    for clue in example.clues:
        column = index.get((clue.kind, clue.view))
        if column is not None:
            choices.setdefault(clue.country or "global", np.zeros(len(index)))[column] += clue.amount
    return choices


def calibration(outcomes: Sequence[tuple[float, bool]], parts: int = 5) -> tuple[tuple[float, float], ...]:
    """Return points from the probability that the weights give to the share that was right.

    Parameters
    ----------
    outcomes
        Probability and whether it was right, of examples that the weights had not seen.
    parts
        Into how many parts of equal size they are cut; parts that would fall are joined with the one before.

    Returns
    -------
    tuple
        Points that rise, from 0 to 1 of the probability.
    """
    ordered = sorted(outcomes)
    size = max(1, len(ordered) // parts)
    cut = [ordered[start : start + size] for start in range(0, size * parts, size)]
    groups: list[list[tuple[float, bool]]] = []
    for part in filter(None, cut):
        groups.append(part)
        while len(groups) > 1 and _right(groups[-1]) < _right(groups[-2]):
            groups[-2:] = [groups[-2] + groups[-1]]
    points = {round(sum(chance for chance, _ in group) / len(group), 4): _right(group) for group in groups}
    inner = [(x, y) for x, y in sorted(points.items()) if 0 < x < 1]
    return ((0.0, 0.0), *inner, (1.0, inner[-1][1] if inner else 1.0))


def _right(group: Sequence[tuple[float, bool]]) -> float:
    return round(sum(right for _, right in group) / len(group), 3)
