"""What rules do to a decision without a model: tags, route, priority, disposition; disputes; renewal in service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import parsing, wiring
from pipeline.errors import DeclarationError
from pipeline.records.decisions import Decision, Disposition, RuleHit, Source
from pipeline.records.messages import Address
from pipeline.records.work import Entry
from pipeline.routing.assign import assign
from pipeline.routing.policy import Liaison, Policy
from pipeline.routing.routes import places, route_of_rules
from pipeline.rulebook.declared import InlineMail
from pipeline.rulebook.examples import compose, run
from pipeline.service.rounds import Desk
from pipeline.settings import Folders, LedgerSettings, Settings
from tests.support.ledgers import ledger_url

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
HONEST = InlineMail(
    subject="Glass plates",
    body="Our museum would like to give 300 scanned glass plates to Commons under CC BY-SA. Comet.",
    signature="Anna Berg\nMuseum Beispielstadt",
)


def entry_of(decision: Decision) -> Entry:
    return Entry(
        key="ABC", decision=decision, author=Address(), organisation="", subject="", text="", received_at=NOW
    )


def own_rule(id_: str, effect: str, *, must: bool = False, words: str = '["comet"]') -> str:
    return (
        f'[[rule]]\nid = "{id_}"\ndescription = "under test"\n{effect}\nmust = {str(must).lower()}\n'
        f'terms = {words}\nviews = ["body", "subject"]\nhits = ["a comet"]\nmisses = ["a planet"]\n'
    )


def settings(tmp_path: Path, *rules: str, liaisons: Path | None = None) -> Settings:
    folder = tmp_path / "own"
    folder.mkdir(exist_ok=True)
    (folder / "own.toml").write_text("\n".join(rules), encoding="utf-8")
    return Settings(
        ledger=LedgerSettings(url=ledger_url(tmp_path / "triage.db")),
        folders=Folders(rules=folder, liaisons=liaisons, model=""),
    )


def decide(tmp_path: Path, *rules: str, mail: InlineMail = HONEST) -> Decision:
    tagger = wiring.tagger(settings(tmp_path, *rules))
    return tagger.decide([parsing.read(compose(mail))], NOW)[0]


def test_a_rule_may_set_any_tag_and_fields_of_the_grid(tmp_path: Path) -> None:
    tags = '"kind=endorsement", "region=global", "activities=advocacy", "complexity=high"'
    decision = decide(tmp_path, own_rule("all", f"tags = [{tags}]\nweight = 10", must=True))
    assert (decision.tags.kind, decision.tags.region) == ("endorsement", "global")
    assert "advocacy" in decision.tags.activities
    assert decision.tags.criteria.complexity == "high"


def test_a_rule_moves_the_priority_once_and_is_named_in_the_sum(tmp_path: Path) -> None:
    twice = replace_subject("Comet, comet")
    plain = decide(tmp_path, own_rule("other", "priority = 1", words='["neverthere"]'), mail=twice)
    moved = decide(tmp_path, own_rule("bright", "priority = -7"), mail=twice)
    assert moved.priority == max(0, plain.priority - 7)
    (line,) = [one for one in moved.evidence if "bright" in one.name and one.tag.startswith("priority=")]
    assert (line.source, line.tag, line.score) == (Source.CRITERIA, "priority=-7", -7.0)
    assert "rule bright: 'comet'" in line.detail
    lines = [one.score for one in moved.evidence if one.tag.startswith("priority=")]
    assert sum(lines) == moved.priority


def replace_subject(subject: str) -> InlineMail:
    return HONEST.model_copy(update={"subject": subject})


def test_priority_stays_within_its_bounds(tmp_path: Path) -> None:
    assert decide(tmp_path, own_rule("up", "priority = 100")).priority == 100
    assert decide(tmp_path, own_rule("down", "priority = -100")).priority == 0


def test_a_route_is_kept_and_told(tmp_path: Path) -> None:
    decision = decide(tmp_path, own_rule("stars", 'route = "wanjiru"'))
    assert decision.route == "wanjiru"
    assert decision.disposition is Disposition.ASSIGN
    (told,) = [one for one in decision.evidence if one.tag == "route=wanjiru"]
    assert (told.source, told.name) == (Source.RULE, "stars")


def test_musts_that_disagree_at_run_time_end_in_review_with_both_named(tmp_path: Path) -> None:
    decision = decide(
        tmp_path,
        own_rule("one", 'tags = ["kind=business"]', must=True),
        own_rule("two", 'tags = ["kind=endorsement"]', must=True, words='["glass"]'),
        own_rule("three", 'route = "lieve"', must=True),
        own_rule("four", 'route = "danuta"', must=True, words='["glass"]'),
    )
    assert decision.disposition is Disposition.REVIEW
    assert decision.route is None
    reasons = [one.detail for one in decision.evidence if one.name == "musts-disagree"]
    assert any("business (one) against endorsement (two)" in reason for reason in reasons)
    assert any("danuta (four) against lieve (three)" in reason for reason in reasons)
    (given,) = assign([entry_of(decision)], POLICY, {}, NOW)
    assert given.liaison == "rota"
    assert "business (one) against endorsement (two)" in given.reason


@pytest.mark.parametrize(
    ("effects", "wanted"),
    [
        ((('tags = ["disposition=file"]', True),), Disposition.FILE),
        ((('tags = ["disposition=file"]', False),), Disposition.ASSIGN),
        ((('tags = ["disposition=review"]', False),), Disposition.REVIEW),
        ((('tags = ["disposition=assign"]', True),), Disposition.ASSIGN),
        ((('tags = ["disposition=assign", "kind=spam"]', True),), Disposition.ASSIGN),
        (
            (('tags = ["disposition=file"]', True), ('tags = ["disposition=assign"]', True)),
            Disposition.REVIEW,
        ),
        ((('tags = ["kind=spam"]', True),), Disposition.FILE),
        ((('tags = ["kind=spam"]', True), ('tags = ["disposition=assign"]', False)), Disposition.REVIEW),
    ],
)
def test_dispositions(tmp_path: Path, effects: tuple[tuple[str, bool], ...], wanted: Disposition) -> None:
    words = ('["comet"]', '["glass"]')
    rules = [
        own_rule(f"r{number}", effect, must=must, words=words[number])
        for number, (effect, must) in enumerate(effects)
    ]
    assert decide(tmp_path, *rules).disposition is wanted


def liaison(identifier: str) -> Liaison:
    return Liaison(id=identifier, name=identifier.title(), address=f"{identifier}@liaisons.example")


POLICY = Policy(
    fallback="base",
    triage=("rota",),
    low_priority="low",
    liaisons=tuple(map(liaison, ("base", "rota", "low", "kim"))),
)


@pytest.mark.parametrize(
    ("route", "wanted"),
    [("kim", "kim"), ("fallback", "base"), ("triage", "rota"), ("low_priority", "low")],
)
def test_routes_lead_to_liaisons_and_places(tmp_path: Path, route: str, wanted: str) -> None:
    decision = decide(tmp_path, own_rule("stars", f'route = "{route}"'))
    former = {entry_of(decision).key: "base"}
    (given,) = assign([entry_of(decision)], POLICY, {}, NOW, former)
    assert given.liaison == wanted
    assert "by rule stars" in given.reason


def test_a_route_to_nobody_known_is_shared_out(tmp_path: Path) -> None:
    decision = replace(decide(tmp_path, own_rule("stars", 'route = "kim"')), route="gone")
    (given,) = assign([entry_of(decision)], POLICY, {}, NOW)
    assert "by rule" not in given.reason
    assert given.liaison in places(POLICY)


def hit(rule: str, route: str, weight: float, *, must: bool = False) -> RuleHit:
    return RuleHit(rule=rule, tags=(), must=must, weight=weight, view=None, matched="x", route=route)


def test_of_routes_the_must_counts_then_the_strongest_hint() -> None:
    weak, strong, must = hit("a", "kim", 1.0), hit("b", "low", 2.0), hit("c", "base", 0.1, must=True)
    assert route_of_rules([weak, strong]).name == "low"
    assert route_of_rules([weak, strong, must]).name == "base"
    assert route_of_rules([weak, replace(weak, rule="z", route="low")]).name == "kim"
    assert route_of_rules([]).name is None
    assert "base (c) against kim (d)" in route_of_rules([must, hit("d", "kim", 1.0, must=True)]).dispute


def test_unknown_routes_are_refused_where_liaisons_are_known(tmp_path: Path, rules: Path) -> None:
    own = own_rule("stars", 'route = "wanjru"')
    with pytest.raises(DeclarationError, match=r"rule\.0\.route: rule 'stars': .*did you mean 'wanjiru'"):
        wiring.tagger(settings(tmp_path, own, liaisons=rules / "liaisons.toml"))
    assert wiring.rulebook(settings(tmp_path, own)).rules, "without a file of liaisons nobody can tell"
    sample = (rules / "liaisons.toml").read_text(encoding="utf-8")
    nobody = tmp_path / "nobody.toml"
    nobody.write_text(
        "\n".join(line for line in sample.splitlines() if not line.startswith("misdirected =")),
        encoding="utf-8",
    )
    empty = settings(tmp_path, own_rule("stars", 'route = "misdirected"'), liaisons=nobody)
    with pytest.raises(DeclarationError, match="misdirected"):
        wiring.rulebook(empty)


@pytest.fixture
def desk(tmp_path: Path, rules: Path) -> Iterator[Desk]:
    own = own_rule("bright", "priority = 7")
    opened = wiring.desk(settings(tmp_path, own, liaisons=rules / "liaisons.toml"), clock=lambda: NOW)
    yield opened
    opened.close()


def test_a_running_desk_takes_new_rules_and_keeps_the_old_ones_where_they_have_faults(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "own" / "own.toml"
    before, stamp = desk.tagger.rulebook.version, wiring.rules_stamp(desk.settings)
    path.write_text(own_rule("bright", "priority = 700"), encoding="utf-8")
    assert wiring.rules_stamp(desk.settings) != stamp
    kept = wiring.reload(desk)
    assert kept.kept
    assert kept.desk is desk
    assert "rule.0.priority" in kept.report[0]
    assert kept.report[-1] == f"not taken; rules {before} go on serving until this is mended"
    path.write_text(own_rule("bright", "priority = 9"), encoding="utf-8")
    renewed = wiring.reload(desk)
    assert not renewed.kept
    assert renewed.desk.ledger is desk.ledger
    inquiry = parsing.read(compose(HONEST))
    (decision,) = renewed.desk.tagger.decide([inquiry], NOW)
    assert any(one.tag == "priority=+9" for one in decision.evidence)
    assert renewed.report == (f"rules {renewed.desk.tagger.rulebook.version} are in force now",)
    path.unlink()
    assert wiring.reload(renewed.desk).kept, "an empty folder is no set of rules"


def test_changed_files_are_noticed_and_faults_told_once(desk: Desk, tmp_path: Path) -> None:
    path, said = tmp_path / "own" / "own.toml", list[str]()
    renewing = wiring.renewing(desk.settings, said.append)
    assert renewing(desk) is desk
    path.write_text("[[rule]\n", encoding="utf-8")
    assert renewing(desk) is desk
    assert "not valid TOML" in said[0]
    assert "go on serving until this is mended" in said[1]
    assert renewing(desk) is desk
    assert len(said) == 2
    path.write_text(own_rule("other", "priority = 3"), encoding="utf-8")
    assert renewing(desk).tagger.rulebook.rule("other") is not None
    assert "are in force now" in said[2]


def test_the_sample_of_own_rules_holds(tmp_path: Path) -> None:
    from pipeline.cli.rules import _SAMPLE

    book = wiring.rulebook(settings(tmp_path, _SAMPLE))
    assert book.rule("own.wiki-camp") is not None
    assert run(book, parsing.read) == ()
