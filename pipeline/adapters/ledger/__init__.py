"""The ledger: what the program knows, in a database (SQLAlchemy Core, migrated by Alembic)."""

from pipeline.adapters.ledger.ledger import SqlLedger, open_ledger

__all__ = ["SqlLedger", "open_ledger"]
