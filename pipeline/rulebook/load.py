"""A folder of rule files to a Rulebook, or all of its faults at once."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.declarative import load, read, suggestion
from pipeline.errors import DeclarationError, Fault
from pipeline.records.inquiries import View
from pipeline.rulebook.book import Rule, Rulebook
from pipeline.rulebook.compilation import Compiler
from pipeline.rulebook.declared import RuleDeclaration, RuleFile
from pipeline.rulebook.scan import Automaton
from pipeline.rulebook.terms import load_lists
from pipeline.taxonomy import Taxonomy

# Files of the folder that hold something else.
RESERVED = ("taxonomy.toml", "criteria.toml", "liaisons.toml", "places.toml")
# Fields a rule may set, beside those of the taxonomy.
PSEUDO_FIELDS: Mapping[str, tuple[str, ...]] = {"disposition": ("assign", "review", "file")}
_SINGLE = ("kind", "partner_type", "alignment", "country", "region", "disposition")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Declared:
    file: Path
    index: int
    rule: RuleDeclaration

    def fault(self, path: str, message: str) -> Fault:
        """Return a fault in this rule."""
        where = f"rule.{self.index}.{path}" if path else f"rule.{self.index}"
        return Fault(file=str(self.file), path=where, message=f"rule {self.rule.id!r}: {message}")


def load_rulebook(rules: Path, taxonomy: Taxonomy, fixtures: Path | None = None) -> Rulebook:
    """Read every rule file and every list of terms in the folder `rules`.

    Parameters
    ----------
    rules
        Folder with ``*.toml`` rule files and ``terms/*.toml`` lists.
    taxonomy
        Which tags there are.
    fixtures
        Folder of labelled mail with ``splits.csv``; if given, ids in examples are checked against it.

    Raises
    ------
    DeclarationError
        With every fault of every file.
    """
    files = rule_files(rules)
    lists, faults = load_lists(rules / "terms")
    declared, unreadable = _read_all(files)
    compiler = Compiler(lists)
    book_rules, wrong = _compile_all(declared, compiler)
    faults = (*faults, *unreadable, *wrong, *_doubled(declared), *_contradictions(declared))
    faults += tuple(fault for one in declared for fault in _tag_faults(one, taxonomy))
    faults += tuple(fault for one in declared for fault in _example_faults(one, _split(fixtures)))
    if not files:
        faults += (Fault(file=str(rules), path="", message="no rule files; put at least one *.toml there"),)
    if faults:
        raise DeclarationError(faults)
    return _book(book_rules, compiler, _version(rules, files))


def rule_files(rules: Path) -> tuple[Path, ...]:
    """Return the rule files in the folder `rules`, by name."""
    return tuple(path for path in sorted(rules.glob("*.toml")) if path.name not in RESERVED)


def _read_all(files: Iterable[Path]) -> tuple[list[_Declared], list[Fault]]:
    declared: list[_Declared] = []
    faults: list[Fault] = []
    for path in files:
        try:
            rules = load(path, RuleFile).rule
        except DeclarationError as error:
            faults.extend(_named(path, error.faults))
            continue
        declared.extend(_Declared(file=path, index=number, rule=rule) for number, rule in enumerate(rules))
    return declared, faults


def _named(path: Path, faults: Iterable[Fault]) -> list[Fault]:
    """Put the id of the rule into faults that tell only its number."""
    try:
        tables = read(path).get("rule", [])
    except DeclarationError:
        return list(faults)
    return [replace(fault, message=f"{_id_at(tables, fault.path)}{fault.message}") for fault in faults]


def _id_at(tables: object, path: str) -> str:
    found = re.match(r"rule\.(\d+)", path)
    if not (found and isinstance(tables, list) and int(found[1]) < len(tables)):
        return ""
    table = tables[int(found[1])]
    return f"rule {table['id']!r}: " if isinstance(table, dict) and "id" in table else ""


def _compile_all(declared: Iterable[_Declared], compiler: Compiler) -> tuple[list[Rule], list[Fault]]:
    rules: list[Rule] = []
    faults: list[Fault] = []
    for one in declared:
        compiler.problems.clear()
        rules.append(_compile(one, compiler))
        faults.extend(one.fault(path, message) for path, message in compiler.problems)
    return rules, faults


def _compile(one: _Declared, compiler: Compiler) -> Rule:
    rule = one.rule
    weights = dict(rule.weights) or dict.fromkeys(rule.views, rule.weight)
    return Rule(
        id=rule.id,
        description=rule.description,
        file=one.file.name,
        tags=rule.tags,
        must=rule.must,
        weight=rule.weight,
        weights={view: weights[view] for view in View if view in weights},
        words=compiler.words(rule.terms, "terms") if rule.terms else None,
        unless=compiler.words(rule.unless, "unless") if rule.unless else None,
        test=compiler.test(rule.test, "test") if rule.test else None,
        least=rule.least,
        hits=rule.hits,
        misses=rule.misses,
    )


def _doubled(declared: Iterable[_Declared]) -> list[Fault]:
    first: dict[str, str] = {}
    faults = []
    for one in declared:
        if one.rule.id in first:
            faults.append(one.fault("id", f"the same id is used in {first[one.rule.id]}; give it another"))
        first.setdefault(one.rule.id, one.file.name)
    return faults


def _contradictions(declared: Iterable[_Declared]) -> list[Fault]:
    """Find two musts that ask the same and answer differently."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    faults = []
    for one in declared:
        rule = one.rule
        condition = f"{sorted(rule.terms)} {sorted(rule.unless)} {rule.test!r}" if rule.must else ""
        for tag in rule.tags if rule.must else ():
            field, _, value = tag.partition("=")
            other, said = seen.setdefault((condition, field), (rule.id, value))
            if field in _SINGLE and said != value:
                message = f"says {tag!r} where rule {other!r} says {said!r} on the same condition; drop one"
                faults.append(one.fault("tags", message))
    return faults


def _tag_faults(one: _Declared, taxonomy: Taxonomy) -> list[Fault]:
    fields = (*Taxonomy.model_fields, "country", "shared_objectives", *PSEUDO_FIELDS)
    known = [field for field in fields if taxonomy.values(field) or field in PSEUDO_FIELDS]
    faults = []
    for number, tag in enumerate(one.rule.tags):
        field, equals, value = tag.partition("=")
        values = PSEUDO_FIELDS.get(field) or taxonomy.values(field)
        if not equals:
            faults.append(one.fault(f"tags.{number}", f"{tag!r} is no tag; write field=value"))
        elif not values:
            faults.append(one.fault(f"tags.{number}", f"unknown field {field!r}{suggestion(field, known)}"))
        elif value not in values:
            message = f"unknown value {value!r} of {field}{suggestion(value, values)}"
            faults.append(one.fault(f"tags.{number}", message))
    return faults


def _example_faults(one: _Declared, split: Mapping[str, str] | None) -> list[Fault]:
    if split is None:
        return []
    faults = []
    for path, examples in (("hits", one.rule.hits), ("misses", one.rule.misses)):
        for number, example in enumerate(examples):
            part = split.get(example) if isinstance(example, str) and is_id(example) else "train"
            if part is None:
                faults.append(one.fault(f"{path}.{number}", f"no labelled mail is called {example!r}"))
            elif part != "train":
                message = (
                    f"{example!r} is in the test part, which rules may not know; take one of the train part"
                )
                faults.append(one.fault(f"{path}.{number}", message))
    return faults


def is_id(example: str) -> bool:
    """Tell whether `example` is the id of labelled mail: a short word of ASCII letters ending in digits."""
    return re.fullmatch(r"[a-z]{1,3}\d{2,4}", example) is not None


def _split(fixtures: Path | None) -> Mapping[str, str] | None:
    path = fixtures / "splits.csv" if fixtures else None
    if path is None or not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row["split"] for row in csv.DictReader(stream)}


def _book(rules: list[Rule], compiler: Compiler, version: str) -> Rulebook:
    by_words: dict[int, list[int]] = {}
    for index, rule in enumerate(rules):
        if rule.words is not None:
            by_words.setdefault(rule.words, []).append(index)
    used = {view for rule in rules for view in rule.weights}
    return Rulebook(
        version=version,
        rules=tuple(rules),
        automaton=Automaton(compiler.word_sets),
        by_words={number: tuple(indices) for number, indices in by_words.items()},
        tested=tuple(index for index, rule in enumerate(rules) if rule.words is None),
        views=tuple(view for view in View if view in used),
    )


def _version(rules: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in (*files, *sorted((rules / "terms").glob("*.toml"))):
        octets = path.read_bytes()
        digest.update(f"{path.name} {len(octets)}\n".encode())
        digest.update(octets)
    return digest.hexdigest()[:12]
