"""Counting a week."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from pipeline.digest import figures, sheet
from pipeline.records.weeks import Load, WeekCount, WeeklySummary
from tests.digest import samples


@pytest.fixture(scope="module")
def summary() -> WeeklySummary:
    return samples.weekly()


def having(summary: WeeklySummary, **changes: Any) -> WeeklySummary:
    """Return `summary` of a week that is other in some way."""
    return replace(summary, week=replace(summary.week, **changes))


def test_headline_holds_five_figures_with_the_week_before(summary: WeeklySummary) -> None:
    headline = figures.count(summary).headline
    assert [each.name for each in headline] == ["received", "worthy", "review", "overdue", "closed"]
    received = headline[0]
    before = summary.week.trend[-2]
    assert received.value == 33
    assert received.before == before.assigned + before.review + before.filed
    assert received.change == 33 - received.before


def weeks(*assigned: int) -> tuple[WeekCount, ...]:
    return tuple(
        WeekCount(
            period=f"2026-W{48 - len(assigned) + place:02}", assigned=number, review=0, filed=0, closed=0
        )
        for place, number in enumerate(assigned)
    )


def test_usual_is_the_median_of_the_weeks_before() -> None:
    headline = figures.count(having(samples.weekly(1, 0, 0), trend=weeks(2, 10, 3, 99))).headline
    assert headline[0].usual == 3
    assert headline[0].before == 3
    assert headline[0].value == 1


def test_weeks_before_the_first_mail_are_not_usual() -> None:
    headline = figures.count(having(samples.weekly(1, 0, 0), trend=weeks(0, 0, 0, 8, 6, 1))).headline
    assert headline[0].usual == 7
    assert figures.count(having(samples.weekly(1, 0, 0), trend=weeks(0, 0, 1))).headline[0].usual is None


def test_a_week_of_nothing_between_others_is_usual() -> None:
    headline = figures.count(having(samples.weekly(1, 0, 0), trend=weeks(4, 0, 2, 1))).headline
    assert headline[0].usual == 2


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
    assert counted.heat.total == 24
    assert sum(number for _, number in counted.languages) == 24
    assert dict(counted.kinds_filed) == {"automated": 5, "spam": 4}


def test_heat_rows_and_columns_add_up(summary: WeeklySummary) -> None:
    heat = figures.heat(summary.week.types)
    assert sum(sum(counts) for _, counts in heat.rows) == sum(heat.totals)
    assert all(total > 0 for total in heat.totals)
    assert heat.highest == max(max(counts) for _, counts in heat.rows)
    assert list(heat.regions) == [region for region in figures.REGIONS if region in heat.regions]


def test_types_stand_by_their_sums(summary: WeeklySummary) -> None:
    cells = (
        ("museum", "south_asia", 2),
        ("library", "global", 1),
        ("museum", "global", 3),
        ("archive", "unknown", 4),
    )
    heat = figures.heat(cells)
    assert heat.rows == (("museum", (2, 3, 0)), ("archive", (0, 0, 4)), ("library", (0, 1, 0)))


def test_fields_stand_by_their_number_and_else_as_people_look_at_them(summary: WeeklySummary) -> None:
    unsure = (("region", 2), ("complexity", 2), ("kind", 2), ("activities", 5))
    counted = figures.count(having(summary, unsure=unsure))
    assert [name for name, _ in counted.unsure] == ["activities", "kind", "region", "complexity"]


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
    assert cells["headline", "received", "usual"] == "37.0"
    assert cells["load", "Jonas Feld", "overdue"] == "3"
    assert cells["load", "Jonas Feld", "new"] == "5"
    assert cells["alignment", "aligned", ""] == str(dict(figures.count(summary).alignment)["aligned"])
    assert cells["first answers", "this week", "median hours"] == "31.0"
    assert cells["outcome by type", "museum", "partnerships"] == "9"
    assert cells["organisations", "returning", ""] == "6"
    assert cells["corrected", "partner_type", ""] == "3"
    assert cells["endorsement requests", "endorsed", ""] == "11"
    assert len([row for row in body if row[1] == "trend"]) >= 26 * 4


def test_no_row_of_the_sheet_comes_twice(summary: WeeklySummary) -> None:
    names = [tuple(row[:4]) for row in rows(summary)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|'/c calc'!A0", "＝1"])
def test_no_cell_of_the_sheet_is_a_formula(name: str) -> None:
    load = Load(name=name, open=1, overdue=0, capacity=1)
    body = rows(replace(samples.weekly(1, 0, 0), loads=(load,)))
    assert not [cell for row in body for cell in row if cell.lstrip()[:1] in tuple("=+-@＝")]


def test_a_name_stays_in_its_cell() -> None:
    load = Load(name='a,"b"\r\nc', open=1, overdue=0, capacity=1)
    body = rows(replace(samples.weekly(1, 0, 0), loads=(load,)))
    assert {row[2] for row in body if row[1] == "load"} == {'a,"b" c'}
