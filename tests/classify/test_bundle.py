"""A model directory is whole, and nothing in it is loaded before it was checked."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pytest

from pipeline.classify import answers
from pipeline.classify.bundle import load, read_card, save, write_card
from pipeline.classify.dataset import Example
from pipeline.classify.manifest import NEEDED, seal
from pipeline.classify.train import Trained
from pipeline.errors import ModelError, OutputError
from pipeline.parsing import read
from pipeline.taxonomy import Taxonomy

# On one worker: the small model is trained once.
pytestmark = pytest.mark.xdist_group("small_model")


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
    _edit(bundle, lambda card: card.update(seal=seal(card)))
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
    assert set(card["files"]) == {*NEEDED, "calibration.png", "confusion.png", "risk-coverage.png"}
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


def _sealed(changes: dict[str, object]) -> Callable[[Path], None]:
    """Change the card as somebody would who knows how it is sealed."""

    def change(card: dict[str, Any]) -> None:
        card.update(changes)
        card["seal"] = seal(card)

    return lambda folder: _edit(folder, change)


def _linked(name: str) -> Callable[[Path], None]:
    def link(folder: Path) -> None:
        (folder / name).rename(folder.parent / name)
        (folder / name).symlink_to(folder.parent / name)

    return link


def _piped(folder: Path) -> None:
    (folder / "learnt.txt").unlink()
    os.mkfifo(folder / "learnt.txt")


def _folder_instead(name: str) -> Callable[[Path], None]:
    def replace(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return replace


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_folder_instead("estimator.joblib"), "estimator.joblib: not a plain file"),
        (_folder_instead("card.json"), "card.json: not a plain file"),
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
        (_sealed({"files": {}}), "lists other files"),
        (_sealed({"files": dict.fromkeys((*NEEDED, "../x.png"), "0")}), "lists other files"),
        (_sealed({"files": dict.fromkeys((*NEEDED, "card.json"), "0")}), "lists other files"),
        (_set("thresholds", {"kind": 0.0}), "card.json: its checksum"),
        (_set("metrics", {}), "card.json: its checksum"),
        (_sealed({"requires": ["no-such-library"]}), "needs no-such-library, not installed"),
        (_sealed({"name": "other"}), "its card is that of a model called 'other'"),
        (lambda folder: (folder / "stray.txt").write_text("x"), "stray.txt: not a file of this model"),
        (lambda folder: (folder / "sub").mkdir(), "sub: not a file of this model"),
        (_linked("estimator.joblib"), "estimator.joblib: a symbolic link"),
        (_linked("card.json"), "card.json: a symbolic link"),
        (_piped, "learnt.txt: not a plain file"),
        (lambda folder: (folder / "card.json").write_text("[" * 100_000), "not a model card"),
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


@pytest.mark.parametrize(
    "octets", [b"", b"garbage", b"\xfd7zXZ\x00\x00\x04\xe6\xd6", b"]\x00\x00\x80\x00\xff\xff"]
)
def test_an_estimator_that_is_none_is_told_of_although_its_checksum_fits(
    bundle: Path, taxonomy: Taxonomy, octets: bytes
) -> None:
    (bundle / "estimator.joblib").write_bytes(octets)
    _edit(bundle, lambda card: card["files"].update(_checksum(bundle)))
    _edit(bundle, lambda card: card.update(seal=seal(card)))
    with pytest.raises(ModelError, match="does not fit this program"):
        load(bundle, taxonomy)


def test_what_was_said_out_of_fold_can_be_read_again(
    bundle: Path, trained: Trained, some: tuple[Example, ...]
) -> None:
    text = (bundle / "answers.csv").read_text(encoding="utf-8")
    found = answers.judged(text, some[::-1])
    assert found is not None
    fields, chances = found
    assert fields == dict(trained.held_out.fields)
    for name, told in chances.items():
        assert abs(told - trained.held_out.judged[name][::-1]).max() < 1e-4
    assert answers.judged(answers.write(answers.read(text, "x"), tuple(fields)), some) is None
    other = dataclasses.replace(some[0], inquiry=read(b"From: a@b.example\r\n\r\nother\r\n"))
    assert answers.judged(text, (*some, other)) is None


def test_another_taxonomy_is_refused(bundle: Path, taxonomy: Taxonomy) -> None:
    other = taxonomy.model_copy(update={"funding": {**taxonomy.funding, "promised": "some day"}})
    other = Taxonomy.model_validate(other.model_dump(), strict=False)
    with pytest.raises(ModelError, match="made for other values"):
        load(bundle, other)


def test_a_promoted_model_that_was_replaced_by_another_is_noticed(
    trapped: tuple[Path, Path], saved: Path, taxonomy: Taxonomy
) -> None:
    folder, trace = trapped
    with pytest.raises(ModelError, match="not the model that was promoted"):
        load(folder, taxonomy, pin=read_card(saved)["seal"])
    assert not trace.exists()


def test_files_of_another_model_do_not_pass(
    bundle: Path, trained: Trained, some: tuple[Example, ...], taxonomy: Taxonomy
) -> None:
    other = bundle.parent / "other"
    save(dataclasses.replace(trained, model=dataclasses.replace(trained.model, name="other")), other, some)
    (other / "report.md").replace(bundle / "report.md")
    with pytest.raises(ModelError, match=r"report\.md: its checksum .* of another model"):
        load(bundle, taxonomy)
    with pytest.raises(ModelError, match=r"report\.md: no such file"):
        load(other, taxonomy)


def test_a_later_note_does_not_break_the_seal(bundle: Path, taxonomy: Taxonomy) -> None:
    card = read_card(bundle)
    write_card(bundle, {**card, "promotions": [{"reason": "because"}]})
    assert load(bundle, taxonomy, pin=card["seal"]).name == "small"
    assert read_card(bundle)["promotions"] == [{"reason": "because"}]


def test_saving_again_gives_the_same_octets_and_leaves_nothing_beside(
    bundle: Path, trained: Trained, some: tuple[Example, ...]
) -> None:
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    (bundle / "stray").write_text("old")
    save(trained, bundle, some)
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before
    assert [path.name for path in bundle.parent.iterdir()] == ["small"]


def test_a_place_that_cannot_be_written_is_told(
    tmp_path: Path, trained: Trained, some: tuple[Example, ...]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        save(trained, tmp_path / "file" / "model", some)


def test_a_model_is_small(bundle: Path) -> None:
    assert sum(path.stat().st_size for path in bundle.iterdir()) < 4_000_000
