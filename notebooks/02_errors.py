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
# # 02 Features and errors of the classifier
#
# *What does it get wrong: which fields, which values, in which languages, where nothing in which part of the mail tells? Would
# more labelled mail help?*
#
# The answers are those of the model in force on its training mail, each given by a model that had not seen the mail, its thread,
# organisation or person. Nothing is trained anew but for the last question.

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from pipeline import wiring
from pipeline.classify.answers import rows_of
from pipeline.classify.embeddings import KINDS
from pipeline.classify.learning_curve import curve
from pipeline.cli.measuring import held_out_of, read_examples
from pipeline.records.decisions import LIST_FIELDS
from pipeline.records.inquiries import View
from pipeline.service.ports import silent
from pipeline.settings import Settings

plt.style.use("notebooks.mplstyle")
settings = Settings()
taxonomy = wiring.taxonomy(settings)
examples = read_examples(settings, wiring.rulebook(settings), (), "train", silent, cache=False)
rows = list(rows_of(examples, held_out_of(settings, examples)))
answers = pd.DataFrame(
    {
        "field": field,
        "label": label[0],
        "answer": row.answers[field][0],
        "language": example.language.partition("-")[0],
        "type": next(iter(row.labels.get("partner_type", ())), "none"),
        "letters": len(example.inquiry.text),
        "views": frozenset(
            hit.view
            for hit in example.hits
            if hit.view and any(tag.startswith(f"{field}=") for tag in hit.tags)
        ),
    }
    for example, row in zip(examples, rows, strict=True)
    for field, label in row.labels.items()
    if field not in LIST_FIELDS and label
)
answers["right"] = answers.label == answers.answer

# %% [markdown]
# ## Which fields are hard?

# %%
of_fields = answers.groupby("field", sort=False).agg(
    mails=("right", "size"),
    right=("right", "mean"),
    most_frequent=("label", lambda labels: labels.value_counts(normalize=True).iloc[0]),
)
of_fields["gain"] = of_fields.right - of_fields.most_frequent
of_fields = of_fields.sort_values("gain", ascending=False)
display(
    of_fields.assign(
        **{name: of_fields[name].map("{:.1%}".format) for name in ("right", "most_frequent", "gain")}
    )
)

# %%
assert (of_fields.gain > 0).all()
assert of_fields.right.idxmax() == "kind"
Markdown(
    f"**Answer.** What a mail is (`kind`, {of_fields.right['kind']:.0%} right) and who writes (`partner_type`,"
    f" {of_fields.right['partner_type']:.0%} of {answers[answers.field == 'partner_type'].label.nunique()} types) show in words. What"
    f" it means is hard: `alignment` {of_fields.right['alignment']:.0%}; and `{of_fields.gain.idxmin()}` gains least over always"
    f" saying the most frequent value ({of_fields.gain.min():+.1%})."
)

# %% [markdown]
# ## What is taken for what?

# %%
types = answers[answers.field == "partner_type"]
names = taxonomy.values("partner_type")
confusion = pd.crosstab(types.label, types.answer, normalize="index").reindex(
    index=names, columns=names, fill_value=0
)
figure, axes = plt.subplots(figsize=(7.5, 5.2))
axes.imshow(confusion, vmin=0, vmax=1, aspect="auto")
axes.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=7)
axes.set_yticks(range(len(names)), names, fontsize=7)
for (row, column), value in np.ndenumerate(confusion.to_numpy()):
    if value >= 0.02:
        colour = "white" if value > 0.55 else "black"
        axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=7, color=colour)
axes.set(
    title="partner_type: per cent of the labelled (rows) that were answered (columns)",
    xlabel="answered",
    ylabel="labelled",
)
plt.show()

# %%
wrong = answers[~answers.right]
worst = wrong.groupby("field")[["label", "answer"]].value_counts().rename("times").reset_index()
shown = worst[worst.field.isin(["kind", "partner_type", "alignment"])]
display(
    shown.groupby("field")
    .head(3)
    .sort_values(["field", "times"], ascending=[True, False])
    .reset_index(drop=True)
)

# %%
recall = answers.groupby(["field", "label"]).right.mean()
hardest = recall["partner_type"].idxmin()
assert recall["alignment"].idxmin() == "unclear"
Markdown(
    f"**Answer.** Of the types `{hardest}` is found least ({recall['partner_type', hardest]:.0%}): it has no words of its own, and"
    f" is what remains. Of `alignment` `unclear` is found least ({recall['alignment', 'unclear']:.0%}); it lies between the two"
    f" others, and {(wrong[wrong.field == 'alignment'][['label', 'answer']] == 'unclear').any(axis=1).mean():.0%} of the mistakes"
    " have it on one side."
)

# %% [markdown]
# ## In which languages, and for whom?
#
# The encoder knows a number of languages; in the others words alone have to do.

# %%
known = KINDS["use"].languages
answers["tongue"] = np.select(
    [answers.language == "en", answers.language.isin(known)], ["English", "known to the encoder"], "others"
)
main = answers[answers.field.isin(["kind", "partner_type", "alignment"])]
by_tongue = main.pivot_table(index="tongue", columns="field", values="right", aggfunc="mean").loc[
    ["English", "known to the encoder", "others"], ["kind", "partner_type", "alignment"]
]
axes = by_tongue.T.plot.bar(width=0.75, rot=0)
axes.set(title="Share of right answers by language", xlabel="", ylabel="right", ylim=(0, 1.15))
axes.legend(loc="upper right", ncols=3)
plt.show()
by_length = main.groupby(
    ["field", pd.qcut(main.letters, 4, labels=["shortest", "short", "long", "longest"])], observed=True
)
display(by_length.right.mean().unstack().map("{:.1%}".format))
of_whom = (
    answers[(answers.field == "alignment") & (answers.type != "none")]
    .groupby("type")
    .right.agg(["size", "mean"])
)

# %%
gap = by_tongue.loc["English"] - by_tongue.loc["others"]
assert gap["partner_type"] > 0
Markdown(
    f"**Answer.** In languages that the encoder does not know (a {'quarter' if 0.2 < (answers.tongue == 'others').mean() < 0.32 else 'part'}"
    f" of the mail) it is {100 * gap['kind']:.0f} points worse than in English on `kind`, {100 * gap['partner_type']:.0f} on `partner_type`,"
    f" {100 * gap['alignment']:.0f} on `alignment`. Whether aims fit is told best of {of_whom['mean'].idxmax()}"
    f" ({of_whom['mean'].max():.0%} of {of_whom['size'][of_whom['mean'].idxmax()]}) and worst of {of_whom['mean'].idxmin()}"
    f" ({of_whom['mean'].min():.0%} of {of_whom['size'][of_whom['mean'].idxmin()]})."
)

# %% [markdown]
# ## Where in the mail does it stand?
#
# Rules look at parts of a mail (views), and their hits are features. Where did a rule about the type hit?

# %%
types = answers[answers.field == "partner_type"]
hit = pd.DataFrame(
    [("none", len(none := types[types.views.map(len) == 0]), none.right.mean())]
    + [
        (str(view), len(some), some.right.mean())
        for view in View
        if len(some := types[types.views.map(lambda views, view=view: view in views)]) >= 20
    ],
    columns=["view", "mails", "right"],
).sort_values("right")
axes = hit.plot.barh(x="view", y="right", legend=False, width=0.75, figsize=(7.5, 2.6))
for at, (mails, right) in enumerate(zip(hit.mails, hit.right, strict=True)):
    axes.text(right + 0.01, at, f"{right:.0%} of {mails}", va="center", fontsize=8)
axes.set(
    title="partner_type: share right where a rule about the type hit in a view",
    xlabel="right",
    ylabel="",
    xlim=(0, 1.1),
)
plt.show()

# %%
views = hit[hit.view != "none"].set_index("view")
best, widest = views.right.idxmax(), views.mails.idxmax()
assert views.right[best] > types.right.mean()
Markdown(
    f"**Answer.** Most in the {best}: where a rule about the type hits there, {views.right[best]:.0%} are right, but that is so in"
    f" {views.mails[best] / len(types):.0%} of the mails alone. In the {widest} one hits nearly everywhere"
    f" ({views.mails[widest] / len(types):.0%}), which tells little: {views.right[widest]:.0%}, as over all ({types.right.mean():.0%})."
    f" Where no rule hits anywhere ({len(none)} mails), {none.right.mean():.0%} are right."
)

# %% [markdown]
# ## Would more labelled mail help?
#
# One field trained anew on parts of the groups: `alignment`, with words alone, scores as they are.

# %%
points = list(curve(examples, taxonomy, ("alignment",), shares=(0.25, 0.5, 1.0)))
figure, axes = plt.subplots(figsize=(7.5, 3))
mails = [point.mails for point in points]
axes.plot(
    mails,
    [np.median(point.accuracies) for point in points],
    marker="o",
    label="accuracy (median of five folds)",
)
axes.fill_between(
    mails, *zip(*((min(p.accuracies), max(p.accuracies)) for p in points), strict=True), alpha=0.15
)
axes.plot(mails, [point.macro_f1 for point in points], marker="s", linestyle="--", label="macro-F1")
axes.axhline(points[0].baseline, color="#5a616a", linestyle=":", label="most frequent value")
axes.set(
    title="alignment, learnt from parts of the mail", xlabel="mails learnt from", ylabel="", ylim=(0.5, 0.85)
)
axes.legend(loc="upper left", ncols=3)
plt.show()

# %%
first, second = (later.macro_f1 - sooner.macro_f1 for sooner, later in pairwise(points))
assert points[-1].macro_f1 > points[0].macro_f1
Markdown(
    f"**Answer.** From {mails[0]:.0f} to {mails[1]:.0f} mails macro-F1 gains {first:.3f}, from {mails[1]:.0f} to {mails[2]:.0f}"
    f" {second:.3f}: each doubling "
    + ("brings less than the one before. " if second < first else "brings no less than the one before. ")
    + "More mail helps `alignment`, above all mail that is `unclear`, of which there is least."
)
