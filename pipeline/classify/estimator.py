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
_WHAT: Mapping[str, float] = {
    "sender": 0.3, "subject": 1.0, "introduction": 0.5, "signature": 0.3, "attachments": 0.5, "words": 1.5,
    "message": 3.5, "facts": 0.3, "rules": 0.1,
}  # fmt: skip
# Who asks shows in sender and signature; what is asked shows in the whole message; on which condition, in one clause.
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "*": _WHAT,
    "alignment": {**_WHAT, "clauses": 0.03},
    "preconditions_met": {**_WHAT, "clauses": 0.03},
    "partner_type": {
        "sender": 2.0, "subject": 1.0, "introduction": 1.0, "body": 1.0, "signature": 1.5, "attachments": 0.3,
        "words": 1.0, "message": 2.0, "facts": 0.3, "rules": 0.2,
    },
}  # fmt: skip
# How much the two blocks of meaning count beside the words, and in an opinion of their own.
MEANING: Mapping[str, float] = {"gist": 1.0, "sentences": 1.0}
# Who asks is not told by what the message means: there a second opinion lost 1 to 2 points.
OF_ONE_MIND = ("partner_type",)
# One sentence decides these.
TOLD_BY_SENTENCES = ("alignment", "preconditions_met")
PENALTY = 4.0
BALANCE = 0.5


def questions(taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    """Return field to values, of the fields that the model answers."""
    return {field: taxonomy.values(field) for field in FIELDS}


def estimator(taxonomy: Taxonomy, encoder: str = "") -> Any:
    """Return the unfitted scikit-learn Pipeline: samples to blocks to scores.

    Parameters
    ----------
    encoder
        Key of `embeddings.KINDS`; empty for a model without embeddings.
    """
    from sklearn.pipeline import Pipeline

    from pipeline.classify.features import Views
    from pipeline.classify.heads import Heads

    meaning = MEANING if encoder else {}
    heads = Heads(
        fields=questions(taxonomy),
        weights={field: {**weights, **meaning} for field, weights in WEIGHTS.items()},
        penalty=PENALTY,
        balance=BALANCE,
        second=meaning,
        of_one_mind=OF_ONE_MIND,
        told=TOLD_BY_SENTENCES,
    )
    return Pipeline([("views", Views(texts=TEXTS, encoder=encoder)), ("heads", heads)])
