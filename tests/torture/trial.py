"""What the faults are tried on, and how it is told what became of them."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.dovecot import Dovecot
from tests.torture.children import Child, Ended
from tests.torture.world import Friday, World, make_friday, monday

# What became of it.
SAME = "as if nothing had happened"
AGAIN = "one mail twice, under one Message-ID"
LATER = "put off, and done by the next run"
OUTCOMES = (SAME, AGAIN, LATER)
# What may differ where a server was away when digests were due: they tell of what had come by then.
TOLD = ("outbox", "mails", "pages", "events")


@dataclass(kw_only=True)
class Torture:
    """What the faults are tried on: a prepared Friday, an IMAP server, and how Monday ends without faults."""

    folder: Path
    dovecot: Dovecot
    plain: bool = True
    friday: Friday = field(init=False)
    reference: dict[str, Any] = field(init=False)
    trace: Counter[str] = field(init=False)
    # How long a round takes without faults.
    seconds: float = 1.0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), init=False)

    def __post_init__(self) -> None:
        self.friday = make_friday(self.folder / "friday", self.dovecot)
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
        with monday(self.friday, folder, self.dovecot, plain=self.plain) as world:
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
        left = self.differences(world, but=TOLD if hurt else but)
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


def killed(ended: Ended, where: str) -> None:
    assert ended.status == -signal.SIGKILL, f"{where} was never reached: {ended.status} {ended.err}"


def until_stopped(child: Child) -> None:
    deadline = time.monotonic() + 60
    while not child.is_stopped():
        assert child.wait(0.01) is None, "it ended before it came there"
        assert time.monotonic() < deadline, "it never comes there"
