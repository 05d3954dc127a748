"""Learn from labelled inquiries which of the days that they name is the one by which an answer is needed.

Logistic regression over the days named, with a Gaussian prior around what people expect: what few mails teach little
about stays as expected, and the same mails always give the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.assess.urgency import UrgencyPolicy, candidates, probability
from pipeline.records.inquiries import Inquiry

Weights = Mapping[str, float]
EXPECTED: Weights = {
    "constant": -2.8,
    "before": 2.2,
    "after": 0.8,
    "answer": 0.6,
    "deadline": 0.9,
    "closing": 0.2,
    "event": -0.3,
    "outright": 0.7,
    "alone": 0.4,
    "last": 1.4,
    "late in text": 1.1,
    "header": -0.5,
    "range": -2.0,
    "quoted": -1.5,
    "today": -0.7,
    "over two months": -1.3,
    "over six months": -1.8,
    "form full": 1.2,
    "form day": 0.9,
    "form end": 0.3,
    "form bare": 0.2,
    "form weekday": -1.2,
    "form within": 0.0,
}
"""What people expect each sign to weigh, in log-odds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The days that one inquiry names with what speaks for each, and the `answer`: the right one, or None."""

    days: tuple[tuple[date, Mapping[str, float]], ...]
    answer: date | None


def named(inquiry: Inquiry, policy: UrgencyPolicy, answer: date | None) -> Named:
    """Return what is to be learnt from one labelled inquiry."""
    today = answer or date(2000, 1, 1)
    days = tuple((found.day, features) for found, _, features in candidates(inquiry, policy, today))
    return Named(days=days, answer=answer)


def fit(examples: Sequence[Named], strength: float = 1.0, prior: Weights = EXPECTED) -> dict[str, float]:
    """Return the weight of each feature of `prior`, ``constant`` among them.

    Parameters
    ----------
    strength
        Of the prior: the inverse of its variance.
    """
    import numpy as np
    from scipy.optimize import minimize

    names = sorted(prior)
    rows = [
        ([1.0 if name == "constant" else features.get(name, 0.0) for name in names], day == each.answer)
        for each in examples
        for day, features in each.days
    ]
    start = np.array([prior[name] for name in names])
    matrix = np.array([row for row, _ in rows]).reshape(len(rows), len(names))
    right = np.array([truth for _, truth in rows], dtype=float)

    def loss(weights: Any) -> tuple[float, Any]:
        score = matrix @ weights
        apart = weights - start
        value = np.logaddexp(0, score).sum() - right @ score + strength / 2 * apart @ apart
        chance = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
        return float(value), matrix.T @ (chance - right) + strength * apart

    found = minimize(loss, start, jac=True, method="L-BFGS-B")
    return {name: round(float(weight), 2) for name, weight in zip(names, found.x, strict=True)}


def told(example: Named, weights: Weights, least: float) -> date | None:
    """Return the day that `weights` tell as the deadline, or None."""
    best = max(example.days, key=lambda each: probability(each[1], weights), default=None)
    return best[0] if best and probability(best[1], weights) >= least else None


def accuracy(examples: Sequence[Named], weights: Weights, least: float) -> float:
    """Return the share of `examples` that `weights` tell rightly, those without a deadline included."""
    return sum(told(each, weights, least) == each.answer for each in examples) / max(1, len(examples))


def unseen_accuracy(
    examples: Sequence[Named], folds: Sequence[int], least: float, strength: float = 1.0
) -> float:
    """Return how many are told rightly by weights learnt on the other folds.

    Parameters
    ----------
    folds
        A number for each example; those that belong together have the same.
    """
    right = 0.0
    for fold in sorted(set(folds)):
        rest = [each for each, number in zip(examples, folds, strict=True) if number != fold]
        held = [each for each, number in zip(examples, folds, strict=True) if number == fold]
        right += accuracy(held, fit(rest, strength), least) * len(held)
    return right / max(1, len(examples))
