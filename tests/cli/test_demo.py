"""The demonstration, as the README tells it."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

from tests.cli.test_commands import objects, triage


def test_the_demo_does_the_whole_job_once_and_shows_people_what_happened(tmp_path: Path) -> None:
    done = triage("demo", "--out", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "What happened" in done.stdout
    assert "to review" in done.stdout
    assert "demo/weekly-committee.html" in done.stdout
    _check_mails(tmp_path / "demo")
    before = {path.name for path in (tmp_path / "demo").glob("*.eml")}
    second = triage("demo", "--out", "demo", "--json", cwd=tmp_path)
    (again,) = objects(second)
    assert (again["stored"], again["outcomes"], again["queued"]) == (0, {}, 0)
    assert again["known"] >= 120
    assert {path.name for path in (tmp_path / "demo").glob("*.eml")} == before


def _check_mails(folder: Path) -> None:
    """Check that everybody has a mail of their own, with what they may do, and nothing from elsewhere."""
    mails = sorted(folder.glob("*.eml"))
    assert len([path for path in mails if not path.name.startswith("alert-")]) == 6
    daily = (folder / "daily-danuta.html").read_text(encoding="utf-8")
    assert "mailto:desk%2B" in daily, "digests offer actions"
    assert "?cc=desk%2B" in daily, "and suggested answers"
    for path in mails:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert message.get_body(("plain",)) is not None
        page = path.with_suffix(".html").read_text(encoding="utf-8")
        assert "cid:" not in page
        assert "http://" not in page.replace("http://www.w3.org", "")
