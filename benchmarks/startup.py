"""How long commands take to start, and how much memory that needs, beside a bare interpreter; the bar is 0.4 s for --help.

    .venv/bin/python benchmarks/startup.py

`triage status` opens a ledger, an empty one; `triage tag` reads all rules, the model and one mail. Each is a process of its own;
bytecode is compiled before. Memory is the largest resident set of the process.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import TRIAGE, Report, Way, asking, cpus, in_turns, ran, train_part, walls

RUNS = 9
BAR = 0.4
BARE = "python -c pass"
HELP = "triage --help"


def main() -> int:
    options = asking(__doc__).parse_args()
    report = Report(title="Start-up", against="a bare interpreter", quick=options.quick)
    mail = str(train_part(1)[0])
    peaks: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "triage.toml").write_text("", encoding="utf-8")
        start = partial(started, peaks, Path(folder))
        ways: dict[str, Way] = {
            BARE: partial(start, BARE, "-c", "pass"),
            HELP: partial(start, HELP, "-c", TRIAGE, "--help"),
            "triage --version": partial(start, "triage --version", "-c", TRIAGE, "--version"),
            "triage status": partial(start, "triage status", "-c", TRIAGE, "status", "--json"),
            "triage tag MAIL": partial(start, "triage tag MAIL", "-c", TRIAGE, "tag", mail),
        }
        taken = in_turns(ways, 1 if options.quick else RUNS)
    report.compare("Seconds by the clock", walls(taken), BARE)
    rows = [
        (name, f"{statistics.median(used):.3f}", f"{statistics.median(peaks[name]):.0f}")
        for name, used in cpus(taken).items()
    ]
    report.table("Processor and memory", ("", "processor s, median", "memory at most, MiB"), rows)
    report.bar(HELP, statistics.median(walls(taken)[HELP]), "s", at_most=BAR)
    return report.done()


def started(peaks: dict[str, list[float]], folder: Path, name: str, *words: str) -> None:
    """Run a Python in `folder`, and note its largest resident set."""
    peaks.setdefault(name, []).append(ran(folder, *words).peak)


if __name__ == "__main__":
    sys.exit(main())
