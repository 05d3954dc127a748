"""liaisons.toml: the sample holds, and every fault of a bad file is named at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import DeclarationError
from pipeline.routing.coverage import coverage_warnings, holiday_warnings
from pipeline.routing.duetimes import Band
from pipeline.routing.policy import Absence, Limits, Policy, load_policy
from pipeline.routing.scope import uncovered
from pipeline.taxonomy import Taxonomy

ONE = """
fallback = "ana"
[[liaisons]]
id = "ana"
name = "Ana Example"
address = "ana@liaisons.example"
"""

BAD = """
fallback = "nobody"
triage = ["ana", "noone"]
low_priority = "anna"

[routes]
endorsement = "missing"
press = "ana"

[[deadlines]]
priority = 50
working_days = 2
[[deadlines]]
priority = 50
working_days = 3

[decisions]
threshold = 1.5

[[liaisons]]
id = "ana"
name = "Ana Example"
address = "ana@liaisons.example"
languages = ["en", "Spanish", "q7"]
regions = ["south_asia", "sout_asia"]
countries = ["Kenya", "in", "QQ"]
partner_types = ["musem"]
activities = ["payments"]
country = "Atlantis"
timezone = "Europe/Atlantis"
capacity = 0
deputy = "ben"
absences = [{ first = 2026-12-24, last = 2026-12-01 }]
colour = "red"

[[liaisons]]
id = "ben"
name = "Ben Example"
address = "ANA@liaisons.example"
deputy = "cem"

[[liaisons]]
id = "cem"
name = "Cem Example"
address = "not an address"
deputy = "ana"

[[liaisons]]
id = "cem"
name = "Cem Other"
address = "other@liaisons.example"
paused = "yes"
deputy = ["dora", "cem"]
digest_at = ["7:30"]
digest_days = "monday"
locale = "spanish"

[[groups]]
id = "fallback"
name = "Team"
kind = "club"
address = "ana@liaisons.example"
members = ["ana", "team"]
url = "team.example"
languages = ["Spanish"]

[[forwards]]
topic = "ana"
name = "Press"
address = "press@foundation.example"
to = "annie"

[[forwards]]
topic = "donations"
name = "Donors"
words = ["x"]

[[forwards]]
topic = "donations"
name = "Donors"

[alerts]
a_day = 9

[escalation]
deputy = 4
committee = 2
"""


def write(folder: Path, text: str) -> Path:
    (folder / "liaisons.toml").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path, text: str, taxonomy: Taxonomy) -> dict[str, str]:
    with pytest.raises(DeclarationError) as caught:
        load_policy(write(folder, text), taxonomy)
    return {fault.path: fault.message for fault in caught.value.faults}


def test_the_sample_has_five_liaisons_who_cover_the_world(rules: Path, taxonomy: Taxonomy) -> None:
    policy = load_policy(rules, taxonomy)
    assert len(policy.liaisons) == 5
    assert uncovered(policy, taxonomy) == ()
    assert policy.triage
    assert policy.routes.endorsement in policy.by_id
    assert all(liaison.address.endswith(".example") for liaison in policy.liaisons)


def test_the_file_itself_may_be_named(rules: Path, taxonomy: Taxonomy) -> None:
    assert load_policy(rules / "liaisons.toml", taxonomy) == load_policy(rules, taxonomy)


def test_one_liaison_is_enough(tmp_path: Path, taxonomy: Taxonomy) -> None:
    policy = load_policy(write(tmp_path, ONE), taxonomy)
    assert policy.by_id["ana"].capacity == 10
    assert policy.deadlines[-1] == Band(priority=0, working_days=10)
    assert policy.decisions == Limits()


def test_all_faults_are_named_at_once(tmp_path: Path, taxonomy: Taxonomy) -> None:
    found = faults(tmp_path, BAD, taxonomy)
    expected = {
        "fallback": "no liaison has the id 'nobody'",
        "triage.1": "no liaison has the id 'noone'",
        "low_priority": "did you mean 'ana'?",
        "routes.endorsement": "no liaison has the id 'missing'",
        "routes.press": "unknown key",
        "deadlines": "no deadline starts at priority 0",
        "deadlines.1.priority": "another deadline starts at",
        "decisions.threshold": "less than or equal to 1",
        "liaisons.0.languages.1": "write 'es'",
        "liaisons.0.languages.2": "'q7'",
        "liaisons.0.regions.1": "did you mean 'south_asia'?",
        "liaisons.0.countries.0": "write 'KE'",
        "liaisons.0.countries.1": "write 'IN'",
        "liaisons.0.countries.2": "for Kenya",
        "liaisons.0.partner_types.0": "did you mean 'museum'?",
        "liaisons.0.activities.0": "known are: advocacy",
        "liaisons.0.country": "'Atlantis'",
        "liaisons.0.timezone": "no such time zone",
        "liaisons.0.capacity": "greater than or equal to 1",
        "liaisons.0.absences.0": "before it starts",
        "liaisons.0.colour": "unknown key",
        "liaisons.1.address": "used by another liaison too",
        "liaisons.2.address": "not a mail address",
        "liaisons.3.id": "used by another liaison too",
        "liaisons.3.paused": "boolean",
        "liaisons.3.deputy.0": "no liaison has the id 'dora'",
        "liaisons.3.deputy.1": "their own deputy",
        "liaisons.3.digest_at.0": "such as '07:30'",
        "liaisons.3.digest_days.0": "'mon'",
        "liaisons.3.locale": "no such language: 'spanish'",
        "groups.0.id": "means something else already",
        "groups.0.kind": "'chapter'",
        "groups.0.address": "used by another liaison or group too",
        "groups.0.members.1": "no liaison has the id 'team'",
        "groups.0.url": "not a web address",
        "groups.0.languages.0": "write 'es'",
        "forwards.0.topic": "means something else already",
        "forwards.0.to": "no liaison has the id 'annie'",
        "forwards.1.words.0": "at least 2",
        "forwards.2.topic": "used by another forward too",
        "forwards.2": "leads nowhere",
        "alerts.a_day": "less than or equal to 3",
        "escalation": "before the deputy",
    }
    assert set(found) == set(expected)
    assert {path: words for path, words in expected.items() if words not in found[path]} == {}


def test_faults_come_in_the_order_of_the_file(tmp_path: Path, taxonomy: Taxonomy) -> None:
    tops = [path.split(".")[0] for path in faults(tmp_path, BAD, taxonomy)]
    order = [
        "fallback", "triage", "low_priority", "routes", "deadlines", "decisions", "liaisons", "groups", "forwards",
        "alerts", "escalation",
    ]  # fmt: skip
    assert list(dict.fromkeys(tops)) == order


def test_what_a_list_names_twice_is_told_and_so_is_whose_table_it_is(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    twice = ONE + 'digest_days = ["mon", "tue", "mon"]\nlanguages = ["EN"]\n'
    found = faults(tmp_path, 'triage = ["ana", "ana"]\n' + twice, taxonomy)
    assert found == {
        "triage.1": "'ana' stands in this list already; take one of them out",
        "liaisons.0.digest_days.2": "'mon' stands in this list already; take one of them out [ana]",
        "liaisons.0.languages.0": "not an ISO 639 language code: 'EN'; write 'en' [ana]",
    }


def test_doubled_deadlines_are_told_beside_other_faults_in_them(tmp_path: Path, taxonomy: Taxonomy) -> None:
    bands = "".join(
        f"[[deadlines]]\npriority = {start}\nworking_days = {days}\n"
        for start, days in ((50, 5), (50, 3), (150, 0))
    )
    assert list(faults(tmp_path, ONE + bands, taxonomy)) == [
        "deadlines.1.priority", "deadlines.2.priority", "deadlines.2.working_days",
    ]  # fmt: skip


def test_two_may_stand_in_for_each_other(tmp_path: Path, taxonomy: Taxonomy) -> None:
    people = "".join(
        f'[[liaisons]]\nid = "{one}"\nname = "{one}"\naddress = "{one}@liaisons.example"\ndeputy = {other}\n'
        for one, other in (("ana", '"ben"'), ("ben", '["ana", "cem"]'), ("cem", "[]"))
    )
    policy = load_policy(write(tmp_path, f'fallback = "ana"\n{people}'), taxonomy)
    assert [one.deputy for one in policy.liaisons] == [("ben",), ("ana", "cem"), ()]


def test_nobody_may_be_their_own_deputy(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert "their own deputy" in faults(tmp_path, ONE + 'deputy = "ana"\n', taxonomy)["liaisons.0.deputy"]
    found = faults(tmp_path, ONE + 'deputy = ["ana", "benn"]\n', taxonomy)
    assert set(found) == {"liaisons.0.deputy.0", "liaisons.0.deputy.1"}


@pytest.mark.parametrize("text", ['fallback = "ana"', 'fallback = "ana"\nliaisons = []'])
def test_no_liaison_at_all(text: str, tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert "no liaison at all" in faults(tmp_path, text, taxonomy)["liaisons"]


@pytest.mark.parametrize(
    "text",
    [
        'liaisons = "ana"',
        "liaisons = [1]",
        'liaisons = [{ id = 3, regions = "x", languages = [1] }]',
        "routes = 1",
    ],
)
def test_odd_shapes_are_faults_and_no_crash(text: str, tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert faults(tmp_path, f'fallback = "ana"\n{text}', taxonomy)


def test_absences_count_both_ends_by_the_liaisons_own_calendar(liaison: Callable[..., Any]) -> None:
    away = Absence(first=date(2026, 11, 18), last=date(2026, 11, 19))
    one = liaison("ana", timezone="Pacific/Auckland", absences=(away,))  # 13 hours ahead of UTC in November
    hours = {
        datetime(2026, 11, 17, 10, 59, tzinfo=UTC): True,
        datetime(2026, 11, 17, 11, 0, tzinfo=UTC): False,
        datetime(2026, 11, 19, 10, 59, tzinfo=UTC): False,
        datetime(2026, 11, 19, 11, 0, tzinfo=UTC): True,
    }
    assert {hour: one.is_present(hour) for hour in hours} == hours


def test_uncovered_names_what_only_the_fallback_gets(
    taxonomy: Taxonomy, liaison: Callable[..., Any], policy: Callable[..., Policy]
) -> None:
    regions = tuple(region for region in taxonomy.values("region") if region != "south_asia")
    types = tuple(one for one in taxonomy.values("partner_type") if one != "museum")
    some = policy(
        liaison("fallback"),
        liaison("ana", regions=regions),
        liaison("ben", regions=("south_asia",), partner_types=types),
    )
    assert uncovered(some, taxonomy) == (("museum", "south_asia"),)
    assert coverage_warnings(some, taxonomy) == ("south_asia: nobody but the fallback covers museum",)


def test_check_warns_of_unread_languages_and_unknown_holidays(
    taxonomy: Taxonomy, liaison: Callable[..., Any], policy: Callable[..., Policy]
) -> None:
    some = policy(
        liaison("fallback", country="BE"),
        liaison("ana", regions=("middle_east_north_africa",), languages=("en", "ar"), country="ZZ"),
    )
    last = coverage_warnings(some, taxonomy)[-1]
    assert last.startswith(
        "languages that are official there, but nobody reads: in middle_east_north_africa;"
    )
    assert [line.partition(":")[0] for line in holiday_warnings(some)] == ["ZZ"]


def test_a_region_is_covered_by_all_its_countries(
    taxonomy: Taxonomy, liaison: Callable[..., Any], policy: Callable[..., Policy]
) -> None:
    inside = tuple(code for code, region in taxonomy.countries.items() if region == "south_asia")
    for countries, warned in ((inside, False), (inside[1:], True)):
        some = policy(liaison("fallback"), liaison("ana", countries=countries))
        assert any(line.startswith("south_asia:") for line in coverage_warnings(some, taxonomy)) is warned


def test_shares_of_kinds_in_the_mailbox(tmp_path: Path, taxonomy: Taxonomy) -> None:
    shares = ONE + "\n[decisions.kinds]\nspam = 0.5\n"
    assert load_policy(write(tmp_path, shares), taxonomy).decisions.kinds == {"spam": 0.5}
    found = faults(tmp_path, shares + "sapm = 0.1\n", taxonomy)
    assert "'sapm' is no kind of mail" in found["decisions.kinds.sapm"]
    found = faults(tmp_path, shares + "partnership = 0.6\n", taxonomy)
    assert "sum to 1.1" in found["decisions.kinds"]
