"""Where a person is named: spellings of an address, names in every encoding, and nobody else."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service.person import Person, views

ADDRESS, NAME = "asha@museum.example", "Asha Rao"


@pytest.mark.parametrize(
    "text",
    [
        "asha@museum.example", "ASHA@Museum.EXAMPLE", "<asha+list@museum.example>", "mailto:asha@museum.example?subject=x",
        "asha%40museum.example", "news-bounces+asha=museum.example@lists.example", "asha=40museum.example", "asha@museum.example.",
    ],
)  # fmt: skip
def test_spellings_of_an_address(text: str) -> None:
    assert Person.at(ADDRESS).in_text(text, closely=False)
    assert "museum" not in Person.at(ADDRESS).redacted(text, closely=False).casefold()


@pytest.mark.parametrize(
    "text",
    [
        "natasha@museum.example",
        "asha@museum.example.org",
        "b.asha@museum.example",
        "asha@museumXexample",
        "Asha Rao",
    ],
)
def test_addresses_of_others(text: str) -> None:
    assert not Person.at(ADDRESS).in_text(text, closely=False)
    assert Person.at(ADDRESS).redacted(text, closely=False) == text


def test_a_domain_in_unicode_and_in_ascii_is_one() -> None:
    person = Person.at("jo@bücher.example")
    assert person == Person.at("Jo+x@xn--bcher-kva.EXAMPLE")
    assert person.in_text("an jo@BÜCHER.example", closely=False)
    assert person.in_text("an jo@xn--bcher-kva.example", closely=False)


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_a_name_is_found_in_every_encoding(encoding: str) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Für José Núñez-Ibáñez"
    mail.set_content("Lieber\nJosé  Núñez-Ibáñez,\n" + "x" * 300, cte=encoding)
    person = Person.at("jose@x.example").named(["Dr. José Núñez-Ibáñez"])
    assert person.in_octets(mail.as_bytes(), closely=True)
    assert not person.in_octets(mail.as_bytes(), closely=False)
    del mail["Subject"]
    assert person.in_octets(mail.as_bytes(), closely=True)


@given(st.binary(max_size=400))
def test_any_octets_can_be_searched(octets: bytes) -> None:
    mail = octets + b"\r\n\r\n" + base64.encodebytes(octets)
    assert Person.at(ADDRESS).named([NAME]).in_octets(mail, closely=True) in (True, False)
    hidden = mail + base64.encodebytes(b"to " + ADDRESS.encode() + b" " + octets)
    assert isinstance(list(views(hidden)), list)
