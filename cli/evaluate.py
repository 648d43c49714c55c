"""`tactful evaluate`: how good a bundle is on labelled messages it has not seen."""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from care.errors import BadInput
from cli.classify import folder_of, open_classifier, table_of
from cli.failures import GATE_NOT_MET
from cli.train import labels_of, refuse

LOWER_IS_BETTER = frozenset({"ece"})
MOST_SEEN = 0.5
"""The share of messages that a bundle may have learnt from before its figures mean nothing."""


def evaluate(
    file: Annotated[Path, typer.Argument(help="One labelled message a row: .csv, .jsonl, .xlsx, .parquet and others.")],
    label: Annotated[list[str], typer.Option(help="task=column; give it once for each task.")],
    text: Annotated[str, typer.Option(help="Column of the message.")] = "text",
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, where it has several.")] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a bundle to read with, alone; without it what serves.")
    ] = None,
    encoder: Annotated[
        str, typer.Option(help="minilm, none, or a local folder; without it as the settings say.", show_default=False)
    ] = "",
    fail_under: Annotated[
        list[str] | None,
        typer.Option(help="measure=value, e.g. macro_f1=0.80 or ece=0.05; exit 3 when a task is worse than that."),
    ] = None,
    allow_unknown: Annotated[
        bool, typer.Option(help="Count labels that the bundle does not know as wrong, instead of refusing them.")
    ] = False,
    allow_seen: Annotated[bool, typer.Option(help="Measure also on messages the bundle learnt from.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All measures as one JSON object.")] = False,
) -> None:
    """Score a bundle through the code that serves: accuracy, calibration, coverage, out of scope.

    accuracy and macro_f1 count messages in scope; joint_accuracy those that fit no label, too, right when abstained;
    auroc is how well the score tells the two apart; ece how far scores are from being right as often as they say: the
    lower the better. A measure that cannot be taken of these messages meets no demand.
    """
    from care.classification import OUT_OF_SCOPE
    from care.errors import BadTrainingData
    from training.examples import read_examples
    from training.score import score_classifications

    labels = labels_of(label)
    demands = [demand_of(option) for option in fail_under or ()]
    try:
        examples = read_examples([file], text=text, labels=labels, is_training=False, sheet=sheet)
    except BadTrainingData as error:
        refuse(error, as_json=as_json)
    classifier = open_classifier(bundle, encoder)
    missing = [task for task in labels if task not in classifier.labels]
    if missing:
        raise typer.BadParameter(f"This bundle has no task {missing[0]}; it has {', '.join(classifier.labels)}.")
    told = [*examples.told, *_seen(examples.texts, folder_of(bundle), allow=allow_seen)]
    gold = {}
    for task in labels:
        gold[task], lines = _known(examples, task, classifier.labels[task], allow=allow_unknown)
        told += lines
    for line in told:
        sys.stderr.write(f"note: {line}\n")
    read = classifier.classify_many(examples.texts, tasks=list(labels))
    scored = {}
    for task in labels:
        rows = [i for i, name in enumerate(gold[task]) if name is not None]
        if not rows:
            raise BadInput(f"{file.name}: no row has a label of {task}; name the column with --label {task}=COLUMN.")
        names = [gold[task][i] or OUT_OF_SCOPE for i in rows]
        scored[task] = score_classifications(names, [read[i] for i in rows], task)
        if all(name == OUT_OF_SCOPE for name in names):
            sys.stderr.write(f"note: {task}: every row is out of scope, so only what abstains can be measured\n")
    _show(scored, classifier.bundle_id, as_json=as_json)
    met = [_is_met(measure, wanted, scored) for measure, wanted in demands]
    if not all(met):
        raise typer.Exit(GATE_NOT_MET)


def _seen(texts: Sequence[str], bundle: Path, *, allow: bool) -> list[str]:
    """Raises BadInput where the bundle learnt from most of the messages."""
    from wiring.serving import are_seen

    n = int(are_seen(texts, bundle).sum())
    if not n:
        return []
    what = f"the bundle learnt from {n} of these {len(texts)} messages"
    if n > MOST_SEEN * len(texts) and not allow:
        raise BadInput(f"{what}, so it would know them by heart. Give messages it never saw, or say --allow-seen.")
    return [f"seen: {what}; the figures are too good by that"]


def _known(examples: Any, task: str, known: Sequence[str], *, allow: bool) -> tuple[list[str | None], list[str]]:
    """The labels in the bundle's own spelling, and what is to be told. Raises BadInput for labels it does not know."""
    from care.classification import OUT_OF_SCOPE
    from training.labels import key_of, some

    own = {key_of(name): name for name in (*known, OUT_OF_SCOPE)}
    gold = [name if name is None or name in known else own.get(key_of(name), name) for name in examples.of(task)]
    strange = [i for i, name in enumerate(gold) if name is not None and name not in known and name != OUT_OF_SCOPE]
    if not strange:
        return gold, []
    names = some(sorted({gold[i] or "" for i in strange}))
    lines = ", ".join(str(examples.rows[i].line) for i in strange[:8]) + (", ..." if len(strange) > 8 else "")
    what = (
        f"{task}: {len(strange)} of {len(gold)} rows have labels that the bundle does not know: {names} (line {lines})"
    )
    if not allow:
        raise BadInput(
            f"{what}. Mend them, write {OUT_OF_SCOPE} where no label of the bundle fits, empty the cell to skip the "
            "row, or say --allow-unknown to have them counted as wrong."
        )
    return gold, [f"{what}; they count as wrong"]


def _show(scored: Mapping[str, Mapping[str, Any]], bundle_id: str, *, as_json: bool) -> None:
    if as_json:
        # NaN is no JSON: what cannot be measured is null.
        tasks = {
            task: {
                name: None if isinstance(value, float) and math.isnan(value) else value for name, value in found.items()
            }
            for task, found in scored.items()
        }
        sys.stdout.write(json.dumps({"bundle": bundle_id, "tasks": tasks}, allow_nan=False) + "\n")
        return
    names = ("n", "accuracy", "macro_f1", "ece", "coverage_at_0.95", "coverage_at_0.99", "joint_accuracy", "auroc")
    rows = [["task", *names]]
    for task, found in scored.items():
        rows.append([task, *(_short(found.get(name)) for name in names)])
    sys.stdout.write(table_of(rows))


def _is_met(measure: str, wanted: float, scored: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether every task is as good as demanded; what is not is said."""
    is_met = True
    for task, found in scored.items():
        numbers = {name: value for name, value in found.items() if isinstance(value, int | float)}
        if measure not in numbers and measure not in ("joint_accuracy", "auroc"):
            raise typer.BadParameter(f"{task} has no measure {measure}; it has {', '.join(numbers)}.")
        value = numbers.get(measure, math.nan)
        if math.isnan(value):
            sys.stderr.write(f"tactful: {task} {measure} cannot be measured on these rows, so the demand is not met\n")
            is_met = False
        elif value > wanted if measure in LOWER_IS_BETTER else value < wanted:
            where = "above" if measure in LOWER_IS_BETTER else "below"
            sys.stderr.write(f"tactful: {task} {measure} is {value:.4f}, {where} {wanted:g}\n")
            is_met = False
    return is_met


def demand_of(option: str) -> tuple[str, float]:
    """measure=value, as a name and a number. Raises BadParameter before anything is scored."""
    measure, _, value = option.partition("=")
    try:
        wanted = float(value)
    except ValueError:
        wanted = math.nan
    if not math.isfinite(wanted) or not measure:
        raise typer.BadParameter(f"--fail-under {option}: say measure=value, e.g. macro_f1=0.80.")
    return measure, wanted


def _short(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4f}"
    return "" if value is None else str(value)
