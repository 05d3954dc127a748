"""Model directories: written whole or not at all, and checked before anything in them is loaded."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ModelError, OutputError
from pipeline.taxonomy import Taxonomy

if TYPE_CHECKING:
    from pipeline.classify.model import Model
    from pipeline.classify.train import Trained

# To be raised whenever features, coefficients or the card change in a way that older models do not fit.
FORMAT = 1
CARD = "card.json"
ESTIMATOR = "estimator.joblib"
REPORT = "report.md"
_LARGEST_FILE = 64 * 1024 * 1024
_LIBRARIES = ("scikit-learn", "numpy", "scipy", "joblib", "pandas")
_WEAKNESSES = (
    (
        "Labelled mail is invented or reworded; real mailboxes have more spam, automatic and misdirected mail,"
        " so precision at the thresholds holds for the proportions of the labelled mail alone."
    ),
    (
        "Rules were written while looking at the same training mail: rule hits fit it better than unseen mail,"
        " and the figures out of fold are a little too good."
    ),
    "Many languages have fewer than ten labelled messages; there, rule hits and facts speak almost alone.",
    (
        "What a message means beyond its words (irony, conditions, who gains) is out of reach: "
        " funding, shared objectives and complexity are a little better than the majority, alignment is mostly a guess."
    ),
)


def save(trained: Trained, folder: Path) -> None:
    """Write a model directory: ``estimator.joblib``, ``card.json`` and ``report.md``.

    It is written beside `folder` and renamed, so that no reader sees half of it; a directory that is
    there is replaced.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _write(trained, beside)
            _put_in_place(beside, folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"{folder}: the model cannot be written: {error.strerror}; free or choose another place"
        ) from None


def load(folder: Path, taxonomy: Taxonomy) -> Model:
    """Load the model in `folder`, after everything about it was checked.

    The checksums in the card guard against accidents: a transfer cut short, a flipped bit, files of two models
    in one folder, a model of another program version. They do not guard against malice: who can write the
    estimator can write the card as well, and loading an estimator runs what it says. Load only models from
    people whom you would let run programs.

    Raises
    ------
    ModelError
        If a file is missing, altered, or made for another format, scikit-learn or taxonomy; nothing was
        loaded then.
    """
    card = read_card(folder)
    _check_versions(folder, card)
    _check_taxonomy(folder, card, taxonomy)
    octets = _checked_files(folder, card)[ESTIMATOR]
    return _unpack(folder, card, octets)


def read_card(folder: Path) -> dict[str, Any]:
    """Return the card of the model in `folder`.

    Raises
    ------
    ModelError
        If it is missing or no card.
    """
    path = folder / CARD
    try:
        card = json.loads(_octets(path))
    except ValueError:
        raise ModelError(f"{path}: not a model card (no valid JSON); train the model again") from None
    if not isinstance(card, dict) or not isinstance(card.get("files"), dict):
        raise ModelError(f"{path}: not a model card (no list of files); train the model again")
    return card


def _write(trained: Trained, folder: Path) -> None:
    import joblib

    model = trained.model
    content = {"estimator": model.estimator, "calibrators": dict(model.calibrators)}
    joblib.dump(content, folder / ESTIMATOR, compress=("lzma", 6))
    (folder / REPORT).write_text(_report(trained), encoding="utf-8")
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (ESTIMATOR, REPORT)}
    card = json.dumps(_card(trained) | {"files": files}, indent=1, ensure_ascii=False)
    (folder / CARD).write_text(card + "\n", encoding="utf-8")
    for path in folder.iterdir():
        path.chmod(0o644)
    folder.chmod(0o755)


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


def _card(trained: Trained) -> dict[str, Any]:
    model = trained.model
    return {
        "format": FORMAT,
        "name": model.name,
        "version": model.version,
        "data_hash": model.data_hash,
        "taxonomy_hash": trained.taxonomy_hash,
        "rulebook_version": trained.rulebook_version,
        "examples": trained.examples,
        "seed": trained.seed,
        "versions": _versions(),
        "promise": {
            "precision": trained.precision,
            "measured": "out of fold, at the labelled mail's proportions",
        },
        "thresholds": dict(model.thresholds),
        "choose": dict(model.choose),
        "majority": {name: list(values) for name, values in model.majority.items()},
        "metrics": trained.report.as_json(),
        "weaknesses": list(_WEAKNESSES),
    }


def _report(trained: Trained) -> str:
    model = trained.model
    head = (
        f"# Model {model.version}\n\nTrained on {trained.examples} messages (data {model.data_hash[:12]}, rules"
        f" {trained.rulebook_version or 'none'}, seed {trained.seed}). All figures are out of fold, in five folds that"
        " part no thread, organisation or person. *Sure* is the share of answers at or above the threshold that"
        f" keeps precision {trained.precision:.2f} on the other folds.\n\n"
    )
    limits = "\n".join(f"- {name}: {at:.3f}" for name, at in model.thresholds.items())
    weak = "\n".join(f"- {line}" for line in _WEAKNESSES)
    return (
        f"{head}{trained.report.as_markdown()}\n## Thresholds\n\n1.01 means that the field always abstains.\n\n{limits}"
        f"\n\n## Known weaknesses\n\n{weak}\n"
    )


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


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


def _checked_files(folder: Path, card: Mapping[str, Any]) -> dict[str, bytes]:
    """Read every file that the card lists, once; what was checked is what is loaded."""
    files = card["files"]
    if set(files) != {ESTIMATOR, REPORT}:
        raise ModelError(
            f"{folder / CARD}: lists other files than {ESTIMATOR} and {REPORT}; train the model again"
        )
    found = {name: _octets(folder / name) for name in sorted(files)}
    for name, octets in found.items():
        if hashlib.sha256(octets).hexdigest() != files[name]:
            raise ModelError(
                f"{folder / name}: its checksum is not the one in {CARD}: altered or cut short;"
                " copy the directory again or train the model again"
            )
    return found


def _octets(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ModelError(f"{path}: larger than {_LARGEST_FILE} bytes; no model of this program")
        return path.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"{path}: no such file; train a model, or name another in folders.model") from None
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}; check its permissions") from None


def _unpack(folder: Path, card: Mapping[str, Any], octets: bytes) -> Model:
    import joblib

    from pipeline.classify.model import Model

    try:
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
    except (KeyError, TypeError, AttributeError, ImportError, ValueError) as error:
        raise ModelError(f"{folder}: the model does not fit this program ({error}); train it again") from None
