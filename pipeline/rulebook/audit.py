"""How the rules do on labelled mail: coverage, overlap, conflict and precision of each (after Snorkel)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.records.decisions import LIST_FIELDS, RuleHit
from pipeline.records.inquiries import Inquiry, View
from pipeline.rulebook.book import Rulebook
from pipeline.rulebook.match import hits

_Key = tuple[str, View | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """How one tag of one rule does in one view.

    Parameters
    ----------
    rule, view, tag
        Which.
    must
        Whether the rule decides.
    hits
        In how many examples it matched there.
    coverage
        The same as a share of all examples, 0 to 1.
    overlap, conflict
        Shares of its hits, 0 to 1, in which another rule speaks about the same field, and says another value.
    labelled
        In how many of its hits the field is labelled at all.
    precision
        Share of those in which the label is the tag's value, 0 to 1; None if there are none.
    """

    rule: str
    view: View | None
    tag: str
    must: bool
    hits: int
    coverage: float
    overlap: float
    conflict: float
    labelled: int
    precision: float | None


def audit(book: Rulebook, examples: Iterable[tuple[Inquiry, Mapping[str, str]]]) -> tuple[AuditRow, ...]:
    """Return a row for each rule, view and tag that hit, in the order of the rules.

    Parameters
    ----------
    book
        The rules.
    examples
        Inquiries with their labels, field to value; values of list fields are parted by blanks.
    """
    counts: dict[_Key, Counter[str]] = defaultdict(Counter)
    musts: dict[str, bool] = {}
    total = 0
    for inquiry, labels in examples:
        total += 1
        found = hits(book, inquiry)
        musts.update((hit.rule, hit.must) for hit in found)
        for hit in found:
            for tag in hit.tags:
                counts[hit.rule, hit.view, tag].update(_count(tag, hit, found, labels))
    order = {rule.id: index for index, rule in enumerate(book.rules)}
    keys = sorted(counts, key=lambda key: (order[key[0]], key[2], key[1] or ""))
    return tuple(_row(key, counts[key], total, must=musts[key[0]]) for key in keys)


def silent(book: Rulebook, rows: Iterable[AuditRow]) -> tuple[str, ...]:
    """Return the ids of the rules that never hit."""
    heard = {row.rule for row in rows}
    return tuple(rule.id for rule in book.rules if rule.id not in heard)


def _count(tag: str, hit: RuleHit, found: Iterable[RuleHit], labels: Mapping[str, str]) -> list[str]:
    field, _, value = tag.partition("=")
    others = {other for one in found if one.rule != hit.rule for other in one.tags}
    rivals = {other for other in others if other.startswith(f"{field}=")}
    counted = ["hits"]
    if rivals:
        counted.append("overlap")
    if rivals - {tag}:
        counted.append("conflict")
    label = labels.get(field, "")
    if label or (field in LIST_FIELDS and labels.get("kind") in {"partnership", "endorsement"}):
        counted.append("labelled")
        if value in label.split():
            counted.append("right")
    return counted


def _row(key: _Key, counted: Counter[str], total: int, *, must: bool) -> AuditRow:
    rule, view, tag = key
    many, labelled = counted["hits"], counted["labelled"]
    return AuditRow(
        rule=rule,
        view=view,
        tag=tag,
        must=must,
        hits=many,
        coverage=many / total,
        overlap=counted["overlap"] / many,
        conflict=counted["conflict"] / many,
        labelled=labelled,
        precision=counted["right"] / labelled if labelled else None,
    )
