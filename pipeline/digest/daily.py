"""The daily digest of one liaison: what is late, what is new, what waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.digest import clean, words
from pipeline.digest.cards import Card, card
from pipeline.digest.render import LARGEST_HTML, Rendered, fill_html, fill_text
from pipeline.records.work import DailyDigest, Entry, Window

CAP = 20
# Tried in turn where long entries in many-octet scripts would make the mail too large.
_CAPS = (CAP, 17, 14, 12, 10, 7, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, its entries as cards, and how many more there are."""

    name: str
    title: str
    hint: str
    total: int
    cards: tuple[Card, ...]

    @property
    def more(self) -> int:
        """How many entries are not shown."""
        return self.total - len(self.cards)


def render_daily(digest: DailyDigest, *, name: str, timezone: str) -> Rendered:
    """Render what `digest` asks of one liaison.

    Parameters
    ----------
    digest
        The entries; each section is shown oldest first, at most 20 of them.
    name
        What the liaison is called.
    timezone
        IANA name of the zone that the liaison reads dates in.
    """
    for cap in _CAPS:
        rendered = _render(digest, name, timezone, cap)
        if len(rendered.html.encode()) <= LARGEST_HTML:
            break
    return rendered


def headline(digest: DailyDigest) -> str:
    """Return how much there is to do: ``3 new, 1 overdue, 4 waiting``."""
    counts = ((digest.new, "new"), (digest.overdue, "overdue"), (digest.waiting, "waiting"))
    return ", ".join(f"{len(entries)} {word}" for entries, word in counts if entries) or "Nothing open"


def day_of(window: Window, timezone: str) -> date:
    """Return the day that a daily window is for: by its name, else its last moment in `timezone`."""
    try:
        return date.fromisoformat(window.period)
    except ValueError:
        return words.local_day(window.end - timedelta(microseconds=1), timezone)


def _render(digest: DailyDigest, name: str, timezone: str, cap: int) -> Rendered:
    today = day_of(digest.window, timezone)
    sections = _sections(
        digest, cap, lambda entry, late: card(entry, timezone=timezone, today=today, overdue=late)
    )
    values = {
        "headline": headline(digest),
        "name": clean.line(name, 60),
        "day": words.day(today, timezone, "EEEE d MMMM yyyy"),
        "sections": sections,
        "timezone": timezone,
        "preheader": _preheader(sections),
    }
    subject = f"{values['headline']}: partnership inquiries, {words.day(today, timezone, 'd MMM yyyy')}"
    return Rendered(
        subject=subject,
        text=fill_text("daily.txt.j2", **values),
        html=fill_html("daily.html.j2", subject=subject, **values),
    )


def _sections(digest: DailyDigest, cap: int, show: Callable[[Entry, bool], Card]) -> tuple[Section, ...]:
    parts = (
        ("overdue", "Overdue", "an answer was promised by now", digest.overdue),
        ("new", "New", "assigned to you since the last digest", digest.new),
        ("waiting", "Waiting", "open with you, not late yet", digest.waiting),
    )
    return tuple(
        Section(
            name=name,
            title=title,
            hint=hint,
            total=len(entries),
            cards=tuple(show(entry, name == "overdue") for entry in sorted(entries, key=_age)[:cap]),
        )
        for name, title, hint, entries in parts
        if entries
    )


def _age(entry: Entry) -> tuple[object, ...]:
    return entry.received_at, entry.key


def _preheader(sections: tuple[Section, ...]) -> str:
    """Return what mail programs show beside the subject: who is first in the list."""
    first = [f"{each.who}: {each.subject}" for section in sections for each in section.cards]
    return clean.line(" | ".join(first[:3]), 160)
