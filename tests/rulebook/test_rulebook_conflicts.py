"""Rules that contradict each other, never hit, or have no effect: found where it is plain, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import DeclarationError
from pipeline.rulebook.load import load_rulebook
from pipeline.taxonomy import Taxonomy


def rule(
    id_: str, test: str = "", *, tags: str = '"kind=business"', must: bool = False, more: str = ""
) -> str:
    lines = [
        "[[rule]]",
        f'id = "{id_}"',
        'description = "under test"',
        f"tags = [{tags}]",
        f"must = {str(must).lower()}",
        'hits = ["x"]',
        'misses = ["y"]',
        f"test = {{ {test} }}" if test else "",
        more,
    ]
    return "\n".join(lines) + "\n"


def faults(tmp_path: Path, taxonomy: Taxonomy, *rules: str) -> list[str]:
    (tmp_path / "terms").mkdir(exist_ok=True)
    for name in ("a", "b"):
        text = f'description = "the words of {name}"\n[terms]\nen = ["{name}one", "{name}two"]\n'
        (tmp_path / "terms" / f"{name}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "own.toml").write_text("\n".join(rules), encoding="utf-8")
    try:
        load_rulebook(tmp_path, taxonomy)
    except DeclarationError as error:
        return [str(fault).removeprefix(f"{tmp_path}/") for fault in error.faults]
    return []


SUBJECT = 'subject = { contains = ["prize"] }'


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (SUBJECT, SUBJECT),
        (f"allof = [{{ {SUBJECT} }}, {{ automatic = true }}]", SUBJECT),
        ('subject = { is = ["the prize"] }', SUBJECT),
        ('subject = { contains = ["prizes"] }', SUBJECT),
        ('body = { word = ["list:a"] }', 'body = { word = ["list:a", "list:b"] }'),
        ('language = ["de"]', 'language = ["fr", "de"]'),
        ('automatic = ["bounce"]', "automatic = true"),
        ("size = { over = 500 }", "size = { over = 100 }"),
        ("size = { over = 100, under = 200 }", "size = { under = 300 }"),
        ('exists = ["X-One", "X-Two"]', 'exists = ["x-one"]'),
        (
            'address = { part = "domain", ends = [".spam.example"] }',
            'address = { part = "domain", ends = [".example"] }',
        ),
        (SUBJECT, f"anyof = [{{ {SUBJECT} }}, {{ freemail = true }}]"),
        ('not = { subject = { contains = ["priz"] } }', f"not = {{ {SUBJECT} }}"),
        ('language = ["de"]', 'not = { language = ["fr"] }'),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_musts_that_answer_otherwise_on_an_implied_condition(
    tmp_path: Path, taxonomy: Taxonomy, narrow: str, wide: str, *, turned: bool
) -> None:
    first, second = (wide, narrow) if turned else (narrow, wide)
    told = faults(
        tmp_path,
        taxonomy,
        rule("one", first, must=True),
        rule("two", second, tags='"kind=spam"', must=True),
    )
    assert len(told) == 1
    assert (
        "rule.1.tags.0: rule 'two': says 'kind=spam' where rule 'one' (own.toml) says 'kind=business'"
        in told[0]
    )


@pytest.mark.parametrize(
    ("first", "second", "tags"),
    [
        (SUBJECT, 'subject = { contains = ["price"] }', '"kind=spam"'),
        ('language = ["de"]', 'language = ["fr"]', '"kind=spam"'),
        (SUBJECT, f"allof = [{{ {SUBJECT} }}, {{ automatic = true }}]", '"partner_type=museum"'),
        (SUBJECT, SUBJECT, '"activities=research"'),
        (SUBJECT, 'body = { contains = ["prize"] }', '"kind=spam"'),
    ],
)
def test_musts_that_may_live_side_by_side(
    tmp_path: Path, taxonomy: Taxonomy, first: str, second: str, tags: str
) -> None:
    assert (
        faults(tmp_path, taxonomy, rule("one", first, must=True), rule("two", second, tags=tags, must=True))
        == []
    )


def test_routes_and_dispositions_contradict_each_other_too(tmp_path: Path, taxonomy: Taxonomy) -> None:
    told = faults(
        tmp_path,
        taxonomy,
        rule("one", SUBJECT, must=True, tags='"kind=partnership"', more='route = "kim"'),
        rule("two", SUBJECT, must=True, tags='"priorities=quality"', more='route = "lee"'),
        rule("three", SUBJECT, must=True, tags='"disposition=file"'),
        rule("four", SUBJECT, must=True, tags='"disposition=assign"'),
    )
    assert "rule.1.route: rule 'two': says 'lee' where rule 'one' (own.toml) says 'kim'" in told[0]
    assert (
        "rule 'three': says 'disposition=file' where rule 'one' (own.toml) says 'kind=partnership'" in told[1]
    )
    assert "rule 'four': says 'disposition=assign' where rule 'three'" in told[2]


@pytest.mark.parametrize(
    "test",
    [
        "true = false",
        "not = { true = true }",
        f"allof = [{{ {SUBJECT} }}, {{ not = {{ {SUBJECT} }} }}]",
        'allof = [{ language = ["de"] }, { language = ["fr", "it"] }]',
        'allof = [{ subject = { is = ["a"] } }, { subject = { is = ["b"] } }]',
        'allof = [{ subject = { is = ["a"] } }, { subject = { contains = ["b"] } }]',
        "allof = [{ freemail = true }, { freemail = false }]",
        'allof = [{ automatic = false }, { automatic = ["bounce"] }]',
        "size = { over = 200, under = 100 }",
        "size = { over = 5, under = 6 }",
        'address = { part = "domain", is = ["a@b.example"] }',
        'address = { is = ["b.example"] }',
        'anyof = [{ true = false }, { not = { true = true } }]',
        'allof = [{ body = { word = ["list:a"] } }, { not = { body = { word = ["list:a", "list:b"] } } }]',
    ],
)  # fmt: skip
def test_conditions_that_never_hold(tmp_path: Path, taxonomy: Taxonomy, test: str) -> None:
    told = faults(tmp_path, taxonomy, rule("dead", test))
    assert len(told) == 1
    assert "rule.0.test: rule 'dead': unreachable: the condition contradicts itself" in told[0]


@pytest.mark.parametrize(
    "more",
    [
        'terms = ["list:a"]\nviews = ["body"]\nunless = ["*aone", "atwo*", "aone"]',
        'terms = ["aone", "Aone"]\nviews = ["body"]\nleast = 2',
    ],
)
def test_terms_that_never_count(tmp_path: Path, taxonomy: Taxonomy, more: str) -> None:
    told = faults(tmp_path, taxonomy, rule("dead", more=more))
    assert "rule.0.terms: rule 'dead': unreachable" in told[0]


@pytest.mark.parametrize(
    "test",
    [
        SUBJECT,
        'allof = [{ language = ["de", "fr"] }, { language = ["fr", "it"] }]',
        "size = { over = 5, under = 7 }",
        'allof = [{ header = { field = "X", is = ["a"] } }, { header = { field = "X", is = ["b"] } }]',
        f"allof = [{{ {SUBJECT} }}, {{ not = {{ body = {{ contains = ['prize'] }} }} }}]",
        'address = { part = "domain", is = ["b.example"] }',
    ],
)
def test_conditions_that_may_hold(tmp_path: Path, taxonomy: Taxonomy, test: str) -> None:
    assert faults(tmp_path, taxonomy, rule("alive", test)) == []


def test_a_hint_that_a_must_always_overrules(tmp_path: Path, taxonomy: Taxonomy) -> None:
    must = rule("boss", "automatic = true", must=True, tags='"kind=automated"')
    hint = rule("late", f"allof = [{{ {SUBJECT} }}, {{ automatic = ['bounce'] }}]", tags='"kind=spam"')
    (told,) = faults(tmp_path, taxonomy, must, hint)
    assert "rule 'late': unreachable: wherever it hits, a must decides what it speaks about ('boss')" in told
    for other in (
        hint.replace('"kind=spam"', '"kind=spam", "activities=research"'),
        hint.replace("must = false", "priority = -5"),
        rule("late", SUBJECT, tags='"kind=spam"'),
    ):
        assert faults(tmp_path, taxonomy, must, other) == []


def test_rules_that_say_the_same(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (told,) = faults(tmp_path, taxonomy, rule("one", SUBJECT), rule("two", SUBJECT))
    assert "rule 'two': the same condition and effect as rule 'one'" in told
