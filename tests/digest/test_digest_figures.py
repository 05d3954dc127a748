"""Counting a week."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.digest import figures, sheet
from pipeline.records.work import Entry, Load, State, WeekCount, WeeklySummary
from tests.digest import samples


@pytest.fixture(scope="module")
def summary() -> WeeklySummary:
    return samples.weekly()


def test_headline_holds_five_figures_with_the_week_before(summary: WeeklySummary) -> None:
    headline = figures.count(summary).headline
    assert [each.name for each in headline] == ["received", "worthy", "review", "overdue", "closed"]
    received = headline[0]
    before = summary.trend[-2]
    assert received.value == 33
    assert received.before == before.assigned + before.review + before.filed
    assert received.change == 33 - received.before


def test_usual_is_the_median_of_the_weeks_before() -> None:
    weeks = tuple(
        WeekCount(period=f"2026-W{week}", assigned=assigned, review=0, filed=0, closed=0)
        for week, assigned in ((44, 2), (45, 10), (46, 3), (47, 99))
    )
    headline = figures.count(replace(samples.weekly(1, 0, 0), trend=weeks)).headline
    assert headline[0].usual == 3
    assert headline[0].before == 3
    assert headline[0].value == 1


def test_what_was_not_counted_is_not_invented() -> None:
    headline = {each.name: each for each in figures.count(samples.weekly(3, 0, 0)).headline}
    assert headline["closed"].value is None
    assert headline["received"].before is None
    assert headline["received"].change is None


def test_received_is_the_sum_of_what_became_of_it(summary: WeeklySummary) -> None:
    course = {each.name: each.value or 0 for each in figures.count(summary).course}
    assert course["received"] == course["assigned"] + course["review"] + course["filed"]
    assert sum(number for _, _, number in figures.count(summary).flow) == course["received"]


def test_filed_mail_is_in_no_table_of_inquiries(summary: WeeklySummary) -> None:
    counted = figures.count(summary)
    assert counted.inquiries == 24
    assert sum(counted.heat.totals) == 24
    assert sum(number for _, number in counted.languages) == 24
    assert dict(counted.kinds_filed) == {"automated": 5, "spam": 4}


def test_heat_rows_and_columns_add_up(summary: WeeklySummary) -> None:
    heat = figures.heat(figures.inquiries(summary))
    assert sum(sum(counts) for _, counts in heat.rows) == sum(heat.totals)
    assert all(total > 0 for total in heat.totals)
    assert heat.highest == max(max(counts) for _, counts in heat.rows)
    assert list(heat.regions) == [region for region in figures.REGIONS if region in heat.regions]


def test_an_answered_inquiry_is_not_overdue() -> None:
    late = samples.entry(0, due_at=samples.NOW - timedelta(days=3))
    states = {
        State.ASSIGNED: 1,
        State.RECEIVED: 1,
        State.ACCEPTED: 1,
        State.ANSWERED: 0,
        State.WAITING: 0,
        State.DONE: 0,
    }
    for state, expected in states.items():
        entries: tuple[Entry, ...] = (replace(late, state=state),)
        assert len(figures.overdue(replace(samples.weekly(0, 0, 0), open=entries))) == expected


def test_overdue_is_counted_at_the_end_of_the_week() -> None:
    week = samples.weekly(0, 0, 0)
    on_time, late = (
        samples.entry(0, due_at=week.window.end),
        samples.entry(1, due_at=week.window.end - timedelta(1)),
    )
    assert figures.overdue(replace(week, open=(on_time, late))) == (late,)


def test_filed_begins_with_what_was_least_certain() -> None:
    sure, unsure = samples.filed(0), samples.filed(1)
    doubtful = replace(unsure, decision=replace(unsure.decision, confidence={"kind": 0.6}))
    week = replace(samples.weekly(0, 0, 0), received=(sure, doubtful))
    assert figures.filed(week) == (doubtful, sure)


def test_mail_that_was_fetched_back_is_an_inquiry() -> None:
    back = replace(samples.filed(0), state=State.ASSIGNED)
    week = replace(samples.weekly(0, 0, 0), received=(back,))
    assert figures.filed(week) == ()
    assert figures.inquiries(week) == (back,)


def test_unanswered_begins_with_the_most_important(summary: WeeklySummary) -> None:
    priorities = [entry.decision.priority for entry in figures.unanswered(summary)]
    assert priorities == sorted(priorities, reverse=True)


def test_nothing_gives_zeros() -> None:
    counted = figures.count(samples.weekly(0, 0, 0))
    assert counted.inquiries == 0
    assert counted.heat.rows == ()
    assert counted.heat.highest == 0
    assert counted.flow == ()


def rows(summary: WeeklySummary) -> list[list[str]]:
    octets = sheet.values(figures.count(summary), summary)
    return list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline="")))


def test_the_sheet_holds_what_was_counted(summary: WeeklySummary) -> None:
    head, *body = rows(summary)
    assert all(len(row) == len(head) for row in body)
    cells = {tuple(row[1:4]): row[4] for row in body if row[0] == "2026-W47"}
    assert cells["headline", "received", "this week"] == "33"
    assert cells["load", "Jonas Feld", "overdue"] == "3"
    assert cells["alignment", "aligned", ""] == str(dict(figures.count(summary).alignment)["aligned"])
    assert len([row for row in body if row[1] == "trend"]) >= 26 * 4


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|'/c calc'!A0", "＝1"])
def test_no_cell_of_the_sheet_is_a_formula(name: str) -> None:
    load = Load(name=name, open=1, overdue=0, capacity=1)
    body = rows(replace(samples.weekly(1, 0, 0), loads=(load,)))
    assert not [cell for row in body for cell in row if cell.lstrip()[:1] in tuple("=+-@＝")]


def test_a_name_stays_in_its_cell() -> None:
    load = Load(name='a,"b"\r\nc', open=1, overdue=0, capacity=1)
    body = rows(replace(samples.weekly(1, 0, 0), loads=(load,)))
    assert {row[2] for row in body if row[1] == "load"} == {'a,"b" c'}
