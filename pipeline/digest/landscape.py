"""The landscape in the shape of the proposal's tables: partners involved, exploratory discussions, endorsements given."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.digest import clean, wikitext
from pipeline.links import web_address
from pipeline.records.organisations import LandscapeRow, Listing, Section
from pipeline.tongue import Tongue, sentence_case, tongue

TITLES = {
    Section.PARTNERS: "Partnerships",
    Section.EXPLORATORY: "Exploratory discussions",
    Section.ENDORSEMENTS: "Endorsements given",
}
_HEADS = {
    Section.PARTNERS: ("Partners involved", "Nature of the partnership", "Background"),
    Section.EXPLORATORY: ("Organisation", "Type", "Where", "About", "Since", "State"),
    Section.ENDORSEMENTS: ("Organisation", "Type", "Where", "What for", "Background", "Since"),
}
_BACKGROUND = "Background"
_SHEET = (
    "table", "organisation", "type", "country", "region", "asks for", "activities", "nature", "background", "state", "outcome", "since",
)  # fmt: skip
_ADDRESS = re.compile(r"\S{1,64}@\S{1,255}|(?:https?://|www\.)\S{1,300}|\+?\d[\d\s()./-]{7,20}\d")
_NAME = 100
_NATURE = 300
# Where it stands, as the public may know it: who in the movement holds it is nobody's business.
_STATES = {
    "waiting": "Waiting for their answer",
    "answered": "Answered",
    "done": "Concluded",
    "archived": "From the archive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One of the tables: its section, the heads of its columns, and for each row the cells in plain words."""

    section: Section
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(rows: Iterable[LandscapeRow]) -> tuple[Table, ...]:
    """Return the three tables, each in order of name, and an organisation's rows in order of time."""
    ordered = sorted(rows, key=lambda row: (row.organisation.casefold(), row.since, row.inquiry))
    return tuple(
        Table(
            section=section,
            heads=_HEADS[section],
            rows=tuple(_CELLS[section](row) for row in ordered if row.section is section),
        )
        for section in Section
    )


def as_wikitext(rows: Iterable[LandscapeRow]) -> str:
    """Return the tables as a wiki page's text; nothing in them can be taken for markup."""
    parts = []
    for table in tables(rows):
        parts.append(wikitext.heading(TITLES[table.section]))
        parts.append(_wiki_table(table) if table.rows else "None so far.")
    return "\n\n".join(parts) + "\n"


def as_csv(rows: Iterable[LandscapeRow]) -> str:
    """Return all rows as CSV (RFC 4180), in words; no cell is a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(_SHEET)
    for row in sorted(rows, key=lambda row: (list(Section).index(row.section), row.since, row.inquiry)):
        writer.writerow([clean.cell(value) for value in _sheet(row)])
    return stream.getvalue()


def has_changed(listing: Listing) -> bool:
    """Tell whether a reader would see another row, had the present one been approved."""
    return listing.approved is not None and _sheet(listing.approved) != _sheet(listing.row)


def _words() -> Tongue:
    # Read when it is asked for: CLDR's data take a while.
    return tongue("en")


def place(row: LandscapeRow) -> str:
    """Return country and region in words, or an empty text."""
    if row.country:
        return _words().country(row.country)
    return "" if row.region in (None, "unknown") else _words().tag("region", row.region or "")


def about(row: LandscapeRow) -> str:
    """Return what it is about: in a maintainer's words, else the activities."""
    if row.nature:
        return clean.line(row.nature, _NATURE)
    named = _words().listing([_words().tag("activities", one).lower() for one in row.activities])
    if row.asks == "endorsement" and row.section is Section.EXPLORATORY:
        return f"Asks for an endorsement: {named}" if named else "Asks for an endorsement"
    return sentence_case(named)


def name(row: LandscapeRow) -> str:
    """Return the organisation's name on one line, without addresses and numbers that somebody put into it."""
    return clean.line(_ADDRESS.sub(" ", row.organisation), _NAME).strip(" @,;:<>()-") or "(name withheld)"


def state(row: LandscapeRow) -> str:
    """Return how it ended, or where it stands, in words."""
    if row.outcome:
        return _words().tag("outcome", row.outcome)
    return _STATES.get(row.state, "Under discussion")


def _partners(row: LandscapeRow) -> tuple[str, ...]:
    who = ", ".join(filter(None, (kind(row), place(row))))
    return f"{name(row)} ({who})" if who else name(row), about(row), web_address(row.background)


def _exploratory(row: LandscapeRow) -> tuple[str, ...]:
    return name(row), kind(row), place(row), about(row), row.since.isoformat(), state(row)


def _endorsements(row: LandscapeRow) -> tuple[str, ...]:
    background = web_address(row.background)
    return name(row), kind(row), place(row), about(row), background, row.since.isoformat()


_CELLS: dict[Section, Callable[[LandscapeRow], tuple[str, ...]]] = {
    Section.PARTNERS: _partners,
    Section.EXPLORATORY: _exploratory,
    Section.ENDORSEMENTS: _endorsements,
}


def kind(row: LandscapeRow) -> str:
    """Return the type of partner in words, or an empty text."""
    return _words().tag("partner_type", row.partner_type) if row.partner_type else ""


def _wiki_table(table: Table) -> str:
    return wikitext.table(table.heads, [_wiki_row(table.heads, row) for row in table.rows])


def _wiki_row(heads: Sequence[str], row: Sequence[str]) -> list[str]:
    return [
        wikitext.link(cell, urlsplit(cell).hostname or cell)
        if head == _BACKGROUND and cell
        else wikitext.text(cell)
        for head, cell in zip(heads, row, strict=True)
    ]


def _sheet(row: LandscapeRow) -> tuple[str, ...]:
    region = _words().tag("region", row.region) if row.region else ""
    return (
        TITLES[row.section],
        name(row),
        kind(row),
        _words().country(row.country) if row.country else "",
        region,
        _words().tag("kind", row.asks),
        _words().listing([_words().tag("activities", one).lower() for one in row.activities]),
        clean.line(row.nature, _NATURE),
        web_address(row.background),
        state(row),
        _words().tag("outcome", row.outcome) if row.outcome else "",
        row.since.isoformat(),
    )
