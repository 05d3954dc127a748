"""Declared tests to predicates; every fault is collected, none raised."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any

from pipeline.records.inquiries import View
from pipeline.rulebook import predicates as p
from pipeline.rulebook.declared import AddressTest, AttachmentTest, Test, TextTest
from pipeline.rulebook.fold import fold
from pipeline.rulebook.terms import Term, TermLists

_VIEW_TESTS = {view.value: view for view in View if view is not View.ATTACHMENTS}
_LONGEST_PATTERN = 2000
# Instructions, and octets: what is larger than the one gets the other.
_LARGE, _ROOM = 4_000, 24 << 20
_ESCAPES = re.compile(r"\\[pP]\{?\^?\w+\}?|\\.|\(\?P<")


class Compiler:
    """Makes predicates, and remembers the word sets that they ask for and the faults that it met.

    Attributes
    ----------
    word_sets
        Every distinct set of terms; a predicate names one by its number here.
    problems
        (dotted path, message) of each fault.
    """

    def __init__(self, lists: TermLists) -> None:
        self._lists = lists
        self._numbers: dict[frozenset[Term], int] = {}
        self.problems: list[tuple[str, str]] = []

    @property
    def word_sets(self) -> list[frozenset[Term]]:
        """Return the word sets in the order of their numbers."""
        return list(self._numbers)

    def words(self, written: Iterable[str], path: str) -> int:
        """Return the number of the word set that `written` stands for."""
        entries = tuple(written)
        for number, entry in enumerate(entries):
            # Blank ones are told where the rule's shape is looked at.
            _, problems = self._lists.resolve((entry,) if entry.strip() else ())
            self.problems.extend((f"{path}.{number}", problem) for problem in problems)
        terms, _ = self._lists.resolve(entries)
        return self._numbers.setdefault(terms, len(self._numbers))

    def check(self, kind: str, texts: list[str], path: str) -> None:
        """Look at the patterns or terms of a test that is not compiled, for its shape has faults."""
        if kind == "word":
            self.words(texts, path)
        else:
            self._pattern(tuple(texts), path)

    def test(self, declared: Test, path: str) -> p.Predicate:
        """Return the predicate of a declared test."""
        name = next(iter(declared.model_fields_set))
        value = getattr(declared, name)
        here = f"{path}.{name.rstrip('_')}"
        if name in _VIEW_TESTS:
            return self._view(_VIEW_TESTS[name], value, here)
        if name in {"allof", "anyof"}:
            tests = tuple(self.test(inner, f"{here}.{number}") for number, inner in enumerate(value))
            return p.AllOf(tests) if name == "allof" else p.AnyOf(tests)
        if name == "not_":
            inner = next(iter(value.model_fields_set)).rstrip("_")
            return p.Not(self.test(value, here), f"no {inner}")
        return self._field(name, value, here)

    def _field(self, name: str, value: Any, here: str) -> p.Predicate:
        match name:
            case "header":
                return p.Header(value.field, self._compare(value, here))
            case "address":
                return p.AddressPart(value.of, value.part, self._compare(value, here))
            case "attachment":
                return self._attachment(value, here)
            case "list_id":
                return p.ListId(self._compare(value, here))
            case "exists":
                return p.Exists(value)
            case "language":
                return p.Language(value)
            case "automatic":
                return p.IsAutomatic(value)
            case "freemail":
                return p.Freemail(value)
            case "size":
                return p.Size(value.over, value.under)
            case _:
                return p.Always(value)

    def _attachment(self, declared: AttachmentTest, here: str) -> p.Predicate:
        name = self._compare(declared.name, f"{here}.name") if declared.name else None
        type_ = self._compare(declared.type, f"{here}.type") if declared.type else None
        return p.AttachmentPart(name, type_)

    def _view(self, view: View, declared: TextTest, here: str) -> p.Predicate:
        tests: list[p.Predicate] = []
        if declared.word:
            tests.append(p.Words(view, self.words(declared.word, f"{here}.word")))
        if declared.contains:
            tests.append(p.Contains(view, _folded(declared.contains)))
        if declared.regex:
            tests.append(p.Pattern(view, self._pattern(declared.regex, f"{here}.regex")))
        if declared.is_ or declared.matches:
            globs = self._joined([_glob(text) for text in declared.matches], f"{here}.matches")
            tests.append(p.ViewCompare(view, p.Compare(_folded(declared.is_), pattern=globs)))
        return tests[0] if len(tests) == 1 else p.AnyOf(tuple(tests))

    def _compare(self, declared: TextTest, here: str) -> p.Compare:
        """Return how a short string is compared; words become patterns here, as such strings are not scanned."""
        patterns = [_glob(text) for text in declared.matches]
        for number, entry in enumerate(declared.word):
            terms, problems = self._lists.resolve((entry,))
            self.problems.extend((f"{here}.word.{number}", problem) for problem in problems)
            patterns.extend(map(_term_pattern, sorted(terms)))
        patterns.extend(self._sound(declared.regex, f"{here}.regex"))
        ends = declared.ends if isinstance(declared, AddressTest) else ()
        pattern = self._joined(patterns, here)
        return p.Compare(_folded(declared.is_), _folded(declared.contains), _folded(ends), pattern)

    def _sound(self, written: tuple[str, ...], path: str) -> list[str]:
        """Return the patterns that can be used; what is wrong with the others is kept."""
        problems = [_pattern_problem(text) for text in written]
        for number, problem in enumerate(problems):
            if problem:
                self.problems.append((f"{path}.{number}", problem))
        return [text for text, problem in zip(written, problems, strict=True) if not problem]

    def _pattern(self, written: tuple[str, ...], path: str) -> Any:
        return self._joined(self._sound(written, path), path)

    def _joined(self, patterns: list[str], path: str) -> Any:
        """Return one pattern for all; together they may be too large where each is not."""
        import re2

        if not patterns:
            return None
        try:
            return _roomy(_compile(_alternatives(patterns)))
        except re2.error:
            self.problems.append(
                (path, "too large together; use fewer or shorter entries, or a list of terms")
            )
            return None


def _folded(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, texts))


def _alternatives(patterns: list[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def _glob(text: str) -> str:
    """Return the re2 pattern of a glob for the whole string (RFC 5228, section 2.7.1)."""
    import re2

    signs = {"*": ".*", "?": "."}
    inner = "".join(signs.get(c) or re2.escape(c) for c in fold(text))
    return f"^(?s:{inner})$"


def _term_pattern(term: Term) -> str:
    import re2

    left = "" if term.open_left else r"(?:^|[^\pL\pN\pM])"
    right = "" if term.open_right else r"(?:$|[^\pL\pN\pM])"
    return f"{left}{re2.escape(term.text)}{right}"


def _pattern_problem(text: str) -> str | None:
    if len(text) > _LONGEST_PATTERN:
        return f"pattern longer than {_LONGEST_PATTERN} characters; use a list of terms"
    if any(character.isupper() for character in _ESCAPES.sub("", text)):
        return "a pattern with capitals never matches: text is compared in lower case; write it so"
    import re2

    try:
        found = _compile(text).search(b"")
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else error.args[0]
        return f"bad pattern: {reason}; see https://github.com/google/re2/wiki/Syntax"
    return "pattern matches everything, even nothing; make it say something" if found else None


def _roomy(compiled: Any) -> Any:
    """Give a large pattern room for the states that mail leads it to: short of it, it is thirty times slower."""
    return _compile(compiled.pattern.decode(), _ROOM) if compiled.programsize > _LARGE else compiled


def _compile(pattern: str, memory: int = 8 << 20) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = memory
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return re2.compile(pattern.encode("utf-8"), options)
