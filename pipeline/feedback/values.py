"""What stands behind the colon: values of tags in all words that people use for them, outcomes, pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pipeline.feedback.days import read_day
from pipeline.feedback.vocabulary import Lexicon, fold, spellings
from pipeline.links import web_address
from pipeline.records.decisions import LIST_FIELDS
from pipeline.records.outcomes import Outcome
from pipeline.taxonomy import Taxonomy
from pipeline.tongue import tongue

_SEPARATORS = re.compile(r"\s*[,;/+]\s*")
_MOST_VALUES = 10
_NEAR = 62.0
# Fields that a person cannot take the value away from.
_NEEDED = frozenset({"kind", "priority"})


class Unclear(Exception):
    """A value was not understood; `nearest` is the nearest valid one, or empty."""

    def __init__(self, value: str, nearest: str = "") -> None:
        super().__init__(value)
        self.value = value
        self.nearest = nearest


@dataclass(frozen=True)
class Values:
    """Reads values for one reader.

    Parameters
    ----------
    taxonomy
        Which values there are.
    lexicon
        The reader's words.
    """

    taxonomy: Taxonomy
    lexicon: Lexicon

    def tags(self, field: str, said: str, today: date) -> tuple[str, ...]:
        """Return the tags ``field=value`` that `said` means.

        Raises
        ------
        Unclear
            If a value is unknown.
        """
        text = said.strip(" .!?\"'")
        if fold(text) in self.lexicon.small("nothing") and field not in _NEEDED:
            known = self.taxonomy.values(field)
            return (f"{field}={'none' if 'none' in known else ''}",)
        if field in LIST_FIELDS:
            return self._list(field, text)
        return (f"{field}={self._one(field, text, today)}",)

    def _list(self, field: str, text: str) -> tuple[str, ...]:
        try:
            return (f"{field}={self._known(field, text)}",)  # a value may have a comma in its name
        except Unclear:
            pieces = [piece for piece in _SEPARATORS.split(text) if piece][:_MOST_VALUES]
            if not pieces:
                raise
            return tuple(dict.fromkeys(f"{field}={self._known(field, piece)}" for piece in pieces))

    def _one(self, field: str, text: str, today: date) -> str:
        if field == "urgency":
            found = read_day(text, today, self.lexicon)
            if found is None:
                raise Unclear(text, f"{today.year}-12-24")
            return found.isoformat()
        if field == "priority":
            if not (text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= 100):
                raise Unclear(text, "50")
            return str(int(text))
        return self._known(field, text)

    def _known(self, field: str, text: str) -> str:
        names = _names(self.taxonomy, self.lexicon, field)
        said = fold(text)
        found = names.get(said)
        if found is None:  # "workshop" for "Workshop or training", if that is the only one
            among = {
                value: word for name, (value, word) in names.items() if f" {said} " in f" {_words(name)} "
            }
            found = next(iter(among.items())) if said and len(among) == 1 else None
        if found is None:
            raise Unclear(text, _nearest(text, {folded: word for folded, (_, word) in names.items()}))
        return found[0]

    def outcome(self, said: str) -> tuple[Outcome, str]:
        """Return the outcome that `said` means, and the name behind it, of who it was handed to.

        Raises
        ------
        Unclear
            If it is none.
        """
        text = said.strip(" .!?\"'")
        folded = fold(text)
        for phrase in sorted(self.lexicon.outcomes, key=len, reverse=True):
            outcome = self.lexicon.outcomes[phrase]
            if folded == phrase and outcome is not Outcome.HANDED_OVER:
                return outcome, ""
            if outcome is Outcome.HANDED_OVER and folded.startswith(f"{phrase} "):
                return outcome, " ".join(text.split()[len(phrase.split()) :]).lstrip(": ")[:100]
            if folded == phrase:
                raise Unclear(text, f"{text} …")
        raise Unclear(text, _nearest(text, {one: self.lexicon.spelled[one] for one in self.lexicon.outcomes}))


def read_url(said: str) -> str:
    """Return the address of a page in `said`; empty if it holds no plain http or https one."""
    return web_address(said.strip().strip("<>").strip())


def _nearest(text: str, names: Mapping[str, str]) -> str:
    """Return the nearest of the words, folded word to the word as it is written; or nothing."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(fold(text[:60]), list(names), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return names[found[0]] if found else ""


@lru_cache(maxsize=200)
def _names_of(values: tuple[str, ...], locales: tuple[str, ...], field: str) -> Mapping[str, tuple[str, str]]:
    names: dict[str, tuple[str, str]] = {}
    for locale in locales:
        for value in values:
            spoken = tongue(locale).tag(field, value)
            for word in (spoken, value.replace("_", " "), value):
                for spelling in spellings(word):
                    names.setdefault(spelling, (value, word))
    return names


def _names(taxonomy: Taxonomy, lexicon: Lexicon, field: str) -> Mapping[str, tuple[str, str]]:
    """Return what the values of `field` are called, and their own words, folded: value and word.

    The names of the reader's language come first, then those in English and in the other languages.
    """
    locales = tuple(dict.fromkeys((lexicon.locale, "en", *lexicon.languages)))
    return _names_of(taxonomy.values(field), locales, field)


def _words(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name))
