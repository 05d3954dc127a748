"""Inquiries of several messages in the ledger: opened again, merged, linked, copied, and found quickly."""

from __future__ import annotations

import email.utils
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, text, update

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger import candidates as found
from pipeline.adapters.ledger.schema import contents, corrections, inquiries
from pipeline.records.decisions import Disposition
from pipeline.records.threads import Claims, Placement, Tie, Voice
from pipeline.records.work import Assignment, State, Window
from pipeline.service.claims import claims
from tests.support.ledgers import fresh_ledger
from tests.support.mails import NOW, letter, reading
from tests.threads.desk import receive, rows, store
from tests.threads.letters import Letter

ANA = Assignment(inquiry="", liaison="ana", reason="French", due_at=NOW + timedelta(days=5))
CLOSED = (
    State.DONE,
    State.DECLINED,
    State.NOT_OURS,
    State.ANSWERED,
    State.WAITING,
    State.FILED,
    State.ARCHIVED,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    made = fresh_ledger(tmp_path / "ledger.db")
    yield made
    made.close()


def mail(identifier: str = "one@x.example", hours: float = 0, **more: Any) -> Letter:
    date = email.utils.format_datetime(NOW + timedelta(hours=int(hours))).encode()
    octets = letter(identifier=identifier, **more)
    octets = octets.replace(b"Sun, 22 Mar 2026 10:00:00 +0530", date)
    return Letter(thread="t", id=identifier, octets=octets, received_at=NOW + timedelta(hours=hours))


def again(identifier: str = "two@x.example", hours: float = 1, **more: Any) -> Letter:
    told: dict[str, Any] = {
        "reply_to": "one@x.example",
        "subject": "Re: Glass plates",
        "body": b"Any news?\r\n",
        **more,
    }
    return mail(identifier, hours, **told)


def keys(ledger: SqlLedger) -> list[str]:
    return [row.key for row in rows(ledger, "SELECT key FROM inquiries WHERE state <> 'merged' ORDER BY id")]


def put(ledger: SqlLedger, key: str, state: State) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(
            update(inquiries).where(inquiries.c.key == key).values(state=state.value, closed_at=NOW)
        )


def state(ledger: SqlLedger, key: str) -> State:
    entry = ledger.inquiries.find(key)
    assert entry is not None
    return entry.state


@pytest.mark.parametrize("closed", CLOSED)
def test_a_person_who_writes_again_opens_the_inquiry_for_its_owner(ledger: SqlLedger, closed: State) -> None:
    receive(ledger, [mail()], NOW)
    (key,) = keys(ledger)
    ledger.inquiries.assign([replace(ANA, inquiry=key)], NOW)
    put(ledger, key, closed)
    receive(ledger, [again()], NOW + timedelta(days=30), first=2)
    (entry,) = ledger.inquiries.open()
    assert (entry.key, entry.state, entry.liaison, entry.messages) == (key, State.ASSIGNED, "ana", 2)
    assert entry.due_at == NOW + timedelta(days=35)
    assert ("reopened", closed.value) in rows(ledger, "SELECT name, detail FROM events")


@pytest.mark.parametrize("closed", CLOSED)
def test_without_an_owner_it_waits_for_one(ledger: SqlLedger, closed: State) -> None:
    receive(ledger, [mail()], NOW)
    put(ledger, keys(ledger)[0], closed)
    receive(ledger, [again()], NOW, first=2)
    (entry,) = ledger.inquiries.unassigned()
    assert entry.liaison is None


@pytest.mark.parametrize("awake", [State.RECEIVED, State.ASSIGNED, State.ACCEPTED])
def test_what_is_open_stays_as_it_is(ledger: SqlLedger, awake: State) -> None:
    receive(ledger, [mail()], NOW)
    (key,) = keys(ledger)
    ledger.inquiries.assign([replace(ANA, inquiry=key)], NOW)
    put(ledger, key, awake)
    receive(ledger, [again()], NOW, first=2)
    assert state(ledger, key) is awake
    assert len(rows(ledger, "SELECT * FROM assignments")) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"headers": "Auto-Submitted: auto-replied"},
        {"sender": "Mail Delivery <mailer-daemon@mx.example>", "headers": "Auto-Submitted: auto-replied"},
        {"sender": "Wanjiru <wanjiru@liaisons.example>"},
    ],
)
def test_machines_and_liaisons_open_nothing_and_decide_nothing(
    ledger: SqlLedger, more: dict[str, Any]
) -> None:
    receive(ledger, [mail()], NOW)
    (key,) = keys(ledger)
    put(ledger, key, State.DONE)
    before = ledger.inquiries.find(key)
    receive(ledger, [again(**more)], NOW, first=2)
    after = ledger.inquiries.find(key)
    assert before is not None
    assert after is not None
    assert (after.messages, after.state, after.decision) == (2, State.DONE, before.decision)


def test_more_spam_does_not_open_what_was_filed_as_spam(ledger: SqlLedger) -> None:
    told: dict[str, Any] = {"subject": "spam of the day for you"}
    receive(ledger, [mail(**told), again(**told)], NOW)
    (key,) = keys(ledger)
    assert state(ledger, key) is State.FILED


def test_an_archived_follow_up_opens_nothing(ledger: SqlLedger) -> None:
    receive(ledger, [mail()], NOW)
    (key,) = keys(ledger)
    put(ledger, key, State.DONE)
    store(ledger, again(), 2, NOW)
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE messages SET archived = true WHERE state = 'new'"))
    receive(ledger, [], NOW)
    (waiting,) = ledger.messages.waiting(9)
    ledger.inquiries.record(waiting, reading(again().octets), Placement(join=key), NOW)
    assert state(ledger, key) is State.DONE


def test_a_follow_up_that_says_nothing_keeps_the_words_of_the_first(ledger: SqlLedger) -> None:
    receive(ledger, [again(), mail()], NOW)
    entry = ledger.inquiries.find(keys(ledger)[0])
    assert entry is not None
    assert entry.subject == "Glass plates"
    assert entry.text.startswith("Dear all,")
    assert entry.newest_at == NOW + timedelta(hours=1)
    assert entry.received_at == NOW


def test_an_empty_first_mail_is_told_by_the_next(ledger: SqlLedger) -> None:
    receive(ledger, [mail(body=b"\r\n"), again()], NOW)
    entry = ledger.inquiries.find(keys(ledger)[0])
    assert entry is not None
    assert (entry.text, entry.decision.summary) == ("Any news?", "Any news?")


def test_the_word_of_a_person_stands(ledger: SqlLedger) -> None:
    receive(ledger, [mail(), again()], NOW)
    (key,) = keys(ledger)
    for hours, tag in enumerate(("partner_type=archive", "partner_type=library")):
        with ledger.engine.begin() as connection:
            at = NOW + timedelta(hours=hours)
            connection.execute(insert(corrections).values(inquiry_id=1, tag=tag, author="ana", at=at))
    receive(ledger, [again("three@x.example", 2)], NOW, first=3)
    entry = ledger.inquiries.find(key)
    assert entry is not None
    assert (entry.messages, entry.decision.tags.partner_type) == (3, "library")


def three(ledger: SqlLedger) -> tuple[str, str]:
    """Let two answers come before their root; return their KEYs."""
    luc = "Luc Roy <luc@museum.example>"
    receive(ledger, [again(), again("three@x.example", 2, sender=luc, subject="The list")], NOW)
    first, second = keys(ledger)
    return first, second


ROOT: dict[str, Any] = {"headers": "Cc: luc@museum.example"}


def test_a_late_root_makes_one_inquiry_of_its_answers(ledger: SqlLedger) -> None:
    first, second = three(ledger)
    ledger.inquiries.assign([replace(ANA, inquiry=second)], NOW)
    with ledger.engine.begin() as connection:
        connection.execute(insert(corrections).values(inquiry_id=1, tag="country=FR", author="ana", at=NOW))
    receive(ledger, [mail(hours=-1, **ROOT)], NOW, first=3)
    assert keys(ledger) == [second]
    for key in (first, second):
        entry = ledger.inquiries.find(key)
        assert entry is not None
        assert (entry.key, entry.messages, entry.liaison, entry.state) == (second, 3, "ana", State.ASSIGNED)
        assert entry.decision.tags.country == "FR"
        assert entry.received_at == NOW - timedelta(hours=1)
    assert ledger.reports.status(NOW).inquiries == {"assigned": 1, "merged": 1}
    assert sum(ledger.inquiries.loads().values()) == 1


def test_two_people_at_work_keep_their_inquiries(ledger: SqlLedger) -> None:
    for key, liaison in zip(three(ledger), ("ana", "ben"), strict=True):
        ledger.inquiries.assign([replace(ANA, inquiry=key, liaison=liaison)], NOW)
        put(ledger, key, State.ACCEPTED)
    receive(ledger, [mail(hours=-1, **ROOT)], NOW, first=3)
    first, second = keys(ledger)
    history = ledger.inquiries.history(first)
    assert history is not None
    assert [link.key for link in history.links] == [second]


def test_what_is_merged_counts_for_nobody_and_nothing(ledger: SqlLedger) -> None:
    first, second = three(ledger)
    for key, liaison in ((first, "ana"), (second, "ben")):
        ledger.inquiries.assign([replace(ANA, inquiry=key, liaison=liaison)], NOW)
    receive(ledger, [mail(hours=-1, **ROOT)], NOW, first=3)
    assert dict(ledger.inquiries.loads()) == {"ana": 1}
    week = Window(period="w", start=NOW - timedelta(days=3), end=NOW + timedelta(days=3))
    assert len(ledger.inquiries.received(week)) == 1
    (count,) = ledger.weeks.week([week], 5).trend
    assert (count.assigned, count.closed) == (1, 0)


def test_an_open_inquiry_opens_the_closed_one_that_it_becomes_part_of(ledger: SqlLedger) -> None:
    first, second = three(ledger)
    ledger.inquiries.assign([replace(ANA, inquiry=first)], NOW)
    put(ledger, first, State.DONE)
    headers = f"{ROOT['headers']}\nAuto-Submitted: auto-replied"
    receive(ledger, [mail(hours=-1, headers=headers)], NOW, first=3)
    assert keys(ledger) == [first]
    assert state(ledger, second) is State.ASSIGNED


def test_history_tells_messages_copies_and_links(ledger: SqlLedger) -> None:
    listed = mail(headers="List-Id: <partners.lists.example>", hours=0.1)
    stranger = again(sender="Eve <eve@elsewhere.example>", body=b"Buy followers.\r\n")
    other = mail(
        body=b"We collect coins, and this is another matter altogether.\r\n",
        hours=3,
        subject="Coins of the realm",
    )
    receive(ledger, [mail(), listed, again("three@x.example"), stranger, other], NOW)
    first, second, third = keys(ledger)
    history = ledger.inquiries.history(first.lower())
    assert history is not None
    assert [(one.subject, one.seen, one.contested) for one in history.articles] == [
        ("Glass plates", 2, False),
        ("Glass plates", 1, False),
    ]
    assert {(link.key, link.reason) for link in history.links} == {
        (second, "claims to belong to this one"),
        (third, "another mail with the same Message-ID"),
    }
    flagged = ledger.inquiries.history(third)
    assert flagged is not None
    assert flagged.articles[0].contested
    assert ledger.inquiries.history("NOBODY") is None
    assert ("same-id", "") in rows(ledger, "SELECT name, detail FROM events")


def test_an_answer_to_a_contested_id_means_the_first_mail(ledger: SqlLedger) -> None:
    other = mail(
        body=b"We collect coins, and this is another matter altogether.\r\n",
        hours=3,
        subject="Coins of the realm",
    )
    receive(ledger, [mail(), other, again(hours=4)], NOW)
    first, second = keys(ledger)
    assert [entry.messages for entry in map(ledger.inquiries.find, (first, second)) if entry] == [2, 1]


def test_a_third_copy_of_the_second_mail_is_a_copy(ledger: SqlLedger) -> None:
    coins = b"We collect coins, and this is another matter altogether.\r\n"
    other = mail(body=coins, hours=3, subject="Coins of the realm")
    copy = mail(body=coins + b"_____\r\nlist footer\r\n", hours=3, subject="Coins of the realm")
    receive(ledger, [mail(), other, copy], NOW)
    assert len(keys(ledger)) == 2
    assert rows(ledger, "SELECT same_as FROM messages WHERE same_as IS NOT NULL") == [(2,)]


def listed(**more: Any) -> Letter:
    return mail(
        hours=0.01,
        headers="List-Id: <partners.lists.example>\nArchived-At: <https://lists.example/1>",
        **more,
    )


@pytest.mark.parametrize("direct_first", [True, False])
def test_the_direct_copy_is_kept_with_what_the_list_adds(ledger: SqlLedger, direct_first: bool) -> None:
    both = [mail(), listed(sender="Asha Rao via Partners <partners@lists.example>")]
    receive(ledger, both if direct_first else both[::-1], NOW)
    (entry,) = ledger.inquiries.open()
    assert (entry.author.address, entry.messages) == ("asha@museum.example", 1)
    assert entry.archive_url == "https://lists.example/1"
    kept = rows(ledger, "SELECT state, octets IS NOT NULL AS kept FROM messages ORDER BY received_at")
    assert kept == [("read", 1), ("same", 0)]
    over_the_list = again(sender="Sam <sam@member.example>", headers="List-Id: <partners.lists.example>")
    receive(ledger, [over_the_list], NOW, first=3)
    assert [one.messages for one in ledger.inquiries.open()] == [2]


def test_copies_of_a_copy_stay_one_step_away(ledger: SqlLedger) -> None:
    first = listed(sender="Asha Rao via Partners <partners@lists.example>")
    second = listed(
        sender="Asha Rao via Partners <partners@lists.example>", subject="[Partners] Glass plates"
    )
    receive(ledger, [first, second, mail()], NOW)
    assert {row[0] for row in rows(ledger, "SELECT same_as FROM messages WHERE state = 'same'")} == {3}
    assert len(keys(ledger)) == 1


@pytest.mark.parametrize("honest_first", [True, False])
def test_of_two_copies_the_one_that_was_not_filed_counts(ledger: SqlLedger, honest_first: bool) -> None:
    both = [mail(subject="Glass plates"), listed(subject="Glass plates spam")]
    receive(ledger, both if honest_first else both[::-1], NOW)
    (entry,) = ledger.inquiries.open()
    assert (entry.state, entry.decision.disposition) == (State.RECEIVED, Disposition.ASSIGN)


def test_a_live_copy_opens_what_an_archive_brought(ledger: SqlLedger) -> None:
    store(ledger, listed(), 1, NOW)
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE messages SET archived = true"))
    receive(ledger, [mail()], NOW, first=2)
    (key,) = keys(ledger)
    assert state(ledger, key) is State.RECEIVED


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
        "answered": found.answered_query(told.refers),
        "referring": found.referring_query([told.header_id]),
        "ticket": found.ticket_query("ticket#1"),
        "subject": found.subject_query(told.subject, NOW - timedelta(days=30), NOW),
        "same id": found.twin_query().where(contents.c.header_id == told.header_id),
        "same moment": found.twin_query().where(contents.c.written_at == NOW),
        "people": found.people_query(1),
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


def test_voices_are_kept(ledger: SqlLedger) -> None:
    receive(ledger, [mail(), again(headers="Auto-Submitted: auto-replied")], NOW)
    assert {row[0] for row in rows(ledger, "SELECT voice FROM contents")} == {Voice.PERSON, Voice.MACHINE}
