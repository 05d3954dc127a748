"""What rounds did and what the ledger holds, as tables for people and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.records.status import Health, LedgerStatus
    from pipeline.service.rounds import RoundReport

# Outcome to words for people, in the order of the table.
_OUTCOMES = {
    "assign": "to a liaison",
    "review": "to review: a person looks first",
    "automated": "filed: automatic mail",
    "spam": "filed: spam",
    "file": "filed by a rule",
    "same": "another copy of a known message",
    "returned": "told what became of a mail of ours",
    "answer": "answers by mail, carried out",
    "set-aside": "set aside: a step failed",
    "forgotten": "forgotten before: not kept again",
}
# Shown even if none: people look for these.
_ALWAYS = ("assign", "review", "automated", "spam")


def round_table(report: RoundReport) -> Table:
    """Return what one round did."""
    from pipeline.cli.output import table

    made = table("This round", "what", ">count")
    made.add_row("new messages", str(report.recorded.stored))
    if report.recorded.known:
        made.add_row("seen before", str(report.recorded.known))
    if report.recorded.refused:
        made.add_row("refused by size", str(report.recorded.refused))
    for name, words in _OUTCOMES.items():
        if report.outcomes[name] or (report.outcomes and name in _ALWAYS):
            made.add_row(f"  {words}", str(report.outcomes[name]))
    for liaison, count in sorted(report.assigned.items()):
        made.add_row(f"assigned to {liaison}", str(count))
    if report.marked:
        made.add_row("told to the mailbox", str(report.marked))
    if report.written:
        made.add_row("tickets told", str(report.written))
    for outcome, count in report.delivery.items():
        if count:
            made.add_row(f"mails {outcome.value}", str(count))
    return made


def report_object(report: RoundReport) -> dict[str, Any]:
    """Return what one round did, as JSON."""
    return {
        **asdict(report.recorded),
        "outcomes": dict(report.outcomes),
        "assigned": dict(report.assigned),
        "marked": report.marked,
        "written": report.written,
        "queued": report.queued,
        "delivery": {outcome.value: count for outcome, count in report.delivery.items()},
        "problems": list(report.problems),
    }


def demo_table(report: RoundReport, status: LedgerStatus) -> Table:
    """Return what the demonstration did, and what the ledger holds now."""
    made = round_table(report)
    made.title = "What happened"
    made.add_section()
    made.add_row("in the ledger: messages", str(sum(status.messages.values())))
    made.add_row("in the ledger: inquiries", str(sum(status.inquiries.values())))
    return made


def show_status(status: LedgerStatus, fares: Health) -> None:
    """Print what the ledger holds, and how the accounts fare."""
    from pipeline.cli.output import console, moment, safe, table

    counts = table("Ledger", "what", ">count")
    for title, group in _groups(status):
        for name, count in group.items():
            counts.add_row(f"{title} {name}", str(count))
    counts.add_row("without a liaison", str(status.unassigned))
    counts.add_row("overdue", str(status.overdue))
    counts.add_row("overdue, the deputy was told", str(status.escalated))
    console().print(counts)
    _show_accounts(fares)
    sources = table("Mailboxes", "account", "mailbox", ">UID", "looked at")
    for one in status.sources:
        sources.add_row(safe(one.source), safe(one.mailbox), str(one.uid), moment(one.checked_at))
    console().print(sources)
    if status.set_aside:
        aside = table("Set aside", "where", "step", "reason", "when")
        for each in status.set_aside:
            aside.add_row(safe(each.place), each.step, safe(each.reason), moment(each.at))
        console().print(aside)
    console().print(f"rules {status.rulebook_version or '-'}, model {status.model_version or '-'}")


def status_object(status: LedgerStatus) -> dict[str, Any]:
    """Return what the ledger holds, as JSON."""
    found: dict[str, Any] = _plain(asdict(status))
    return found


def health_object(fares: Health) -> dict[str, Any]:
    """Return how the service fares, as JSON."""
    found = _plain(asdict(fares))
    return {
        "service": {
            "state": found["service"],
            "since": found["since"],
            "alive_at": found["alive_at"],
        },
        "accounts": found["accounts"],
        "next_runs": found["next_runs"],
        "trouble": found["troubles"],
    }


def show_health(fares: Health) -> None:
    """Print whether the service runs, and what comes next."""
    from pipeline.cli.output import console, moment, safe, table

    since = f" since {moment(fares.since)}" if fares.since and fares.service == "running" else ""
    last = f", last seen {moment(fares.alive_at)}" if fares.alive_at and not since else ""
    print(f"service: {fares.service.value}{since}{last}")
    coming = table("Next", "what", "when")
    for run in fares.next_runs:
        coming.add_row(safe(run.name), moment(run.at) if run.at else "as soon as the service runs")
    console().print(coming)


def _show_accounts(fares: Health) -> None:
    from pipeline.cli.output import console, moment, safe, table

    accounts = table("Sources", "account", "read to the end", ">waiting", ">messages", "failed", "why")
    for one in fares.accounts:
        accounts.add_row(
            safe(one.name),
            moment(one.succeeded_at) if one.succeeded_at else "never",
            str(one.waiting),
            str(one.messages),
            moment(one.failed_at) if one.failed_at else "",
            safe(one.error),
        )
    console().print(accounts)


def _plain(value: Any) -> Any:
    """Return `value` with times as text, for JSON."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _groups(status: LedgerStatus) -> tuple[tuple[str, Any], ...]:
    return (
        ("messages", status.messages),
        ("inquiries", status.inquiries),
        ("decided:", status.dispositions),
        ("with", status.loads),
        ("off duty:", status.off_duty),
        ("mails", status.outbox),
        ("write-backs", status.writebacks),
    )
