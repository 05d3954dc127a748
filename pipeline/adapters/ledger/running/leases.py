"""Leases: who works on what, until when. Whoever died has let go."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select, update

from pipeline.adapters.ledger.database.engine import Part, Room, database_time, explained, writing
from pipeline.adapters.ledger.database.postgresql import Leads
from pipeline.adapters.ledger.schema import leases


class LeaseTable(Part):
    """Keeps two processes from doing the same work at the same time.

    A lease is a courtesy, not a lock: what is written is written once without it, too, because the ledger's keys
    see to that. It saves the second process the work, and people the question why a mailbox is read twice.

    Parameters
    ----------
    engine
        Of an open ledger.
    ended
        Tells of a holder whether it is certain that it works no more.
    """

    def __init__(self, engine: Engine, ended: Callable[[str], bool] | None = None) -> None:
        super().__init__(engine)
        self._ended = ended or has_ended
        self.holder = own_name()
        self._leads = Leads()
        self._led: set[str] = set()

    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        """Take the lease `name` for some `seconds` unless another one holds it; return whether it is taken.

        It is taken over if its time is up, or its holder has ended without giving it back; and if its time is so far
        away that the clock must have been ahead.
        """
        here = leases.c.name == name
        with writing(self._engine, Room.LEASES) as connection:
            now = database_time(connection, now)
            until = now + timedelta(seconds=seconds)
            row = connection.execute(select(leases).where(here)).one_or_none()
            if row is None:
                connection.execute(insert(leases).values(name=name, holder=holder, until=until))
                return True
            holds = now < row.until <= until + timedelta(seconds=seconds)
            if row.holder != holder and holds and not self._ended(row.holder):
                return False
            connection.execute(update(leases).where(here).values(holder=holder, until=until))
        return True

    def renew(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        """Hold the lease `name` for some `seconds` from `now`; return False if another has taken it over."""
        mine = (leases.c.name == name, leases.c.holder == holder)
        with writing(self._engine, Room.LEASES) as connection:
            until = database_time(connection, now) + timedelta(seconds=seconds)
            return connection.execute(update(leases).where(*mine).values(until=until)).rowcount > 0

    def lead(self, name: str, seconds: float, now: datetime) -> bool:
        """Tell whether this process leads in `name`, or does so from now on, because no other one does.

        On PostgreSQL who leads has a lock that lasts as long as a connection of its own; on SQLite, a lease for some
        `seconds` that each call renews. Either is given up by `resign`, or when the process ends.
        """
        if isinstance(self._engine, Engine) and self._engine.dialect.name == "postgresql":
            with explained(self._engine):
                return self._leads.hold(self._engine, name)
        if not self.acquire(name, self.holder, seconds, now):
            return False
        self._led.add(name)
        return True

    def resign(self) -> None:
        """Lead no more."""
        self._leads.close()
        for name in self._led:
            self.release(name, self.holder)
        self._led.clear()

    def release(self, name: str, holder: str) -> None:
        """Give the lease `name` back."""
        with writing(self._engine, Room.LEASES) as connection:
            connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


class HeldPart(Part):
    """A part of the ledger in which rows are marked as this process's.

    Parameters
    ----------
    engine
        Of an open ledger, or the connection of a transaction.
    holder
        The name of this process; by default a new one.
    """

    def __init__(self, engine: Engine | Connection, holder: str = "") -> None:
        super().__init__(engine)
        self.holder = holder or own_name()


def own_name() -> str:
    """Return a name for this process and this use of it: ``PID.START.WHERE.RANDOM``."""
    return f"{os.getpid()}.{_start(os.getpid())}.{_where()}.{secrets.token_hex(4)}"


def held_by_another(connection: Connection, name: str, holder: str, now: datetime) -> bool:
    """Tell whether somebody else than `holder` holds the lease `name`."""
    row = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
    if row is None or row.holder == holder or has_ended(row.holder):
        return False
    return bool(row.until > database_time(connection, now))


def has_ended(holder: str) -> bool:
    """Tell whether it is certain that a process of this machine has ended; of other machines nothing is known."""
    pid, start, where, _ = (*holder.split("."), "", "", "", "")[:4]
    if where != _where() or not pid.isdigit():
        return False
    return _start(int(pid)) != start


def _start(pid: int) -> str:
    """Return when a process started, in ticks; ``gone`` if there is none, ``0`` where that is not told."""
    try:
        told = (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return "0" if not Path("/proc/self/stat").exists() and is_alive(pid) else "gone"
    # Field 22; the text begins with field 3. A process that has ended and was not waited for is gone, too.
    return "gone" if told[0] in "ZX" else told[19]


def is_alive(pid: int) -> bool:
    """Tell whether there is such a process on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _where() -> str:
    """Name the machine, its boot, and the room in which its process ids mean something."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    room = Path("/proc/self/ns/pid")
    told = (
        socket.gethostname(),
        boot.read_text(encoding="ascii").strip() if boot.exists() else "",
        str(room.readlink()) if room.is_symlink() else "",
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
