"""The ledger: what the program knows, in a database (SQLAlchemy Core, migrated by Alembic).

From the ground up: `schema` has all tables, `database` opens them and speaks both dialects, `running` lets several processes
share them. `inquiries` stands on these, then `outgoing`, then `mail` and `organisations`. `privacy`, `liaisons`, `weeks`,
`retags` and `upkeep` work on all of that. A test sees to it that nothing imports upwards.

Each ...Table is one part, which `ledger.SqlLedger` hands out; a part given the connection of a transaction works within that.
"""

from pipeline.adapters.ledger.database.postgresql import Access
from pipeline.adapters.ledger.ledger import SqlLedger, open_ledger

__all__ = ["Access", "SqlLedger", "open_ledger"]
