"""Run the demonstration: servers, settings and a clock for the sample, and everything else as in production."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from pipeline import wiring
from pipeline.adapters.files import keyfile
from pipeline.demo.mailbox import sample
from pipeline.demo.servers import ReceivedMail, imap_server, smtp_sink
from pipeline.errors import OutputError
from pipeline.records.status import LedgerStatus
from pipeline.resources import packaged
from pipeline.service.ports import Progress
from pipeline.service.rounds import RoundReport
from pipeline.settings import Answers, Committee, Folders, ImapAccount, LedgerSettings, Settings, Smtp

# A Monday morning, when every digest is due; the sample mail came in the half year before.
NOW = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
_PASSWORD = "TRIAGE_DEMO_PASSWORD"  # noqa: S105 - the name of a variable  # nosec B105 # the name of a variable


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What the demonstration did, and where its mails lie.

    Parameters
    ----------
    round
        What this run did.
    status
        What the ledger holds after it.
    files
        The mails that were sent in this run.
    """

    round: RoundReport
    status: LedgerStatus
    files: tuple[Path, ...]


def run_demo(out: Path, progress: Progress) -> DemoReport:
    """Run the pipeline once over the sample mailbox, with the ledger and the sent mails in `out`.

    Raises
    ------
    OutputError
        If `out` cannot be written.
    """
    _prepare(out)
    boxes = sample(packaged("fixtures"))
    with imap_server(boxes) as (imap_port, user, password), smtp_sink() as (smtp_port, received):
        with _secret(password):
            desk = wiring.desk(_settings(out, imap_port, user, tuple(boxes), smtp_port), clock=lambda: NOW)
            try:
                report = desk.round(progress)
                status = desk.ledger.reports.status(NOW)
            finally:
                desk.close()
        return DemoReport(round=report, status=status, files=_write(out, received))


def _settings(out: Path, imap_port: int, user: str, mailboxes: tuple[str, ...], smtp_port: int) -> Settings:
    account = ImapAccount(
        name="sample",
        host="127.0.0.1",
        port=imap_port,
        security="none",
        username=user,
        password_env=_PASSWORD,
        mailboxes=mailboxes,
    )
    smtp = Smtp(host="127.0.0.1", port=smtp_port, security="none", from_address="triage@wikimedia.example")
    return Settings(
        imap=(account,),
        smtp=smtp,
        committee=Committee(addresses=("committee@wikimedia.example",)),
        ledger=LedgerSettings(url=f"sqlite:///{out.resolve() / 'triage.db'}"),
        folders=Folders(liaisons=packaged("rules") / "liaisons.toml"),
        answers=Answers(
            address="desk@wikimedia.example",
            authserv_ids=("mx.wikimedia.example",),
            key_file=out.resolve() / "triage.key",
        ),
    )


@contextmanager
def _secret(password: str) -> Iterator[None]:
    """Hand the password over as an operator would: in the environment."""
    os.environ[_PASSWORD] = password
    try:
        yield
    finally:
        del os.environ[_PASSWORD]


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / ".writable").touch()
        (out / ".writable").unlink()
    except OSError as error:
        raise OutputError.at(out, error, "name another folder with --out") from None
    if not (out / "triage.key").exists():
        keyfile.make(out / "triage.key")


def _write(out: Path, received: Sequence[ReceivedMail]) -> tuple[Path, ...]:
    """Write each sent mail as .eml, and its HTML as a page that a browser shows."""
    paths = []
    for mail in received:
        message = message_from_bytes(mail.octets, policy=policy.default)
        purpose = _purpose(str(message["Message-ID"]))
        name = re.sub(r"[^a-z0-9]+", "-", mail.recipients[0].partition("@")[0].lower()).strip("-")
        path = out / f"{purpose}-{name}.eml"
        path.write_bytes(mail.octets)
        path.with_suffix(".html").write_text(page(message), encoding="utf-8")
        paths.append(path)
    return tuple(sorted(paths))


def page(message: EmailMessage) -> str:
    """Return the HTML part of a mail as one page, its images inside."""
    body = message.get_body(("html",))
    html = str(body.get_content()) if body else ""
    for part in message.walk():
        cid = str(part["Content-ID"] or "").strip("<> ")
        if cid:
            data = base64.b64encode(part.get_content()).decode("ascii")
            html = html.replace(f"cid:{cid}", f"data:{part.get_content_type()};base64,{data}")
    return html


def _purpose(message_id: str) -> str:
    """Return what a mail is for: daily, weekly, or alert with the KEY, as there may be several."""
    purpose, period = message_id.lstrip("<").split(".")[:2]
    return f"alert-{period}" if purpose == "alert" else purpose
