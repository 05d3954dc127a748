"""Invented inquiries, in many languages and shapes, for the tests of digests and for looking at them."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from phonenumbers import country_code_for_region

from pipeline.feedback.vocabulary import Vocabulary, load_vocabulary
from pipeline.records.answers import Action, Draft, Offer
from pipeline.records.decisions import Criteria, Decision, Disposition, Evidence, Source, Tags
from pipeline.records.messages import Address
from pipeline.records.weeks import (
    Acquaintances,
    Change,
    Delay,
    Fortune,
    Load,
    Requests,
    WeekCount,
    WeeklySummary,
)
from pipeline.records.work import DailyDigest, Entry, State, Window
from pipeline.resources import packaged
from pipeline.routing.life import allowed
from pipeline.service.offers import _words as words_of
from tests.digest.cases import CASES, Case
from tests.support.weeks import week_of

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
WEEK = datetime(2026, 11, 16, tzinfo=UTC)
LIAISON = Address(name="Mira Okonkwo", address="mira.okonkwo@liaisons.example")


def entry(number: int, case: Case | None = None, **changes: object) -> Entry:
    """Return an inquiry; `number` decides which one, when it came and what is uncertain about it."""
    case = case or CASES[number % len(CASES)]
    kind = {"commercial": "business", "public_interest": "endorsement"}.get(case.partner_type, "partnership")
    received = NOW - timedelta(days=1 + number % 12, hours=number % 7)
    values: dict[str, object] = {
        "key": _key(number),
        "decision": decision(number, case, kind),
        "author": Address(name=case.person, address=case.address),
        "organisation": case.organisation,
        "subject": case.subject,
        "text": case.summary,
        "received_at": received,
        "messages": 1 + number % 3 // 2,
        "state": State.ASSIGNED,
        "liaison": "mira",
        "reason": "speaks the language",
        "due_at": received + timedelta(days=7),
        "origin": ("list partners-l", "info@partners.example", "ticket 2026112210000017 (list partners-l)")[
            number % 3
        ],
        "archive_url": f"https://lists.example/archive/partners-l/{number:05}" if number % 3 == 0 else "",
        "attachments": case.attachments,
    }
    return Entry(**{**values, **changes})  # type: ignore[arg-type]  # the values are those of Entry, by name


def _key(number: int) -> str:
    letters = "23456789BCDFGHJKMNPQRSTVWXZ"
    mixed = (number + 1) * 123_456_789
    return "".join(letters[mixed // 27**place % 27] for place in range(6))


def decision(number: int, case: Case, kind: str = "partnership") -> Decision:
    unsure = ("partner_type",) if number % 4 == 2 else ("country", "region") if number % 9 == 4 else ()
    urgent = date(2026, 12, 1) if case.language == "es" else None
    funding = "offered" if "funding" in case.activities else "none"
    objectives = min(3, len(case.activities) + 1)
    evidence = (
        Evidence(source=Source.MODEL, name="base", tag=f"kind={kind}", score=0.97),
        Evidence(source=Source.RULE, name="type", tag=f"partner_type={case.partner_type}", score=1.4,
                 detail=f"signature: {(case.organisation or case.person)!r}"),
        Evidence(source=Source.MODEL, name="base", tag=f"partner_type={case.partner_type}", score=0.61),
        Evidence(source=Source.REGION, name="phone", tag=f"country={case.country}", score=0.7,
                 detail=f"signature: '+{country_code_for_region(case.country or '')} 555 0100'"),
        Evidence(source=Source.RULE, name="fit", tag=f"alignment={case.alignment}", score=2.0, detail=case.why),
        Evidence(source=Source.CRITERIA, name="funding", tag=f"funding={funding}", score=20 if funding == "offered" else 0,
                 detail="funding offered: 'we bring 12,000 euros'"),
        Evidence(source=Source.CRITERIA, name="objectives", tag=f"shared_objectives={objectives}", score=8 * objectives,
                 detail=f"would raise {objectives} of participation, quality and reach"),
        Evidence(source=Source.CRITERIA, name="complexity", tag="complexity=low", score=10, detail="small: one contact, weeks"),
    )  # fmt: skip
    return Decision(
        sha256=f"{number:064x}",
        disposition=Disposition.REVIEW if unsure else Disposition.ASSIGN,
        tags=Tags(
            kind=kind,
            partner_type=case.partner_type,
            activities=case.activities,
            country=case.country,
            region=case.region,
            alignment=case.alignment,
            priorities=("quality", "participation") if case.activities else (),
            criteria=Criteria(
                preconditions_met={"aligned": "yes", "unclear": "unclear"}.get(case.alignment, "no"),
                shared_objectives=objectives,
                complexity=("low", "medium", "high")[number % 3],
                funding=funding,
                urgency=urgent,
                further=("chapters_can_carry_it_on", "co_funding")[: number % 3],
            ),
        ),
        abstained=unsure,
        confidence={"kind": 0.97, "partner_type": 0.61, "country": 0.7, "alignment": 0.8},
        priority=(37 * number + 41) % 60 + 38,
        language=case.language,
        summary=case.summary,
        evidence=evidence,
        rulebook_version="2026.11.1",
        model_version="base-7",
        decided_at=NOW,
    )


def filed(number: int) -> Entry:
    """Return a message that needs nobody."""
    names = (
        ("Mail Delivery System", "Undelivered mail returned to sender", "automated"),
        ("Prize Office", "You have WON 4,500,000!!!", "spam"),
        ("Ingrid Solheim", "Fravær: Automatisk svar", "automated"),
        ("Dr. Bright Fortune", "Confidential business proposal", "spam"),
    )
    name, subject, kind = names[number % len(names)]
    case = CASES[0]._replace(language="en", summary="", alignment="unclear")
    tags = Tags(kind=kind)
    base = decision(number, case, kind)
    values = {slot: getattr(base, slot) for slot in base.__slots__}
    made = Decision(
        **{
            **values,
            "tags": tags,
            "disposition": Disposition.FILE,
            "abstained": (),
            "priority": 0,
            "evidence": (),
        }
    )
    return entry(
        1000 + number,
        decision=made,
        author=Address(name=name, address=f"sender{number}@filed.example"),
        organisation="",
        subject=subject,
        state=State.FILED,
        liaison=None,
        due_at=None,
    )


def _late(number: int, case: Case | None, by: timedelta) -> Entry:
    return entry(number, case, received_at=NOW - by - timedelta(days=7), due_at=NOW - by)


def daily(overdue: int = 1, new: int = 3, waiting: int = 3, case: Case | None = None) -> DailyDigest:
    """Return a digest with so many entries in each section."""
    late = tuple(_late(n, case, timedelta(days=2 + n % 5)) for n in range(overdue))
    fresh = tuple(
        entry(
            100 + n + overdue,
            case,
            received_at=NOW - timedelta(hours=4 + n % 16),
            due_at=NOW + timedelta(days=n % 9, hours=9),
        )
        for n in range(new)
    )
    rest = tuple(
        entry(200 + n + overdue + new, case, due_at=NOW + timedelta(days=3 + n % 5), state=State.ACCEPTED)
        for n in range(waiting)
    )
    window = Window(period="2026-11-22", start=NOW - timedelta(days=1), end=NOW)
    return DailyDigest(recipient=LIAISON, window=window, overdue=late, new=fresh, waiting=rest)


LETTER = """Dear {name},

thank you for writing to us, and for the trouble you took to describe what you have in mind. I am a volunteer who looks
after partnerships in your region, and I would like to hear more.

Could we talk for half an hour next week? Any day after Tuesday suits me.

Kind regards,
Mira Okonkwo
"""


def with_offers(digest: DailyDigest, locale: str = "en", filed_count: int = 0) -> DailyDigest:
    """Return `digest` in `locale`, with everything that answers by mail add to it."""
    put_away = tuple(filed(number) for number in range(filed_count))
    open_ones = (*digest.overdue, *digest.new, *digest.waiting)
    offers = {each.key: _offer(each, locale) for each in open_ones}
    fetched = {each.key: _offer(each, locale, (Action.FETCH,)) for each in put_away}
    return replace(
        digest,
        locale=locale,
        filed=put_away,
        offers=offers | fetched,
        reply_to="desk+r4q7m2x9t3k8w5z6@partners.example",
    )


@functools.cache
def _vocabulary() -> Vocabulary:
    return load_vocabulary(packaged("rules"))


def _offer(one: Entry, locale: str, actions: tuple[Action, ...] = ()) -> Offer:
    lexicon = _vocabulary().lexicon(locale)
    draft = Draft(
        title="Thanks, and a talk",
        subject=f"Re: {one.subject}",
        text=LETTER.format(name=one.author.name or "colleague"),
        language="en",
    )
    return Offer(
        token="never-shown",
        address=f"desk+{one.key.lower()}a1b2c3d4e5f6g7h8i9j0k1@partners.example",
        tracking=f"desk+t-{one.key.lower()}z9y8x7w6@partners.example",
        actions=tuple((action, words_of(action, lexicon)) for action in actions or allowed(one.state)),
        draft=draft if Action.FETCH not in actions else None,
    )


def trend(weeks: int = 26) -> tuple[WeekCount, ...]:
    """Return a plausible course of weeks that ends with 2026-W47."""
    return tuple(
        WeekCount(
            period=f"2026-W{48 - weeks + n:02}",
            assigned=14 + (n * 7) % 9 + n // 4,
            review=3 + (n * 5) % 4,
            filed=8 + (n * 11) % 7,
            closed=11 + (n * 3) % 8,
            worthy=10 + (n * 7) % 9,
            overdue=2 + n % 3,
        )
        for n in range(weeks)
    )


def _trend(weeks: int, entries: tuple[Entry, ...], spam: tuple[Entry, ...]) -> tuple[WeekCount, ...]:
    """Return the course of the weeks; the last of them says what the entries say."""
    if not weeks:
        return ()
    review = sum(each.decision.disposition is Disposition.REVIEW for each in entries)
    closed = sum(each.state is State.DONE for each in entries)
    last = WeekCount(
        period="2026-W47", assigned=len(entries) - review, review=review, filed=len(spam), closed=closed + 8
    )
    return (*trend(weeks)[:-1], last)


def weekly(
    received: int = 24, filed_count: int = 9, weeks: int = 26, case: Case | None = None
) -> WeeklySummary:
    """Return a week with so much mail; a third of the inquiries is answered, some is late, some has nobody."""
    states = (State.ASSIGNED, State.ANSWERED, State.ACCEPTED, State.DONE, State.ASSIGNED, State.RECEIVED)
    entries = tuple(
        entry(
            n,
            case,
            state=states[n % 6],
            liaison=None if n % 6 == 5 else ("mira", "jonas", "aiko")[n % 3],
            received_at=NOW - timedelta(hours=7 * n),
            due_at=NOW + timedelta(days=n % 9 - 2),
        )
        for n in range(received)
    )
    spam = tuple(filed(n) for n in range(filed_count))
    window = Window(period="2026-W47", start=WEEK, end=WEEK + timedelta(days=7))
    still_open = tuple(each for each in entries if each.state is not State.DONE)
    week = week_of(
        entries + spam, still_open, window, _trend(weeks, entries, spam), **(_past() if received > 3 else {})
    )
    return WeeklySummary(
        recipients=(Address(name="Partnership committee", address="committee@partners.example"),),
        window=window,
        week=replace(week, set_aside=2, rulebook_version="2026.11.1", model_version="base-7"),
        loads=(
            Load(name="Mira Okonkwo", open=7, overdue=1, capacity=8, new=4),
            Load(name="Jonas Feld", open=9, overdue=3, capacity=6, new=5),
            Load(name="Aiko Tanabe", open=2, overdue=0, capacity=10, new=1),
        ),
    )


def _past() -> dict[str, object]:
    """Return what the ledger tells of a week beside its entries."""

    def fortune(
        value: str, inquiries: int, answered: int, ended: int, partnerships: int, endorsed: int
    ) -> Fortune:
        return Fortune(
            value=value, inquiries=inquiries, answered=answered, ended=ended, partnerships=partnerships,
            endorsed=endorsed, handed_over=1,
        )  # fmt: skip

    return {
        "channels": (("mailbox", 14), ("list", 7), ("desk", 3)),
        "corrected": (("partner_type", 3), ("alignment", 1)),
        "waited": Delay(answers=9, median=timedelta(hours=31), ninetieth=timedelta(days=6, hours=5)),
        "waited_before": Delay(answers=210, median=timedelta(days=2, hours=9), ninetieth=timedelta(days=8)),
        "by_type": (
            fortune("museum", 64, 58, 41, 9, 0),
            fortune("library", 51, 40, 33, 6, 0),
            fortune("educational_institution", 44, 39, 28, 4, 0),
            fortune("public_interest", 23, 20, 19, 0, 11),
            fortune("unknown", 7, 2, 2, 0, 0),
        ),
        "by_region": (
            fortune("northern_western_europe", 71, 66, 50, 10, 4),
            fortune("sub_saharan_africa", 38, 31, 22, 5, 3),
            fortune("south_asia", 30, 24, 20, 2, 4),
        ),
        "requests": Requests(received=2, open=3, endorsed=11),
        "acquaintances": Acquaintances(
            new=15, returning=6, unknown=3,
            newcomers=("Stadtarchiv Lindenau", "Fundación Puente Verde", "دار الكتب بمدينة النخيل", "みなと市立歴史博物館"),
            old=(("Bayside Open Course Network", 4), ("Lalgarh Heritage Museum", 1)),
        ),
        "changes": (
            Change(part="rules", before="2026.10.3", after="2026.11.1", at=WEEK + timedelta(days=2)),
            Change(part="model", before="base-6", after="base-7", at=WEEK + timedelta(days=3)),
        ),
    }  # fmt: skip
