"""``answers.csv`` of a model: each message's labels and what was answered out of fold, and how probable each value was.

Models are compared by it on the same folds, and labels are looked over without training anew.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.classify.dataset import Example
from pipeline.classify.heads import known
from pipeline.classify.heldout import taken
from pipeline.errors import ModelError

if TYPE_CHECKING:
    from pipeline.classify.calibration import Probabilities
    from pipeline.classify.heldout import HeldOut

_FIXED = ("id", "message", "group", "fold")
# What stands where the message is no example for a field; empty is an empty list.
_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is known of one message.

    Parameters
    ----------
    id
        The message.
    message
        Start of its SHA-256.
    group, fold
        Of the training.
    labels, answers
        Field to values, of the fields that the message is an example for.
    """

    id: str
    message: str
    group: int
    fold: int
    labels: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, tuple[str, ...]]


def rows_of(examples: Sequence[Example], held_out: HeldOut) -> Iterator[Row]:
    """Yield what was answered of each example out of fold."""
    for at, example in enumerate(examples):
        asked = [name for name in held_out.fields if known(name, example.labels)]
        yield Row(
            id=example.id,
            message=example.inquiry.sha256[:16],
            group=example.group,
            fold=held_out.fold[at],
            labels={name: example.labels[name] for name in asked},
            answers={name: _answer(held_out, name, at) for name in asked},
        )


def write(rows: Sequence[Row], fields: Sequence[str], held_out: HeldOut | None = None) -> str:
    """Return the rows as CSV (RFC 4180, with line feeds), with the probabilities of `held_out` in further columns."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    named = [f"{name}={value}" for name in fields for value in held_out.fields[name]] if held_out else []
    writer.writerow((*_FIXED, *(f"{name}{kind}" for name in fields for kind in ("", ".answer")), *named))
    for at, row in enumerate(rows):
        cells = [_cell(held, name) for name in fields for held in (row.labels, row.answers)]
        judged = [held_out.judged[name][at] for name in fields] if held_out else []
        chances = [f"{chance:.4f}" for each in judged for chance in each]
        writer.writerow((row.id, row.message, row.group, row.fold, *cells, *chances))
    return stream.getvalue()


def judged(text: str, examples: Sequence[Example]) -> tuple[dict[str, tuple[str, ...]], Probabilities] | None:
    """Return what a model held probable of each example out of fold.

    Parameters
    ----------
    text
        What `write` wrote, in a model that was checked.

    Returns
    -------
    tuple of dict, or None
        Field to values, and field to probabilities, a row for each example; None if there is an example that the model
        does not know, or if no probabilities stand there.
    """
    import numpy as np

    found = csv.DictReader(io.StringIO(text))
    columns = [name for name in found.fieldnames or () if "=" in name]
    lines = {line["message"]: line for line in found}
    known_to = [lines.get(one.inquiry.sha256[:16]) for one in examples]
    if not columns or not known_to or None in known_to:
        return None
    fields: dict[str, tuple[str, ...]] = {}
    for column in columns:
        name, _, value = column.partition("=")
        fields[name] = (*fields.get(name, ()), value)
    return fields, {
        name: np.array([[float(line[f"{name}={value}"]) for value in values] for line in known_to if line])
        for name, values in fields.items()
    }


def read(text: str, where: str) -> tuple[Row, ...]:
    """Read what `write` wrote; `where` is named in errors.

    Raises
    ------
    ModelError
        If it is something else.
    """
    found = csv.DictReader(io.StringIO(text))
    names = [
        name
        for name in found.fieldnames or ()
        if name not in _FIXED and not name.endswith(".answer") and "=" not in name
    ]
    try:
        return tuple(
            Row(
                id=line["id"],
                message=line["message"],
                group=int(line["group"]),
                fold=int(line["fold"]),
                labels=_held(line, names, ""),
                answers=_held(line, names, ".answer"),
            )
            for line in found
        )
    except (KeyError, TypeError, ValueError, csv.Error):
        raise ModelError(f"{where}: not the answers of a model; train the model again") from None


def _answer(held_out: HeldOut, name: str, row: int) -> tuple[str, ...]:
    rates = held_out.rulings.choose.get(name)
    one = slice(row, row + 1)
    chosen = taken(name, held_out.judged[name][one], None if rates is None else rates[one])[0]
    return tuple(value for value, is_chosen in zip(held_out.fields[name], chosen, strict=True) if is_chosen)


def _cell(held: Mapping[str, tuple[str, ...]], name: str) -> str:
    return " ".join(held[name]) if name in held else _NONE


def _held(line: Mapping[str, Any], names: Sequence[str], kind: str) -> dict[str, tuple[str, ...]]:
    cells = {name: line[f"{name}{kind}"] for name in names}
    return {name: tuple(cell.split()) for name, cell in cells.items() if cell != _NONE}
