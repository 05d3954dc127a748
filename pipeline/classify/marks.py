"""Read ``telling.csv``: which sentence of a labelled mail decides whether a partner's aims fit, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.classify.embeddings import sentences
from pipeline.classify.labels import LabelRow, labels_file, table
from pipeline.declarative import suggestion
from pipeline.errors import DeclarationError, Fault
from pipeline.records.inquiries import Inquiry

TELLING = "telling.csv"
COLUMNS = ("id", "quote", "sign", "ground")
# What a sentence says, read by itself: plainly fits, leaves a question open, plainly breaks a precondition.
FITS, OPEN, BROKEN = SIGNS = ("fits", "open", "broken")
# Stands in a line without a quote: the mail was read, and none of its sentences tells.
NONE = "none"
GROUNDS = (
    "licence", "exclusivity", "branding", "fee", "editorial", "conflict", "rights", "sales", "ads", "backlinks",
    "promotion", "propaganda", "data", "personal", "mission", "gift", "free_licence", "other",
)  # fmt: skip
# What no sentence of a mail can say that has this label: the mail would have another one.
_AGAINST: Mapping[str, frozenset[str]] = {
    "aligned": frozenset({OPEN, BROKEN}),
    "unclear": frozenset({BROKEN}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A sentence that tells.

    Parameters
    ----------
    quote
        How the sentence begins, or all of it; white space as one blank.
    sign
        One of `SIGNS`.
    ground
        One of `GROUNDS`.
    """

    quote: str
    sign: str
    ground: str


# None: nobody has read the mail for its sentences; empty: somebody has, and none tells.
Marks = tuple[Mark, ...] | None


def read_marks(fixtures: Path, rows: Sequence[LabelRow]) -> dict[str, tuple[Mark, ...]]:
    """Return message id to its marks, for the messages that were read for them; nothing without a ``telling.csv``.

    Parameters
    ----------
    fixtures
        Folder or CSV file of the labels; the marks lie beside them.
    rows
        The labels.

    Raises
    ------
    DeclarationError
        With every fault of the file.
    """
    path = labels_file(fixtures).parent / TELLING
    if not path.exists():
        return {}
    lines = table(path, COLUMNS)
    faults = [Fault(file=str(path), path=where, message=told) for where, told in _faults(lines, rows)]
    if faults:
        raise DeclarationError(tuple(faults))
    found: dict[str, list[Mark]] = defaultdict(list)
    for line in lines:
        marks = found[line["id"]]
        if line["sign"] != NONE:
            marks.append(Mark(quote=_spaced(line["quote"]), sign=line["sign"], ground=line["ground"]))
    return {identifier: tuple(marks) for identifier, marks in found.items()}


def units(inquiry: Inquiry) -> list[str]:
    """Return what can be marked: the subject, then the sentences."""
    return [_spaced(text) for text in (inquiry.base_subject, *sentences(inquiry))]


def marked(texts: Iterable[str], mark: Mark) -> list[int]:
    """Return which of the `texts` a mark means: those that begin with its quote, else those with which the quote begins."""
    numbered = list(enumerate(texts))
    begun = [at for at, text in numbered if text.startswith(mark.quote)]
    return begun or [at for at, text in numbered if text and mark.quote.startswith(text)]


def lost(inquiry: Inquiry, marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks whose sentence is not in the message."""
    texts = units(inquiry)
    return [mark for mark in marks if not marked(texts, mark)]


def lost_fault(fixtures: Path, identifier: str, mark: Mark) -> Fault:
    """Say that no sentence begins with a quote."""
    path = str(labels_file(fixtures).parent / TELLING)
    told = f"no sentence among the first of the message begins with {mark.quote[:60]!r}; copy its beginning, or remove the line"
    return Fault(file=path, path=identifier, message=told)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _faults(lines: Sequence[Mapping[str, str]], rows: Sequence[LabelRow]) -> Iterator[tuple[str, str]]:
    label_of = {row.id: row for row in rows}
    for (identifier, quote), times in Counter((one["id"], _spaced(one["quote"])) for one in lines).items():
        if times > 1:
            yield identifier, f"{quote[:60]!r} stands in the file {times} times; keep one line"
    silent = {one["id"] for one in lines if one["sign"] == NONE}
    for line in lines:
        if line["id"] not in label_of:
            yield line["id"] or "without an id", f"not in labels.csv{suggestion(line['id'], label_of)}"
            continue
        for message in _line_faults(line, label_of[line["id"]]):
            yield line["id"], message
        if line["id"] in silent and line["sign"] != NONE:
            yield line["id"], f"has marks, and a line that none of its sentences tells ({NONE}); keep one"


def _line_faults(line: Mapping[str, str], row: LabelRow) -> Iterator[str]:
    sign, ground = line["sign"], line["ground"]
    label = row.labels.get("alignment", ())
    if row.part == "test":
        yield "is of the test part, which nobody reads; mark mail of the train part alone"
    if not label:
        yield "has no label for alignment, so that no sentence can tell it; remove the line"
    if sign == NONE:
        if line["quote"].strip() or ground:
            yield f"{NONE} says that no sentence tells; leave quote and ground empty there"
        return
    if not line["quote"].strip():
        yield f"quote is missing; write how the sentence begins, or {NONE} as sign if none tells"
    if sign not in SIGNS:
        yield f"unknown sign {sign!r}{suggestion(sign, (*SIGNS, NONE))}"
    if ground not in GROUNDS:
        yield f"unknown ground {ground!r}{suggestion(ground, GROUNDS)}"
    for value in label:
        if sign in _AGAINST.get(value, ()):
            yield f"the mail is labelled {value}, so that no sentence of it can be {sign}; mend mark or label"
