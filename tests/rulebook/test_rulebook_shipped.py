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


def _said(book: Rulebook, text: str, *fields: str) -> set[str]:
    octets = f"From: Robin <robin@organisation.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    found = hits(book, read(octets.encode()))
    return {tag for hit in found if hit.matched for tag in hit.tags if tag.partition("=")[0] in fields}


@pytest.mark.parametrize(
    "text",
    [
        "We give 500 photos under CC BY-NC-ND only.",
        "Die Bilder stehen unter CC BY-NC.",
        "Nos photos sont sous CC BY-ND.",
        "All files are CC-BY-NC-SA 4.0.",
        "The licence is Creative Commons Attribution-NonCommercial.",
    ],
)
def test_a_free_licence_is_not_found_within_a_nonfree_one(shipped: Rulebook, text: str) -> None:
    said = _said(shipped, text, "alignment", "preconditions_met")
    assert not said & {"alignment=aligned", "preconditions_met=yes"}
    assert "preconditions_met=unclear" in said


def test_a_free_licence_beside_a_nonfree_one_counts(shipped: Rulebook) -> None:
    said = _said(shipped, "The scans are CC BY 4.0, the videos CC BY-NC.", "preconditions_met")
    assert said == {"preconditions_met=yes", "preconditions_met=unclear"}


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Our society asks for a grant of 3,000 USD.", "requested"),
        ("We ask for £3,000.", "requested"),
        ("Просим денег на два ноутбука.", "requested"),
        ("Wir brauchen 2.000 Euro.", "requested"),
        ("We offer EUR 50,000.", "offered"),
        ("Nous disposons de 8 000 francs suisses.", "offered"),
    ],
)
def test_words_near_a_sum_tell_which_way_it_goes(
    shipped: Rulebook, taxonomy: Taxonomy, text: str, way: str
) -> None:
    octets = f"From: robin@organisation.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    said = [one for one in vote(hits(shipped, read(octets.encode())), taxonomy) if one.field == "funding"]
    assert said[0].value == way


@pytest.mark.parametrize(
    "text", ["We do not ask for 500 USD.", "Мы не просим 500 евро.", "We don't need 500 USD."]
)
def test_a_sum_that_is_not_asked_for(shipped: Rulebook, text: str) -> None:
    assert "funding.sum-asked" not in {hit.rule for hit in hits(shipped, read(f"\n{text}\n".encode()))}


def test_an_application_elsewhere_offers_nothing(shipped: Rulebook) -> None:
    assert "funding=offered" not in _said(shipped, "助成金の申請のため、推薦状をお願いします。", "funding")


@pytest.mark.parametrize(
    "text",
    [
        "Bom dia, trabalhamos todos os dias em literacia digital.",
        "We teach digital literacy.",
        "हम डिजिटल साक्षरता सिखाते हैं।",
    ],
)
def test_days_and_digital_are_no_slides(shipped: Rulebook, text: str) -> None:
    assert _said(shipped, text, "activities") & {"activities=content_donation"} == set()


@pytest.mark.parametrize(
    "text",
    ["نرغب في تنظيم تدريب للطلاب", "We met at this stage.", "Наша работа: курсов много, мы ведем работу."],
)
def test_words_of_partners_are_no_cry_for_help(shipped: Rulebook, text: str) -> None:
    assert "misdirected.help" not in {
        hit.rule
        for hit in hits(
            shipped, read(f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode())
        )
    }


def test_an_article_about_the_chief_is_paid_editing(shipped: Rulebook) -> None:
    text = "How much does it cost to publish an article about our CEO?"
    assert "kind=business" in _said(shipped, text, "kind")
