"""Who writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.assess.hosts import own_domain
from pipeline.assess.organisation import writer
from pipeline.records.inquiries import Inquiry

Make = Callable[..., Inquiry]


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("Ann Muster\nRegistrar, Kadim Museum of Beads", "Kadim Museum of Beads"),
        ("Jan\nCoördinator\nStichting Open Water | Radio · Online", "Stichting Open Water"),
        ("Eva Muster\nLeiterin\nStadtarchiv Musterstadt", "Stadtarchiv Musterstadt"),
        ("Department of History, University of Kalimport", "University of Kalimport"),
        ("北条 玲子\n一般財団法人 東北玩具館", "一般財団法人東北玩具館"),
        ("早乙女 慎\n余韓歴史地理情報研究所", "余韓歴史地理情報研究所"),
        ("Олена Зразок\nБібліотека імені Зразка", "Бібліотека імені Зразка"),
    ],
)
def test_from_the_signature(make: Make, signature: str, name: str) -> None:
    assert writer(make("We would like to work with you.", signature=signature)).name == name


def test_from_the_sender(make: Make) -> None:
    assert writer(make("hello", name="Fondation Exemple")).name == "Fondation Exemple"


def test_from_the_introduction(make: Make) -> None:
    text = "I write for the Prairie Lantern Trust, which helps small towns."
    assert writer(make(text, introduction=text)).name == "Prairie Lantern Trust"


@pytest.mark.parametrize(
    ("text", "name", "signature"),
    [
        ("my school is nice and I like it", "Ann Muster", "Ann"),
        ("Dear Wikimedia Foundation, hello", "Ben", "Ben\nsent from my phone"),
        ("hello", "Jo", "Jo\n_____\nPartners mailing list"),
        ("", "", ""),
    ],
)
def test_nothing_is_better_than_a_guess(make: Make, text: str, name: str, signature: str) -> None:
    assert writer(make(text, name=name, signature=signature, introduction=text)).name == ""


@pytest.mark.parametrize(
    ("name", "address", "signature", "text", "found"),
    [
        ("Youri Vos", "y@vakschooldelinde.example", "Youri\nVakschool De Linde | afdeling Hout", "", "Vakschool De Linde"),
        ("Wide Extan", "w@limyeklere.example", "Wide", "I do my internship with Limyè Klere, the market women.", "Limyè Klere"),
        ("Ana Kos", "ana@ustanova-iskrenka.example", "", "Ustanova Iskrenka podeljuje sredstva.", "Ustanova Iskrenka"),
        ("Остап М.", "ostap@vikiklub.example", "Остап", "«Вікіклуб», гурток дописувачів.", "Вікіклуб"),
        ("Nil Sar", "nil@cinarsayfa.example", "Nil Sar\nÇınar Sayfaları A.Ş. — İstanbul", "", "Çınar Sayfaları A.Ş."),
        ("Dana Li", "dana@vkpf.example", "Dana", "The Vesper Kirk Parish Foundation in Riga writes.", "Vesper Kirk Parish Foundation"),
        ("Legal desk", "l@khatopanels.example", "", "We act for the Khato Panels Foundation, which is registered.", "Khato Panels Foundation"),
        ("Jez Hallam", "jez@hallam.example", "Jez Hallam", "Half the darts players have no photo.", ""),
        ("Max Muster", "max@freiesradio-tal.example", "Max", "Wir sind ein Freies Radio.", ""),
        ("Ann Ro", "ann@museum.example", "Ann", "Museum people like it.", ""),
    ],
)  # fmt: skip
def test_what_the_domain_spells_out(
    make: Make, name: str, address: str, signature: str, text: str, found: str
) -> None:
    inquiry = make(text or "Hello.", name=name, address=address, signature=signature, introduction=text)
    assert writer(inquiry).name == found


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("Հասմիկ\nֆոնդերի պահապան\nՄարտունյան երկրագիտական թանգարան", "Մարտունյան երկրագիտական թանգարան"),
        ("Ольга\nГородской музей стекла", "Городской музей стекла"),
        ("أمينة المجموعات، متحف توتيل للتراث", "متحف توتيل للتراث"),
        ("Ana\nDirectora de biblioteca", ""),
        ("Head of Department", ""),
        ("Inspector, Department of Promotion and Culture", ""),
        ("Sani\n-- \nPartners mailing of Wikimedia Kalimport Association", ""),
    ],
)
def test_lines_of_the_signature(make: Make, signature: str, name: str) -> None:
    assert writer(make("We would like to work with you.", name="Ol", signature=signature)).name == name


@pytest.mark.parametrize(
    "text",
    [
        "We work with Khan Example Academy on offline boxes.",
        "We read the Hausa Wikipedia every day in our club.",
        "I write to the Wikimedia Foundation about the Plan Editorial.",
        "Zambia's Ministry has asked for it.",
    ],
)
def test_others_who_are_named_do_not_write(make: Make, text: str) -> None:
    assert writer(make(text, name="Jo Do", introduction=text)).name == ""


def test_the_full_name_stands_before_the_acronym(make: Make) -> None:
    text = "The National Agency for the Register of Mills asks for help."
    inquiry = make(text, name="Legal KARM", address="x@karm.example", introduction=text)
    assert writer(inquiry).name == "National Agency for the Register of Mills"
    assert writer(make("Hello.", name="Legal KARM", address="x@karm.example")).name == "KARM"


def test_the_domain_of_a_private_mailbox_is_nobodys(make: Make) -> None:
    signature = "Lena\nStiftung Klarwasser\nwww.stiftung-klarwasser.example, facebook.com/klarwasser"
    found = writer(
        make("Hello", address="lena@gmail.com", signature=signature), kind="foundation", country="DE"
    )
    assert (found.name, found.domain) == ("Stiftung Klarwasser", "stiftung-klarwasser.example")
    assert (found.kind, found.country, found.found_by) == ("foundation", "DE", "signature")
    other = "Lena\nStiftung Klarwasser\nhttps://shop.example/lena"
    assert writer(make("Hello", address="lena@gmail.com", signature=other)).domain == ""


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("lib.uni-brodek.si", "uni-brodek.si"),
        ("data.ministry.gov.uk", "ministry.gov.uk"),
        ("zoo.github.io", "zoo.github.io"),
        ("zoo.wordpress.com", ""),
        ("bar.admin.ch", "bar.admin.ch"),
        ("admin.ch", ""),
        ("gmail.com", ""),
        ("mail.gmail.com", ""),
        ("orange.fr", ""),
        ("brodek-mail.org", ""),
        ("lists.wikimedia.org", ""),
        ("github.io", ""),
        ("localhost", ""),
        ("[192.0.2.1]", ""),
        ("", ""),
        ("." * 300, ""),
    ],
)
def test_whose_a_domain_is(host: str, domain: str) -> None:
    assert own_domain(host) == domain


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200), st.text(max_size=200))
def test_one_line_and_short(make: Make, name: str, signature: str) -> None:
    found = writer(make("x", name=f"{name} Museum {signature}", signature=f"{signature}\nMuseum {name}")).name
    assert len(found) <= 120
    assert found == " ".join(found.split())
    assert found.isprintable()
