"""Weights written into rule files: the numbers change, nothing else does."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from pipeline.records.inquiries import View
from pipeline.rulebook.rewrite import with_weights

TEXT = """# Kept.
[[rule]]
id = "many"        # its name
description = "by view"
weights = { sender = 2.6, body = 1 }  # learnt
hits = ["weight = 3"]

[[rule]]
id = 'one'
weight = 0.5

[[rule]]
id = "none"
description = "no weight yet"
test = { true = true }

[[rule]]
id = "boss"
must = true
weight = 5.0
"""


def test_weights_are_replaced_and_the_rest_stays() -> None:
    learnt = {
        ("many", View.SENDER): 1.234,
        ("many", View.SUBJECT): 9.0,
        ("one", None): -0.25,
        ("none", None): 2.0,
        ("boss", None): 0.1,
    }
    text = with_weights(TEXT, learnt)
    rules = {rule["id"]: rule for rule in tomllib.loads(text)["rule"]}
    assert rules["many"]["weights"] == {"sender": 1.23, "body": 1}
    assert rules["one"]["weight"] == -0.25
    assert rules["none"]["weight"] == 2.0
    assert rules["boss"]["weight"] == 5.0
    assert "# Kept." in text
    assert "}  # learnt" in text
    assert "# its name" in text
    assert rules["many"]["hits"] == ["weight = 3"]
    assert with_weights(TEXT, {}) == TEXT
    assert with_weights("x = 1\n", learnt) == "x = 1\n"


@given(st.floats(-10, 10, allow_nan=False))
def test_any_weight_is_read_back(weight: float) -> None:
    text = with_weights(TEXT, {("one", None): weight, ("many", View.BODY): weight})
    rules = {rule["id"]: rule for rule in tomllib.loads(text)["rule"]}
    assert rules["one"]["weight"] == round(weight, 2)
    assert rules["many"]["weights"]["body"] == round(weight, 2)
