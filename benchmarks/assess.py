"""How long country, region, organisation, deadline and grid take for a mail, beside reading it.

The reference is `parsing.read` of the same mails in the same run; each figure is the best of three on each mail, so that
other work on the machine counts little. Then how the time grows with a mail up to 1 MB. The bar is 1 ms for region and
organisation together.

    .venv/bin/python benchmarks/assess.py
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report, asking, train_part
from pipeline.assess.criteria import grade
from pipeline.assess.grid import load_criteria
from pipeline.assess.organisation import writer
from pipeline.assess.region import clues, place
from pipeline.assess.urgency import deadline
from pipeline.parsing import read
from pipeline.records.decisions import Tags
from pipeline.records.inquiries import Inquiry
from pipeline.resources import packaged
from pipeline.taxonomy import load_taxonomy

_MAILS = 200
_TRIES = 3
_BAR = 1.0
_BOTH = "region and organisation"
_TODAY = date(2026, 1, 1)
_SIZES = (10_000, 100_000, 1_000_000)
Work = Callable[[Inquiry], object]


def main() -> int:
    """Print the tables."""
    options = asking(__doc__).parse_args()
    report = Report(
        title="Place, organisation, deadline, grid", against="reading the same mails", quick=options.quick
    )
    octets = [path.read_bytes() for path in train_part(20 if options.quick else _MAILS)]
    inquiries = [read(one) for one in octets]
    works = _works()
    for inquiry in inquiries[:5]:
        for work in works.values():
            work(inquiry)
    reference = [_best(partial(read, one)) for one in octets]
    taken = {name: [_best(partial(work, one)) for one in inquiries] for name, work in works.items()}
    rows = [_row("reading (reference)", reference, reference)]
    rows += [_row(name, times, reference) for name, times in taken.items()]
    caption = f"Milliseconds of the processor for one mail, best of three, over {len(octets)} mails of the train part"
    report.table(caption, ("", "median", "p95", "speed, reading = 1"), rows)
    report.table(
        "Region and organisation of a long mail",
        ("characters", "ms", "ms for each 1,000"),
        _growth(works[_BOTH]),
    )
    report.bar(
        "region and organisation of one mail, median", statistics.median(taken[_BOTH]), "ms", at_most=_BAR
    )
    return report.done()


def _works() -> dict[str, Work]:
    rules = packaged("rules")
    taxonomy, policy = load_taxonomy(rules), load_criteria(rules)
    tags = Tags(kind="partnership", partner_type="museum", alignment="aligned", priorities=("quality",))

    def region(inquiry: Inquiry) -> object:
        return place(clues(inquiry), taxonomy)

    return {
        "region": region,
        "organisation": writer,
        _BOTH: lambda inquiry: (region(inquiry), writer(inquiry)),
        "deadline": lambda inquiry: deadline(inquiry, policy.urgency, _TODAY),
        "grid, priority, deadline": lambda inquiry: grade(inquiry, tags, (), policy, _TODAY),
    }


def _best(work: Callable[[], object]) -> float:
    """Return the shortest of three times, in milliseconds of this process."""
    times = []
    for _ in range(_TRIES):
        started = time.process_time_ns()
        work()
        times.append((time.process_time_ns() - started) / 1e6)
    return min(times)


def _row(name: str, times: Sequence[float], reference: Sequence[float]) -> tuple[str, ...]:
    speed = statistics.median(b / max(a, 1e-6) for a, b in zip(times, reference, strict=True))
    late = sorted(times)[int(len(times) * 0.95)]
    return name, f"{statistics.median(times):.3f}", f"{late:.3f}", f"{speed:.1f}"


def _growth(work: Work) -> Sequence[tuple[str, ...]]:
    """Return how the time grows with the text; ten times the text may take ten times as long at most."""
    small = read(train_part(1)[0].read_bytes())
    rows = []
    for size in _SIZES:
        text = ("We are a library in Lyon and ask you for help by 5 May. " * (size // 50))[:size]
        large = replace(small, text=text, body=text, quoted=text, introduction=text[:400])
        milliseconds = _best(partial(work, large))
        rows.append((f"{size:,}", f"{milliseconds:.2f}", f"{milliseconds / (size / 1000):.4f}"))
    return rows


if __name__ == "__main__":
    sys.exit(main())
