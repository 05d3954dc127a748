"""Ledgers for tests: made by the migrations once, then copied, and none that has to outlive a power cut."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import event

from pipeline.adapters.ledger import SqlLedger, open_ledger


def fresh_ledger(path: Path) -> SqlLedger:
    """Open an empty ledger at `path`."""
    path.write_bytes(empty_ledger())
    opened = open_ledger(f"sqlite:///{path}")
    opened.engine.dispose()
    event.listen(opened.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    return opened


@cache
def empty_ledger() -> bytes:
    """Return a new ledger as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        open_ledger(f"sqlite:///{path}").close()
        return path.read_bytes()
