"""Threads, organisations and persons stay together, in folds and in the shipped split."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from pipeline.classify.dataset import Example, load_examples
from pipeline.classify.folds import FOLDS, folds, strata
from pipeline.classify.grouping import Member, groups, is_shared_host
from pipeline.errors import ModelError
from pipeline.parsing import read
from pipeline.taxonomy import Taxonomy


def _member(one: str, **other: str) -> Member:
    empty = {"in_reply_to": "", "domain": "", "author": "", "ending": ""}
    return Member(id=one, **{**empty, **other})


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ({"domain": "museum.example"}, {"domain": "museum.example"}, True),
        ({"domain": "museum.example"}, {"domain": "archive.example"}, False),
        ({"domain": "gmail.com"}, {"domain": "gmail.com"}, False),
        ({"author": "Ana Lopez"}, {"author": "ana  LOPEZ"}, True),
        ({"author": "info@a.example"}, {"author": "info@a.example"}, False),
        (
            {"ending": "Regards\nMuseum of Wool, Mill Lane"},
            {"ending": "Bye\nMuseum of Wool, Mill Lane 2"},
            True,
        ),
        ({"ending": "Regards"}, {"ending": "Regards"}, False),
        ({"in_reply_to": "b"}, {}, True),
        ({"in_reply_to": "elsewhere"}, {}, False),
    ],
)
def test_what_belongs_together(one: dict[str, str], other: dict[str, str], together: bool) -> None:
    found = groups([_member("a", **one), _member("b", **other)])
    assert (found["a"] == found["b"]) is together


def test_belonging_is_transitive() -> None:
    found = groups([_member("a", domain="x.example"), _member("b", domain="x.example", author="Bo Berg"),
                    _member("c", author="Bo Berg"), _member("d")])  # fmt: skip
    assert len({found["a"], found["b"], found["c"]}) == 1
    assert found["d"] != found["a"]


def test_a_line_that_many_share_is_a_phrase() -> None:
    found = groups(_member(str(n), ending="Thank you and best regards") for n in range(9))
    assert len(set(found.values())) == 9


def test_free_mail_is_a_shared_host() -> None:
    assert is_shared_host("GMAIL.com")
    assert not is_shared_host("museum.example")


def test_no_group_is_on_both_sides_of_a_fold(some: tuple[Example, ...]) -> None:
    made = folds(some, seed=1)
    assert len(made) == FOLDS
    held = [row for _, held_out in made for row in held_out]
    assert sorted(held) == list(range(len(some)))
    for fit_on, held_out in made:
        assert not {some[row].group for row in fit_on} & {some[row].group for row in held_out}


def test_rare_values_join_the_largest_stratum(some: tuple[Example, ...]) -> None:
    counts: dict[str, int] = defaultdict(int)
    for name in strata(some):
        counts[name] += 1
    assert min(counts.values()) >= FOLDS


def test_too_few_examples_are_refused_with_advice(some: tuple[Example, ...]) -> None:
    with pytest.raises(ModelError, match="too few labelled messages to learn from: 3"):
        folds(some[:3], seed=1)


def test_the_shipped_split_parts_no_group(fixtures: Path, taxonomy: Taxonomy) -> None:
    parts = defaultdict(set)
    for example in load_examples(fixtures, taxonomy, lambda octets: (read(octets), ()), "all"):
        parts[example.group].add(example.part)
    assert sum(len(both) > 1 for both in parts.values()) == 0
