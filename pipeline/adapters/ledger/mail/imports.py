"""Imports: archives into the ledger, and how far each mbox is through."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from pipeline.adapters.ledger.database.dialects import begins_with
from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.mail.storing import Stored, prepare, put_aside, store
from pipeline.adapters.ledger.schema import imports, set_aside, sightings
from pipeline.records.sources import ArchiveBatch, ArchiveMark, Imported

_BEGUN: dict[str, Any] = {"head": "", "offset": 0, "finished": False, "stored": 0, "known": 0, "refused": 0}


class ImportTable(Part):
    """Stores what archives hold, once, and goes on where it was."""

    def mark(self, path: str, *, live: bool) -> ArchiveMark | None:
        """Return how far the mbox `path` was imported, or None if it has to be read from its start.

        Parameters
        ----------
        live
            Its inquiries are to be opened; if they were not the last time, it is read again.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(imports).where(imports.c.path == path)).one_or_none()
        if row is None or (live and not row.live):
            return None
        return ArchiveMark(path=path, head=row.head, offset=row.offset, finished=row.finished)

    def held(self, path: str) -> int:
        """Return in how many places at `path`, a file or folder, messages were seen or set aside unread."""
        folder = path.rstrip("/") + "/"
        files = (sightings.c.kind == "file", sightings.c.source == "file")
        unread = (set_aside.c.message_id.is_(None),)
        with reading(self._engine) as connection:
            alone = select(func.count()).where(*files, sightings.c.place == path)
            return (
                int(connection.execute(alone).scalar_one())
                + _held(connection, files, sightings.c.place, (folder,))
                + _held(connection, unread, set_aside.c.place, (f"file {path} 0/", f"file {folder}"))
            )

    def record(self, batch: ArchiveBatch, now: datetime, *, live: bool) -> Imported:
        """Store a batch and how far its mbox is through with it, in one transaction.

        Returns
        -------
        Imported
            What became of the batch; where the mbox is gone on with, what became of the part before as well.
            `read` is left to whoever reads.
        """
        prepared = prepare(batch.messages)
        with writing(self._engine) as connection:
            stored = store(connection, prepared, archived=not live, now=now)
            before = [put_aside(connection, refused, now) for refused in batch.refused]
            done = _imported(stored, len(batch.refused), sum(before))
            if batch.mark is None:
                return done
            earlier = _before(connection, batch.mark.path, batch.begins, now, live=live)
            _write_mark(connection, batch.mark, done, now)
        return done + earlier


def _held(connection: Connection, kind: tuple[Any, ...], column: Any, prefixes: tuple[str, ...]) -> int:
    """Count the rows whose `column` begins with one of `prefixes`."""
    begun = or_(*(begins_with(column, one) for one in prefixes))
    return int(connection.execute(select(func.count()).where(*kind, begun)).scalar_one())


def _imported(stored: Stored, refused: int, refused_before: int) -> Imported:
    return Imported(
        stored=stored.new, known=stored.known, refused=refused, earlier=stored.earlier + refused_before
    )


def _before(connection: Connection, path: str, begins: int | None, now: datetime, *, live: bool) -> Imported:
    """Return what earlier runs made of the part before `begins`, at its start; begin a row where there is none."""
    if begins is None:
        return Imported()
    row = connection.execute(select(imports).where(imports.c.path == path)).one_or_none()
    if begins and row is not None:
        count = row.stored + row.known + row.refused
        return Imported(read=count, stored=row.stored, known=row.known, refused=row.refused, earlier=count)
    connection.execute(delete(imports).where(imports.c.path == path))
    connection.execute(insert(imports).values(path=path, live=live, **_BEGUN, at=now))
    return Imported()


def _write_mark(connection: Connection, mark: ArchiveMark, done: Imported, now: datetime) -> None:
    """Move the mark, and add to the counts."""
    connection.execute(
        update(imports)
        .where(imports.c.path == mark.path)
        .values(
            head=mark.head,
            offset=mark.offset,
            finished=mark.finished,
            stored=imports.c.stored + done.stored,
            known=imports.c.known + done.known,
            refused=imports.c.refused + done.refused,
            at=now,
        )
    )
