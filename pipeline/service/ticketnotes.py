"""The internal note on a ticket: tags, reasons and the criteria grid, in words for agents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict

from pipeline.digest import clean
from pipeline.digest.cards import Card, card
from pipeline.digest.details import best_detail
from pipeline.records.decisions import Criteria, Decision, Disposition
from pipeline.records.work import Entry
from pipeline.records.writebacks import Note
from pipeline.tongue import local_day, tongue

_WIDTH = 76
_LABEL = 12
# Agents read notes in the language of the help desk, where no liaison is known.
_LOCALE = "en"
_LONGEST = 8_000  # characters
_FATE = {
    Disposition.REVIEW: "a person has to look first",
    Disposition.FILE: "needs nobody; move the ticket if it does",
}


def note_on(entry: Entry, decision_number: int, timezone: str, liaison: str = "") -> Note:
    """Return the note on an inquiry.

    Parameters
    ----------
    entry
        The inquiry.
    decision_number
        The ledger's number of its newest decision, by which the note is known again.
    timezone
        Of the days in it.
    liaison
        The liaison's name; empty where nobody has it.
    """
    shown = card(entry, timezone=timezone, today=local_day(entry.received_at, timezone))
    ref = reference(entry.key, decision_number)
    lines = [*_facts(shown, entry, liaison, timezone), "", "Criteria", *_grid(entry.decision, timezone)]
    body = "\n".join(lines)[:_LONGEST]
    what = shown.tags or "unsure what it is"
    return Note(
        ref=ref,
        subject=clean.line(f"Triage {shown.key}: {what}", 120),
        body=f"{body}\n\n{_makers(entry.decision)}\n",
        gist=_gist(entry),
    )


def reference(key: str, decision_number: int) -> str:
    """Return by what a note is known again."""
    return f"{key}-{decision_number}"


def _facts(shown: Card, entry: Entry, liaison: str, timezone: str) -> Iterator[str]:
    fate = _FATE.get(entry.decision.disposition, "")
    due = f"answer due {tongue(_LOCALE).day(entry.due_at, timezone)}" if entry.due_at else ""
    yield from _row("What", shown.tags or "unsure")
    yield from _row("Disposition", ": ".join(filter(None, (entry.decision.disposition.value, fate))))
    yield from _row("From", ", ".join(filter(None, (shown.who, shown.somebody, shown.place))))
    if shown.alignment:
        yield from _row("Fit", ": ".join(filter(None, (shown.alignment, shown.alignment_reason))))
    yield from _row("Priority", ": ".join(filter(None, (str(shown.priority), shown.why))))
    yield from _row("Liaison", ", ".join(filter(None, (clean.line(liaison, 60), shown.assigned, due))))
    for question in shown.questions:
        yield from _row("Please check", " ".join(filter(None, (question.text, question.evidence))))
    yield from _reasons(entry.decision)


def _reasons(decision: Decision) -> Iterator[str]:
    """Yield what speaks for the tags that are sure, the strongest evidence of each."""
    for field in ("kind", "partner_type", "country", "region"):
        value = getattr(decision.tags, field)
        said = (
            best_detail(decision, field, value, tongue(_LOCALE))
            if value and field not in decision.abstained
            else ""
        )
        if said:
            yield from _row("Because", f"{tongue(_LOCALE).tag(field, value)}: {said}")


def _grid(decision: Decision, timezone: str) -> Iterator[str]:
    """Yield the criteria grid, row by row; what nothing tells is said so."""
    grid = decision.tags.criteria
    for name in ("preconditions_met", "shared_objectives", "complexity", "funding"):
        yield f"  {tongue(_LOCALE).field(name)}: {_cell(decision, grid, name)}"
    urgency = tongue(_LOCALE).day(grid.urgency, timezone, "long") if grid.urgency else "no date named"
    yield f"  Urgency: {urgency}"
    further = tongue(_LOCALE).listing([tongue(_LOCALE).tag("further", one) for one in grid.further])
    yield f"  Further elements: {further or 'none'}"


def _cell(decision: Decision, grid: Criteria, name: str) -> str:
    value = getattr(grid, name)
    if value is None:
        return "not told"
    return tongue(_LOCALE).tag(name, str(value)) + ("?" if name in decision.abstained else "")


def _makers(decision: Decision) -> str:
    model = f", model {clean.line(decision.model_version, 60)}" if decision.model_version else ", no model"
    return clean.wrap(
        f"By rules {clean.line(decision.rulebook_version, 60)}{model}. To correct it, move the ticket or change "
        "its triage fields: the program takes that over and leaves the ticket to you.",
        _WIDTH,
    )


def _row(label: str, text: str) -> Iterator[str]:
    if text:
        yield clean.wrap(text, _WIDTH, f"{label}:".ljust(_LABEL + 2), " " * (_LABEL + 2))


def _gist(entry: Entry) -> str:
    decision = entry.decision
    said = [asdict(decision.tags), decision.disposition, decision.priority, decision.abstained, entry.liaison]
    return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()[:16]
