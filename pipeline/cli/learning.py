"""Commands for those who retrain: `train` and `evaluate`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, settings_or_packaged

if TYPE_CHECKING:
    from pipeline.classify.dataset import Example
    from pipeline.records.decisions import Decision
    from pipeline.service.ports import Progress
    from pipeline.settings import Settings

Fixtures = Annotated[
    Path | None, typer.Option("--fixtures", help="Folder with messages/, labels.csv and splits.csv.")
]


def train(
    fixtures: Fixtures = None,
    name: Annotated[str, typer.Option("--name", help="What the model is called.")] = "base",
    seed: Annotated[int, typer.Option("--seed", help="Of the folds.")] = 2026,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Train a model on the train part of labelled mail; write it with its card and report.

    Example: triage train --name base
    """
    from pipeline import wiring
    from pipeline.classify.bundle import save
    from pipeline.classify.train import train as fit
    from pipeline.cli.output import progress

    loaded = settings_or_packaged(settings)
    folder = wiring.models_folder(loaded) / name
    with progress() as show:
        examples = _examples(loaded, fixtures, "train", show)
        trained = fit(
            examples,
            wiring.taxonomy(loaded),
            name=name,
            seed=seed,
            rulebook_version=wiring.rulebook(loaded).version,
            progress=lambda done, total: show("train", done, total),
        )
    save(trained, folder)
    print(trained.report.as_text())
    print(f"Figures are out of fold: no message was scored by a model that had seen it. Written: {folder}")


def evaluate(
    on: Annotated[Path | None, typer.Option("--on", help="A folder of labelled mail of your own.")] = None,
    final: Annotated[
        bool, typer.Option("--final", help="Open the test part of the fixtures; it is logged.")
    ] = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Show how well the model does on mail that it has not seen: out of fold, or on a labelled folder.

    Example: triage evaluate
    """
    from pipeline.cli.output import write_json
    from pipeline.errors import UsageError

    if on and final:
        raise UsageError("--on and --final exclude each other")
    loaded = settings_or_packaged(settings)
    if on is None and not final:
        _show_card(loaded, as_json)
        return
    report = _measured(loaded, on, final)
    if final:
        _log_final(loaded, report)
    write_json(report) if as_json else _show_measured(report)


def _examples(settings: Settings, fixtures: Path | None, part: Any, show: Progress) -> tuple[Example, ...]:
    from pipeline import wiring
    from pipeline.classify.dataset import load_examples
    from pipeline.resources import packaged

    return load_examples(
        fixtures or packaged("fixtures"),
        wiring.taxonomy(settings),
        wiring.reader(settings),
        part,
        lambda done, total: show("read", done, total),
    )


def _show_card(settings: Settings, as_json: bool) -> None:
    """Show the figures that were measured out of fold when the model was trained."""
    from pipeline import wiring
    from pipeline.cli.output import write_json
    from pipeline.errors import UsageError

    name = settings.folders.model
    if not name:
        raise UsageError(
            "folders.model is empty: there is no model to show; evaluate the rules with --on or --final"
        )
    wiring.model(settings)
    folder = wiring.models_folder(settings) / name
    if as_json:
        write_json(json.loads((folder / "card.json").read_text(encoding="utf-8")))
    else:
        print((folder / "report.md").read_text(encoding="utf-8"))


def _measured(settings: Settings, on: Path | None, final: bool) -> dict[str, Any]:
    """Run the whole pipeline over labelled mail and hold its decisions against the labels."""
    from pipeline import wiring
    from pipeline.cli.output import progress
    from pipeline.service.scoring import outcomes, score

    judge = wiring.tagger(settings)
    with progress() as show:
        examples = _examples(settings, on, "test" if final else "all", show)
        decisions: list[Decision] = []
        for start in range(0, len(examples), 50):
            batch = [example.inquiry for example in examples[start : start + 50]]
            decisions += judge.decide(batch, wiring.utc_now())
            show("tag", len(decisions), len(examples))
    labels = [example.labels for example in examples]
    return {
        "n": len(examples),
        "rules": judge.rulebook.version,
        "model": judge.model.version if judge.model else "",
        "decisions": [asdict(one) for one in score(decisions, labels)],
        "honest_mail": asdict(outcomes(decisions, labels)),
    }


def _show_measured(report: dict[str, Any]) -> None:
    from pipeline.cli.output import console, table

    shown = table("Decisions against labels", "field", ">n", "measure", ">score", ">sure", ">right of these")
    for one in report["decisions"]:
        right = "-" if one["right"] is None else f"{one['right']:.3f}"
        row = (
            one["field"],
            str(one["n"]),
            one["measure"],
            f"{one['value']:.3f}",
            f"{one['sure']:.2f}",
            right,
        )
        shown.add_row(*row)
    console().print(shown)
    mail = report["honest_mail"]
    print(
        f"Of {mail['honest']} partnership and endorsement mails {mail['assigned']:.1%} were assigned without review, "
        f"{mail['review']:.1%} went to review, {mail['filed']:.1%} were filed (lost)."
    )
    print(f"{report['n']} messages; rules {report['rules']}, model {report['model'] or 'none'}")


def _log_final(settings: Settings, report: dict[str, Any]) -> None:
    """Write down that the test part was opened: it is honest only as long as nothing is tuned on it."""
    from pipeline import wiring
    from pipeline.cli.output import say
    from pipeline.errors import OutputError

    log = wiring.models_folder(settings) / "final.jsonl"
    line = {"at": wiring.utc_now().isoformat(timespec="seconds"), **report}
    try:
        with log.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
    except OSError as error:
        raise OutputError(f"{log}: the opening of the test part cannot be logged: {error.strerror}") from None
    say(f"The test part was opened; logged in {log}")
