"""What the rules cost: one mail of the train part, and how the time grows with the length of a mail.

The reference in the same run is one alternation of all terms for Python's `re`, searched in the same folded views:
what a first attempt would do, without word ends, weights or tests.

    .venv/bin/python benchmarks/rules.py

The bar is 1.5 ms of the processor for all rules on one mail, the median over a quarter of the train part.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report, asking, train_part
from pipeline import parsing, wiring
from pipeline.records.inquiries import Inquiry, View
from pipeline.resources import packaged
from pipeline.rulebook.fold import fold
from pipeline.rulebook.match import hits
from pipeline.rulebook.terms import load_lists
from pipeline.rulebook.vote import vote
from pipeline.settings import Settings

EVERY = 4
BAR = 1.5
ALL, REFERENCE = "all rules", "one alternation with re"
LENGTHS = (1_000, 10_000, 100_000, 1_000_000)


def main() -> int:
    options = asking(__doc__).parse_args()
    settings = Settings()
    book, taxonomy = wiring.rulebook(settings), wiring.taxonomy(settings)
    title = f"All {len(book.rules)} rules on a mail"
    report = Report(title=title, against="one alternation of all terms with re", quick=options.quick)
    mails = sample(20 if options.quick else EVERY)
    pattern = alternation()
    timed = {
        REFERENCE: times(lambda mail: search(pattern, mail), mails[::20]),
        ALL: times(lambda mail: hits(book, mail), mails),
        "all rules and their vote": times(lambda mail: vote(hits(book, mail), taxonomy), mails),
    }
    reference = statistics.median(timed[REFERENCE])
    rows = []
    for name, values in timed.items():
        low, *_, high = statistics.quantiles(values, n=20)
        median = statistics.median(values)
        rows.append((name, f"{median:.2f}", f"{low:.2f}", f"{high:.2f}", f"{reference / median:.1f}"))
    caption = f"Milliseconds of the processor for one mail, best of three, over {len(mails)} mails of the train part"
    report.table(caption, ("", "median", "p5", "p95", "speed, reference = 1"), rows)
    grow(report, lambda mail: hits(book, mail), mails)
    report.bar("all rules on one mail, median", statistics.median(timed[ALL]), "ms", at_most=BAR)
    return report.done()


def sample(every: int) -> list[Inquiry]:
    return [parsing.read(path.read_bytes()) for path in train_part()[::every]]


def alternation() -> re.Pattern[str]:
    lists, _ = load_lists(packaged("rules") / "terms")
    texts = {term.text for terms in lists.lists.values() for term in terms}
    return re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True))))


def search(pattern: re.Pattern[str], mail: Inquiry) -> int:
    return sum(len(pattern.findall(fold(mail.view(view)))) for view in View)


def times(work: Callable[[Inquiry], Any], mails: list[Inquiry]) -> list[float]:
    """Return milliseconds of processor time for each mail, the best of three."""
    found = []
    for mail in mails:
        runs = []
        for _ in range(3):
            start = time.process_time_ns()
            work(mail)
            runs.append(time.process_time_ns() - start)
        found.append(min(runs) / 1e6)
    return found


def grow(report: Report, work: Callable[[Inquiry], Any], mails: list[Inquiry]) -> None:
    text = " ".join(mail.text for mail in mails)
    text *= LENGTHS[-1] // len(text) + 1
    rows = []
    for length in LENGTHS:
        (cost,) = times(work, [replace(mails[0], text=text[:length])])
        rows.append((f"{length:,}", f"{cost:.2f}", f"{cost * 1000 / length:.3f}"))
    report.table("All rules on texts of other lengths", ("characters", "ms", "ms for each 1,000"), rows)
    report.say("A view is read up to 100,000 characters, so longer mails cost no more.")


if __name__ == "__main__":
    sys.exit(main())
