"""What `train`, `evaluate` and `models promote` share: labelled mail read once, figures of model and whole pipeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

if TYPE_CHECKING:
    from pipeline.classify.dataset import Example
    from pipeline.classify.heldout import HeldOut
    from pipeline.classify.learnt import Unseen
    from pipeline.classify.report import Report, Section
    from pipeline.classify.train import Trained
    from pipeline.records.decisions import Decision
    from pipeline.rulebook.book import Rulebook
    from pipeline.service.tagging import Tagger
    from pipeline.settings import Settings

Part = Literal["train", "test", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A model, and the whole pipeline with it, on mail that it has not learnt from.

    Parameters
    ----------
    model, seal, rules
        Version and seal of the model (empty without one), version of the rules.
    report
        Of the model alone; None without one.
    whole
        Of the whole pipeline.
    learnt, kin
        Messages left out because the model has learnt from them, or from their threads, organisations or persons.
    closed
        Messages of a test part, which was not opened.
    """

    model: str
    seal: str
    rules: str
    report: Report | None
    whole: Section
    learnt: int
    kin: int
    closed: int = 0

    def as_json(self, curves: bool = True) -> dict[str, Any]:
        """Return plain tables; with the points of curves and matrices if `curves`."""
        return {
            "n": self.whole.data["n"],
            "rules": self.rules,
            "model": self.model,
            "seal": self.seal,
            "left_out": {"learnt": self.learnt, "kin": self.kin, "test_part": self.closed},
            "model_alone": self.report.as_json(curves) if self.report else None,
            "decisions": self.whole.data["decisions"],
            "honest_mail": self.whole.data["honest_mail"],
        }

    def left_out(self) -> str:
        """Return in words what was not measured on, and why."""
        parts = [
            f"{count} {why}"
            for count, why in (
                (self.learnt, "that the model has learnt from"),
                (self.kin, "of their threads, organisations or persons"),
                (self.closed, "of the test part, which only --final opens"),
            )
            if count
        ]
        return f"Left out: {', '.join(parts)}." if parts else "The model has learnt from none of these mails."


def read_examples(
    settings: Settings,
    book: Rulebook,
    fixtures: Sequence[Path],
    part: Part,
    show: Callable[..., None],
    cache: bool = True,
) -> tuple[Example, ...]:
    """Read labelled mail, the packaged one if `fixtures` is empty; readings are kept between runs if `cache`."""
    from pipeline import wiring
    from pipeline.classify.dataset import load_examples
    from pipeline.resources import packaged

    folders = tuple(fixtures) or (packaged("fixtures"),)
    with _reader(settings, book, cache) as read:
        return load_examples(
            folders, wiring.taxonomy(settings), read, part, lambda done, total: show("read", done, total)
        )


def train_part(settings: Settings, folder: Path) -> tuple[Example, ...]:
    """Read the train part of the labelled mail in a folder, with the rules in force, and show how far that has come."""
    from pipeline import wiring
    from pipeline.cli.output import progress

    with progress() as show:
        return read_examples(settings, wiring.rulebook(settings), (folder,), "train", show, cache=False)


def rehearsing(settings: Settings) -> Tagger:
    """Return rules, clues and judge without a model, with the sample liaisons: what a training is measured with."""
    from pipeline import wiring

    folders = settings.folders.model_copy(update={"model": "", "liaisons": None})
    return wiring.tagger(settings.model_copy(update={"folders": folders}))


def learnt_from(
    tagger: Tagger, examples: Sequence[Example], show: Callable[..., None], **wanted: Any
) -> tuple[Trained, list[Decision]]:
    """Train on the examples, and rehearse the whole pipeline with what was said out of fold.

    Parameters
    ----------
    tagger
        Everything but the model.
    **wanted
        Further arguments of `pipeline.classify.train.train`.
    """
    from pipeline.classify.train import train
    from pipeline.service.rehearsal import rehearsed

    trained = train(
        examples,
        tagger.taxonomy,
        rulebook_version=tagger.rulebook.version,
        progress=lambda done, total: show("train", done, total),
        **wanted,
    )
    decisions = rehearsed(
        tagger, examples, trained.held_out, lambda done, total: show("rehearse", done, total)
    )
    return trained, decisions


def measure(
    settings: Settings, fixtures: Sequence[Path], part: Part, show: Callable[..., None], cache: bool = True
) -> Measured:
    """Hold the model in force, and the whole pipeline with it, against labels that it has not learnt from.

    Raises
    ------
    UsageError
        If no message is left to measure on.
    """
    from pipeline import wiring
    from pipeline.classify.evaluate import evaluate
    from pipeline.classify.model import Model
    from pipeline.service.rehearsal import decided, section

    tagger, folder = wiring.tagger(settings), _model_folder(settings)
    examples = read_examples(settings, tagger.rulebook, fixtures, part, show, cache)
    kept = _unseen(folder, examples)
    if not kept.examples:
        _refuse(len(examples), kept)
    model = tagger.model
    report = evaluate(model, kept.examples) if isinstance(model, Model) else None
    decisions = decided(tagger, kept.examples, lambda done, total: show("tag", done, total))
    return Measured(
        model=model.version if model else "",
        seal=seal_of(settings),
        rules=tagger.rulebook.version,
        report=report,
        whole=section(tagger, kept.examples, decisions),
        learnt=kept.learnt,
        kin=kept.kin,
    )


def judged_by(
    settings: Settings, examples: Sequence[Example]
) -> tuple[str, Mapping[str, tuple[str, ...]], Mapping[str, Any]] | None:
    """Return what the model in force said of each example out of fold: its version, field to values, to probabilities.

    None if there is no model that can be loaded, or if it was not trained on all of the examples.
    """
    from pipeline.classify import answers
    from pipeline.errors import ModelError

    try:
        found = _answers(settings)
    except ModelError:
        return None
    known = answers.judged(found[2], examples) if found else None
    return (found[0], *known) if found and known else None


def held_out_of(settings: Settings, examples: Sequence[Example]) -> HeldOut:
    """Return what the model in force said of each example out of fold, with the thresholds of each fold.

    Raises
    ------
    ModelError
        If there is no model, it cannot be loaded, or it was not trained on all of the examples.
    """
    from pipeline.classify.kept import held_out
    from pipeline.errors import ModelError

    found = _answers(settings)
    if found is None:
        raise ModelError("folders.model is empty: rules alone have learnt nothing; name a model")
    version, path, text = found
    known = held_out(text, str(path), examples)
    if known is None:
        raise ModelError(f"{path}: {version} was not trained on all of these messages; train it again")
    return known


def _answers(settings: Settings) -> tuple[str, Path, str] | None:
    """Return version, path and text of what the model in force answered out of fold; None without a model."""
    from pipeline import wiring
    from pipeline.classify.bundle import checked
    from pipeline.classify.manifest import ANSWERS

    found = wiring.serving(settings)
    if not found.name:
        return None
    folder = wiring.models_folder(settings) / found.name
    card, files = checked(folder, wiring.taxonomy(settings), found.pin)
    return str(card["version"]), folder / ANSWERS, files[ANSWERS].decode("utf-8", "replace")


def seal_of(settings: Settings) -> str:
    """Return the seal of the model in force; of rules alone, their version."""
    from pipeline import wiring
    from pipeline.classify.bundle import read_card

    folder = _model_folder(settings)
    return str(read_card(folder)["seal"]) if folder else f"rules-{wiring.rulebook(settings).version}"


def with_model(settings: Settings, name: str | None) -> Settings:
    """Return the settings with another model; None: unchanged."""
    if name is None:
        return settings
    folders = settings.folders.model_copy(update={"model": name})
    return settings.model_copy(update={"folders": folders})


@contextmanager
def _reader(settings: Settings, book: Rulebook, cache: bool) -> Iterator[Any]:
    from pipeline import wiring
    from pipeline.classify.cache import kept_readings
    from pipeline.cli.output import say
    from pipeline.resources import user_cache

    read = wiring.reader(settings, book)
    if not cache:
        yield read
        return
    with kept_readings(read, book.version, user_cache(), say) as kept:
        yield kept


def _model_folder(settings: Settings) -> Path | None:
    from pipeline import wiring

    name = wiring.serving(settings).name
    return wiring.models_folder(settings) / name if name else None


def _unseen(folder: Path | None, examples: tuple[Example, ...]) -> Unseen:
    from pipeline.classify import learnt

    if folder is None:
        return learnt.Unseen(examples=examples, learnt=0, kin=0)
    return learnt.unseen(examples, learnt.learnt_by(folder))


def _refuse(count: int, kept: Unseen) -> NoReturn:
    from pipeline.errors import UsageError

    if count == 0:
        raise UsageError("no labelled message there; is there another part, or a labels.csv with lines?")
    raise UsageError(
        f"nothing to measure on: of {count} messages the model has learnt from {kept.learnt},"
        f" and {kept.kin} are of their threads, organisations or persons;"
        " its figures out of fold are shown by: triage evaluate"
    )


def closed_part(settings: Settings, fixtures: Sequence[Path]) -> int:
    """Return how many labelled messages are in the test part, which is not opened here."""
    from pipeline import wiring
    from pipeline.classify.labels import read_labels
    from pipeline.resources import packaged

    folders = tuple(fixtures) or (packaged("fixtures"),)
    known = wiring.taxonomy(settings)
    return sum(row.part == "test" for folder in folders for row in read_labels(folder, known))


def counted(measured: Measured, closed: int) -> Measured:
    """Return `measured` with the number of messages of a test part that stayed closed."""
    return dataclasses.replace(measured, closed=closed)
