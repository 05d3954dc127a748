"""All tables of the ledger: who goes through them takes `metadata` from here, where it knows each, whatever else is loaded."""

from __future__ import annotations

from pipeline.adapters.ledger import schema, schema_bulk, schema_keeping, schema_people, schema_service
from pipeline.adapters.ledger.columns import metadata

__all__ = ["DECLARED_IN", "metadata"]
DECLARED_IN = (schema, schema_bulk, schema_keeping, schema_people, schema_service)
