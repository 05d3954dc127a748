"""The command `migrate-ledger`: a ledger from one database to another."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, is_there, settings_from


def migrate_ledger(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="URL of the ledger, or its file.", show_default=False)
    ],
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="URL of an empty database.", show_default=False)
    ],
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Move a ledger to another database, from SQLite to PostgreSQL or back: all of it, proved, or nothing.

    The source is only read. Password, certificates and limits for PostgreSQL are those of [ledger] in the settings, where
    there are settings; else libpq's own (~/.pgpass).

    Example: triage migrate-ledger sqlite:///triage.db postgresql://triage@db.example.org/triage
    """
    from pipeline import wiring
    from pipeline.cli.output import progress, say, write_json
    from pipeline.settings import Settings

    known = settings_from(settings) if is_there(settings) else Settings()
    with progress() as show:
        moved = wiring.move_ledger(source, target, known, show)
    if as_json:
        for one in moved:
            write_json(asdict(one))
        return
    print(f"{'table':24} {'rows':>10}  checksum")
    for one in moved:
        print(f"{one.table:24} {one.rows:>10}  {one.checksum[:16]}")
    print("moved and checked; now set ledger.url in the settings, and keep the old ledger until you are sure")
    mended = sum(one.mended for one in moved)
    if mended:
        say(f"{mended} values were mended: too long for their column, or with a NUL in text")
