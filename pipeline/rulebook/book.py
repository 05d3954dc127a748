"""A loaded set of rules: what matching, auditing and explaining work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.records.inquiries import View
from pipeline.rulebook.declared import Example
from pipeline.rulebook.predicates import Predicate
from pipeline.rulebook.scan import Automaton


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, ready to be applied.

    Parameters
    ----------
    id, description, tags, must, weight, route, priority
        As declared.
    file
        The rule file, as the user named it.
    index
        Which rule of the file, from 0.
    weights
        View to weight, for rules with terms; empty for the others.
    words
        Number of its word set, or None without terms.
    unless
        Number of the word set within which a term does not count, or None.
    least
        How many different words have to match in one view.
    test
        The test, or the condition on the terms, or None.
    always
        Whether it holds for every message: a prior.
    hits, misses
        Its own examples.
    """

    id: str
    description: str
    file: str
    tags: tuple[str, ...]
    must: bool
    weight: float
    weights: Mapping[View, float]
    words: int | None
    unless: int | None
    test: Predicate | None = field(repr=False)
    least: int = 1
    index: int = 0
    route: str | None = None
    priority: int = 0
    always: bool = False
    hits: tuple[Example, ...] = ()
    misses: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """All rules of a folder.

    Parameters
    ----------
    version
        Short hash of all rule files and lists of terms.
    rules
        In the order of files and of rules in them.
    automaton
        The terms of all rules.
    by_words
        Number of a word set to the indices in `rules` of the rules that ask for it.
    tested
        Indices of the rules without terms.
    views
        The views in which terms are looked for.
    """

    version: str
    rules: tuple[Rule, ...]
    automaton: Automaton = field(repr=False)
    by_words: Mapping[int, tuple[int, ...]] = field(repr=False)
    tested: tuple[int, ...] = field(repr=False)
    views: tuple[View, ...] = ()

    def rule(self, id_: str) -> Rule | None:
        """Return the rule called `id_`, or None."""
        return next((rule for rule in self.rules if rule.id == id_), None)
