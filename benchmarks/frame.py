"""What all benchmarks have in common: rounds that take turns, tables with median, spread and ratio, and bars.

A script prints Markdown. Where BENCH_RESULT names a file, as under `make bench`, what was printed goes there, too, as one
JSON object. A ratio is a speed, that of the reference in the same run being 1: twice as fast is 2.
"""

from __future__ import annotations

import argparse
import csv
import functools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.resources import packaged

Way = Callable[[], object]
# The command, for `python -c`: the same as bin/triage, with whatever Python runs the benchmark.
TRIAGE = "from pipeline.cli.main import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds by the clock, and of the processor in this process and in the children that it has waited for."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """Seconds of a child by the clock and of the processor, and its largest resident set in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What was asked for, and what was measured."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        under = self.at_most is None or self.value < self.at_most
        return under and (self.at_least is None or self.value >= self.at_least)

    @property
    def asked(self) -> str:
        if self.at_most is not None:
            return f"under {self.at_most:g} {self.unit}".rstrip()
        return f"{self.at_least:g} {self.unit}".rstrip() + " or more"


def spent(work: Way) -> Spent:
    """Do `work`, and tell what it took."""
    began, used = time.perf_counter(), _cpu()
    work()
    return Spent(wall=time.perf_counter() - began, cpu=_cpu() - used)


def in_turns(ways: Mapping[str, Way], rounds: int, *, warm: bool = True) -> dict[str, list[Spent]]:
    """Do each of `ways` once a round, so that a busy machine slows all of them; the first round may be for nothing."""
    taken: dict[str, list[Spent]] = {name: [] for name in ways}
    for number in range(rounds + warm):
        for name, way in ways.items():
            one = spent(way)
            if number or not warm:
                taken[name].append(one)
    return taken


def walls(taken: Mapping[str, Sequence[Spent]]) -> dict[str, list[float]]:
    return {name: [one.wall for one in some] for name, some in taken.items()}


def cpus(taken: Mapping[str, Sequence[Spent]]) -> dict[str, list[float]]:
    return {name: [one.cpu for one in some] for name, some in taken.items()}


def ratios(values: Sequence[float], reference: Sequence[float]) -> list[float]:
    """Return the speed in each round, that of the reference being 1; of unlike numbers of rounds, that of the medians."""
    if len(values) != len(reference):
        values, reference = [statistics.median(values)], [statistics.median(reference)]
    return [other / max(one, 1e-9) for one, other in zip(values, reference, strict=True)]


@dataclass(kw_only=True)
class Report:
    """What one script says.

    Parameters
    ----------
    title
        What was measured.
    against
        The reference: what with, which versions matter.
    quick
        Fewer or smaller things were measured than the bars are about.
    """

    title: str
    against: str = ""
    quick: bool = False
    _blocks: list[dict[str, Any]] = field(default_factory=list)
    _bars: list[Bar] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Print a paragraph."""
        self._blocks.append({"text": text})
        print(f"{text}\n", flush=True)

    def table(self, caption: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table that is not a comparison."""
        block = {
            "caption": caption,
            "header": list(header),
            "rows": [[str(cell) for cell in row] for row in rows],
        }
        self._blocks.append(block)
        print("\n".join(table_lines(block)) + "\n", flush=True)

    def compare(
        self,
        caption: str,
        ways: Mapping[str, Sequence[float]],
        reference: str,
        *,
        unit: str = "s",
        each: int = 1,
        count: int = 0,
        thing: str = "mails",
        digits: int = 3,
        paired: bool = True,
    ) -> dict[str, float]:
        """Print one row for each way, and return their ratios.

        Parameters
        ----------
        ways
            Name to the seconds of each round.
        reference
            The way whose speed is 1.
        unit, each
            What is shown: ``s`` or ``ms``, for one of so many.
        count, thing
            If given, what was done a second is shown, too.
        paired
            The rounds of all ways took turns: a ratio is the median of theirs; else it is that of the medians.
        """
        scale = (1000 if unit == "ms" else 1) / each
        header = [
            "",
            f"median {unit}",
            "least to most",
            *([f"{thing}/s"] if count else []),
            "speed, reference = 1",
        ]
        found, rows = {}, []
        for name, seconds in ways.items():
            median, least, most = statistics.median(seconds), min(seconds), max(seconds)
            speeds = ratios(seconds, ways[reference] if paired else [statistics.median(ways[reference])])
            found[name] = statistics.median(speeds)
            spread = (
                f" ({min(speeds):.2f} to {max(speeds):.2f})" if len(speeds) > 1 and name != reference else ""
            )
            shown = [
                name,
                f"{median * scale:.{digits}f}",
                f"{least * scale:.{digits}f} to {most * scale:.{digits}f}",
            ]
            rate = [f"{count / median:,.0f}"] if count else []
            rows.append([*shown, *rate, f"{found[name]:.2f}{spread}"])
        self.table(caption, header, rows)
        return found

    def bar(
        self,
        what: str,
        value: float,
        unit: str = "",
        *,
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> None:
        """Print whether what was asked for is kept: under `at_most`, or `at_least` and over."""
        bar = Bar(what=what, value=value, unit=unit, at_most=at_most, at_least=at_least)
        self._bars.append(bar)
        word = "met" if bar.met else "NOT MET"
        print(f"{what}: {figure(value)} {unit}".rstrip() + f"; asked for: {bar.asked}: {word}\n", flush=True)

    def done(self) -> int:
        """Hand over what was said; return the exit status: 1 if a bar is missed."""
        path = os.environ.get("BENCH_RESULT")
        if path:
            bars = [
                {"what": bar.what, "value": bar.value, "unit": bar.unit, "asked": bar.asked, "met": bar.met}
                for bar in self._bars
            ]
            said = {"title": self.title, "against": self.against, "quick": self.quick, "blocks": self._blocks}
            Path(path).write_text(
                json.dumps({**said, "bars": bars}, ensure_ascii=False) + "\n", encoding="utf-8"
            )
        return 0 if all(bar.met for bar in self._bars) else 1


def table_lines(block: Mapping[str, Any]) -> list[str]:
    """Return a table in Markdown."""
    head = f"| {' | '.join(block['header'])} |"
    rule = f"| --- |{' ---: |' * (len(block['header']) - 1)}"
    rows = [f"| {' | '.join(row)} |" for row in block["rows"]]
    return [*([block["caption"], ""] if block["caption"] else []), head, rule, *rows]


def figure(value: float) -> str:
    """Return a number with three digits that tell, or more before the point."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def asking(doc: str | None) -> argparse.ArgumentParser:
    """Return the options of a script: its docstring, and ``--quick``."""
    arguments = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="fewer rounds, smaller sizes: does it work?")
    return arguments


def installed() -> dict[str, str]:
    """Return the environment in which a command finds the program as where it is installed: its bytecode is kept.

    Else all of it is compiled at each start where PYTHONDONTWRITEBYTECODE is set.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    root = str(Path(__file__).resolve().parents[1])
    return {**kept, "PYTHONPATH": root, "PYTHONPYCACHEPREFIX": _bytecode().name}


@functools.cache
def _bytecode() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that lasts as long as this process."""
    return tempfile.TemporaryDirectory(prefix="bytecode-")


def run_triage(*words: str, folder: Path, used: int = 0) -> bytes:
    """Run the command in `folder`, and return what it printed; any exit status but `used` or 0 ends the benchmark."""
    done = subprocess.run(
        [sys.executable, "-c", TRIAGE, *words],
        cwd=folder,
        env=installed(),
        capture_output=True,
        check=False,
    )
    if done.returncode not in (0, used):
        sys.exit(f"triage {' '.join(words)} failed: {done.stderr.decode(errors='replace')}")
    return done.stdout


def ran(folder: Path, *words: str) -> Ran:
    """Run a Python with these arguments in `folder`, its output thrown away; a failure ends the benchmark."""
    began = time.perf_counter()
    child = os.posix_spawn(
        "/usr/bin/env",
        ["env", "-C", str(folder), sys.executable, *words],
        installed(),
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"a child failed: {' '.join(words)}")
    octets = used.ru_maxrss if sys.platform == "darwin" else used.ru_maxrss * 1024
    return Ran(wall=time.perf_counter() - began, cpu=used.ru_utime + used.ru_stime, peak=octets / 2**20)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def train_part(number: int = 0) -> list[Path]:
    """Return where the mails of the train part lie, in order of their names; `number` of them, spread over all."""
    fixtures = packaged("fixtures")
    names = sorted(row["id"] for row in rows_of(fixtures / "splits.csv") if row["split"] == "train")
    step = max(1, len(names) // number) if number else 1
    return [fixtures / "messages" / f"{name}.eml" for name in names[::step]][: number or None]


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
