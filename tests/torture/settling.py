"""What is done in a child of the torture before it begins to be the command `triage`: its clock, and its limits."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pipeline import wiring
from pipeline.wiring import world
from tests.support.plainreader import PlainReader


def clock_from(start: datetime) -> Callable[[], datetime]:
    """Return a clock that shows `start` now and goes on from there."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def settle(order: Mapping[str, Any]) -> None:
    """Set the clock, and what else `children.start` was asked for."""
    clock = clock_from(datetime.fromisoformat(order["now"]))
    wiring.utc_now = clock
    wiring.desk = partial(world.desk, clock=clock)
    if order["plain"]:
        world.mail_reader = PlainReader  # type: ignore[assignment]
    if order["largest_file"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"], hard))
