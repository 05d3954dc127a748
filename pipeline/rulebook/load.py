"""A folder of rule files to a Rulebook, or all of its faults at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.errors import DeclarationError, Fault
from pipeline.records.inquiries import View
from pipeline.rulebook.book import Rule, Rulebook
from pipeline.rulebook.checks import doubled, example_faults, split_of, tag_faults
from pipeline.rulebook.compilation import Compiler
from pipeline.rulebook.conflicts import conflicts
from pipeline.rulebook.reading import Written, raw_terms, raw_texts, read_rules
from pipeline.rulebook.scan import Automaton
from pipeline.rulebook.terms import load_lists
from pipeline.taxonomy import Taxonomy

# Files of the folder that hold something else.
RESERVED = ("taxonomy.toml", "clauses.toml", "commands.toml", "criteria.toml", "liaisons.toml", "places.toml")


def load_rulebook(
    rules: Path, taxonomy: Taxonomy, fixtures: Path | None = None, own: Path | None = None
) -> Rulebook:
    """Read every rule file and every list of terms in the folder `rules`, and in the folder `own`.

    Parameters
    ----------
    rules
        Folder with ``*.toml`` rule files and ``terms/*.toml`` lists.
    taxonomy
        Which tags there are.
    fixtures
        Folder of labelled mail with ``splits.csv``; if given, ids in examples are checked against it.
    own
        Another such folder that adds to it: a rule with the id of one in `rules` takes its place, a list
        with the name of another adds its terms.

    Raises
    ------
    DeclarationError
        With every fault of every file.
    """
    folders = (rules, own) if own else (rules,)
    lists, list_faults = load_lists(*(folder / "terms" for folder in folders))
    files = [rule_files(folder) for folder in folders]
    faults = [*list_faults, *_folder_faults(folders, files)]
    written: list[Written] = []
    for some in files:
        read, wrong = read_rules(some)
        faults += [*wrong, *doubled(read)]
        replaced = {one.rule.id for one in read}
        written = [one for one in written if one.rule.id not in replaced] + read
    compiler = Compiler(lists)
    compiled, wrong = _compile_all(written, compiler)
    faults += wrong
    split = split_of(fixtures)
    for one in written:
        faults += [*tag_faults(one, taxonomy), *example_faults(one, split)]
    broken = {(fault.file, ".".join(fault.path.split(".")[:2])) for fault in faults}
    sound = [one for one in written if (str(one.file), f"rule.{one.index}") not in broken]
    faults += conflicts(sound, lists)
    if faults:
        raise DeclarationError(in_order(faults))
    return _book(compiled, compiler, _version(folders, files))


def rule_files(rules: Path) -> tuple[Path, ...]:
    """Return the rule files in the folder `rules`, by name."""
    return tuple(path for path in sorted(rules.glob("*.toml")) if path.name not in RESERVED)


def unused_lists(book: Rulebook, *folders: Path) -> tuple[str, ...]:
    """Return the names of the lists of terms that no rule of `book` and no list asks for."""
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in rule_files(folder)]
    named = set(re.findall(r"list:([\w-]+)", "\n".join(texts)))
    lists, _ = load_lists(*(folder / "terms" for folder in folders))
    return tuple(sorted(set(lists.lists) - named - lists.included)) if book.rules else ()


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Sort `faults` by file and by their place in it; the same one is told once."""

    def place(fault: Fault) -> tuple[str, list[tuple[int, int, str]]]:
        parts = fault.path.split(".") if fault.path else []
        return fault.file, [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]

    return tuple(dict.fromkeys(sorted(faults, key=place)))


def _folder_faults(folders: Sequence[Path], files: Sequence[Sequence[Path]]) -> list[Fault]:
    found = []
    for folder, some in zip(folders, files, strict=True):
        if not folder.is_dir():
            found.append(Fault(file=str(folder), path="", message="no such folder; make it, or name another"))
        elif not some and not any((folder / "terms").glob("*.toml")):
            message = "no rule files; put at least one *.toml there"
            found.append(Fault(file=str(folder), path="", message=message))
    if files and folders[0].is_dir() and not files[0] and not found:
        message = "no rule files, but lists of terms; put at least one *.toml there"
        found.append(Fault(file=str(folders[0]), path="", message=message))
    return found


def _compile_all(written: Iterable[Written], compiler: Compiler) -> tuple[list[Rule], list[Fault]]:
    rules: list[Rule] = []
    faults: list[Fault] = []
    for one in written:
        compiler.problems.clear()
        rules.append(_compile(one, compiler))
        for key in one.broken & {"terms", "unless"}:
            compiler.words(raw_terms(one.raw.get(key)), key)
        if "test" in one.broken:
            for path, kind, texts in raw_texts(one.raw.get("test")):
                compiler.check(kind, texts, path)
        faults.extend(one.fault(path, message) for path, message in compiler.problems)
    return rules, faults


def _compile(one: Written, compiler: Compiler) -> Rule:
    rule = one.rule
    weights = dict(rule.weights) or dict.fromkeys(rule.views, rule.weight)
    return Rule(
        id=rule.id,
        description=rule.description,
        file=str(one.file),
        index=one.index,
        tags=rule.tags,
        route=rule.route,
        priority=rule.priority,
        must=rule.must,
        weight=rule.weight,
        weights={view: weights[view] for view in View if view in weights},
        words=compiler.words(rule.terms, "terms") if rule.terms else None,
        unless=compiler.words(rule.unless, "unless") if rule.unless else None,
        test=compiler.test(rule.test, "test") if rule.test else None,
        least=rule.least,
        always=rule.is_always,
        hits=rule.hits,
        misses=rule.misses,
    )


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


def _version(folders: Sequence[Path], files: Sequence[Sequence[Path]]) -> str:
    digest = hashlib.sha256()
    for folder, some in zip(folders, files, strict=True):
        for path in (*some, *sorted((folder / "terms").glob("*.toml"))):
            octets = path.read_bytes()
            digest.update(f"{path.name} {len(octets)}\n".encode())
            digest.update(octets)
    return digest.hexdigest()[:12]
