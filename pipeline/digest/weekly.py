"""The committee's weekly summary: what came in, what needs a decision, where it is stuck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipeline.digest import charts, clean, figures, sheet, words
from pipeline.digest.cards import Card, card
from pipeline.digest.figures import Counts, Figure, Figures
from pipeline.digest.render import LARGEST_HTML, Rendered, fill_html, fill_text
from pipeline.records.work import Entry, Load, WeeklySummary

# How many inquiries are laid out for a decision, and how long the other lists are; tried in turn until the mail
# is small enough.
_CAPS = ((7, 25), (5, 15), (3, 8), (3, 4))
_TILES = {
    "received": "Received",
    "worthy": "Partnership-worthy",
    "review": "To review",
    "overdue": "Overdue",
    "closed": "Closed",
}
_GRID = ("preconditions_met", "shared_objectives", "complexity", "funding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A headline figure in words."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a list: an inquiry, and what is to be said about it there."""

    key: str
    who: str
    subject: str
    lang: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list that may be cut; `total` counts what was not cut, too."""

    items: tuple[Item, ...]
    total: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An inquiry that needs a decision, its criteria grid in words, its further merits, and who holds it."""

    card: Card
    grid: tuple[tuple[str, str], ...]
    further: str
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A count with its name, and its length in per cent of the longest."""

    name: str
    count: int
    share: int


def render_weekly(summary: WeeklySummary, *, timezone: str) -> Rendered:
    """Render the week for the committee.

    Parameters
    ----------
    summary
        The week.
    timezone
        IANA name of the zone that its days are written in.
    """
    counted = figures.count(summary)
    images = tuple(image for image in (charts.trend_chart(counted), charts.flow_chart(counted)) if image)
    tiles, headline = _tiles(counted), _headline(summary, counted)
    subject = _subject(summary, headline)
    for choices, cap in _CAPS:
        values = {
            **_values(summary, counted, timezone, cap),
            **_decide(summary, timezone, choices),
            "tiles": tiles,
            "headline": headline,
        }
        page = fill_html("weekly.html.j2", subject=subject, images=images, **values)
        if len(page.encode()) <= LARGEST_HTML:
            break
    attached = (f"figures-{clean.line(counted.period, 20)}.csv", "text/csv", sheet.values(counted, summary))
    return Rendered(
        subject=subject,
        text=fill_text("weekly.txt.j2", **values),
        html=page,
        images=images,
        attachments=(attached,),
    )


def _values(summary: WeeklySummary, counted: Figures, timezone: str, cap: int) -> dict[str, Any]:
    late = figures.overdue(summary)
    return {
        "week": _week(summary),
        "preheader": charts.trend_finding(counted),
        "days": _days(summary, timezone),
        "trend_finding": charts.trend_finding(counted),
        "flow_finding": charts.flow_finding(counted),
        "recent": counted.trend[-6:],
        "heat": counted.heat,
        "groups": _groups(counted),
        "loads": [(clean.line(load.name, 60), load) for load in sorted(summary.loads, key=_fullness)],
        "late": _listed(late, cap, lambda entry: _late_note(entry, summary, timezone)),
        "homeless": _listed(
            figures.unassigned(summary), cap, lambda entry: f"since {words.day(entry.received_at, timezone)}"
        ),
        "endorsements": _listed(_endorsements(summary), cap, _fit_note),
        "unsure": _bars(
            tuple((words.field_name(clean.line(name, 30)), number) for name, number in counted.unsure)
        ),
        "inquiries": counted.inquiries,
        "filed": _listed(
            figures.filed(summary), cap, lambda entry: words.tag("kind", entry.decision.tags.kind)
        ),
        "set_aside": summary.set_aside,
        "rules": clean.line(summary.rulebook_version, 40),
        "model": clean.line(summary.model_version, 40),
        "timezone": timezone,
        "tag": words.tag,
        "code": words.region_code,
    }


def _fullness(load: Load) -> tuple[float, str]:
    """Sort the fullest liaison first."""
    return -load.open / max(load.capacity, 1), load.name


def _week(summary: WeeklySummary) -> str:
    year, _, number = clean.line(summary.window.period, 20).partition("-W")
    return f"week {number.lstrip('0')} of {year}" if number.isdecimal() else year


def _headline(summary: WeeklySummary, counted: Figures) -> str:
    late = len(figures.overdue(summary))
    overdue = f"{late} overdue" if late else "none overdue"
    if not summary.received:
        return f"A quiet week: nothing came in, {overdue}"
    worth = sum(map(figures.worthy, summary.received))
    return f"{words.count(counted.inquiries, 'inquiry', 'inquiries')}, {worth} worth a talk, {overdue}"


def _tiles(counted: Figures) -> tuple[Tile, ...]:
    return tuple(
        Tile(
            name=_TILES[figure.name],
            value="–" if figure.value is None else f"{figure.value:,}",
            note=_change(figure),
        )
        for figure in counted.headline
    )


def _change(figure: Figure) -> str:
    """Return what last week and the usual were, in words."""
    if figure.change is None:
        return ""
    more = f"{abs(figure.change)} {'more' if figure.change > 0 else 'fewer'} than last week"
    usual = f", usually {figure.usual:g}" if figure.usual is not None else ""
    return (more if figure.change else "as last week") + usual


def _subject(summary: WeeklySummary, headline: str) -> str:
    return f"Partnership inquiries, {_week(summary)}: {headline}"


def _days(summary: WeeklySummary, timezone: str) -> str:
    last = summary.window.end - timedelta(microseconds=1)
    first, end = (words.local_day(moment, timezone) for moment in (summary.window.start, last))
    pattern = "d" if first.month == end.month else "d MMMM" if first.year == end.year else "d MMMM yyyy"
    return f"{words.day(first, timezone, pattern)} – {words.day(end, timezone, 'd MMMM yyyy')}"


def _undecided(summary: WeeklySummary) -> list[Entry]:
    """Return open partnership inquiries nobody has answered, the most important first."""
    return [entry for entry in figures.unanswered(summary) if figures.worthy(entry)]


def _decide(summary: WeeklySummary, timezone: str, cap: int) -> dict[str, Any]:
    # The summary is read on the day after its week.
    today = words.local_day(summary.window.end, timezone)
    undecided = _undecided(summary)
    return {"choices": _choices(undecided[:cap], summary, timezone, today), "undecided": len(undecided)}


def _choices(entries: list[Entry], summary: WeeklySummary, timezone: str, today: date) -> tuple[Choice, ...]:
    names = {load.name.casefold(): load.name for load in summary.loads}
    return tuple(
        Choice(
            card=card(entry, timezone=timezone, today=today),
            grid=_grid(entry, timezone),
            further=_further(entry),
            holder=clean.line(names.get((entry.liaison or "").casefold(), entry.liaison or ""), 60),
        )
        for entry in entries
    )


def _grid(entry: Entry, timezone: str) -> tuple[tuple[str, str], ...]:
    criteria = entry.decision.tags.criteria
    values = ((name, getattr(criteria, name)) for name in _GRID)
    heads = {"preconditions_met": "Preconditions", "shared_objectives": "Objectives"}
    cells = tuple(
        (
            heads.get(name, words.field_name(name)),
            _graded(entry, name, value),
        )
        for name, value in values
    )
    by = words.day(criteria.urgency, timezone, "d MMM yyyy") if criteria.urgency else "No date"
    return (*cells, ("Answer by", by))


def _further(entry: Entry) -> str:
    """Return the further beneficial elements in words."""
    return " · ".join(words.tag("further", name) for name in entry.decision.tags.criteria.further)


def _graded(entry: Entry, name: str, value: str | int | None) -> str:
    """Return a criterion in words, with a question mark if it is only a best guess."""
    if value is None:
        return "Not told"
    return words.tag(name, str(value)) + ("?" if name in entry.decision.abstained else "")


def _groups(counted: Figures) -> tuple[tuple[str, tuple[Bar, ...]], ...]:
    languages = tuple((words.language(code) or "Unknown", number) for code, number in counted.languages)
    groups = (
        ("Alignment", _named("alignment", counted.alignment)),
        ("Activities", _named("activities", counted.activities)),
        ("Languages", languages),
    )
    return tuple((title, _bars(counts[:8])) for title, counts in groups if counts)


def _named(field: str, counts: Counts) -> Counts:
    return tuple((words.tag(field, value), number) for value, number in counts)


def _bars(counts: Counts) -> tuple[Bar, ...]:
    longest = max((number for _, number in counts), default=1)
    return tuple(
        Bar(name=name, count=number, share=max(2, 100 * number // longest)) for name, number in counts
    )


def _listed(entries: list[Entry] | tuple[Entry, ...], cap: int, note: Any) -> Listed:
    return Listed(items=tuple(_item(entry, note(entry)) for entry in entries[:cap]), total=len(entries))


def _item(entry: Entry, note: str) -> Item:
    who = (
        clean.line(entry.organisation, 60)
        or clean.line(entry.author.name, 60)
        or clean.mail_address(entry.author.address)
    )
    return Item(
        key=clean.line(entry.key, 16),
        who=who or "Unknown sender",
        subject=clean.line(entry.subject, 90) or "(no subject)",
        lang=words.language_tag(entry.decision.language),
        note=note,
    )


def _late_note(entry: Entry, summary: WeeklySummary, timezone: str) -> str:
    end = words.local_day(summary.window.end, timezone)
    days = (end - words.local_day(entry.due_at or summary.window.end, timezone)).days
    holder = f", with {clean.line(entry.liaison, 40)}" if entry.liaison else ", with nobody"
    return f"{words.count(max(days, 0), 'day')} late{holder}"


def _fit_note(entry: Entry) -> str:
    alignment = entry.decision.tags.alignment
    return words.tag("alignment", alignment) if alignment else ""


def _endorsements(summary: WeeklySummary) -> list[Entry]:
    asked = {entry.key: entry for entry in (*summary.received, *summary.open)}
    kept = [entry for entry in asked.values() if entry.decision.tags.kind == "endorsement"]
    return sorted(kept, key=lambda entry: (entry.received_at, entry.key))
