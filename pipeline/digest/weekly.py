"""The committee's weekly summary: what came in, what needs a decision, where it is stuck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from pipeline.digest import charts, clean, figures, sheet
from pipeline.digest import weekly_parts as parts
from pipeline.digest.cards import Card, card
from pipeline.digest.figures import Figures
from pipeline.digest.render import LARGEST_HTML, Image, Rendered, fill_html, fill_text
from pipeline.records.weeks import Load, WeeklySummary
from pipeline.records.work import Entry
from pipeline.tongue import Tongue, local_day, msgid, tongue

# How many inquiries are laid out for a decision, and how long the other lists are; tried in turn until the mail
# is small enough.
_CAPS = ((7, 25), (5, 15), (3, 8), (3, 4))
_GRID = ("preconditions_met", "shared_objectives", "complexity", "funding")
_HEADS = {
    "preconditions_met": msgid("Preconditions"),
    "shared_objectives": msgid("Objectives"),
    "complexity": msgid("Complexity"),
    "funding": msgid("Funding"),
}

Draw = Callable[[Figures, str], tuple[Image, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An inquiry that needs a decision, its criteria grid in words, its further merits, and who holds it."""

    card: Card
    grid: tuple[tuple[str, str], ...]
    further: str
    holder: str


def render_weekly(summary: WeeklySummary, *, timezone: str, draw: Draw = charts.draw) -> Rendered:
    """Render the week for the committee, in the language of `summary.locale`.

    Parameters
    ----------
    summary
        The week.
    timezone
        IANA name of the zone that its days are written in.
    draw
        Draws the charts; another one than the default may do so in another process.
    """
    reader, counted = tongue(summary.locale), figures.count(summary)
    images = draw(counted, summary.locale)
    fixed = _values(summary, counted, timezone, reader)
    subject = reader.text(
        "Partnership inquiries, {week}: {headline}", week=fixed["week"], headline=fixed["headline"]
    )
    for choices, cap in _CAPS:
        values = fixed | _lists(summary, timezone, cap, reader) | _decide(summary, timezone, choices, reader)
        page = fill_html("weekly.html.j2", locale=summary.locale, subject=subject, images=images, **values)
        if len(page.encode()) <= LARGEST_HTML:
            break
    attached = (f"figures-{clean.line(counted.period, 20)}.csv", "text/csv", sheet.values(counted, summary))
    return Rendered(
        subject=subject,
        text=fill_text("weekly.txt.j2", locale=summary.locale, **values),
        html=page,
        images=images,
        attachments=(attached,),
    )


def _values(summary: WeeklySummary, counted: Figures, timezone: str, reader: Tongue) -> dict[str, Any]:
    """Return what stands in the summary whatever its length."""
    trend = charts.trend_finding(counted, summary.locale)
    sentence, newcomers, old = parts.acquaintances(summary, reader)
    week, groups = summary.week, parts.groups(counted, reader)
    return {
        "week": _week(summary, reader),
        "days": _days(summary, timezone, reader),
        "headline": _headline(summary, counted, reader),
        "preheader": trend,
        "tiles": parts.tiles(counted, reader),
        "trend_finding": trend,
        "flow_finding": charts.flow_finding(counted, summary.locale),
        "waited": parts.waited(week.waited, week.waited_before, reader),
        "recent": [(charts.week_label(one.period, reader), one) for one in counted.trend[-6:]],
        "heat": counted.heat,
        "groups": groups,
        "label": max(
            (clean.columns(reader.text("{title}: {words}", title=one, words="")) for one, _ in groups),
            default=0,
        ),
        "outcomes": _outcomes(summary, reader),
        "weeks": len(counted.trend),
        "loads": [(clean.line(load.name, 60), load) for load in sorted(summary.loads, key=_fullness)],
        "requests": week.requests,
        "acquainted": sentence,
        "newcomers": newcomers,
        "old": old,
        "doubts": parts.doubts(counted, reader),
        "inquiries": counted.inquiries,
        "changes": parts.changes(summary, timezone, reader),
        "drift": [clean.line(one, 300) for one in summary.drift[:8]],
        "set_aside": week.set_aside,
        "rules": clean.line(week.rulebook_version, 40),
        "model": clean.line(week.model_version, 40),
        "timezone": timezone,
        "code": parts.region_code,
        "codes": [parts.region_code(region) for region in counted.heat.regions],
        "dotted": parts.dotted,
        "aligned": partial(parts.aligned, reader=reader),
    }


def _outcomes(summary: WeeklySummary, reader: Tongue) -> tuple[tuple[str, tuple[parts.Outcomes, ...]], ...]:
    """Return both tables of outcomes; none as long as nothing was answered."""
    week = summary.week
    if not any(one.answered for one in week.by_type):
        return ()
    return (
        (reader.text("Type"), parts.outcomes(week.by_type, "partner_type", reader)),
        (reader.text("Region"), parts.outcomes(week.by_region, "region", reader)),
    )


def _lists(summary: WeeklySummary, timezone: str, cap: int, reader: Tongue) -> dict[str, parts.Listed]:
    week = summary.week

    def late(entry: Entry) -> str:
        return parts.late_note(entry, summary, timezone, reader)

    def since(entry: Entry) -> str:
        return reader.text("since {day}", day=reader.day(entry.received_at, timezone))

    def fit(entry: Entry) -> str:
        alignment = entry.decision.tags.alignment
        return reader.tag("alignment", alignment) if alignment else ""

    def kind(entry: Entry) -> str:
        return reader.tag("kind", entry.decision.tags.kind)

    return {
        "late": parts.listed(week.overdue, cap, reader, late),
        "escalated": parts.listed(week.escalated, cap, reader, late),
        "homeless": parts.listed(week.homeless, cap, reader, since),
        "endorsements": parts.listed(week.endorsements, cap, reader, fit),
        "filed": parts.listed(week.filed, cap, reader, kind),
    }


def _fullness(load: Load) -> tuple[float, str]:
    """Sort the fullest liaison first."""
    return -load.open / max(load.capacity, 1), load.name


def _week(summary: WeeklySummary, reader: Tongue) -> str:
    year, _, number = clean.line(summary.window.period, 20).partition("-W")
    return (
        reader.text("week {number} of {year}", number=number.lstrip("0"), year=year)
        if number.isdecimal()
        else year
    )


def _days(summary: WeeklySummary, timezone: str, reader: Tongue) -> str:
    last = summary.window.end - timedelta(microseconds=1)
    return reader.days(local_day(summary.window.start, timezone), local_day(last, timezone))


def _headline(summary: WeeklySummary, counted: Figures, reader: Tongue) -> str:
    late = summary.week.overdue.total
    overdue = reader.plural("{n} overdue", "{n} overdue", late) if late else reader.text("none overdue")
    if not summary.week.flow:
        return reader.text("A quiet week: nothing came in, {overdue}", overdue=overdue)
    return reader.text(
        "{inquiries}, {worthy}, {overdue}",
        inquiries=reader.plural("{n} inquiry", "{n} inquiries", counted.inquiries),
        worthy=reader.plural("{n} worth a talk", "{n} worth a talk", summary.week.worthy),
        overdue=overdue,
    )


def _decide(summary: WeeklySummary, timezone: str, cap: int, reader: Tongue) -> dict[str, Any]:
    # The summary is read on the day after its week.
    today = local_day(summary.window.end, timezone)
    undecided = summary.week.undecided
    return {
        "choices": tuple(
            _choice(entry, summary, timezone, today, reader) for entry in undecided.entries[:cap]
        ),
        "undecided": undecided.total,
    }


def _choice(entry: Entry, summary: WeeklySummary, timezone: str, today: date, reader: Tongue) -> Choice:
    if parts.is_removed(entry):
        entry = replace(
            entry, author=replace(entry.author, name=reader.text("removed")), subject=reader.text("removed")
        )
    criteria = entry.decision.tags.criteria
    return Choice(
        card=card(entry, timezone=timezone, today=today, locale=summary.locale),
        grid=_grid(entry, timezone, today, reader),
        further=" · ".join(reader.tag("further", name) for name in criteria.further),
        holder=clean.line(entry.liaison or "", 60),
    )


def _grid(entry: Entry, timezone: str, today: date, reader: Tongue) -> tuple[tuple[str, str], ...]:
    criteria = entry.decision.tags.criteria
    cells = tuple(
        (reader.text(_HEADS[name]), _graded(entry, name, getattr(criteria, name), reader)) for name in _GRID
    )
    if criteria.urgency is None:
        by = reader.text("No date")
    elif criteria.urgency < today:
        by = reader.text("{day}, past", day=reader.day(criteria.urgency, timezone, "yMMMd"))
    else:
        by = reader.day(criteria.urgency, timezone, "yMMMd")
    return (*cells, (reader.text("Answer by"), by))


def _graded(entry: Entry, name: str, value: str | int | None, reader: Tongue) -> str:
    """Return a criterion in words, with a question mark if it is only a best guess."""
    if value is None:
        return reader.text("Not told")
    said = reader.tag(name, str(value))
    return reader.text("{tag}?", tag=said) if name in entry.decision.abstained else said
