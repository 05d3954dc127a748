"""Returning partners through the use cases: registered after triage, handed to whom they know, shown in the digest."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.digest.cards import card
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from pipeline.records.work import Assignment
from pipeline.routing.policy import Policy, load_policy
from pipeline.service.assignment import assign_waiting
from pipeline.service.register import recognised, register
from pipeline.taxonomy import Taxonomy
from tests.support.mails import NOW, letter, reading


@pytest.fixture(scope="module")
def policy(rules: Path, taxonomy: Taxonomy) -> Policy:
    return load_policy(rules / "liaisons.toml", taxonomy)


def comes(ledger: SqlLedger, number: int, address: str) -> str:
    """Let one decided mail come in; return its KEY."""
    octets = letter(identifier=f"m{number}@x.example", sender=f"Ana Kos <{address}>")
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=number)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW + timedelta(days=number))
    cursor = Cursor(uidvalidity=7, uid=number)
    ledger.messages.record(
        "imap:a", "INBOX", Batch(messages=(raw,), refused=(), cursor=cursor, total=None), NOW
    )
    (waiting,) = ledger.messages.waiting(10)
    read = dataclasses.replace(reading(octets), organisation="Museum of Beads")
    return ledger.inquiries.record(waiting, read, Placement(), NOW)


def assign(ledger: SqlLedger, policy: Policy) -> Counter[str]:
    """Do what a round does after triage."""
    register(ledger.organisations, lambda: NOW)
    return assign_waiting(ledger.inquiries, policy, lambda: NOW, ledger.organisations)


def holder(ledger: SqlLedger, key: str) -> str:
    """Return who has an inquiry."""
    entry = ledger.inquiries.find(key)
    assert entry is not None
    return entry.liaison or ""


def test_returning_partners_go_to_their_former_liaison(ledger: SqlLedger, policy: Policy) -> None:
    first = comes(ledger, 1, "ana@beads.example")
    assign(ledger, policy)
    known = holder(ledger, first)
    # Somebody else is given it: from now on that is who knows the organisation.
    other = next(one.id for one in policy.liaisons if one.id != known and one.is_present(NOW))
    entry = ledger.inquiries.find(first)
    assert entry is not None
    assert entry.due_at is not None
    ledger.inquiries.assign(
        [Assignment(inquiry=first, liaison=other, reason="", due_at=entry.due_at)], NOW + timedelta(hours=1)
    )
    again = comes(ledger, 2, "ivo@beads.example")
    assert assign(ledger, policy) == {other: 1}
    assert holder(ledger, again) == other


def test_a_liaison_who_is_away_is_not_asked(
    ledger: SqlLedger, policy: Policy, rules: Path, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    first = comes(ledger, 1, "ana@beads.example")
    assign(ledger, policy)
    away = holder(ledger, first)
    declared = (rules / "liaisons.toml").read_text(encoding="utf-8")
    paused = tmp_path / "liaisons.toml"
    paused.write_text(declared.replace(f'id = "{away}"', f'id = "{away}"\npaused = true'), encoding="utf-8")
    again = comes(ledger, 2, "ivo@beads.example")
    assign(ledger, load_policy(paused, taxonomy))
    assert holder(ledger, again) not in ("", away)


def test_the_digest_says_who_returns(ledger: SqlLedger) -> None:
    keys = [comes(ledger, number, f"a{number}@beads.example") for number in (1, 2, 3)]
    register(ledger.organisations, lambda: NOW)
    entries = {one.key: one for one in recognised(ledger.organisations, ledger.inquiries.open())}
    assert [entries[key].met_before for key in keys] == [0, 1, 2]
    assert {one.organisation_id for one in entries.values()} == {1}
    shown = [card(entries[key], timezone="UTC", today=NOW.date()).returning for key in keys]
    assert shown == ["", "returning: 1 earlier inquiry", "returning: 2 earlier inquiries"]


def test_registering_again_changes_nothing(ledger: SqlLedger) -> None:
    for number in range(1, 6):
        comes(ledger, number, f"a@house{number}.example")
    steps: list[int] = []
    entered = register(ledger.organisations, lambda: NOW, lambda _step, done, _total: steps.append(done))
    assert (entered, steps) == (5, [5])
    assert register(ledger.organisations, lambda: NOW) == 0
