"""The command `triage` as a child process that is killed at some moment, without a chance to clean up."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.support.invariants import counting
from tests.support.warm import Child, begin

_PATIENCE = 120.0


def start(folder: Path, *arguments: str, **environment: str) -> Child:
    """Start `triage` in `folder`."""
    return begin(*arguments, cwd=folder, environment=environment)


def finished(process: Child) -> tuple[int, str, str]:
    """Wait for the end; return exit status, stdout, stderr."""
    out, err = process.communicate(timeout=_PATIENCE)
    return process.wait(), out, err


def kill_at_some_moment(
    process: Child, chance: random.Random, ledger: Path, most: int, what: str = "messages"
) -> bool:
    """Kill the child when there are some more rows than now, up to `most`, and a moment later.

    Returns
    -------
    bool
        Whether it was killed; False if it ended before.
    """
    deadline = time.monotonic() + _PATIENCE
    with counting(ledger, what) as counted:
        now = counted()
        wanted = chance.randint(now, max(now, most))
        while process.poll() is None and counted() < wanted:
            assert time.monotonic() < deadline, "the child does not come on"
            time.sleep(0.001)
    if process.poll() is None:
        # Into the middle of the next transaction, or of whatever it does.
        time.sleep(chance.uniform(0, 0.02))
    killed = process.poll() is None
    process.kill()
    process.communicate(timeout=_PATIENCE)
    return killed
