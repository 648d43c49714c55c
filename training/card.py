"""The model card: what a bundle is for, what it learnt from, and how far to trust it."""

from collections.abc import Mapping
from typing import Any

from training.languages import named

_CARD = """---
library_name: tactful
pipeline_tag: text-classification
language: {language}
tags: [customer-care, calibrated, abstains]
---
# {name}

Reads what customers write and says what it is about, with a probability that can be acted on.

- trained {created} on {rows} (content hash `{data_hash}`), seed {seed}
- encoder: {encoder}
- languages of the messages, where it can be told: {languages}
- figures below are out of fold: no row was scored by a model that had seen it, or anything that says the same or stands
  in the same conversation
- {repeats}

{table}

{guessing}

{cleaned}{groups}## How to read the scores

`score` is the probability that the label is right and the message in scope. {twice}A label under its threshold is
marked `abstained`: treat it as a hint. Asking for a precision uses the certified thresholds below.

{certificates}

A promise is made on rows that none of its numbers were fitted on, and the search for its threshold is paid for: each is
broken in 5 of 100 trainings at most, for messages like those it learnt from. What the file says fits no label counts as
wrong where it is answered.

{with_outside}## Limits

It knows the labels it was given and the way their writers write; other customers write differently, so compare the
reliability table in `metrics.json` with what your agents correct. Texts are cut at 128 word pieces for the encoder.
Messages in this folder are masked, but they are your customers' words: share it as you would share those.
"""


def _encoder_of(manifest: Mapping[str, Any]) -> str:
    name = manifest.get("encoder_name")
    if not name:
        return "none; words and pieces of words (n-grams) alone"
    return f"`{name}`{', fine-tuned on these messages' if 'finetuned' in manifest else ''}, int8"


def _languages(manifest: Mapping[str, Any]) -> str:
    shares = manifest.get("language_shares") or {}
    return named(shares) or "none, they are too short"


def card_of(name: str, manifest: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    rows = [
        "| task | stage | labels | rows | accuracy | macro-F1 | ECE | coverage at 95 % | at 99 % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    outside = ["| task | promise | threshold | coverage | lower bound |", "|---|---|---|---|---|"]
    promises = ["| task | promise | threshold | coverage | lower bound |", "|---|---|---|---|---|"]
    for task, measured in metrics.items():
        for stage in ("lean", "full"):
            if stage not in measured:
                continue
            scores = measured[stage]
            rows.append(
                f"| {task} | {stage} | {measured['n_labels']} | {scores['n']} | {scores['accuracy']:.4f} | "
                f"{scores['macro_f1']:.4f} | {scores['ece']:.4f} | {scores['coverage_at_0.95']:.3f} | "
                f"{scores['coverage_at_0.99']:.3f} |"
            )
            if stage == "full" or "full" not in measured:
                promises += [_promise(task, kept) for kept in scores["certificates"]]
                outside += [_promise(task, kept) for kept in scores["certificates_with_out_of_scope"]]
    return _CARD.format(
        groups=_by_group(manifest, metrics),
        name=name,
        created=manifest["created"],
        rows=_rows(manifest),
        repeats=_repeats(manifest),
        guessing=_guessing(metrics),
        cleaned=_cleaned(manifest),
        twice=_read_twice(metrics),
        data_hash=str(manifest["data_hash"])[:16],
        seed=manifest["seed"],
        encoder=_encoder_of(manifest),
        language=f"[{', '.join(manifest.get('languages', ()))}]",
        languages=_languages(manifest),
        table="\n".join(rows),
        certificates="\n".join(promises),
        with_outside=_OUTSIDE.format(table="\n".join(outside)) if len(outside) > 2 else "",
    )


_OUTSIDE = """This can be promised in traffic of which a share fits no label (`recipe.scope.out_of_scope`). Bundles
trained with `recipe.promise.counts_out_of_scope` promise it instead:

{table}

"""


def _promise(task: str, kept: Mapping[str, Any]) -> str:
    what = f"{kept['threshold']:.3f}" if kept["threshold"] <= 1 else "not enough rows, or too many wrong, to promise it"
    return f"| {task} | {kept['precision']:.2f} | {what} | {kept['coverage']:.3f} | {kept['lower_bound']:.3f} |"


def _rows(manifest: Mapping[str, Any]) -> str:
    n, n_read = manifest["n_rows"], manifest.get("n_read", manifest["n_rows"])
    return f"{n:,} labelled messages" + (f" of {n_read:,} that were read" if n_read != n else "")


def _repeats(manifest: Mapping[str, Any]) -> str:
    repeats = manifest.get("repeats", {})
    n_read = max(1, manifest.get("n_read", 0))
    share = repeats.get("exact", 0) / n_read
    return (
        f"{repeats.get('exact', 0):,} rows ({share:.1%}) repeated another word for word and were learnt once; "
        f"of the rest {repeats.get('near', 0.0):.1%} say what another says, and each saying counts once in the figures"
    )


def _guessing(metrics: Mapping[str, Any]) -> str:
    """What the figures are worth: beside always saying the commonest label."""
    lines = ["| task | accuracy | in 95 of 100 cases | always the commonest label |", "|---|---|---|---|"]
    for task, measured in metrics.items():
        guessing, best = measured["guessing"], measured.get("full", measured["lean"])
        if guessing:
            low, high = guessing["accuracy_from"], guessing["accuracy_to"]
            word = "" if guessing["better_than_guessing"] else " **no better than guessing**"
            lines.append(
                f"| {task} | {best['accuracy']:.4f}{word} | {low:.3f} to {high:.3f} | {guessing['baseline']:.4f} |"
            )
    return "\n".join(lines)


def _read_twice(metrics: Mapping[str, Any]) -> str:
    """What right means where rows were read a second time."""
    told = []
    for task, measured in metrics.items():
        best = measured.get("full", measured["lean"])
        if "accepted" in best:
            told.append(
                f"Of {task}, {best['n_read_twice']:,} rows were read a second time, and right is what either reading "
                f"accepts ({best['accepted']:.3f} of the answers); calibration, promises and ECE rest on those rows.\n"
            )
    return "".join(told)


def _cleaned(manifest: Mapping[str, Any]) -> str:
    told = manifest.get("told") or ()
    if not told:
        return ""
    lines = [f"- {line}" for line in told[:_MOST_TOLD]]
    if len(told) > _MOST_TOLD:
        lines.append(f"- and {len(told) - _MOST_TOLD} more, in `manifest.json` under `told`")
    return "\n".join(["## What was done with the rows", "", *lines, "", ""])


_MOST_TOLD = 100


def _by_group(manifest: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """How much worse it is abroad: in groups that a model never saw, beside rows of groups it knew."""
    groups = manifest.get("groups") or ()
    if len(groups) < 2:
        return ""
    lines = [
        "## At home and abroad",
        "",
        f"Calibration, thresholds and the figures above rest on groups that the scoring model never saw; there are "
        f"{len(groups)}: {', '.join(groups)}.",
        "",
        "| task | accuracy unseen | seen | ECE unseen | seen |",
        "|---|---|---|---|---|",
    ]
    for task, measured in metrics.items():
        abroad = measured.get("full", measured["lean"])
        home = abroad["seen"]
        lines.append(
            f"| {task} | {abroad['accuracy']:.4f} | {home['accuracy']:.4f} | {abroad['ece']:.4f} | {home['ece']:.4f} |"
        )
    return "\n".join([*lines, "", ""])
