"""An inquiry handed over to a chapter, the whole way: who reads of it, who answers, and who has it when the inquirer writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.records.work import State
from tests.support.answering import SERVER, Office, answer, office
from tests.support.mails import letter

CHAPTER = f"{SERVER}; dmarc=pass header.from=kenya.example"
MEMBER = f"{SERVER}; dmarc=pass header.from=other.example"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def reads(desk: Office) -> dict[str, set[str]]:
    """Return who reads of which inquiries in the digest of now."""
    made = desk.desk.digester().daily(desk.now)
    return {
        one.id: {entry.key for entry in (*digest.new, *digest.waiting, *digest.overdue)}
        for one, digest in made
    }


def test_a_chapter_reads_answers_waits_and_gets_it_back(desk: Office) -> None:
    key = desk.inquiry().key
    desk.receive(answer("outcome: handed to Wikimedia Kenya", to=desk.offer(key).address))
    assert reads(desk) == {"kenya": {key}}
    entry = desk.entry(key)
    assert (entry.state, entry.liaison, entry.reason) == (
        State.ASSIGNED,
        "kenya",
        "handed over by Lieve Maesveld",
    )
    assert entry.due_at is not None
    assert entry.due_at > desk.now
    board = "Board <board@kenya.example>"
    desk.receive(
        answer("waiting until 2026-04-20", to=desk.offer(key, "kenya").address, sender=board, results=CHAPTER)
    )
    assert desk.state(key) is State.WAITING
    again = letter(
        identifier="again@museum.example",
        subject="Re: Glass plates one",
        sender="Asha Rao <asha@museum.example>",
        headers="In-Reply-To: <one@museum.example>",
    )
    desk.receive(again)
    assert (desk.state(key), desk.entry(key).liaison) == (State.ASSIGNED, "kenya")
    member = "Joaquin <joaquin@other.example>"
    desk.receive(
        answer("outcome: partnership", to=desk.offer(key, "kenya").address, sender=member, results=MEMBER)
    )
    assert desk.state(key) is State.DONE
    assert reads(desk) == {}


def test_who_handed_it_over_cannot_act_on_it_with_the_old_link(desk: Office) -> None:
    key = desk.inquiry().key
    old = desk.offer(key).address
    desk.receive(answer("outcome: handed to Wikimedia Kenya", to=old))
    desk.receive(answer("done", to=old))
    assert (desk.state(key), desk.entry(key).liaison) == (State.ASSIGNED, "kenya")
