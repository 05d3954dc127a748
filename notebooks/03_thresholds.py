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
# # 03 Calibration, thresholds, and what review costs
#
# *May a probability be believed? What do thresholds buy? How much has a person to look at, so that how little goes wrong?*
#
# All probabilities and thresholds are out of fold: no mail was judged by what had seen it or its kin.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from pipeline import wiring
from pipeline.classify.bundle import read_card
from pipeline.classify.evaluate import measure
from pipeline.cli.measuring import held_out_of, read_examples, rehearsing
from pipeline.records.decisions import HONEST_KINDS, Disposition
from pipeline.service.handing import handing
from pipeline.service.ports import silent
from pipeline.service.rehearsal import DAY, swept
from pipeline.service.scoring import outcomes
from pipeline.settings import Settings

plt.style.use("notebooks.mplstyle")
settings = Settings()
tagger = rehearsing(settings)
examples = read_examples(settings, tagger.rulebook, (), "train", silent, cache=False)
held_out = held_out_of(settings, examples)
card = read_card(wiring.models_folder(settings) / wiring.serving(settings).name)
report = measure(held_out.fields, held_out.judged, held_out.rulings, examples, card["majority"])
promise = card["promise"]["precision"]
# What is measured here is what the model's card says.
for field, figures in report.fields.items():
    assert abs(figures.score.value - card["metrics"]["fields"][field]["score"]["value"]) < 0.005, field

# %% [markdown]
# ## May a probability be believed?

# %%
shown = ("kind", "partner_type", "alignment")
figure, panels = plt.subplots(1, 3, figsize=(7.5, 2.9), sharey=True)
for axes, field in zip(panels, shown, strict=True):
    bins = report.fields[field].calibration
    axes.plot([0, 1], [0, 1], color="#5a616a", linewidth=0.8, linestyle="--")
    axes.plot([one.confidence for one in bins], [one.right for one in bins], marker="o", markersize=3)
    axes.set(title=field, xlabel="probability", xlim=(0, 1), ylim=(0, 1.02))
panels[0].set_ylabel("share right")
plt.show()
errors = pd.Series({field: figures.ece for field, figures in report.fields.items()})
display(errors.map("{:.3f}".format).to_frame("expected calibration error"))

# %%
assert errors.max() < 0.06
Markdown(
    f"**Answer.** Yes: in ten bins the share of right answers differs from the probability by {errors.min():.3f}"
    f" (`{errors.idxmin()}`) to {errors.max():.3f} (`{errors.idxmax()}`) on average. This holds at the proportions of the labelled"
    " mail; a mailbox has others, which `decisions.kinds` in `liaisons.toml` can be told."
)

# %% [markdown]
# ## What do thresholds buy?
#
# The surer an answer has to be, the fewer there are, and the fewer of them are wrong.

# %%
figure, axes = plt.subplots(figsize=(7.5, 3.2))
for field, style in zip((*shown, "complexity"), ("-", "--", "-.", ":"), strict=True):
    curve = report.fields[field].risk
    axes.plot([one.coverage for one in curve], [one.risk for one in curve], style, label=field)
axes.axhline(1 - promise, color="#5a616a", linewidth=0.8)
axes.text(1, 1 - promise - 0.005, "the promise", ha="right", va="top", fontsize=8, color="#5a616a")
axes.set(
    title="Wrong answers among the surest",
    xlabel="share of the mails, surest first",
    ylabel="share wrong",
    xlim=(0, 1),
)
axes.legend(loc="upper left")
plt.show()
kept = pd.DataFrame(
    {field: (figures.coverage, figures.precision) for field, figures in report.fields.items()},
    index=["sure", "right of these"],
).T
display(kept.map(lambda value: "-" if pd.isna(value) else f"{value:.1%}"))

# %%
far = kept[kept.sure >= 0.2]
assert (far["right of these"] > promise - 0.03).all()
Markdown(
    f"**Answer.** At the thresholds, learnt on other folds to keep {promise:.0%}, {far['right of these'].min():.1%} to"
    f" {far['right of these'].max():.1%} of the sure answers are right in the {len(far)} fields where at least a fifth is sure."
    f" `kind` is sure in {kept.sure['kind']:.0%} of the mails, `alignment` in {kept.sure['alignment']:.0%}; the others are shown"
    " as questions, not hidden."
)

# %% [markdown]
# ## What does review cost, and what does it save?
#
# Two limits of `liaisons.toml` say what a person has to look at: from which probability on another reading is taken seriously
# (`plausible`), and below which a place is only a guess (`threshold`). Two more say what is filed unseen (`file`, `honest`).
# The first two are varied by themselves, `file` and `honest` together; all else stays. Marked with * is what is shipped.

# %%
limits = tagger.policy.decisions
settings_tried = {
    "plausible": [{"plausible": value} for value in (0.05, limits.plausible, 0.25, 0.35, 0.5)],
    "threshold": [{"threshold": value} for value in (0.3, limits.threshold, 0.7, 0.85, 0.95)],
    "file": [
        *({"file": 1 - value, "honest": value} for value in (0.005, 0.02)),
        {"file": limits.file, "honest": limits.honest},
        *({"file": 1 - value, "honest": value} for value in (0.15, 0.3, 0.6)),
    ],
}
shipped = limits.model_dump()
policies = {
    f"{dial} {values[dial]:g}{' *' if values.items() <= shipped.items() else ''}": tagger.policy.model_copy(
        update={"decisions": limits.model_copy(update=values)}
    )
    for dial, tried in settings_tried.items()
    for values in tried
}
decisions = swept(tagger, examples, held_out, policies)

# %%
labels = [example.labels for example in examples]
is_honest = np.array([label["kind"][0] in HONEST_KINDS for label in labels])
rows = {}
for name, some in decisions.items():
    mail, ways = outcomes(some, labels), np.array([one.disposition for one in some])
    astray = handing(some, labels, tagger.policy, tagger.taxonomy, DAY) or 0.0
    rows[name] = {
        "all to review": (ways == Disposition.REVIEW).mean(),
        "honest assigned": mail.assigned,
        "honest to a wrong liaison": astray * mail.assigned,
        "honest filed (lost)": mail.filed,
        "others filed": (ways[~is_honest] == Disposition.FILE).mean(),
    }
table = pd.DataFrame(rows).T
display(table.map("{:.1%}".format))

# %%
figure, axes = plt.subplots(figsize=(7.5, 3.4))
usual = 100 * table.loc[f"plausible {limits.plausible:g} *"]
for dial, marker, shift in (("plausible", "o", (4, 5)), ("threshold", "s", (-3, -13))):
    some = 100 * table[table.index.str.startswith(dial)]
    axes.plot(some["all to review"], some["honest to a wrong liaison"], marker=marker, label=dial)
    # Points that lie on one another, or on what is shipped, have no name of their own.
    apart = (some["all to review"] - usual["all to review"]).abs() > 0.3
    for point, row in some[apart & (some["all to review"].diff().abs().fillna(1) > 0.1)].iterrows():
        at = (row["all to review"], row["honest to a wrong liaison"])
        axes.annotate(point.split()[1], at, shift, textcoords="offset points", fontsize=7)
at = (usual["all to review"], usual["honest to a wrong liaison"])
arrow = {"arrowstyle": "-", "color": "#5a616a", "linewidth": 0.7}
axes.annotate("as shipped", at, (10, 22), textcoords="offset points", fontsize=8, arrowprops=arrow)
axes.set(
    title="What a person looks at, and what goes to a wrong liaison",
    xlabel="all mail to review (per cent)",
    ylabel="honest mail astray (per cent)",
)
axes.margins(0.08, 0.15)
axes.legend(loc="upper right")
plt.show()

# %%
usual, lax = table.loc[f"plausible {limits.plausible:g} *"], table.loc["plausible 0.5"]
strict = table.loc["threshold 0.95"]
assert usual["honest filed (lost)"] < 0.005, "a lost inquiry is the worst error"
assert lax["all to review"] < usual["all to review"] <= strict["all to review"]
saved = (lax["honest to a wrong liaison"] - usual["honest to a wrong liaison"]) * is_honest.sum()
looked = (usual["all to review"] - lax["all to review"]) * len(examples)
Markdown(
    f"**Answer.** As shipped, {usual['all to review']:.1%} of all mail goes to review, {usual['honest assigned']:.1%} of honest mail is"
    f" assigned without, {usual['honest to a wrong liaison']:.1%} of honest mail goes to a liaison to whom the labels would not have sent it, and"
    f" {usual['honest filed (lost)']:.1%} is filed unseen. Without review of doubtful kinds (`plausible` 0.5), {looked:.0f} mails fewer would be"
    f" looked at, and {saved:.0f} more go astray: {looked / max(saved, 1):.0f} looks save one. Asking for surer places (`threshold`"
    f" 0.95) brings review to {strict['all to review']:.1%} and mail astray to {strict['honest to a wrong liaison']:.1%}."
)

# %% [markdown]
# ## How boldly may spam be filed?

# %%
filing = table[table.index.str.startswith("file")]
lost = filing["honest filed (lost)"]
never = filing[lost == 0]
bold, careful, now = filing.iloc[-1], filing.iloc[0], filing.loc[f"file {limits.file:g} *"]
assert now["honest filed (lost)"] == 0
assert bold["others filed"] >= careful["others filed"]
Markdown(
    f"**Answer.** From the most careful setting to the boldest tried (`file` {careful.name.split()[1]} to {bold.name.split()[1]})"
    f" what is filed of the other mail goes from {careful['others filed']:.1%} to {bold['others filed']:.1%}, and review from"
    f" {careful['all to review']:.1%} to {bold['all to review']:.1%}; as shipped {now['others filed']:.1%} is filed, and no honest mail. "
    + (
        "None was lost even at the boldest, but the labelled mail has little spam of the kind that real mailboxes get: the"
        " shipped limits stay careful."
        if len(never) == len(filing)
        else f"Honest mail is lost first at {filing.index[len(never)].split()[1]} ({lost.iloc[len(never)]:.1%})."
    )
)
