"""A hundred and fifty training messages, read and learnt from once."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from pipeline.classify.bundle import save
from pipeline.classify.dataset import Example, Sample, load_examples
from pipeline.classify.train import Trained, train
from pipeline.parsing import read
from pipeline.records.decisions import RuleHit
from pipeline.records.inquiries import View
from pipeline.taxonomy import Taxonomy

_COUNT = 150
_WORDS = {"museum": "museum", "archiv": "archive", "librar": "library", "universit": "university"}


def read_with_hits(octets: bytes) -> Sample:
    """Read a message, with hits of a few rules made up here."""
    inquiry = read(octets)
    return inquiry, tuple(
        RuleHit(
            rule=f"test.{value}",
            tags=(f"partner_type={value}",),
            must=False,
            weight=1.0,
            view=view,
            matched=word,
        )
        for view in (View.SENDER, View.BODY, View.SIGNATURE)
        for word, value in _WORDS.items()
        if word in inquiry.view(view).casefold()
    )


@pytest.fixture(scope="session")
def small_fixtures(
    fixtures: Path, train_labels: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "messages").mkdir()
    rows = list(train_labels.values())[:: max(len(train_labels) // _COUNT, 1)][:_COUNT]
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        known = {row["id"] for row in rows}
        writer.writerows(row if row["in_reply_to"] in known else {**row, "in_reply_to": ""} for row in rows)
    for row in rows:
        name = f"{row['id']}.eml"
        shutil.copyfile(fixtures / "messages" / name, folder / "messages" / name)
    return folder


@pytest.fixture(scope="session")
def some(small_fixtures: Path, taxonomy: Taxonomy) -> tuple[Example, ...]:
    return load_examples(small_fixtures, taxonomy, read_with_hits)


@pytest.fixture(scope="session")
def trained(some: tuple[Example, ...], taxonomy: Taxonomy) -> Trained:
    return train(some, taxonomy, name="small", seed=7, rulebook_version="r1")


@pytest.fixture(scope="session")
def saved(trained: Trained, some: tuple[Example, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "small"
    save(trained, folder, some)
    return folder


@pytest.fixture
def bundle(saved: Path, tmp_path: Path) -> Path:
    """A copy of the saved model, to be tampered with."""
    return Path(shutil.copytree(saved, tmp_path / "models" / "small"))
