"""Terms and lists of terms: read, check, resolve references, add the spellings that people use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.declarative import parse, read_octets, suggestion, validate
from pipeline.errors import DeclarationError, Fault
from pipeline.rulebook.declared import TermFile
from pipeline.rulebook.fold import fold, unspaced, with_digraphs, without_accents

PREFIX = "list:"
_SHORTEST = 2
_SHORTEST_WITHOUT_ACCENTS = 5
# List name to the files that make it up.
_Files = Mapping[str, Sequence[tuple[Path, TermFile]]]
_UMLAUT_LANGUAGES = ("de", "da", "no", "nb", "nn", "sv", "fi")


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """A folded word or phrase, and whether a word may go on to its left or right."""

    text: str
    open_left: bool = False
    open_right: bool = False


def parse_term(written: str) -> Term:
    """Read a term as people write it.

    Raises
    ------
    ValueError
        If it has a star inside, or is too short to mean anything.
    """
    text = fold(written.strip())
    open_left, open_right = text.startswith("*"), text.endswith("*")
    text = text.removeprefix("*").removesuffix("*").strip()
    if "*" in text:
        raise ValueError(f"term {written!r} has a star inside; it may only begin or end with one")
    if not text or (len(text) < _SHORTEST and not unspaced(text[0])):
        raise ValueError(f"term {written!r} is too short; give at least {_SHORTEST} letters")
    return Term(text, open_left, open_right)


def spellings(term: Term, language: str, exact: bool) -> tuple[Term, ...]:
    """Return `term` and the other ways in which people write it."""
    texts = {term.text}
    if not exact and len(term.text) >= _SHORTEST_WITHOUT_ACCENTS:
        texts.add(without_accents(term.text))
        if language in _UMLAUT_LANGUAGES:
            texts.add(with_digraphs(term.text))
    return tuple(Term(text, term.open_left, term.open_right) for text in sorted(texts))


@dataclass(frozen=True, slots=True)
class TermLists:
    """All lists by name, references resolved; and which of them are included by others."""

    lists: Mapping[str, frozenset[Term]]
    included: frozenset[str] = frozenset()

    def resolve(self, written: Iterable[str]) -> tuple[frozenset[Term], tuple[str, ...]]:
        """Return the terms that `written` (terms and ``list:NAME``) stand for, and what is wrong with them."""
        found: set[Term] = set()
        problems: list[str] = []
        for entry in written:
            if entry.startswith(PREFIX):
                name = entry.removeprefix(PREFIX)
                if name not in self.lists:
                    problems.append(f"unknown list {name!r}{suggestion(name, self.lists)}")
                found |= self.lists.get(name, frozenset())
                continue
            try:
                found.update(spellings(parse_term(entry), "und", exact=False))
            except ValueError as error:
                problems.append(str(error))
        return frozenset(found), tuple(problems)


def load_lists(*folders: Path) -> tuple[TermLists, tuple[Fault, ...]]:
    """Read every list in the `folders`, and return them with all faults.

    A list that is in several folders holds the terms of all of them.
    """
    faults: list[Fault] = []
    files = _read_lists(folders, faults)
    unreadable = {Path(fault.file).stem for fault in faults}
    own = {name: _own_terms(parts, faults) for name, parts in files.items()}
    resolved: dict[str, frozenset[Term]] = {}
    for name, parts in files.items():
        for path, file in parts:
            faults.extend(_references(path, file, files))
        resolved[name] = frozenset().union(*(own[part] for part in _reach(name, files)))
        if not resolved[name] and name not in unreadable and not any(file.terms for _, file in parts):
            message = "empty list; give terms, or delete the file"
            faults.append(Fault(file=str(parts[0][0]), path="terms", message=message))
    included = {other for parts in files.values() for _, file in parts for other in file.include}
    return TermLists(resolved, frozenset(included)), tuple(faults)


def _read_lists(folders: Iterable[Path], faults: list[Fault]) -> _Files:
    files: dict[str, list[tuple[Path, TermFile]]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                file = _parsed(read_octets(path), path)
            except DeclarationError as error:
                faults.extend(error.faults)
                file = TermFile(description="unreadable")
            files.setdefault(path.stem, []).append((path, file))
    return files


# By content, so that a file that changes is read anew.
@lru_cache(maxsize=512)
def _parsed(octets: bytes, path: Path) -> TermFile:
    return validate(parse(octets, path), TermFile, str(path))


def _own_terms(parts: Iterable[tuple[Path, TermFile]], faults: list[Fault]) -> frozenset[Term]:
    found = [_terms(path, _Same(file)) for path, file in parts]
    faults.extend(fault for _, wrong in found for fault in wrong)
    return frozenset().union(*(terms for terms, _ in found))


class _Same:
    """A file of terms, equal to itself alone: what was parsed once is worked out once."""

    __slots__ = ("file",)

    def __init__(self, file: TermFile) -> None:
        self.file = file

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.file is self.file

    def __hash__(self) -> int:
        return id(self.file)


@lru_cache(maxsize=512)
def _terms(path: Path, same: _Same) -> tuple[frozenset[Term], tuple[Fault, ...]]:
    file = same.file
    found: set[Term] = set()
    faults: list[Fault] = []
    for language, written in file.terms.items():
        for number, entry in enumerate(written):
            try:
                found.update(spellings(parse_term(entry), language, language in file.exact))
            except ValueError as error:
                faults.append(Fault(file=str(path), path=f"terms.{language}.{number}", message=str(error)))
    return frozenset(found), tuple(faults)


def _references(path: Path, file: TermFile, files: _Files) -> Iterator[Fault]:
    for number, other in enumerate(file.include):
        message = ""
        if other not in files:
            message = f"unknown list {other!r}{suggestion(other, files)}"
        elif path.stem in _reach(other, files):
            message = f"circular: {other!r} leads back to {path.stem!r}; take one of the two out"
        if message:
            yield Fault(file=str(path), path=f"include.{number}", message=message)


def _reach(name: str, files: _Files) -> frozenset[str]:
    """Return `name` and every list that it includes, directly or not."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in files and current not in seen:
            seen.add(current)
            waiting.extend(other for _, file in files[current] for other in file.include)
    return frozenset(seen)
