"""Ridge regression on signed labels for every field at once, solved among the messages instead of the features.

There are fewer messages than word pieces, so the dual (Saunders, Gammerman and Vovk 1998) costs one Cholesky
factorisation a field whatever the number of values. Its scores rank as those of a least-squares support vector
machine do; `calibration` turns them into probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from sklearn.base import BaseEstimator

from pipeline.classify.features import TOLD, Blocks
from pipeline.classify.packing import packed, some_unpacked, times, unpacked
from pipeline.records.decisions import LIST_FIELDS

Labels = Mapping[str, tuple[str, ...]]
Scores = Mapping[str, Any]

# Adds a constant feature of this strength: the intercept.
_INTERCEPT = 0.5


class Heads(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Blocks to a score for every value of every field, about -1 to 1.

    Parameters
    ----------
    fields
        Field to its values.
    weights
        Field to block to how much the block counts; a field not named takes the weights under ``*``.
    penalty
        Strength of the penalty on large coefficients.
    balance
        How much rare values of a field with one value count more: 0 as they come, 1 as if all were equally frequent.
    second
        Block to weight of a second opinion on every field, whose scores follow those of the first; empty for none.
    of_one_mind
        Fields without a second opinion.
    told
        Fields whose scores are followed by what single sentences tell (`features.TOLD`), where the blocks have it.
    """

    def __init__(
        self,
        fields: Mapping[str, tuple[str, ...]],
        weights: Mapping[str, Mapping[str, float]],
        penalty: float = 1.0,
        balance: float = 0.0,
        second: Mapping[str, float] | None = None,
        of_one_mind: Sequence[str] = (),
        told: Sequence[str] = (),
    ) -> None:
        self.fields = fields
        self.weights = weights
        self.penalty = penalty
        self.balance = balance
        self.second = second
        self.of_one_mind = of_one_mind
        self.told = told

    def fit(self, blocks: Blocks, labels: Sequence[Labels]) -> Self:
        """Solve every field on the messages that have a label for it."""
        blocks = {block: matrix for block, matrix in blocks.items() if block != TOLD}
        grams = {block: _gram(matrix) for block, matrix in blocks.items()}
        first = {field: self.block_weights(field) for field in self.fields}
        self.packed_, self.intercept_ = self._solve(first, blocks, grams, labels)
        self.second_: dict[str, tuple[Any, Any]] = {}
        if self.second:
            some = {block: blocks[block] for block in self.second}
            second = dict.fromkeys(self.fields, self.second)
            self.second_, self.second_intercept_ = self._solve(second, some, grams, labels)
        return self

    def _solve(
        self,
        weights: Mapping[str, Mapping[str, float]],
        blocks: Blocks,
        grams: Mapping[str, Any],
        labels: Sequence[Labels],
    ) -> tuple[dict[str, tuple[Any, Any]], Any]:
        """Return the packed coefficients of each block, and the intercepts."""
        import numpy as np

        kernels = {repr(one): _kernel(one, grams) for one in weights.values()}
        columns: dict[str, list[Any]] = {block: [] for block in blocks}
        intercepts = []
        factors: dict[str, Any] = {}
        for field in self.fields:
            dual = self._dual(field, weights[field], kernels, labels, factors)
            intercepts.append(_INTERCEPT * dual.sum(axis=0))
            for block, matrix in blocks.items():
                columns[block].append(weights[field].get(block, 0.0) * (matrix.T @ dual))
        kept = {block: packed(np.hstack(parts)) for block, parts in columns.items()}
        return kept, np.concatenate(intercepts).astype(np.float32)

    def decision_function(self, blocks: Blocks) -> Scores:
        """Return field to an array of scores: a row for each message, a column for each value of each opinion."""
        first = sum(times(blocks[block], each) for block, each in self.packed_.items()) + self.intercept_
        opinions = {field: [first[:, part]] for field, part in self.columns().items()}
        if self.second_:
            second = sum(times(blocks[block], each) for block, each in self.second_.items())
            second = second + self.second_intercept_
            for field, part in self.columns().items():
                if field not in self.of_one_mind:
                    opinions[field].append(second[:, part])
        if TOLD in blocks:
            for field in self.told:
                opinions[field].append(blocks[TOLD])
        return {field: _beside(some) for field, some in opinions.items()}

    def columns(self) -> Mapping[str, slice]:
        """Return field to its columns in the coefficients of one opinion."""
        found: dict[str, slice] = {}
        start = 0
        for field, values in self.fields.items():
            found[field] = slice(start, start + len(values))
            start += len(values)
        return found

    def block_weights(self, field: str) -> Mapping[str, float]:
        """Return block to weight for `field`."""
        return self.weights.get(field, self.weights["*"])

    @property
    def coef_(self) -> Mapping[str, Any]:
        """Block to coefficients of the first opinion, a row for each feature and a column for each value."""
        return {block: unpacked(each) for block, each in self.packed_.items()}

    def sizes(self) -> Mapping[str, int]:
        """Return block to how many features it has."""
        return {block: len(whole) for block, (whole, _) in self.packed_.items()}

    def some(self, block: str, features: Any = slice(None)) -> Any:
        """Return these rows of a block's coefficients, by default all."""
        return some_unpacked(self.packed_[block], features)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Leave out what older model files hold a place for."""
        state = {name: value for name, value in state.items() if name not in ("_coef", "_second")}
        super().__setstate__({"told": (), **state})

    def _dual(
        self,
        field: str,
        weights: Mapping[str, float],
        kernels: Mapping[str, Any],
        labels: Sequence[Labels],
        factors: dict[str, Any],
    ) -> Any:
        """Return the dual coefficients: a row for each message, 0 where it has no label; a column for each value."""
        import numpy as np
        from scipy.linalg import cho_factor, cho_solve

        values = self.fields[field]
        rows = [row for row, one in enumerate(labels) if known(field, one)]
        dual = np.zeros((len(labels), len(values)))
        if len(rows) == 0:
            return dual
        truth = np.array([[value in labels[row][field] for value in values] for row in rows])
        penalties = self.penalty / _importance(truth, 0.0 if field in LIST_FIELDS else self.balance)
        # Fields that are labelled for the same messages, with the same weights, share the costly part.
        key = repr((rows, weights, penalties.tobytes()))
        if key not in factors:
            kernel = kernels[repr(weights)][np.ix_(rows, rows)].astype(np.float64)
            kernel[np.diag_indices_from(kernel)] += penalties
            factors[key] = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
        dual[rows] = cho_solve(factors[key], np.where(truth, 1.0, -1.0), check_finite=False)
        return dual


def _beside(matrices: Sequence[Any]) -> Any:
    import numpy as np

    return matrices[0] if len(matrices) == 1 else np.hstack(matrices)


def _importance(truth: Any, balance: float) -> Any:
    """Return a weight for each message, 1 on average, larger where its value is rare."""
    import numpy as np

    share = np.maximum(truth.mean(axis=0), 1e-9)
    weights = np.where(truth, share**-balance, 0.0).max(axis=1) if balance else np.ones(len(truth))
    return weights / weights.mean()


def _kernel(weights: Mapping[str, float], grams: Mapping[str, Any]) -> Any:
    return sum((weight * grams[block] for block, weight in weights.items() if weight), start=_INTERCEPT)


def known(field: str, labels: Labels) -> bool:
    """Tell whether a message is an example for `field`: the guide labels it, and of one value something shows."""
    return field in labels and (field in LIST_FIELDS or bool(labels[field]))


def _gram(matrix: Any) -> Any:
    from scipy.sparse import issparse

    product = matrix @ matrix.T
    return product.toarray() if issparse(product) else product
