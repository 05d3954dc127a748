"""Probabilities against labels: the figures of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.classify.dataset import Example
from pipeline.classify.heldout import Rulings, taken
from pipeline.classify.intervals import Tally, bounds, draws, tally
from pipeline.classify.model import Model
from pipeline.classify.report import Bin, FieldFigures, Figure, Report, Risk, SliceFigures, ValueFigures
from pipeline.records.decisions import LIST_FIELDS

if TYPE_CHECKING:
    from pipeline.classify.calibration import Probabilities

_BINS = 10
# Points of the risk-coverage curve.
_POINTS = 20
# A language with fewer messages is among the others.
_LANGUAGE_OF_ITS_OWN = 30


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
            if f"{name}={values[0]}" in model.choose
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
    rates = rulings.choose.get(name)
    chosen = taken(name, probability, None if rates is None else rates[rows])
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
    headline = Tally.micro_f1 if answers.is_list else Tally.accuracy
    counts, baseline = _tallies(answers)
    drawn = draws(len(counts.messages))
    some, bins = counts.resampled(drawn), tuple(_bins(answers))
    return FieldFigures(
        field=answers.field,
        n=len(answers.examples),
        headline="micro-F1" if answers.is_list else "accuracy",
        score=_figure(headline, counts, some, baseline),
        macro_f1=_figure(Tally.macro_f1, counts, some, baseline),
        coverage=int(sure.sum()) / total,
        precision=int((sure & answers.truth).sum()) / int(sure.sum()) if sure.any() else None,
        brier=_brier(answers.probability, answers.truth),
        brier_baseline=_brier(answers.truth.mean(axis=0), answers.truth),
        ece=_calibration_error(bins),
        calibration=bins,
        risk=tuple(_risk(answers)),
        risk_baseline=1.0 - float(baseline.total().right.sum() / max(baseline.total().chosen.sum(), 1)),
        confusion=() if answers.is_list else _confusion(answers),
        values=tuple(_value_figures(answers.values, counts, some, baseline)),
        slices=tuple(_slices(answers, headline)),
    )


Measure = Callable[[Tally], Any]


def _tallies(answers: _Answers, rows: Any = slice(None)) -> tuple[Tally, Tally]:
    """Count by group what was answered, and what the baseline says."""
    truth, groups = answers.truth[rows], answers.groups[rows]
    return tally(answers.chosen[rows], truth, groups), tally(answers.baseline[rows], truth, groups)


def _figure(measure_of: Measure, counts: Tally, resampled: Tally, baseline: Tally) -> Figure:
    low, high = bounds(measure_of(resampled))
    return Figure(
        value=float(measure_of(counts.total())),
        low=float(low),
        high=float(high),
        baseline=float(measure_of(baseline.total())),
    )


def _brier(probability: Any, truth: Any) -> float:
    return float(((probability - truth) ** 2).sum(axis=1).mean())


def _confusion(answers: _Answers) -> tuple[tuple[int, ...], ...]:
    """Return how often each value was answered where each was labelled."""
    counts = answers.truth.astype(int).T @ answers.chosen.astype(int)
    return tuple(tuple(int(one) for one in row) for row in counts)


def _confidences(answers: _Answers) -> tuple[Any, Any]:
    """Return how sure the answers are, and whether they are right; of lists, of every value."""
    if answers.is_list:
        return answers.probability.ravel(), answers.truth.ravel()
    return answers.probability[answers.chosen], answers.truth[answers.chosen]


def _calibration_error(bins: Sequence[Bin]) -> float:
    total = sum(each.n for each in bins)
    return sum(each.n * abs(each.confidence - each.right) for each in bins) / max(total, 1)


def _bins(answers: _Answers) -> Iterator[Bin]:
    import numpy as np

    sure, right = _confidences(answers)
    number = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    for at in range(_BINS):
        inside = number == at
        if inside.any():
            yield Bin(
                n=int(inside.sum()),
                confidence=float(sure[inside].mean()),
                right=float(right[inside].mean()),
            )


def _risk(answers: _Answers) -> Iterator[Risk]:
    """Yield what is wrong among the surest answers; of lists, among the chosen values."""
    import numpy as np

    if answers.is_list:
        sure, right = answers.probability[answers.chosen], answers.truth[answers.chosen]
    else:
        sure, right = _confidences(answers)
    if len(sure) == 0:
        return
    wrong = np.cumsum(~right[np.argsort(-sure, kind="stable")])
    for point in range(1, _POINTS + 1):
        count = max(round(len(sure) * point / _POINTS), 1)
        yield Risk(coverage=count / len(sure), risk=float(wrong[count - 1] / count))


def _value_figures(
    values: tuple[str, ...], counts: Tally, resampled: Tally, baseline: Tally
) -> Iterator[ValueFigures]:
    total = counts.total()
    measures: tuple[Measure, ...] = (Tally.precision, Tally.recall, Tally.f1)
    found = [(measure(total), *bounds(measure(resampled)), measure(baseline.total())) for measure in measures]
    for at, value in enumerate(values):
        precision, recall, f1 = (
            Figure(value=float(v[at]), low=float(low[at]), high=float(high[at]), baseline=float(base[at]))
            for v, low, high, base in found
        )
        yield ValueFigures(
            value=value,
            support=int(total.truth[at]),
            predicted=int(total.chosen[at]),
            precision=precision,
            recall=recall,
            f1=f1,
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
            counts, baseline = _tallies(answers, np.array([each == name for each in of_each]))
            some = counts.resampled(draws(len(counts.messages)))
            yield SliceFigures(by=by, name=name, n=count, figure=_figure(measure_of, counts, some, baseline))
