"""Commands that look at single mails: `parse`, `tag`, `explain`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    DEFAULT_SETTINGS,
    Json,
    Mails,
    SettingsFile,
    is_there,
    opened_ledger,
    settings_or_packaged,
)

if TYPE_CHECKING:
    from pipeline.records.decisions import Decision
    from pipeline.records.inquiries import Inquiry
    from pipeline.records.threads import History
    from pipeline.service.ports import MailReader
    from pipeline.service.tagging import Tagger

# Mails that go through the model together.
_BATCH = 50
# What all rules together say of a value is shown from this probability on.
_VOTE = "rules"
_WORTH_SHOWING = 0.02
_LARGEST_FILE = 100 * 1024 * 1024


def parse(files: Mails, as_json: Json = False) -> None:
    """Show how mails are read: text, quotes, signature, language, automatic or not.

    Example: triage parse --json fixtures/messages/a001.eml
    """
    from pipeline.cli.contracts import parse_object
    from pipeline.cli.output import write_json
    from pipeline.wiring import mail_reader

    failed = False
    with mail_reader() as reader:
        for file in files:
            inquiry = read_file(reader, file)
            if isinstance(inquiry, Exception):
                failed = True
                tell_unread(file, inquiry, as_json=as_json)
            elif as_json:
                write_json(parse_object(file, inquiry))
            else:
                _show_inquiry(file, inquiry)
    raise typer.Exit(int(failed))


def tag(files: Mails, as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Tag mails, each by itself: kind, partner type, region, alignment, priority, what becomes of it.

    Example: triage tag --json fixtures/messages/a001.eml fixtures/messages/a002.eml
    """
    from pipeline.cli.contracts import tag_object
    from pipeline.cli.output import write_json
    from pipeline.cli.rows import Rows

    failed, rows = False, Rows("field", "value", "sure")
    with _witnesses(settings) as (judge, reader):
        # A table shows no evidence, so none is worked out for it.
        for file, inquiry, decision in _all_tagged(judge, reader, files, explain=as_json):
            if isinstance(decision, Exception):
                failed = True
                tell_unread(file, decision, as_json=as_json)
            elif as_json and inquiry:
                write_json(tag_object(file, inquiry, decision))
            elif inquiry:
                rows.show(file, _decision_rows(file, inquiry, decision))
    raise typer.Exit(int(failed))


def explain(
    mail: Annotated[str, typer.Argument(metavar="FILE|KEY", help="A mail (.eml), or the KEY of an inquiry.")],
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Show all evidence for a decision, field by field, and the priority line by line; of a KEY the messages, too.

    Example: triage explain fixtures/messages/a001.eml
    """
    from pipeline.cli.contracts import evidence_objects
    from pipeline.cli.history import history_object, show_history
    from pipeline.cli.output import write_json

    title, decision, history = _decision_on(mail, settings)
    if as_json:
        told = history_object(history) if history else {}
        write_json({"mail": mail, "evidence": evidence_objects(decision), **told})
        return
    _show_evidence(title, decision)
    if history:
        show_history(history)


def read_file(reader: MailReader, file: str) -> Inquiry | Exception:
    """Return the mail in a file, or why it cannot be read."""
    from pipeline.errors import UnreadableMessage

    try:
        path = Path(file)
        if path.stat().st_size > _LARGEST_FILE:
            return ValueError(f"larger than {_LARGEST_FILE // 2**20} MiB; too large for one mail")
        return reader.read(path.read_bytes(), None)
    except OSError as error:
        return OSError(error.strerror or "cannot be read")
    except UnreadableMessage as error:
        return error


def tell_unread(file: str, error: Exception, *, as_json: bool) -> None:
    """Tell why a mail could not be read: among the results where programs read them, else on stderr."""
    from pipeline.cli.contracts import error_object
    from pipeline.cli.output import complain, write_json

    if as_json:
        write_json(error_object(file, error))
    else:
        complain(f"{file}: {error}")


@contextmanager
def _witnesses(settings: Path) -> Iterator[tuple[Tagger, MailReader]]:
    """Open what reads and what tags; the one starts while the other loads."""
    from pipeline.wiring import mail_reader, tagger

    with mail_reader() as reader:
        yield tagger(settings_or_packaged(settings)), reader


def _all_tagged(
    judge: Tagger, reader: MailReader, files: Sequence[str], *, explain: bool
) -> Iterator[tuple[str, Inquiry | None, Decision | Exception]]:
    for start in range(0, len(files), _BATCH):
        yield from _tagged(judge, reader, files[start : start + _BATCH], explain=explain)


def _tagged(
    judge: Tagger, reader: MailReader, files: Sequence[str], *, explain: bool = True
) -> list[tuple[str, Inquiry | None, Decision | Exception]]:
    from pipeline.wiring import utc_now

    read = [(file, read_file(reader, file)) for file in files]
    good = [inquiry for _, inquiry in read if not isinstance(inquiry, Exception)]
    decisions = iter(judge.decide(good, utc_now(), explain=explain))
    return [
        (file, None, inquiry) if isinstance(inquiry, Exception) else (file, inquiry, next(decisions))
        for file, inquiry in read
    ]


def _decision_on(mail: str, settings: Path) -> tuple[str, Decision, History | None]:
    """Return a title and the decision on a file, or on the inquiry that the ledger calls `mail`."""
    from pipeline.errors import UsageError

    if is_there(Path(mail)):
        if Path(mail).is_dir():
            raise UsageError(f"{mail}: is a folder; name a mail (.eml), or the KEY of an inquiry")
        with _witnesses(settings) as (judge, reader):
            ((_, inquiry, decision),) = _tagged(judge, reader, [mail])
        if isinstance(decision, Exception):
            raise UsageError(f"{mail}: {decision}; name another mail (.eml), or the KEY of an inquiry")
        return _title(mail, inquiry), decision, None
    if not is_there(settings):
        raise UsageError(
            f"{mail}: no such file, and without settings there is no ledger to look for a KEY in; see --settings"
        )
    return _decision_in_ledger(mail, settings)


def _title(mail: str, inquiry: Inquiry | None) -> str:
    """Return file, subject, and which organisation the mail is taken to come from, and by what."""
    from pipeline.assess.organisation import writer

    if inquiry is None:
        return mail
    who = writer(inquiry)
    told = (who.name, who.domain, f"told by the {who.found_by}" if who.found_by else "")
    return f"{mail}: {inquiry.base_subject} | organisation: {', '.join(filter(None, told)) or 'not told'}"


def _decision_in_ledger(key: str, settings: Path) -> tuple[str, Decision, History | None]:
    from pipeline.errors import UsageError

    with opened_ledger(settings) as ledger:
        entry, history = ledger.inquiries.find(key), ledger.inquiries.history(key)
    if entry is None:
        raise UsageError(
            f"{key}: neither a file nor the KEY of an inquiry in the ledger; write KEYs as digests show them"
        )
    return f"{entry.key}: {entry.subject}", entry.decision, history


def _show_inquiry(file: str, inquiry: Inquiry) -> None:
    from pipeline.cli.contracts import parse_object
    from pipeline.cli.output import console, safe, table

    shown = table(safe(file), "field", "value")
    told = parse_object(file, inquiry)
    for attachment in told["attachments"]:
        attachment["text"] = _extent(attachment["text"])
    told["signed"] = {name: value for name, value in told["signed"].items() if value}
    for name, value in told.items():
        if name != "file" and value not in ("", [], None, {}):
            shown.add_row(name, safe(_words(value)))
    console().print(shown)


def _extent(text: str) -> str:
    return f"{len(text):,} characters" if text else ""


def _decision_rows(file: str, inquiry: Inquiry, decision: Decision) -> list[tuple[str, str, str]]:
    from pipeline.cli.contracts import tag_object

    told = tag_object(file, inquiry, decision)
    grid = told.pop("criteria")
    return [
        (name, _words(value), _sureness(decision, name))
        for name, value in (told | grid).items()
        if name not in ("file", "message_id", "evidence", "confidence", "abstained")
    ]


def _sureness(decision: Decision, field: str) -> str:
    if field not in decision.confidence:
        return ""
    return f"{decision.confidence[field]:.0%}{' ?' if field in decision.abstained else ''}"


def _show_evidence(title: str, decision: Decision) -> None:
    from pipeline.cli.output import console, safe, table
    from pipeline.records.decisions import Source

    shown = table(safe(title), "tag", "source", "name", ">score", "detail")
    for one in decision.evidence:
        if one.source is Source.RULE and one.name == _VOTE and one.score < _WORTH_SHOWING:
            continue
        shown.add_row(one.tag, one.source.value, one.name, f"{one.score:.2f}", safe(one.detail))
    console().print(shown)
    rules, model = decision.rulebook_version, decision.model_version or "none"
    console().print(
        f"{decision.disposition.value}, priority {decision.priority}; rules {rules}, model {model}"
    )


def _words(value: object) -> str:
    if value is None or value == []:
        return "-"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(inner)}" for key, inner in value.items() if inner not in (None, ""))
    if isinstance(value, list):
        return "; ".join(map(_words, value))
    return str(value)
