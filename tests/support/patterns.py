"""All regular expressions of the program, and texts that make backtracking matchers suffer.

``python -m tests.support.patterns`` measures each pattern on texts made from its own parts, and prints a line of JSON for
each: where it is, and the worst processor time for a text of 1,000 characters. It is to be run under a limit of processor
time: a pattern that explodes ends it, and the last line tells which.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
import time
from collections.abc import Iterator
from functools import partial
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pipeline

LENGTH = 1_000
# Less is noise.
_NOISE = 0.002
_MANY = 8


def all_patterns() -> dict[tuple[str, int], str]:
    """Import the whole program, and return pattern and flags of whatever is compiled on the way, with the module."""
    found: dict[tuple[str, int], str] = {}
    whole = re._compile  # type: ignore[attr-defined]

    def noting(pattern: Any, flags: int) -> Any:
        frame = sys._getframe(2)
        where = frame.f_globals.get("__name__", "")
        if where.startswith("pipeline") and isinstance(pattern, str):
            found.setdefault((pattern, int(flags)), f"{where}:{frame.f_lineno}")
        return whole(pattern, flags)

    re._compile = noting  # type: ignore[attr-defined]
    try:
        for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
            if not module.name.endswith("__main__") and ".migrations." not in module.name:
                importlib.import_module(module.name)
        for where, pattern, flags in in_functions():
            found.setdefault((pattern, flags), where)
    finally:
        re._compile = whole  # type: ignore[attr-defined]
    return found


def in_functions() -> Iterator[tuple[str, str, int]]:
    """Yield the patterns that stand in calls inside functions, written out."""
    import ast
    from pathlib import Path

    for path in sorted(Path(pipeline.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            owner, first = node.func.value, node.args[0]
            is_ours = isinstance(owner, ast.Name) and owner.id == "re" and node.func.attr != "escape"
            if is_ours and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield f"{path.name}:{node.lineno}", first.value, _flags(node)


def _flags(call: Any) -> int:
    import ast

    named = [one.attr for one in ast.walk(call) if isinstance(one, ast.Attribute) and one.attr.isupper()]
    return int(sum(getattr(re, name) for name in set(named)))


def texts(pattern: str, flags: int) -> Iterator[tuple[str, str, str]]:
    """Yield beginnings, what is to be repeated, and ends that nearly match."""
    tree = parser.parse(pattern, flags & ~re.DEBUG)
    pumps = dict.fromkeys(_pumps(list(tree), ""))
    for head, body in list(pumps)[:16]:
        for tail in ("\x01", ""):
            yield head, body, tail
    letters = dict.fromkeys(body[:1] for _, body in pumps if body)
    for letter in list(letters)[:6]:
        yield "", letter, "\x01"


def _pumps(nodes: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """Yield for each repetition a text that leads to it, and one turn of it."""
    for kind, value in nodes:
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            _, most, body = value
            turn = _sample(list(body))
            if turn and (most is sre.MAXREPEAT or most >= _MANY):
                yield before, turn
                yield from ((before, one * 3) for one in _choices(list(body)))
            yield from _pumps(list(body), before)
        elif kind is sre.SUBPATTERN:
            yield from _pumps(list(value[3]), before)
        elif kind is sre.BRANCH:
            for branch in value[1]:
                yield from _pumps(list(branch), before)
        elif kind in (sre.ASSERT, sre.ASSERT_NOT):
            yield from _pumps(list(value[1]), before)
        elif kind is sre.ATOMIC_GROUP:
            yield from _pumps(list(value), before)
        before += _sample([(kind, value)])


def _choices(nodes: list[Any]) -> Iterator[str]:
    for kind, value in nodes:
        if kind is sre.BRANCH:
            yield from (_sample(list(branch)) for branch in value[1][:6])


def _sample(nodes: list[Any]) -> str:
    """Return some text that the nodes match, by and large."""
    return "".join(_one(kind, value) for kind, value in nodes)


def _one(kind: Any, value: Any) -> str:
    if kind is sre.LITERAL:
        return chr(value)
    if kind is sre.NOT_LITERAL:
        return "a" if chr(value) != "a" else "b"
    if kind is sre.ANY:
        return "a"
    if kind is sre.IN:
        return _of_class(value)
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        least, most, body = value
        turns: int = min(max(least, 1 if most else 0), 3)
        return _sample(list(body)) * turns
    if kind is sre.SUBPATTERN:
        return _sample(list(value[3]))
    if kind is sre.ATOMIC_GROUP:
        return _sample(list(value))
    return _sample(list(value[1][0])) if kind is sre.BRANCH else ""


_CATEGORIES = {
    sre.CATEGORY_DIGIT: "1", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: "a", sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_NOT_SPACE: "a", sre.CATEGORY_NOT_WORD: " ",
}  # fmt: skip


def _of_class(items: list[Any]) -> str:
    if items[0][0] is sre.NEGATE:
        taken = re.compile("[" + "".join(_excluded(items[1:])) + "]") if len(items) > 1 else None
        return next((one for one in "a1 -.,x\t\n" if taken is None or not taken.match(one)), "a")
    kind, value = items[0]
    if kind is sre.LITERAL:
        return chr(value)
    if kind is sre.RANGE:
        return chr(value[0])
    return _CATEGORIES.get(value, "a")


_CLASSES = {
    sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _excluded(items: list[Any]) -> Iterator[str]:
    for kind, value in items:
        if kind is sre.LITERAL:
            yield re.escape(chr(value))
        elif kind is sre.RANGE:
            yield f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        else:
            yield _CLASSES.get(value, "")


def seconds(compiled: re.Pattern[str], text: str) -> float:
    """Return the processor time of one search; the better of two."""
    best = 60.0
    for _ in range(2):
        began = time.process_time()
        compiled.search(text)
        best = min(best, time.process_time() - began)
        if best < _NOISE:
            break
    return best


def worst(pattern: str, flags: int) -> tuple[float, str]:
    """Return the longest processor time of a search, and in which text."""
    compiled = re.compile(pattern, flags)
    found = (0.0, "")
    for head, body, tail in texts(pattern, flags):
        text = head + body * (LENGTH // len(body)) + tail
        found = max(found, (seconds(compiled, text), f"{head!r} {body!r} {tail!r}"))
    return found


def main() -> None:
    """Measure all."""
    say = partial(print, flush=True)
    for (pattern, flags), where in all_patterns().items():
        say(json.dumps({"begun": where, "pattern": pattern[:200]}))
        longest, text = worst(pattern, flags)
        told = {"where": where, "pattern": pattern[:200], "seconds": longest, "text": text}
        say(json.dumps(told))


if __name__ == "__main__":
    main()
