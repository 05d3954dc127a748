"""The committee's weekly summary."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from pipeline.digest import charts, figures
from pipeline.digest.render import LARGEST_HTML, Rendered
from pipeline.digest.weekly import render_weekly
from pipeline.records.messages import Address
from pipeline.records.weeks import Acquaintances, Delay, Load, Shortlist, WeekCount, WeeklySummary
from pipeline.records.work import Entry
from pipeline.tongue import tongue
from tests.digest import cases, samples


def render(summary: WeeklySummary) -> Rendered:
    return render_weekly(summary, timezone="UTC")


@pytest.fixture(scope="module")
def summary() -> WeeklySummary:
    return samples.weekly()


@pytest.fixture(scope="module")
def rendered(summary: WeeklySummary) -> Rendered:
    return render(summary)


def keys(text: str, summary: WeeklySummary) -> set[str]:
    return {entry.key for entry in named(summary) if entry.key in text}


def named(summary: WeeklySummary) -> list[Entry]:
    """Return the inquiries that some list of `summary` names."""
    week = summary.week
    lists = (week.overdue, week.homeless, week.escalated, week.undecided, week.endorsements, week.filed)
    return list({entry.key: entry for one in lists for entry in one.entries}.values())


def having(summary: WeeklySummary, **changes: Any) -> WeeklySummary:
    """Return `summary` of a week that is other in some way."""
    return replace(summary, week=replace(summary.week, **changes))


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_text_has_every_key_that_the_page_has(summary: WeeklySummary, rendered: Rendered) -> None:
    assert len(keys(rendered.html, summary)) > 15
    assert keys(rendered.text, summary) == keys(rendered.html, summary)


def test_the_five_figures_stand_in_front(rendered: Rendered) -> None:
    for name in ("Received", "Partnership-worthy", "To review", "Overdue", "Closed"):
        assert name in rendered.html
        assert name in rendered.text
    assert "than last week, usually" in squeezed(rendered.text)


def test_seven_inquiries_need_a_decision_by_priority(summary: WeeklySummary, rendered: Rendered) -> None:
    part = rendered.text.partition("NEEDS A DECISION")[2].partition("WHAT CAME IN")[0]
    priorities = [int(number) for number in re.findall(r"Priority (\d+)", part)]
    assert len(priorities) == 7
    assert priorities == sorted(priorities, reverse=True)


def test_each_has_its_criteria_grid_in_words(rendered: Rendered) -> None:
    part = squeezed(rendered.text.partition("NEEDS A DECISION")[2].partition("WHAT CAME IN")[0]) + " "
    for name in ("Preconditions", "Objectives", "Complexity", "Funding", "Answer by"):
        assert part.count(f"{name}: ") == 7
        assert len(re.findall(rf"<span[^>]*>{name}<", rendered.html)) == 7
    assert "Objectives: 3 of 3" in part
    assert "No date" in part


def test_endorsement_requests_stand_apart(summary: WeeklySummary, rendered: Rendered) -> None:
    asked = summary.week.endorsements.entries[0]
    before, _, after = rendered.text.partition("ENDORSEMENT REQUESTS")
    assert asked.key in after
    assert asked.key not in before.partition("NEEDS A DECISION")[2].partition("WHAT CAME IN")[0]


def test_columns_of_the_heat_table_are_explained(rendered: Rendered) -> None:
    for code, name in (("NWE", "Northern and Western Europe"), ("SSA", "Sub-Saharan Africa")):
        assert re.search(rf"{code}\W+{name}", squeezed(rendered.text))
        assert name in rendered.html


def test_numbers_stand_beside_the_trend(summary: WeeklySummary, rendered: Rendered) -> None:
    for week in summary.week.trend[-6:]:
        assert f"{week.period[5:]}<" in rendered.html
        assert re.search(
            rf"^{week.period[5:]} +{week.assigned} +{week.review} +{week.filed}", rendered.text, re.MULTILINE
        )


def test_every_image_is_used_and_described(rendered: Rendered) -> None:
    assert len(rendered.images) == 2
    for image in rendered.images:
        assert f'src="cid:{image.cid}"' in rendered.html
        assert f'alt="{image.alt}"' in rendered.html
        assert squeezed(image.alt) in squeezed(rendered.text)


def test_filed_mail_is_listed_by_sender_and_subject_up_to_twenty_five() -> None:
    rendered = render(samples.weekly(3, 40, 4))
    for part in (rendered.text, rendered.html):
        assert "and 15 more" in part
        assert "Prize Office" in part
        assert "You have WON 4,500,000!!!" in part


def test_loads_and_set_aside_and_versions_are_told(rendered: Rendered) -> None:
    for part in (squeezed(rendered.text), rendered.html):
        assert "Jonas Feld" in part
        assert "2 messages were set aside" in part
        assert "2026.11.1" in part
        assert "base-7" in part


@pytest.mark.parametrize("received", [0, 1, 7, 60])
def test_any_week_fits_a_mail(received: int) -> None:
    summary = samples.weekly(received, received, 26)
    rendered = render(summary)
    assert len(rendered.html.encode()) < LARGEST_HTML
    assert keys(rendered.text, summary) == keys(rendered.html, summary)


def test_long_names_in_wide_scripts_fit_too() -> None:
    long = cases.CASES[4]._replace(summary="当館" * 150, subject="編集" * 60, organisation="博物" * 40)
    assert len(render(samples.weekly(60, 60, 26, long)).html.encode()) <= LARGEST_HTML


def test_a_week_without_mail_is_called_quiet() -> None:
    rendered = render(samples.weekly(0, 0, 0))
    assert "A quiet week" in rendered.subject
    assert rendered.images == ()
    assert "NEEDS A DECISION" not in rendered.text
    assert "<img" not in rendered.html


def test_equal_weeks_are_rendered_equally(summary: WeeklySummary, rendered: Rendered) -> None:
    assert render(summary) == rendered


def test_no_model_and_no_rules_are_said_to_be_none() -> None:
    summary = having(samples.weekly(1, 0, 0), rulebook_version="", model_version="", set_aside=0)
    rendered = render(summary)
    assert "Rules none, model none" in squeezed(rendered.text)
    assert "set aside" not in rendered.text


def test_nothing_unknown_is_shown_as_none(rendered: Rendered) -> None:
    bare = cases.Case("", "", "", None, "unknown", "und", "individual", (), "unclear", "", "", "")
    for each in (rendered, render(samples.weekly(6, 2, 1, bare))):
        assert "Unknown" not in each.subject
        assert not re.search(r"\bundefined\b|\bNaN\b|=None|None<", each.html.replace("<b>None</b>", ""))


def test_lines_of_the_text_fit_a_terminal(rendered: Rendered) -> None:
    assert [line for line in rendered.text.splitlines() if len(line) > 78] == []


def test_a_guess_in_the_grid_has_a_question_mark(summary: WeeklySummary) -> None:
    entry = samples.entry(0)
    guessed = replace(entry, decision=replace(entry.decision, abstained=("complexity",)))
    sure, unsure = (
        squeezed(render(having(summary, undecided=Shortlist(entries=(each,), total=1))).text)
        for each in (entry, guessed)
    )
    assert "Complexity: Low Funding" in sure or "Complexity: Low ·" in sure
    assert "Complexity: Low?" in unsure


def test_the_fullest_liaison_comes_first(rendered: Rendered) -> None:
    load = rendered.text.partition("\nLOAD:")[2]
    names = ("Jonas Feld", "Mira Okonkwo", "Aiko Tanabe")
    assert sorted(names, key=load.index) == list(names)


def test_an_answer_day_that_is_past_is_not_shown_as_coming(summary: WeeklySummary) -> None:
    entry = samples.entry(1)
    for day, said in (
        (date(2026, 11, 20), "Answer by: 20 Nov 2026, past"),
        (date(2026, 11, 23), "Answer by: 23 Nov 2026"),
    ):
        tags = replace(entry.decision.tags, criteria=replace(entry.decision.tags.criteria, urgency=day))
        dated = replace(entry, decision=replace(entry.decision, tags=tags))
        text = render(having(summary, undecided=Shortlist(entries=(dated,), total=1))).text
        assert f"{said}\n" in text


def test_first_answers_are_told_with_median_and_ninetieth(rendered: Rendered) -> None:
    for part in (squeezed(rendered.text), rendered.html):
        assert "half of them within 31 hours, nine of ten within 6.2 days" in part
        assert "In the weeks before it was 2.4 days and 8 days." in part


@pytest.mark.parametrize(
    ("delay", "said"),
    [
        (Delay(), "No first answer was given."),
        (Delay(answers=1, median=timedelta(hours=3), ninetieth=timedelta(hours=3)), "given, after 3 hours."),
        (
            Delay(answers=2, median=timedelta(minutes=9), ninetieth=timedelta(hours=47)),
            "within 1 hour, nine of ten within 47",
        ),
    ],
)
def test_few_answers_are_told_plainly(summary: WeeklySummary, delay: Delay, said: str) -> None:
    assert said in squeezed(render(having(summary, waited=delay)).text)


def test_outcomes_are_told_by_type_and_region_with_their_share(rendered: Rendered) -> None:
    assert re.search(r"^Museum +64 +58 +41 +9 +14%$", rendered.text, re.MULTILINE)
    assert re.search(r"^Sub-Saharan Africa +38 +31 +22 +8 +21%$", rendered.text, re.MULTILINE)
    assert "<td" in rendered.html
    assert "48%" in rendered.html


def test_new_and_returning_organisations_are_named(rendered: Rendered) -> None:
    for part in (squeezed(rendered.text), rendered.html):
        assert "15 organisations wrote for the first time, 6 had written before" in part
        assert "Bayside Open Course Network (4 inquiries before)" in part


def test_guesses_and_corrections_stand_side_by_side(rendered: Rendered) -> None:
    assert re.search(r"^Partner type +6 +3$", rendered.text, re.MULTILINE)
    assert re.search(r"^Alignment +0 +1$", rendered.text, re.MULTILINE)


def test_a_warning_of_drift_comes_before_all_lists(summary: WeeklySummary) -> None:
    warned = render(replace(summary, drift=("More <b>museums</b> than before: 40% (was 12%).",)))
    for part in (warned.text, warned.html):
        assert part.index("than before: 40%") < part.lower().index("needs a decision")
    assert "<b>museums</b>" not in warned.html
    assert "What comes in has changed" not in render(summary).html


def test_changes_of_rules_and_models_are_told(rendered: Rendered) -> None:
    assert "Rules 2026.11.1 since Wed 18 Nov; before that 2026.10.3." in rendered.text
    assert "Model base-7 since Thu 19 Nov; before that base-6." in rendered.html


def test_what_was_removed_is_called_so(summary: WeeklySummary) -> None:
    gone = replace(
        samples.entry(3),
        author=Address(name="removed", address=""),
        organisation="",
        subject="removed",
        text="",
    )
    week = having(
        summary, undecided=Shortlist(entries=(gone,), total=1), overdue=Shortlist(entries=(gone,), total=1)
    )
    german = render(replace(week, locale="de"))
    assert f"[{gone.key}] entfernt\n" in german.text
    assert "removed" not in german.text + german.html


def test_one_week_of_data_has_nothing_to_compare(summary: WeeklySummary) -> None:
    only = WeekCount(period="2026-W47", assigned=16, review=8, filed=9, closed=2, worthy=20, overdue=1)
    rendered = render(having(summary, trend=(only,), by_type=(), by_region=(), acquaintances=Acquaintances()))
    assert "there are no weeks before to compare with" in squeezed(rendered.text)
    assert len(rendered.images) == 1
    assert "WHAT BECAME OF IT" not in rendered.text
    assert "than last week" not in rendered.text


def test_somebody_who_is_no_liaison_any_more_has_no_capacity(summary: WeeklySummary) -> None:
    rendered = render(replace(summary, loads=(Load(name="former", open=2, overdue=0, capacity=0, new=0),)))
    assert re.search(r"^former +2 +0 +0 +–$", rendered.text, re.MULTILINE)


@pytest.mark.parametrize("locale", ["de", "fr", "es"])
def test_the_summary_speaks_the_committee_s_language(summary: WeeklySummary, locale: str) -> None:
    rendered = render(replace(summary, locale=locale))
    own = {"de": "BRAUCHT EINE ENTSCHEIDUNG", "fr": "À DÉCIDER", "es": "NECESITA UNA DECISIÓN"}
    assert own[locale] in rendered.text
    assert f'lang="{locale}"' in rendered.html
    english = ("Needs a decision", "Received", "week", "Overdue", "inquiries of", "Corrected", "came in")
    said = re.sub(r"\[\w+\][^\n]*", "", rendered.text)
    assert [word for word in english if word in said or word.upper() in said] == []
    assert [line for line in rendered.text.splitlines() if len(line) > 80] == []
    assert all(image.alt in rendered.html.replace("&#39;", "'") for image in rendered.images)


def test_charts_may_be_drawn_elsewhere(summary: WeeklySummary) -> None:
    rendered = render_weekly(summary, timezone="UTC", draw=lambda *_: ())
    assert rendered.images == ()
    assert "<img" not in rendered.html
    assert "33 messages came in" in rendered.html


def test_nobody_is_said_in_words_not_as_a_nought(summary: WeeklySummary) -> None:
    one = render(having(summary, acquaintances=Acquaintances(new=2))).text
    assert "2 organisations wrote for the first time and none had written before." in squeezed(one)
    other = render(having(summary, acquaintances=Acquaintances(returning=1))).text
    assert "No organisation wrote for the first time and 1 had written before." in squeezed(other)


def test_none_granted_is_left_out(summary: WeeklySummary) -> None:
    rendered = render(having(summary, requests=replace(summary.week.requests, endorsed=0)))
    assert "granted" not in rendered.html + rendered.text


def test_in_french_a_space_stands_before_every_colon(summary: WeeklySummary) -> None:
    text = render(replace(summary, locale="fr")).text
    ours = [line for line in text.splitlines() if not line.startswith(("[", "    "))]
    assert "Langues\u00a0:" in text
    assert [line for line in ours if re.search(r"[a-zéA-ZÉ]: ", line)] == []


def test_filed_is_not_said_in_the_words_of_an_answer() -> None:
    counted = figures.count(samples.weekly())
    assert "archivado sin respuesta" not in charts.flow_finding(counted, "es")
    assert tongue("es").text(charts.SERIES_WORDS["filed"]) == "archivados"
