"""Catalogues: complete, with the same places, and nothing that nobody says."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages import Message

from pipeline import tongue as tongues
from pipeline.errors import UsageError
from pipeline.tongue import CATALOGUES, direction_of, is_locale, read_catalogue, tongue, translated
from tests.support.msgids import Text, places, said

LOCALES = tuple(name for name in translated() if name != "en")


def messages(locale: str) -> dict[Text, Message]:
    """Return what the catalogues of `locale` have, by English."""
    found: dict[Text, Message] = {}
    for file in sorted((CATALOGUES / locale).glob("*.po")):
        for message in read_catalogue(file):
            if message.id:
                key = Text(message.context, english(message)[0])
                same = key not in found or forms(found[key]) == forms(message)
                assert same, f"{key} is said in two ways in {locale}: {forms(message)}, {forms(found[key])}"
                found[key] = message
    return found


def english(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (str(message.id),)


def forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, tuple | list) else (str(message.string),)


def test_the_promised_languages_are_there() -> None:
    assert set(LOCALES) >= {"de", "fr", "es"}


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_that_is_said_is_translated(locale: str) -> None:
    known = messages(locale)
    lacking = [f"{text.english} ({where})" for text, where in said().items() if text not in known]
    assert lacking == []
    assert [text.english for text, message in known.items() if not all(forms(message)) or message.fuzzy] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_translated_that_nobody_says(locale: str) -> None:
    assert [text for text in messages(locale) if text not in said()] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_has_the_places_of_the_english(locale: str) -> None:
    wrong = [
        (form, each)
        for message in messages(locale).values()
        for form in forms(message)
        for each in [english(message)]
        if places(form) != places(each[-1])
    ]
    assert wrong == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_plural_has_all_forms_of_its_language(locale: str) -> None:
    for file in sorted((CATALOGUES / locale).glob("*.po")):
        catalogue = read_catalogue(file)
        for message in catalogue:
            if isinstance(message.id, tuple):
                assert len(forms(message)) == catalogue.num_plurals, message.id


def test_french_puts_a_space_before_double_stops_and_spanish_opens_its_questions() -> None:
    french = [form for message in messages("fr").values() for form in forms(message)]
    assert [form for form in french if re.search(r"[^\s/\d«][:;?!](\s|$)", form)] == []
    spanish = [form for message in messages("es").values() for form in forms(message)]
    assert [form for form in spanish if "?" in form and "¿" not in form] == []


def test_what_a_catalogue_lacks_is_said_in_english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "eo").mkdir()
    (tmp_path / "eo" / "few.po").write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "New"\nmsgstr "Nova"\n', encoding="utf-8"
    )
    monkeypatch.setattr(tongues, "CATALOGUES", tmp_path)
    # The cache would keep what it read in another folder.
    reader = tongue.__wrapped__("eo")
    assert (reader.text("New"), reader.text("Overdue")) == ("Nova", "Overdue")
    assert reader.text("For {name}", name="{x}") == "For {x}"
    assert [reader.plural("{n} day", "{n} days", number) for number in (1, 2)] == ["1 day", "2 days"]


def test_a_language_without_a_catalogue_is_english_altogether() -> None:
    assert tongue("ar") is tongue("en")
    assert tongue("ar").direction == "ltr"


def test_a_place_has_the_texts_of_its_language() -> None:
    austrian = tongue("de_AT")
    assert (austrian.text("New"), austrian.lang) == ("Neu", "de-AT")


@pytest.mark.parametrize("name", ["", "xx", "english", "de_", "../de", "d\x00"])
def test_there_is_no_such_locale(name: str) -> None:
    assert not is_locale(name)
    with pytest.raises(UsageError, match="no such locale"):
        tongue(name)


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", ("Sun 22 Nov", "Germany", "German", "1,234.5", "65%", "a, b and c", "16–22 Nov 2026")),
        ("de", ("So., 22. Nov.", "Deutschland", "Deutsch", "1.234,5", "65\xa0%", "a, b und c", "16.–22. Nov. 2026")),
        ("fr", ("dim. 22 nov.", "Allemagne", "allemand", "1\u202f234,5", "65\xa0%", "a, b et c", "16–22 nov. 2026")),
        ("es", ("dom, 22 nov", "Alemania", "alemán", "1.234,5", "65\xa0%", "a, b y c", "16–22 nov 2026")),
    ],
)  # fmt: skip
def test_names_dates_and_numbers_are_those_of_the_language(locale: str, expected: tuple[str, ...]) -> None:
    reader, day = tongue(locale), datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    shown = (
        reader.day(day, "Europe/Berlin"),
        reader.country("DE"),
        reader.language("de"),
        reader.number(1234.5),
        reader.percent(0.65),
        reader.listing(["a", "b", "c"]),
        reader.days(date(2026, 11, 16), date(2026, 11, 22)),
    )
    assert shown == expected


@pytest.mark.parametrize(
    ("code", "direction"), [("fa", "rtl"), ("de", "ltr"), ("und", "auto"), ('x"><', "auto")]
)
def test_text_runs_as_its_language_does(code: str, direction: str) -> None:
    assert direction_of(code) == direction


def test_tags_are_said_in_words() -> None:
    assert tongue("de").tag("partner_type", "public_interest") == "Gemeinnützige Organisation"
    assert tongue("en").tag("partner_type", "public_media") == "Public media"
    assert tongue("fr").tag("country", "DE") == "Allemagne"
    assert tongue("es").tag("shared_objectives", "2") == "2 de 3"
    assert tongue("de").tag("partner_type", "of_a_committee") == "Of a committee"
