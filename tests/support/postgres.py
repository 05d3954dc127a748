"""A PostgreSQL of the tests' own: a cluster in a folder of its own, on a socket there, ended by its process id.

It is started when the first test asks for a database, and each test gets a database of its own: a copy of one that the
migrations have made.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

_USER = "triage"
_PATIENCE = 60.0
_TEMPLATE = "migrated"
# What a test loses when the machine stops is of no use to anybody.
_QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=200",
)


def missing() -> str:
    """Return what is not installed, in words; empty if nothing."""
    if _program("initdb") is None:
        return "PostgreSQL is missing; on Debian: sh tests/servers.sh"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is missing; pip install --editable '.[postgresql]'"
    return ""


@dataclass(kw_only=True)
class Cluster:
    """A running server.

    Parameters
    ----------
    folder
        Where its data and its socket are.
    process
        The postmaster.
    """

    folder: Path
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, name: str, user: str = _USER) -> str:
        """Return the SQLAlchemy URL of the database `name`."""
        return f"postgresql+psycopg://{user}@/{name}?host={self.folder}"

    def fresh(self) -> str:
        """Make an empty ledger in a database of its own and return its URL."""
        return self._create(_TEMPLATE)

    def bare(self) -> str:
        """Make a database without tables and return its URL."""
        return self._create("template0")

    def run(self, statement: str) -> None:
        """Run a statement that stands outside transactions."""
        with self._connection() as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """End the server at once."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=_PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _create(self, template: str) -> str:
        name = f"ledger_{os.getpid()}_{next(self._numbers)}"
        with self._connection() as connection:
            # The quicker way to copy a small one where nothing has to outlive a power cut; known from PostgreSQL 15 on.
            way = " STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}{way}'.encode())
        return self.url(name)

    def _connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        import psycopg

        return psycopg.connect(host=str(self.folder), user=_USER, dbname="postgres", autocommit=True)


@functools.cache
def cluster() -> Cluster:
    """Return the server of this test session, started on first use and ended with the session."""
    started = start()
    atexit.register(started.stop)
    started.run(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
    from pipeline.adapters.ledger import open_ledger

    open_ledger(started.url(_TEMPLATE)).close()
    return started


@contextlib.contextmanager
def running(*options: str) -> Iterator[Cluster]:
    """Run a server for one test, with options of its own."""
    started = start(*options)
    try:
        yield started
    finally:
        started.stop()


def start(*options: str) -> Cluster:
    """Make a cluster and start its server.

    Raises
    ------
    RuntimeError
        If it does not come up.
    """
    # Paths of sockets are short (unix(7)): not below a test's own folder.
    folder = Path(tempfile.mkdtemp(prefix="triage-pg-"))
    account = _account()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    _call(
        folder,
        _found("initdb"),
        "-D",
        data,
        "-U",
        _USER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    )
    settings = [f"unix_socket_directories={folder}", "listen_addresses=", *_QUICK, *options]
    command = [_found("postgres"), "-D", str(data), *(part for one in settings for part in ("-c", one))]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env=_environment(),
            **_as(account),
        )
    started = Cluster(folder=folder, process=process)
    _wait(started)
    return started


def _wait(started: Cluster) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not (started.folder / "data" / "postmaster.pid").exists() or not _is_ready(started):
        if started.process.poll() is not None or time.monotonic() > deadline:
            told = (started.folder / "server.log").read_text(encoding="utf-8", errors="replace")
            started.stop()
            raise RuntimeError(f"PostgreSQL does not start: {told[-2000:]}")
        time.sleep(0.02)


def _is_ready(started: Cluster) -> bool:
    """Tell whether the server says so in the last line of its file (storage.sgml, postmaster.pid)."""
    lines = (started.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _call(folder: Path, *command: object) -> None:
    done = subprocess.run(
        [str(one) for one in command], cwd=folder, capture_output=True, text=True, check=False, env=_environment(),
        **_as(_account()),
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-2000:]}")


def _account() -> pwd.struct_passwd | None:
    """Return whom the server runs as where the tests run as root, which it refuses."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _found(name: str) -> str:
    program = _program(name)
    if program is None:
        raise RuntimeError(missing())
    return program


def _program(name: str) -> str | None:
    """Return where a program of the server lies: Debian keeps them apart by version, newest last."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: (len(folder.parent.name), folder)
    )
    beside = [str(folder / name) for folder in reversed(folders) if (folder / name).exists()]
    return beside[0] if beside else shutil.which(name)
