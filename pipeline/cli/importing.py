"""The command `import`: archives into the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, Dask, Json, SettingsFile, Workers, settings_and_ledger

if TYPE_CHECKING:
    from collections import Counter

    from pipeline.records.sources import Imported
    from pipeline.service.importing import PathImport
    from pipeline.service.ports import Ledger, Progress
    from pipeline.settings import Settings

# Outcome to words for people.
_OUTCOMES = {
    "assign": "inquiries",
    "review": "inquiries that a person should look at",
    "automated": "automatic mail",
    "spam": "spam",
    "file": "filed by a rule",
    "same": "other copies of a known message",
    "returned": "failures of delivery",
    "answer": "answers by mail",
    "forgotten": "mail of people who asked to be forgotten",
    "set-aside": "set aside: a step failed",
}


def import_(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH", help="mbox (also .gz), Maildir, folder of mail, .eml; any number."),
    ],
    live: Annotated[
        bool, typer.Option("--open", help="Their inquiries are still to be answered: liaisons get them.")
    ] = False,
    store_only: Annotated[
        bool, typer.Option("--store-only", help="Store now; `triage run` reads and tags later.")
    ] = False,
    workers: Workers = 1,
    dask: Dask = "",
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Bring archives into the ledger and tag them; nobody is answered, and without --open nobody gets work.

    Goes on where it was after an interruption; what is known already is counted as duplicate. Exit status 1 if a
    file is damaged or something was set aside.

    Example: triage import --workers 4 partners.mbox.gz ~/Maildir
    """
    from pipeline.adapters.archives.batches import MailArchives
    from pipeline.cli.output import complain, console, write_json
    from pipeline.service.importing import import_archives
    from pipeline.wiring import utc_now

    check_workers(workers, dask)
    with settings_and_ledger(settings) as (loaded, ledger), going_on():
        with _octets() as show:
            results = import_archives(paths, MailArchives(), ledger, utc_now, live=live, progress=show)
        outcomes = None if store_only else _tag(ledger, loaded, workers, dask)
    total = reduce(add, (one.imported for one in results))
    for line in (line for one in results for line in (*one.reasons, *one.problems)):
        complain(line)
    if as_json:
        write_json(import_object(results, total, outcomes, live=live))
    else:
        console().print(_table(results, total))
        _say_more(outcomes, live=live)
    raise typer.Exit(int(any(one.problems or one.reasons for one in results)))


# The word itself is taken in Python.
import_.__name__ = "import"


def import_object(
    results: Sequence[PathImport], total: Imported, outcomes: Counter[str] | None, *, live: bool
) -> dict[str, Any]:
    """Return what an import did, as JSON."""
    return {
        **_counts(total),
        "open": live,
        "paths": [
            {
                "path": one.path,
                **_counts(one.imported),
                "reasons": list(one.reasons),
                "problems": list(one.problems),
            }
            for one in results
        ],
        "outcomes": None if outcomes is None else dict(outcomes),
    }


def _counts(imported: Imported) -> dict[str, int]:
    names = {"known": "duplicates", "refused": "set_aside"}
    return {names.get(name, name): value for name, value in asdict(imported).items()}


def check_workers(workers: int, dask: str) -> None:
    """Refuse two kinds of workers at once.

    Raises
    ------
    UsageError
        If both are asked for.
    """
    from pipeline.errors import UsageError

    if dask and workers > 1:
        raise UsageError(
            "--workers and --dask exclude each other; take processes here, or those of a cluster"
        )


@contextmanager
def going_on() -> Iterator[None]:
    """Let Ctrl-C end the command with a word about what was done; exit status 130, as shells have it."""
    from pipeline.cli.output import complain

    try:
        yield
    except KeyboardInterrupt:
        complain("interrupted; the same command goes on where it was")
        raise typer.Exit(130) from None


def _tag(opened: Ledger, settings: Settings, workers: int, dask: str) -> Counter[str]:
    """Read and tag what waits; return how many ended how."""
    from collections import Counter

    from pipeline.cli.output import progress
    from pipeline.service.bulk import BulkTagging
    from pipeline.wiring import utc_now
    from pipeline.wiring.workers import answers_here, tagging_crew

    if not opened.messages.count_waiting():
        return Counter()
    with tagging_crew(settings, workers, dask) as crew, progress() as show:
        job = BulkTagging(
            ledger=opened,
            crew=crew,
            clock=utc_now,
            threads=settings.threads,
            answers=answers_here(settings, opened),
        )
        return job.run(show)


def _table(results: Sequence[PathImport], total: Imported) -> Any:
    from pipeline.cli.output import safe, table

    made = table("Import", "path", ">read", ">stored", ">duplicates", ">set aside", ">read in earlier runs")
    for one in results:
        made.add_row(safe(one.path), *_row(one.imported))
    if len(results) > 1:
        made.add_section()
        made.add_row("together", *_row(total))
    return made


def _row(imported: Imported) -> list[str]:
    counts = (imported.read, imported.stored, imported.known, imported.refused, imported.earlier)
    return [f"{count:,}" for count in counts]


def _say_more(outcomes: Counter[str] | None, *, live: bool) -> None:
    from pipeline.cli.output import console, table

    if outcomes is None:
        print("stored; `triage run` reads and tags it")
    elif outcomes:
        made = table("Tagged", "what", ">count")
        for name, words in _OUTCOMES.items():
            if outcomes[name]:
                made.add_row(words, f"{outcomes[name]:,}")
        console().print(made)
        if live and (outcomes["assign"] or outcomes["review"]):
            print("`triage run` gives the inquiries to liaisons")


@contextmanager
def _octets() -> Iterator[Progress]:
    """Show how many octets are through, on stderr and only if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<18}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    stderr = Console(stderr=True)
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal) as bars:
        task = bars.add_task("import", total=None)

        def show(step: str, done: int, total: int | None) -> None:  # noqa: ARG001 - as Progress has it
            bars.update(task, completed=done, total=total)

        yield show
