"""The grid, and the priority as a sum of lines."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipeline.assess.criteria import CriteriaPolicy, Grade, grade, load_criteria
from pipeline.errors import DeclarationError
from pipeline.records.decisions import Criteria, Evidence, Source, Tags
from pipeline.records.inquiries import Inquiry

Make = Callable[..., Inquiry]
TODAY = date(2025, 3, 3)


@pytest.fixture(scope="module")
def policy(rules: Path) -> CriteriaPolicy:
    return load_criteria(rules)


def _tags(alignment: str = "aligned", kind: str = "partnership", priorities: tuple[str, ...] = ()) -> Tags:
    return Tags(kind=kind, partner_type="museum", alignment=alignment, priorities=priorities)


def _grade(
    make: Make, policy: CriteriaPolicy, text: str = "hello", tags: Tags | None = None, *evidence: Evidence
) -> Grade:
    return grade(make(text), tags or _tags(), evidence, policy, TODAY)


@pytest.mark.parametrize(
    ("alignment", "met"), [("aligned", "yes"), ("unclear", "unclear"), ("not_aligned", "no")]
)
def test_preconditions_follow_the_alignment(
    make: Make, policy: CriteriaPolicy, alignment: str, met: str
) -> None:
    assert _grade(make, policy, "hello", _tags(alignment)).criteria.preconditions_met == met


def test_defaults_without_a_model(make: Make, policy: CriteriaPolicy) -> None:
    result = _grade(make, policy, "hello", _tags(priorities=("quality", "participation", "innovation")))
    assert result.criteria == Criteria(
        preconditions_met="yes", shared_objectives=2, complexity="low", funding="none"
    )
    assert set(result.confidence) == {"preconditions_met", "shared_objectives", "complexity", "funding"}
    assert all(0 <= chance <= 1 for chance in result.confidence.values())


def test_a_model_is_heard(make: Make, policy: CriteriaPolicy) -> None:
    said = [
        ("complexity=high", 0.9),
        ("complexity=low", 0.1),
        ("funding=requested", 0.8),
        ("funding=none", 0.2),
        ("shared_objectives=3", 0.7),
    ]
    spoken = [Evidence(source=Source.MODEL, name="base", tag=tag, score=score) for tag, score in said]
    result = _grade(make, policy, "hello", _tags(), *spoken)
    assert (result.criteria.complexity, result.criteria.funding, result.criteria.shared_objectives) == (
        "high",
        "requested",
        3,
    )
    assert result.confidence["complexity"] == pytest.approx(0.9, abs=0.02)


def test_a_rule_shifts_the_grid(make: Make, policy: CriteriaPolicy) -> None:
    rule = Evidence(source=Source.RULE, name="pays", tag="funding=offered", score=4.0)
    assert _grade(make, policy, "hello", _tags(), rule).criteria.funding == "offered"


def test_the_lines_add_up_and_quote(make: Make, policy: CriteriaPolicy) -> None:
    rule = Evidence(source=Source.RULE, name="pays", tag="funding=offered", score=4.0)
    text = "We have $11,400 left for scans.\n\nPlease let us know by 12 March."
    result = _grade(make, policy, text, _tags(priorities=("quality",)), rule)
    assert result.priority == sum(round(line.score) for line in result.evidence)
    assert all(
        line.source is Source.CRITERIA and line.tag == f"priority={line.score:+.0f}"
        for line in result.evidence
    )
    words = {line.name: line.detail for line in result.evidence}
    assert "$11,400" in words["funding_offered"]
    assert "2025-03-12" in words["urgent"]
    assert result.criteria.urgency == date(2025, 3, 12)


def test_a_near_deadline_counts_more_than_a_far_one(make: Make, policy: CriteriaPolicy) -> None:
    near = _grade(make, policy, "Book.\n\nPlease answer by 12 March.")
    far = _grade(make, policy, "Book.\n\nPlease answer by 10 April.")
    none = _grade(make, policy, "Book.\n\nPlease answer.")
    assert near.priority > far.priority > none.priority


@pytest.mark.parametrize("kind", ["business", "misdirected", "spam", "automated"])
def test_other_kinds_have_no_grid(make: Make, policy: CriteriaPolicy, kind: str) -> None:
    result = _grade(make, policy, "Please answer by 12 March.", Tags(kind=kind))
    assert result.criteria == Criteria()
    assert dict(result.confidence) == {}
    assert result.priority == policy.fixed[kind] < 20
    assert len(result.evidence) == 1


def test_the_priority_stays_within_bounds(make: Make, policy: CriteriaPolicy) -> None:
    lines = tuple(line.model_copy(update={"points": 100}) for line in policy.line)
    assert _grade(make, policy.model_copy(update={"line": lines})).priority == 100
    lines = tuple(line.model_copy(update={"points": -100}) for line in policy.line)
    assert _grade(make, policy.model_copy(update={"line": lines})).priority == 0


def test_hostile_words_stay_on_one_short_line(make: Make, policy: CriteriaPolicy) -> None:
    rule = Evidence(source=Source.RULE, name="pays", tag="funding=offered", score=4.0)
    result = _grade(make, policy, "{quote}\u202e\x00 pays $5 " + "{value}\n" * 900, _tags(), rule)
    for line in result.evidence:
        assert len(line.detail) <= 200
        assert line.detail.isprintable()


def _changed(tmp_path: Path, rules: Path, *changes: tuple[str, str]) -> Path:
    text = (rules / "criteria.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    shutil.copy(rules / "taxonomy.toml", tmp_path)
    (tmp_path / "criteria.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_all_unknown_names_are_reported_at_once(tmp_path: Path, rules: Path) -> None:
    folder = _changed(
        tmp_path,
        rules,
        ('alignment = ["aligned"]', 'alignment = ["alined"]'),
        ('kind = ["partnership"]', 'kind = ["partners"]'),
        ('id = "base_endorsement"', 'id = "base"'),
        ("spam = 0", "spma = 0"),
    )
    with pytest.raises(DeclarationError) as caught:
        load_criteria(folder)
    message = str(caught.value)
    assert len(caught.value.faults) == 4
    assert all(
        part in message
        for part in ("did you mean 'aligned'", "'partners'", "used twice", "fixed: unknown value 'spma'")
    )


def test_wrong_numbers_and_placeholders_are_refused(tmp_path: Path, rules: Path) -> None:
    folder = _changed(
        tmp_path,
        rules,
        ("points = 25", 'points = "many"'),
        ("raise {objectives}", "raise {object}"),
        ("business = 15", "business = 150"),
    )
    with pytest.raises(DeclarationError) as caught:
        load_criteria(folder)
    assert {fault.path for fault in caught.value.faults} >= {"line.0.points", "fixed.business"}
    assert "unknown placeholder" in str(caught.value)
