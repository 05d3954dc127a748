"""All figures in one run: each script as a child that can be ended, and benchmarks/RESULTS.md of what they said.

    .venv/bin/python benchmarks/bench.py                    make bench: some 20 minutes on a quiet machine
    .venv/bin/python benchmarks/bench.py --quick            does every script work? writes build/bench/RESULTS.md instead
    .venv/bin/python benchmarks/bench.py --only rules parse the others' results stay as the last run left them
    .venv/bin/python benchmarks/bench.py --patience 5       on a busy machine: five times the time before a script is ended

A script that fails, or is not done in its time, shows as failed; the others go on. The exit status is 1 if a script failed;
a bar that is missed is told, and is no failure. What each script said lies in build/bench.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import machine_lines
from benchmarks.results import Outcome, results

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent / "build" / "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script, what it is given, and the seconds that it may take on a quiet machine."""

    name: str
    seconds: int
    words: tuple[str, ...] = ()
    quick: tuple[str, ...] = ("--quick",)


# In the order of the results. The limits are three times what each took on two cores that were quiet.
SCRIPTS = (
    Script(name="startup", seconds=90),
    Script(name="imap_fetch", seconds=300),
    Script(name="imap_poll", seconds=400),
    Script(name="parse", seconds=240),
    Script(name="rules", seconds=150),
    Script(name="assess", seconds=120),
    Script(name="tag", seconds=600, words=("--memory",)),
    Script(name="naive", seconds=420, words=("--rounds", "0"), quick=("--rounds", "0", "--fields", "kind")),
    Script(name="bogofilter", seconds=120),
    Script(name="training", seconds=400),
    Script(name="ledger_writes", seconds=200),
    Script(name="import_archive", seconds=500),
    Script(name="status", seconds=600),
    Script(name="weekly", seconds=600),
    Script(name="digests", seconds=120),
    Script(name="assign", seconds=240),
    Script(name="register_lookup", seconds=200),
    Script(name="scaling", seconds=1800),
    Script(name="poller_memory", seconds=2700),
)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "--quick", action="store_true", help="small sizes; benchmarks/RESULTS.md is left alone"
    )
    asked.add_argument("--only", nargs="+", metavar="NAME", choices=[one.name for one in SCRIPTS], default=[])
    asked.add_argument("--out", type=Path, help="the page to write; benchmarks/RESULTS.md by default")
    asked.add_argument("--patience", type=float, default=1.0, help="the time limits, times this")
    options = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # its child is ended with it
    kept = KEPT / "quick" if options.quick else KEPT
    out = options.out or (KEPT / "RESULTS.md" if options.quick else HERE / "RESULTS.md")
    kept.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in SCRIPTS if one.name in options.only or not options.only]
    failed = measure(chosen, kept, quick=options.quick, patience=options.patience)
    outcomes = [found for one in SCRIPTS if (found := last(kept / f"{one.name}.json"))]
    out.write_text(results(outcomes, machine_lines(), quick=options.quick), encoding="utf-8")
    print(f"\n{out} is written" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def measure(chosen: Sequence[Script], kept: Path, *, quick: bool, patience: float) -> list[str]:
    """Run the scripts one after the other; return the names of those that failed."""
    began, failed = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for number, script in enumerate(chosen, 1):
            head = f"[{number:2}/{len(chosen)}] {script.name:16}"
            outcome = run(script, Path(folder), head, quick=quick, patience=patience)
            (kept / f"{script.name}.json").write_text(json.dumps(outcome.as_json()) + "\n", encoding="utf-8")
            if outcome.failure:
                failed.append(script.name)
            passed = time.monotonic() - began
            print(
                f"\r{head} {outcome.seconds:6.0f} s  {words_of(outcome)}  ({passed / 60:.1f} min)", flush=True
            )
    return failed


def run(script: Script, folder: Path, head: str, *, quick: bool, patience: float = 1.0) -> Outcome:
    """Run one script in a session of its own, and end it with all of its children when its time is over."""
    limit = script.seconds * patience
    result, printed = folder / "result.json", folder / "printed"
    result.unlink(missing_ok=True)
    command = [sys.executable, str(HERE / f"{script.name}.py"), *(script.quick if quick else script.words)]
    keep = folder / "kept"
    keep.mkdir(exist_ok=True)
    began, at = time.monotonic(), datetime.now(UTC)
    with printed.open("wb") as out, (folder / "errors").open("w+b") as errors:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            cwd=folder,
            env={**os.environ, "BENCH_RESULT": str(result), "BENCH_KEEP": str(keep)},
            start_new_session=True,
        )
        with ending(child):
            in_time = waited(child, began + limit, lambda passed: show(head, passed, limit))
        errors.seek(0)
        complaint = errors.read().decode(errors="replace")
    return Outcome(
        name=script.name,
        at=f"{at:%Y-%m-%d}",
        seconds=time.monotonic() - began,
        said=json.loads(result.read_text(encoding="utf-8")) if in_time and result.exists() else {},
        printed=printed.read_text(encoding="utf-8", errors="replace"),
        failure=failure_of(child.returncode, complaint, in_time=in_time, limit=limit, heard=result.exists()),
    )


def waited(child: subprocess.Popen[bytes], until: float, tick: Any) -> bool:
    """Wait for a child, and return whether it ended before its time was over."""
    began = time.monotonic()
    while (left := until - time.monotonic()) > 0:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=min(1.0, left))
            return True
        tick(time.monotonic() - began)
    return False


@contextlib.contextmanager
def ending(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a child's whole session in the end, and on Ctrl+C."""
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def failure_of(status: int, complaint: str, *, in_time: bool, limit: float, heard: bool) -> str:
    """Return why a script failed, or nothing; a script that told its results may end with 1, for a bar that is missed."""
    if not in_time:
        return f"not done within {limit:.0f} s"
    if status == 0 or (status == 1 and heard):
        return ""
    last_line = (complaint.strip().splitlines() or ["it said nothing"])[-1]
    return f"exit status {status}: {last_line.replace(str(HERE.parent), '.')[:300]}"


def last(path: Path) -> Outcome | None:
    return Outcome(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def words_of(outcome: Outcome) -> str:
    if outcome.failure:
        return f"FAILED: {outcome.failure}"
    bars = outcome.said.get("bars", [])
    return f"{sum(bar['met'] for bar in bars)} of {len(bars)} bars met" if bars else "no bars"


def show(head: str, passed: float, limit: float) -> None:
    if sys.stdout.isatty():
        print(f"\r{head} {passed:6.0f} s of {limit:.0f} at most", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
