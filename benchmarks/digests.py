"""What daily digests cost: so many of 20 entries each, text and HTML, as a liaison gets them.

The reference in the same run fills one bare Jinja template with the same fields of the same entries: no words in the
reader's language, no plain text, no cleaning, no styles inlined, no mail.

    .venv/bin/python benchmarks/digests.py [--digests 500]

The bar is ten seconds for 500 of them, as mails.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jinja2 import Environment

from benchmarks.frame import Report, asking
from pipeline.digest.daily import render_daily
from pipeline.digest.message import compose, thread_fields
from pipeline.records.messages import Address
from pipeline.records.work import DailyDigest
from tests.digest import samples

ENTRIES = 20
BATCHES = 10
BAR = 10.0
BARE_ONE, MAILED = "a bare template", "text, HTML and mail"
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SENDER = Address(name="Partnership triage", address="triage@partners.example")
BARE = Environment(autoescape=True).from_string(
    "<html><body>{% for e in entries %}<h3>{{ e.subject }}</h3><p>{{ e.organisation }}, {{ e.author.name }}</p>"
    "<p>{{ e.decision.summary }}</p><p>{{ e.decision.tags.kind }} {{ e.decision.tags.partner_type }} {{ e.decision.tags.region }}"
    " {{ e.decision.tags.alignment }} {{ e.decision.priority }} {{ e.due_at }}</p>"
    "{% for each in e.decision.evidence %}<p>{{ each.score }} {{ each.detail }}</p>{% endfor %}"
    "{% for action, words in offers[e.key].actions %}<a href='mailto:{{ offers[e.key].address }}'>{{ words }}</a>{% endfor %}"
    "{% endfor %}</body></html>"
)


def main() -> int:
    asked = asking(__doc__)
    asked.add_argument("--digests", type=int, default=0)
    options = asked.parse_args()
    count = options.digests or (40 if options.quick else 500)
    report = Report(title="Daily digests", against="one bare Jinja template", quick=options.quick)
    digests = [sample(number) for number in range(count)]
    for digest in digests[:4]:
        mailed(digest)  # catalogues and templates are read once a process
    timed = times({BARE_ONE: bare, "text and HTML": rendered, MAILED: mailed}, digests)
    caption = (
        f"Seconds for {count} digests of {ENTRIES} entries, in English, German, French and Spanish by turns; "
        f"of {BATCHES} batches, as if all were like each"
    )
    whole = {name: [value * count for value in values] for name, values in timed.items()}
    report.compare(caption, whole, BARE_ONE, digits=2)
    report.bar(f"{count} digests of {ENTRIES} entries", statistics.median(whole[MAILED]), "s", at_most=BAR)
    return report.done()


def sample(number: int) -> DailyDigest:
    """Return a digest of 20 entries; whose digest it is decides language and entries."""
    late, new = number % 4, 6 + number % 5
    digest = samples.daily(late, new, ENTRIES - late - new)
    return samples.with_offers(digest, ("en", "de", "fr", "es")[number % 4])


def rendered(digest: DailyDigest) -> object:
    return render_daily(digest, name="Mira Okonkwo", timezone="Europe/Berlin")


def mailed(digest: DailyDigest) -> object:
    return compose(
        render_daily(digest, name="Mira Okonkwo", timezone="Europe/Berlin"),
        sender=SENDER,
        recipient=replace(digest.recipient, name="Mira"),
        message_id="<daily.2026-11-22.0a1b@partners.example>",
        date=NOW,
        headers=thread_fields("<week.2026-W47.0a1b@partners.example>", digest.reply_to, digest.locale),
    )


def bare(digest: DailyDigest) -> object:
    entries = (*digest.overdue, *digest.new, *digest.waiting)
    return BARE.render(entries=entries, offers=digest.offers)


def times(
    steps: dict[str, Callable[[DailyDigest], object]], digests: list[DailyDigest]
) -> dict[str, list[float]]:
    """Return the seconds that each step took for one digest, of each of ten batches; the steps take turns."""
    size = max(1, len(digests) // BATCHES)
    found: dict[str, list[float]] = {name: [] for name in steps}
    for start in range(0, len(digests), size):
        batch = digests[start : start + size]
        for name, step in steps.items():
            began = time.perf_counter()
            for digest in batch:
                step(digest)
            found[name].append((time.perf_counter() - began) / len(batch))
    return found


if __name__ == "__main__":
    sys.exit(main())
