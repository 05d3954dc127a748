"""The unit that `triage systemd` prints: right for systemd, made for the settings, with few rights."""

from __future__ import annotations

import configparser
import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli.unit import unit
from pipeline.settings import LedgerSettings, Settings, Smtp
from tests.cli.test_commands import ROOT, triage

# systemd's own figure, 0 (none) to 10 (all): what a service is exposed to.
EXPOSED_AT_MOST = 1.5
_SET_MDWE = 65


def made(ledger: str = "/var/lib/triage/triage.db", **more: object) -> str:
    settings = Settings(ledger=LedgerSettings(url=f"sqlite:///{ledger}")).model_copy(update=more)
    return unit(settings, Path("/etc/triage/triage.toml"), "triage")


class Unit(configparser.RawConfigParser):
    """Reads units: keys have capitals, and % is no variable."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def parsed(text: str) -> Unit:
    found = Unit(strict=False, comment_prefixes=("#",), interpolation=None)
    found.read_string(text)
    return found


def test_it_is_made_for_the_settings() -> None:
    service = parsed(made())["Service"]
    assert service["ExecStart"].endswith("/bin/triage run --settings /etc/triage/triage.toml")
    assert (service["StateDirectory"], service["User"], service["Type"]) == ("triage", "triage", "notify")
    assert "HUP $MAINPID" in service["ExecReload"]
    assert "LoadCredential" not in service
    assert parsed(made("/srv/my mail/100%/t.db"))["Service"]["ReadWritePaths"] == '"/srv/my mail/100%%"'
    assert parsed(made("/home/asha/t.db"))["Service"]["ProtectHome"] == "read-only"
    smtp = Smtp(host="h", username="u", password_credential="smtp-password", from_address="t@x.example")
    loaded = parsed(made(smtp=smtp))["Service"]["LoadCredential"]
    assert loaded == "smtp-password:/etc/triage/credentials/smtp-password"


def test_it_takes_the_rights_that_are_promised_away() -> None:
    service = parsed(made())["Service"]
    wanted = {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "PrivateTmp": "yes",
        "MemoryDenyWriteExecute": "yes",
        "CapabilityBoundingSet": "",
        "Restart": "on-failure",
        "UMask": "0077",
    }
    assert {name: service[name] for name in wanted} == wanted
    assert "WatchdogSec" in service
    assert "@" not in made().replace("@system-service", "").replace("~@privileged @resources @obsolete", "")


def test_the_command_prints_it(tmp_path: Path) -> None:
    assert triage("init", ".", cwd=tmp_path).returncode == 0
    done = triage("systemd", "--notify-reload", "--user", "desk", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    service = parsed(done.stdout)["Service"]
    assert (service["Type"], service["User"]) == ("notify-reload", "desk")
    assert "ExecReload" not in service
    assert triage("systemd", "--settings", "none.toml", cwd=tmp_path).returncode == 2


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_it_and_finds_little_exposed(tmp_path: Path) -> None:
    path = tmp_path / "triage.service"
    path.write_text(made(str(tmp_path / "triage.db")), encoding="utf-8")
    for command in (["verify"], ["security", "--offline=true", f"--threshold={EXPOSED_AT_MOST * 10:.0f}"]):
        done = subprocess.run(
            ["systemd-analyze", *command, str(path)], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert str(path) not in done.stderr, "a warning about the unit"


def deny_write_execute() -> None:
    """Do what MemoryDenyWriteExecute does, for this process and those that it becomes (Linux 6.3)."""
    ctypes.CDLL(None).prctl(_SET_MDWE, 1, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="a right of Linux")
@pytest.mark.parametrize("model", ["", pytest.param("base", marks=pytest.mark.nightly)])
def test_mails_are_decided_without_the_right_to_write_code(tmp_path: Path, model: str) -> None:
    (tmp_path / "triage.toml").write_text(f'[folders]\nmodel = "{model}"\n', encoding="utf-8")
    program = "from pipeline.cli.main import main; main()"
    mail = ROOT / "fixtures" / "messages" / "a001.eml"
    done = subprocess.run(
        [sys.executable, "-c", program, "tag", "--json", str(mail)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=deny_write_execute,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert '"kind"' in done.stdout
