"""Commands for help desks of the OTRS family: what one lacks, and what its administrator imports."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.contents import group
from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, settings_from, settings_or_packaged

if TYPE_CHECKING:
    from pipeline.adapters.otrs.check import Finding
    from pipeline.settings.otrs import OtrsServer

app = group("Help desks of the OTRS family: see what one lacks, print what to import there.")
ServerName = Annotated[
    str, typer.Option("--server", metavar="NAME", help="Name of one of the [[otrs]] tables; by default all.")
]


class Import(StrEnum):
    """What an administrator imports."""

    WEB_SERVICE = "web-service"
    DYNAMIC_FIELDS = "dynamic-fields"


@app.command(short_help="What the web service, fields and rights lack")
def check(
    server: ServerName = "",
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Tell what the web service, the dynamic fields and the agent's rights lack; nothing is changed there.

    Example: triage otrs check --settings triage.toml
    """
    from pipeline.adapters.otrs.check import Level, findings
    from pipeline.cli.output import write_json

    found = [one for chosen in _servers(settings_from(settings).otrs, server) for one in findings(chosen)]
    if as_json:
        for one in found:
            write_json(asdict(one))
    else:
        _show(found)
    raise typer.Exit(int(any(one.level is Level.FAULT for one in found)))


@app.command("print", short_help="What to import there, as YAML")
def print_(
    what: Annotated[
        Import, typer.Argument(metavar="WHAT", help="The web service, or the list of dynamic fields.")
    ],
    server: ServerName = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Print what an administrator imports into the help desk, as YAML.

    Example: triage otrs print web-service > Triage.yml
    """
    from pipeline.adapters.otrs import setup as otrs_setup

    if what is Import.WEB_SERVICE:
        print(otrs_setup.web_service(), end="")
        return
    known = settings_or_packaged(settings).otrs
    chosen = _servers(known, server)[0] if known or server else None
    print(otrs_setup.dynamic_fields(chosen), end="")


def _servers(known: tuple[OtrsServer, ...], name: str) -> tuple[OtrsServer, ...]:
    from pipeline.declarative import suggestion
    from pipeline.errors import UsageError

    chosen = tuple(one for one in known if name in {"", one.name})
    if not known:
        raise UsageError("the settings have no [[otrs]] table; docs/otrs.md shows one")
    if not chosen:
        raise UsageError(
            f"--server {name}: no such [[otrs]] table{suggestion(name, [one.name for one in known])}"
        )
    return chosen


def _show(found: list[Finding]) -> None:
    from pipeline.cli.output import console, safe, table

    shown = table("", "server", "", "about", "what is so, and what to do")
    for one in found:
        shown.add_row(safe(one.server), one.level.value, safe(one.about), safe(one.message))
    console().print(shown)
