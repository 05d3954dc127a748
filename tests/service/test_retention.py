"""What was kept long enough goes, each kind after its own time; open inquiries stay, and so do figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, func, select

from pipeline.adapters.ledger.schema import contents, decisions, messages, outbox, set_aside
from pipeline.adapters.ledger.upkeep.doctor import examine
from pipeline.records.work import State
from pipeline.service.retention import Keeper
from pipeline.settings import Retention
from tests.support.answering import Office, answer, office
from tests.support.mails import letter


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        opened.now = datetime.now(opened.now.tzinfo) - timedelta(days=1)
        yield opened


def keep(desk: Office, days: int, **periods: int) -> dict[str, int]:
    """Let some days go by, then let go of what is older than `periods`."""
    desk.later(days=days)
    store = desk.desk.ledger.retention
    return Keeper(store=store, settings=Retention.model_validate(periods), clock=lambda: desk.now).run()


def count(desk: Office, *where: ColumnElement[bool]) -> int:
    with desk.desk.ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        return int(connection.execute(select(func.count()).where(*where)).scalar_one())


def close(desk: Office, key: str) -> None:
    assert desk.desk.ledger.lives.change(key, None, State.DONE, "lieve", desk.now)


def test_nothing_goes_unless_somebody_says_so(desk: Office) -> None:
    close(desk, desk.inquiry("one").key)
    assert not any(keep(desk, 4000).values())
    assert count(desk, messages.c.octets.is_not(None)) == 1


def test_open_inquiries_are_never_touched(desk: Office) -> None:
    entry = desk.inquiry("one")
    found = keep(desk, 4000, raw_days=1, personal_days=1, decisions_days=1)
    assert not any(found.values())
    assert desk.entry(entry.key).author.address == "asha@museum.example"


def test_octets_go_first_and_texts_later_and_evidence_last(desk: Office) -> None:
    entry = desk.inquiry("one")
    close(desk, entry.key)
    periods = {"raw_days": 30, "personal_days": 60, "decisions_days": 90}
    assert not any(keep(desk, 29, **periods).values())
    assert keep(desk, 2, **periods)["raw"] == 1
    assert count(desk, messages.c.octets.is_not(None)) == 0
    assert desk.entry(entry.key).author.name == "Asha Rao"
    assert keep(desk, 30, **periods)["personal"] == 1
    after = desk.entry(entry.key)
    assert (after.author.name, after.subject, after.text) == ("removed", "removed", "")
    assert after.decision.evidence
    assert keep(desk, 30, **periods)["evidence"] == 1
    assert desk.entry(entry.key).decision.evidence == ()
    assert desk.entry(entry.key).decision.tags.kind == entry.decision.tags.kind
    assert not any(keep(desk, 1, **periods).values())
    assert [one.check for one in examine(desk.desk.ledger.engine) if one.offenders] == []  # type: ignore[attr-defined]


def test_a_late_follow_up_lets_the_time_begin_anew(desk: Office) -> None:
    first = desk.inquiry("one")
    close(desk, first.key)
    desk.later(days=20)
    desk.receive(
        letter(identifier="two@museum.example", reply_to="one@museum.example", subject="Re: Glass plates one")
    )
    close(desk, first.key)
    assert keep(desk, 20, raw_days=30)["raw"] == 0
    assert keep(desk, 20, raw_days=30)["raw"] == 2


def test_with_the_texts_go_the_octets(desk: Office) -> None:
    close(desk, desk.inquiry("one").key)
    keep(desk, 31, personal_days=30)
    assert count(desk, messages.c.octets.is_not(None)) == 0


def test_answers_and_sent_mails_go_with_the_octets_and_waiting_ones_stay(desk: Office) -> None:
    entry = desk.inquiry("one")
    reply = answer(f"{entry.key} note: rang them up", to=desk.reply_to())
    assert desk.receive(reply) == {"answer": 1}
    (receipt,) = [one for one in desk.desk.ledger.outbox.due(desk.now) if one.mail.purpose == "receipt"]
    assert keep(desk, 31, raw_days=30)["mails"] == 0
    desk.desk.ledger.outbox.sent(receipt.id, desk.now)
    assert keep(desk, 1, raw_days=30)["mails"] == 1
    assert count(desk, outbox.c.id == receipt.id, func.length(outbox.c.octets) == 0) == 1
    assert count(desk, messages.c.state == "answer", messages.c.octets.is_not(None)) == 0


def test_what_was_set_aside_goes_after_a_time_of_its_own_and_stays_counted(desk: Office) -> None:
    desk.receive(answer("done", results="evil; dmarc=pass"))
    assert keep(desk, 31, raw_days=1, personal_days=1, set_aside_days=60)["set_aside"] == 0
    assert keep(desk, 31, set_aside_days=60)["set_aside"] == 1
    assert desk.set_aside() == ["removed"]
    assert count(desk, set_aside.c.id > 0) == 1
    assert desk.desk.ledger.asides.retry(1, desk.now) is None


def test_what_would_go_can_be_asked(desk: Office) -> None:
    close(desk, desk.inquiry("one").key)
    desk.later(days=40)
    periods = Retention(raw_days=30, personal_days=30, decisions_days=30, set_aside_days=30)
    keeper = Keeper(store=desk.desk.ledger.retention, settings=periods, clock=lambda: desk.now)
    due = keeper.due()
    assert due == keeper.run() | {"raw": 1, "personal": 1, "evidence": 1}
    assert not any(keeper.due().values())


def test_the_service_does_it(desk: Office) -> None:
    assert desk.desk.keep() == dict.fromkeys(("raw", "mails", "personal", "evidence", "set_aside"), 0)
    assert count(desk, contents.c.removed_at.is_not(None)) == count(desk, decisions.c.id < 0) == 0
