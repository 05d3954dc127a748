"""The faults: what is done to the program, and what must be true afterwards."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.demo.servers import ReceivedMail
from pipeline.faultpoints import POINTS
from tests.support.dovecot import Dovecot
from tests.support.proxy import Fault, Line, bad_line
from tests.support.scriptedsmtp import STAGES
from tests.torture.children import Child, Ended, Nursery
from tests.torture.world import FRIDAY, MONDAY, Friday, World, inquiry, make_friday, monday, opened

# What became of it.
SAME = "as if nothing had happened"
AGAIN = "one mail twice, under one Message-ID"
LATER = "put off, and done by the next run"
OUTCOMES = (SAME, AGAIN, LATER)
# What may differ where a server was away when digests were due: they tell of what had come by then.
_TOLD = ("outbox", "mails", "pages", "events")
_FROM = b"From ada at museum.example  Sun Mar  1 13:30:00 2026\n"


@dataclass(kw_only=True)
class Torture:
    """What the faults are tried on: a prepared Friday, nurseries, an IMAP server, and how Monday ends without faults."""

    folder: Path
    dovecot: Dovecot
    nurseries: Sequence[Nursery]
    plain: bool = True
    friday: Friday = field(init=False)
    reference: dict[str, Any] = field(init=False)
    trace: Counter[str] = field(init=False)
    # How long a round takes without faults.
    seconds: float = 1.0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), init=False)

    def __post_init__(self) -> None:
        self.friday = make_friday(self.folder / "friday", self.nurseries[0], self.dovecot)
        with self.monday() as world:
            points = self.folder / "trace"
            began = time.monotonic()
            ended = world.round(TRIAGE_FAULT_TRACE=str(points))
            self.seconds = time.monotonic() - began
            assert ended.status == 0, ended.err
            world.check_standing()
            self.reference = world.state()
            self.trace = Counter(points.read_text(encoding="utf-8").split())
            world.recover()
            assert world.state() == self.reference, "a second round changes something"
            assert world.repeats() == 0

    @contextlib.contextmanager
    def monday(self) -> Iterator[World]:
        """Give a fresh Monday."""
        folder = self.folder / f"world{next(self._numbers)}"
        with monday(self.friday, folder, self.nurseries[0], self.dovecot, plain=self.plain) as world:
            yield world
        shutil.rmtree(folder)

    def settled(self, world: World, *, hurt: bool = False, repeats: int = 0, but: Sequence[str] = ()) -> str:
        """Restart, check everything, and return what became of it.

        Parameters
        ----------
        hurt
            Whether a server was part of the fault.
        repeats
            How many mails may have been taken twice.
        but
            What may be different from a Monday without faults.
        """
        world.check_standing()
        world.recover(hurt=hurt)
        world.check_standing()
        left = self.differences(world, but=_TOLD if hurt else but)
        assert not left, f"it ends in another way: {left}"
        twice = world.repeats()
        assert twice <= repeats, f"{twice} mails were sent twice"
        return AGAIN if twice else LATER if hurt else SAME

    def differences(self, world: World, but: Sequence[str] = ()) -> dict[str, Any]:
        """Return what is not as it was without a fault: what is missing, and what is too much."""
        found = world.state()
        return {
            name: (dict(wanted - found[name]), dict(found[name] - wanted))
            for name, wanted in self.reference.items()
            if name not in but and found[name] != wanted
        }


Run = Callable[[Torture], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fault: the row of the table that it counts for, how often, its name, and what does it."""

    group: str
    name: str
    run: Run
    times: int = 1


# ---------------------------------------------------------------- killed at every step


def _killed(ended: Ended, where: str) -> None:
    assert ended.status == -signal.SIGKILL, f"{where} was never reached: {ended.status} {ended.err}"


def kill_at(point: str, times: int, torture: Torture) -> str:
    """Kill the program where it reaches a point for the n-th time."""
    with torture.monday() as world:
        _killed(world.round(fault=f"{point}:{times}"), point)
        return torture.settled(world, repeats=int(point in ("smtp.taken", "ledger.begun", "ledger.written")))


def kill_at_smtp(when: str, stage: str, times: int, torture: Torture) -> str:
    """Kill the program in the middle of a mail's delivery, by what it and the server say."""
    seen: Counter[tuple[str, str]] = Counter()
    child: list[Child] = []
    begun = threading.Event()

    def strike(here: str, reached: str) -> None:
        seen[here, reached] += 1
        if (here, reached, seen[here, reached]) == (when, stage, times):
            begun.wait()
            os.kill(child[0].pid, signal.SIGKILL)

    with torture.monday() as world:
        world.smtp.before, world.smtp.after = partial(strike, "before"), partial(strike, "after")
        child.append(world.start())
        begun.set()
        _killed(child[0].finished(), f"{when} {stage}")
        return torture.settled(world, repeats=int(stage == "end"))


def kill_first_start(point: str, times: int, torture: Torture) -> str:
    """Kill the very first start, while the ledger is made."""
    folder = torture.folder / f"first{point}{times}"
    folder.mkdir()
    for name in ("liaisons.toml", "triage.key"):
        shutil.copy(torture.friday.folder / name, folder)
    mails = tuple(map(inquiry, (1, 2, 3)))
    with opened(folder, torture.nurseries[0], torture.dovecot, mails, 0) as world:
        _killed(world.round(now=FRIDAY, fault=f"{point}:{times}"), point)
        world.check_standing()
        world.recover(now=FRIDAY)
        assert world.state()["messages"].total() == 3
        assert world.repeats() == 0
    return SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What comes to points that a round does not come to: commands before, the command that is killed, days after Monday."""

    command: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    days: int = 0


_ROUND = ("run", "--once")
_RETAG = ("retag", "--model", "base")
_ELSEWHERE = {
    "import.": Elsewhere(command=("import", "--store-only", "list.mbox")),
    "bulk.": Elsewhere(command=("import", "--workers", "2", "list.mbox")),
    "retag.proposed": Elsewhere(before=(_ROUND,), command=_RETAG),
    "retag.applied": Elsewhere(before=(_ROUND, _RETAG), command=("retag", "apply")),
    "retention.": Elsewhere(before=(_ROUND,), command=("retention",), days=4000),
    "forget.": Elsewhere(before=(_ROUND,), command=("forget", "--yes", "p4@museum4.example")),
    "backup.": Elsewhere(before=(_ROUND,), command=("backup", "backups")),
    "restore.": Elsewhere(
        before=(_ROUND, ("backup", "backups")), command=("restore", "--force", "backups/*.tar")
    ),
}


def kill_command(point: str, torture: Torture) -> str:
    """Kill another command than a round, do it again, and compare with how it ends where nobody kills it."""
    found = next(one for prefix, one in _ELSEWHERE.items() if point.startswith(prefix))
    now = MONDAY + timedelta(days=found.days)
    ends = []
    for fault in ("", f"{point}:1"):
        with torture.monday() as world:
            mails = [inquiry(number).replace(b"\r\n", b"\n") for number in range(20, 26)]
            (world.folder / "list.mbox").write_bytes(b"".join(_FROM + one + b"\n" for one in mails))
            for arguments in found.before:
                _well(world.start(*arguments))
            command = [_named(world.folder, argument) for argument in found.command]
            if fault:
                _killed(world.start(*command, now=now, fault=fault).finished(), point)
                world.check_standing()
            _well(world.start(*command, now=now))
            world.check_standing()
            world.recover(now=now)
            ends.append(world.state())
    assert ends[0] == ends[1], f"it ends in another way: {ends}"
    return SAME


def _named(folder: Path, argument: str) -> str:
    return str(next(folder.glob(argument))) if "*" in argument else argument


def _well(child: Child) -> None:
    ended = child.finished()
    assert ended.status == 0, ended.err


def kill_points(torture: Torture, most: int) -> Iterator[Case]:
    """Yield a case for each point: at its first times, up to `most`, spread over all of them."""
    for point in POINTS:
        total = torture.trace[point]
        if point.startswith(tuple(_ELSEWHERE)):
            yield Case(group=_AT, name=point, run=partial(kill_command, point))
        elif point == "ledger.migrating":
            yield Case(group=_AT, name=point, run=partial(kill_first_start, point, 1))
        else:
            assert total, f"a round never reaches {point}: say in _ELSEWHERE which command does"
            step = max(1.0, total / most)
            for number in sorted({1 + int(n * step) for n in range(most) if n * step < total}):
                yield Case(group=_AT, name=f"{point}:{number}", run=partial(kill_at, point, number))
    for when, stage in itertools.product(("before", "after"), STAGES):
        for number in (1,) if stage in ("greeting", "EHLO") else (1, 3):
            yield Case(
                group="kill -9 at every step of a mail's delivery, by what the mail server sees",
                name=f"{when} {stage} {number}",
                run=partial(kill_at_smtp, when, stage, number),
            )


_AT = "kill -9 at every step boundary"

# ---------------------------------------------------------------- killed at random moments


def kill_again_and_again(seed: int, times: int, torture: Torture) -> str:
    """Kill rounds, or the service, one after the other on one ledger, each at some moment; then look at what is left."""
    chance = random.Random(seed)
    with torture.monday() as world:
        for _ in range(times):
            child = world.start("run") if chance.random() < 0.3 else world.start()
            child.wait(chance.uniform(0, torture.seconds * 1.1))
            child.kill()
            world.check_standing()
        return torture.settled(world, repeats=times)


def random_kills(number: int, seed: int = 1) -> Iterator[Case]:
    """Yield cases that are `number` kills together."""
    for begin in range(0, number, _SERIES):
        times = min(_SERIES, number - begin)
        run = partial(kill_again_and_again, seed * 10_000 + begin, times)
        yield Case(
            group="kill -9 at random moments, up to four in a row",
            name=f"{times} kills, seed {seed}.{begin}",
            run=run,
            times=times,
        )


_SERIES = 4


def told_to_end(seed: int, torture: Torture) -> str:
    """End the service by SIGTERM at some moment."""
    chance = random.Random(seed)
    with torture.monday() as world:
        child = world.start("run")
        child.wait(0.1 + chance.uniform(0, torture.seconds * 1.5))
        child.send(signal.SIGTERM)
        ended = child.finished(30)
        assert ended.status in (0, -signal.SIGTERM), ended.err  # before it has set its own way to end
        assert "Traceback" not in ended.err, ended.err
        return torture.settled(world)


# ---------------------------------------------------------------- disk full


def disk_full(room: int, torture: Torture) -> str:
    """Let no file grow beyond so many octets more than the ledger has."""
    with torture.monday() as world:
        ended = world.round(largest_file=world.ledger.stat().st_size + room)
        return _full(world, torture, ended)


def disk_full_while_logging(room: int, torture: Torture) -> str:
    """Let no file grow beyond so many octets, so that the write-ahead log breaks off in the middle."""
    with torture.monday() as world:
        ended = world.round(largest_file=room)
        return _full(world, torture, ended)


def _full(world: World, torture: Torture, ended: Ended) -> str:
    assert ended.status != 0, "it says that all is well"
    with closing(sqlite3.connect(world.ledger)) as connection:
        aside = connection.execute("SELECT step, reason, trace FROM set_aside").fetchall()
    assert all(step == "read" and "not a mail" in reason for step, reason, _ in aside), aside
    assert "Traceback" not in ended.err, ended.err
    assert "triage.db" in ended.err, f"it does not say what is full: {ended.err}"
    # What a server was told and could not be noted is told again.
    return torture.settled(world, repeats=1)


def real_disk_full(kilobytes: int, torture: Torture) -> str:
    """Put the ledger on a file system of its own that gets full."""
    with torture.monday() as world, small_disk(kilobytes) as place:
        size = world.ledger.stat().st_size
        for path in world.folder.iterdir():
            shutil.copy(path, place)
        away, world.folder = world.folder, place
        world.settle()
        free = shutil.disk_usage(place).free
        ballast = place / "ballast"
        ballast.write_bytes(b"\0" * max(0, free - size // 4 - 40 * 1024))
        ended = world.round()
        assert ended.status != 0, "it says that all is well"
        assert "Traceback" not in ended.err, ended.err
        ballast.unlink()
        try:
            return torture.settled(world, repeats=1)
        finally:
            world.folder = away


@contextlib.contextmanager
def small_disk(kilobytes: int) -> Iterator[Path]:
    """Give a file system of so many kilobytes."""
    import subprocess

    with tempfile.TemporaryDirectory(prefix="small") as name:
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", name]
        subprocess.run(command, check=True, capture_output=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True, capture_output=True)


def may_mount() -> bool:
    """Tell whether file systems can be mounted here."""
    import subprocess

    try:
        with small_disk(64):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


# ---------------------------------------------------------------- locked


def locked_for_a_while(seconds: float, torture: Torture) -> str:
    """Let another process hold the ledger's write lock for some seconds."""
    with torture.monday() as world:
        with _locked(world.ledger):
            child = world.start()
            ended = child.wait(seconds)
            assert ended is None, f"it does not wait: {ended}"
        assert child.finished().status == 0
        return torture.settled(world)


def locked_for_long(torture: Torture) -> str:
    """Let another process hold the ledger's write lock until the program gives up."""
    with torture.monday() as world:
        with _locked(world.ledger):
            ended = world.round()
        assert ended.status == 1
        assert "locked" in ended.err
        assert "Traceback" not in ended.err
        return torture.settled(world)


def locked_on_the_way(point: str, torture: Torture) -> str:
    """Lock the ledger in the middle of a round, for some seconds."""
    with torture.monday() as world:
        child = world.start(fault=f"{point}:1:stop")
        _until_stopped(child)
        with _locked(world.ledger):
            child.send(signal.SIGCONT)
            assert child.wait(2) is None
        assert child.finished().status == 0
        return torture.settled(world)


@contextlib.contextmanager
def _locked(ledger: Path) -> Iterator[None]:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


def _until_stopped(child: Child) -> None:
    deadline = time.monotonic() + 60
    while not child.is_stopped():
        assert child.wait(0.01) is None, "it ended before it came there"
        assert time.monotonic() < deadline, "it never comes there"


# ---------------------------------------------------------------- the network


def bad_network(server: str, fault: Fault, octets: int, torture: Torture) -> str:
    """Put a line before a server that breaks, falls silent or tells nonsense after so many octets of each connection."""
    with torture.monday() as world:
        target = {
            "imap": world.dovecot.port,
            "smtp": world.smtp.port,
            "otrs": world.desk.port,
            "wiki": world.wiki.port,
        }
        with bad_line(Line(target=target[server], fault=fault, octets=octets, faults=10_000)) as line:
            world.ports[server] = line.port
            world.settle()
            ended = world.round()
            assert ended.status in (0, 1), ended.err
            assert "Traceback" not in ended.err, ended.err
            world.check_standing()
        world.ports.clear()
        world.settle()
        # A mail whose acceptance was cut off is sent again; each round tries three of them at most.
        return torture.settled(world, hurt=True, repeats=3 if server == "smtp" else 0)


def slow_network(server: str, torture: Torture) -> str:
    """Put a line before a server on which octets trickle."""
    with torture.monday() as world:
        target = {"imap": world.dovecot.port, "smtp": world.smtp.port}
        with bad_line(Line(target=target[server], pace=(400, 0.01))) as line:
            world.ports[server] = line.port
            world.settle()
            assert world.round().status == 0
            world.check_standing()
        world.ports.clear()
        world.settle()
        return torture.settled(world)


# ---------------------------------------------------------------- the clock


def clock_forward(days: int, torture: Torture) -> str:
    """Let the clock jump forward for one round, and back."""
    with torture.monday() as world:
        assert world.round(now=MONDAY + timedelta(days=days)).status == 0
        world.check_standing()
        _goes_on(world)
        assert world.repeats() == 0
        return SAME


def clock_forward_without_mail(days: int, torture: Torture) -> str:
    """Let the clock jump forward while no mail server is there, and back: what was put off must not wait for months."""
    with torture.monday() as world:
        world.ports["smtp"] = 9
        world.settle()
        world.round(now=MONDAY + timedelta(days=days))
        world.check_standing()
        world.ports.clear()
        world.settle()
        _goes_on(world)
        assert world.repeats() == 0
        return LATER


def clock_back(hours: int, point: str, torture: Torture) -> str:
    """Kill a round at some point, and let the clock be hours earlier at the next."""
    with torture.monday() as world:
        _killed(world.round(fault=f"{point}:1"), point)
        world.check_standing()
        assert world.round(now=MONDAY - timedelta(hours=hours)).status == 0
        world.check_standing()
        # Where it is the day before again, the digest of that day is due, if it was not made.
        return torture.settled(world, repeats=int(point == "smtp.taken"), but=_TOLD)


def clocks_change(spring: bool, torture: Torture) -> str:
    """Run every 75 minutes through the night in which clocks change: one digest a day."""
    night = FRIDAY.replace(month=3, day=29, hour=0) if spring else FRIDAY.replace(month=10, day=25, hour=0)
    with torture.monday() as world:
        for step in range(8):
            now = night + timedelta(minutes=75 * step)
            ended = world.round(now=now)
            assert ended.status == 0, ended.err
        world.check_standing()
        assert world.repeats() == 0
        daily = Counter(
            mail.recipients[0]
            for mail in world.smtp.received
            if mail.recipients[0] != "committee@partners.example"
        )
        with closing(sqlite3.connect(world.ledger)) as connection:
            twice = connection.execute(
                "SELECT recipient, period FROM outbox WHERE purpose = 'daily' GROUP BY 1, 2 HAVING count(*) > 1"
            ).fetchall()
            days = connection.execute(
                "SELECT recipient, count(DISTINCT period) FROM outbox WHERE purpose = 'daily' AND period > '2026-03-27' "
                "AND state = 'sent' GROUP BY recipient"
            ).fetchall()
        assert daily
        assert twice == []
        assert all(count == 1 for _, count in days), f"more than one digest on one day: {days}"
    return SAME


def _goes_on(world: World) -> None:
    """Check that after a jump of the clock and back all is done, and the next days bring their digests."""
    world.recover()
    world.check_standing()
    with world.dovecot.client(world.user) as client:
        client.append("INBOX", inquiry(40))
    before = len(world.smtp.received)
    tuesday = MONDAY + timedelta(days=1)
    world.recover(now=tuesday)
    # The inquiry of Tuesday stands in a digest of Wednesday at the latest.
    world.recover(now=tuesday + timedelta(days=1))
    told = [mail for mail in world.smtp.received[before:] if "Collection 40" in _text(mail)]
    assert len(told) >= 1, "an inquiry that came after the jump stands in no digest"


def _text(mail: ReceivedMail) -> str:
    import email
    import email.policy

    parsed = email.message_from_bytes(mail.octets, policy=email.policy.default)
    body = parsed.get_body(("plain",))
    return str(body.get_content()) if body else ""


# ---------------------------------------------------------------- two at once


def two_at_once(torture: Torture) -> str:
    """Start two rounds at the same moment."""
    with torture.monday() as world:
        first = world.start(nursery=torture.nurseries[0])
        second = world.start(nursery=torture.nurseries[1])
        for child in (first, second):
            ended = child.finished()
            assert "Traceback" not in ended.err, ended.err
        return torture.settled(world)


def two_services(torture: Torture) -> str:
    """Let two services run, and kill one of them."""
    with torture.monday() as world:
        children = [world.start("run", nursery=nursery) for nursery in torture.nurseries]
        children[1].wait(torture.seconds)
        children[0].kill()
        children[1].wait(torture.seconds)
        children[1].send(signal.SIGTERM)
        ended = children[1].finished()
        assert "Traceback" not in ended.err, ended.err
        return torture.settled(world)


def asleep(point: str, hours: int, torture: Torture) -> str:
    """Stop a round at some point until another one, for which its leases have run out, has done everything."""
    with torture.monday() as world:
        sleeper = world.start(fault=f"{point}:1:stop", nursery=torture.nurseries[1])
        _until_stopped(sleeper)
        try:
            ended = world.round(now=MONDAY + timedelta(hours=hours))
            assert "Traceback" not in ended.err, ended.err
        finally:
            sleeper.send(signal.SIGCONT)
        ended = sleeper.finished()
        assert "Traceback" not in ended.err, ended.err
        # The one mail that it was about to hand in, or had handed in.
        return torture.settled(world, repeats=int(point in ("outbox.chosen", "smtp.taken", "smtp.connected")))


# ---------------------------------------------------------------- all of them


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
    yield Case(group=_AT, name="smtp.taken", run=partial(kill_at, "smtp.taken", 1))
    yield from random_kills(1, seed=99)
    yield Case(group=_FULL, name="60000 octets left", run=partial(disk_full, 60_000))
