"""IMAP over lines that fail: cut, silent, full of garbage, or dead whenever one message is fetched."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from pipeline.adapters.imap.fetch import TRIES
from pipeline.adapters.imap.source import ImapSource
from pipeline.demo.servers import listening
from pipeline.errors import ServerError, Unreachable
from pipeline.records.messages import ImapSighting
from pipeline.records.sources import Batch
from tests.support.dovecot import Dovecot, free_port, running_dovecot
from tests.support.imap import LIMIT, Pauses, account, everything, mail, octets, source, uids
from tests.support.proxy import Fault, Line, bad_line

pytestmark = pytest.mark.usefixtures("imap_password")


@pytest.mark.parametrize("fault", list(Fault))
def test_a_bad_line_loses_and_doubles_nothing(dovecot: Dovecot, fault: Fault) -> None:
    user = dovecot.new_user()
    sent = [mail(number, size=4000) for number in range(40)]
    dovecot.fill(user, sent)
    pauses = Pauses()
    with bad_line(Line(target=dovecot.port, fault=fault, octets=50_000, faults=2)) as line:
        found = ImapSource(account(line.port, user, batch=8, timeout_seconds=0.5), pause=pauses)
        batches = everything(found)
    assert octets(batches) == sent
    assert line.connections == 3
    assert len(pauses.seconds) == 2
    assert {batch.total for batch in batches} == {40}


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.GARBAGE])
@pytest.mark.parametrize("at", [30, 700, 1200, 1500, 2500])
def test_a_line_that_fails_anywhere_is_made_anew(dovecot: Dovecot, at: int, fault: Fault) -> None:
    user = dovecot.new_user()
    sent = [mail(number) for number in range(10)]
    dovecot.fill(user, sent)
    with bad_line(Line(target=dovecot.port, fault=fault, octets=at, faults=1)) as line:
        batches = everything(ImapSource(account(line.port, user), pause=Pauses()))
    assert octets(batches) == sent
    assert line.connections == 2


def test_a_line_that_stays_bad_is_told_after_some_tries(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)])
    pauses = Pauses()
    with bad_line(Line(target=dovecot.port, octets=100, faults=99)) as line:
        found = ImapSource(account(line.port, user), pause=pauses)
        with pytest.raises(
            Unreachable, match=rf"^imap\.main: 127\.0\.0\.1:{line.port}: .*tried again"
        ) as told:
            everything(found)
    assert line.connections == TRIES
    assert pauses.seconds == [0.0, 1.0, 2.0, 4.0]
    assert "\n" not in str(told.value)


def test_one_message_cannot_stop_the_others(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    sent = [mail(number) for number in range(30)]
    dovecot.fill(user, sent)
    with bad_line(Line(target=dovecot.port, poison=b"Subject: Offer 17\r\n")) as line:
        batches = everything(ImapSource(account(line.port, user), pause=Pauses()))
    assert octets(batches) == [*sent[:17], *sent[18:]]
    (refused,) = [refused for batch in batches for refused in batch.refused]
    assert isinstance(refused.sighting, ImapSighting)
    assert refused.sighting.uid == 18
    assert "connection is lost whenever it is fetched" in refused.reason


def test_a_line_that_carries_no_message_sets_one_aside_at_most(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number) for number in range(5)])
    with bad_line(Line(target=dovecot.port, poison=b"museum.example")) as line:
        found = ImapSource(account(line.port, user), pause=Pauses())
        batches: list[Batch] = []
        with pytest.raises(Unreachable):
            batches.extend(found.fetch("INBOX", None, LIMIT))
        found.close()
    assert [len(batch.refused) for batch in batches] == [1]


def test_a_stop_ends_the_tries(dovecot: Dovecot) -> None:
    stop = threading.Event()
    stop.set()
    found = ImapSource(account(free_port(), dovecot.new_user()), pause=stop.wait)
    with pytest.raises(Unreachable, match="nothing listens there"):
        everything(found)


@pytest.mark.usefixtures("dovecot")
def test_a_restarted_server_is_found_again() -> None:
    with running_dovecot() as server:
        user = server.new_user()
        server.fill(user, [mail(number) for number in range(4)])
        found = source(server, user, batch=2)
        fetching = found.fetch("INBOX", None, LIMIT)
        first = next(fetching)
        server.stop()
        server.start()
        rest = list(fetching)
        found.close()
        assert uids([first, *rest]) == [1, 2, 3, 4]


def test_a_silent_server_is_left_after_the_time_out(dovecot: Dovecot) -> None:
    with bad_line(Line(target=dovecot.port, fault=Fault.STALL, octets=5, faults=99)) as line:
        found = ImapSource(account(line.port, "somebody", timeout_seconds=0.1), pause=Pauses())
        (problem,) = found.check()
    assert "no answer within 0.1 s" in problem


HOSTILE = [
    b"",
    b"\0" * 5000,
    b"* BYE go away\r\n",
    b"* PREAUTH\r\n",
    b"* OK hello\r\n* OK [UIDVALIDITY x]\r\n" * 50,
    b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n+ \r\n* 1 FETCH (UID 1 BODY[] {999999999999999999999}\r\n",
    b"* CAPABILITY IMAP4rev1\r\n* 1 FETCH {900719925474099}\r\nx",
    b"* 1 EXISTS\r\n" * 50,
    b"+ \r\n" * 50,
    b"a" * 1_100_000 + b"\r\n",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_whatever_a_server_says_is_one_line_for_people(number: int) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(b"* OK ready\r\n")
            while line := await reader.readline():
                tag = line.split()[0]
                writer.write(HOSTILE[number] + tag + b" OK " + b"\x1b[2J" * 200 + b"\r\n")
                await writer.drain()
        writer.close()

    with listening(lambda: asyncio.start_server(talk, "127.0.0.1", 0)) as port:
        found = ImapSource(account(port, "somebody", timeout_seconds=0.3), pause=Pauses())
        problems = found.check()
        with pytest.raises(ServerError) as told:
            everything(found)
    assert problems
    for problem in (*problems, str(told.value)):
        assert problem.isprintable()
        assert len(problem) < 500
