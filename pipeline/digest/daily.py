"""The daily digest of one liaison: what is late, what is new, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipeline.digest import clean
from pipeline.digest.cards import Card, Link, card
from pipeline.digest.render import LARGEST_HTML, Rendered, fill_html, fill_text
from pipeline.records.answers import Action
from pipeline.records.work import DailyDigest, Entry, Window
from pipeline.tongue import Tongue, local_day, msgid, sentence_case, tongue

CAP = 20
FILED_CAP = 40
# So many of each section have a place before the more urgent ones take the rest.
_SEATS = 3
_TITLES = {
    "overdue": (msgid("Overdue"), msgid("the answer was due")),
    "escalated": (
        msgid("Late with a colleague"),
        msgid("you are their deputy: please see that it is answered"),
    ),
    "new": (msgid("New"), msgid("assigned to you since the last digest")),
    "waiting": (msgid("Waiting"), msgid("open with you, not late yet")),
}
_LABELS = {
    "what": msgid("What:"),
    "fit": msgid("Fit:"),
    "priority": msgid("Priority:"),
    "by": msgid("Answer by:"),
    "check": msgid("Check:"),
    "received": msgid("Received:"),
    "attached": msgid("Attached:"),
    "read": msgid("Read at:"),
    "reply": msgid("Reply to:"),
    "suggested": msgid("Suggested:"),
    "can": msgid("You can:"),
}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a mail says instead of a digest's subject and headline, and a sentence below them."""

    subject: str
    headline: str
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A message that was put away: whose, about what, as what, and the link that fetches it back, if there is one."""

    key: str
    who: str
    subject: str
    kind: str
    fetch: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A suggested answer, and the keys of the inquiries for which it is."""

    keys: tuple[str, ...]
    title: str
    text: str


def render_daily(
    digest: DailyDigest, *, name: str, timezone: str, heading: Heading | None = None
) -> Rendered:
    """Render what `digest` asks of one liaison, in its locale.

    Parameters
    ----------
    digest
        The entries; each section is shown oldest first, at most 20 of them. If the HTML would take over 100,000 octets,
        fewer: what waits makes room first, what is overdue last.
    name
        What the liaison is called.
    timezone
        IANA name of the zone that the liaison reads dates in.
    heading
        Of a mail that is no digest, such as an alert.
    """
    caps = _caps(digest, CAP * len(_TITLES))
    while True:
        rendered = _render(digest, name, timezone, caps, heading)
        size, shown = len(rendered.html.encode()), sum(caps.values())
        if size <= LARGEST_HTML or shown <= 1:
            return rendered
        caps = _caps(digest, min(shown - 1, shown * LARGEST_HTML // size))


def _caps(digest: DailyDigest, room: int) -> dict[str, int]:
    """Return how many entries of each section are shown if there is room for so many in all."""
    wanted = {name: min(len(getattr(digest, name)), CAP) for name in _TITLES}
    caps = dict.fromkeys(_TITLES, 0)
    for most in (1, _SEATS, CAP):
        for name in _TITLES:
            more = min(max(min(wanted[name], most) - caps[name], 0), room)
            caps[name] += more
            room -= more
    return caps


def headline(digest: DailyDigest) -> str:
    """Return how much there is to do: ``1 overdue, 3 new, 4 waiting``."""
    reader = tongue(digest.locale)
    counts = (
        reader.plural("{n} overdue", "{n} overdue", len(digest.overdue)) if digest.overdue else "",
        reader.plural("{n} late with a colleague", "{n} late with colleagues", len(digest.escalated))
        if digest.escalated
        else "",
        reader.plural("{n} new", "{n} new", len(digest.new)) if digest.new else "",
        reader.plural("{n} waiting", "{n} waiting", len(digest.waiting)) if digest.waiting else "",
    )
    put_away = reader.plural(
        "{n} put away, to look through", "{n} put away, to look through", len(digest.filed)
    )
    return ", ".join(filter(None, counts)) or (put_away if digest.filed else reader.text("Nothing open"))


def day_of(window: Window, timezone: str) -> date:
    """Return the day that a daily window is for: by its name, else its last moment in `timezone`."""
    try:
        return date.fromisoformat(window.period)
    except ValueError:
        return local_day(window.end - timedelta(microseconds=1), timezone)


def _render(
    digest: DailyDigest, name: str, timezone: str, caps: Mapping[str, int], heading: Heading | None = None
) -> Rendered:
    # One that comes late, after an outage or a weekend, is read on the day on which it is made.
    reader = tongue(digest.locale)
    today = local_day(digest.made_at, timezone) if digest.made_at else day_of(digest.window, timezone)
    sections = tuple(_sections(digest, caps, timezone, today))
    values: dict[str, Any] = {
        "headline": heading.headline if heading else headline(digest),
        "notice": heading.notice if heading else "",
        "name": clean.line(name, 60),
        "day": sentence_case(reader.day(today, timezone, "full")),
        "sections": sections,
        "filed": tuple(_filed(entry, digest, reader) for entry in _oldest(digest.filed, FILED_CAP)),
        "drafts": _drafts(sections),
        "filed_total": len(digest.filed),
        "timezone": timezone,
        "reply_to": clean.mail_address(digest.reply_to),
        "example": _example(digest, sections),
        "fetch": _example_of_fetching(digest),
        "pause": clean.pause_link(digest.reply_to),
        "preheader": _preheader(sections),
    }
    subject = reader.text(
        "{headline}: partnership inquiries, {day}",
        headline=values["headline"],
        day=reader.day(today, timezone, "yMMMd"),
    )
    subject = heading.subject if heading else subject
    labels = {each: reader.text(english) for each, english in _LABELS.items()}
    text = fill_text("daily.txt.j2", locale=digest.locale, labels=labels, **values)
    page = fill_html("daily.html.j2", locale=digest.locale, subject=subject, **values)
    return Rendered(subject=subject, text=text, html=page)


def _sections(digest: DailyDigest, caps: Mapping[str, int], timezone: str, today: date) -> Iterable[Section]:
    reader = tongue(digest.locale)
    for name, (title, hint) in _TITLES.items():
        entries: tuple[Entry, ...] = getattr(digest, name)
        if entries:
            yield Section(
                name=name,
                title=reader.text(title),
                hint=reader.text(hint),
                total=len(entries),
                cards=tuple(
                    card(
                        entry,
                        timezone=timezone,
                        today=today,
                        overdue=name in ("overdue", "escalated"),
                        locale=digest.locale,
                        offer=digest.offers.get(entry.key),
                    )
                    for entry in _oldest(entries, caps[name])
                ),
            )


def _oldest(entries: tuple[Entry, ...], cap: int) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.received_at, entry.key))[:cap]


def _example(digest: DailyDigest, sections: tuple[Section, ...]) -> str:
    """Return a line that a reader could write: the first action that the first entry shown offers."""
    keys = [each.key for section in sections for each in section.cards if each.actions]
    words = [
        words for key in keys[:1] for _, words in digest.offers[key].actions if words == words.rstrip(" :")
    ]
    return f"[{keys[0]}] {words[0]}" if words else ""


def _example_of_fetching(digest: DailyDigest) -> str:
    """Return the line that would fetch back the first message that was put away."""
    for entry in _oldest(digest.filed, 1):
        offer = digest.offers.get(entry.key)
        for action, words in offer.actions if offer else ():
            if action is Action.FETCH:
                return f"[{clean.line(entry.key, 16)}] {words}"
    return ""


def _drafts(sections: tuple[Section, ...]) -> tuple[Drafted, ...]:
    """Return each suggested answer once, for the text part, where a link cannot hold it."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in (one for section in sections for one in section.cards):
        if each.draft:
            found.setdefault((each.draft.title, each.draft.text), []).append(each.key)
    return tuple(Drafted(keys=tuple(keys), title=title, text=text) for (title, text), keys in found.items())


def _filed(entry: Entry, digest: DailyDigest, reader: Tongue) -> Filed:
    offer = digest.offers.get(entry.key)
    today = digest.window.end.date()  # says nothing: of what was put away no day is shown
    shown = card(entry, timezone="UTC", today=today, locale=digest.locale, offer=offer)
    offered = zip(offer.actions if offer else (), shown.actions, strict=False)
    return Filed(
        key=shown.key,
        who=shown.who,
        subject=shown.subject,
        kind=reader.tag("kind", entry.decision.tags.kind),
        fetch=next((link for (action, _), link in offered if action is Action.FETCH), None),
    )


def _preheader(sections: tuple[Section, ...]) -> str:
    """Return what mail programs show beside the subject: who is first in the list."""
    first = [f"{each.who}: {each.subject}" for section in sections for each in section.cards]
    return clean.line(" | ".join(first[:3]), 160)
