"""Spam or not, against bogofilter (the Debian package) on the same mails: how often right, and mails a second.

bogofilter learns two kinds of mail, so it is asked the one question that it can answer. It is trained on four folds of the
training part and asked about the fifth, the folds being those of the model's answers.csv; what it calls unsure counts as
not spam. Its speed is the processor time of the program over all mails at once (`-b`), without training.

    .venv/bin/python benchmarks/bogofilter.py [--model base] [--rounds 5]        (needs bogofilter)
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report, asking, rows_of
from pipeline.resources import packaged


def bogofilter(folder: Path, *options: str, paths: list[Path]) -> str:
    command = ["bogofilter", "-d", str(folder), "-b", *options]
    names = "".join(f"{path}\n" for path in paths)
    done = subprocess.run(command, input=names, capture_output=True, text=True, check=False)
    if done.returncode > 2:
        sys.exit(f"benchmarks/bogofilter.py: {' '.join(command)}: {done.stderr}")
    return done.stdout


def spam_among(folder: Path, paths: list[Path]) -> list[tuple[bool, bool]]:
    """Ask about each mail; a line of the terse answer is name, S, H or U, and the probability.

    Return whether it is called spam, and whether it is more probably spam than not.
    """
    lines = bogofilter(folder, "-T", paths=paths).splitlines()
    parted = [line.rsplit(" ", 2) for line in lines]
    return [(word == "S", float(chance) >= 0.5) for _, word, chance in parted]


def child_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def share(hits: int, of: int) -> str:
    return f"{hits / of:.3f} ({hits} of {of})" if of else "-"


def main() -> int:
    arguments = asking(__doc__)
    arguments.add_argument("--model", default="base")
    arguments.add_argument("--rounds", type=int, default=5)
    chosen = arguments.parse_args()
    if not shutil.which("bogofilter"):
        sys.exit("benchmarks/bogofilter.py: bogofilter is not installed; apt-get install bogofilter")
    answers = rows_of(packaged("models") / chosen.model / "answers.csv")
    paths = [packaged("fixtures") / "messages" / f"{one['id']}.eml" for one in answers]
    is_spam = [one["kind"] == "spam" for one in answers]
    said = [(False, False)] * len(answers)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for fold in sorted({one["fold"] for one in answers}):
            known = [row for row, one in enumerate(answers) if one["fold"] != fold]
            unseen = [row for row, one in enumerate(answers) if one["fold"] == fold]
            home = folder / fold
            home.mkdir()
            bogofilter(home, "-s", paths=[paths[row] for row in known if is_spam[row]])
            bogofilter(home, "-n", paths=[paths[row] for row in known if not is_spam[row]])
            for row, answer in zip(unseen, spam_among(home, [paths[row] for row in unseen]), strict=True):
                said[row] = answer
        rates = []
        for _ in range(2 if chosen.quick else chosen.rounds):
            before = child_seconds()
            spam_among(folder / "0", paths)
            rates.append(len(paths) / (child_seconds() - before))
    ours = [one["kind.answer"] == "spam" for one in answers]
    report = Report(title="Spam or not", against="bogofilter on the same mails", quick=chosen.quick)
    rows = []
    called, likely = ([each[at] for each in said] for at in (0, 1))
    others = (("bogofilter", called), ("bogofilter, all that is more probable than not", likely))
    for name, found in (*others, (f"model {chosen.model}, out of fold", ours)):
        spam = [each for each, is_ in zip(found, is_spam, strict=True) if is_]
        other = [each for each, is_ in zip(found, is_spam, strict=True) if not is_]
        right = sum(a == b for a, b in zip(found, is_spam, strict=True))
        rows.append(
            (name, share(sum(spam), len(spam)), share(sum(other), len(other)), share(right, len(found)))
        )
    report.table("", ("who", "spam found", "other mail called spam", "right"), rows)
    speed = f"{statistics.median(rates):.0f} mails/s ({min(rates):.0f} to {max(rates):.0f})"
    report.say(f"bogofilter: {speed}, spam or not alone; benchmarks/tag.py has this program's rates.")
    return report.done()


if __name__ == "__main__":
    sys.exit(main())
