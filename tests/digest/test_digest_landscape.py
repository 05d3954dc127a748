"""The landscape for the public: its tables as words, CSV and wikitext, whatever strangers are called."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.digest import wikitext
from pipeline.digest.landscape import as_csv, as_wikitext, has_changed, name, tables
from pipeline.records.organisations import LandscapeRow, Listing, Section

HOSTILE = (
    "{{delete}}",
    "|-",
    "|}",
    "=cmd()",
    "+1+1|x",
    "@SUM(A1)",
    "</nowiki><script>alert(1)</script>",
    "two\nlines\n* list",
    "\u202eelgnis\u202c",
    "[[File:X.png|thumb]]",
    "[https://evil.example click]",
    "'''bold''' ~~~~ __NOTOC__",
    "&#123;&#123;x&#125;&#125;",
    "-{zh:x;}-",
    "== heading ==",
    "http://evil.example",
    "RFC 2119 ISBN 1234567890",
    "<!-- hidden",
    "\x00\x7fUNIQ-nowiki",
)


def row(organisation: str = "Museum of Beads", **values: object) -> LandscapeRow:
    base: dict[str, object] = {
        "inquiry": "K7QX2M",
        "section": Section.EXPLORATORY,
        "organisation": organisation,
        "partner_type": "museum",
        "country": "GH",
        "region": "sub_saharan_africa",
        "asks": "partnership",
        "activities": ("content_donation", "training_event"),
        "nature": "",
        "background": "",
        "state": "assigned",
        "outcome": None,
        "since": date(2026, 3, 1),
    }
    return LandscapeRow(**{**base, **values})  # type: ignore[arg-type]


def cells(page: str) -> list[str]:
    """Return the cells of all tables on a page of wikitext."""
    return [line[2:] for line in page.splitlines() if line.startswith("| ")]


def test_the_tables_of_the_proposal() -> None:
    partners, exploratory, endorsements = tables(
        [
            row(
                section=Section.PARTNERS,
                outcome="partnership",
                nature="Scans",
                background="https://x.example/b",
            ),
            row(),
            row(section=Section.ENDORSEMENTS, asks="endorsement", outcome="endorsed"),
            row(asks="endorsement", activities=(), country=None, partner_type=None),
        ]
    )
    assert partners.heads == ("Partners involved", "Nature of the partnership", "Background")
    assert partners.rows == (("Museum of Beads (Museum, Ghana)", "Scans", "https://x.example/b"),)
    assert exploratory.rows == (
        (
            "Museum of Beads",
            "Museum",
            "Ghana",
            "Content donation and training event",
            "2026-03-01",
            "Under discussion",
        ),
        (
            "Museum of Beads",
            "",
            "Sub-Saharan Africa",
            "Asks for an endorsement",
            "2026-03-01",
            "Under discussion",
        ),
    )
    assert len(endorsements.rows) == 1


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("section", Section)
def test_no_name_is_markup(words: str, section: Section) -> None:
    page = as_wikitext([row(words, section=section, nature=words)])
    plain = as_wikitext([row("Name", section=section, nature="Nature")])
    assert page.count("\n") == plain.count("\n")
    for cell in cells(page):
        assert not re.search(r"[{}|\[\]<>'~_=*#;:!]", re.sub(r"&#\d+;", "", cell))
        assert not cell.startswith("-")
        assert cell.isprintable()
    assert "\u202e" not in page


@pytest.mark.parametrize("words", HOSTILE)
def test_no_cell_is_a_formula(words: str) -> None:
    sheet = as_csv([row(words, nature=words)])
    (line,) = list(csv.reader(io.StringIO(sheet, newline="")))[1:]
    assert len(line) == 12
    assert not any(cell.lstrip()[:1] in ("=", "+", "-", "@", "\t") for cell in line if cell)
    assert all(cell.isprintable() for cell in line)


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_any_text_is_one_harmless_cell(words: str) -> None:
    shown = wikitext.text(words)
    assert "\n" not in shown
    assert not re.search(r"[{}|\[\]<>'~_=*#;:!&]", re.sub(r"&#\d+;", "", shown))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.example/a", "[https://x.example/a x]"),
        (
            "https://x.example/[[a]]|{{b}}~~~~",
            "[https://x.example/%5B%5Ba%5D%5D%7C%7B%7Bb%7D%7D%7E%7E%7E%7E x]",
        ),
        ("https://x.example/__NOTOC__", "[https://x.example/%5F%5FNOTOC%5F%5F x]"),
        ("https://x.example/ö", "[https://x.example/%C3%B6 x]"),
        ("javascript:alert(1)", "x"),
        ("https://x.example/a b", "x"),
        ("", "x"),
    ],
)
def test_links_are_web_addresses(url: str, shown: str) -> None:
    assert wikitext.link(url, "x") == shown


@pytest.mark.parametrize(
    ("organisation", "shown"),
    [
        ("Museum ana@museum.example", "Museum"),
        ("Beads, call +233 20 123 4567", "Beads, call"),
        ("See https://x.example/me", "See"),
        ("ana@museum.example", "(name withheld)"),
        ("Fenella @ Fair Facts", "Fenella @ Fair Facts"),
        ("Radio 2000", "Radio 2000"),
    ],
)
def test_addresses_and_numbers_are_no_part_of_a_name(organisation: str, shown: str) -> None:
    assert name(row(organisation)) == shown


def test_an_empty_landscape_says_so() -> None:
    assert as_wikitext([]).count("None so far.") == 3
    assert as_csv([]).count("\n") == 1


def test_what_counts_as_a_change() -> None:
    approved = row()
    assert not has_changed(Listing(row=row(state="accepted"), approved=approved))
    assert has_changed(Listing(row=row(nature="Other"), approved=approved))
    assert not has_changed(Listing(row=row()))
