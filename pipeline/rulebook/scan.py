"""One pass over an inquiry: every term of every rule in each view, in time linear in the text.

The terms of all rules sit in one Aho-Corasick automaton (Aho and Corasick, 1975); a *word set* is what one
rule or test asks for, known by its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.automata import automaton
from pipeline.records.inquiries import Inquiry, View
from pipeline.rulebook.fold import fold, in_word, stands_open
from pipeline.rulebook.terms import Term

# How many places of one word set are kept for each view: enough to show, and bounded for hostile mail.
_MOST_SPANS = 16

Span = tuple[int, int]
Spans = dict[int, list[Span]]


class Automaton:
    """Which word sets occur where in a folded text."""

    def __init__(self, word_sets: Sequence[frozenset[Term]]) -> None:
        by_text: dict[str, dict[tuple[bool, bool], list[int]]] = {}
        for number, terms in enumerate(word_sets):
            for term in terms:
                open_left = term.open_left or stands_open(term.text[0])
                open_right = term.open_right or stands_open(term.text[-1])
                sets = by_text.setdefault(term.text, {}).setdefault((open_left, open_right), [])
                sets.append(number)
        # Thousands of terms of one list are found alike: what is said of them is kept once.
        once: dict[Any, Any] = {}
        sought: dict[str, Any] = {}
        for text, uses in by_text.items():
            values = tuple((left, right, tuple(numbers)) for (left, right), numbers in uses.items())
            told = (len(text), once.setdefault(values, values))
            sought[text] = once.setdefault(told, told)
        self._automaton = automaton(sought, nothing=(0, ())) if sought else None

    def spans(self, text: str) -> Spans:
        """Return the first places of each word set in the folded `text`."""
        found: Spans = {}
        if self._automaton is None:
            return found
        size = len(text)
        for last, (length, uses) in self._automaton.iter(text):
            start, end = last - length + 1, last + 1
            begins = start == 0 or not in_word(text[start - 1])
            ends = end == size or not in_word(text[end])
            for open_left, open_right, numbers in uses:
                if (open_left or begins) and (open_right or ends):
                    for number in numbers:
                        spans = found.setdefault(number, [])
                        if len(spans) < _MOST_SPANS:
                            spans.append((start, end))
        return found


@dataclass(frozen=True)
class Scan:
    """An inquiry with its views folded and searched; each view at most once, when first asked for."""

    inquiry: Inquiry
    automaton: Automaton

    @cached_property
    def _texts(self) -> dict[View, str]:
        return {}

    @cached_property
    def _octets(self) -> dict[View, bytes]:
        return {}

    @cached_property
    def _found(self) -> dict[View, Spans]:
        return {}

    def text(self, view: View) -> str:
        """Return the folded text of `view`."""
        if view not in self._texts:
            self._texts[view] = fold(self.inquiry.view(view))
        return self._texts[view]

    def octets(self, view: View) -> bytes:
        """Return the folded text of `view` in UTF-8, as google-re2 wants it."""
        if view not in self._octets:
            self._octets[view] = self.text(view).encode("utf-8", "replace")
        return self._octets[view]

    def spans(self, view: View) -> Mapping[int, list[Span]]:
        """Return where each word set occurs in `view`."""
        if view not in self._found:
            self._found[view] = self.automaton.spans(self.text(view))
        return self._found[view]
