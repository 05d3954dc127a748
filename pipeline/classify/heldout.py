"""What a training said of each message by models that had not seen it, kept to be judged, drawn and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.classify.dataset import Sample
from pipeline.classify.model import evidence_of, worth_saying
from pipeline.records.decisions import LIST_FIELDS, Evidence

if TYPE_CHECKING:
    from pipeline.classify.calibration import Probabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """The thresholds that hold for each message.

    Parameters
    ----------
    thresholds
        Field to an array, an entry for each message.
    choose
        Field to an array, a row for each message and a column for each value: the probabilities at which lists take
        a value, and by which those of other fields are weighed; fields without one take the most probable value.
    """

    thresholds: Mapping[str, Any]
    choose: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Probabilities out of fold, in the order of the examples.

    Parameters
    ----------
    fields
        Field to its values, the columns of the arrays in `judged`.
    judged
        Field to probabilities, a row for each message, by an estimator and a calibration that had not seen it.
    rulings
        Thresholds that were learnt on the other folds.
    fold
        Number of the fold of each message.
    """

    fields: Mapping[str, tuple[str, ...]]
    judged: Probabilities
    rulings: Rulings
    fold: tuple[int, ...]


def taken(field: str, probability: Any, rates: Any = None) -> Any:
    """Return which values are answered, as a boolean array like `probability`: rows are messages, columns values.

    Parameters
    ----------
    rates
        What a value of a list needs at least, and by which the probability of any other is divided; None: 1.
    """
    import numpy as np

    if field in LIST_FIELDS:
        return probability >= rates
    weighed = probability if rates is None else probability / rates
    return weighed.argmax(axis=1)[:, None] == np.arange(probability.shape[1])


class Witness:
    """Says of one fold's messages what was said out of fold: takes the place of a model in the judge.

    Parameters
    ----------
    held_out
        Everything that was said.
    fold
        Which fold.
    row_of
        SHA-256 of a message to its row.
    """

    version = "out-of-fold"

    def __init__(self, held_out: HeldOut, fold: int, row_of: Mapping[str, int]) -> None:
        self._held_out = held_out
        self._row_of = row_of
        row = held_out.fold.index(fold)
        rulings = held_out.rulings
        self.thresholds = {name: float(each[row]) for name, each in rulings.thresholds.items()}
        self.choose = {
            f"{name}={value}": float(rulings.choose[name][row][at])
            for name, values in held_out.fields.items()
            if name in rulings.choose
            for at, value in enumerate(values)
        }

    def evidence(self, batch: Sequence[Sample], explain: bool = False) -> list[tuple[Evidence, ...]]:
        """Return what was said of each message of the `batch`; it cannot be explained any more."""
        del explain
        rows = [self._row_of[inquiry.sha256] for inquiry, _ in batch]
        fields = self._held_out.fields
        told = worth_saying(fields, {name: each[rows] for name, each in self._held_out.judged.items()})
        return [tuple(evidence_of(self.version, fields, one, {})) for one in told]
