"""The command `digest daily`: previews, of everybody and of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.errors import UsageError

ONE = """
fallback = "ana"
[[liaisons]]
id = "ana"
name = "Ana Example"
address = "ana@liaisons.example"
locale = "de"
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with settings and a liaison, and work in it."""
    (tmp_path / "liaisons.toml").write_text(ONE, encoding="utf-8")
    settings = '[folders]\nliaisons = "liaisons.toml"\nmodel = ""\n'
    (tmp_path / "triage.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def digest(*words: str) -> str:
    result = CliRunner().invoke(app, ["digest", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_who_has_nothing_to_do_gets_no_digest_unless_asked_by_name(place: Path) -> None:
    assert digest("daily", "--preview", "shown") == ""
    assert digest("daily", "--preview", "shown", "--liaison", "ana").strip() == "shown/daily-ana.html"
    assert "Heute ist bei Ihnen nichts offen." in (place / "shown" / "daily-ana.txt").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("daily", "--preview", "shown", "--liaison", "bea"), "there are ana"),
        (("daily", "--liaison", "ana"), "goes with: triage digest daily --preview"),
        (("weekly", "--preview", "shown", "--liaison", "ana"), "goes with: triage digest daily --preview"),
    ],
)
def test_a_wrong_request_is_refused(place: Path, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        digest(*words)
