"""How fast mail is read, against mail-parser with inscriptis on the same mails in the same run; and the worst input.

The reference does what a program would do with the two libraries: parse the octets, read the fields and the attachments,
and turn each HTML part into text. "Parse and clean" is as much with this program: octets to fields, attachments, and the chosen body as clean
text. The other rows add what the libraries do not do: quotes and signature cut off; and the whole inquiry, with
author, forward, list, language, introduction, automatic mail or not, the signature taken apart.

    .venv/bin/python benchmarks/parse.py [--rounds 7] [--part train]        (needs inscriptis: the group "bench")

The rounds take turns, so that a busy machine slows all rows alike; a ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from pipeline import parsing
from pipeline.parsing import body
from pipeline.parsing.forwards import open_forward
from pipeline.parsing.quotes import split_quotes
from pipeline.parsing.signature import split_signature
from pipeline.parsing.textclean import normalise
from pipeline.records.messages import Address
from pipeline.resources import packaged

WANTED = 4.0
CLEAN = "parse and clean"
MOST_MS = 100.0
MEGABYTE = 1_000_000

# One line repeated to a megabyte; each was slow once, or is where a careless program is.
HOSTILE = {
    "quote marks": ">",
    "marked lines": "> > > > x\n",
    "empty lines": "\n",
    "lines of blanks": "          \n",
    "dashes": "--",
    "signature marks": "-- \n",
    "rules": "_" * 60 + "\n",
    "the word On": "On ",
    "half an attribution": "On 4 Mar 2025,\nNora\n",
    "attributions": "On 1 Jan 2020 at 10:00 a@b.example wrote:\n",
    "attributions, quoted": "On 1 Jan 2020 at 10:00 a@b.example wrote:\n> x\n",
    "long attributions": "On " + "1 " * 150 + ":\n",
    "Russian attributions": "4 марта 2025 г., 10:12, Нора написала:\n",
    "From lines": "From: a\n",
    "bold From lines": "*From:* a\n",
    "header blocks": "From: a@b.example\nSent: 1 Jan 2020 10:00\nTo: c\nSubject: d\n",
    "original messages": "-----Original Message-----\n",
    "forwards": "---------- Forwarded message ---------\n",
    "text and quote in turn": "a\n\n> b\n\n",
    "long lines with colons": "x" * 390 + ":\n",
    "one line": "word ",
    "one word": "写",
    "closing phrases": "Best regards,\n",
    "list footers": "Partners mailing list\n____\n",
}


def mails(part: str) -> list[bytes]:
    folder = packaged("fixtures")
    with (folder / "splits.csv").open(encoding="utf-8", newline="") as stream:
        names = sorted(row["id"] for row in csv.DictReader(stream) if row["split"] == part)
    return [(folder / "messages" / f"{name}.eml").read_bytes() for name in names]


def reference() -> Callable[[bytes], object]:
    try:
        import mailparser
        from inscriptis import get_text
    except ImportError as error:
        sys.exit(f"benchmarks/parse.py: {error.name} is not installed; pip install --group bench")

    def read(octets: bytes) -> object:
        mail = mailparser.parse_from_bytes(octets)
        fields = (
            mail.subject,
            mail.from_,
            mail.to,
            mail.cc,
            mail.date,
            mail.message_id,
            mail.headers,
            mail.attachments,
        )
        return fields, "\n".join(mail.text_plain), [get_text(page) for page in mail.text_html]

    return read


def clean(octets: bytes) -> object:
    message = parsing.parse_message(octets)
    return message, body.choose(message)


def cut(octets: bytes) -> object:
    message = parsing.parse_message(octets)
    written, quoted = split_quotes(body.choose(message))
    return message, quoted, split_signature(written, message.from_.name)


def seconds(read: Callable[[bytes], object], octets: Sequence[bytes]) -> float:
    start = time.process_time()
    for one in octets:
        read(one)
    return time.process_time() - start


def rates(octets: Sequence[bytes], rounds: int) -> bool:
    ways = {
        "mail-parser + inscriptis": reference(),
        CLEAN: clean,
        "and quotes, signature cut": cut,
        "whole inquiry": parsing.read,
    }
    for read in ways.values():  # models and tables are loaded once
        seconds(read, octets[:50])
    taken = [{name: seconds(read, octets) for name, read in ways.items()} for _ in range(rounds)]
    base = next(iter(ways))
    print(
        f"{len(octets)} mails of {sum(map(len, octets)) // len(octets):,} octets on average, {rounds} rounds\n"
    )
    print("| way | mails a second, median (slowest to fastest round) | ratio, median (least to most) |")
    print("| --- | --- | --- |")
    medians = {}
    for name in ways:
        speeds = sorted(len(octets) / row[name] for row in taken)
        ratios = sorted(row[base] / row[name] for row in taken)
        medians[name] = statistics.median(ratios)
        print(
            f"| {name} | {statistics.median(speeds):,.0f} ({speeds[0]:,.0f} to {speeds[-1]:,.0f}) "
            f"| {medians[name]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) |"
        )
    return medians[CLEAN] >= WANTED


def worst(rounds: int) -> bool:
    """Time one megabyte of each hostile text, without the limit that `normalise` puts on bodies, and with it."""
    sender = Address(name="Nora Field", address="nora@museum.example")
    ways: dict[str, Callable[[str], object]] = {
        "split_quotes": split_quotes,
        "split_signature": lambda body_: split_signature(body_, sender.name),
        "open_forward": lambda body_: open_forward(body_, "Fwd: x", sender),
        "as a body": lambda body_: split_signature(split_quotes(normalise(body_))[0], sender.name),
    }
    print("\nOne megabyte of hostile text, milliseconds, median (most)\n")
    print(f"| text | {' | '.join(ways)} |")
    print(f"| --- |{' --- |' * len(ways)}")
    least = 0.0
    for name, unit in HOSTILE.items():
        hostile = unit * (MEGABYTE // len(unit))
        cells = []
        for split in ways.values():
            taken = sorted(_milliseconds(split, hostile) for _ in range(rounds))
            least = max(least, statistics.median(taken))
            cells.append(f"{statistics.median(taken):.1f} ({taken[-1]:.1f})")
        print(f"| {name} | {' | '.join(cells)} |")
    return least <= MOST_MS


def _milliseconds(split: Callable[[str], object], hostile: str) -> float:
    start = time.process_time()
    split(hostile)
    return (time.process_time() - start) * 1000


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--part", choices=["train"], default="train")
    given = arguments.parse_args()
    fast = rates(mails(given.part), given.rounds)
    flat = worst(3)
    print(f"\nparse and clean at {WANTED:g} times the reference's rate or more: {'yes' if fast else 'NO'}")
    print(f"no megabyte over {MOST_MS:g} ms: {'yes' if flat else 'NO'}")
    return 0 if fast and flat else 1


if __name__ == "__main__":
    raise SystemExit(main())
