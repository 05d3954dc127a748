"""A real MediaWiki (Debian's) on SQLite, served by PHP's own server; each test has pages of its own."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.settings import Wiki
from tests.support.dovecot import free_port

if TYPE_CHECKING:
    import mwclient

PROGRAM = Path("/usr/share/mediawiki")
ADMIN = "Admin"
ADMIN_PASSWORD = "long-adm1n-pass-word"
BOT = "Triagebot"
BOT_PASSWORD = "abcdefghijklmnopqrstuvabcdefghij"
PASSWORD_ENV = "TEST_WIKI_PASSWORD"
_PATIENCE = 60.0
_SETTINGS = """
$wgMainCacheType = CACHE_NONE; $wgSessionCacheType = CACHE_DB; $wgJobRunRate = 0; $wgEnableUploads = false;
$wgDiff3 = ""; $wgPasswordConfig["pbkdf2"]["cost"] = "1"; $wgRateLimits = []; $wgPasswordAttemptThrottle = []; $wgShowExceptionDetails = true; $wgReadOnlyFile = "@FOLDER@/readonly";
"""


def missing() -> str:
    """Return what is not installed, in words; empty if nothing."""
    if shutil.which("php") is None or not (PROGRAM / "api.php").exists():
        return "MediaWiki is missing; on Debian: sh tests/servers.sh"
    return ""


@dataclass(kw_only=True)
class MediaWikiServer:
    """A running wiki.

    Parameters
    ----------
    folder
        Where its database and settings are.
    port
        Of 127.0.0.1.
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    _person: mwclient.Site | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api.php"

    def settings(self, **changes: Any) -> Wiki:
        """Return settings to publish below a prefix that no other test has."""
        given = {
            "url": self.url, "username": f"{BOT}@triage", "password_env": PASSWORD_ENV, "timeout_seconds": 30.0,
            "prefix": f"Partnerships {next(self._numbers)}",
        }  # fmt: skip
        return Wiki(**{**given, **changes})

    def person(self) -> mwclient.Site:
        """Return the session of a person who may do everything."""
        import mwclient

        if self._person is None:
            self._person = mwclient.Site(f"127.0.0.1:{self.port}", path="/", scheme="http", max_retries=0)
            self._person.login(ADMIN, ADMIN_PASSWORD)
        return self._person

    def maintain(self, script: str, *arguments: str, text: str = "") -> str:
        """Run a maintenance script."""
        done = subprocess.run(
            ["php", str(PROGRAM / "maintenance" / f"{script}.php"), "--conf", str(self.folder / "LocalSettings.php"), *arguments],
            input=text, capture_output=True, text=True, check=False, timeout=_PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        """Let it answer."""
        assert self.process is None
        with (self.folder / "php.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["php", "-S", f"127.0.0.1:{self.port}", "-t", str(PROGRAM)],
                env={"MW_CONFIG_FILE": str(self.folder / "LocalSettings.php"), "PATH": "/usr/bin:/bin"},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "php.log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """Let it be down."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=_PATIENCE)
            self.process = None

    def forget_sessions(self) -> None:
        """Log everybody out, as a wiki does that was moved or whose cache was emptied."""
        with contextlib.closing(sqlite3.connect(self.folder / "data" / "wikicache.sqlite")) as cache, cache:
            cache.execute("DELETE FROM objectcache")
        self._person = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}?action=query&format=json", timeout=10):  # noqa: S310 - http, above
                return True
        except (urllib.error.URLError, OSError):
            return False


@contextlib.contextmanager
def running_mediawiki() -> Iterator[MediaWikiServer]:
    """Install a wiki with a bot password, and run it."""
    folder = Path(tempfile.mkdtemp(prefix="mediawiki-", dir="/tmp"))
    server = MediaWikiServer(folder=folder, port=free_port())
    try:
        _install(server)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _install(server: MediaWikiServer) -> None:
    done = subprocess.run(
        ["php", str(PROGRAM / "maintenance/install.php"), "--confpath", str(server.folder), "--dbtype", "sqlite",
         "--dbpath", str(server.folder / "data"), "--scriptpath", "", "--server", f"http://127.0.0.1:{server.port}",
         "--pass", ADMIN_PASSWORD, "Test wiki", ADMIN],
        capture_output=True, text=True, check=False, timeout=_PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    with (server.folder / "LocalSettings.php").open("a") as settings:
        settings.write(_SETTINGS.replace("@FOLDER@", str(server.folder)))
    server.maintain("createAndPromote", "--bot", BOT, "an-0ther-long-passw0rd")
    server.maintain(
        "createBotPassword",
        "--appid",
        "triage",
        "--grants",
        "basic,editpage,createeditmovepage,highvolume",
        BOT,
        BOT_PASSWORD,
    )
