"""A Dovecot of the tests' own: on free ports of 127.0.0.1, in a folder of its own, ended by its process id.

Every user name is let in with the password `PASSWORD`, so each test takes a user of its own.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from imapclient import IMAPClient

from tests.support.certificates import Certificates, make_certificates

PASSWORD = "correct-horse"
_TRIES = 3

_CONFIGURATION = """
protocols = imap
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
info_log_path = {base}/dovecot.log
listen = 127.0.0.1
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:~/Maildir
first_valid_uid = 1
mail_fsync = never
imap_idle_notify_interval = 29 mins
mailbox_idle_check_interval = 1 secs
{token_passdb}passdb {{
  driver = static
  args = password={password}
{password_mechanisms}}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
mail_max_userip_connections = 50
"""


_TOKEN_PASSDB = """passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
"""
_TOKENS = """
introspection_mode = post
introspection_url = {url}
active_attribute = active
active_value = true
username_attribute = username
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dovecot:
    """A running server."""

    base: Path
    port: int
    tls_port: int
    certificates: Certificates
    _process: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log(self) -> str:
        """What it wrote so far."""
        path = self.base / "dovecot.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def new_user(self) -> str:
        """Return a user name that nobody has used."""
        return f"user{uuid.uuid4().hex[:12]}"

    def client(self, user: str) -> IMAPClient:
        """Return a connection of `user` that may change things."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20)
        client.login(user, PASSWORD)
        return client

    def fill(
        self,
        user: str,
        messages: Sequence[bytes],
        mailbox: str = "INBOX",
        when: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    ) -> None:
        """Append `messages`, creating `mailbox` where it is missing."""
        with self.client(user) as client:
            if not client.folder_exists(mailbox):
                client.create_folder(mailbox)
            for start in range(0, len(messages), 500):
                client.multiappend(mailbox, [{"msg": m, "date": when} for m in messages[start : start + 500]])

    def doveadm(self, *arguments: str) -> str:
        """Run doveadm and return what it prints."""
        command = [_program("doveadm"), "-c", str(self.base / "dovecot.conf"), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout

    def new_uidvalidity(self, user: str, mailbox: str, value: int) -> None:
        """Give `mailbox` another UIDVALIDITY."""
        self.doveadm("mailbox", "update", "--uid-validity", str(value), "-u", user, mailbox)

    def cut_connections(self, user: str) -> None:
        """End all connections of `user` at once."""
        self.doveadm("kick", user)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [_program("dovecot"), "-F", "-c", str(self.base / "dovecot.conf")]
        owner, group = _account()
        is_root = os.geteuid() == 0
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            user=owner.pw_uid if is_root else None,
            group=group.gr_gid if is_root else None,
            extra_groups=[] if is_root else None,
        )
        self._process.append(process)
        _await_greeting(self.port, process, self)

    def stop(self) -> None:
        """End it and all of its children."""
        while self._process:
            process = self._process.pop()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=10)
            if process.stderr is not None:
                process.stderr.close()


def missing() -> str:
    """Return what to install, or nothing if Dovecot is there."""
    if _program("dovecot") and _program("doveadm"):
        return ""
    return "Dovecot is missing: apt-get install dovecot-imapd"


@contextlib.contextmanager
def running_dovecot(extra: str = "", tokens: str = "") -> Iterator[Dovecot]:
    """Run a Dovecot with `extra` lines of configuration; started as root it runs as `nobody`.

    With `tokens`, the URL of an introspection server (RFC 7662), it takes OAuth 2.0 access tokens too.
    """
    # Not below pytest's own folder: that is closed to other users.
    base = Path(tempfile.mkdtemp(prefix="dovecot-"))
    try:
        server = _started(base, extra, tokens)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _started(base: Path, extra: str, tokens: str) -> Dovecot:
    """Start a server; another process may take a free port before it does, so there is more than one try."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(RuntimeError):
            return _start(_configured(base, extra, tokens))
    return _start(_configured(base, extra, tokens))


def _start(server: Dovecot) -> Dovecot:
    try:
        server.start()
    except RuntimeError:
        server.stop()
        raise
    return server


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str) -> str:
    """Return where `name` lies; the administrators' folder is not always on the path."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))) or ""


def _account() -> tuple[pwd.struct_passwd, grp.struct_group]:
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return owner, grp.getgrgid(owner.pw_gid)


def _configured(base: Path, extra: str, tokens: str) -> Dovecot:
    owner, group = _account()
    certificates = make_certificates(base)
    server = Dovecot(base=base, port=free_port(), tls_port=free_port(), certificates=certificates)
    text = _CONFIGURATION.format(
        base=base,
        user=owner.pw_name,
        group=group.gr_name,
        uid=owner.pw_uid,
        gid=group.gr_gid,
        certificate=certificates.certificate,
        key=certificates.key,
        password=PASSWORD,
        port=server.port,
        tls_port=server.tls_port,
        mechanisms="plain login xoauth2 oauthbearer" if tokens else "plain login",
        password_mechanisms="  mechanisms = plain login\n" if tokens else "",
        token_passdb=_TOKEN_PASSDB.format(base=base) if tokens else "",
    )
    (base / "oauth2.conf").write_text(_TOKENS.format(url=tokens), encoding="utf-8")
    (base / "dovecot.conf").write_text(text + extra, encoding="utf-8")
    if os.geteuid() == 0:
        for path in (base, *base.iterdir()):
            os.chown(path, owner.pw_uid, group.gr_gid)
    return server


def _await_greeting(port: int, process: subprocess.Popen[bytes], server: Dovecot) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.02)
            said = process.stderr.read() if process.stderr is not None else b""
            raise RuntimeError(f"Dovecot ended: {said.decode(errors='replace')}\n{server.log}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
            if probe.recv(64).startswith(b"* OK"):
                return
    raise RuntimeError(f"Dovecot does not answer\n{server.log}")
