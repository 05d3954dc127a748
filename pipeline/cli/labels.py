"""Commands of the learning loop: `label`, `labels export`, `labels audit`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.contents import group
from pipeline.cli.learning import Fixtures
from pipeline.cli.options import (
    DEFAULT_SETTINGS,
    Json,
    SettingsFile,
    is_there,
    own_login,
    settings_and_ledger,
    settings_or_packaged,
)

if TYPE_CHECKING:
    from pipeline.classify.audit import Audit
    from pipeline.records.work import Entry
    from pipeline.service.ports import MailReader
    from pipeline.service.ports_people import CorrectionStore
    from pipeline.settings import Settings

app = group("Labels of your own: turn corrections into labelled mail, look for faulty labels.")
_MOST_ROWS = 40
_SEED = 2026


def label(
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="How many mails at most.")] = 20,
    by: Annotated[
        str,
        typer.Option("--by", metavar="NAME", help="Who labels; by default the name you are logged in by."),
    ] = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Label mail of the ledger, the most useful first: see the guess and the evidence, answer by a keystroke.

    Example: triage label --limit 10
    """
    from pipeline import wiring
    from pipeline.cli.keystrokes import keys
    from pipeline.cli.label_session import Session
    from pipeline.service.labelling import queue

    author = by or own_login()
    with settings_and_ledger(settings) as (loaded, ledger), wiring.mail_reader() as reader:
        store = ledger.corrections
        session = Session(
            store, wiring.taxonomy(loaded), author, wiring.utc_now, keys(), partial(_whole, store, reader)
        )
        done = session.run(queue(store, author, limit))
        left = len(store.unlabelled(limit, author))
    more = "more wait" if left else "nothing is left to label"
    print(f"{done} labelled by {author}; {more}. Export them with: triage labels export --to FOLDER")


@app.command(short_help="Corrected mail as labelled mail, names invented")
def export(
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Outside the program; made if missing.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")
    ] = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Turn corrected mail into labelled mail to train on: names invented, each confirmed by you.

    Example: triage labels export --to ~/partnership-labels --dry-run
    """
    from pipeline import wiring
    from pipeline.adapters.files.fixturefolder import FixtureFolder
    from pipeline.cli.keystrokes import keys
    from pipeline.cli.label_export import Export
    from pipeline.cli.output import say
    from pipeline.resources import packaged

    folder = FixtureFolder(to, _program())
    with settings_and_ledger(settings) as (loaded, ledger), wiring.mail_reader() as reader:
        known = folder.ids()
        wanted = [key for key in ledger.corrections.labelled() if identifier(key) not in known]
        if not dry_run:
            folder.prepare()
        run = Export(folder, reader, wiring.taxonomy(loaded), None if dry_run else keys())
        for labelled in (one for key in wanted for one in ledger.corrections.read([key])):
            if not run.offer(labelled, identifier(labelled.entry.key)):
                break
    say(f"{run.written} written, {run.refused} left out, {len(known)} were there before: {folder.path}")
    if run.written:
        both = shlex.join(["--fixtures", str(packaged("fixtures")), "--fixtures", str(to)])
        print(f"Train on both with: triage train {both}")


@app.command(short_help="Look for labels that may be wrong")
def audit(
    fixtures: Fixtures = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            min=0,
            max=999_999,
            metavar="N",
            help="Train anew, on folds by this seed; by default what the model said when it was trained is taken.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Look for labels that may be wrong: against the model out of fold, against copies, against rules that decide.

    Example: triage labels audit --json
    """
    from pipeline.cli.output import progress, write_json

    loaded = settings_or_packaged(settings)
    with progress() as show:
        found = _audited(loaded, fixtures or (), seed, show)
    told = audit_object(found) | _progress_object(settings)
    write_json(told) if as_json else _show_audit(found, told)


def identifier(key: str) -> str:
    """Return the id under which the mail of an inquiry is exported, so that it can be found again."""
    return f"own-{key.lower()}"


def audit_object(found: Audit) -> dict[str, Any]:
    """Return an audit as JSON."""
    return {
        "messages": found.messages,
        "suspects": None
        if found.suspects is None
        else [
            {
                "id": one.id,
                "field": one.field,
                "label": one.label,
                "rather": one.rather,
                "quality": round(one.quality, 4),
            }
            for one in found.suspects
        ],
        "duplicates": [
            {
                "ids": list(one.ids),
                "similarity": round(one.similarity, 3),
                "differing": {f: list(v) for f, v in one.differing.items()},
            }
            for one in found.duplicates
        ],
        "contradictions": [
            {"id": one.id, "rule": one.rule, "field": one.field, "label": one.label, "rule_says": one.says}
            for one in found.contradictions
        ],
        "values": {field: dict(counts) for field, counts in found.values.items()},
        "languages": {language: dict(counts) for language, counts in found.languages.items()},
        "rare": list(found.rare),
    }


def _whole(store: CorrectionStore, reader: MailReader, entry: Entry) -> str:
    """Return all that stands in the deciding message, or what the ledger keeps of its text."""
    from pipeline.errors import UnreadableMessage

    for one in store.read([entry.key]):
        try:
            inquiry = reader.read(one.octets, one.received_at) if one.octets else None
        except UnreadableMessage:
            inquiry = None
        if inquiry is not None:
            return (
                inquiry.body
                if inquiry.text.strip()[:200] in inquiry.body
                else f"{inquiry.body}\n\n{inquiry.text}"
            )
    return entry.text


def _program() -> tuple[Path, ...]:
    """Return the folders that belong to the program: the package, and the checkout that it runs from."""
    import pipeline

    package = Path(pipeline.__file__).parent
    checkout = package.parent
    return (package, checkout) if (checkout / "pyproject.toml").exists() else (package,)


def _audited(settings: Settings, fixtures: Sequence[Path], seed: int | None, show: Any) -> Audit:
    from pipeline import wiring
    from pipeline.classify.audit import audit as look
    from pipeline.classify.train import train
    from pipeline.cli.measuring import judged_by, read_examples
    from pipeline.cli.output import say

    examples = read_examples(settings, wiring.rulebook(settings), fixtures, "train", show)
    known = judged_by(settings, examples) if seed is None else None
    if known:
        model, fields, judged = known
        say(f"Held against what model {model} said of each mail out of fold; --seed trains anew.")
        return look(examples, fields, judged)
    trained = train(
        examples,
        wiring.taxonomy(settings),
        name="audit",
        seed=_SEED if seed is None else seed,
        progress=lambda done, total: show("train", done, total),
    )
    return look(examples, trained.held_out.fields, trained.held_out.judged)


def _progress_object(settings: Path) -> dict[str, Any]:
    """Return how far labelling of the ledger's mail is, where there are settings."""
    if not is_there(settings):
        return {"ledger": None}
    with settings_and_ledger(settings) as (_, ledger):
        labelled = len(ledger.corrections.labelled())
        return {"ledger": {"labelled": labelled, "authors": dict(ledger.corrections.counts())}}


def _show_audit(found: Audit, told: dict[str, Any]) -> None:
    from pipeline.cli.output import console, safe, say, table

    if found.suspects is None:
        say("Suspect labels need cleanlab: pip install 'partnership-triage[audit]'. The rest follows.")
    shown = table("Suspect labels, worst first", "id", "field", "label", "rather", ">quality")
    for one in (found.suspects or ())[:_MOST_ROWS]:
        shown.add_row(safe(one.id), one.field, one.label, one.rather, f"{one.quality:.3f}")
    console().print(shown)
    shown = table("Copies with different labels", "ids", ">alike", "differing")
    for copy in found.duplicates[:_MOST_ROWS]:
        differing = "; ".join(f"{field}: {' / '.join(values)}" for field, values in copy.differing.items())
        shown.add_row(safe(" ".join(copy.ids)), f"{copy.similarity:.2f}", safe(differing))
    console().print(shown)
    shown = table("Labels against rules that decide", "id", "rule", "field", "label", "rule says")
    for against in found.contradictions[:_MOST_ROWS]:
        shown.add_row(safe(against.id), against.rule, against.field, against.label, against.says)
    console().print(shown)
    shown = table("Labels by language", "language", *(f">{kind}" for kind in found.values.get("kind", {})))
    for language, counts in list(found.languages.items())[:_MOST_ROWS]:
        shown.add_row(
            safe(language), *(str(counts.get(kind, 0) or "") for kind in found.values.get("kind", {}))
        )
    console().print(shown)
    shown = table("Labels by value", "field", "values")
    for field, counts in found.values.items():
        shown.add_row(field, ", ".join(f"{value} {count}" for value, count in counts.items()))
    console().print(shown)
    total, doubtful = found.messages, len({one.id for one in found.suspects or ()})
    print(f"{total} messages: {doubtful} with a suspect label, {len(found.duplicates)} pairs of copies that differ,"
          f" {len(found.contradictions)} against a rule; rare: {', '.join(found.rare) or 'nothing'}")  # fmt: skip
    if told["ledger"]:
        names = ", ".join(f"{author} {count}" for author, count in told["ledger"]["authors"].items())
        print(
            f"Of the ledger's inquiries people judged {told['ledger']['labelled']}: {names or 'nobody yet'}"
        )
