"""Scores, by hand on a few decisions."""

from __future__ import annotations

import dataclasses

from pipeline.records.decisions import Criteria, Disposition
from pipeline.service.scoring import outcomes, score
from tests.support.mails import decided, letter

RIGHT = decided(letter())
WRONG = dataclasses.replace(
    RIGHT,
    disposition=Disposition.FILE,
    tags=dataclasses.replace(
        RIGHT.tags, partner_type="archive", country=None, activities=(), criteria=Criteria()
    ),
    abstained=(),
)
LABELS = {
    "kind": ("partnership",),
    "partner_type": ("museum",),
    "country": ("IN",),
    "activities": ("content_donation", "research"),
    "urgency": ("2026-04-01",),
}


def test_scores_are_shares_of_labelled_mail() -> None:
    found = {one.field: one for one in score([RIGHT, WRONG], [LABELS, LABELS])}
    assert (found["kind"].value, found["partner_type"].value, found["urgency"].value) == (1.0, 0.5, 0.5)
    assert "alignment" not in found
    # Country was abstained in the first: only the second counts as sure, and it is wrong.
    assert (found["country"].sure, found["country"].right) == (0.5, 0.0)
    # One hit; two labels each, one value said in all.
    assert found["activities"].value == 2 * 1 / (4 + 1)


def test_honest_mail_that_was_filed_is_lost() -> None:
    spam = {"kind": ("spam",)}
    found = outcomes([RIGHT, WRONG, WRONG], [LABELS, LABELS, spam])
    assert (found.honest, found.assigned, found.filed) == (2, 0.5, 0.5)
