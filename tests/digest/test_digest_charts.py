"""Charts of the week."""

from __future__ import annotations

import io
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest
from PIL import Image as Picture

from pipeline.digest import charts, figures
from pipeline.digest.render import Image
from tests.digest import samples


@pytest.fixture(scope="module")
def drawn() -> dict[str, Image]:
    counted = figures.count(samples.weekly())
    made = {"trend": charts.trend_chart(counted), "flow": charts.flow_chart(counted)}
    return {name: image for name, image in made.items() if image}


@pytest.mark.parametrize("name", ["trend", "flow"])
def test_a_chart_is_a_small_png_of_twice_the_width_it_is_shown_in(drawn: dict[str, Image], name: str) -> None:
    with Picture.open(io.BytesIO(drawn[name].png)) as picture:
        picture.verify()
        assert picture.format == "PNG"
        assert picture.width == 2 * charts.WIDTH <= 1280
        assert 200 <= picture.height <= 800
    assert len(drawn[name].png) < 60_000


def test_a_chart_comes_out_the_same_again(drawn: dict[str, Image]) -> None:
    again = charts.trend_chart(figures.count(samples.weekly()))
    assert again is not None
    assert again.png == drawn["trend"].png


def test_a_chart_is_not_empty_and_keeps_its_contrast_in_grey(drawn: dict[str, Image]) -> None:
    for image in drawn.values():
        with Picture.open(io.BytesIO(image.png)) as picture:
            shades = picture.convert("L").getcolors(256) or []
        levels = {level // 32 for count, level in shades if count > 1_000}  # type: ignore[operator]  # of mode L it is a number
        assert len(levels) >= 3


def test_the_alternative_text_says_the_finding(drawn: dict[str, Image]) -> None:
    assert "33 messages" in drawn["trend"].alt
    assert "fewer than the usual" in drawn["trend"].alt
    assert "Of 33 received" in drawn["flow"].alt


@pytest.mark.parametrize(("received", "word"), [(1, "fewer than"), (60, "more than")])
def test_the_finding_follows_the_figures(received: int, word: str) -> None:
    week = samples.weekly(received, 0, 8)
    last = replace(week.week.trend[-1], assigned=received, review=0, filed=0)
    counted = figures.count(replace(week, week=replace(week.week, trend=(*week.week.trend[:-1], last))))
    assert word in charts.trend_finding(counted)


def test_there_is_no_chart_of_nothing() -> None:
    counted = figures.count(samples.weekly(0, 0, 0))
    assert charts.trend_chart(counted) is None
    assert charts.flow_chart(counted) is None
    assert charts.flow_finding(counted) == "Nothing came in."


def test_all_weeks_may_be_empty() -> None:
    week = samples.weekly(0, 0, 26)
    nothing = tuple(replace(each, assigned=0, review=0, filed=0, closed=0) for each in week.week.trend)
    empty = replace(week, week=replace(week.week, trend=nothing))
    assert charts.trend_chart(figures.count(empty)) is not None


def test_charts_can_be_drawn_in_another_process() -> None:
    counted = figures.count(samples.weekly())
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        elsewhere = pool.submit(charts.draw, counted, "de").result(timeout=120)
    assert [image.alt for image in elsewhere] == [
        charts.trend_finding(counted, "de"),
        charts.flow_finding(counted, "de"),
    ]
    assert all(image.png.startswith(b"\x89PNG") for image in elsewhere)
