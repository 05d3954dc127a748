"""Commands that do the work: `poll`, `run`, `digest`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    DEFAULT_SETTINGS,
    Json,
    SettingsFile,
    opened_desk,
    settings_and_ledger,
    settings_from,
)

if TYPE_CHECKING:
    from pipeline.digest.render import Rendered
    from pipeline.service.digests import Digester
    from pipeline.service.rounds import Desk


class Which(StrEnum):
    """Kinds of digest."""

    DAILY = "daily"
    WEEKLY = "weekly"


def poll(as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Fetch what is new in all mailboxes into the ledger, and stop there.

    Example: triage poll
    """
    from pipeline.cli.output import complain, progress, write_json
    from pipeline.service import ingest
    from pipeline.wiring import mail_servers, utc_now

    with settings_and_ledger(settings) as (loaded, ledger), progress() as show:
        recorded, problems = ingest.poll(mail_servers(loaded), ledger, utc_now, show)
    if as_json:
        write_json(asdict(recorded) | {"problems": list(problems)})
    else:
        print(f"{recorded.stored} new, {recorded.known} known, {recorded.refused} set aside")
    for problem in problems:
        complain(problem)
    raise typer.Exit(int(bool(problems)))


def run(
    once: Annotated[bool, typer.Option("--once", help="One round, then stop (for cron).")] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Poll, tag, assign, send the digests that are due; again and again, or once.

    Example: triage run --once
    """
    from pipeline.cli.output import complain, console, progress, write_json
    from pipeline.cli.tables import report_object, round_table

    if not once:
        from pipeline.cli.staying import stay

        stay(settings_from(settings))
        return
    with opened_desk(settings) as desk:
        with progress() as show:
            report = desk.round(show)
        if as_json:
            write_json(report_object(report))
        else:
            console().print(round_table(report))
        for problem in report.problems:
            complain(problem)
        raise typer.Exit(int(bool(report.problems)))


def digest(
    which: Annotated[Which, typer.Argument(metavar="WHICH", help="For liaisons, or for the committee.")],
    preview: Annotated[
        Path | None,
        typer.Option(
            "--preview",
            metavar="FOLDER",
            help="Write .html, .txt and figures into this folder, and send nothing.",
        ),
    ] = None,
    week: Annotated[
        str | None,
        typer.Option(
            "--week",
            metavar="WEEK",
            help="For a weekly preview: such as 2026-W47; by default the newest that is over.",
        ),
    ] = None,
    liaison: Annotated[
        str | None,
        typer.Option(
            "--liaison",
            metavar="ID",
            help="For a daily preview: whose, be it empty; by default of all who have something to do.",
        ),
    ] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Send the digests that are due now, or preview them.

    Example: triage digest weekly --preview build/preview --week 2026-W47
    """
    from pipeline.errors import UsageError

    if week is not None and (preview is None or which is Which.DAILY):
        raise UsageError("--week goes with: triage digest weekly --preview FOLDER")
    if liaison is not None and (preview is None or which is Which.WEEKLY):
        raise UsageError("--liaison goes with: triage digest daily --preview FOLDER")
    with opened_desk(settings) as desk:
        digester = desk.digester()
        if preview is None:
            _send_now(desk, digester, which)
        elif which is Which.DAILY:
            _preview(_dailies(digester, desk, liaison), preview)
        else:
            _preview(_weekly(digester, desk, week), preview)


def _send_now(desk: Desk, digester: Digester, which: Which) -> None:
    from pipeline.errors import UsageError

    if desk.sender is None:
        raise UsageError("the settings have no [smtp] table: nothing can be sent; look with --preview FOLDER")
    now = desk.clock()
    queued = digester.queue_daily(now) if which is Which.DAILY else digester.queue_weekly(now)
    outcomes = desk.deliver()
    print(f"{queued} queued; " + ", ".join(f"{count} {name}" for name, count in outcomes.items()))


def _preview(made: Mapping[str, Rendered], folder: Path) -> None:
    from pipeline.cli.output import say

    if not made:
        say("No digest: nobody who gets digests now has anything to do.")
    for name, rendered in made.items():
        print(write_preview(folder, name, rendered))


def _dailies(digester: Digester, desk: Desk, liaison: str | None) -> dict[str, Rendered]:
    from pipeline.errors import UsageError

    known = [one.id for one in desk.policy.desks]
    if liaison is not None and liaison not in known:
        raise UsageError(f"--liaison {liaison}: nobody is called so; there are {', '.join(known)}")
    made = digester.daily(desk.clock(), liaison)
    return {f"daily-{one.id}": digester.render_daily(one, digest) for one, digest in made}


def _weekly(digester: Digester, desk: Desk, week: str | None) -> dict[str, Rendered]:
    weekly, now = digester.weekly, desk.clock()
    window = weekly.due(now) if week is None else weekly.named(week, now)
    return {f"weekly-{window.period}": weekly.render(weekly.summary(window))}


def write_preview(folder: Path, name: str, rendered: Rendered) -> Path:
    """Write a digest as one HTML page, as text, and what is attached to it into `folder`; return the path of the page."""
    from pipeline.digest.render import standalone
    from pipeline.errors import OutputError

    page = folder / f"{name}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(standalone(rendered), encoding="utf-8")
        page.with_suffix(".txt").write_text(rendered.text, encoding="utf-8")
        for attached, _, octets in rendered.attachments:
            (folder / attached).write_bytes(octets)
    except OSError as error:
        raise OutputError.at(folder, error) from None
    return page
