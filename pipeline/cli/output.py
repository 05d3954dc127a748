"""How commands speak: results on stdout, everything else on stderr; tables and progress for people, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from pipeline.service.ports import Progress

# Columns of a table that goes into a file or a pipe.
_FILE_WIDTH = 140


def console() -> Console:
    """Return what writes results for people."""
    from rich.console import Console

    made = Console(highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _FILE_WIDTH
    return made


def say(message: str) -> None:
    """Tell something beside the result, on stderr."""
    print(message, file=sys.stderr)


def complain(message: str) -> None:
    """Tell what went wrong, on stderr: each line says which program it is from, as a log or a pipe may hold those of several."""
    for line in message.splitlines():
        print(f"triage: {line}", file=sys.stderr)


def write_json(value: Mapping[str, Any]) -> None:
    """Write one object on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def table(title: str, *columns: str) -> Table:
    """Return an empty table; the first column is to the left, numbers may be to the right."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        made.add_column(column.removeprefix(">"), justify="right" if column.startswith(">") else "left")
    return made


@contextmanager
def progress() -> Iterator[Progress]:
    """Show how far each step has come, on stderr and only if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    stderr = Console(stderr=True)
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


def moment(at: datetime) -> str:
    """Return a moment as tables show it: to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def safe(text: str) -> str:
    """Return `text` without what a terminal or rich would take for an instruction."""
    from rich.markup import escape

    return escape(printable(text))


def printable(text: str) -> str:
    """Return `text` without what a terminal would take for an instruction."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c == "\n" else " " for c in text)
