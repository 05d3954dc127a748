"""Charts of the week as PNG, at twice the size they are shown in; each says its finding in its alternative text.

Only Agg is used and no state of pyplot, so that charts can be drawn in any thread and come out the same. `draw` takes and
gives plain values, so that it can be called in another process, which takes matplotlib's memory with it when it ends.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from pipeline.digest import palette
from pipeline.digest.figures import Figures
from pipeline.digest.render import Image
from pipeline.records.weeks import WeekCount
from pipeline.tongue import Tongue, msgid, tongue

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 592
_SCALE = 2
_DPI = 100 * _SCALE
_INK, _MUTED, _EDGE = palette.LIGHT["ink"], palette.LIGHT["muted"], palette.LIGHT["edge"]
# Between blocks, so that the words beside two small ones do not touch.
_GAP = 0.1
_WAYS = {"assign": msgid("to a liaison"), "review": msgid("to review"), "file": msgid("filed away")}
_WAY_COLOURS = {"assign": "assigned", "review": "review", "file": "filed"}
_FATES = {
    "open": msgid("no answer yet"),
    "answered": msgid("answered"),
    "closed": msgid("closed"),
    "filed": msgid("kept, needs nobody"),
}
# In the order in which a sentence tells of them.
_TOLD = ("answered", "closed", "open", "filed")
SERIES_WORDS = {"assigned": msgid("to liaisons"), "review": msgid("to review"), "filed": msgid("filed away")}


def draw(figures: Figures, locale: str = "en") -> tuple[Image, ...]:
    """Draw what there is to draw of a week, with words in the language of `locale`."""
    return tuple(image for image in (trend_chart(figures, locale), flow_chart(figures, locale)) if image)


def trend_chart(figures: Figures, locale: str = "en") -> Image | None:
    """Draw what came in and what was closed in each week; None if there is no past to compare with."""
    weeks = figures.trend
    if len(weeks) < 2:
        return None
    reader = tongue(locale)
    figure, axes = _canvas(210)
    places = range(len(weeks))
    floor = [0] * len(weeks)
    for name in ("assigned", "review", "filed"):
        heights = [getattr(week, name) for week in weeks]
        label = reader.text(SERIES_WORDS[name])
        axes.bar(places, heights, bottom=floor, color=palette.SERIES[name], width=0.78, label=label)
        floor = [under + height for under, height in zip(floor, heights, strict=True)]
    closed = [week.closed for week in weeks]
    axes.plot(
        places,
        closed,
        color=palette.SERIES["closed"],
        linewidth=1.6,
        marker="o",
        markersize=3,
        label=reader.text("closed"),
    )
    _week_axis(axes, weeks, max([*floor, *closed, 1]), reader)
    axes.legend(
        loc="upper left",
        ncols=4,
        fontsize=9,
        facecolor="white",
        edgecolor="none",
        framealpha=1,
        labelcolor=_INK,
        borderaxespad=0.1,
        handlelength=1.2,
    )
    return Image(cid=f"trend-{figures.period}@digest", alt=trend_finding(figures, locale), png=_png(figure))


def trend_finding(figures: Figures, locale: str = "en") -> str:
    """Return what the trend says: this week against the median of those before."""
    reader = tongue(locale)
    received, closed = (
        next(each for each in figures.course if each.name == name) for name in ("received", "closed")
    )
    now = received.value or 0
    came = reader.plural("{n} message came in", "{n} messages came in", now)
    if received.usual is None:
        return reader.text("{came}; there are no weeks before to compare with.", came=came)
    if now == received.usual:
        said = msgid("{came}, as many as the usual {usual} a week; {closed}.")
    elif now > received.usual:
        said = msgid("{came}, more than the usual {usual} a week; {closed}.")
    else:
        said = msgid("{came}, fewer than the usual {usual} a week; {closed}.")
    usual = reader.number(received.usual)
    return reader.text(said, came=came, usual=usual, closed=_were_closed(closed.value or 0, reader))


def _were_closed(number: int, reader: Tongue) -> str:
    if not number:
        return reader.text("no inquiry was closed")
    return reader.plural("{n} inquiry was closed", "{n} inquiries were closed", number)


def flow_chart(figures: Figures, locale: str = "en") -> Image | None:
    """Draw where the week's mail went and how far it got; None if there was none."""
    total = sum(number for *_, number in figures.flow)
    if not total:
        return None
    reader = tongue(locale)
    figure, axes = _canvas(190)
    axes.set_axis_off()
    axes.set_xlim(0, 3)
    axes.set_ylim(1.02, -0.02)
    gap, unit = _GAP, (1 - _GAP * 3) / total
    ways, fates = _totals(figures, 0), _totals(figures, 1)
    starts = _stack(ways, unit, gap), _stack(fates, unit, gap)
    _block(
        axes,
        0.0,
        _middle(total * unit),
        total * unit,
        _INK,
        f"{reader.number(total)}\n{reader.text('received')}",
    )
    _ribbons(axes, figures, starts, unit, total)
    for way, number in ways.items():
        _block(
            axes,
            1.2,
            starts[0][way],
            number * unit,
            _colour(way),
            f"{reader.number(number)}  {reader.text(_WAYS[way])}",
        )
    for fate, number in fates.items():
        _block(
            axes,
            2.3,
            starts[1][fate],
            number * unit,
            _INK,
            f"{reader.number(number)}  {reader.text(_FATES[fate])}",
        )
    return Image(cid=f"flow-{figures.period}@digest", alt=flow_finding(figures, locale), png=_png(figure))


def flow_finding(figures: Figures, locale: str = "en") -> str:
    """Return what the flow says, in one sentence."""
    reader = tongue(locale)
    ways, fates = _totals(figures, 0), _totals(figures, 1)
    if not ways:
        return reader.text("Nothing came in.")
    went = reader.listing(_went(way, number, reader) for way, number in ways.items())
    ended = reader.listing(_ended(fate, fates[fate], reader) for fate in _TOLD if fate in fates)
    return reader.plural(
        "Of {n} received, {went}; by the week’s end {ended}.",
        "Of {n} received, {went}; by the week’s end {ended}.",
        sum(ways.values()),
        went=went,
        ended=ended,
    )


def _went(way: str, number: int, reader: Tongue) -> str:
    if way == "assign":
        return reader.plural("{n} went to a liaison", "{n} went to a liaison", number)
    if way == "review":
        return reader.plural("{n} went to review", "{n} went to review", number)
    return reader.plural("{n} was filed", "{n} were filed", number)


def _ended(fate: str, number: int, reader: Tongue) -> str:
    if fate == "answered":
        return reader.plural("{n} had an answer", "{n} had an answer", number)
    if fate == "open":
        return reader.plural("{n} waited for a first answer", "{n} waited for a first answer", number)
    if fate == "closed":
        return reader.plural("{n} was closed", "{n} were closed", number)
    return reader.plural("{n} needed nobody", "{n} needed nobody", number)


def _colour(way: str) -> str:
    return palette.SERIES[_WAY_COLOURS[way]]


def _totals(figures: Figures, end: int) -> dict[str, int]:
    """Return the counts at one end of the flow, in drawing order."""
    found = dict.fromkeys(_FATES if end else _WAYS, 0)
    for line in figures.flow:
        found[str(line[end])] += line[2]
    return {name: number for name, number in found.items() if number}


def _stack(counts: dict[str, int], unit: float, gap: float) -> dict[str, float]:
    used = sum(counts.values()) * unit + gap * (len(counts) - 1)
    top, found = _middle(used), {}
    for name, number in counts.items():
        found[name] = top
        top += number * unit + gap
    return found


def _middle(height: float) -> float:
    return (1 - height) / 2


def _ribbons(
    axes: Axes, figures: Figures, starts: tuple[dict[str, float], dict[str, float]], unit: float, total: int
) -> None:
    """Draw bands from what was received over where it went to what became of it."""
    left, right = dict(starts[0]), dict(starts[1])
    source = _middle(total * unit)
    for way, number in _totals(figures, 0).items():
        _ribbon(axes, (0.06, source), (1.2, starts[0][way]), number * unit, _colour(way))
        source += number * unit
    for way, fate, number in figures.flow:
        _ribbon(axes, (1.26, left[way]), (2.3, right[fate]), number * unit, _colour(way))
        left[way] += number * unit
        right[fate] += number * unit


def _ribbon(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], height: float, colour: str
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, y0), (x1, y1) = start, end
    bend = (x0 + x1) / 2
    points = [(x0, y0), (bend, y0), (bend, y1), (x1, y1), (x1, y1 + height), (bend, y1 + height), (bend, y0 + height), (x0, y0 + height), (x0, y0)]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.4, linewidth=0))


def _block(axes: Axes, x: float, y: float, height: float, colour: str, label: str) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y), 0.06, height, facecolor=colour, linewidth=0))
    axes.text(
        x + 0.1, y + height / 2, label, va="center", ha="left", fontsize=10, color=_INK, linespacing=1.2
    )


def _week_axis(axes: Axes, weeks: tuple[WeekCount, ...], highest: int, reader: Tongue) -> None:
    from matplotlib.ticker import MaxNLocator

    every = 4 if len(weeks) > 12 else 2 if len(weeks) > 6 else 1
    shown = range((len(weeks) - 1) % every, len(weeks), every)
    axes.set_xticks(list(shown), [week_label(weeks[n].period, reader) for n in shown])
    # Room above the bars for the legend.
    axes.set_ylim(0, highest * 1.25)
    axes.set_xlim(-0.6, len(weeks) - 0.4)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.tick_params(length=0, labelsize=9, labelcolor=_MUTED)
    axes.grid(axis="y", color=_EDGE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)


def week_label(period: str, reader: Tongue) -> str:
    """Return a week, such as 2026-W47, as it stands on an axis: ``W47``."""
    number = period.partition("-W")[2]
    return reader.text("W{number}", number=number) if number else period


def _canvas(height: int) -> tuple[Figure, Axes]:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"font.family": "DejaVu Sans"}):
        figure = Figure(
            figsize=(WIDTH / 100, height / 100), dpi=_DPI, layout="constrained", facecolor="white"
        )
    return figure, figure.add_subplot()


def _png(figure: Figure) -> bytes:
    """Return the drawing with a palette of 64 colours: a third of the octets, and nobody sees it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image as Picture

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = bytes(canvas.buffer_rgba())
    picture = Picture.frombuffer("RGBA", canvas.get_width_height(), pixels, "raw", "RGBA", 0, 1)
    stream = io.BytesIO()
    picture.convert("RGB").quantize(64).save(stream, "PNG", optimize=True)
    return stream.getvalue()
