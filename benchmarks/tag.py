"""How fast mail is tagged: octets to the JSON of `triage tag --json`, one process on one core, without start-up.

Each mail is read, matched with the rules, judged by the model, placed, graded and summed up; with explanations, as
`triage tag --json` and the service have them, and without, as the tables of `triage tag` have them. The rounds take
turns, so that a busy machine slows all rows alike; times are of the processor. Rows: each model that is there (`embed`
needs the extra "embeddings"), the naive way of benchmarks/naive.py, and bogofilter (the Debian package), which answers
one question, spam or not; benchmarks/naive.py and benchmarks/bogofilter.py say how often they are right. --growth: does the
time grow with 250, 500 and 1,000 mails as their number does, how long takes one mail in a warm process, and how much
memory do `triage tag --json` and the process that reads for it take at their peak. With --train: how long training takes.

    .venv/bin/python benchmarks/tag.py [--mails 400] [--rounds 5] [--growth] [--train]
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report
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


def beside(name: str) -> Any:
    """Return another benchmark as a module."""
    place = importlib.util.spec_from_file_location(f"bench_{name}", Path(__file__).with_name(f"{name}.py"))
    if place is None or place.loader is None:
        sys.exit(f"benchmarks/{name}.py is missing")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def train_part() -> list[Path]:
    fixtures = packaged("fixtures")
    with (fixtures / "splits.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["id"] for row in csv.DictReader(stream) if row["split"] == "train"]
    return [fixtures / "messages" / f"{name}.eml" for name in names]


def taggers() -> Mapping[str, Tagger]:
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
        for inquiry, decision in zip(
            inquiries, tagger.decide(inquiries, wiring.utc_now(), explain=explain), strict=True
        ):
            json.dumps(tag_object("x", inquiry, decision), ensure_ascii=False)


def seconds(job: Callable[[], object]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


def naive_way(octets: Sequence[bytes], paths: Sequence[Path]) -> Callable[[], None]:
    naive = beside("naive")
    labels = {row["id"]: row for row in naive.rows_of(packaged("fixtures") / "labels.csv")}
    texts = [naive.text_of(path.read_bytes()) for path in paths]
    fitted = naive.Naive().fit(texts, [labels[path.stem] for path in paths])

    def tagged() -> None:
        for start in range(0, len(octets), BATCH):
            json.dumps(fitted.predict([naive.text_of(one) for one in octets[start : start + BATCH]]))

    return tagged


def rates(report: Report, ways: Mapping[str, Callable[[], object]], count: int, rounds: int) -> None:
    for way in ways.values():
        way()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(seconds(way))
    asked: list[tuple[str, float, float]] = []
    print("| way | mails/s a core, median | lowest to highest | against naive (lowest to highest) | wanted |")
    print("| --- | --- | --- | --- | --- |")
    for name, all_ in taken.items():
        speed = [count / each for each in all_]
        ratios = [other / one for one, other in zip(all_, taken["naive"], strict=True)]
        against = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        model = name.partition(",")[0]
        wanted = f"{WANTED[model]:.0f}" if model in WANTED else ""
        if model in WANTED:
            asked.append((name, statistics.median(speed), WANTED[model]))
        print(
            f"| {name} | {statistics.median(speed):.0f} | {min(speed):.0f} to {max(speed):.0f} | {against} | {wanted} |"
        )
    print()
    for name, measured, wanted_rate in asked:
        report.bar(f"tagging with {name}", measured, "mails/s", at_least=wanted_rate)


def growth(found: Mapping[str, Tagger], octets: Sequence[bytes], rounds: int) -> None:
    print("\n| model | mails | s, median | against 250 (linear: 1, 2, 4) | lowest to highest |")
    print("| --- | --- | --- | --- | --- |")
    parts = {count: octets[: 1000 : 1000 // count] for count in (250, 500, 1000)}
    for name, tagger in found.items():
        taken: dict[int, list[float]] = {count: [] for count in parts}
        for _ in range(rounds):
            for count, part in parts.items():
                taken[count].append(seconds(partial(tag, tagger, part)))
        for count, all_ in taken.items():
            ratios = [one / few for one, few in zip(all_, taken[250], strict=True)]
            spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
            print(
                f"| {name} | {count} | {statistics.median(all_):.2f} | {statistics.median(ratios):.2f} | {spread} |"
            )


def alone(report: Report, found: Mapping[str, Tagger], octets: Sequence[bytes]) -> None:
    print(
        f"\n| model | one mail warm, ms, median of 200 | 95 of 100 under | slowest | wanted under {MOST_MS:.0f} |"
    )
    print("| --- | --- | --- | --- | --- |")
    middles: dict[str, float] = {}
    for name, tagger in found.items():
        taken = sorted(1000 * seconds(partial(tag, tagger, [one])) for one in octets[:200])
        middle = statistics.median(taken)
        kept = "yes" if middle < MOST_MS else "no"
        middles[name] = middle
        print(f"| {name} | {middle:.1f} | {taken[190]:.1f} | {taken[-1]:.1f} | {kept} |")
    print()
    for name, middle in middles.items():
        report.bar(f"one mail in a warm process, {name}", middle, "ms", at_most=MOST_MS)


def memory(models: Sequence[str], paths: Sequence[Path]) -> None:
    """Print the peak of `triage tag --json` over these mails, and of the process that reads for it (Linux)."""
    print(f"\n| model | `triage tag --json`, {len(paths)} mails, MB | its reader, MB |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name in models:
            settings = Path(folder) / f"{name}.toml"
            settings.write_text(f'[folders]\nmodel = "{name}"\n', encoding="utf-8")
            peaks = _peaks([sys.executable, "-c", _TAG, *map(str, paths), "--settings", str(settings)])
            print(f"| {name} | {peaks[0]:.0f} | {max(peaks[1:], default=0):.0f} |")


_TAG = "import sys; sys.argv[1:1] = ['tag', '--json']; from pipeline.cli.main import main; main()"


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


def training(name: str) -> None:
    """Print how long it takes to train a model, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "triage.toml"
        settings.write_text(f'[folders]\nmodels = "{folder}"\n', encoding="utf-8")
        program = "import sys; from pipeline.cli.main import main; main()"
        before, start = os.times(), time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", program, "train", "--name", name, "--settings", str(settings)],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "XDG_CACHE_HOME": folder},
        )
        after, wall = os.times(), time.perf_counter() - start
    used = after.children_user + after.children_system - before.children_user - before.children_system
    print(
        f"\ntraining {name}: {wall:.0f} s, {used:.0f} s of processor time (wanted: under 60 s on two cores)"
    )


def bogofilter_rate(paths: Sequence[Path]) -> None:
    if not shutil.which("bogofilter"):
        print("\n(bogofilter is not installed)")
        return
    bench = beside("bogofilter")
    with tempfile.TemporaryDirectory() as folder:
        bench.bogofilter(Path(folder), "-s", paths=list(paths[:50]))
        bench.bogofilter(Path(folder), "-n", paths=list(paths[50:]))
        before = bench.child_seconds()
        bench.spam_among(Path(folder), list(paths))
        print(f"\nbogofilter, spam or not alone: {len(paths) / (bench.child_seconds() - before):.0f} mails/s")


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--mails", type=int, default=400)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--growth", action="store_true", help="also linearity, one by one, and memory")
    arguments.add_argument("--train", action="store_true", help="also train base: a minute or more")
    chosen = arguments.parse_args()
    paths = train_part()
    octets = [path.read_bytes() for path in paths]
    some = octets[: chosen.mails]
    found = taggers()
    ways: dict[str, Callable[[], object]] = {
        f"{name}{', with explanations' if explain else ''}": partial(tag, tagger, some, explain=explain)
        for name, tagger in found.items()
        for explain in (False, True)
    }
    ways["naive"] = naive_way(some, paths)
    report = Report(title="Tagging, end to end", against="the naive stack and bogofilter")
    rates(report, ways, len(some), chosen.rounds)
    bogofilter_rate(paths)
    if chosen.growth:
        growth(found, octets, 3)
        alone(report, found, octets)
        memory(list(found), paths[:1000])
    if chosen.train:
        training("base")
    report.done()


if __name__ == "__main__":
    main()
