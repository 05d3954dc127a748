"""The command `routes`: who of the liaisons is there, what nobody covers, and what another liaisons.toml would have done."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    DEFAULT_SETTINGS,
    Json,
    SettingsFile,
    Since,
    day_from,
    opened_ledger,
    settings_from,
)

if TYPE_CHECKING:
    from pipeline.routing.coverage import Gap
    from pipeline.routing.policy import Liaison, Policy
    from pipeline.routing.simulate import Simulation
    from pipeline.taxonomy import Taxonomy

app = typer.Typer(rich_markup_mode=None)
LiaisonsFile = Annotated[
    Path | None,
    typer.Option("--liaisons", metavar="FILE", help="Another liaisons.toml; by default the one in force."),
]
Who = Annotated[str, typer.Argument(help="Id of a liaison or a group.", metavar="LIAISON")]


@app.callback(invoke_without_command=True)
def routes(context: typer.Context, as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Show all liaisons and groups: who is there, how much each has open, who stands in.

    Example: triage routes --json
    """
    if context.invoked_subcommand is not None:
        return
    from pipeline.cli.output import console, safe, table, write_json

    rows = _desk_rows(settings)
    if as_json:
        for row in rows:
            write_json(row)
        return
    shown = table("Liaisons and groups", "id", "name", ">open", ">capacity", "is", "stands in")
    for row in rows:
        shown.add_row(
            row["id"],
            safe(row["name"]),
            str(row["open"]),
            str(row["capacity"]),
            row["status"],
            row["stands_in"] or "",
        )
    console().print(shown)


@app.command(short_help="What nobody takes, or nobody reads")
def coverage(
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--language",
            metavar="CODE",
            help="Look at this language in all regions, such as fr; may be given again.",
        ),
    ] = None,
    liaisons: LiaisonsFile = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Show which type of partner from which region, in which language, nobody covers.

    Without --language: the larger official languages of each region.

    Example: triage routes coverage --language fr
    """
    from pipeline.cli.output import write_json
    from pipeline.routing.coverage import gaps

    policy, taxonomy = _policy(settings, liaisons)
    found = gaps(policy, taxonomy, _languages(language or []))
    if as_json:
        for gap in found:
            write_json({**asdict(gap), "combinations": gap.combinations})
        return
    _show_gaps(found, taxonomy)


@app.command(short_help="What another liaisons.toml would have done")
def simulate(
    since: Since = None,
    liaisons: LiaisonsFile = None,
    top: Annotated[int, typer.Option("--top", min=0, metavar="N", help="How many changes to list.")] = 15,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Give past inquiries out again, and show loads, what would have waited, and who would have got what.

    Nothing is changed. Weeks begin on Mondays, in UTC.

    Example: triage routes simulate --since 2026-01-01 --liaisons liaisons-2027.toml
    """
    from pipeline.cli.output import progress, write_json
    from pipeline.service.simulation import simulate as run

    begins = day_from("--since", since)
    policy, _ = _policy(settings, liaisons)
    with opened_ledger(settings) as ledger, progress() as show:
        found = run(ledger, policy, begins, show)
    if as_json:
        write_json(simulation_object(found))
    else:
        _show_simulation(found, top)


@app.command(short_help="Let a liaison take nothing for now")
def pause(who: Who, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Let a liaison take nothing until `resume`, as their own answer "pause" does.

    Example: triage routes pause lieve
    """
    from pipeline.wiring import utc_now

    desk = _known(settings, who)
    with opened_ledger(settings) as ledger:
        new = ledger.duties.pause(desk.id, "paused", "maintainer", utc_now())
    print(f"{desk.id} takes nothing for now" if new else f"{desk.id} was paused already")


@app.command(short_help="Let a liaison take inquiries again")
def resume(who: Who, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Let a liaison take inquiries again who paused, or to whom mail came back.

    Example: triage routes resume lieve
    """
    from pipeline.wiring import utc_now

    desk = _known(settings, who)
    with opened_ledger(settings) as ledger:
        kinds = ledger.duties.current().get(desk.id, frozenset())
        for kind in sorted(kinds):
            ledger.duties.end(desk.id, kind, "maintainer", utc_now())
    print(f"{desk.id} takes inquiries again" if kinds else f"{desk.id} was not paused by mail or by command")
    if desk.paused:
        print(f"but liaisons.toml says so still: paused = true for {desk.id!r}")


def simulation_object(found: Simulation) -> dict[str, Any]:
    """Return what `triage routes simulate --json` writes."""
    made = asdict(found)
    made["changes"] = [{**change, "at": change["at"].isoformat()} for change in made["changes"]]
    return made


def _desk_rows(settings: Path) -> list[dict[str, Any]]:
    from pipeline.routing.policy import Group
    from pipeline.routing.roster import deputy_of, on_duty
    from pipeline.wiring import utc_now

    policy, _ = _policy(settings, None)
    with opened_ledger(settings) as ledger:
        loads, off = ledger.inquiries.loads(), ledger.duties.current()
    now, serving = utc_now(), on_duty(policy, off)
    rows = []
    for desk in serving.desks:
        there = desk.is_present(now)
        deputy = None if there else deputy_of(desk, serving, now)
        kinds = sorted(off.get(desk.id, ())) or (["paused"] if desk.paused else [])
        rows.append(
            {
                "id": desk.id,
                "name": desk.name,
                "kind": desk.kind if isinstance(desk, Group) else "liaison",
                "open": loads.get(desk.id, 0),
                "capacity": desk.capacity,
                "status": "there" if there else ", ".join(kinds) or "away",
                "stands_in": deputy.id if deputy else None,
            }
        )
    return rows


def _policy(settings: Path, file: Path | None) -> tuple[Policy, Taxonomy]:
    """Return the liaisons of `file`, else those in force, and the taxonomy."""
    from pipeline import wiring
    from pipeline.routing.policy import load_policy

    read = settings_from(settings)
    taxonomy = wiring.taxonomy(read)
    return (load_policy(file, taxonomy) if file else wiring.policy(read)), taxonomy


def _known(settings: Path, who: str) -> Liaison:
    from pipeline.declarative import suggestion
    from pipeline.errors import UsageError

    policy, _ = _policy(settings, None)
    found = policy.by_id.get(who)
    if found is None:
        raise UsageError(f"no liaison has the id {who!r}{suggestion(who, policy.by_id)}")
    return found


def _languages(words: list[str]) -> tuple[str, ...]:
    from pipeline.errors import UsageError
    from pipeline.routing.words import is_language

    wrong = [word for word in words if not is_language(word)]
    if wrong:
        raise UsageError(f"--language: no ISO 639 code: {', '.join(wrong)}; write one such as fr")
    return tuple(dict.fromkeys(words))


def _show_gaps(found: tuple[Gap, ...], taxonomy: Taxonomy) -> None:
    from pipeline.cli.output import console, table
    from pipeline.routing.words import language_name, place_name, tag_words

    if not found:
        print("everything is covered")
        return
    all_types, all_regions = taxonomy.values("partner_type"), taxonomy.values("region")
    shown = table("Nobody covers", "region", "type of partner", "language", ">combinations")
    for gap in found:
        regions = [place_name(None, region) for region in gap.regions]
        everywhere = len(gap.regions) == len(all_regions) - 1
        shown.add_row(
            "all" if everywhere else "; ".join(regions),
            "all" if len(gap.types) == len(all_types) else ", ".join(map(tag_words, gap.types)),
            ", ".join(map(language_name, gap.languages)) or "any: only the fallback gets it",
            str(gap.combinations),
        )
    console().print(shown)


def _show_simulation(found: Simulation, top: int) -> None:
    from pipeline.cli.output import console, safe, table

    if not found.inquiries:
        print("no inquiry was given to anybody in that time")
        return
    loads = table(
        f"{found.inquiries} inquiries: as it was -> as it would have been",
        "liaison", ">capacity", ">given", ">most open", ">open at a week's end",
    )  # fmt: skip
    for desk in found.desks:
        then, now = desk.then, desk.now
        loads.add_row(
            desk.id,
            "-" if desk.capacity is None else str(desk.capacity),
            _pair(then.given, now.given),
            _pair(then.peak, now.peak),
            _pair(f"{then.mean:.1f}", f"{now.mean:.1f}"),
        )
    console().print(loads)
    weeks = table("Weeks", "week", ">given", ">waiting beyond capacity")
    for week in found.weeks:
        weeks.add_row(week.period, str(week.given), _pair(week.waiting_then, week.waiting_now))
    console().print(weeks)
    changed = table(
        f"{len(found.changes)} would have gone to somebody else", "inquiry", "day", "was", "would be", "why"
    )
    for change in found.changes[:top]:
        changed.add_row(change.key, f"{change.at:%Y-%m-%d}", change.then, change.now, safe(change.reason))
    console().print(changed)
    if len(found.changes) > top:
        print(f"and {len(found.changes) - top} more; list them with --top, or with --json")


def _pair(then: object, now: object) -> str:
    return f"{then}" if then == now else f"{then} -> {now}"
