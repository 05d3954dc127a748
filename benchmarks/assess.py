"""How long country, region, organisation, deadline and grid take for a mail, beside reading it.

The reference is `parsing.read` of the same mails in the same run; each figure is the best of three on each mail, so that
other work on the machine counts little. Then how the time grows with a mail up to 1 MB. ``python benchmarks/assess.py``.
"""

from __future__ import annotations

import csv
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.assess.criteria import grade, load_criteria
from pipeline.assess.organisation import organisation
from pipeline.assess.region import clues, place
from pipeline.assess.urgency import deadline
from pipeline.parsing import read
from pipeline.records.decisions import Tags
from pipeline.records.inquiries import Inquiry
from pipeline.resources import packaged
from pipeline.taxonomy import load_taxonomy

_MAILS = 200
_TRIES = 3
_TODAY = date(2026, 1, 1)
_SIZES = (10_000, 100_000, 1_000_000)
Work = Callable[[Inquiry], object]


def main() -> None:
    """Print the tables."""
    octets = _train(_MAILS)
    inquiries = [read(one) for one in octets]
    works = _works()
    for inquiry in inquiries[:5]:
        for work in works.values():
            work(inquiry)
    reference = [_best(partial(read, one)) for one in octets]
    print(f"{len(octets)} mails of the train part, {datetime.now(UTC):%Y-%m-%d}; milliseconds a mail")
    print(f"{'':28}{'median':>9}{'p95':>9}{'times reading':>16}")
    _row("reading (reference)", reference, reference)
    for name, work in works.items():
        _row(name, [_best(partial(work, one)) for one in inquiries], reference)
    _growth(works["region and organisation"])


def _works() -> dict[str, Work]:
    rules = packaged("rules")
    taxonomy, policy = load_taxonomy(rules), load_criteria(rules)
    tags = Tags(kind="partnership", partner_type="museum", alignment="aligned", priorities=("quality",))

    def region(inquiry: Inquiry) -> object:
        return place(clues(inquiry), taxonomy)

    return {
        "region": region,
        "organisation": organisation,
        "region and organisation": lambda inquiry: (region(inquiry), organisation(inquiry)),
        "deadline": lambda inquiry: deadline(inquiry, policy.urgency, _TODAY),
        "grid, priority, deadline": lambda inquiry: grade(inquiry, tags, (), policy, _TODAY),
    }


def _train(number: int) -> list[bytes]:
    fixtures = packaged("fixtures")
    with (fixtures / "splits.csv").open(encoding="utf-8", newline="") as stream:
        names = sorted(row["id"] for row in csv.DictReader(stream) if row["split"] == "train")
    chosen = names[:: max(1, len(names) // number)][:number]
    return [(fixtures / "messages" / f"{name}.eml").read_bytes() for name in chosen]


def _best(work: Callable[[], object]) -> float:
    """Return the shortest of three times, in milliseconds of this process."""
    times = []
    for _ in range(_TRIES):
        started = time.process_time_ns()
        work()
        times.append((time.process_time_ns() - started) / 1e6)
    return min(times)


def _row(name: str, times: Sequence[float], reference: Sequence[float]) -> None:
    ratio = statistics.median(a / max(b, 1e-6) for a, b in zip(times, reference, strict=True))
    late = sorted(times)[int(len(times) * 0.95)]
    print(f"{name:28}{statistics.median(times):9.3f}{late:9.3f}{ratio:16.2f}")


def _growth(work: Work) -> None:
    """Print how the time grows with the text; ten times the text may take ten times as long at most."""
    small = read(_train(1)[0])
    print(f"\n{'text of a mail':28}{'ms':>9}{'ms a kB':>9}")
    for size in _SIZES:
        text = ("We are a library in Lyon and ask you for help by 5 May. " * (size // 50))[:size]
        large = replace(small, text=text, body=text, quoted=text, introduction=text[:400])
        milliseconds = _best(partial(work, large))
        print(f"{f'{size:,} characters':28}{milliseconds:9.2f}{milliseconds / (size / 1000):9.4f}")


if __name__ == "__main__":
    main()
