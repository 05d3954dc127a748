"""Commands by which things go: `forget` a person, and `retention`, which lets go of what was kept long enough."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, Yes, settings_and_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipeline.adapters.ledger import SqlLedger
    from pipeline.records.keeping import Gone, Spot
    from pipeline.settings import Settings
    from pipeline.wiring.keeping import Found

# Seconds to wait for another process to end its work on the ledger.
_PATIENCE = 60
_WORDS = {
    "raw": "octets of messages",
    "mails": "octets of mails that were sent",
    "personal": "names, addresses, texts: messages",
    "evidence": "evidence: decisions",
    "set_aside": "set aside",
}
Places = Annotated[
    list[Path] | None,
    typer.Option(
        "--also", metavar="PATH", help="A file or folder to be searched as well; may be given again."
    ),
]


def forget(
    who: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS|KEY", help="A person, or who wrote in an inquiry.", show_default=False
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what there is; change nothing.")] = False,
    yes: Yes = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Forget all on the list of hashes again, after an old ledger was put back."
        ),
    ] = False,
    also: Places = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Remove a person everywhere, in every spelling of the address, and prove it; counts stay.

    Exit status 1 if the person is still found somewhere.

    Example: triage forget anna@museum.example --dry-run
    """
    from pipeline.errors import UsageError
    from pipeline.wiring.keeping import forgetter

    if bool(who) == again:
        raise UsageError("name an address or the KEY of an inquiry, or give --again alone")
    if again and (dry_run or also):
        raise UsageError("--again goes with neither --dry-run nor --also; leave them out")
    with settings_and_ledger(settings) as (loaded, ledger):
        if again:
            _again(loaded, ledger, as_json=as_json)
            return
        addresses = forgetter(ledger).addresses(who)
        _refuse_configured(loaded, addresses)
        clean = [
            _one(loaded, ledger, address, dry_run=dry_run, yes=yes, also=also or (), as_json=as_json)
            for address in addresses
        ]
    raise typer.Exit(int(not all(clean)))


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count; change nothing.")] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Let go of what is older than the periods of [retention]; `triage run` does so every day. What is open stays.

    Example: triage retention --dry-run
    """
    from pipeline.cli.output import console, table, write_json
    from pipeline.service.retention import PERIODS, Keeper
    from pipeline.wiring import utc_now

    with settings_and_ledger(settings) as (loaded, ledger):
        keeper = Keeper(store=ledger.retention, settings=loaded.retention, clock=utc_now)
        if dry_run:
            found = keeper.due()
        else:
            with _working(ledger):
                found = keeper.run()
    if as_json:
        write_json({"dry_run": dry_run, **found})
        return
    made = table("To go now" if dry_run else "Gone", "what", "kept for", ">count")
    for what, words in _WORDS.items():
        days = getattr(loaded.retention, PERIODS[what])
        made.add_row(words, f"{days} days" if days else "ever", str(found[what]))
    console().print(made)


def _one(
    settings: Settings,
    opened: SqlLedger,
    address: str,
    *,
    dry_run: bool,
    yes: bool,
    also: Sequence[Path],
    as_json: bool,
) -> bool:
    """Forget one address, or show what there is of it; return whether nothing is left."""
    from pipeline.cli.stuck import confirm
    from pipeline.wiring import keeping

    forgetter = keeping.forgetter(opened)
    told = forgetter.find(address)
    if dry_run:
        files = keeping.in_files(settings, address, told.names, also)
        _tell(address, told, (), files, dry_run=True, as_json=as_json)
        return True
    if not as_json:
        _tell(address, told, (), (), dry_run=True, as_json=False)
    confirm(f"Remove {address} for good?", yes=yes)
    with _working(opened), _untagged(opened):
        gone = forgetter.forget(address)
        keeping.note_forgotten(settings, opened)
        keeping.empty_caches(address, told.names)
        keeping.compact(opened)
    spots = forgetter.traces(address, told.names)
    files = keeping.in_files(settings, address, told.names, also)
    _tell(address, gone, spots, files, dry_run=False, as_json=as_json)
    return not spots and not any(one.what == "address" and not one.backup for one in files)


def _refuse_configured(settings: Settings, addresses: Sequence[str]) -> None:
    """Stop where the settings name the person: with the next digest they would be back."""
    from pipeline.errors import UsageError
    from pipeline.wiring import keeping

    named = [(one, where) for one in addresses for where in keeping.configured(settings, one)]
    if named:
        lines = (
            f"{one} stands in {where}; take it out there first, else it comes back" for one, where in named
        )
        raise UsageError("\n".join(lines))


def _again(settings: Settings, opened: SqlLedger, *, as_json: bool) -> None:
    from pipeline.cli.output import write_json
    from pipeline.wiring import keeping

    with _working(opened), _untagged(opened):
        back = keeping.forget_again(settings, opened)
        if back:
            keeping.compact(opened)
    if as_json:
        write_json({"forgotten": len(back)})
    else:
        print(f"forgotten again: {len(back)}")


@contextmanager
def _working(opened: SqlLedger, name: str = "work") -> Iterator[None]:
    """Hold a lease; by default that of those who assign, import, and let go of old things."""
    from contextlib import ExitStack

    from pipeline.service.leases import leased
    from pipeline.wiring import utc_now

    with ExitStack() as held:
        _wait(lambda: held.enter_context(leased(opened.leases, name, utc_now)) is not None)
        yield


@contextmanager
def _untagged(opened: SqlLedger) -> Iterator[None]:
    """See to it that nobody tags: new mail waits, and what others have in hand is done with."""
    from pipeline.records.keeping import FORGET
    from pipeline.wiring import utc_now

    with _working(opened, FORGET):
        _wait(lambda: not opened.messages.in_hand(utc_now()))
        yield


def _wait(done: Callable[[], bool]) -> None:
    import time

    from pipeline.errors import UsageError

    end = time.monotonic() + _PATIENCE
    while not done():
        if time.monotonic() > end:
            raise UsageError("another process works on the ledger; try again in a while")
        time.sleep(0.5)


def _tell(
    address: str,
    gone: Gone,
    spots: Sequence[Spot],
    files: Sequence[Found],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    from pipeline.cli.output import write_json

    if as_json:
        write_json(forget_object(address, gone, spots, files, dry_run=dry_run))
        return
    _tell_rows(address, gone, dry_run=dry_run)
    _tell_places(spots, files, dry_run=dry_run)


def _tell_rows(address: str, gone: Gone, *, dry_run: bool) -> None:
    from pipeline.cli.output import console, safe, table

    named = f" ({', '.join(gone.names)})" if gone.names else ""
    console().print(
        safe(f"{address}{named}: {gone.messages} messages; {', '.join(gone.keys) or 'no inquiry'}")
    )
    if gone.rows:
        made = table("What there is" if dry_run else "What was taken out", "table", ">rows")
        for name, count in gone.rows.items():
            made.add_row(name, str(count))
        console().print(made)
    if gone.closed:
        verb = "would be" if dry_run else "were"
        console().print(
            safe(f"open inquiries with nobody left to answer {verb} closed: {', '.join(gone.closed)}")
        )


def _tell_places(spots: Sequence[Spot], files: Sequence[Found], *, dry_run: bool) -> None:
    from pipeline.cli.output import console, safe

    shown = console()
    for (table, column), count in Counter((one.table, one.column) for one in spots).items():
        shown.print(safe(f"still in the ledger: {table}.{column}, {count} rows"))
    backups = {one.path: one for one in files if one.backup}
    for one in (*(one for one in files if not one.backup), *backups.values()):
        if one.backup:
            end = f"to be deleted on {one.until:%Y-%m-%d}" if one.until else "without an end: delete it"
            shown.print(safe(f"in a backup: {one.path}, {end}"), soft_wrap=True)
        else:
            name = " (others may have that name)" if one.what == "name" else ""
            shown.print(
                safe(f"in a file: {one.path}: the {one.what}, {one.count} times{name}"), soft_wrap=True
            )
    if not dry_run and not spots and not files:
        shown.print("searched again, in the ledger's rows and files, caches and backups: found nothing")


def forget_object(
    address: str, gone: Gone, spots: Sequence[Spot], files: Sequence[Found], *, dry_run: bool
) -> dict[str, Any]:
    """Return what was forgotten and what is left, as JSON."""
    return {
        "address": address,
        "dry_run": dry_run,
        "names": list(gone.names),
        "inquiries": list(gone.keys),
        "closed": list(gone.closed),
        "messages": gone.messages,
        "rows": dict(gone.rows),
        "left_in_ledger": [asdict(one) for one in spots],
        "left_in_files": [
            {
                "file": str(one.path),
                "what": one.what,
                "count": one.count,
                "backup": one.backup,
                "until": one.until.isoformat() if one.until else None,
            }
            for one in files
        ],
    }
