"""``rules/commands.toml``: the words by which people answer, by language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field

from pipeline.declarative import Declared, read, validate
from pipeline.errors import DeclarationError, Fault
from pipeline.records.answers import Action
from pipeline.records.decisions import CRITERIA_FIELDS, LIST_FIELDS, SCALAR_FIELDS
from pipeline.records.outcomes import Outcome

FIELDS = (*SCALAR_FIELDS, *LIST_FIELDS, *CRITERIA_FIELDS, "priority")
"""Fields that can be corrected."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

T = TypeVar("T")
Phrase = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\n:=\[\]<>]+$")]
Phrases = tuple[Phrase, ...]
Some = Annotated[Phrases, Field(min_length=1)]


class Days(Declared):
    """Days that are no dates, and what may stand before a weekday."""

    today: Phrases = ()
    tomorrow: Phrases = ()
    next: Phrases = ()


class Small(Declared):
    """Small words; see the head of ``commands.toml``."""

    nothing: Phrases = ()
    polite: Phrases = ()
    until: Phrases = ()
    to: Phrases = ()
    ignored: Phrases = ()
    closings: Phrases = ()


class Words(Declared):
    """The words of one language."""

    actions: dict[Action, Some]
    fields: Annotated[dict[str, Some], Field(default_factory=dict)]
    outcomes: Annotated[dict[Outcome, Some], Field(default_factory=dict)]
    days: Days = Days()
    small: Small = Small()


@dataclass(frozen=True)
class Vocabulary:
    """All languages, by ISO 639 code."""

    languages: Mapping[str, Words]

    def lexicon(self, locale: str) -> Lexicon:
        """Return the words for readers of `locale`: their own before the English ones."""
        own = locale.replace("-", "_").partition("_")[0]
        chosen = tuple(one for one in dict.fromkeys((own, "en")) if one in self.languages)
        others = tuple(one for one in self.languages if one not in chosen)
        return Lexicon(
            locale=locale if own in self.languages else "en",
            words=tuple(self.languages[one] for one in chosen),
            languages=(*chosen, *others),
            strangers=tuple(self.languages[one] for one in others),
        )


@dataclass(frozen=True)
class Lexicon:
    """The words that one reader may use, folded; where two languages mean different things by one word, the own counts.

    Parameters
    ----------
    locale
        In which they are answered.
    words
        Of each language that acts, the own first.
    languages
        Codes of all languages, those first: names of months, countries and other values are known in all of them.
    strangers
        The words of the others, of which only greetings and closings are known: phones sign in languages of their own.
    """

    locale: str
    words: tuple[Words, ...]
    languages: tuple[str, ...] = ()
    strangers: tuple[Words, ...] = ()

    def offered(self, action: Action) -> str:
        """Return the word for `action` that is offered to the reader."""
        return self.words[0].actions[action][0]

    def offered_field(self, field: str) -> str:
        """Return the word for `field` that is offered to the reader."""
        return next((one.fields[field][0] for one in self.words if field in one.fields), field)

    def offered_outcome(self, value: str) -> str:
        """Return an outcome, and the name behind it, in the reader's words."""
        name, _, whom = value.partition(" ")
        known = (one.outcomes[Outcome(name)][0] for one in self.words if Outcome(name) in one.outcomes)
        return f"{next(known, name)} {whom}".strip()

    @cached_property
    def actions(self) -> Mapping[str, Action]:
        """Folded phrase to action."""
        return _first(
            (phrase, action) for one in self.words for action, said in one.actions.items() for phrase in said
        )

    @cached_property
    def phrases(self) -> tuple[tuple[str, Action], ...]:
        """Folded phrases of actions, the longest first."""
        return tuple(sorted(self.actions.items(), key=lambda item: -len(item[0])))

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """Folded phrase to field."""
        return _first(
            (phrase, field) for one in self.words for field, said in one.fields.items() for phrase in said
        )

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """Folded phrase to outcome."""
        return _first(
            (phrase, outcome)
            for one in self.words
            for outcome, said in one.outcomes.items()
            for phrase in said
        )

    @cached_property
    def spelled(self) -> Mapping[str, str]:
        """Folded phrase of an action, field or outcome to the phrase as people write it."""
        tables = [table for one in self.words for table in (one.actions, one.fields, one.outcomes)]
        return _first((phrase, phrase) for table in tables for said in table.values() for phrase in said)

    def small(self, name: str) -> frozenset[str]:
        """Return the folded small words of one sort."""
        known = (*self.words, *self.strangers) if name in ("ignored", "closings") else self.words
        return frozenset(
            spelling for one in known for phrase in getattr(one.small, name) for spelling in spellings(phrase)
        )

    def day(self, name: str) -> frozenset[str]:
        """Return the folded words for ``today``, ``tomorrow``, or ``next``."""
        return frozenset(
            spelling
            for one in self.words
            for phrase in getattr(one.days, name)
            for spelling in spellings(phrase)
        )


def _first(pairs: Iterator[tuple[str, T]]) -> Mapping[str, T]:
    found: dict[str, T] = {}
    for phrase, meant in pairs:
        for spelling in spellings(phrase):
            found.setdefault(spelling, meant)
    return found


def fold(text: str) -> str:
    """Return `text` for comparison: without capitals, accents, typographic apostrophes and doubled spaces."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("ß", "ss").casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def spellings(phrase: str) -> tuple[str, ...]:
    """Return a phrase folded, and as people without umlauts on their keyboard write it: "uebernehme"."""
    return tuple(dict.fromkeys((fold(phrase), fold(phrase.casefold().translate(_UMLAUTS)))))


def load_vocabulary(rules: Path) -> Vocabulary:
    """Read ``commands.toml`` in the folder `rules`.

    Raises
    ------
    DeclarationError
        If it is missing or has faults, all of them listed: actions without words, words that mean two things.
    """
    path = rules / "commands.toml"
    faults: list[Fault] = []
    languages: dict[str, Words] = {}
    for code, table in read(path).items():
        try:
            languages[code] = validate(
                table if isinstance(table, dict) else {"actions": table}, Words, str(path)
            )
        except DeclarationError as error:
            faults += [
                Fault(file=one.file, path=f"{code}.{one.path}", message=one.message) for one in error.faults
            ]
            continue
        faults += [
            Fault(file=str(path), path=where, message=said) for where, said in _faults(code, languages[code])
        ]
    if "en" not in languages and not faults:
        faults.append(Fault(file=str(path), path="en", message="missing; English is understood by everybody"))
    if faults:
        raise DeclarationError(tuple(faults))
    return Vocabulary(languages)


def _faults(code: str, words: Words) -> Iterator[tuple[str, str]]:
    for action in Action:
        if action not in words.actions:
            yield f"{code}.actions.{action}", "missing; give at least one word for it"
    for field in words.fields:
        if field not in FIELDS:
            yield f"{code}.fields.{field}", f"no such field; known are: {', '.join(FIELDS)}"
    meant: dict[str, str] = {}
    for name, table in (("actions", words.actions), ("fields", words.fields)):
        for meaning, phrases in table.items():
            for phrase in phrases:
                before = meant.setdefault(fold(phrase), f"{name}.{meaning}")
                if before != f"{name}.{meaning}":
                    yield f"{code}.{name}.{meaning}", f"{phrase!r} already means {before}; take another word"
