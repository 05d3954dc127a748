"""Clues that disagree, and names that mean several places: one case each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.assess.region import clues, place
from pipeline.records.inquiries import Inquiry
from pipeline.taxonomy import Taxonomy

Make = Callable[..., Inquiry]


def _said(text: str, language: str, **more: str) -> dict[str, str]:
    return {"text": text, "introduction": text, "language": language, **more}


# A country, or None where nothing tells.
_CASES: tuple[tuple[str | None, dict[str, str]], ...] = (
    ("GE", _said("We are a library in Tbilisi, Georgia.", "en")),
    ("US", _said("We are a library in Athens, Georgia.", "en")),
    ("US", _said("We are a library in Atlanta, Georgia, USA.", "en")),
    ("GE", _said("Our museum in Georgia keeps old manuscripts.", "en", address="info@museum.example.ge")),
    (
        "US",
        _said("The Georgia Historical Museum keeps photographs.", "en", signature="Ann\nSavannah, GA 31401"),
    ),
    ("JO", _said("We are a school in Amman, Jordan.", "en")),
    (None, _said("Hello, could we talk?", "en", name="Jordan Miller", signature="Jordan Miller")),
    (
        "US",
        _said("I teach in Ohio.", "en", name="Jordan Miller", signature="Jordan Miller\nColumbus, OH 43085"),
    ),
    ("GB", _said("We are a museum in Cambridge.", "en", address="a@museum.example.uk")),
    ("US", _said("We are a museum in Cambridge, Massachusetts.", "en")),
    ("US", _said("We are a museum in Cambridge, MA.", "en")),
    ("ES", _said("Somos un archivo de Valencia, España.", "es")),
    ("VE", _said("Somos un archivo de Valencia, Venezuela.", "es")),
    ("VE", _said("Somos un archivo de Valencia.", "es", address="archivo@ejemplo.org.ve")),
    ("CR", _said("Somos una biblioteca de San José, Costa Rica.", "es")),
    ("US", _said("We are a library in San José, California.", "en")),
    ("MX", _said("Somos una escuela de Guadalupe, Nuevo León, México.", "es")),
    ("GP", _said("Nous sommes une bibliothèque de Guadeloupe.", "fr")),
    ("MK", _said("We are a museum in Skopje, Macedonia.", "en")),
    ("MK", _said("We are the state archive of North Macedonia.", "en")),
    ("GR", _said("We are a museum in Thessaloniki, Macedonia, Greece.", "en")),
    ("CD", _said("Nous sommes une école de Kinshasa, Congo.", "fr")),
    ("CG", _said("Nous sommes une école de Brazzaville, Congo.", "fr")),
    ("CD", _said("Nous sommes une ONG en République démocratique du Congo.", "fr")),
    ("TR", _said("We are a museum in Turkey.", "en")),
    (None, _said("We had turkey for lunch and would like to talk.", "en")),
    ("NE", _said("Nous sommes une association de Niamey, Niger.", "fr")),
    ("NG", _said("We are a school in Nigeria, in the Niger Delta.", "en")),
    ("NG", _said("We are an archive in Minna, Niger State, Nigeria.", "en")),
    (None, _said("Hello, could we talk?", "en", name="Paris Martin", signature="Paris Martin")),
    ("FR", _said("Nous sommes un musée à Paris.", "fr")),
    ("US", _said("We are a museum in Paris, Texas.", "en")),
    ("FR", _said("We in Lyon digitised photographs of Senegal.", "en")),
    (
        "DE",
        _said(
            "We digitised newspapers from Brazil and Namibia.",
            "en",
            signature="Gerda Muster\nArchiv Musterstadt e.V.\nD-12345 Musterstadt",
        ),
    ),
    ("SN", _said("Nous à Dakar avons numérisé des photos de France.", "fr")),
    ("GB", _said("We are a museum in London.", "en")),
    ("CA", _said("We are a museum in London, Ontario.", "en")),
    ("IE", _said("We are a museum in Dublin.", "en")),
    ("US", _said("We are a school in Dublin, Ohio.", "en")),
    ("GB", _said("We are a charity in Birmingham.", "en", signature="Ann\n+44 121 496 0123")),
    ("US", _said("We are a charity in Birmingham, Alabama.", "en")),
    ("AU", _said("We are a library in Perth.", "en", address="a@library.example.au")),
    ("AU", _said("We are a library in Newcastle, NSW.", "en")),
    ("GB", _said("We are a library in Newcastle.", "en", address="a@library.example.uk")),
    ("GN", _said("Nous sommes une radio de Conakry, Guinée.", "fr")),
    ("GW", _said("Somos uma rádio de Bissau, Guiné-Bissau.", "pt")),
    ("GQ", _said("Somos una escuela de Malabo, Guinea Ecuatorial.", "es")),
    ("PG", _said("We are a school in Papua New Guinea.", "en")),
    ("KR", _said("We are an archive in South Korea.", "en")),
    ("DM", _said("We are a school in Roseau, Dominica.", "en")),
    ("DO", _said("Somos una escuela de Santo Domingo, República Dominicana.", "es")),
    ("IE", _said("We are a library in Ireland.", "en")),
    ("GB", _said("We are a library in Northern Ireland.", "en")),
    ("WS", _said("We are a museum in Apia, Samoa.", "en")),
    ("SS", _said("We are a school in Juba, South Sudan.", "en")),
    ("US", _said("We are a museum in Washington, D.C.", "en")),
    ("US", _said("We are a museum in New Mexico.", "en")),
    ("MX", _said("Somos un museo de Mérida, Yucatán.", "es")),
    ("ES", _said("Somos un museo de Mérida, Badajoz.", "es")),
    ("CL", _said("Somos un museo de Santiago.", "es", address="m@museo.example.cl")),
    ("ES", _said("Somos un museo de Santiago de Compostela.", "es")),
    ("ES", _said("Somos un archivo de Córdoba.", "es", address="a@archivo.example.es")),
    ("AR", _said("Somos un archivo de Córdoba, Argentina.", "es")),
    ("CA", _said("We are a choir in Victoria, British Columbia.", "en")),
    ("AU", _said("We are a choir in Victoria, Australia.", "en")),
    (None, _said("Hello, could we talk?", "en", name="Victoria Adams", signature="Victoria Adams")),
    ("LB", _said("We are a library in Tripoli, Lebanon.", "en")),
    ("LY", _said("We are a library in Tripoli, Libya.", "en")),
    ("IN", _said("We are an archive in Hyderabad.", "en", signature="Ravi\n+91 40 5550 1234")),
    ("PK", _said("We are an archive in Hyderabad, Sindh, Pakistan.", "en")),
)


@pytest.mark.parametrize(("country", "said"), _CASES, ids=[case[1]["text"] for case in _CASES])
def test_the_place_that_is_meant(
    make: Make, taxonomy: Taxonomy, country: str | None, said: dict[str, str]
) -> None:
    assert place(clues(make(**said)), taxonomy).country == country


def test_clues_at_par_are_a_guess(make: Make, taxonomy: Taxonomy) -> None:
    text = "We are a network of libraries in Lyon and in Geneva."
    found = place(clues(make(text, introduction=text)), taxonomy)
    assert found.country in ("FR", "CH")
    assert found.country_confidence < 0.8
