"""A person who is forgotten is nowhere any more, does not come back, and no figure changes."""

from __future__ import annotations

import csv
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from pipeline import faultpoints
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.database.compact import compact
from pipeline.adapters.ledger.schema import metadata
from pipeline.adapters.ledger.upkeep.doctor import examine
from pipeline.adapters.reading.reader import ChildReader
from pipeline.errors import LedgerError
from pipeline.records.answers import Note
from pipeline.records.keeping import FORGET, Gone
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.weeks import Shortlist, Week
from pipeline.records.work import State, Window
from pipeline.service.forgetting import Forgetter
from pipeline.service.person import Person, canonical, views
from tests.support.answering import Office, office
from tests.support.documents import docx, pdf_of_pages
from tests.support.mails import NOW, letter

ADDRESS, NAME = "asha@museum.example", "Asha Rao"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def train_mails(count: int) -> list[bytes]:
    with (ROOT / "fixtures" / "splits.csv").open(encoding="utf-8") as stream:
        names = [row["id"] for row in csv.DictReader(stream) if row["split"] == "train"]
    return [(ROOT / "fixtures" / "messages" / f"{name}.eml").read_bytes() for name in names[:count]]


def forget(desk: Office, who: str = ADDRESS) -> Gone:
    return Forgetter(store=desk.desk.ledger.forgetting, clock=lambda: desk.now).forget(who)


def text_of(desk: Office) -> str:
    return all_text(desk.desk.ledger)  # type: ignore[arg-type]


def healthy(desk: Office) -> list[str]:
    engine = desk.desk.ledger.engine  # type: ignore[attr-defined]
    return [f"{one.check} {one.examples}" for one in examine(engine) if one.offenders]


def octets_on_disk(desk: Office) -> bytes:
    compact(desk.desk.ledger.engine)  # type: ignore[attr-defined]
    return b"".join(path.read_bytes() for path in sorted(desk.folder.glob("triage.db*")))


def all_text(ledger: SqlLedger) -> str:
    """Everything that the ledger holds, decompressed and decoded."""
    with ledger.engine.connect() as held:
        rows = [row for table in metadata.sorted_tables for row in held.execute(select(table))]
    return "\n".join(_plain(value) for row in rows for value in row)


def _plain(value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value)
    octets = zlib.decompress(value) if value[:1] == b"\x78" else value
    return "\n".join(views(octets))


def figures(ledger: SqlLedger) -> list[Any]:
    """What weeks came to, but for what inquiries are called in lists."""
    start = NOW - timedelta(days=7 * 3)
    windows = [
        Window(period=f"w{n}", start=start + timedelta(days=7 * n), end=start + timedelta(days=7 * (n + 1)))
        for n in range(4)
    ]
    week: Week = ledger.weeks.week(windows, 5)
    told = [
        value.total if isinstance(value, Shortlist) else value
        for value in (getattr(week, name) for name in Week.__slots__ if name != "acquaintances")
    ]
    met = week.acquaintances
    return [*told, met.new, met.returning, met.unknown]


@pytest.mark.sqlite
def test_nothing_of_a_person_is_left_in_rows_or_octets(desk: Office) -> None:
    entry = desk.inquiry("one")
    desk.receive(
        letter(
            identifier="other@x.example",
            sender="Ben Okoro <ben@press.example>",
            subject="Press",
            body=b"Dear all,\r\n\r\nour archive would like to give its photographs to Commons.\r\n\r\nBen\r\n",
        )
    )
    desk.desk.ledger.notes.add(Note(inquiry=entry.key, author="lieve", text=f"rang {NAME} up", at=desk.now))
    digester = desk.desk.digester()
    assert digester.queue_daily(desk.now + timedelta(days=1))
    assert NAME in text_of(desk)
    assert ADDRESS.encode() in octets_on_disk(desk)
    gone = forget(desk, "Asha+Museum@MUSEUM.example")
    assert gone.keys == (entry.key,)
    assert gone.names == (NAME,)
    text, octets = text_of(desk), octets_on_disk(desk)
    for word in (ADDRESS, NAME, "glass plates", "one@museum.example"):
        assert word.casefold() not in text.casefold()
        assert word.casefold().encode() not in octets.lower()
    assert "ben@press.example" in text
    assert healthy(desk) == []


def with_attachment(identifier: str, octets: bytes, kind: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Ben Okoro <ben@press.example>", f"Papers {identifier}"
    mail["Message-ID"], mail["To"] = f"<{identifier}@press.example>", "partnerships@wiki.example"
    mail.set_content("Our archive would like to give maps to Commons, as the paper says.")
    mail.add_attachment(octets, maintype="application", subtype=kind, filename="paper")
    return mail.as_bytes()


def test_a_document_in_the_mail_of_somebody_else_is_looked_into(desk: Office) -> None:
    """Compressed as they are, nothing of the address shows in the octets; a document that says nothing of it stays."""
    held = {
        "pdf": with_attachment("pdf", pdf_of_pages(["Our people", f"Ask {ADDRESS} for plates"]), "pdf"),
        "word": with_attachment("word", docx(["Ask", f"<{ADDRESS.upper()}>"]), "octet-stream"),
        "other": with_attachment("other", docx(["Ask asha@library.example"]), "octet-stream"),
        "broken": with_attachment("broken", b"%PDF-1.4 and no more", "pdf"),
    }
    desk.receive(*held.values())
    assert not any(
        Person.at(ADDRESS).in_octets(one, closely=False) for name, one in held.items() if name == "word"
    )
    ledger = desk.desk.ledger
    with ChildReader() as reader:
        forgetter = Forgetter(store=ledger.forgetting, clock=lambda: desk.now, reader=reader)
        assert forgetter.find(ADDRESS).rows == {"messages": 2}
        assert forgetter.forget(ADDRESS).rows == {"messages": 2}
        assert forgetter.traces(ADDRESS, [NAME]) == ()
    with ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        kept = (
            connection.execute(
                text(
                    "SELECT c.header_id FROM messages m JOIN contents c ON c.message_id = m.id WHERE m.octets IS NOT NULL"
                )
            )
            .scalars()
            .all()
        )
    assert sorted(kept) == ["broken@press.example", "other@press.example"]


def test_an_open_inquiry_of_nobody_is_closed_and_reads_removed(desk: Office) -> None:
    entry = desk.inquiry("one")
    assert forget(desk).closed == (entry.key,)
    after = desk.entry(entry.key)
    assert (after.state, after.liaison) == (State.DONE, None)
    assert (after.author.name, after.author.address, after.subject, after.text) == (
        "removed",
        "",
        "removed",
        "",
    )
    assert desk.desk.ledger.inquiries.open() == ()


def test_an_inquiry_that_others_ask_in_goes_on_without_the_name(desk: Office) -> None:
    first = desk.inquiry("one", sender="Ben Okoro <ben@press.example>")
    desk.receive(
        letter(
            identifier="two@museum.example",
            reply_to="one@museum.example",
            subject="Re: Glass plates one",
            headers="Cc: ben@press.example",
            body=b"I am Ben's colleague.\r\n\r\nAsha Rao\r\n",
        ),
        letter(
            identifier="three@press.example",
            reply_to="two@museum.example",
            sender="Ben Okoro <ben@press.example>",
            subject="Re: Glass plates one",
            headers=f"Cc: {NAME} <{ADDRESS}>",
            body=b"As Asha  Rao (asha+x@MUSEUM.example) says, we have more plates.\r\n",
        ),
    )
    assert desk.entry(first.key).messages == 3
    gone = forget(desk)
    assert gone.closed == ()
    assert desk.state(first.key) is State.ASSIGNED
    told = text_of(desk).casefold()
    assert "asha" not in told.replace("asha@x", "")
    assert "ben@press.example" in told
    assert "we have more plates" in told
    assert healthy(desk) == []


def test_forgotten_mail_does_not_come_back_and_new_mail_does(desk: Office) -> None:
    mail = letter(identifier="one@museum.example", subject="Glass plates one")
    desk.receive(mail)
    forget(desk)
    assert desk.receive(mail) == {}
    with_footer = mail + b"-- \r\nPosted on the list\r\n"
    assert desk.receive(with_footer) == {"forgotten": 1}
    assert NAME not in text_of(desk)
    assert desk.receive(letter(identifier="new@museum.example", subject="Another matter")) == {"assign": 1}
    assert healthy(desk) == []


def test_what_nobody_has_read_yet_goes_too(desk: Office) -> None:
    arrive(desk, letter(), 9)
    forget(desk)
    assert desk.desk.work()[0] == {}
    assert healthy(desk) == []


def arrive(desk: Office, octets: bytes, uid: int) -> None:
    """Let a mail arrive that nobody has read yet."""
    sighting = ImapSighting(account="main", mailbox="INBOX", uidvalidity=1, uid=uid)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=desk.now)
    batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=1, uid=uid), total=None)
    desk.desk.ledger.messages.record("main", "INBOX", batch, desk.now)


def test_what_arrives_while_somebody_is_forgotten_goes_too(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = desk.inquiry("one")
    ledger = desk.desk.ledger
    late: list[str] = []

    def meanwhile(point: str) -> None:
        """Between the look at the tables and the end: mail of the person, and a note that names them."""
        if point == "forget.contents" and not late:
            late.append(point)
            arrive(desk, letter(identifier="late@museum.example"), 9)
            ledger.notes.add(Note(inquiry=entry.key, author="lieve", text=f"rang {NAME} up", at=desk.now))

    monkeypatch.setattr(faultpoints, "_armed", meanwhile)
    gone = forget(desk)
    assert late
    assert (gone.messages, gone.rows["messages"]) == (1, 2)
    assert ledger.messages.count_waiting() == 0
    assert NAME.casefold() not in text_of(desk).casefold()
    assert healthy(desk) == []


def test_who_keeps_writing_while_they_are_forgotten_is_told_of(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(range(9, 99))

    def meanwhile(point: str) -> None:
        if point == "forget.redacted" and not desk.desk.ledger.messages.count_waiting():
            arrive(desk, letter(identifier=f"late{(uid := next(numbers))}@museum.example"), uid)

    desk.inquiry("one")
    monkeypatch.setattr(faultpoints, "_armed", meanwhile)
    with pytest.raises(LedgerError, match="forget them again"):
        forget(desk)


def test_nobody_tags_while_somebody_is_forgotten(desk: Office) -> None:
    ledger = desk.desk.ledger
    arrive(desk, letter(), 9)
    assert ledger.leases.acquire(FORGET, "another", 60, desk.now)
    assert ledger.messages.claim(5, 60, desk.now) == ()
    ledger.leases.release(FORGET, "another")
    assert len(ledger.messages.claim(5, 60, desk.now)) == 1
    with closing(open_ledger(ledger.engine.url.render_as_string(hide_password=False))) as other:  # type: ignore[attr-defined]
        assert other.messages.in_hand(desk.now) == 1
    ledger.messages.let_go()


def test_a_key_means_those_who_wrote_in_the_inquiry(desk: Office) -> None:
    entry = desk.inquiry("one")
    forgetter = Forgetter(store=desk.desk.ledger.forgetting, clock=lambda: desk.now)
    assert forgetter.addresses(entry.key) == (ADDRESS,)


@pytest.mark.sqlite
def test_an_older_ledger_forgets_again(desk: Office, tmp_path: Path) -> None:
    desk.inquiry("one")
    with closing(sqlite3.connect(desk.folder / "triage.db")) as held:
        held.execute("VACUUM INTO ?", (str(tmp_path / "old.db"),))
    forget(desk)
    known = desk.desk.ledger.forgetting.remembered()
    assert {one.kind for one in known} == {"person", "mail"}
    assert not any("asha" in one.digest for one in known)
    with closing(open_ledger(f"sqlite:///{tmp_path / 'old.db'}")) as old:
        again = Forgetter(store=old.forgetting, clock=lambda: desk.now)
        assert again.again(known) == (ADDRESS,)
        assert again.again(known) == ()
        assert old.forgetting.find(Person.at(ADDRESS)).messages == 0


def test_who_wrote_again_after_being_forgotten_is_not_forgotten_a_second_time(desk: Office) -> None:
    desk.inquiry("one")
    forget(desk)
    desk.receive(letter(identifier="new@museum.example", subject="Another matter"))
    again = Forgetter(store=desk.desk.ledger.forgetting, clock=lambda: desk.now)
    assert again.again(desk.desk.ledger.forgetting.remembered()) == ()
    assert ADDRESS in text_of(desk)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, tuple[str, ...]]:
    """A ledger of train mails that went through the real pipeline, as a file, and who wrote them."""
    folder = tmp_path_factory.mktemp("filled")
    with office(folder) as made:
        made.receive(*train_mails(24))
        authors = {one.author.address for one in made.desk.ledger.inquiries.open()}
        compact(made.desk.ledger.engine)  # type: ignore[attr-defined]
    if not (folder / "triage.db").exists():
        return b"", ()
    return (folder / "triage.db").read_bytes(), tuple(sorted(authors - {""}))


@pytest.mark.sqlite
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 10_000))
def test_whoever_is_forgotten_the_ledger_is_whole_and_figures_stay(
    filled: tuple[bytes, tuple[str, ...]], tmp_path: Path, number: int
) -> None:
    octets, authors = filled
    address = authors[number % len(authors)]
    path = tmp_path / f"{number}.db"
    path.write_bytes(octets)
    later = NOW + timedelta(days=8)
    with closing(open_ledger(f"sqlite:///{path}")) as ledger:
        before = figures(ledger)
        gone = Forgetter(store=ledger.forgetting, clock=lambda: later).forget(address)
        assert gone.messages >= 1
        assert [one for one in examine(ledger.engine) if one.offenders] == []
        assert figures(ledger) == before
        assert ledger.forgetting.spots(Person.at(address).named(gone.names)) == ()
        assert canonical(address) not in all_text(ledger).lower()
        compact(ledger.engine)
    assert canonical(address).encode() not in path.read_bytes().lower()
