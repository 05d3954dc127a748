"""The command `drift`: has the mail, or have the tags, changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, day_from, settings_and_ledger

if TYPE_CHECKING:
    from pipeline.classify.drift import Drift, Measure


def drift(
    since: Annotated[
        str,
        typer.Option(
            "--since",
            metavar="DAY",
            help="When the present began, such as 2026-01-31; by default four weeks ago.",
        ),
    ] = "",
    reference: Annotated[
        str,
        typer.Option(
            "--reference", metavar="DAY", help="When the time before began; by default 26 weeks before that."
        ),
    ] = "",
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw it: a file .png, .svg or .pdf.")
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Hold the newest mail against the mail before it: kinds, types, languages, confidence, unknown words.

    Example: triage drift --since 2026-10-01 --json
    """
    from pipeline import wiring
    from pipeline.cli.output import say, write_json
    from pipeline.service.drift import drift as hold

    start, earlier = day_from("--since", since), day_from("--reference", reference)
    if plot:
        _check_kind(plot)
    with settings_and_ledger(settings) as (loaded, ledger):
        found = hold(ledger.corrections, wiring.model(loaded), wiring.utc_now(), start, earlier)
    write_json(drift_object(found)) if as_json else _show(found)
    if plot:
        _draw(found, plot)
        say(f"written: {plot}")


def drift_object(found: Drift) -> dict[str, Any]:
    """Return a comparison as JSON."""
    return {
        "reference": found.reference.isoformat(),
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "before": found.before,
        "now": found.now,
        "enough": found.enough,
        "models": list(found.models),
        "changed": [one.name for one in found.changed],
        "measures": [_measure_object(one) for one in found.measures],
    }


def _measure_object(one: Measure) -> dict[str, Any]:
    return {
        "name": one.name,
        "test": one.test,
        "before": one.before,
        "now": one.now,
        "statistic": round(one.statistic, 4),
        "p": one.p,
        "effect": round(one.effect, 4),
        "matters_from": one.least,
        "changed": one.changed,
        "moves": [
            {"value": move.value, "before": round(move.before, 4), "now": round(move.now, 4)}
            for move in one.moves
        ],
    }


def _show(found: Drift) -> None:
    from pipeline.classify.drift import FEWEST, LEVEL, line
    from pipeline.cli.output import console, safe, table

    span = f"{found.reference:%Y-%m-%d} to {found.since:%Y-%m-%d}, against {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}"
    if not found.enough:
        print(
            f"{span}: {found.before} and {found.now} inquiries; from {FEWEST} in each on there is something to tell."
        )
        return
    shown = table(
        span,
        "what",
        "test",
        ">before",
        ">now",
        ">statistic",
        ">p",
        ">effect",
        ">matters from",
        "",
        "moved most",
    )
    for one in sorted(found.measures, key=lambda each: (not each.changed, each.p)):
        moved = "; ".join(
            f"{move.value} {_figure(one, move.before)} > {_figure(one, move.now)}" for move in one.moves[:2]
        )
        figures = (
            str(one.before),
            str(one.now),
            f"{one.statistic:.2f}",
            f"{one.p:.2g}",
            f"{one.effect:.2f}",
            f"{one.least:.2f}",
        )
        shown.add_row(one.name, one.test, *figures, "changed" if one.changed else "", safe(moved))
    console().print(shown)
    print(line(found) or "Nothing has changed by more than chance and more than matters.")
    print(f"p: corrected for {len(found.measures)} tests (Holm); changed: p < {LEVEL} and effect as large as matters."
          f" Models: {', '.join(filter(None, found.models)) or 'none'}")  # fmt: skip


def _figure(one: Measure, value: float) -> str:
    return f"{value:.0%}" if one.test == "chi-square" else f"{value:.3g}"


def _check_kind(plot: Path) -> None:
    """Refuse a picture that cannot be drawn, before the work is done."""
    from pipeline.errors import UsageError

    if plot.suffix not in (".png", ".svg", ".pdf"):
        raise UsageError(f"{plot}: unknown kind of picture; end its name in .png, .svg or .pdf")


def _draw(found: Drift, path: Path) -> None:
    """Draw effect against what matters, a bar for each measure."""
    from matplotlib.figure import Figure

    from pipeline.errors import OutputError

    measures = sorted(found.measures, key=lambda one: one.effect / one.least)
    figure = Figure(figsize=(8, 1.2 + 0.32 * max(len(measures), 1)), layout="constrained")
    axes = figure.add_subplot()
    ratios = [one.effect / one.least for one in measures]
    colours = ["#b5442c" if one.changed else "#8a9ba8" for one in measures]
    axes.barh([f"{one.name}{'  *' if one.changed else ''}" for one in measures], ratios, color=colours)
    axes.axvline(1.0, color="#333333", linewidth=1, linestyle="--")
    axes.set_xlabel("effect, in multiples of what matters (* changed: no chance, and large enough)")
    axes.set_title(
        f"{found.since:%Y-%m-%d} to {found.until:%Y-%m-%d} ({found.now}) against the time from"
        f" {found.reference:%Y-%m-%d} on ({found.before})", fontsize=10, loc="left",
    )  # fmt: skip
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise OutputError.at(path, error) from None
