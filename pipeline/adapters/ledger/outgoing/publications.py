"""Pages that were published: which revision was written, and what stood in the program's section."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.database.statements import put
from pipeline.adapters.ledger.schema import publications
from pipeline.records.publications import Publication


class PublicationTable(Part):
    """Keeps what was published last on each page."""

    def find(self, page: str) -> Publication | None:
        """Return what was published on `page` last, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(select(publications).where(publications.c.page == page)).first()
        return _publication(row) if row else None

    def pages(self) -> tuple[Publication, ...]:
        """Return all pages that were published, by title."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(publications).order_by(publications.c.page)).all()
        return tuple(map(_publication, rows))

    def note(self, published: Publication) -> None:
        """Remember what was published, in place of what was before."""
        values = asdict(published)
        with writing(self._engine) as connection:
            put(connection, publications, {"page": values.pop("page")}, values)


def _publication(row: Row[Any]) -> Publication:
    return Publication(page=row.page, revision=row.revision, sha256=row.sha256, at=row.at)
