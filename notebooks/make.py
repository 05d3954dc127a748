"""Execute the notebooks and write each with its outputs beside its source: ``NAME.py`` to ``NAME.ipynb``.

What differs from run to run (counts, times, versions) is left out, so that the same figures give the same file.

    .venv/bin/python notebooks/make.py [--to FOLDER] [NAME ...]
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# Seconds that one notebook may take; a minute on a quiet machine.
_SECONDS = 600
# One thread and one order of sets: the same sums in the same order.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def main() -> None:
    """Execute the notebooks that were named, else all."""
    parser = argparse.ArgumentParser(description="Execute the notebooks and keep their outputs.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="Such as 01_fixtures; all, if none is named."
    )
    parser.add_argument(
        "--to", type=Path, default=HERE, metavar="FOLDER", help="Instead of beside the sources."
    )
    told = parser.parse_args()
    for source in sources():
        if not told.names or source.stem in told.names:
            target = told.to / f"{source.stem}.ipynb"
            write(executed(source), target)
            print(target.name)


def sources() -> tuple[Path, ...]:
    """Return the notebooks' sources, in order."""
    return tuple(sorted(HERE.glob("[0-9][0-9]_*.py")))


def notebook(source: Path) -> Any:
    """Return the notebook that a source is, without outputs."""
    import jupytext

    return jupytext.read(source)


def executed(source: Path) -> Any:
    """Return the notebook with its outputs.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    from nbclient import NotebookClient

    made = notebook(source)
    told = {"metadata": {"path": str(HERE)}}
    os.environ.update(_ENVIRONMENT)  # the kernel inherits it
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            made,
            timeout=_SECONDS,
            kernel_name="python3",
            resources=told,
            record_timing=False,
            config=_private(folder),
        )
        client.execute()
    return lasting(made, source.stem)


def _private(folder: str) -> Any:
    """Return the configuration by which nobody else on the machine can talk to the kernel: sockets in a folder of one's own."""
    from traitlets.config import Config

    return Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})


def lasting(made: Any, name: str) -> Any:
    """Return the notebook with only what the same figures always give."""
    kept = ("jupytext", "kernelspec")
    made.metadata = {key: made.metadata[key] for key in kept if key in made.metadata}
    # Written by whatever version.
    made.metadata["jupytext"]["text_representation"].pop("jupytext_version", None)
    for number, cell in enumerate(made.cells):
        cell.id = f"{name.replace('_', '-')}-{number:02}"
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = list(_outputs(cell.outputs))
    return made


def _outputs(outputs: Any) -> Iterator[Any]:
    for output in outputs:
        if "execution_count" in output:
            output.execution_count = None
        if "metadata" in output:
            output.metadata = {}
        yield output


def read(path: Path) -> Any:
    """Return a notebook that was written, with its outputs."""
    import nbformat

    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # half of it has types


def write(made: Any, target: Path) -> None:
    """Write the notebook; nothing is left half written."""
    import nbformat

    beside = target.with_suffix(".part")
    text = nbformat.writes(made)  # type: ignore[no-untyped-call]  # half of it has types
    beside.write_text(f"{text}\n", encoding="utf-8")
    beside.replace(target)


if __name__ == "__main__":
    main()
