"""Commands on the register of organisations: `orgs list`, `show`, `merge`, `split`, `move`, `rename`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.contents import group
from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, opened_ledger

if TYPE_CHECKING:
    from pipeline.adapters.ledger import SqlLedger
    from pipeline.adapters.ledger.organisations.register import OrganisationTable
    from pipeline.records.organisations import Profile

app = group("The register of organisations: who has written, when and about what; put matches right.")
Number = Annotated[int, typer.Argument(min=1, metavar="ID", help="Number of the organisation.")]
Inquiries = Annotated[
    list[str] | None,
    typer.Option("--inquiry", "-i", help="KEY of an inquiry; may be given again.", metavar="KEY"),
]


@app.command("list", short_help="Who has written, the last one first")
def list_(
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help="Part of a name or domain; by default all are listed.")
    ] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=1, metavar="N", help="How many at most, who wrote last first.")
    ] = 50,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """List the organisations that have written, who wrote last first.

    Example: triage orgs list museum --json
    """
    from pipeline.cli.output import say, write_json

    with _register(settings) as register:
        found = register.find(query, limit + 1)
    for profile in found[:limit] if as_json else ():
        write_json(profile_object(profile))
    if not as_json:
        _show_list(found[:limit])
    if len(found) > limit:
        say(f"There are more than {limit}; give a part of the name, or --limit.")


@app.command(short_help="One organisation and its inquiries")
def show(number: Number, as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Show one organisation: what is known of it, and its inquiries.

    Example: triage orgs show 7
    """
    from pipeline.cli.output import write_json
    from pipeline.errors import UsageError

    with _register(settings) as register:
        profile = register.profile(number)
    if profile is None:
        raise UsageError(f"{number}: no such organisation; see: triage orgs list")
    write_json(profile_object(profile, whole=True)) if as_json else _show_one(profile)


@app.command(short_help="Two are the same")
def merge(
    into: Annotated[int, typer.Argument(help="Number of the one that stays.", metavar="A", min=1)],
    other: Annotated[int, typer.Argument(help="Number of the one that is the same.", metavar="B", min=1)],
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Say that B is the same organisation as A; take it back with: triage orgs split B.

    Example: triage orgs merge 7 12
    """
    from pipeline.service import register as steps
    from pipeline.wiring import utc_now

    with _register(settings) as register:
        steps.merge(register, into, other, utc_now)
        _answer(register, into, as_json=as_json)


@app.command(short_help="Take a merge back, or part inquiries off")
def split(
    number: Number,
    inquiry: Inquiries = None,
    name: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help="What the new one is called; by default as its mails say."
        ),
    ] = "",
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Take a merge back, or make some inquiries an organisation of their own.

    Example: triage orgs split 7 --inquiry K7QX2M
    """
    from pipeline.service import register as steps
    from pipeline.wiring import utc_now

    with _register(settings) as register:
        made = steps.split(register, number, inquiry or [], utc_now, name)
        _answer(register, made, as_json=as_json)


@app.command(short_help="Give inquiries to an organisation")
def move(
    number: Number,
    inquiry: Annotated[list[str], typer.Argument(metavar="KEY", help="KEYs of inquiries.")],
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Give inquiries to an organisation, also such as belonged to none.

    Example: triage orgs move 7 K7QX2M
    """
    from pipeline.service import register as steps
    from pipeline.wiring import utc_now

    with _register(settings) as register:
        steps.move(register, number, inquiry, utc_now)
        _answer(register, number, as_json=as_json)


@app.command(short_help="Call one by another name")
def rename(
    number: Number,
    name: Annotated[str, typer.Argument(help="The name from now on.", metavar="NAME")],
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Call an organisation by another name; later mail under that name is found to be its.

    Example: triage orgs rename 7 "Museum of Glass"
    """
    from pipeline.service import register as steps
    from pipeline.wiring import utc_now

    with _register(settings) as register:
        steps.rename(register, number, name, utc_now)
        _answer(register, number, as_json=as_json)


@contextmanager
def opened(settings: Path) -> Iterator[SqlLedger]:
    """Give the ledger, with every inquiry registered that the last round did not reach."""
    from pipeline.service.register import register
    from pipeline.wiring import utc_now

    with opened_ledger(settings) as ledger:
        register(ledger.organisations, utc_now)
        yield ledger


@contextmanager
def _register(settings: Path) -> Iterator[OrganisationTable]:
    with opened(settings) as ledger:
        yield ledger.organisations


def profile_object(profile: Profile, *, whole: bool = False) -> dict[str, Any]:
    """Return an organisation as JSON; `whole` with its inquiries."""
    plain: dict[str, Any] = {
        "id": profile.id,
        "name": profile.name,
        "type": profile.kind,
        "country": profile.country,
        "region": profile.region,
        "domains": list(profile.domains),
        "inquiries": profile.inquiries,
        "first": profile.met_at.isoformat(),
        "last": profile.last_at.isoformat(),
        "merged_into": profile.merged_into,
    }
    if whole:
        plain["merged"] = [{"id": number, "name": name} for number, name in profile.merged]
        plain["contacts"] = [
            {
                "inquiry": one.inquiry,
                "at": one.opened_at.isoformat(),
                "kind": one.kind,
                "state": one.state,
                "activities": list(one.activities),
                "liaison": one.liaison,
                "outcome": one.outcome,
                "found_by": one.found_by,
            }
            for one in profile.contacts
        ]
    return plain


def _answer(register: OrganisationTable, number: int, *, as_json: bool) -> None:
    from pipeline.cli.output import write_json

    profile = register.profile(number)
    if profile is None:
        return
    write_json(profile_object(profile, whole=True)) if as_json else _show_one(profile)


def _show_list(found: tuple[Profile, ...]) -> None:
    from pipeline.cli.output import console, safe, say, table
    from pipeline.digest import clean
    from pipeline.tongue import tongue

    words = tongue("en")
    if not found:
        say("No organisation found.")
        return
    shown = table("Organisations", ">id", "name", "type", "country", ">inquiries", "last")
    for one in found:
        shown.add_row(
            str(one.id),
            safe(clean.line(one.name, 80)),
            words.tag("partner_type", one.kind) if one.kind else "",
            words.country(one.country) if one.country else "",
            str(one.inquiries),
            f"{one.last_at:%Y-%m-%d}",
        )
    console().print(shown)


def _show_one(profile: Profile) -> None:
    from pipeline.cli.output import console, safe, table
    from pipeline.digest import clean
    from pipeline.tongue import tongue

    words = tongue("en")
    console().print(f"{profile.id}  {safe(clean.line(profile.name, 120))}")
    facts = (
        words.tag("partner_type", profile.kind) if profile.kind else "",
        words.country(profile.country) if profile.country else "",
        ", ".join(profile.domains),
        f"merged into {profile.merged_into}" if profile.merged_into else "",
        *(f"with {number} {clean.line(name, 60)}" for number, name in profile.merged),
    )
    console().print("   " + safe("; ".join(filter(None, facts)) or "nothing else known"))
    shown = table("", "inquiry", "since", "kind", "about", "state", "liaison", "outcome", "found by")
    for one in profile.contacts:
        shown.add_row(
            one.inquiry,
            f"{one.opened_at:%Y-%m-%d}",
            words.tag("kind", one.kind),
            words.listing([words.tag("activities", each).lower() for each in one.activities]),
            words.tag("state", one.state),
            safe(one.liaison or ""),
            words.tag("outcome", one.outcome) if one.outcome else "",
            one.found_by,
        )
    console().print(shown)
