"""How much more labelled mail would help: training on 25, 50, 75 and 100 % of the organisations and threads.

`pipeline.classify.learning_curve` says what is done; the reference in the same run is the most frequent value.

    .venv/bin/python benchmarks/learning_curve.py [embed]
"""

from __future__ import annotations

import statistics
import sys

from pipeline import wiring
from pipeline.classify.dataset import load_examples
from pipeline.classify.learning_curve import Point, curve
from pipeline.resources import packaged
from pipeline.settings import Folders, Settings

FIELDS = ("kind", "partner_type", "alignment")


def main() -> None:
    settings = Settings(folders=Folders(model=""))
    taxonomy = wiring.taxonomy(settings)
    examples = load_examples(packaged("fixtures"), taxonomy, wiring.reader(settings), "train")
    print("| field | groups | mails | accuracy (spread over folds) | macro-F1 | most frequent value |")
    print("| --- | --- | --- | --- | --- | --- |")
    for point in curve(examples, taxonomy, FIELDS, encoder="use" if "embed" in sys.argv[1:] else ""):
        print(row(point), flush=True)


def row(point: Point) -> str:
    spread = f"{min(point.accuracies):.3f} to {max(point.accuracies):.3f}"
    return (
        f"| {point.field} | {point.share:.0%} | {point.mails:.0f} | {statistics.median(point.accuracies):.3f} ({spread})"
        f" | {point.macro_f1:.3f} | {point.baseline:.3f} |"
    )


if __name__ == "__main__":
    main()
