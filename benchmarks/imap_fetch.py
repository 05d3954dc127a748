"""How fast a mailbox is fetched, beside plain imapclient on the same Dovecot; how much memory that takes; and what a poll
costs where nothing is new.

    .venv/bin/python benchmarks/imap_fetch.py        (some two minutes; Dovecot has to be installed)

Each way logs in, fetches UID, FLAGS, INTERNALDATE and BODY.PEEK[] of every message, 100 at once, and logs out. The ways
take turns; the table shows the median over the rounds, the fastest and the slowest, and the ratio of the medians.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from imapclient import IMAPClient

from pipeline.adapters.imap import ImapSource
from pipeline.adapters.ledger import open_ledger
from pipeline.records.sources import Cursor
from pipeline.service.ingest import BATCH_BYTES, ingest
from pipeline.settings import ImapAccount
from tests.support.dovecot import PASSWORD, Dovecot, running_dovecot

ROUNDS = 7
BATCH = 100
MAILS, MANY = 5_000, 20_000
OCTETS = 3_500
BAR = 0.9

Way = Callable[[int, str], int]


def mail(number: int, chance: random.Random) -> bytes:
    words = " ".join(f"word{chance.randrange(4000)}" for _ in range(OCTETS // 9))
    lines = [words[start : start + 76] for start in range(0, len(words), 76)]
    head = f"From: Ada <ada@museum.example>\r\nMessage-ID: <{number}@museum.example>\r\nSubject: Offer {number}\r\n\r\n"
    return (head + "\r\n".join(lines)).encode()


def account(port: int, user: str) -> ImapAccount:
    return ImapAccount(
        name="bench", host="127.0.0.1", port=port, security="none", username=user,
        password_env="BENCH_PASSWORD", batch=BATCH,
    )  # fmt: skip


def plain_imapclient(port: int, user: str) -> int:
    count = 0
    with IMAPClient("127.0.0.1", port, ssl=False, timeout=60) as client:
        client.login(user, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        found = client.search()
        for start in range(0, len(found), BATCH):
            fetched = client.fetch(found[start : start + BATCH], ["FLAGS", "INTERNALDATE", "BODY.PEEK[]"])
            count += sum(1 for items in fetched.values() if items[b"BODY[]"])
    return count


def ours(port: int, user: str) -> int:
    source = ImapSource(account(port, user))
    count = sum(len(batch.messages) for batch in source.fetch("INBOX", None, BATCH_BYTES))
    source.close()
    return count


def ours_into_the_ledger(port: int, user: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(f"sqlite:///{folder}/triage.db")
        source = ImapSource(account(port, user))
        recorded = ingest(source, ledger.messages, lambda: datetime.now(UTC))
        source.close()
        ledger.close()
    return recorded.stored


def search_for_news(port: int, user: str) -> int:
    with IMAPClient("127.0.0.1", port, ssl=False, timeout=60) as client:
        client.login(user, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        return len([uid for uid in client.search() if uid > MANY])


def poll_for_news(cursor: Cursor) -> Way:
    def poll(port: int, user: str) -> int:
        source = ImapSource(account(port, user))
        count = sum(len(batch.messages) for batch in source.fetch("INBOX", cursor, BATCH_BYTES))
        source.close()
        return count

    return poll


def compare(server: Dovecot, user: str, ways: dict[str, Way], expected: int) -> dict[str, float]:
    """Print a table of `ways`, the first of which is the reference; return their ratios to it."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            assert way(server.port, user) == expected
            if number:  # the first round warms up
                seconds[name].append(time.perf_counter() - began)
    reference = statistics.median(next(iter(seconds.values())))
    print("| way | median s | fastest | slowest | mails/s | rate to the reference |")
    print("| --- | --- | --- | --- | --- | --- |")
    ratios = {}
    for name, measured in seconds.items():
        median = statistics.median(measured)
        ratios[name] = reference / median
        rate = f"{expected / median:,.0f}" if expected else "-"
        print(
            f"| {name} | {median:.3f} | {min(measured):.3f} | {max(measured):.3f} | {rate} | {ratios[name]:.2f} |"
        )
    print(flush=True)
    return ratios


def peak(port: int, user: str, answer: multiprocessing.SimpleQueue[int]) -> None:
    """Store a mailbox in a process of its own, and tell the most memory that it had."""
    ours_into_the_ledger(port, user)
    answer.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def memory(server: Dovecot, user: str) -> float:
    """Return the peak of resident memory in MiB."""
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
    process = context.Process(target=peak, args=(server.port, user, answer))
    process.start()
    process.join()
    return answer.get() / 1024


@contextmanager
def filled(server: Dovecot, count: int) -> Iterator[str]:
    user = server.new_user()
    chance = random.Random(count)
    for start in range(0, count, 1000):
        server.fill(user, [mail(number, chance) for number in range(start, min(start + 1000, count))])
    yield user


def main() -> int:
    os.environ["BENCH_PASSWORD"] = PASSWORD
    with running_dovecot() as server, filled(server, MAILS) as some, filled(server, MANY) as many:
        print(f"{MAILS:,} mails of {OCTETS:,} octets, {ROUNDS} rounds\n")
        ways: dict[str, Way] = {
            "plain imapclient": plain_imapclient,
            "ImapSource": ours,
            "ImapSource into the ledger": ours_into_the_ledger,
        }
        ratios = compare(server, some, ways, MAILS)
        growth = [memory(server, user) for user in (some, many)]
        print(f"peak memory of a poll into the ledger: {growth[0]:.0f} MiB for {MAILS:,} mails, ", end="")
        print(f"{growth[1]:.0f} MiB for {MANY:,}\n")
        print(f"nothing new among {MANY:,} mails\n")
        source = ImapSource(account(server.port, many))
        *_, last = source.fetch("INBOX", None, BATCH_BYTES)
        source.close()
        compare(
            server, many, {"plain imapclient: SEARCH": search_for_news, "poll": poll_for_news(last.cursor)}, 0
        )
    kept = ratios["ImapSource"] >= BAR
    print(f"rate of ImapSource {ratios['ImapSource']:.2f} of plain imapclient's; the bar is {BAR}: ", end="")
    print("kept" if kept else "MISSED")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
