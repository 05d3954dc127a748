"""Scores to probabilities, and the thresholds that keep a promised precision; learnt on scores out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.classify.heads import Labels, Scores, known
from pipeline.records.decisions import LIST_FIELDS

Probabilities = Mapping[str, Any]

# No probability reaches it: the field always abstains.
NEVER = 1.01
# A precision over fewer decisions than this is chance.
_FEWEST_DECISIONS = 20
# Inverse strength of the penalty on the calibration's coefficients.
_FREEDOM = 0.3
_ITERATIONS = 2000
# How much of a value's rarity is made up for, 0 to 1.
_EVENNESS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """Multinomial logistic regression on the standardised scores of one field (Platt 1999, for many values).

    Parameters
    ----------
    mean, scale
        Of each score, out of fold.
    coef
        A row for each score (there are more of them than values where there are two opinions), a column for each value.
    intercept
        For each value; minus infinity where there was no example.
    share
        How frequent each value was.
    """

    mean: Any
    scale: Any
    coef: Any
    intercept: Any
    share: Any

    def __call__(self, scores: Any) -> Any:
        """Return probabilities that sum to 1 in each row."""
        from scipy.special import softmax

        return softmax((scores - self.mean) / self.scale @ self.coef + self.intercept, axis=1)

    def at(self, share: Any) -> OneOf:
        """Return the calibrator for mail in which the values are as frequent as in `share` (Saerens et al. 2002)."""
        import numpy as np

        return replace(self, intercept=self.intercept + np.log(share / self.share), share=share)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Logistic regression on each value's own scores (Platt 1999).

    Parameters
    ----------
    slope
        A row for each opinion, a column for each value.
    intercept
        For each value.
    """

    slope: Any
    intercept: Any

    def __call__(self, scores: Any) -> Any:
        """Return a probability for each value by itself."""
        from scipy.special import expit

        return expit((scores.reshape(-1, *self.slope.shape) * self.slope).sum(axis=1) + self.intercept)


Calibrators = Mapping[str, OneOf | AnyOf]


def calibrate(
    fields: Mapping[str, tuple[str, ...]], scores: Scores, labels: Sequence[Labels], rows: Any
) -> Calibrators:
    """Learn a calibrator for each field from the `scores` out of fold in `rows`."""
    return {field: _one(field, values, scores[field], labels, rows) for field, values in fields.items()}


def probabilities(calibrators: Calibrators, scores: Scores) -> Probabilities:
    """Return field to an array of probabilities, a row for each message and a column for each value."""
    return {field: calibrators[field](each) for field, each in scores.items()}


def truth(field: str, values: tuple[str, ...], labels: Sequence[Labels]) -> Any:
    """Return a boolean array, a row for each message and a column for each value."""
    import numpy as np

    rows = [[value in one.get(field, ()) for value in values] for one in labels]
    return np.array(rows, dtype=bool).reshape(len(labels), len(values))


def known_rows(field: str, labels: Sequence[Labels]) -> Any:
    """Return a boolean array that tells which messages are examples for `field`."""
    import numpy as np

    return np.array([known(field, one) for one in labels], dtype=bool)


def threshold(confidence: Any, right: Any, target: float) -> float:
    """Return the lowest probability from which on at least a share `target` of the decisions is right.

    Returns
    -------
    float
        `NEVER` if there is none, or if it would rest on fewer than 20 decisions.
    """
    import numpy as np

    if len(confidence) == 0:
        return NEVER
    order = np.argsort(-confidence, kind="stable")
    sure, precision = confidence[order], np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last = np.append(sure[1:] < sure[:-1], True)
    kept = np.flatnonzero((precision >= target) & last & (np.arange(1, len(order) + 1) >= _FEWEST_DECISIONS))
    return float(sure[kept[-1]]) if len(kept) else NEVER


def choices(probability: Any, is_true: Any) -> Any:
    """Return for each value of a list the probability from which to choose it, for the best micro-F1.

    Coordinate ascent from 0.4, three rounds over a grid of 0.10 to 0.70.
    """
    import numpy as np

    best = np.full(probability.shape[1], 0.4)
    for _ in range(3):
        for value in range(len(best)):
            trials = np.tile(best, (31, 1))
            trials[:, value] = np.linspace(0.10, 0.70, 31)
            figures = [_micro_f1(probability >= trial, is_true) for trial in trials]
            best[value] = trials[int(np.argmax(figures)), value]
    return best


def rates(is_true: Any) -> Any:
    """Return for each value of a field by what to divide its probability, so that rare values are not overlooked.

    A power of how frequent the value is, 1 for the most frequent: between the most probable value (power 0) and that
    which is most over-represented (power 1). Rates fitted value by value for the best macro-F1 did worse on other folds.
    """
    share = shares(is_true)
    return (share / share.max()) ** _EVENNESS


def shares(is_true: Any) -> Any:
    """Return how frequent each value is, as if each had been seen at least once."""
    return (is_true.sum(axis=0).clip(1) / max(len(is_true), 1)).clip(None, 1.0)


def _micro_f1(chosen: Any, is_true: Any) -> float:
    total = int(chosen.sum() + is_true.sum())
    return 2 * int((chosen & is_true).sum()) / total if total else 0.0


def _one(
    field: str, values: tuple[str, ...], scores: Any, labels: Sequence[Labels], rows: Any
) -> OneOf | AnyOf:
    import numpy as np

    chosen = rows[known_rows(field, [labels[row] for row in rows])]
    is_true = truth(field, values, [labels[row] for row in chosen])
    if field in LIST_FIELDS:
        opinions = scores[chosen].reshape(len(chosen), scores.shape[1] // len(values), len(values))
        pairs = [_platt(opinions[:, :, value], is_true[:, value]) for value in range(len(values))]
        return AnyOf(
            slope=np.stack([slope for slope, _ in pairs], axis=1), intercept=np.array([at for _, at in pairs])
        )
    return _multinomial(scores[chosen], is_true)


def _platt(scores: Any, is_true: Any) -> tuple[Any, float]:
    """Return slopes and intercept; of a value with hardly any examples a constant, its smoothed share."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    found = int(is_true.sum())
    if min(found, len(is_true) - found) < 5:
        share = (found + 0.5) / (len(is_true) + 1)
        return np.zeros(scores.shape[1]), float(np.log(share / (1 - share)))
    fitted = LogisticRegression(C=10.0, max_iter=_ITERATIONS).fit(scores, is_true)
    return fitted.coef_[0], float(fitted.intercept_[0])


def _multinomial(scores: Any, is_true: Any) -> OneOf:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    count, values = scores.shape[1], is_true.shape[1]
    mean = scores.mean(axis=0) if len(scores) else np.zeros(count)
    scale = np.maximum(scores.std(axis=0), 1e-6) if len(scores) else np.ones(count)
    coef, intercept = np.zeros((count, values)), np.where(is_true.any(axis=0), 0.0, -np.inf)
    present = np.flatnonzero(is_true.any(axis=0))
    if len(present) == 0:
        intercept = np.zeros(values)
    elif len(present) > 1:
        fitted = LogisticRegression(C=_FREEDOM, max_iter=_ITERATIONS)
        fitted.fit((scores - mean) / scale, is_true.argmax(axis=1))
        pairs = (fitted.coef_, fitted.intercept_)
        slopes, offsets = pairs if len(present) > 2 else _both_sides(*pairs)
        coef[:, present], intercept[present] = slopes.T, offsets
    return OneOf(mean=mean, scale=scale, coef=coef, intercept=intercept, share=shares(is_true))


def _both_sides(coef: Any, intercept: Any) -> tuple[Any, Any]:
    """Write the one row of a binary regression as two."""
    import numpy as np

    return np.vstack([-coef / 2, coef / 2]), np.concatenate([-intercept / 2, intercept / 2])
