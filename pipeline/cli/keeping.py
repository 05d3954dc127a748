"""Commands that keep the ledger well: `backup`, `restore`, `migrate`, `doctor`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, settings_from

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.records.keeping import Finding, Manifest


def backup(
    target: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE.tar|FOLDER", help="By default the folder retention.backups.", show_default=False
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Then delete the backups there whose end has come.")
    ] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Back up the ledger while the service runs: one checked file, for its owner only, that tells when it is to be deleted.

    Settings, liaisons and the secret of answers by mail are not in it: keep them, apart from it.

    Example: triage backup backups --prune
    """
    from pipeline.cli.output import say, write_json
    from pipeline.wiring import keeping

    loaded = settings_from(settings)
    archive, made = keeping.backup(loaded, target)
    gone = keeping.prune(loaded, target) if prune else ()
    if as_json:
        write_json({"file": str(archive), **manifest_object(made), "deleted": [str(one) for one in gone]})
        return
    end = f", to be deleted on {made.keep_until:%Y-%m-%d}" if made.keep_until else ""
    print(archive)
    say(f"{made.counts.get('messages', 0)} messages, {made.size} octets, schema {made.schema}, checked{end}")
    for one in gone:
        say(f"deleted: {one}")


def restore(
    archive: Annotated[Path, typer.Argument(metavar="FILE.tar", help="A backup.", show_default=False)],
    force: Annotated[
        bool, typer.Option("--force", help="Where there is a ledger, put it aside; it is kept.")
    ] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Put the ledger of a backup in place, checked and brought up to date; who was forgotten since stays forgotten.

    Mail that waited when the backup was made may have left since: it is held back until `triage outbox retry`.

    Example: triage restore backups/triage-2026-11-22T050000Z.tar --force
    """
    from pipeline.cli.output import moment, say, write_json
    from pipeline.wiring import keeping

    done = keeping.restore(settings_from(settings), archive, force=force)
    if as_json:
        write_json(
            {
                **manifest_object(done.manifest),
                "aside": str(done.aside) if done.aside else None,
                "forgotten": done.forgotten,
                "held": done.held,
                "findings": [asdict(one) for one in done.findings],
            }
        )
    else:
        print(f"restored: the ledger of {moment(done.manifest.made_at)}")
        if done.aside:
            say(f"the former ledger is kept: {done.aside}")
        if done.forgotten:
            say(f"forgotten again: {done.forgotten} people")
        if done.held:
            say(f"held back: {done.held} mails; see: triage outbox list")
        _show(one for one in done.findings if one.offenders)
    raise typer.Exit(int(any(one.offenders for one in done.findings)))


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit status 1 if there is something to do.")
    ] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Bring the ledger's tables up to date, in one transaction; every command that opens the ledger does so, too.

    Example: triage migrate --check
    """
    from pipeline.cli.output import write_json
    from pipeline.errors import LedgerError
    from pipeline.wiring import keeping

    loaded = settings_from(settings)
    before, head = keeping.versions(loaded)
    if before is not None and before > head:
        raise LedgerError(
            f"the ledger has schema {before}, this program knows {head}; install the newer program"
        )
    needed = before != head
    if needed and not check:
        keeping.migrate(loaded)
    if as_json:
        write_json({"from": before, "to": head, "needed": needed, "done": needed and not check})
    elif needed:
        words = "has to be brought" if check else "brought"
        print(f"{words} from schema {before or '-'} to {head}")
    else:
        print(f"schema {head}: nothing to do")
    raise typer.Exit(int(needed and check))


def doctor(as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Examine the ledger: nothing lost, nothing double, every inquiry with one owner; exit status 1 if something is wrong.

    Example: triage doctor --json
    """
    from pipeline.cli.output import write_json
    from pipeline.wiring import keeping

    found = keeping.doctor(settings_from(settings))
    if as_json:
        for one in found:
            write_json(asdict(one))
    else:
        _show(found)
    raise typer.Exit(int(any(one.offenders for one in found)))


def manifest_object(made: Manifest) -> dict[str, Any]:
    """Return what a backup says of itself, as JSON."""
    return {
        "made_at": made.made_at.isoformat(),
        "keep_until": made.keep_until.isoformat() if made.keep_until else None,
        "program": made.program,
        "schema": made.schema,
        "sha256": made.sha256,
        "size": made.size,
        "counts": dict(made.counts),
    }


def _show(found: Iterable[Finding]) -> None:
    from pipeline.cli.output import console, safe, table

    rows = list(found)
    if not rows:
        return
    made = table("Ledger", "what", "has to be true", ">wrong", "such as")
    for one in rows:
        cells = (one.check, one.claim, str(one.offenders) if one.offenders else "-", ", ".join(one.examples))
        made.add_row(*map(safe, cells))
    console().print(made)
    for one in rows:
        if one.offenders:
            console().print(safe(f"{one.check}: {one.advice}"), soft_wrap=True)
