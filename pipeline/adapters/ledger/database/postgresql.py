"""The ledger on PostgreSQL: how to come to it, and the locks and isolation of its transactions.

A transaction that writes reads what others have committed (READ COMMITTED) after it has the lock of its room; in a
stricter isolation what it sees would be settled before it has waited for that lock. One that only reads sees one moment
(REPEATABLE READ), as it does on SQLite.
"""

from __future__ import annotations

import threading
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from pipeline.errors import LedgerError

# "TRIA": the first half of the keys of advisory locks, so that they are not those of another program.
_OURS = 0x54524941
# "TRIL": those of the leads, likewise.
_LEADS = 0x5452494C
READS = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
SCRATCHES = {"isolation_level": "REPEATABLE READ"}
_LOCAL = ("", "localhost", "127.0.0.1", "::1")
_NUL, _REPLACEMENT = "\x00", "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to come to a PostgreSQL, beside what its URL says.

    Parameters
    ----------
    password
        Empty where none is needed, or where libpq finds it (``~/.pgpass``).
    security
        ``tls``: encrypted, and the server's certificate names the host (libpq's verify-full); ``none``: as it comes.
        A socket and this very machine need no encryption.
    ca_file
        Certificates to trust instead of the system's; a path.
    certificate, key
        Paths of the client's own certificate and its key, where the server asks for one.
    connect_seconds, lock_seconds, statement_seconds
        How long to wait for the server, for a lock, and for the end of one statement.
    connections
        At most so many at once.
    """

    password: str = field(default="", repr=False)
    security: str = "tls"
    ca_file: str = ""
    certificate: str = ""
    key: str = ""
    connect_seconds: int = 10
    lock_seconds: int = 60
    statement_seconds: int = 600
    connections: int = 10


def connect(url: URL, access: Access) -> Engine:
    """Return an engine for the database that `url` names.

    A connection that broke while it was idle is replaced before it is used.

    Raises
    ------
    LedgerError
        If the driver is missing.
    """
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise LedgerError(
            "a ledger on PostgreSQL needs psycopg; python -m pip install 'partnership-triage[postgresql]'"
        ) from None
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=access.connections,
        max_overflow=0,
        pool_recycle=3600,
        hide_parameters=True,
        connect_args=_arguments(url, access),
    )
    event.listen(engine, "connect", _prepare)
    return engine


def lock(connection: Connection, number: int) -> None:
    """Wait for the lock `number`, and hold it to the end of the transaction."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:ours, :number)"), {"ours": _OURS, "number": number}
    )


def time(connection: Connection) -> datetime:
    """Return the present moment by the server's clock."""
    moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment


class Leads:
    """What this process leads in: an advisory lock for each name, on a connection that is kept for it.

    The server lets go of a lock when its connection ends, however that comes about.
    """

    def __init__(self) -> None:
        self._held: dict[str, Connection] = {}
        self._guard = threading.Lock()

    def hold(self, engine: Engine, name: str) -> bool:
        """Take the lock called `name`, or see that it is held still; return whether it is."""
        with self._guard:
            held = self._held.pop(name, None)
            if held is not None and _lives(held):
                self._held[name] = held
                return True
            connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if _try_lock(connection, zlib.crc32(name.encode()) & 0x7FFFFFFF):
                self._held[name] = connection
                return True
            connection.close()
            return False

    def close(self) -> None:
        """Let go of all locks."""
        with self._guard:
            for connection in self._held.values():
                connection.invalidate()  # back in the pool, the connection would keep its lock
                connection.close()
            self._held.clear()


def _lives(connection: Connection) -> bool:
    """Tell whether the connection, and with it the lock, is still there."""
    try:
        connection.execute(text("SELECT 1"))
    except DBAPIError:
        connection.invalidate()
        connection.close()
        return False
    return True


def _try_lock(connection: Connection, number: int) -> bool:
    query = text("SELECT pg_try_advisory_lock(:ours, :number)")
    return bool(connection.execute(query, {"ours": _LEADS, "number": number}).scalar_one())


def is_local(url: URL) -> bool:
    """Tell whether a URL leads to a socket or to this very machine."""
    host = url.host or str(url.query.get("host", ""))
    return host in _LOCAL or host.startswith("/")


def _arguments(url: URL, access: Access) -> dict[str, Any]:
    """Return what libpq is told; what the URL says itself stands."""
    settings = {
        "lock_timeout": f"{access.lock_seconds}s",
        "statement_timeout": f"{access.statement_seconds}s",
        # Whoever died in the middle of a transaction lets go, also where its machine lost its power.
        "idle_in_transaction_session_timeout": f"{access.statement_seconds}s",
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
        "timezone": "UTC",
    }
    told: dict[str, Any] = {
        "application_name": "triage",
        "connect_timeout": access.connect_seconds,
        "keepalives_idle": 30,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        **_protection(url, access),
    }
    if access.password:
        told["password"] = access.password
    return {name: value for name, value in told.items() if name not in url.query}


def _protection(url: URL, access: Access) -> dict[str, str]:
    if access.security == "none" or is_local(url):
        return {}
    given = {"sslrootcert": access.ca_file or "system", "sslcert": access.certificate, "sslkey": access.key}
    return {"sslmode": "verify-full", **{name: value for name, value in given.items() if value}}


def _prepare(connection: Any, _record: Any) -> None:
    """Let text hold what PostgreSQL's cannot: NUL becomes the replacement character."""
    from psycopg.types.string import StrDumperUnknown

    class Clean(StrDumperUnknown):
        """Text without NUL."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace(_NUL, _REPLACEMENT) if _NUL in obj else obj)

    connection.adapters.register_dumper(str, Clean)
