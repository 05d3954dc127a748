"""All faults: what is done to the program; each says what must be true afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

from pipeline.faultpoints import POINTS
from tests.support.proxy import Fault
from tests.torture.faults_clock import clock_back, clock_forward, clock_forward_without_mail, clocks_change
from tests.torture.faults_disk import (
    disk_full,
    disk_full_while_logging,
    locked_for_a_while,
    locked_for_long,
    locked_on_the_way,
    may_mount,
    real_disk_full,
)
from tests.torture.faults_killed import AT, kill_at, kill_points, random_kills, told_to_end
from tests.torture.faults_network import bad_network, slow_network
from tests.torture.faults_together import asleep, two_at_once, two_services
from tests.torture.trial import Case, Torture


def whole(torture: Torture, kills: int) -> Iterator[Case]:
    """Yield all faults."""
    yield from kill_points(torture, most=12)
    yield from random_kills(kills)
    for seed in range(8):
        yield Case(group="SIGTERM at random moments", name=f"seed {seed}", run=partial(told_to_end, seed))
    for room in (0, 20_000, 60_000, 120_000, 200_000):
        yield Case(group=_FULL, name=f"{room} octets left", run=partial(disk_full, room))
    for room in (8_000, 32_000, 70_000, 150_000):
        yield Case(group=_FULL, name=f"log of {room}", run=partial(disk_full_while_logging, room))
    if may_mount():
        yield Case(group=_FULL, name="a file system of its own", run=partial(real_disk_full, 4096))
    yield from _waits()
    for server, fault, octets in itertools.product(
        ("imap", "smtp", "otrs", "wiki"), Fault, (0, 40, 300, 1500)
    ):
        yield Case(
            group=f"network {_WORDS[fault]}",
            name=f"{server} after {octets}",
            run=partial(bad_network, server, fault, octets),
        )
    for server in ("imap", "smtp"):
        yield Case(group="network slow", name=server, run=partial(slow_network, server))
    yield from _clocks()
    for number in range(6):
        yield Case(group=_TWO, name=f"rounds {number}", run=two_at_once)
    for number in range(4):
        yield Case(group=_TWO, name=f"services {number}", run=two_services)
    for point in POINTS:
        if torture.trace[point] and not point.startswith("ledger.begun") and point != "ledger.written":
            yield Case(group=_SLEEP, name=point, run=partial(asleep, point, 1))


_FULL = "disk full"
_TWO = "two instances by mistake"
_SLEEP = "an instance asleep for an hour at every step, while another one does the work"
_WORDS = {Fault.CUT: "cut", Fault.STALL: "silent", Fault.GARBAGE: "garbled"}


def _waits() -> Iterator[Case]:
    group = "database locked by another process"
    yield Case(group=group, name="three seconds", run=partial(locked_for_a_while, 3))
    yield Case(group=group, name="longer than we wait", run=locked_for_long)
    for point in ("ingest.fetched", "triage.decided", "work.registered", "smtp.taken", "marks.told"):
        yield Case(group=group, name=f"from {point} on", run=partial(locked_on_the_way, point))


def _clocks() -> Iterator[Case]:
    for days in (1, 90, 4000):
        yield Case(
            group="clock jumps forward, and back", name=f"{days} days", run=partial(clock_forward, days)
        )
        yield Case(
            group="clock jumps forward, and back",
            name=f"{days} days without mail",
            run=partial(clock_forward_without_mail, days),
        )
    for point in ("ingest.recorded", "triage.kept", "digest.queued", "smtp.taken", "marks.told"):
        for hours in (5, 60):
            yield Case(
                group="clock jumps back by hours",
                name=f"{hours} after {point}",
                run=partial(clock_back, hours, point),
            )
    for spring in (True, False):
        yield Case(
            group="clocks change (DST)",
            name="spring" if spring else "autumn",
            run=partial(clocks_change, spring),
        )


def short(torture: Torture) -> Iterator[Case]:
    """Yield a few of each kind, for the tests of every day."""
    yield Case(group=AT, name="smtp.taken", run=partial(kill_at, "smtp.taken", 1))
    yield from random_kills(1, seed=99)
    yield Case(group=_FULL, name="60000 octets left", run=partial(disk_full, 60_000))
