"""Which scripts put no blanks between words, so that a word may begin and end anywhere."""

from __future__ import annotations

import re

BLANKLESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Their characters, as the inside of a character class: Thai, Lao, Burmese, Khmer, kana, Chinese characters."""

UNSPACED = re.compile(f"[{BLANKLESS}]")
"""One such character."""


def is_unspaced(character: str) -> bool:
    """Tell whether `character` is of such a script."""
    return UNSPACED.match(character) is not None


def count_unspaced(text: str) -> int:
    """Return how many characters of `text` are of such scripts."""
    return 0 if text.isascii() else len(UNSPACED.findall(text))
