"""What the weekly summary costs over a ledger of a million decisions; the bar is ten seconds.

    .venv/bin/python benchmarks/weekly.py                       some five minutes, seven gigabytes in the temporary folder
    .venv/bin/python benchmarks/weekly.py --sizes 10000 100000  other numbers of decisions

The week is counted by the database, with 26 weeks of trend. The reference reads the inquiries of the same weeks as the
digests do, one by one, and counts part of it in Python. The first reading comes after the file was put out of the system's
memory where that is possible (Linux), so that it is read from the disk.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report, asking, cpus, in_turns, ratios, spent, walls
from benchmarks.ledgers import END, ledger_of
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.records.work import Window
from pipeline.service import periods
from tests.support.weeks import fate, way, worthy

SIZES = (10_000, 100_000, 1_000_000)
RUNS = 5
BAR = 10.0
FULL = 1_000_000
HEADER = (
    "decisions", "ledger, MB", "first, s", "median s", "least to most", "processor s", "all rows, s", "speed, all rows = 1",
)  # fmt: skip


def main() -> int:
    asked = asking(__doc__)
    asked.add_argument("--sizes", nargs="+", type=int)
    options = asked.parse_args()
    sizes = options.sizes or ((1_000, 10_000) if options.quick else SIZES)
    report = Report(
        title="The weekly summary",
        against="reading all rows of the weeks and counting them in Python",
        quick=options.quick,
    )
    rows, slowest = [], {}
    for size in sizes:
        row, slowest[size] = measured(size)
        rows.append(row)
    report.table("Seconds for one week with 26 weeks of trend", HEADER, rows)
    for size in sizes:
        if size == FULL or options.quick:
            report.bar(
                f"weekly summary over {size:,} decisions, the slowest", slowest[size], "s", at_most=BAR
            )
    return report.done()


def measured(size: int) -> tuple[list[str], float]:
    """Return the row of the table, and the seconds of the slowest reading."""
    with tempfile.TemporaryDirectory() as folder:
        path = ledger_of(size, Path(folder))
        megabytes = path.stat().st_size / 1e6
        forget(path)
        ledger = open_ledger(f"sqlite:///{path}")
        windows = periods.weeks_until(END, 26, "UTC")
        week, rows = partial(ledger.weeks.week, windows, 25), partial(by_rows, ledger, windows)
        first = spent(week)
        ours = in_turns({"week": week}, RUNS, warm=False)
        theirs = in_turns({"rows": rows}, 1 if size > 100_000 else 3, warm=size <= 100_000)
        ledger.close()
    wall, cpu = walls(ours)["week"], cpus(ours)["week"]
    middle, other = statistics.median(wall), statistics.median(walls(theirs)["rows"])
    shown = (first.wall, middle, f"{min(wall):.2f} to {max(wall):.2f}", statistics.median(cpu), other)
    cells = [one if isinstance(one, str) else f"{one:.2f}" for one in shown]
    speed = ratios(wall, walls(theirs)["rows"])
    return [f"{size:,}", f"{megabytes:,.0f}", *cells, f"{statistics.median(speed):.1f}"], max(
        first.wall, *wall
    )


def forget(path: Path) -> None:
    """Have the system forget what it holds of a file; what was not written out yet is written first."""
    if hasattr(os, "posix_fadvise"):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def by_rows(ledger: SqlLedger, windows: tuple[Window, ...]) -> dict[str, object]:
    """Read the inquiries of the weeks and the open ones, and count part of what the summary counts."""
    rows = [entry for window in windows for entry in ledger.inquiries.received(window)]
    still_open = ledger.inquiries.open()
    return {
        "flow": statistics.multimode((way(one), fate(one)) for one in rows),
        "worthy": sum(map(worthy, rows)),
        "overdue": sum(one.is_overdue(windows[-1].end) for one in still_open),
        "types": statistics.multimode(
            (one.decision.tags.partner_type, one.decision.tags.region) for one in rows
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
