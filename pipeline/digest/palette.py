"""Colours of digests, light and dark, and which of them stand on which.

Every pair in `PAIRS` keeps the contrast that WCAG 2.2 level AA asks of text (success criterion 1.4.3).
"""

from __future__ import annotations

LIGHT = {
    "desk": "#f3f2ee",
    "paper": "#ffffff",
    "edge": "#dcdad3",
    "soft": "#f7f6f3",
    "ink": "#1d2126",
    "muted": "#5a616a",
    "link": "#1a56b0",
    "late": "#b3261e",
    "latesoft": "#fdecea",
    "good": "#0f6b3c",
    "goodsoft": "#e6f4ea",
    "ask": "#7a4a00",
    "asksoft": "#fff3d6",
    "button": "#1a56b0",
    "onbutton": "#ffffff",
    "heat1": "#e3edf9",
    "heat2": "#b9d3f0",
    "heat3": "#2f6fbf",
    "onheat": "#ffffff",
    "bar": "#2f6fbf",
}
DARK = {
    "desk": "#121417",
    "paper": "#1c1f24",
    "edge": "#363b42",
    "soft": "#24282e",
    "ink": "#e8eaed",
    "muted": "#a9b0b8",
    "link": "#8ab8ff",
    "late": "#ff9a91",
    "latesoft": "#3a2120",
    "good": "#86d7a5",
    "goodsoft": "#193325",
    "ask": "#ffd080",
    "asksoft": "#392d14",
    "button": "#8ab8ff",
    "onbutton": "#10233f",
    "heat1": "#22344d",
    "heat2": "#2d4f7c",
    "heat3": "#8ab8ff",
    "onheat": "#10233f",
    "bar": "#6ba3ec",
}
# What is written in which colour on which ground.
PAIRS = (
    ("ink", "paper"),
    ("ink", "desk"),
    ("ink", "soft"),
    ("muted", "paper"),
    ("muted", "desk"),
    ("muted", "soft"),
    ("link", "paper"),
    ("link", "desk"),
    ("link", "soft"),
    ("late", "paper"),
    ("late", "desk"),
    ("late", "latesoft"),
    ("good", "paper"),
    ("good", "goodsoft"),
    ("ask", "paper"),
    ("ask", "asksoft"),
    ("ink", "asksoft"),
    ("onbutton", "button"),
    ("ink", "heat1"),
    ("ink", "heat2"),
    ("onheat", "heat3"),
)
# Series of the charts: told apart by people who do not see all colours (Okabe and Ito 2008), and in grey by lightness.
SERIES = {"assigned": "#0b4f8a", "review": "#e69f00", "filed": "#c9ced6", "closed": "#1d2126"}


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
