"""The command `triage`: its commands in the order in which people meet them, and how errors end it."""

from __future__ import annotations

import sys

import typer

from pipeline import __version__
from pipeline.cli import (
    criteria,
    drift,
    fitting,
    importing,
    keys,
    labels,
    landscape,
    learning,
    models,
    orgs,
    otrs,
    reading,
    routes,
    rules,
    running,
    setup,
    show,
    wiki,
)
from pipeline.errors import TriageError

app = typer.Typer(
    name="triage",
    help="Triage of partnership inquiries: poll mailboxes, tag by rules and classifier, assign to liaisons, send digests.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# In the order in which people meet them; the words are what `triage --help` shows.
_COMMANDS = (
    (show.demo, "See the whole job done on sample mail"),
    (setup.init, "Write settings and liaisons, to be edited"),
    (setup.check, "Check settings, rules, model and servers"),
    (running.run, "Poll, tag, assign, send; stay up, or --once"),
    (running.poll, "Fetch what is new, and stop there"),
    (importing.import_, "Bring archives in: mbox, Maildir, .eml"),
    (running.status, "What is where, what is late, what failed"),
    (running.digest, "Send or preview digests"),
    (reading.parse, "Show how mails are read"),
    (reading.tag, "Tag mails: kind, type, region, priority"),
    (reading.explain, "Show all evidence for a decision"),
    (learning.train, "Train a model on labelled mail"),
    (learning.evaluate, "Show how good it is on unseen mail"),
    (labels.label, "Label mail, the most useful first"),
    (drift.drift, "Have the mail or the tags changed"),
)
# Commands of commands.
_GROUPS = (
    (labels.app, "labels", "Labels of your own: export, audit"),
    (orgs.app, "orgs", "The register of organisations: list, merge, split"),
    (landscape.app, "landscape", "Partnerships, talks, endorsements; what is public"),
    (keys.app, "keys", "The secrets of answers by mail: make, rotate"),
    (otrs.app, "otrs", "Help desks: what one lacks, what to import there"),
    (wiki.app, "wiki", "The week on a wiki: preview, publish"),
    (criteria.app, "criteria", "Show the criteria grid, try other weights"),
    (fitting.app, "fit", "Learn the weights of places and deadlines anew"),
    (models.app, "models", "Compare, promote, roll back trained models"),
    (rules.app, "rules", "Check, test, audit and try the rules"),
    (routes.app, "routes", "Who is there, what nobody covers, what if"),
)
for _command, _words in _COMMANDS:
    app.command(short_help=_words)(_command)
for _group, _name, _words in _GROUPS:
    app.add_typer(_group, name=_name, short_help=_words)


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
