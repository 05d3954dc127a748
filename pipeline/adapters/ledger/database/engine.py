"""Open the database, set it up for safety, and bring its tables up to date.

SQLite has one writer: a transaction that writes holds the lock from its start. On PostgreSQL a transaction that writes
names the room of the ledger that it changes, and holds that room's lock to its end, so that what it has read there is still so
when it writes; transactions in other rooms go on beside it. Rooms are entered in the order in which `Room` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from pipeline.adapters.ledger.database import postgresql, sqlite
from pipeline.errors import LedgerError
from pipeline.faultpoints import reach

# The newest step in migrations/versions.
HEAD = "0006"


class Room(IntEnum):
    """Parts of the ledger that are changed by one transaction at a time; the numbers are those of the locks."""

    #: The tables themselves.
    SCHEMA = 1
    #: Messages and inquiries, and what was decided, said and done about them: a message joins the thread that it belongs to
    #: only if no other one is being kept meanwhile.
    LEDGER = 2
    #: What is to leave by mail or for the wiki.
    OUTBOX = 3
    #: Who works on what, and how jobs fared.
    LEASES = 4


def open_engine(url: str | URL, access: postgresql.Access | None = None) -> Engine:
    """Open the database `url`, create it if it is a missing file, and migrate it.

    Parameters
    ----------
    access
        How to come to a PostgreSQL, beside what the URL says.

    Raises
    ------
    LedgerError
        If it cannot be opened, is locked, is no ledger, or belongs to a newer program.
    """
    engine = connect(url, access)
    with explained(engine):
        _migrate(engine)
    return engine


def connect(url: str | URL, access: postgresql.Access | None = None) -> Engine:
    """Return an engine for the database `url`, as it is.

    Raises
    ------
    LedgerError
        If it is neither SQLite nor PostgreSQL, or what is needed for that is missing.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError:
        raise LedgerError("the ledger's url is none; write one such as sqlite:///triage.db") from None
    if backend == "sqlite":
        return sqlite.connect(parsed)
    if backend == "postgresql":
        return postgresql.connect(parsed, access or postgresql.Access())
    raise LedgerError(
        f"the ledger cannot be on {backend}; write sqlite:///FILE or postgresql://USER@HOST/DATABASE"
    )


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn errors of the database driver into a LedgerError that names the database.

    A broken unique key passes through: the caller knows what it means.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise LedgerError(
            f"{name_of(engine)}: {_told(error)}; see that the database exists and is not locked"
        ) from error


def name_of(engine: Engine) -> str:
    """Return the URL of a ledger as people may see it: no password in it."""
    return engine.url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def reading(engine: Engine | Connection) -> Iterator[Connection]:
    """Give a connection for queries, all of which see the same moment.

    Given the connection of a transaction that is under way, the queries belong to that.
    """
    if isinstance(engine, Connection):
        yield engine
        return
    with explained(engine), engine.connect() as plain:
        yield plain.execution_options(**(postgresql.READS if engine.dialect.name == "postgresql" else {}))


@contextmanager
def scratching(engine: Engine | Connection) -> Iterator[Connection]:
    """Give a connection as `reading` does, on which temporary tables may be made."""
    if isinstance(engine, Connection):
        yield engine
        return
    with explained(engine), engine.connect() as plain:
        yield plain.execution_options(**(postgresql.SCRATCHES if engine.dialect.name == "postgresql" else {}))


@contextmanager
def writing(engine: Engine | Connection, room: Room | None = Room.LEDGER) -> Iterator[Connection]:
    """Give a connection for one transaction that writes; committed at the end, undone by an exception.

    Given the connection of a transaction that is under way, what is written belongs to that.

    Parameters
    ----------
    room
        Which no other transaction changes meanwhile; None: its statements see to that themselves. On SQLite all are one.
    """
    if isinstance(engine, Connection):
        enter(engine, room)
        yield engine
        return
    with explained(engine), engine.connect() as plain:
        connection = plain.execution_options(**{sqlite.WRITES: True})
        with connection.begin():
            enter(connection, room)
            reach("ledger.begun")
            yield connection
            reach("ledger.written")
        reach("ledger.committed")


def enter(connection: Connection, room: Room | None) -> None:
    """Take the lock of a room for the rest of the transaction, if it is not taken yet; SQLite needs none."""
    if room is not None and connection.dialect.name == "postgresql":
        postgresql.lock(connection, room)


def database_time(
    connection: Connection, now: datetime, own: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> datetime:
    """Return `now` by the clock of the database, where several machines share it: theirs may differ by minutes.

    Parameters
    ----------
    own
        Tells the time of this machine.
    """
    if connection.dialect.name != "postgresql":
        return now
    # Whole seconds: less is the way there and back.
    return now + timedelta(seconds=round((postgresql.time(connection) - own()).total_seconds()))


class Part:
    """A part of the ledger, over the same database as the others.

    Parameters
    ----------
    engine
        Of an open ledger; or the connection of a transaction, to which all that is done then belongs.
    """

    def __init__(self, engine: Engine | Connection) -> None:
        self._engine = engine


def _told(error: DBAPIError) -> str:
    """Return the driver's message, its first line: those that follow show values."""
    return str(error.orig).strip().partition("\n")[0]


def _migrate(engine: Engine) -> None:
    if is_current(engine):
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    with explained(engine), engine.connect() as plain:
        sqlite.set_foreign_keys(plain, on=False)
        connection = plain.execution_options(**{sqlite.WRITES: True})
        try:
            with connection.begin():
                enter(connection, Room.SCHEMA)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                reach("ledger.migrating")
                sqlite.check_foreign_keys(connection)
        finally:
            sqlite.set_foreign_keys(plain, on=True)


def is_current(engine: Engine) -> bool:
    """Tell whether the tables are those that this program knows; False if they are older, or there are none.

    Raises
    ------
    LedgerError
        If it is no ledger, or belongs to a newer program.
    """
    version = _version(engine)
    if version is not None and version > HEAD:
        raise LedgerError(
            f"{name_of(engine)}: written by a newer program (schema {version}, this one knows {HEAD}); "
            "install the newer program"
        )
    return version == HEAD


def _version(engine: Engine) -> str | None:
    """Return the schema's version, or None if the database is empty."""
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        if "alembic_version" in names:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if names:
        raise LedgerError(f"{name_of(engine)}: holds tables, but is no ledger; name another file or database")
    return None
