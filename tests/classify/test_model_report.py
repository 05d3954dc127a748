"""A model's report: everything that is promised of it stands there, and its plots are pictures."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pipeline.classify.dataset import Example
from pipeline.classify.plots import plots
from pipeline.classify.report import Bin, FieldFigures, Figure, Report, SliceFigures, ValueFigures
from pipeline.classify.train import Trained
from pipeline.classify.weaknesses import weaknesses

# On one worker: the small model is trained once.
pytestmark = pytest.mark.xdist_group("small_model")

GOOD = Figure(value=0.9, low=0.88, high=0.92, baseline=0.5)
POOR = Figure(value=0.52, low=0.48, high=0.56, baseline=0.5)


def _value(name: str, support: int, f1: float) -> ValueFigures:
    figure = Figure(value=f1, low=f1 - 0.1, high=f1 + 0.1, baseline=0.0)
    return ValueFigures(
        value=name, support=support, predicted=support, precision=figure, recall=figure, f1=figure
    )


FIELD = FieldFigures(
    field="kind", n=100, headline="accuracy", score=GOOD, macro_f1=GOOD, coverage=0.8, precision=0.95, brier=0.1,
    brier_baseline=0.5, ece=0.01, calibration=(Bin(n=100, confidence=0.9, right=0.9),), risk=(), risk_baseline=0.5,
    confusion=((50, 0), (12, 38)), values=(_value("spam", 50, 0.9), _value("business", 50, 0.9)), slices=(),
)  # fmt: skip


def _told(field: FieldFigures) -> str:
    return " ".join(weaknesses(Report(n=100, groups=90, fields={"kind": field}), 0.95))


def test_the_report_has_all_its_parts(saved: Path, trained: Trained) -> None:
    text = (saved / "report.md").read_text(encoding="utf-8")
    for part in (
        "## Thresholds", "target precision", "## Known weaknesses", "95 % interval", "![Reliability diagram",
        "![Risk-coverage", "![Confusion", "Labelled (rows) and answered", "| channel direct |", "| language en |",
        "## partner_type", "| museum |", trained.model.data_hash[:12], "seed 7",
    ):  # fmt: skip
        assert part in text
    assert all((saved / name).exists() for name in ("calibration.png", "risk-coverage.png", "confusion.png"))


def test_plots_are_small_pictures_and_always_the_same(trained: Trained, saved: Path) -> None:
    drawn = dict(plots(trained.report))
    assert drawn == {name: (saved / name).read_bytes() for name in drawn}
    for octets in drawn.values():
        with Image.open(io.BytesIO(octets)) as picture:
            picture.load()
            assert picture.format == "PNG"
            assert picture.width > 600
            assert len(picture.convert("RGB").getcolors(1_000_000) or ()) > 10
        assert len(octets) < 250_000


def test_nothing_measured_nothing_drawn() -> None:
    assert dict(plots(Report(n=0, groups=0, fields={}))) == {}


def test_every_figure_has_an_interval_and_a_baseline(trained: Trained, some: tuple[Example, ...]) -> None:
    for field in trained.report.fields.values():
        figures = [field.score, field.macro_f1, *(one.figure for one in field.slices)]
        figures += [figure for v in field.values for figure in (v.precision, v.recall, v.f1) if v.predicted]
        for figure in figures:
            assert 0 <= figure.low <= figure.high <= 1
            assert figure.low - 0.02 <= figure.value <= figure.high + 0.02
            assert 0 <= figure.baseline <= 1
        assert field.brier <= field.brier_baseline + 0.1
        assert [one.coverage for one in field.risk] == sorted(one.coverage for one in field.risk)
        if field.risk:
            assert field.risk[-1].coverage == 1
        assert sum(map(sum, field.confusion)) in (0, field.n)
    assert trained.report.fields["kind"].confusion
    assert sum(one.n for one in trained.report.fields["kind"].calibration) == len(some)


def test_a_good_field_has_no_weakness_but_what_it_confuses() -> None:
    told = _told(FIELD)
    assert "kind: takes most often business for spam (12 times)" in told
    assert told.count("kind:") == 1


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (replace(FIELD, score=POOR), "not better than always saying the most frequent value (0.50)"),
        (replace(FIELD, score=replace(POOR, low=0.51)), "only 2 points better"),
        (replace(FIELD, precision=None, coverage=0.0), "no answer reaches precision 0.95"),
        (replace(FIELD, coverage=0.1), "only 10% of the answers are sure"),
        (replace(FIELD, precision=0.9), "at the threshold 0.900"),
        (replace(FIELD, ece=0.1), "probabilities are off by 0.10"),
        (replace(FIELD, values=(_value("spam", 50, 0.4),), confusion=()), "spam (F1 0.40) are often missed"),
        (replace(FIELD, values=(_value("spam", 3, 0.9),), confusion=()), "fewer than 20 labelled messages of spam (3)"),
        (
            replace(FIELD, slices=(SliceFigures(by="language", name="ar", n=40, figure=POOR),)),
            "clearly worse than overall (0.90) in language ar (0.52, n=40)",
        ),
    ],
)  # fmt: skip
def test_weaknesses_follow_from_the_figures(field: FieldFigures, told: str) -> None:
    assert told in _told(field)
