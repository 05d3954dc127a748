"""What nobody has to ask for: waiting ends, orphans move on, late answers go before the deputy, other files are tried."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.records.decisions import Disposition
from pipeline.records.work import State
from pipeline.routing.escalation import deputy_for
from pipeline.routing.policy import Policy
from pipeline.service import periods
from pipeline.service.digests import Digester
from pipeline.service.simulation import simulate
from pipeline.service.weekly import Weekly
from pipeline.settings import Settings
from tests.support.lives import broken_lives
from tests.support.lookedafter import AWAY, DAYS, NOON, SETTINGS, comes, found, liaison, office, round_


def test_what_waited_comes_back_on_the_day_by_the_liaisons_calendar(ledger: SqlLedger) -> None:
    policy = office()
    key = comes(ledger)
    round_(ledger, policy, NOON)
    ledger.lives.change(key, None, State.WAITING, "ana", NOON, waiting_until=date(2026, 11, 25))
    assert round_(ledger, policy, datetime(2026, 11, 24, 23, 59, tzinfo=UTC)) == {}
    back = datetime(2026, 11, 25, 0, 1, tzinfo=UTC)
    assert round_(ledger, policy, back) == {"back": 1}
    entry = found(ledger, key)
    assert (entry.state, entry.liaison, entry.waiting_until) == (State.ASSIGNED, "ana", None)
    assert entry.reason.startswith("waited until 2026-11-25; ")
    assert entry.due_at is not None
    assert entry.due_at > back + 7 * DAYS
    assert round_(ledger, policy, back) == {}


def test_open_inquiries_of_who_goes_away_move_to_the_deputy(ledger: SqlLedger) -> None:
    policy = office(away=AWAY)
    accepted, waiting, answered = (comes(ledger) for _ in range(3))
    round_(ledger, policy, NOON)
    due = found(ledger, accepted).due_at
    ledger.lives.change(accepted, None, State.ACCEPTED, "ana", NOON)
    ledger.lives.change(waiting, None, State.WAITING, "ana", NOON, waiting_until=date(2026, 11, 27))
    ledger.lives.change(answered, None, State.ANSWERED, "ana", NOON)
    friday = NOON + 2 * DAYS
    assert round_(ledger, policy, friday) == {"moved": 1}
    entry = found(ledger, accepted)
    assert (entry.liaison, entry.state, entry.due_at) == ("ben", State.ASSIGNED, due)
    assert entry.reason.startswith("for Ana, who is away; English, ")
    # These need nobody now: one until its day, one until the inquirer writes.
    assert found(ledger, waiting).liaison == found(ledger, answered).liaison == "ana"
    assert round_(ledger, policy, friday) == {}
    assert round_(ledger, policy, NOON + 9 * DAYS) == {"back": 1, "moved": 1}
    assert found(ledger, waiting).liaison == "ben"
    assert found(ledger, waiting).reason.count("; for ") == 0
    assert broken_lives(ledger) == []


@pytest.mark.parametrize("kind", ["paused", "suspended"])
def test_who_pauses_or_is_out_of_reach_gets_nothing_and_keeps_nothing(ledger: SqlLedger, kind: str) -> None:
    policy = office()
    old = comes(ledger)
    round_(ledger, policy, NOON)
    ledger.duties.pause("ana", kind, "ana", NOON)
    new = comes(ledger)
    assert round_(ledger, policy, NOON) == {"moved": 1}
    assert {found(ledger, key).liaison for key in (old, new)} == {"ben"}
    ledger.duties.pause("ben", "paused", "ben", NOON)
    assert round_(ledger, policy, NOON) == {"moved": 2}  # to the second deputy
    assert {found(ledger, key).liaison for key in (old, new)} == {"cem"}
    ledger.duties.end("ana", kind, "ana", NOON)
    third = comes(ledger)
    assert round_(ledger, policy, NOON) == {}  # what moved stays
    assert found(ledger, third).liaison == "ana"


def test_the_reason_of_a_move_is_true_of_the_deputy_not_of_who_is_away(ledger: SqlLedger) -> None:
    policy = office(away=AWAY)
    readers = tuple(
        one.model_copy(update={"languages": {"ana": ("en",)}.get(one.id, ("sw",)), "capacity": 5})
        for one in policy.liaisons
    )
    policy = policy.model_copy(update={"liaisons": readers})
    keys = [comes(ledger), comes(ledger)]
    round_(ledger, policy, NOON)
    assert all(found(ledger, key).reason.startswith("English, ") for key in keys)
    round_(ledger, policy, NOON + 2 * DAYS)
    reasons = sorted(found(ledger, key).reason for key in keys)
    for number, reason in enumerate(reasons):
        assert reason.startswith("for Ana, who is away; English (not one of their languages), ")
        assert reason.endswith(f"; {number} of 5 open")


def test_who_is_only_away_is_not_said_to_have_given_it_back(ledger: SqlLedger) -> None:
    alone = Policy(fallback="cem", liaisons=(liaison("ana", absences=AWAY), liaison("cem", capacity=1)))
    key = comes(ledger)
    ledger.lives.change(key, None, State.ASSIGNED, "program", NOON, liaison="ana", due_at=NOON + 9 * DAYS)
    assert round_(ledger, alone, NOON + 2 * DAYS) == {"moved": 1}
    entry = found(ledger, key)
    assert entry.liaison == "cem"
    assert "given back" not in entry.reason


def test_a_full_deputy_leaves_the_rest_to_the_next_one(ledger: SqlLedger) -> None:
    policy = office(away=AWAY)
    small = tuple(one.model_copy(update={"capacity": 2}) for one in policy.liaisons)
    policy = policy.model_copy(update={"liaisons": small})
    keys = [comes(ledger, priority=number) for number in (10, 40, 20, 30, 5)]
    round_(ledger, policy, NOON)
    assert round_(ledger, policy, NOON + 2 * DAYS) == {"moved": 5}
    # Two each, the most pressing to the first; beyond all capacities it is the first deputy again.
    assert [found(ledger, key).liaison for key in keys] == ["cem", "ben", "cem", "ben", "ben"]


def test_what_belongs_to_somebody_who_left_goes_to_whoever_suits(ledger: SqlLedger) -> None:
    key = comes(ledger)
    quiet = comes(ledger)
    round_(ledger, office(), NOON)
    ledger.lives.change(quiet, None, State.WAITING, "ana", NOON, waiting_until=date(2027, 1, 5))
    left = Policy(fallback="cem", liaisons=(liaison("cem"), liaison("dora", regions=("south_asia",))))
    assert round_(ledger, left, NOON) == {"moved": 2}
    assert found(ledger, key).liaison == found(ledger, quiet).liaison == "dora"


def test_where_nobody_else_is_there_it_stays(ledger: SqlLedger) -> None:
    alone = Policy(fallback="ana", liaisons=(liaison("ana", absences=AWAY),))
    key = comes(ledger)
    round_(ledger, alone, NOON)
    assert round_(ledger, alone, NOON + 3 * DAYS) == {}
    assert found(ledger, key).liaison == "ana"


def test_whoever_comes_to_it_late_has_a_working_day(ledger: SqlLedger) -> None:
    policy = office(away=AWAY)
    key = comes(ledger, priority=90)  # due on Friday 20th, the first day of the absence
    round_(ledger, policy, NOON)
    round_(ledger, policy, NOON + 2 * DAYS)
    entry = found(ledger, key)
    assert entry.liaison == "ben"
    assert entry.due_at == datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)


def test_who_gave_it_back_does_not_get_it_again(ledger: SqlLedger) -> None:
    policy = office()
    key = comes(ledger)
    round_(ledger, policy, NOON)
    for liaison_ in ("ana", "ben", "cem"):
        entry = found(ledger, key)
        assert entry.liaison == liaison_
        ledger.lives.change(key, entry.version, State.RECEIVED, liaison_, NOON)
        round_(ledger, policy, NOON)
    entry = found(ledger, key)  # all of them did: it is not lost
    assert entry.liaison == "cem"
    assert "given back by Ana, Ben, Cem" in entry.reason


def test_a_late_answer_goes_before_the_deputy_then_the_committee(ledger: SqlLedger) -> None:
    policy = office()
    key = comes(ledger, priority=90)
    round_(ledger, policy, NOON)
    due = found(ledger, key).due_at
    assert due == datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)  # a Friday
    tuesday, wednesday = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (24, 25))
    assert round_(ledger, policy, tuesday) == {}
    assert round_(ledger, policy, wednesday) == {"escalated": 1}
    assert round_(ledger, policy, wednesday) == {}
    entry = found(ledger, key)
    assert (entry.escalated_at, entry.liaison) == (wednesday, "ana")
    assert deputy_for(entry, policy, wednesday) == "ben"
    assert told_to_committee(ledger, policy) == (("Ana", key),)
    patient = office(escalation={"deputy": 2, "committee": 6})
    assert told_to_committee(ledger, patient) == ()  # the week ends on the fifth working day
    ledger.lives.change(key, None, State.ANSWERED, "ana", wednesday)
    assert told_to_committee(ledger, policy) == ()


def told_to_committee(ledger: SqlLedger, policy: Policy) -> tuple[tuple[str | None, str], ...]:
    """Return what the summary of the week names as escalated: liaison and inquiry."""
    weekly = Weekly(ledger=ledger, policy=policy, settings=Settings())
    told = weekly.summary(periods.week(date(2026, 11, 23), "UTC")).week.escalated
    assert told.total == len(told.entries)
    return tuple((entry.liaison, entry.key) for entry in told.entries)


def test_a_deputy_who_paused_by_mail_is_passed_over_with_late_answers(ledger: SqlLedger) -> None:
    policy = office()
    key = comes(ledger, priority=90)
    round_(ledger, policy, NOON)
    wednesday = NOON + 7 * DAYS
    assert round_(ledger, policy, wednesday) == {"escalated": 1}
    assert _seeing(ledger, policy, wednesday) == {"ben": (key,)}
    ledger.duties.pause("ben", "paused", "ben", wednesday)
    assert _seeing(ledger, policy, wednesday) == {"cem": (key,)}
    status = ledger.reports.status(wednesday)
    assert (status.unassigned, status.overdue, status.escalated, status.off_duty) == (0, 1, 1, {"paused": 1})


def _seeing(ledger: SqlLedger, policy: Policy, now: datetime) -> dict[str, tuple[str, ...]]:
    made = Digester(ledger=ledger, policy=policy, settings=SETTINGS).daily(now)
    shown = {desk.id: tuple(one.key for one in digest.escalated) for desk, digest in made}
    return {desk: keys for desk, keys in shown.items() if keys}


def test_what_was_opened_but_reads_like_spam_is_looked_at(ledger: SqlLedger) -> None:
    key = comes(ledger, disposition=Disposition.FILE)
    assert found(ledger, key).state is State.FILED
    ledger.lives.change(key, None, State.RECEIVED, "maintainer", NOON)
    round_(ledger, office(triage=("ben",)), NOON)
    assert found(ledger, key).liaison == "ben"


def test_a_simulation_tells_what_another_file_would_have_done(ledger: SqlLedger) -> None:
    policy = office()
    keys = []
    for week in range(3):
        moment = NOON + week * 7 * DAYS
        keys += [comes(ledger, now=moment), comes(ledger, now=moment)]
        round_(ledger, policy, moment)
    ledger.lives.change(keys[0], None, State.DONE, "ana", NOON + DAYS)
    changed = Policy(
        fallback="cem",
        liaisons=(
            liaison("ana", regions=("south_asia",), capacity=1),
            liaison("dora", regions=("south_asia",), capacity=4),
            liaison("cem", regions=("north_america",)),
        ),
    )
    before = [found(ledger, key) for key in keys]
    told = simulate(ledger, changed)
    assert [found(ledger, key) for key in keys] == before  # nothing is changed
    assert told.inquiries == 6
    desks = {desk.id: desk for desk in told.desks}
    assert (desks["ana"].then.given, desks["ana"].then.peak, desks["ana"].capacity) == (6, 5, 1)
    assert desks["ana"].now.given + desks["dora"].now.given == 6
    assert desks["dora"].now.given == len(told.changes) > 0
    assert {change.then for change in told.changes} == {"ana"}
    assert [week.period for week in told.weeks] == ["2026-W47", "2026-W48", "2026-W49"]
    assert [(week.given, week.waiting_then) for week in told.weeks] == [(2, 0), (2, 2), (2, 4)]
    assert all(week.waiting_now <= week.waiting_then for week in told.weeks)
    assert simulate(ledger, changed) == told
    assert simulate(ledger, policy).changes == ()
    assert simulate(ledger, policy, NOON + 5 * DAYS).inquiries == 4
