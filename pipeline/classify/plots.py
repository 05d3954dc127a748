"""Plots of an evaluation as PNG: reliability, risk against coverage, confusion.

Drawn with Agg and the library's own fonts and defaults, so that the same figures give the same octets.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.classify.report import FieldFigures, Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CALIBRATION, RISK, CONFUSION = "calibration.png", "risk-coverage.png", "confusion.png"
ALTERNATIVES = {
    CALIBRATION: "Reliability diagram: share of right answers by probability, each field",
    RISK: "Risk-coverage curve: share of wrong answers among the surest, each field",
    CONFUSION: "Confusion matrices: labelled against answered, each field with one value",
}
_INK, _MUTED, _LINE, _LINE_2 = "#1d2126", "#5a616a", "#2f6fbf", "#a0522d"
_DPI = 90
_PANEL = 3.1
_ACROSS = 3
# Matrices with more values than this get no numbers, as they would not be readable.
_NUMBERED = 8


def plots(report: Report) -> Iterator[tuple[str, bytes]]:
    """Yield file names and PNG octets; fields without figures are left out."""
    fields = list(report.fields.values())
    if not fields:
        return
    yield CALIBRATION, _grid(fields, _calibration, _PANEL)
    yield RISK, _grid(fields, _risk, _PANEL)
    crossed = [each for each in fields if each.confusion]
    if crossed:
        yield CONFUSION, _grid(crossed, _confusion, 1.35 * _PANEL, (0.32, 0.7))


def _grid(
    fields: Sequence[FieldFigures],
    draw: Callable[[Any, FieldFigures], None],
    size: float,
    gaps: tuple[float, float] = (0.35, 0.3),
) -> bytes:
    """Draw a panel for each field; `gaps` are the share of a panel's height and width between two of them."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    down = math.ceil(len(fields) / _ACROSS)
    look = {**mpl.rcParamsDefault, "font.family": "DejaVu Sans", "font.size": 8, "text.color": _INK}
    look.pop("backend", None)
    with mpl.rc_context(look):
        figure = Figure(figsize=(_ACROSS * size, down * size), dpi=_DPI)
        FigureCanvasAgg(figure)
        figure.subplots_adjust(
            left=0.28 * gaps[1],
            right=0.99,
            bottom=0.16 / down,
            top=1 - 0.08 / down,
            hspace=gaps[0],
            wspace=gaps[1],
        )
        for at, each in enumerate(fields, start=1):
            axes = figure.add_subplot(down, _ACROSS, at)
            axes.set_title(each.field, fontsize=9)
            draw(axes, each)
        stream = io.BytesIO()
        figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def _calibration(axes: Axes, each: FieldFigures) -> None:
    axes.plot([0, 1], [0, 1], color=_MUTED, linewidth=0.8, linestyle="--")
    sure, right = [b.confidence for b in each.calibration], [b.right for b in each.calibration]
    axes.plot(sure, right, color=_LINE, linewidth=1.2)
    most = max(b.n for b in each.calibration)
    axes.scatter(sure, right, s=[6 + 60 * b.n / most for b in each.calibration], color=_LINE, zorder=3)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="probability", ylabel="share right")
    axes.text(0.04, 0.93, f"expected calibration error {each.ece:.3f}", fontsize=7, color=_MUTED)


def _risk(axes: Axes, each: FieldFigures) -> None:
    axes.plot(
        [one.coverage for one in each.risk], [one.risk for one in each.risk], color=_LINE, linewidth=1.4
    )
    axes.axhline(each.risk_baseline, color=_LINE_2, linewidth=1, linestyle="--")
    axes.axhline(0.05, color=_MUTED, linewidth=0.8, linestyle=":")
    top = max([each.risk_baseline, *(one.risk for one in each.risk)]) * 1.12 + 0.02
    axes.text(0.02, each.risk_baseline + 0.01 * top, "most frequent value", fontsize=7, color=_LINE_2)
    axes.set(xlim=(0, 1), ylim=(0, top), xlabel="coverage (surest first)", ylabel="share wrong")


def _confusion(axes: Axes, each: FieldFigures) -> None:
    import numpy as np

    names = [v.value for v in each.values]
    counts = np.array(each.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    numbers = range(len(names))
    axes.set_xticks(numbers, [str(at + 1) for at in numbers], fontsize=7)
    axes.set_yticks(numbers, [f"{name} ({at + 1})" for at, name in enumerate(names)], fontsize=7)
    axes.set_title(f"{each.field} (rows: labelled)", fontsize=9)
    axes.set_xlabel("answered")
    size = 8 if len(names) <= _NUMBERED else 6
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.55 else _INK
            axes.text(column, row, str(count), ha="center", va="center", fontsize=size, color=colour)
