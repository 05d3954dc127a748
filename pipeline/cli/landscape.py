"""The command `landscape`: the register as the public may read it, and what becomes public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, Since, day_from, own_login
from pipeline.records.outcomes import Outcome

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.records.organisations import LandscapeRow, Listing, Section
    from pipeline.service.ports_organisations import LandscapeStore

app = typer.Typer(rich_markup_mode=None)
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="DAY", help="Only inquiries up to this day, such as 2026-12-31."),
]
Keys = Annotated[list[str], typer.Argument(metavar="KEY", help="KEYs of inquiries.")]


@app.callback(invoke_without_command=True)
def landscape(
    context: typer.Context,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV: approved rows only.")] = False,
    as_wiki: Annotated[bool, typer.Option("--wiki", help="Write wikitext: approved rows only.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write JSON, one object a line: approved rows only.")
    ] = False,
    since: Since = None,
    until: Until = None,
    everything: Annotated[
        bool, typer.Option("--all", help="With --csv, --wiki, --json: rows that nobody approved, too.")
    ] = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Print the landscape: partnerships, exploratory discussions, endorsements given.

    On the terminal all rows are listed, with a mark at the public ones. What is written for publication has approved rows only.

    Example: triage landscape --wiki --since 2026-01-01
    """
    if context.invoked_subcommand is not None:
        return
    _one_format(as_csv, as_wiki, as_json)
    listings = _listings(settings, since, until)
    if not (as_csv or as_wiki or as_json):
        _show(listings)
        return
    from pipeline.service import landscape as steps

    rows = steps.everything(listings) if everything else steps.public(listings)
    _write(rows, listings, as_csv=as_csv, as_wiki=as_wiki)


@app.command("set", short_help="Note how an inquiry ended")
def set_(
    key: Annotated[str, typer.Argument(help="KEY of the inquiry.", metavar="KEY")],
    outcome: Annotated[
        Outcome | None,
        typer.Option("--outcome", metavar="OUTCOME", help=f"How it ended: {', '.join(Outcome)}."),
    ] = None,
    nature: Annotated[
        str | None,
        typer.Option("--nature", metavar="TEXT", help="What came of it, in a few words for the public."),
    ] = None,
    background: Annotated[
        str | None, typer.Option("--background", metavar="URL", help="Where to read of it.")
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Note how an inquiry ended, and what the public may read of it once it is approved.

    Example: triage landscape set K7QX2M --outcome partnership --background https://wiki.example/glass --nature "Scans of glass plates"
    """
    from pipeline.cli.orgs import opened
    from pipeline.service import landscape as steps
    from pipeline.wiring import utc_now

    with opened(settings) as ledger:
        steps.settle(ledger.landscape, key, utc_now, outcome=outcome, nature=nature, background=background)
        listing = ledger.landscape.listing(key)
    _answer(key, listing, as_json=as_json)


@app.command(short_help="Make rows public as they are now")
def approve(
    keys: Keys,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="NAME",
            help="Who approves, by default the name you are logged in by; kept in the ledger, never printed.",
        ),
    ] = "",
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Make rows public as they are now; a later change has to be approved again.

    Example: triage landscape approve K7QX2M --by Ana
    """
    from pipeline.cli.orgs import opened
    from pipeline.service import landscape as steps
    from pipeline.wiring import utc_now

    with opened(settings) as ledger:
        steps.approve(ledger.landscape, keys, by or own_login(), utc_now)
        _answer_all(ledger.landscape, keys, as_json=as_json)


@app.command(short_help="Make public rows private again")
def withdraw(keys: Keys, as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Make public rows private again.

    Example: triage landscape withdraw K7QX2M
    """
    from pipeline.cli.orgs import opened
    from pipeline.service import landscape as steps
    from pipeline.wiring import utc_now

    with opened(settings) as ledger:
        steps.withdraw(ledger.landscape, keys, utc_now)
        _answer_all(ledger.landscape, keys, as_json=as_json)


def row_object(row: LandscapeRow, listing: Listing | None) -> dict[str, Any]:
    """Return a row as JSON; `listing` tells whether it is public."""
    from pipeline.digest.landscape import has_changed, name
    from pipeline.links import web_address

    return {
        "table": row.section.value,
        "inquiry": row.inquiry,
        "organisation": name(row),
        "type": row.partner_type,
        "country": row.country,
        "region": row.region,
        "asks": row.asks,
        "activities": list(row.activities),
        "nature": row.nature,
        "background": web_address(row.background),
        "state": row.state,
        "outcome": row.outcome,
        "since": row.since.isoformat(),
        "public": listing is not None and listing.approved is not None,
        "changed": listing is not None and has_changed(listing),
    }


def _one_format(*formats: bool) -> None:
    from pipeline.errors import UsageError

    if sum(formats) > 1:
        raise UsageError("--csv, --wiki and --json exclude each other; give one of them")


def _listings(settings: Any, since: str | None, until: str | None) -> tuple[Listing, ...]:
    from pipeline.cli.orgs import opened
    from pipeline.errors import UsageError

    faults: list[str] = []
    first, last = _day("--since", since, faults), _day("--until", until, faults)
    if first and last and first > last:
        faults.append(f"--since {since} is after --until {until}")
    if faults:
        raise UsageError("\n".join(faults))
    with opened(settings) as ledger:
        return ledger.landscape.listings(first, last + timedelta(days=1) if last else None)


def _day(option: str, text: str | None, faults: list[str]) -> datetime | None:
    from pipeline.errors import UsageError

    try:
        return day_from(option, text)
    except UsageError as fault:
        faults.append(str(fault))
        return None


def _write(rows: Sequence[LandscapeRow], listings: Sequence[Listing], *, as_csv: bool, as_wiki: bool) -> None:
    import sys

    from pipeline.cli.output import say, write_json
    from pipeline.digest.landscape import as_csv as csv_text
    from pipeline.digest.landscape import as_wikitext

    if as_csv or as_wiki:
        sys.stdout.write(csv_text(rows) if as_csv else as_wikitext(rows))
    else:
        known = {one.row.inquiry: one for one in listings}
        for row in rows:
            write_json(row_object(row, known.get(row.inquiry)))
    if listings and not rows:
        say(f"No row is public; {len(listings)} wait: triage landscape, then triage landscape approve KEY")


def _mark(listing: Listing) -> str:
    from pipeline.digest.landscape import has_changed

    if listing.approved is None:
        return ""
    return "as before" if has_changed(listing) else "yes"


def _show(listings: Sequence[Listing], *, whole: bool = True) -> None:
    """Print the rows by table, each table on its own; without `whole` only tables that have some."""
    from pipeline.cli.output import console, say
    from pipeline.digest.landscape import has_changed
    from pipeline.records.organisations import Section

    screen = console()
    for section in Section:
        mine = sorted(
            (each for each in listings if each.row.section is section),
            key=lambda each: (each.row.organisation.casefold(), each.row.since),
        )
        if mine or whole:
            screen.print(_table(section, mine))
            screen.print()
    if any(map(has_changed, listings)):
        say('"as before": changed since it was approved; the public reads what was approved.')


def _table(section: Section, listings: Sequence[Listing]) -> Table:
    """Return one table, with what does not fit beside each other below each other."""
    from pipeline.cli.output import safe, table
    from pipeline.digest import landscape as shown
    from pipeline.links import web_address

    made = table(
        f"{shown.TITLES[section]} ({len(listings)})", "key", "organisation", "about", "since", "public"
    )
    for column, fixed in zip(made.columns, (True, False, False, True, True), strict=True):
        column.no_wrap = fixed
        column.overflow = "fold"
    for each in listings:
        row = each.row
        who = ", ".join(filter(None, (shown.kind(row), shown.place(row))))
        what = (shown.about(row), web_address(row.background), shown.state(row))
        made.add_row(
            row.inquiry,
            safe("\n".join(filter(None, (shown.name(row), who)))),
            safe("\n".join(filter(None, what))),
            row.since.isoformat(),
            _mark(each),
        )
    return made


def _answer_all(store: LandscapeStore, keys: Sequence[str], *, as_json: bool) -> None:
    for key in dict.fromkeys(map(str.upper, keys)):
        _answer(key, store.listing(key), as_json=as_json)


def _answer(key: str, listing: Listing | None, *, as_json: bool) -> None:
    from pipeline.cli.output import say, write_json

    if listing is None:
        say(f"{key.upper()}: noted; it has no row in the landscape")
    elif as_json:
        write_json(row_object(listing.row, listing))
    else:
        _show([listing], whole=False)
