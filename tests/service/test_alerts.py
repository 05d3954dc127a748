"""Urgent inquiries are told at once: to whom, how often a day, and where not."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import date, datetime, timedelta

from pipeline.adapters.ledger import SqlLedger
from pipeline.records.decisions import Disposition
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.routing.duetimes import Alerts
from pipeline.routing.policy import Policy
from pipeline.routing.roster import on_duty
from pipeline.service.alerts import queue_alerts
from pipeline.service.digests import Digester
from tests.support.lookedafter import DAYS, NOON, SETTINGS, comes, found, office, round_
from tests.support.mails import letter, reading


def alerts(ledger: SqlLedger, policy: Policy, now: datetime = NOON) -> int:
    digester = Digester(ledger=ledger, policy=policy, settings=SETTINGS)
    return queue_alerts(digester, on_duty(policy, ledger.duties.current()), now)


def subjects(ledger: SqlLedger) -> list[tuple[str, str, str]]:
    mails = [queued.mail for queued in ledger.outbox.due(NOON + 9 * DAYS)]
    parsed = [email.message_from_bytes(mail.octets, policy=email.policy.default) for mail in mails]
    return [(mail.recipient, mail.period, one["Subject"]) for mail, one in zip(mails, parsed, strict=True)]


def test_urgent_ones_alert_at_once_three_a_day_and_each_once(ledger: SqlLedger) -> None:
    policy = office()
    keys = [comes(ledger, priority=priority) for priority in (86, 99, 90, 95, 84)]
    assert alerts(ledger, policy) == 0  # nobody has them yet
    round_(ledger, policy, NOON)
    assert alerts(ledger, policy) == 3
    assert alerts(ledger, policy) == 0
    told = subjects(ledger)
    assert [period for _, period, _ in told] == [keys[1], keys[3], keys[2]]  # the most pressing first
    assert {recipient for recipient, _, _ in told} == {"ana@liaisons.example"}
    assert told[0][2] == f"Urgent: Glass plates [{keys[1]}]"
    bodies = [queued.mail.octets for queued in ledger.outbox.due(NOON + DAYS)]
    assert "This is the last alert today" in _text(bodies[-1])
    assert "At most 1 more alert comes today" in _text(bodies[1])
    assert (
        alerts(ledger, policy, NOON + timedelta(hours=13)) == 1
    )  # tomorrow there; the last one is still fresh
    assert alerts(ledger, policy, NOON + 2 * DAYS) == 0


def _text(octets: bytes) -> str:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


def test_a_day_that_is_near_makes_an_inquiry_urgent(ledger: SqlLedger) -> None:
    policy = office()
    near, _, _, _ = (
        comes(ledger, priority=60, wanted=date(2026, 11, 21)),
        comes(ledger, priority=60, wanted=date(2026, 11, 22)),
        comes(ledger, priority=60, wanted=date(2026, 11, 17)),  # past
        comes(ledger, priority=49, wanted=date(2026, 11, 19)),  # nothing much
    )
    round_(ledger, policy, NOON)
    assert alerts(ledger, policy) == 1
    assert [period for _, period, _ in subjects(ledger)] == [near]


def test_who_shouts_is_not_heard_where_a_person_looks_first_or_nobody_would(ledger: SqlLedger) -> None:
    policy = office(low_priority="cem", triage=("ben",))
    comes(ledger, priority=100, disposition=Disposition.REVIEW)
    comes(ledger, priority=100, disposition=Disposition.FILE)
    tags = reading(letter()).decision.tags
    for number, kind in enumerate(("business", "misdirected")):
        octets = letter(identifier=f"low{number}@x.example")
        sighting = ImapSighting(account="b", mailbox="INBOX", uidvalidity=7, uid=number + 1)
        raw = RawMessage(sighting=sighting, octets=octets, received_at=NOON)
        batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=number + 1), total=None)
        ledger.messages.record("imap:b", "INBOX", batch, NOON)
        (waiting,) = ledger.messages.waiting(10)
        read = reading(octets)
        decision = replace(read.decision, priority=100, tags=replace(tags, kind=kind))
        ledger.inquiries.record(waiting, replace(read, decision=decision), None, NOON)
    round_(ledger, policy, NOON)
    assert len([one for one in ledger.inquiries.open() if one.liaison]) == 3
    assert alerts(ledger, policy) == 0


def test_no_alert_to_who_is_off_duty_nor_where_none_are_wanted(ledger: SqlLedger) -> None:
    key = comes(ledger, priority=99)
    round_(ledger, office(), NOON)
    assert alerts(ledger, office(alerts=Alerts(a_day=0))) == 0
    ledger.duties.pause("ana", "suspended", "program", NOON)
    assert alerts(ledger, office()) == 0
    round_(ledger, office(), NOON)
    assert alerts(ledger, office()) == 1
    assert [recipient for recipient, _, _ in subjects(ledger)] == ["ben@liaisons.example"]
    ledger.duties.pause("ben", "paused", "ben", NOON)
    round_(ledger, office(), NOON)
    assert found(ledger, key).liaison == "cem"
    assert alerts(ledger, office()) == 0  # once for each inquiry
