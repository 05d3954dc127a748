"""What the rules cost: one mail of the train part, and how the time grows with the length of a mail.

The reference in the same run is one alternation of all terms for Python's `re`, searched in the same folded views:
what a first attempt would do, without word ends, weights or tests.

    .venv/bin/python benchmarks/rules.py
"""

from __future__ import annotations

import csv
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipeline import parsing, wiring
from pipeline.records.inquiries import Inquiry, View
from pipeline.resources import packaged
from pipeline.rulebook.fold import fold
from pipeline.rulebook.match import hits
from pipeline.rulebook.terms import load_lists
from pipeline.rulebook.vote import vote
from pipeline.settings import Settings

EVERY = 4
LENGTHS = (1_000, 10_000, 100_000, 1_000_000)


def main() -> None:
    settings = Settings()
    book, taxonomy = wiring.rulebook(settings), wiring.taxonomy(settings)
    mails = sample()
    pattern = alternation()
    timed = {
        "all rules": times(lambda mail: hits(book, mail), mails),
        "all rules and their vote": times(lambda mail: vote(hits(book, mail), taxonomy), mails),
        "one alternation with re": times(lambda mail: search(pattern, mail), mails[::20]),
    }
    reference = statistics.median(timed["one alternation with re"])
    print(f"{len(mails)} mails of the train part, {len(book.rules)} rules; milliseconds for one mail\n")
    print("| what | median | p5 | p95 | reference / this |\n| --- | --- | --- | --- | --- |")
    for name, values in timed.items():
        low, *_, high = statistics.quantiles(values, n=20)
        median = statistics.median(values)
        print(f"| {name} | {median:.2f} | {low:.2f} | {high:.2f} | {reference / median:.1f} |")
    grow(lambda mail: hits(book, mail), mails)


def sample() -> list[Inquiry]:
    folder = packaged("fixtures")
    with (folder / "splits.csv").open(encoding="utf-8", newline="") as stream:
        ids = [row["id"] for row in csv.DictReader(stream) if row["split"] == "train"][::EVERY]
    return [parsing.read((folder / "messages" / f"{id_}.eml").read_bytes()) for id_ in ids]


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


def grow(work: Callable[[Inquiry], Any], mails: list[Inquiry]) -> None:
    text = " ".join(mail.text for mail in mails)
    text *= LENGTHS[-1] // len(text) + 1
    print("\n| characters | ms | ms for each 1,000 |\n| --- | --- | --- |")
    for length in LENGTHS:
        (cost,) = times(work, [replace(mails[0], text=text[:length])])
        print(f"| {length:,} | {cost:.2f} | {cost * 1000 / length:.3f} |")
    print("\nA view is read up to 100,000 characters, so longer mails cost no more.")


if __name__ == "__main__":
    main()
