"""Parts of the weekly summary in words of its readers' language: tiles, bars, lists, tables and sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pipeline.digest import clean
from pipeline.digest.figures import REGIONS, Figure, Figures
from pipeline.records.weeks import Change, Counts, Delay, Fortune, Shortlist, WeeklySummary
from pipeline.records.work import Entry
from pipeline.tongue import Tongue, direction_of, language_tag, local_day, msgid, sentence_case

# What the ledger calls an inquiry whose contents are no longer kept.
_REMOVED = "removed"
_TILES = {
    "received": msgid("Received"),
    "worthy": msgid("Partnership-worthy"),
    "review": msgid("To review"),
    "overdue": msgid("Overdue"),
    "closed": msgid("Closed"),
}
_CHANNELS = {
    "mailbox": msgid("Mailbox"),
    "list": msgid("Mailing list"),
    "desk": msgid("Help desk"),
    "file": msgid("Imported file"),
}
# Column heads of a table that has to fit a telephone.
_CODES = dict(
    zip(REGIONS, ("NAM", "LAC", "NWE", "CEE", "MNA", "SSA", "SAS", "EAP", "WWD", "n/a"), strict=True)
)
_ROWS = 8
_HOUR = 3600
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A headline figure in words; `late` if it is a bad sign."""

    name: str
    value: str
    note: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a list: an inquiry, and what is to be said about it there."""

    key: str
    who: str
    subject: str
    lang: str
    direction: str
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
class Bar:
    """A count with its name, and its length in per cent of the longest."""

    name: str
    count: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What became of the inquiries of one type or region; `share` is the part that came to an agreement, in words."""

    name: str
    inquiries: int
    answered: int
    ended: int
    agreed: int
    share: str


def tiles(figures: Figures, reader: Tongue) -> tuple[Tile, ...]:
    """Return the headline figures."""
    return tuple(
        Tile(
            name=reader.text(_TILES[figure.name]),
            value="–" if figure.value is None else reader.number(figure.value),
            note=_change(figure, reader),
            late=figure.name == "overdue" and bool(figure.value),
        )
        for figure in figures.headline
    )


def _change(figure: Figure, reader: Tongue) -> str:
    """Return what last week and the usual were, in words."""
    change = figure.change
    if change is None:
        return ""
    if change > 0:
        said = reader.plural("{n} more than last week", "{n} more than last week", change)
    elif change < 0:
        said = reader.plural("{n} fewer than last week", "{n} fewer than last week", -change)
    else:
        said = reader.text("as last week")
    if figure.usual is None:
        return said
    return reader.text("{change}, usually {usual}", change=said, usual=reader.number(figure.usual))


def bars(counts: Counts) -> tuple[Bar, ...]:
    """Return counts with the lengths of their bars."""
    longest = max((number for _, number in counts), default=1)
    return tuple(
        Bar(name=name, count=number, share=max(2, 100 * number // longest)) for name, number in counts
    )


def groups(figures: Figures, reader: Tongue) -> tuple[tuple[str, tuple[Bar, ...]], ...]:
    """Return what the week's inquiries are about, group by group."""
    unknown = reader.text("Unknown")
    named: tuple[tuple[str, Counts], ...] = (
        (reader.text("Alignment"), _named("alignment", figures.alignment, reader)),
        (reader.text("Activities"), _named("activities", figures.activities, reader)),
        (
            reader.text("Languages"),
            tuple((sentence_case(reader.language(code)) or unknown, n) for code, n in figures.languages),
        ),
        (
            reader.text("Channels"),
            tuple((reader.text(_CHANNELS.get(name, name)), n) for name, n in figures.channels),
        ),
    )
    return tuple((title, bars(_shortened(counts, reader))) for title, counts in named if counts)


def _named(field: str, counts: Counts, reader: Tongue) -> Counts:
    return tuple((reader.tag(field, value), number) for value, number in counts)


def _shortened(counts: Counts, reader: Tongue) -> Counts:
    """Return the first counts, and the sum of the others as one."""
    if len(counts) <= _ROWS:
        return counts
    rest = sum(number for _, number in counts[_ROWS - 1 :])
    return (*counts[: _ROWS - 1], (reader.text("Others"), rest))


def doubts(figures: Figures, reader: Tongue) -> tuple[tuple[str, int, int], ...]:
    """Return field by field how many values were guesses, and how many people corrected."""
    corrected = dict(figures.corrected)
    unsure = dict(figures.unsure)
    fields = dict.fromkeys((*unsure, *corrected))
    return tuple(
        (reader.field(clean.line(name, 30)), unsure.get(name, 0), corrected.get(name, 0)) for name in fields
    )


def outcomes(fortunes: Sequence[Fortune], field: str, reader: Tongue) -> tuple[Outcomes, ...]:
    """Return what became of inquiries by the values of a field, the most frequent first."""
    return tuple(
        Outcomes(
            name=reader.text("Type unknown") if one.value == "unknown" and field == "partner_type"
            else reader.tag(field, clean.line(one.value, 60)),
            inquiries=one.inquiries,
            answered=one.answered,
            ended=one.ended,
            agreed=one.partnerships + one.endorsed,
            share=reader.percent((one.partnerships + one.endorsed) / one.inquiries),
        )
        for one in fortunes[:_ROWS]
        if one.inquiries
    )  # fmt: skip


def waited(now: Delay, before: Delay, reader: Tongue) -> str:
    """Return in a sentence or two how long inquirers waited for their first answers."""
    said = [_waited(now, reader)]
    if before.median is not None and before.ninetieth is not None:
        said.append(
            reader.text(
                "In the weeks before it was {median} and {ninetieth}.",
                median=span(before.median, reader),
                ninetieth=span(before.ninetieth, reader),
            )
        )
    return " ".join(said)


def _waited(delay: Delay, reader: Tongue) -> str:
    if delay.median is None or delay.ninetieth is None:
        return reader.text("No first answer was given.")
    if delay.answers == 1:
        return reader.text("One first answer was given, after {time}.", time=span(delay.median, reader))
    return reader.plural(
        "{n} first answer was given, half of them within {median}, nine of ten within {ninetieth}.",
        "{n} first answers were given, half of them within {median}, nine of ten within {ninetieth}.",
        delay.answers,
        median=span(delay.median, reader),
        ninetieth=span(delay.ninetieth, reader),
    )


def span(time: timedelta, reader: Tongue) -> str:
    """Return a stretch of time in words: in hours below two days, in days with one decimal above."""
    seconds = time.total_seconds()
    if seconds < 2 * _DAY:
        hours = max(1, round(seconds / _HOUR))
        return reader.plural("{n} hour", "{n} hours", hours)
    return reader.text("{number} days", number=reader.number(round(seconds / _DAY, 1)))


def acquaintances(summary: WeeklySummary, reader: Tongue) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return how many organisations are new or return, and their names; the sentence is empty if nobody wrote."""
    met = summary.week.acquaintances
    if not met.new + met.returning + met.unknown:
        return "", (), ()
    parts = [_first_time(met.new, reader), _again(met.returning, reader)]
    if met.unknown:
        parts.append(
            reader.plural(
                "{n} inquiry names no organisation", "{n} inquiries name no organisation", met.unknown
            )
        )
    old = tuple(
        reader.plural("{name} ({n} inquiry before)", "{name} ({n} inquiries before)", number,
                      name=clean.isolated(clean.line(name, 60), reader.direction))
        for name, number in met.old
    )  # fmt: skip
    new = tuple(clean.isolated(clean.line(name, 60), reader.direction) for name in met.newcomers)
    return reader.text("{sentence}.", sentence=sentence_case(reader.listing(parts))), new, old


def _first_time(number: int, reader: Tongue) -> str:
    if not number:
        return reader.text("no organisation wrote for the first time")
    return reader.plural(
        "{n} organisation wrote for the first time", "{n} organisations wrote for the first time", number
    )


def _again(number: int, reader: Tongue) -> str:
    if not number:
        return reader.text("none had written before")
    return reader.plural("{n} had written before", "{n} had written before", number)


def changes(summary: WeeklySummary, timezone: str, reader: Tongue) -> tuple[str, ...]:
    """Return which rules and models were new in the week."""
    return tuple(_changed(one, timezone, reader) for one in summary.week.changes[:8])


def _changed(change: Change, timezone: str, reader: Tongue) -> str:
    none = reader.text("none")
    places = {
        "before": clean.line(change.before, 40) or none,
        "after": clean.line(change.after, 40) or none,
        "day": reader.day(change.at, timezone),
    }
    if change.part == "rules":
        return reader.text("Rules {after} since {day}; before that {before}.", **places)
    return reader.text("Model {after} since {day}; before that {before}.", **places)


def listed(shortlist: Shortlist, cap: int, reader: Tongue, note: Callable[[Entry], str]) -> Listed:
    """Return at most `cap` entries of a list, each with its note."""
    return Listed(
        items=tuple(_item(entry, note(entry), reader) for entry in shortlist.entries[:cap]),
        total=shortlist.total,
    )


def _item(entry: Entry, note: str, reader: Tongue) -> Item:
    who = (
        clean.line(entry.organisation, 60)
        or clean.line(entry.author.name, 60)
        or clean.mail_address(entry.author.address)
    )
    gone = is_removed(entry)
    return Item(
        key=clean.line(entry.key, 16),
        who=reader.text("removed") if gone else who or reader.text("Unknown sender"),
        subject="" if gone else clean.line(entry.subject, 90) or reader.text("(no subject)"),
        lang="" if gone else language_tag(entry.decision.language),
        direction="auto" if gone else direction_of(entry.decision.language),
        note=note,
    )


def is_removed(entry: Entry) -> bool:
    """Tell whether what an inquiry said is no longer kept."""
    return entry.author.name == _REMOVED and not entry.author.address and not entry.text


def late_note(entry: Entry, summary: WeeklySummary, timezone: str, reader: Tongue) -> str:
    """Return how late an answer is, and with whom the inquiry is."""
    end = local_day(summary.window.end, timezone)
    days = max((end - local_day(entry.due_at or summary.window.end, timezone)).days, 0)
    if not entry.liaison:
        return reader.plural("{n} day late, with nobody", "{n} days late, with nobody", days)
    holder = clean.isolated(clean.line(entry.liaison, 40), reader.direction)
    return reader.plural("{n} day late, with {name}", "{n} days late, with {name}", days, name=holder)


def aligned(rows: Sequence[Sequence[object]], reader: Tongue, width: int = 76) -> str:
    """Return a table for plain text: names to the left, numbers to the right; names are cut where they do not fit.

    Parameters
    ----------
    rows
        The heads first; cells are texts, numbers, or None for what is not known.
    """
    cells = [[_plain(cell, reader) for cell in row] for row in rows]
    columns = list(zip(*cells, strict=True))
    widths = [max(map(clean.columns, column)) + (2 if len(columns) < 8 else 1) for column in columns[1:]]
    longest = max(map(clean.columns, columns[0])) + 2
    room = max(8, min(longest, width - sum(widths)))
    return "\n".join(
        _padded(clean.cut(name, room - 1), room)
        + "".join(" " * (wide - clean.columns(cell)) + cell for cell, wide in zip(rest, widths, strict=True))
        for name, *rest in cells
    )


def dotted(counts: Sequence[int]) -> list[object]:
    """Return counts for a dense table: a dot for none."""
    return [count or "·" for count in counts]


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - clean.columns(text))


def _plain(cell: object, reader: Tongue) -> str:
    if cell is None:
        return "–"
    return reader.number(cell) if isinstance(cell, int) else str(cell)


def region_code(region: str) -> str:
    """Return the few letters that stand for `region` at the head of a narrow column."""
    return _CODES.get(region, region[:4].upper())
