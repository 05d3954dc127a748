"""Folds: groups stay together, and a later training can keep an earlier one's."""

from __future__ import annotations

from dataclasses import replace

from pipeline.classify.dataset import Example
from pipeline.classify.folds import FOLDS, fold_numbers, folds


def test_no_group_is_on_both_sides(some: tuple[Example, ...]) -> None:
    for known, unseen in folds(some, 7):
        assert {some[row].group for row in known}.isdisjoint(some[row].group for row in unseen)


def test_each_message_is_held_out_once(some: tuple[Example, ...]) -> None:
    number = fold_numbers(folds(some, 7))
    assert len(number) == len(some)
    assert set(number) == set(range(FOLDS))


def test_kept_folds_stay_and_new_groups_are_spread(some: tuple[Example, ...]) -> None:
    old = some[:100]
    kept = dict(zip((each.id for each in old), fold_numbers(folds(old, 7)), strict=True))
    number = fold_numbers(folds(some, 99, kept))
    assert number[:100] == tuple(kept.values())
    fresh = [number[at] for at in range(100, len(some)) if some[at].group not in {e.group for e in old}]
    assert max(map(fresh.count, range(FOLDS))) - min(map(fresh.count, range(FOLDS))) <= 14
    for known, unseen in folds(some, 99, kept):
        assert {some[row].group for row in known}.isdisjoint(some[row].group for row in unseen)


def test_groups_that_became_one_are_in_one_fold(some: tuple[Example, ...]) -> None:
    kept = dict(zip((each.id for each in some), fold_numbers(folds(some, 7)), strict=True))
    joined = tuple(replace(each, group=0) if at < 20 else each for at, each in enumerate(some))
    assert len(set(fold_numbers(folds(joined, 7, kept))[:20])) == 1


def test_folds_that_do_not_exist_are_not_kept(some: tuple[Example, ...]) -> None:
    number = fold_numbers(folds(some, 7, {some[0].id: 99, some[1].id: 2}))
    assert number[1] == 2
    assert number[0] in range(FOLDS)
