"""The state machine: every state with every action, as docs/routing.md has it."""

from __future__ import annotations

import itertools

import pytest

from pipeline.records.answers import Action
from pipeline.records.outcomes import Outcome
from pipeline.records.work import State
from pipeline.routing.life import CLOSED, FINAL, HELD, OPEN, Happening, after, allowed, reachable

# Letters as in the rows below: r(eceived), a(ssigned), c(accepted), A(nswered), w(aiting), d(one), n(ot ours), f(iled),
# m(erged), . where it cannot be done.
STATES = {
    "r": State.RECEIVED, "a": State.ASSIGNED, "c": State.ACCEPTED, "A": State.ANSWERED, "w": State.WAITING,
    "d": State.DONE, "n": State.NOT_OURS, "f": State.FILED, "m": State.MERGED, ".": None,
}  # fmt: skip
COLUMNS = [
    State.RECEIVED, State.ASSIGNED, State.ACCEPTED, State.ANSWERED, State.WAITING,
    State.DONE, State.DECLINED, State.NOT_OURS, State.FILED, State.ARCHIVED, State.MERGED,
]  # fmt: skip
#                       r a c A w   done declined not-ours filed archived merged
TABLE = {
    Action.ACCEPT:      ". c . . c   . . . . . .",
    Action.DECLINE:     ". r r r r   . . . . . .",
    Action.REASSIGN:    "a a a a a   . . . . . .",
    Action.ANSWERED:    ". A A A A   . . . . . .",
    Action.WAIT:        ". w w w w   . . . . . .",
    Action.DONE:        "d d d d d   . . . . . .",
    Action.NOT_OURS:    "n n n n n   . . . . . .",
    Action.SPAM:        "f f f f f   . . . . . .",
    Action.OUTCOME:     "d d d d d   d d d d d .",
    Action.FETCH:       ". . . . .   a a a a a .",
    Action.PAUSE:       ". . . . .   . . . . . .",
    Action.RESUME:      ". . . . .   . . . . . .",
    Happening.ASSIGN:   "a a a a a   . . . . . .",
    Happening.WROTE:    "r a c a a   a a a a a .",
    Happening.DUE:      ". . . . a   . . . . . .",
    Happening.MERGE:    "m m m m m   m m m m m .",
    Happening.LIVE:     ". . . . .   . . . . r .",
}  # fmt: skip
REMARKS = (Action.CORRECT, Action.NOTE, Action.BACKGROUND)


@pytest.mark.parametrize(("action", "row"), TABLE.items(), ids=lambda one: str(one)[:12])
def test_what_leads_where(action: Action | Happening, row: str) -> None:
    expected = [STATES[letter] for letter in row.split()]
    assert [after(state, action) for state in COLUMNS] == expected


@pytest.mark.parametrize("action", REMARKS)
def test_a_remark_changes_no_state_and_a_merged_inquiry_takes_none(action: Action) -> None:
    assert [after(state, action) for state in COLUMNS[:-1]] == COLUMNS[:-1]
    assert after(State.MERGED, action) is None


def test_every_action_and_every_state_is_in_the_table() -> None:
    assert {*TABLE, *REMARKS} == {*Action, *Happening}
    assert set(COLUMNS) == set(State)
    assert set(State) == OPEN | CLOSED | FINAL
    assert frozenset() == OPEN & CLOSED
    assert HELD < OPEN


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.PARTNERSHIP, State.DONE),
        (Outcome.ENDORSED, State.DONE),
        (Outcome.HANDED_OVER, State.DONE),
        (Outcome.DECLINED, State.DECLINED),
    ],
)
def test_an_outcome_ends_it_and_only_a_refusal_is_declined(outcome: Outcome, state: State) -> None:
    for before in set(State) - FINAL:
        assert after(before, Action.OUTCOME, outcome) is state
    assert after(State.MERGED, Action.OUTCOME, outcome) is None


def test_what_people_may_do_is_what_leads_somewhere() -> None:
    for state in State:
        assert allowed(state) == tuple(action for action in Action if after(state, action) is not None)
    assert allowed(State.MERGED) == ()
    assert Action.ACCEPT in allowed(State.ASSIGNED)
    assert Action.ACCEPT not in allowed(State.DONE)


def test_reachable_is_all_that_one_step_leads_to() -> None:
    for state in State:
        steps = {
            after(state, action, outcome)
            for action, outcome in itertools.product((*Action, *Happening), (None, *Outcome))
        } - {None}
        back = {State.RECEIVED} if state in CLOSED else set()  # nobody ever had it, and it comes back
        assert reachable(state) == steps | back


def test_every_state_but_merged_leads_back_to_a_person() -> None:
    for state in set(State) - FINAL:
        assert State.ASSIGNED in reachable(state)
