"""The network: lines that break, fall silent, tell nonsense, or are slow."""

from __future__ import annotations

from tests.support.proxy import Fault, Line, bad_line
from tests.torture.trial import Torture


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
