"""Commands on old mail tagged anew: `retag`, `retag show`, `retag apply`, `retag drop`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    DEFAULT_SETTINGS,
    Dask,
    Json,
    SettingsFile,
    Workers,
    day_from,
    opened_ledger,
    settings_and_ledger,
)

if TYPE_CHECKING:
    from pipeline.records.retags import Retag
    from pipeline.service.retag_compared import Comparison
    from pipeline.service.retagging import Retagging

app = typer.Typer(rich_markup_mode=None)
_OPEN = typer.Option("--open", help="What was filed and is an inquiry after all is given to liaisons.")
# What came out for messages, for people.
_WORDS = {
    "same": "decided as before",
    "changed": "decided otherwise",
    "applied": "decided otherwise, and in force",
    "held": "left as they are: somebody deals with the inquiry",
    "stale": "left as they are: decided again meanwhile",
    "gone": "not kept any more",
    "failed": "could not be read or decided",
}


@app.callback(invoke_without_command=True)
def retag(
    context: typer.Context,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DAY", help="Only mail written on that day (UTC) or later, such as 2026-01-31."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="NAME", help="Which model; by default the one that serves."),
    ] = None,
    workers: Workers = 1,
    dask: Dask = "",
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Decide old mail anew with the rules and the model of now; nothing changes until `triage retag apply`.

    Goes on where it was after an interruption.

    Example: triage retag --since 2020-01-01 --workers 4
    """
    if context.invoked_subcommand is not None:
        return
    from pipeline.cli.importing import check_workers, going_on
    from pipeline.cli.measuring import with_model
    from pipeline.cli.output import complain, progress
    from pipeline.service.retagging import Retagging
    from pipeline.wiring import utc_now
    from pipeline.wiring.workers import orders, retagging_crew, witnesses

    check_workers(workers, dask)
    day = day_from("--since", since)
    with settings_and_ledger(settings) as (loaded, ledger):
        tried = with_model(loaded, model)
        job = Retagging(ledger=ledger, clock=utc_now)
        begun = job.begin(witnesses(orders(tried)), day)
        with going_on(), retagging_crew(tried, workers, dask) as crew, progress() as show:
            done = job.run(begun, crew, show)
    if done is None:
        complain("another process works on the retag; left to that one")
        raise typer.Exit(1)
    _tell(done, as_json)
    if not as_json:
        print("compare with: triage retag show")


@app.command(short_help="What it would change, and whether it is better")
def show(
    reopen: Annotated[bool, _OPEN] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Show what the retag would change, and how it fares against what people said.

    Example: triage retag show --json
    """
    from pipeline.cli.output import write_json
    from pipeline.service.retag_compared import compare

    with _job(settings) as job:
        found = job.open()
        compared = compare(job.ledger.retags.differences(found), reopen=reopen)
    if as_json:
        write_json(retag_object(found) | {"comparison": compared.as_json()})
        return
    _tell(found, as_json)
    _show(compared)


@app.command(short_help="Let it take hold")
def apply(
    reopen: Annotated[bool, _OPEN] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Let the retag take hold; the decisions before stay, what people said stays above all.

    What somebody deals with is left as it is. Goes on where it was after an interruption.

    Example: triage retag apply
    """
    from pipeline.cli.importing import going_on
    from pipeline.cli.output import progress

    with _job(settings) as job, going_on(), progress() as bars:
        done = job.apply(reopen=reopen, progress=bars)
    _tell(done, as_json)


@app.command(short_help="Forget it; nothing has changed")
def drop(as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Forget the retag; nothing has changed by it.

    Example: triage retag drop
    """
    with _job(settings) as job:
        done = job.drop()
    _tell(done, as_json)


def retag_object(found: Retag) -> dict[str, Any]:
    """Return a retag, as JSON."""
    return {
        "stage": found.stage.value,
        "model": found.witnesses.model_version,
        "rules": found.witnesses.rulebook_version,
        "since": found.since.date().isoformat() if found.since else None,
        "begun_at": found.begun_at.isoformat(),
        "messages": {name.value: count for name, count in sorted(found.counts.items())},
    }


@contextmanager
def _job(settings: Path) -> Iterator[Retagging]:
    from pipeline.service.retagging import Retagging
    from pipeline.wiring import utc_now

    with opened_ledger(settings) as ledger:
        yield Retagging(ledger=ledger, clock=utc_now)


def _tell(found: Retag, as_json: bool) -> None:
    from pipeline.cli.output import console, table, write_json

    told = retag_object(found)
    if as_json:
        write_json(told)
        return
    since = f", mail since {told['since']}" if told["since"] else ""
    print(f"Retag: {told['stage']}; model {told['model'] or 'none'}, rules {told['rules']}{since}\n")
    if not any(told["messages"].values()):
        print("no messages\n")
        return
    made = table("", "messages", ">count")
    for name, words in _WORDS.items():
        if told["messages"].get(name):
            made.add_row(words, f"{told['messages'][name]:,}")
    console().print(made)


def _show(found: Comparison) -> None:
    from pipeline.cli.output import console, table
    from pipeline.service.retag_compared import FIELDS, ordered

    held = f"; {found.held:,} stay as they are: somebody deals with them" if found.held else ""
    made = table(f"Inquiries that differ: {found.inquiries:,}{held}", "field", ">inquiries", "such as")
    for name in FIELDS:
        if found.fields[name]:
            made.add_row(name, f"{found.fields[name]:,}", " ".join(found.examples[name]))
    console().print(made)
    rises, falls = found.priorities["rises"], found.priorities["falls"]
    print(f"priority by 10 points or more: {rises:,} rise, {falls:,} fall\n")
    for name, pairs in found.tables.items():
        _pairs(f"Old and new {name}", ordered(pairs))
    if found.states:
        _pairs("States", ordered(found.states))
        print(f"such as {' '.join(found.examples['state'])}\n")
    made = table("Against what people said", "field", ">wrong, now right", ">right, now wrong")
    for name, one in sorted(found.people.items()):
        made.add_row(name, f"{one.righted:,}", f"{one.wronged:,}")
    if found.people:
        console().print(made)
    else:
        print("where people had said something, no value would become right or wrong")


def _pairs(title: str, pairs: list[tuple[tuple[str, str], int]]) -> None:
    from pipeline.cli.output import console, table

    made = table(title, "before", "after", ">inquiries")
    for (before, after), count in pairs:
        made.add_row(before, after, f"{count:,}")
    console().print(made)
