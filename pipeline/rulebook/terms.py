"""Terms and lists of terms: read, check, resolve references, add the spellings that people use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.declarative import load, suggestion
from pipeline.errors import DeclarationError, Fault
from pipeline.rulebook.declared import TermFile
from pipeline.rulebook.fold import fold, unspaced, with_digraphs, without_accents

PREFIX = "list:"
_SHORTEST = 2
_SHORTEST_WITHOUT_ACCENTS = 5
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
    """All lists by name, references resolved."""

    lists: Mapping[str, frozenset[Term]]

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


def load_lists(folder: Path) -> tuple[TermLists, tuple[Fault, ...]]:
    """Read every list in `folder`, and return them with all faults."""
    files: dict[str, TermFile] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            files[path.stem] = load(path, TermFile)
        except DeclarationError as error:
            faults.extend(error.faults)
            files[path.stem] = TermFile(description="unreadable")
    own = {name: _terms(folder / f"{name}.toml", file, faults) for name, file in files.items()}
    broken = {Path(fault.file).stem for fault in faults}
    resolved: dict[str, frozenset[Term]] = {}
    for name in files:
        faults.extend(_references(folder, name, files))
        resolved[name] = frozenset().union(*(own[part] for part in _reach(name, files)))
        if not resolved[name] and name not in broken:
            faults.append(_fault(folder, name, "terms", "empty list; give terms, or delete the file"))
    return TermLists(resolved), tuple(faults)


def _terms(path: Path, file: TermFile, faults: list[Fault]) -> frozenset[Term]:
    found: set[Term] = set()
    for language, written in file.terms.items():
        for number, entry in enumerate(written):
            try:
                found.update(spellings(parse_term(entry), language, language in file.exact))
            except ValueError as error:
                faults.append(Fault(file=str(path), path=f"terms.{language}.{number}", message=str(error)))
    return frozenset(found)


def _references(folder: Path, name: str, files: Mapping[str, TermFile]) -> list[Fault]:
    faults = []
    for number, other in enumerate(files[name].include):
        where = f"include.{number}"
        if other not in files:
            faults.append(_fault(folder, name, where, f"unknown list {other!r}{suggestion(other, files)}"))
        elif name in _reach(other, files):
            faults.append(_fault(folder, name, where, f"circular: {other!r} leads back to {name!r}"))
    return faults


def _reach(name: str, files: Mapping[str, TermFile]) -> frozenset[str]:
    """Return `name` and every list that it includes, directly or not."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in files and current not in seen:
            seen.add(current)
            waiting.extend(files[current].include)
    return frozenset(seen)


def _fault(folder: Path, name: str, path: str, message: str) -> Fault:
    return Fault(file=str(folder / f"{name}.toml"), path=path, message=message)
