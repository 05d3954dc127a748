"""Known weaknesses of a model, read from its figures: what nobody should rely on."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.classify.report import FieldFigures, Report, ValueFigures

# A gain over the majority below this, as a share, is hardly worth the trouble.
_SMALL_GAIN = 0.10
_RARELY_SURE = 0.20
_WEAK_F1 = 0.60
_FEW = 20
_SURELY_TOO_SURE = 0.05
_OFTEN_CONFUSED = 10
_SHOWN = 3
_ALWAYS = (
    (
        "Labelled mail is invented or reworded; real mailboxes have more spam, automatic and misdirected mail,"
        " so precision at the thresholds holds for the proportions of the labelled mail alone."
    ),
    (
        "Rules were written while looking at the same training mail: rule hits fit it better than unseen mail,"
        " and the figures out of fold are a little too good."
    ),
)


def weaknesses(report: Report, target: float) -> tuple[str, ...]:
    """Return what the figures say against a model, a sentence or two each.

    Parameters
    ----------
    target
        Precision that the thresholds are to keep.
    """
    found = [line for each in report.fields.values() for line in _of_field(each, target)]
    return (*found, *_ALWAYS)


def _of_field(each: FieldFigures, target: float) -> Iterator[str]:
    yield from _against_majority(each)
    yield from _at_threshold(each, target)
    yield from _weak_values(each)
    yield from _confused(each)
    yield from _weak_slices(each)


def _against_majority(each: FieldFigures) -> Iterator[str]:
    gain = each.score.value - each.score.baseline
    if each.score.low <= each.score.baseline:
        yield (
            f"{each.field}: {each.headline} {each.score.value:.2f} is not better than always saying the most frequent"
            f" value ({each.score.baseline:.2f}) beyond its interval; take it for a guess."
        )
    elif gain < _SMALL_GAIN:
        yield f"{each.field}: only {100 * gain:.0f} points better than always saying the most frequent value."


def _at_threshold(each: FieldFigures, target: float) -> Iterator[str]:
    if each.precision is None:
        yield f"{each.field}: no answer reaches precision {target:.2f}; every answer is a guess for a person to check."
        return
    if each.coverage < _RARELY_SURE:
        yield f"{each.field}: only {each.coverage:.0%} of the answers are sure, the others are guesses."
    if each.precision < target - 0.01:
        yield (
            f"{each.field}: at the threshold {each.precision:.3f} of the answers were right on messages not seen,"
            f" less than the {target:.2f} aimed at."
        )
    if each.ece > _SURELY_TOO_SURE:
        yield f"{each.field}: probabilities are off by {each.ece:.2f} on average."


def _weak_values(each: FieldFigures) -> Iterator[str]:
    rare = [v for v in each.values if v.support < _FEW]
    weak = [v for v in each.values if v.support >= _FEW and v.f1.value < _WEAK_F1]
    if weak:
        yield f"{each.field}: {_listed(sorted(weak, key=lambda v: v.f1.value))} are often missed or wrong."
    if rare:
        names = ", ".join(f"{v.value} ({v.support})" for v in rare)
        yield f"{each.field}: fewer than {_FEW} labelled messages of {names}; their figures say little."


def _listed(values: list[ValueFigures]) -> str:
    return ", ".join(f"{v.value} (F1 {v.f1.value:.2f})" for v in values)


def _confused(each: FieldFigures) -> Iterator[str]:
    names = [v.value for v in each.values]
    pairs = [
        (count, names[row], names[column])
        for row, counts in enumerate(each.confusion)
        for column, count in enumerate(counts)
        if row != column and count >= _OFTEN_CONFUSED
    ]
    if pairs:
        worst = sorted(pairs, reverse=True)[:_SHOWN]
        told = ", ".join(f"{labelled} for {answered} ({count} times)" for count, labelled, answered in worst)
        yield f"{each.field}: takes most often {told}."


def _weak_slices(each: FieldFigures) -> Iterator[str]:
    weak = [one for one in each.slices if one.figure.high < each.score.value]
    if weak:
        told = ", ".join(f"{one.by} {one.name} ({one.figure.value:.2f}, n={one.n})" for one in weak)
        yield f"{each.field}: clearly worse than overall ({each.score.value:.2f}) in {told}."
