"""The demonstration, as the README tells it."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

from tests.cli.test_commands import objects, triage


def test_the_demo_does_the_whole_job_once(tmp_path: Path) -> None:
    first = triage("demo", "--out", "demo", "--json", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    (report,) = objects(first)
    assert report["stored"] == 120
    assert report["outcomes"]["automated"] > 0
    assert report["outcomes"]["spam"] > 0
    assert report["outcomes"].get("set-aside", 0) == 0
    assert len(report["assigned"]) == 5
    mails = sorted(path.name for path in (tmp_path / "demo").glob("*.eml"))
    assert len(mails) == report["delivery"]["sent"]
    assert len([name for name in mails if not name.startswith("alert-")]) == 6
    second = triage("demo", "--out", "demo", "--json", cwd=tmp_path)
    (again,) = objects(second)
    assert (again["stored"], again["outcomes"], again["queued"]) == (0, {}, 0)
    assert again["known"] == report["stored"] + report["known"]


def test_the_demo_shows_people_what_happened(tmp_path: Path) -> None:
    done = triage("demo", "--out", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "What happened" in done.stdout
    assert "to review" in done.stdout
    assert "demo/weekly-committee.html" in done.stdout
    daily = (tmp_path / "demo" / "daily-danuta.html").read_text(encoding="utf-8")
    assert "mailto:desk%2B" in daily, "digests offer actions"
    assert "?cc=desk%2B" in daily, "and suggested answers"
    for path in (tmp_path / "demo").glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert message.get_body(("plain",)) is not None
        page = path.with_suffix(".html").read_text(encoding="utf-8")
        assert "cid:" not in page
        assert "http://" not in page.replace("http://www.w3.org", "")
