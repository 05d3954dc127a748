"""Notes: what people wrote down about inquiries."""

from __future__ import annotations

from sqlalchemy import insert, select

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.inquiries.joining import number_of
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import notes
from pipeline.records.answers import Note


class NoteTable(Part):
    """Keeps notes."""

    def add(self, written: Note) -> bool:
        """Keep a note; return False if there is no such inquiry."""
        with writing(self._engine) as connection:
            number = number_of(connection, written.inquiry)
            if number is None:
                return False
            connection.execute(
                insert(notes).values(
                    inquiry_id=number, author=written.author, text=written.text, at=written.at
                )
            )
            note(connection, written.at, "noted", inquiry=number)
            return True

    def of(self, key: str) -> tuple[Note, ...]:
        """Return the notes on the inquiry called `key`, oldest first."""
        with reading(self._engine) as connection:
            query = select(notes).where(notes.c.inquiry_id == number_of(connection, key)).order_by(notes.c.id)
            return tuple(
                Note(inquiry=key.upper(), author=row.author, text=row.text, at=row.at)
                for row in connection.execute(query)
            )
