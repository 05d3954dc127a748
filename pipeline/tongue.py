"""What people read, in their own language: texts by gettext catalogues, names, dates and numbers by the Unicode CLDR.

A catalogue is ``pipeline/translations/LOCALE/*.po`` (GNU gettext), read when a language is first asked for. English is
written in the code; what a catalogue lacks is said in English, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages import Catalog
    from babel.support import Translations

CATALOGUES = Path(__file__).resolve().parent / "translations"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_STYLES = ("full", "long", "medium", "short")
# Day before month, as most readers of English outside North America have it; en_US asks for the other way.
_CLDR_OF = {"en": "en_GB"}

# Values whose English words do not follow from their name.
_SPECIAL = {
    "kind=partnership": "Partnership",
    "kind=endorsement": "Endorsement request",
    "kind=business": "Business offer",
    "partner_type=public_interest": "Public-interest group",
    "activities=education_program": "Education programme",
    "alignment=unclear": "Fit unclear",
    "region=latin_america_caribbean": "Latin America and the Caribbean",
    "region=northern_western_europe": "Northern and Western Europe",
    "region=central_eastern_europe_central_asia": "Central and Eastern Europe, Central Asia",
    "region=middle_east_north_africa": "Middle East and North Africa",
    "region=sub_saharan_africa": "Sub-Saharan Africa",
    "region=east_asia_pacific": "East Asia and Pacific",
    "region=north_america": "North America",
    "region=south_asia": "South Asia",
    "region=global": "World-wide",
    "region=unknown": "Place unknown",
    "further=co_funding": "Co-funding",
    "preconditions_met=yes": "Met",
    "preconditions_met=no": "Not met",
    "preconditions_met=unclear": "Unclear",
    "state=waiting": "Waiting for their answer",
    "state=not-ours": "Not ours",
}


def msgid(text: str) -> str:
    """Return `text` as it is: marks a text that is translated later, so that it is found by who collects them."""
    return text


def sentence_case(text: str) -> str:
    """Return `text` with a capital in front and the rest as it is."""
    return text[:1].upper() + text[1:]


def english_tag(field_name: str, value: str) -> str:
    """Return the English words of the tag ``field=value``; translations are looked up by them, under the field."""
    special = _SPECIAL.get(f"{field_name}={value}")
    return special or sentence_case(value.replace("_", " ").replace("-", " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """How things are said in one language.

    Parameters
    ----------
    locale
        As asked for, such as ``de`` or ``pt_BR``.
    lang
        The same as a language tag for markup (RFC 5646).
    direction
        ``ltr`` or ``rtl``.
    """

    locale: str
    lang: str
    direction: str
    _cldr: Locale = field(repr=False)
    _words: Translations = field(repr=False)
    _contexts: Mapping[str, tuple[str, ...]] = field(repr=False)

    def text(self, english: str, /, **values: object) -> str:
        """Return what the catalogue says for `english`, its ``{places}`` filled with `values`, if there are any."""
        said = self._words.gettext(english)
        return said.format_map(values) if values else said

    def plural(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Return the form for `number` of ``one`` or ``many``, with ``{n}`` the number as it is written here."""
        said = self._words.ngettext(one, many, number)
        return said.format_map({"n": self.number(number), **values})

    def word(self, context: str, english: str) -> str:
        """Return what the catalogue says for `english` where it belongs to `context` (gettext's msgctxt)."""
        return str(self._words.pgettext(context, english))

    def known(self, context: str) -> tuple[str, ...]:
        """Return the English texts that the catalogue has for `context`."""
        return self._contexts.get(context, ())

    def tag(self, field_name: str, value: str) -> str:
        """Return the tag ``field=value`` in words: ``partner_type``, ``public_media`` give ``Public media``."""
        if field_name == "country":
            return self.country(value)
        if field_name == "language":
            return sentence_case(self.language(value))
        if field_name == "shared_objectives":
            return self.text("{n} of 3", n=value)
        return self.word(field_name, english_tag(field_name, value))

    def field(self, name: str) -> str:
        """Return the name of a field in words."""
        return self.word("field", sentence_case(name.replace("_", " ")))

    def country(self, code: str) -> str:
        """Return the name of the country with the ISO 3166-1 `code`, or the code if CLDR does not know it."""
        return str(self._cldr.territories.get(code.upper(), code))

    def language(self, code: str) -> str:
        """Return the name of the language with the ISO 639 `code` as it stands in a sentence.

        ``und`` and what is no code give an empty text.
        """
        if code == "und" or not _LANGUAGE.fullmatch(code):
            return ""
        return str(self._cldr.languages.get(code, code))

    def within(self, text: str) -> str:
        """Return a label, such as a tag's words, as it stands within a sentence."""
        nouns_are_large = self._cldr.language in ("de", "lb")
        return text if nouns_are_large or text[1:2].isupper() else text[:1].lower() + text[1:]

    def day(self, moment: datetime | date, timezone: str, pattern: str = "MMMEd") -> str:
        """Return the day of `moment` in `timezone`.

        Parameters
        ----------
        moment
            An aware datetime; or a date, which is the same everywhere.
        timezone
            IANA name.
        pattern
            A CLDR skeleton, which each language orders by itself, such as ``MMMEd`` for ``Sun 22 Nov``, ``MMMMd``,
            ``yMMMd``, ``yMMMEd``; or a CLDR style: ``full``, ``long``, ``medium``, ``short``.
        """
        return _written_day(str(self._cldr), local_day(moment, timezone), pattern)

    def days(self, first: date, last: date, pattern: str = "yMMMd") -> str:
        """Return the days from `first` to `last` as one stretch: ``16–22 Nov 2026``."""
        from babel.dates import format_interval

        return format_interval(first, last, pattern, locale=self._cldr)

    def number(self, value: float) -> str:
        """Return a number with the separators of the language."""
        return _written_number(str(self._cldr), value)

    def percent(self, share: float) -> str:
        """Return a share, 0 to 1, in whole per cent."""
        from babel.numbers import format_percent

        return format_percent(share, locale=self._cldr)

    def listing(self, parts: Iterable[str]) -> str:
        """Return `parts` as the language lists them: ``a, b and c``."""
        from babel.lists import format_list

        return format_list(list(parts), locale=self._cldr)


# A digest says few days and numbers, many times.
@lru_cache(maxsize=2048)
def _written_day(cldr: str, day: date, pattern: str) -> str:
    from babel.dates import format_date, format_skeleton

    if pattern in _STYLES:
        return format_date(day, pattern, locale=cldr)
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a calendar day, in no zone
    return format_skeleton(pattern, midnight, locale=cldr)


@lru_cache(maxsize=2048)
def _written_number(cldr: str, value: float) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, locale=cldr)


def local_day(moment: datetime | date, timezone: str) -> date:
    """Return the calendar day of `moment` in `timezone`; a plain date is its own."""
    return moment.astimezone(ZoneInfo(timezone)).date() if isinstance(moment, datetime) else moment


def language_tag(code: str) -> str:
    """Return `code` if it can stand in markup as a language tag (RFC 5646), else an empty text."""
    return code if code != "und" and _LANGUAGE.fullmatch(code) else ""


@cache
def direction_of(code: str) -> str:
    """Return how text in the language with the ISO 639 `code` runs: ``ltr``, ``rtl``, or ``auto`` if unknown."""
    if not language_tag(code):
        return "auto"
    try:
        return _parse(code).text_direction
    except ValueError:
        return "auto"


def is_locale(name: str) -> bool:
    """Return whether CLDR knows the locale `name`, such as ``de`` or ``pt_BR``."""
    try:
        _parse(name)
    except ValueError:
        return False
    return True


def translated() -> tuple[str, ...]:
    """Return the locales that have catalogues, English first."""
    return ("en", *sorted(folder.name for folder in CATALOGUES.iterdir() if any(folder.glob("*.po"))))


@cache
def tongue(locale: str) -> Tongue:
    """Return how things are said in `locale`.

    Parameters
    ----------
    locale
        CLDR name, such as ``de`` or ``pt_BR``. Where there is no catalogue for the place, that of the language serves;
        where there is none either, all is English: a page in two languages is harder to read than one in a foreign one.

    Raises
    ------
    UsageError
        If CLDR knows no such locale.
    """
    try:
        cldr = _parse(locale)
    except ValueError:
        raise UsageError(f"no such locale: {locale!r}; write one such as 'en', 'de' or 'pt_BR'") from None
    files = _files(cldr)
    if not files and cldr.language != "en":
        return tongue("en")
    words, contexts = _catalogue(files)
    return Tongue(
        locale=locale,
        lang="en" if locale == "en" else str(cldr).replace("_", "-"),
        direction=cldr.text_direction,
        _cldr=cldr,
        _words=words,
        _contexts=contexts,
    )


def _files(cldr: Locale) -> tuple[Path, ...]:
    """Return the catalogues of a locale: those of the language first, those of the place after them."""
    names = dict.fromkeys((cldr.language, str(cldr)))
    return tuple(file for name in names for file in sorted((CATALOGUES / name).glob("*.po")))


def _parse(name: str) -> Locale:
    """Return CLDR's data of a locale; ValueError if there are none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(_CLDR_OF.get(name, name.replace("-", "_")))
    except (UnknownLocaleError, TypeError) as error:
        raise ValueError(str(error)) from None


def _catalogue(files: tuple[Path, ...]) -> tuple[Translations, Mapping[str, tuple[str, ...]]]:
    """Return what the catalogues in `files` say, later ones over earlier, and what each context knows."""
    from babel.messages.mofile import write_mo
    from babel.support import Translations

    merged, contexts = Translations(), dict[str, tuple[str, ...]]()
    for file in files:
        catalogue = read_catalogue(file)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        read = Translations(compiled)
        merged.merge(read)
        merged.plural = read.plural
        for message in catalogue:
            if message.context and message.string:
                contexts[message.context] = (*contexts.get(message.context, ()), str(message.id))
    return merged, contexts


def read_catalogue(file: Path) -> Catalog:
    """Return the catalogue in `file`, a ``.po`` file in UTF-8."""
    from babel.messages.pofile import read_po

    with file.open("rb") as lines:
        return read_po(lines, locale=file.parent.name)
