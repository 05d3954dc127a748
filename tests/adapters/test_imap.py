"""IMAP against Dovecot: every message once, in order, unmarked, whatever becomes of the mailbox meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline.records.messages import ImapSighting
from tests.support.dovecot import Dovecot
from tests.support.imap import LIMIT, everything, mail, octets, sighting, source, uids

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


def test_a_large_mailbox_is_searched_in_parts(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number) for number in range(11)])
    with dovecot.client(user) as client:
        client.select_folder("INBOX")
        client.delete_messages([4, 5, 6, 11])
        client.expunge()
    monkeypatch.setattr("pipeline.adapters.imap.session._UIDS_IN_ONE_LINE", 3)
    batches = everything(source(dovecot, user))
    assert uids(batches) == [1, 2, 3, 7, 8, 9, 10]
    assert uids(everything(source(dovecot, user), cursor=batches[0].cursor)) == []
