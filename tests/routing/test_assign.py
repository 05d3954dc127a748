"""Assignment: everything open reaches exactly one person, the right one, fairly, whatever the order."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records.decisions import Disposition
from pipeline.records.work import Assignment, Entry
from pipeline.routing.assign import assign
from pipeline.routing.policy import Absence, Liaison, Policy, Routes, load_policy
from pipeline.taxonomy import Taxonomy

Make = Callable[..., Any]
PolicyOf = Callable[..., Policy]
AWAY = (Absence(first=date(2026, 11, 1), last=date(2026, 11, 30)),)


def who(assignments: tuple[Assignment, ...]) -> dict[str, str]:
    return {assignment.inquiry: assignment.liaison for assignment in assignments}


@pytest.fixture(scope="module")
def team(liaison: Make, policy: PolicyOf) -> Policy:
    """Return a team whose scopes do not overlap, but for an all-rounder as the fallback."""
    return policy(
        liaison("gap", regions=("global",), languages=("en",)),
        liaison("asia", regions=("south_asia",), languages=("en", "hi"), capacity=4),
        liaison(
            "delhi",
            regions=("south_asia",),
            languages=("en", "bn"),
            partner_types=("museum", "archive"),
            capacity=4,
        ),
        liaison(
            "europe",
            regions=("northern_western_europe",),
            countries=("PL",),
            languages=("fr",),
            deputy="asia",
        ),
    )


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"region": "northern_western_europe"}, "europe"),
        ({"region": "south_asia", "partner_type": "museum"}, "delhi"),  # names the type
        ({"region": "south_asia", "partner_type": "school"}, "asia"),  # delhi does not take it
        ({"region": "south_asia", "language": "hi"}, "asia"),  # language before type
        ({"region": "central_eastern_europe_central_asia", "country": "PL"}, "europe"),  # a single country
        (
            {"region": "central_eastern_europe_central_asia", "country": "CZ"},
            "gap",
        ),  # nobody but the fallback
        (
            {"region": "unknown", "language": "fr"},
            "europe",
        ),  # the language decides where the place is unknown
        ({"region": None, "partner_type": None, "language": "bn"}, "delhi"),
    ],
)
def test_who_suits(tags: dict[str, Any], expected: str, team: Policy, entry: Make, noon: datetime) -> None:
    assert who(assign([entry("K1", **tags)], team, {}, noon)) == {"K1": expected}


def test_activities_are_a_preference(entry: Make, liaison: Make, policy: PolicyOf, noon: datetime) -> None:
    two = policy(
        liaison("events", activities=("training_event",)), liaison("tech", activities=("technology",))
    )
    assert who(assign([entry("K1", activities=("technology", "research"))], two, {}, noon)) == {"K1": "tech"}
    only = policy(liaison("events", activities=("training_event",)))
    assert who(assign([entry("K1", activities=("technology",))], only, {}, noon)) == {"K1": "events"}


def test_equal_desks_fill_evenly_by_capacity(
    entry: Make, liaison: Make, policy: PolicyOf, noon: datetime
) -> None:
    two = policy(liaison("half", capacity=5), liaison("full", capacity=10))
    share = Counter(who(assign([entry(f"K{n}") for n in range(12)], two, {}, noon)).values())
    assert share == {"half": 4, "full": 8}
    laden = Counter(who(assign([entry(f"K{n}") for n in range(7)], two, {"full": 8}, noon)).values())
    assert laden == {"half": 5, "full": 2}


def test_beyond_capacity_nothing_is_lost(
    entry: Make, liaison: Make, policy: PolicyOf, noon: datetime
) -> None:
    two = policy(liaison("half", capacity=5), liaison("full", capacity=10))
    share = Counter(who(assign([entry(f"K{n}") for n in range(45)], two, {}, noon)).values())
    assert share == {"half": 15, "full": 30}


def test_a_full_desk_in_the_right_region_comes_before_the_fallback(
    entry: Make, team: Policy, noon: datetime
) -> None:
    loads = {"asia": 4, "delhi": 4}
    chosen = who(assign([entry(f"K{n}", partner_type="school") for n in range(3)], team, loads, noon))
    assert set(chosen.values()) == {"asia"}


def test_the_pressing_get_the_free_place(
    entry: Make, liaison: Make, policy: PolicyOf, noon: datetime
) -> None:
    many = [entry(f"K{n:03}", language="hi", priority=n % 100) for n in range(300)]
    pair = policy(
        liaison("reads", languages=("hi",), capacity=250), liaison("other", languages=("en",), capacity=250)
    )
    chosen = who(assign(many, pair, {}, noon))
    late = {one.key for one in many if chosen[one.key] == "other"}
    assert len(late) == 50
    assert max(one.decision.priority for one in many if one.key in late) < 17


def test_review_goes_round_the_triage_rota(entry: Make, team: Policy, noon: datetime) -> None:
    rota = team.model_copy(update={"triage": ("delhi", "asia")})
    cases = [entry(f"K{n}", disposition=Disposition.REVIEW, region="global") for n in range(4)]
    assert list(who(assign(cases, rota, {}, noon)).values()) == ["delhi", "asia", "delhi", "asia"]
    assert set(who(assign(cases, team, {}, noon)).values()) == {"gap"}


def test_what_is_filed_goes_to_nobody(entry: Make, team: Policy, noon: datetime) -> None:
    assert assign([entry("K1", kind="spam", disposition=Disposition.FILE)], team, {}, noon) == ()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"kind": "endorsement"}, "delhi"),
        ({"kind": "endorsement", "alignment": "not_aligned"}, "delhi"),
        ({"kind": "misdirected", "alignment": None}, "asia"),
        ({"kind": "business", "alignment": "not_aligned"}, "europe"),
        ({"kind": "partnership", "alignment": "not_aligned"}, "europe"),
        ({"kind": "partnership", "alignment": "not_aligned", "abstained": ("alignment",)}, "gap"),
        ({"kind": "partnership"}, "gap"),
    ],
)
def test_routes_of_their_own(
    tags: dict[str, Any], expected: str, team: Policy, entry: Make, noon: datetime
) -> None:
    routes = Routes(endorsement="delhi", misdirected="asia")
    routed = team.model_copy(update={"routes": routes, "low_priority": "europe"})
    assert who(assign([entry("K1", region="global", **tags)], routed, {}, noon)) == {"K1": expected}
    assert who(assign([entry("K1", region="global", **tags)], team, {}, noon)) == {"K1": "gap"}


def test_former_liaisons_keep_theirs_even_with_a_full_desk(entry: Make, team: Policy, noon: datetime) -> None:
    one = entry("K1", region="northern_western_europe")
    assert who(assign([one], team, {"asia": 4}, noon, {"K1": "asia"})) == {"K1": "asia"}
    assert who(assign([one], team, {}, noon, {"K1": "left-us"})) == {"K1": "europe"}


def without(policy: Policy, *away: str, paused: tuple[str, ...] = ()) -> Policy:
    """Return `policy` with some liaisons `away` and some paused."""
    changed = tuple(
        one.model_copy(update={"absences": AWAY if one.id in away else (), "paused": one.id in paused})
        for one in policy.liaisons
    )
    return Policy(**{**{name: getattr(policy, name) for name in Policy.model_fields}, "liaisons": changed})


def test_the_deputy_takes_the_absent_ones_share(entry: Make, team: Policy, noon: datetime) -> None:
    one = entry("K1", region="northern_western_europe")
    for absent, why in (
        (without(team, "europe"), "who is away"),
        (without(team, paused=("europe",)), "who takes nothing now"),
    ):
        (assignment,) = assign([one], absent, {}, noon)
        assert assignment.liaison == "asia"
        assert f"for Europe, {why}" in assignment.reason
    assert who(assign([one], without(team, "europe", "asia"), {}, noon)) == {"K1": "gap"}


def test_whoever_takes_it_anyway_comes_before_the_deputy(
    entry: Make, liaison: Make, policy: PolicyOf, noon: datetime
) -> None:
    office = policy(
        liaison("away", regions=("south_asia",), absences=AWAY, deputy="deputy"),
        liaison("deputy", regions=("global",)),
        liaison("other", regions=("south_asia",)),
    )
    assert who(assign([entry("K1")], office, {"other": 2}, noon)) == {"K1": "other"}
    assert who(assign([entry("K1")], office, {"other": 9}, noon)) == {
        "K1": "deputy"
    }  # a full desk weighs more


def test_absence_holds_for_every_way(entry: Make, team: Policy, noon: datetime) -> None:
    routed = team.model_copy(update={"routes": Routes(endorsement="europe"), "triage": ("europe", "delhi")})
    absent = without(routed, "europe")
    endorsement, review = entry("K1", kind="endorsement"), entry("K2", disposition=Disposition.REVIEW)
    chosen = who(assign([endorsement, review, entry("K3")], absent, {"asia": 2}, noon, {"K3": "europe"}))
    assert chosen == {"K1": "asia", "K2": "delhi", "K3": "asia"}


def test_a_missing_fallback_is_replaced_and_an_empty_office_still_has_one(
    entry: Make, team: Policy, noon: datetime
) -> None:
    one = entry("K1", region="sub_saharan_africa")
    assert who(assign([one], without(team, "gap"), {"asia": 2, "delhi": 1, "europe": 9}, noon)) == {
        "K1": "delhi"
    }
    everybody = without(team, *team.by_id)
    assert who(assign([one, entry("K2")], everybody, {}, noon)) == {"K1": "gap", "K2": "gap"}


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"language": "hi", "country": "IN", "partner_type": "school"}, "Hindi, India, school; 2 of 4 open"),
        ({"language": "und", "partner_type": "public_interest"}, "South Asia, public interest; 2 of 4 open"),
        (
            {"language": "sw", "partner_type": "school"},
            "Swahili (not one of their languages), South Asia, school; 2 of 4 open",
        ),
        (
            {"region": "sub_saharan_africa"},
            "nobody else takes this; English, Sub-Saharan Africa, archive; 0 of 10 open",
        ),
        (
            {"disposition": Disposition.REVIEW},
            "to be looked at first; English, South Asia, archive; 0 of 10 open",
        ),
    ],
)
def test_the_reason_is_for_people(
    tags: dict[str, Any], reason: str, team: Policy, entry: Make, noon: datetime
) -> None:
    (assignment,) = assign([entry("K1", **tags)], team, {"asia": 2, "delhi": 4}, noon)
    assert assignment.reason == reason


@pytest.mark.parametrize("shift", [timedelta(days=100_000), timedelta(days=-700_000), timedelta(days=-60)])
def test_time_to_answer_begins_with_the_assignment_whatever_the_mail_says(
    shift: timedelta, entry: Make, team: Policy, noon: datetime
) -> None:
    (assignment,) = assign([entry("K1", received_at=noon + shift)], team, {}, noon)
    assert noon < assignment.due_at < noon + timedelta(days=20)
    (on_time,) = assign([entry("K1", received_at=noon)], team, {}, noon)
    assert assignment.due_at == on_time.due_at


KINDS = ["partnership", "endorsement", "business", "misdirected"]
REGIONS = ["south_asia", "northern_western_europe", "global", "unknown", "sub_saharan_africa", None]


@st.composite
def mail(draw: st.DrawFn) -> list[dict[str, Any]]:
    one = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "region": st.sampled_from(REGIONS),
            "partner_type": st.sampled_from(["museum", "archive", "library", None]),
            "alignment": st.sampled_from(["aligned", "not_aligned", None]),
            "activities": st.sampled_from([(), ("technology",), ("research", "funding")]),
            "language": st.sampled_from(["en", "hi", "fr", "und"]),
            "priority": st.integers(0, 100),
            "disposition": st.sampled_from(Disposition),
        }
    )
    return draw(st.lists(one, max_size=25))


@st.composite
def office(draw: st.DrawFn) -> dict[str, Any]:
    ids = ["ana", "ben", "cem", "dora", "eva"][: draw(st.integers(1, 5))]
    anyone = st.sampled_from(ids)
    people = [
        {
            "identifier": one,
            "languages": tuple(draw(st.sets(st.sampled_from(["en", "hi", "fr"]), max_size=2))),
            "regions": tuple(draw(st.sets(st.sampled_from(REGIONS[:4]), max_size=2))),
            "partner_types": tuple(draw(st.sets(st.sampled_from(["museum", "archive"]), max_size=2))),
            "capacity": draw(st.integers(1, 6)),
            "absences": AWAY if draw(st.booleans()) else (),
            "paused": draw(st.integers(0, 5)) == 0,
            "deputy": tuple(
                draw(st.lists(st.sampled_from([other for other in ids if other != one]), max_size=2))
            )
            if len(ids) > 1
            else (),
        }
        for index, one in enumerate(ids)
    ]
    return {
        "people": people,
        "fallback": draw(anyone),
        "triage": tuple(draw(st.lists(anyone, max_size=2, unique=True))),
        "low_priority": draw(st.none() | anyone),
        "routes": Routes(endorsement=draw(st.none() | anyone), misdirected=draw(st.none() | anyone)),
    }


@settings(deadline=None, max_examples=40)
@given(
    mail=mail(),
    office=office(),
    seed=st.integers(0, 2**32),
    loads=st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)),
)
def test_everything_open_has_one_owner_who_is_there_whatever_the_order(
    mail: list[dict[str, Any]],
    office: dict[str, Any],
    seed: int,
    loads: dict[str, int],
    entry: Make,
    liaison: Make,
    policy: PolicyOf,
    noon: datetime,
) -> None:
    loads = {{"a": "ana", "b": "ben"}[key]: load for key, load in loads.items()}
    entries: list[Entry] = [entry(f"K{number}", **tags) for number, tags in enumerate(mail)]
    people: list[Liaison] = [liaison(**one) for one in office.pop("people")]
    chosen = assign(entries, policy(*people, **office), loads, noon)
    open_keys = sorted(one.key for one in entries if one.decision.disposition is not Disposition.FILE)
    assert sorted(assignment.inquiry for assignment in chosen) == open_keys
    present = {one.id for one in people if one.is_present(noon)}
    assert {assignment.liaison for assignment in chosen} <= (present or {office["fallback"]})
    shuffled = random.Random(seed)
    shuffled.shuffle(entries)
    shuffled.shuffle(people)
    assert assign(entries, policy(*people, **office), loads, noon) == chosen


def test_a_days_mail_and_a_backlog_are_quick(
    entry: Make, liaison: Make, policy: PolicyOf, taxonomy: Taxonomy, noon: datetime
) -> None:
    chance = random.Random(4)
    regions, types = taxonomy.values("region"), taxonomy.values("partner_type")

    def some(count: int) -> list[Entry]:
        return [
            entry(
                f"K{number:04}",
                region=chance.choice(regions),
                partner_type=chance.choice(types),
                language=chance.choice(["en", "es", "hi", "fr"]),
                priority=chance.randint(0, 100),
            )
            for number in range(count)
        ]

    def people(count: int) -> Policy:
        scopes = [tuple(chance.sample(regions, 3)) for _ in range(count)]
        return policy(
            *(liaison(f"l{number}", regions=scope, capacity=12) for number, scope in enumerate(scopes))
        )

    assign(some(2), people(2), {}, noon)  # scipy is loaded once
    for entries, office, seconds in ((some(200), people(20), 0.2), (some(2000), people(100), 5.0)):
        start = time.process_time()
        assert len(assign(entries, office, {}, noon)) == len(entries)
        assert time.process_time() - start < seconds


def test_the_sample_shares_a_mixed_day_fairly(
    rules: Path, taxonomy: Taxonomy, entry: Make, noon: datetime
) -> None:
    sample = load_policy(rules, taxonomy)
    regions = [region for region in taxonomy.values("region") if region != "unknown"]
    mixed = [entry(f"K{number}", region=regions[number % len(regions)]) for number in range(90)]
    share = Counter(who(assign(mixed, sample, {}, noon)).values())
    assert set(share) == {one.id for one in sample.liaisons}
    assert max(share.values()) <= 30
