"""Country and region from weighed clues."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.assess.region import Place, clues, country_of_domain, country_of_text, place
from pipeline.odds import softmax
from pipeline.records.decisions import Evidence, Source
from pipeline.records.inquiries import Inquiry
from pipeline.taxonomy import Taxonomy

Make = Callable[..., Inquiry]


def _place(inquiry: Inquiry, taxonomy: Taxonomy) -> Place:
    return place(clues(inquiry), taxonomy)


def test_no_clue_gives_nothing(make: Make, taxonomy: Taxonomy) -> None:
    found = _place(make("hello, could we talk?", address="ann@gmail.com"), taxonomy)
    assert found.country is None
    assert found.region == "unknown"


def test_the_seat_wins_over_a_place_named(make: Make, taxonomy: Taxonomy) -> None:
    inquiry = make(
        "We saw your work in Brazil and in Kenya and liked it.",
        address="office@heimatmuseum.example.de",
        signature="Gerda Muster\nHeimatmuseum Musterstadt e.V.\nD-12345 Musterstadt\n+49 30 5550 1234",
    )
    found = _place(inquiry, taxonomy)
    assert (found.country, found.region) == ("DE", "northern_western_europe")
    assert found.country_confidence > 0.95


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("a@museo.example.mx", "MX"),
        ("a@city.gov.uk", "GB"),
        ("a@lib.example.gov", "US"),
        ("a@arxiu.example.cat", "ES"),
        ("a@x.gob.pe", "PE"),
    ],
)
def test_domains(make: Make, taxonomy: Taxonomy, address: str, country: str) -> None:
    assert _place(make("hello", address=address), taxonomy).country == country


def test_generic_domains_tell_nothing(make: Make) -> None:
    for address in ("a@start.example.io", "a@start.example.com", "a@gmail.com"):
        assert clues(make("hello", address=address)) == ()


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+380 44 555 12 80", "UA"),
        ("+1 613 555 0199", "CA"),
        ("+7 727 555 0199", "KZ"),
        ("0034 91 555 01 99", "ES"),
    ],
)
def test_telephone_numbers(make: Make, number: str, country: str) -> None:
    found = clues(make("hello", signature=f"Ann\ntel. {number}"))
    assert [(e.name, e.tag) for e in found] == [("phone", f"country={country}")]
    assert number.rsplit(maxsplit=1)[-1] in found[0].detail


def test_world_wide_bodies_are_global(make: Make, taxonomy: Taxonomy) -> None:
    inquiry = make(
        "The Intergovernmental Commission unites 83 member states.",
        introduction="The Intergovernmental Commission unites 83 member states.",
        address="office@commission.example.int",
    )
    found = _place(inquiry, taxonomy)
    assert (found.country, found.region) == (None, "global")


def test_clues_are_evidence_with_words_and_view(make: Make) -> None:
    found = clues(make("hello", address="a@x.example.fr", signature="Luc\nLyon, France"))
    assert all(e.source is Source.REGION and e.tag.startswith(("country=", "region=")) for e in found)
    assert any(e.name == "city" and "signature" in e.detail and "Lyon" in e.detail for e in found)
    assert [abs(e.score) for e in found] == sorted((abs(e.score) for e in found), reverse=True)


def test_the_clock_speaks_for_and_against(make: Make) -> None:
    text = "Our library in Wellington"
    fits = clues(make(text, introduction=text, date="Mon, 3 Mar 2025 09:00:00 +1300"))
    misfits = clues(make(text, introduction=text, date="Mon, 3 Mar 2025 09:00:00 +0100"))
    assert next(e for e in fits if e.name == "utc offset").score > 0
    assert next(e for e in misfits if e.name == "utc offset").score < 0


def test_the_name_of_the_author_is_no_place(make: Make) -> None:
    inquiry = make("hello", name="Florence Jordan", signature="Florence Jordan\nJordan")
    assert clues(inquiry) == ()


def test_unknown_countries_are_left_out(taxonomy: Taxonomy) -> None:
    odd = Evidence(source=Source.REGION, name="tld", tag="country=QQ", score=9.0)
    assert place((odd,), taxonomy).country is None


def test_place_as_evidence(taxonomy: Taxonomy) -> None:
    clue = Evidence(source=Source.REGION, name="tld", tag="country=JP", score=9.0)
    verdicts = place((clue,), taxonomy).evidence()
    assert [v.tag for v in verdicts] == ["country=JP", "region=east_asia_pacific"]
    assert all(0 <= v.score <= 1 for v in verdicts)


def test_probabilities_sum_to_one() -> None:
    assert sum(softmax({"unknown": 0.0, "global": -900.0, "DE": 800.0}).values()) == pytest.approx(1)


def test_country_of_text_and_domain() -> None:
    assert country_of_text("Dept. of History, Universidad de Granada, Granada, Spain") == "ES"
    assert country_of_text("nothing here") is None
    assert country_of_domain("uni.example.ac.nz") == "NZ"
    assert country_of_domain("example.com") is None


def test_a_hostile_mail_is_quick(make: Make) -> None:
    for text in (
        "Paris " * 20_000,
        "+1" * 50_000,
        "a." * 50_000,
        "12 countries " * 10_000,
        "\u0301" * 50_000,
    ):
        inquiry = make(
            text, signature=text, introduction=text[:400], date="+0100 " * 9000, address="a@x.example"
        )
        started = time.process_time()
        clues(inquiry)
        assert time.process_time() - started < 2


def test_peers_affiliations(request: pytest.FixtureRequest) -> None:
    table = _peers(request, "affiliations.csv")
    rows = [(row["text"], row["country"]) for row in table]
    assert sum(country_of_text(text) == country for text, country in rows) / len(rows) >= 0.97


def test_peers_universities(request: pytest.FixtureRequest) -> None:
    rows = [(row["domain"], row["country"]) for row in _peers(request, "universities.csv")]
    assert sum(country_of_domain(domain) == country for domain, country in rows) / len(rows) >= 0.90


def _peers(request: pytest.FixtureRequest, name: str) -> list[dict[str, str]]:
    path = Path(request.config.rootpath).parent / "shared" / "peers" / "region" / name
    if not path.is_file():
        pytest.skip("the tables of other projects are not here")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
