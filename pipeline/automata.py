"""Many words looked for in one pass over a text (Aho and Corasick 1975, doi:10.1145/360825.360855)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def automaton(words: Mapping[str, Any]) -> Any:
    """Return an automaton whose ``iter(text)`` yields where each of `words` ends in `text`, and the word's value.

    Parameters
    ----------
    words
        Word to what is said where it is found; at least one, none of them empty.
    """
    import ahocorasick

    made = ahocorasick.Automaton()
    # The library looks through a node's branches in the order in which they came: in order, those of ASCII letters come first.
    for word in sorted(words):
        made.add_word(word, words[word])
    made.make_automaton()
    return made
