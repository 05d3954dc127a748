"""Signatures are taken apart into who signs, as what, for whom, and how to reach them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import parsing
from pipeline.parsing.contact import read_signature
from pipeline.records.inquiries import Signature

BLOCKS = {
    "english": (
        (
            "Kind regards,\nDr Nora Field\nKeeper of Photographs, Harbour Museum\n4 Quay Street, Newport, NP20 1AB\n"
            "Tel. +44 1632 960 111 | Mob: +44 7700 900 222\nnora@MUSEUM.example | https://www.museum.example/"
        ),
        Signature(
            name="Dr Nora Field", role="Keeper of Photographs", organisation="Harbour Museum",
            address="4 Quay Street, Newport, NP20 1AB", phones=("+44 1632 960 111", "+44 7700 900 222"),
            web=("www.museum.example",), emails=("nora@museum.example",),
        ),
    ),
    "german": (
        (
            "Mit freundlichen Grüßen\nJörg Müller\nLeiter der Fotosammlung\nStadtmuseum Hafen\nHafenstraße 4\n24103 Kiel\n"
            "Telefon: 0431 5550 100\nFax: 0431 5550 199"
        ),
        Signature(
            name="Jörg Müller", role="Leiter der Fotosammlung", organisation="Stadtmuseum Hafen",
            address="Hafenstraße 4, 24103 Kiel", phones=("0431 5550 100",),
        ),
    ),
    "french": (
        "Cordialement,\n\nHélène Champ\nResponsable des collections\nMusée du Port | 12 rue du Quai | 29200 Brest\n+33 2 55 50 01 00",
        Signature(
            name="Hélène Champ", role="Responsable des collections", organisation="Musée du Port",
            address="12 rue du Quai, 29200 Brest", phones=("+33 2 55 50 01 00",),
        ),
    ),
    "spanish": (
        "Un saludo,\nInés Campo\nDirectora, Biblioteca Municipal del Puerto\nCalle Mayor 4, Cádiz\nTel.: 956 55 50 10",
        Signature(
            name="Inés Campo", role="Directora", organisation="Biblioteca Municipal del Puerto", address="Calle Mayor 4, Cádiz",
            phones=("956 55 50 10",),
        ),
    ),
    "polish": (
        "Z poważaniem\ndr Anna Polna\nkustosz\nMuzeum Portowe w Gdyni\nul. Morska 4\ntel. 58 555 01 00\nwww.muzeum.example",
        Signature(
            name="dr Anna Polna", role="kustosz", organisation="Muzeum Portowe w Gdyni", address="ul. Morska 4",
            phones=("58 555 01 00",), web=("www.muzeum.example",),
        ),
    ),
    "russian": (
        "С уважением,\nНора Полевая\nзаведующая отделом фотографий\nМузей порта\nг. Выборг, ул. Морская, 4\nтел.: +7 812 555-01-00",
        Signature(
            name="Нора Полевая", role="заведующая отделом фотографий", organisation="Музей порта", address="г. Выборг, ул. Морская, 4",
            phones=("+7 812 555-01-00",),
        ),
    ),
    "japanese": (
        "敬具\n野原のら\n学芸員\n港湾博物館\n電話 045-555-0100\nnora@museum.example",
        Signature(
            name="野原のら", role="学芸員", organisation="港湾博物館", phones=("045-555-0100",), emails=("nora@museum.example",)
        ),
    ),
    "arabic": (
        "مع خالص التحية،\nنورا حقل\nمديرة المجموعات\nمتحف الميناء\nهاتف: +20 3 5550100",
        Signature(name="نورا حقل", role="مديرة المجموعات", organisation="متحف الميناء", phones=("+20 3 5550100",)),
    ),
    "name behind the phrase": (
        "Cheers, Nora Field (she/her)\nCurator at Harbour Museum",
        Signature(name="Nora Field", role="Curator", organisation="Harbour Museum"),
    ),
    "name with role": ("Mvh Nora\n--\nNora Field, arkivar\nHamnarkivet", Signature(name="Nora Field", role="arkivar", organisation="Hamnarkivet")),
    "middle dots": (
        "-- \nNora Field · Head of Loans · Harbour Museum · +1 (915) 555-0139",
        Signature(name="Nora Field", role="Head of Loans", organisation="Harbour Museum", phones=("+1 (915) 555-0139",)),
    ),
    "organisation that signs": ("Regards\n\nHarbour Museum\nQuay 4, 2100 Harbour", Signature(organisation="Harbour Museum", address="Quay 4, 2100 Harbour")),
    "telephone of the sender": ("Nora\n\nSent from my iPhone", Signature(name="Nora")),
    "disclaimer": (
        "Nora Field\n\nThis e-mail is confidential. If you are not the intended recipient, please delete it at once and tell us.",
        Signature(name="Nora Field"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("block", "expected"), BLOCKS.values(), ids=BLOCKS.keys())
def test_blocks(block: str, expected: Signature) -> None:
    found = read_signature(block, "Nora Field")
    assert found == expected


def test_numbers_that_are_no_telephone() -> None:
    found = read_signature("Regards\nNora Field\nVAT 123456789\nsince 1998\nD-24103 Kiel", "Nora Field")
    assert found.phones == ()


def test_no_signature_says_nothing() -> None:
    assert read_signature("") == Signature()
    assert read_signature("Kind regards,") == Signature()


def test_an_inquiry_carries_it() -> None:
    mail = "From: Nora Field <nora@museum.example>\nSubject: x\n\nMay we send you 300 pictures of the harbour?\n\nBest,\nNora Field\nCurator\n"
    assert parsing.read(mail.encode()).signed == Signature(name="Nora Field", role="Curator")


@given(block=st.text(max_size=400), author=st.text(max_size=20))
def test_nothing_is_made_up(block: str, author: str) -> None:
    found = read_signature(block, author)
    squeezed = "".join(block.casefold().split())
    for value in (found.name, found.organisation, *found.phones, *found.web):
        for word in value.rstrip(")").split():
            assert word.strip(",()").casefold() in squeezed
