"""Commands to set it up: `init` writes the settings, `check` tries everything before it runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, SettingsFile

if TYPE_CHECKING:
    from pipeline.settings import Settings

# Characters before the @ (RFC 5321, section 4.5.3.1.1).
_LOCAL_PART = 64
_TEMPLATE = Path(__file__).with_name("triage.toml")


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Write commented settings and a sample of liaisons, to be edited, and the secret of answers by mail.

    Example: triage init /etc/triage
    """
    from pipeline.adapters.files import keyfile
    from pipeline.cli.output import say
    from pipeline.errors import UsageError
    from pipeline.resources import packaged

    written = {
        folder / "triage.toml": _TEMPLATE.read_text(encoding="utf-8"),
        folder / "liaisons.toml": (packaged("rules") / "liaisons.toml").read_text(encoding="utf-8"),
    }
    there = [str(path) for path in written if path.exists()]
    if there and not force:
        raise UsageError(f"already there: {', '.join(there)}; edit them, or overwrite them with --force")
    for path, text in written.items():
        _write(path, text)
        say(f"written: {path}")
    key = folder / "triage.key"
    if not key.exists():  # answers to digests that are on the way need the one that is there
        keyfile.make(key)
        say(f"written: {key}")
    say(f"Edit the first two, then try them with: triage check --settings {folder / 'triage.toml'}")


def check(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Check settings, rules, liaisons, model, ledger and servers; report all faults at once.

    Example: triage check --settings triage.toml
    """
    from pipeline.cli.output import complain, say

    loaded, faults = _loaded(settings)
    usage, failures = _faults(loaded, faults) if loaded else (faults, [])
    for warning in _warnings(loaded) if loaded and not faults else ():
        say(f"warning: {warning}")
    for fault in (*usage, *failures):
        complain(fault)
    if usage or failures:
        count = len(usage) + len(failures)
        say(f"{count} fault{'s' if count > 1 else ''}")
        raise typer.Exit(2 if usage else 1)
    print("all is well")


def _loaded(path: Path) -> tuple[Settings | None, list[str]]:
    """Return the settings and their faults; of faulty settings at least where the other files are."""
    from pipeline.cli.options import settings_from
    from pipeline.errors import DeclarationError
    from pipeline.settings import load_folders

    try:
        return settings_from(path), []
    except DeclarationError as error:
        return load_folders(path), str(error).splitlines()


def _write(path: Path, text: str) -> None:
    from pipeline.errors import OutputError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise OutputError.at(path, error) from None


def _faults(settings: Settings, known: list[str]) -> tuple[list[str], list[str]]:
    """Return what is wrong with settings (`known`) and declared files, and what does not work.

    Neither ledger nor servers are tried with settings that have faults.
    """
    from pipeline import wiring
    from pipeline.assess.region import refresh
    from pipeline.errors import TriageError, UsageError

    tries: tuple[Callable[[], object], ...] = (
        lambda: wiring.rulebook(settings),
        lambda: wiring.policy(settings),
        lambda: wiring.criteria(settings),
        lambda: refresh(settings.folders.rules),
        lambda: wiring.model(settings),
        lambda: wiring.vocabulary(settings),
        lambda: wiring.replies(settings),
        *((lambda: wiring.keyring(settings),) if settings.answers.address else ()),
        *(() if known else (lambda: wiring.ledger(settings).close(),)),
        *(
            lambda server=server: server.password()
            for server in (*settings.imap, *settings.otrs, settings.smtp, settings.wiki)
            if server
        ),
    )
    usage = list(known)
    failures: list[str] = []
    for attempt in tries:
        try:
            attempt()
        except UsageError as error:
            usage += str(error).splitlines()
        except TriageError as error:
            failures += str(error).splitlines()
    if not usage:
        failures += _server_faults(settings)
    return list(dict.fromkeys(usage)), failures


def _server_faults(settings: Settings) -> list[str]:
    from pipeline.adapters.smtp import SmtpSender
    from pipeline.wiring import mail_servers, wiki

    faults = [fault for source in mail_servers(settings) for fault in source.check()]
    if settings.smtp:
        faults += SmtpSender(settings.smtp).check()
    place = wiki(settings)
    if place:
        faults += place.check()
    return faults


def _warnings(settings: Settings) -> list[str]:
    """Return what works, but is hardly meant."""
    from pipeline.wiring import LISTENERS

    warnings = []
    if not settings.imap and not settings.otrs:
        warnings.append("no [[imap]] account and no [[otrs]] help desk: nothing will be polled")
    warnings += [
        f"imap.{account.name}: {len(account.mailboxes)} mailboxes; {LISTENERS} are listened to, the others polled"
        for account in settings.imap
        if account.idle and len(account.mailboxes) > LISTENERS
    ]
    if settings.smtp is None:
        warnings.append("no [smtp]: digests will not be sent")
    if not settings.committee.addresses:
        warnings.append("no committee.addresses: nobody gets the weekly summary")
    if not settings.folders.model:
        warnings.append("folders.model is empty: rules decide alone")
    warnings += _model_warnings(settings)
    return warnings + _answer_warnings(settings) + _liaison_warnings(settings)


def _answer_warnings(settings: Settings) -> list[str]:
    """Return what keeps answers by mail from working, or makes them less safe."""
    from pipeline.feedback.tokens import USUAL

    answers = settings.answers
    if answers.address is None:
        return ["no answers.address: liaisons cannot answer digests by mail"]
    warnings = []
    if not answers.authserv_ids:
        warnings.append("answers.authserv_ids is empty: only unsigned_answers are believed")
    local = answers.address.rpartition("@")[0]
    if len(local) + 1 + USUAL > _LOCAL_PART:
        most = _LOCAL_PART - 1 - USUAL
        warnings.append(
            f"answers.address: {local!r} is too long to bear a token (RFC 5321 allows 64 characters before the @); "
            f"take one of at most {most}"
        )
    return warnings


def _model_warnings(settings: Settings) -> list[str]:
    """Return whether another model serves than the best one, for want of a library."""
    from pipeline.errors import ModelError
    from pipeline.wiring import serving

    try:
        found = serving(settings)
    except ModelError:
        return []
    return [f"model {found.name} serves: {found.why}"] if "not installed" in found.why else []


def _liaison_warnings(settings: Settings) -> list[str]:
    from pipeline import wiring
    from pipeline.errors import UsageError
    from pipeline.routing.coverage import coverage_warnings, holiday_warnings

    try:
        policy = wiring.policy(settings)
        warnings = [*coverage_warnings(policy, wiring.taxonomy(settings)), *holiday_warnings(policy)]
    except UsageError:
        return []
    unsigned = [one.id for one in policy.desks if one.unsigned_answers] if settings.answers.address else []
    if unsigned:
        warnings.append(
            f"unsigned_answers: who gets hold of a digest of {', '.join(unsigned)} can act for them by mail"
        )
    own = {settings.answers.address, settings.smtp.from_address if settings.smtp else None}
    looping = [one.id for one in policy.desks if one.address in own]
    if looping:
        warnings.append(
            f"{', '.join(looping)}: the desk's own address; digests sent there come in again as mail"
        )
    invented = [one.id for one in policy.desks if one.address.endswith((".example", ".invalid"))]
    return [*warnings, *([f"liaisons with invented addresses: {', '.join(invented)}"] if invented else [])]
