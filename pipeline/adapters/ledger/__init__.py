"""The ledger: what the program knows, in a database (SQLAlchemy Core, migrated by Alembic)."""

from pipeline.adapters.ledger.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.postgresql import Access

__all__ = ["Access", "SqlLedger", "open_ledger"]
