"""The page of all figures, from what the scripts said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.frame import figure, table_lines

_INTRODUCTION = """\
Made by `make bench`; do not edit. Each script of `benchmarks/` measures beside a reference in the same run, in rounds that
take turns, so that other work on the machine slows all alike. Times are medians with the least and the most; a speed is
relative to the reference's, which is 1: 2 is twice as fast, 0.5 half as fast. Bars are what was asked for before it was built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a script.

    Parameters
    ----------
    name, at, seconds
        Which, on what day, and how long it took.
    said
        What it handed over; empty for one that only printed.
    printed
        What it printed.
    failure
        Why it failed, or nothing.
    """

    name: str
    at: str
    seconds: float
    said: dict[str, Any]
    printed: str
    failure: str

    def as_json(self) -> dict[str, Any]:
        """Return it to be kept."""
        return asdict(self)


def results(outcomes: Sequence[Outcome], machine: Sequence[str], *, quick: bool) -> str:
    """Return the page in Markdown."""
    total = sum(one.seconds for one in outcomes) / 60
    lines = ["# Figures", "", _INTRODUCTION, ""]
    if quick:
        lines += ["**A quick run: sizes and rounds are too small for these figures to mean anything.**", ""]
    lines += [
        f"Written on {datetime.now(UTC):%Y-%m-%d}, of {total:.0f} minutes of measuring. The machine:",
        "",
    ]
    lines += [*(f"- {line}" for line in machine), ""]
    lines += [*_bars(outcomes), ""]
    for one in outcomes:
        lines += [*_section(one), ""]
    return "\n".join(lines).rstrip() + "\n"


def _bars(outcomes: Sequence[Outcome]) -> Iterator[str]:
    bars = [(one, bar) for one in outcomes for bar in one.said.get("bars", [])]
    failed = [one for one in outcomes if one.failure]
    met = sum(bar["met"] for _, bar in bars)
    yield "## Bars"
    yield ""
    yield f"{met} of {len(bars)} are met." + (
        "" if not failed else f" Failed: {', '.join(one.name for one in failed)}."
    )
    yield ""
    yield "| what | measured | asked for | | script |"
    yield "| --- | ---: | ---: | --- | --- |"
    for one, bar in bars:
        measured = f"{figure(bar['value'])} {bar['unit']}".strip()
        word = "met" if bar["met"] else "**not met**"
        yield f"| {bar['what']} | {measured} | {bar['asked']} | {word} | [{one.name}](#{one.name}) |"
    for one in failed:
        yield f"| {one.name} | - | - | **failed** | [{one.name}](#{one.name}) |"


def _section(one: Outcome) -> Iterator[str]:
    said = one.said
    yield f'## {said.get("title", one.name)} <a id="{one.name}"></a>'
    yield ""
    against = f" against {said['against']}," if said.get("against") else ""
    yield f"`benchmarks/{one.name}.py`,{against} {one.at}, {one.seconds:.0f} s."
    if one.failure:
        yield ""
        yield f"**Failed:** {one.failure}"
    for block in said.get("blocks", []):
        yield ""
        yield from [block["text"]] if "text" in block else table_lines(block)
    if not said.get("blocks") and one.printed.strip():
        yield ""
        yield one.printed.strip()
