"""Which names are one organisation's: invented pairs in many languages and scripts, alike and not."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.assess.matching import choose, marks, same_name, settled, writer_of
from pipeline.assess.names import from_text, name_of, spell
from pipeline.records.organisations import Known, MarkKind, Newcomer

# One organisation: case, accents, scripts, legal forms, small words, order, languages, a letter behind the beginning.
SAME = [
    ("University of Glasbury", "UNIVERSITY OF GLASBURY"),
    ("Univerza v Kostanjevu", "University of Kostanjevo"),
    ("Universität Kalimburg", "University of Kalimburg"),
    ("Universidad de Quillapampa", "University of Quillapampa"),
    ("Uniwersytet Zamościński", "Uniwersytet Zamoscinski"),
    ("Stadtarchiv Musterstadt", "Archiv der Stadt Musterstadt"),
    ("Stadtarchiv Musterstadt e.V.", "Stadtarchiv Musterstadt"),
    ("Heimatmuseum Bäreneck", "Heimatmuseum Baereneck"),
    ("Bücherei Übersee", "Buecherei Uebersee"),
    ("Kadim Museum of Beads", "The Kadim Museum of Beads"),
    ("Kadim Museum of Beads, Accra", "Kadim Museum of Beads"),
    ("Kadim Museum of Beads (KMB)", "Kadim Museum of Beads"),
    ("Museum Gong Lasemba", "Lasemba Gong Museum"),
    ("Gruvemuseet", "Gruve-museet"),
    ("Tervahovin museo", "Tervahovin Museum"),
    ("Народна библиотека Краљевграда", "Narodna biblioteka Kraljevgrada"),
    ("Народна библиотека Старог Краљевграда", "Narodna biblioteka Starog Kraljevgradu"),
    ("Бібліотека імені Зразка", "Бібліотека ім. Зразка"),
    ("Бібліотека імені Зразка", "Biblioteka imeni Zrazka"),
    ("ООО «Издательство Ромашка»", "Издательство Ромашка"),
    ("ТОВ «Видавництво Ромашка»", "Видавництво «Ромашка»"),
    ("Zupa Data Sp. z o.o.", "Zupa Data"),
    ("Čačak Media d.o.o.", "Čačak Media"),
    ("Fonda Kft.", "FONDA Kft"),
    ("Prensa Andina S.A. de C.V.", "Prensa Andina"),
    ("Fundación Ñandutí A.C.", "Fundacion Nanduti"),
    ("Fundação Serra Azulina", "Serra Azulina Foundation"),
    ("Stiftung Bildgedächtnis", "Bildgedächtnis-Stiftung"),
    ("Stichting Vrije Adem", "Vrije Adem Foundation"),
    ("Çınar Yayınları A.Ş.", "Cinar Yayinlari"),
    ("Kalimport Labs Pvt. Ltd.", "Kalimport Labs Private Limited"),
    ("Quarrywood Labs GmbH & Co. KG", "Quarrywood Labs"),
    ("Prairie Lantern Trust", "The Prairie Lantern Trust, Inc."),
    ("株式会社ともしび電子", "ともしび電子"),
    ("一般財団法人 東北郷土玩具館", "東北郷土玩具館"),
    ("余韓歴史地理情報研究所", "余韓歴史地理情報研究所"),
    ("متحف توتيل للتراث", "متحف توتيل للتراث"),
    ("Μουσείο Κεραμεικού Θόλου", "Mouseio Kerameikou Tholou"),
    ("Հասմիկյան թանգարան", "Hasmikyan Museum"),
    ("Institutul Pădurea Verde", "Institut Padurea Verde"),
    ("L’Atelier des Images S.A.S.", "L'Atelier des Images"),
    ("Wikimedians of Glasbury User Group", "Glasbury Wikimedians User Group"),
]
# Two organisations, however alike they look, in one country.
DIFFERENT = [
    ("City Museum", "City Museum"),
    ("National Library", "National Library"),
    ("Stadtbibliothek", "Stadtbibliothek"),
    ("المكتبة الوطنية", "المكتبة الوطنية"),
    ("University of Glasbury", "Glasbury University"),
    ("University of Glasbury", "Glasbury College"),
    ("Museum of Glasbury", "Gallery of Glasbury"),
    ("Stadtarchiv Musterstadt", "Stadtbibliothek Musterstadt"),
    ("Stadtarchiv Musterstadt", "Landesarchiv Musterstadt"),
    ("Kadim Museum of Beads", "Kadim Museum of Boats"),
    ("Kadim Museum of Beads", "Kadim Museum of Beads and Boats"),
    ("Museum of Glass", "Museum of Glass History"),
    ("Fundación Nueva Vida", "Fundación Vida"),
    ("Fundación Nueva Vida", "Asociación Nueva Vida"),
    ("School No. 12 Glasbury", "School No. 21 Glasbury"),
    ("Lyceum 4 Kalimport", "Lyceum 14 Kalimport"),
    ("Radio Marlena", "Radio Marlona"),
    ("Institut Petrov", "Institut Petrova"),
    ("Austria Research Institute", "Australia Research Institute"),
    ("Biblioteca San Martín", "Biblioteca San Marcos"),
    ("Biblioteca San Martín", "Biblioteca Santa Marta"),
    ("Národní muzeum Brodek", "Národní galerie Brodek"),
    ("Народна библиотека Краљевграда", "Градска библиотека Краљевграда"),
    ("Музеј Краљевграда", "Народна библиотека Краљевграда"),
    ("大坂市立図書館", "大分市立図書館"),
    ("北山博物館", "南山博物館"),
    ("متحف توتيل", "متحف توتيلا"),
    ("Institute of Reading", "Institute of Writing"),
    ("Fondation Lumière Bleue", "Fondation Lumière Blanche"),
    ("Kalimport Labs", "Kalimport Studios"),
    ("Glasbury Historical Society", "Glasbury Geographical Society"),
    ("New Glasbury Library", "Glasbury Library"),
    ("Friends of Glasbury Library", "Glasbury Library"),
    ("Wikimedia Kalimport", "Wikimedians of Glasbury"),
    ("Red Sembrar", "Red Cosechar"),
    ("ICON", "ICOM"),
    ("BnK", "Bibliothèque nationale de Kalimport"),
    ("Museo del Ferrocarril de Salta", "Museo del Ferrocarril de Jujuy"),
    ("Museum Rothenburg", "Museum Rottenburg"),
    ("Biblioteca Emiliana", "Biblioteca Emiliano"),
    ("Szkoła Podstawowa nr 5 w Brodku", "Szkoła Podstawowa nr 6 w Brodku"),
    ("Yayasan Bukit Hijau", "Yayasan Bukit Biru"),
]


def newcomer(
    name: str = "",
    *,
    domain: str = "",
    address: str = "",
    kind: str | None = "museum",
    country: str | None = "SI",
) -> Newcomer:
    return Newcomer(
        inquiry="K",
        number=1,
        organisation=name,
        domain=domain,
        address=address,
        kind=kind,
        country=country,
        region=None,
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def known(one: Newcomer, number: int = 7) -> Known:
    """Return `one` as the register keeps it after its first mail."""
    found = marks(one)
    return Known(
        id=number,
        name=one.organisation or one.domain,
        kind=one.kind,
        country=one.country,
        domains=frozenset(mark.value for mark in found if mark.kind is MarkKind.DOMAIN),
        names=frozenset(mark.value for mark in found if mark.kind is MarkKind.NAME),
        writers=frozenset(mark.value for mark in found if mark.kind is MarkKind.WRITER),
    )


def is_met(later: Newcomer, first: Newcomer) -> bool:
    """Tell whether `later` is found to be `first`: looked up by a common mark, and chosen."""
    shared = {mark for mark in marks(later) if mark.kind is not MarkKind.NAME} & marks(first)
    return choose(later, [known(first)] if shared else []).organisation == 7


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_organisation(one: str, other: str) -> None:
    assert is_met(newcomer(one), newcomer(other))
    assert is_met(newcomer(other), newcomer(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_organisations(one: str, other: str) -> None:
    assert not is_met(newcomer(one), newcomer(other))
    assert not is_met(newcomer(other), newcomer(one))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_no_name_is_one_across_countries(one: str, other: str) -> None:
    assert not is_met(newcomer(one, country="SI"), newcomer(other, country="ZA"))


def test_names_of_different_pairs_are_never_one() -> None:
    names = sorted({name for pair in SAME for name in pair})
    group = {name: name for name in names}
    for one, other in SAME * 3:  # pairs that share a name are one group
        group[one] = group[other] = min(group[one], group[other])
    merged = [
        (one, other)
        for one, other in combinations(names, 2)
        if group[one] != group[other] and same_name(name_of(one), name_of(other))
    ]
    assert merged == []


def test_the_domain_comes_first() -> None:
    first = newcomer("Bibliothèque nationale de Kalimport", domain="bnk.example", country="FR")
    assert is_met(newcomer("BnK", domain="bnk.example", country="FR"), first)
    assert is_met(newcomer("", domain="bnk.example", country=None), first)
    assert is_met(newcomer("Department of Maps", domain="bnk.example", country="BE"), first)


def test_namesakes_with_domains_of_their_own_are_two() -> None:
    first = newcomer("Fundación Bosque Claro", domain="bosqueclaro.example")
    assert not is_met(newcomer("Fundación Bosque Claro", domain="otherforest.example"), first)
    assert is_met(newcomer("Fundación Bosque Claro", domain="bosqueclaro.org"), first)
    assert not is_met(newcomer("Fundación Bosque Claro", domain="bosqueclaro.org", country="MX"), first)


def test_an_unknown_country_needs_the_very_name() -> None:
    first = newcomer("Prairie Lantern Trust", country="US")
    assert is_met(newcomer("The Prairie Lantern Trust", country=None), first)
    assert not is_met(newcomer("Prairies Lantern Trust", country=None), first)
    assert not is_met(newcomer("Lantern Trust", country=None), newcomer("Lantern Trust", country="US"))


def test_schools_of_one_name_are_many() -> None:
    first = newcomer("Colegio Santa Lucinda", country="PE", address="one@gmail.com")
    assert not is_met(newcomer("Colegio Santa Lucinda", country="PE"), first)
    assert is_met(newcomer("Colegio Santa Lucinda", country="PE", address="One@gmail.com"), first)


def test_the_same_person_writes_again() -> None:
    first = newcomer("Mira Foundation", address="ana@gmail.com", kind="foundation")
    assert is_met(newcomer("", address="ana@gmail.com", kind="foundation"), first)
    assert not is_met(newcomer("", address="ana@gmail.com", kind="individual"), first)
    assert not is_met(newcomer("Glass Museum Brodek", address="ana@gmail.com", kind="foundation"), first)
    assert not is_met(newcomer("", address="ivo@gmail.com", kind="foundation"), first)


def test_the_register_keeps_no_addresses() -> None:
    kept = " ".join(mark.value for mark in marks(newcomer("Mira", address="ana@gmail.com")))
    assert "ana" not in kept
    assert "@" not in kept
    assert writer_of("ana@gmail.com") in kept


def test_individuals_are_no_organisations() -> None:
    match = choose(newcomer("", domain="ana-novak.example", kind="individual"), [])
    assert (match.organisation, match.name, match.found_by) == (None, "", "none")


def test_a_volunteer_at_work_does_not_write_for_the_employer() -> None:
    group = newcomer("Quisca Wikimedians User Group", domain="lawyers.example", kind="wikimedia_community")
    assert settled(group).domain == ""
    assert settled(newcomer("Lawyers", domain="lawyers.example", kind="commercial")).domain
    own = newcomer("Wikimedia Quisca", domain="wikimedia-quisca.example", kind="wikimedia_community")
    assert settled(own).domain == "wikimedia-quisca.example"


def test_a_domain_of_two_organisations_decides_nothing() -> None:
    archive = known(newcomer("Stadtarchiv Musterstadt", domain="musterstadt.example"), 1)
    library = known(newcomer("Stadtbibliothek Musterstadt", domain="musterstadt.example"), 2)
    both = [archive, library]
    named = newcomer("Stadtbibliothek Musterstadt", domain="musterstadt.example")
    assert choose(named, both).organisation == 2
    assert choose(newcomer("", domain="musterstadt.example"), both).found_by == "none"
    third = choose(newcomer("Zoo Musterstadt", domain="musterstadt.example"), both)
    assert (third.organisation, third.name) == (None, "Zoo Musterstadt")


def test_a_name_takes_the_place_of_a_domain() -> None:
    first = known(newcomer("", domain="haal.example"))
    match = choose(newcomer("Häälik", domain="haal.example"), [first])
    assert (match.organisation, match.name) == (7, "Häälik")
    again = choose(
        newcomer("Other", domain="haal.example"), [known(newcomer("Häälik", domain="haal.example"))]
    )
    assert again.name == ""
    assert not any(mark.kind is MarkKind.NAME for mark in again.marks)


def test_spellings_are_simplified_alike() -> None:
    assert spell("Šchukin") == spell("Щукин") == spell("Shchukin")
    assert spell("Königswusterhäuser") == spell("Koenigswusterhaeuser")


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_any_text_has_a_canonical_form_that_stays(text: str) -> None:
    name = name_of(text)
    assert from_text(name.text) == name
    assert len(name.block) <= 200
    assert same_name(name, name) is bool(name.own)


@settings(max_examples=200)
@given(st.text(max_size=60), st.text(max_size=60))
def test_whether_two_are_one_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert same_name(name_of(one), name_of(other)) is same_name(name_of(other), name_of(one))
