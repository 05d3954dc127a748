"""How long `triage train` takes on the train part, beside the naive stack on the same mails; the bar is a minute on two cores.

    .venv/bin/python benchmarks/training.py [--rounds 2]        (some three minutes)

`triage train` reads the mails, trains without embeddings, judges out of fold, calibrates, and writes card and report; a
process of its own that uses all cores. The naive stack (benchmarks/naive.py) reads the same mails, and fits one
TfidfVectorizer and eight LogisticRegressions once: no folds, no calibration.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report, Way, asking, cpus, in_turns, rows_of, run_triage, train_part, walls
from benchmarks.naive import Naive, text_of
from pipeline.resources import packaged

BAR = 60.0
REFERENCE, OURS = "naive stack, fitted once", "triage train"


def main() -> int:
    asked = asking(__doc__)
    asked.add_argument("--rounds", type=int, default=2)
    options = asked.parse_args()
    warnings.simplefilter("ignore")
    paths = train_part()
    report = Report(title="Training", against="the naive stack on the same mails", quick=options.quick)
    ways: dict[str, Way] = {REFERENCE: partial(naive, paths)}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "triage.toml").write_text('[folders]\nmodels = "models"\n', encoding="utf-8")
        (folder / "models").mkdir()
        ways[OURS] = partial(run_triage, "train", "--name", "measured", "--no-cache", folder=folder)
        taken = in_turns(ways, 1 if options.quick else options.rounds, warm=False)
    report.compare(f"Seconds by the clock for {len(paths):,} mails", walls(taken), REFERENCE, digits=1)
    report.compare("Seconds of the processor, of all cores", cpus(taken), REFERENCE, digits=1)
    seconds = statistics.median(walls(taken)[OURS])
    report.bar(f"triage train on {len(paths):,} mails, reading included", seconds, "s", at_most=BAR)
    return report.done()


def naive(paths: list[Path]) -> None:
    labels = {row["id"]: row for row in rows_of(packaged("fixtures") / "labels.csv")}
    Naive().fit([text_of(path.read_bytes()) for path in paths], [labels[path.stem] for path in paths])


if __name__ == "__main__":
    sys.exit(main())
