"""What a kept model said out of fold, read back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from pipeline.classify.dataset import Example
from pipeline.classify.kept import held_out
from pipeline.classify.train import Trained
from pipeline.errors import ModelError
from pipeline.parsing import read

# On one worker: the small model is trained once.
pytestmark = pytest.mark.xdist_group("small_model")


def test_probabilities_folds_and_thresholds_are_those_of_the_training(
    saved: Path, trained: Trained, some: tuple[Example, ...]
) -> None:
    found = held_out((saved / "answers.csv").read_text(encoding="utf-8"), "answers.csv", some)
    assert found is not None
    known = trained.held_out
    assert found.fold == known.fold
    assert dict(found.fields) == {name: tuple(values) for name, values in known.fields.items()}
    for name in known.fields:
        # Four digits are kept.
        assert np.abs(found.judged[name] - known.judged[name]).max() <= 5.1e-5
        assert np.allclose(found.rulings.thresholds[name], known.rulings.thresholds[name], atol=0.02)
    assert found.rulings.choose.keys() == known.rulings.choose.keys()


def test_mail_that_the_model_does_not_know_is_told(saved: Path, some: tuple[Example, ...]) -> None:
    text = (saved / "answers.csv").read_text(encoding="utf-8")
    other = dataclasses.replace(some[0], inquiry=read(b"From: a@b.example\r\n\r\nother\r\n"))
    assert held_out(text, "x", (*some, other)) is None


def test_another_file_is_refused(some: tuple[Example, ...], saved: Path) -> None:
    text = (saved / "answers.csv").read_text(encoding="utf-8").replace(",fold,", ",fald,", 1)
    with pytest.raises(ModelError, match="not the answers of a model"):
        held_out(text, "x", some)
