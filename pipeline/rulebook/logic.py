"""Conditions as formulas: whether one follows from another, and whether one can hold at all.

Both questions are answered for the clear cases only: "no" means "not plainly so". A text test is the
disjunction of its entries; what cannot be taken apart is an atom that equals itself alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from pipeline.rulebook.declared import AddressTest, AttachmentTest, RuleDeclaration, Test, TextTest
from pipeline.rulebook.fold import fold
from pipeline.rulebook.terms import Term, TermLists


@dataclass(frozen=True, slots=True)
class Atom:
    """What is asked (`kind`), of what (`where`), and for which value."""

    kind: str
    where: str
    value: Any


@dataclass(frozen=True, slots=True)
class All:
    """All of some formulas; of none: always true."""

    parts: frozenset[Formula]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of some formulas; of none: never true."""

    parts: frozenset[Formula]


@dataclass(frozen=True, slots=True)
class No:
    """Not this."""

    part: Formula


Formula: TypeAlias = Atom | All | Some | No
ALWAYS = All(frozenset())
NEVER = Some(frozenset())
# Texts of which a message has at most one.
_SINGLE = frozenset({"subject", "list_id", "body", "sender", "signature", "introduction", "quoted"})
# Comparing each with each is left out where there would be more pairs.
_MOST_PAIRS = 20_000


def condition(rule: RuleDeclaration, lists: TermLists) -> Formula:
    """Return when `rule` hits."""
    parts: list[Formula] = []
    if rule.terms:
        terms, _ = lists.resolve(rule.terms)
        exceptions, _ = lists.resolve(rule.unless)
        views = rule.weights or dict.fromkeys(rule.views)
        parts.append(_any(Atom("word", view.value, term) for view in views for term in terms))
        if exceptions or rule.least > 1:
            parts.append(Atom("terms", str(sorted(views)), (terms, exceptions, rule.least)))
    if rule.test:
        parts.append(_of_test(rule.test, lists))
    return _all(parts)


def counts(rule: RuleDeclaration, lists: TermLists) -> bool:
    """Tell whether enough of a rule's terms can count: not all are excepted, and there are as many as it asks for."""
    if not rule.terms or not (rule.unless or rule.least > 1):
        return True
    terms, _ = lists.resolve(rule.terms)
    exceptions, _ = lists.resolve(rule.unless)
    by_text: dict[str, list[Term]] = {}
    for term in exceptions:
        by_text.setdefault(term.text, []).append(term)
    counted = {term.text for term in terms if not _covered(term, by_text.get(term.text, ()))}
    return len(counted) >= rule.least


def asks_for_words(rule: RuleDeclaration) -> bool:
    """Tell whether terms take part in the condition of `rule`."""
    return bool(rule.terms) or (rule.test is not None and '"word":["' in rule.test.model_dump_json())


def implies(first: Formula, second: Formula) -> bool:
    """Tell whether `second` plainly holds wherever `first` does."""
    if first in (second, NEVER) or second == ALWAYS:
        return True
    if isinstance(first, Some):
        return _each_implies(first, second)
    if isinstance(second, All):
        return all(implies(first, part) for part in second.parts)
    if isinstance(first, All):
        return any(implies(part, second) for part in first.parts)
    if isinstance(second, Some):
        return first in second.parts or any(implies(first, part) for part in _alike(first, second))
    if isinstance(second, No):
        return contradicts(first, second.part)
    return isinstance(first, Atom) and _atom_implies(first, second)


def contradicts(first: Formula, second: Formula) -> bool:
    """Tell whether the two plainly never hold together."""
    for one, other in ((first, second), (second, first)):
        if one == NEVER or (isinstance(one, No) and implies(other, one.part)):
            return True
        if isinstance(one, Some):
            return _few(one, other) and all(contradicts(part, other) for part in one.parts)
        if isinstance(one, All) and any(contradicts(part, other) for part in one.parts):
            return True
    return isinstance(first, Atom) and isinstance(second, Atom) and _atoms_contradict(first, second)


def impossible(formula: Formula) -> bool:
    """Tell whether `formula` plainly never holds."""
    match formula:
        case Some():
            return all(map(impossible, formula.parts))
        case No():
            return implies(ALWAYS, formula.part)
        case All():
            parts = list(formula.parts)
            return any(map(impossible, parts)) or any(
                contradicts(one, other) for number, one in enumerate(parts) for other in parts[:number]
            )
        case _:
            return formula.kind == "never"


def _each_implies(first: Some, second: Formula) -> bool:
    if isinstance(second, Some) and first.parts <= second.parts:
        return True
    return _few(first, second) and all(implies(part, second) for part in first.parts)


def _alike(first: Formula, second: Some) -> Iterator[Formula]:
    """Yield those of some formulas that may follow from `first`: of one atom no other follows that asks elsewhere."""
    where = first.where if isinstance(first, Atom) else None
    return (part for part in second.parts if not isinstance(part, Atom) or part.where == where)


def _few(first: Some, second: Formula) -> bool:
    size = len(second.parts) if isinstance(second, All | Some) else 1
    return len(first.parts) * max(size, 1) <= _MOST_PAIRS


def _all(parts: Iterable[Formula]) -> Formula:
    flat: set[Formula] = set()
    for part in parts:
        flat.update(part.parts if isinstance(part, All) else (part,))
    return next(iter(flat)) if len(flat) == 1 else All(frozenset(flat))


def _any(parts: Iterable[Formula]) -> Formula:
    flat: set[Formula] = set()
    for part in parts:
        flat.update(part.parts if isinstance(part, Some) else (part,))
    return next(iter(flat)) if len(flat) == 1 else Some(frozenset(flat))


def _of_test(test: Test, lists: TermLists) -> Formula:
    name = next(iter(test.model_fields_set))
    value = getattr(test, name)
    match name:
        case "allof":
            return _all(_of_test(part, lists) for part in value)
        case "anyof":
            return _any(_of_test(part, lists) for part in value)
        case "not_":
            return No(_of_test(value, lists))
        case "true":
            return ALWAYS if value else NEVER
        case "language":
            return _any(Atom("language", "", code) for code in value)
        case "exists":
            return _all(Atom("exists", field.lower(), True) for field in value)
        case "size":
            return _size(value)
        case "automatic":
            return _automatic(value)
        case "freemail":
            return Atom("freemail", "", value)
        case _:
            return _of_texts(name, value, lists)


def _size(value: Any) -> Formula:
    limits = (("over", value.over), ("under", value.under))
    return _all(Atom(name, "", limit) for name, limit in limits if limit is not None)


def _automatic(value: Any) -> Formula:
    if isinstance(value, bool):
        return Atom("automatic", "", None) if value else No(Atom("automatic", "", None))
    return _any(Atom("automatic", "", reason) for reason in value)


def _of_texts(name: str, value: Any, lists: TermLists) -> Formula:
    if isinstance(value, AttachmentTest):
        return Atom("attachment", "", value.model_dump_json())
    if isinstance(value, AddressTest):
        return _any(_entries(value, f"{of}.{value.part}", lists) for of in value.of)
    where = f"header {value.field.lower()}" if name == "header" else name
    return _entries(value, where, lists)


def _entries(value: TextTest, where: str, lists: TermLists) -> Formula:
    kinds = {"is": value.is_, "contains": value.contains}
    if isinstance(value, AddressTest):
        kinds["ends"] = value.ends
    atoms = [_entry(kind, where, fold(text)) for kind, texts in kinds.items() for text in texts]
    atoms += [Atom("matches", where, fold(text)) for text in value.matches]
    atoms += [Atom("regex", where, text) for text in value.regex]
    atoms += [Atom("word", where, term) for term in lists.resolve(value.word)[0]]
    return _any(atoms)


def _entry(kind: str, where: str, text: str) -> Atom:
    """Return the atom of one text; one that no address can have is told to be impossible."""
    of, _, part = where.partition(".")
    one_part = part in ("domain", "local") and "@" in text
    no_address = part == "all" and kind == "is" and "@" not in text
    return Atom("never" if of and (one_part or no_address) else kind, where, text)


def _covered(term: Term, exceptions: Iterable[Term]) -> bool:
    """Tell whether `term` never counts, as one of the exceptions with the same words is as open."""
    return any(
        other.open_left >= term.open_left and other.open_right >= term.open_right for other in exceptions
    )


def _atom_implies(first: Atom, second: Formula) -> bool:
    if not isinstance(second, Atom) or first.where != second.where:
        return False
    match first.kind, second.kind:
        case ("over", "over"):
            return bool(first.value >= second.value)
        case ("under", "under"):
            return bool(first.value <= second.value)
        case ("automatic", "automatic"):
            return second.value is None
        case ("is" | "contains" | "ends", "contains"):
            return second.value in first.value
        case ("is" | "ends", "ends"):
            return bool(first.value.endswith(second.value))
        case ("word", "word"):
            return _term_implies(first.value, second.value)
        case ("word", "contains"):
            return second.value in first.value.text
        case _:
            return False


def _term_implies(first: Term, second: Term) -> bool:
    """Tell whether a text with the one term has the other: the same words, as open or more so."""
    return (
        first.text == second.text
        and second.open_left >= first.open_left
        and second.open_right >= first.open_right
    )


def _atoms_contradict(first: Atom, second: Atom) -> bool:
    if first.where != second.where:
        return False
    kinds = {first.kind: first.value, second.kind: second.value}
    if first.kind == second.kind:
        differ = first.value != second.value
        if first.kind == "automatic":
            return differ and None not in (first.value, second.value)
        return differ and (
            first.kind in ("language", "freemail") or (first.kind == "is" and first.where in _SINGLE)
        )
    if "over" in kinds and "under" in kinds:
        return bool(kinds["under"] <= kinds["over"] + 1)
    if "is" in kinds and first.where in _SINGLE:
        return "contains" in kinds and kinds["contains"] not in kinds["is"]
    return False
