"""Where the program reaches to: the process that reads mail to nothing, and mail makes nothing reach anywhere."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.adapters.reading.confinement import confine
from pipeline.adapters.reading.process import ReadingProcess
from tests.support.warm import ROOT

LINUX = platform.system() == "Linux" and platform.machine() in ("x86_64", "aarch64")
TRIES = """
import json, os, signal, socket, sys
from pipeline.adapters.reading.confinement import confine
mine = sys.argv[1]
assert confine()
tries = {
    "connect": lambda: socket.create_connection(("127.0.0.1", 9)),
    "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "unix": lambda: socket.socket(socket.AF_UNIX),
    "start": lambda: os.execv("/bin/true", ["true"]),
    "signal": lambda: os.kill(os.getppid(), 0),
    "create": lambda: open(mine + "/new", "w"),
    "empty": lambda: open(mine + "/kept", "w"),
    "delete": lambda: os.unlink(mine + "/kept"),
    "rename": lambda: os.rename(mine + "/kept", mine + "/other"),
    "folder": lambda: os.mkdir(mine + "/folder"),
}
told = {}
for name, attempt in tries.items():
    try:
        attempt()
        told[name] = "done"
    except PermissionError:
        told[name] = "refused"
told["read"] = open(mine + "/kept").read()
print(json.dumps(told))
"""
# Mail whose every part asks to be fetched; whatever the program looks up or connects to ends this process.
CURIOUS = """
import sys
def watch(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")) and event != "socket.gethostname":
        raise SystemExit(f"{event} {arguments}")
from pipeline import parsing, wiring
from pipeline.settings import Folders, Settings
from datetime import UTC, datetime
tagger = wiring.tagger(Settings(folders=Folders(model="")))
sys.addaudithook(watch)
octets = sys.stdin.buffer.read()
decision, = tagger.decide([parsing.read(octets)], datetime.now(UTC))
print(decision.disposition)
"""
MAIL = b"""\
From: Ada <ada@museum.example>
To: partners@wiki.example
Subject: http://169.254.169.254/latest/meta-data/
List-Unsubscribe: <http://127.0.0.1:9/unsubscribe>
Archived-At: <http://127.0.0.1:9/archive>
Disposition-Notification-To: spy@tracker.example
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html

<html><head><link rel=stylesheet href="http://127.0.0.1:9/a.css"><meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">
<base href="http://127.0.0.1:9/"></head><body background="http://127.0.0.1:9/b.png"><img src="http://127.0.0.1:9/pixel.gif">
<iframe src="file:///etc/passwd"></iframe><p>our museum would like to give pictures, see http://museum.example/</p></body></html>
--b
Content-Type: message/external-body; access-type=URL; URL="http://127.0.0.1:9/body"

--b
Content-Type: image/svg+xml

<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "http://127.0.0.1:9/entity">]><svg>&x;</svg>
--b--
"""


def python(code: str, *arguments: str, feed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    return subprocess.run(command, env=environment, input=feed, capture_output=True, check=False)


@pytest.mark.skipif(not LINUX, reason="seccomp is Linux's, and known to us on two kinds of machines")
def test_a_confined_process_reads_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("all of it", encoding="utf-8")
    done = python(TRIES, str(tmp_path))
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told.pop("read") == "all of it"
    assert set(told.values()) == {"refused"}, told
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]


@pytest.mark.skipif(not LINUX, reason="/proc is Linux's")
@pytest.mark.usefixtures("cold_reader")
def test_the_process_that_reads_mail_is_confined() -> None:
    process = ReadingProcess(2.0, 300 * 2**20)
    try:
        process.wait_until_ready()
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    finally:
        process.end()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


def test_elsewhere_nothing_is_confined_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert not confine()


def test_no_mail_makes_the_program_fetch_anything() -> None:
    done = python(CURIOUS, feed=MAIL.replace(b"\n", b"\r\n"))
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.strip() in (b"assign", b"review", b"file")
