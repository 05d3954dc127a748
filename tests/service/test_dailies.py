"""Daily digests: at the hour and on the days of each liaison, once a period, and what they hold."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.records.decisions import Disposition
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import DailyDigest
from pipeline.routing.policy import Liaison, Policy
from pipeline.service import periods
from pipeline.service.assignment import assign_all
from pipeline.service.digests import Digester
from pipeline.settings import Settings, Smtp
from tests.support.mails import letter, reading

# A Wednesday, half an hour before the digests of London.
MORNING = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NUMBERS = iter(range(1, 10_000))


def office(**given: object) -> Policy:
    mira = Liaison.model_validate(
        {
            "id": "mira",
            "name": "Mira",
            "address": "mira@liaisons.example",
            "timezone": "Europe/London",
            **given,
        }
    )
    return Policy(fallback="mira", triage=("mira",), liaisons=(mira,))


def digester(ledger: SqlLedger, policy: Policy) -> Digester:
    smtp = Smtp(host="127.0.0.1", from_address="triage@partners.example")
    return Digester(ledger=ledger, policy=policy, settings=Settings(smtp=smtp))


def comes(ledger: SqlLedger, policy: Policy, now: datetime, *, filed: bool = False) -> str:
    """Record one inquiry that comes at `now`, and assign it."""
    number = next(NUMBERS)
    octets = letter(identifier=f"q{number}@x.example", sender=f"A <a{number}@gmail.example>")
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=number)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=now)
    cursor = Cursor(uidvalidity=7, uid=number)
    ledger.messages.record(
        "imap:a", "INBOX", Batch(messages=(raw,), refused=(), cursor=cursor, total=None), now
    )
    (waiting,) = ledger.messages.waiting(10)
    read = reading(octets)
    read = replace(read, inquiry=replace(read.inquiry, received_at=now))
    decision = replace(read.decision, decided_at=now)
    if filed:
        decision = replace(decision, disposition=Disposition.FILE, tags=replace(decision.tags, kind="spam"))
    key = ledger.inquiries.record(waiting, replace(read, decision=decision), None, now)
    assign_all(ledger, policy, lambda: now)
    return key


def deliver(ledger: SqlLedger, now: datetime) -> list[bytes]:
    """Send what is due; return the mails."""
    due = ledger.outbox.due(now)
    for each in due:
        ledger.outbox.sent(each.id, now)
    return [each.mail.octets for each in due]


def only(ledger: SqlLedger, policy: Policy, now: datetime) -> DailyDigest:
    ((_, digest),) = digester(ledger, policy).daily(now)
    return digest


def test_a_digest_comes_at_the_hour_and_once(ledger: SqlLedger) -> None:
    policy = office()
    comes(ledger, policy, MORNING)
    made = digester(ledger, policy)
    # Yesterday's digest is the newest one due, and there was none yet.
    assert [made.queue_due(MORNING + minutes * timedelta(minutes=5)) for minutes in range(4)] == [1, 0, 0, 0]
    assert [made.queue_due(MORNING + HOUR * after) for after in (1, 2, 23)] == [1, 0, 0]


def test_who_had_nothing_to_do_at_the_hour_is_not_written_to_at_another(ledger: SqlLedger) -> None:
    policy = office()
    made = digester(ledger, policy)
    assert made.queue_due(MORNING + HOUR) == 0
    comes(ledger, policy, MORNING + 4 * HOUR)
    assert made.queue_due(MORNING + 5 * HOUR) == 0
    assert ledger.reports.status(MORNING + 5 * HOUR).outbox == {}
    assert made.queue_due(MORNING + DAY + HOUR) == 1


def test_who_asks_gets_it_at_any_hour(ledger: SqlLedger) -> None:
    policy = office()
    made = digester(ledger, policy)
    made.queue_due(MORNING + HOUR)
    comes(ledger, policy, MORNING + 4 * HOUR)
    assert [made.queue_daily(MORNING + 5 * HOUR) for _ in range(2)] == [1, 0]
    assert made.queue_due(MORNING + 6 * HOUR) == 0


def test_ten_missed_days_are_one_digest(ledger: SqlLedger) -> None:
    policy = office()
    comes(ledger, policy, MORNING)
    assert digester(ledger, policy).queue_due(MORNING + 10 * DAY) == 1
    assert len(deliver(ledger, MORNING + 10 * DAY)) == 1


def test_a_digest_that_could_not_leave_gives_way_to_the_newer_one(ledger: SqlLedger) -> None:
    policy = office()
    comes(ledger, policy, MORNING)
    made = digester(ledger, policy)
    assert [made.queue_due(MORNING + HOUR + DAY * day) for day in range(2)] == [1, 1]
    (mail,) = deliver(ledger, MORNING + 3 * DAY)
    assert b"19 Nov 2026" in mail
    # Nothing of it was seen before, so all of it is new.
    assert b"Subject: 1 new" in mail


def test_a_digest_comes_on_its_days_and_at_each_of_its_hours(ledger: SqlLedger) -> None:
    policy = office(digest_days=["mon", "thu"], digest_at=["07:00", "15:30"])
    comes(ledger, policy, MORNING)
    made = digester(ledger, policy)
    halves = (MORNING + HOUR / 2 * step for step in range(2 * 24 * 7))
    queued = [moment for moment in halves if made.queue_due(moment)]
    # The first is Monday's, which nobody had; then Thursday's and the next Monday's.
    assert [f"{moment:%a %H:%M}" for moment in queued] == [
        "Wed 06:30", "Thu 07:00", "Thu 15:30", "Mon 07:00", "Mon 15:30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "clock", "change"),
    [
        ("Europe/London", "01:30", date(2026, 3, 29)),
        ("Europe/London", "01:30", date(2026, 10, 25)),
        ("America/Sao_Paulo", "00:30", date(2026, 3, 29)),
        ("Australia/Lord_Howe", "02:15", date(2026, 10, 4)),
        ("Pacific/Apia", "07:00", date(2026, 4, 5)),
    ],
)
def test_a_clock_change_neither_drops_nor_doubles_a_period(zone: str, clock: str, change: date) -> None:
    start = datetime.combine(change - 2 * DAY, datetime.min.time(), UTC)
    moments = [start + timedelta(minutes=5) * step for step in range(12 * 24 * 5)]
    struck = [periods.last_strike(moment, (clock,), zone)[0] for moment in moments]
    assert struck == sorted(struck)
    days = sorted(set(struck))
    assert days == [days[0] + DAY * number for number in range(len(days))]


def test_an_hour_that_is_left_out_strikes_when_it_is_over() -> None:
    before, after = (datetime(2026, 3, 29, 1, minute, tzinfo=UTC) for minute in (29, 30))
    assert periods.last_strike(before, ("02:30",), "Europe/Berlin")[0] == date(2026, 3, 28)
    assert periods.last_strike(after, ("02:30",), "Europe/Berlin")[0] == date(2026, 3, 29)


def test_what_came_to_a_liaison_since_their_last_digest_is_new(ledger: SqlLedger) -> None:
    policy = office()
    first = comes(ledger, policy, MORNING)
    digester(ledger, policy).queue_due(MORNING + HOUR)
    deliver(ledger, MORNING + HOUR)
    second = comes(ledger, policy, MORNING + 2 * HOUR)
    digest = only(ledger, policy, MORNING + DAY + HOUR)
    assert [entry.key for entry in digest.new] == [second]
    assert [entry.key for entry in digest.waiting] == [first]


def test_the_mails_of_a_week_share_a_thread_and_the_next_week_has_another(ledger: SqlLedger) -> None:
    policy = office(locale="fr")
    comes(ledger, policy, MORNING)
    made = digester(ledger, policy)
    mails = []
    for day in range(7):
        made.queue_due(MORNING + HOUR + DAY * day)
        mails += deliver(ledger, MORNING + HOUR + DAY * day)
    read = [email.message_from_bytes(mail, policy=email.policy.default) for mail in mails]
    threads = [mail["References"] for mail in read]
    # Wednesday to Sunday; Monday and Tuesday.
    assert [threads.count(each) for each in dict.fromkeys(threads)] == [5, 2]
    assert all(mail["In-Reply-To"] == mail["References"] for mail in read)
    assert len({mail["Message-ID"] for mail in read}) == 7
    assert all(
        mail["Auto-Submitted"] == "auto-generated" and mail["Content-Language"] == "fr" for mail in read
    )


def test_who_paused_gets_no_digest(ledger: SqlLedger) -> None:
    policy = office()
    comes(ledger, policy, MORNING)
    ledger.duties.pause("mira", "paused", "mira", MORNING)
    assert digester(ledger, policy).daily(MORNING + HOUR) == ()


def test_the_rota_sees_what_was_filed_in_the_week_once(ledger: SqlLedger) -> None:
    policy = office()
    key = comes(ledger, policy, MORNING, filed=True)
    made = digester(ledger, policy)
    monday = datetime(2026, 11, 23, 7, tzinfo=UTC)
    seen = []
    for day in range(-4, 9):
        made.queue_due(monday + DAY * day)
        seen += [(day, key.encode() in mail) for mail in deliver(ledger, monday + DAY * day)]
    assert seen == [(0, True)]


def test_the_list_of_the_filed_is_caught_up_after_a_pause(ledger: SqlLedger) -> None:
    policy = office()
    key = comes(ledger, policy, MORNING, filed=True)
    thursday = datetime(2026, 11, 26, 7, tzinfo=UTC)
    assert [entry.key for entry in only(ledger, policy, thursday).filed] == [key]


def test_who_is_not_on_the_rota_gets_no_such_list(ledger: SqlLedger) -> None:
    policy = office().model_copy(update={"triage": ()})
    comes(ledger, policy, MORNING, filed=True)
    assert digester(ledger, policy).daily(MORNING + 6 * DAY) == ()


def test_an_empty_digest_is_made_for_who_asks_by_name(ledger: SqlLedger) -> None:
    made = digester(ledger, office())
    assert made.daily(MORNING) == ()
    ((desk, digest),) = made.daily(MORNING, "mira")
    assert isinstance(desk, Liaison)
    assert "Nothing is open with you today." in made.render_daily(desk, digest).text
