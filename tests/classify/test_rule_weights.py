"""Weights of hints learnt from labelled mail: they find what a rule is worth, and stay within their bounds."""

from __future__ import annotations

import dataclasses
import random

import pytest

from pipeline.classify.dataset import Example
from pipeline.classify.rule_weights import ENOUGH, LEAST, MOST, evaluate_weights, fit_weights
from pipeline.records.decisions import RuleHit
from pipeline.records.inquiries import View
from pipeline.taxonomy import Taxonomy


def hit(rule: str, tag: str, *, weight: float = 1.0, matched: str = "x", must: bool = False) -> RuleHit:
    view = View.BODY if matched else None
    return RuleHit(rule=rule, tags=(tag,), must=must, weight=weight, view=view, matched=matched)


PRIOR = hit("prior", "kind=partnership", matched="")
TELLING = hit("telling", "kind=business")
IDLE = hit("idle", "kind=business")
DENYING = hit("denying", "kind=partnership", weight=-1.0)
RESEARCH = hit("research", "activities=research")


@pytest.fixture(scope="module")
def made_up(some: tuple[Example, ...]) -> list[Example]:
    """Mail with labels and hits made up: `telling` is mostly right, `idle` says nothing."""
    chance = random.Random(7)
    examples = []
    for number, one in enumerate(some):
        business = number % 3 == 0
        hits = [PRIOR]
        hits += [TELLING] if chance.random() < (0.9 if business else 0.05) else []
        hits += [IDLE] if chance.random() < 0.5 else []
        hits += [DENYING] if business and chance.random() < 0.5 else []
        hits += [RESEARCH] if chance.random() < 0.5 else []
        hits += [hit("rare", "kind=spam")] if number < ENOUGH - 1 else []
        labels = {
            "kind": ("business" if business else "partnership",),
            "activities": ("research",) if RESEARCH in hits and chance.random() < 0.8 else (),
        }
        examples.append(dataclasses.replace(one, hits=tuple(hits), labels=labels, group=number))
    return examples


def test_what_tells_more_weighs_more(made_up: list[Example], taxonomy: Taxonomy) -> None:
    weights = fit_weights(made_up, taxonomy)
    assert weights["telling", View.BODY] > 2 * weights["idle", View.BODY]
    assert weights["idle", View.BODY] >= LEAST
    assert -MOST <= weights["denying", View.BODY] < 0, "the sign is people's"
    assert 0 < weights["prior", None] <= MOST
    assert ("rare", View.BODY) not in weights, "what hits too seldom stays as written"
    assert weights["research", View.BODY] > 0
    assert weights == fit_weights(made_up, taxonomy), "the same mail teaches the same"


def test_figures_come_from_other_folds(made_up: list[Example], taxonomy: Taxonomy) -> None:
    fits = {one.field: one for one in evaluate_weights(made_up, taxonomy, 7)}
    assert set(fits) == {"kind", "activities"}
    assert fits["kind"].learnt > fits["kind"].majority + 0.1
    assert fits["kind"].n == len(made_up)
    assert fits["activities"].measure == "micro-F1"
    assert all(0 <= one.plain <= 1 for one in fits.values())


def test_musts_are_not_learnt(made_up: list[Example], taxonomy: Taxonomy) -> None:
    must = hit("boss", "kind=spam", must=True)
    ruled = [dataclasses.replace(one, hits=(*one.hits, must)) for one in made_up[:60]]
    assert ("boss", View.BODY) not in fit_weights(ruled, taxonomy)
