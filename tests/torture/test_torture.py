"""A few faults of each kind; `make torture` tries them all and writes the table of docs/reliability.md."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pipeline import faultpoints
from pipeline.faultpoints import POINTS
from tests.support.dovecot import Dovecot
from tests.support.warm import ROOT
from tests.torture.__main__ import BEGIN, END, PAGE, put_in, table
from tests.torture.faults import short
from tests.torture.trial import OUTCOMES, SAME, Torture


def test_a_few_faults_of_each_kind(dovecot: Dovecot, tmp_path: Path) -> None:
    broken = []
    torture = Torture(folder=tmp_path, dovecot=dovecot)
    for case in short(torture):
        try:
            assert case.run(torture) in OUTCOMES
        except AssertionError as error:
            broken.append(f"{case.group}: {case.name}: {error}")
    assert broken == []


def test_each_point_is_in_the_code_once_and_none_is_unknown() -> None:
    found: Counter[str] = Counter()
    for path in (ROOT / "pipeline").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reach":
                assert isinstance(node.args[0], ast.Constant), (
                    f"{path}:{node.lineno}: write the name of the point"
                )
                found[str(node.args[0].value)] += 1
    assert found == Counter(POINTS.keys())


def test_a_point_does_nothing_unless_it_is_asked_for() -> None:
    assert not {faultpoints.VARIABLE, faultpoints.TRACE} & os.environ.keys()
    for point in POINTS:
        faultpoints.reach(point)


@pytest.mark.parametrize(
    ("asked", "status"), [("ledger.begun", -9), ("ledger.begun:2", 0), ("ledger.written", 0)]
)
def test_a_point_that_is_asked_for_ends_the_program(asked: str, status: int) -> None:
    code = "from pipeline.faultpoints import reach; reach('ledger.begun')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), faultpoints.VARIABLE: asked}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == status


@pytest.mark.parametrize("asked", ["nowhere", "ledger.begun:1:bury", "ledger.begun:never"])
def test_a_point_that_is_not_there_is_told(asked: str) -> None:
    with pytest.raises(ValueError, match=r"such|never"):
        faultpoints.arm({faultpoints.VARIABLE: asked})


def test_the_table_stands_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    put_in(
        page,
        table(
            [
                {"group": "kill", "outcome": SAME, "times": 4},
                {"group": "kill", "outcome": "broken", "times": 1},
            ]
        ),
    )
    told = page.read_text(encoding="utf-8")
    assert told.startswith("before\n")
    assert told.endswith("\nafter\n")
    assert "| kill | 5 | 4 | 0 | 0 | 1 |" in told
    assert "old" not in told


def test_the_page_has_a_table_in_which_nothing_is_broken() -> None:
    _, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    shown, end, _ = rest.partition(END)
    assert begin
    assert end
    rows = [line.strip("| ").split(" | ") for line in shown.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 5
    assert [row[0] for row in rows if row[-1] != "0"] == []
