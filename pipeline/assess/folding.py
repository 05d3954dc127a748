"""One way to write a text for look-ups: lower case, no accents, single characters for punctuation.

Folding never changes the number of characters, so that a place in the folded text is the same place in the text. That is
why rules fold in another way (`pipeline.rulebook.fold`): compatibility forms and full case folding, which do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_ALIKE = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "a", "œ": "o", "ß": "s"}
_ALIKE |= {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ھ": "ه"}
_ALIKE |= {"ё": "е", "ς": "σ"}
_BASED = ("LATIN", "GREEK")


class _Fold(dict[int, str]):
    """Translation table that is filled as characters turn up."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code))
        return folded


def _folded(char: str) -> str:
    if unicodedata.category(char)[0] not in "LNM":
        return " "
    lower = char.lower()[:1]
    lower = _ALIKE.get(lower, lower)
    if unicodedata.name(lower, "").startswith(_BASED):
        base = unicodedata.normalize("NFD", lower)[:1]
        return _ALIKE.get(base, base)
    return lower


_TABLE = _Fold()


class _Keep(_Fold):
    """As :class:`_Fold`, but marks stay what they are."""

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        kept = self[code] = folded if folded.strip() else chr(code)
        return kept


_KEPT = _Keep()


def fold(text: str) -> str:
    """Return `text` folded: same length, lower case, Latin and Greek without accents, a space for each mark.

    Give it text in Unicode's normalisation form C.
    """
    return text.translate(_TABLE)


def fold_letters(text: str) -> str:
    """Return `text` with its letters folded and its marks as they are."""
    return text.translate(_KEPT)


def fold_name(name: str) -> str:
    """Return `name` as it is looked up: composed, folded, with single spaces."""
    return " ".join(fold(unicodedata.normalize("NFC", name)).split())


# Scripts that write short words (and, in, the) together with the next one, and those short words.
_JOINED = ((0x0590, 0x05FF, "בהלמוכש"), (0x0600, 0x06FF, "وبالفك"), (0x1200, 0x137F, "በየለከስእና"))


def fold_terms(line: str) -> list[str]:
    """Return the names in a `line` that commas divide, folded."""
    return [fold_name(term) for term in line.split(",") if fold_name(term)]


def either(terms: Iterable[str]) -> str:
    """Return a pattern for one of the `terms`, the longest that fits."""
    return "|".join(map(re.escape, sorted(set(terms), key=lambda word: (-len(word), word))))


def is_joined(term: str) -> bool:
    """Tell whether `term` is of a script whose words may begin and end anywhere.

    From Hebrew on in Unicode's order, scripts join short words and endings to a word, or put no spaces between words.
    """
    return term[0] >= "\u0590"


def joined_letters(char: str) -> str:
    """Return the letters that may stand joined before a word that begins with `char`; empty for most scripts."""
    code = ord(char)
    return next((letters for first, last, letters in _JOINED if first <= code <= last), "")
