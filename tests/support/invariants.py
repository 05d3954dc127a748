"""What is true of a ledger at every moment, also right after its process was killed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tests.support.ledgers import ledger_url


def check_ledger(
    path: Path, hashes: Collection[str], *, complete: bool = False, moving: bool = False
) -> None:
    """Check a ledger in which mails with these `hashes` and no others may lie; all of them if it is `complete`.

    Where inquiries are `moving`, given back or handed on, one may be assigned more than once.
    """
    with closing(plain(path)) as connection:
        _check_file(connection)
        _check_messages(connection, frozenset(hashes), complete=complete)
        _check_sightings(connection)
        _check_marks(connection)
        _check_inquiries(connection)
        _check_events(connection, moving=moving)


def count(path: Path, what: str = "messages") -> int:
    """Return how many rows there are; 0 where there is no such table yet."""
    url = ledger_url(path)
    if url.startswith("sqlite:") and not path.exists():
        return 0
    try:
        with closing(plain(path)) as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())  # noqa: S608
    except DBAPIError:
        return 0


@contextmanager
def counting(path: Path, what: str = "messages") -> Iterator[Callable[[], int]]:
    """Give what counts rows again and again: `count` without a new connection to a server each time."""
    if ledger_url(path).startswith("sqlite:"):
        yield lambda: count(path, what)
        return
    query = text(f"SELECT count(*) FROM {what}")  # noqa: S608
    with closing(plain(path)) as connection:

        def look() -> int:
            try:
                return int(connection.execute(query).scalar_one())
            except DBAPIError:
                return 0
            finally:
                connection.rollback()

        yield look


def plain(path: Path) -> Connection:
    """Connect to the ledger at `path` to read it, as the driver does it by itself; to be closed."""
    url = ledger_url(path)
    if url.startswith("sqlite:"):
        return create_engine(f"sqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool).connect()
    # Others may go on writing meanwhile: what is looked at is one moment.
    return create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ").connect()


def rows(connection: Connection, query: str, **values: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(query), values)]


def _check_file(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        assert rows(connection, "PRAGMA integrity_check") == [("ok",)]
        assert rows(connection, "PRAGMA foreign_key_check") == []


def _check_messages(connection: Connection, hashes: frozenset[str], *, complete: bool) -> None:
    stored = [str(row[0]) for row in rows(connection, "SELECT sha256 FROM messages")]
    assert len(stored) == len(set(stored)), "a mail lies in the ledger twice"
    assert set(stored) <= hashes, "a mail lies in the ledger that nobody sent"
    if complete:
        assert set(stored) == hashes, f"{len(hashes - set(stored))} mails are missing"


def _check_sightings(connection: Connection) -> None:
    doubled = (
        "SELECT kind, source, place, epoch, number FROM sightings "
        "GROUP BY kind, source, place, epoch, number HAVING count(*) > 1"
    )
    assert rows(connection, doubled) == []
    unseen = "SELECT id FROM messages WHERE id NOT IN (SELECT message_id FROM sightings)"
    assert rows(connection, unseen) == [], "a message that nobody would read"
    places = "SELECT place, epoch, count(*), max(number) FROM sightings WHERE kind = 'imap' GROUP BY source, place, epoch"
    cursors = {
        (mailbox, uidvalidity): uid
        for mailbox, uidvalidity, uid in rows(connection, "SELECT mailbox, uidvalidity, uid FROM cursors")
    }
    for place, epoch, seen, newest in rows(connection, places):
        if (place, epoch) in cursors:
            assert (seen, newest) == (cursors[place, epoch],) * 2, "the cursor is not where the batch ends"


def _check_marks(connection: Connection) -> None:
    """Every message before the mark of an archive is accounted for, and none behind it."""
    marks = 'SELECT path, "offset", stored + known + refused FROM imports'
    for path, offset, counted in rows(connection, marks):
        ((*before,),) = rows(
            connection,
            "SELECT count(DISTINCT number), max(number) FROM sightings WHERE kind = 'file' AND place = :path",
            path=path,
        )
        assert before[0] == counted, "an archive's counts do not agree with what lies in the ledger"
        assert before[1] is None or before[1] < offset, "something was stored behind the mark"


def _check_inquiries(connection: Connection) -> None:
    whole = "SELECT id FROM messages WHERE state = 'read'"
    for table in ("contents", "decisions", "inquiry_messages"):
        assert rows(connection, f"SELECT message_id FROM {table} ORDER BY message_id") == rows(  # noqa: S608
            connection, whole + " ORDER BY id"
        ), f"{table}: a message is half read, or read twice"
    empty = "SELECT id FROM inquiries WHERE id NOT IN (SELECT inquiry_id FROM inquiry_messages)"
    assert rows(connection, empty) == [], "an inquiry without a message"
    doubled = (
        "SELECT inquiry_id FROM assignments WHERE ended_at IS NULL GROUP BY inquiry_id HAVING count(*) > 1"
    )
    assert rows(connection, doubled) == [], "an inquiry is with two liaisons"
    queued = "SELECT recipient FROM outbox GROUP BY recipient, purpose, period HAVING count(*) > 1"
    assert rows(connection, queued) == [], "a digest was queued twice"


def _check_events(connection: Connection, *, moving: bool) -> None:
    for name, state in (("stored", "1 = 1"), ("decided", "state = 'read'")):
        told = f"SELECT message_id FROM events WHERE name = '{name}' ORDER BY message_id"  # noqa: S608
        messages = f"SELECT id FROM messages WHERE {state} ORDER BY id"  # noqa: S608
        assert rows(connection, told) == rows(connection, messages), f"{name}: told twice, or never"
    if moving:
        return
    again = "SELECT inquiry_id FROM events WHERE name = 'assigned' GROUP BY inquiry_id HAVING count(*) > 1"
    assert rows(connection, again) == [], "an inquiry was assigned twice"
