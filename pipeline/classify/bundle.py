"""Model directories: written whole or not at all, and checked before anything in them is loaded."""

from __future__ import annotations

import io
import json
import lzma
import pickle  # nosec B403 # read only after the files were checked, see load
import platform
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.classify.lean import lean_imports
from pipeline.classify.manifest import (
    ANSWERS,
    CARD,
    ESTIMATOR,
    LEARNT,
    REPORT,
    check_seal,
    checksums,
    read_file,
    read_files,
    seal,
)
from pipeline.errors import ModelError, OutputError
from pipeline.taxonomy import Taxonomy

if TYPE_CHECKING:
    from pipeline.classify.dataset import Example
    from pipeline.classify.model import Model
    from pipeline.classify.report import Section
    from pipeline.classify.train import Trained

# To be raised whenever features, coefficients or the card change in a way that older models do not fit.
FORMAT = 2
_LIBRARIES = ("scikit-learn", "numpy", "scipy", "joblib", "pandas", "matplotlib")


def save(
    trained: Trained,
    folder: Path,
    examples: Sequence[Example],
    sections: Sequence[Section] = (),
    commit: str = "",
) -> None:
    """Write a model directory: estimator, card, report with its plots, answers out of fold, fingerprints of the mail.

    It is written beside `folder` and renamed, so that no reader sees half of it; a directory that is
    there is replaced. The same training gives the same octets.

    Parameters
    ----------
    examples
        What it was trained on, in the same order.
    sections
        More for the report and the card: figures of the whole pipeline.
    commit
        Of the program's sources, if known.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    octets = _octets(trained, examples, sections)
    card = _card(trained, sections, commit) | {"files": checksums(octets)}
    octets[CARD] = _json(card | {"seal": seal(card)})
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _write(octets, beside)
            _put_in_place(beside, folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise OutputError.at(folder, error) from None


def load(folder: Path, taxonomy: Taxonomy, pin: str = "") -> Model:
    """Load the model in `folder`, after everything about it was checked.

    The checksums guard against accidents: a transfer cut short, a flipped bit, files of two models in one folder, a
    model of another program version, figures altered by hand. They do not guard against malice: who can write the
    estimator can write a card that fits it, and loading an estimator runs what it says. `pin`, kept elsewhere since
    promotion, notices that as long as nobody rewrites it as well. Load only models from people whom you would let run
    programs.

    Parameters
    ----------
    pin
        Seal that the model has to have; empty: any.

    Raises
    ------
    ModelError
        If a file is missing, altered, or made for another format, scikit-learn or taxonomy; nothing was
        loaded then.
    """
    from threadpoolctl import threadpool_limits

    card, octets = checked(folder, taxonomy, pin)
    model = _unpack(folder, card, octets[ESTIMATOR])
    # A batch of mails is too little for several threads of linear algebra: they would wait for each other longer than they work.
    threadpool_limits(1)
    return model


def checked(folder: Path, taxonomy: Taxonomy, pin: str = "") -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return card and files of the model in `folder`, checked as for `load`, without loading anything."""
    card = read_card(folder)
    _check_versions(folder, card)
    _check_taxonomy(folder, card, taxonomy)
    check_seal(folder, card)
    if card["name"] != folder.name:
        raise ModelError(
            f"{folder}: its card is that of a model called {card['name']!r}; directories were swapped or renamed:"
            f" call the directory {card['name']!r} again, or train the model under this name"
        )
    if pin and card["seal"] != pin:
        raise ModelError(
            f"{folder}: not the model that was promoted: it was replaced since;"
            f" promote it again (triage models promote {folder.name}) or go back (triage models rollback)"
        )
    _check_extras(folder, card)
    return card, read_files(folder, card)


def read_card(folder: Path) -> dict[str, Any]:
    """Return the card of the model in `folder`, unchecked.

    Raises
    ------
    ModelError
        If it is missing or no card.
    """
    path = folder / CARD
    try:
        card = json.loads(read_file(path))
    except (ValueError, RecursionError):
        raise ModelError(f"{path}: not a model card (no valid JSON); train the model again") from None
    if not isinstance(card, dict) or not isinstance(card.get("files"), dict):
        raise ModelError(f"{path}: not a model card (no list of files); train the model again")
    return card


def write_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Put a card with new notes in the place of the old one, at once.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    beside = folder.parent / f".{folder.name}-{CARD}"
    try:
        beside.write_bytes(_json(card))
        beside.chmod(0o644)
        beside.replace(folder / CARD)
    except OSError as error:
        raise OutputError.at(folder / CARD, error) from None


def missing_extras(card: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the distributions that a model needs and that are not installed."""
    from importlib.metadata import PackageNotFoundError, version

    absent = []
    for name in card.get("requires", ()):
        try:
            version(str(name))
        except (PackageNotFoundError, ValueError):
            absent.append(str(name))
    return tuple(absent)


def _octets(trained: Trained, examples: Sequence[Example], sections: Sequence[Section]) -> dict[str, bytes]:
    import joblib

    from pipeline.classify import answers, learnt
    from pipeline.classify.plots import plots
    from pipeline.classify.report_text import written

    model, estimator = trained.model, io.BytesIO()
    joblib.dump(
        {"estimator": model.estimator, "calibrators": dict(model.calibrators)},
        estimator,
        compress=("lzma", 6),
    )
    pictures = dict(plots(trained.report))
    rows = tuple(answers.rows_of(examples, trained.held_out))
    return {
        ESTIMATOR: estimator.getvalue(),
        REPORT: written(trained, sections, tuple(pictures)).encode(),
        ANSWERS: answers.write(rows, tuple(trained.held_out.fields), trained.held_out).encode(),
        LEARNT: learnt.write(learnt.fingerprints(examples)).encode(),
        **pictures,
    }


def _write(octets: Mapping[str, bytes], folder: Path) -> None:
    for name, content in octets.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o644)
    folder.chmod(0o755)


def _json(card: Mapping[str, Any]) -> bytes:
    return (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode()


def _put_in_place(beside: Path, folder: Path) -> None:
    if not folder.exists():
        beside.rename(folder)
        return
    # A directory cannot be renamed over one that is not empty: the old one steps aside first.
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    try:
        folder.rename(aside / folder.name)
        try:
            beside.rename(folder)
        except OSError:
            (aside / folder.name).rename(folder)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _card(trained: Trained, sections: Sequence[Section], commit: str) -> dict[str, Any]:
    from pipeline.classify.weaknesses import weaknesses

    model = trained.model
    return {
        "format": FORMAT,
        "name": model.name,
        "version": model.version,
        "data_hash": model.data_hash,
        "taxonomy_hash": trained.taxonomy_hash,
        "rulebook_version": trained.rulebook_version,
        "commit": commit,
        "examples": trained.examples,
        "seed": trained.seed,
        "requires": list(trained.requires),
        "versions": _versions(trained.requires),
        "promise": {
            "precision": trained.precision,
            "measured": "out of fold, at the labelled mail's proportions",
        },
        "thresholds": dict(model.thresholds),
        "choose": dict(model.choose),
        "majority": {name: list(values) for name, values in model.majority.items()},
        "metrics": trained.report.as_json(curves=False),
        **{section.key: dict(section.data) for section in sections},
        "weaknesses": list(weaknesses(trained.report, trained.precision)),
    }


def _versions(requires: Sequence[str]) -> dict[str, str]:
    from importlib.metadata import version

    return {"python": platform.python_version(), **{name: version(name) for name in (*_LIBRARIES, *requires)}}


def _check_versions(folder: Path, card: Mapping[str, Any]) -> None:
    from importlib.metadata import version

    if card.get("format") != FORMAT:
        raise ModelError(
            f"{folder}: model format {card.get('format')!r}, this program reads {FORMAT}; train the model again"
        )
    versions = card.get("versions")
    made, here = (
        str(versions.get("scikit-learn") if isinstance(versions, dict) else None),
        version("scikit-learn"),
    )
    if made.split(".")[:2] != here.split(".")[:2]:
        raise ModelError(
            f"{folder}: made with scikit-learn {made}, installed is {here};"
            " train the model again or install that series"
        )


def _check_taxonomy(folder: Path, card: Mapping[str, Any], taxonomy: Taxonomy) -> None:
    from pipeline.classify.train import taxonomy_hash

    if card.get("taxonomy_hash") != taxonomy_hash(taxonomy):
        raise ModelError(
            f"{folder}: made for other values than taxonomy.toml has now; train the model again or restore the taxonomy"
        )


def _check_extras(folder: Path, card: Mapping[str, Any]) -> None:
    absent = missing_extras(card)
    if absent:
        raise ModelError(
            f"{folder}: needs {', '.join(absent)}, not installed; install the extra [embeddings] of this program,"
            ' or set folders.model to "base"'
        )


def _unpack(folder: Path, card: Mapping[str, Any], octets: bytes) -> Model:
    import joblib

    from pipeline.classify.model import Model

    try:
        with lean_imports():
            content = joblib.load(io.BytesIO(octets))
        return Model(
            name=card["name"],
            data_hash=card["data_hash"],
            estimator=content["estimator"],
            calibrators=content["calibrators"],
            thresholds=dict(card["thresholds"]),
            choose=dict(card["choose"]),
            majority={name: tuple(values) for name, values in card["majority"].items()},
        )
    except (
        KeyError, TypeError, AttributeError, ImportError, ValueError, IndexError, EOFError, OSError,
        pickle.UnpicklingError, lzma.LZMAError,
    ) as error:  # fmt: skip
        raise ModelError(
            f"{folder}: the model does not fit this program ({str(error) or type(error).__name__}); train it again"
        ) from None
