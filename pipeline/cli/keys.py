"""Commands for the secrets of answers by mail: make them, replace them, see how long the old ones serve."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from pipeline.cli.contents import group
from pipeline.cli.options import DEFAULT_SETTINGS, SettingsFile

app = group("The secrets from which tokens of answers by mail are made.")


@app.command(short_help="Make the file of secrets")
def make(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Make the file that answers.key_file names, readable by its owner alone; `triage init` has done so.

    Example: triage keys make --settings triage.toml
    """
    from pipeline.adapters.files import keyfile
    from pipeline.cli.options import settings_from
    from pipeline.cli.output import say

    path = settings_from(settings).answers.key_file
    keyfile.make(path)
    say(f"written: {path}")


@app.command(short_help="Put a new secret into use")
def rotate(
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            min=1,
            max=366,
            metavar="N",
            help="Days for which tokens of the old one stay valid; by default answers.days.",
        ),
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="Void the old one at once: it has become known to others.")
    ] = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Put a new secret into use; digests that are on the way can still be answered for a while.

    Tracking addresses in answers to inquirers end with the old secret, too: a follow-up is then found by its references.

    Example: triage keys rotate --days 14
    """
    from pipeline.adapters.files import keyfile
    from pipeline.cli.options import settings_from
    from pipeline.cli.output import say
    from pipeline.errors import UsageError
    from pipeline.wiring import utc_now

    if now and days is not None:
        raise UsageError("--now and --days exclude each other; give one of them")
    answers = settings_from(settings).answers
    moment = utc_now()
    until = None if now else moment + timedelta(days=days or answers.days)
    if now and not keyfile.is_private(answers.key_file):
        keyfile.make_private(answers.key_file)
    keyfile.rotate(answers.key_file, moment, until)
    old = f"tokens of the old secret are valid until {until:%Y-%m-%d}" if until else "the old secret is void"
    say(f"written: {answers.key_file}; {old}")


@app.command("list", short_help="Which secrets serve, and until when")
def list_(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Show which secrets serve and until when; the secrets themselves are not shown.

    Example: triage keys list
    """
    from pipeline.cli.options import settings_from
    from pipeline.cli.output import moment
    from pipeline.wiring import keyring, utc_now

    ring = keyring(settings_from(settings))
    print("in use")
    for one in ring.serving(utc_now())[1:]:
        print(f"former, until {moment(one.until) if one.until else 'it is taken out'}")
