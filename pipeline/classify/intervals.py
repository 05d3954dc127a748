"""Intervals by bootstrap over groups: how far a figure would move with other threads, organisations and persons.

Percentile bootstrap (Efron and Tibshirani 1993, chapter 13). What is resampled is the group, as messages of one group
are not independent. All figures are made of counts, which are added up by group once, so that a draw is a product of matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_RESAMPLES = 1000
_SEED = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of values: right, answered, labelled; the last axis is the values, others are groups or draws.

    Parameters
    ----------
    right, chosen, truth
        How often a value was answered rightly, was answered, was labelled.
    messages
        How many messages are counted; without the axis of values.
    """

    right: Any
    chosen: Any
    truth: Any
    messages: Any

    def accuracy(self) -> Any:
        """Return the share of messages answered as labelled; one value is answered for each message."""
        return _ratio(self.right.sum(axis=-1), self.messages)

    def micro_f1(self) -> Any:
        """Return F1 over all values together."""
        return _ratio(2 * self.right.sum(axis=-1), (self.chosen + self.truth).sum(axis=-1))

    def macro_f1(self) -> Any:
        """Return the mean F1 of the values that are labelled somewhere."""
        import numpy as np

        occurs = self.truth > 0
        return _ratio(np.where(occurs, self.f1(), 0.0).sum(axis=-1), occurs.sum(axis=-1))

    def precision(self) -> Any:
        """Return for each value the share of its answers that is right; 0 if there is none."""
        return _ratio(self.right, self.chosen)

    def recall(self) -> Any:
        """Return for each value the share of its labels that was answered; 0 if there is none."""
        return _ratio(self.right, self.truth)

    def f1(self) -> Any:
        """Return for each value the harmonic mean of precision and recall."""
        return _ratio(2 * self.right, self.chosen + self.truth)

    def total(self) -> Tally:
        """Return the counts over all groups."""
        return Tally(**{name: getattr(self, name).sum(axis=0) for name in self.__slots__})

    def resampled(self, draws: Any) -> Tally:
        """Return the counts of each draw of groups."""
        return Tally(**{name: draws @ getattr(self, name) for name in self.__slots__})


def tally(chosen: Any, truth: Any, groups: Any) -> Tally:
    """Count by group; rows are messages, columns are values.

    Parameters
    ----------
    groups
        Group number of each message.
    """
    import numpy as np

    _, group = np.unique(groups, return_inverse=True)
    count = int(group.max()) + 1 if len(group) else 0

    def added(of_each: Any) -> Any:
        sums = np.zeros((count, *of_each.shape[1:]))
        np.add.at(sums, group, of_each)
        return sums

    ones = np.ones(len(group))
    return Tally(right=added(chosen & truth), chosen=added(chosen), truth=added(truth), messages=added(ones))


def draws(groups: int, count: int = _RESAMPLES) -> Any:
    """Return how often each group is in each of `count` samples with replacement; always the same ones."""
    import numpy as np

    if groups == 0:
        return np.zeros((0, 0))
    random = np.random.default_rng(_SEED)
    return random.multinomial(groups, np.full(groups, 1 / groups), size=count).astype(float)


def bounds(samples: Any) -> tuple[Any, Any]:
    """Return the 2.5th and 97.5th percentile of the first axis."""
    import numpy as np

    low, high = np.percentile(samples, [2.5, 97.5], axis=0)
    return low, high


def _ratio(over: Any, under: Any) -> Any:
    import numpy as np

    return np.where(under > 0, over / np.maximum(under, 1e-12), 0.0)
