"""The register over a real ledger: entered once, merged and split without a trace of wrong knowledge."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, event, func, select, text

from pipeline import parsing
from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.schema import organisation_inquiries, organisation_marks, organisations
from pipeline.assess.hosts import domain_of
from pipeline.assess.matching import choose, marks
from pipeline.errors import UsageError
from pipeline.records.decisions import Disposition
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.organisations import Known, Match, Met, Newcomer, Section
from pipeline.records.outcomes import Outcome
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from pipeline.records.work import Assignment
from pipeline.service import landscape, register
from tests.support.ledgers import fresh_ledger
from tests.support.mails import NOW, letter, reading


class Desk:
    """A ledger with a short way to let inquiries come in."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger = ledger
        self.register = ledger.organisations
        self.count = 0

    def mail(
        self,
        address: str = "ana@museum-beads.example",
        *,
        name: str = "",
        kind: str = "partnership",
        partner: str = "museum",
        country: str | None = "GH",
        disposition: Disposition = Disposition.ASSIGN,
        unsure: tuple[str, ...] = (),
        join: str | None = None,
    ) -> str:
        """Store and decide one mail; return the KEY of its inquiry."""
        self.count += 1
        octets = letter(identifier=f"m{self.count}@x.example", sender=f"Ana Kos <{address}>")
        sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=self.count)
        received = NOW + timedelta(days=self.count)
        raw = RawMessage(sighting=sighting, octets=octets, received_at=received)
        one = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=self.count), total=None)
        self.ledger.messages.record("imap:a", "INBOX", one, NOW)
        (waiting,) = self.ledger.messages.waiting(10)
        read = reading(octets)
        tags = dataclasses.replace(read.decision.tags, kind=kind, partner_type=partner, country=country)
        decision = dataclasses.replace(read.decision, tags=tags, disposition=disposition, abstained=unsure)
        found = dataclasses.replace(
            read,
            inquiry=parsing.read(octets, received),
            decision=decision,
            organisation=name,
            organisation_domain=domain_of(address),
        )
        return self.ledger.inquiries.record(waiting, found, Placement(join=join), NOW)

    def enter(self) -> int:
        """Register what has come in."""
        return register.register(self.register, lambda: NOW)

    def organisation(self, key: str) -> int | None:
        """Return the number of the organisation of an inquiry."""
        met = self.register.met([key])
        return met[key].organisation if key in met else None

    def assign(self, key: str, liaison: str) -> None:
        """Give an inquiry to a liaison."""
        one = Assignment(inquiry=key, liaison=liaison, reason="", due_at=NOW)
        self.ledger.inquiries.assign([one], NOW)

    def size(self, table: Table) -> int:
        """Count the rows of a table."""
        with self.ledger.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    ledger = fresh_ledger(tmp_path / "ledger.db")
    yield Desk(ledger)
    ledger.close()


def test_each_inquiry_is_entered_once(desk: Desk) -> None:
    first = desk.mail(name="Museum of Beads")
    second = desk.mail(name="Beads Museum")
    other = desk.mail("luc@archive-lyre.example", name="Archives de la Lyre", country="FR")
    assert (desk.enter(), desk.enter()) == (3, 0)
    assert desk.organisation(first) == desk.organisation(second) != desk.organisation(other)
    assert desk.register.met([second, other]) == {
        second: Met(organisation=1, name="Museum of Beads", before=1),
        other: Met(organisation=2, name="Archives de la Lyre", before=0),
    }


def test_who_cannot_be_named_has_a_row_without_organisation(desk: Desk) -> None:
    nobody = desk.mail("someone@gmail.com")
    private = desk.mail("me@ana-kos.example", partner="individual")
    filed = desk.mail("x@seo-boost.example", disposition=Disposition.FILE, kind="spam")
    assert desk.enter() == 2
    assert [desk.organisation(key) for key in (nobody, private, filed)] == [None, None, None]
    assert (desk.size(organisation_inquiries), desk.size(organisations)) == (2, 0)


def test_a_crash_in_between_leaves_nothing_half(desk: Desk) -> None:
    for number in range(3):
        desk.mail(f"a@place{number}.example", name=f"Lantern House {number}")
    batch = [(one, marks(one)) for one in desk.register.unregistered(0, 10)]

    def cut(newcomer: Newcomer, known: Sequence[Known]) -> Match:
        if newcomer.number == batch[1][0].number:
            raise RuntimeError("power cut")
        return choose(newcomer, known)

    with pytest.raises(RuntimeError, match="power cut"):
        desk.register.register(batch, cut, NOW)
    assert (desk.size(organisations), desk.size(organisation_inquiries)) == (0, 0)
    assert desk.enter() == 3


def test_a_guess_of_the_country_is_no_knowledge(desk: Desk) -> None:
    desk.mail(name="Museum of Beads", unsure=("country",))
    desk.enter()
    profile = desk.register.profile(1)
    assert profile is not None
    assert (profile.country, profile.domains) == (None, ("museum-beads.example",))


def test_a_merge_is_followed_and_taken_back(desk: Desk) -> None:
    old = desk.mail("a@beads.example", name="Museum of Beads")
    new = desk.mail("b@glass.example", name="House of Glass")
    desk.enter()
    register.merge(desk.register, 1, 2, lambda: NOW)
    later = desk.mail("c@glass.example")
    desk.enter()
    assert [desk.organisation(key) for key in (old, new, later)] == [1, 1, 1]
    assert desk.register.met([later])[later].before == 2
    with pytest.raises(UsageError, match="are one already"):
        register.merge(desk.register, 2, 1, lambda: NOW)
    assert register.split(desk.register, 2, [], lambda: NOW) == 2
    assert [desk.organisation(key) for key in (old, new)] == [1, 2]


def test_merges_of_merges_are_one_family(desk: Desk) -> None:
    keys = [desk.mail(f"a@house{number}.example", name=f"House {number} Lume") for number in range(3)]
    desk.enter()
    register.merge(desk.register, 2, 3, lambda: NOW)
    register.merge(desk.register, 1, 2, lambda: NOW)
    assert [desk.organisation(key) for key in keys] == [1, 1, 1]
    (only,) = desk.register.find("", 10)
    assert (only.id, only.inquiries, len(only.domains)) == (1, 3, 3)
    register.split(desk.register, 2, [], lambda: NOW)
    assert [desk.organisation(key) for key in keys] == [1, 2, 2]


def test_split_inquiries_take_their_marks_along(desk: Desk) -> None:
    archive = desk.mail("a@musterstadt.example", name="Stadtarchiv Musterstadt", partner="archive")
    library = desk.mail("b@musterstadt.example", name="Stadtbibliothek Musterstadt", partner="library")
    desk.enter()
    assert desk.organisation(library) == desk.organisation(archive)
    made = register.split(desk.register, 1, [library.lower()], lambda: NOW)
    later = desk.mail("c@musterstadt.example", name="Stadtbibliothek Musterstadt", partner="library")
    unnamed = desk.mail("d@musterstadt.example")
    desk.enter()
    assert (desk.organisation(library), desk.organisation(later)) == (made, made)
    assert desk.organisation(archive) == 1
    assert desk.organisation(unnamed) is None
    profile = desk.register.profile(made)
    assert profile is not None
    assert profile.name == "Stadtbibliothek Musterstadt"


def test_a_mark_that_only_split_inquiries_had_is_lost(desk: Desk) -> None:
    first = desk.mail("a@beads.example", name="Museum of Beads")
    desk.mail("b@beads.example")
    wrong = desk.mail("c@glass.example", name="House of Glass")
    desk.enter()
    register.merge(desk.register, 1, 2, lambda: NOW)
    made = register.split(desk.register, 1, [wrong], lambda: NOW)
    later = desk.mail("d@glass.example")
    desk.enter()
    assert desk.organisation(later) == made
    assert desk.organisation(first) == 1


def test_all_faults_of_a_split_at_once(desk: Desk) -> None:
    key = desk.mail(name="Museum of Beads")
    desk.enter()
    with pytest.raises(UsageError, match=r"(?s)AAAAAA.*BBBBBB"):
        register.split(desk.register, 1, ["BBBBBB", "AAAAAA"], lambda: NOW)
    with pytest.raises(UsageError, match="no inquiry would be left"):
        register.split(desk.register, 1, [key], lambda: NOW)
    with pytest.raises(UsageError, match="was not merged"):
        register.split(desk.register, 1, [], lambda: NOW)
    with pytest.raises(UsageError, match=r"(?s)8: no such.*9: no such"):
        register.merge(desk.register, 8, 9, lambda: NOW)


def test_move_gives_an_unnamed_inquiry_its_organisation(desk: Desk) -> None:
    desk.mail("a@beads.example", name="Museum of Beads")
    key = desk.mail("kofi@gmail.com")
    desk.enter()
    register.move(desk.register, 1, [key], lambda: NOW)
    later = desk.mail("kofi@gmail.com")
    desk.enter()
    assert (desk.organisation(key), desk.organisation(later)) == (1, 1)
    with pytest.raises(UsageError, match="ZZZZZZ: no such inquiry"):
        register.move(desk.register, 1, ["ZZZZZZ"], lambda: NOW)


def test_mail_under_a_new_name_is_found(desk: Desk) -> None:
    desk.mail("a@beads.example", name="Museum of Beads")
    desk.enter()
    register.rename(desk.register, 1, "House  of Kente\n", lambda: NOW)
    later = desk.mail("kofi@gmail.com", name="The House of Kente")
    desk.enter()
    assert desk.register.met([later])[later] == Met(organisation=1, name="House of Kente", before=1)
    with pytest.raises(UsageError, match="empty"):
        register.rename(desk.register, 1, " \u0000 ", lambda: NOW)


def test_the_former_liaison_is_remembered(desk: Desk) -> None:
    first = desk.mail(name="Museum of Beads")
    desk.enter()
    desk.assign(first, "ana")
    keys = {
        "again": desk.mail(),
        "endorsement": desk.mail(kind="endorsement"),
        "business": desk.mail(kind="business"),
        "stranger": desk.mail("b@glass.example"),
    }
    desk.enter()
    former = desk.register.former(keys.values())
    assert {name: former.get(key) for name, key in keys.items()} == {
        "again": "ana",
        "endorsement": "ana",
        "business": None,
        "stranger": None,
    }


@pytest.mark.parametrize(
    ("kind", "disposition"),
    [
        ("endorsement", Disposition.ASSIGN),
        ("misdirected", Disposition.ASSIGN),
        ("partnership", Disposition.REVIEW),
    ],
)
def test_who_only_looked_at_it_is_no_former_liaison(desk: Desk, kind: str, disposition: Disposition) -> None:
    first = desk.mail(kind=kind, disposition=disposition, name="Museum of Beads")
    desk.enter()
    desk.assign(first, "rota")
    again = desk.mail()
    desk.enter()
    assert desk.register.former([again]) == {}


def test_the_last_liaison_of_a_merged_family_counts(desk: Desk) -> None:
    old = desk.mail("a@beads.example", name="Museum of Beads")
    new = desk.mail("b@glass.example", name="House of Glass")
    desk.enter()
    desk.assign(old, "ana")
    register.merge(desk.register, 2, 1, lambda: NOW)
    again = desk.mail("c@glass.example")
    desk.enter()
    assert desk.register.former([again, new]) == {again: "ana", new: "ana"}


@pytest.mark.sqlite
def test_looking_up_uses_indexes_alone(desk: Desk) -> None:
    desk.mail(name="Museum of Beads")
    desk.enter()
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(desk.ledger.engine, "before_cursor_execute", note)
    desk.mail("kofi@gmail.com", name="Beads Museum")
    batch = [(one, marks(one)) for one in desk.register.unregistered(0, 10)]
    statements.clear()
    desk.register.register(batch, choose, NOW)
    reads = [one for one in statements if one[0].lstrip().startswith("SELECT")]
    assert any("organisation_marks" in one[0] for one in reads)
    with desk.ledger.engine.connect() as connection:
        for statement, parameters in reads:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert not any(str(row[-1]).startswith("SCAN") for row in plan), (statement, plan)


def test_the_event_log_holds_ids_only(desk: Desk) -> None:
    desk.mail(name="Museum of Beads")
    desk.mail("b@glass.example", name="House of Glass")
    desk.enter()
    register.merge(desk.register, 1, 2, lambda: NOW)
    register.rename(desk.register, 1, "House of Kente", lambda: NOW)
    register.split(desk.register, 2, [], lambda: NOW)
    with desk.ledger.engine.connect() as connection:
        rows = connection.execute(text("SELECT name, detail FROM events")).all()
        kept = {row[0] for row in connection.execute(select(organisation_marks.c.value))}
    assert {"organisation", "org-merged", "org-renamed", "org-split"} <= {row.name for row in rows}
    assert not any(word in row.detail for row in rows for word in ("Beads", "Glass", "@"))
    assert not any("@" in value for value in kept)


def test_only_what_was_approved_is_public(desk: Desk) -> None:
    store = desk.ledger.landscape
    key = desk.mail(name="Museum of Beads")
    desk.enter()
    (listed,) = store.listings()
    assert (listed.row.section, listed.approved) == (Section.EXPLORATORY, None)
    landscape.settle(
        store, key, lambda: NOW, outcome=Outcome.PARTNERSHIP, nature="Beads", background="https://x.example/b"
    )
    landscape.approve(store, [key.lower()], "Ana", lambda: NOW)
    landscape.settle(store, key, lambda: NOW, nature="Something else")
    register.rename(desk.register, 1, "House of Kente", lambda: NOW)
    (public,) = landscape.public(store.listings())
    assert (public.organisation, public.nature, public.section) == (
        "Museum of Beads",
        "Beads",
        Section.PARTNERS,
    )
    (now,) = landscape.everything(store.listings())
    assert (now.organisation, now.nature) == ("House of Kente", "Something else")
    landscape.withdraw(store, [key], lambda: NOW)
    assert landscape.public(store.listings()) == ()
    with pytest.raises(UsageError, match="was not public"):
        landscape.withdraw(store, [key], lambda: NOW)


def test_what_ended_without_a_result_is_in_no_table(desk: Desk) -> None:
    store = desk.ledger.landscape
    declined = desk.mail(name="Museum of Beads")
    desk.mail("b@glass.example", name="House of Glass", kind="business")
    given = desk.mail("c@lume.example", name="House of Lume", kind="endorsement")
    desk.mail("someone@gmail.com")
    desk.enter()
    landscape.settle(store, declined, lambda: NOW, outcome=Outcome.DECLINED)
    landscape.settle(store, given, lambda: NOW, outcome=Outcome.ENDORSED)
    assert [(one.row.inquiry, one.row.section) for one in store.listings()] == [(given, Section.ENDORSEMENTS)]
    with pytest.raises(UsageError, match=f"(?s){declined}.*NOSUCH"):
        landscape.approve(store, [declined, "NOSUCH"], "Ana", lambda: NOW)


def test_a_withdrawal_is_possible_after_the_row_has_left_its_table(desk: Desk) -> None:
    store = desk.ledger.landscape
    key = desk.mail(name="Museum of Beads")
    desk.enter()
    landscape.approve(store, [key], "Ana", lambda: NOW)
    landscape.settle(store, key, lambda: NOW, outcome=Outcome.DECLINED)
    assert [row.inquiry for row in landscape.public(store.listings())] == [key]
    landscape.withdraw(store, [key], lambda: NOW)
    assert store.listings() == ()


def test_rows_of_a_time(desk: Desk) -> None:
    desk.mail("a@beads.example", name="Museum of Beads")
    second = desk.mail("b@glass.example", name="House of Glass")
    desk.enter()
    begin = NOW + timedelta(days=2)
    store = desk.ledger.landscape
    assert [one.row.inquiry for one in store.listings(begin, begin + timedelta(days=1))] == [second]
    assert store.listings(None, NOW) == ()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "nothing to note"),
        ({"background": "javascript:alert(1)"}, "no web address"),
        ({"background": "ftp://x.example", "nature": "x" * 301}, "(?s)no web address.*301 characters"),
    ],
)
def test_what_cannot_be_noted(desk: Desk, values: dict[str, str], words: str) -> None:
    key = desk.mail(name="Museum of Beads")
    desk.enter()
    with pytest.raises(UsageError, match=words):
        landscape.settle(desk.ledger.landscape, key, lambda: NOW, **values)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no such inquiry"):
        landscape.settle(desk.ledger.landscape, "NOSUCH", lambda: NOW, nature="x")
