"""The trained witness: inquiries and rule hits to evidence with calibrated probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pipeline.classify.dataset import Sample
from pipeline.records.decisions import LIST_FIELDS, Evidence, Source

if TYPE_CHECKING:
    from pipeline.classify.calibration import Calibrators, Probabilities
    from pipeline.classify.features import Blocks

# Field to the places of its values that are worth saying, the most probable first, with their probabilities.
Worth = Mapping[str, Sequence[tuple[int, float]]]

# Less probable values are not worth a line of evidence.
_LEAST_ONE_OF = 0.02
_LEAST_ANY_OF = 0.05
# No kind is so rare that it cannot come.
_RAREST = 0.001
# A detail is worked out for this many values of a field.
_EXPLAINED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A fitted estimator with its calibration.

    Parameters
    ----------
    name
        Of the model directory.
    data_hash
        SHA-256 of what it was trained on, in hexadecimal.
    estimator
        The fitted scikit-learn Pipeline.
    calibrators
        Field to what makes probabilities of its scores.
    thresholds
        Field to the probability under which its value is only a guess; 1.01 where it always is.
    choose
        Tag of a list, such as ``activities=research``, to the probability from which on it is chosen.
    majority
        Field to the most frequent values in training, to compare with.
    """

    name: str
    data_hash: str
    estimator: Any = field(repr=False)
    calibrators: Calibrators = field(repr=False)
    thresholds: Mapping[str, float]
    choose: Mapping[str, float]
    majority: Mapping[str, tuple[str, ...]]

    @property
    def version(self) -> str:
        """Name and a short hash of the training data."""
        return f"{self.name}-{self.data_hash[:8]}"

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """Field to values, as far as the model answers them."""
        answered: Mapping[str, tuple[str, ...]] = self.estimator[-1].fields
        return answered

    def at(self, kinds: Mapping[str, float]) -> Model:
        """Return the model for a mailbox in which kinds are as frequent as this.

        Parameters
        ----------
        kinds
            Kind to its share of the mail; the kinds that are not named share the rest as they did in training.
            Empty: as in training.
        """
        import numpy as np

        calibrator: Any = self.calibrators["kind"]
        values = self.fields["kind"]
        named = np.array([value in kinds for value in values])
        if not named.any():
            return self
        rest = max(1.0 - sum(kinds[value] for value in values if value in kinds), 0.0)
        others = calibrator.share * ~named
        share = np.array([kinds.get(value, 0.0) for value in values]) + rest * others / max(
            others.sum(), 1e-9
        )
        share = np.maximum(share, _RAREST)
        return replace(self, calibrators={**self.calibrators, "kind": calibrator.at(share / share.sum())})

    def probabilities(self, batch: Sequence[Sample]) -> Probabilities:
        """Return field to an array of probabilities, a row for each inquiry and a column for each value."""
        return self._probabilities(self._blocks(batch)) if batch else {}

    def evidence(self, batch: Sequence[Sample], explain: bool = False) -> list[tuple[Evidence, ...]]:
        """Say how probable the tags of each inquiry are, most probable first within each field.

        Parameters
        ----------
        batch
            Inquiries with the rule hits on them; many at once are faster than one by one.
        explain
            Whether to tell what weighed most for the two most probable values of each field.
        """
        if not batch:
            return []
        blocks = self._blocks(batch)
        told = worth_saying(self.fields, self._probabilities(blocks))
        details = self._details(batch, blocks, told) if explain else [{} for _ in batch]
        return [
            tuple(evidence_of(self.name, self.fields, one, detail))
            for one, detail in zip(told, details, strict=True)
        ]

    def _blocks(self, batch: Sequence[Sample]) -> Blocks:
        blocks: Blocks = self.estimator[:-1].transform(batch)
        return blocks

    def _probabilities(self, blocks: Blocks) -> Probabilities:
        from pipeline.classify.calibration import probabilities

        return probabilities(self.calibrators, self.estimator[-1].decision_function(blocks))

    def _details(
        self, batch: Sequence[Sample], blocks: Blocks, told: Sequence[Worth]
    ) -> list[dict[str, str]]:
        from pipeline.classify.explain import reasons

        views, heads = self.estimator[0], self.estimator[-1]
        columns = heads.columns()
        wanted = [
            {
                f"{name}={self.fields[name][at]}": (columns[name], at)
                for name, some in one.items()
                for at, _ in some[:_EXPLAINED]
            }
            for one in told
        ]
        return reasons(views, heads, batch, blocks, wanted)


def evidence_of(
    model: str, fields: Mapping[str, tuple[str, ...]], told: Worth, details: Mapping[str, str]
) -> Iterator[Evidence]:
    """Yield what `model` says of a message, as far as worth saying (`worth_saying`)."""
    for name, some in told.items():
        values = fields[name]
        for at, score in some:
            tag = f"{name}={values[at]}"
            detail = details.get(tag, "")
            yield Evidence(source=Source.MODEL, name=model, tag=tag, score=round(score, 4), detail=detail)


def worth_saying(fields: Iterable[str], found: Probabilities) -> list[Worth]:
    """Return for each row of the probabilities `found` what is worth a line of evidence."""
    names = tuple(fields)
    ranked = [_ranked(name, found[name]) for name in names]
    return [dict(zip(names, each, strict=True)) for each in zip(*ranked, strict=True)]


def _ranked(name: str, chances: Any) -> list[list[tuple[int, float]]]:
    """Return the places of the values that are worth saying in each row, the most probable first, with their probabilities."""
    import numpy as np

    exact = np.asarray(chances, dtype=np.float64)
    order = np.argsort(-exact, axis=1, kind="stable")
    ordered = np.take_along_axis(exact, order, axis=1)
    if name in LIST_FIELDS:
        counts = (ordered >= _LEAST_ANY_OF).sum(axis=1)
    else:
        # Whether a message may be filed rests on what every kind has for it.
        least = 0.0 if name == "kind" else _LEAST_ONE_OF
        counts = (ordered >= least).sum(axis=1).clip(1)
    told = zip(order.tolist(), ordered.tolist(), counts.tolist(), strict=True)
    return [list(zip(places[:count], some[:count], strict=True)) for places, some, count in told]
