"""The one unfitted estimator, used for training and prediction alike, and what it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.records.decisions import LIST_FIELDS
from pipeline.taxonomy import Taxonomy

# What the model answers; country and region come from clues, urgency from dates.
FIELDS = (
    "kind", "partner_type", "alignment", "preconditions_met", "complexity", "funding", "shared_objectives",
    *LIST_FIELDS,
)  # fmt: skip

# Word pieces kept of each block. Blocks, sizes and weights were chosen by grouped cross-validation; docs/classifier.md
# has the figures, also of what lost.
TEXTS: Mapping[str, int] = {
    "sender": 6_000,
    "subject": 6_000,
    "introduction": 10_000,
    "body": 15_000,
    "signature": 8_000,
    "attachments": 2_000,
    "words": 8_000,
    "message": 20_000,
}
# Who asks shows in sender and signature; what is asked shows in the whole message.
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "*": {
        "sender": 0.3, "subject": 1.0, "introduction": 0.5, "signature": 0.3, "attachments": 0.5, "words": 1.5,
        "message": 3.5, "facts": 0.3, "rules": 0.1,
    },
    "partner_type": {
        "sender": 2.0, "subject": 1.0, "introduction": 1.0, "body": 1.0, "signature": 1.5, "attachments": 0.3,
        "words": 1.0, "message": 2.0, "facts": 0.3, "rules": 0.2,
    },
}  # fmt: skip
PENALTY = 2.5
BALANCE = 0.5


def questions(taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    """Return field to values, of the fields that the model answers."""
    return {field: taxonomy.values(field) for field in FIELDS}


def estimator(taxonomy: Taxonomy) -> Any:
    """Return the unfitted scikit-learn Pipeline: samples to blocks to scores."""
    from sklearn.pipeline import Pipeline

    from pipeline.classify.features import Views
    from pipeline.classify.heads import Heads

    heads = Heads(fields=questions(taxonomy), weights=WEIGHTS, penalty=PENALTY, balance=BALANCE)
    return Pipeline([("views", Views(texts=TEXTS)), ("heads", heads)])
