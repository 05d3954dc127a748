"""A model directory is whole, and nothing in it is loaded before it was checked."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pytest

from pipeline.classify.bundle import load, read_card, save
from pipeline.classify.dataset import Example
from pipeline.classify.train import Trained
from pipeline.errors import ModelError, OutputError
from pipeline.taxonomy import Taxonomy


class _Sentinel:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


@pytest.fixture
def trapped(bundle: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A bundle, its checksums in order, that leaves a trace when it is unpickled; and the trace."""
    trace = tmp_path / "unpickled"
    joblib.dump(_Sentinel(trace), bundle / "estimator.joblib")
    _edit(bundle, lambda card: card["files"].update(_checksum(bundle)))
    return bundle, trace


def _checksum(folder: Path) -> dict[str, str]:
    return {"estimator.joblib": hashlib.sha256((folder / "estimator.joblib").read_bytes()).hexdigest()}


def _edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    change(card)
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")


def test_a_loaded_model_says_what_the_saved_one_said(
    bundle: Path, trained: Trained, some: tuple[Example, ...], taxonomy: Taxonomy
) -> None:
    model = load(bundle, taxonomy)
    batch = [example.sample for example in some[:20]]
    assert model.evidence(batch, explain=True) == trained.model.evidence(batch, explain=True)
    assert model.version == trained.model.version == f"small-{trained.model.data_hash[:8]}"
    assert model.thresholds == trained.model.thresholds
    assert model.choose == trained.model.choose


def test_the_card_tells_where_the_model_comes_from(bundle: Path, trained: Trained) -> None:
    card = read_card(bundle)
    assert card["examples"] == 150
    assert card["rulebook_version"] == "r1"
    assert card["seed"] == 7
    assert set(card["files"]) == {"estimator.joblib", "report.md"}
    assert card["promise"]["precision"] == 0.95
    assert card["metrics"]["fields"]["kind"]["score"]["baseline"] > 0.4
    assert card["weaknesses"]
    assert f"# Model {trained.model.version}" in (bundle / "report.md").read_text(encoding="utf-8")


def test_the_trap_works(trapped: tuple[Path, Path], taxonomy: Taxonomy) -> None:
    folder, trace = trapped
    with pytest.raises(ModelError, match="does not fit this program"):
        load(folder, taxonomy)
    assert trace.exists()


def _flip_a_bit(folder: Path) -> None:
    octets = bytearray((folder / "estimator.joblib").read_bytes())
    octets[len(octets) // 2] ^= 1
    (folder / "estimator.joblib").write_bytes(octets)


def _cut_short(folder: Path) -> None:
    octets = (folder / "estimator.joblib").read_bytes()
    (folder / "estimator.joblib").write_bytes(octets[:-1])


def _set(key: str, value: object) -> Callable[[Path], None]:
    return lambda folder: _edit(folder, lambda card: card.update({key: value}))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_flip_a_bit, "estimator.joblib: its checksum is not the one"),
        (_cut_short, "estimator.joblib: its checksum is not the one"),
        (lambda folder: (folder / "report.md").write_text("better"), "report.md: its checksum"),
        (lambda folder: (folder / "report.md").unlink(), "report.md: no such file"),
        (lambda folder: (folder / "card.json").unlink(), "card.json: no such file"),
        (lambda folder: (folder / "card.json").write_text("{"), "not a model card"),
        (lambda folder: (folder / "card.json").write_text("[1]"), "not a model card"),
        (lambda folder: (folder / "card.json").write_bytes(b"\xff"), "not a model card"),
        (_set("format", 99), "model format 99"),
        (_set("versions", {"scikit-learn": "0.24.2"}), "made with scikit-learn 0.24.2"),
        (_set("versions", None), "made with scikit-learn None"),
        (_set("taxonomy_hash", "0" * 64), "made for other values"),
        (_set("files", {}), "lists other files"),
        (_set("files", {"../estimator.joblib": "0"}), "lists other files"),
    ],
)
def test_whatever_is_wrong_is_told_and_nothing_is_unpickled(
    trapped: tuple[Path, Path], taxonomy: Taxonomy, damage: Callable[[Path], object], told: str
) -> None:
    folder, trace = trapped
    damage(folder)
    with pytest.raises(ModelError, match=told) as caught:
        load(folder, taxonomy)
    assert str(folder) in str(caught.value)
    assert not trace.exists()


def test_another_taxonomy_is_refused(bundle: Path, taxonomy: Taxonomy) -> None:
    other = taxonomy.model_copy(update={"funding": {**taxonomy.funding, "promised": "some day"}})
    other = Taxonomy.model_validate(other.model_dump(), strict=False)
    with pytest.raises(ModelError, match="made for other values"):
        load(bundle, other)


def test_saving_again_replaces_and_leaves_nothing_beside(bundle: Path, trained: Trained) -> None:
    (bundle / "stray").write_text("old")
    save(trained, bundle)
    assert sorted(path.name for path in bundle.iterdir()) == ["card.json", "estimator.joblib", "report.md"]
    assert [path.name for path in bundle.parent.iterdir()] == ["small"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, trained: Trained) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        save(trained, tmp_path / "file" / "model")


def test_a_model_is_small(bundle: Path) -> None:
    assert sum(path.stat().st_size for path in bundle.iterdir()) < 4_000_000
