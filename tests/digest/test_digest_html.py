"""The HTML of digests, daily and weekly: valid, readable in light and dark, right-to-left, and leading nowhere it should not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from pipeline import tongue as tongues
from pipeline.digest.daily import render_daily
from pipeline.digest.palette import contrast
from pipeline.digest.render import LARGEST_HTML, Image, Rendered
from pipeline.digest.weekly import render_weekly
from pipeline.tongue import tongue
from tests.digest import cases, samples

VOID = frozenset(["meta", "br", "img"])
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
BARE = cases.Case("", "", "", None, "unknown", "und", "individual", (), "unclear", "", "", "")


class Pair(NamedTuple):
    """Text of one colour on a ground of another, and an example of it."""

    ink: str
    ground: str
    text: str


class Colours(HTMLParser):
    """Finds the colours in which text is shown, by inline styles and, in the dark, by the rules for the dark."""

    def __init__(self, html: str, dark: bool) -> None:
        super().__init__()
        self.rules = list(dark_rules(html)) if dark else []
        self.stack: list[tuple[str, str, str, bool]] = [("", "#000000", "#ffffff", True)]
        self.pairs: list[Pair] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        values = {name: value or "" for name, value in attrs}
        style = declarations(values.get("style", ""))
        for rule in (each for selector, each in self.rules if fits(selector, tag, values.get("class", ""))):
            style |= rule
        _, ink, ground, shown = self.stack[-1]
        hidden = tag in ("style", "title", "head") or style.get("display") == "none"
        self.stack.append(
            (tag, style.get("color", ink), style.get("background", ground), shown and not hidden)
        )

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        _, ink, ground, shown = self.stack[-1]
        if data.strip("\xa0 \n") and shown:
            self.pairs.append(Pair(ink, ground, data.strip()[:40]))


def dark_rules(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    for after in html.split("@media (prefers-color-scheme:dark){")[1:]:
        for selectors, body in RULE.findall(after.partition("@media")[0]):
            for selector in selectors.split(","):
                yield selector.strip(), declarations(body.replace("!important", ""))


def declarations(style: str) -> dict[str, str]:
    pairs = (each.partition(":") for each in style.split(";"))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def fits(selector: str, tag: str, classes: str) -> bool:
    name, _, wanted = selector.partition(".")
    return (not name or name == tag) and (not wanted or wanted in classes.split())


def render_week(kind: str) -> Rendered:
    count, case, locale = {
        "week": (7, None, "en"),
        "quiet week": (0, None, "fr"),
        "full week": (60, None, "de"),
        "hostile week": (7, cases.HOSTILE, "es"),
        "bare week": (7, BARE, "en"),
    }[kind]
    summary = samples.weekly(count, count // 3, 26, case=case)
    summary = replace(summary, locale=locale, drift=("The mail differs: <b>x</b>",))
    return render_weekly(summary, timezone="UTC", draw=lambda _figures, _locale: PICTURES)


def render(kind: str) -> Rendered:
    if kind.endswith("week"):
        return render_week(kind)
    digest = {
        "nothing": lambda: samples.daily(0, 0, 0),
        "one": lambda: samples.with_offers(samples.daily(0, 1, 0)),
        "seven": lambda: samples.with_offers(samples.daily(1, 3, 3), "fr", 3),
        "sixty": lambda: samples.with_offers(samples.daily(20, 20, 20), "de", 60),
        "hostile": lambda: samples.with_offers(samples.daily(1, 1, 1, cases.HOSTILE), "es", 2),
        "bare": lambda: samples.with_offers(samples.daily(1, 1, 1, BARE)),
    }[kind]()
    return render_daily(digest, name="Mira <b>Okonkwo</b>", timezone="Europe/Berlin")


DAYS = ("nothing", "one", "seven", "sixty", "hostile", "bare")
WEEKS = ("week", "quiet week", "full week", "hostile week", "bare week")
KINDS = (*DAYS, *WEEKS)
# Stand for the charts, which take seconds to draw.
PICTURES = tuple(Image(cid=f"{name}-x@digest", alt='9 came in, "<b>', png=b"") for name in ("trend", "flow"))


@pytest.fixture(scope="module", params=KINDS)
def page(request: pytest.FixtureRequest) -> str:
    return render(request.param).html


@pytest.fixture(scope="session")
def tidy() -> str:
    found = shutil.which("tidy")
    if found is None and os.environ.get("TRIAGE_REQUIRE_SERVERS") == "1":
        pytest.fail("tidy is missing; sh tests/servers.sh installs it")
    if found is None:
        pytest.skip("tidy is missing; sh tests/servers.sh installs it")
    return found


@pytest.mark.server("tidy")
def test_the_html_is_valid(page: str, tidy: str) -> None:
    checked = subprocess.run(
        [tidy, "-quiet", "-errors", "-utf8", "--show-info", "no"],
        input=page.encode(),
        capture_output=True,
        check=False,
    )
    # Tidy's list of elements ends in 2017; all that it knows better than HTML 5.2 is said here.
    assert checked.stderr.decode() == ""
    assert checked.returncode == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_has_the_contrast_of_level_aa(page: str, dark: bool) -> None:
    pairs = Colours(page, dark).pairs
    assert pairs
    faint = [pair for pair in pairs if contrast(pair.ink, pair.ground) < 4.5]
    assert faint == []
    assert not dark or all(pair.ground not in ("#ffffff", "#f3f2ee") for pair in pairs)


def test_in_the_dark_no_tile_keeps_a_bright_edge_on_a_telephone() -> None:
    narrow = render("week").html.partition("@media (max-width:480px){")[2].replace(" ", "")
    assert ".til{border-bottom-width:1px!important}" in narrow
    assert "border-bottom:" not in narrow.partition("</style>")[0]


def test_long_heads_of_columns_stand_upright_on_a_telephone() -> None:
    narrow = render("full week").html.partition("@media (max-width:480px){")[2].partition("</style>")[0]
    assert "writing-mode:vertical-rl" in narrow
    assert re.findall(r"([^{}]*)\{writing-mode:horizontal-tb!important\}", narrow) == [".xr.xh"]


def test_no_page_is_larger_than_mail_programs_show(page: str) -> None:
    assert len(page.encode()) <= LARGEST_HTML


def test_the_charset_is_told_before_anything_else(page: str) -> None:
    assert page.encode().find(b'<meta charset="utf-8">') in range(1024)


def links(page: str) -> list[str]:
    return [match.replace("&amp;", "&") for match in re.findall(r'href="([^"]*)"', page)]


def test_what_goes_to_an_inquirer_holds_nothing_that_acts() -> None:
    digest = samples.with_offers(samples.daily(1, 2, 2), filed_count=2)
    authors = {entry.author.address for entry in (*digest.overdue, *digest.new, *digest.waiting)}
    secrets = [offer.address for offer in digest.offers.values()] + [digest.reply_to, "never-shown"]
    rendered = render_daily(digest, name="Mira", timezone="UTC")
    outward = [link for link in links(rendered.html) if unquote(urlsplit(link).path) in authors]
    assert len(outward) == 10
    assert [link for link in outward for secret in secrets if secret in unquote(link)] == []
    assert all(parse_qs(urlsplit(link).query)["cc"][0].startswith("desk+t-") for link in outward)


def test_each_action_writes_one_mail_to_the_desk() -> None:
    digest = samples.with_offers(samples.daily(0, 1, 0))
    (key, offer), *_ = digest.offers.items()
    rendered = render_daily(digest, name="Mira", timezone="UTC")
    acting = [link for link in links(rendered.html) if unquote(urlsplit(link).path) == offer.address]
    assert len(acting) == len(offer.actions)
    for link, (_, words) in zip(acting, offer.actions, strict=True):
        asked = parse_qs(urlsplit(link).query)
        assert asked == {"subject": [f"{key}: {words.strip()}"], "body": [f"{words}\r\n"]}


def test_a_page_in_arabic_runs_from_right_to_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tongues, "CATALOGUES", Path(__file__).with_name("catalogues"))
    tongue.cache_clear()
    try:
        rendered = render_daily(
            samples.with_offers(samples.daily(1, 3, 1), "ar"), name="Mira", timezone="UTC"
        )
    finally:
        tongue.cache_clear()
    assert '<html lang="ar" dir="rtl"' in rendered.html
    assert '<h3 dir="ltr" lang="de"' in rendered.html
    assert '<h3 dir="rtl" lang="ar"' in rendered.html
    assert "border-right-width" in rendered.html
    assert "متأخرة" in rendered.subject
    # Latin names are shut off from the Arabic around them.
    assert "\u2068Stadtarchiv Lindenau\u2069" in rendered.text


def test_arabic_names_are_shut_off_in_an_english_text() -> None:
    rendered = render_daily(samples.daily(0, 4, 0), name="Mira", timezone="UTC")
    assert (
        "\u2068دار الكتب بمدينة النخيل\u2069, \u2068هدى المنصوري\u2069, United Arab Emirates" in rendered.text
    )
    assert rendered.text.count("\u2068") == rendered.text.count("\u2069")
