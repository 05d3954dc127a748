"""Builders of entries, policies and evidence for the tests of routing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.records.decisions import Decision, Disposition, Evidence, RuleHit, Source, Tags
from pipeline.records.messages import Address
from pipeline.records.work import Entry
from pipeline.routing.policy import Liaison, Policy

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday


def _entry(key: str, **given: Any) -> Entry:
    """Return an entry; what is not about tags goes to the decision or the entry."""
    tags: dict[str, Any] = {
        "kind": "partnership",
        "partner_type": "archive",
        "region": "south_asia",
        "alignment": "aligned",
    }
    tags |= {name: given.pop(name) for name in (*tags, "country", "activities") if name in given}
    decision: dict[str, Any] = {
        "sha256": key,
        "disposition": Disposition.ASSIGN,
        "abstained": (),
        "confidence": {},
        "priority": 50,
        "language": "en",
        "summary": "",
        "evidence": (),
        "rulebook_version": "",
        "model_version": "",
        "decided_at": NOON,
        "route": None,
    }
    decision |= {name: given.pop(name) for name in decision if name in given}
    rest: dict[str, Any] = {
        "author": Address(),
        "organisation": "",
        "subject": "",
        "text": "",
        "received_at": NOON,
        **given,
    }
    return Entry(key=key, decision=Decision(tags=Tags(**tags), **decision), **rest)


def _liaison(identifier: str, **given: Any) -> Liaison:
    return Liaison(id=identifier, name=identifier.title(), address=f"{identifier}@liaisons.example", **given)


def _policy(*liaisons: Liaison, **given: Any) -> Policy:
    return Policy(liaisons=liaisons, **{"fallback": liaisons[0].id, **given})


def _said(tag: str, score: float, source: Source = Source.MODEL, name: str = "base") -> Evidence:
    return Evidence(source=source, name=name, tag=tag, score=score)


def _hit(rule: str, *tags: str, must: bool = True) -> RuleHit:
    return RuleHit(rule=rule, tags=tags, must=must, weight=1.0, view=None, matched="word")


@pytest.fixture(scope="session")
def noon() -> datetime:
    return NOON


@pytest.fixture(scope="session")
def entry() -> Callable[..., Entry]:
    return _entry


@pytest.fixture(scope="session")
def liaison() -> Callable[..., Liaison]:
    return _liaison


@pytest.fixture(scope="session")
def policy() -> Callable[..., Policy]:
    return _policy


@pytest.fixture(scope="session")
def said() -> Callable[..., Evidence]:
    return _said


@pytest.fixture(scope="session")
def hit() -> Callable[..., RuleHit]:
    return _hit
