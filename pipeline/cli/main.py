"""The command `triage`: its table of contents, and how errors end it."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer

from pipeline import __version__
from pipeline.cli import (
    contents,
    criteria,
    demo,
    drift,
    fitting,
    forgetting,
    importing,
    keeping,
    keys,
    labels,
    landscape,
    learning,
    models,
    moving,
    orgs,
    otrs,
    reading,
    retag,
    routes,
    rules,
    running,
    setup,
    status,
    stuck,
    unit,
    wiki,
)
from pipeline.cli.output import complain
from pipeline.errors import TriageError

# What `triage --help` shows, in the order in which people meet it.
_CONTENTS: contents.Contents = {
    "Try it": {
        "demo": (demo.demo, "See the whole job done on sample mail"),
        "parse": (reading.parse, "Show how mails are read"),
        "tag": (reading.tag, "Tag mails: kind, type, region, priority"),
        "explain": (reading.explain, "Show all evidence for a decision"),
    },
    "Set up": {
        "init": (setup.init, "Write settings and liaisons, to be edited"),
        "check": (setup.check, "Check settings, rules, model and servers"),
        "keys": (keys.app, "The secrets of answers by mail: make, rotate"),
        "otrs": (otrs.app, "Help desks: what one lacks, what to import there"),
        "systemd": (unit.systemd, "Print a unit for systemd"),
    },
    "Run": {
        "run": (running.run, "Poll, tag, assign, send; stay up, or --once"),
        "poll": (running.poll, "Fetch what is new, and stop there"),
        "digest": (running.digest, "Send or preview digests"),
        "wiki": (wiki.app, "The week on a wiki: preview, publish"),
        "import": (importing.import_, "Bring archives in: mbox, Maildir, .eml"),
    },
    "Look": {
        "status": (status.status, "What is where, what is late, what failed"),
        "set-aside": (stuck.aside, "What a step failed on: list, show, retry, drop"),
        "outbox": (stuck.outbox, "Mail that did not leave: list, retry, drop"),
        "writebacks": (stuck.writebacks, "What help desks were not told: list, retry, drop"),
        "doctor": (keeping.doctor, "Examine the ledger: nothing lost, nothing double"),
        "drift": (drift.drift, "Have the mail or the tags changed"),
    },
    "Rules and people": {
        "rules": (rules.app, "Check, test, audit and try the rules"),
        "criteria": (criteria.app, "Show the criteria grid, try other weights"),
        "routes": (routes.app, "Who is there, what nobody covers, what if"),
        "orgs": (orgs.app, "The register of organisations: list, merge, split"),
        "landscape": (landscape.app, "Partnerships, talks, endorsements; what is public"),
    },
    "Learn": {
        "label": (labels.label, "Label mail, the most useful first"),
        "labels": (labels.app, "Labels of your own: export, audit"),
        "train": (learning.train, "Train a model on labelled mail"),
        "evaluate": (learning.evaluate, "Show how good it is on unseen mail"),
        "models": (models.app, "Compare, promote, roll back trained models"),
        "fit": (fitting.app, "Learn the weights of places and deadlines anew"),
        "retag": (retag.app, "Tag old mail anew; compare before it takes hold"),
    },
    "Keep": {
        "backup": (keeping.backup, "Back up the ledger while it is in use"),
        "restore": (keeping.restore, "Put a backup in place, checked"),
        "migrate": (keeping.migrate, "Bring the ledger's tables up to date"),
        "migrate-ledger": (moving.migrate_ledger, "Move the ledger to PostgreSQL, or back"),
        "retention": (forgetting.retention, "Let go of what was kept long enough"),
        "forget": (forgetting.forget, "Remove a person everywhere, and prove it"),
    },
}

app = typer.Typer(
    name="triage",
    cls=contents.titled(_CONTENTS),
    help="Triage of partnership inquiries: poll mailboxes, tag by rules and classifier, assign to liaisons, send digests.",
    epilog="triage COMMAND --help shows options and an example.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command; what people can mend ends it with a clear message and its exit status, not with a traceback."""
    # All that the program writes is about people: for its owner alone, unless a file says otherwise (models do).
    os.umask(0o077)
    try:
        _run()
    except TriageError as error:
        _fail(str(error), error.exit_status)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; what is left for it must not be tried, and told of, at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        from pipeline.service.machine import lacking

        why = lacking(error)
        if not why:
            raise
        _fail(why, 1)


def _run() -> None:
    """Run the command, and write out what it printed while it can still be told that this fails."""
    try:
        app()
    finally:
        if sys.stdout is not None:  # closed by whoever began the program
            sys.stdout.flush()


def _fail(message: str, status: int) -> NoReturn:
    complain(message)
    sys.exit(status)
