"""The command `status`: what is where, what is late, what failed, what comes next; and for monitoring, whether all is well."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, settings_and_ledger

if TYPE_CHECKING:
    from pipeline.records.status import Health, LedgerStatus
    from pipeline.routing.policy import Liaison
    from pipeline.service.ports import Ledger
    from pipeline.settings import Settings


def status(
    check: Annotated[
        bool, typer.Option("--check", help="One line for monitoring: OK, or TROUBLE and what it is.")
    ] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Show what the ledger holds, how the service fares, and what needs somebody.

    Exit status: 0 all is well; 1 there is trouble, which is named, or the ledger cannot be read; 2 the call or the
    settings are wrong.

    Example: triage status --json
    """
    from pipeline.cli.output import say, write_json
    from pipeline.cli.tables import health_object, show_health, show_status, status_object

    with settings_and_ledger(settings) as (loaded, ledger):
        found, fares = _looked(loaded, ledger)
    model = _model(loaded)
    if not model["name"] and loaded.folders.model:
        fares = replace(fares, troubles=(*fares.troubles, f"model: {model['why']}"))
    if as_json:
        write_json(status_object(found) | health_object(fares) | {"model": model})
    elif check:
        print(_line(fares, found))
    else:
        show_status(found, fares)
        print(f"model in force: {model['name'] or 'none'}: {model['why']}")
        show_health(fares)
        for trouble in fares.troubles:
            say(f"trouble: {trouble}")
    raise typer.Exit(int(bool(fares.troubles)))


def _looked(settings: Settings, ledger: Ledger) -> tuple[LedgerStatus, Health]:
    from pipeline.service.health import health
    from pipeline.wiring import utc_now

    now = utc_now()
    found = ledger.reports.status(now)
    return found, health(found, settings, now, ledger.jobs.is_gone, _desks(settings))


def _desks(settings: Settings) -> tuple[Liaison, ...]:
    """Return who gets digests; nobody where that cannot be told."""
    from pipeline.errors import UsageError
    from pipeline.wiring import policy

    try:
        return tuple(policy(settings).desks)
    except UsageError:
        return ()


def _line(fares: Health, found: LedgerStatus) -> str:
    """Return the line that Nagios and its kin show, with figures behind the bar."""
    figures: dict[str, Any] = {
        "waiting": found.messages.get("new", 0),
        "set_aside": len(found.set_aside),
        "queued": found.outbox.get("queued", 0),
        "unassigned": found.unassigned,
        "overdue": found.overdue,
    }
    lags = [one.lag_seconds for one in fares.accounts if one.lag_seconds is not None]
    if lags:
        figures["lag"] = f"{max(lags):.0f}s"
    told = " ".join(f"{name}={value}" for name, value in figures.items())
    # A bar would end the words for people.
    words = "; ".join(fares.troubles).replace("|", "/")
    return f"TROUBLE - {words} | {told}" if words else f"OK - all is well | {told}"


def _model(settings: Settings) -> dict[str, str]:
    """Return which model serves and why, or why that cannot be told."""
    from pipeline.errors import ModelError
    from pipeline.wiring import serving

    try:
        found = serving(settings)
    except ModelError as error:
        return {"name": "", "why": str(error)}
    return {"name": found.name, "why": found.why}
