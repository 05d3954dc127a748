"""Any week is told as it was known at its end, whatever came later."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.database.engine import writing
from pipeline.adapters.ledger.inquiries.joining import merge, number_of
from pipeline.adapters.ledger.schema import contents, inquiries, messages
from pipeline.digest.render import Rendered
from pipeline.errors import UsageError
from pipeline.records.decisions import Disposition
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.outcomes import Outcome
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from pipeline.records.weeks import Week
from pipeline.records.work import Assignment, State, Window
from pipeline.resources import packaged
from pipeline.routing.policy import load_policy
from pipeline.service import periods
from pipeline.service.weekly import TREND_WEEKS, Weekly
from pipeline.settings import Committee, Settings
from pipeline.taxonomy import load_taxonomy
from tests.support.ledgers import ledger_url
from tests.support.mails import letter, reading
from tests.support.weeks import week_of

pytestmark = pytest.mark.usefixtures("each_engine")

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
ZONE = "UTC"


def at(week: int, day: int = 0, hour: int = 9) -> datetime:
    return MONDAY + timedelta(weeks=week, days=day, hours=hour)


class Office:
    """A ledger in which things happen at given times."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger = ledger
        self.count = 0

    def letter(
        self, moment: datetime, *, join: str | None = None, read_at: datetime | None = None, **tags: Any
    ) -> str:
        """Let a mail come, be read and decided; return the KEY of its inquiry."""
        self.count += 1
        octets = letter(
            identifier=f"m{self.count}@x.example", sender=f"Asha <a{self.count}@museum{self.count}.example>"
        )
        now = read_at or moment + timedelta(minutes=5)
        raw = RawMessage(
            sighting=ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=self.count),
            octets=octets,
            received_at=moment,
        )
        cursor = Cursor(uidvalidity=7, uid=self.count)
        self.ledger.messages.record(
            "imap:a", "INBOX", Batch(messages=(raw,), refused=(), cursor=cursor, total=None), now
        )
        (waiting,) = self.ledger.messages.waiting(10)
        made = reading(octets)
        own = {
            name: tags.pop(name)
            for name in ("disposition", "priority", "abstained", "rulebook_version")
            if name in tags
        }
        decision = dataclasses.replace(
            made.decision, decided_at=now, tags=dataclasses.replace(made.decision.tags, **tags), **own
        )
        claims = dataclasses.replace(made.claims, arrived_at=moment, written_at=moment)
        made = dataclasses.replace(
            made, decision=decision, claims=claims, organisation=f"Museum {self.count}"
        )
        return self.ledger.inquiries.record(waiting, made, Placement(join=join), now)

    def assign(self, key: str, liaison: str, moment: datetime, days: int = 7) -> None:
        self.ledger.inquiries.assign(
            [Assignment(inquiry=key, liaison=liaison, reason="asked", due_at=moment + timedelta(days=days))],
            moment,
        )

    def turn(self, key: str, state: State, moment: datetime, **values: Any) -> None:
        assert self.ledger.lives.change(key, None, state, "lieve", moment, **values)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(open_ledger(ledger_url(tmp_path / "ledger.db")))


@pytest.fixture(scope="module")
def weekly_of() -> Callable[[Office], Weekly]:
    rules = packaged("rules")
    policy = load_policy(rules, load_taxonomy(rules))
    settings = Settings(committee=Committee(addresses=("committee@wikimedia.example",)))

    def make(office: Office) -> Weekly:
        return Weekly(ledger=office.ledger, policy=policy, settings=settings)

    return make


def window(week: int) -> Window:
    return periods.week((MONDAY + timedelta(weeks=week)).date(), ZONE)


def told(office: Office, week: int) -> Week:
    return office.ledger.weeks.week(periods.weeks_until(window(week), TREND_WEEKS, ZONE), 25)


def busy_weeks(office: Office) -> dict[str, str]:
    """Live through two weeks."""
    keys = {
        "late": office.letter(at(0, 1)),
        "answered": office.letter(at(0, 2), partner_type="library"),
        "spam": office.letter(at(0, 3), kind="spam", disposition=Disposition.FILE),
        "plain": office.letter(at(1, 1), priority=90, abstained=("partner_type",)),
        "support": office.letter(at(1, 2), kind="endorsement"),
        "alone": office.letter(at(1, 3), partner_type="archive", region=None),
        "junk": office.letter(at(1, 4), kind="spam", disposition=Disposition.FILE),
    }
    office.assign(keys["late"], "lieve", at(0, 1, 12), days=3)
    office.assign(keys["answered"], "danuta", at(0, 2, 12))
    office.turn(keys["answered"], State.ANSWERED, at(1, 0))
    office.assign(keys["plain"], "lieve", at(1, 1, 12))
    office.assign(keys["support"], "danuta", at(1, 2, 12))
    office.ledger.corrections.add(keys["answered"], ["partner_type=archive"], "lieve", at(1, 2))
    office.ledger.lives.escalate([keys["late"]], at(1, 4))
    return keys


def change_everything(office: Office, keys: dict[str, str]) -> None:
    """Let a third week change what the second knew."""
    office.turn(keys["late"], State.DONE, at(2, 0))
    office.ledger.landscape.settle(keys["late"], at(2, 0), outcome=Outcome.PARTNERSHIP)
    office.assign(keys["alone"], "joaquin", at(2, 0))
    office.turn(keys["plain"], State.ANSWERED, at(2, 1))
    office.assign(keys["support"], "lieve", at(2, 1))
    office.turn(keys["support"], State.DONE, at(2, 2))
    office.ledger.corrections.add(
        keys["plain"], ["region=north_america", "kind=business"], "danuta", at(2, 1)
    )
    office.turn(keys["junk"], State.ASSIGNED, at(2, 1), liaison="lieve", due_at=at(3))
    office.letter(at(2, 2), join=keys["answered"], partner_type="foundation", priority=99)
    office.letter(at(2, 3), rulebook_version="r2")
    office.ledger.lives.escalate([keys["alone"]], at(2, 4))


def test_a_week_is_rendered_the_same_after_later_changes(
    office: Office, weekly_of: Callable[[Office], Weekly]
) -> None:
    keys = busy_weeks(office)
    weekly = weekly_of(office)
    before = weekly.render(weekly.summary(window(1)))
    change_everything(office, keys)
    after = weekly.render(weekly.summary(window(1)))
    assert after == before
    assert all(keys[name] in before.text for name in ("late", "plain", "support", "alone", "junk"))


def test_the_counts_of_a_week_are_those_of_its_end(office: Office) -> None:
    keys = busy_weeks(office)
    change_everything(office, keys)
    week = told(office, 1)
    assert set(week.flow) == {("assign", "open", 3), ("file", "filed", 1)}
    assert [one.key for one in week.overdue.entries] == [keys["late"]]
    assert [one.key for one in week.escalated.entries] == [keys["late"]]
    assert [one.key for one in week.homeless.entries] == [keys["alone"]]
    assert [one.key for one in week.undecided.entries] == [keys["plain"], keys["late"], keys["alone"]]
    assert week.undecided.entries[0].state is State.ASSIGNED
    assert week.corrected == (("partner_type", 1),)
    assert dict(week.unsure) == {"country": 2, "partner_type": 1}
    assert week.requests.received == 1
    assert {one[0]: one[1:] for one in week.loads} == {"danuta": (2, 0, 1), "lieve": (2, 1, 1)}
    assert (week.waited.answers, week.waited.median) == (1, timedelta(days=5))
    assert week.changes == ()


def test_the_trend_counts_late_answers_at_the_end_of_each_week(office: Office) -> None:
    keys = busy_weeks(office)
    change_everything(office, keys)
    trend = {one.period: one for one in told(office, 2).trend}
    assert [trend[window(week).period].overdue for week in range(3)] == [1, 1, 0]
    assert [trend[window(week).period].closed for week in range(3)] == [0, 0, 2]


def test_the_trend_knows_what_people_corrected(office: Office) -> None:
    keys = busy_weeks(office)
    assert told(office, 1).trend[-1].worthy == 2
    office.ledger.corrections.add(keys["plain"], ["kind=business"], "danuta", at(2, 1))
    assert told(office, 1).trend[-1].worthy == 2
    assert told(office, 2).trend[-2].worthy == 1


def test_what_became_of_inquiries_is_counted_with_the_outcome_known_then(office: Office) -> None:
    keys = busy_weeks(office)
    change_everything(office, keys)
    assert sum(one.partnerships for one in told(office, 1).by_type) == 0
    assert {one.value: one.partnerships for one in told(office, 2).by_type}["museum"] == 1
    office.ledger.landscape.settle(keys["late"], at(3, 0), outcome=Outcome.DECLINED)
    assert {one.value: one.partnerships for one in told(office, 2).by_type}["museum"] == 1
    assert {one.value: one.partnerships for one in told(office, 3).by_type}["museum"] == 0


def test_an_outcome_without_a_history_is_not_known_before_the_inquiry_was_over(office: Office) -> None:
    key = office.letter(at(0, 1), partner_type="museum")
    office.turn(key, State.DONE, at(1, 1))
    with writing(office.ledger.engine) as connection:
        connection.execute(update(inquiries).values(outcome=Outcome.PARTNERSHIP.value))
    assert [one.partnerships for one in told(office, 0).by_type] == [0]
    assert [one.partnerships for one in told(office, 1).by_type] == [1]


def test_new_rules_are_told_in_their_week(office: Office) -> None:
    change_everything(office, busy_weeks(office))
    (change,) = told(office, 2).changes
    assert (change.part, change.before, change.after) == ("rules", "r1", "r2")
    assert (told(office, 1).rulebook_version, told(office, 2).rulebook_version) == ("r1", "r2")


def test_what_was_forgotten_reads_removed(office: Office, weekly_of: Callable[[Office], Weekly]) -> None:
    keys = busy_weeks(office)
    weekly = weekly_of(office)
    before = weekly.render(weekly.summary(window(1)))
    with writing(office.ledger.engine) as connection:
        connection.execute(delete(contents))
        connection.execute(messages.update().values(octets=None))
    after = weekly.render(weekly.summary(window(1)))
    assert "Museum 4" in before.text
    assert "Museum 4" not in after.text + after.html
    assert f"[{keys['plain']}] removed" in after.text
    assert figures(after) == figures(before)


def figures(rendered: Rendered) -> bytes:
    ((_, _, octets),) = rendered.attachments
    return b"\n".join(line for line in octets.splitlines() if b"channels" not in line)


def test_mail_read_after_its_week_counts_in_it_as_it_was_first_read(office: Office) -> None:
    busy_weeks(office)
    before = sum(number for *_, number in told(office, 1).flow)
    late = office.letter(at(1, 6), read_at=at(2, 2))
    office.assign(late, "lieve", at(2, 2, 9))
    office.turn(late, State.DONE, at(2, 5))
    week = told(office, 1)
    assert sum(number for *_, number in week.flow) == before + 1
    assert next(one for one in week.undecided.entries if one.key == late).liaison == "lieve"


def test_inquiries_merged_later_are_one(office: Office) -> None:
    keys = busy_weeks(office)
    other = office.letter(at(1, 3))
    before = sum(number for *_, number in told(office, 1).flow)
    office.letter(at(2, 2), join=keys["plain"])
    with writing(office.ledger.engine) as connection:
        one, two = number_of(connection, keys["plain"]), number_of(connection, other)
        assert one
        assert two
        merge(connection, one, two, at(2, 3))
    assert sum(number for *_, number in told(office, 1).flow) == before - 1


def test_an_empty_ledger_has_weeks_of_nothing(office: Office, weekly_of: Callable[[Office], Weekly]) -> None:
    week = told(office, 1)
    assert week.flow == ()
    assert (week.rulebook_version, week.changes, week.overdue.total) == ("", (), 0)
    weekly = weekly_of(office)
    assert "A quiet week" in weekly.render(weekly.summary(window(1))).subject


@pytest.mark.parametrize(
    "name", ["2026-W99", "2026-W00", "2026-47", "week", "", "99999-W01", "2026-W47; DROP"]
)
def test_nonsense_is_no_week(office: Office, weekly_of: Callable[[Office], Weekly], name: str) -> None:
    with pytest.raises(UsageError, match="no such week"):
        weekly_of(office).named(name, at(2))


def test_a_week_that_is_not_over_is_refused_with_the_newest_that_is(
    office: Office, weekly_of: Callable[[Office], Weekly]
) -> None:
    with pytest.raises(UsageError, match="2026-W47 is not over; take the newest that is: 2026-W46"):
        weekly_of(office).named("2026-W47", datetime(2026, 11, 18, tzinfo=UTC))
    assert weekly_of(office).named("2026-W46", datetime(2026, 11, 16, tzinfo=UTC)).period == "2026-W46"


@pytest.mark.parametrize("seed", range(3))
def test_the_database_counts_what_the_entries_say(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    live_at_random(office, chance)
    week = told(office, 1)
    entries = office.ledger.inquiries
    expected = week_of(entries.received(window(1)), entries.open(), window(1), ())
    assert sorted(week.flow) == sorted(expected.flow)
    assert sorted(week.types) == sorted(expected.types)
    for name in ("worthy", "alignment", "activities", "languages", "unsure", "kinds_filed", "channels"):
        assert getattr(week, name) == getattr(expected, name), name
    for name in ("overdue", "homeless", "undecided", "endorsements", "filed"):
        mine, theirs = getattr(week, name), getattr(expected, name)
        assert [one.key for one in mine.entries] == [one.key for one in theirs.entries], name
        assert [one.decision for one in mine.entries] == [one.decision for one in theirs.entries], name


def live_at_random(office: Office, chance: random.Random) -> None:
    """Let all sorts of mail come in two weeks, half of it with follow-ups and corrections."""
    keys: list[str] = []
    for number in range(40):
        moment = at(0) + timedelta(hours=8 * number)
        kind = chance.choice(("partnership", "partnership", "endorsement", "business", "spam"))
        tags: dict[str, Any] = {
            "kind": kind,
            "partner_type": chance.choice(("museum", "library", None)),
            "region": chance.choice(("south_asia", "global", None)),
            "alignment": chance.choice(("aligned", "not_aligned", "unclear", None)),
            "activities": tuple(chance.sample(("research", "funding", "advocacy"), chance.randrange(3))),
            "priority": chance.randrange(100),
            "abstained": tuple(chance.sample(("kind", "partner_type", "region"), chance.randrange(3))),
            "disposition": Disposition.FILE if kind == "spam" else chance.choice(tuple(Disposition)[:2]),
        }
        join = chance.choice(keys) if keys and chance.random() < 0.4 else None
        key = office.letter(moment, join=join, **tags)
        if key not in keys:
            keys.append(key)
            if kind != "spam" and chance.random() < 0.7:
                office.assign(key, "lieve", moment + timedelta(hours=1), days=chance.choice((2, 20)))
                if chance.random() < 0.4:
                    office.turn(key, chance.choice((State.ANSWERED, State.DONE)), moment + timedelta(hours=2))
        if chance.random() < 0.3:
            tag = chance.choice(
                ("partner_type=archive", "kind=business", "activities=research", "priority=7")
            )
            office.ledger.corrections.add(key, [tag], "lieve", moment + timedelta(hours=3))
