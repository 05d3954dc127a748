"""How fast a mailbox is fetched, beside plain imapclient and imaplib on the same Dovecot, and how much memory that takes.

    .venv/bin/python benchmarks/imap_fetch.py        (some two minutes; Dovecot has to be installed)

Each way logs in, fetches UID, FLAGS, INTERNALDATE and BODY.PEEK[] of every message, 100 at once, and logs out. The ways
take turns. The bars: 0.9 of plain imapclient's rate, and memory that does not grow with the mailbox.
"""

from __future__ import annotations

import imaplib
import multiprocessing
import os
import random
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from imapclient import IMAPClient

from benchmarks.frame import Report, asking, in_turns, walls
from pipeline.adapters.imap.source import ImapSource
from pipeline.adapters.ledger import open_ledger
from pipeline.service.ingest import BATCH_BYTES, ingest
from pipeline.settings import ImapAccount
from tests.support.dovecot import PASSWORD, Dovecot, running_dovecot

ROUNDS = 7
BATCH = 100
MAILS, MANY = 5_000, 20_000
OCTETS = 3_500
BAR, GROWTH = 0.9, 1.1
REFERENCE, OURS = "plain imapclient", "ImapSource"

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


def plain_imaplib(port: int, user: str) -> int:
    """Fetch with the standard library, which leaves the answers as they came: no flags, no time is understood."""
    client = imaplib.IMAP4("127.0.0.1", port)
    client.login(user, PASSWORD)
    client.select("INBOX", readonly=True)
    found = client.uid("SEARCH", "ALL")[1][0].decode().split()
    count = 0
    for start in range(0, len(found), BATCH):
        uids = ",".join(found[start : start + BATCH])
        answer = client.uid("FETCH", uids, "(UID FLAGS INTERNALDATE BODY.PEEK[])")[1]
        count += sum(1 for one in answer if isinstance(one, tuple) and one[1])
    client.logout()
    return count


def fetched(way: Way, port: int, user: str, expected: int) -> None:
    assert way(port, user) == expected


def peak(port: int, user: str, answer: multiprocessing.SimpleQueue[int]) -> None:
    """Store a mailbox in a process of its own, and tell the most memory that it had."""
    ours_into_the_ledger(port, user)
    answer.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peak_of(server: Dovecot, user: str) -> float:
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
    options = asking(__doc__).parse_args()
    some, many = (300, 600) if options.quick else (MAILS, MANY)
    os.environ["BENCH_PASSWORD"] = PASSWORD
    title = f"Fetching a mailbox of {some:,} mails"
    report = Report(title=title, against="plain imapclient on the same Dovecot", quick=options.quick)
    with running_dovecot() as server:
        ratio = rates(report, server, some, 2 if options.quick else ROUNDS)
        growth = memory(report, server, some, many)
    report.bar("rate of ImapSource, times plain imapclient's", ratio, at_least=BAR)
    report.bar(f"memory for {many:,} mails, times that for {some:,}", growth, at_most=GROWTH)
    return report.done()


def rates(report: Report, server: Dovecot, mails: int, rounds: int) -> float:
    ways: dict[str, Way] = {
        REFERENCE: plain_imapclient,
        "plain imaplib": plain_imaplib,
        OURS: ours,
        "ImapSource into the ledger": ours_into_the_ledger,
    }
    with filled(server, mails) as user:
        taken = in_turns(
            {name: partial(fetched, way, server.port, user, mails) for name, way in ways.items()}, rounds
        )
    caption = (
        f"Seconds by the clock for {mails:,} mails of {OCTETS:,} octets; the server works on the same machine"
    )
    return report.compare(caption, walls(taken), REFERENCE, count=mails)[OURS]


def memory(report: Report, server: Dovecot, some: int, many: int) -> float:
    """Print the largest resident sets; return how the larger mailbox's is to the smaller one's."""
    peaks = {}
    for mails in (some, many):
        with filled(server, mails) as user:
            peaks[mails] = peak_of(server, user)
    rows = [(f"{mails:,}", f"{peak:.0f}", f"{peak / peaks[some]:.2f}") for mails, peak in peaks.items()]
    report.table(
        "A poll into the ledger, in a process of its own",
        ("mails", "memory at most, MiB", "times the first"),
        rows,
    )
    return peaks[many] / peaks[some]


if __name__ == "__main__":
    sys.exit(main())
