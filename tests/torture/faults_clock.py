"""The clock: it jumps forward and back, and clocks change in spring and autumn."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta

from pipeline.demo.servers import ReceivedMail
from tests.torture.trial import LATER, SAME, TOLD, Torture, killed
from tests.torture.world import FRIDAY, MONDAY, World, inquiry


def clock_forward(days: int, torture: Torture) -> str:
    """Let the clock jump forward for one round, and back."""
    with torture.monday() as world:
        assert world.round(now=MONDAY + timedelta(days=days)).status == 0
        world.check_standing()
        _goes_on(world)
        assert world.repeats() == 0
        return SAME


def clock_forward_without_mail(days: int, torture: Torture) -> str:
    """Let the clock jump forward while no mail server is there, and back: what was put off must not wait for months."""
    with torture.monday() as world:
        world.ports["smtp"] = 9
        world.settle()
        world.round(now=MONDAY + timedelta(days=days))
        world.check_standing()
        world.ports.clear()
        world.settle()
        _goes_on(world)
        assert world.repeats() == 0
        return LATER


def clock_back(hours: int, point: str, torture: Torture) -> str:
    """Kill a round at some point, and let the clock be hours earlier at the next."""
    with torture.monday() as world:
        killed(world.round(fault=f"{point}:1"), point)
        world.check_standing()
        assert world.round(now=MONDAY - timedelta(hours=hours)).status == 0
        world.check_standing()
        # Where it is the day before again, the digest of that day is due, if it was not made.
        return torture.settled(world, repeats=int(point == "smtp.taken"), but=TOLD)


def clocks_change(spring: bool, torture: Torture) -> str:
    """Run every 75 minutes through the night in which clocks change: one digest a day."""
    night = FRIDAY.replace(month=3, day=29, hour=0) if spring else FRIDAY.replace(month=10, day=25, hour=0)
    with torture.monday() as world:
        for step in range(8):
            now = night + timedelta(minutes=75 * step)
            ended = world.round(now=now)
            assert ended.status == 0, ended.err
        world.check_standing()
        assert world.repeats() == 0
        daily = Counter(
            mail.recipients[0]
            for mail in world.smtp.received
            if mail.recipients[0] != "committee@partners.example"
        )
        with closing(sqlite3.connect(world.ledger)) as connection:
            twice = connection.execute(
                "SELECT recipient, period FROM outbox WHERE purpose = 'daily' GROUP BY 1, 2 HAVING count(*) > 1"
            ).fetchall()
            days = connection.execute(
                "SELECT recipient, count(DISTINCT period) FROM outbox WHERE purpose = 'daily' AND period > '2026-03-27' "
                "AND state = 'sent' GROUP BY recipient"
            ).fetchall()
        assert daily
        assert twice == []
        assert all(count == 1 for _, count in days), f"more than one digest on one day: {days}"
    return SAME


def _goes_on(world: World) -> None:
    """Check that after a jump of the clock and back all is done, and the next days bring their digests."""
    world.recover()
    world.check_standing()
    with world.dovecot.client(world.user) as client:
        client.append("INBOX", inquiry(40))
    before = len(world.smtp.received)
    tuesday = MONDAY + timedelta(days=1)
    world.recover(now=tuesday)
    # The inquiry of Tuesday stands in a digest of Wednesday at the latest.
    world.recover(now=tuesday + timedelta(days=1))
    told = [mail for mail in world.smtp.received[before:] if "Collection 40" in _text(mail)]
    assert len(told) >= 1, "an inquiry that came after the jump stands in no digest"


def _text(mail: ReceivedMail) -> str:
    import email
    import email.policy

    parsed = email.message_from_bytes(mail.octets, policy=email.policy.default)
    body = parsed.get_body(("plain",))
    return str(body.get_content()) if body else ""
