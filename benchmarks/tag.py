"""How fast mail is tagged: octets to the JSON of `triage tag --json`, one process on one core, without start-up.

Each mail is read, matched with the rules, judged by the model, placed, graded and summed up; with explanations, as
`triage tag --json` and the service have them, and without, as the tables of `triage tag` have them. The ways take turns,
so that a busy machine slows all rows alike; times are of the processor. Ways: each model that is there (`embed` needs the
extra "embeddings"), the naive way of benchmarks/naive.py (plain mail-parser, one TfidfVectorizer, eight
LogisticRegressions), and bogofilter (the Debian package), which answers one question, spam or not; benchmarks/naive.py
and benchmarks/bogofilter.py say how often they are right. Then: does the time grow with 250, 500 and 1,000 mails as
their number does, how long takes one mail in a warm process, and with --memory, how much memory `triage tag --json` and
the process that reads for it take at their peak (Linux).

    .venv/bin/python benchmarks/tag.py [--quick] [--mails 1000] [--rounds 3] [--memory]       (some four minutes)
"""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import bogofilter
from benchmarks.frame import TRIAGE, Report, Way, asking, cpus, in_turns, rows_of, spent, train_part
from benchmarks.naive import Naive, text_of
from pipeline import parsing, wiring
from pipeline.classify.embeddings import meanings
from pipeline.cli.contracts import tag_object
from pipeline.errors import TriageError
from pipeline.resources import packaged
from pipeline.service.tagging import Tagger
from pipeline.settings import Folders, Settings

BATCH = 50
WANTED = {"base": 150.0, "embed": 30.0}
MOST_MS = 30.0
NAIVE, BOGOFILTER = "naive", "bogofilter, spam or not alone"
# The slow ones tag fewer of the mails; what is told is of one mail.
SHARE = {"embed": 4}
# The naive way's speed hardly depends on how many mails it has learnt from; its time to learn does.
LEARNT = 400


def taggers() -> dict[str, Tagger]:
    found = {}
    for name in WANTED:
        try:
            found[name] = wiring.tagger(Settings(folders=Folders(model=name)))
        except TriageError as error:
            print(f"(model {name} is left out: {error})", file=sys.stderr)
    return found


def tag(tagger: Tagger, octets: Sequence[bytes], *, explain: bool = True) -> None:
    # Sentences that were met in an earlier pass are not to come out of memory.
    meanings.cache_clear()
    for start in range(0, len(octets), BATCH):
        inquiries = [parsing.read(one) for one in octets[start : start + BATCH]]
        decisions = tagger.decide(inquiries, wiring.utc_now(), explain=explain)
        for inquiry, decision in zip(inquiries, decisions, strict=True):
            json.dumps(tag_object("x", inquiry, decision), ensure_ascii=False)


def naive_way(octets: Sequence[bytes], paths: Sequence[Path]) -> Way:
    labels = {row["id"]: row for row in rows_of(packaged("fixtures") / "labels.csv")}
    fitted = Naive().fit(
        [text_of(path.read_bytes()) for path in paths], [labels[path.stem] for path in paths]
    )

    def tagged() -> None:
        for start in range(0, len(octets), BATCH):
            json.dumps(fitted.predict([text_of(one) for one in octets[start : start + BATCH]]))

    return tagged


def rates(
    report: Report, found: Mapping[str, Tagger], paths: Sequence[Path], rounds: int, folder: Path
) -> None:
    octets = [path.read_bytes() for path in paths]
    ways: dict[str, Way] = {NAIVE: naive_way(octets, paths[:LEARNT])}
    counts = {NAIVE: len(octets)}
    for name, tagger in found.items():
        some = octets[: max(len(octets) // SHARE.get(name, 1), 1)]
        for way, explain in ((name, False), (f"{name}, with explanations", True)):
            ways[way], counts[way] = partial(tag, tagger, some, explain=explain), len(some)
    if shutil.which("bogofilter"):
        half = len(paths) // 2
        bogofilter.bogofilter(folder, "-s", paths=list(paths[:half]))
        bogofilter.bogofilter(folder, "-n", paths=list(paths[half:]))
        ways[BOGOFILTER], counts[BOGOFILTER] = partial(bogofilter.spam_among, folder, list(paths)), len(paths)
    else:
        report.say("(bogofilter is not installed)")
    taken = {way: [one / counts[way] for one in some] for way, some in cpus(in_turns(ways, rounds)).items()}
    caption = f"One mail, of {len(paths):,} (processor time)"
    report.compare(caption, taken, NAIVE, unit="ms", count=1, digits=2)
    for way, each in taken.items():
        if (model := way.partition(",")[0]) in WANTED:
            rate = 1 / statistics.median(each)
            report.bar(f"tagging with {way}", rate, "mails/s", at_least=WANTED[model])


def growth(report: Report, tagger: Tagger, octets: Sequence[bytes], rounds: int) -> None:
    """Hold the time for more mails against that for as many times a quarter of them."""
    steps = [len(octets) // 4, len(octets) // 2, len(octets)]
    parts = {count: octets[:: len(octets) // count][:count] for count in steps}
    ways: dict[str, Way] = {f"{count:,} mails": partial(tag, tagger, some) for count, some in parts.items()}
    taken = cpus(in_turns(ways, rounds, warm=False))
    first = taken[f"{steps[0]:,} mails"]
    rows = []
    for count in steps:
        some = taken[f"{count:,} mails"]
        times = [one / least for one, least in zip(some, first, strict=True)]
        spread = f"{statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f})"
        rows.append((f"{count:,}", f"{statistics.median(some):.2f}", spread, f"{count / steps[0]:.0f}"))
    caption = "How the time grows, model base with explanations"
    report.table(caption, ("mails", "median s", f"against {steps[0]:,}", "if linear"), rows)


def alone(report: Report, found: Mapping[str, Tagger], octets: Sequence[bytes]) -> None:
    rows, middles = [], {}
    for name, tagger in found.items():
        taken = sorted(1000 * spent(partial(tag, tagger, [one])).cpu for one in octets)
        middles[name] = statistics.median(taken)
        most = taken[len(taken) * 95 // 100]
        rows.append((name, f"{middles[name]:.1f}", f"{most:.1f}", f"{taken[-1]:.1f}"))
    report.table(
        f"One mail at a time in a warm process, with explanation, {len(octets)} mails",
        ("model", "median ms", "95 of 100 under", "slowest"),
        rows,
    )
    for name, middle in middles.items():
        report.bar(f"one mail in a warm process, {name}", middle, "ms", at_most=MOST_MS)


def memory(report: Report, models: Sequence[str], paths: Sequence[Path], folder: Path) -> None:
    """Tell the peak of `triage tag --json` over these mails, and of the process that reads for it (Linux)."""
    rows = []
    for name in models:
        settings = folder / f"{name}.toml"
        settings.write_text(f'[folders]\nmodel = "{name}"\n', encoding="utf-8")
        words = ["tag", "--json", *map(str, paths), "--settings", str(settings)]
        peaks = _peaks([sys.executable, "-c", TRIAGE, *words])
        rows.append((name, f"{peaks[0]:.0f}", f"{max(peaks[1:], default=0):.0f}"))
    report.table(f"`triage tag --json`, {len(paths):,} mails", ("model", "peak MB", "its reader, MB"), rows)


def _peaks(command: Sequence[str]) -> list[float]:
    """Return the most memory that a process and each of its children had, in MB."""
    most: dict[int, float] = {}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            own = Path(f"/proc/{process.pid}")
            with contextlib.suppress(OSError):
                children = (own / "task" / own.name / "children").read_text().split()
                for pid in (process.pid, *map(int, children)):
                    status = Path(f"/proc/{pid}/status").read_text()
                    if "VmHWM" in status:
                        most[pid] = int(status.partition("VmHWM:")[2].split()[0]) / 1024
            time.sleep(0.1)
    return [most.pop(process.pid, 0.0), *most.values()]


def main() -> int:
    asked = asking(__doc__)
    asked.add_argument("--mails", type=int, default=1000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--memory", action="store_true", help="also the peak of memory of the command itself")
    options = asked.parse_args()
    warnings.simplefilter("ignore")
    paths = train_part(40 if options.quick else options.mails)
    rounds = 1 if options.quick else options.rounds
    octets = [path.read_bytes() for path in paths]
    found = taggers()
    report = Report(
        title="Tagging, end to end", against="the naive stack and bogofilter", quick=options.quick
    )
    with tempfile.TemporaryDirectory() as made:
        rates(report, found, paths, rounds, Path(made))
        if "base" in found:
            growth(report, found["base"], octets, rounds)
        alone(report, found, octets[:100])
        if options.memory:
            memory(report, list(found), paths, Path(made))
    return report.done()


if __name__ == "__main__":
    sys.exit(main())
