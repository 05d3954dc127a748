"""Mails that were once told wrongly, each named after what is odd about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipeline.assess.grid import load_criteria
from pipeline.assess.organisation import writer
from pipeline.assess.region import clues, place
from pipeline.assess.urgency import deadline
from pipeline.records.inquiries import Inquiry
from pipeline.taxonomy import Taxonomy

Make = Callable[..., Inquiry]

_SEATS = {
    "world-wide body at its seat, by domain": (
        "Could we talk about photographs?",
        "ann.bo@unesco.org",
        "Ann Bo\nUNESCO\n7 place de Fontenoy\n75007 Paris, France\n+33 1 45 68 10 00",
    ),
    "domain below the body's own": (
        "We would like to talk.",
        "x@archives.who.int",
        "Ann Bo\n1211 Geneva, Switzerland",
    ),
    "body named in a signature, free mailbox": (
        "We would like to talk.",
        "ann@gmail.com",
        "Ann Bo\nInternational Committee of the Red Cross\n1202 Geneva, Switzerland",
    ),
    "body named in an introduction": (
        "I write for the African Union Commission in Addis Ababa, Ethiopia.",
        "ann@gmail.com",
        "Ann Bo\n+251 11 551 77 00",
    ),
}


@pytest.mark.parametrize("case", _SEATS)
def test_world_wide_body_wins_over_its_seat(case: str, make: Make, taxonomy: Taxonomy) -> None:
    text, address, signature = _SEATS[case]
    told = place(clues(make(text, introduction=text, address=address, signature=signature)), taxonomy)
    assert (told.country, told.region) == (None, "global")
    assert told.region_confidence >= 0.9


@pytest.mark.parametrize(
    "text", ["I write from UNICEF Kenya in Nairobi.", "I work at the UNICEF country office in Nairobi."]
)
def test_country_office_keeps_the_place_unsure(text: str, make: Make, taxonomy: Taxonomy) -> None:
    told = place(clues(make(text, introduction=text, address="a@unicef.org")), taxonomy)
    assert told.country == "KE"
    assert told.country_confidence < 0.5 > told.region_confidence


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("DE", "Wir sind die Deutsche UNESCO-Kommission in Bonn."),
        ("IT", "We manage a UNESCO world heritage site in Matera, Italy."),
    ],
)
def test_who_only_names_the_body_is_no_world_wide_one(
    country: str, text: str, make: Make, taxonomy: Taxonomy
) -> None:
    assert place(clues(make(text, introduction=text)), taxonomy).country == country


@pytest.mark.parametrize(
    ("country", "language", "text"),
    [
        (
            "DE",
            "en",
            "We are a museum in Berlin with 300 photographs of Peru taken by travellers from Chile in Lima.",
        ),
        ("DE", "de", "Wir sind ein Museum in Leipzig und haben Fotos aus Peru und Chile."),
        ("ES", "es", "Somos un museo en Sevilla con fotografías de Perú y Bolivia tomadas en Lima."),
        ("US", "en", "We are the Clay Museum in Vienna, Virginia, and want to give photos of Austria."),
        ("US", "en", "We are the Red River Museum in Paris, Texas. Our photos show Paris and London."),
        ("PL", "pl", "Muzeum Gliny w Gnieźnie chce przekazać zdjęcia z Niemiec."),
        ("PL", "pl", "Piszę z biblioteki w Legnicy, mamy zdjęcia z Austrii."),
    ],
)
def test_seat_wins_over_what_pictures_show(
    country: str, language: str, text: str, make: Make, taxonomy: Taxonomy
) -> None:
    assert place(clues(make(text, introduction=text, language=language)), taxonomy).country == country


# Written on Monday, 3 March 2025.
@pytest.mark.parametrize(
    ("day", "language", "text"),
    [
        (None, "en", "The fair opens on 20 March. No hurry."),
        (None, "es", "La feria es el 20 de marzo. Sin prisa."),
        (None, "en", "We have photos. Our museum reopens 1 May 2025."),
        (date(2025, 4, 1), "en", "No hurry, but please answer by 1 April 2025."),
        (date(2025, 3, 17), "en", "Please answer within ten working days."),
        (date(2025, 3, 17), "de", "Bitte antworten Sie innerhalb von zehn Arbeitstagen."),
        (date(2025, 3, 13), "en", "Please answer within ten days."),
        (date(2025, 3, 14), "de", "Wir brauchen eine Antwort bis Ende nächster Woche."),
    ],
)
def test_deadline(day: date | None, language: str, text: str, make: Make, rules: Path) -> None:
    found = deadline(make(text, language=language), load_criteria(rules).urgency, date(2025, 3, 3))
    assert (found and found.day) == day


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Brandt Medien GmbH", "Brandt Medien GmbH Hamburg"),
        ("Brandt Medien GmbH & Co. KG", "Brandt Medien GmbH & Co. KG"),
        ("Fotostiftelsen", "Fotostiftelsen Tlf 22 33 44 55"),
        ("Thư viện tỉnh Sông Hương", "Thư viện tỉnh Sông Hương"),
        ("लोक रेडियो", "लोक रेडियो"),
    ],
)
def test_name_in_a_signature(name: str, line: str, make: Make) -> None:
    assert writer(make("We have photographs.", signature=f"Ann Bo\n{line}", name="Ann Bo")).name == name
