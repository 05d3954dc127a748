"""What strangers wrote is shown as text, whatever it is, and nothing is fetched from anywhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.digest.daily import render_daily
from pipeline.digest.render import Rendered, standalone
from pipeline.digest.weekly import render_weekly
from tests.digest import cases, samples

ALLOWED = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "table",
        "tbody",
        "thead",
        "tr",
        "td",
        "th",
        "p",
        "span",
        "a",
        "b",
        "br",
        "h1",
        "h2",
        "h3",
        "h4",
        "img",
        "abbr",
    ]
)
VOID = frozenset(["meta", "br", "img"])


class Page(HTMLParser):
    """Collects tags, attributes, and text outside of styles; notices what is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.styles: list[str] = []
        self.stack: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.styles if self.stack[-1:] == ["style"] else self.text).append(data)

    def values(self, *names: str) -> list[str]:
        return [value for _, name, value in self.attributes if name in names]


def daily(**changes: int) -> Rendered:
    digest = samples.daily(**{"overdue": 1, "new": 2, "waiting": 2, **changes}, case=cases.HOSTILE)
    return render_daily(digest, name='<i>Mira</i> "quoted"', timezone="Europe/Berlin")


def weekly() -> Rendered:
    return render_weekly(samples.weekly(7, 5, 8, case=cases.HOSTILE), timezone="Europe/Berlin")


@pytest.fixture(scope="module", params=[daily, weekly], ids=["daily", "weekly"])
def hostile(request: pytest.FixtureRequest) -> Rendered:
    rendered: Rendered = request.param()
    return rendered


def test_only_our_own_elements_are_there(hostile: Rendered) -> None:
    page = Page(hostile.html)
    assert page.tags <= ALLOWED
    assert page.stack == []


def test_no_attribute_runs_anything(hostile: Rendered) -> None:
    page = Page(hostile.html)
    assert [name for _, name, _ in page.attributes if name.startswith("on")] == []
    assert [value for value in page.values("href", "src") if "javascript" in value.lower()] == []


def test_links_go_to_mail_and_archives_alone(hostile: Rendered) -> None:
    links = Page(hostile.html).values("href")
    assert all(link.startswith(("mailto:", "https://lists.example/")) for link in links)
    assert not any("evil" in link for link in links)


def test_nothing_remote_is_loaded(hostile: Rendered) -> None:
    page = Page(hostile.html)
    assert all(source.startswith("cid:") for source in page.values("src", "srcset", "background", "poster"))
    styles = " ".join([*page.styles, *page.values("style")])
    assert not re.search(r"url\s*\(|@import|expression", styles)


def test_a_name_cannot_add_a_style(hostile: Rendered) -> None:
    page = Page(hostile.html)
    assert "*{display:none}" not in "".join(page.styles)
    assert hostile.html.count("<style") == len(page.styles)


def test_hostile_words_are_shown_as_words(hostile: Rendered) -> None:
    shown = " ".join("".join(Page(hostile.html).text).split())
    assert "<script>alert(1)</script>" in shown
    assert "{{ 7 * 7 }}" in shown
    assert "49 }}" not in shown


def test_bidirectional_overrides_and_line_breaks_are_gone(hostile: Rendered) -> None:
    for text in (hostile.html, hostile.text, hostile.subject):
        assert "\u202e" not in text
        assert "\x00" not in text
    assert "\n" not in hostile.subject
    assert not any(line.startswith("Bcc:") for line in hostile.text.splitlines())


def test_an_insane_address_is_no_link(hostile: Rendered) -> None:
    assert "mailto:eve" not in hostile.html
    assert "eve@evil.example" not in hostile.html


def test_a_page_of_its_own_needs_nothing_else() -> None:
    page = Page(standalone(weekly()))
    sources = page.values("src")
    assert len(sources) == 2
    assert all(source.startswith("data:image/png;base64,") for source in sources)


@settings(max_examples=25)
@given(text=st.text(max_size=60) | st.from_regex(r"[<>\"'&{}%=/ a-z]{1,40}", fullmatch=True))
def test_any_text_leaves_the_frame_whole(text: str) -> None:
    case = cases.HOSTILE._replace(organisation=text, person=text, subject=text, summary=text, why=text)
    rendered = render_daily(samples.daily(0, 1, 0, case), name=text, timezone="UTC")
    page = Page(rendered.html)
    assert page.tags <= ALLOWED
    assert page.stack == []
