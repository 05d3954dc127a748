"""What new decisions on old mail may do to an inquiry; nothing is moved behind the back of whoever has it."""

from __future__ import annotations

from pipeline.records.decisions import Decision, Disposition
from pipeline.records.retags import Difference
from pipeline.records.work import State

# Somebody deals with it.
_WITH_SOMEBODY = frozenset({State.ASSIGNED, State.ACCEPTED, State.ANSWERED, State.WAITING})


def takes_hold(state: State, before: Decision) -> bool:
    """Tell whether new decisions count for an inquiry.

    They do where nobody deals with it; and of what is with somebody, where it waits for a first answer and was only
    given to them because nobody was sure what it is.

    Parameters
    ----------
    before
        What stands, with what people said.
    """
    if state is State.ASSIGNED:
        return before.disposition is Disposition.REVIEW
    return state not in _WITH_SOMEBODY


def next_state(found: Difference, *, reopen: bool) -> State:
    """Return where an inquiry stands once new decisions count.

    Parameters
    ----------
    found
        What they change.
    reopen
        What was filed and is an inquiry after all is given to liaisons; else it is archived.
    """
    files = found.would_stand.disposition is Disposition.FILE
    if files and found.state in (State.RECEIVED, State.ARCHIVED):
        return State.FILED
    if not files and found.state is State.FILED:
        return State.RECEIVED if reopen and found.live else State.ARCHIVED
    return found.state
