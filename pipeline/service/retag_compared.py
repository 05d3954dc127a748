"""What a retag would change, counted: fields, tables of old against new, what people had said, where inquiries would stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.records.decisions import CRITERIA_FIELDS, LIST_FIELDS, SCALAR_FIELDS, Decision
from pipeline.records.retags import Difference
from pipeline.routing.combine import value_of
from pipeline.routing.retagging import next_state, takes_hold

# Fields that are compared, in order.
FIELDS = (
    *SCALAR_FIELDS,
    *LIST_FIELDS,
    *CRITERIA_FIELDS,
    *("abstained", "priority", "disposition", "language", "route"),
)
# Fields of which each old value is set against each new one.
TABLES = ("disposition", "kind", "partner_type", "alignment", "region")
_EXAMPLES = 5
# A priority that differs by less changes nobody's day.
_PRIORITY_STEP = 10


@dataclass(slots=True)
class Verdicts:
    """Of the values that people had said, how many were right before and after; what did not change is left out."""

    righted: int = 0
    wronged: int = 0


@dataclass(slots=True)
class Comparison:
    """What a retag would change.

    Parameters
    ----------
    inquiries
        With a message on which something else would be decided.
    held
        Of those, how many stay as they are because somebody deals with them.
    fields
        Field to the number of inquiries whose value would change, with what people said counted above all.
    tables
        Field to pairs of old and new value and their number, only of those that differ.
    states
        Pairs of state before and after, and their number.
    people
        Field to how the program's own values would fare against what people said.
    examples
        Field to KEYs of inquiries in which it would change, the first ones.
    priorities
        How many priorities would rise and fall by 10 points or more.
    """

    inquiries: int = 0
    held: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    tables: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    people: dict[str, Verdicts] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    priorities: Counter[str] = field(default_factory=Counter)

    def add(self, found: Difference, *, reopen: bool) -> None:
        """Count what would change of one inquiry."""
        self.inquiries += 1
        self._judge(found)
        if not takes_hold(found.state, found.stands):
            self.held += 1
            return
        for name in FIELDS:
            before, after = value(found.stands, name), value(found.would_stand, name)
            if before != after:
                self._change(found.key, name, before, after)
        state = next_state(found, reopen=reopen)
        if state is not found.state:
            self.states[found.state.value, state.value] += 1
            self._example("state", found.key)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "inquiries": self.inquiries,
            "held": self.held,
            "fields": {name: self.fields[name] for name in FIELDS if self.fields[name]},
            "priority": {"rises": self.priorities["rises"], "falls": self.priorities["falls"]},
            "tables": {
                name: [{"before": a, "after": b, "inquiries": n} for (a, b), n in ordered(pairs)]
                for name, pairs in self.tables.items()
            },
            "states": [{"before": a, "after": b, "inquiries": n} for (a, b), n in ordered(self.states)],
            "people": {
                name: {"righted": one.righted, "wronged": one.wronged}
                for name, one in sorted(self.people.items())
            },
            "examples": self.examples,
        }

    def _change(self, key: str, name: str, before: Any, after: Any) -> None:
        self.fields[name] += 1
        self._example(name, key)
        if name in TABLES:
            self.tables.setdefault(name, Counter())[word(before), word(after)] += 1
        if name == "priority" and abs(after - before) >= _PRIORITY_STEP:
            self.priorities["rises" if after > before else "falls"] += 1

    def _example(self, name: str, key: str) -> None:
        known = self.examples.setdefault(name, [])
        if len(known) < _EXAMPLES:
            known.append(key)

    def _judge(self, found: Difference) -> None:
        """Set what the program would say by itself against what people said, wherever somebody did."""
        for name, said in found.said.items():
            before = _is_said(found.before, name, said)
            after = _is_said(found.after, name, said)
            if before == after:
                continue
            verdicts = self.people.setdefault(name, Verdicts())
            if after:
                verdicts.righted += 1
            else:
                verdicts.wronged += 1


def compare(differences: Iterable[Difference], *, reopen: bool = False) -> Comparison:
    """Count what a retag would change.

    Parameters
    ----------
    reopen
        What was filed and is an inquiry after all is given to liaisons.
    """
    found = Comparison()
    for one in differences:
        found.add(one, reopen=reopen)
    return found


def value(decision: Decision, name: str) -> Any:
    """Return what a decision says of a field; of lists the order does not matter."""
    if name in ("priority", "language", "route"):
        return getattr(decision, name)
    if name == "abstained":
        return tuple(sorted(decision.abstained))
    if name == "disposition":
        return decision.disposition.value
    found = value_of(decision, name)
    return tuple(sorted(found)) if name in LIST_FIELDS else found


def word(told: Any) -> str:
    """Return a value for people; nothing is a dash."""
    if isinstance(told, tuple):
        return " ".join(told) or "-"
    return "-" if told is None else str(told)


def _is_said(decision: Decision, name: str, said: Sequence[str]) -> bool:
    found = value(decision, name)
    if isinstance(found, tuple):
        return set(found) == set(said)
    return word(found) == (said[0] if said else "-")


def ordered(pairs: Mapping[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    """Return the most frequent first."""
    return sorted(pairs.items(), key=lambda one: (-one[1], one[0]))
