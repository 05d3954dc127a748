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
# *What does it get wrong: which fields, which values, in which languages? Which part of the mail tells most? Would
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
from pipeline.classify.bundle import read_card
from pipeline.classify.embeddings import KINDS
from pipeline.classify.evaluate import measure
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
held_out = held_out_of(settings, examples)
card = read_card(wiring.models_folder(settings) / wiring.serving(settings).name)
report = measure(held_out.fields, held_out.judged, held_out.rulings, examples, card["majority"])
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
    for example, row in zip(examples, rows_of(examples, held_out), strict=True)
    for field, label in row.labels.items()
    if field not in LIST_FIELDS and label
)
answers["right"] = answers.label == answers.answer

# %% [markdown]
# ## Which fields are hard?

#
# Beside what is right stands what always saying the most frequent value would get right, and what is won of the rest.

# %%
single = {name: figures for name, figures in report.fields.items() if name not in LIST_FIELDS}
of_fields = pd.DataFrame(
    {
        "mails": {name: figures.n for name, figures in single.items()},
        "right": {name: figures.score.value for name, figures in single.items()},
        "most frequent value": {name: figures.score.baseline for name, figures in single.items()},
    }
)
won = (of_fields.right - of_fields["most frequent value"]) / (1 - of_fields["most frequent value"])
of_fields = of_fields.assign(**{"won of the rest": won}).sort_values("won of the rest", ascending=False)
display(of_fields.assign(**{name: of_fields[name].map("{:.1%}".format) for name in of_fields.columns[1:]}))

# %%
assert (won > 0).all()
assert of_fields.right.idxmax() == "kind"
assert all(0.7 < won[name] < 0.8 for name in ("kind", "partner_type")), "three quarters"
hard = list(of_fields.index[-2:])
Markdown(
    f"**Answer.** What a mail is (`kind`, {of_fields.right['kind']:.0%} right) and who writes (`partner_type`,"
    f" {of_fields.right['partner_type']:.0%} of {len(single['partner_type'].values)} types) show in words: three quarters of what the most"
    f" frequent value gets wrong is won. What a mail means is harder: of `alignment` {won['alignment']:.0%} of that is won. Hardest are"
    f" `{hard[1]}` ({won[hard[1]]:.0%}) and `{hard[0]}` ({won[hard[0]]:.0%})."
)

# %% [markdown]
# ## What is taken for what?

# %%
names = taxonomy.values("partner_type")
crossed = np.array(single["partner_type"].confusion)
confusion = crossed / crossed.sum(axis=1, keepdims=True)
figure, axes = plt.subplots(figsize=(7.5, 5.2))
axes.imshow(confusion, vmin=0, vmax=1, aspect="auto")
axes.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=7)
axes.set_yticks(range(len(names)), names, fontsize=7)
for (row, column), value in np.ndenumerate(confusion):
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
recall = {
    name: pd.Series({one.value: one.recall.value for one in figures.values})
    for name, figures in single.items()
}
hardest = recall["partner_type"].idxmin()
mistaken = pd.Series(crossed.sum(axis=0) - crossed.diagonal(), index=names)
assert mistaken.idxmax() == hardest, "what is found least is also what others are taken for most"
assert recall["alignment"].idxmin() == "unclear"
Markdown(
    f"**Answer.** Of the types `{hardest}` is found least ({recall['partner_type'][hardest]:.0%}), and is what others are taken for most"
    f" ({mistaken[hardest]} times): it is what remains where nothing tells more. Of the alignments `unclear` is found least"
    f" ({recall['alignment']['unclear']:.0%}); it lies between the two others, and {(wrong[wrong.field == 'alignment'][['label', 'answer']] == 'unclear').any(axis=1).mean():.0%} of the mistakes"
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
by_length = by_length.right.mean().unstack().rename_axis(columns="quarter by length")
display(by_length.map("{:.1%}".format))
of_whom = (
    answers[(answers.field == "alignment") & (answers.type != "none")]
    .groupby("type")
    .right.agg(["size", "mean"])
)

# %%
gap = by_tongue.loc["English"] - by_tongue.loc["others"]
foreign = (answers.tongue == "others").mean()
of_short, of_long = (by_length.loc["partner_type", length] for length in ("shortest", "longest"))
assert gap["partner_type"] > 0
assert 0.2 < foreign < 0.32, "a quarter of the mail"
assert of_long > of_short
Markdown(
    f"**Answer.** In languages that the encoder does not know (a quarter of the mail) it is"
    f" {100 * gap['kind']:.0f} points worse than in English on `kind`, {100 * gap['partner_type']:.0f} on `partner_type`,"
    f" {100 * gap['alignment']:.0f} on `alignment`. Long mail tells more of who writes: {of_long:.0%} of the longest quarter, {of_short:.0%} of"
    f" the shortest. Whether aims fit is told best of {of_whom['mean'].idxmax()}"
    f" ({of_whom['mean'].max():.0%} of {of_whom['size'][of_whom['mean'].idxmax()]}) and worst of {of_whom['mean'].idxmin()}"
    f" ({of_whom['mean'].min():.0%} of {of_whom['size'][of_whom['mean'].idxmin()]})."
)

# %% [markdown]
# ## Where in the mail does it stand?
#
# Rules look at parts of a mail (views), and their hits are features. Where did a rule about the type hit? Views in which that
# was so in fewer than 20 mails are left out.

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
assert answers[answers.field == "alignment"].label.value_counts().idxmin() == "unclear"
Markdown(
    f"**Answer.** From {mails[0]:.0f} to {mails[1]:.0f} mails macro-F1 gains {first:.3f}, from {mails[1]:.0f} to {mails[2]:.0f}"
    f" {second:.3f}: each doubling "
    + ("brings less than the one before. " if second < first else "brings no less than the one before. ")
    + "More mail would still help `alignment`, above all mail that is `unclear`: it is labelled least, and found least."
)
