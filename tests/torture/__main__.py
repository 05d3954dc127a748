"""``python -m tests.torture``: try all faults, print the table of what became of them, and write it into docs/reliability.md.

Exit status 1 if anything was lost, doubled or stuck; each such case is told on stderr with what it takes to try it again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.dovecot import missing, running_dovecot
from tests.support.warm import ROOT
from tests.torture.faults import whole
from tests.torture.trial import AGAIN, LATER, SAME, Case, Torture

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- BEGIN table of faults: written by make torture -->", "<!-- END table of faults -->"
_BROKEN = "broken"
_say = partial(print, flush=True)


def main() -> int:
    """Run all of it in several processes, each with servers of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="how many kills at random moments")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument("--only", default="", help="only faults with these words in their group or name")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the table goes; /dev/null for nowhere")
    parser.add_argument("--job", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if lacking := missing():
        _say(f"torture: {lacking}", file=sys.stderr)
        return 1
    if given.job is not None:
        _work(given.job, given.jobs, given.kills, given.only)
        return 0
    began = time.monotonic()
    results = _all(given.jobs, given.kills, given.only)
    shown = table(results)
    _say(f"{shown}\n\n{len(results)} cases in {(time.monotonic() - began) / 60:.0f} minutes")
    if not given.only and given.page.is_file():
        put_in(given.page, shown)
    broken = [one for one in results if one["outcome"] == _BROKEN]
    for one in broken:
        _say(f"\n{one['group']}: {one['name']}: {one['detail']}", file=sys.stderr)
    return int(bool(broken) or not results)


def _all(jobs: int, kills: int, only: str) -> list[dict[str, Any]]:
    options = f"--jobs {jobs} --kills {kills}".split()
    command = [sys.executable, "-W", "ignore", "-m", "tests.torture", *options, "--only", only]
    running = [
        subprocess.Popen([*command, "--job", str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for number in range(jobs)
    ]
    said = [process.communicate()[0].splitlines() for process in running]
    assert all(process.returncode == 0 for process in running), "a worker of the torture broke down"
    return [json.loads(line) for lines in said for line in lines]


def _work(number: int, jobs: int, kills: int, only: str) -> None:
    """Try each `jobs`-th case, beginning with that `number`, and print a line of JSON for each."""
    with (
        tempfile.TemporaryDirectory(prefix="torture") as folder,
        running_dovecot() as dovecot,
    ):
        torture = Torture(folder=Path(folder), dovecot=dovecot, plain=False)
        cases = [case for case in whole(torture, kills) if only in f"{case.group}: {case.name}"]
        for case in cases[number::jobs]:
            _say(json.dumps(_tried(case, torture)))


def _tried(case: Case, torture: Torture) -> dict[str, Any]:
    told = {"group": case.group, "name": case.name, "times": case.times, "detail": ""}
    try:
        return {**told, "outcome": case.run(torture)}
    except Exception as error:  # noqa: BLE001 - counted, and the others go on
        detail = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
        return {**told, "outcome": _BROKEN, "detail": detail[:3000]}


def table(results: list[dict[str, Any]]) -> str:
    """Return the table of faults by outcome, in Markdown."""
    counts: dict[str, Counter[str]] = {}
    for one in results:
        counts.setdefault(one["group"], Counter())[one["outcome"]] += one["times"]
    columns = (SAME, AGAIN, LATER, _BROKEN)
    lines = [f"| fault | times | {' | '.join(columns)} |", "| --- |" + " ---: |" * (len(columns) + 1)]
    lines += [
        f"| {group} | {found.total()} | {' | '.join(str(found[column]) for column in columns)} |"
        for group, found in sorted(counts.items())
    ]
    total = sum(counts.values(), Counter())
    return "\n".join(
        [*lines, f"| all | {total.total()} | {' | '.join(str(total[column]) for column in columns)} |"]
    )


def put_in(page: Path, shown: str) -> None:
    """Put the table between its two marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{shown}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
