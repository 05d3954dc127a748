"""Names of places in a text: one pass over it, whatever the number of names.

Names that begin with a capital, or stand in a script that has none but spaces, are looked up word by word in one table:
it loads three times faster than an automaton of a hundred thousand names. What may begin anywhere makes two Aho-Corasick
automata (Aho, Corasick 1975, doi:10.1145/360825.360855): one over folded text for scripts without spaces and for words in
lower case, one over the text as written for money and legal forms, whose capitals matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.assess.caching import read_once
from pipeline.assess.folding import fold, fold_name, is_joined, joined_letters
from pipeline.assess.places import PlacePolicy, Shares, default_places, shares_of, table
from pipeline.automata import automaton
from pipeline.resources import packaged
from pipeline.scripts import is_unspaced

# Languages that decline names by an ending; only there may the name of a city in Latin letters have one.
_LANGUAGES = "fi et hu lv lt pl cs sk sl hr sr bs mk sq tr az uz tk ku eu la eo ro ga is se"
_INFLECTING = frozenset(_LANGUAGES.split())
_PREFERRED = {"country name": 0, "administrative region": 1, "adjective": 2, "city": 3, "town": 4}
_WORLD = "world-wide body"
_PHRASE = "world-wide phrase"
_POLISH_IN = (" w ", " we ")
# Endings of the locative of Polish towns, folded, and what stands in their place in the nominative.
_POLISH_LOCATIVE = (
    ("cach", ("ce",)), ("ach", ("y", "i", "e", "a")), ("owcu", ("owiec",)), ("cu", ("iec", "ec")), ("rze", ("ra", "r", "ro")),
    ("dzie", ("da", "d")), ("cie", ("ta", "t", "to")), ("dze", ("ga",)), ("ce", ("ka",)), ("ie", ("o", "a")),
    ("le", ("la", "lo")), ("ymstoku", ("ystok",)), ("u", ("o", "e")), ("y", ("a",)), ("i", ("a",)),
)  # fmt: skip
_SHORTEST_LOCATIVE = 5
# Kind and shares of countries, as the tables have them.
Meaning = tuple[str, str]
# Letters that may begin a name: the usual lower-case ones left out here, the others one by one.
_BEGINNING = re.compile(r"(?<![^\W_])[^\W\d_a-zß-öø-ÿа-џ]")
_JOINED_SCRIPTS = re.compile("[\u0590-\uabff]")
_WORD = re.compile(r"[^ ]+")
# By how many letters a name is known to begin here; a shorter one by all it has.
_SIZES = (5, 4, 3, 2)
_VOWELS = frozenset("aeiouyаеиоуыэюяіїєь")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name in a text: what `kind` it is, the words as written, where they stand, and which countries they mean."""

    kind: str
    words: str
    key: str
    start: int
    end: int
    shares: Shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """Names by their words, how they begin, how many words one with a first word may have, the automata, names of persons."""

    names: Mapping[str, Meaning]
    beginnings: frozenset[str]
    heads: Mapping[str, int]
    terms: Any
    joined: Any
    literals: Any
    personal: frozenset[str]

    def mentions(self, text: str, language: str = "") -> tuple[Mention, ...]:
        """Return the names in `text`, which is in Unicode's form C, longest first where they overlap.

        Parameters
        ----------
        text
            Anything.
        language
            ISO 639 code: tells whether names of cities may have endings.
        """
        padded = f" {text} "
        folded = fold(padded)
        inflecting = language in _INFLECTING
        found = [
            *self._worded(padded, folded, inflecting),
            *self._termed(padded, folded),
            *self._literal(padded),
        ]
        return tuple(_apart(found))

    def country_at_end(self, word: str) -> Shares:
        """Return the country whose name `word` ends in with something before it, as "regentghana" does; or ()."""
        for start in range(2, len(word) - 4):
            kind, shares = self.names.get(word[start:], ("", ""))
            if kind == "country name":
                return shares_of(shares)
        return ()

    def _worded(self, text: str, folded: str, inflecting: bool) -> Iterator[Mention]:
        """Yield names that begin with a capital: at each word the longest, endings allowed."""
        for begun in _BEGINNING.finditer(text):
            start = begun.start()
            match = _WORD.match(folded, start)
            if match is None or folded[start - 1] != " " or not self._may_begin(folded, start):
                continue
            if _small(text[start]):
                continue
            stops = [match.end()]
            for _ in range(1, self.heads.get(match[0], 1)):
                following = _WORD.match(folded, stops[-1] + 1)
                if following is None:
                    break
                stops.append(following.end())
            yield from self._longest(text, folded, start, stops, inflecting)

    def _may_begin(self, folded: str, start: int) -> bool:
        """Tell whether some name begins as the text does here: most words are no names, and this says so soon."""
        known, head = self.beginnings, folded[start : start + _SIZES[0]]
        return head in known or head[:4] in known or head[:3] in known or head[:2] in known

    def _longest(
        self, text: str, folded: str, start: int, stops: list[int], inflecting: bool
    ) -> Iterator[Mention]:
        for stop in reversed(stops):
            for cut in range(min(5, stop - start - (1 if _hangul(folded[start]) else 2))):
                key = folded[start : stop - cut]
                kind, shares = self.names.get(key, ("", ""))
                if kind and cut <= _ending(kind, key, inflecting):
                    if not (key in self.personal and _beside_a_name(text, stop)):
                        yield _mention(kind, text, key, start, stop, shares)
                    return
        if inflecting and len(stops) == 1:
            yield from self._located(text, folded, start, stops[0])

    def _located(self, text: str, folded: str, start: int, stop: int) -> Iterator[Mention]:
        """Yield a Polish town in the locative whose ending takes the place of the name's: "w Gnieźnie", "w Katowicach"."""
        word = folded[start:stop]
        if not folded.endswith(_POLISH_IN, 0, start):
            return
        for ending, nominatives in _POLISH_LOCATIVE:
            for nominative in nominatives if word.endswith(ending) else ():
                key = word.removesuffix(ending) + nominative
                kind, shares = self.names.get(key, ("", ""))
                if kind in ("city", "town") and "PL" in shares and len(key) >= _SHORTEST_LOCATIVE:
                    yield _mention(kind, text, key, start, stop, shares)
                    return

    def _termed(self, text: str, folded: str) -> Iterator[Mention]:
        found = self.terms.iter(folded)
        if not folded.isascii() and _JOINED_SCRIPTS.search(folded):
            found = chain(found, self.joined.iter(folded))
        for last, (length, kind, shares) in found:
            end = last + 1
            bare = folded[end - length : end].strip()
            start = end - len(bare)
            stop = _word_end(folded, end, bare)
            if stop - end <= _ending(kind, bare, False) and _begins(folded, start, bare):
                yield _mention(kind, text, bare, start, stop, shares)

    def _literal(self, text: str) -> Iterator[Mention]:
        for last, (key, kind, shares) in self.literals.iter(text):
            start, end = last + 1 - len(key), last + 1
            if _inside_word(text, start, end, key):
                continue
            yield _mention(kind, text, key, start, end, shares)


def _mention(kind: str, text: str, key: str, start: int, end: int, shares: str) -> Mention:
    words = text[start:end]
    return Mention(kind=kind, words=words, key=key, start=start, end=end, shares=shares_of(shares))


@read_once
def default_gazetteer(rules: Path | None = None) -> Gazetteer:
    """Return the gazetteer of the folder `rules`, the packaged one where it says nothing of places; read once."""
    if rules is not None and (rules == packaged("rules") or not _tells_places(rules)):
        return default_gazetteer()
    return load_gazetteer(default_places(rules), rules)


def _tells_places(rules: Path) -> bool:
    return (rules / "places.toml").is_file() or (rules / "gazetteer").is_dir()


def load_gazetteer(policy: PlacePolicy, rules: Path | None = None) -> Gazetteer:
    """Read the tables in `rules`; a table that is not there is the packaged one.

    Parameters
    ----------
    policy
        Whose words come on top.
    rules
        Folder of the rules; by default the packaged one.
    """
    stop = frozenset(policy.stop.split())
    cities_only = stop | {fold_name(name) for name in policy.not_countries.split(",")}
    names: dict[str, Meaning] = {}
    # A hundred thousand names mean some hundred things: each is kept once, a third of the memory.
    meanings: dict[Meaning, Meaning] = {}
    for file in ("cities.tsv", "countries.tsv"):
        for line in table(file, rules):
            key, kind, shares = line.split("\t")
            if key not in (cities_only if kind == "country name" else stop):
                names[key] = meanings.setdefault((kind, shares), (kind, shares))
    names.update(_own(policy))
    names.pop("", None)
    names.update(tuple(_stems(names)))
    terms = {name: meaning for name, meaning in names.items() if _anywhere(name, meaning[0])}
    for name in terms:
        del names[name]
    small = (fold_name(name) for name in policy.uncapitalised.split(","))
    terms |= {name: names[name] for name in small if name in names}
    return Gazetteer(
        names=names,
        beginnings=frozenset(name[: max(_SIZES)] for name in names),
        heads=_heads(names),
        terms=_names_in({name: meaning for name, meaning in terms.items() if not is_joined(name)}),
        joined=_names_in({name: meaning for name, meaning in terms.items() if is_joined(name)}),
        literals=_literals(policy),
        personal=frozenset(policy.names.split()),
    )


def _anywhere(name: str, kind: str) -> bool:
    """Tell whether `name` may begin in lower case or inside what a space would end."""
    if kind == "adjective" or kind in (_WORLD, _PHRASE):
        return True
    return is_joined(name) and bool(is_unspaced(name[0]) or joined_letters(name[0]))


def _heads(names: Iterable[str]) -> dict[str, int]:
    """Return how many words the longest name has that begins with a word; one is left out."""
    heads: dict[str, int] = {}
    for name in names:
        if " " in name:
            head = name[: name.index(" ")]
            heads[head] = max(heads.get(head, 1), name.count(" ") + 1)
    return heads


def _own(policy: PlacePolicy) -> Iterator[tuple[str, tuple[str, str]]]:
    for country, listed in policy.cities.items():
        for name in listed.split(","):
            yield fold_name(name), ("city", country)
    for name, shares in policy.namesakes.items():
        yield fold_name(name), ("country name", shares)
    for country, listed in policy.adjectives.items():
        for word in listed.split():
            yield fold_name(word), ("adjective", country)
    for kind, countries in (("administrative region", policy.regions), ("institution", policy.institutions)):
        for country, listed in countries.items():
            for name in listed.split(","):
                yield fold_name(name), (kind, country)
    for kind, listed in ((_WORLD, policy.world_wide.bodies), (_PHRASE, policy.world_wide.phrases)):
        for name in listed.split(","):
            yield fold_name(name), (kind, "")


def _stems(names: Mapping[str, Meaning]) -> Iterator[tuple[str, Meaning]]:
    """Yield the stems of names in languages that decline them."""
    for name, meaning in names.items():
        if name[-1] in _VOWELS and len(name) >= 6 and _declined(name, meaning[0]) and name[:-1] not in names:
            yield name[:-1], meaning


def _declined(name: str, kind: str) -> bool:
    cyrillic = "\u0400" <= name[0] <= "\u04ff"
    return cyrillic or (kind == "country name" and len(name) >= 7)


def _names_in(names: Mapping[str, Meaning]) -> Any:
    # Kept by length and once: the name itself stands in the text where it is found.
    once: dict[tuple[int, str, str], tuple[int, str, str]] = {}
    sought: dict[str, tuple[int, str, str]] = {}
    for name, (kind, shares) in names.items():
        key = name if is_unspaced(name[0]) or joined_letters(name[0]) else " " + name
        told = (len(key), kind, shares)
        sought[key] = once.setdefault(told, told)
    return automaton(sought)


def _literals(policy: PlacePolicy) -> Any:
    sought: dict[str, tuple[str, str, str]] = {}
    for kind, listed in (("legal form", policy.legal_forms), ("currency", policy.currencies)):
        for word, shares in listed.items():
            sought[word] = (word, kind, shares)
    return automaton(sought)


def _word_end(folded: str, end: int, name: str) -> int:
    """Return where the word that `name` ends in ends, at most six letters on."""
    if is_unspaced(name[-1]):
        return end
    limit = min(len(folded), end + 6)
    space = folded.find(" ", end, limit)
    return limit if space < 0 else space


def _small(char: str) -> bool:
    """Tell whether `char` is lower case in a script whose names have capitals; Georgian has none in its texts."""
    return char.islower() and not "\u10d0" <= char <= "\u10ff"


def _ending(kind: str, name: str, inflecting: bool) -> int:
    """Return how many letters may follow `name` in the same word."""
    if _hangul(name[0]):
        return 3
    if len(name) < 4:
        return 0
    if kind in ("country name", "adjective", _WORLD):
        return 4 if len(name) > 4 or name[0] > "\u0370" else 0
    if kind == _PHRASE or len(name) < 5:
        return 0 if name[0] < "\u0900" else 3
    return 3 if inflecting or name[0] > "\u0370" else 0


def _hangul(char: str) -> bool:
    return "\uac00" <= char <= "\ud7a3"


def _begins(folded: str, start: int, name: str) -> bool:
    """Tell whether a word begins at `start`, small words that are written joined to it left aside."""
    if is_unspaced(name[0]):
        return True
    joined = joined_letters(name[0])
    for place in range(start - 1, max(start - 4, -1), -1):
        if folded[place] == " ":
            return True
        if folded[place] not in joined:
            return False
    return False


def _beside_a_name(text: str, end: int) -> bool:
    """Tell whether the next word, with nothing but a space between, is capitalised too."""
    return text[end : end + 1] == " " and text[end + 1 : end + 2].isupper()


def _inside_word(text: str, start: int, end: int, key: str) -> bool:
    if is_unspaced(key[-1]):
        return False
    before, after = text[start - 1], text[end]
    return (before.isalpha() and key[0].isalpha()) or (after.isalpha() and key[-1].isalpha())


def _apart(found: list[Mention]) -> Iterator[Mention]:
    """Yield mentions that do not overlap: the longest first, countries before cities."""
    taken: list[tuple[int, int]] = []
    for mention in sorted(found, key=lambda m: (-len(m.key), _PREFERRED.get(m.kind, 5), m.start)):
        if not any(mention.start < end and start < mention.end for start, end in taken):
            taken.append((mention.start, mention.end))
            yield mention
