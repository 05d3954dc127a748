"""Commands for the wiki: see what would be published, and publish it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.contents import group
from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, settings_and_ledger

if TYPE_CHECKING:
    from pipeline.records.publications import PageReport
    from pipeline.records.work import Window
    from pipeline.service.ports import Ledger
    from pipeline.service.publication import Publisher
    from pipeline.settings import Settings

app = group("The committee's week on a wiki: see what would be published, and publish it.")
Week = Annotated[
    str | None,
    typer.Option("--week", metavar="WEEK", help="Such as 2026-W47; by default the newest that is over."),
]


@app.command(short_help="A week's page as wikitext; nothing is sent")
def preview(week: Week = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Print a week's page as wikitext; nothing is sent.

    Example: triage wiki preview --week 2026-W47
    """
    with _opened(settings) as (_, publisher, _ledger):
        print(publisher.section(_window(publisher, week))[0])


@app.command(short_help="Publish a week's page now")
def publish(
    week: Week = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Publish a week's page now, if something changed since; and try again what failed there.

    Example: triage wiki publish --week 2026-W47
    """
    from pipeline.service.leases import leased
    from pipeline.wiring import utc_now, wiki

    reports: list[PageReport] = []
    with _opened(settings) as (read, publisher, ledger):
        window = _window(publisher, week)
        publisher.queue_week(window, utc_now(), again=True)
        publisher.queue_index(utc_now(), again=True)
        place = wiki(read)
        try:
            with leased(ledger.leases, "publish", utc_now) as lease:
                if place is not None and lease is not None:
                    publisher.deliver(place, utc_now, tell=reports.append)
        finally:
            if place is not None:
                place.close()
        _report(reports, publisher, window, as_json=as_json, busy=lease is None)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Settings, Publisher, Ledger]]:
    from pipeline.errors import UsageError
    from pipeline.service.publication import publisher
    from pipeline.wiring import policy

    with settings_and_ledger(path) as (settings, ledger):
        made = publisher(ledger, policy(settings), settings)
        if made is None:
            raise UsageError(f"{path}: has no [wiki] table; docs/wiki.md shows one")
        yield settings, made, ledger


def _window(publisher: Publisher, week: str | None) -> Window:
    from pipeline.wiring import utc_now

    return publisher.weekly.named(week, utc_now()) if week else publisher.weekly.due(utc_now())


def _report(
    reports: list[PageReport], publisher: Publisher, window: Window, *, as_json: bool, busy: bool
) -> None:
    """Say what became of each page; of the week's own also where nothing was to be done."""
    from pipeline.cli.output import complain, say, write_json
    from pipeline.records.publications import PageReport, PageState

    title = publisher.title(window)
    known = publisher.ledger.publications.find(title)
    if known is not None and not any(one.page == title for one in reports):
        reports = [PageReport(page=title, state=PageState.UNCHANGED, revision=known.revision), *reports]
    for one in reports:
        if as_json:
            write_json(asdict(one))
        elif not one.detail:
            print(f"{one.page}: {one.state.value} (revision {one.revision})")
        if one.detail:
            say(f"triage: {one.detail}")  # the two lines that it may end with are to be copied as they are
    if busy:
        complain("another process is publishing; the page waits for it")
    failed = any(one.state in (PageState.LATER, PageState.REFUSED) for one in reports)
    raise typer.Exit(int(failed or busy))
