"""Old mail tagged anew: what was decided, what would be decided now, and what that would change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum

from pipeline.records.decisions import Decision
from pipeline.records.work import State


class Stage(StrEnum):
    """How far a retag is."""

    RUNNING = "running"
    COMPLETE = "complete"
    APPLYING = "applying"
    APPLIED = "applied"
    DROPPED = "dropped"


class Proposal(StrEnum):
    """What came out for a message, and what became of it."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    FAILED = "failed"
    APPLIED = "applied"
    HELD = "held"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """By what is decided.

    Parameters
    ----------
    fingerprint
        Of rules, liaisons, model and program together.
    model_version, rulebook_version
        For people.
    """

    fingerprint: str
    model_version: str
    rulebook_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retag:
    """One retag.

    Parameters
    ----------
    id
        The ledger's number for it.
    stage
        How far it is.
    witnesses
        By what it decides.
    since
        Only mail written then or later (aware, UTC); None for all.
    begun_at, ended_at
        When it was begun, and when it took hold or was dropped.
    reopen
        What was filed and is an inquiry after all is given to liaisons.
    counts
        How many messages came out how.
    """

    id: int
    stage: Stage
    witnesses: Witnesses
    since: datetime | None
    begun_at: datetime
    ended_at: datetime | None = None
    reopen: bool = False
    counts: Mapping[Proposal, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A message that was decided.

    Parameters
    ----------
    message, decision
        The ledger's numbers for it and for its newest decision.
    octets, received_at
        As in `RawMessage`; no octets where they are not kept any more.
    gist
        What was decided, by `gist`.
    """

    message: int
    decision: int
    octets: bytes | None = field(repr=False)
    received_at: datetime | None
    gist: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What would be decided on a message now; `decision` only where it differs."""

    message: int
    former: int
    outcome: Proposal
    decision: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a retag would change of an inquiry.

    Parameters
    ----------
    key, state
        The inquiry, and where it stands.
    live
        It did not come out of archives alone.
    before, after
        What the decisions on its messages come to, without what people said.
    stands, would_stand
        The same with what people said, which counts above all.
    said
        Field to the values that people said last.
    """

    key: str
    state: State
    live: bool
    before: Decision
    after: Decision
    stands: Decision
    would_stand: Decision
    said: Mapping[str, tuple[str, ...]]


def gist(decision: Decision) -> str:
    """Return a hash of all that matters of a decision: not when, by which version and how surely it was made."""
    told = {
        "disposition": decision.disposition.value,
        "tags": asdict(decision.tags),
        "abstained": sorted(decision.abstained),
        "priority": decision.priority,
        "language": decision.language,
        "route": decision.route,
    }
    text = json.dumps(told, sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not expected in tags")
