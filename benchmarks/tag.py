"""How fast mail is tagged: octets to the JSON of `triage tag --json`, one process on one core, without start-up.

Each mail is read, matched with the rules, judged by the model with its explanation, placed, graded and summed up. The
rounds take turns, so that a busy machine slows all rows alike. Rows: each model that is there (`embed` needs the extra
"embeddings"), the naive way of benchmarks/naive.py, and bogofilter (the Debian package), which answers one question, spam
or not; benchmarks/naive.py and benchmarks/bogofilter.py say how often they are right. Then: is the time for 1,000 mails
four times that for 250, and how long one mail takes in a warm process.

    .venv/bin/python benchmarks/tag.py [--mails 400] [--rounds 5] [--growth]
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

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


def tag(tagger: Tagger, octets: Sequence[bytes]) -> None:
    # Sentences that were met in an earlier pass are not to come out of memory.
    meanings.cache_clear()
    for start in range(0, len(octets), BATCH):
        inquiries = [parsing.read(one) for one in octets[start : start + BATCH]]
        for inquiry, decision in zip(inquiries, tagger.decide(inquiries, wiring.utc_now()), strict=True):
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


def rates(ways: Mapping[str, Callable[[], object]], count: int, rounds: int) -> None:
    for way in ways.values():
        way()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(seconds(way))
    print("| way | mails/s a core, median | lowest to highest | against naive | wanted |")
    print("| --- | --- | --- | --- | --- |")
    for name, all_ in taken.items():
        speed = [count / each for each in all_]
        ratio = statistics.median(other / one for one, other in zip(all_, taken["naive"], strict=True))
        wanted = f"{WANTED[name]:.0f}" if name in WANTED else ""
        print(
            f"| {name} | {statistics.median(speed):.0f} | {min(speed):.0f} to {max(speed):.0f} | {ratio:.2f} | {wanted} |"
        )


def growth(found: Mapping[str, Tagger], octets: Sequence[bytes], rounds: int) -> None:
    print(
        "\n| model | 250 mails, s | 1,000 mails, s | ratio (linear: 4) | one mail warm, ms | slowest of 200, ms |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    few, many = octets[:1000:4], octets[:1000]
    for name, tagger in found.items():
        pairs = [
            (seconds(partial(tag, tagger, few)), seconds(partial(tag, tagger, many))) for _ in range(rounds)
        ]
        small, large = (statistics.median(each) for each in zip(*pairs, strict=True))
        alone = [1000 * seconds(partial(tag, tagger, [one])) for one in octets[:200]]
        print(
            f"| {name} | {small:.2f} | {large:.2f} | {large / small:.2f} | {statistics.median(alone):.1f} | {max(alone):.1f} |"
        )


def bogofilter_rate(paths: Sequence[Path]) -> None:
    import shutil
    import tempfile

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
    arguments.add_argument(
        "--growth", action="store_true", help="also 250 against 1,000 mails, and one by one"
    )
    chosen = arguments.parse_args()
    paths = train_part()
    octets = [path.read_bytes() for path in paths]
    some = octets[: chosen.mails]
    found = taggers()
    ways: dict[str, Callable[[], object]] = {
        name: partial(tag, tagger, some) for name, tagger in found.items()
    }
    ways["naive"] = naive_way(some, paths)
    rates(ways, len(some), chosen.rounds)
    bogofilter_rate(paths)
    if chosen.growth:
        growth(found, octets, 3)


if __name__ == "__main__":
    main()
