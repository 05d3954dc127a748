"""Mail counted once for all folds: a fit on some rows of the counts is the fit on these messages by themselves."""

from __future__ import annotations

import pickle

import numpy as np

from pipeline.classify.dataset import Sample
from pipeline.classify.features import TOLD, Views
from pipeline.classify.marks import Mark
from pipeline.classify.telling import Lesson
from pipeline.parsing import read

_SAID = ("We give it freely, 100 %.", "You pay 900 euros.", "Möchten Sie 写真 haben?", "")


def _samples() -> list[Sample]:
    sender = (
        "From: Kim <kim@{0}.example>\r\nSubject: boxes {0}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    return [
        (read((sender.format(at) + f"We are a house in {at}. {_SAID[at % 4]}\r\n").encode()), ())
        for at in range(24)
    ]


def _lessons(count: int) -> list[Lesson]:
    mark = Mark(quote=_SAID[1], sign="broken", ground="fee")
    return [Lesson(marks=(mark,) if at % 4 == 1 else (), plain=False) for at in range(count)]


def _made() -> Views:
    return Views(texts={"subject": 50, "words": 200, "message": 500})


def test_a_fit_on_rows_of_a_study_is_that_on_the_messages_alone() -> None:
    samples, lessons = _samples(), _lessons(24)
    study = _made().studied(samples, spoken=True)
    rows, rest = [*range(6), *range(10, 24)], [6, 7, 8, 9]
    some, taught = [samples[row] for row in rows], [lessons[row] for row in rows]
    studied, alone = _made(), _made()
    blocks = studied.fit_transform(some, None, taught, study.of(rows))
    others = alone.fit_transform(some, None, taught)
    assert pickle.dumps(studied) == pickle.dumps(alone)
    for name, block in blocks.items():
        assert block.nnz > 0 or name == "rules"
        assert np.array_equal(block.toarray(), others[name].toarray()), name
    unseen, again = studied.transform_studied(study.of(rest)), alone.transform([samples[row] for row in rest])
    for name, block in unseen.items():
        found, wanted = (one if name == TOLD else one.toarray() for one in (block, again[name]))
        assert np.allclose(found, wanted, atol=1e-6), name
