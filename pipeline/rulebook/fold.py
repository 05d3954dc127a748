"""One spelling of a text for all comparisons, and where its words end.

Folding is NFKC (UAX #15), full case folding, one blank for any white space, and a few letters that people
and keyboards exchange at will: Arabic and Persian forms, dotless i, ё, typographic hyphens and apostrophes.
Marks that do not carry meaning (Arabic vowel signs, Hebrew points, soft hyphens, zero-width characters) go.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pipeline.scripts import BLANKLESS

# A view longer than this is cut: no inquiry needs it, and every step stays linear in a bounded text.
LONGEST_TEXT = 100_000

_SAME = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u05be", "-"),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u0060\u00b4", "'"),
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("يى", "ی"),
    "ك": "ک",
    "ة": "ه",
    "ı": "i",
    "ё": "е",
}
_MARKS = "\u00ad\u0307\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u064b-\u0652\u0670\u0591-\u05bd\u05bf-\u05c7"
_EXCHANGED = re.compile(f"[{''.join(_SAME)}{_MARKS}]")

# Beside the scripts without blanks: Hangul, whose words have their particles glued to them, so that a term ends within a
# word there, too; and the Chinese characters that NFKC leaves beyond the usual ones.
_UNSPACED = re.compile(f"[{BLANKLESS}\u3130-\u318f\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
_STRIPPED = re.compile("[\u0080-\u024f\u0370-\u052f\u1e00-\u1fff]")


def fold(text: str) -> str:
    """Return `text` in the spelling that terms and patterns are compared in; cut at `LONGEST_TEXT`."""
    text = text[:LONGEST_TEXT]
    if text.isascii():
        return " ".join(text.lower().split())
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_EXCHANGED.sub(lambda found: _SAME.get(found[0], ""), text).split())


def without_accents(text: str) -> str:
    """Return folded `text` with accents taken off Latin, Greek and Cyrillic letters; others stay."""
    if not _STRIPPED.search(text):
        return text
    parts = (_plain(character) if _STRIPPED.match(character) else character for character in text)
    return "".join(parts)


def with_digraphs(text: str) -> str:
    """Return folded `text` with umlauts written out, as in host names: universitaet, koebenhavn."""
    for letter, digraph in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("æ", "ae"), ("å", "aa")):
        text = text.replace(letter, digraph)
    return text


@lru_cache(maxsize=8192)
def in_word(character: str) -> bool:
    """Tell whether `character` belongs to a word: letter, digit, or a mark on one."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


@lru_cache(maxsize=8192)
def unspaced(character: str) -> bool:
    """Tell whether `character` is of a script in which blanks do not tell where words end."""
    return _UNSPACED.match(character) is not None


@lru_cache(maxsize=8192)
def stands_open(character: str) -> bool:
    """Tell whether a word ends at `character` whatever stands beside it."""
    return unspaced(character) or not in_word(character)


def starts_word(text: str, start: int) -> bool:
    """Tell whether a word may start at `start`."""
    if start == 0:
        return True
    return stands_open(text[start]) or not in_word(text[start - 1])


def ends_word(text: str, end: int) -> bool:
    """Tell whether a word may end before `end`."""
    if end >= len(text):
        return True
    return stands_open(text[end - 1]) or not in_word(text[end])


def whole_words(text: str, start: int, end: int, most: int = 24) -> str:
    """Return ``text[start:end]`` widened to whole words, by at most `most` characters on each side."""
    if text[max(0, start - 1) : start] in ("", " ") and text[end : end + 1] in ("", " "):
        return text[start:end]
    first = max(0, start - most)
    while start > first and not starts_word(text, start):
        start -= 1
    last = min(len(text), end + most)
    while end < last and not ends_word(text, end):
        end += 1
    return text[start:end]


def _plain(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character)
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"}.get(kept, kept)
