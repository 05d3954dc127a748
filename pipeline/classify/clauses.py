"""What meets in one sentence: a matter (licence, name, price, text, data) and how it is spoken of (must, wish, doubt, ban).

One subordinate clause decides whether a fit is plain: "our name must stand on each page", "the heirs have not answered".
The words are in ``rules/clauses.toml``; the model learns which meetings tell. All words are found in one pass
(Aho and Corasick 1975), in time linear in the text.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain, combinations
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from pipeline.automata import automaton
from pipeline.declarative import Declared, load
from pipeline.records.inquiries import Inquiry
from pipeline.resources import packaged
from pipeline.scripts import is_unspaced

_LONGEST_TEXT = 6_000
_MOST_IN_A_SENTENCE = 6
# Characters between two words that speak of each other, loosely and closely.
_NEAR, _CLOSE = 80, 25
_END = re.compile(r"[.!?;:](?= |$)|[。！？；।؟؛॥]|[–—] ")
_QUESTIONS = ("?", "？", "؟")

Span = tuple[int, int]
Word = Annotated[str, Field(pattern=r"^\*?[^*]+\*?$", max_length=80)]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]


class Family(Declared):
    """Words of one matter, or of one way of speaking.

    Parameters
    ----------
    description
        What they have in common.
    terms
        ISO 639 code to words; a word may begin or end with ``*`` for what inflection adds.
    """

    description: Annotated[str, Field(min_length=8)]
    terms: dict[str, Words]


class Vocabulary(Declared):
    """``rules/clauses.toml``: family to its words."""

    families: Annotated[dict[str, Family], Field(min_length=2)]


def clauses(inquiry: Inquiry) -> dict[str, float]:
    """Return family, or pair of families in one sentence, to the logarithm of one more than how often it occurs."""
    text = fold(f"{inquiry.base_subject} . {inquiry.text}"[:_LONGEST_TEXT])
    ends = [found.end() for found in _END.finditer(text)]
    sentences: dict[int, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for family, span in _found(text):
        sentences[bisect_right(ends, span[0])][family].append(span)
    counted: Counter[str] = Counter()
    for number, families in sentences.items():
        asked = number < len(ends) and text[: ends[number]].endswith(_QUESTIONS)
        counted.update(
            _names({family: spans[:_MOST_IN_A_SENTENCE] for family, spans in families.items()}, asked)
        )
    return {name: math.log1p(count) for name, count in counted.items()}


def meetings(sentence: str) -> dict[str, float]:
    """Return what `clauses` does, of one sentence by itself."""
    text = fold(sentence)
    families: dict[str, list[Span]] = defaultdict(list)
    for family, span in _found(text):
        families[family].append(span)
    if not families:
        return {}
    few = {family: spans[:_MOST_IN_A_SENTENCE] for family, spans in families.items()}
    return {
        name: math.log1p(count) for name, count in Counter(_names(few, text.endswith(_QUESTIONS))).items()
    }


def fold(text: str) -> str:
    """Return `text` in small letters of usual width, white space as one blank."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'").split())


def _names(families: dict[str, list[Span]], asked: bool) -> Iterator[str]:
    """Yield what one sentence holds: families, which of them in a question, and pairs by how near they are."""
    for family, spans in families.items():
        yield from [family] * len(spans)
        if asked:
            yield f"{family} in a question"
    for one, other in combinations(sorted(families), 2):
        apart = min(max(b[0] - a[1], a[0] - b[1]) for a in families[one] for b in families[other])
        if apart <= _NEAR:
            yield f"{one} near {other}"
        if apart <= _CLOSE:
            yield f"{one} close to {other}"


def _found(text: str) -> Iterator[tuple[str, Span]]:
    size = len(text)
    for last, (length, uses) in _sought().iter(text):
        start, end = last - length + 1, last + 1
        begins = start == 0 or not _in_word(text[start - 1])
        ends = end == size or not _in_word(text[end])
        for open_left, open_right, families in uses:
            if (open_left or begins) and (open_right or ends):
                for family in families:
                    yield family, (start, end)


@cache
def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" and not is_unspaced(character)


@cache
def _sought() -> Any:
    return _made(vocabulary(packaged("rules")))


def vocabulary(rules: Path) -> Vocabulary:
    """Read ``clauses.toml`` in the folder `rules`.

    Raises
    ------
    DeclarationError
        With every fault.
    """
    return load(rules / "clauses.toml", Vocabulary)


def _made(words: Vocabulary) -> Any:
    uses: dict[str, dict[tuple[bool, bool], set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, family in words.families.items():
        for written in chain.from_iterable(family.terms.values()):
            text = fold(written.strip("*"))
            uses[text][written.startswith("*"), written.endswith("*")].add(name)
    sought = {text: (len(text), tuple(_uses(text, ways))) for text, ways in uses.items()}
    return automaton(sought, nothing=(0, ()))


def _uses(text: str, ways: dict[tuple[bool, bool], set[str]]) -> Iterator[tuple[bool, bool, tuple[str, ...]]]:
    """Yield whether a word may go on before and behind `text`, and the families it tells then.

    Nothing goes on where `text` begins or ends with a mark, or in a script without blanks.
    """
    left, right = not _in_word(text[0]), not _in_word(text[-1])
    for (open_left, open_right), names in ways.items():
        yield open_left or left, open_right or right, tuple(sorted(names))
