"""The life of an inquiry: which states there are, and what leads from one to the next.

One table holds all of it, and it is read both ways: `after` says where something leads, `allowed` what a person may do.
What stands in no row of the table does not happen. ``docs/routing.md`` draws it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pipeline.records.answers import Action
from pipeline.records.outcomes import Outcome
from pipeline.records.work import State


class Happening(StrEnum):
    """What befalls an inquiry without a person of the team saying so.

    ``assign``: the router gives it to a liaison. ``wrote``: the inquirer wrote again. ``due``: the day is there until which
    a liaison waited. ``merge``: it turned out to be part of another inquiry. ``live``: mail that an archive brought comes
    in alive.
    """

    ASSIGN = "assign"
    WROTE = "wrote"
    DUE = "due"
    MERGE = "merge"
    LIVE = "live"


# Somebody has it, or it waits for somebody.
OPEN = frozenset({State.RECEIVED, State.ASSIGNED, State.ACCEPTED, State.ANSWERED, State.WAITING})
# Exactly one liaison has it.
HELD = OPEN - {State.RECEIVED}
# Over, until somebody writes or fetches it back.
CLOSED = frozenset({State.DONE, State.DECLINED, State.NOT_OURS, State.FILED, State.ARCHIVED})
# It lives on in another inquiry.
FINAL = frozenset({State.MERGED})

_REMARKS = (Action.CORRECT, Action.NOTE, Action.BACKGROUND)
_ENDINGS: Mapping[Action | Happening, State] = {
    Action.DONE: State.DONE,
    Action.NOT_OURS: State.NOT_OURS,
    Action.SPAM: State.FILED,
    Action.OUTCOME: State.DONE,
}
_IN_HAND: Mapping[Action | Happening, State] = {
    Action.DECLINE: State.RECEIVED,
    Action.REASSIGN: State.ASSIGNED,
    Action.ANSWERED: State.ANSWERED,
    Action.WAIT: State.WAITING,
    Happening.ASSIGN: State.ASSIGNED,
    Happening.MERGE: State.MERGED,
    **_ENDINGS,
}
_BACK: Mapping[Action | Happening, State] = {
    Action.FETCH: State.ASSIGNED,
    Action.OUTCOME: State.DONE,
    Happening.WROTE: State.ASSIGNED,
    Happening.MERGE: State.MERGED,
}
_OUTCOMES: Mapping[Outcome, State] = {
    Outcome.PARTNERSHIP: State.DONE,
    Outcome.ENDORSED: State.DONE,
    Outcome.HANDED_OVER: State.DONE,
    Outcome.DECLINED: State.DECLINED,
}


def _with_remarks(state: State, ways: Mapping[Action | Happening, State]) -> dict[Action | Happening, State]:
    return {**ways, **dict.fromkeys(_REMARKS, state)}


_TABLE: Mapping[State, Mapping[Action | Happening, State]] = {
    State.RECEIVED: _with_remarks(
        State.RECEIVED,
        {
            **_ENDINGS,
            Action.REASSIGN: State.ASSIGNED,
            Happening.ASSIGN: State.ASSIGNED,
            Happening.WROTE: State.RECEIVED,
            Happening.MERGE: State.MERGED,
        },
    ),
    State.ASSIGNED: _with_remarks(
        State.ASSIGNED, {**_IN_HAND, Action.ACCEPT: State.ACCEPTED, Happening.WROTE: State.ASSIGNED}
    ),
    State.ACCEPTED: _with_remarks(State.ACCEPTED, {**_IN_HAND, Happening.WROTE: State.ACCEPTED}),
    State.ANSWERED: _with_remarks(State.ANSWERED, {**_IN_HAND, Happening.WROTE: State.ASSIGNED}),
    State.WAITING: _with_remarks(
        State.WAITING,
        {
            **_IN_HAND,
            Action.ACCEPT: State.ACCEPTED,
            Happening.WROTE: State.ASSIGNED,
            Happening.DUE: State.ASSIGNED,
        },
    ),
    State.DONE: _with_remarks(State.DONE, _BACK),
    State.DECLINED: _with_remarks(State.DECLINED, _BACK),
    State.NOT_OURS: _with_remarks(State.NOT_OURS, _BACK),
    State.FILED: _with_remarks(State.FILED, _BACK),
    State.ARCHIVED: _with_remarks(State.ARCHIVED, {**_BACK, Happening.LIVE: State.RECEIVED}),
    State.MERGED: {},
}


def after(state: State, action: Action | Happening, outcome: Outcome | None = None) -> State | None:
    """Return the state that `action` leads to; None if it cannot be done there.

    Parameters
    ----------
    outcome
        Of the action ``outcome``: which one. Handing over to one of the groups of liaisons.toml is a reassignment
        beside that, and then the inquiry is assigned to the group; ``done`` holds where nobody of the team has it any more.

    Returns
    -------
    State or None
        The same state where something is only noted. Where it is ``assigned`` and nobody ever had the inquiry, such as
        filed mail whose author writes again, it becomes ``received`` instead.
    """
    found = _TABLE[state].get(action)
    if found is not None and action is Action.OUTCOME and outcome is not None:
        return _OUTCOMES[outcome]
    return found


def allowed(state: State) -> tuple[Action, ...]:
    """Return what a person may do with an inquiry in this `state`, in the order of `Action`."""
    return tuple(action for action in Action if action in _TABLE[state])


def reachable(state: State) -> frozenset[State]:
    """Return the states into which one step leads from `state`, by whatever action."""
    ways = _TABLE[state]
    found = set(ways.values())
    if Action.OUTCOME in ways:
        found.update(_OUTCOMES.values())
    if Happening.WROTE in ways and state in CLOSED:
        found.add(State.RECEIVED)
    return frozenset(found)
