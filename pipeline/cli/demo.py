"""The command `demo`: see the whole job done within a minute, with nothing to configure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import Json


def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where the ledger and the mails go.")
    ] = Path("build/demo"),
    as_json: Json = False,
) -> None:
    """Run the whole pipeline over a sample mailbox, with servers inside the process; nothing to configure.

    Example: triage demo --out build/demo
    """
    from pipeline.cli.output import complain, console, progress, say, write_json
    from pipeline.cli.tables import demo_table, report_object, status_object
    from pipeline.demo.run import run_demo

    with progress() as show:
        report = run_demo(out, show)
    if as_json:
        write_json({**report_object(report.round), "status": status_object(report.status), "out": str(out)})
        raise typer.Exit(int(bool(report.round.problems)))
    console().print(demo_table(report.round, report.status))
    for problem in report.round.problems:
        complain(problem)
    if not report.files:
        say("Nothing new: every mail was seen before and every digest was sent.")
    for path in report.files:
        print(path.with_suffix(".html"))
    print(f"Mails (.eml), pages (.html) and ledger: {out}")
    say("The model has learnt from these very mails: of yours it will be less sure, and ask more.")
    raise typer.Exit(int(bool(report.round.problems)))
