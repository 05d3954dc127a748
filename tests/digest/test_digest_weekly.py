"""The committee's weekly summary."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pipeline.digest.render import LARGEST_HTML, Rendered
from pipeline.digest.weekly import render_weekly
from pipeline.records.work import WeeklySummary
from tests.digest import samples


def render(summary: WeeklySummary) -> Rendered:
    return render_weekly(summary, timezone="UTC")


@pytest.fixture(scope="module")
def summary() -> WeeklySummary:
    return samples.weekly()


@pytest.fixture(scope="module")
def rendered(summary: WeeklySummary) -> Rendered:
    return render(summary)


def keys(text: str, summary: WeeklySummary) -> set[str]:
    return {entry.key for entry in (*summary.received, *summary.open) if entry.key in text}


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
    asked = next(entry for entry in summary.open if entry.decision.tags.kind == "endorsement")
    before, _, after = rendered.text.partition("ENDORSEMENT REQUESTS")
    assert asked.key in after
    assert asked.key not in before.partition("NEEDS A DECISION")[2].partition("WHAT CAME IN")[0]


def test_columns_of_the_heat_table_are_explained(rendered: Rendered) -> None:
    for code, name in (("NWE", "Northern and Western Europe"), ("SSA", "Sub-Saharan Africa")):
        assert re.search(rf"{code}\W+{name}", squeezed(rendered.text))
        assert name in rendered.html


def test_numbers_stand_beside_the_trend(summary: WeeklySummary, rendered: Rendered) -> None:
    for week in summary.trend[-6:]:
        assert week.period in rendered.html
        assert week.period in rendered.text


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
        assert "2 messages set aside" in part
        assert "2026.11.1" in part
        assert "base-7" in part


@pytest.mark.parametrize("received", [0, 1, 7, 60])
def test_any_week_fits_a_mail(received: int) -> None:
    summary = samples.weekly(received, received, 26)
    rendered = render(summary)
    assert len(rendered.html.encode()) < LARGEST_HTML
    assert keys(rendered.text, summary) == keys(rendered.html, summary)


def test_long_names_in_wide_scripts_fit_too() -> None:
    long = samples.CASES[4]._replace(summary="当館" * 150, subject="編集" * 60, organisation="博物" * 40)
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
    summary = replace(samples.weekly(1, 0, 0), rulebook_version="", model_version="", set_aside=0)
    rendered = render(summary)
    assert "Rules none, model none" in squeezed(rendered.text)
    assert "set aside" not in rendered.text


def test_nothing_unknown_is_shown_as_none(rendered: Rendered) -> None:
    bare = samples.Case("", "", "", None, "unknown", "und", "individual", (), "unclear", "", "", "")
    for each in (rendered, render(samples.weekly(6, 2, 1, bare))):
        assert "Unknown" not in each.subject
        assert not re.search(r"\bundefined\b|\bNaN\b|=None|None<", each.html.replace("<b>None</b>", ""))


def test_lines_of_the_text_fit_a_terminal(rendered: Rendered) -> None:
    assert [line for line in rendered.text.splitlines() if len(line) > 78] == []


def test_a_guess_in_the_grid_has_a_question_mark(summary: WeeklySummary) -> None:
    entry = samples.entry(0)
    guessed = replace(entry, decision=replace(entry.decision, abstained=("complexity",)))
    sure, unsure = (squeezed(render(replace(summary, open=(each,))).text) for each in (entry, guessed))
    assert "Complexity: Low Funding" in sure or "Complexity: Low ·" in sure
    assert "Complexity: Low?" in unsure


def test_the_fullest_liaison_comes_first(rendered: Rendered) -> None:
    load = rendered.text.partition("LOAD:")[2]
    names = ("Jonas Feld", "Mira Okonkwo", "Aiko Tanabe")
    assert sorted(names, key=load.index) == list(names)
