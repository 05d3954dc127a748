"""Rules that cannot do what they say: contradictory musts, conditions that never hold, words without effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.errors import Fault
from pipeline.records.decisions import HONEST_KINDS, LIST_FIELDS
from pipeline.rulebook.logic import Formula, asks_for_words, condition, counts, implies, impossible
from pipeline.rulebook.reading import Written
from pipeline.rulebook.terms import TermLists

_HONEST = frozenset(f"kind={kind}" for kind in HONEST_KINDS)


class _Conditions:
    """When each rule hits; worked out where it is asked for, as long lists make it costly."""

    def __init__(self, lists: TermLists) -> None:
        self._lists = lists
        self._known: dict[str, Formula] = {}

    def of(self, one: Written) -> Formula:
        """Return the condition of a rule."""
        if one.rule.id not in self._known:
            self._known[one.rule.id] = condition(one.rule, self._lists)
        return self._known[one.rule.id]

    def nested(self, first: Written, second: Written) -> bool:
        """Tell whether one of the rules hits wherever the other does."""
        return self.follows(first, second) or self.follows(second, first)

    def follows(self, first: Written, second: Written) -> bool:
        """Tell whether the second rule hits wherever the first does."""
        if first.rule.test is None and not asks_for_words(second.rule):
            return second.rule.is_always
        return implies(self.of(first), self.of(second))

    def never_hits(self, one: Written) -> bool:
        """Tell whether the rule's condition contradicts itself."""
        if not counts(one.rule, self._lists):
            return True
        return one.rule.test is not None and impossible(self.of(one))


def conflicts(rules: Sequence[Written], lists: TermLists) -> Iterator[Fault]:
    """Yield a fault for each rule that contradicts another, never hits, or has no effect where it hits.

    Only rules without other faults are looked at, and only what follows plainly from their conditions.
    """
    whole = [one for one in rules if not one.broken]
    conditions = _Conditions(lists)
    dead = {one.rule.id for one in whole if conditions.never_hits(one)}
    living = [one for one in whole if one.rule.id not in dead]
    musts = [one for one in living if one.rule.must]
    yield from (_never(one) for one in whole if one.rule.id in dead)
    for one in living:
        found = _contradictions if one.rule.must else _overruled
        yield from found(one, musts, conditions)
    yield from _twins(living)


def _never(one: Written) -> Fault:
    message = "unreachable: the condition contradicts itself, so the rule never hits; mend or drop it"
    return one.fault("test" if one.rule.test else "terms", message)


def _contradictions(one: Written, musts: Sequence[Written], conditions: _Conditions) -> Iterator[Fault]:
    """Yield a fault for each earlier must that answers otherwise wherever one of the two hits."""
    for other in musts:
        if other is one:
            return
        clash = _clash(one, other)
        if clash and conditions.nested(one, other):
            path, said, against = clash
            message = (
                f"says {said!r} where rule {other.rule.id!r} ({other.file.name}) says {against!r}: both are"
                " musts, and one hits wherever the other does; drop one, or part them with not"
            )
            yield one.fault(path, message)


def _clash(one: Written, other: Written) -> tuple[str, str, str] | None:
    """Return where two rules answer differently: the path in `one`, and what both say."""
    if one.rule.route and other.rule.route and one.rule.route != other.rule.route:
        return "route", one.rule.route, other.rule.route
    for number, tag in enumerate(one.rule.tags):
        field, _, value = tag.partition("=")
        for rival in other.rule.tags:
            rival_field, _, rival_value = rival.partition("=")
            if field == rival_field and field not in LIST_FIELDS and value != rival_value:
                return f"tags.{number}", tag, rival
            if "disposition=file" in (tag, rival) and {tag, rival} & _HONEST:
                return f"tags.{number}", tag, rival
    return None


def _overruled(one: Written, musts: Sequence[Written], conditions: _Conditions) -> Iterator[Fault]:
    """Yield a fault if musts decide all that a hint speaks about wherever it hits."""
    fields = {tag.partition("=")[0] for tag in one.rule.tags}
    if one.rule.route or one.rule.priority or not fields or fields & {"disposition", *LIST_FIELDS}:
        return
    deciding: dict[str, str] = {}
    for must in musts:
        decided = {tag.partition("=")[0] for tag in must.rule.tags} & fields
        if decided and conditions.follows(one, must):
            deciding.update(dict.fromkeys(decided, must.rule.id))
    if fields <= deciding.keys():
        names = ", ".join(sorted({repr(id_) for id_ in deciding.values()}))
        message = f"unreachable: wherever it hits, a must decides what it speaks about ({names}); drop it"
        yield one.fault("tags", message)


def _twins(rules: Sequence[Written]) -> Iterator[Fault]:
    """Yield a fault for each rule that says what another says on the same condition."""
    seen: dict[tuple[object, ...], str] = {}
    for one in rules:
        rule = one.rule
        where = frozenset(rule.weights or rule.views)
        asked = (frozenset(rule.terms), where, frozenset(rule.unless), rule.least, repr(rule.test))
        key = (*asked, frozenset(rule.tags), rule.route, rule.priority, rule.must)
        if key in seen:
            message = f"the same condition and effect as rule {seen[key]!r}; drop one, or it counts twice"
            yield one.fault("", message)
        seen.setdefault(key, rule.id)
