"""What the commands on rules show: as tables for people, as JSON and CSV for programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.classify.rule_weights import FieldFit
    from pipeline.records.decisions import Evidence, RuleHit
    from pipeline.rulebook.audit import AuditRow

_MOST_VALUES = 3
_WORTH_SHOWING = 0.02


def audit_object(row: AuditRow) -> dict[str, Any]:
    """Return a row of the audit, as JSON."""
    rounded = {
        name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(row).items()
    }
    lift = row.lift
    return {**rounded, "lift": None if lift is None else round(lift, 3)}


def write_csv(rows: Iterable[AuditRow]) -> None:
    """Write the audit as CSV."""
    writer = None
    for row in rows:
        told = audit_object(row) | {"wrong": " ".join(row.wrong)}
        if writer is None:
            writer = csv.DictWriter(sys.stdout, told, lineterminator="\n")
            writer.writeheader()
        writer.writerow(told)


def show_audit(rows: Sequence[AuditRow], total: int) -> None:
    """Print the audit."""
    from pipeline.cli.output import console, table

    by_view = any(row.view for row in rows)
    where = ("in",) if by_view else ()
    columns = ("rule", "says", *where, ">hits", ">overlap", ">conflict", ">labelled", ">precision", ">lift")
    shown = table(f"Rules on {total} labelled mails, the worst first", *columns, "wrong in")
    for row in rows:
        precision = "-" if row.precision is None else f"{row.precision:.2f}"
        lift = "-" if row.lift is None else f"{row.lift:.1f}"
        cells = [
            f"{row.rule}{' (must)' if row.must else ''}",
            row.tag,
            *([row.view.value if row.view else "-"] if by_view else []),
            str(row.hits),
            f"{row.overlap:.0%}",
            f"{row.conflict:.0%}",
            str(row.labelled),
            precision,
            lift,
        ]
        shown.add_row(*cells, " ".join(row.wrong[:3]))
    console().print(shown)
    print(
        "lift: how many times better than by chance; below 1 the rule misleads. "
        "conflict: another rule hits and says another value."
    )


def tried_object(file: str, found: Sequence[RuleHit], said: Iterable[Evidence]) -> dict[str, Any]:
    """Return what `triage rules try --json` writes for one mail."""
    return {
        "file": file,
        "hits": [asdict(hit) for hit in found],
        "together": [{"tag": one.tag, "score": round(one.score, 4)} for one in said],
    }


def show_tried(file: str, subject: str, found: Sequence[RuleHit], said: Sequence[Evidence]) -> None:
    """Print which rules hit a mail, and what they say together."""
    from pipeline.cli.output import console, safe, table

    shown = table(safe(f"{file}: {subject}"), "rule", "says", ">weight", "in", "words")
    for hit in found:
        if not hit.matched and hit.tags and not hit.must:
            continue  # a prior: it holds for every message
        weight = "must" if hit.must else f"{hit.weight:.2f}"
        shown.add_row(hit.rule, _effect(hit), weight, hit.view.value if hit.view else "-", safe(hit.matched))
    console().print(shown)
    together = table("Together", "field", "values and their probabilities")
    for field in dict.fromkeys(one.field for one in said):
        best = [one for one in said if one.field == field and one.score >= _WORTH_SHOWING][:_MOST_VALUES]
        together.add_row(field, ", ".join(f"{one.value} {one.score:.2f}" for one in best))
    console().print(together)


def show_fit(fits: Iterable[FieldFit]) -> None:
    """Print what the rules alone are worth."""
    from pipeline.cli.output import console, table

    columns = ("field", ">n", "measure", ">learnt", ">written", ">all weights 1", ">majority")
    shown = table("The rules alone", *columns)
    for one in fits:
        figures = (one.learnt, one.written, one.plain, one.majority)
        shown.add_row(one.field, str(one.n), one.measure, *(f"{figure:.3f}" for figure in figures))
    console().print(shown)
    print(
        "learnt: weights from other folds, no thread, organisation or person on both sides. "
        "written: the weights in the files, which may have learnt from the same mail."
    )


def _effect(hit: RuleHit) -> str:
    route = [f"route {hit.route}"] if hit.route else []
    points = [f"priority {hit.priority:+d}"] if hit.priority else []
    return ", ".join((*hit.tags, *route, *points))
