"""Draws digests in a browser, to be looked at: sizes, light and dark, few and many entries, hostile and right-to-left ones.

    .venv/bin/python tests/digest/pictures.py FOLDER [WORD...]

Only pictures whose names contain every WORD are drawn. Chromium has to be installed; nothing is fetched.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pipeline import tongue as tongues
from pipeline.digest.daily import render_daily
from pipeline.digest.render import Rendered, standalone
from pipeline.digest.weekly import render_weekly
from tests.digest import cases, samples

WIDTHS = (320, 640, 1200)
HEIGHT = 2600
COUNTS = {0: (0, 0, 0), 1: (0, 1, 0), 7: (1, 3, 3), 60: (20, 20, 20)}
LONG = cases.CASES[2]._replace(
    organisation="Donaudampfschifffahrtsgesellschaftskapitänsverein" * 2,
    person="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    subject="https://" + "a" * 90 + ".example/ " + "W" * 60,
    summary="Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 4,
)
EMOJI = cases.CASES[5]._replace(
    organisation="👩‍🚀🎉 Zdjęcia 🇵🇱", subject="📷" * 12 + " 👨‍👩‍👧‍👦", summary="🗺️ " * 40
)
BARE = cases.Case("", "", "", None, "unknown", "und", "individual", (), "unclear", "", "", "")


def main(folder: Path, words: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in digests():
        wanted = [
            (folder / f"{name}-{width}-{theme}.png", width, theme == "dark")
            for width in WIDTHS
            for theme in ("light", "dark")
            if all(word in f"{name}-{width}-{theme}" for word in words)
        ]
        if wanted:
            page, rendered = folder / f"{name}.html", make()
            page.write_text(standalone(rendered), encoding="utf-8")
            page.with_suffix(".txt").write_text(rendered.text, encoding="utf-8")
        for picture, width, dark in wanted:
            draw(page, picture, width, dark)
            print(picture)  # noqa: T201  # what a script is for


def digests() -> Iterator[tuple[str, Callable[[], Rendered]]]:
    """Yield the name of every sample, and what renders it."""
    for count, sizes in COUNTS.items():
        yield f"daily-{count}", partial(daily, *sizes, filed=count and 3)
    for locale in ("de", "fr", "es"):
        yield f"daily-{locale}", partial(daily, 1, 1, 1, locale=locale, filed=2)
    yield "daily-rtl", right_to_left
    for name, case in {"long": LONG, "emoji": EMOJI, "bare": BARE, "hostile": cases.HOSTILE}.items():
        yield f"daily-{name}", partial(daily, 1, 1, 0, case=case, filed=1)
    for count in (0, 1, 7, 60):
        yield f"weekly-{count}", partial(weekly, count)
    for locale in ("de", "fr", "es"):
        yield f"weekly-{locale}", partial(weekly, 7, locale=locale)
    yield "weekly-long", partial(weekly, 7, LONG)
    yield "weekly-hostile", partial(weekly, 7, cases.HOSTILE)


def daily(
    late: int, new: int, rest: int, *, case: cases.Case | None = None, locale: str = "en", filed: int = 0
) -> Rendered:
    digest = samples.with_offers(samples.daily(late, new, rest, case), locale, filed)
    told = tuple(replace(each, escalated_at=samples.NOW) for each in digest.overdue[:1])
    digest = replace(digest, overdue=(*told, *digest.overdue[1:]))
    return render_daily(digest, name="Mira Okonkwo", timezone="Europe/Berlin")


def right_to_left() -> Rendered:
    """Render a digest in a language whose catalogue the tests alone have."""
    shipped, tongues.CATALOGUES = tongues.CATALOGUES, Path(__file__).with_name("catalogues")
    try:
        return daily(1, 3, 1, locale="ar", filed=2)
    finally:
        tongues.CATALOGUES = shipped


def weekly(count: int, case: cases.Case | None = None, locale: str = "en") -> Rendered:
    summary = replace(samples.weekly(count, count // 3, 26, case=case), locale=locale)
    return render_weekly(summary, timezone="UTC")


def draw(page: Path, picture: Path, width: int, dark: bool) -> None:
    """Draw `page` as wide as a window of `width` pixels; a frame gives it that width where the browser's least is larger."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("chromium is missing; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        frame = page.with_name("frame.html")
        frame.write_text(
            f'<meta name="color-scheme" content="light dark"><body style="margin:0"><iframe src="{page.name}" style="border:0;width:{width}px;height:{HEIGHT}px">',
            encoding="utf-8",
        )
        subprocess.run(
            [
                browser,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--allow-file-access-from-files",
                f"--user-data-dir={profile}",
                *(("--force-dark-mode", "--blink-settings=preferredColorScheme=0") if dark else ()),
                f"--window-size={max(width, 500)},{HEIGHT}",
                f"--screenshot={picture}",
                frame.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
