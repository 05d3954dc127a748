"""The clock: it jumps forward and back, and clocks change in spring and autumn."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from pipeline.demo.servers import ReceivedMail
from tests.torture.trial import LATER, SAME, TOLD, Torture, killed
from tests.torture.world import MONDAY, World, inquiry


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
    """Run every 75 minutes through the night in which clocks change: each gets the digest of a day once, at seven by their clock."""
    day = date(2026, 3, 29) if spring else date(2026, 10, 25)
    midnight = datetime.combine(day, time(), UTC)
    rounds = [midnight + timedelta(minutes=75 * step) for step in range(8)]
    wanted = {(who, day - timedelta(days=1)): midnight for who in _CLOCKS} | {
        (who, day): next(now for now in rounds if now.astimezone(zone).time() >= time(7))
        for who, zone in _CLOCKS.items()
    }
    with torture.monday() as world:
        for now in rounds:
            ended = world.round(now=now)
            assert ended.status == 0, ended.err
        world.check_standing()
        assert world.repeats() == 0
        assert _queued(world, since=day - timedelta(days=1)) == wanted
        mails = Counter(
            mail.recipients[0] for mail in world.smtp.received if b"\nMessage-ID: <daily." in mail.octets
        )
        assert {who: mails[who] for who in _CLOCKS} == dict.fromkeys(_CLOCKS, 2)
    return SAME


# Who gets daily digests, and the clock that says when: their own, or the desk's.
_CLOCKS: dict[str, tzinfo] = {
    "lieve@liaisons.example": ZoneInfo("Europe/Brussels"),
    "joaquin@other.example": UTC,
    "danuta@plain.example": UTC,
}


def _queued(world: World, since: date) -> dict[tuple[str, date], datetime]:
    """Return who got a digest of which day, to the minute when."""
    query = "SELECT recipient, period, queued_at FROM outbox WHERE purpose = 'daily' AND period >= ? AND state = 'sent'"
    with closing(sqlite3.connect(world.ledger)) as connection:
        return {
            (who, date.fromisoformat(period)): datetime.fromisoformat(at).replace(
                second=0, microsecond=0, tzinfo=UTC
            )
            for who, period, at in connection.execute(query, (since.isoformat(),))
        }


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
