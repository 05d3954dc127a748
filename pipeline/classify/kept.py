"""What a kept model said of its training mail out of fold: read back, with the thresholds that held for each message."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.classify import answers
from pipeline.classify.dataset import Example
from pipeline.classify.folds import FOLDS
from pipeline.classify.heldout import HeldOut
from pipeline.classify.train import rulings


def held_out(text: str, where: str, examples: Sequence[Example]) -> HeldOut | None:
    """Return what a training said of the examples; None if there is one that it did not have.

    Parameters
    ----------
    text
        The model's ``answers.csv``. Its probabilities have four digits, so that thresholds learnt on them anew may differ
        in the fourth.
    where
        Its path, for errors.

    Raises
    ------
    ModelError
        If it is something else.
    """
    import numpy as np

    said = answers.judged(text, examples)
    if said is None:
        return None
    fields, judged = said
    fold_of = {row.message: row.fold for row in answers.read(text, where)}
    fold = tuple(fold_of[example.inquiry.sha256[:16]] for example in examples)
    plan = [
        (np.flatnonzero(np.array(fold) != number), np.flatnonzero(np.array(fold) == number))
        for number in range(FOLDS)
    ]
    learnt = rulings(fields, judged, [example.labels for example in examples], plan)
    return HeldOut(fields=fields, judged=judged, rulings=learnt, fold=fold)
