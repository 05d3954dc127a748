"""Which rules hit an inquiry, where, and on which words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pipeline.records.decisions import RuleHit
from pipeline.records.inquiries import Inquiry, View
from pipeline.rulebook.book import Rule, Rulebook
from pipeline.rulebook.fold import whole_words
from pipeline.rulebook.predicates import shorten
from pipeline.rulebook.scan import Scan, Span

_MOST_WORDS = 4


def hits(book: Rulebook, inquiry: Inquiry) -> tuple[RuleHit, ...]:
    """Return one hit for each rule and view in which it matched, in the order of the rules.

    The time grows with the length of the inquiry and the number of hits; texts over
    `pipeline.rulebook.fold.LONGEST_TEXT` characters are read up to there.
    """
    scan = Scan(inquiry, book.automaton)
    found = [(index, hit) for index in book.tested if (hit := _tested(book.rules[index], scan))]
    found.extend(_worded(book, scan))
    return tuple(hit for _, hit in sorted(found, key=lambda pair: pair[0]))


def _tested(rule: Rule, scan: Scan) -> RuleHit | None:
    found = rule.test(scan) if rule.test else None
    if found is None:
        return None
    return _hit(
        rule.id, rule.tags, rule.must, rule.weight, found.view, found.matched, rule.route, rule.priority
    )


def _worded(book: Rulebook, scan: Scan) -> Iterator[tuple[int, RuleHit]]:
    allowed: dict[int, bool] = {}
    for view in book.views:
        spans = scan.spans(view)
        for number in spans:
            for index in book.by_words.get(number, ()):
                rule = book.rules[index]
                if view not in rule.weights:
                    continue
                kept = _outside(spans[number], spans.get(rule.unless, []) if rule.unless is not None else [])
                if _enough(rule, scan.text(view), kept) and _allowed(rule, index, scan, allowed):
                    words = _matched(scan.text(view), kept)
                    weight = rule.weights[view]
                    yield (
                        index,
                        _hit(rule.id, rule.tags, rule.must, weight, view, words, rule.route, rule.priority),
                    )


def _enough(rule: Rule, text: str, spans: list[Span]) -> bool:
    if rule.least == 1 or not spans:
        return bool(spans)
    return len({text[start:end] for start, end in spans}) >= rule.least


def _allowed(rule: Rule, index: int, scan: Scan, known: dict[int, bool]) -> bool:
    if index not in known:
        known[index] = rule.test is None or rule.test(scan) is not None
    return known[index]


def _outside(spans: list[Span], exceptions: list[Span]) -> list[Span]:
    """Return the spans that do not lie within an exception."""
    if not exceptions:
        return spans
    return [
        (start, end)
        for start, end in spans
        if not any(first <= start and end <= last for first, last in exceptions)
    ]


def _matched(text: str, spans: list[Span]) -> str:
    words = dict.fromkeys(whole_words(text, start, end) for start, end in spans[:_MOST_WORDS])
    return shorten(", ".join(words))


# Priors hit every message, and many rules the same words: a value that is there is not made again.
@lru_cache(maxsize=8_192)
def _hit(
    rule: str,
    tags: tuple[str, ...],
    must: bool,
    weight: float,
    view: View | None,
    matched: str,
    route: str | None,
    priority: int,
) -> RuleHit:
    return RuleHit(
        rule=rule,
        tags=tags,
        must=must,
        weight=weight,
        view=view,
        matched=matched,
        route=route,
        priority=priority,
    )
