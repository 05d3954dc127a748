"""Read labels.csv and splits.csv with pandas, and hold every label against the taxonomy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pipeline.declarative import suggestion
from pipeline.errors import DeclarationError, Fault
from pipeline.records.decisions import LIST_FIELDS
from pipeline.taxonomy import Taxonomy

Part = Literal["train", "test"]

LABELS = "labels.csv"
SPLITS = "splits.csv"
CHANNELS = ("direct", "list", "otrs", "forward")
_FIELDS = (
    "kind", "partner_type", "activities", "country", "region", "alignment", "priorities",
    "preconditions_met", "shared_objectives", "complexity", "funding", "urgency",
)  # fmt: skip
_COLUMNS = ("id", "in_reply_to", "language", "channel", *_FIELDS, "note")
# The guide leaves these empty where nothing in the message tells.
_MAY_BE_EMPTY = frozenset({"country", "urgency", *LIST_FIELDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """One labelled message.

    Parameters
    ----------
    id
        Name of the message's file without ``.eml``.
    in_reply_to
        Id of the labelled message that it answers, or empty.
    language
        ISO 639 code.
    channel
        How it came: ``direct``, ``list``, ``otrs`` or ``forward``.
    labels
        Field to values; the fields are those that the guide labels for the message's kind.
    part
        ``train`` or ``test``.
    """

    id: str
    in_reply_to: str
    language: str
    channel: str
    labels: Mapping[str, tuple[str, ...]]
    part: Part


def read_labels(fixtures: Path, taxonomy: Taxonomy) -> tuple[LabelRow, ...]:
    """Read and check the labels in the folder `fixtures`; without a ``splits.csv`` all are for training.

    Raises
    ------
    DeclarationError
        With every fault of both files, by message id.
    """
    labels = _table(fixtures / LABELS, _COLUMNS)
    parts, faults = _parts(fixtures / SPLITS, [row["id"] for row in labels])
    faults += [
        Fault(file=str(fixtures / LABELS), path=where, message=message)
        for where, message in _faults(labels, taxonomy)
    ]
    if faults:
        raise DeclarationError(tuple(faults))
    return tuple(_row(row, parts[row["id"]], taxonomy) for row in labels)


def _row(row: Mapping[str, str], part: Part, taxonomy: Taxonomy) -> LabelRow:
    fields = ("kind", *(field for field in _FIELDS if field in taxonomy.labels(row["kind"])))
    labels = {field: tuple(row[field].split()) for field in fields}
    return LabelRow(
        id=row["id"],
        in_reply_to=row["in_reply_to"],
        language=row["language"],
        channel=row["channel"],
        labels=labels,
        part=part,
    )


def _table(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Read a CSV file as text; "NA" is Namibia and "nan" a word, so nothing counts as missing."""
    import pandas as pd

    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8")
    except FileNotFoundError:
        raise _refusal(path, "no such file") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _refusal(path, f"cannot be read as CSV in UTF-8: {error}") from None
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise _refusal(path, f"columns missing: {', '.join(missing)}; the first line has to name them")
    rows: list[dict[str, str]] = frame[list(columns)].to_dict("records")
    return rows


def _refusal(path: Path, message: str) -> DeclarationError:
    return DeclarationError((Fault(file=str(path), path="", message=message),))


def _parts(path: Path, ids: list[str]) -> tuple[dict[str, Part], list[Fault]]:
    if not path.exists():
        return dict.fromkeys(ids, "train"), []
    parts: dict[str, Any] = {row["id"]: row["split"] for row in _table(path, ("id", "split"))}
    wrong = [one for one, part in parts.items() if part not in {"train", "test"}]
    faults = [Fault(file=str(path), path=one, message="split has to be train or test") for one in wrong]
    absent = [one for one in ids if one not in parts]
    faults += [Fault(file=str(path), path=one, message="missing; say train or test") for one in absent]
    return parts, faults


def _faults(rows: list[dict[str, str]], taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    known = Counter(row["id"] for row in rows)
    for one, times in known.items():
        if times > 1:
            yield one, f"stands in the file {times} times; keep one line"
    for row in rows:
        one = row["id"]
        if not one or "/" in one or one.startswith("."):
            yield one, f"not a message id: {one!r}; write the file's name without .eml"
        if row["in_reply_to"] and row["in_reply_to"] not in known:
            yield (
                f"{one}.in_reply_to",
                f"no such message: {row['in_reply_to']!r}{suggestion(row['in_reply_to'], known)}",
            )
        if row["channel"] not in CHANNELS:
            yield f"{one}.channel", f"unknown: {row['channel']!r}{suggestion(row['channel'], CHANNELS)}"
        yield from _kind_faults(row, taxonomy)


def _kind_faults(row: Mapping[str, str], taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    kind = row["kind"]
    if kind not in taxonomy.kind:
        yield f"{row['id']}.kind", f"unknown value {kind!r}{suggestion(kind, taxonomy.kind)}"
        return
    labelled = taxonomy.labels(kind)
    for field in _FIELDS[1:]:
        values = row[field].split()
        if field in labelled:
            for message in _value_faults(field, values, kind, taxonomy):
                yield f"{row['id']}.{field}", message
        elif values:
            yield f"{row['id']}.{field}", f"the guide labels no {field} for {kind}; leave it empty"
    region = taxonomy.region_of(row["country"])
    if "region" in labelled and region and row["region"] in taxonomy.region and region != row["region"]:
        yield f"{row['id']}.region", f"{row['country']} lies in {region}, not in {row['region']}"


def _value_faults(field: str, values: list[str], kind: str, taxonomy: Taxonomy) -> Iterator[str]:
    if field == "urgency":
        yield from (f"not a date: {value!r}; write YYYY-MM-DD" for value in values if not _is_date(value))
    else:
        known = taxonomy.values(field)
        yield from (f"unknown value {v!r}{suggestion(v, known)}" for v in values if v not in known)
    if not values and field not in _MAY_BE_EMPTY and kind != "misdirected":
        yield f"missing; the guide labels it for {kind}"
    if field not in LIST_FIELDS and len(values) > 1:
        yield f"{len(values)} values; exactly one is allowed"
    if len(set(values)) < len(values):
        yield "a value stands there twice"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
