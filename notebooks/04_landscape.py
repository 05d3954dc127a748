# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 04 The landscape
#
# *Who approaches the movement: how many over time, which types from which regions, which organisations come again?*
#
# One year of the mail of the fixtures' train part goes through the whole pipeline into a ledger of its own, as an archive does
# with `triage import`. The model has learnt from this mail, so that its tags are better here than on mail to come; how good
# those would be is told by notebooks 02 and 03.

# %%
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from pipeline import parsing, wiring
from pipeline.adapters.archives.batches import MailArchives
from pipeline.classify.labels import message_file, read_labels
from pipeline.digest.figures import heat
from pipeline.records.decisions import HONEST_KINDS
from pipeline.resources import packaged
from pipeline.service.importing import import_archives
from pipeline.service.landscape import everything
from pipeline.settings import Folders, LedgerSettings, Settings
from pipeline.tongue import tongue

plt.style.use("notebooks.mplstyle")
YEAR = 2025
words = tongue("en")
fixtures = packaged("fixtures")
here = tempfile.TemporaryDirectory()
mail = Path(here.name) / "mail"
mail.mkdir()
settings = Settings(
    folders=Folders(model="base", liaisons=packaged("rules") / "liaisons.toml"),
    ledger=LedgerSettings(url=f"sqlite:///{here.name}/triage.db"),
)

# %%
# Only files of the train part are opened; the date is the one that their authors wrote.
rows = {row.id: row for row in read_labels(fixtures, wiring.taxonomy(settings)) if row.part == "train"}
for identifier in rows:
    octets = message_file(fixtures, identifier).read_bytes()
    written = parsing.parse_message(octets).date
    if written and written.year == YEAR:
        (mail / f"{identifier}.eml").write_bytes(octets)

# %%
desk = wiring.desk(settings, clock=lambda: datetime(YEAR + 1, 1, 5, 8, tzinfo=UTC))
(imported,) = import_archives([str(mail)], MailArchives(), desk.ledger, desk.clock)
outcomes, _ = desk.work()
listings = desk.ledger.landscape.listings()
organisations = desk.ledger.organisations.find("", 10_000)
desk.close()
labels = [rows[path.stem].labels for path in mail.iterdir()]
here.cleanup()
assert imported.imported.stored == sum(outcomes.values()), "every mail ended somewhere"
display(pd.Series(outcomes, name="mails").to_frame().T)

# %% [markdown]
# ## How many, over time?

# %%
landscape = pd.DataFrame(
    {
        "month": row.since.month,
        "asks": row.asks,
        "type": row.partner_type or "unknown",
        "region": row.region or "unknown",
    }
    for row in everything(listings)
)
months = pd.crosstab(landscape.month, landscape.asks).reindex(range(1, 13), fill_value=0)
axes = months[["partnership", "endorsement"]].plot.bar(stacked=True, width=0.8, rot=0, figsize=(7.5, 2.8))
axes.set(title=f"Inquiries of organisations in {YEAR}", xlabel="month", ylabel="inquiries")
axes.set_ylim(0, months.sum(axis=1).max() * 1.25)
axes.legend(loc="upper left", ncols=2)
plt.show()

# %%
monthly = months.sum(axis=1)
honest = [label for label in labels if label["kind"][0] in HONEST_KINDS]
assert len(listings) <= sum(outcomes.values())
assert abs(monthly.sum() - len(honest)) < 0.4 * len(honest), (
    "the landscape has most of what the labels call an inquiry"
)
Markdown(
    f"**Answer.** {monthly.sum()} inquiries of organisations that could be named, of {len(honest)} partnership and endorsement mails as"
    f" labelled: {monthly.min()} to {monthly.max()} a month, {monthly.median():.0f} in the median one;"
    f" {months.endorsement.sum() / monthly.sum():.0%} ask for an endorsement. The dates are invented, too: a trend would say nothing."
)

# %% [markdown]
# ## Which types, from where?

# %%
cells = heat(
    (kind_, region, int(count))
    for (kind_, region), count in landscape.value_counts(["type", "region"]).items()
)
counts = np.array([values for _, values in cells.rows])
figure, axes = plt.subplots(figsize=(7.5, 4.8))
axes.imshow(counts, vmin=0, aspect="auto")
axes.set_xticks(
    range(len(cells.regions)),
    [words.tag("region", one) for one in cells.regions],
    rotation=35,
    ha="right",
    fontsize=7,
)
axes.set_yticks(
    range(len(cells.rows)),
    [words.tag("partner_type", one) if one != "unknown" else "Unknown" for one, _ in cells.rows],
    fontsize=8,
)
for (row, column), count in np.ndenumerate(counts):
    if count:
        axes.text(
            column,
            row,
            str(count),
            ha="center",
            va="center",
            fontsize=7,
            color="white" if count > 0.55 * cells.highest else "black",
        )
axes.set_title("Inquiries by type of partner and region")
plt.show()

# %%
top_type, top_region = cells.rows[0][0], cells.regions[int(np.argmax(cells.totals))]
empty = int((counts == 0).sum())
assert cells.total == len(landscape)
labelled = pd.Series([label["region"][0] for label in honest])
shares = (one.value_counts(normalize=True) for one in (landscape.region, labelled))
apart = pd.concat(shares, axis=1).fillna(0).diff(axis=1).iloc[:, 1].abs().sum() / 2
assert apart < 0.15, "the regions are those of the labels"
Markdown(
    f"**Answer.** The most frequent region is {words.tag('region', top_region)} ({max(cells.totals) / cells.total:.0%}), the most frequent type"
    f" {words.tag('partner_type', top_type).lower()} ({sum(cells.rows[0][1]) / cells.total:.0%}); {empty} of {counts.size} pairs of type and"
    f" region have none. The shares of the regions differ from those of the labels by {apart:.0%} in all; inquiries of"
    " which no organisation is known are not in this table."
)

# %% [markdown]
# ## Which organisations come again?

# %%
often = sorted(
    (one for one in organisations if one.inquiries > 1), key=lambda one: (-one.inquiries, one.name)
)
display(
    pd.DataFrame(
        [
            (
                one.name,
                words.tag("partner_type", one.kind) if one.kind else "",
                one.country or "",
                one.inquiries,
            )
            for one in often[:8]
        ],
        columns=["organisation", "type", "country", "inquiries"],
    )
)

# %%
assert len(often) < 0.05 * len(organisations), "few come again"
Markdown(
    f"**Answer.** Few, in invented mail: the register has {len(organisations)} organisations; {len(often)} of them wrote about more"
    f" than one thing. {sum(bool(one.country) for one in organisations) / len(organisations):.0%} have a country. Nothing of this is public until a"
    " maintainer approves it row by row (`triage landscape approve`)."
)
