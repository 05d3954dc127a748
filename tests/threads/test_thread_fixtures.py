"""Some sixty threads in many languages and shapes, all together in one ledger, in several orders of arrival."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.ledger import open_ledger
from tests.support.ledgers import ledger_url
from tests.threads.desk import receive, rows
from tests.threads.letters import START, Case, Letter, cases

CASES = cases()
NOW = START + timedelta(days=70)


def arrival(order: str) -> list[Letter]:
    """Return all letters in an order; those of threads whose order matters stay in theirs."""
    chance = random.Random(order)
    queue: list[tuple[float, Letter]] = []
    for case in CASES:
        places = [chance.random() for _ in case.letters]
        if order == "as sent":
            places = [letter.received_at.timestamp() for letter in case.letters]
        elif not case.any_order:
            places.sort()
        elif order == "backwards":
            places.sort(reverse=True)
        queue += zip(places, case.letters, strict=True)
    return [letter for _, letter in sorted(queue, key=lambda one: (one[0], one[1].thread, one[1].id))]


class Found:
    """What the ledger made of all letters, once for each order."""

    def __init__(self, folder: Path, order: str) -> None:
        ledger = open_ledger(ledger_url(folder / "ledger.db"))
        numbers = receive(ledger, arrival(order), NOW)
        names = {number: (letter.thread, letter.id) for number, letter in numbers.items()}
        self.same: dict[str, set[frozenset[str]]] = defaultdict(set)
        original: dict[int, int] = {}
        for number, same_as in rows(ledger, "SELECT id, same_as FROM messages"):
            original[number] = same_as or number
            if same_as:
                self.same[names[number][0]].add(frozenset({names[number][1], names[same_as][1]}))
        self.inquiry = {
            names[row.message_id]: row.inquiry_id for row in rows(ledger, "SELECT * FROM inquiry_messages")
        }
        for number, name in names.items():
            self.inquiry.setdefault(name, self.inquiry[names[original[number]]])
        self.links = {
            (row.inquiry_id, row.other_id, row.reason)
            for row in rows(ledger, "SELECT * FROM inquiry_links WHERE reason <> 'merged'")
        }
        self.unread = rows(ledger, "SELECT * FROM set_aside")
        ledger.close()

    def groups(self, case: Case) -> set[frozenset[str]]:
        found: dict[int, set[str]] = defaultdict(set)
        for letter in case.letters:
            found[self.inquiry[case.name, letter.id]].add(letter.id)
        return {frozenset(group) for group in found.values()}


_ORDERS = [
    pytest.param(order, marks=pytest.mark.xdist_group(f"threads {order}"))
    for order in ("as sent", "backwards", "shuffled")
]
_NIGHTLY = [pytest.param(f"shuffled {number}", marks=pytest.mark.nightly) for number in range(6)]


@pytest.fixture(scope="module", params=[*_ORDERS, *_NIGHTLY])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Found:
    return Found(tmp_path_factory.mktemp("threads"), request.param)


def test_nothing_is_set_aside(found: Found) -> None:
    assert found.unread == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_thread_is_grouped(found: Found, case: Case) -> None:
    copies = {letter.id for letter in case.letters} - {one for group in case.groups for one in group}
    home = {one: group for group in case.groups for one in group}
    whole = set(case.groups)
    for copy in copies:
        twin = next(one for one in sorted(case.same) if one in home)
        whole = {group | {copy} if twin in group else group for group in whole}
    assert found.groups(case) == whole


@pytest.mark.parametrize("case", [case for case in CASES if case.same], ids=lambda case: case.name)
def test_copies_are_one_message(found: Found, case: Case) -> None:
    copies = set().union(*found.same[case.name])
    assert copies == case.same
    assert len(found.same[case.name]) == len(case.same) - 1


def test_only_the_mails_that_are_copies_are(found: Found) -> None:
    assert {name for name, pairs in found.same.items() if pairs} == {case.name for case in CASES if case.same}


@pytest.mark.parametrize("case", [case for case in CASES if case.links], ids=lambda case: case.name)
def test_claims_are_linked(found: Found, case: Case) -> None:
    for link in case.links:
        one, other = found.inquiry[case.name, link[0]], found.inquiry[case.name, link[2]]
        reasons = {reason for first, second, reason in found.links if {first, second} == {one, other}}
        assert reasons
        assert ("same-id" in reasons) == (link[1] == "~")


def test_no_inquiry_holds_two_threads(found: Found) -> None:
    threads: dict[int, set[str]] = defaultdict(set)
    for (thread, _), inquiry in found.inquiry.items():
        threads[inquiry].add(thread)
    assert [names for names in threads.values() if len(names) > 1] == []
