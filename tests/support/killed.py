"""The command `triage` as a child process that is killed at some moment, without a chance to clean up."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.support.invariants import count

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 120.0


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start `triage` in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli.main import main; main()", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for the end; return exit status, stdout, stderr."""
    out, err = process.communicate(timeout=_PATIENCE)
    return process.returncode, out, err


def kill_at_some_moment(
    process: subprocess.Popen[str], chance: random.Random, ledger: Path, most: int, what: str = "messages"
) -> bool:
    """Kill the child when there are some more rows than now, up to `most`, and a moment later.

    Returns
    -------
    bool
        Whether it was killed; False if it ended before.
    """
    now = count(ledger, what)
    wanted = chance.randint(now, max(now, most))
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and count(ledger, what) < wanted:
        assert time.monotonic() < deadline, "the child does not come on"
        time.sleep(0.001)
    if process.poll() is None:
        # Into the middle of the next transaction, or of whatever it does.
        time.sleep(chance.uniform(0, 0.02))
    killed = process.poll() is None
    process.kill()
    process.communicate(timeout=_PATIENCE)
    return killed
