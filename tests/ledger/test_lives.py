"""Lives on a real ledger: one transaction a step, one owner, a history that tells how it came so."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.ledger import SqlLedger
from pipeline.records.answers import Action
from pipeline.records.decisions import Disposition
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.outcomes import Outcome
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from pipeline.records.work import Assignment, Entry, State
from pipeline.routing.life import HELD, Happening, after, reachable
from tests.support.ledgers import fresh_ledger
from tests.support.lives import broken_lives
from tests.support.mails import NOW, letter, reading

DUE = NOW + timedelta(days=5)
DAY = date(2026, 4, 20)
COUNT = itertools.count(1)
READ = reading(letter())


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlLedger]:
    opened = fresh_ledger(tmp_path_factory.mktemp("lives") / "ledger.db")
    yield opened
    opened.close()


def comes(
    ledger: SqlLedger,
    *,
    join: str | None = None,
    merge: tuple[str, ...] = (),
    filed: bool = False,
    archived: bool = False,
    now: datetime = NOW,
) -> str:
    """Let a decided mail come in; return the KEY of its inquiry."""
    number = next(COUNT)
    octets = letter(identifier=f"life{number}@x.example", body=f"Mail {number}\r\n".encode())
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=number)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW)
    batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=number), total=None)
    ledger.messages.record("imap:a", "INBOX", batch, NOW)
    if archived:
        with ledger.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE messages SET archived = true WHERE state = 'new'")
    (waiting,) = ledger.messages.waiting(10)
    claims = dataclasses.replace(READ.claims, header_id=f"life{number}@x.example")
    read = dataclasses.replace(READ, claims=claims)
    if filed:
        spam = dataclasses.replace(read.decision.tags, kind="spam")
        read = dataclasses.replace(
            read, decision=dataclasses.replace(read.decision, disposition=Disposition.FILE, tags=spam)
        )
    return ledger.inquiries.record(waiting, read, Placement(join=join, merge=merge), now)


def found(ledger: SqlLedger, key: str) -> Entry:
    entry = ledger.inquiries.find(key)
    assert entry is not None
    return entry


def to(ledger: SqlLedger, key: str, state: State, now: datetime = NOW, version: int | None = None) -> bool:
    liaison = "ana" if state is State.ASSIGNED else None
    return ledger.lives.change(
        key, version, state, "ana", now, liaison=liaison, reason="test", due_at=DUE, waiting_until=DAY
    )


NEVER_HELD = (State.RECEIVED, State.FILED, State.ARCHIVED)


def standing(ledger: SqlLedger, state: State) -> str:
    """Return the KEY of a new inquiry in `state`."""
    if state is State.MERGED:
        other = comes(ledger)
        comes(ledger, merge=(other,))
        return other
    key = comes(ledger, filed=state is State.FILED, archived=state is State.ARCHIVED)
    if state not in NEVER_HELD:
        assert to(ledger, key, State.ASSIGNED)
        assert state is State.ASSIGNED or to(ledger, key, state)
    return key


@pytest.mark.parametrize("state", [state for state in State if state is not State.MERGED])
def test_every_state_leads_where_the_machine_says_and_nowhere_else(ledger: SqlLedger, state: State) -> None:
    for wanted in set(State) - {State.MERGED}:  # only `record` merges, below
        key = standing(ledger, state)
        before, life = found(ledger, key), ledger.lives.of(key)
        assert before.state is state
        assert to(ledger, key, wanted) is (wanted in reachable(state))
        entry = found(ledger, key)
        moved = wanted in reachable(state)
        assert entry.state is (wanted if moved else state)
        assert entry.version == before.version + moved
        assert len(ledger.lives.of(key)) == len(life) + moved
    assert broken_lives(ledger) == []


def test_a_stale_version_changes_nothing(ledger: SqlLedger) -> None:
    key = standing(ledger, State.ASSIGNED)
    seen = found(ledger, key).version
    assert to(ledger, key, State.ACCEPTED, version=seen)
    assert not to(ledger, key, State.DONE, version=seen)
    assert found(ledger, key).state is State.ACCEPTED
    assert not to(ledger, "NOSUCH", State.DONE)
    assert ledger.lives.of("NOSUCH") == ()


def test_the_life_is_told_with_owner_and_author(ledger: SqlLedger) -> None:
    key = comes(ledger)
    ledger.inquiries.assign([Assignment(inquiry=key, liaison="ana", reason="", due_at=DUE)], NOW)
    ledger.lives.change(key, None, State.ACCEPTED, "ana", NOW)
    ledger.lives.change(key, None, State.ASSIGNED, "ana", NOW, liaison="ben", due_at=DUE)
    ledger.lives.change(key, None, State.DONE, "ben", NOW)
    told = [(turn.state.value, turn.liaison, turn.by) for turn in ledger.lives.of(key)]
    assert told == [
        ("received", None, "program"),
        ("assigned", "ana", "program"),
        ("accepted", "ana", "ana"),
        ("assigned", "ben", "ana"),
        ("done", None, "ben"),
    ]


def test_waiting_needs_a_day_and_forgets_it_afterwards(ledger: SqlLedger) -> None:
    key = standing(ledger, State.ASSIGNED)
    with pytest.raises(ValueError, match="until a day"):
        ledger.lives.change(key, None, State.WAITING, "ana", NOW)
    assert to(ledger, key, State.WAITING)
    assert found(ledger, key).waiting_until == DAY
    assert to(ledger, key, State.ACCEPTED)
    assert found(ledger, key).waiting_until is None


def test_what_nobody_had_needs_somebody_to_go_to(ledger: SqlLedger) -> None:
    key = comes(ledger)
    with pytest.raises(ValueError, match="needs a liaison"):
        ledger.lives.change(key, None, State.ASSIGNED, "program", NOW)
    assert found(ledger, key).state is State.RECEIVED


def test_back_to_the_last_liaison_with_as_much_time_as_before(ledger: SqlLedger) -> None:
    key = standing(ledger, State.WAITING)
    later = NOW + timedelta(days=40)
    assert ledger.lives.change(key, None, State.ASSIGNED, "program", later)
    entry = found(ledger, key)
    assert (entry.liaison, entry.due_at, entry.assigned_at) == ("ana", later + (DUE - NOW), later)


@pytest.mark.parametrize("state", [state for state in State if state is not State.MERGED])
def test_when_the_inquirer_writes_again(ledger: SqlLedger, state: State) -> None:
    key = standing(ledger, state)
    assert comes(ledger, join=key) == key
    expected = after(state, Happening.WROTE)
    assert found(ledger, key).state is (State.RECEIVED if state in NEVER_HELD else expected)
    assert broken_lives(ledger) == []


@pytest.mark.parametrize("home", [state for state in State if state is not State.MERGED])
def test_merging_leaves_one_owner(ledger: SqlLedger, home: State) -> None:
    for other in (State.RECEIVED, State.ACCEPTED, State.WAITING, State.DONE, State.FILED):
        stays, goes = standing(ledger, home), standing(ledger, other)
        comes(ledger, join=stays, merge=(goes,))
        assert found(ledger, goes).key == stays
        assert ledger.lives.of(goes) == ledger.lives.of(stays)
    assert broken_lives(ledger) == []


def test_a_merge_takes_notes_along_and_the_old_key_goes_on_leading_there(ledger: SqlLedger) -> None:
    home, other = standing(ledger, State.ASSIGNED), standing(ledger, State.ACCEPTED)
    comes(ledger, join=home, merge=(other,))
    assert to(ledger, other, State.DONE)
    assert found(ledger, home).state is State.DONE


def test_who_gave_it_back_is_remembered(ledger: SqlLedger) -> None:
    key, untouched = standing(ledger, State.ASSIGNED), standing(ledger, State.ASSIGNED)
    assert ledger.lives.change(key, None, State.RECEIVED, "ana", NOW)
    assert ledger.lives.declined([key, untouched]) == {key: frozenset({"ana"})}
    entry = found(ledger, key)
    assert (entry.liaison, entry.state) == (None, State.RECEIVED)


def test_an_assignment_that_comes_too_late_is_none(ledger: SqlLedger) -> None:
    key = standing(ledger, State.DONE)
    ledger.inquiries.assign([Assignment(inquiry=key, liaison="ben", reason="", due_at=DUE)], NOW)
    assert found(ledger, key).state is State.DONE
    assert broken_lives(ledger) == []


def test_escalation_is_noted_until_somebody_else_has_it(ledger: SqlLedger) -> None:
    key = standing(ledger, State.ASSIGNED)
    ledger.lives.escalate([key], NOW)
    assert found(ledger, key).escalated_at == NOW
    assert to(ledger, key, State.ACCEPTED)
    assert found(ledger, key).escalated_at == NOW
    assert to(ledger, key, State.ASSIGNED)
    assert found(ledger, key).escalated_at is None


def test_standing_tells_what_somebody_has(ledger: SqlLedger) -> None:
    key, done = standing(ledger, State.WAITING), standing(ledger, State.DONE)
    told = {one.key: one for one in ledger.lives.standing()}
    assert done not in told
    assert (told[key].state, told[key].liaison, told[key].waiting_until) == (State.WAITING, "ana", DAY)
    assert {one.key for one in ledger.lives.entries([done, key])} == {key, done}


def test_a_career_begins_with_the_first_liaison_and_ends_when_it_is_over(tmp_path: Path) -> None:
    ledger = fresh_ledger(tmp_path / "ledger.db")
    key, open_, never = standing(ledger, State.ASSIGNED), standing(ledger, State.ANSWERED), comes(ledger)
    ledger.lives.change(key, None, State.ASSIGNED, "ana", NOW, liaison="ben", due_at=DUE)
    over = NOW + timedelta(days=3)
    ledger.lives.change(key, None, State.DONE, "ben", over)
    careers = {one.entry.key: one for one in ledger.lives.careers(None)}
    assert never not in careers
    assert (careers[key].liaison, careers[key].assigned_at, careers[key].ended_at) == ("ana", NOW, over)
    assert careers[open_].ended_at is None
    assert not list(ledger.lives.careers(datetime(2030, 1, 1, tzinfo=UTC)))


# What may befall inquiries, with the number of the one that it is about.
STEPS = st.one_of(
    st.tuples(st.sampled_from([*Action, *Happening]), st.integers(0, 3), st.sampled_from([None, *Outcome])),
    st.tuples(
        st.sampled_from(["mail", "spam", "archived", "more", "merge", "late"]), st.integers(0, 3), st.none()
    ),
)


def _step(
    ledger: SqlLedger, keys: list[str], what: object, number: int, outcome: Outcome | None, now: datetime
) -> None:
    key = keys[number % len(keys)]
    if what == "merge":
        comes(ledger, join=key, merge=(keys[(number + 1) % len(keys)],), now=now)
    elif what == "more":
        comes(ledger, join=key, now=now)
    elif what == "late":
        ledger.inquiries.assign(
            [Assignment(inquiry=key, liaison="ben", reason="", due_at=DUE)], now
        ) if found(ledger, key).state in HELD else None
    elif isinstance(what, Action | Happening):
        entry = found(ledger, key)
        wanted = after(entry.state, what, outcome)
        if wanted is None or wanted is State.MERGED or wanted is entry.state:
            return
        assert ledger.lives.change(
            key, entry.version, wanted, "ana", now, liaison="cem", due_at=now, waiting_until=DAY
        )
    else:
        keys.append(comes(ledger, filed=what == "spam", archived=what == "archived", now=now))


@pytest.mark.parametrize("rounds", [4, pytest.param(60, marks=pytest.mark.nightly)])
def test_whatever_happens_each_inquiry_is_in_one_state_with_one_owner(ledger: SqlLedger, rounds: int) -> None:
    @settings(max_examples=rounds)
    @given(steps=st.lists(STEPS, min_size=5, max_size=30))
    def befalls(steps: list[tuple[object, int, Outcome | None]]) -> None:
        keys = [comes(ledger), comes(ledger), comes(ledger, filed=True)]
        for number, (what, which, outcome) in enumerate(steps):
            _step(ledger, keys, what, which, outcome, NOW + timedelta(hours=number))

    befalls()
    assert broken_lives(ledger) == []
