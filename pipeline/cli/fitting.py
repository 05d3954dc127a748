"""Commands for those who maintain the weights of places and deadlines: learn them anew from labelled mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.contents import group
from pipeline.cli.options import DEFAULT_SETTINGS, Labelled, SettingsFile, settings_or_packaged

if TYPE_CHECKING:
    from pipeline.classify.dataset import Example
    from pipeline.settings import Settings

app = group("Learn the weights of clues to places and of words about deadlines from labelled mail.")
Strength = Annotated[
    float,
    typer.Option(
        "--strength", min=0.01, metavar="X", help="How firmly the weights stay near those set by hand."
    ),
]
Target = Annotated[
    Path | None,
    typer.Option(
        "--write", metavar="FILE", help="Write the weights into this file; by default they are only shown."
    ),
]
_FOLDS = 5
_PLACED = ("partnership", "endorsement", "business", "misdirected")
_GRADED = ("partnership", "endorsement")


@app.command(short_help="What clues to a country weigh")
def places(
    fixtures: Labelled = None,
    strength: Strength = 1.0,
    write: Target = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Learn what clues to a country weigh, from the train part; show how right they are on mail not seen.

    Example: triage fit places --write rules/places.toml
    """
    from pipeline.assess import fit_places
    from pipeline.assess.clues import collect
    from pipeline.assess.places import default_places

    loaded = settings_or_packaged(settings)
    folder = loaded.folders.rules
    policy = default_places(folder)
    kept = _labelled(loaded, fixtures, _PLACED, "region", write)
    examples = [
        fit_places.Example(clues=collect(each.inquiry, policy, folder), answer=_place(each)) for each in kept
    ]
    learnt = fit_places.learn(examples, [each.group % _FOLDS for each in kept], strength)
    outcomes = [
        (chance, answer == each.answer)
        for (answer, chance), each in zip(learnt.unseen, examples, strict=True)
    ]
    right = sum(truth for _, truth in outcomes)
    print(f"{len(kept)} mails; country, global or unknown right in {right / len(kept):.3f} of unseen ones")
    before = _flat(policy.weights) | {
        ("bias", "unknown"): policy.bias.unknown,
        ("bias", "world_wide"): policy.bias.world_wide,
    }
    _compare(before, learnt.weights)
    if write:
        sections = _place_sections(learnt.weights, policy.weights, fit_places.calibration(outcomes))
        _write(write, sections)


@app.command(short_help="What words about a day weigh")
def deadlines(
    fixtures: Labelled = None,
    strength: Strength = 4.0,
    write: Target = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Learn what words about a day weigh, from the train part; show how right they are on mail not seen.

    Example: triage fit deadlines --write rules/criteria.toml
    """
    from pipeline import wiring
    from pipeline.assess import fit_deadlines

    loaded = settings_or_packaged(settings)
    policy = wiring.criteria(loaded).urgency
    kept = _labelled(loaded, fixtures, _GRADED, "kind", write)
    examples = [fit_deadlines.named(each.inquiry, policy, _deadline(each)) for each in kept]
    folds = [each.group % _FOLDS for each in kept]
    now = fit_deadlines.accuracy(examples, policy.weights, policy.least)
    unseen = fit_deadlines.unseen_accuracy(examples, folds, policy.least, strength)
    print(
        f"{len(kept)} mails; right by the weights in force {now:.3f}, by learnt ones on unseen mail {unseen:.3f}"
    )
    learnt = fit_deadlines.fit(examples, strength)
    _compare(policy.weights, learnt)
    if write:
        lines = [f"{_key(name)} = {weight}" for name, weight in sorted(learnt.items())]
        _write(write, {"urgency.weights": lines})


def _labelled(
    settings: Settings, fixtures: Path | None, kinds: Sequence[str], field: str, write: Path | None
) -> list[Example]:
    """Return the mail of some `kinds` in the train part that has a label for `field`.

    A file that the weights cannot go into is refused before the work is done.
    """
    from pipeline.cli.measuring import train_part
    from pipeline.errors import UsageError
    from pipeline.resources import packaged

    if write:
        _read(write)
    folder = fixtures or packaged("fixtures")
    found = [
        one
        for one in train_part(settings, folder)
        if one.labels["kind"][0] in kinds and one.labels.get(field)
    ]
    if not found:
        raise UsageError(
            f"{folder}: no mail of the kinds {', '.join(kinds)} in its train part; label some first"
        )
    return found


def _place(example: Example) -> str:
    """Return the labelled country, or ``global`` or ``unknown``."""
    return (example.labels.get("country") or example.labels["region"])[0]


def _deadline(example: Example) -> date | None:
    told = example.labels.get("urgency", ())
    return date.fromisoformat(told[0]) if told else None


def _flat(weights: Mapping[str, Mapping[str, float]]) -> dict[tuple[str, str], float]:
    return {(kind, view): weight for kind, views in weights.items() for view, weight in views.items()}


def _compare(before: Mapping[Any, float], after: Mapping[Any, float]) -> None:
    from pipeline.cli.output import console, table

    shown = table("Weights (log-odds)", "of", ">in force", ">learnt")
    for name in sorted(after, key=str):
        old = before.get(name)
        if old is None or abs(old - after[name]) >= 0.01:
            words = " in ".join(name) if isinstance(name, tuple) else str(name)
            shown.add_row(words, "-" if old is None else f"{old:.2f}", f"{after[name]:.2f}")
    console().print(shown)


def _place_sections(
    learnt: Mapping[tuple[str, str], float],
    before: Mapping[str, Mapping[str, float]],
    points: Sequence[tuple[float, float]],
) -> dict[str, list[str]]:
    """Return the sections of places.toml that are learnt; weights of address lines stay as they are."""
    kinds = sorted({kind for kind, _ in learnt if kind != "bias"} | set(before))
    weights = []
    for kind in kinds:
        views = {view: weight for (name, view), weight in learnt.items() if name == kind}
        views |= {view: weight for view, weight in before.get(kind, {}).items() if view not in views}
        inner = ", ".join(f"{_key(view)} = {weight:.2f}" for view, weight in views.items())
        weights.append(f"{_key(kind)} = {{ {inner} }}")
    bias = [f"{name} = {learnt['bias', name]:.2f}" for name in ("unknown", "world_wide")]
    curve = f"country = {[list(point) for point in points]}"
    return {"weights": weights, "bias": bias, "calibration": [curve]}


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


def _read(path: Path) -> str:
    from pipeline.errors import UsageError

    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        why = "it is not UTF-8"
    except OSError as error:
        why = error.strerror or str(error)
    raise UsageError(f"{path}: cannot be read: {why}; name a copy of the file in force")


def _write(path: Path, sections: Mapping[str, Iterable[str]]) -> None:
    """Put lines into the sections of a TOML file in place of those with the same keys; all else stays as it is."""
    from pipeline.errors import OutputError

    text = _read(path)
    for section, lines in sections.items():
        text = _replaced(text, section, list(lines), path)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError.at(path, error) from None
    print(f"written: {path}")


def _replaced(text: str, section: str, lines: list[str], path: Path) -> str:
    from pipeline.errors import UsageError

    head, mark, rest = text.partition(f"\n[{section}]\n")
    if not mark:
        raise UsageError(f"{path}: has no section [{section}]; name a copy of the file in force")
    following = re.search(r"^(?:#.*\n)*\[", rest, re.MULTILINE)
    body, tail = (rest[: following.start()], rest[following.start() :]) if following else (rest, "")
    names = {line.partition(" = ")[0] for line in lines}
    others = [line for line in body.splitlines() if line.strip() and line.partition(" = ")[0] not in names]
    return head + mark + "\n".join([*lines, *others]) + "\n" + ("\n" if tail else "") + tail
