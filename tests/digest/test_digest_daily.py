"""The daily digest of one liaison."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from pipeline.digest.daily import CAP, headline, render_daily
from pipeline.digest.render import LARGEST_HTML, Rendered
from pipeline.records.work import DailyDigest, Entry
from tests.digest import samples

KEY = re.compile(r"\b[A-HJ-NP-Z2-9]{5}\b")


def render(digest: DailyDigest) -> Rendered:
    return render_daily(digest, name="Mira Okonkwo", timezone="Europe/Berlin")


def keys(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.key for entry in sorted(entries, key=lambda entry: (entry.received_at, entry.key))]


def shown(text: str, digest: DailyDigest) -> list[str]:
    """Return the keys of `digest` in the order in which `text` has them."""
    known = {entry.key for entry in (*digest.overdue, *digest.new, *digest.waiting)}
    return [key for key in KEY.findall(text) if key in known]


def test_overdue_comes_first_then_new_then_waiting_each_oldest_first() -> None:
    digest = samples.daily(3, 4, 5)
    rendered = render(digest)
    expected = keys(digest.overdue) + keys(digest.new) + keys(digest.waiting)
    assert shown(rendered.html, digest) == expected
    assert shown(rendered.text, digest) == expected


def test_a_section_shows_twenty_and_says_how_many_more() -> None:
    digest = samples.daily(0, 0, CAP + 12)
    rendered = render(digest)
    assert shown(rendered.text, digest) == keys(digest.waiting)[:CAP]
    assert "and 12 more, received later" in rendered.html
    assert "and 12 more, received later" in rendered.text


def test_a_mail_of_sixty_entries_is_not_cut_off_by_clients() -> None:
    digest = samples.daily(20, 20, 20)
    rendered = render(digest)
    assert len(rendered.html.encode()) <= LARGEST_HTML
    assert shown(rendered.html, digest) == shown(rendered.text, digest)


def test_the_longest_entries_make_shorter_lists_not_larger_mails() -> None:
    long = samples.CASES[4]._replace(
        summary="当館" * 150, subject="編集" * 60, organisation="博物" * 40, why="無料" * 60
    )
    digest = samples.daily(20, 20, 20, long)
    rendered = render(digest)
    assert len(rendered.html.encode()) <= LARGEST_HTML
    assert 0 < len(shown(rendered.html, digest)) < 60
    assert shown(rendered.html, digest) == shown(rendered.text, digest)


def test_nothing_to_do_is_said() -> None:
    rendered = render(DailyDigest(recipient=samples.LIAISON, window=samples.daily().window))
    assert "Nothing is open with you today" in rendered.text
    assert "Nothing is open with you today" in rendered.html
    assert rendered.subject.startswith("Nothing open")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((1, 3, 4), "3 new, 1 overdue, 4 waiting"),
        ((0, 1, 0), "1 new"),
        ((2, 0, 0), "2 overdue"),
        ((0, 0, 0), "Nothing open"),
    ],
)
def test_the_headline_says_how_much_there_is_to_do(counts: tuple[int, int, int], expected: str) -> None:
    assert headline(samples.daily(*counts)) == expected


def test_equal_digests_are_rendered_equally() -> None:
    assert render(samples.daily()) == render(samples.daily())


def test_an_entry_says_who_what_where_and_why_in_both_parts() -> None:
    rendered = render(samples.daily(1, 0, 0))
    text = " ".join(rendered.text.split())
    for said in (
        "Stadtarchiv Lindenau",
        "Anja Berg",
        "Germany",
        "3.000 Glasnegative vom Flusshafen",
        "unter CC BY-SA freigeben",
        "Archive",
        "Content donation",
        "Aligned",
        "2 days late (due Fri 20 Nov)",
        "German",
        "bestand.xlsx",
        "partners-l",
    ):
        assert said in rendered.html
        assert said in text
    assert "https://lists.example/archive/partners-l/00000" in rendered.text
    assert 'href="https://lists.example/archive/partners-l/00000"' in rendered.html


def test_an_uncertain_tag_is_a_question() -> None:
    entry = samples.entry(2)
    digest = DailyDigest(recipient=samples.LIAISON, window=samples.daily().window, new=(entry,))
    rendered = render(digest)
    assert entry.decision.abstained == ("partner_type",)
    assert "Public media?" in rendered.text
    assert "Public media?" in rendered.html
    assert "Public media ·" not in rendered.text


def test_words_of_another_language_are_marked_as_such() -> None:
    rendered = render(samples.daily(0, 4, 0))
    assert 'lang="ar"' in rendered.html
    assert 'dir="auto"' in rendered.html


def test_missing_fields_leave_no_traces() -> None:
    bare = samples.Case("", "", "", None, "unknown", "und", "individual", (), "unclear", "", "", "")
    entry = samples.entry(0, bare, due_at=None, archive_url="", origin="", attachments=())
    rendered = render(DailyDigest(recipient=samples.LIAISON, window=samples.daily().window, new=(entry,)))
    for part in (rendered.text, rendered.html):
        assert "None" not in part
        assert "Unknown sender" in part
        assert "(no subject)" in part
    assert "mailto:" not in rendered.html


@pytest.mark.parametrize("timezone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_days_are_those_of_the_reader(timezone: str) -> None:
    due = samples.NOW + timedelta(hours=5)
    digest = DailyDigest(
        recipient=samples.LIAISON, window=samples.daily().window, new=(samples.entry(0, due_at=due),)
    )
    rendered = render_daily(digest, name="Mira", timezone=timezone)
    local = {"Pacific/Kiritimati": "Due tomorrow", "America/Los_Angeles": "Due today"}
    assert local[timezone] in rendered.text


def test_lines_of_the_text_fit_a_terminal() -> None:
    lines = render(samples.daily(3, 4, 5)).text.splitlines()
    assert [line for line in lines if len(line) > 78 and "http" not in line] == []
