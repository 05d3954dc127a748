"""Rule files to declared rules; a rule with faults is repaired as far as its other parts can still be checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.declarative import parse, read_octets, suggestion, validate
from pipeline.errors import DeclarationError, Fault
from pipeline.rulebook.declared import RuleDeclaration

# What stands in for the parts of a rule that cannot be used.
_STAND_INS: Mapping[str, Any] = {
    "id": "unnamed",
    "description": "a rule with faults",
    "priority": 1,
    "test": {"true": True},
    "hits": ["x"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A rule and where it is written.

    Parameters
    ----------
    file, index
        The file, and which rule of it, from 0.
    rule
        As declared; where it has faults, with stand-ins for the faulty parts.
    broken
        The parts that have faults.
    raw
        The rule's table as read.
    """

    file: Path
    index: int
    rule: RuleDeclaration
    broken: frozenset[str] = frozenset()
    raw: Mapping[str, Any]

    def fault(self, path: str, message: str) -> Fault:
        """Return a fault in this rule."""
        where = f"rule.{self.index}.{path}" if path else f"rule.{self.index}"
        named = f"rule {self.rule.id!r}: " if "id" not in self.broken else ""
        return Fault(file=str(self.file), path=where, message=f"{named}{message}")


def read_rules(files: Iterable[Path]) -> tuple[list[Written], list[Fault]]:
    """Return the rules of all `files`, and what is wrong with their shape."""
    rules: list[Written] = []
    faults: list[Fault] = []
    for path in files:
        try:
            some, wrong = _parsed(read_octets(path), path)
        except DeclarationError as error:
            faults.extend(error.faults)
            continue
        rules.extend(some)
        faults.extend(wrong)
    return rules, faults


# By content, so that a file that changes is read anew.
@lru_cache(maxsize=128)
def _parsed(octets: bytes, path: Path) -> tuple[tuple[Written, ...], tuple[Fault, ...]]:
    document = parse(octets, path)
    read = [_rule(path, index, table) for index, table in enumerate(_tables(document))]
    rules = tuple(written for written, _ in read if written)
    return rules, (*_beside(path, document), *(fault for _, wrong in read for fault in wrong))


def raw_terms(table: object) -> list[str]:
    """Return the texts of a list of terms that has faults; in the place of what is none, an empty one."""
    return [text if isinstance(text, str) else "" for text in table] if isinstance(table, list) else []


def raw_texts(table: object, path: str = "test") -> Iterator[tuple[str, str, list[str]]]:
    """Yield path, match type and texts of each list that a test might hold, however broken the test is."""
    if isinstance(table, dict):
        for key, value in table.items():
            here = f"{path}.{key}"
            if key in ("regex", "word") and isinstance(value, list):
                yield here, key, raw_terms(value)
            else:
                yield from raw_texts(value, here)
    elif isinstance(table, list):
        for number, value in enumerate(table):
            yield from raw_texts(value, f"{path}.{number}")


def _tables(document: Mapping[str, Any]) -> list[Any]:
    tables = document.get("rule", [])
    return tables if isinstance(tables, list) else []


def _beside(path: Path, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with a file outside its rules."""
    for key in document:
        if key != "rule":
            yield Fault(file=str(path), path=key, message=f"unknown key{suggestion(key, ('rule',))}")
    if not _tables(document):
        message = "no rules; write at least one [[rule]] table, or delete the file"
        yield Fault(file=str(path), path="rule", message=message)


def _rule(path: Path, index: int, table: Any) -> tuple[Written | None, list[Fault]]:
    if not isinstance(table, dict):
        message = "not a table; write [[rule]] above each rule"
        return None, [Fault(file=str(path), path=f"rule.{index}", message=message)]
    try:
        rule = validate(table, RuleDeclaration, str(path))
    except DeclarationError as error:
        return _repaired(path, index, table, error.faults)
    return Written(file=path, index=index, rule=rule, raw=table), []


def _repaired(
    path: Path, index: int, table: dict[str, Any], faults: tuple[Fault, ...]
) -> tuple[Written | None, list[Fault]]:
    """Return what can be used of a rule with faults, and the faults with the rule's place and id."""
    id_ = table.get("id")
    named = f"rule {id_!r}: " if isinstance(id_, str) else ""
    told = [
        Fault(
            file=str(path),
            path=".".join(filter(None, (f"rule.{index}", _written_name(fault.path)))),
            message=f"{named}{fault.message}",
        )
        for fault in faults
    ]
    broken = frozenset(fault.path.partition(".")[0] for fault in faults) - {""}
    known = {"id", "tags", "terms", "views", "weights", "unless", "hits", "misses", "test", "route"} - broken
    kept = {key: value for key, value in table.items() if key in known}
    if not kept.get("views") and not kept.get("weights"):
        kept |= {"views": ["body"]} if kept.get("terms") else {}
    if kept.get("terms") and kept.get("views"):
        kept.pop("weights", None)
    if not kept.get("terms"):
        kept = {key: value for key, value in kept.items() if key not in ("views", "weights", "unless")}
    if not kept.get("misses"):
        kept["misses"] = ["y"]
    try:
        rule = validate({**_STAND_INS, **kept}, RuleDeclaration, str(path))
    except DeclarationError:
        return None, told
    return Written(file=path, index=index, rule=rule, broken=broken | {"repaired"}, raw=table), told


def _written_name(path: str) -> str:
    """Return a dotted path as people write it, without the names of alternatives that pydantic puts in."""
    parts = [
        part
        for part in path.split(".")
        if not re.fullmatch(r"(?:constrained-)?str|InlineMail|function-.*|tuple\[.*|bool", part)
    ]
    return ".".join(parts)
