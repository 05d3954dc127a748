"""What a poll costs where nothing is new, in a mailbox of 100,000 mails; the bar is one second, and no body fetched.

    .venv/bin/python benchmarks/imap_poll.py        (some two minutes; Dovecot has to be installed)

The reference logs in with plain imapclient, asks for all UIDs, and keeps those over the last one that it knew. What the poll
asks for is counted by a proxy between it and the server, over all of its rounds; the times are without that proxy.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from imapclient import IMAPClient

from benchmarks.frame import Report, Way, asking, in_turns, walls
from pipeline.adapters.imap.source import ImapSource
from pipeline.records.sources import Cursor
from pipeline.service.ingest import BATCH_BYTES
from pipeline.settings import ImapAccount
from tests.support.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.support.proxy import Line, bad_line

MANY = 100_000
ROUNDS = 9
BAR = 1.0
REFERENCE = "plain imapclient: SEARCH"
ANEW, OPEN = "poll, logged in anew", "poll, over the open connection"
FLAGGED = "poll after a flag was changed"
MAIL = b"From: Ada <ada@museum.example>\r\nMessage-ID: <%d@museum.example>\r\nSubject: Offer %d\r\n\r\nGlass plates.\r\n"
# Many mails in a file: a folder of 100,000 files is slow to fill.
MANY_IN_A_FILE = "\nmail_location = mdbox:~/mdbox\n"


def main() -> int:
    options = asking(__doc__).parse_args()
    many = 2_000 if options.quick else MANY
    rounds = 3 if options.quick else ROUNDS
    os.environ["BENCH_PASSWORD"] = PASSWORD
    title = f"A poll with nothing new among {many:,} mails"
    report = Report(title=title, against="plain imapclient on the same Dovecot", quick=options.quick)
    with running_dovecot(MANY_IN_A_FILE) as server:
        user = filled(server, many)
        cursor = at_the_end(server.port, user)
        with closing(ImapSource(account(server.port, user))) as source:
            taken = in_turns(ways(server, user, source, cursor), rounds)
        asked = commands(server, user, cursor, rounds)
    report.compare("Seconds by the clock", walls(taken), REFERENCE)
    told = ", ".join(f"{count} {name}" for name, count in sorted(asked.items()))
    report.say(f"What {rounds} polls, each logged in anew, said to the server: {told}.")
    report.bar(
        f"poll with nothing new among {many:,} mails", statistics.median(walls(taken)[ANEW]), "s", at_most=BAR
    )
    fetches = sum(count for name, count in asked.items() if "FETCH" in name)
    report.bar(f"FETCH commands in {rounds} polls", fetches, at_most=1)
    return report.done()


def ways(server: Dovecot, user: str, source: ImapSource, cursor: Cursor) -> dict[str, Way]:
    return {
        REFERENCE: partial(search, server.port, user, cursor.uid),
        ANEW: partial(poll, server.port, user, cursor),
        OPEN: partial(look, source, cursor),
        FLAGGED: partial(flagged, server, user, source, cursor),
    }


def account(port: int, user: str) -> ImapAccount:
    return ImapAccount(
        name="bench",
        host="127.0.0.1",
        port=port,
        security="none",
        username=user,
        password_env="BENCH_PASSWORD",
    )


def filled(server: Dovecot, many: int) -> str:
    user = server.new_user()
    for start in range(0, many, 5_000):
        server.fill(user, [MAIL % (number, number) for number in range(start, min(start + 5_000, many))])
    return user


def at_the_end(port: int, user: str) -> Cursor:
    """Return the cursor behind the last message, as the server tells it."""
    with IMAPClient("127.0.0.1", port, ssl=False, timeout=60) as client:
        client.login(user, PASSWORD)
        found = client.select_folder("INBOX", readonly=True)
    return Cursor(uidvalidity=found[b"UIDVALIDITY"], uid=found[b"UIDNEXT"] - 1)


def search(port: int, user: str, last: int) -> None:
    with IMAPClient("127.0.0.1", port, ssl=False, timeout=60) as client:
        client.login(user, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        assert not [uid for uid in client.search() if uid > last]


def poll(port: int, user: str, cursor: Cursor) -> None:
    with closing(ImapSource(account(port, user))) as source:
        look(source, cursor)


def look(source: ImapSource, cursor: Cursor) -> None:
    assert not any(batch.messages for batch in source.fetch("INBOX", cursor, BATCH_BYTES))


def flagged(server: Dovecot, user: str, source: ImapSource, cursor: Cursor) -> None:
    with server.client(user) as client:
        client.select_folder("INBOX")
        client.add_flags([cursor.uid // 2], [b"\\Flagged"])
        client.remove_flags([cursor.uid // 2], [b"\\Flagged"])
    look(source, cursor)


def commands(server: Dovecot, user: str, cursor: Cursor, rounds: int) -> Counter[str]:
    """Count what polls say to the server."""
    with bad_line(Line(target=server.port)) as line:
        for _ in range(rounds):
            poll(line.port, user, cursor)
        return Counter(line.commands())


if __name__ == "__main__":
    sys.exit(main())
