"""What is late by working days, who sees it then, whose waiting is over, and what is urgent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipeline.records.decisions import Disposition
from pipeline.records.work import State
from pipeline.routing.duetimes import Alerts
from pipeline.routing.escalation import deputy_for, for_deputy, has_waited, is_late_by
from pipeline.routing.policy import Policy
from pipeline.routing.urgent import is_urgent

Make = Callable[..., Any]


def test_late_by_working_days_of_whoever_has_it(entry: Make, liaison: Make) -> None:
    policy = Policy(
        fallback="ana", liaisons=(liaison("ana", country="IL", timezone="Asia/Jerusalem"), liaison("ben"))
    )
    due = datetime(2026, 11, 19, 21, 59, 59, tzinfo=UTC)  # a Thursday
    late = entry("K1", liaison="ana", state=State.ASSIGNED, due_at=due)
    monday = datetime(2026, 11, 23, 22, 1, tzinfo=UTC)
    assert is_late_by(late, 2, policy, monday)  # Sunday and Monday are working days there
    assert not is_late_by(replace(late, liaison="ben"), 2, policy, monday)
    assert for_deputy(late, policy, monday)
    assert not for_deputy(replace(late, escalated_at=monday), policy, monday)
    assert not is_late_by(replace(late, state=State.ANSWERED), 0, policy, monday)
    assert not is_late_by(replace(late, due_at=None), 0, policy, monday)


def test_who_sees_a_late_answer(entry: Make, liaison: Make, noon: datetime) -> None:
    policy = Policy(
        fallback="ana",
        liaisons=(liaison("ana"), liaison("ben", deputy=("cem",)), liaison("cem"), liaison("dora")),
    )
    sees = {one: deputy_for(entry("K1", liaison=one), policy, noon) for one in ("ben", "dora", "ana", "gone")}
    assert sees == {"ben": "cem", "dora": "ana", "ana": None, "gone": "ana"}


def test_a_fallback_who_is_away_has_late_answers_of_others_shown_to_who_stands_in(
    entry: Make, liaison: Make, noon: datetime
) -> None:
    policy = Policy(
        fallback="ana",
        liaisons=(liaison("ana", paused=True, deputy=("cem",)), liaison("ben"), liaison("cem")),
    )
    sees = {one: deputy_for(entry("K1", liaison=one), policy, noon) for one in ("ben", "gone", "cem", "ana")}
    assert sees == {"ben": "cem", "gone": "cem", "cem": "ana", "ana": "cem"}


def test_a_day_is_there_by_the_liaisons_calendar(entry: Make, liaison: Make) -> None:
    policy = Policy(fallback="ana", liaisons=(liaison("ana", timezone="Pacific/Auckland"),))
    one = entry("K1", liaison="ana", state=State.WAITING, waiting_until=date(2026, 11, 20))
    assert not has_waited(one, policy, datetime(2026, 11, 19, 10, 59, tzinfo=UTC))
    assert has_waited(one, policy, datetime(2026, 11, 19, 11, 0, tzinfo=UTC))
    assert not has_waited(replace(one, state=State.ASSIGNED), policy, datetime(2026, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("given_", "urgent"),
    [
        ({"priority": 85}, True),
        ({"priority": 84}, False),
        ({"priority": 85, "state": State.ACCEPTED}, False),
        ({"priority": 100, "disposition": Disposition.REVIEW}, False),
        ({"priority": 100, "disposition": Disposition.FILE}, False),
        ({"priority": 100, "kind": "misdirected"}, False),
        ({"priority": 100, "kind": "endorsement"}, True),
    ],
)
def test_what_is_urgent(
    given_: dict[str, Any], urgent: bool, entry: Make, liaison: Make, noon: datetime
) -> None:
    policy = Policy(fallback="ana", liaisons=(liaison("ana"),))
    one = entry("K1", liaison="ana", **{"state": State.ASSIGNED, **given_})
    assert is_urgent(one, policy.by_id["ana"], policy, noon) is urgent
    never = policy.model_copy(update={"alerts": Alerts(priority=101)})
    assert not is_urgent(one, never.by_id["ana"], never, noon)
