"""Takes out of an HTML tree what its styles keep from the reader's eye.

Attributes and rules of simple selectors (a tag, a class, an identifier) count; where styles are harder to follow than
that, the text stays. One walk over the tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

_SHEET_LIMIT = 100_000  # characters of style sheets that are read
_RULES_LIMIT = 500  # selectors that are kept
_NODES_LIMIT = 20_000  # nodes of a tree that are looked at
_STYLE_LIMIT = 2_000  # characters of a style attribute
_SHEET = re.compile(r"<style\b", re.IGNORECASE)
_SHEET_END = re.compile(r"</style", re.IGNORECASE)
_BRACES = re.compile(r"([{}])")
# States that only show once a reader points at something, or that links alone have.
_POINTED = re.compile(r":(?:hover|link|visited|active|focus)\b")
_SIMPLE = re.compile(r"([a-z][a-z0-9]{0,20})?(?:([.#])([\w-]{1,60}))?")
_OFF_SCREEN = re.compile(r"-(?:(?:[5-9]\d{2}|\d{4,9})(?:px|pt)?|\d{3,9}r?em)")
_CLIPPED = re.compile(r"rect\((?:[01](?:px)?,? ?){4}\)")
_TINY = re.compile(r"(?:0+(?:\.0{1,9})?(?:px|pt|em|rem|ex|%)?|(?:1|0?\.\d{1,9})(?:px|pt))")
_ZERO = re.compile(r"0+(?:\.0{1,9})?(?:px|pt|em|rem|%)?")
_RGB = re.compile(r"rgba?\((\d{1,3}),\s?(\d{1,3}),\s?(\d{1,3})(?:,\s?([\d.]{1,8}))?\)")
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")
_WHITE = "#ffffff"
_NAMED = {"white": _WHITE, "black": "#000000", "red": "#ff0000", "transparent": "transparent"}
_NO_BACKGROUND = frozenset(("transparent", "none", "inherit", "initial", "unset", ""))
_ELEMENT, _TEXT = 1, 3
_STYLED = re.compile(r"style|color", re.IGNORECASE)
_COLOURS = ("background", "background-color", "background-image", "color")
# Elements that a browser gives a colour or a background of their own.
_COLOURED = frozenset(("a", "mark", "button", "input", "select", "textarea"))

Style = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What an element hands down to those within it."""

    colour: str = "#000000"
    background: str | None = _WHITE  # None: a picture, or a colour that nobody knows
    tiny: bool = False
    invisible: bool = False
    shifted: bool = False

    def hides(self, colours: bool) -> bool:
        """Tell whether nothing is seen of text in this place."""
        unseen = self.colour == "transparent" or self.colour == self.background
        return self.tiny or self.invisible or self.shifted or (colours and unseen)


@dataclass(slots=True, kw_only=True)
class _Sheet:
    """Declarations for simple selectors."""

    rules: dict[str, Style] = field(default_factory=dict)
    clear: bool = True  # whether every background is known

    def add(self, selectors: str, style: Style) -> None:
        for selector in selectors.lower().split(",")[:50]:
            simple = _SIMPLE.fullmatch(selector.strip())
            if simple and selector.strip() and len(self.rules) < _RULES_LIMIT:
                self.rules.setdefault(selector.strip(), {}).update(style)
            elif any(name in style for name in _COLOURS) and not _POINTED.search(selector):
                self.clear = False

    def style(self, node: Any, inline: str) -> Style:
        """Merge what applies to an element: tag, class, identifier, attribute, each before the next."""
        tag = node.tag
        classes = (node.getattr("class") or "").lower().split()[:20] if self.rules else []
        identifier = (node.getattr("id") or "").lower()
        found: Style = {}
        important: Style = {}
        for selector in (
            tag,
            *(f".{name}" for name in classes),
            *(f"{tag}.{name}" for name in classes),
            f"#{identifier}",
            f"{tag}#{identifier}",
        ):
            for name, value in self.rules.get(selector, {}).items():
                (important if "!important" in value else found)[name] = value
        found |= _declarations(inline)
        found |= {name: value for name, value in important.items() if "!important" not in found.get(name, "")}
        return {name: value.replace("!important", "").strip() for name, value in found.items()}


def remove_hidden(body: Any, source: str) -> None:
    """Take hidden elements and text out of a tree.

    Parameters
    ----------
    body
        The body element of a resiliparse tree; it is changed.
    source
        The HTML it was made from, for the style sheets.
    """
    if not _STYLED.search(source):
        return
    sheet = _sheet(source)
    doomed: list[Any] = []
    node, states = body, [_Seen()]
    for _ in range(_NODES_LIMIT):
        if node is None:
            break
        below = None
        if node.type == _ELEMENT:
            style = sheet.style(node, node.getattr("style") or "")
            if _gone(style):
                doomed.append(node)
            else:
                below = node.first_child
                state = _within(states[-1], style, node)
        elif node.type == _TEXT and states[-1].hides(sheet.clear):
            doomed.append(node)
        if below is not None:
            states.append(state)
            node = below
            continue
        while node is not None and len(states) > 1 and node.next is None:
            node = node.parent
            states.pop()
        node = node.next if node is not None and len(states) > 1 else None
    for node in doomed:
        node.decompose()


def _sheet(source: str) -> _Sheet:
    """Read the style sheets but for what depends on the medium."""
    sheet = _Sheet()
    sheets = (piece.partition(">")[2] for piece in _SHEET.split(source[: 8 * _SHEET_LIMIT])[1:])
    text = "\n".join(_SHEET_END.split(piece, maxsplit=1)[0] for piece in sheets)[:_SHEET_LIMIT]
    depth = 0
    before = selectors = ""
    for piece in _BRACES.split(_without_comments(text)):
        if piece == "{":
            depth += 1
            selectors = before if depth == 1 else "@"
        elif piece == "}":
            if depth == 1 and "@" not in selectors:
                sheet.add(selectors, _declarations(before))
            depth = max(0, depth - 1)
        else:
            before = piece
    return sheet


def _without_comments(text: str) -> str:
    first, *others = text.replace("<!--", " ").replace("-->", " ").split("/*")
    return " ".join((first, *(other.partition("*/")[2] for other in others)))


def _declarations(text: str) -> Style:
    style: Style = {}
    for declaration in text.lower()[:_STYLE_LIMIT].split(";"):
        name, _, value = declaration.partition(":")
        if value:
            style[name.strip()] = " ".join(value.split())
    return style


def _gone(style: Style) -> bool:
    """Tell whether an element is hidden with all that is in it."""
    if style.get("display") == "none" or style.get("mso-hide") == "all":
        return True
    if _ZERO.fullmatch(style.get("opacity", "")) or _ZERO.fullmatch(style.get("max-height", "")):
        return True
    clipped = style.get("overflow") == "hidden"
    if clipped and any(_ZERO.fullmatch(style.get(name, "")) for name in ("height", "width")):
        return True
    if style.get("position") in {"absolute", "fixed"} and _CLIPPED.fullmatch(style.get("clip", "")):
        return True
    moved = ("left", "top", "margin-left") if style.get("position") in {"absolute", "fixed"} else ()
    return any(_OFF_SCREEN.fullmatch(style.get(name, "")) for name in moved)


def _within(outer: _Seen, style: Style, node: Any) -> _Seen:
    """Return what holds for the text of an element."""
    seen = outer
    colour = style.get("color") or node.getattr("color")
    if colour and colour.lower() not in {"inherit", "unset", "currentcolor"}:
        seen = replace(seen, colour=_colour(colour.lower()) or "")
    elif node.tag in _COLOURED:
        seen = replace(seen, colour="")
    background = style.get("background-color") or style.get("background") or node.getattr("bgcolor") or ""
    if background.lower() not in _NO_BACKGROUND:
        seen = replace(seen, background=_colour(background.lower()))
    if node.getattr("background") or "url(" in style.get("background-image", "") + style.get(
        "background", ""
    ):
        seen = replace(seen, background=None)
    if "font-size" in style:
        seen = replace(seen, tiny=_TINY.fullmatch(style["font-size"]) is not None)
    elif "font" in style or (node.tag == "font" and node.getattr("size")):
        seen = replace(seen, tiny=False)
    if "visibility" in style:
        seen = replace(seen, invisible=style["visibility"] in {"hidden", "collapse"})
    if "text-indent" in style:
        seen = replace(seen, shifted=_OFF_SCREEN.fullmatch(style["text-indent"]) is not None)
    return seen


def _colour(value: str) -> str | None:
    """Return a colour as ``#rrggbb`` or ``transparent``; None for what has no single known one."""
    value = value.strip()
    if value in _NAMED:
        return _NAMED[value]
    if _HEX.fullmatch(value):
        return value if len(value) == 7 else "#" + "".join(2 * digit for digit in value[1:])
    parts = _RGB.fullmatch(value)
    if parts is None:
        return None
    if parts[4] is not None and parts[4].strip("0.") == "":
        return "transparent"
    return "#" + "".join(f"{min(int(part), 255):02x}" for part in parts.groups()[:3])
