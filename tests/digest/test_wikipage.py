"""Pages for a wiki: nothing that strangers wrote becomes markup, nobody is named, what people wrote is told apart."""

from __future__ import annotations

import dataclasses
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.digest import wikitext
from pipeline.digest.wikipage import BEGIN, END, fingerprint, parted, render_index, render_week, whole
from pipeline.records.organisations import LandscapeRow, Section
from pipeline.records.work import Entry
from pipeline.tongue import tongue, translated
from tests.digest import samples

HOSTILE = "</nowiki>{{PAGENAME}}[[Category:X]] ~~~~ <script>x</script> __NOTOC__ | ＿＿目次＿＿ -{zh}- \u202eevil RFC 2119"


def row(organisation: str, **changes: object) -> LandscapeRow:
    made = LandscapeRow(
        inquiry="K7QX2M", section=Section.PARTNERS, organisation=organisation, partner_type="museum", country="IN",
        region="south_asia", asks="partnership", activities=(), nature="", background="", state="done",
        outcome="partnership", since=date(2026, 11, 17),
    )  # fmt: skip
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]  # named by field


def page(locale: str = "en", rows: tuple[LandscapeRow, ...] = (), received: int = 24) -> str:
    return render_week(samples.weekly(received), rows, prefix="Team/Weeks", locale=locale, timezone="UTC")


def test_the_figures_of_the_mail_are_on_the_page() -> None:
    shown = page()
    assert "Week 47 of 2026, 16–22 Nov" in shown
    assert (
        '! scope="row" style="text-align:start" | Messages received\n| style="text-align:right" | 33' in shown
    )
    for caption in ("Headline figures", "Inquiries by type and region", "Messages by week, newest first"):
        assert f"|+ {caption}" in shown
    assert shown.count("{|") == shown.count("|}") == shown.count("|+")
    assert '<div lang="en" dir="ltr">' in shown


def test_nobody_and_nothing_that_somebody_wrote_is_on_the_page() -> None:
    summary = samples.weekly(24)
    shown = page()
    private: list[str] = [load.name for load in summary.loads]
    for entry in _entries(summary.week):
        private += [entry.author.name, entry.author.address, entry.subject, entry.organisation, entry.key]
        private += [entry.text[:30], entry.liaison or "", entry.origin]
    private += [*summary.week.acquaintances.newcomers, *(name for name, _ in summary.week.acquaintances.old)]
    assert len(private) > 50
    assert [word for word in filter(None, private) if word in shown] == []
    assert "@" not in shown


def _entries(week: object) -> list[Entry]:
    lists = ("overdue", "homeless", "escalated", "undecided", "endorsements", "filed")
    return [entry for name in lists for entry in getattr(week, name).entries]


def test_public_names_are_shown_and_escaped() -> None:
    shown = page(rows=(row("Museum of Beads"), row(HOSTILE, country=None, region=None)))
    assert (
        '! scope="row" style="text-align:start" | Museum of Beads\n| Museum\n| India\n| Partnership' in shown
    )
    for markup in (
        "</nowiki>",
        "{{",
        "[[Category",
        "~~~",
        "<script",
        "__NOTOC",
        "＿",
        "-{",
        "\u202e",
        "RFC 2119",
    ):
        assert markup not in shown


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_no_name_is_markup(name: str) -> None:
    quiet, shown = page(received=1), page(rows=(row(name),), received=1)
    added = shown.replace(quiet.split("</div>")[0], "")
    cell = re.search(r'! scope="row" style="text-align:start" \| (.*)\n\| Museum\n', added)
    assert cell is not None
    assert not re.search(r"[\[\]{}|<>'~_=*#:;!]", re.sub(r"&#\d+;", "", cell[1]))


@pytest.mark.parametrize("locale", translated())
def test_every_language_with_weeks_of_any_size(locale: str) -> None:
    for received in (0, 1, 24):
        shown = page(locale, (row("Museum of Beads"),), received)
        assert shown.count("{|") == shown.count("|}")
        assert ("Messages received" in shown) == (locale == "en")
    assert f'<div lang="{locale}" dir="{tongue(locale).direction}">' in shown


def test_the_same_week_gives_the_same_page() -> None:
    assert page() == page()


def test_the_index_lists_weeks_newest_first_by_year() -> None:
    shown = render_index(
        ["2025-W52", "2026-W02", "2026-W01", "nonsense", "2026-W1]]"], prefix="Team/Weeks", locale="en"
    )
    assert re.findall(r"== (\d+) ==|\|Week (\d+) of", shown) == [
        ("2026", ""), ("", "2"), ("", "1"), ("2025", ""), ("", "52"),
    ]  # fmt: skip
    assert "* [[:Team/Weeks/2026-W02|Week 2 of 2026]]" in shown
    assert "nonsense" not in shown


@pytest.mark.parametrize(
    "title",
    [
        "A]]{{x}}",
        "A|b",
        "A{{x}}",
        "<b>",
        "A\nB",
        "../Main",
        "A//B",
        "A~~~~",
        "A''b''",
        "A__TOC__",
        "&#91;",
        "",
    ],
)
def test_no_link_to_what_is_no_title(title: str) -> None:
    assert "[[" not in wikitext.page_link(title, "words")


def test_what_people_wrote_around_stays_to_the_letter() -> None:
    before, after = "  intro\n\n", "\n\n== Talk ==\n* x  \n"
    parts = parted(before + whole("old") + after)
    assert parts is not None
    assert parts.section.strip() == "old"
    assert whole("new", parts) == f"{before}{BEGIN}\nnew\n{END}{after}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "words",
        BEGIN,
        END,
        END + BEGIN,
        whole("a") + whole("b"),
        f"{BEGIN}{BEGIN}{END}",
        f"<nowiki>{BEGIN}</nowiki>",
    ],
)
def test_no_one_section(text: str) -> None:
    assert parted(text) is None


def test_marks_that_an_editor_reformatted_are_known() -> None:
    assert parted("<!--BEGIN partnership-triage-->x<!--END partnership-triage-->") is not None


def test_a_wiki_may_trim_what_it_stores() -> None:
    assert fingerprint("a  \r\nb\n\n") == fingerprint("a\nb") != fingerprint("a\nc")
    assert fingerprint("e\u0301") == fingerprint("é")


@given(st.text(max_size=200))
def test_no_page_breaks_the_search_for_the_section(text: str) -> None:
    parts = parted(text + BEGIN + text + END)
    assert parts is None or parts.section == text or "partnership-triage" in text
