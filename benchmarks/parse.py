"""How fast mail is read, against mail-parser with inscriptis on the same mails in the same run; and the worst input.

The reference does what a program would do with the two libraries: parse the octets, read the fields and the attachments,
and turn each HTML part into text. "Parse and clean" is as much with this program: octets to fields, attachments, and the chosen body as clean
text. The other rows add what the libraries do not do: quotes and signature cut off; and the whole inquiry, with
author, forward, list, language, introduction, automatic mail or not, the signature taken apart.

    .venv/bin/python benchmarks/parse.py [--rounds 7]        (needs inscriptis: the group "bench")

The bars: parse and clean at four times the reference's rate, and no hostile megabyte over 100 ms.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report, Way, asking, cpus, in_turns, train_part
from pipeline import parsing
from pipeline.parsing import body
from pipeline.parsing.forwards import open_forward
from pipeline.parsing.quotes import split_quotes
from pipeline.parsing.signature import split_signature
from pipeline.parsing.textclean import normalise
from pipeline.records.messages import Address

WANTED = 4.0
REFERENCE = "mail-parser + inscriptis"
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


def rates(report: Report, octets: Sequence[bytes], rounds: int) -> float:
    """Print the rates; return how many times the reference's that of "parse and clean" is."""
    readers = {
        REFERENCE: reference(),
        CLEAN: clean,
        "and quotes, signature cut": cut,
        "whole inquiry": parsing.read,
    }
    for read in readers.values():  # models and tables are loaded once
        all_of(read, octets[:50])
    ways: dict[str, Way] = {name: partial(all_of, read, octets) for name, read in readers.items()}
    size = sum(map(len, octets)) // len(octets)
    found = report.compare(
        f"Seconds of the processor for {len(octets)} mails of {size:,} octets on average",
        cpus(in_turns(ways, rounds, warm=False)),
        REFERENCE,
        count=len(octets),
        digits=2,
    )
    return found[CLEAN]


def all_of(read: Callable[[bytes], object], octets: Sequence[bytes]) -> None:
    for one in octets:
        read(one)


def worst(report: Report, rounds: int) -> float:
    """Time one megabyte of each hostile text, without the limit that `normalise` puts on bodies, and with it."""
    sender = Address(name="Nora Field", address="nora@museum.example")
    ways: dict[str, Callable[[str], object]] = {
        "split_quotes": split_quotes,
        "split_signature": lambda body_: split_signature(body_, sender.name),
        "open_forward": lambda body_: open_forward(body_, "Fwd: x", sender),
        "as a body": lambda body_: split_signature(split_quotes(normalise(body_))[0], sender.name),
    }
    rows, highest = [], 0.0
    for name, unit in HOSTILE.items():
        hostile = unit * (MEGABYTE // len(unit))
        cells = []
        for split in ways.values():
            taken = sorted(_milliseconds(split, hostile) for _ in range(rounds))
            highest = max(highest, statistics.median(taken))
            cells.append(f"{statistics.median(taken):.1f} ({taken[-1]:.1f})")
        rows.append((name, *cells))
    report.table(
        "One megabyte of hostile text, milliseconds of the processor, median (most)", ("text", *ways), rows
    )
    return highest


def _milliseconds(split: Callable[[str], object], hostile: str) -> float:
    start = time.process_time()
    split(hostile)
    return (time.process_time() - start) * 1000


def main() -> int:
    asked = asking(__doc__)
    asked.add_argument("--rounds", type=int, default=0)
    options = asked.parse_args()
    rounds = options.rounds or (2 if options.quick else 7)
    report = Report(title="Reading mail", against="mail-parser with inscriptis", quick=options.quick)
    octets = [path.read_bytes() for path in train_part(100 if options.quick else 0)]
    rate = rates(report, octets, rounds)
    highest = worst(report, 3)
    report.bar("parse and clean, times mail-parser + inscriptis", rate, at_least=WANTED)
    report.bar("the slowest hostile megabyte", highest, "ms", at_most=MOST_MS)
    return report.done()


if __name__ == "__main__":
    sys.exit(main())
