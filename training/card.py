"""The model card: what a bundle is for, what it learnt from, and how far to trust it."""

from collections.abc import Mapping
from typing import Any

_CARD = """---
library_name: tactful
pipeline_tag: text-classification
language: en
tags: [customer-care, calibrated, abstains]
---
# {name}

Reads what customers write and says what it is about, with a probability that can be acted on.

- trained {created} on {n_rows} labelled messages (content hash `{data_hash}`), seed {seed}
- encoder: `{encoder}`
- figures below are out of fold: no row was scored by a model that had seen it

{table}

{groups}## How to read the scores

`score` is the probability that the label is right and the message in scope. A label under its threshold is marked
`abstained`: treat it as a hint. Asking for a precision uses the certified thresholds below.

{certificates}

## Limits

It knows the labels it was given and the way their writers write; other customers write differently, so compare the
reliability table in `metrics.json` with what your agents correct. Texts are cut at 128 word pieces for the encoder.
Messages in this folder are masked, but they are your customers' words: share it as you would share those.
"""


def _encoder_of(manifest: Mapping[str, Any]) -> str:
    if "finetuned" in manifest:
        return "all-MiniLM-L6-v2, fine-tuned on these messages, int8"
    return "all-MiniLM-L6-v2, int8" if manifest["libraries"].get("onnxruntime") else "none"


def card_of(name: str, manifest: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    rows = [
        "| task | stage | labels | rows | accuracy | macro-F1 | ECE | coverage at 95 % | at 99 % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    promises = ["| task | promise | threshold | coverage | lower bound |", "|---|---|---|---|---|"]
    for task, measured in metrics.items():
        for stage in ("lean", "full"):
            if stage not in measured:
                continue
            found = measured[stage]
            rows.append(
                f"| {task} | {stage} | {measured['n_labels']} | {found['n']} | {found['accuracy']:.4f} | "
                f"{found['macro_f1']:.4f} | {found['ece']:.4f} | {found['coverage_at_0.95']:.3f} | "
                f"{found['coverage_at_0.99']:.3f} |"
            )
            for kept in found["certificates"] if stage == "full" or "full" not in measured else []:
                what = f"{kept['threshold']:.3f}" if kept["threshold"] <= 1 else "not enough rows to promise it"
                promises.append(
                    f"| {task} | {kept['precision']:.2f} | {what} | {kept['coverage']:.3f} "
                    f"| {kept['lower_bound']:.3f} |"
                )
    return _CARD.format(
        groups=_by_group(manifest, metrics),
        name=name,
        created=manifest["created"],
        n_rows=manifest["n_rows"],
        data_hash=str(manifest["data_hash"])[:16],
        seed=manifest["seed"],
        encoder=_encoder_of(manifest),
        table="\n".join(rows),
        certificates="\n".join(promises),
    )


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
