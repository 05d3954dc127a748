"""Read labels.csv and splits.csv with pandas, and hold every label against the taxonomy."""

from __future__ import annotations

import codecs
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pipeline.declarative import suggestion
from pipeline.errors import DeclarationError, Fault
from pipeline.records.decisions import LIST_FIELDS
from pipeline.taxonomy import Taxonomy

Part = Literal["train", "test"]
# Which part is asked for.
Parts = Part | Literal["all"]

LABELS = "labels.csv"
SPLITS = "splits.csv"
CHANNELS = ("direct", "list", "otrs", "forward")
_FIELDS = (
    "kind", "partner_type", "activities", "country", "region", "alignment", "priorities",
    "preconditions_met", "shared_objectives", "complexity", "funding", "urgency",
)  # fmt: skip
# ISO 639-1 or 639-3, with a script or a region after it (BCP 47).
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
COLUMNS = ("id", "in_reply_to", "language", "channel", *_FIELDS, "note")
# A further column that may be there: fields, separated by spaces, of which nobody said anything. Blank means unknown there.
UNLABELLED = "unlabelled"
# Not a column of the file: where a row stands in it, for faults of rows without a usable id.
LINE = " line"
_SEPARATORS = (",", ";", "\t")
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


def labels_file(fixtures: Path) -> Path:
    """Return the file with the labels: `fixtures` itself, or ``labels.csv`` in it."""
    return fixtures if fixtures.is_file() else fixtures / LABELS


def message_file(fixtures: Path, identifier: str) -> Path:
    """Return where the message called `identifier` lies: in ``messages`` beside the labels."""
    return labels_file(fixtures).parent / "messages" / f"{identifier}.eml"


def read_labels(fixtures: Path, taxonomy: Taxonomy, needed: Parts | None = None) -> tuple[LabelRow, ...]:
    """Read and check the labels in the folder or CSV file `fixtures`; without a ``splits.csv`` all are for training.

    Parameters
    ----------
    needed
        Part whose messages have to be there; None: no message has to.

    Raises
    ------
    DeclarationError
        With every fault of both files, by message id.
    """
    file = labels_file(fixtures)
    labels = table(file, COLUMNS, UNLABELLED)
    parts, faults = _parts(file.parent / SPLITS, [row["id"] for row in labels])
    faults += [
        Fault(file=str(file), path=where, message=message) for where, message in _faults(labels, taxonomy)
    ]
    wanted = [row["id"] for row in labels if needed and needed in ("all", parts.get(row["id"]))]
    faults += _missing(fixtures, dict.fromkeys(wanted))
    if faults:
        raise DeclarationError(tuple(faults))
    return tuple(_row(row, parts[row["id"]], taxonomy) for row in labels)


def _missing(fixtures: Path, ids: Iterable[str]) -> list[Fault]:
    file = labels_file(fixtures)
    wanted = [one for one in ids if _is_id(one)]
    if wanted and not (file.parent / "messages").is_dir():
        told = "no folder messages beside it; the mails have to lie there, each as ID.eml"
        return [Fault(file=str(file), path="", message=told)]
    return [
        Fault(file=str(file), path=one, message=f"messages/{one}.eml is missing; add it or remove the line")
        for one in wanted
        if not message_file(fixtures, one).exists()
    ]


def _row(row: Mapping[str, str], part: Part, taxonomy: Taxonomy) -> LabelRow:
    unknown = row.get(UNLABELLED, "").split()
    labelled = taxonomy.labels(row["kind"]).difference(unknown)
    fields = ("kind", *(field for field in _FIELDS if field in labelled))
    labels = {field: tuple(row[field].split()) for field in fields}
    return LabelRow(
        id=row["id"],
        in_reply_to=row["in_reply_to"],
        language=row["language"],
        channel=row["channel"],
        labels=labels,
        part=part,
    )


def table(path: Path, columns: tuple[str, ...], *further: str) -> list[dict[str, str]]:
    """Read a CSV file as text, with `further` columns if they are there.

    "NA" is Namibia and "nan" a word, so nothing counts as missing.
    """
    import pandas as pd

    try:
        text = _decoded(path)
        with warnings.catch_warnings():
            # Otherwise lines longer than the first are cut short, or their first field is taken for a name.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text), sep=_separator(text), index_col=False, dtype=str,
                keep_default_na=False, na_filter=False, skip_blank_lines=False,
            )  # fmt: skip
    except FileNotFoundError:
        raise _refusal(path, "no such file; write it, or name another") from None
    except UnicodeDecodeError as error:
        raise _refusal(path, f"{_not_utf8(path, error)}; save it as CSV in UTF-8") from None
    except pd.errors.ParserWarning:
        raise _refusal(
            path,
            "its lines have more fields than the first line names columns; put fields that hold commas in quotes",
        ) from None
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _refusal(
            path, f"cannot be read as CSV: {error}; save it as CSV in UTF-8, and give yourself the right"
        ) from None
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise _refusal(path, f"columns missing: {', '.join(missing)}; the first line has to name them")
    wanted = [*columns, *(name for name in further if name in frame.columns)]
    # pandas calls a second column of one name so.
    doubled = [name for name in wanted if f"{name}.1" in frame.columns]
    if doubled:
        raise _refusal(path, f"columns named twice: {', '.join(doubled)}; take one of them away")
    frame.insert(0, LINE, [str(at) for at in range(2, len(frame) + 2)])
    rows: list[dict[str, str]] = frame[[LINE, *wanted]].to_dict("records")
    # Spreadsheets leave empty lines behind.
    return [row for row in rows if any(row[name].strip() for name in wanted)]


def _decoded(path: Path) -> str:
    """Return the text of a file in UTF-8, or in what spreadsheets call Unicode: UTF-16 with a byte order mark."""
    octets = path.read_bytes()
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return octets.decode("utf-16")
    return octets.decode("utf-8-sig")


def _not_utf8(path: Path, error: UnicodeDecodeError) -> str:
    line = path.read_bytes().count(b"\n", 0, error.start) + 1
    return f"line {line} is not in UTF-8"


def _separator(text: str) -> str:
    """Return what parts the columns in the first line: a comma, or what spreadsheets write for some countries."""
    first = text.partition("\n")[0]
    return max(_SEPARATORS, key=first.count)


def _refusal(path: Path, message: str) -> DeclarationError:
    return DeclarationError((Fault(file=str(path), path="", message=message),))


def _parts(path: Path, ids: list[str]) -> tuple[dict[str, Part], list[Fault]]:
    if not path.exists():
        return dict.fromkeys(ids, "train"), []
    rows = table(path, ("id", "split"))
    parts: dict[str, Any] = {row["id"]: row["split"] for row in rows}
    wrong = [one for one, part in parts.items() if part not in {"train", "test"}]
    faults = [
        Fault(file=str(path), path=one, message="split is neither train nor test; write one of them")
        for one in wrong
    ]
    doubled = [one for one, times in Counter(row["id"] for row in rows).items() if times > 1]
    faults += [
        Fault(file=str(path), path=one, message="stands in the file twice; keep one line") for one in doubled
    ]
    absent = [one for one in ids if one not in parts]
    faults += [Fault(file=str(path), path=one, message="missing; say train or test") for one in absent]
    return parts, faults


def _faults(rows: list[dict[str, str]], taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    known = Counter(row["id"] for row in rows)
    for one, times in known.items():
        if times > 1 and _is_id(one):
            yield one, f"stands in the file {times} times; keep one line"
    for row in rows:
        one = _named(row)
        if not _is_id(row["id"]):
            yield one, f"not a message id: {row['id']!r}; write the file's name without .eml"
        if row["in_reply_to"] and row["in_reply_to"] not in known:
            yield (
                f"{one}.in_reply_to",
                f"no such message in this file: {row['in_reply_to']!r}; leave it empty, or add that message",
            )
        if row["channel"] not in CHANNELS:
            yield f"{one}.channel", f"unknown: {row['channel']!r}{suggestion(row['channel'], CHANNELS)}"
        if not _is_language(row["language"]):
            yield (
                f"{one}.language",
                f"not an ISO 639 code: {row['language']!r}; write one such as 'de', 'und' if unknown",
            )
        yield from _kind_faults(row, taxonomy)


def _named(row: Mapping[str, str]) -> str:
    """Return what to call a row in a fault: its id, or its place where the id is none."""
    return row["id"] if _is_id(row["id"]) else f"line {row[LINE]}"


def _is_id(one: str) -> bool:
    return bool(one) and one.isprintable() and not {"/", "\\"} & set(one) and not one.startswith(".")


def _kind_faults(row: Mapping[str, str], taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    kind = row["kind"]
    if kind not in taxonomy.kind:
        yield f"{_named(row)}.kind", f"unknown value {kind!r}{suggestion(kind, taxonomy.kind)}"
        return
    labelled, unknown = taxonomy.labels(kind), row.get(UNLABELLED, "").split()
    yield from _unlabelled_faults(row, unknown)
    for field in _FIELDS[1:]:
        values = row[field].split()
        if field in unknown:
            continue
        if field in labelled:
            for message in _value_faults(field, values, kind, taxonomy):
                yield f"{_named(row)}.{field}", message
        elif values:
            yield f"{_named(row)}.{field}", f"the guide labels no {field} for {kind}; leave it empty"
    region = taxonomy.region_of(row["country"])
    if "region" in labelled and region and row["region"] in taxonomy.region and region != row["region"]:
        yield f"{_named(row)}.region", f"{row['country']} lies in {region}, not in {row['region']}"


def _unlabelled_faults(row: Mapping[str, str], unknown: list[str]) -> Iterator[tuple[str, str]]:
    for field in unknown:
        if field not in _FIELDS[1:]:
            yield f"{_named(row)}.{UNLABELLED}", f"no field: {field!r}{suggestion(field, _FIELDS[1:])}"
        elif row[field]:
            yield f"{_named(row)}.{field}", f"has a value, and stands under {UNLABELLED}; keep one of them"


def _value_faults(field: str, values: list[str], kind: str, taxonomy: Taxonomy) -> Iterator[str]:
    if field == "urgency":
        yield from (f"not a date: {value!r}; write YYYY-MM-DD" for value in values if not _is_date(value))
    else:
        known = taxonomy.values(field)
        told = "; write its two letters, as in ISO 3166-1" if field == "country" else ""
        yield from (f"unknown value {v!r}{told or suggestion(v, known)}" for v in values if v not in known)
    if not values and field not in _MAY_BE_EMPTY and kind != "misdirected":
        yield f"missing; the guide labels it for {kind}"
    if field not in LIST_FIELDS and len(values) > 1:
        yield f"{len(values)} values; exactly one is allowed"
    if len(set(values)) < len(values):
        yield "a value stands there twice; keep one"


def _is_language(code: str) -> bool:
    return bool(_LANGUAGE.fullmatch(code)) and code.partition("-")[0] in _languages()


@cache
def _languages() -> frozenset[str]:
    """Return the codes that ISO 639 assigns, as far as the Unicode CLDR has them: some 7,400."""
    from babel import Locale
    from babel.core import get_global

    written = {code.partition("_")[0] for code in get_global("likely_subtags")}
    return frozenset({*written, *get_global("language_aliases"), *Locale("en").languages})


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
