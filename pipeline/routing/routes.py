"""Who gets a message because a rule names them: a liaison, or a place that the liaisons' file fills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.declarative import suggestion
from pipeline.errors import Fault
from pipeline.records.decisions import Evidence, RuleHit, Source
from pipeline.routing.policy import Policy

ROUTE = "route"
ROTA = "triage"


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
    }
    filled = {name: identifier for name, identifier in named.items() if identifier}
    return {**filled, **{one.id: one.id for one in policy.liaisons}}


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
