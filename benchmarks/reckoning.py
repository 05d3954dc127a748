"""What an import of millions of mails, and mail from a thousand mailboxes, come to: reckoned from what `scaling.py` measures.

The formulae are those of docs/scaling.md, whose tables are written here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.frame import Report, figure, table_lines

MAILS, MAILBOXES, MAILS_A_DAY = 10_000_000, 1_000, 20
ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "scaling.json"
PAGE = ROOT / "docs" / "scaling.md"
BEGIN, END = "<!-- reckoning: benchmarks/scaling.py --reckon -->", "<!-- end of reckoning -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the reckoning is made from.

    Parameters
    ----------
    store, judge, keep
        Seconds by the clock for one mail, each step by itself, on SQLite.
    hand
        Seconds of the processor for the way of one mail to a worker and back.
    octets
        Of one mail in the ledger.
    postgresql
        How many times as long storing and keeping take on PostgreSQL; 0 where that was not measured.
    poll
        Seconds for a poll with nothing new.
    mails, day
        How many were measured, and when.
    """

    store: float
    judge: float
    keep: float
    hand: float
    octets: float
    postgresql: float = 0.0
    poll: float = 0.05
    mails: int = 0
    day: str = ""

    @property
    def one_for_all(self) -> float:
        """Seconds a mail of the one process that keeps, while workers judge."""
        return self.keep + self.hand


def reckon() -> int:
    """Fill the reckoning into docs/scaling.md, from what was measured last."""
    if not KEPT.exists():
        sys.exit(f"{KEPT}: nothing was measured yet; run this without --reckon first")
    costs = Costs(**json.loads(KEPT.read_text(encoding="utf-8")))
    text = "\n\n".join(
        "\n".join(table_lines({"caption": caption, "header": header, "rows": rows}))
        for caption, header, rows in tables(costs)
    )
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not end:
        sys.exit(f"{PAGE}: has no place for the reckoning: {BEGIN}")
    PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")
    print(f"{text}\n\n{PAGE} is written")
    return 0


def reckoning(report: Report, costs: Costs) -> None:
    """Print the time for `MAILS` by the formulae of docs/scaling.md, and what `MAILBOXES` ask for."""
    for caption, header, rows in tables(costs):
        report.table(caption, header, rows)


def tables(costs: Costs) -> Iterator[tuple[str, list[str], list[tuple[str, ...]]]]:
    """Yield caption, header and rows: what was measured, and what that comes to."""
    day, times = costs.day, costs.postgresql
    yield (
        f"Measured on {day} over {costs.mails:,} mails:",
        ["store, ms", "judge, ms", "keep, ms", "hand, ms", "octets", "pg", "poll, ms"],
        [
            (
                *(f"{one * 1000:.2f}" for one in (costs.store, costs.judge, costs.keep, costs.hand)),
                f"{costs.octets:,.0f}",
                f"{times:.2f}" if times else "-",
                f"{costs.poll * 1000:.0f}",
            )
        ],
    )
    rows: list[tuple[str, ...]] = []
    for count in (1, 2, 4, 8, 16, 32):
        seconds = duration(costs, MAILS, count)
        on_server = duration(on_postgresql(costs), MAILS, count) if times else 0.0
        bound = "keeping" if count > 1 and costs.one_for_all > costs.judge / count else "judging"
        there = f"{on_server / 3600:,.1f}" if times else "-"
        rows.append((str(count), f"{seconds / 3600:,.1f}", there, f"{MAILS / seconds:,.0f}", bound))
    yield (
        f"{MAILS:,} mails ({costs.octets * MAILS / 1e9:,.0f} GB in the ledger):",
        ["workers", "hours", "hours, PostgreSQL", "mails/s", "bound by"],
        rows,
    )
    daily = MAILBOXES * MAILS_A_DAY
    tagging = daily * (costs.store + costs.judge + costs.keep)
    yield (
        f"{MAILBOXES:,} mailboxes, {MAILS_A_DAY} mails a day each:",
        ["what", "takes"],
        [
            ("one round of polls, nothing new, one after the other", f"{figure(MAILBOXES * costs.poll)} s"),
            (f"tagging {daily:,} mails a day", f"{figure(tagging)} s, {tagging / 864:.2f} % of a day"),
            ("ledger, a year", f"{daily * 365 * costs.octets / 1e9:,.0f} GB without retention"),
        ],
    )


def on_postgresql(costs: Costs) -> Costs:
    return replace(costs, store=costs.store * costs.postgresql, keep=costs.keep * costs.postgresql)


def duration(costs: Costs, mails: int, count: int) -> float:
    """Return the seconds that an import takes with so many workers, each with a core of its own."""
    if count == 1:
        return mails * (costs.store + costs.judge + costs.keep)
    return mails * (costs.store + max(costs.judge / count, costs.one_for_all))
