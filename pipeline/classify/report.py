"""What an evaluation found: plain figures, and how they are written as JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A share, 0 to 1, with its 95 % interval (percentile bootstrap over groups) and the majority baseline's share."""

    value: float
    low: float
    high: float
    baseline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFigures:
    """Precision, recall and F1 of one value; `support` is how often it is right."""

    value: str
    support: int
    predicted: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceFigures:
    """The headline figure of a field among some of the messages: one channel, one group of languages."""

    by: str
    name: str
    n: int
    value: float


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
    ece: float
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

    def as_json(self) -> dict[str, Any]:
        """Return plain tables, numbers rounded to four digits."""
        rounded: dict[str, Any] = _rounded(
            {"n": self.n, "groups": self.groups, "fields": {k: asdict(v) for k, v in self.fields.items()}}
        )
        return rounded

    def as_markdown(self) -> str:
        """Return headline figures, then a section for each field."""
        return "\n".join([*self._headlines(), *self._sections()]) + "\n"

    def as_text(self) -> str:
        """Return the headline figures alone."""
        return "\n".join(self._headlines()) + "\n"

    def _headlines(self) -> Iterator[str]:
        yield f"{self.n} messages in {self.groups} groups. Intervals: 95 %, bootstrap over groups. In brackets: majority."
        yield ""
        yield "| field | n | figure | score | macro-F1 | sure | right of these | Brier | ECE |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        for each in self.fields.values():
            right = "-" if each.precision is None else f"{each.precision:.3f}"
            yield (
                f"| {each.field} | {each.n} | {each.headline} | {_with_interval(each.score)} |"
                f" {_with_interval(each.macro_f1)} | {each.coverage:.2f} | {right} | {each.brier:.3f} | {each.ece:.3f} |"
            )

    def _sections(self) -> Iterator[str]:
        for each in self.fields.values():
            yield from (
                "",
                f"## {each.field}",
                "",
                "| value | support | predicted | precision | recall | F1 |",
            )
            yield "| --- | --- | --- | --- | --- | --- |"
            for v in each.values:
                figures = f"{v.precision:.2f} | {v.recall:.2f} | {v.f1:.2f}"
                yield f"| {v.value} | {v.support} | {v.predicted} | {figures} |"
            yield ""
            parts = (f"{one.by} {one.name} {one.value:.2f} (n={one.n})" for one in each.slices)
            yield f"{each.headline} by slice: {', '.join(parts)}."


def _with_interval(figure: Figure) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}] ({figure.baseline:.3f})"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value
