"""Old mail tagged anew: kept apart, compared, then in force all at once or not at all; what people said and do comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text

from pipeline.adapters.ledger import SqlLedger
from pipeline.errors import UsageError
from pipeline.records.decisions import Decision, Disposition, Evidence, Source
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import FileSighting, ImapSighting, RawMessage, Sighting
from pipeline.records.retags import Former, Proposal, Proposed, Stage, Witnesses, gist
from pipeline.records.sources import ArchiveBatch, Batch, Cursor
from pipeline.records.work import Assignment, State
from pipeline.service import chunks
from pipeline.service.judging import Judge
from pipeline.service.retag_compared import compare
from pipeline.service.retagging import Retagging, propose
from tests.support.mails import NOW, decided, letter, reading
from tests.support.plainreader import PlainReader

LATER = NOW + timedelta(days=40)
NEW = Witnesses(fingerprint="f" * 64, model_version="m2", rulebook_version="r2")


@dataclass(slots=True)
class NewTagger:
    """Decides by the subject: ``spam``, ``broken``, ``region`` or ``unsure``; all else as before, a bit less surely."""

    asked: list[bool] = field(default_factory=list)

    def decide(
        self, inquiries: Sequence[Inquiry], now: datetime, *, explain: bool = True
    ) -> tuple[Decision, ...]:
        self.asked += [explain] * len(inquiries)
        return tuple(self._one(one, now, explain) for one in inquiries)

    def _one(self, inquiry: Inquiry, now: datetime, explain: bool) -> Decision:
        if "broken" in inquiry.base_subject:
            raise ValueError("no")
        made = replace(decided(b"From: a@b.example\n\nx"), sha256=inquiry.sha256, model_version="m2")
        made = replace(made, decided_at=now, confidence={"kind": 0.8}, evidence=())
        if explain:
            why = Evidence(source=Source.MODEL, name="m2", tag="kind=spam", score=0.9, detail="words")
            made = replace(made, evidence=(why,))
        if "spam" in inquiry.base_subject:
            tags = replace(made.tags, kind="spam")
            return replace(made, tags=tags, disposition=Disposition.FILE, priority=0)
        if "unsure" in inquiry.base_subject:
            return replace(made, abstained=("kind",))
        if "region" in inquiry.base_subject:
            return replace(made, tags=replace(made.tags, country="FR", region="western_europe"))
        return made


class Crew:
    """Decides here; stops after some chunks if it is told to."""

    def __init__(self, stop: int = 10**6) -> None:
        self.tagger = NewTagger()
        self.stop = stop

    def map(
        self, some: Iterable[tuple[Former, ...]]
    ) -> Iterator[tuple[tuple[Former, ...], Sequence[Proposed]]]:
        judge = Judge(reader=PlainReader(), tagger=cast("Any", self.tagger), clock=lambda: NOW)
        for number, chunk in enumerate(some):
            if number == self.stop:
                raise KeyboardInterrupt
            yield chunk, propose(judge, chunk)

    def close(self) -> None:
        """Nothing."""


def keep(
    ledger: SqlLedger, number: int, subject: str, change: Callable[[Decision], Decision] = lambda one: one,
    *, archived: bool = False,
) -> str:  # fmt: skip
    """Store and decide a mail; return the KEY."""
    octets = letter(identifier=f"{number}@x.example", subject=subject)
    where: Sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=number)
    if archived:
        where = FileSighting(path="/old/list.mbox", offset=number)
    raw = RawMessage(sighting=where, octets=octets, received_at=NOW - timedelta(days=number))
    if archived:
        ledger.imports.record(ArchiveBatch(messages=(raw,), refused=(), octets=1), NOW, live=False)
    else:
        cursor = Cursor(uidvalidity=7, uid=number)
        ledger.messages.record(
            "imap:a", "INBOX", Batch(messages=(raw,), refused=(), cursor=cursor, total=1), NOW
        )
    (waiting,) = ledger.messages.waiting(5)
    made = reading(octets)
    return ledger.inquiries.record(waiting, replace(made, decision=change(made.decision)), None, NOW)


def filed(one: Decision) -> Decision:
    return replace(one, disposition=Disposition.FILE, tags=replace(one.tags, kind="spam"))


def doubted(one: Decision) -> Decision:
    return replace(one, disposition=Disposition.REVIEW)


def run(ledger: SqlLedger, crew: Crew | None = None, since: datetime | None = None) -> Any:
    job = Retagging(ledger=ledger, clock=lambda: LATER)
    return job.run(job.begin(NEW, since), crew or Crew())


def apply(ledger: SqlLedger, *, reopen: bool = False) -> dict[str, int]:
    done = Retagging(ledger=ledger, clock=lambda: LATER).apply(reopen=reopen)
    return {name.value: count for name, count in done.counts.items()}


def entry(ledger: SqlLedger, key: str) -> Any:
    found = ledger.inquiries.find(key)
    assert found is not None
    return found


def rows(ledger: SqlLedger, query: str) -> list[Any]:
    with ledger.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_nothing_changes_until_it_is_applied_and_what_was_decided_stays(ledger: SqlLedger) -> None:
    same, spam, region = keep(ledger, 1, "Plates"), keep(ledger, 2, "spam"), keep(ledger, 3, "region")
    before = [entry(ledger, key) for key in (same, spam, region)]
    crew = Crew()
    done = run(ledger, crew)
    assert (done.stage, done.counts) == (Stage.COMPLETE, {Proposal.SAME: 1, Proposal.CHANGED: 2})
    assert sorted(crew.tagger.asked) == [False, False, False, True, True], "why, only of what changed"
    assert [entry(ledger, key) for key in (same, spam, region)] == before
    assert apply(ledger) == {"same": 1, "applied": 2}
    assert entry(ledger, same) == before[0]
    assert (entry(ledger, spam).decision.tags.kind, entry(ledger, spam).state) == ("spam", State.FILED)
    assert entry(ledger, region).decision.tags.country == "FR"
    assert entry(ledger, region).decision.evidence[0].detail == "words"
    assert [row[0] for row in rows(ledger, "SELECT COUNT(*) FROM decisions GROUP BY message_id ORDER BY 1")] == [
        1, 2, 2,
    ]  # fmt: skip
    assert rows(ledger, "SELECT COUNT(*) FROM proposals") == [(0,)]
    assert rows(ledger, "SELECT state FROM retags") == [("applied",)]
    speaking = {one.entry.key: one.entry.decision.model_version for one in ledger.inquiries.past(None)}
    assert speaking == {same: "m1", region: "m2"}, "the newest decision of each message is heard"


def test_an_interrupted_retag_goes_on_and_decides_nothing_twice(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 3)
    for number in range(1, 12):
        keep(ledger, number, "region" if number % 2 else "Plates")
    with pytest.raises(KeyboardInterrupt):
        run(ledger, Crew(stop=2))
    half = ledger.retags.current()
    assert half is not None
    assert (half.stage, sum(half.counts.values())) == (Stage.RUNNING, 6)
    with pytest.raises(UsageError, match="not complete"):
        apply(ledger)
    crew = Crew()
    done = run(ledger, crew)
    assert done.counts == {Proposal.SAME: 5, Proposal.CHANGED: 6}
    assert crew.tagger.asked.count(False) == 5
    again = Crew()
    assert run(ledger, again).counts == done.counts
    assert again.tagger.asked == []


def test_an_interrupted_apply_goes_on(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.adapters.ledger.retags.table._INQUIRIES", 2)
    keys = [keep(ledger, number, "region") for number in range(1, 6)]
    run(ledger)
    seen: list[int] = []

    def stop(step: str, done: int, total: int | None) -> None:
        seen.append(done)
        raise KeyboardInterrupt

    job = Retagging(ledger=ledger, clock=lambda: LATER)
    with pytest.raises(KeyboardInterrupt):
        job.apply(reopen=False, progress=stop)
    assert [entry(ledger, key).decision.tags.country for key in keys].count("FR") == 2
    with pytest.raises(UsageError, match="taken hold"):
        job.drop()
    with pytest.raises(UsageError, match="another retag is open"):
        job.begin(NEW, None)
    assert apply(ledger) == {"applied": 5}
    assert rows(ledger, "SELECT COUNT(*), COUNT(DISTINCT message_id) FROM decisions") == [(10, 5)]
    with pytest.raises(UsageError, match="no retag is open"):
        apply(ledger)


def test_what_somebody_deals_with_is_left_to_them(ledger: SqlLedger) -> None:
    sure, doubtful = keep(ledger, 1, "spam"), keep(ledger, 2, "region", doubted)
    accepted = keep(ledger, 3, "region", doubted)
    give = (
        Assignment(inquiry=key, liaison="ana", reason="r", due_at=LATER) for key in (sure, doubtful, accepted)
    )
    ledger.inquiries.assign(give, NOW)
    ledger.lives.change(accepted, None, State.ACCEPTED, "ana", NOW)
    run(ledger)
    found = compare(ledger.retags.differences(Retagging(ledger=ledger, clock=lambda: LATER).open()))
    assert (found.inquiries, found.held, found.fields["country"]) == (3, 2, 1)
    assert apply(ledger) == {"applied": 1, "held": 2}
    assert entry(ledger, sure).decision.tags.kind == "partnership"
    assert entry(ledger, accepted).decision.tags.country == "IN"
    now = entry(ledger, doubtful)
    assert (now.decision.tags.country, now.state, now.liaison) == ("FR", State.ASSIGNED, "ana")


@pytest.mark.parametrize("reopen", [False, True])
def test_what_was_filed_and_is_an_inquiry_is_archived_or_given_to_liaisons(
    ledger: SqlLedger, reopen: bool
) -> None:
    live, old = keep(ledger, 1, "Plates", filed), keep(ledger, 2, "Plates", filed, archived=True)
    lost = keep(ledger, 3, "spam", archived=True)
    assert [entry(ledger, key).state for key in (live, old, lost)] == [
        State.FILED, State.FILED, State.ARCHIVED,
    ]  # fmt: skip
    run(ledger)
    apply(ledger, reopen=reopen)
    assert [entry(ledger, key).state for key in (live, old, lost)] == [
        State.RECEIVED if reopen else State.ARCHIVED, State.ARCHIVED, State.FILED,
    ]  # fmt: skip
    closed = dict(rows(ledger, "SELECT key, closed_at FROM inquiries"))
    assert (closed[live], closed[old]) == (None, None)
    assert str(closed[lost]).startswith(str((NOW - timedelta(days=3)).date())), (
        "no week counts it as closed now"
    )


def test_what_people_said_stays_above_and_judges_both(ledger: SqlLedger) -> None:
    right, wrong, spam = keep(ledger, 1, "region"), keep(ledger, 2, "region"), keep(ledger, 3, "spam")
    ledger.corrections.add(right, ["country=FR"], "ana@wiki.example", NOW)
    ledger.corrections.add(wrong, ["country=IN"], "ana@wiki.example", NOW)
    ledger.corrections.add(spam, ["kind=partnership", "disposition=assign"], "ana@wiki.example", NOW)
    run(ledger)
    found = compare(ledger.retags.differences(Retagging(ledger=ledger, clock=lambda: LATER).open()))
    people = {name: (one.righted, one.wronged) for name, one in found.people.items()}
    assert people["country"] == (1, 1)
    assert people["kind"] == (0, 1)
    assert found.fields["country"] == 0, "people had said it"
    assert "kind" not in found.tables
    assert found.as_json()["people"]["country"] == {"righted": 1, "wronged": 1}
    apply(ledger)
    assert entry(ledger, wrong).decision.tags.country == "IN"
    assert (entry(ledger, spam).decision.tags.kind, entry(ledger, spam).state) == (
        "partnership",
        State.RECEIVED,
    )


def test_the_comparison_tells_fields_values_states_and_keys(ledger: SqlLedger) -> None:
    spam, region = keep(ledger, 1, "spam"), keep(ledger, 2, "region")
    unsure = keep(ledger, 3, "unsure")
    run(ledger)
    told = compare(ledger.retags.differences(Retagging(ledger=ledger, clock=lambda: LATER).open())).as_json()
    changed = ("kind", "country", "region", "abstained", "priority", "disposition")
    assert told["fields"] == dict.fromkeys(changed, 1)
    assert told["examples"]["abstained"] == [unsure]
    assert told["tables"]["kind"] == [{"before": "partnership", "after": "spam", "inquiries": 1}]
    assert told["states"] == [{"before": "received", "after": "filed", "inquiries": 1}]
    assert told["priority"] == {"rises": 0, "falls": 1}
    assert (told["examples"]["kind"], told["examples"]["country"]) == ([spam], [region])


def test_what_cannot_be_decided_is_counted_and_the_others_go_on(ledger: SqlLedger) -> None:
    for number, subject in enumerate(("broken", "Plates", "region"), 1):
        keep(ledger, number, subject)
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE messages SET octets = NULL WHERE id = 2"))
    assert run(ledger).counts == {Proposal.FAILED: 1, Proposal.GONE: 1, Proposal.CHANGED: 1}


def test_mail_of_a_time_another_model_and_what_was_decided_meanwhile(ledger: SqlLedger) -> None:
    old, new = keep(ledger, 30, "region"), keep(ledger, 1, "region")
    with ledger.engine.begin() as connection:
        connection.execute(
            text("UPDATE contents SET written_at = '2026-02-01 00:00:00' WHERE message_id = 1")
        )
    since = datetime(2026, 3, 1, tzinfo=UTC)
    assert run(ledger, since=since).counts == {Proposal.CHANGED: 1}
    job = Retagging(ledger=ledger, clock=lambda: LATER)
    for witnesses, day in ((replace(NEW, fingerprint="e"), since), (NEW, None)):
        with pytest.raises(UsageError, match="another retag is open"):
            job.begin(witnesses, day)
    with ledger.engine.begin() as connection:
        columns = "disposition, kind, priority, language, tags, evidence, rulebook_version, model_version, decided_at, sure"
        connection.execute(
            text(f"INSERT INTO decisions (message_id, {columns}) SELECT message_id, {columns} FROM decisions")  # noqa: S608
        )
    assert apply(ledger) == {"stale": 1}
    assert [entry(ledger, key).decision.tags.region for key in (old, new)] == [None, None]
    assert run(ledger).counts == {Proposal.CHANGED: 2}
    job.drop()
    assert (ledger.retags.current(), rows(ledger, "SELECT COUNT(*) FROM proposals")) == (None, [(0,)])


def test_a_gist_is_what_matters() -> None:
    one = decided(letter())
    surer = replace(
        one, confidence={"kind": 0.1}, evidence=(), model_version="x", decided_at=LATER, summary=""
    )
    assert gist(surer) == gist(replace(one, abstained=("country",)))
    assert gist(one) != gist(replace(one, abstained=()))
    assert gist(one) != gist(replace(one, priority=1))
