"""Finds the texts that the program says: what catalogues have to translate."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pipeline import wiring
from pipeline.assess.grid import load_criteria
from pipeline.digest.render import TEMPLATES, environment
from pipeline.records.decisions import Disposition
from pipeline.records.outcomes import Outcome
from pipeline.records.work import State
from pipeline.resources import packaged
from pipeline.settings import Settings
from pipeline.tongue import english_tag, sentence_case

PACKAGE = TEMPLATES.parents[1]
_PLACES = re.compile(r"\{(\w*)\}")
_FIELDS = (
    "kind", "partner_type", "country", "region", "alignment", "activities", "priorities", "preconditions_met", "shared_objectives",
    "complexity", "funding", "urgency", "further", "language", "disposition", "state", "outcome",
)  # fmt: skip
# What the program itself writes into the sum of a priority, beside the lines of rules/criteria.toml.
_OWN_LINES = ("every message of the kind {kind}", "the sum is {total}; priorities end at {priority}")
_ORIGINS = ("list {name}", "file {name}", "ticket {number} ({place})")


class Text(NamedTuple):
    """A text as a catalogue names it: its context, if it has one, and its English."""

    context: str | None
    english: str


def places(text: str) -> frozenset[str]:
    """Return the names between braces in `text`."""
    return frozenset(_PLACES.findall(text))


@cache
def said() -> dict[Text, str]:
    """Return every text that the program can say, and where."""
    found: dict[Text, str] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        for english in in_code(file.read_text(encoding="utf-8")):
            found.setdefault(Text(None, english), str(file.relative_to(PACKAGE)))
    for file in sorted(TEMPLATES.iterdir()):
        for english in in_template(file.read_text(encoding="utf-8")):
            found.setdefault(Text(None, english), file.name)
    return found | dict.fromkeys(vocabulary(), "the labelling guide and rules/criteria.toml")


def in_code(source: str) -> Iterator[str]:
    """Yield the first argument of each ``x.text(...)``, ``x.plural(...)`` and ``msgid(...)``, where it is written out."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        said = isinstance(node.func, ast.Attribute) and node.func.attr in ("text", "plural")
        marked = isinstance(node.func, ast.Name) and node.func.id == "msgid"
        first = node.args[0]
        if (said or marked) and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def in_template(source: str) -> Iterator[str]:
    """Yield the first argument of each ``text(...)``, ``plural(...)`` and ``say(...)``."""
    from jinja2 import nodes

    for call in environment().parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("text", "plural", "say"):
            assert isinstance(call.args[0], nodes.Const), (
                f"{call.node.name}() in line {call.lineno} says no written text"
            )
            yield call.args[0].value


def vocabulary() -> Iterator[Text]:
    """Yield the words of tags, fields and states, and the phrases of evidence."""
    taxonomy = wiring.taxonomy(Settings())
    for field in _FIELDS:
        yield Text("field", sentence_case(field.replace("_", " ")))
        if field not in ("country", "shared_objectives"):
            yield from (Text(field, english_tag(field, value)) for value in taxonomy.values(field))
    for name, words in (("state", State), ("outcome", Outcome), ("disposition", Disposition)):
        yield from (Text(name, english_tag(name, value)) for value in words)
    policy = load_criteria(packaged("rules"))
    lines = (
        *(line.words for line in policy.line),
        *(element.words for element in policy.further),
        *_OWN_LINES,
    )
    yield from (Text("criteria", words) for words in lines)
    yield from (Text("origin", words) for words in _ORIGINS)
    yield from (Text("reply", reply.head.title) for reply in wiring.replies(Settings()))
