"""How well the whole pipeline decides on mail that its model has not seen: five folds of the train part.

In each fold the model is trained on the other four; rules, word lists and weights of places stay as they are, and those
were made while reading the same train part, so that the figures are somewhat better than on mail to come.

    .venv/bin/python benchmarks/crossvalidate.py        (some five minutes)
"""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter

from pipeline import wiring
from pipeline.classify.dataset import load_examples
from pipeline.classify.folds import folds
from pipeline.classify.train import train
from pipeline.records.decisions import Decision
from pipeline.resources import packaged
from pipeline.service.scoring import outcomes, score
from pipeline.settings import Folders, Settings

SEED = 7


def main() -> None:
    settings = Settings(folders=Folders(model=""))
    taxonomy = wiring.taxonomy(settings)
    examples = load_examples(packaged("fixtures"), taxonomy, wiring.reader(settings), "train")
    rules_alone = wiring.tagger(settings)
    decisions: dict[int, Decision] = {}
    for number, (known, unseen) in enumerate(folds(examples, SEED), 1):
        model = train([examples[row] for row in known], taxonomy, name="fold").model
        tagger = dataclasses.replace(rules_alone, model=model)
        said = tagger.decide([examples[row].inquiry for row in unseen], wiring.utc_now())
        decisions.update(zip(map(int, unseen), said, strict=True))
        print(f"fold {number}", file=sys.stderr)
    report([decisions[row] for row in range(len(examples))], [dict(example.labels) for example in examples])


def report(decisions: list[Decision], labels: list[dict[str, tuple[str, ...]]]) -> None:
    print("| field | n | measure | score | sure | right of these |")
    print("| --- | --- | --- | --- | --- | --- |")
    for one in score(decisions, labels):
        right = "-" if one.right is None else f"{one.right:.3f}"
        print(f"| {one.field} | {one.n} | {one.measure} | {one.value:.3f} | {one.sure:.2f} | {right} |")
    mail = outcomes(decisions, labels)
    print(
        f"\nOf {mail.honest} partnership and endorsement mails {mail.assigned:.1%} assigned without review, "
        f"{mail.review:.1%} to review, {mail.filed:.1%} filed."
    )
    print(
        Counter(
            (one.disposition.value, label["kind"][0]) for one, label in zip(decisions, labels, strict=True)
        )
    )


if __name__ == "__main__":
    main()
