"""IMAP against Dovecot: nothing lost, nothing doubled, nothing marked, whatever happens to the line."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipeline.adapters.imap import ImapSource
from pipeline.adapters.imap_fetch import TRIES
from pipeline.demo.servers import imap_server, listening
from pipeline.errors import Refused, ServerError, Unreachable, UsageError
from pipeline.records.messages import ImapSighting
from pipeline.records.sources import Batch
from tests.support.dovecot import Dovecot, free_port, running_dovecot
from tests.support.imap import LIMIT, Pauses, account, everything, mail, octets, sighting, source, uids
from tests.support.proxy import Fault, Line, bad_line

pytestmark = pytest.mark.usefixtures("imap_password")

WHEN = datetime(2026, 3, 1, 13, 30, tzinfo=timezone(timedelta(hours=1)))


def test_poll_from_scratch_brings_every_octet_in_order(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    sent = [mail(number) for number in range(25)]
    dovecot.fill(user, sent, when=WHEN)
    batches = everything(source(dovecot, user, batch=10))
    assert octets(batches) == sent
    assert [len(batch.messages) for batch in batches] == [10, 10, 5]
    assert {batch.total for batch in batches} == {25}
    assert [batch.cursor.uid for batch in batches] == [10, 20, 25]
    assert batches[-1].cursor.modseq is not None


def test_a_message_knows_where_and_when_it_was_seen(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)], when=WHEN)
    with dovecot.client(user) as client:
        uidvalidity = client.select_folder("INBOX")[b"UIDVALIDITY"]
        client.add_flags([1], [b"\\Flagged", b"$Partner"])
    (batch,) = everything(source(dovecot, user))
    (message,) = batch.messages
    assert message.received_at == WHEN
    assert message.received_at is not None
    assert message.received_at.tzinfo is UTC
    assert message.sighting == ImapSighting(account="main", mailbox="INBOX", uidvalidity=uidvalidity, uid=1)
    assert set(message.flags) >= {"\\Flagged", "$Partner"}


def test_reading_leaves_no_trace(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2, size=5000)])
    assert len(octets(everything(source(dovecot, user, largest_message=2000)))) == 1
    with dovecot.client(user) as client:
        assert client.folder_status("INBOX", ["UNSEEN"]) == {b"UNSEEN": 2}
        client.select_folder("INBOX", readonly=True)
        assert [flags for flags in client.get_flags([1, 2]).values() if b"\\Seen" in flags] == []


def test_the_cursor_goes_on_where_it_stopped(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2)])
    first = everything(source(dovecot, user))
    assert everything(source(dovecot, user), cursor=first[-1].cursor) == []
    dovecot.fill(user, [mail(3)])
    assert octets(everything(source(dovecot, user), cursor=first[-1].cursor)) == [mail(3)]


def test_a_batch_that_was_not_stored_comes_again(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number) for number in range(6)])
    found = source(dovecot, user, batch=2)
    fetching = found.fetch("INBOX", None, LIMIT)
    kept = next(fetching)
    next(fetching)
    assert uids(everything(found, cursor=kept.cursor)) == [3, 4, 5, 6]


def test_an_empty_mailbox_has_nothing(dovecot: Dovecot) -> None:
    (batch,) = everything(source(dovecot, dovecot.new_user()))
    assert (batch.messages, batch.refused, batch.cursor.uid, batch.total) == ((), (), 0, 0)


def test_mailboxes_are_apart_and_may_have_any_name(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    named = 'Lists/Anfragen für "Museen" & Архив'
    dovecot.fill(user, [mail(1), mail(2)])
    dovecot.fill(user, [mail(3)], mailbox=named)
    found = source(dovecot, user, mailboxes=["INBOX", named])
    assert found.check() == ()
    assert {name: octets(found.fetch(name, None, LIMIT)) for name in found.mailboxes()} == {
        "INBOX": [mail(1), mail(2)],
        named: [mail(3)],
    }
    found.close()


def test_batches_end_at_the_limit_of_octets(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(n, size=3000) for n in range(3)] + [mail(3, size=12_000)] + [mail(4)])
    found = source(dovecot, user)
    batches = list(found.fetch("INBOX", None, 7000))
    found.close()
    assert [len(batch.messages) for batch in batches] == [2, 1, 1, 1]
    assert uids(batches) == [1, 2, 3, 4, 5]


def test_a_message_over_the_limit_is_refused_with_its_header(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2, size=5000), mail(3)])
    (batch,) = everything(source(dovecot, user, largest_message=2000))
    assert [sighting(message).uid for message in batch.messages] == [1, 3]
    (refused,) = batch.refused
    assert "over the limit of 2000" in refused.reason
    assert b"Subject: Offer 2\r\n" in refused.octets
    assert len(refused.octets) < 300
    assert batch.cursor.uid == 3


def test_vanished_messages_are_passed_over(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number) for number in range(1, 7)])
    found = source(dovecot, user, batch=2)
    fetching = found.fetch("INBOX", None, LIMIT)
    first = next(fetching)
    with dovecot.client(user) as client:
        client.select_folder("INBOX")
        client.delete_messages([3, 5, 6])
        client.expunge()
    rest = list(fetching)
    found.close()
    assert uids([first, *rest]) == [1, 2, 4]
    assert [batch.refused for batch in rest] == [(), ()]
    assert rest[-1].cursor.uid == 6


def test_a_message_that_the_server_cannot_read_is_set_aside(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2), mail(3)])
    lost = sorted((dovecot.base / "home" / user / "Maildir").glob("*/*"))[1]
    assert lost.parent.name in {"cur", "new"}
    lost.chmod(0)
    batches = everything(source(dovecot, user))
    assert octets(batches) == [mail(1), mail(3)]
    (refused,) = [refused for batch in batches for refused in batch.refused]
    assert isinstance(refused.sighting, ImapSighting)
    assert refused.sighting.uid == 2
    assert batches[-1].cursor.uid == 3


def test_another_uidvalidity_starts_again(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2)])
    cursor = everything(source(dovecot, user))[-1].cursor
    dovecot.new_uidvalidity(user, "INBOX", cursor.uidvalidity + 7)
    batches = everything(source(dovecot, user), cursor=cursor)
    assert octets(batches) == [mail(1), mail(2)]
    assert batches[-1].cursor.uidvalidity == cursor.uidvalidity + 7


def test_a_uidvalidity_that_changes_under_way_starts_again(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2), mail(3)])
    found = source(dovecot, user, batch=1)
    fetching = found.fetch("INBOX", None, LIMIT)
    first = next(fetching)
    dovecot.new_uidvalidity(user, "INBOX", first.cursor.uidvalidity + 7)
    dovecot.cut_connections(user)
    rest = list(fetching)
    found.close()
    assert octets(rest) == [mail(1), mail(2), mail(3)]
    assert {batch.cursor.uidvalidity for batch in rest} == {first.cursor.uidvalidity + 7}


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


def test_a_deleted_mailbox_is_refused_by_name(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)], mailbox="Gone")
    found = source(dovecot, user, mailboxes=["INBOX", "Gone", "Never"])
    with dovecot.client(user) as client:
        client.delete_folder("Gone")
    with pytest.raises(Refused, match=r"imap\.main: .*mailbox 'Gone' cannot be opened .*check mailboxes"):
        everything(found, "Gone")
    assert ["Gone" in problem for problem in found.check()] == [True, False]


def test_a_misspelt_mailbox_is_told_with_the_right_one(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)], mailbox="Lists/Partners")
    (problem,) = source(dovecot, user, mailboxes=["Lists/Parners"]).check()
    assert problem.endswith("; did you mean 'Lists/Partners'?")


def test_a_wrong_password_is_refused_without_showing_it(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", "wrong-guess")
    found = source(dovecot, "somebody")
    with pytest.raises(
        Refused, match=r"login as 'somebody' refused .*check username, and the password"
    ) as told:
        everything(found)
    assert "wrong-guess" not in str(told.value)
    assert len(found.check()) == 1


def test_a_missing_secret_is_told_before_connecting(
    monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot
) -> None:
    monkeypatch.delenv("IMAP_PASSWORD")
    (problem,) = source(dovecot, "somebody").check()
    assert "IMAP_PASSWORD is not set" in problem


def test_a_user_name_cannot_smuggle_a_command(dovecot: Dovecot) -> None:
    with pytest.raises(UsageError, match="control characters"):
        everything(source(dovecot, "a\r\nA1 LOGOUT"))


def test_a_mailbox_name_cannot_smuggle_a_command(dovecot: Dovecot) -> None:
    with pytest.raises(UsageError, match="no name of a mailbox"):
        everything(source(dovecot, dovecot.new_user()), "INBOX\r\nA1 LOGOUT")


@pytest.mark.parametrize(("security", "host"), [("tls", "127.0.0.1"), ("starttls", "localhost")])
def test_tls_with_the_own_authority(dovecot: Dovecot, security: str, host: str) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)])
    port = dovecot.tls_port if security == "tls" else dovecot.port
    found = ImapSource(
        account(port, user, security=security, host=host, ca_file=str(dovecot.certificates.authority))
    )
    assert found.check() == ()
    assert octets(everything(found)) == [mail(1)]
    assert "TLS" in [line for line in dovecot.log.splitlines() if "Login:" in line and user in line][-1]


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("trust", ["system", "other"])
def test_an_untrusted_certificate_is_refused(
    dovecot: Dovecot, other_authority: Path, security: str, trust: str
) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    ca_file = {"ca_file": str(other_authority)} if trust == "other" else {}
    found = ImapSource(account(port, "somebody", security=security, **ca_file), pause=Pauses())
    with pytest.raises(Unreachable, match=r"certificate is not trusted .*ca_file"):
        everything(found)
    (problem,) = found.check()
    assert problem.startswith(f"imap.main: 127.0.0.1:{port}: ")


def test_a_certificate_for_another_host_is_refused(dovecot: Dovecot) -> None:
    # 127.1 is 127.0.0.1, but not by the name in the certificate.
    trusted = str(dovecot.certificates.authority)
    found = ImapSource(account(dovecot.tls_port, "somebody", host="127.1", security="tls", ca_file=trusted))
    (problem,) = found.check()
    assert "certificate is not trusted" in problem
    assert "check host" in problem


def test_starttls_that_is_not_offered_sends_no_password() -> None:
    with imap_server({}) as (port, user, _):
        (problem,) = ImapSource(account(port, user, security="starttls")).check()
    assert "does not offer STARTTLS, and nothing is sent unprotected" in problem


def test_an_unknown_host_is_told() -> None:
    (problem,) = ImapSource(account(993, "somebody", host="no-such-host.invalid")).check()
    assert problem.startswith("imap.main: no-such-host.invalid:993: the host name is not found")


def test_plain_words_on_a_tls_port_are_explained(dovecot: Dovecot) -> None:
    found = ImapSource(account(dovecot.port, "somebody", security="tls"), pause=Pauses())
    (problem,) = found.check()
    assert "no TLS there" in problem
    assert "check port, and security" in problem


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


def test_a_broken_ca_file_is_named(dovecot: Dovecot, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate")
    (problem,) = ImapSource(account(dovecot.tls_port, "x", security="tls", ca_file=str(path))).check()
    assert str(path) in problem
    assert "PEM" in problem


def test_idle_wakes_up(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)])
    found = source(dovecot, user)
    assert found.idle("INBOX", 30) is True, "a mailbox never looked at may hold anything"
    delivery = threading.Timer(0.3, dovecot.fill, (user, [mail(2)]))
    delivery.start()
    assert found.idle("INBOX", 30) is True
    delivery.join()
    assert found.idle("INBOX", 0.2) is False
    found.close()


def test_idle_sees_what_came_before_it_began(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    found = source(dovecot, user)
    list(found.fetch("INBOX", None, LIMIT))
    dovecot.fill(user, [mail(1)])
    assert found.idle("INBOX", 30) is True
    found.close()


def test_idle_outlives_a_cut_line(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    found = source(dovecot, user)
    list(found.fetch("INBOX", None, LIMIT))
    cut = threading.Timer(0.3, dovecot.cut_connections, (user,))
    cut.start()
    assert found.idle("INBOX", 30) is False
    cut.join()
    dovecot.fill(user, [mail(1)])
    assert found.idle("INBOX", 30) is True
    found.close()


@pytest.mark.usefixtures("dovecot")
def test_without_idle_the_mailbox_is_polled() -> None:
    with running_dovecot("imap_capability = IMAP4rev1 MULTIAPPEND\n") as plain:
        user = plain.new_user()
        deliveries = [[mail(1)], []]

        def pause(seconds: float) -> None:
            assert seconds == pytest.approx(30, abs=1)
            plain.fill(user, deliveries.pop(0))

        found = ImapSource(account(plain.port, user), pause=pause)
        assert octets(found.fetch("INBOX", None, LIMIT)) == []
        assert found.idle("INBOX", 30) is True
        assert found.idle("INBOX", 30) is False
        (batch,) = found.fetch("INBOX", None, LIMIT)
        found.close()
    assert octets([batch]) == [mail(1)]
    assert deliveries == []


def test_a_large_mailbox_is_searched_in_parts(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number) for number in range(11)])
    with dovecot.client(user) as client:
        client.select_folder("INBOX")
        client.delete_messages([4, 5, 6, 11])
        client.expunge()
    monkeypatch.setattr("pipeline.adapters.imap_session._UIDS_IN_ONE_LINE", 3)
    batches = everything(source(dovecot, user))
    assert uids(batches) == [1, 2, 3, 7, 8, 9, 10]
    assert uids(everything(source(dovecot, user), cursor=batches[0].cursor)) == []


def test_idle_ends_on_stop(dovecot: Dovecot) -> None:
    stop = threading.Event()
    user = dovecot.new_user()
    found = ImapSource(account(dovecot.port, user), pause=stop.wait)
    list(found.fetch("INBOX", None, LIMIT))
    ending = threading.Timer(0.2, stop.set)
    ending.start()
    assert found.idle("INBOX", 60) is False
    ending.join()
    found.close()
