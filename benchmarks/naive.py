"""How well and how fast, against what a weekend gives: plain mail-parser, one TfidfVectorizer, eight LogisticRegressions.

Accuracy: out of fold on the training part, with the folds of the model's answers.csv, so that both are judged on the same
messages by models that had not seen them. Lists are left out of the table of accuracies (eight one-of fields here).
Speed: octets to labels, one process on one core, rounds taking turns with this program (reading, rules, model,
explanation, places, judge, criteria, summary, JSON), so that a busy machine slows both alike.

    .venv/bin/python benchmarks/naive.py [--model base] [--mails 400] [--rounds 5, 0: accuracy alone] [--fields kind,...]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import rows_of
from pipeline import parsing, wiring
from pipeline.cli.contracts import tag_object
from pipeline.resources import packaged
from pipeline.settings import Folders, Settings

FIELDS = (
    "kind", "partner_type", "region", "alignment", "preconditions_met", "shared_objectives", "complexity", "funding",
)  # fmt: skip
BATCH = 50


def text_of(octets: bytes) -> str:
    """Read a mail as a tutorial would."""
    import mailparser

    mail = mailparser.parse_from_bytes(octets)
    return f"{mail.subject}\n{mail.from_}\n{mail.body}"


class Naive:
    def __init__(self, fields: Sequence[str] = FIELDS) -> None:
        self.fields = fields

    def fit(self, texts: Sequence[str], labels: Sequence[dict[str, str]]) -> Naive:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self.vectors = TfidfVectorizer()
        table = self.vectors.fit_transform(texts)
        self.models: dict[str, Any] = {}
        for field in self.fields:
            rows = [row for row, one in enumerate(labels) if one[field]]
            model = LogisticRegression(max_iter=1000)
            self.models[field] = model.fit(table[rows], [labels[row][field] for row in rows])
        return self

    def predict(self, texts: Sequence[str]) -> dict[str, list[str]]:
        table = self.vectors.transform(texts)
        return {field: list(model.predict(table)) for field, model in self.models.items()}


def accuracies(
    answers: list[dict[str, str]], labels: list[dict[str, str]], texts: list[str], fields: Sequence[str]
) -> None:
    said: list[dict[str, str]] = [{} for _ in answers]
    for fold in sorted({one["fold"] for one in answers}):
        known = [row for row, one in enumerate(answers) if one["fold"] != fold]
        unseen = [row for row, one in enumerate(answers) if one["fold"] == fold]
        found = Naive(fields).fit([texts[row] for row in known], [labels[row] for row in known])
        for field, values in found.predict([texts[row] for row in unseen]).items():
            for row, value in zip(unseen, values, strict=True):
                said[row][field] = value
    print("| field | n | naive | model | majority |\n| --- | --- | --- | --- | --- |")
    for field in fields:
        rows = [row for row, one in enumerate(labels) if one[field]]
        majority = statistics.mode([labels[row][field] for row in rows])
        shares = [sum(said[row][field] == labels[row][field] for row in rows) / len(rows)]
        if field in answers[0]:
            shares.append(
                sum(answers[row][f"{field}.answer"] == labels[row][field] for row in rows) / len(rows)
            )
        shown = [f"{share:.3f}" for share in shares] + ["-"] * (2 - len(shares))
        most = sum(labels[row][field] == majority for row in rows) / len(rows)
        print(f"| {field} | {len(rows)} | {' | '.join(shown)} | {most:.3f} |")


def seconds(job: Callable[[], object]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


def speeds(model: str, naive: Naive, octets: Sequence[bytes], rounds: int) -> None:
    tagger = wiring.tagger(Settings(folders=Folders(model=model)))

    def ours() -> None:
        for start in range(0, len(octets), BATCH):
            inquiries = [parsing.read(one) for one in octets[start : start + BATCH]]
            for inquiry, decision in zip(inquiries, tagger.decide(inquiries, wiring.utc_now()), strict=True):
                json.dumps(tag_object("x", inquiry, decision), ensure_ascii=False)

    def theirs() -> None:
        for start in range(0, len(octets), BATCH):
            json.dumps(naive.predict([text_of(one) for one in octets[start : start + BATCH]]))

    ours()
    theirs()
    taken = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    print("\n| what | mails/s, median | lowest to highest |\n| --- | --- | --- |")
    for name, column in (("naive", 1), (f"triage tag, model {model}", 0)):
        rates = [len(octets) / each[column] for each in taken]
        print(f"| {name} | {statistics.median(rates):.0f} | {min(rates):.0f} to {max(rates):.0f} |")
    ratios = [other / one for one, other in taken]
    print(
        f"\nthis program at {statistics.median(ratios):.2f} of the naive speed ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--model", default="base")
    arguments.add_argument("--mails", type=int, default=400)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument(
        "--fields", default=",".join(FIELDS), help="whose accuracy to measure, with commas between"
    )
    chosen = arguments.parse_args()
    warnings.simplefilter("ignore")
    fixtures = packaged("fixtures")
    answers = rows_of(packaged("models") / chosen.model / "answers.csv")
    by_id = {row["id"]: row for row in rows_of(fixtures / "labels.csv")}
    labels = [by_id[one["id"]] for one in answers]
    octets = [(fixtures / "messages" / f"{one['id']}.eml").read_bytes() for one in answers]
    texts = [text_of(one) for one in octets]
    accuracies(answers, labels, texts, chosen.fields.split(","))
    if chosen.rounds:
        speeds(chosen.model, Naive().fit(texts, labels), octets[: chosen.mails], chosen.rounds)


if __name__ == "__main__":
    main()
