"""New weights into the text of a rule file; comments, order and layout stay."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.records.inquiries import View

_HEADER = re.compile(r"(?m)^\[\[ *rule *\]\][^\n]*$")
_ID = re.compile(r"""(?m)^id *= *["']([^"'\n]+)["']""")
_MUST = re.compile(r"(?m)^must *= *true\b")
_WEIGHT = re.compile(r"(?m)^weight *= *[-+\d.eE_]+")
_WEIGHTS = re.compile(r"(?m)^weights *= *\{([^}\n]*)\}")


def with_weights(text: str, weights: Mapping[tuple[str, View | None], float]) -> str:
    """Return the `text` of a rule file with these weights of hints; what is not named stays as it is.

    Parameters
    ----------
    weights
        (rule, view) to weight in log-odds; the view is None for rules without terms.
    """
    starts = [found.start() for found in _HEADER.finditer(text)]
    if not starts:
        return text
    ends = [*starts[1:], len(text)]
    blocks = [_block(text[start:end], weights) for start, end in zip(starts, ends, strict=True)]
    return text[: starts[0]] + "".join(blocks)


def _block(block: str, weights: Mapping[tuple[str, View | None], float]) -> str:
    found = _ID.search(block)
    if not found or _MUST.search(block):
        return block
    own = {view: weight for (rule, view), weight in weights.items() if rule == found[1]}
    if not own:
        return block
    listed = _WEIGHTS.search(block)
    if listed:
        return block[: listed.start()] + _listed(listed[1], own) + block[listed.end() :]
    line = f"weight = {_number(sum(own.values()) / len(own))}"
    if _WEIGHT.search(block):
        return _WEIGHT.sub(line, block, count=1)
    end = block.index("\n", found.end()) if "\n" in block[found.end() :] else len(block)
    return f"{block[:end]}\n{line}{block[end:]}"


def _listed(written: str, own: Mapping[View | None, float]) -> str:
    parts = []
    for entry in written.split(","):
        name, equals, value = (part.strip() for part in entry.partition("="))
        view = name.strip("\"'")
        if equals:
            learnt = own.get(View(view)) if view in set(View) else None
            parts.append(f"{name} = {value if learnt is None else _number(learnt)}")
    return f"weights = {{ {', '.join(parts)} }}"


def _number(weight: float) -> str:
    """Return a TOML float of at most two decimals."""
    return f"{round(weight, 2) + 0.0!r}"
