"""The audit finds labels that were put wrong on purpose, and is silent about those that were not."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.classify.audit import audit
from pipeline.classify.dataset import Example
from pipeline.classify.train import Trained
from pipeline.cli.main import app
from pipeline.parsing import read
from pipeline.records.decisions import RuleHit
from tests.support.ledgers import ledger_table

# On one worker: the small model is trained once.
pytestmark = pytest.mark.xdist_group("small_model")

FIELDS = {"kind": ("partnership", "business", "spam"), "activities": ("research", "training_event")}
TEXTS = (
    "Our museum of glass would like to give three hundred scanned plates to Commons under a free licence this spring",
    "We sell backlinks and sponsored articles at a fair price and can start tomorrow if you answer us today please",
    "Dear friend I am a prince and have a large sum of money to transfer to your account at once, reply with your bank",
)


def example(
    number: int, kind: str, text: str, activities: tuple[str, ...] = (), language: str = "en"
) -> Example:
    octets = f"From: a{number}@x{number}.example\r\nSubject: s\r\nMessage-ID: <{number}@x.example>\r\n\r\n{text}\r\n"
    labels = {"kind": (kind,)} | ({"activities": activities} if kind == "partnership" else {})
    return Example(
        id=f"m{number:03}",
        inquiry=read(octets.encode()),
        hits=(),
        labels=labels,
        group=number,
        part="train",
        language=language,
    )


def data() -> tuple[list[Example], dict[str, Any]]:
    kinds = FIELDS["kind"]
    examples = [
        example(
            n,
            kinds[n % 3],
            f"{TEXTS[n % 3]} {' '.join(f'w{n}x{k}' for k in range(20))}",
            ("research",) if n % 2 else (),
        )
        for n in range(90)
    ]
    chances = np.full((90, 3), 0.05)
    chances[np.arange(90), np.arange(90) % 3] = 0.9
    listed = np.column_stack([np.where(np.arange(90) % 2, 0.9, 0.1), np.full(90, 0.05)])
    return examples, {"kind": chances, "activities": listed}


def test_sound_labels_raise_no_suspicion() -> None:
    examples, judged = data()
    found = audit(examples, FIELDS, judged)
    assert found.suspects == ()
    assert found.duplicates == ()
    assert found.contradictions == ()
    assert found.values["kind"] == {"partnership": 30, "business": 30, "spam": 30}
    assert found.values["activities"] == {"research": 15, "training_event": 0}
    assert found.rare == ("activities=training_event",)


def test_a_label_put_wrong_is_the_first_suspect() -> None:
    pytest.importorskip("cleanlab")
    examples, judged = data()
    examples[4] = dataclasses.replace(examples[4], labels={"kind": ("spam",)})
    examples[6] = dataclasses.replace(
        examples[6], labels={"kind": ("partnership",), "activities": ("research",)}
    )
    suspects = audit(examples, FIELDS, judged).suspects
    assert suspects is not None
    assert [(one.id, one.field, one.label, one.rather) for one in suspects] == [
        ("m004", "kind", "spam", "business"),
        ("m006", "activities", "research", "no research"),
    ]
    assert suspects[0].quality == pytest.approx(0.05)


def test_copies_with_different_labels_are_found_also_with_a_footer_more() -> None:
    examples, judged = data()
    text = examples[1].inquiry.text
    examples[7] = example(7, "spam", f"{text}\r\n-- \r\nlist footer of three words")
    found = audit(examples, FIELDS, judged).duplicates
    assert [(one.ids, dict(one.differing)) for one in found] == [
        (("m001", "m007"), {"kind": ("business", "spam")})
    ]
    examples[7] = example(7, "business", text)
    assert audit(examples, FIELDS, judged).duplicates == ()


def test_copies_in_a_script_without_spaces_are_found() -> None:
    examples, judged = data()
    text = "我们博物馆希望把三百张玻璃底片的扫描件以自由许可的方式捐赠给维基共享资源请告诉我们应该怎样开始"
    examples[0], examples[1] = example(0, "partnership", text), example(1, "business", text)
    assert [one.ids for one in audit(examples, FIELDS, judged).duplicates] == [("m000", "m001")]


def test_a_rule_that_decides_against_the_label_is_told_and_a_hint_is_not() -> None:
    examples, judged = data()

    def hit(must: bool) -> RuleHit:
        return RuleHit(rule="spam.sure", tags=("kind=spam",), must=must, weight=9.0, view=None, matched="x")

    examples[0] = dataclasses.replace(examples[0], hits=(hit(must=True),))
    examples[1] = dataclasses.replace(examples[1], hits=(hit(must=False),))
    examples[2] = dataclasses.replace(examples[2], hits=(hit(must=True),))
    found = audit(examples, FIELDS, judged).contradictions
    assert [(one.id, one.rule, one.label, one.says) for one in found] == [
        ("m000", "spam.sure", "partnership", "spam")
    ]


def test_a_value_used_once_and_a_field_with_one_value_alone_do_no_harm() -> None:
    examples, judged = data()
    ones = [dataclasses.replace(one, labels={"kind": ("spam",)}) for one in examples]
    assert audit(ones, FIELDS, judged).suspects == ()


@pytest.fixture
def served(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place with settings in which the small model serves."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    told = f'[folders]\nmodels = "{bundle.parent}"\nmodel = "{bundle.name}"\n'
    told += ledger_table(place / "ledger.db")
    (place / "triage.toml").write_text(told, encoding="utf-8")
    return place


def test_the_command_holds_labels_against_what_the_model_said_out_of_fold(
    served: Path, small_fixtures: Path, trained: Trained, some: tuple[Example, ...]
) -> None:
    done = CliRunner().invoke(app, ["labels", "audit", "--fixtures", str(small_fixtures), "--json"])
    assert done.exit_code == 0, done.output
    assert "said of each mail out of fold" in done.stderr
    told = json.loads(done.stdout)
    held = trained.held_out
    found = audit(some, held.fields, held.judged)
    assert told["messages"] == len(some)
    if found.suspects is not None:
        assert {(one["id"], one["field"]) for one in told["suspects"]} == {
            (one.id, one.field) for one in found.suspects
        }
    assert told["languages"] == found.languages


@pytest.mark.nightly
def test_the_command_tells_all_parts_of_a_folder(
    small_fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["labels", "audit", "--fixtures", str(small_fixtures), "--seed", "1"]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["messages"] > 140
    assert {"kind", "partner_type", "activities"} <= set(told["values"])
    assert sum(told["values"]["kind"].values()) == told["messages"]
    assert sum(sum(kinds.values()) for kinds in told["languages"].values()) == told["messages"]
    assert told["ledger"] is None
    assert all(0 <= one["quality"] <= 1 for one in told["suspects"] or ())


def test_the_tables_are_shown(served: Path, small_fixtures: Path) -> None:
    shown = CliRunner().invoke(app, ["labels", "audit", "--fixtures", str(small_fixtures)])
    assert "Labels by language" in shown.output
