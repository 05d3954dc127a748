"""An evaluation as Markdown: tables that read well as plain text, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.classify.calibration import NEVER
from pipeline.classify.plots import ALTERNATIVES
from pipeline.classify.report import FieldFigures, Figure, Report, Section
from pipeline.classify.weaknesses import weaknesses

if TYPE_CHECKING:
    from pipeline.classify.train import Trained


def headlines(report: Report) -> Iterator[str]:
    """Yield a table with a line for each field."""
    yield (
        f"{report.n} messages in {report.groups} groups. In square brackets: 95 % interval, bootstrap over groups."
        " In round brackets: always the most frequent value (Brier: always the shares of the values)."
    )
    yield ""
    yield "| field | n | figure | score | macro-F1 | sure | right of these | Brier | ECE |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for each in report.fields.values():
        right = "-" if each.precision is None else f"{each.precision:.3f}"
        yield (
            f"| {each.field} | {each.n} | {each.headline} | {with_interval(each.score)} |"
            f" {with_interval(each.macro_f1)} | {each.coverage:.2f} | {right} |"
            f" {each.brier:.3f} ({each.brier_baseline:.3f}) | {each.ece:.3f} |"
        )


def sections(report: Report) -> Iterator[str]:
    """Yield a section for each field: its values, its slices, what is taken for what."""
    for each in report.fields.values():
        yield from ("", f"## {each.field}", "")
        yield from _values(each)
        yield from _confusion(each)
        yield from _slices(each)


def thresholds(report: Report, limits: Mapping[str, float], target: float) -> Iterator[str]:
    """Yield a table of the thresholds in `limits`, with the precision that they are to keep and what they kept."""
    yield "| field | threshold | target precision | precision on the other folds | answers at or above |"
    yield "| --- | --- | --- | --- | --- |"
    for name, at in limits.items():
        found = report.fields.get(name)
        kept = "-" if found is None or found.precision is None else f"{found.precision:.3f}"
        share = "-" if found is None else f"{found.coverage:.2f}"
        stands = "none: always a guess" if at >= NEVER else f"{at:.3f}"
        yield f"| {name} | {stands} | {target:.2f} | {kept} | {share} |"


def with_interval(figure: Figure) -> str:
    """Return a figure with its interval and its baseline."""
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}] ({figure.baseline:.3f})"


def _short(figure: Figure) -> str:
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}] ({figure.baseline:.2f})"


def _values(each: FieldFigures) -> Iterator[str]:
    yield "| value | support | answered | precision | recall | F1 |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for v in each.values:
        precision = _short(v.precision) if v.predicted else "-"
        figures = " | ".join((precision, _short(v.recall), _short(v.f1)))
        yield f"| {v.value} | {v.support} | {v.predicted} | {figures} |"


def _confusion(each: FieldFigures) -> Iterator[str]:
    """Yield the confusion matrix; its columns are numbered, as fourteen names are too wide."""
    if not each.confusion:
        return
    names = [v.value for v in each.values]
    yield from ("", "Labelled (rows) and answered (columns, in the same order):", "")
    yield "| labelled | " + " | ".join(str(at) for at in range(1, len(names) + 1)) + " |"
    yield "| --- |" + " --- |" * len(names)
    for at, (name, row) in enumerate(zip(names, each.confusion, strict=True), start=1):
        yield f"| {at} {name} | " + " | ".join(str(count) if count else "·" for count in row) + " |"


def _slices(each: FieldFigures) -> Iterator[str]:
    yield from ("", f"| by | n | {each.headline} |", "| --- | --- | --- |")
    for one in each.slices:
        yield f"| {one.by} {one.name} | {one.n} | {with_interval(one.figure)} |"


def written(trained: Trained, extra: Sequence[Section], pictures: Sequence[str]) -> str:
    """Return ``report.md`` of a model: where it comes from, how good it is, what it is bad at.

    Parameters
    ----------
    extra
        Sections on more than the model.
    pictures
        Names of the files with its plots.
    """
    model, target = trained.model, trained.precision
    head = (
        f"Trained on {trained.examples} messages (data {model.data_hash[:12]}, rules"
        f" {trained.rulebook_version or 'none'}, seed {trained.seed}). All figures are out of fold, in five folds that"
        " part no thread, organisation or person: no message was judged by a model, a calibration or a threshold that"
        f" had seen it. *Sure* is the share of answers at or above the threshold that keeps precision {target:.2f} on"
        " the other folds."
    )
    limits = thresholds(trained.report, model.thresholds, target)
    return _page(f"Model {model.version}", head, trained.report, pictures, extra, limits, target)


def measured(
    title: str, head: str, report: Report, pictures: Sequence[str], extra: Sequence[Section], target: float
) -> str:
    """Return a report on mail that a model has not learnt from."""
    return _page(title, head, report, pictures, extra, (), target)


def _page(
    title: str,
    head: str,
    report: Report,
    pictures: Sequence[str],
    extra: Sequence[Section],
    limits: Iterable[str],
    target: float,
) -> str:
    lines = [f"# {title}", "", head, "", *headlines(report)]
    for section in extra:
        lines += ["", f"## {section.title}", "", section.text.strip()]
    limits = list(limits)
    if limits:
        lines += ["", "## Thresholds", "", *limits]
    lines += ["", "## Known weaknesses", ""]
    lines += [f"- {line}" for line in weaknesses(report, target)]
    for name in pictures:
        lines += ["", f"![{ALTERNATIVES[name]}]({name})"]
    return "\n".join([*lines, *sections(report)]) + "\n"
