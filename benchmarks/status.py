"""What `triage status` costs on a ledger of a million decisions, process start included; the bar is one second.

    .venv/bin/python benchmarks/status.py            some three minutes, seven gigabytes in the temporary folder

The reference is Python's sqlite3 with four of the counts, written by hand: messages, inquiries and decisions by their state,
and what is late. "The counts" are the ledger's part alone, in a warm process. `triage status` is a new process for each round;
bytecode is compiled before.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report, Way, asking, cpus, in_turns, run_triage, walls
from benchmarks.ledgers import END, ledger_of, stamp
from pipeline.adapters.ledger import open_ledger

SIZES = (10_000, 100_000, 1_000_000)
RUNS = 7
BAR = 1.0
FULL = 1_000_000
COUNTS = (
    "SELECT state, count(*) FROM messages GROUP BY state",
    "SELECT state, count(*) FROM inquiries GROUP BY state",
    "SELECT disposition, count(*) FROM decisions GROUP BY disposition",
    (
        "SELECT count(*) FROM assignments JOIN inquiries ON inquiries.id = assignments.inquiry_id"
        " WHERE ended_at IS NULL AND due_at < ? AND state IN ('assigned', 'accepted')"
    ),
)
BY_HAND, LEDGER, COMMAND = "sqlite3 by hand", "the counts", "triage status --json"


def main() -> int:
    options = asking(__doc__).parse_args()
    report = Report(title="Status of a large ledger", against="sqlite3 by hand", quick=options.quick)
    for size in (1_000, 10_000) if options.quick else SIZES:
        with tempfile.TemporaryDirectory() as folder:
            path = ledger_of(size, Path(folder))
            taken = in_turns(ways(path, Path(folder)), 2 if options.quick else RUNS)
        report.compare(f"{size:,} decisions; seconds by the clock", walls(taken), BY_HAND)
        processor = statistics.median(cpus(taken)[COMMAND])
        report.say(f"`triage status` used {processor:.2f} s of the processor.")
        if size == FULL or options.quick:
            median = statistics.median(walls(taken)[COMMAND])
            report.bar(f"triage status on {size:,} decisions", median, "s", at_most=BAR)
    return report.done()


def ways(path: Path, folder: Path) -> dict[str, Way]:
    (folder / "triage.toml").write_text(f'[ledger]\nurl = "sqlite:///{path}"\n', encoding="utf-8")
    return {
        BY_HAND: partial(by_hand, path),
        LEDGER: partial(in_process, path),
        COMMAND: partial(command, folder),
    }


def by_hand(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for query in COUNTS:
            connection.execute(query, (stamp(END.end),) if "?" in query else ()).fetchall()


def in_process(path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{path}")
    ledger.reports.status(END.end)
    ledger.close()


def command(folder: Path) -> None:
    run_triage(
        "status", "--json", folder=folder, used=1
    )  # 1: there is trouble in the ledger, which is no matter here


if __name__ == "__main__":
    sys.exit(main())
