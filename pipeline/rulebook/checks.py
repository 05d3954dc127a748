"""What a single rule may say: known tags, an id of its own, examples that it may know."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipeline.declarative import suggestion
from pipeline.errors import Fault
from pipeline.rulebook.reading import Written
from pipeline.taxonomy import Taxonomy

# Fields a rule may set, beside those of the taxonomy.
PSEUDO_FIELDS: Mapping[str, tuple[str, ...]] = {"disposition": ("assign", "review", "file")}


def doubled(rules: Iterable[Written]) -> Iterator[Fault]:
    """Yield a fault for each id that is used again."""
    first: dict[str, str] = {}
    for one in rules:
        if "id" in one.broken:
            continue
        if one.rule.id in first:
            yield one.fault("id", f"the same id is used in {first[one.rule.id]}; give it another")
        first.setdefault(one.rule.id, f"{one.file.name}, rule.{one.index}")


def tag_faults(one: Written, taxonomy: Taxonomy) -> Iterator[Fault]:
    """Yield a fault for each tag that there is not, or that is given twice."""
    fields = (*Taxonomy.model_fields, "country", "shared_objectives", *PSEUDO_FIELDS)
    known = [field for field in fields if taxonomy.values(field) or field in PSEUDO_FIELDS]
    seen: set[str] = set()
    for number, tag in enumerate(one.rule.tags):
        message = _tag_problem(tag, known, taxonomy)
        if not message and tag in seen:
            message = f"{tag!r} is given twice; drop one"
        seen.add(tag)
        if message:
            yield one.fault(f"tags.{number}", message)


def _tag_problem(tag: str, known: list[str], taxonomy: Taxonomy) -> str:
    field, equals, value = tag.partition("=")
    values = PSEUDO_FIELDS.get(field) or taxonomy.values(field)
    if not equals:
        return f"{tag!r} is no tag; write field=value"
    if field == "priority":
        return "the priority is no tag; write priority = 10 beside tags"
    if field == "route":
        return f"a route is no tag; write route = {value!r} beside tags"
    if not values:
        return f"unknown field {field!r}{suggestion(field, known)}"
    return "" if value in values else f"unknown value {value!r} of {field}{suggestion(value, values)}"


def example_faults(one: Written, split: Mapping[str, str] | None) -> Iterator[Fault]:
    """Yield a fault for each example that is called like labelled mail and may not be used."""
    if split is None:
        return
    for path, examples in (("hits", one.rule.hits), ("misses", one.rule.misses)):
        for number, example in enumerate(examples):
            part = split.get(example) if isinstance(example, str) and is_id(example) else "train"
            if part is None:
                yield one.fault(f"{path}.{number}", f"no labelled mail is called {example!r}")
            elif part != "train":
                message = (
                    f"{example!r} is in the test part, which rules may not know; take one of the train part"
                )
                yield one.fault(f"{path}.{number}", message)


def is_id(example: str) -> bool:
    """Tell whether `example` is the id of labelled mail: a short word of ASCII letters ending in digits."""
    return re.fullmatch(r"[a-z]{1,3}\d{2,4}", example) is not None


def split_of(fixtures: Path | None) -> Mapping[str, str] | None:
    """Return id to part of the labelled mail in `fixtures`; None if there is no ``splits.csv``."""
    path = fixtures / "splits.csv" if fixtures else None
    if path is None or not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row["split"] for row in csv.DictReader(stream)}
