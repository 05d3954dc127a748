"""The grid, and the priority as a sum of lines."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipeline.assess.criteria import Grade, PriorityLine, extra_lines, grade
from pipeline.assess.grid import CriteriaPolicy, load_criteria, read_criteria
from pipeline.errors import DeclarationError
from pipeline.records.decisions import Criteria, Evidence, Source, Tags
from pipeline.records.inquiries import Inquiry
from pipeline.taxonomy import load_taxonomy

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
        preconditions_met="yes",
        shared_objectives=2,
        complexity="low",
        funding="none",
        further=("fits_strategic_priorities",),
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


def test_what_lies_outside_is_cut_off_by_a_line_of_its_own(make: Make, policy: CriteriaPolicy) -> None:
    result = grade(
        make("hello"), _tags(), (), policy, TODAY, (PriorityLine(name="vip", points=100, words="our chair"),)
    )
    assert result.priority == 100
    assert sum(line.score for line in result.evidence) == 100
    last = result.evidence[-1]
    assert last.name == "bounds"
    assert last.score < 0
    assert "priorities end at 100" in last.detail


@pytest.mark.parametrize("kind", ["partnership", "business", "spam"])
def test_rules_add_lines(make: Make, policy: CriteriaPolicy, kind: str) -> None:
    extra = (
        PriorityLine(name="vip", points=7, words="a  chair\n wrote"),
        PriorityLine(name="nil", points=0, words="nothing"),
    )
    tags = _tags(kind=kind) if kind == "partnership" else Tags(kind=kind)
    plain = grade(make("hello"), tags, (), policy, TODAY)
    result = grade(make("hello"), tags, (), policy, TODAY, extra)
    assert result.priority == plain.priority + 7
    assert [line.detail for line in result.evidence if line.name == "rule:vip"] == ["a chair wrote"]
    assert extra_lines(result.evidence) == (PriorityLine(name="vip", points=7, words="a chair wrote"),)


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("chapters_can_carry_it_on", "Perhaps your chapter in the region could go on with it."),
        ("chapters_can_carry_it_on", "Le groupe d'utilisateurs pourrait continuer."),
        ("chapters_can_carry_it_on", "香港的用戶組可以參與。"),
        ("lessons_reusable", "It is a pilot project, and we write a toolkit."),
        ("lessons_reusable", "Es ist ein Pilotprojekt."),
        ("lessons_reusable", "これは試行です。"),
        ("strengthens_alliances", "We are a consortium of nine libraries."),
        ("strengthens_alliances", "Somos una red de archivos."),
        ("strengthens_alliances", "Мы консорциум библиотек."),
        ("co_funding", "The ministry pays half as co-funding."),
        ("co_funding", "Mamy dofinansowanie z gminy."),
        ("co_funding", "有配套資金、配套经费與配套資金。共同出资"),
    ],
)
def test_further_elements_by_words(make: Make, policy: CriteriaPolicy, element: str, text: str) -> None:
    result = _grade(make, policy, text)
    assert element in result.criteria.further
    line = next(line for line in result.evidence if line.name == element)
    assert line.score > 0
    assert "'" in line.detail or '"' in line.detail


def test_further_elements_by_tags(make: Make, policy: CriteriaPolicy) -> None:
    assert _grade(make, policy, "hello").criteria.further == ()
    tags = _tags(priorities=("innovation",))
    found = _grade(make, policy, "hello", tags)
    assert found.criteria.further == ("fits_strategic_priorities",)
    assert any(line.detail.endswith("strategic priorities: innovation") for line in found.evidence)
    community = Tags(kind="partnership", partner_type="wikimedia_community", alignment="aligned")
    assert "chapters_can_carry_it_on" in _grade(make, policy, "hello", community).criteria.further


def test_words_count_as_whole_words_alone(make: Make, policy: CriteriaPolicy) -> None:
    for text in ("They sit in autopilots of federated shops.", "A book of mine."):
        assert _grade(make, policy, text).criteria.further == ()


def test_a_rule_tells_an_element(make: Make, policy: CriteriaPolicy) -> None:
    rule = Evidence(
        source=Source.RULE, name="reuse", tag="further=lessons_reusable", score=1.0, detail="body: 'for all'"
    )
    result = _grade(make, policy, "hello", _tags(), rule)
    assert result.criteria.further == ("lessons_reusable",)
    assert any(line.detail == "others can reuse what is learnt: 'for all'" for line in result.evidence)


def test_a_condition_names_a_rule(tmp_path: Path, rules: Path, make: Make) -> None:
    folder = _changed(
        tmp_path,
        rules,
        ('told = [{ priorities = ["readership"]', 'told = [{ rules = ["reach.all"] }, { priorities = ["readership"]'),
        ('[[further.told]]\npartner_type', '[[further.told]]\nrules = ["a.chapter"]\n[[further.told]]\npartner_type'),
    )  # fmt: skip
    policy = load_criteria(folder)
    hits = [
        Evidence(source=Source.RULE, name=name, tag="kind=partnership", score=1.0, detail="body: 'we all'")
        for name in ("reach.all", "a.chapter")
    ]
    result = _grade(make, policy, "hello", _tags(priorities=("quality",)), *hits)
    assert result.criteria.shared_objectives == 2
    assert "chapters_can_carry_it_on" in result.criteria.further
    assert any("carry it on: 'we all'" in line.detail for line in result.evidence)
    with pytest.raises(DeclarationError, match=r"unknown rule 'a.chapter'"):
        read_criteria(folder / "criteria.toml", load_taxonomy(rules), ["reach.all"])


def test_a_longer_text_is_a_larger_undertaking(make: Make, policy: CriteriaPolicy) -> None:
    assert _grade(make, policy, "We offer scans. " * 10).criteria.complexity == "low"
    assert _grade(make, policy, "We offer scans. " * 90).criteria.complexity == "medium"
    assert _grade(make, policy, "写真を提供します。" * 50).criteria.complexity == "medium"


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
        ('en = "consortium*,', 'english = "consortium*,'),
    )
    with pytest.raises(DeclarationError) as caught:
        load_criteria(folder)
    assert {fault.path for fault in caught.value.faults} >= {"line.0.points", "fixed.business"}
    assert "unknown placeholder" in str(caught.value)


def test_names_of_lines_and_elements_are_checked(tmp_path: Path, rules: Path) -> None:
    folder = _changed(
        tmp_path,
        rules,
        ('id = "lessons_reusable"', 'id = "lessons_lost"'),
        ('id = "urgent"', 'id = "bounds"'),
        ("[objectives.reach]", "[objectives.riches]"),
        ("3 = -2.5 }", "4 = -2.5 }"),
    )
    with pytest.raises(DeclarationError) as caught:
        load_criteria(folder)
    message = str(caught.value)
    assert "did you mean 'lessons_reusable'" in message
    assert "the program uses itself" in message
    assert "'riches'" in message
    assert "unknown value '4'" in message


def test_the_vote_of_all_rules_tells_no_further_element(make: Make, policy: CriteriaPolicy) -> None:
    told = Evidence(
        source=Source.RULE, name="pays", tag="further=co_funding", score=1.0, detail="body: 'half'"
    )
    summed = [
        Evidence(source=Source.RULE, name="rules", tag=f"further={one.id}", score=0.15, detail="all rules")
        for one in policy.further
    ]
    assert _grade(make, policy, "hello", _tags(), told, *summed).criteria.further == ("co_funding",)


def test_a_rule_that_speaks_against_a_further_element_does_not_tell_it(
    make: Make, policy: CriteriaPolicy
) -> None:
    against = Evidence(
        source=Source.RULE, name="no", tag="further=co_funding", score=-1.0, detail="body: 'x'"
    )
    assert _grade(make, policy, "hello", _tags(), against).criteria.further == ()
