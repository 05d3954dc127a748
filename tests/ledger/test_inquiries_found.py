"""The inquiry that a mail belongs to: found quickly, among few, in whatever order a thread comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.inquiries import lookups
from pipeline.adapters.ledger.schema import contents
from pipeline.records.threads import Claims, Tie
from pipeline.service.claims import claims
from tests.support.ledgers import fresh_ledger
from tests.support.mails import NOW, letter, reading
from tests.support.threaded import again, mail
from tests.threads.desk import receive, rows


def queries(ledger: SqlLedger, ask: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(ledger.engine, "before_cursor_execute", note)
    ask()
    event.remove(ledger.engine, "before_cursor_execute", note)
    return len(seen)


def test_entries_cost_the_same_few_queries_for_one_as_for_many(ledger: SqlLedger) -> None:
    receive(ledger, [mail()], NOW)
    one = queries(ledger, ledger.inquiries.open)
    more = [mail(f"{number}@y.example", subject=f"Herbarium sheets {number}") for number in range(8)]
    receive(ledger, [again(), *more], NOW, first=2)
    assert len(ledger.inquiries.open()) == 9
    assert queries(ledger, ledger.inquiries.open) == one <= 3


def said() -> Claims:
    inquiry = reading(letter(reply_to="zero@x.example")).inquiry
    return replace(claims(inquiry, (), NOW), ticket="ticket#1", thread_index="00")


def plan(ledger: SqlLedger, query: object) -> list[str]:
    with ledger.engine.connect() as connection:
        compiled = query.compile(ledger.engine, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
        names = [compiled.bind_names[one] for one in compiled.bind_names]
        assert names
        values = compiled.construct_params()
        rows_ = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {compiled}", tuple(str(values[name]) for name in compiled.positiontup)
        )
        return [row[3] for row in rows_]


@pytest.mark.sqlite
def test_everything_that_joining_asks_goes_by_an_index(ledger: SqlLedger) -> None:
    told = said()
    asked = {
        "answered": lookups.answered_query(told.refers),
        "referring": lookups.referring_query([told.header_id]),
        "ticket": lookups.ticket_query("ticket#1"),
        "subject": lookups.subject_query(told.subject, NOW - timedelta(days=30), NOW),
        "same id": lookups.twin_query().where(contents.c.header_id == told.header_id),
        "same moment": lookups.twin_query().where(contents.c.written_at == NOW),
        "people": lookups.people_query(1),
    }
    for name, query in asked.items():
        steps = plan(ledger, query)
        assert not [step for step in steps if step.startswith("SCAN")], (name, steps)
    assert any("ix_contents_thread_subject_written_at" in step for step in plan(ledger, asked["subject"]))


def test_a_wave_of_one_subject_brings_no_more_than_some(ledger: SqlLedger) -> None:
    many = [mail(f"{number}@y.example", sender=f"P{number} <p{number}@y.example>") for number in range(30)]
    receive(ledger, [mail(), *many], NOW)
    related = ledger.inquiries.related(reading(letter(identifier="x@x.example")).claims, 30)
    assert len(related.threads) == 25
    assert related.threads[0].authors == {"asha@museum.example"}
    assert {tie for one in related.known for tie in one.ties} == {Tie.SUBJECT}


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(5)))
def test_a_thread_is_one_inquiry_in_whatever_order_it_comes(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    ledger = fresh_ledger(tmp_path_factory.mktemp("order") / "ledger.db")
    luc = "Luc Roy <luc@museum.example>"
    thread = [
        mail(headers="Cc: luc@museum.example"),
        again(),
        again("three@x.example", 2, reply_to="two@x.example", sender=luc, headers="Cc: asha@museum.example"),
        again("four@x.example", 3, reply_to="three@x.example", headers="Auto-Submitted: auto-replied"),
        again("eve@x.example", 4, sender="Eve <eve@elsewhere.example>", headers="Cc: asha@museum.example"),
    ]
    receive(ledger, [thread[number] for number in order], NOW)
    counts = rows(ledger, "SELECT count(*) FROM inquiry_messages GROUP BY inquiry_id ORDER BY 1")
    ledger.close()
    assert counts == [(1,), (4,)]
