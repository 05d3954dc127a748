"""Probabilities against labels: the figures of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.classify.dataset import Example
from pipeline.classify.model import Model
from pipeline.classify.report import FieldFigures, Figure, Report, SliceFigures, ValueFigures
from pipeline.records.decisions import LIST_FIELDS

if TYPE_CHECKING:
    from pipeline.classify.calibration import Probabilities

_RESAMPLES = 400
_SEED = 2026
_BINS = 10
# A language with fewer messages is among the others.
_LANGUAGE_OF_ITS_OWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """The thresholds that hold for each message.

    Parameters
    ----------
    thresholds
        Field to an array, an entry for each message.
    choose
        List field to an array, a row for each message and a column for each value.
    """

    thresholds: Mapping[str, Any]
    choose: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """One field over the messages that have a label for it: boolean and float arrays, a column for each value."""

    field: str
    values: tuple[str, ...]
    truth: Any
    chosen: Any
    probability: Any
    threshold: Any
    baseline: Any
    groups: Any
    examples: Sequence[Example]

    @property
    def is_list(self) -> bool:
        return self.field in LIST_FIELDS


def evaluate(model: Model, examples: Sequence[Example]) -> Report:
    """Hold a model against labelled examples that it has not seen."""
    import numpy as np

    count = len(examples)
    rulings = Rulings(
        thresholds={name: np.full(count, model.thresholds[name]) for name in model.fields},
        choose={
            name: np.tile([model.choose[f"{name}={value}"] for value in values], (count, 1))
            for name, values in model.fields.items()
            if name in LIST_FIELDS
        },
    )
    judged = model.probabilities([example.sample for example in examples])
    return measure(model.fields, judged, rulings, examples, model.majority)


def measure(
    fields: Mapping[str, tuple[str, ...]],
    judged: Probabilities,
    rulings: Rulings,
    examples: Sequence[Example],
    majority: Mapping[str, tuple[str, ...]],
) -> Report:
    """Hold probabilities against labels.

    Parameters
    ----------
    fields
        Field to its values, the columns of the arrays in `judged`.
    majority
        Field to what the baseline always says.
    """
    figures = {}
    for name, values in fields.items():
        answers = (
            _answers(name, values, judged[name], rulings, examples, majority[name]) if examples else None
        )
        if answers and len(answers.examples):
            figures[name] = _figures(answers)
    return Report(n=len(examples), groups=len({example.group for example in examples}), fields=figures)


def _answers(
    name: str,
    values: tuple[str, ...],
    probability: Any,
    rulings: Rulings,
    examples: Sequence[Example],
    majority: tuple[str, ...],
) -> _Answers:
    import numpy as np

    from pipeline.classify.calibration import known_rows, truth

    rows = known_rows(name, [example.labels for example in examples])
    some = [example for example, is_known in zip(examples, rows, strict=True) if is_known]
    probability = probability[rows]
    if name in LIST_FIELDS:
        chosen = probability >= rulings.choose[name][rows]
    else:
        chosen = probability.argmax(axis=1)[:, None] == np.arange(len(values))
    return _Answers(
        field=name,
        values=values,
        truth=truth(name, values, [example.labels for example in some]),
        chosen=chosen,
        probability=probability,
        threshold=rulings.thresholds[name][rows],
        baseline=np.tile([value in majority for value in values], (len(some), 1)),
        groups=np.array([example.group for example in some]),
        examples=some,
    )


def _figures(answers: _Answers) -> FieldFigures:
    sure = answers.chosen & (answers.probability >= answers.threshold[:, None])
    total = max(int(answers.chosen.sum()), 1)
    headline = _micro_f1 if answers.is_list else _accuracy
    return FieldFigures(
        field=answers.field,
        n=len(answers.examples),
        headline="micro-F1" if answers.is_list else "accuracy",
        score=_figure(answers, headline),
        macro_f1=_figure(answers, _macro_f1),
        coverage=int(sure.sum()) / total,
        precision=int((sure & answers.truth).sum()) / int(sure.sum()) if sure.any() else None,
        brier=float(((answers.probability - answers.truth) ** 2).sum(axis=1).mean()),
        ece=_calibration_error(answers),
        values=tuple(_value_figures(answers)),
        slices=tuple(_slices(answers, headline)),
    )


Measure = Callable[[Any, Any, Any], float]


def _accuracy(chosen: Any, is_true: Any, weights: Any) -> float:
    return float(weights[(chosen & is_true).any(axis=1)].sum() / weights.sum())


def _micro_f1(chosen: Any, is_true: Any, weights: Any) -> float:
    right = float(weights @ (chosen & is_true).sum(axis=1))
    total = float(weights @ (chosen.sum(axis=1) + is_true.sum(axis=1)))
    return 2 * right / total if total else 0.0


def _macro_f1(chosen: Any, is_true: Any, weights: Any) -> float:
    import numpy as np

    right, total = weights @ (chosen & is_true), weights @ chosen + weights @ is_true
    occurs = weights @ is_true > 0
    return float((2 * right[occurs] / np.maximum(total[occurs], 1e-9)).mean()) if occurs.any() else 0.0


def _figure(answers: _Answers, measure_of: Measure) -> Figure:
    """Measure, with a percentile interval over resampled groups (Efron and Tibshirani 1993, chapter 13)."""
    import numpy as np

    ones = np.ones(len(answers.examples))
    _, group = np.unique(answers.groups, return_inverse=True)
    count = int(group.max()) + 1
    random = np.random.default_rng(_SEED)
    draws = random.multinomial(count, np.full(count, 1 / count), size=_RESAMPLES)
    chosen, is_true = answers.chosen.astype(np.int64), answers.truth.astype(np.int64)
    samples = [measure_of(chosen, is_true, draw[group].astype(float)) for draw in draws if draw[group].any()]
    low, high = np.percentile(samples, [2.5, 97.5])
    return Figure(
        value=measure_of(chosen, is_true, ones),
        low=float(low),
        high=float(high),
        baseline=measure_of(answers.baseline.astype(np.int64), is_true, ones),
    )


def _calibration_error(answers: _Answers) -> float:
    import numpy as np

    if answers.is_list:
        sure, right = answers.probability.ravel(), answers.truth.ravel()
    else:
        sure = answers.probability.max(axis=1)
        right = (answers.chosen & answers.truth).any(axis=1)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=sure - right, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(sure))


def _value_figures(answers: _Answers) -> Iterator[ValueFigures]:
    for at, value in enumerate(answers.values):
        support, predicted = int(answers.truth[:, at].sum()), int(answers.chosen[:, at].sum())
        right = int((answers.truth[:, at] & answers.chosen[:, at]).sum())
        yield ValueFigures(
            value=value,
            support=support,
            predicted=predicted,
            precision=right / predicted if predicted else 0.0,
            recall=right / support if support else 0.0,
            f1=2 * right / (support + predicted) if support + predicted else 0.0,
        )


def _slices(answers: _Answers, measure_of: Measure) -> Iterator[SliceFigures]:
    import numpy as np

    spoken = Counter(example.language for example in answers.examples)
    own = {language for language, count in spoken.items() if count >= _LANGUAGE_OF_ITS_OWN}
    names = {
        "channel": [example.channel for example in answers.examples],
        "language": [e.language if e.language in own else "other" for e in answers.examples],
    }
    for by, of_each in names.items():
        for name, count in sorted(Counter(of_each).items(), key=lambda pair: (-pair[1], pair[0])):
            rows = np.array([each == name for each in of_each])
            chosen, is_true = answers.chosen[rows].astype(np.int64), answers.truth[rows].astype(np.int64)
            value = measure_of(chosen, is_true, np.ones(count))
            yield SliceFigures(by=by, name=name, n=count, value=value)
