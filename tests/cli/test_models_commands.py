"""`triage train`, `evaluate` and `models`, on sixty labelled mails of the train part."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline import wiring
from pipeline.classify import answers
from pipeline.classify.manifest import checksums, seal
from pipeline.cli.main import main
from pipeline.service.rounds import Desk
from pipeline.settings import load_settings

# On one worker: the model is trained once.
pytestmark = pytest.mark.xdist_group("trained")

ROOT = Path(__file__).resolve().parents[2]
_TRAIN, _TEST, _OTHER = 60, 12, 12
_SETTINGS = (
    '[folders]\nmodels = "models"\nliaisons = "liaisons.toml"\n[ledger]\nurl = "sqlite:///triage.db"\n'
)


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


def _run(capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Done:
    monkeypatch.setattr(sys, "argv", ["triage", *arguments])
    capture.readouterr()
    status = 0
    try:
        main()
    except SystemExit as end:
        status = int(end.code or 0)
    told = capture.readouterr()
    return Done(status, told.out, told.err)


def _fixtures(folder: Path, source: Path, rows: list[dict[str, str]], test: set[str]) -> Path:
    (folder / "messages").mkdir(parents=True)
    known = {row["id"] for row in rows}
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(row if row["in_reply_to"] in known else {**row, "in_reply_to": ""} for row in rows)
    if test:
        lines = ["id,split", *(f"{one},{'test' if one in test else 'train'}" for one in sorted(known))]
        (folder / "splits.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for one in known:
        shutil.copyfile(source / "messages" / f"{one}.eml", folder / "messages" / f"{one}.eml")
    return folder


@pytest.fixture(scope="module")
def trained(
    fixtures: Path, train_labels: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A place with labelled mail, of which some is called the test part here, and a model called one."""
    place = tmp_path_factory.mktemp("place")
    rows = list(train_labels.values())[:: len(train_labels) // (_TRAIN + _TEST + _OTHER)]
    own, other = rows[: _TRAIN + _TEST], rows[_TRAIN + _TEST : _TRAIN + _TEST + _OTHER]
    _fixtures(place / "labelled", fixtures, own, {row["id"] for row in own[::6]})
    _fixtures(place / "other", fixtures, other, set())
    shutil.copyfile(ROOT / "rules" / "liaisons.toml", place / "liaisons.toml")
    (place / "triage.toml").write_text(_SETTINGS, encoding="utf-8")
    _quietly(place, "train", "--fixtures", "labelled", "--name", "one", "--seed", "7")
    return place


@pytest.fixture(scope="module")
def served(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with the model promoted."""
    place = Path(shutil.copytree(trained, tmp_path_factory.mktemp("served") / "place"))
    _quietly(place, "models", "promote", "one", "--fixtures", "labelled")
    return place


def _quietly(place: Path, *arguments: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("XDG_CACHE_HOME", str(place / "cache"))
        patch.setattr(sys, "argv", ["triage", *arguments])
        status: object = 0
        try:
            main()
        except SystemExit as end:
            status = end.code
        assert not status


@pytest.fixture
def place(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "place"))


@pytest.fixture
def triage(place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.chdir(place)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    return lambda *arguments: _run(capfd, monkeypatch, *arguments)


def _variant(place: Path, name: str, spoil: bool = False, shift: int = 0) -> None:
    """Make another model of the one there is: the same, worse at kind, or trained on other folds."""
    source, folder = place / "models" / "one", place / "models" / name
    shutil.copytree(source, folder)
    rows = answers.read((source / "answers.csv").read_text(encoding="utf-8"), "answers.csv")
    changed = [
        answers.Row(
            id=row.id,
            message=row.message,
            group=row.group,
            fold=(row.fold + shift) % 5,
            labels=row.labels,
            answers={**row.answers, "kind": ("automated",)} if spoil else row.answers,
        )
        for row in rows
    ]
    fields = list(json.loads((source / "card.json").read_text(encoding="utf-8"))["metrics"]["fields"])
    (folder / "answers.csv").write_text(answers.write(changed, fields), encoding="utf-8")
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "card.json"}
    card |= {"name": name, "version": f"{name}-12345678", "files": checksums(files)}
    (folder / "card.json").write_text(json.dumps(card | {"seal": seal(card)}), encoding="utf-8")


def test_training_writes_a_whole_model_with_figures_of_the_whole_pipeline(trained: Path) -> None:
    folder = trained / "models" / "one"
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert card["examples"] == _TRAIN
    assert {one["field"] for one in card["whole_pipeline"]["decisions"]} >= {
        "kind",
        "country",
        "region",
        "urgency",
    }
    assert card["whole_pipeline"]["honest_mail"]["honest"] > 20
    assert "## The whole pipeline" in report
    assert "partnership and endorsement mails" in report
    assert sum(path.stat().st_size for path in folder.iterdir()) < 8_000_000
    assert not list((trained / "models").glob(".*"))


def test_list_and_show_tell_what_there_is(triage: Command, place: Path) -> None:
    (place / "models" / "broken").mkdir()
    rows = [json.loads(line) for line in triage("models", "list", "--json").stdout.splitlines()]
    assert [(row["name"], row["serves"], bool(row["fault"])) for row in rows] == [
        ("broken", False, True), ("one", False, False)
    ]  # fmt: skip
    assert "in order" in triage("models", "list").stdout
    shown = json.loads(triage("models", "show", "one", "--json").stdout)
    assert (shown["name"], shown["events"], shown["final"]) == ("one", [], None)
    assert "test part: not opened" in triage("models", "show", "one").stdout
    assert triage("models", "show", "nobody").returncode == 1


def test_the_card_names_the_commit_of_the_program(trained: Path) -> None:
    card = json.loads((trained / "models" / "one" / "card.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"[0-9a-f]{40}", card["commit"]) if (ROOT / ".git").is_dir() else card["commit"] == ""


def test_status_says_which_model_serves_and_why(triage: Command, place: Path) -> None:
    assert "model in force: base: nothing was promoted" in triage("status").stdout
    (place / "models" / "current.json").write_text("{", encoding="utf-8")
    assert "current.json" in json.loads(triage("status", "--json").stdout)["model"]["why"]


def test_promote_serve_roll_back(triage: Command, place: Path) -> None:
    _variant(place, "two")
    assert triage("models", "promote", "one", "--fixtures", "labelled").returncode == 0
    settings = load_settings(place / "triage.toml")
    assert wiring.serving(settings).name == "one"
    done = triage("models", "promote", "two", "--fixtures", "labelled", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["promoted"], told["comparison"]["messages"]) == (0, "two", _TRAIN)
    assert told["final"]["n"] > 0
    model = wiring.model(settings)
    assert model is not None
    assert wiring.serving(settings).name == "two"
    assert json.loads(triage("models", "rollback", "--json").stdout)["serves"] == "one"
    refused = triage("models", "rollback")
    assert refused.returncode == 1
    assert "models/base" in refused.stderr
    assert wiring.serving(settings).name == "one"


def test_a_worse_model_is_promoted_only_with_a_reason_that_its_card_keeps(
    triage: Command, place: Path
) -> None:
    _variant(place, "worse", spoil=True)
    triage("models", "promote", "one", "--fixtures", "labelled")
    compared = json.loads(triage("models", "compare", "one", "worse", "--json").stdout)
    found = {one["tag"]: one for one in compared["differences"]}
    assert found["kind"]["worse"]
    assert found["kind"]["high"] < 0
    assert not found["activities"]["worse"]
    refused = triage("models", "promote", "worse", "--fixtures", "labelled")
    assert refused.returncode == 1
    assert "worse than one beyond the interval: kind" in refused.stderr
    openings = (place / "models" / "final.jsonl").read_text(encoding="utf-8").count("\n")
    assert openings == 1, "the test part is not opened for a model that is refused"
    assert triage("models", "promote", "worse", "--force").returncode == 2
    assert triage("models", "promote", "worse", "--reason", "x").returncode == 2
    forced = triage(
        "models", "promote", "worse", "--force", "--reason", "labels mended", "--fixtures", "labelled"
    )
    assert forced.returncode == 0
    card = json.loads((place / "models" / "worse" / "card.json").read_text(encoding="utf-8"))
    assert card["promotions"][0]["reason"] == "labels mended"
    assert "kind" in card["promotions"][0]["worse"]
    assert wiring.model(load_settings(place / "triage.toml")) is not None
    assert "forced: labels mended" in triage("models", "show", "worse").stdout


def test_models_of_other_folds_are_not_compared(triage: Command, place: Path) -> None:
    _variant(place, "moved", shift=1)
    triage("models", "promote", "one", "--fixtures", "labelled")
    for command in (("compare", "one", "moved"), ("promote", "moved", "--fixtures", "labelled")):
        done = triage("models", *command)
        assert done.returncode == 1
        assert "train the second with: triage train --folds-of one" in done.stderr


def test_the_test_part_is_opened_once_for_a_model_and_logged(triage: Command, place: Path) -> None:
    first = triage("evaluate", "--final", "--on", "labelled", "--model", "one", "--json")
    log = (place / "models" / "final.jsonl").read_text(encoding="utf-8")
    figures = json.loads(first.stdout)
    assert 0 < figures["n"] <= _TEST
    assert figures["n"] + sum(figures["left_out"].values()) == _TEST
    # Were it opened again, the missing mails would be told.
    shutil.rmtree(place / "labelled" / "messages")
    again = triage("evaluate", "--final", "--on", "labelled", "--model", "one", "--json")
    assert again.returncode == 0
    assert "was opened for this model on" in again.stderr
    assert json.loads(again.stdout) == figures
    assert (place / "models" / "final.jsonl").read_text(encoding="utf-8") == log


def test_a_model_is_measured_on_mail_that_it_has_not_learnt_alone(triage: Command, place: Path) -> None:
    learnt = triage("evaluate", "--on", "labelled", "--model", "one")
    assert learnt.returncode == 2
    assert f"of {_TRAIN} messages the model has learnt from {_TRAIN}" in learnt.stderr
    done = triage("evaluate", "--on", "other", "--model", "one", "--json", "--report", "written")
    told = json.loads(done.stdout)
    assert told["n"] + told["left_out"]["learnt"] + told["left_out"]["kin"] == _OTHER
    assert told["model_alone"]["n"] == told["n"]
    assert {path.name for path in (place / "written").iterdir()} == {
        "report.md", "report.json", "calibration.png", "risk-coverage.png", "confusion.png"
    }  # fmt: skip
    both = triage("evaluate", "--on", "other/labels.csv", "--on", "labelled", "--model", "one", "--json")
    assert json.loads(both.stdout)["left_out"]["learnt"] >= _TRAIN
    assert json.loads(both.stdout)["left_out"]["test_part"] == _TEST


def test_without_a_folder_the_figures_of_the_training_are_shown(triage: Command) -> None:
    assert "# Model one-" in triage("evaluate", "--model", "one").stdout
    assert json.loads(triage("evaluate", "--model", "one", "--json").stdout)["name"] == "one"


def test_names_and_promoted_models_are_guarded(triage: Command, place: Path) -> None:
    for name in ("../x", "auto", "", ".hidden", "a/b"):
        done = triage("train", "--fixtures", "labelled", "--name", name)
        assert done.returncode == 2, name
    triage("models", "promote", "one", "--fixtures", "labelled")
    done = triage("train", "--fixtures", "labelled", "--name", "one")
    assert done.returncode == 2
    assert "was promoted, and would be lost" in done.stderr


def test_every_faulty_label_is_told_by_id_before_anything_is_read(triage: Command, place: Path) -> None:
    labels = place / "other" / "labels.csv"
    rows = list(csv.DictReader(io.StringIO(labels.read_text(encoding="utf-8"))))
    rows[0]["kind"] = "partnerschip"
    rows[1]["language"] = "English"
    with labels.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (place / "other" / "messages" / f"{rows[2]['id']}.eml").unlink()
    done = triage("train", "--fixtures", "other", "--name", "new")
    assert done.returncode == 2
    for told in (
        f"{rows[0]['id']}.kind",
        f"{rows[1]['id']}.language",
        f"messages/{rows[2]['id']}.eml is missing",
    ):
        assert told in done.stderr
    assert not (place / "models" / "new").exists()


@pytest.fixture(scope="module")
def running(served: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = Path(shutil.copytree(served, tmp_path_factory.mktemp("running") / "place"))
    opened = wiring.desk(load_settings(place / "triage.toml"))
    yield opened
    opened.close()


@pytest.fixture
def desk(running: Desk, served: Path) -> Iterator[Desk]:
    """A running service; afterwards its models are as they were."""
    yield running
    models = wiring.models_folder(running.settings)
    shutil.rmtree(models)
    shutil.copytree(served / "models", models)


def _flipped(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)


def _anew(folder: Path) -> None:
    """Change a threshold and write the manifest anew, as somebody would who may write there."""
    card: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["thresholds"]["kind"] = 0.0
    (folder / "card.json").write_text(json.dumps(card | {"seal": seal(card)}), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda models: _flipped(models / "one" / "estimator.joblib"), "its checksum is not the one"),
        (
            lambda models: (models / "one" / "estimator.joblib").write_bytes(b""),
            "its checksum is not the one",
        ),
        (lambda models: shutil.rmtree(models / "one"), "no such file"),
        (lambda models: _anew(models / "one"), "not the model that was promoted"),
        (lambda models: (models / "one" / "more.joblib").write_bytes(b"x"), "not a file of this model"),
        (lambda models: (models / "current.json").write_text("{"), "current.json"),
    ],
)
def test_the_running_service_keeps_its_model_whatever_happens_to_the_files(
    desk: Desk, damage: Callable[[Path], object], told: str
) -> None:
    stamp = wiring.rules_stamp(desk.settings)
    damage(wiring.models_folder(desk.settings))
    assert wiring.rules_stamp(desk.settings) != stamp
    kept = wiring.reload(desk)
    assert kept.kept
    assert kept.desk is desk
    assert told in "\n".join(kept.report)
    assert desk.tagger.model is not None
    assert f"model {desk.tagger.model.version} go on serving" in kept.report[-1]


def test_the_running_service_takes_the_model_that_is_promoted(
    desk: Desk, triage: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = wiring.models_folder(desk.settings).parent
    _variant(place, "two")
    monkeypatch.chdir(place)
    stamp = wiring.rules_stamp(desk.settings)
    assert triage("models", "promote", "two", "--fixtures", "labelled").returncode == 0
    assert wiring.rules_stamp(desk.settings) != stamp
    assert not wiring.reload(desk).kept
    assert wiring.serving(desk.settings).name == "two"


def test_a_place_that_cannot_hold_models_is_told_before_the_training(triage: Command, place: Path) -> None:
    shutil.rmtree(place / "models")
    (place / "models").write_text("a file", encoding="utf-8")
    done = triage("train", "--fixtures", "labelled", "--name", "new")
    assert done.returncode == 1
    assert "models cannot be written there; set folders.models" in done.stderr
