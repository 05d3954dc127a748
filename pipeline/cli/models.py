"""Commands on trained models: `models list`, `show`, `compare`, `promote`, `rollback`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.contents import group
from pipeline.cli.learning import Cache, Fixtures
from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, settings_or_packaged

if TYPE_CHECKING:
    from pipeline.classify.compare import Comparison
    from pipeline.settings import Settings

app = group("Trained models: which there are, how they compare, which one serves.")
Name = Annotated[str, typer.Argument(help="Name of a model.", metavar="NAME")]


@app.command("list", short_help="Which there are, which one serves")
def list_(as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """List the models, which one serves, and whether they can be loaded.

    Example: triage models list
    """
    from pipeline import wiring
    from pipeline.cli.output import console, safe, say, table, write_json

    loaded = settings_or_packaged(settings)
    models, serving = wiring.models_folder(loaded), wiring.serving(loaded)
    rows = [_row(loaded, folder, serving.name) for folder in _folders(models)]
    if as_json:
        for row in rows:
            write_json(row)
        return
    shown = table("Models", "name", "version", "serves", ">mails", ">kind", ">partner_type", "rules", "state")
    for row in rows:
        figures = (str(row["examples"]), _score(row["kind"]), _score(row["partner_type"]))
        serves = "yes" if row["serves"] else ""
        cells = (row["name"], row["version"], serves, *figures, row["rules"], row["fault"] or "in order")
        shown.add_row(*map(safe, cells))
    console().print(shown)
    say(f"{models}: {serving.name or 'no model'} serves: {serving.why}")


@app.command(short_help="A model's report, or its card")
def show(name: Name, as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Show a model's report; with --json its card, and when it was promoted and tested.

    Example: triage models show base
    """
    from pipeline import wiring
    from pipeline.classify.bundle import checked
    from pipeline.classify.finals import opened
    from pipeline.classify.manifest import REPORT
    from pipeline.classify.promotion import promotions
    from pipeline.cli.output import say, write_json

    loaded = settings_or_packaged(settings)
    models = wiring.models_folder(loaded)
    card, files = checked(models / name, wiring.taxonomy(loaded))
    steps = [one for one in promotions(models).log if one.seal == card["seal"]]
    tested = opened(models, card["seal"])
    if as_json:
        events = [{"at": one.at, "action": one.action, "reason": one.reason} for one in steps]
        write_json({**card, "events": events, "final": tested})
        return
    print(files[REPORT].decode("utf-8"))
    for one in steps:
        print(f"{one.at} {one.action}" + (f", forced: {one.reason}" if one.reason else ""))
    print(f"test part: opened {tested['at']}" if tested else "test part: not opened for this model")
    rules = wiring.rulebook(loaded).version
    if rules != card["rulebook_version"]:
        say(f"trained with rules {card['rulebook_version']}, in force are {rules}: train anew soon")


@app.command(short_help="Two models tag by tag")
def compare(
    before: Annotated[str, typer.Argument(help="Name of a model.", metavar="A")],
    after: Annotated[str, typer.Argument(help="Name of another one.", metavar="B")],
    every: Annotated[bool, typer.Option("--all", help="Every tag, also those without a difference.")] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Compare two models tag by tag, on mail that neither had seen, on the same folds.

    Example: triage models compare base next --json
    """
    from pipeline.cli.output import write_json

    found = _compared(settings_or_packaged(settings), before, after)
    write_json(found.as_json()) if as_json else _show_comparison(found, every)


@app.command(short_help="Let a model serve, unless it is worse")
def promote(
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Even if a tag is worse; needs --reason.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why it is forced; the card keeps it.")
    ] = "",
    fixtures: Fixtures = None,
    cache: Cache = True,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Let a model serve, unless a tag is worse than with the one that serves; opens the test part once, and logs it.

    Example: triage models promote next
    """
    from pipeline import wiring
    from pipeline.classify.bundle import checked
    from pipeline.classify.promotion import promote as put
    from pipeline.cli.output import say, write_json
    from pipeline.errors import UsageError

    if force != bool(reason.strip()):
        raise UsageError(
            "--force and --reason belong together; say why a model serves against the figures, or give neither"
        )
    loaded = settings_or_packaged(settings)
    models = wiring.models_folder(loaded)
    card, _ = checked(models / name, wiring.taxonomy(loaded))
    found = _gate(loaded, name, force)
    tested = _consulted(loaded, name, fixtures or [], cache)
    if force:
        _note(models / name, card, reason.strip(), found)
    known = put(models, card, wiring.utc_now(), reason.strip())
    if as_json:
        told = found.as_json() if found else None
        write_json({"promoted": name, "seal": card["seal"], "comparison": told, "final": tested})
    else:
        before = known.stack[-2].name if len(known.stack) > 1 else "what came with the program"
        print(f"{card['version']} serves from now on; go back to {before} with: triage models rollback")
    if loaded.folders.model != "auto":
        say(f'the settings name folders.model = "{loaded.folders.model}"; only "auto" follows promotions')


@app.command(short_help="Go back to the one that served before")
def rollback(as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Go back to the model that served before the last promotion.

    Example: triage models rollback
    """
    from pipeline import wiring
    from pipeline.classify.bundle import checked
    from pipeline.classify.promotion import rollback as back
    from pipeline.classify.serving import before
    from pipeline.cli.output import write_json

    loaded = settings_or_packaged(settings)
    models = wiring.models_folder(loaded)
    former = before(models)
    # What cannot be loaded must not serve.
    checked(models / former.name, wiring.taxonomy(loaded), former.pin)
    back(models, wiring.utc_now())
    serving = wiring.serving(loaded)
    told = {"serves": serving.name, "why": serving.why}
    write_json(told) if as_json else print(f"{serving.name or 'no model'} serves from now on: {serving.why}")


def _folders(models: Path) -> list[Path]:
    from pipeline.errors import ModelError

    try:
        found = [path for path in models.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError as error:
        raise ModelError(f"{models}: cannot be read: {error.strerror}; train a model first") from None
    return sorted(found)


def _row(settings: Settings, folder: Path, serving: str) -> dict[str, Any]:
    from pipeline import wiring
    from pipeline.classify.bundle import checked
    from pipeline.errors import ModelError

    card: Mapping[str, Any] = {}
    fault = ""
    try:
        card, _ = checked(folder, wiring.taxonomy(settings))
    except ModelError as error:
        fault = str(error)
    fields = card.get("metrics", {}).get("fields", {})
    return {
        "name": folder.name,
        "version": card.get("version", ""),
        "serves": folder.name == serving,
        "examples": card.get("examples", 0),
        "kind": fields.get("kind", {}).get("score"),
        "partner_type": fields.get("partner_type", {}).get("score"),
        "rules": card.get("rulebook_version", ""),
        "seal": card.get("seal", ""),
        "fault": fault,
    }


def _score(figure: Mapping[str, float] | None) -> str:
    return "-" if figure is None else f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _compared(settings: Settings, before: str, after: str) -> Comparison:
    from pipeline import wiring
    from pipeline.classify import answers
    from pipeline.classify.bundle import checked
    from pipeline.classify.compare import compare as differences
    from pipeline.classify.estimator import questions
    from pipeline.classify.manifest import ANSWERS

    models, taxonomy = wiring.models_folder(settings), wiring.taxonomy(settings)
    sides = []
    for name in (before, after):
        card, files = checked(models / name, taxonomy)
        rows = answers.read(files[ANSWERS].decode("utf-8"), str(models / name / ANSWERS))
        sides.append((str(card["version"]), rows))
    return differences(sides[0], sides[1], questions(taxonomy))


def _show_comparison(found: Comparison, every: bool) -> None:
    from pipeline.cli.output import console, table

    title = f"{found.after} against {found.before}"
    shown = table(title, "tag", ">n", ">before", ">after", ">difference", "95 % of all tags together", "")
    for one in found.differences:
        if every or "=" not in one.tag or one.after != one.before:
            verdict = "worse" if one.worse else "better" if one.better else "" if one.judged else "too few"
            change = (f"{one.before:.3f}", f"{one.after:.3f}", f"{one.after - one.before:+.3f}")
            shown.add_row(one.tag, str(one.n), *change, f"{one.low:+.3f} to {one.high:+.3f}", verdict)
    console().print(shown)
    print(f"{found.messages} messages, out of fold, on the same folds; {found.left_out} left out.")
    print(
        f"Worse: {', '.join(each.tag for each in found.worse)}."
        if found.worse
        else "No tag is worse beyond its interval."
    )


def _gate(settings: Settings, name: str, force: bool) -> Comparison | None:
    """Compare with the model that serves; refuse what is worse, unless forced."""
    from pipeline import wiring
    from pipeline.cli.output import say
    from pipeline.errors import ModelError

    served = wiring.serving(settings).name
    if served in ("", name) or not (wiring.models_folder(settings) / served).is_dir():
        say("no other model serves: there is nothing to compare with")
        return None
    try:
        found = _compared(settings, served, name)
    except ModelError as error:
        if not force:
            raise
        say(f"not compared: {error}")
        return None
    if found.worse and not force:
        told = "; ".join(f"{each.tag} {each.before:.3f} to {each.after:.3f}" for each in found.worse)
        raise ModelError(
            f"{name} is not promoted: worse than {served} beyond the interval: {told};"
            f" look with: triage models compare {served} {name}; or use --force --reason WHY"
        )
    return found


def _consulted(settings: Settings, name: str, fixtures: list[Path], cache: bool) -> Mapping[str, Any] | None:
    from pipeline.cli.learning import consult
    from pipeline.cli.measuring import closed_part, with_model
    from pipeline.cli.output import say

    if not closed_part(settings, fixtures):
        say("these labels have no test part: none was consulted")
        return None
    figures = consult(with_model(settings, name), fixtures, cache)
    told = ", ".join(f"{one['field']} {one['value']:.3f}" for one in figures["decisions"][:5])
    say(f"test part, whole pipeline: {told}")
    return figures


def _note(folder: Path, card: Mapping[str, Any], reason: str, found: Comparison | None) -> None:
    """Let the card keep why a model serves against the figures."""
    from pipeline import wiring
    from pipeline.classify.bundle import write_card

    note = {
        "at": wiring.utc_now().isoformat(timespec="seconds"),
        "reason": reason,
        "worse": [each.tag for each in found.worse] if found else None,
    }
    write_card(folder, {**card, "promotions": [*card.get("promotions", []), note]})
