"""What a poll asks the server for: nothing where nothing is new, and large mail in parts."""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from pipeline.adapters.imap.source import ImapSource
from pipeline.errors import Unreachable
from pipeline.records.sources import Batch, Cursor
from tests.support.dovecot import Dovecot, running_dovecot
from tests.support.imap import LIMIT, Pauses, account, everything, mail, octets, source, uids
from tests.support.proxy import Fault, Line, bad_line

pytestmark = pytest.mark.usefixtures("imap_password")

PART = 4096


@pytest.fixture
def line(dovecot: Dovecot) -> Iterator[Line]:
    with bad_line(Line(target=dovecot.port)) as made:
        yield made


def poll(line: Line, user: str, cursor: Cursor | None, **more: object) -> tuple[list[Batch], list[str]]:
    """Poll once; return what came and which commands were given after the login."""
    line.said.clear()
    batches = everything(ImapSource(account(line.port, user, **more), pause=Pauses()), cursor=cursor)
    commands = line.commands()
    return batches, commands[commands.index("ENABLE") + 1 :]


def delete(server: Dovecot, user: str, *numbers: int) -> None:
    with server.client(user) as client:
        client.select_folder("INBOX")
        client.delete_messages(list(numbers))
        client.expunge()


def test_nothing_new_costs_one_command(dovecot: Dovecot, line: Line) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2)])
    first, _ = poll(line, user, None)
    again, commands = poll(line, user, first[-1].cursor)
    assert (again, commands) == ([], ["EXAMINE", "LOGOUT"])


def test_what_came_and_went_costs_one_search_once(dovecot: Dovecot, line: Line) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2)])
    first, _ = poll(line, user, None)
    dovecot.fill(user, [mail(3)])
    delete(dovecot, user, 3)
    (empty,), commands = poll(line, user, first[-1].cursor)
    assert commands == ["EXAMINE", "UID SEARCH", "LOGOUT"]
    assert (empty.messages, empty.refused, empty.cursor.uid) == ((), (), 2)
    again, commands = poll(line, user, empty.cursor)
    assert (again, commands) == ([], ["EXAMINE", "LOGOUT"])
    dovecot.fill(user, [mail(4)])
    news, commands = poll(line, user, empty.cursor)
    assert octets(news) == [mail(4)]
    assert commands == ["EXAMINE", "UID SEARCH", "UID FETCH", "UID FETCH", "LOGOUT"]


def test_changed_flags_move_the_cursor_and_ask_for_nothing(dovecot: Dovecot, line: Line) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2)])
    first, _ = poll(line, user, None)
    with dovecot.client(user) as client:
        client.select_folder("INBOX")
        client.add_flags([1], [b"\\Flagged"])
    (empty,), commands = poll(line, user, first[-1].cursor)
    assert commands == ["EXAMINE", "LOGOUT"]
    before, after = first[-1].cursor.modseq, empty.cursor.modseq
    assert before is not None
    assert after is not None
    assert after > before


def test_only_the_last_batch_says_that_all_is_known(dovecot: Dovecot, line: Line) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number) for number in range(5)])
    batches, _ = poll(line, user, None, batch=2)
    assert [batch.cursor.modseq is None for batch in batches] == [True, True, False]
    # A program that died after the first batch goes on behind it.
    rest, _ = poll(line, user, batches[0].cursor)
    assert uids(rest) == [3, 4, 5]


@pytest.mark.usefixtures("dovecot")
def test_a_server_without_condstore_is_polled_by_uid() -> None:
    with running_dovecot("imap_capability = IMAP4rev1 MULTIAPPEND\n") as plain:
        user = plain.new_user()
        plain.fill(user, [mail(1)])
        (batch,) = everything(source(plain, user))
        assert batch.cursor.modseq is None
        assert everything(source(plain, user), cursor=batch.cursor) == []
        plain.fill(user, [mail(2)])
        assert octets(everything(source(plain, user), cursor=batch.cursor)) == [mail(2)]


@pytest.mark.parametrize("size", [PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1, 10 * PART])
def test_large_mail_comes_in_parts(dovecot: Dovecot, line: Line, size: int) -> None:
    user = dovecot.new_user()
    large = mail(2)[:150].ljust(size, b"x")
    sent = [mail(1), large, mail(3)]
    dovecot.fill(user, sent)
    batches, _ = poll(line, user, None, part_octets=PART)
    assert octets(batches) == sent
    parts = bytes(line.said).count(b"BODY.PEEK[]<")
    assert parts == (-(-(size + 1) // PART) if size > PART else 0)
    (brought,) = [one for batch in batches for one in batch.messages if one.octets == large]
    assert brought.received_at is not None
    assert brought.sha256
    with dovecot.client(user) as client:
        assert client.folder_status("INBOX", ["UNSEEN"]) == {b"UNSEEN": 3}


@pytest.mark.parametrize("fault", list(Fault))
def test_parts_that_came_are_kept_over_a_bad_line(dovecot: Dovecot, line: Line, fault: Fault) -> None:
    user = dovecot.new_user()
    large = mail(1, size=300_000)
    dovecot.fill(user, [large, mail(2)])
    # More connections are lost than tries are allowed without progress.
    line.fault, line.octets, line.faults = fault, 50_000, 7
    found = ImapSource(account(line.port, user, part_octets=PART, timeout_seconds=0.2), pause=Pauses())
    batches = everything(found)
    assert octets(batches) == [large, mail(2)]
    assert bytes(line.said).count(b"BODY.PEEK[]<0.") == 1
    assert line.connections >= 7


def test_large_mail_that_vanishes_is_passed_over(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2, size=40_000), mail(3)])
    found = source(dovecot, user, part_octets=PART)
    fetching = found.fetch("INBOX", None, LIMIT)
    first = next(fetching)
    delete(dovecot, user, 2)
    rest = list(fetching)
    found.close()
    assert uids([first, *rest]) == [1, 3]
    assert [batch.refused for batch in rest] == [(), ()]


def test_large_mail_that_the_server_cannot_read_is_set_aside(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1, size=40_000), mail(2)])
    lost = min((dovecot.base / "home" / user / "Maildir").glob("*/*"))
    lost.chmod(0)
    batches = everything(source(dovecot, user, part_octets=PART))
    assert octets(batches) == [mail(2)]
    assert len([refused for batch in batches for refused in batch.refused]) == 1


def test_a_slow_line_is_no_silent_line(dovecot: Dovecot, line: Line) -> None:
    user = dovecot.new_user()
    large = mail(1, size=60_000)
    dovecot.fill(user, [large])
    line.pace = (2_000, 0.02)
    # The whole takes longer than the time-out, no part of it does.
    found = ImapSource(account(line.port, user, part_octets=PART, timeout_seconds=0.4), pause=Pauses())
    assert octets(everything(found)) == [large]
    assert line.connections == 1


def test_one_large_mail_after_the_other_takes_the_memory_of_one(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    size = 4 * 1024 * 1024
    dovecot.fill(user, [mail(number) + b"x\r\n" * (size // 3) for number in range(4)])
    found = source(dovecot, user, part_octets=256 * 1024)
    tracemalloc.start()
    try:
        for batch in found.fetch("INBOX", None, LIMIT):
            del batch
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        found.close()
    assert peak < 3.5 * size


def test_an_interrupted_fetch_ends_at_once(dovecot: Dovecot, line: Line) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)])
    line.fault, line.octets, line.faults = Fault.STALL, 1300, 99
    stop = threading.Event()
    found = ImapSource(account(line.port, user, timeout_seconds=60.0), pause=stop.wait)

    def end() -> None:
        stop.set()
        found.interrupt()

    ending = threading.Timer(0.3, end)
    ending.start()
    began = time.monotonic()
    with pytest.raises(Unreachable):
        everything(found)
    ending.join()
    assert time.monotonic() - began < 10
