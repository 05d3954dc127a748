"""Ridge regression on signed labels for every field at once, solved among the messages instead of the features.

There are fewer messages than word pieces, so the dual (Saunders, Gammerman and Vovk 1998) costs one Cholesky
factorisation a field whatever the number of values. Its scores rank as those of a least-squares support vector
machine do; `calibration` turns them into probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from sklearn.base import BaseEstimator

from pipeline.classify.features import Blocks
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
    """

    def __init__(
        self,
        fields: Mapping[str, tuple[str, ...]],
        weights: Mapping[str, Mapping[str, float]],
        penalty: float = 1.0,
        balance: float = 0.0,
        second: Mapping[str, float] | None = None,
        of_one_mind: Sequence[str] = (),
    ) -> None:
        self.fields = fields
        self.weights = weights
        self.penalty = penalty
        self.balance = balance
        self.second = second
        self.of_one_mind = of_one_mind

    def fit(self, blocks: Blocks, labels: Sequence[Labels]) -> Self:
        """Solve every field on the messages that have a label for it."""
        grams = {block: _gram(matrix) for block, matrix in blocks.items()}
        first = {field: self.block_weights(field) for field in self.fields}
        self.packed_, self.intercept_ = self._solve(first, blocks, grams, labels)
        self.second_: dict[str, tuple[Any, Any]] = {}
        if self.second:
            some = {block: blocks[block] for block in self.second}
            second = dict.fromkeys(self.fields, self.second)
            self.second_, self.second_intercept_ = self._solve(second, some, grams, labels)
        self._coef: dict[str, Any] = {}
        self._second: dict[str, Any] = {}
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
        packed = {block: _packed(np.hstack(parts)) for block, parts in columns.items()}
        return packed, np.concatenate(intercepts).astype(np.float32)

    def decision_function(self, blocks: Blocks) -> Scores:
        """Return field to an array of scores: a row for each message, a column for each value and opinion."""
        import numpy as np

        first = sum(matrix @ self.coef_[block] for block, matrix in blocks.items()) + self.intercept_
        if not self.second_:
            return {field: first[:, part] for field, part in self.columns().items()}
        second = sum(blocks[block] @ each for block, each in self._seconds().items()) + self.second_intercept_
        return {
            field: first[:, part]
            if field in self.of_one_mind
            else np.hstack([first[:, part], second[:, part]])
            for field, part in self.columns().items()
        }

    def _seconds(self) -> Mapping[str, Any]:
        """Return block to coefficients of the second opinion, unpacked once."""
        if not self._second:
            self._second = {block: _unpacked(each) for block, each in self.second_.items()}
        return self._second

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
        if not self._coef:
            self._coef = {block: _unpacked(each) for block, each in self.packed_.items()}
        return self._coef

    def __getstate__(self) -> dict[str, Any]:
        """Leave the unpacked coefficients out of the model file."""
        return {**self.__dict__, "_coef": {}, "_second": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin with nothing unpacked."""
        super().__setstate__({**state, "_coef": {}, "_second": {}})

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


def _packed(matrix: Any) -> tuple[Any, Any]:
    """Round every column to 255 levels: what is trained, measured and saved is the same, and small."""
    import numpy as np

    step = np.maximum(np.abs(matrix).max(axis=0, initial=0.0) / 127, 1e-12).astype(np.float32)
    return np.rint(matrix / step).astype(np.int8), step


def _unpacked(packed: tuple[Any, Any]) -> Any:
    import numpy as np

    whole, step = packed
    return whole.astype(np.float32) * step
