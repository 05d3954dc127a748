"""Charts are drawn in a process of their own: the same pictures, and none of its memory stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.adapters.drawing import charts as drawing
from pipeline.digest import charts, figures
from tests.digest.samples import weekly

ROOT = Path(__file__).resolve().parents[2]


def test_the_same_pictures_as_here() -> None:
    counted = figures.count(weekly())
    drawn = drawing.draw(counted, "de")
    assert drawn == charts.draw(counted, "de")
    assert len(drawn) == 2


def test_without_the_process_there_are_no_pictures_and_the_summary_goes_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert drawing.draw(figures.count(weekly()), "en") == ()
    assert "charts cannot be drawn" in caplog.text


def test_the_service_loads_no_library_of_drawing() -> None:
    """What a round needs, imported, without what charts need."""
    program = (
        "import sys, pipeline.cli.staying, pipeline.service.lanes, pipeline.adapters.drawing.charts;"
        "from pipeline import wiring; from pipeline.settings import Settings; wiring.tagger(Settings());"
        "print([name for name in ('matplotlib', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "[]", done.stderr
