"""Who gets a message whatever its place and type: because a rule names them, or all mail of its kind or topic is theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.declarative import suggestion
from pipeline.errors import Fault
from pipeline.records.decisions import Evidence, RuleHit, Source
from pipeline.records.work import Entry
from pipeline.routing.policy import Forward, Policy
from pipeline.routing.words import words_of

ROUTE = "route"
ROTA = "triage"
# Kinds that are never low priority by their alignment: they have ways of their own.
_OWN_WAY = ("endorsement", "misdirected")


class Routed(Protocol):
    """A rule that may have a route, and where it is written."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def file(self) -> str:
        """The rule file."""

    @property
    def index(self) -> int:
        """Which rule of the file, from 0."""

    @property
    def route(self) -> str | None:
        """Who is to get the message."""


@dataclass(frozen=True, slots=True)
class Route:
    """What the rules say of who gets a message.

    Parameters
    ----------
    name
        As the rule writes it; None where no rule says so, or musts disagree.
    dispute
        Where musts disagree: which rules, and what they say.
    evidence
        What each rule said, as ``route=NAME``.
    """

    name: str | None = None
    dispute: str = ""
    evidence: tuple[Evidence, ...] = ()


def route_of_rules(hits: Sequence[RuleHit]) -> Route:
    """Return the route that a must asks for, else the hint with the highest weight, of equals the first."""
    asking = [hit for hit in hits if hit.route]
    if not asking:
        return Route()
    evidence = tuple(
        Evidence(
            source=Source.RULE,
            name=hit.rule,
            tag=f"{ROUTE}={hit.route}",
            score=hit.weight,
            detail=hit.matched,
        )
        for hit in {hit.rule: hit for hit in reversed(asking)}.values()
    )
    musts: dict[str, list[str]] = {}
    for hit in asking:
        if hit.must and hit.rule not in musts.setdefault(str(hit.route), []):
            musts[str(hit.route)].append(hit.rule)
    if len(musts) > 1:
        sides = (f"{name} ({', '.join(rules)})" for name, rules in sorted(musts.items()))
        return Route(None, "rules disagree on the route: " + " against ".join(sides), evidence)
    name = next(iter(musts), None) or max(asking, key=lambda hit: hit.weight).route
    return Route(name, "", evidence)


def places(policy: Policy) -> Mapping[str, str]:
    """Return the names that a route may have, each with the id of who is meant; the rota stands for itself."""
    named = {
        "fallback": policy.fallback,
        ROTA: ROTA,
        "low_priority": policy.low_priority,
        "endorsement": policy.routes.endorsement,
        "misdirected": policy.routes.misdirected,
        **{forward.topic: _told_by(forward, policy) for forward in policy.forwards},
    }
    filled = {name: identifier for name, identifier in named.items() if identifier}
    return {**filled, **{one.id: one.id for one in policy.desks}}


def forward_of(entry: Entry, policy: Policy) -> Forward | None:
    """Return where misdirected mail belongs: as a rule says, else by the words of its subject and text; None if unknown.

    The topic with the most of its words in the mail wins, of equals the one that comes first in the file.
    """
    if entry.decision.tags.kind != "misdirected" or not policy.forwards:
        return None
    ruled = next((one for one in policy.forwards if one.topic == entry.decision.route), None)
    if ruled:
        return ruled
    said = f" {words_of(f'{entry.subject} {entry.text}')} "
    hits = [sum(f" {words_of(word)} " in said for word in forward.words) for forward in policy.forwards]
    best = max(hits)
    return policy.forwards[hits.index(best)] if best else None


def told_by(entry: Entry, policy: Policy) -> str | None:
    """Return the id of who gets misdirected mail and passes on where it belongs; None: shared out like the rest."""
    forward = forward_of(entry, policy)
    return _told_by(forward, policy) if forward else policy.routes.misdirected


def _told_by(forward: Forward, policy: Policy) -> str | None:
    return forward.to or policy.routes.misdirected


def is_low_priority(entry: Entry, policy: Policy) -> bool:
    """Return whether an inquiry belongs on the low-priority list, and a polite refusal is what is suggested.

    Doubtful alignment is no reason: there, nobody would ask the open question.
    """
    tags = entry.decision.tags
    plainly_not = tags.alignment == "not_aligned" and "alignment" not in entry.decision.abstained
    return policy.low_priority is not None and (
        tags.kind == "business" or (plainly_not and tags.kind not in _OWN_WAY)
    )


def unknown_routes(rules: Iterable[Routed], policy: Policy) -> tuple[Fault, ...]:
    """Return a fault for each rule whose route the liaisons' file does not know."""
    known = places(policy)
    return tuple(
        Fault(
            file=rule.file,
            path=f"rule.{rule.index}.route",
            message=f"rule {rule.id!r}: no liaison and no filled place is called {rule.route!r}"
            + suggestion(rule.route, known),
        )
        for rule in rules
        if rule.route and rule.route not in known
    )
