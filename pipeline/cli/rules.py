"""Commands on the rules: `rules check`, `test`, `audit`, `try`, `fit` and `init`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.contents import group
from pipeline.cli.options import (
    DEFAULT_SETTINGS,
    Json,
    Labelled,
    Mails,
    Seed,
    SettingsFile,
    settings_or_packaged,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.errors import Fault
    from pipeline.records.inquiries import View
    from pipeline.rulebook.book import Rulebook
    from pipeline.settings import Settings

app = group("The rules: check, test, audit and try them; fit their weights; begin a folder of your own.")
Folder = Annotated[
    Path | None,
    typer.Option(
        "--rules",
        metavar="FOLDER",
        help="A folder of rules, by default that of the settings. With a taxonomy.toml it stands alone;"
        " without one it adds to the packaged rules.",
    ),
]

_SAMPLE = """\
# Own rules. They add to the packaged ones; a rule with the id of a packaged one takes its place, and a list
# terms/NAME.toml adds its terms to the packaged list of that name.
# Try them on a mail:   triage rules try --rules . FILE
# Test their examples:  triage rules test --rules .

[[rule]]
id = "own.wiki-camp"
description = "Speaks of our yearly summer camp: the events team answers"
tags = ["activities=training_event"]
# route = "lieve"    # who gets it: an id of liaisons.toml, or fallback, triage, low_priority
priority = 5         # points added to the priority
terms = ["wiki camp", "wikicamp*"]
weights = { subject = 2.0, body = 1.0 }
hits = ["Our school would like to send ten students to the wiki camp."]
misses = ["Our school would like to send ten students to the museum."]
"""


@app.command(short_help="Report every fault in rules and lists of terms")
def check(
    rules: Folder = None,
    fixtures: Labelled = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Read all rules and lists of terms; report every fault with file, rule and path.

    Example: triage rules check --rules my-rules
    """
    from dataclasses import asdict

    from pipeline.cli.output import complain, say, write_json

    loaded = _settings(rules, settings)
    found = _checked(loaded, fixtures)
    if as_json:
        write_json(found | {"faults": [asdict(fault) for fault in found["faults"]]})
    else:
        for fault in found["faults"]:
            complain(str(fault))
        for warning in found["warnings"]:
            say(f"warning: {warning}")
        if not found["faults"]:
            print(f"all is well: {found['rules']} rules, {found['lists']} lists; version {found['version']}")
    count = len(found["faults"])
    if count:
        say(f"{count} fault{'s' if count > 1 else ''}")
        raise typer.Exit(2)


@app.command(name="test", short_help="Run the examples of every rule")
def run_examples(
    rules: Folder = None,
    fixtures: Labelled = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Run the examples of every rule: hits have to hit, misses to miss.

    Example: triage rules test
    """
    from dataclasses import asdict

    from pipeline import parsing, wiring
    from pipeline.cli.output import complain, write_json
    from pipeline.rulebook.examples import run

    labelled = _fixtures(fixtures)
    book = wiring.rulebook(_settings(rules, settings), labelled)
    failures = run(book, parsing.read, labelled)
    count = sum(len(rule.hits) + len(rule.misses) for rule in book.rules)
    if as_json:
        write_json(
            {"rules": len(book.rules), "examples": count, "failures": [asdict(one) for one in failures]}
        )
    else:
        for failure in failures:
            complain(str(failure))
        failed = f"{len(failures)} do not hold" if failures else "all hold"
        print(f"{len(book.rules)} rules, {count} examples: {failed}")
    raise typer.Exit(int(bool(failures)))


@app.command(short_help="Hold each rule against labelled mail, the worst first")
def audit(
    rules: Folder = None,
    fixtures: Labelled = None,
    views: Annotated[bool, typer.Option("--views", help="A row for each view in which a rule hit.")] = False,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Hold each rule against the labelled train part: coverage, overlap, conflict, precision; the worst first.

    Example: triage rules audit --csv
    """
    from pipeline import wiring
    from pipeline.cli.measuring import train_part
    from pipeline.cli.output import say, write_json
    from pipeline.cli.rules_tables import audit_object, show_audit, write_csv
    from pipeline.errors import UsageError
    from pipeline.rulebook.audit import Labelled, silent
    from pipeline.rulebook.audit import audit as audited

    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other; give one of them")
    loaded = _settings(rules, settings)
    book = wiring.rulebook(loaded)
    examples = train_part(loaded, _fixtures(fixtures))
    messages = [Labelled(id=one.id, inquiry=one.inquiry, labels=one.labels) for one in examples]
    rows = audited(book, messages, by_view=views)
    if as_json:
        for row in rows:
            write_json(audit_object(row))
    elif as_csv:
        write_csv(rows)
    else:
        show_audit(rows, len(messages))
        for name in silent(book, rows):
            say(f"never hits: {name}")


@app.command(name="try", short_help="Show which rules hit a mail, and on which words")
def try_(
    files: Mails,
    rules: Folder = None,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Show which rules hit a mail, where, on which words, and what they say together.

    Example: triage rules try --rules my-rules fixtures/messages/a001.eml
    """
    from pipeline import wiring
    from pipeline.cli.output import write_json
    from pipeline.cli.reading import read_file, tell_unread
    from pipeline.cli.rules_tables import show_tried, tried_object
    from pipeline.rulebook.match import hits
    from pipeline.rulebook.vote import vote

    loaded = _settings(rules, settings)
    book, taxonomy = wiring.rulebook(loaded), wiring.taxonomy(loaded)
    failed = False
    with wiring.mail_reader() as reader:
        for file in files:
            inquiry = read_file(reader, file)
            if isinstance(inquiry, Exception):
                failed = True
                tell_unread(file, inquiry, as_json=as_json)
                continue
            found = hits(book, inquiry)
            said = vote(found, taxonomy)
            if as_json:
                write_json(tried_object(file, found, said))
            else:
                show_tried(file, inquiry.base_subject, found, said)
    raise typer.Exit(int(failed))


@app.command(short_help="Learn the weights of hints from labelled mail")
def fit(
    rules: Folder = None,
    fixtures: Labelled = None,
    write: Annotated[bool, typer.Option("--write", help="Write the weights into the rule files.")] = False,
    seed: Seed = 2026,
    as_json: Json = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Learn the weights of hints from the labelled train part, and show what the rules alone are worth.

    Example: triage rules fit --rules my-rules --write
    """
    from dataclasses import asdict

    from pipeline import wiring
    from pipeline.classify.rule_weights import evaluate_weights, fit_weights
    from pipeline.cli.measuring import train_part
    from pipeline.cli.output import say, write_json
    from pipeline.cli.rules_tables import show_fit

    loaded = _settings(rules, settings)
    taxonomy = wiring.taxonomy(loaded)
    examples = train_part(loaded, _fixtures(fixtures))
    fits = evaluate_weights(examples, taxonomy, seed)
    if as_json:
        for one in fits:
            write_json(asdict(one))
    else:
        show_fit(fits)
    if not write:
        say("Nothing was written; write the weights with --write")
        return
    _write_weights(loaded, fit_weights(examples, taxonomy))


@app.command(short_help="Begin a folder of own rules")
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write.")],
    whole: Annotated[
        bool, typer.Option("--whole", help="Copy all packaged rules, to replace them instead of adding.")
    ] = False,
) -> None:
    """Begin a folder of own rules: one sample rule that adds to the packaged ones, or a copy of all of them.

    Example: triage rules init my-rules
    """
    import shutil

    from pipeline.cli.output import say
    from pipeline.errors import OutputError, UsageError
    from pipeline.resources import packaged

    try:
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"{folder}: not empty; name a new folder")
        if whole:
            shutil.copytree(packaged("rules"), folder, dirs_exist_ok=True)
        else:
            (folder / "terms").mkdir(parents=True)
            (folder / "own.toml").write_text(_SAMPLE, encoding="utf-8")
    except OSError as error:
        raise OutputError.at(folder, error) from None
    said = "all packaged rules, yours to change" if whole else "own.toml with one rule, to be edited"
    print(f"written: {folder}: {said}")
    say(
        f'Name it in triage.toml: [folders] rules = "{folder}"; check it with: triage rules check --rules {folder}'
    )


def _settings(rules: Path | None, settings: Path) -> Settings:
    """Return the settings with `rules` as their folder of rules."""
    from pipeline.errors import UsageError

    loaded = settings_or_packaged(settings)
    if rules is None:
        return loaded
    if not rules.is_dir():
        raise UsageError(f"{rules}: no such folder; begin one with: triage rules init {rules}")
    return loaded.model_copy(update={"folders": loaded.folders.model_copy(update={"rules": rules})})


def _fixtures(fixtures: Path | None) -> Path:
    from pipeline.errors import UsageError
    from pipeline.resources import packaged

    if fixtures and not fixtures.is_dir():
        raise UsageError(f"{fixtures}: no such folder; name one with messages/ and a labels.csv")
    return fixtures or packaged("fixtures")


def _checked(settings: Settings, fixtures: Path | None) -> dict[str, Any]:
    """Return what there is, all faults, and what is hardly meant."""
    from pipeline import wiring
    from pipeline.errors import DeclarationError
    from pipeline.resources import packaged
    from pipeline.routing.routes import unknown_routes
    from pipeline.rulebook.load import in_order, load_rulebook, unused_lists
    from pipeline.taxonomy import load_taxonomy

    rules, own = wiring.rules_folder(settings), wiring.own_rules(settings)
    faults: list[Fault] = []
    book = None
    try:
        taxonomy = wiring.taxonomy(settings)
    except DeclarationError as error:
        faults += error.faults
        taxonomy = load_taxonomy(packaged("rules"))
    try:
        book = load_rulebook(rules, taxonomy, _fixtures(fixtures), own)
        faults += unknown_routes(book.rules, wiring.policy(settings)) if settings.folders.liaisons else ()
        wiring.criteria(settings, book)
    except DeclarationError as error:
        faults += error.faults
    folders = (rules, own) if own else (rules,)
    return {
        "folders": [str(folder) for folder in folders],
        "rules": len(book.rules) if book else 0,
        "lists": len({path.stem for folder in folders for path in (folder / "terms").glob("*.toml")}),
        "version": book.version if book else "",
        "faults": in_order(faults),
        "warnings": [
            *(f"no rule asks for the list {name!r}" for name in unused_lists(book, *folders)),
            *_unchecked_routes(book, settings),
        ]
        if book
        else [],
    }


def _unchecked_routes(book: Rulebook, settings: Settings) -> Iterator[str]:
    """Yield a warning for each route that nobody can check, as the settings name no file of liaisons."""
    if settings.folders.liaisons is not None:
        return
    for rule in book.rules:
        if rule.route:
            why = "the settings name no file of liaisons ([folders] liaisons)"
            yield f"{rule.file}: rule {rule.id!r}: route {rule.route!r} is unchecked: {why}"


def _write_weights(settings: Settings, weights: Mapping[tuple[str, View | None], float]) -> None:
    from pipeline import wiring
    from pipeline.cli.output import say
    from pipeline.errors import OutputError
    from pipeline.rulebook.load import rule_files
    from pipeline.rulebook.rewrite import with_weights

    for path in rule_files(wiring.own_rules(settings) or wiring.rules_folder(settings)):
        text = path.read_text(encoding="utf-8")
        changed = with_weights(text, weights)
        if changed == text:
            continue
        try:
            path.write_text(changed, encoding="utf-8")
        except OSError as error:
            raise OutputError.at(path, error) from None
        say(f"written: {path}")
