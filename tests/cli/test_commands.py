"""Commands as a person or a program meets them: what they print, where, and how they end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support import warm
from tests.support.mails import letter

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs" / "schemas"


def triage(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return warm.run(*arguments, cwd=cwd, strict=True, environment={"COLUMNS": "100"} | environment)


def objects(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def mails(tmp_path: Path) -> list[str]:
    (tmp_path / "good.eml").write_bytes(letter())
    (tmp_path / "empty.eml").write_bytes(b"")
    (tmp_path / "away.eml").write_bytes(
        letter(headers="Auto-Submitted: auto-replied", body=b"I am away.\r\n")
    )
    return ["good.eml", "missing.eml", "empty.eml", "away.eml"]


@pytest.mark.parametrize("command", ["parse", "tag"])
def test_json_keeps_the_contract(command: str, mails: list[str], tmp_path: Path) -> None:
    done = triage(command, "--json", *mails, cwd=tmp_path)
    lines = objects(done)
    schema = json.loads((SCHEMAS / f"{command}.schema.json").read_text(encoding="utf-8"))
    for line in lines:
        jsonschema.validate(line, schema)
    assert [line["file"] for line in lines] == mails
    assert ["error" in line for line in lines] == [False, True, True, False]
    assert done.returncode == 1
    assert done.stderr == ""


def test_tags_of_automatic_mail_are_null(mails: list[str], tmp_path: Path) -> None:
    done = triage("tag", "--json", "away.eml", cwd=tmp_path)
    (away,) = objects(done)
    assert done.returncode == 0
    assert (away["kind"], away["disposition"]) == ("automated", "file")
    scalars = [away[name] for name in ("partner_type", "country", "region", "alignment")]
    assert [*scalars, away["activities"], away["priorities"]] == [None, None, None, None, [], []]
    assert away["criteria"].pop("further") == []
    assert set(away["criteria"].values()) == {None}
    assert set(away["confidence"]) == {"kind"}


def test_each_file_is_judged_alone(mails: list[str], tmp_path: Path) -> None:
    (alone,) = objects(triage("tag", "--json", "good.eml", cwd=tmp_path))
    together = objects(triage("tag", "--json", "away.eml", "good.eml", "good.eml", cwd=tmp_path))
    assert together[1] == alone
    assert together[2] == alone


def test_tables_for_people(mails: list[str], tmp_path: Path) -> None:
    for command in ("parse", "tag", "explain"):
        done = triage(command, "good.eml", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "good.eml" in done.stdout
    assert "model" in done.stdout
    assert "organisation:" in " ".join(done.stdout.split())


def test_a_mail_that_cannot_be_read_is_an_error_on_stderr(mails: list[str], tmp_path: Path) -> None:
    done = triage("parse", "missing.eml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "triage: missing.eml: No such file or directory\n"


def test_init_writes_settings_that_check_understands(tmp_path: Path) -> None:
    assert triage("init", ".", cwd=tmp_path).returncode == 0
    done = triage("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "TRIAGE_IMAP_PASSWORD is not set" in done.stderr
    assert "TRIAGE_SMTP_PASSWORD is not set" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "triage.toml").stat().st_mode & 0o077 == 0


def test_init_does_not_overwrite(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text("mine")
    done = triage("init", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert "already there: triage.toml" in done.stderr
    assert (tmp_path / "triage.toml").read_text() == "mine"
    assert not (tmp_path / "liaisons.toml").exists()


def test_all_faults_of_the_settings_at_once(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text(
        '[[imap]]\nname = "a"\nhost = "mail.example"\nport = "993"\nmailboxs = ["INBOX"]\n'
        '[smtp]\nhost = "mail.example"\n[schedule]\ntimezone = "Mars/Olympus"\n'
    )
    done = triage("run", "--once", cwd=tmp_path)
    assert done.returncode == 2
    for path in ("imap.0.port", "imap.0.mailboxs", "smtp.from_address", "schedule.timezone"):
        assert f"triage.toml: {path}: " in done.stderr
    assert "did you mean 'mailboxes'?" in done.stderr


def test_check_lists_the_faults_of_all_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text(
        '[schedule]\ntimezone = "Mars/Olympus"\n[folders]\nliaisons = "liaisons.toml"\nmodel = "nonesuch"\n'
    )
    (tmp_path / "liaisons.toml").write_text('fallback = "nobody"\n[[liaisons]]\nid = "ana"\n')
    done = triage("check", cwd=tmp_path)
    assert done.returncode == 2
    for words in ("schedule.timezone", "liaisons.0.address: missing", "fallback", "nonesuch"):
        assert words in done.stderr


@pytest.mark.parametrize("command", [["run", "--once"], ["poll"], ["status"], ["check"], ["digest", "daily"]])
def test_without_settings_the_way_out_is_named(command: list[str], tmp_path: Path) -> None:
    done = triage(*command, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "triage.toml: no such file; write one with: triage init" in done.stderr


def test_check_names_a_server_that_cannot_be_reached(tmp_path: Path) -> None:
    assert triage("init", ".", cwd=tmp_path).returncode == 0
    text = (tmp_path / "triage.toml").read_text()
    text = text.replace("imap.example.org", "127.0.0.1").replace("port = 993", "port = 9")
    text = text.replace("smtp.example.org", "127.0.0.1").replace("port = 465", "port = 9")
    (tmp_path / "triage.toml").write_text(text)
    done = triage("check", cwd=tmp_path, TRIAGE_IMAP_PASSWORD="x", TRIAGE_SMTP_PASSWORD="y")
    assert done.returncode == 1
    assert done.stderr.count("127.0.0.1") >= 2
    assert "invented addresses" in done.stderr


@pytest.mark.parametrize(
    ("file", "change"),
    [("estimator.joblib", b"broken"), ("card.json", b"{}")],
)
def test_a_broken_model_is_named_and_not_loaded(file: str, change: bytes, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(ROOT / "models" / "base", tmp_path / "models" / "base")
    (tmp_path / "models" / "base" / file).write_bytes(change)
    (tmp_path / "triage.toml").write_text('[folders]\nmodels = "models"\n')
    (tmp_path / "good.eml").write_bytes(letter())
    done = triage("tag", "good.eml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "models/base" in done.stderr
    assert "Traceback" not in done.stderr


def test_rules_alone_are_enough(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text('[folders]\nmodel = ""\n')
    (tmp_path / "good.eml").write_bytes(letter())
    (line,) = objects(triage("tag", "--json", "good.eml", cwd=tmp_path))
    assert (line["kind"], line["partner_type"]) == ("partnership", "museum")
    assert not [one for one in line["evidence"] if one["source"] == "model"]


def test_an_output_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = triage("demo", "--out", "file/demo", cwd=tmp_path)
    assert done.returncode == 1
    assert "file/demo: cannot be written" in done.stderr


def test_terminal_escapes_in_a_mail_do_not_reach_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "evil.eml").write_bytes(
        letter(subject="\x1b[2J[bold]x[/bold]", body=b"\x1b]0;owned\x07 Hello\r\n")
    )
    for command in ("parse", "tag", "explain"):
        done = triage(command, "evil.eml", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout
        assert "\x07" not in done.stdout
