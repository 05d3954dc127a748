"""Children of the command `triage` that start at once: a process that has loaded everything and forks when it is told to.

``python -m tests.torture.nursery`` takes a line of JSON on its standard input for each child (`tests.torture.children`),
answers with the child's number, and with its exit status as soon as it ends. The child has nothing but the clock
replaced.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pipeline.adapters.imap
import pipeline.adapters.ledger
import pipeline.adapters.otrs_source
import pipeline.adapters.otrs_write
import pipeline.adapters.reading
import pipeline.adapters.scheduler
import pipeline.adapters.smtp
import pipeline.adapters.wiki
import pipeline.cli.output
import pipeline.cli.tables
import pipeline.service.digests
import pipeline.service.lanes
import pipeline.service.listening
import pipeline.service.rounds  # noqa: F401 - loaded once, for all children
from pipeline import faultpoints, wiring
from pipeline.cli.main import main
from pipeline.settings import Folders, Settings
from pipeline.wiring import world
from tests.support.answering import PlainReader
from tests.support.mails import letter


def clock_from(start: datetime) -> Callable[[], datetime]:
    """Return a clock that shows `start` now and goes on from there."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def _serve() -> None:
    """Take orders until the standard input ends."""
    # Loads what is loaded at first use, as the process that reads does before its limits hold.
    wiring.tagger(Settings(folders=Folders(model="")))
    PlainReader().read(letter(), None)
    say = partial(print, flush=True)
    say("ready")
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _child(order)
        say(pid)
        _, status = os.waitpid(pid, 0)
        say(os.waitstatus_to_exitcode(status))


def _child(order: Mapping[str, Any]) -> None:
    """Be the command `triage`, and nothing after that."""
    status = 70
    try:
        _settle(order)
        main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - told as an interpreter would
        traceback.print_exc()
        status = 1
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(status)


def _settle(order: Mapping[str, Any]) -> None:
    os.setsid()
    for name, descriptor in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        path = order["files"].get(name, os.devnull)
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    sys.argv = ["triage", *order["arguments"]]
    _set_clock(clock_from(datetime.fromisoformat(order["now"])))
    if order["plain"]:
        world.mail_reader = PlainReader  # type: ignore[assignment]
    if order["largest_file"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"], hard))
    faultpoints.arm(order["environment"])


def _set_clock(clock: Callable[[], datetime]) -> None:
    wiring.utc_now = clock
    wiring.desk = partial(world.desk, clock=clock)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    _serve()
