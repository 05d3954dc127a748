"""The days of a month: what arrives, who answers when, who is away, and what is checked after each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.support.answering import answer as letter_of
from tests.support.month import ADDRESS, BOUNCING, PAUSING, START, World
from tests.support.month_checks import (
    check_day,
    check_deeds,
    last_assignment,
    message_states,
    overfull,
    reads_automated,
    snapshot,
)
from tests.support.month_forgeries import GOOD, STRANGER, forge, outdated, replayed
from tests.support.month_people import Deed, Digest, answer, mail, pause, read

_DSN = (
    "From: MAILER-DAEMON@mx.gone.example (Mail Delivery System)\r\nTo: {to}\r\n"
    "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
    "--B\r\nContent-Type: text/plain\r\n\r\nI could not deliver your mail.\r\n"
    "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.gone.example\r\n\r\n"
    "Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--B--\r\n"
)


@dataclass(kw_only=True)
class Month:
    """A month that is being lived.

    Parameters
    ----------
    incoming
        The mails of each day.
    pause, resume
        Days on which one liaison pauses and comes back.
    forgeries
        How many forged mails there are a day.
    token_days
        How long a digest can be answered.
    """

    world: World
    incoming: Sequence[Sequence[bytes]]
    pause: int
    resume: int
    forgeries: int
    token_days: int
    unread: list[Digest] = field(default_factory=list)
    digests: list[Digest] = field(default_factory=list)
    carried: list[bytes] = field(default_factory=list)
    talks: list[Deed] = field(default_factory=list)
    seen: int = 0
    bounced: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    forged: Counter[str] = field(default_factory=Counter)

    def live(self) -> None:
        """Live all days, and one more on which nobody is put off, so that everything can leave."""
        for day in range(len(self.incoming)):
            self.day(day)
        self.world.post.greylists = False
        for clock in ("01:00", "06:00", "12:00", "18:00"):
            self.world.at(len(self.incoming), clock)
            self._round()

    def day(self, day: int) -> None:
        """Live one day."""
        world = self.world
        world.at(day, "07:10")
        for octets in self.incoming[day]:
            world.put(octets, "inquiry")
        since = last_assignment(world)
        self._round()
        assert overfull(world, since, world.desk.ledger.inquiries.loads()) == []
        world.at(day, "12:30")
        self._answers(day)
        self._forgeries()
        world.at(day, "19:00")
        self._echoes()
        check_day(world)

    def _round(self) -> None:
        """Work once, and sort what was sent into its readers' mailboxes."""
        off = self.world.desk.ledger.duties.current()
        self.world.round()
        off = {one: kinds for one, kinds in self.world.desk.ledger.duties.current().items() if one in off}
        for came, sent in self.world.arrived[self.seen :]:
            digest = read(self.world, sent, came)
            if digest is None:
                continue
            new = self.world.made[digest.identifier] == self.world.now
            assert not (new and digest.reader.id in off and digest.purpose != "receipt"), (
                "a digest to who is off duty"
            )
            self.digests.append(digest)
            self.unread.append(digest)
        self.seen = len(self.world.arrived)

    # ---------------------------------------------------------------- liaisons

    def _answers(self, day: int) -> None:
        """Let people read what came, answer some of it, and leave the rest for another day."""
        world, deeds, busy = self.world, list[Deed](), set[str]()
        left: list[Digest] = []
        for digest in self.unread:
            if digest.purpose not in ("daily", "alert") or digest.reader.id == BOUNCING:
                continue
            if not digest.reader.is_present(world.now):
                self._absence(digest)
            elif is_weekend(day) or world.chance.random() < 0.2:
                left.append(digest)
            elif (world.now.date() - world.made[digest.identifier].date()).days <= self.token_days:
                deeds += answer(world, digest, busy)
        self.unread = left
        self._duty(day)
        self.carried = [
            one for one in world.waiting if b"\nTo: desk+" in one and b"Auto-Submitted" not in one
        ][-2:]
        before, last = world.states(), max((turn[0] for turn in world.turns()), default=0)
        self._round()
        done = check_deeds(world, deeds, before, last)
        self.figures.update({"instructions": len(deeds), "changes": done})
        self.talks += [one for one in deeds if one.draft]

    def _duty(self, day: int) -> None:
        """Let one liaison pause by the link, and come back by answering the receipt of that."""
        world = self.world
        mine = [one for one in self.digests if one.reader.id == PAUSING]
        if day == self.pause:
            pause(world, next(one for one in reversed(mine) if one.purpose == "daily"))
        if day == self.resume:
            assert "paused" in world.desk.ledger.duties.current()[PAUSING]
            receipt = next(one for one in reversed(mine) if one.purpose == "receipt")
            world.put(
                mail(world, receipt.reader, to=receipt.reply_to, subject="Re: pause", body="reprise\r\n"),
                "answer",
            )
        if day == self.resume + 1:
            assert PAUSING not in world.desk.ledger.duties.current()

    def _absence(self, digest: Digest) -> None:
        """Let the mailbox of somebody who is away answer by itself, to whoever wants to hear it."""
        world, to = self.world, digest.reply_to
        if world.chance.random() < 0.5:
            to = next(
                sent.envelope_from for _, sent in world.arrived if digest.identifier.encode() in sent.octets
            )
        octets = mail(world, digest.reader, to=to, subject="Out of office", body="accept\r\nI am away.\r\n")
        world.put(b"Auto-Submitted: auto-replied\r\n" + octets, "absence")

    # ---------------------------------------------------------------- forgers

    def _forgeries(self) -> None:
        """Let forged mail come right after the answers, when nothing is left to do: nothing may change."""
        world = self.world
        before, states = snapshot(world), world.states()
        posted = [
            *forge(world, self.digests[-12:], self.forgeries),
            *outdated(world, self.digests, self.token_days),
        ]
        for octets in self.carried:
            posted += replayed(world, octets)
        receipts = self._receipts()
        self._round()
        after = snapshot(world, frozenset(before["numbers"]))
        ends = message_states(world)
        for name, sha256, state in posted:
            assert ends[sha256] == state, f"{name}: {ends[sha256]}"
            self.forged[name] += 1
        assert after == before, [name for name, _, _ in posted]
        assert all(world.states()[key] == one for key, one in states.items())
        quoted = sum(name == "nothing but the quoted digest" for name, _, _ in posted)
        assert self._receipts() - receipts <= quoted, "a forger was answered"

    def _receipts(self) -> int:
        with self.world.ledger.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE purpose = 'receipt'")
            return int(found.scalar_one())

    # ---------------------------------------------------------------- what comes back

    def _echoes(self) -> None:
        """Let mail come back from addresses that are gone, our own mail return, and inquirers write again."""
        world = self.world
        for _, sent in world.arrived[self.bounced :]:
            if "noor@gone.example" in sent.recipients:
                text = _DSN.format(to=sent.envelope_from, recipient="noor@gone.example")
                world.put(text.encode(), "bounce")
        self.bounced = len(world.arrived)
        if world.arrived:
            _, own = world.chance.choice(world.arrived)
            world.put(f"Received: by mx{world.identifier()}.example\r\n".encode() + own.octets, "own")
        talks, self.talks = self.talks, []
        states, last = world.states(), max((turn[0] for turn in world.turns()), default=0)
        written = {one.key: self._follow_up(one) for one in talks}
        self._round()
        for key, (stranger, sha256) in written.items():
            turns = [one for one in world.turns() if one[0] > last and one[1] == key]
            assert {one[3] for one in turns} <= {"program"}, "a follow-up was read for instructions"
            # What is answered by a machine, or reads like it, wakes nobody.
            if states[key].state == "answered" and not stranger and not reads_automated(world, sha256):
                assert "assigned" in [one[2] for one in turns], f"{key}: the inquirer's question woke nobody"

    def _follow_up(self, deed: Deed) -> tuple[bool, str]:
        """Write to the tracking address as the inquirer, or as a stranger who got hold of it; return whether it is one, and the SHA-256."""
        world, draft = self.world, deed.draft
        assert draft is not None
        stranger = world.chance.random() < 0.25
        octets = letter_of(
            f"{deed.key} done\n"
            if stranger
            else "Thank you. Could you tell us which licence we have to choose?\n",
            to=ADDRESS if stranger else world.desk.policy.by_id[deed.by].address,
            cc=draft.cc,
            sender=STRANGER if stranger else f"<{draft.to}>",
            subject=f"Re: {draft.subject}"[:200].encode("ascii", "replace").decode(),
            results=GOOD if stranger else "",
            identifier=f"{world.identifier()}@inquirer.example",
            headers=[] if stranger else [f"In-Reply-To: {deed.identifier}"],
        )
        return stranger, world.put(octets, "follow-up")


def is_weekend(day: int) -> bool:
    """Tell whether a day of the month is a Saturday or a Sunday."""
    return (START + timedelta(days=day)).weekday() >= 5


def share(mails: Sequence[bytes], days: int, burst: int) -> list[list[bytes]]:
    """Spread mails over days: fewer at the weekend, three times as many on the day `burst`."""
    weights = [3.0 if day == burst else 0.4 if is_weekend(day) else 1.0 for day in range(days)]
    found: list[list[bytes]] = []
    start, total = 0.0, sum(weights)
    for weight in weights:
        end = start + weight * len(mails) / total
        found.append(list(mails[round(start) : round(end)]))
        start = end
    return found
