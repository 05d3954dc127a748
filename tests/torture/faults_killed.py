"""The program killed: at every step, in the middle of a mail's delivery, at random moments, and told to end."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from pipeline.faultpoints import POINTS
from tests.support.scriptedsmtp import STAGES
from tests.torture.children import Child
from tests.torture.trial import SAME, Case, Torture, killed
from tests.torture.world import FRIDAY, MONDAY, inquiry, opened

AT = "kill -9 at every step boundary"
_FROM = b"From ada at museum.example  Sun Mar  1 13:30:00 2026\n"


def kill_at(point: str, times: int, torture: Torture) -> str:
    """Kill the program where it reaches a point for the n-th time."""
    with torture.monday() as world:
        killed(world.round(fault=f"{point}:{times}"), point)
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
        killed(child[0].finished(), f"{when} {stage}")
        return torture.settled(world, repeats=int(stage == "end"))


def kill_first_start(point: str, times: int, torture: Torture) -> str:
    """Kill the very first start, while the ledger is made."""
    folder = torture.folder / f"first{point}{times}"
    folder.mkdir()
    for name in ("liaisons.toml", "triage.key"):
        shutil.copy(torture.friday.folder / name, folder)
    mails = tuple(map(inquiry, (1, 2, 3)))
    with opened(folder, torture.dovecot, mails, 0) as world:
        killed(world.round(now=FRIDAY, fault=f"{point}:{times}"), point)
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


# Killed there, a command is done, and noted: given again, it is noted again, as it is where nobody kills it.
_NOTED_EACH_TIME = ("forget.done",)
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
    """Kill another command than a round, give it again, and compare with how it ends where nobody kills it."""
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
            if not fault and point in _NOTED_EACH_TIME:
                _well(world.start(*command, now=now))
            if fault:
                killed(world.start(*command, now=now, fault=fault).finished(), point)
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
            yield Case(group=AT, name=point, run=partial(kill_command, point))
        elif point == "ledger.migrating":
            yield Case(group=AT, name=point, run=partial(kill_first_start, point, 1))
        else:
            assert total, f"a round never reaches {point}: say in _ELSEWHERE which command does"
            step = max(1.0, total / most)
            for number in sorted({1 + int(n * step) for n in range(most) if n * step < total}):
                yield Case(group=AT, name=f"{point}:{number}", run=partial(kill_at, point, number))
    for when, stage in itertools.product(("before", "after"), STAGES):
        for number in (1,) if stage in ("greeting", "EHLO") else (1, 3):
            yield Case(
                group="kill -9 at every step of a mail's delivery, by what the mail server sees",
                name=f"{when} {stage} {number}",
                run=partial(kill_at_smtp, when, stage, number),
            )


_SERIES = 4  # kills in one world


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
