"""The ledger's place: no room left, and another process that locks it."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.torture.children import Ended
from tests.torture.trial import Torture, until_stopped
from tests.torture.world import World


def disk_full(room: int, torture: Torture) -> str:
    """Let no file grow beyond so many octets more than the ledger has."""
    with torture.monday() as world:
        # Read in its own process: the limit would hit the one that reads, which unfolds its word lists into a file.
        ended = world.round(largest_file=world.ledger.stat().st_size + room, plain=True)
        return _full(world, torture, ended)


def disk_full_while_logging(room: int, torture: Torture) -> str:
    """Let no file grow beyond so many octets, so that the write-ahead log breaks off in the middle."""
    with torture.monday() as world:
        ended = world.round(largest_file=room, plain=True)
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
        until_stopped(child)
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
