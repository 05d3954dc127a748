"""Score: decisions of the whole pipeline (rules, model, clues, judge) against labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.records.decisions import (
    CRITERIA_FIELDS,
    HONEST_KINDS,
    LIST_FIELDS,
    SCALAR_FIELDS,
    Decision,
    Disposition,
)
from pipeline.routing.combine import is_sure
from pipeline.service.truth import Labels, values_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well one field was decided.

    Parameters
    ----------
    field
        Which.
    n
        Messages that have a label for it.
    measure
        ``accuracy``, or ``micro-F1`` for lists.
    value
        0 to 1.
    sure
        Share of messages in which the field has a value that is not only a guess.
    right
        Share of these that is as labelled (of lists: exactly); None if there are none.
    baseline
        What always saying the most frequent value would score.
    """

    field: str
    n: int
    measure: str
    value: float
    sure: float
    right: float | None
    baseline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What became of honest mail (partnership and endorsement as labelled), in shares of it.

    `wrong_liaison` is a share of what was assigned without review: what went to a liaison to whom the labels would not
    have sent it; None if that was not asked.
    """

    honest: int
    assigned: float
    review: float
    filed: float
    wrong_liaison: float | None = None


def score(decisions: Sequence[Decision], labels: Sequence[Labels]) -> tuple[Score, ...]:
    """Return a score for each field, over the messages that the guide labels it for."""
    pairs = list(zip(decisions, labels, strict=True))
    found = [_scalar(field, pairs) for field in (*SCALAR_FIELDS, *CRITERIA_FIELDS)]
    found += [_listed(field, pairs) for field in LIST_FIELDS]
    return tuple(one for one in found if one.n)


def outcomes(decisions: Sequence[Decision], labels: Sequence[Labels]) -> Outcomes:
    """Return what became of honest mail; one filed is the worst error."""
    honest = [
        decision
        for decision, label in zip(decisions, labels, strict=True)
        if label["kind"][0] in HONEST_KINDS
    ]
    counts = Counter(decision.disposition for decision in honest)
    total = max(len(honest), 1)
    return Outcomes(
        honest=len(honest),
        assigned=counts[Disposition.ASSIGN] / total,
        review=counts[Disposition.REVIEW] / total,
        filed=counts[Disposition.FILE] / total,
    )


def _scalar(field: str, pairs: Sequence[tuple[Decision, Labels]]) -> Score:
    known = [(decision, label[field]) for decision, label in pairs if field in label]
    right = [values_of(decision, field) == label for decision, label in known]
    sure = [good for (decision, _), good in zip(known, right, strict=True) if is_sure(decision, field)]
    return Score(
        field=field,
        n=len(known),
        measure="accuracy",
        value=_share(right) or 0.0,
        sure=len(sure) / max(len(known), 1),
        right=_share(sure),
        baseline=_most_frequent([label for _, label in known]) / max(len(known), 1),
    )


def _listed(field: str, pairs: Sequence[tuple[Decision, Labels]]) -> Score:
    known = [(decision, set(label[field])) for decision, label in pairs if field in label]
    hits = sum(len(label & set(values_of(decision, field))) for decision, label in known)
    size = sum(len(label) + len(values_of(decision, field)) for decision, label in known)
    sure = [
        set(values_of(decision, field)) == label
        for decision, label in known
        if field not in decision.abstained
    ]
    return Score(
        field=field,
        n=len(known),
        measure="micro-F1",
        value=2 * hits / size if size else 0.0,
        sure=len(sure) / max(len(known), 1),
        right=_share(sure),
        baseline=_listed_baseline([label for _, label in known]),
    )


def _most_frequent(labels: Sequence[tuple[str, ...]]) -> int:
    return max(Counter(labels).values(), default=0)


def _listed_baseline(labels: Sequence[set[str]]) -> float:
    """Return the micro-F1 of always answering the most frequent value alone."""
    counts = Counter(value for label in labels for value in label)
    return 2 * max(counts.values(), default=0) / max(len(labels) + sum(counts.values()), 1)


def _share(good: Sequence[bool]) -> float | None:
    return sum(good) / len(good) if good else None
