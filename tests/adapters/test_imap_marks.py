"""Telling mailboxes of decisions, with the ledger: a keyword or a move, once, and nothing expunged that should stay."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from pipeline.adapters.imap.source import ImapSource
from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.database.engine import writing
from pipeline.adapters.ledger.schema import messages
from pipeline.demo.servers import imap_server
from pipeline.records.decisions import Disposition
from pipeline.service.ingest import ingest
from pipeline.service.marks import mark_decided
from tests.support.dovecot import Dovecot, running_dovecot
from tests.support.imap import Pauses, account
from tests.support.mails import NOW, letter, reading
from tests.support.proxy import Line, bad_line

pytestmark = pytest.mark.usefixtures("imap_password")

LETTERS = [
    letter(identifier=f"{number}@x.example", body=f"We have {number} maps.\r\n".encode())
    for number in range(4)
]


# Each mailbox says in a file of its own who may do what.
RIGHTS = """
mail_plugins = acl
plugin {
  acl = vfile
}
"""


def clock() -> datetime:
    return NOW


def poll_and_decide(
    found: ImapSource, ledger: SqlLedger, dispositions: dict[bytes, Disposition] | None = None
) -> None:
    """Store what is new, and decide it, as the service does."""
    ingest(found, ledger.messages, clock)
    decide(ledger, dispositions)
    found.close()


def decide(ledger: SqlLedger, dispositions: dict[bytes, Disposition] | None = None) -> None:
    for stored in ledger.messages.waiting(100):
        made = reading(stored.octets)
        wanted = (dispositions or {}).get(stored.octets, Disposition.ASSIGN)
        decision = dataclasses.replace(made.decision, disposition=wanted)
        ledger.inquiries.record(stored, dataclasses.replace(made, decision=decision), None, NOW)


def mark(found: ImapSource, ledger: SqlLedger) -> tuple[int, tuple[str, ...]]:
    try:
        return mark_decided(found, ledger.marks, clock)
    finally:
        found.close()


def keywords(server: Dovecot, user: str, mailbox: str = "INBOX") -> dict[int, set[str]]:
    with server.client(user) as client:
        client.select_folder(mailbox, readonly=True)
        flags = client.get_flags(client.search())
    return {
        uid: {flag.decode() for flag in found if not flag.startswith(b"\\Recent")}
        for uid, found in flags.items()
    }


def source(port: int, user: str, **more: object) -> ImapSource:
    return ImapSource(account(port, user, **more), pause=Pauses())


def test_a_keyword_tells_of_the_decision_once(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, LETTERS[:2])
    with bad_line(Line(target=dovecot.port)) as line:
        found = source(line.port, user, after="keyword")
        assert found.check() == ()
        ingest(found, ledger.messages, clock)
        assert mark(found, ledger) == (0, ()), "nothing is decided yet"
        decide(ledger)
        assert mark(found, ledger) == (2, ())
        assert keywords(dovecot, user) == {1: {"$Triaged"}, 2: {"$Triaged"}}
        line.said.clear()
        assert mark(found, ledger) == (0, ())
        assert line.commands() == []


def test_the_keyword_may_say_what_was_decided(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, LETTERS)
    found = source(dovecot.port, user, after="keyword", keyword={"assign": "$Assigned", "file": "$Filed"})
    dispositions = {LETTERS[1]: Disposition.FILE, LETTERS[2]: Disposition.REVIEW}
    poll_and_decide(found, ledger, dispositions)
    assert mark(found, ledger) == (3, ())
    assert keywords(dovecot, user) == {1: {"$Assigned"}, 2: {"$Filed"}, 3: set(), 4: {"$Assigned"}}


def test_mail_is_moved_where_its_decision_says(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, LETTERS)
    dovecot.fill(user, [], mailbox="Erledigt & abgelegt/Ärger")
    dovecot.fill(user, [], mailbox="Done")
    targets = {"assign": "Done", "review": "Done", "file": "Erledigt & abgelegt/Ärger"}
    found = source(dovecot.port, user, after="move", move_to=targets)
    assert found.check() == ()
    poll_and_decide(found, ledger, {LETTERS[1]: Disposition.FILE})
    assert mark(found, ledger) == (4, ())
    assert [len(keywords(dovecot, user, name)) for name in ("INBOX", "Done", targets["file"])] == [0, 3, 1]


def test_a_moved_mail_that_is_polled_again_is_the_same_mail(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, LETTERS[:2])
    dovecot.fill(user, [], mailbox="Triaged")
    found = source(dovecot.port, user, after="move", mailboxes=["INBOX", "Triaged"])
    poll_and_decide(found, ledger)
    assert mark(found, ledger) == (2, ())
    recorded = ingest(found, ledger.messages, clock)
    assert (recorded.stored, recorded.known) == (0, 2)
    assert ledger.messages.waiting(10) == ()
    assert mark(found, ledger) == (2, ()), "it lies where it belongs"
    assert mark(found, ledger) == (0, ())
    status = ledger.reports.status(NOW)
    assert (status.messages, status.sightings, sum(status.inquiries.values())) == ({"read": 2}, 4, 2)
    assert len(keywords(dovecot, user, "Triaged")) == 2


@pytest.mark.usefixtures("dovecot")
@pytest.mark.parametrize(("capability", "problem"), [("UIDPLUS", ""), ("", "neither MOVE nor UIDPLUS")])
def test_without_move_only_what_was_moved_is_expunged(
    capability: str, problem: str, ledger: SqlLedger
) -> None:
    with running_dovecot(f"imap_capability = IMAP4rev1 MULTIAPPEND {capability}\n") as old:
        user = old.new_user()
        old.fill(user, LETTERS)
        old.fill(user, [], mailbox="Triaged")
        with old.client(user) as client:
            client.select_folder("INBOX")
            client.add_flags([4], [b"\\Deleted"])  # by a person, who may still change their mind
        found = source(old.port, user, after="move")
        told = found.check()
        poll_and_decide(found, ledger)
        with bad_line(Line(target=old.port)) as line:
            done, problems = mark(source(line.port, user, after="move"), ledger)
        left = keywords(old, user)
        if problem:
            assert [problem in line for line in (*told, *problems)] == [True, True]
            assert (done, sorted(left)) == (0, [1, 2, 3, 4])
        else:
            assert (told, problems, done) == ((), (), 4)
            assert left == {4: {"\\Deleted"}}
            assert len(keywords(old, user, "Triaged")) == 3
        assert "EXPUNGE" not in line.commands()


def test_a_try_that_broke_off_is_repeated_without_harm(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, LETTERS)
    dovecot.fill(user, [], mailbox="Triaged")
    poll_and_decide(source(dovecot.port, user), ledger)
    with bad_line(Line(target=dovecot.port)) as line:
        for octets in range(1300, 2600, 100):
            line.octets, line.faults = octets, 1
            mark(source(line.port, user, after="move"), ledger)
    assert mark(source(dovecot.port, user, after="move"), ledger)[1] == ()
    assert (len(keywords(dovecot, user)), len(keywords(dovecot, user, "Triaged"))) == (0, 4)
    assert ledger.marks.waiting("main", "INBOX", list(Disposition), 0, 10) == ()


def test_what_a_kill_left_unnoted_is_noted_later(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, LETTERS[:2])
    dovecot.fill(user, [], mailbox="Triaged")
    found = source(dovecot.port, user, after="move")
    poll_and_decide(found, ledger)
    page = ledger.marks.waiting("main", "INBOX", list(Disposition), 0, 10)
    assert len(found.mark("INBOX", page)) == 2  # and the program died before it could note that
    assert mark(found, ledger) == (2, ())
    assert len(keywords(dovecot, user, "Triaged")) == 2


def test_vanished_mail_and_another_uidvalidity_are_fine(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, LETTERS[:3])
    found = source(dovecot.port, user, after="keyword")
    poll_and_decide(found, ledger)
    with dovecot.client(user) as client:
        client.select_folder("INBOX")
        client.delete_messages([2])
        client.expunge()
    dovecot.new_uidvalidity(user, "INBOX", 777777)
    # Under the old UIDVALIDITY nothing may be touched; the mail is seen again under the new one.
    assert mark(found, ledger) == (3, ())
    assert set(map(frozenset, keywords(dovecot, user).values())) == {frozenset()}
    assert ingest(found, ledger.messages, clock).known == 2
    assert mark(found, ledger) == (2, ())
    assert list(keywords(dovecot, user).values()) == [{"$Triaged"}, {"$Triaged"}]


def test_another_copy_follows_its_original(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [LETTERS[0]])
    found = source(dovecot.port, user, after="keyword")
    poll_and_decide(found, ledger)
    dovecot.fill(user, [LETTERS[0] + b"Footer\r\n"])
    ingest(found, ledger.messages, clock)
    (copy,) = ledger.messages.waiting(10)
    with writing(ledger.engine) as connection:
        same = {"state": "same", "same_as": copy.id - 1}
        connection.execute(update(messages).where(messages.c.id == copy.id).values(**same))
    assert mark(found, ledger) == (2, ())
    assert keywords(dovecot, user) == {1: {"$Triaged"}, 2: {"$Triaged"}}


def test_a_mailbox_that_may_only_be_read_is_told(dovecot: Dovecot, ledger: SqlLedger) -> None:
    with running_dovecot(RIGHTS) as server:
        user = server.new_user()
        server.fill(user, LETTERS[:1])
        rights = server.base / "home" / user / "Maildir" / "dovecot-acl"
        rights.write_text("owner lr\n")
        rights.chmod(0o644)  # Dovecot is another user
        found = source(server.port, user, after="keyword")
        poll_and_decide(found, ledger)
        assert ledger.reports.status(NOW).messages == {"read": 1}
        (problem,) = found.check()
        assert "mailbox 'INBOX' may only be read" in problem
        assert mark(found, ledger) == (0, (problem,))


def test_a_server_that_keeps_no_keywords_is_told(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    with imap_server({"INBOX": [(LETTERS[0], datetime(2026, 3, 1, tzinfo=UTC))]}) as (port, user, password):
        monkeypatch.setenv("IMAP_PASSWORD", password)
        found = source(port, user, after="keyword")
        (problem,) = found.check()
        assert "mailbox 'INBOX' keeps no keyword $Triaged" in problem
        poll_and_decide(found, ledger)
        assert mark(found, ledger) == (0, (problem,))


def test_a_missing_target_is_told_with_the_right_one(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, LETTERS[:1])
    dovecot.fill(user, [], mailbox="Triage/Done")
    found = source(dovecot.port, user, after="move", move_to="Triage/Dome")
    (problem,) = found.check()
    assert problem.endswith("create it, or correct move_to; did you mean 'Triage/Done'?")
    poll_and_decide(found, ledger)
    assert mark(found, ledger) == (0, (problem,))
    assert len(keywords(dovecot, user)) == 1


def test_by_default_nothing_is_told(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, LETTERS[:1])
    with bad_line(Line(target=dovecot.port)) as line:
        found = source(line.port, user)
        poll_and_decide(found, ledger)
        assert mark(found, ledger) == (0, ())
        assert not {"SELECT", "UID STORE", "UID MOVE"} & set(line.commands())
