"""The notebooks: they run, their source and their kept outputs agree, and nothing of one machine is in the outputs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
sys.path.insert(0, str(ROOT))

from notebooks import make  # noqa: E402 - found by the line above

# Those that read all mail and train or tag anew.
SLOW = {"01_fixtures", "02_errors", "03_thresholds", "04_landscape"}
NAMES = [source.stem for source in make.sources()]
# A path from the root, of this machine or of a kernel; not the end of a web address or of a fraction.
PATHS = re.compile(r"(?<![\w/:.*<])/(?:home|root|tmp|usr|var|work|Users|private)/|[A-Z]:\\\\|ipykernel_\d+")


def kept(name: str) -> Any:
    return make.read(FOLDER / f"{name}.ipynb")


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def words(output: Any) -> Iterator[str]:
    """Yield all that can be read in an output; pictures cannot."""
    texts = [output.get("text", ""), *output.get("traceback", ())]
    yield from texts
    yield from (str(shown) for kind, shown in output.get("data", {}).items() if not kind.startswith("image/"))


def check(notebook: Any) -> None:
    """Refuse outputs that tell of a failure, a warning, or of the machine on which they were made."""
    for output in outputs(notebook):
        assert output.output_type != "error", output
        assert output.get("name") != "stderr", output.text
        told = "\n".join(words(output))
        assert not PATHS.search(told), told
        assert "Warning" not in told, told


def cells(notebook: Any) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def test_there_are_five_and_the_table_names_each() -> None:
    assert [name[:2] for name in NAMES] == ["01", "02", "03", "04", "05"]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\((\d\d_\w+)\.ipynb\)", readme) == NAMES
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_source_and_outputs_are_the_same_notebook(name: str) -> None:
    source, notebook = make.notebook(FOLDER / f"{name}.py"), kept(name)
    assert cells(notebook) == cells(source), f"{name}.py was edited: make notebooks NOTEBOOKS={name}"
    assert notebook.metadata["jupytext"]["formats"] == "ipynb,py:percent"
    nbformat.validate(notebook)


@pytest.mark.parametrize("name", NAMES)
def test_kept_outputs_tell_nothing_of_the_machine_and_no_failure(name: str) -> None:
    notebook = kept(name)
    check(notebook)
    assert any("image/png" in output.get("data", {}) for output in outputs(notebook))
    assert (FOLDER / f"{name}.ipynb").stat().st_size < 400_000
    assert all(cell.get("execution_count") is None for cell in notebook.cells)


@pytest.mark.parametrize("name", NAMES)
def test_each_section_asks_and_is_answered(name: str) -> None:
    source = make.notebook(FOLDER / f"{name}.py")
    asked = [cell.source for cell in source.cells if cell.source.startswith("## ")]
    answered = [
        "\n".join(words(output))
        for output in outputs(kept(name))
        if "text/markdown" in output.get("data", {})
    ]
    assert all(heading.partition("\n")[0].endswith("?") for heading in asked)
    assert len(answered) == len(asked)
    assert all("**Answer.**" in answer and "nan" not in answer.split() for answer in answered)


@pytest.mark.parametrize("name", NAMES)
def test_only_the_train_part_is_opened(name: str) -> None:
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert '"train"' in source
    assert '"test"' not in source
    assert not re.search(r'read_examples\([^)\n]*"all"', source)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.nightly) if name in SLOW else name for name in NAMES]
)
def test_each_notebook_runs(name: str, tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "make.py"), "--to", str(tmp_path), name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    made = make.read(tmp_path / f"{name}.ipynb")
    check(made)
    assert cells(made) == cells(kept(name))


def test_a_failing_cell_fails_the_run(tmp_path: Path) -> None:
    import nbclient

    source = tmp_path / "06_wrong.py"
    source.write_text("# %%\nassert 1 > 2, 'no longer so'\n", encoding="utf-8")
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="no longer so"):
        make.executed(source)


def test_the_same_notebook_gives_the_same_file(tmp_path: Path) -> None:
    head = (FOLDER / "05_routing.py").read_text(encoding="utf-8").partition("# %%")[0]
    source = tmp_path / "06_twice.py"
    source.write_text(f"{head}# %%\nprint(sum(hash(str(at)) for at in range(9)))\n", encoding="utf-8")
    for target in ("one.ipynb", "two.ipynb"):
        make.write(make.executed(source), tmp_path / target)
    assert (tmp_path / "one.ipynb").read_bytes() == (tmp_path / "two.ipynb").read_bytes()
