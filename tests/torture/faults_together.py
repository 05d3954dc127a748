"""More than one program: two at once, and one that sleeps while the other works."""

from __future__ import annotations

import signal
from datetime import timedelta

from tests.torture.trial import Torture, until_stopped
from tests.torture.world import MONDAY


def two_at_once(torture: Torture) -> str:
    """Start two rounds at the same moment."""
    with torture.monday() as world:
        first = world.start()
        second = world.start()
        for child in (first, second):
            ended = child.finished()
            assert "Traceback" not in ended.err, ended.err
        return torture.settled(world)


def two_services(torture: Torture) -> str:
    """Let two services run, and kill one of them."""
    with torture.monday() as world:
        children = [world.start("run") for _ in range(2)]
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
        sleeper = world.start(fault=f"{point}:1:stop")
        until_stopped(sleeper)
        try:
            ended = world.round(now=MONDAY + timedelta(hours=hours))
            assert "Traceback" not in ended.err, ended.err
        finally:
            sleeper.send(signal.SIGCONT)
        ended = sleeper.finished()
        assert "Traceback" not in ended.err, ended.err
        # The one mail that it was about to hand in, or had handed in.
        return torture.settled(world, repeats=int(point in ("outbox.chosen", "smtp.taken", "smtp.connected")))
