"""Ways beside the shared ones: groups, forwards, low priority, what was given back, and who is awake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records.decisions import Disposition
from pipeline.records.work import Entry
from pipeline.routing.assign import assign
from pipeline.routing.groups import chapters_near
from pipeline.routing.holidays import WEEKENDS
from pipeline.routing.hours import hours_until_open, time_cost
from pipeline.routing.policy import Absence, Forward, Group, Policy, Routes
from pipeline.routing.roster import deputy_of, on_duty
from pipeline.routing.routes import forward_of, is_low_priority, places

Make = Callable[..., Any]


def group(identifier: str, kind: Any = "chapter", **given: Any) -> Group:
    address = f"{identifier}@groups.example"
    return Group(id=identifier, name=identifier.title(), address=address, kind=kind, **given)


def chosen(entries: list[Entry], policy: Policy, now: datetime, **given: Any) -> dict[str, str]:
    return {one.inquiry: one.liaison for one in assign(entries, policy, {}, now, **given)}


# Groups


def test_a_direct_chapter_takes_what_fits_and_others_only_what_they_are_given(
    entry: Make, liaison: Make, noon: datetime
) -> None:
    takes = group("andes", countries=("PE",), languages=("es",), direct=True)
    asks = group("lagos", countries=("NG",))
    policy = Policy(fallback="ana", liaisons=(liaison("ana"),), groups=(takes, asks))
    mail = [
        entry("K1", country="PE", region="latin_america_caribbean", language="es"),
        entry("K2", country="NG", region="sub_saharan_africa"),
        entry("K3", route="lagos", country="FR"),
    ]
    assert chosen(mail, policy, noon) == {"K1": "andes", "K2": "ana", "K3": "lagos"}
    assert policy.by_id["lagos"] is asks
    assert [desk.id for desk in policy.takers] == ["ana", "andes"]


@pytest.mark.parametrize(
    "tags",
    [
        {"region": None, "language": "ar"},
        {"region": "unknown", "language": "es"},
        {"country": "PE", "region": "latin_america_caribbean", "language": "qu"},
    ],
)
def test_a_chapter_does_not_get_mail_of_unknown_place_or_in_other_languages_though_all_others_are_full(
    tags: dict[str, Any], entry: Make, liaison: Make, noon: datetime
) -> None:
    takes = group("andes", countries=("PE",), languages=("es",), direct=True)
    policy = Policy(
        fallback="ana", liaisons=(liaison("ana", languages=("en",), capacity=1),), groups=(takes,)
    )
    mail = [entry(f"K{number}", **tags) for number in range(4)]
    assert set(chosen(mail, policy, noon).values()) == {"ana"}


def test_a_team_gets_a_route_and_its_members_may_answer(entry: Make, liaison: Make, noon: datetime) -> None:
    team = group("letters", "team", members=("ben", "gone"))
    policy = Policy(
        fallback="ana",
        liaisons=(liaison("ana"), liaison("ben")),
        groups=(team,),
        routes=Routes(endorsement="letters"),
    )
    assert chosen([entry("K1", kind="endorsement")], policy, noon) == {"K1": "letters"}
    assert policy.voices("letters") == ("letters@groups.example", "ben@liaisons.example")
    assert policy.voices("ana") == ("ana@liaisons.example",)
    assert policy.voices("nobody") == ()


def test_chapters_near_an_inquirer_come_by_country_then_by_region(liaison: Make) -> None:
    policy = Policy(
        fallback="ana",
        liaisons=(liaison("ana"),),
        groups=(
            group("africa", regions=("sub_saharan_africa",)),
            group("lagos", countries=("NG",)),
            group("team", "team", countries=("NG",)),
            group("asleep", countries=("NG",), paused=True),
        ),
    )
    assert [one.id for one in chapters_near(policy, "NG", "sub_saharan_africa")] == ["lagos", "africa"]
    assert [one.id for one in chapters_near(policy, "GH", "sub_saharan_africa")] == ["africa"]
    assert chapters_near(policy, None, "unknown") == ()


# Forwards and the low-priority list


@pytest.fixture(scope="module")
def passing_on(liaison: Make) -> Policy:
    return Policy(
        fallback="ana",
        liaisons=(liaison("ana"), liaison("ben"), liaison("cem")),
        routes=Routes(misdirected="ben"),
        forwards=(
            Forward(
                topic="donations",
                name="Donors",
                address="d@foundation.example",
                words=("donate", "tax receipt"),
            ),
            Forward(
                topic="press",
                name="Press",
                url="https://press.example/",
                words=("interview", "Presse"),
                to="cem",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("subject", "text", "topic", "who"),
    [
        ("Tax  receipt?", "", "donations", "ben"),
        ("", "I want to DONATE. An interview? A tax-receipt!", "donations", "ben"),
        ("Anfrage der PRESSE", "", "press", "cem"),
        ("Interviewer wanted", "My donated books", None, "ben"),  # whole words alone
        ("", "", None, "ben"),
    ],
)
def test_misdirected_mail_by_topic(
    subject: str, text: str, topic: str | None, who: str, passing_on: Policy, entry: Make, noon: datetime
) -> None:
    mail = entry("K1", kind="misdirected", subject=subject, text=text)
    found = forward_of(mail, passing_on)
    assert (found.topic if found else None) == topic
    (given,) = assign([mail], passing_on, {}, noon)
    assert given.liaison == who
    assert given.reason.startswith("not for us")
    assert ("pass on to" in given.reason) is (topic is not None)


def test_a_rule_names_the_topic_and_the_one_who_tells(
    passing_on: Policy, entry: Make, noon: datetime
) -> None:
    mail = entry("K1", kind="misdirected", subject="donate", route="press")
    found = forward_of(mail, passing_on)
    assert found is not None
    assert found.topic == "press"
    assert chosen([mail], passing_on, noon) == {"K1": "cem"}
    assert places(passing_on)["donations"] == "ben"
    assert forward_of(entry("K1", subject="donate"), passing_on) is None  # a partnership is none


@given(text=st.text(max_size=300))
def test_no_text_breaks_the_search_for_a_topic(text: str, passing_on: Policy, entry: Make) -> None:
    mail = entry("K1", kind="misdirected", subject=text, text=text)
    assert forward_of(mail, passing_on) in (None, *passing_on.forwards)


@pytest.mark.parametrize(
    ("tags", "low"),
    [
        ({"kind": "business"}, True),
        ({"alignment": "not_aligned"}, True),
        ({"alignment": "not_aligned", "abstained": ("alignment",)}, False),
        ({"kind": "endorsement", "alignment": "not_aligned"}, False),
        ({}, False),
    ],
)
def test_what_is_low_priority(tags: dict[str, Any], low: bool, entry: Make, liaison: Make) -> None:
    policy = Policy(fallback="ana", liaisons=(liaison("ana"),), low_priority="ana")
    assert is_low_priority(entry("K1", **tags), policy) is low
    assert not is_low_priority(entry("K1", **tags), policy.model_copy(update={"low_priority": None}))


# Given back, deputies, duty


def test_who_gave_it_back_does_not_get_it_while_there_is_somebody_else(
    entry: Make, liaison: Make, noon: datetime
) -> None:
    policy = Policy(
        fallback="gap",
        liaisons=(
            liaison("ana", regions=("south_asia",)),
            liaison("ben", regions=("south_asia",)),
            liaison("gap"),
        ),
        triage=("ana",),
        routes=Routes(endorsement="ana"),
    )
    mail = [entry("K1"), entry("K2", disposition=Disposition.REVIEW), entry("K3", kind="endorsement")]
    everything = {key: {"ana"} for key in ("K1", "K2", "K3")}
    assert chosen(mail, policy, noon, refused=everything) == {"K1": "ben", "K2": "gap", "K3": "gap"}
    assert chosen([mail[0]], policy, noon, refused={"K1": {"ana", "ben", "gap"}}) == {"K1": "gap"}
    assert chosen([mail[0]], policy, noon, former={"K1": "ana"}, refused={"K1": {"ana"}}) == {"K1": "ben"}


def test_deputies_come_in_order_and_a_ring_of_them_ends(liaison: Make, noon: datetime) -> None:
    policy = Policy(
        fallback="ana",
        liaisons=(
            liaison("ana", deputy=("ben", "cem")),
            liaison("ben", deputy=("ana",), paused=True),
            liaison("cem", deputy=("ben",)),
        ),
    )
    ana = policy.by_id["ana"]
    assert deputy_of(ana, policy, noon) is policy.by_id["cem"]
    nobody = on_duty(policy, {"ana", "cem"})
    assert deputy_of(nobody.by_id["ana"], nobody, noon) is None
    assert on_duty(policy, {"strangers"}) is policy
    assert policy.by_id["ana"].is_present(noon)


def test_who_is_awake_and_stays_gets_what_presses(entry: Make, liaison: Make) -> None:
    afternoon = datetime(2026, 11, 18, 15, tzinfo=UTC)  # half past eight in the evening in Kolkata
    policy = Policy(
        fallback="ana",
        liaisons=(liaison("ana", timezone="Europe/Brussels"), liaison("zen", timezone="Asia/Kolkata")),
    )
    assert chosen([entry("K1", priority=90)], policy, afternoon) == {"K1": "ana"}
    morning = datetime(2026, 11, 18, 6, tzinfo=UTC)  # half past eleven in Kolkata
    assert chosen([entry("K1", priority=90)], policy, morning) == {"K1": "zen"}
    assert chosen([entry("K1", priority=10)], policy, morning) == {"K1": "ana"}  # it can wait


def test_who_leaves_tomorrow_gets_less(entry: Make, liaison: Make, noon: datetime) -> None:
    away = (Absence(first=date(2026, 11, 19), last=date(2026, 12, 11)),)
    policy = Policy(fallback="ana", liaisons=(liaison("ana", absences=away), liaison("ben")))
    assert chosen([entry("K1")], policy, noon) == {"K1": "ben"}
    assert time_cost(policy.by_id["ana"], noon, 10) == 1.0
    assert time_cost(policy.by_id["ben"], noon, 10) == 0.0


@given(hours=st.integers(0, 24 * 400), zone=st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"]))
def test_an_office_opens_within_a_long_weekend(hours: int, zone: str, liaison: Make) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    wait = hours_until_open(liaison("ana", timezone=zone), moment, WEEKENDS)
    assert 0 <= wait <= 65  # from Friday at five to Monday at nine, and an hour of a clock change
    opened = moment + timedelta(hours=wait)
    assert hours_until_open(liaison("ana", timezone=zone), opened, WEEKENDS) == 0
