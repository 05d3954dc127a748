"""The benchmarks: every script has its place in `make bench`, and the page tells what is missed and what failed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import bench, frame, results  # noqa: E402 - found by the line above

# What others import, and what measures quality: `make crossvalidate`, and docs/classifier.md.
OTHERS = {"bench", "crossvalidate", "frame", "learning_curve", "ledgers", "machine", "reckoning", "results"}


def outcome(name: str, **values: Any) -> results.Outcome:
    given: dict[str, Any] = {"at": "2026-11-22", "seconds": 3.0, "said": {}, "printed": "", "failure": ""}
    return results.Outcome(name=name, **(given | values))


def told(path: Path, seconds: float) -> dict[str, Any]:
    """Return what a script hands over that took so many seconds beside a reference of two."""
    report = frame.Report(title="Reading", against="a book")
    speeds = report.compare("Seconds", {"book": [2.0, 2.0], "ours": [seconds, seconds]}, "book", count=10)
    report.bar("speed", speeds["ours"], at_least=4)
    report.bar("seconds", seconds, "s", at_most=1)
    report.done()
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_every_script_is_run_or_named_as_another() -> None:
    scripts = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    listed = [one.name for one in bench.SCRIPTS]
    assert len(set(listed)) == len(listed)
    assert scripts - OTHERS == set(listed)


@pytest.mark.parametrize("name", sorted({one.name for one in bench.SCRIPTS}))
def test_every_script_says_what_it_measures_and_how_it_is_called(name: str) -> None:
    module = (ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8")
    doc = module.partition('"""')[2].partition('"""')[0]
    assert f"benchmarks/{name}.py" in doc


def test_a_speed_is_relative_to_the_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_RESULT", str(tmp_path / "said.json"))
    said = told(tmp_path / "said.json", 0.5)
    table = said["blocks"][0]
    assert [row[-1] for row in table["rows"]] == ["1.00", "4.00 (4.00 to 4.00)"]
    assert [bar["met"] for bar in said["bars"]] == [True, True]


def test_a_missed_bar_is_shown_and_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_RESULT", str(tmp_path / "said.json"))
    page = results.results(
        [outcome("parse", said=told(tmp_path / "said.json", 1.0))], ["a machine"], quick=False
    )
    assert "0 of 2 are met." in page
    assert "| seconds | 1 s | under 1 s | **not met** |" in page
    assert "failed" not in page


def test_a_failed_script_is_shown(tmp_path: Path) -> None:
    page = results.results(
        [outcome("rules", failure="exit status 3: no such rule", printed="half a table")],
        ["a machine"],
        quick=True,
    )
    assert "Failed: rules." in page
    assert "**Failed:** exit status 3: no such rule" in page
    assert "A quick run" in page
    assert str(tmp_path) not in page


@pytest.mark.parametrize(
    ("program", "failure"),
    [
        ("print('fine')", ""),
        ("raise SystemExit('broken: nothing there')", "exit status 1: broken: nothing there"),
        ("import signal; signal.pause()", "not done within 1 s"),
    ],
    ids=["fine", "broken", "hangs"],
)
def test_a_script_ends_well_or_its_failure_is_told(
    program: str, failure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.py").write_text(program, encoding="utf-8")
    monkeypatch.setattr(bench, "HERE", tmp_path)
    seconds = 1 if "pause" in program else 60
    found = bench.run(bench.Script(name="one", seconds=seconds), tmp_path, "one", quick=False)
    assert found.failure == failure
