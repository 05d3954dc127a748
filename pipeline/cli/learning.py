"""Commands for those who retrain: `train` and `evaluate`."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, Json, Seed, SettingsFile, settings_or_packaged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.cli.measuring import Measured
    from pipeline.settings import Settings

Fixtures = Annotated[
    list[Path] | None,
    typer.Option(
        "--fixtures",
        metavar="FOLDER",
        help="Folder with messages/, labels.csv and perhaps splits.csv; may be given again; by default the packaged one.",
    ),
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Which model; by default the one that serves.")
]
Cache = Annotated[
    bool, typer.Option("--cache/--no-cache", help="Keep what was read of labelled mail for the next time.")
]
FoldsOf = Annotated[
    str | None,
    typer.Option("--folds-of", metavar="NAME", help="Train on the folds of this model, to compare with it."),
]
Embeddings = Annotated[
    bool | None,
    typer.Option(
        "--embeddings/--no-embeddings",
        help="Use sentence embeddings (extra [embeddings]); by default only a model called embed does.",
        show_default=False,
    ),
]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
# Which of the encoders --embeddings means.
_ENCODER = "use"
# The precision that reports name as the aim.
_TARGET = 0.95


def train(
    fixtures: Fixtures = None,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What the model is called.")] = "base",
    seed: Seed = 2026,
    folds_of: FoldsOf = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over a model of that name, be it promoted.")
    ] = False,
    embeddings: Embeddings = None,
    cache: Cache = True,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Train a model on the train part of labelled mail; write it with its card, report and plots.

    Example: triage train --name next --folds-of base
    """
    from pipeline.classify.bundle import save
    from pipeline.classify.serving import EMBED
    from pipeline.cli.measuring import learnt_from, read_examples, rehearsing
    from pipeline.cli.output import progress
    from pipeline.resources import commit
    from pipeline.service.rehearsal import section

    loaded = settings_or_packaged(settings)
    folder = _free_folder(loaded, name, replace)
    kept, tagger = _folds_of(loaded, folds_of), rehearsing(loaded)
    encoder = _ENCODER if (name == EMBED if embeddings is None else embeddings) else ""
    with progress() as show:
        examples = read_examples(loaded, tagger.rulebook, fixtures or (), "train", show, cache)
        wanted = {"name": name, "seed": seed, "kept": kept, "embeddings": encoder}
        trained, decisions = learnt_from(tagger, examples, show, **wanted)
    whole = section(tagger, examples, decisions)
    save(trained, folder, examples, (whole,), commit())
    print(trained.report.as_text())
    print(whole.text)
    print(f"\nFigures are out of fold: no message was judged by a model that had seen it. Written: {folder}")


def evaluate(
    on: Annotated[
        list[Path] | None,
        typer.Option(
            "--on",
            metavar="PATH",
            help="A folder of labelled mail, or its labels as CSV; may be given again.",
        ),
    ] = None,
    model: Model = None,
    final: Annotated[
        bool, typer.Option("--final", help="Open the test part, once for a model; it is logged.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FOLDER", help="With --on: write report.md and its plots into this folder."
        ),
    ] = None,
    cache: Cache = True,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Show how well a model does on mail that it has not seen: out of fold, or on labelled mail of your own.

    Example: triage evaluate --model base --json
    """
    from pipeline.cli.measuring import closed_part, counted, measure, with_model
    from pipeline.cli.output import progress, write_json
    from pipeline.errors import UsageError

    if report and (final or not on):
        raise UsageError("--report goes with --on PATH: it is written of mail that is measured now")
    loaded = with_model(settings_or_packaged(settings), model)
    if not on and not final:
        _show_card(loaded, as_json)
        return
    if final:
        figures = consult(loaded, on or (), cache)
        write_json(figures) if as_json else show_final(figures)
        return
    with progress() as show:
        measured = measure(loaded, on or (), "train", show, cache)
    measured = counted(measured, closed_part(loaded, on or ()))
    if report:
        _write_report(measured, report)
    write_json(measured.as_json()) if as_json else _show_measured(measured)


def consult(settings: Settings, fixtures: Any, cache: bool = True) -> Mapping[str, Any]:
    """Return what the model in force does on the test part: opened now and logged, or as logged before."""
    from pipeline import wiring
    from pipeline.classify import finals
    from pipeline.cli.measuring import measure, seal_of
    from pipeline.cli.output import progress, say

    models = wiring.models_folder(settings)
    wiring.model(settings)
    logged = finals.opened(models, seal_of(settings))
    if logged:
        say(f"The test part was opened for this model on {logged['at']}; these are the figures of then.")
        return logged
    finals.check_writable(models)
    with progress() as show:
        figures = measure(settings, fixtures, "test", show, cache).as_json(curves=False)
    finals.log(models, wiring.utc_now(), figures)
    say(f"The test part was opened; logged in {models / finals.FINAL}")
    found = finals.opened(models, seal_of(settings))
    return found or figures


def show_final(figures: Mapping[str, Any]) -> None:
    """Show what was logged of the test part."""
    _decision_table("Decisions against labels, test part", figures["decisions"])
    if figures["model_alone"]:
        fields = figures["model_alone"]["fields"].values()
        for one in fields:
            score = one["score"]
            print(
                f"model alone: {one['field']} {one['headline']} {score['value']:.3f}"
                f" [{score['low']:.3f}, {score['high']:.3f}] (majority {score['baseline']:.3f}),"
                f" macro-F1 {one['macro_f1']['value']:.3f}, n={one['n']}"
            )
    _honest_mail(figures["honest_mail"])
    print(f"{figures['n']} messages; rules {figures['rules']}, model {figures['model'] or 'none'}")


def _free_folder(settings: Settings, name: str, replace: bool) -> Path:
    """Return where a model called `name` goes; one that serves, or that can be gone back to, is not lost by mistake."""
    from pipeline import wiring
    from pipeline.classify.promotion import promotions
    from pipeline.classify.serving import AUTO
    from pipeline.errors import OutputError, UsageError

    if not _NAME.fullmatch(name) or name == AUTO:
        raise UsageError(f"--name {name!r}: write letters, digits, - and _, and not {AUTO!r}")
    models = wiring.models_folder(settings)
    # Told before the training, not after it.
    there = next(one for one in (models, *models.absolute().parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(
            f"{there}: models cannot be written there; set folders.models to a folder of your own"
        )
    if not replace and promotions(models).keeps(name):
        raise UsageError(
            f"{models / name} was promoted, and would be lost; train under another name and promote that,"
            " or give --replace"
        )
    return models / name


def _folds_of(settings: Settings, name: str | None) -> dict[str, int] | None:
    from pipeline import wiring
    from pipeline.classify import answers
    from pipeline.classify.manifest import ANSWERS, read_file

    if name is None:
        return None
    path = wiring.models_folder(settings) / name / ANSWERS
    return {row.id: row.fold for row in answers.read(read_file(path).decode("utf-8", "replace"), str(path))}


def _show_card(settings: Settings, as_json: bool) -> None:
    """Show the figures that were measured out of fold when the model was trained."""
    from pipeline import wiring
    from pipeline.classify.bundle import checked
    from pipeline.classify.manifest import REPORT
    from pipeline.cli.output import write_json
    from pipeline.errors import UsageError

    found = wiring.serving(settings)
    if not found.name:
        raise UsageError(
            "folders.model is empty: there is no model to show; evaluate the rules with --on or --final"
        )
    folder = wiring.models_folder(settings) / found.name
    card, files = checked(folder, wiring.taxonomy(settings), found.pin)
    write_json(card) if as_json else print(files[REPORT].decode("utf-8"))


def _show_measured(measured: Measured) -> None:
    if measured.report:
        print(f"The model alone ({measured.model}):\n\n{measured.report.as_text()}")
    _decision_table("Decisions of the whole pipeline against labels", measured.whole.data["decisions"])
    _honest_mail(measured.whole.data["honest_mail"])
    print(measured.left_out())
    print(f"{measured.whole.data['n']} messages; rules {measured.rules}, model {measured.model or 'none'}")


def _decision_table(title: str, decisions: Any) -> None:
    from pipeline.cli.output import console, table

    shown = table(title, "field", ">n", "measure", ">score", ">majority", ">sure", ">right of these")
    for one in decisions:
        right = "-" if one["right"] is None else f"{one['right']:.3f}"
        shown.add_row(
            one["field"],
            str(one["n"]),
            one["measure"],
            f"{one['value']:.3f}",
            f"{one['baseline']:.3f}",
            f"{one['sure']:.2f}",
            right,
        )
    console().print(shown)


def _honest_mail(told_of: Mapping[str, Any]) -> None:
    from pipeline.service.rehearsal import told
    from pipeline.service.scoring import Outcomes

    print("\n".join(told(Outcomes(**told_of))))


def _write_report(measured: Measured, folder: Path) -> None:
    from pipeline.classify.plots import plots
    from pipeline.classify.report_text import measured as written
    from pipeline.errors import OutputError, UsageError

    if measured.report is None:
        raise UsageError("--report needs a model, and folders.model is empty; name one with --model")
    pictures = dict(plots(measured.report))
    title = f"Model {measured.model} on labelled mail that it has not learnt from"
    head = f"Rules {measured.rules}. {measured.left_out()}"
    text = written(title, head, measured.report, tuple(pictures), (measured.whole,), _TARGET)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.md").write_text(text, encoding="utf-8")
        (folder / "report.json").write_text(json.dumps(measured.as_json()) + "\n", encoding="utf-8")
        for name, octets in pictures.items():
            (folder / name).write_bytes(octets)
    except OSError as error:
        raise OutputError.at(folder, error) from None
