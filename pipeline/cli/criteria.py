"""Commands on the criteria grid: `criteria show` prints it, `criteria preview` tries another one on past inquiries."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.contents import group
from pipeline.cli.options import (
    DEFAULT_SETTINGS,
    Json,
    SettingsFile,
    Since,
    day_from,
    settings_from,
    settings_or_packaged,
)

if TYPE_CHECKING:
    from pipeline.assess.grid import CriteriaPolicy, When
    from pipeline.rulebook.book import Rulebook
    from pipeline.service.criteria import LineChange, Moved, Preview
    from pipeline.settings import Settings

app = group("The criteria grid and the priority: show them, or try other weights on past inquiries.")
_WIDE = 60


@app.command(short_help="The lines of the sum, with their points")
def show(
    file: Annotated[
        Path | None, typer.Argument(help="A criteria.toml; by default the one in force.", metavar="FILE")
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Print the lines of the priority's sum, with the points and the conditions of each.

    Example: triage criteria show
    """
    from pipeline import wiring
    from pipeline.cli.output import console, safe, table, write_json

    loaded = settings_or_packaged(settings)
    policy = _changed(file, loaded) if file else wiring.criteria(loaded)
    rows = _rows(policy)
    if as_json:
        for name, points, words, condition in rows:
            write_json({"line": name, "points": points, "words": words, "when": condition})
        return
    shown = table(
        "Priority: the sum of these lines, cut off at 0 and 100", "line", ">points", "words", "when"
    )
    for name, points, words, condition in rows:
        shown.add_row(name, f"{points:+d}", safe(words), safe(condition))
    console().print(shown)


@app.command(short_help="What a changed grid would have made of the past")
def preview(
    file: Annotated[Path, typer.Argument(help="The changed criteria.toml.", metavar="FILE")],
    since: Since = None,
    top: Annotated[
        int, typer.Option("--top", min=0, metavar="N", help="How many of those that move to list.")
    ] = 15,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Show what a changed criteria.toml would have made of past inquiries; nothing is changed.

    Example: triage criteria preview criteria-2027.toml --since 2026-01-01
    """
    from pipeline.cli.output import write_json

    begins = day_from("--since", since)
    found = _preview(file, settings, begins)
    if as_json:
        write_json(preview_object(str(file), since, found))
    else:
        _show(str(file), since, found, top)


def preview_object(file: str, since: str | None, found: Preview) -> dict[str, Any]:
    """Return what `triage criteria preview --json` writes."""
    from pipeline.service.criteria import BANDS

    return {
        "file": file,
        "since": since,
        "graded": found.graded,
        "up": found.up,
        "down": found.down,
        "same": found.graded - len(found.moved),
        "distribution": [
            {"from": low, "to": high, "before": before, "after": after}
            for (low, high), before, after in zip(BANDS, found.before, found.after, strict=True)
        ],
        "moved": [_moved_object(each) for each in found.moved],
        "stale": list(found.stale),
        "lost": list(found.lost),
    }


def _moved_object(moved: Moved) -> dict[str, Any]:
    return {
        "key": moved.entry.key,
        "organisation": moved.entry.organisation,
        "subject": moved.entry.subject,
        "before": moved.before,
        "after": moved.after,
        "lines": [
            {"line": line.name, "before": line.before, "after": line.after, "words": line.words}
            for line in moved.lines
        ],
    }


def _preview(file: Path, settings: Path, since: datetime | None) -> Preview:
    from pipeline import wiring
    from pipeline.cli.output import progress
    from pipeline.service.criteria import preview

    loaded = settings_from(settings)
    book = wiring.rulebook(loaded)
    changed, current = _changed(file, loaded, book), wiring.criteria(loaded, book)
    with closing(wiring.ledger(loaded)) as ledger, wiring.mail_reader() as reader, progress() as bars:
        return preview(ledger.inquiries.past(since), reader, current, changed, bars)


def _changed(file: Path, settings: Settings, book: Rulebook | None = None) -> CriteriaPolicy:
    """Read the criteria in `file`, checked against the taxonomy and the rules in force."""
    from pipeline import wiring
    from pipeline.assess.grid import read_criteria

    known = [rule.id for rule in (book or wiring.rulebook(settings)).rules]
    return read_criteria(file, wiring.taxonomy(settings), known)


def _rows(policy: CriteriaPolicy) -> list[tuple[str, int, str, str]]:
    fixed = [
        ("kind", points, f"every message of the kind {kind}", f"kind {kind}")
        for kind, points in policy.fixed.items()
    ]
    lines = [
        (line.id, line.points, line.words, _condition(line.when) + (" (for each)" if line.each else ""))
        for line in policy.line
    ]
    further = [
        (element.id, element.points, element.words, " or ".join(map(_condition, element.told)))
        for element in policy.further
    ]
    return [*fixed, *lines, *further]


def _condition(when: When) -> str:
    """Return a condition in words."""
    values = ((name, getattr(when, name)) for name in type(when).model_fields)
    parts = [
        f"{name} {' or '.join(map(str, value))}"
        for name, value in values
        if isinstance(value, tuple) and value
    ]
    if when.longer:
        parts.append(f"text of {when.longer} characters")
    if when.days is not None:
        parts.append(f"answer needed in {max(0, when.beyond + 1)} to {when.days} days")
    if when.text:
        shown = ", ".join(when.terms)
        short = shown if len(shown) <= _WIDE else shown[:_WIDE].rpartition(", ")[0] + ", …"
        parts.append(f"one of {len(when.terms)} terms in {len(when.text)} languages ({short})")
    return ", ".join(parts) or "always"


def _show(file: str, since: str | None, found: Preview, top: int) -> None:
    from pipeline.cli.output import console, say

    period = f" since {since}" if since else ""
    same = found.graded - len(found.moved)
    print(f"{file} on {found.graded} inquiries{period}: {found.up} up, {found.down} down, {same} as before")
    if found.graded:
        console().print(_distribution(found))
    if found.moved and top:
        console().print(_movers(found.moved[:top]))
    hidden = len(found.moved) - top
    if hidden > 0:
        say(f"{hidden} more move; see them with --top {len(found.moved)}, or all with --json")
    if found.stale:
        say(f"the ledger has another priority for {len(found.stale)}, decided by other criteria than today's")
    if found.lost:
        say(
            f"{len(found.lost)} could not be graded, their mail is no longer kept: {', '.join(found.lost[:10])}"
        )


def _distribution(found: Preview) -> Any:
    from pipeline.cli.output import table
    from pipeline.service.criteria import BANDS

    shown = table("", "priority", ">now", ">changed", ">+/-")
    for (low, high), before, after in zip(BANDS, found.before, found.after, strict=True):
        if before or after:
            shown.add_row(f"{low:>2} to {high:>3}", str(before), str(after), f"{after - before:+d}")
    return shown


def _movers(moved: tuple[Moved, ...]) -> Any:
    from pipeline.cli.output import safe, table

    shown = table("Those that move farthest", "KEY", ">now", ">changed", ">+/-", "who", "lines that differ")
    for each in moved:
        who = each.entry.organisation or each.entry.author.name or each.entry.subject
        lines = "\n".join(map(_line_words, each.lines))
        shown.add_row(
            each.entry.key, str(each.before), str(each.after), f"{each.by:+d}", safe(who[:40]), safe(lines)
        )
    return shown


def _line_words(line: LineChange) -> str:
    return f"{line.name} {line.before:+d} → {line.after:+d}"
