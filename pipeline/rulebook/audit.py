"""How the rules do on labelled mail: coverage, overlap, conflict and precision of each (after Snorkel)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.records.decisions import LIST_FIELDS, RuleHit
from pipeline.records.inquiries import Inquiry, View
from pipeline.rulebook.book import Rulebook
from pipeline.rulebook.match import hits

# Rule, view (None: wherever it hit), tag.
_Key = tuple[str, View | None, str]
_MOST_WRONG = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A labelled message: field to values; the fields are those that the guide labels for its kind."""

    id: str
    inquiry: Inquiry
    labels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """How one tag of one rule does, wherever it hit or in one view.

    Parameters
    ----------
    rule, file, view, tag
        Which; view is None if all views are counted together.
    must
        Whether the rule decides.
    hits
        In how many messages it matched.
    coverage
        The same as a share of all messages, 0 to 1.
    overlap, conflict
        Shares of its hits, 0 to 1, in which another rule speaks about the same field, and says another value of
        a field that has one.
    labelled
        In how many of its hits the field is labelled at all.
    precision
        Share of those in which the label is the tag's value, 0 to 1; None if there are none.
    expected
        The precision of a rule that hits at random: share of the tag's value among all messages in which the field
        is labelled; None if there are none.
    wrong
        Ids of messages in which it was wrong, the first few.
    """

    rule: str
    file: str
    view: View | None
    tag: str
    must: bool
    hits: int
    coverage: float
    overlap: float
    conflict: float
    labelled: int
    precision: float | None
    expected: float | None
    wrong: tuple[str, ...] = ()

    @property
    def lift(self) -> float | None:
        """How many times better than by chance it is; below 1 it misleads."""
        return None if self.precision is None or not self.expected else self.precision / self.expected


def audit(book: Rulebook, messages: Iterable[Labelled], *, by_view: bool = False) -> tuple[AuditRow, ...]:
    """Return a row for each rule and tag that hit, the worst first; priors, which hold for every message, have none.

    Worst are musts that were wrong; then hints by how little better than by chance they are, of equals the one
    that hit more. A tag that is labelled nowhere comes last.

    Parameters
    ----------
    book
        The rules.
    messages
        Labelled mail.
    by_view
        A row for each view in which a rule hit, too.
    """
    counts: dict[_Key, Counter[str]] = defaultdict(Counter)
    wrong: dict[_Key, list[str]] = defaultdict(list)
    seen: Counter[str] = Counter()
    total = 0
    for message in messages:
        total += 1
        seen.update(_labelled(message.labels))
        found = hits(book, message.inquiry)
        for key, hit in _keys(filter(_tells, found), by_view=by_view).items():
            marks = _marks(key[2], hit, found, message.labels)
            counts[key].update(marks)
            if "labelled" in marks and "right" not in marks and len(wrong[key]) < _MOST_WRONG:
                wrong[key].append(message.id)
    rows = (_row(book, key, counts[key], seen, total, wrong.get(key, [])) for key in counts)
    return tuple(sorted(rows, key=_badness))


def silent(book: Rulebook, rows: Iterable[AuditRow]) -> tuple[str, ...]:
    """Return the ids of the rules with tags that never hit."""
    heard = {row.rule for row in rows}
    return tuple(rule.id for rule in book.rules if rule.tags and not rule.always and rule.id not in heard)


def _tells(hit: RuleHit) -> bool:
    """Tell whether a hit says something about this message; a prior holds for every one."""
    return hit.must or bool(hit.matched)


def _keys(found: Iterable[RuleHit], *, by_view: bool) -> dict[_Key, RuleHit]:
    """Return what is counted of one message: each rule, view and tag once."""
    return {(hit.rule, hit.view if by_view else None, tag): hit for hit in found for tag in hit.tags}


def _labelled(labels: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for field, values in labels.items():
        yield field
        yield from (f"{field}={value}" for value in values)


def _marks(
    tag: str, hit: RuleHit, found: Sequence[RuleHit], labels: Mapping[str, tuple[str, ...]]
) -> list[str]:
    field, _, value = tag.partition("=")
    # What holds for every message (a prior) is no other opinion.
    others = {other for one in found if one.rule != hit.rule and one.matched for other in one.tags}
    rivals = {other for other in others if other.startswith(f"{field}=")}
    marks = ["hits"]
    if rivals:
        marks.append("overlap")
    if rivals - {tag} and field not in LIST_FIELDS:
        marks.append("conflict")
    if field in labels:
        marks.append("labelled")
        if value in labels[field]:
            marks.append("right")
    return marks


def _row(
    book: Rulebook, key: _Key, counted: Counter[str], seen: Counter[str], total: int, wrong: list[str]
) -> AuditRow:
    id_, view, tag = key
    many, labelled = counted["hits"], counted["labelled"]
    field = tag.partition("=")[0]
    rule = book.rule(id_)
    return AuditRow(
        rule=id_,
        file=rule.file if rule else "",
        view=view,
        tag=tag,
        must=rule.must if rule else False,
        hits=many,
        coverage=many / total,
        overlap=counted["overlap"] / many,
        conflict=counted["conflict"] / many,
        labelled=labelled,
        precision=counted["right"] / labelled if labelled else None,
        expected=seen[tag] / seen[field] if seen[field] else None,
        wrong=tuple(wrong),
    )


def _badness(row: AuditRow) -> tuple[int, float, int, str, str, str]:
    wrong_must = row.must and row.precision is not None and row.precision < 1
    group = 0 if wrong_must else 1 if row.precision is not None else 2
    lift = row.lift if row.lift is not None else float("inf")
    return group, lift, -row.hits, row.rule, row.tag, row.view or ""
