"""Rule files and lists of terms: what is taken, and how every fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import DeclarationError
from pipeline.rulebook.load import load_rulebook
from pipeline.taxonomy import Taxonomy

GOOD = """
[[rule]]
id = "clocks"
description = "Words for clocks"
tags = ["partner_type=museum"]
terms = ["list:clocks", "sundial"]
views = ["body"]
hits = ["an old clock"]
"""
CLOCKS = 'description = "Words for clocks"\n[terms]\nen = ["clock*"]\n'


def folder(path: Path, rules: str = GOOD, **lists: str) -> Path:
    (path / "terms").mkdir()
    (path / "own.toml").write_text(rules, encoding="utf-8")
    for name, text in {"clocks": CLOCKS, **lists}.items():
        (path / "terms" / f"{name}.toml").write_text(text, encoding="utf-8")
    return path


def faults(path: Path, taxonomy: Taxonomy, fixtures: Path | None = None) -> list[str]:
    with pytest.raises(DeclarationError) as raised:
        load_rulebook(path, taxonomy, fixtures)
    return [str(fault).removeprefix(f"{path}/") for fault in raised.value.faults]


def test_loads_and_hashes_rules_and_lists(tmp_path: Path, taxonomy: Taxonomy) -> None:
    book = load_rulebook(folder(tmp_path), taxonomy)
    assert [rule.id for rule in book.rules] == ["clocks"]
    assert len(book.version) == 12
    (tmp_path / "terms" / "clocks.toml").write_text(CLOCKS.replace("clock*", "watch"), encoding="utf-8")
    assert load_rulebook(tmp_path, taxonomy).version != book.version


def test_reserved_files_are_no_rules(tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder(tmp_path)
    (tmp_path / "criteria.toml").write_text("weights = 3\n", encoding="utf-8")
    assert len(load_rulebook(tmp_path, taxonomy).rules) == 1


def test_an_empty_folder_is_refused(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert "no rule files" in faults(tmp_path, taxonomy)[0]


def test_all_faults_are_told_at_once(tmp_path: Path, taxonomy: Taxonomy) -> None:
    rules = (
        GOOD
        + GOOD.replace('"partner_type=museum"', '"partner_type=musem", "colour=red", "kind"')
        + GOOD.replace("clocks", "pattern", 1).replace(
            'terms = ["list:clocks", "sundial"]\nviews = ["body"]',
            'test = { body = { regex = ["(clock", "a*"] } }',
        )
        + GOOD.replace("clocks", "lost", 1).replace("list:clocks", "list:cloks")
    )
    told = "\n".join(faults(folder(tmp_path, rules), taxonomy))
    for wanted in (
        "own.toml: rule.1.id: rule 'clocks': the same id is used in own.toml",
        "own.toml: rule.1.tags.0: rule 'clocks': unknown value 'musem' of partner_type; did you mean 'museum'?",
        "own.toml: rule.1.tags.1: rule 'clocks': unknown field 'colour'",
        "own.toml: rule.1.tags.2: rule 'clocks': 'kind' is no tag; write field=value",
        "own.toml: rule.2.test.body.regex.0: rule 'pattern': bad pattern",
        "own.toml: rule.2.test.body.regex.1: rule 'pattern': pattern matches everything",
        "own.toml: rule.3.terms.0: rule 'lost': unknown list 'cloks'; did you mean 'clocks'?",
    ):
        assert wanted in told


@pytest.mark.parametrize(
    ("line", "path", "message"),
    [
        ('test = { bodi = { is = ["x"] } }', "rule.0.test.bodi", "unknown key; did you mean 'body'?"),
        ('test = { body = { contain = ["x"] } }', "rule.0.test.body.contain", "unknown key"),
        ("test = { body = { } }", "rule.0.test.body", "empty; give one of is"),
        ("test = { }", "rule.0.test", "a test is empty"),
        ("test = { true = true, size = { over = 3 } }", "rule.0.test", "exactly one"),
        ("weight = 99", "rule.0.weight", "less than or equal to 10"),
        ('weight = "heavy"', "rule.0.weight", "valid number"),
        ("weight = nan", "rule.0.weight", "number"),
        ('weights = { boddy = 1.0 }', "rule.0.weights", "subject"),
        ("misses = 3", "rule.0.misses", "array"),
    ],
)  # fmt: skip
def test_a_fault_in_a_rule_names_rule_and_path(
    tmp_path: Path, taxonomy: Taxonomy, line: str, path: str, message: str
) -> None:
    rules = GOOD.replace('views = ["body"]', line) if "weights" in line else GOOD + line + "\n"
    told = "\n".join(faults(folder(tmp_path, rules), taxonomy))
    assert path in told
    assert message in told
    assert "rule 'clocks'" in told


@pytest.mark.parametrize("missing", ["id", "description", "tags", "hits"])
def test_a_rule_needs_id_description_tags_and_an_example(
    tmp_path: Path, taxonomy: Taxonomy, missing: str
) -> None:
    rules = "\n".join(line for line in GOOD.splitlines() if not line.startswith(missing))
    assert f"rule.0.{missing}: " in faults(folder(tmp_path, rules), taxonomy)[0]


def test_lists_are_checked(tmp_path: Path, taxonomy: Taxonomy) -> None:
    told = "\n".join(
        faults(
            folder(
                tmp_path,
                one='description = "one of two"\ninclude = ["two"]\n[terms]\nen = ["x*y", "q"]\n',
                two='description = "two of two"\ninclude = ["one", "nowhere"]\n[terms]\nen = ["good"]\n',
                hollow='description = "nothing in it"\n[terms]\n',
            ),
            taxonomy,
        )
    )
    assert "terms/one.toml: include.0: circular: 'two' leads back to 'one'" in told
    assert "terms/two.toml: include.1: unknown list 'nowhere'" in told
    assert "terms/one.toml: terms.en.0: term 'x*y' has a star inside" in told
    assert "terms/one.toml: terms.en.1: term 'q' is too short" in told
    assert "terms/hollow.toml: terms: empty list" in told


def test_broken_toml_in_one_file_does_not_hide_the_other(tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder(tmp_path, GOOD.replace("museum", "musem"))
    (tmp_path / "broken.toml").write_text("[[rule\n", encoding="utf-8")
    told = "\n".join(faults(tmp_path, taxonomy))
    assert "broken.toml: not valid TOML" in told
    assert "unknown value 'musem'" in told


def test_musts_that_contradict_each_other_are_refused(tmp_path: Path, taxonomy: Taxonomy) -> None:
    one = GOOD.replace("views", "must = true\nviews")
    rules = one + one.replace('id = "clocks"', 'id = "bells"').replace("=museum", "=archive")
    told = "\n".join(faults(folder(tmp_path, rules), taxonomy))
    assert "rule 'bells': says 'partner_type=archive' where rule 'clocks' says 'museum'" in told


def test_examples_of_the_test_part_are_refused(tmp_path: Path, taxonomy: Taxonomy, fixtures: Path) -> None:
    split = dict(line.split(",") for line in (fixtures / "splits.csv").read_text().split()[1:])
    held_out = next(id_ for id_, part in split.items() if part == "test")
    rules = GOOD.replace("an old clock", held_out) + 'misses = ["zz999"]\n'
    told = "\n".join(faults(folder(tmp_path, rules), taxonomy, fixtures))
    assert "hits.0" in told
    assert "is in the test part" in told
    assert "no labelled mail is called 'zz999'" in told
    assert load_rulebook(tmp_path, taxonomy).rules, "without fixtures ids are not checked"
