"""Rule files and lists of terms: what is taken, and how every fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import DeclarationError
from pipeline.rulebook.languages import language_problem
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
misses = ["an old bell"]
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
        ('route = "nobody at all"', "rule.0.route", "pattern"),
        ("priority = 101", "rule.0.priority", "less than or equal to 100"),
        ("priority = 2.5", "rule.0.priority", "integer"),
        ('priority = "high"', "rule.0.priority", "integer"),
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


@pytest.mark.parametrize("missing", ["id", "description", "hits"])
def test_a_rule_needs_id_description_and_an_example(tmp_path: Path, taxonomy: Taxonomy, missing: str) -> None:
    rules = "\n".join(line for line in GOOD.splitlines() if not line.startswith(missing))
    assert f"rule.0.{missing}: " in faults(folder(tmp_path, rules), taxonomy)[0]


def test_faults_of_shape_do_not_hide_others(tmp_path: Path, taxonomy: Taxonomy) -> None:
    crooked = (
        GOOD.replace("=museum", "=musem")
        .replace("list:clocks", "list:cloks")
        .replace('views = ["body"]', 'views = ["body"]\nwieght = 3\ntest = { boddy = { regex = ["(x"] } }')
    )
    other = GOOD.replace('"clocks"', '"bells"').replace("=museum", "=arkive")
    told = "\n".join(faults(folder(tmp_path, crooked + other), taxonomy))
    for wanted in (
        "rule.0.wieght: rule 'clocks': unknown key; did you mean 'weight'?",
        "rule.0.test.boddy: rule 'clocks': unknown key; did you mean 'body'?",
        "rule.0.test.boddy.regex.0: rule 'clocks': bad pattern",
        "rule.0.tags.0: rule 'clocks': unknown value 'musem'",
        "rule.0.terms.0: rule 'clocks': unknown list 'cloks'; did you mean 'clocks'?",
        "rule.1.tags.0: rule 'bells': unknown value 'arkive'",
    ):
        assert wanted in told


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ('body = { regex = ["(a{1000}){1000}"] }', "bad pattern"),
        ('body = { regex = ["' + "x" * 2001 + '"] }', "at most 2000 characters"),
        ('body = { regex = ["(?=x)y"] }', "bad pattern"),
        ('subject = { regex = ["((((x*)*)*)*)"] }', "matches everything"),
        ('body = { regex = ["Loud"] }', "capitals never match"),
        ('body = { contains = [" "] }', "empty text; it would match everything"),
        ('language = ["english"]', "no language code; write the two or three small letters"),
        ('exists = ["X Loop"]', "'X Loop' is no name of a header field"),
        ('header = { field = "Subject:", is = ["x"] }', "'Subject:' is no name of a header field"),
        ('address = { of = ["bcc"], is = ["a@b.example"] }', "'author', 'from'"),
        ('automatic = ["robot"]', "auto-reply"),
    ],
)
def test_tests_that_blow_up_or_mean_nothing_are_refused(
    tmp_path: Path, taxonomy: Taxonomy, test: str, message: str
) -> None:
    told = "\n".join(faults(folder(tmp_path, GOOD + f"test = {{ {test} }}\n"), taxonomy))
    assert "rule 'clocks': " in told
    assert message in told


def test_patterns_that_are_too_large_together_are_refused(tmp_path: Path, taxonomy: Taxonomy) -> None:
    many = ", ".join(f"'\\pL{{1,200}}x{number}'" for number in range(5))
    told = faults(folder(tmp_path, GOOD + f"test = {{ body = {{ regex = [{many}] }} }}\n"), taxonomy)
    assert any("too large together" in one for one in told)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rule = 3\n", "no rules"),
        ("[rule]\nid = 'x'\n", "no rules"),
        ("rule = [1]\n", "not a table"),
        ("title = 'mine'\n" + GOOD, "title: unknown key"),
        ("", "no rules; write at least one [[rule]] table"),
    ],
)
def test_files_that_are_no_rule_files(tmp_path: Path, taxonomy: Taxonomy, text: str, message: str) -> None:
    assert message in "\n".join(faults(folder(tmp_path, text), taxonomy))


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("priority=20", "write priority = 10 beside tags"),
        ("route=kim", "write route = 'kim' beside tags"),
        ("disposition=bin", "unknown value 'bin' of disposition"),
        ("kind=partnerships", "did you mean 'partnership'?"),
    ],
)
def test_tags_that_are_none(tmp_path: Path, taxonomy: Taxonomy, tag: str, message: str) -> None:
    rules = GOOD.replace("partner_type=museum", tag)
    assert message in "\n".join(faults(folder(tmp_path, rules), taxonomy))


def test_a_rule_needs_an_effect_and_an_example_that_misses(tmp_path: Path, taxonomy: Taxonomy) -> None:
    idle = GOOD.replace('tags = ["partner_type=museum"]\n', "")
    told = faults(folder(tmp_path, idle), taxonomy)
    assert told == ["own.toml: rule.0: rule 'clocks': no effect; give tags, a route or a priority"]
    hitting = GOOD.replace('misses = ["an old bell"]\n', "").replace('"clocks"', '"more"')
    (tmp_path / "own.toml").write_text(hitting, encoding="utf-8")
    assert "rule 'more': misses is missing" in "\n".join(faults(tmp_path, taxonomy))


def test_an_own_folder_adds_to_the_packaged_one(tmp_path: Path, taxonomy: Taxonomy) -> None:
    base, own = tmp_path / "base", tmp_path / "own"
    base.mkdir()
    own.mkdir()
    folder(base, GOOD + GOOD.replace('"clocks"', '"second"').replace("sundial", "hourglass"))
    folder(own, GOOD.replace('"clocks"', '"third"'), clocks=CLOCKS.replace("clock*", "chronometer"))
    changed = GOOD.replace("=museum", "=archive").replace("list:clocks", "list:bells")
    (own / "changed.toml").write_text(changed, encoding="utf-8")
    (own / "terms" / "bells.toml").write_text(CLOCKS.replace("clock*", "bell"), encoding="utf-8")
    book = load_rulebook(base, taxonomy, own=own)
    assert [rule.id for rule in book.rules] == ["second", "clocks", "third"]
    replaced = book.rule("clocks")
    assert replaced is not None
    assert replaced.tags == ("partner_type=archive",)
    words = {number for number, _ in enumerate(book.automaton.spans("a chronometer, a clock"))}
    assert words
    assert book.version != load_rulebook(base, taxonomy).version
    with pytest.raises(DeclarationError, match="no such folder"):
        load_rulebook(base, taxonomy, own=tmp_path / "nowhere")


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
    assert "rule.1.tags.0: rule 'bells': says 'partner_type=archive' where rule 'clocks' (own.toml)" in told
    assert "says 'partner_type=museum': both are musts" in told


def test_examples_of_the_test_part_are_refused(tmp_path: Path, taxonomy: Taxonomy, fixtures: Path) -> None:
    split = dict(line.split(",") for line in (fixtures / "splits.csv").read_text().split()[1:])
    held_out = next(id_ for id_, part in split.items() if part == "test")
    rules = GOOD.replace("an old clock", held_out).replace("an old bell", "zz999")
    told = "\n".join(faults(folder(tmp_path, rules), taxonomy, fixtures))
    assert "hits.0" in told
    assert "is in the test part" in told
    assert "no labelled mail is called 'zz999'" in told
    assert load_rulebook(tmp_path, taxonomy).rules, "without fixtures ids are not checked"


def test_a_blank_term_hides_no_other_fault(tmp_path: Path, taxonomy: Taxonomy) -> None:
    told = "\n".join(faults(folder(tmp_path, GOOD.replace('"sundial"', '"", "*", "a*b"')), taxonomy))
    assert "rule.0.terms.1: rule 'clocks': empty text" in told
    assert "rule.0.terms.2: rule 'clocks': term '*' is too short" in told
    assert "rule.0.terms.3: rule 'clocks': term 'a*b' has a star inside" in told


@pytest.mark.parametrize("code", ["xxx", "qq"])
def test_a_code_that_no_language_has_is_a_fault(tmp_path: Path, taxonomy: Taxonomy, code: str) -> None:
    rules = GOOD + f'test = {{ language = ["{code}"] }}\n'
    told = faults(folder(tmp_path, rules, clocks=CLOCKS.replace("en =", f"{code} =")), taxonomy)
    assert len(told) == 2
    assert all(f"no language has the ISO 639 code '{code}'" in one for one in told)


def test_codes_of_small_languages_are_known() -> None:
    assert [code for code in ("und", "tpi", "fj", "mi", "ht", "yue", "lg") if language_problem(code)] == []
    assert "two or three small letters" in language_problem("DE")


def test_a_weight_that_is_no_number_says_so(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert (
        "weight: rule 'clocks': not a finite number"
        in faults(folder(tmp_path, GOOD + "weight = nan\n"), taxonomy)[0]
    )
