"""Each kind of clue by itself: it is kept as evidence, with its name, its weight and its words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.assess.places import default_places
from pipeline.assess.region import clues, place
from pipeline.records.decisions import Source
from pipeline.records.inquiries import Inquiry
from pipeline.taxonomy import Taxonomy

Make = Callable[..., Inquiry]

# Kind of clue, what it speaks for, words that it keeps, and where it stands.
_CASES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("country name", "country=PT", "Portugal", {"introduction": "We write from Portugal."}),
    ("adjective", "country=SI", "Slovenian", {"introduction": "The Slovenian archive."}),
    ("administrative region", "country=IN", "Kerala", {"introduction": "A school in Kerala."}),
    ("city", "country=KE", "Nairobi", {"signature": "Ann\nNairobi"}),
    ("institution", "country=US", "Stanford University", {"signature": "Ann\nStanford University"}),
    ("phone", "country=UA", "+380 44 555 12 80", {"signature": "Ann\n+380 44 555 12 80"}),
    ("local phone", "country=US", "(915) 555-0139", {"signature": "Ann\n(915) 555-0139"}),
    ("tld", "country=MX", "museo.example.mx", {"address": "a@museo.example.mx"}),
    ("tld", "country=GB", "museum.example.co.uk", {"address": "a@museum.example.co.uk"}),
    ("tld", "country=AT", "museum.example.wien", {"address": "a@museum.example.wien"}),
    ("tld", "country=GB", "trust.example.scot", {"address": "a@trust.example.scot"}),
    ("tld", "country=UA", "музей.укр", {"address": "a@музей.укр"}),
    ("tld", "country=EG", "example.xn--wgbh1c", {"address": "a@example.xn--wgbh1c"}),
    ("official domain", "country=MX", "cultura.gob.mx", {"address": "a@cultura.gob.mx"}),
    ("official domain", "country=NZ", "uni.ac.nz", {"address": "a@uni.ac.nz"}),
    ("education domain", "country=US", "college.example.edu", {"address": "a@college.example.edu"}),
    ("mailbox", "country=DE", "web.de", {"address": "ann@web.de"}),
    ("registered domain", "country=GH", "regentghana.example.com", {"address": "a@regentghana.com"}),
    ("currency", "country=NO", "NOK", {"text": "We have 400 NOK."}),
    ("currency", "country=BR", "R$", {"text": "Temos R$ 400."}),
    ("currency", "country=PL", "zł", {"text": "Mamy 400 zł."}),
    ("legal form", "country=DE", "GmbH", {"signature": "Ann\nMuster GmbH"}),
    ("legal form", "country=HU", "Kft", {"signature": "Ann\nMinta Kft"}),
    ("legal form", "country=MX", "S.A. de C.V.", {"signature": "Ann\nEjemplo S.A. de C.V."}),
    ("postal address", "country=DE", "D-12345 Musterstadt", {"signature": "Ann\nD-12345 Musterstadt"}),
    ("postal address", "country=GB", "ZZ1 9ZZ", {"signature": "Ann\n1 Sample Street, ZZ1 9ZZ"}),
    ("postal address", "country=JP", "〒100-0000", {"signature": "Ann\n〒100-0000"}),
    ("postal address", "country=PL", "00-000 Przykładowo", {"signature": "Ann\n00-000 Przykładowo"}),
    ("written place", "country=US", "Norfolk, VA", {"introduction": "We are based in Norfolk, VA."}),
    ("written place", "country=BR", "/PE", {"introduction": "Somos uma escola de Olinda/PE"}),
    ("language", "country=SI", "sl", {"language": "sl"}),
    ("world-wide body", "region=global", "intergovernmental", {"text": "An intergovernmental commission."}),
    ("number of countries", "region=global", "34 countries", {"introduction": "We work in 34 countries."}),
)


@pytest.mark.parametrize(("kind", "tag", "words", "where"), _CASES)
def test_a_clue_is_evidence(make: Make, kind: str, tag: str, words: str, where: dict[str, str]) -> None:
    found = clues(make(**{"text": where.get("introduction", ""), **where}))
    kept = [clue for clue in found if clue.name == kind and clue.tag == tag]
    assert kept, [(clue.name, clue.tag, clue.detail) for clue in found]
    assert kept[0].source is Source.REGION
    assert kept[0].score > 0
    if kind != "registered domain":
        assert words in kept[0].detail


@pytest.mark.parametrize(
    "where",
    [
        {"text": "It costs € 400."},
        {"text": "It costs 400 euros."},
        {"address": "a@start.example.io"},
        {"address": "a@gmail.com"},
        {"text": "We used ISBN 978-3-16-148410-0 and room 12345-678."},
        {"text": "hello", "language": "en"},
    ],
)
def test_what_tells_nothing(make: Make, where: dict[str, str]) -> None:
    assert [clue for clue in clues(make(**where)) if clue.name != "postal address"] == []


def test_every_kind_of_clue_has_a_weight() -> None:
    kinds = {kind for kind, _, _, _ in _CASES} | {"town", "utc offset", "world-wide phrase", "places named"}
    assert kinds <= set(default_places().weights)


def test_places_all_over_the_world_and_no_seat(make: Make, taxonomy: Taxonomy) -> None:
    text = "Our volunteers sit in Manila, Durban, Rotterdam, Valparaíso and Tallinn."
    found = clues(make(text, introduction=text))
    assert any(clue.name == "places named" and clue.tag == "region=global" for clue in found)
    seated = clues(make(text, introduction=text, address="office@group.example.nl"))
    assert not any(clue.name == "places named" for clue in seated)
    assert place(seated, taxonomy).country == "NL"


def test_a_weak_clue_gives_an_unsure_guess(make: Make, taxonomy: Taxonomy) -> None:
    text = "We have a museum in Portugal."
    found = place(clues(make(text, introduction=text)), taxonomy)
    assert found.country == "PT"
    assert found.country_confidence < 0.9
