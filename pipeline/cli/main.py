"""The command `triage`: its commands in the order in which people meet them, and how errors end it."""

from __future__ import annotations

import sys

import typer

from pipeline import __version__
from pipeline.cli import learning, reading, running, setup, show
from pipeline.errors import TriageError

app = typer.Typer(
    name="triage",
    help="Triage of partnership inquiries: poll mailboxes, tag by rules and classifier, assign to liaisons, send digests.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command(rich_help_panel="Begin")(show.demo)
app.command(rich_help_panel="Begin")(setup.init)
app.command(rich_help_panel="Begin")(setup.check)
app.command(rich_help_panel="Run")(running.run)
app.command(rich_help_panel="Run")(running.poll)
app.command(rich_help_panel="Run")(running.status)
app.command(rich_help_panel="Run")(running.digest)
app.command(rich_help_panel="Look")(reading.parse)
app.command(rich_help_panel="Look")(reading.tag)
app.command(rich_help_panel="Look")(reading.explain)
app.command(rich_help_panel="Learn")(learning.train)
app.command(rich_help_panel="Learn")(learning.evaluate)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command; a TriageError ends it with one clear message and its exit status."""
    try:
        app()
    except TriageError as error:
        for line in str(error).splitlines():
            print(f"triage: {line}", file=sys.stderr)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        # The reader of a pipe has seen enough.
        sys.stderr.close()
        sys.exit(1)
