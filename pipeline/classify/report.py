"""What an evaluation found: plain figures, as records and as JSON; `report_text` writes them for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

# What is drawn, and too long to be read.
_CURVES = ("calibration", "risk", "confusion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A share, 0 to 1, with its 95 % interval (percentile bootstrap over groups) and the majority baseline's share."""

    value: float
    low: float
    high: float
    baseline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFigures:
    """Precision, recall and F1 of one value; `support` is how often it is labelled, `predicted` how often answered."""

    value: str
    support: int
    predicted: int
    precision: Figure
    recall: Figure
    f1: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceFigures:
    """The headline figure of a field among some of the messages: one channel, one language."""

    by: str
    name: str
    n: int
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers of like confidence: how many, how sure they were on average, and which share was right."""

    n: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What is wrong, as a share, among the surest answers that are a share `coverage` of all."""

    coverage: float
    risk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFigures:
    """How well one field is answered.

    Parameters
    ----------
    field
        Its name.
    n
        Messages that have a label for it.
    headline
        ``accuracy`` of a field with one value, ``micro-F1`` of a list.
    score, macro_f1
        The headline figure, and the mean F1 of the values that occur.
    coverage
        Share of the answers (of lists: of the chosen values) at or above the threshold.
    precision
        Share of those that is right; None if there are none.
    brier, ece
        Of the probabilities: mean squared error summed over values (Brier 1950), and expected calibration error
        of the chosen value in ten bins (Naeini, Cooper and Hauskrecht 2015); of lists, of all values.
    brier_baseline
        Of always giving each value the share that it has.
    calibration
        The bins that are not empty, least sure first.
    risk
        From the surest answers to all of them (El-Yaniv and Wiener 2010).
    risk_baseline
        Share of the majority's answers that is wrong.
    confusion
        A row for each labelled value, a column for each answered one; empty of lists.
    values
        By value.
    slices
        By channel and language.
    """

    field: str
    n: int
    headline: str
    score: Figure
    macro_f1: Figure
    coverage: float
    precision: float | None
    brier: float
    brier_baseline: float
    ece: float
    calibration: tuple[Bin, ...]
    risk: tuple[Risk, ...]
    risk_baseline: float
    confusion: tuple[tuple[int, ...], ...]
    values: tuple[ValueFigures, ...]
    slices: tuple[SliceFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An evaluation.

    Parameters
    ----------
    n
        Messages.
    groups
        Groups of threads, organisations and persons among them; the intervals rest on these.
    fields
        Field to figures; fields without a labelled message are left out.
    """

    n: int
    groups: int
    fields: Mapping[str, FieldFigures]

    def as_json(self, curves: bool = True) -> dict[str, Any]:
        """Return plain tables, numbers rounded to four digits; with the points of curves and matrices if `curves`."""
        rounded: dict[str, Any] = _rounded(
            {"n": self.n, "groups": self.groups, "fields": {k: asdict(v) for k, v in self.fields.items()}}
        )
        for each in () if curves else rounded["fields"].values():
            for name in _CURVES:
                del each[name]
        return rounded

    def as_text(self) -> str:
        """Return the headline figures alone."""
        from pipeline.classify.report_text import headlines

        return "\n".join(headlines(self)) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a written report that others than the model measured.

    Parameters
    ----------
    key
        Its name in JSON.
    title
        Its heading.
    text
        Markdown.
    data
        The same as plain tables.
    """

    key: str
    title: str
    text: str
    data: Mapping[str, Any]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value
