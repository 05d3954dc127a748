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
# # 05 Routing simulation
#
# *How loaded are the liaisons of the sample file, how much waits, and what would one more liaison change?*
#
# The mail is that of the fixtures' train part with its labels taken for right, so that nothing but routing is looked at. When it
# comes and how long each inquiry takes is drawn (seeded): these two are assumptions, to be replaced by a ledger's own past, which
# `triage routes simulate` takes.

# %%
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from pipeline import wiring
from pipeline.classify.labels import read_labels
from pipeline.records.decisions import Disposition
from pipeline.records.lives import Career
from pipeline.resources import packaged
from pipeline.routing.simulate import replay
from pipeline.service.truth import decision_of, entry_of
from pipeline.settings import Folders, Settings

plt.style.use("notebooks.mplstyle")
settings = Settings(folders=Folders(liaisons=packaged("rules") / "liaisons.toml"))
taxonomy = wiring.taxonomy(settings)
policy = wiring.policy(settings)
drawn = np.random.default_rng(2026)

# The assumptions: inquiries a week, and days until one is over (half of them sooner).
WEEKLY, DAYS = 75, 12
START = datetime(2025, 9, 1, tzinfo=UTC)

# %%
rows = [row for row in read_labels(packaged("fixtures"), taxonomy) if row.part == "train"]
gaps = drawn.exponential(7 / WEEKLY, len(rows)).cumsum()
lasting = drawn.lognormal(np.log(DAYS), 0.7, len(rows))
careers = []
for row, gap, days in zip(drawn.permutation(np.array(rows, dtype=object)), gaps, lasting, strict=True):
    came = START + timedelta(days=float(gap))
    decision = decision_of(row.id, row.labels, row.language, came)
    if decision.disposition is not Disposition.FILE:
        over = came + timedelta(days=float(days))
        careers.append(
            Career(entry=entry_of(decision, came), liaison=policy.fallback, assigned_at=came, ended_at=over)
        )

# %% [markdown]
# ## How loaded are they?

# %%
plain = replay(careers, policy)
desks = pd.DataFrame(
    {
        "desk": one.id,
        "capacity": one.capacity,
        "given": one.now.given,
        "open": one.now.mean,
        "peak": one.now.peak,
    }
    for one in plain.desks
).set_index("desk")
desks["load"] = desks.open / desks.capacity
display(desks.assign(open=desks.open.map("{:.1f}".format), load=desks.load.map("{:.0%}".format)))
axes = desks[["open", "peak", "capacity"]].plot.bar(width=0.8, rot=0)
axes.set(
    title="Open inquiries at the ends of weeks (mean), at the most, and capacity",
    xlabel="",
    ylabel="inquiries",
)
axes.legend(loc="upper right", ncols=3)
plt.show()

# %%
busiest, idlest = desks.load.idxmax(), desks.load[desks.given > 0].idxmin()
never = list(desks.index[desks.given == 0])
assert desks.given.sum() == len(careers) == plain.inquiries, "everybody's inquiry is with somebody"
Markdown(
    f"**Answer.** At {WEEKLY} mails a week {len(careers):,} inquiries came in {len(plain.weeks)} weeks. {busiest} is loaded most:"
    f" {desks.open[busiest]:.0f} open on average, {desks.load[busiest]:.0%} of the capacity, {desks.peak[busiest]} at the most;"
    f" {idlest} least ({desks.load[idlest]:.0%}). "
    + (
        f"Nothing goes to {' and '.join(never)} by itself: these groups get what a rule or a liaison sends them."
        if never
        else ""
    )
)

# %% [markdown]
# ## How much waits?

# %%
weeks = pd.DataFrame(
    {"week": one.period, "given": one.given, "waiting": one.waiting_now} for one in plain.weeks
)
figure, axes = plt.subplots(figsize=(7.5, 2.8))
axes.bar(range(len(weeks)), weeks.given, color="#c9ced6", label="given out in the week")
axes.plot(
    range(len(weeks)),
    weeks.waiting,
    color="#d55e00",
    marker="o",
    markersize=3,
    label="waiting beyond capacity at its end",
)
axes.set_xticks(range(0, len(weeks), 4), weeks.week[::4])
axes.set(
    title="What comes, and what waits",
    ylabel="inquiries",
    ylim=(0, weeks[["given", "waiting"]].to_numpy().max() * 1.25),
)
axes.legend(loc="upper left", ncols=2)
plt.show()

# %%
settled = weeks.iloc[4:-1]
Markdown(
    f"**Answer.** Once desks have filled, {settled.waiting.mean():.1f} inquiries wait beyond somebody's capacity at a week's end"
    f" ({settled.waiting.min()} to {settled.waiting.max()}), of {settled.given.mean():.0f} given out a week."
)

# %% [markdown]
# ## What would one more liaison change?
#
# A colleague with a capacity of 20 for one region and all languages, tried in each region in turn; what happened above is the
# past that the same inquiries are given out again from.

# %%
moved = {change.key: change.now for change in plain.changes}
past = [replace(one, liaison=moved.get(one.entry.key, one.liaison)) for one in careers]
regions = [region for region in taxonomy.region if any(region in one.regions for one in policy.liaisons)]
tried = {}
for region in regions:
    more = policy.liaisons[0].model_copy(
        update={
            "id": "colleague",
            "name": "A colleague",
            "regions": (region,),
            "languages": (),
            "capacity": 20,
            "deputy": (),
        }
    )
    tried[region] = replay(past, policy.model_copy(update={"liaisons": (*policy.liaisons, more)}))
compared = pd.DataFrame(
    {
        region: {
            "to the colleague": next(one.now.given for one in made.desks if one.id == "colleague"),
            "waiting": np.mean([one.waiting_now for one in made.weeks[4:-1]]),
            f"open with {busiest}": next(one.now.mean for one in made.desks if one.id == busiest),
        }
        for region, made in tried.items()
    }
).T.sort_values("waiting")
display(compared.map("{:.1f}".format))
axes = compared.waiting[::-1].plot.barh(width=0.75, figsize=(7.5, 2.8))
axes.axvline(settled.waiting.mean(), color="#1d2126", linestyle="--", linewidth=1)
axes.text(settled.waiting.mean(), -0.45, " as it is", fontsize=8, va="bottom", ha="left")
axes.set(title="Waiting at a week's end, with one more liaison for a region", xlabel="inquiries", ylabel="")
axes.margins(x=0.15)
plt.show()

# %%
nobody = replay(past, policy)
assert not nobody.changes, "the same file gives everything to whom it gave it before"
best, now = compared.index[0], settled.waiting.mean()
assert compared.waiting[best] <= now
idle = [region for region, waiting in compared.waiting.items() if now - waiting < 0.5]
assert idle, "somewhere there is room already"
Markdown(
    f"**Answer.** Most in `{best}`: {compared.waiting[best]:.1f} would wait instead of {now:.1f}, and {busiest} would have"
    f" {compared.loc[best, f'open with {busiest}']:.0f} open instead of {desks.open[busiest]:.0f}. In {len(idle)} of"
    f" {len(compared)} regions ({', '.join(f'`{region}`' for region in idle)}) a colleague would change hardly anything: where there is room"
    " already, one more desk takes work from colleagues who have time for it."
)
