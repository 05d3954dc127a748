"""Conditions of the criteria grid: do they hold for an inquiry, and which of its words say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pipeline.assess.folding import fold_name, is_joined
from pipeline.assess.grid import When
from pipeline.assess.urgency import Deadline
from pipeline.records.decisions import Tags
from pipeline.scripts import count_unspaced

# An amount of money: a sign or code beside digits.
_MONEY = re.compile(
    r"(?:[$€£¥₹₽₦₴₺₩₪฿₫₱₸₾]|\b(?:USD|EUR|GBP|CHF|Rs|KES|NGN|INR)) ?\d[\d.,' ]{0,14}\d?(?: ?(?:k|million|Mio|lakh))?"
    r"|\d[\d.,' ]{0,14}(?:k )? ?(?:[€£$¥₹₽₴₺₩]|(?:USD|EUR|euros?|Euro|dollars?|Franken|kr|zł|Kč|Ft|pesos|reais|francs|rupees|円|元|руб|грн|лв|lei|kronor|kroner)\b)"
)
_AROUND = 24
_LONGEST_QUOTE = 90
# One character of a script without spaces says as much as about three of an alphabet.
_DENSE = 3
_OF_TAGS = frozenset({"kind", "alignment", "partner_type", "activities", "priorities"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What conditions are tested on.

    Parameters
    ----------
    tags
        As decided, with what is known of the grid.
    text, folded
        Subject, text and signature: as written, and folded with a space at either end.
    length
        Of the text alone, in characters of an alphabet.
    deadline, today
        By when an answer is needed, and from when the days are counted.
    rules
        Ids of the rules that hit, and the words at which they did.
    objectives
        Which of the shared objectives the tags tell.
    """

    tags: Tags
    text: str
    folded: str
    length: int
    deadline: Deadline | None
    today: date
    rules: Mapping[str, str]
    objectives: tuple[str, ...] = ()


def holds(when: When, case: Case) -> bool:
    """Tell whether all that `when` asks for is so."""
    return (
        case.length >= when.longer
        and all(_said(name, case) in wanted for name, wanted in when.single)
        and all(not wanted.isdisjoint(_said(name, case)) for name, wanted in when.several)
        and (when.days is None or _due(when, case))
        and (not when.text or found(when, case) is not None)
    )


def _said(name: str, case: Case) -> Any:
    """Return what is known of that which a condition asks for by `name`."""
    if name == "rules":
        return case.rules
    if name == "objectives":
        return len(case.objectives)
    return getattr(case.tags if name in _OF_TAGS else case.tags.criteria, name)


def first(whens: Iterable[When], case: Case) -> When | None:
    """Return the first of `whens` that holds, or None."""
    return next((when for when in whens if holds(when, case)), None)


def found(when: When, case: Case) -> re.Match[str] | None:
    """Return where one of the words of `when` stands in the folded text, or None."""
    told, places = _pattern(when.terms)
    # Most words stand nowhere in a mail, and that is told thirty times sooner than where they stand.
    return places.search(case.folded) if told.search(case.folded.encode("utf-8", "replace")) else None


def quote(when: When, case: Case) -> str:
    """Return the words of the message that make `when` hold, on one line, at most 90 characters; empty if it is tags."""
    if when.days is not None:
        words = case.deadline.words if case.deadline else ""
    elif when.text:
        match = found(when, case)
        # The folded text begins with a space that the text has not.
        words = _near(case.text, match.start() - 1, match.end() - 1) if match else ""
    elif when.rules:
        words = next((words for rule, words in case.rules.items() if rule in when.rules and words), "")
    else:
        money = _MONEY.search(case.text) if when.funding else None
        words = _near(case.text, *money.span()) if money else ""
    words = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return words if len(words) <= _LONGEST_QUOTE else words[: _LONGEST_QUOTE - 1] + "…"


def length_of(text: str) -> int:
    """Return how long `text` is, in characters of an alphabet."""
    return len(text) + (_DENSE - 1) * count_unspaced(text)


def _due(when: When, case: Case) -> bool:
    if case.deadline is None or when.days is None:
        return False
    return max(when.beyond, -1) < (case.deadline.day - case.today).days <= when.days


@cache
def _pattern(terms: tuple[str, ...]) -> tuple[Any, re.Pattern[str]]:
    """Compile words for the folded text: whole, or with a trailing * with any ending; parts of words in other scripts.

    Two patterns: the first, of google-re2 for UTF-8, tells whether one of them occurs, the second where.
    """
    import re2

    words = sorted({(fold_name(term), term.endswith("*")) for term in terms if fold_name(term)})
    whole = "|".join(re.escape(word) for word, stem in words if not stem and not is_joined(word))
    stems = "|".join(re.escape(word) for word, stem in words if stem and not is_joined(word))
    alternatives = [f" (?:{whole})(?= )"] * bool(whole) + [f" (?:{stems})"] * bool(stems)
    alternatives += [re.escape(word) for word, _ in words if is_joined(word)]
    places = "|".join(alternatives)
    told = places.replace(")(?= )", ") ") or r"\pN\pL\b\B"
    return re2.compile(told.encode()), re.compile(places or "(?!)")


def _near(text: str, start: int, end: int) -> str:
    """Return `start` to `end` of `text` with whole words around it, within its paragraph."""
    start, end = max(0, start), max(0, end)
    left = max(text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0, start - _AROUND - 40)
    spaced = text.rfind(" ", left, max(left, start - _AROUND)) + 1
    stop = text.find("\n\n", end)
    stop = min(len(text) if stop < 0 else stop, end + _AROUND + 40)
    right = text.find(" ", end + _AROUND, stop)
    return text[max(left, spaced) : right if right > 0 else stop][:140]
