"""The rules that ship: their own examples, and what they are worth without a model, on the train part."""

from __future__ import annotations

import statistics
import tomllib
from pathlib import Path

import pytest

from pipeline.parsing import read
from pipeline.records.inquiries import View
from pipeline.rulebook import examples
from pipeline.rulebook.audit import Labelled, audit
from pipeline.rulebook.book import Rulebook
from pipeline.rulebook.declared import InlineMail
from pipeline.rulebook.match import hits
from pipeline.rulebook.vote import vote
from pipeline.taxonomy import Taxonomy

Sample = list[Labelled]


@pytest.fixture(scope="session")
def sample(fixtures: Path, train_labels: dict[str, dict[str, str]]) -> Sample:
    """Every fourth labelled mail of the train part."""
    chosen = list(train_labels.items())[::4]
    return [
        Labelled(
            id=id_,
            inquiry=read((fixtures / "messages" / f"{id_}.eml").read_bytes()),
            labels={field: tuple(value.split()) for field, value in row.items() if value},
        )
        for id_, row in chosen
    ]


def accuracy(book: Rulebook, sample: Sample, taxonomy: Taxonomy, field: str) -> float:
    right = []
    for one in sample:
        if field in one.labels:
            said = (said for said in vote(hits(book, one.inquiry), taxonomy) if said.field == field)
            right.append(next(said).value == one.labels[field][0])
    return statistics.fmean(right)


def test_every_example_of_every_rule_holds(shipped: Rulebook, fixtures: Path) -> None:
    assert [str(failure) for failure in examples.run(shipped, read, fixtures)] == []


@pytest.mark.parametrize(("field", "least"), [("partner_type", 0.68), ("kind", 0.77), ("alignment", 0.62)])
def test_rules_alone_are_useful(
    shipped: Rulebook, sample: Sample, taxonomy: Taxonomy, field: str, least: float
) -> None:
    assert accuracy(shipped, sample, taxonomy, field) >= least


def test_musts_are_practically_certain(shipped: Rulebook, sample: Sample) -> None:
    rows = [row for row in audit(shipped, sample) if row.must]
    assert rows
    assert all(row.precision is None or row.precision >= 0.95 for row in rows)


KINDS = {
    "museum": "museum", "archive": "archive", "library": "library", "university": "university",
    "research_group": "research", "educational_institution": "school", "government": "government",
    "public_interest": "public-interest", "public_media": "media", "technology": "technology",
    "foundation": "foundation", "wikimedia_community": "wikimedia", "commercial": "company",
    "individual": "private-person",
}  # fmt: skip


def terms(rules: Path, name: str) -> dict[str, list[str]]:
    with (rules / "terms" / f"{name}.toml").open("rb") as stream:
        return {code: words for code, words in tomllib.load(stream)["terms"].items() if code != "und"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_organisation_is_known_in_many_languages(
    rules: Path, shipped: Rulebook, taxonomy: Taxonomy, kind: str
) -> None:
    assert set(KINDS) == set(taxonomy.values("partner_type"))
    assert len(terms(rules, KINDS[kind])) >= 40
    speaking = [rule for rule in shipped.rules if f"partner_type={kind}" in rule.tags]
    views = {view for rule in speaking for view in rule.weights}
    assert views >= {View.SENDER, View.SIGNATURE, View.INTRODUCTION, View.BODY}


@pytest.mark.parametrize(
    ("name", "least"),
    [
        *(("endorsement", 60), ("letter", 60), ("lent-name", 50), ("selling", 60), ("advertising", 50)),
        *(
            ("seo", 30),
            ("paid-editing", 30),
            ("restricted-licence", 50),
            ("control", 50),
            ("reservation", 30),
        ),
        *(("complaint", 50), ("help", 50), ("scam", 50)),
    ],
)
def test_what_is_asked_is_known_in_many_languages(rules: Path, name: str, least: int) -> None:
    assert len(terms(rules, name)) >= least


def test_no_term_is_listed_twice_in_one_language(rules: Path) -> None:
    doubled = [
        (path.stem, code, word)
        for path in sorted((rules / "terms").glob("*.toml"))
        for code, words in terms(rules, path.stem).items()
        for word in {word for word in words if words.count(word) > 1}
    ]
    assert doubled == []


# How an institution of each kind signs, in some scripts.
SIGNED = [
    ("Muzeum Lalek\nDział Zbiorów", "museum"), ("Музей вишивки", "museum"), ("متحف الخزف", "museum"),
    ("Levéltár", "archive"), ("檔案館", "archive"), ("Arquivo Municipal", "archive"),
    ("Kirjasto", "library"), ("ห้องสมุดประชาชน", "library"), ("ספרייה עירונית", "library"),
    ("Üniversitesi", "university"), ("Πανεπιστήμιο", "university"), ("विश्वविद्यालय", "university"),
    ("Ministerio de Cultura", "government"), ("Belediye Başkanlığı", "government"),
    ("Szkoła Podstawowa", "educational_institution"), ("小学校", "educational_institution"),
    ("Nadace Světlo", "foundation"), ("재단", "foundation"), ("Radio Dolina\nredakcja", "public_media"),
    ("User:Example", "wikimedia_community"), ("Muster GmbH\nVertrieb", "commercial"),
]  # fmt: skip


@pytest.mark.parametrize(("signature", "kind"), SIGNED)
def test_a_signature_tells_the_kind(shipped: Rulebook, taxonomy: Taxonomy, signature: str, kind: str) -> None:
    mail = read(examples.compose(InlineMail(body="Hello.", signature=signature)))
    said = [one for one in vote(hits(shipped, mail), taxonomy) if one.field == "partner_type"]
    assert said[0].value == kind


def test_wikimedias_machine_lists_are_automatic(shipped: Rulebook, taxonomy: Taxonomy) -> None:
    header = {"List-Id": "<wikibugs-l.lists.wikimedia.org>"}
    mail = read(examples.compose(InlineMail(subject="[Bug 7]", body="Comment", header=header)))
    said = [one for one in vote(hits(shipped, mail), taxonomy) if one.field == "kind"]
    assert said[0].value == "automated"
    assert said[0].score > 0.9
