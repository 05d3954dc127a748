"""Commands for what did not get through: `set-aside`, `outbox`, `writebacks`; each lists, retries, drops."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from pipeline.cli.contents import group
from pipeline.cli.options import DEFAULT_SETTINGS, Json, SettingsFile, Yes, opened_desk, opened_ledger

if TYPE_CHECKING:
    from pipeline.adapters.ledger import SqlLedger
    from pipeline.records.keeping import Aside, AsideDetail, Unsent
    from pipeline.service.ports_keeping import UnsentStore

aside = group("Mail that a step failed on, and answers that were not trusted.")
outbox = group("Mails and pages that did not leave.")
writebacks = group("What help desks were not told.")

Number = Annotated[
    int, typer.Argument(min=1, metavar="NUMBER", help="As the list shows it.", show_default=False)
]
Numbers = Annotated[
    list[int] | None,
    typer.Argument(min=1, metavar="NUMBER", help="As the list shows them; any number.", show_default=False),
]
All = Annotated[bool, typer.Option("--all", help="All that the list shows.")]
Waiting = Annotated[bool, typer.Option("--waiting", help="What waits, too.")]
# What can fail on a mail.
Step = Literal["fetch", "read", "decide", "answer"]
_HEADER_LINES, _HEADER_LENGTH = 60, 4000


@aside.command("list", short_help="What is set aside")
def list_aside(
    step: Annotated[
        Step | None,
        typer.Option(
            "--step", metavar="STEP", help="Only what failed in this one: fetch, read, decide or answer."
        ),
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """List mail that a step failed on, and answers by mail that were not trusted (step `answer`), oldest first.

    Example: triage set-aside list --step answer
    """
    from pipeline.cli.output import console, moment, safe, table, write_json

    with opened_ledger(settings) as opened:
        found = opened.asides.all(step or "")
    if as_json:
        for one in found:
            write_json(aside_object(one))
        return
    made = table(f"Set aside: {len(found)}", ">number", "step", "where", "reason", "when", ">attempts")
    for one in found:
        made.add_row(
            str(one.number), one.step, safe(one.place), safe(one.reason), moment(one.at), str(one.attempts)
        )
    console().print(made)


@aside.command(short_help="All that is known of one")
def show(
    number: Number,
    raw: Annotated[
        Path | None, typer.Option("--raw", metavar="FILE", help="Write its octets to this new file.")
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Show why one was set aside, the trace, and the mail's header, without what a terminal would obey.

    Example: triage set-aside show 3 --raw three.eml
    """
    from pipeline.cli.output import console, moment, safe, say, write_json
    from pipeline.errors import UsageError

    with opened_ledger(settings) as opened:
        found = opened.asides.find(number)
    if found is None:
        raise UsageError(f"{number}: no such number; see: triage set-aside list")
    if as_json:
        header = "\n".join(_header(found))
        write_json({**aside_object(found.aside), "trace": found.trace, "header": header})
    else:
        one = found.aside
        lines = (
            f"{one.number}: {one.step}, {one.place}",
            f"{moment(one.at)}, attempt {one.attempts}",
            one.reason,
        )
        console().print(safe("\n".join(lines)))
        for title, text in (("Trace", found.trace.strip()), ("Header", "\n".join(_header(found)))):
            console().print(f"\n{title}\n{safe(text) or '-'}")
    if raw is not None:
        _write_raw(raw, found)
        say(f"written: {raw}")


@aside.command("retry", short_help="Try them again")
def retry_aside(
    numbers: Numbers = None,
    everything: All = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Send messages through triage again, or fetch what a mailbox could not hand over; tell what still fails.

    Example: triage set-aside retry --all
    """
    from pipeline.service.stuck import retry

    with opened_desk(settings) as desk:
        tried = retry(desk, _chosen(numbers, everything, desk.ledger.asides.all()))
    for one in tried:
        _print_outcome(one.number, one.outcome, done=one.done, as_json=as_json)
    raise typer.Exit(int(any(not one.done for one in tried)))


@aside.command("drop", short_help="Give them up for good")
def drop_aside(
    numbers: Numbers = None,
    everything: All = False,
    yes: Yes = False,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Give messages up for good: their octets are deleted, and the same mail does not come back. The event log keeps that.

    Example: triage set-aside drop 3 --yes
    """
    from pipeline.wiring import utc_now

    with opened_ledger(settings) as opened:
        chosen = _chosen(numbers, everything, opened.asides.all())
        confirm(f"Give up {len(chosen)} messages for good?", yes=yes or not chosen)
        results = {
            one: "" if opened.asides.drop(one, utc_now()) else "there is no such number" for one in chosen
        }
    _report(results, "dropped", as_json=as_json)


class _Said(NamedTuple):
    """What is said of a command: in the help of its group, and in its own."""

    short: str
    whole: str
    example: str

    @property
    def help(self) -> str:
        return f"{self.whole}\n\nExample: {self.example}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """What the commands of one queue say."""

    title: str
    question: str
    list: _Said
    retry: _Said
    drop: _Said


_OUTBOX = _Texts(
    title="Did not leave",
    question="Never send {} mails?",
    list=_Said(
        "What did not leave",
        "List mails and pages that failed for good; with --waiting those that wait or are tried again later, too.",
        "triage outbox list --waiting",
    ),
    retry=_Said(
        "Send them again",
        "Queue mails again that failed, and let those that wait leave at once; the next round of `triage run` sends them.",
        "triage outbox retry 12 13",
    ),
    drop=_Said(
        "Never send them",
        "Never send mails that failed or wait; they are not made again.",
        "triage outbox drop 12 --yes",
    ),
)
_WRITEBACKS = _Texts(
    title="Not told",
    question="Never tell {} tickets?",
    list=_Said(
        "What help desks were not told",
        "List what help desks refused, or could not be told for five days; with --waiting what waits, too.",
        "triage writebacks list",
    ),
    retry=_Said(
        "Tell them again",
        "Queue again what help desks were not told; what is newer of the same ticket goes before what is older.",
        "triage writebacks retry --all",
    ),
    drop=_Said(
        "Never tell them",
        "Never tell a help desk; a later decision on the inquiry is told as always.",
        "triage writebacks drop 4 --yes",
    ),
)


def _commands(app: typer.Typer, texts: _Texts, store_of: Callable[[SqlLedger], UnsentStore]) -> None:
    """Give a group the commands that all queues have."""

    @app.command("list", short_help=texts.list.short, help=texts.list.help)
    def show_all(
        waiting: Waiting = False, as_json: Json = False, settings: SettingsFile = DEFAULT_SETTINGS
    ) -> None:
        with opened_ledger(settings) as opened:
            _list(store_of(opened), texts.title, waiting=waiting, as_json=as_json)

    @app.command("retry", short_help=texts.retry.short, help=texts.retry.help)
    def retry(
        numbers: Numbers = None,
        everything: All = False,
        as_json: Json = False,
        settings: SettingsFile = DEFAULT_SETTINGS,
    ) -> None:
        from pipeline.wiring import utc_now

        with opened_ledger(settings) as ledger:
            store = store_of(ledger)
            results = {one: store.retry(one, utc_now()) for one in _chosen(numbers, everything, store.all())}
        _report(results, "queued", as_json=as_json)

    @app.command("drop", short_help=texts.drop.short, help=texts.drop.help)
    def drop(
        numbers: Numbers = None,
        everything: All = False,
        yes: Yes = False,
        as_json: Json = False,
        settings: SettingsFile = DEFAULT_SETTINGS,
    ) -> None:
        from pipeline.wiring import utc_now

        with opened_ledger(settings) as ledger:
            store = store_of(ledger)
            chosen = _chosen(numbers, everything, store.all())
            confirm(texts.question.format(len(chosen)), yes=yes or not chosen)
            results = {one: store.drop(one, utc_now()) for one in chosen}
        _report(results, "dropped", as_json=as_json)


_commands(outbox, _OUTBOX, lambda ledger: ledger.unsent)
_commands(writebacks, _WRITEBACKS, lambda ledger: ledger.untold)


def aside_object(one: Aside) -> dict[str, Any]:
    """Return one that was set aside, as JSON."""
    return {
        "number": one.number,
        "step": one.step,
        "place": one.place,
        "reason": one.reason,
        "at": one.at.isoformat(),
        "attempts": one.attempts,
        "octets": one.size,
        "whole": one.whole,
    }


def unsent_object(one: Unsent) -> dict[str, Any]:
    """Return one that did not leave, as JSON."""
    return {
        "number": one.number,
        "to": one.to,
        "what": one.what,
        "state": one.state,
        "queued_at": one.queued_at.isoformat(),
        "next_at": one.next_at.isoformat() if one.next_at else None,
        "attempts": one.attempts,
        "error": one.error,
    }


def _list(store: UnsentStore, title: str, *, waiting: bool, as_json: bool) -> None:
    from pipeline.cli.output import console, moment, safe, table, write_json

    found = store.all(("failed", "queued") if waiting else ("failed",))
    if as_json:
        for one in found:
            write_json(unsent_object(one))
        return
    made = table(
        f"{title}: {len(found)}", ">number", "to", "what", "state", "made", "again", ">attempts", "why"
    )
    for one in found:
        again = moment(one.next_at) if one.next_at else "-"
        cells = (
            one.to,
            one.what,
            one.state,
            moment(one.queued_at),
            again,
            str(one.attempts),
            one.error or "-",
        )
        made.add_row(str(one.number), *map(safe, cells))
    console().print(made)


def _chosen(numbers: Sequence[int] | None, everything: bool, listed: Sequence[Aside | Unsent]) -> list[int]:
    """Return the numbers that are meant: named ones, or all."""
    from pipeline.cli.output import say
    from pipeline.errors import UsageError

    if bool(numbers) == everything:
        raise UsageError("name numbers as the list shows them, or give --all")
    if everything and not listed:
        say("The list is empty: nothing to do.")
    return [one.number for one in listed] if everything else list(dict.fromkeys(numbers or ()))


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is lost; where nobody can answer, --yes has to say so."""
    from pipeline.errors import UsageError

    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone; to do it without being asked, give --yes")
    typer.confirm(question, abort=True)


def _report(results: dict[int, str], done: str, *, as_json: bool) -> None:
    """Print what became of each number; the exit status tells whether all was done."""
    for number, why in results.items():
        _print_outcome(number, why or done, as_json=as_json, done=not why)
    raise typer.Exit(int(any(results.values())))


def _print_outcome(number: int, outcome: str, *, done: bool, as_json: bool) -> None:
    from pipeline.cli.output import console, safe, write_json

    if as_json:
        write_json({"number": number, "done": done, "outcome": outcome})
        return
    console().print(safe(f"{number}: {outcome}"), soft_wrap=True)


def _header(detail: AsideDetail) -> list[str]:
    """Return the header fields of a mail, as far as they can be shown."""
    octets = detail.octets or b""
    head = octets.replace(b"\r\n", b"\n").partition(b"\n\n")[0][:_HEADER_LENGTH]
    return head.decode("utf-8", "replace").split("\n")[:_HEADER_LINES]


def _write_raw(path: Path, detail: AsideDetail) -> None:
    from pipeline.errors import OutputError, UsageError

    if detail.octets is None:
        raise UsageError(f"{path}: nothing to write, the octets are not kept; leave out --raw")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(detail.octets)
    except OSError as error:
        raise OutputError.at(path, error) from None
