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
# # 01 The fixtures
#
# *Who writes in the labelled mail, in which languages; how do the labels go together, and do they follow the guide?*
#
# Only the train part is opened. All of it is invented, and balanced for learning: its proportions are those of no mailbox.

# %%
import warnings
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from pipeline import wiring
from pipeline.classify.audit import audit
from pipeline.classify.labels import read_labels
from pipeline.cli.measuring import held_out_of, read_examples
from pipeline.resources import packaged
from pipeline.service.ports import silent
from pipeline.settings import Settings

plt.style.use("notebooks.mplstyle")
# Bars of progress that nobody wants here.
warnings.filterwarnings("ignore", message="IProgress not found")
settings = Settings()
taxonomy = wiring.taxonomy(settings)
examples = read_examples(settings, wiring.rulebook(settings), (), "train", silent, cache=False)
mails = pd.DataFrame(
    {
        "kind": one.labels["kind"][0],
        "type": next(iter(one.labels.get("partner_type", ())), None),
        "alignment": next(iter(one.labels.get("alignment", ())), None),
        "channel": one.channel,
        "language": one.language,
        "group": one.group,
        "letters": len(one.inquiry.text),
    }
    for one in examples
)
assert {one.part for one in examples} == {"train"}

# %% [markdown]
# ## Who writes, and how does it reach us?

# %%
display(pd.crosstab(mails.kind, mails.channel, margins=True, margins_name="all"))
# Of a misdirected mail the guide labels who writes, but not whether aims fit.
fits = mails.alignment.fillna("not labelled")
by_type = pd.crosstab(mails.type, fits)[["aligned", "unclear", "not_aligned", "not labelled"]]
axes = by_type.loc[by_type.sum(axis=1).sort_values().index].plot.barh(
    stacked=True, width=0.8, figsize=(7.5, 4), color=["#0b4f8a", "#e69f00", "#56b4e9", "#c9ced6"]
)
axes.set(title="Mails by type of partner, and whether their aims fit", xlabel="mails", ylabel="")
axes.legend(title="alignment", loc="lower right")
plt.show()
# %%
shares = mails.kind.value_counts(normalize=True)
types = mails.type.value_counts()
assert types.min() * 3 > types.max(), "the types are balanced"
assert by_type.sum(axis=1).equals(types.reindex(by_type.index)), "the chart shows all of them"
Markdown(
    f"**Answer.** {len(mails):,} mails; {shares['partnership']:.0%} are about a partnership,"
    f" {shares['endorsement']:.0%} ask for an endorsement, {shares['spam'] + shares['automated']:.0%} need nobody."
    f" All {len(types)} types are there, {types.idxmin()} with {types.min()} mails the rarest and {types.idxmax()} with"
    f" {types.max()} the most frequent. {(mails.channel == 'direct').mean():.0%} come straight to a mailbox."
)

# %% [markdown]
# ## In which languages?

# %%
spoken = mails.language.value_counts()
axes = spoken.head(20).plot.bar(width=0.8, rot=0)
axes.set(title="Mails by language: the 20 most frequent", xlabel="", ylabel="mails")
plt.show()
Markdown(
    f"**Answer.** {len(spoken)} languages. `{spoken.index[0]}` has {spoken.iloc[0] / len(mails):.0%}, the next nine together"
    f" {spoken.iloc[1:10].sum() / len(mails):.0%}; {(spoken < 10).sum()} languages have fewer than ten mails, so that what is"
    " said of a single one of those is chance."
)

# %% [markdown]
# ## How do the labels go together?
#
# What each type asks for: the share of its mails with an activity.

# %%
asked = pd.DataFrame(
    {"type": one.labels["partner_type"][0], "activity": activity}
    for one in examples
    for activity in one.labels.get("activities", ())
)
worthy = Counter(one.labels["partner_type"][0] for one in examples if "activities" in one.labels)
counts = pd.crosstab(asked.type, asked.activity).reindex(
    index=taxonomy.values("partner_type"), columns=taxonomy.values("activities"), fill_value=0
)
share = counts.div(pd.Series(worthy), axis=0).reindex(counts.index)
figure, axes = plt.subplots(figsize=(7.5, 4.6))
axes.imshow(share, vmin=0, vmax=1, aspect="auto")
axes.set_xticks(range(share.shape[1]), [name.replace("_", "\n") for name in share.columns], fontsize=7)
axes.set_yticks(range(share.shape[0]), share.index)
for (row, column), value in np.ndenumerate(share.to_numpy()):
    axes.text(
        column,
        row,
        f"{value:.0%}",
        ha="center",
        va="center",
        fontsize=7,
        color="white" if value > 0.55 else "black",
    )
axes.set_title("Share of a type's partnership and endorsement mails that are about an activity")
plt.show()
# %%
usual = share.idxmax(axis=1)
typical = {
    "museum": "content_donation",
    "archive": "content_donation",
    "library": "content_donation",
    "university": "education_program",
    "technology": "technology",
    "foundation": "funding",
}
assert all(usual[kind] == activity for kind, activity in typical.items())
kinds = pd.crosstab(mails.alignment, mails.kind, normalize="columns")
assert kinds.loc["aligned", "business"] < 0.05, "business is not aligned, by the guide"
Markdown(
    "**Answer.** Each type has its usual activity: "
    + ", ".join(
        f"{kind} `{activity}` ({share.loc[kind, activity]:.0%})" for kind, activity in typical.items()
    )
    + f". But that one is in only {share.max(axis=1).median():.0%} of a type's mails (median of the types), so that neither gives"
    f" the other away. Of business mail {kinds.loc['aligned', 'business']:.0%} is aligned, of partnership mail"
    f" {kinds.loc['aligned', 'partnership']:.0%}."
)

# %% [markdown]
# ## Do the labels follow the guide?
#
# Reading them checks every value against the taxonomy. What remains is held against the model out of fold, against
# copies, and against rules that decide, as `triage labels audit` does.

# %%
for one in examples:
    kind = one.labels["kind"][0]
    assert set(one.labels) - {"kind"} <= taxonomy.labels(kind), one.id
    country, region = (next(iter(one.labels.get(field, ())), "") for field in ("country", "region"))
    assert not country or region == taxonomy.region_of(country), one.id

held_out = held_out_of(settings, examples)
found = audit(examples, held_out.fields, held_out.judged)
doubted = Counter(one.field for one in found.suspects or ())
# Of a list each of its values is a label that may be there or not.
asked_for = {
    field: sum(field in one.labels for one in examples)
    * (len(values) if field in ("activities", "priorities") else 1)
    for field, values in held_out.fields.items()
}
display(
    pd.DataFrame(
        {
            "labels": asked_for,
            "suspect": {field: doubted[field] for field in asked_for},
            "share": {field: f"{doubted[field] / asked_for[field]:.1%}" for field in asked_for},
        }
    )
)

# %%
assert len(found.duplicates) + len(found.contradictions) < len(examples) / 100
least, most = (
    choose(asked_for, key=lambda field: doubted[field] / asked_for[field]) for choose in (min, max)
)
Markdown(
    f"**Answer.** No label is outside the guide, and every region follows from its country. Pairs of copies"
    f" with different labels: {len(found.duplicates)}; labels that contradict a rule that decides: {len(found.contradictions)}. The model doubts"
    f" `{least}` least ({doubted[least] / asked_for[least]:.1%}) and `{most}` most ({doubted[most] / asked_for[most]:.1%}):"
    " a suspect is where the model is sure of another value, which is a mistake of the labels or of the model; a person"
    " has to look."
    if found.suspects is not None
    else f"**Answer.** No label is outside the guide; {len(found.duplicates)} pairs of copies differ. Suspects need cleanlab."
)

# %% [markdown]
# ## What belongs together, and how long are the mails?

# %%
rows = [row for row in read_labels(packaged("fixtures"), taxonomy) if row.part == "train"]
answering = [row for row in rows if row.in_reply_to]
group_of = {one.id: one.group for one in examples}
assert all(group_of[row.id] == group_of[row.in_reply_to] for row in answering if row.in_reply_to in group_of)
sizes = mails.groupby("group").size().value_counts().sort_index()
figure, (left, right) = plt.subplots(1, 2)
left.bar(sizes.index.astype(str), sizes)
left.set(title="Groups by number of mails", xlabel="mails in the group", ylabel="groups", yscale="log")
right.hist(mails.letters.clip(1, None), bins=np.logspace(1, 4.2, 30))
right.set(title="Length of what the author wrote", xlabel="characters", ylabel="mails", xscale="log")
plt.show()
# %%
alone = sizes.get(1, 0) / len(mails)
Markdown(
    f"**Answer.** {len(mails):,} mails are {sizes.sum():,} groups of threads, organisations and persons; {alone:.0%} stand alone,"
    f" the largest group has {sizes.index.max()}. {len(answering)} mails answer another. All figures of the classifier keep groups"
    f" on one side of a split. Half of the mails are between {mails.letters.quantile(0.25):,.0f} and"
    f" {mails.letters.quantile(0.75):,.0f} characters long."
)
