"""How well the whole pipeline decides on mail that its model has not seen: five folds of the train part.

Each message is judged by what a model, a calibration and thresholds said of it that had learnt from the other folds
alone; rules, word lists and weights of places stay as they are, and those were made while reading the same train part,
so that the figures are somewhat better than on mail to come. `triage train` writes the same table into a model's report; here it is
made anew, with other folds.

    .venv/bin/python benchmarks/crossvalidate.py [--embeddings]        (two minutes)
"""

from __future__ import annotations

import sys
from collections import Counter

from pipeline import wiring
from pipeline.classify.dataset import load_examples
from pipeline.cli.measuring import learnt_from, rehearsing
from pipeline.resources import packaged
from pipeline.service.rehearsal import section
from pipeline.settings import Folders, Settings

SEED = 7


def main() -> None:
    settings = Settings(folders=Folders(model=""))
    tagger = rehearsing(settings)
    read = wiring.reader(settings, tagger.rulebook)
    examples = load_examples(packaged("fixtures"), tagger.taxonomy, read, "train")
    encoder = "use" if "--embeddings" in sys.argv[1:] else ""
    _, decisions = learnt_from(tagger, examples, _progress, name="fold", seed=SEED, embeddings=encoder)
    print(section(tagger, examples, decisions).text)
    pairs = zip(decisions, examples, strict=True)
    print(Counter((one.disposition.value, example.labels["kind"][0]) for one, example in pairs))


def _progress(step: str, done: int, total: int | None) -> None:
    print(f"{step} {done} of {total}", file=sys.stderr)


if __name__ == "__main__":
    main()
