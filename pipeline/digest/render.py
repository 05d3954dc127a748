"""Templates to finished text and HTML: escaping, styles inlined, images beside it."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.digest import clean, palette
from pipeline.tongue import tongue

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).resolve().parent / "templates"
# Gmail cuts a mail off after some 102 KB of HTML.
LARGEST_HTML = 100_000
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture that the HTML names as ``cid:`` (RFC 2392), and what it says in words."""

    cid: str
    alt: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A digest that is ready to be sent or looked at.

    Parameters
    ----------
    subject
        One line.
    text, html
        The same content twice, each written for its medium.
    images
        What the HTML shows.
    attachments
        Each as name, content type and octets.
    """

    subject: str
    text: str
    html: str
    images: tuple[Image, ...] = ()
    attachments: tuple[tuple[str, str, bytes], ...] = ()


def fill_text(template: str, *, locale: str = "en", **values: Any) -> str:
    """Return the plain text that `template` makes of `values`: at most one blank line in a row, one line end."""
    filled = environment().get_template(template).render(_spoken(locale), **values)
    lines = "\n".join(each.rstrip() for each in filled.splitlines())
    return _BLANK_LINES.sub("\n\n", lines).strip("\n") + "\n"


def fill_html(template: str, *, locale: str = "en", **values: Any) -> str:
    """Return the HTML that `template` makes of `values`, its styles inlined; media queries stay in the head."""
    return str(_inliner().inline(environment().get_template(template).render(_spoken(locale), **values)))


def _spoken(locale: str) -> dict[str, Any]:
    """Return by what templates speak: `text`, `plural`, and `say`, whose result is HTML with its values escaped."""
    from markupsafe import Markup, escape

    reader = tongue(locale)

    def say(english: str, **values: object) -> Markup:
        return escape(reader.text(english)).format(**values)

    start, end = ("right", "left") if reader.direction == "rtl" else ("left", "right")
    return {
        "reader": reader,
        "text": reader.text,
        "plural": reader.plural,
        "say": say,
        "bdi": Markup('<span dir="auto">{}</span>').format,
        "apart": lambda words: clean.isolated(words, reader.direction),
        "start": start,
        "end": end,
    }


def standalone(rendered: Rendered) -> str:
    """Return one HTML page that needs nothing else: the images stand in it as ``data:`` URIs (RFC 2397)."""
    page = rendered.html
    for image in rendered.images:
        data = base64.b64encode(image.png).decode("ascii")
        page = page.replace(f'src="cid:{html.escape(image.cid)}"', f'src="data:image/png;base64,{data}"')
    return page


def _filled(label: str, width: int) -> str:
    """Return `label` with spaces up to so many columns."""
    return label + " " * max(1, width - clean.columns(label))


@cache
def environment() -> Environment:
    """Return the environment of all templates; those called ``*.html.j2`` escape what they are given."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        wrapped=clean.wrap,
        columns=clean.columns,
        filled=_filled,
        bracketed="[{}]".format,
    )
    made.globals.update(light=palette.LIGHT, dark=palette.DARK)
    return made


@cache
def _inliner() -> Any:
    from css_inline import CSSInliner

    return CSSInliner(keep_at_rules=False, load_remote_stylesheets=False, minify_css=True)
