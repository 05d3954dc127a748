"""From hits to probabilities, explanations and audits."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pipeline.parsing import read
from pipeline.records.decisions import RuleHit, Source
from pipeline.records.inquiries import View
from pipeline.rulebook import examples
from pipeline.rulebook.audit import Labelled, audit, silent
from pipeline.rulebook.declared import InlineMail
from pipeline.rulebook.load import load_rulebook
from pipeline.rulebook.vote import evidence, vote
from pipeline.taxonomy import Taxonomy

RULES = """
[[rule]]
id = "clock"
description = "Words for clocks"
tags = ["partner_type=museum"]
terms = ["clock*"]
views = ["body", "subject"]
hits = ["an old clock", { subject = "Clocks", body = "see above" }]
misses = ["an old bell"]

[[rule]]
id = "paper"
description = "Words for paper"
tags = ["partner_type=archive"]
terms = ["paper*"]
views = ["body"]
hits = ["an old bell"]
misses = ["some paper"]
"""


def hit(tag: str, weight: float, *, must: bool = False, matched: str = "x", rule: str = "r") -> RuleHit:
    return RuleHit(rule=rule, tags=(tag,), must=must, weight=weight, view=View.SIGNATURE, matched=matched)


def test_one_value_fields_get_a_softmax(taxonomy: Taxonomy) -> None:
    said = vote((hit("kind=business", 2.0), hit("kind=spam", 1.0)), taxonomy)
    chances = {one.value: one.score for one in said}
    assert said[0].tag == "kind=business"
    assert set(chances) == set(taxonomy.values("kind"))
    assert sum(chances.values()) == pytest.approx(1)
    assert chances["business"] / chances["spam"] == pytest.approx(math.e)
    assert {one.source for one in said} == {Source.RULE}


def test_lists_get_a_chance_for_each_value(taxonomy: Taxonomy) -> None:
    said = vote(
        (hit("activities=research", -1.5), hit("activities=research", 1.5), hit("activities=funding", 3)),
        taxonomy,
    )
    chances = {one.value: one.score for one in said}
    assert chances["research"] == pytest.approx(0.5)
    assert chances["funding"] > 0.9
    assert set(chances) == {"research", "funding"}


def test_a_must_outweighs_hints_and_fields_stay_apart(taxonomy: Taxonomy) -> None:
    said = vote(
        (hit("kind=automated", 0.1, must=True), hit("kind=business", 5), hit("disposition=file", 1)), taxonomy
    )
    assert said[0].tag == "kind=automated"
    assert {one.field for one in said} == {"kind"}


def test_nothing_said_is_no_opinion(taxonomy: Taxonomy) -> None:
    assert vote((), taxonomy) == ()


def test_huge_sums_do_not_overflow(taxonomy: Taxonomy) -> None:
    said = vote([hit("kind=spam", 10), hit("activities=research", 10)] * 500, taxonomy)
    assert all(0 <= one.score <= 1 for one in said)


def test_explanations_quote_the_view_and_leave_priors_out() -> None:
    lines = evidence((hit("kind=spam", 1.5, matched="lottery"), hit("kind=business", 1, matched="")))
    assert [(line.name, line.tag, line.score, line.detail) for line in lines] == [
        ("r", "kind=spam", 1.5, "signature: 'lottery'")
    ]


def test_audit_and_examples(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (tmp_path / "own.toml").write_text(RULES, encoding="utf-8")
    book = load_rulebook(tmp_path, taxonomy)
    failures = examples.run(book, read)
    assert [(failure.rule, failure.path) for failure in failures] == [
        ("paper", "hits.0"),
        ("paper", "misses.0"),
    ]
    mails = [("A clock", "museum"), ("A clock of paper", "archive"), ("A bell", "library")]
    labelled = [
        Labelled(
            id=f"m{number}",
            inquiry=read(examples.compose(InlineMail(body=body))),
            labels={"partner_type": (label,)},
        )
        for number, (body, label) in enumerate(mails)
    ]
    rows = audit(book, labelled)
    assert [row.rule for row in rows] == ["clock", "paper"], "the worst first"
    clock, paper = rows
    assert (clock.hits, clock.overlap, clock.conflict) == (2, 0.5, 0.5)
    assert clock.coverage == pytest.approx(2 / 3)
    assert (clock.labelled, clock.precision, clock.wrong) == (2, 0.5, ("m1",))
    assert clock.expected == pytest.approx(1 / 3)
    assert clock.lift == pytest.approx(1.5)
    assert paper.precision == 1
    assert paper.lift == pytest.approx(3)
    assert {row.view for row in audit(book, labelled, by_view=True)} == {View.BODY}
    assert silent(book, rows) == ()
