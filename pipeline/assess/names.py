"""Names of organisations in one canonical form, whatever the case, script, legal form and small words.

A canonical name is its words in order: ``+museum`` for a kind of body, ``-city`` for a common qualifier, in whichever language
they stand, and the name's own words as they are, transliterated and simplified to what spellings have in common.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline.assess.folding import fold
from pipeline.declarative import Declared, load
from pipeline.resources import packaged
from pipeline.scripts import is_unspaced

_FILE = "organisation-names.toml"
_LONGEST = 160
# What stands in brackets: an acronym, a town; at most 60 characters of it.
_BRACKETS = re.compile(r"[(\[（][^()\[\]（）]{0,60}[)\]）]")
_INITIALS = re.compile(r"(?<!\w)(?:\w[./]\s?){1,5}\w?(?!\w)")
_PARTS = re.compile(r"[,;|•·،、，؛]|\s[–—-]\s")
_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
# What writes vowels out, and can be transliterated; the others are compared letter by letter.
_SPELLED = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "DIGIT")
# Spellings of one sound, as transliterations differ; the order matters.
_ALIKE = (
    ("shch", "s"), ("sch", "s"), ("tch", "c"), ("kh", "h"), ("sh", "s"), ("zh", "z"), ("ch", "c"), ("ts", "c"), ("tz", "c"),
    ("ph", "f"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("y", "i"), ("j", "i"), ("w", "v"), ("x", "ks"), ("q", "k"),
)  # fmt: skip
_BLOCK = 4


class NameWords(Declared):
    """``gazetteer/organisation-names.toml``: how names are compared."""

    kinds: dict[str, str]
    common: dict[str, str]
    small: dict[str, str]
    legal: dict[str, str]
    many: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Words:
    meanings: dict[str, str]
    endings: tuple[tuple[str, str], ...]
    small: frozenset[str]
    legal: frozenset[str]
    glued: tuple[str, ...]
    many: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """The name of an organisation, as it is compared.

    Parameters
    ----------
    words
        Canonical words in order.
    """

    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The canonical words in one line, as the register keeps them."""
        return " ".join(self.words)

    @property
    def own(self) -> tuple[str, ...]:
        """The words that are nobody else's: neither kind of body nor common qualifier."""
        return tuple(word for word in self.words if word[0] not in "+-")

    @property
    def said(self) -> tuple[str, ...]:
        """Kinds of body and common qualifiers, sorted."""
        return tuple(sorted(word for word in self.words if word[0] in "+-"))

    @property
    def block(self) -> str:
        """What all spellings of the name have in common; empty where no word is the name's own."""
        if not self.own:
            return ""
        return " ".join((*self.said, *sorted(word[:_BLOCK] for word in self.own)))[:200]

    @property
    def telling(self) -> bool:
        """Tell whether few are called so: not a school or church named after a saint like so many others."""
        return bool(self.own) and not any(word[1:] in _words().many for word in self.said)


def name_of(text: str) -> Name:
    """Return the canonical form of a name."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST])
    for form in _words().glued:
        plain = plain.replace(form, " ")
    bare = _BRACKETS.sub(" ", plain)
    whole = _name(bare) or _name(plain)
    first = _name(_PARTS.split(bare)[0])
    # "Museum of Beads, Accra" is the Museum of Beads; "National Library, Serbia" is no National Library.
    said = Name(words=first)
    return said if said.own and said.said else Name(words=whole)


def from_text(text: str) -> Name:
    """Return the name whose canonical `text` the register kept."""
    return Name(words=tuple(text.split()))


@lru_cache(maxsize=20_000)
def spell(word: str) -> str:
    """Return `word` transliterated to Latin letters, in lower case, as its different spellings have it in common."""
    if not word.isascii():
        if not unicodedata.name(word[0], "").startswith(_SPELLED):
            return _letters(word)
        word = _transliterated(word)
    word = "".join(filter(str.isalnum, word)).lower()
    for spelling, plain in _ALIKE:
        word = word.replace(spelling, plain)
    return word


def _transliterated(word: str) -> str:
    from anyascii import anyascii

    plain = str(anyascii(word)).lower()
    return plain.replace("oy", "ou") if unicodedata.name(word[0], "").startswith("GREEK") else plain


def _letters(word: str) -> str:
    """Return a word of a script that is compared letter by letter; the Arabic article is no part of it."""
    folded = "".join(fold(unicodedata.normalize("NFC", word)).split())
    return folded[2:] if folded.startswith("ال") and len(folded) > 4 else folded


def _name(text: str) -> tuple[str, ...]:
    text = _INITIALS.sub(lambda match: re.sub(r"[./\s]", "", match[0]) + " ", text)
    tokens = [match[0] for match in _WORD.finditer(text)]
    spelled = [word for token in tokens for word in map(spell, re.split(r"['’ʼ]", token)) if word]
    return tuple(_meant(_without_legal(spelled)))


def _without_legal(words: list[str]) -> list[str]:
    legal = _words().legal
    while len(words) > 1 and words[-1] in legal:
        words = words[:-1]
    while len(words) > 1 and words[0] in legal:
        words = words[1:]
    return words


def _meant(words: list[str]) -> Iterator[str]:
    table = _words()
    for position, word in enumerate(words):
        last = position == len(words) - 1
        if word in table.meanings:
            yield table.meanings[word]
        elif word not in table.small or (last and len(word) == 1):
            yield from _taken_apart(word, table)


def _taken_apart(word: str, table: _Words) -> Iterator[str]:
    """Yield the parts of a compound such as Stadtmuseum, or `word` itself."""
    shortest = 2 if is_unspaced(word[0]) else 3
    for ending, meaning in table.endings:
        if word.endswith(ending) and len(word) - len(ending) >= shortest:
            before = word.removesuffix(ending)
            yield table.meanings.get(before, before)
            yield meaning
            return
    yield word


@cache
def _words() -> _Words:
    declared = load(packaged("rules") / "gazetteer" / _FILE, NameWords)
    meanings: dict[str, str] = {}
    endings: dict[str, str] = {}
    for sign, groups in (("-", declared.common), ("+", declared.kinds)):
        for meaning, words in groups.items():
            for word in words.split():
                spelled = spell(word.lstrip("*"))
                if word[0] == "*" or is_unspaced(word[0]):
                    endings[spelled] = sign + meaning
                meanings[spelled] = sign + meaning
    return _Words(
        meanings=meanings,
        endings=tuple(sorted(endings.items(), key=lambda item: (-len(item[0]), item[0]))),
        small=frozenset(map(spell, declared.small["words"].split())),
        legal=frozenset(map(spell, declared.legal["words"].split())),
        glued=tuple(
            sorted(
                {unicodedata.normalize("NFKC", form) for form in declared.legal["glued"].split()},
                key=lambda form: (-len(form), form),
            )
        ),
        many=frozenset(declared.many["kinds"].split()),
    )
