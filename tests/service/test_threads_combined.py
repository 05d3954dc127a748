"""What the decisions on an inquiry's messages, and people, come to together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records.decisions import Criteria, Decision, Disposition, Evidence, Source, Tags
from pipeline.records.work import Correction
from pipeline.routing.combine import combine
from tests.support.mails import NOW

SURE = {"kind": 0.95, "partner_type": 0.9, "country": 0.9, "region": 0.9, "alignment": 0.9}


def decision(
    number: int = 1, *, guessed: tuple[str, ...] = (), sure: dict[str, float] | None = None, **more: Any
) -> Decision:
    tags = {
        "kind": "partnership",
        "partner_type": "museum",
        "country": "IN",
        "region": "south_asia",
        "alignment": "aligned",
    }
    told = {name: more.pop(name) for name in list(more) if name in Tags.__dataclass_fields__}
    grid = Criteria(**{name: more.pop(name) for name in list(more) if name in Criteria.__dataclass_fields__})
    return Decision(
        sha256=f"{number}", disposition=more.pop("disposition", Disposition.ASSIGN),
        tags=Tags(**{**tags, **told}, criteria=grid), abstained=guessed, confidence={**SURE, **(sure or {})},
        priority=more.pop("priority", 50), language=more.pop("language", "en"), summary=more.pop("summary", f"Summary {number}."),
        evidence=more.pop("evidence", ()), rulebook_version=f"r{number}", model_version="m",
        decided_at=NOW + timedelta(hours=number), route=more.pop("route", None),
    )  # fmt: skip


def said(tag: str, hours: int = 0) -> Correction:
    return Correction(inquiry="ABC234", tag=tag, author="ana", at=NOW + timedelta(hours=hours))


def news(number: int = 2, **more: Any) -> Decision:
    """A follow-up such as "any news?": nothing is told, so everything is a guess."""
    guess = dict.fromkeys(SURE, 0.3)
    told = {
        "partner_type": "individual",
        "country": None,
        "region": "unknown",
        "priority": 20,
        "language": "fr",
        **more,
    }
    return decision(number, guessed=tuple(SURE), sure=guess, **told)


def test_one_message_speaks_for_itself() -> None:
    assert combine([decision()]) == decision()


def test_a_follow_up_that_says_nothing_undoes_nothing() -> None:
    first = decision()
    both = combine([first, news()])
    assert both.tags == first.tags
    assert (both.priority, both.language, both.summary) == (50, "en", "Summary 1.")
    assert both.abstained == ()
    assert (both.decided_at, both.rulebook_version) == (news().decided_at, "r2")


def test_each_field_comes_from_the_message_that_is_surest_of_it() -> None:
    first = decision(
        guessed=("partner_type",),
        sure={"partner_type": 0.4, "alignment": 0.99},
        country=None,
        region="unknown",
    )
    second = decision(
        2, partner_type="archive", country="FR", region="northern_western_europe", alignment="unclear"
    )
    tags = combine([first, second]).tags
    assert (tags.partner_type, tags.country, tags.region, tags.alignment) == (
        "archive",
        "FR",
        "northern_western_europe",
        "aligned",
    )


def test_of_equals_the_newest_counts() -> None:
    assert combine([decision(), decision(2, partner_type="archive")]).tags.partner_type == "archive"


def test_a_sure_value_outweighs_a_guess_with_a_higher_figure() -> None:
    guess = decision(2, guessed=("partner_type",), sure={"partner_type": 0.95}, partner_type="archive")
    assert combine([decision(sure={"partner_type": 0.6}), guess]).tags.partner_type == "museum"


def test_country_and_region_stay_together() -> None:
    first = decision(sure={"region": 0.99})
    second = decision(
        2, country="FR", region="northern_western_europe", sure={"country": 0.99, "region": 0.5}
    )
    assert combine([first, second]).tags.region == "northern_western_europe"


def test_the_first_kind_stays_unless_it_was_a_guess() -> None:
    later = decision(2, kind="business")
    assert combine([decision(), later]).tags.kind == "partnership"
    unsure = decision(guessed=("kind",), disposition=Disposition.REVIEW)
    both = combine([unsure, later])
    assert (both.tags.kind, both.disposition) == ("business", Disposition.ASSIGN)


def test_what_was_filed_does_not_speak_beside_people() -> None:
    filed = decision(2, kind="automated", disposition=Disposition.FILE, partner_type=None)
    assert combine([filed, decision()]) == decision()
    assert combine([filed]).disposition is Disposition.FILE
    assert combine([filed, replace(filed, priority=3)]).tags.kind == "automated"


def test_a_business_letter_takes_no_tags_from_another_kind() -> None:
    business = decision(kind="business", partner_type="commercial", sure={"partner_type": 0.5})
    other = decision(2, kind="misdirected", partner_type="individual", guessed=("kind",))
    assert combine([business, other]).tags.partner_type == "commercial"


def test_lists_are_united_and_dates_are_the_newest() -> None:
    one = decision(activities=("content_donation",), sure={"activities": 0.9}, urgency=date(2026, 4, 1))
    two = decision(2, activities=("training_event",), sure={"activities": 0.8}, urgency=date(2026, 5, 1))
    guess = decision(3, activities=("funding",), guessed=("activities",), sure={"activities": 0.2})
    both = combine([one, two, guess])
    assert both.tags.activities == ("content_donation", "training_event")
    assert both.confidence["activities"] == 0.8
    assert both.tags.criteria.urgency == date(2026, 5, 1)


def test_the_highest_priority_brings_its_own_sum() -> None:
    def points(score: float) -> tuple[Evidence, ...]:
        return (Evidence(source=Source.CRITERIA, name="base", tag="priority", score=score),)

    both = combine(
        [decision(priority=70, evidence=points(70)), decision(2, priority=20, evidence=points(20))]
    )
    assert (both.priority, [one.score for one in both.evidence]) == (70, [70])


def test_evidence_is_that_of_the_message_that_tells_the_field() -> None:
    def rule(tag: str) -> tuple[Evidence, ...]:
        return (Evidence(source=Source.RULE, name="r", tag=tag, score=1.0),)

    one = decision(evidence=rule("partner_type=museum"), sure={"partner_type": 0.99})
    two = news(evidence=rule("partner_type=individual"))
    assert [item.tag for item in combine([one, two]).evidence] == ["partner_type=museum"]


def test_an_empty_first_mail_is_summed_up_by_the_next() -> None:
    assert combine([decision(summary=""), decision(2)]).summary == "Summary 2."


def test_the_newest_word_of_a_person_is_certain() -> None:
    told = [
        said("partner_type=library", 2),
        said("partner_type=archive", 1),
        said("activities=research", 1),
        said("activities=funding", 1),
    ]
    both = combine([decision(guessed=("partner_type",)), news()], told)
    assert both.tags.partner_type == "library"
    assert both.tags.activities == ("research", "funding")
    assert (both.confidence["partner_type"], "partner_type" in both.abstained) == (1.0, False)
    assert both.evidence[0].source is Source.PERSON


def test_a_person_settles_what_was_to_be_looked_at() -> None:
    unsure = decision(guessed=("kind",), disposition=Disposition.REVIEW)
    assert combine([unsure], [said("kind=partnership")]).disposition is Disposition.ASSIGN
    assert combine([unsure], [said("kind=spam")]).disposition is Disposition.FILE
    assert combine([unsure], [said("disposition=file")]).disposition is Disposition.FILE


def test_grid_and_priority_can_be_corrected_and_emptied() -> None:
    told = [
        said("urgency=2026-06-01"),
        said("shared_objectives=3"),
        said("priority=400"),
        said("country="),
        said("funding=none"),
    ]
    both = combine([decision()], told)
    grid = both.tags.criteria
    assert (grid.urgency, grid.shared_objectives, grid.funding) == (date(2026, 6, 1), 3, "none")
    assert (both.priority, both.tags.country) == (100, None)
    assert "region" in both.abstained


@pytest.mark.parametrize(
    "tag", ["urgency=soon", "shared_objectives=many", "colour=red", "kind=", "disposition=burn", "nothing"]
)
def test_a_value_that_cannot_be_is_no_value(tag: str) -> None:
    assert combine([decision()], [said(tag)]) == decision()


@given(st.lists(st.booleans(), min_size=1, max_size=6), st.randoms())
def test_any_follow_ups_leave_a_whole_decision(silent: list[bool], chance: Any) -> None:
    made = [
        news(number) if quiet else decision(number, priority=chance.randint(0, 100))
        for number, quiet in enumerate(silent)
    ]
    both = combine(made)
    assert set(both.abstained) <= set(both.confidence)
    assert both.priority == max(one.priority for one in made)
    assert both.tags.kind == "partnership"
    assert (both.tags.country == "IN") == (not all(silent))
