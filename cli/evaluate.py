"""`tactful evaluate`: how good a bundle is on labelled messages it has not seen."""

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from care.errors import BadTrainingData
from care.ports import Classifier
from cli.classify import folder_of, open_classifier, table_of
from cli.failures import GATE_NOT_MET
from cli.flags import ColumnFlags
from cli.options import grouped
from cli.train import refuse

if TYPE_CHECKING:
    from training.held_out import HeldOut

LOWER_IS_BETTER = frozenset({"ece"})


@dataclass(frozen=True)
class ReaderFlags:
    """What reads the messages."""

    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a bundle to read with, alone; without it what serves.")
    ] = None
    encoder: Annotated[
        str, typer.Option(help="minilm, none, or a local folder; without it as the settings say.", show_default=False)
    ] = ""


@dataclass(frozen=True)
class GateFlags:
    """What is demanded, and what is put up with."""

    fail_under: Annotated[
        list[str] | None,
        typer.Option(help="measure=value, e.g. macro_f1=0.80 or ece=0.05; exit 3 when a task is worse than that."),
    ] = None
    allow_unknown: Annotated[
        bool, typer.Option(help="Count labels that the bundle does not know as wrong, instead of refusing them.")
    ] = False
    allow_seen: Annotated[bool, typer.Option(help="Measure also on messages the bundle learnt from.")] = False


@grouped
def evaluate(
    file: Annotated[Path, typer.Argument(help="One labelled message a row: .csv, .jsonl, .xlsx, .parquet and others.")],
    columns: ColumnFlags,
    reader: ReaderFlags,
    gate: GateFlags,
    as_json: Annotated[bool, typer.Option("--json", help="All measures as one JSON object.")] = False,
) -> None:
    """Score a bundle through the code that serves: accuracy, calibration, coverage, out of scope.

    accuracy and macro_f1 count messages in scope; joint_accuracy those that fit no label, too, right when abstained;
    auroc is how well the score tells the two apart; ece how far scores are from being right as often as they say: the
    lower the better. A measure that cannot be taken of these messages meets no demand.
    """
    from training.dataset import as_rows
    from training.held_out import check_unseen, read_held_out

    [file], options = as_rows([file], columns.options())
    if not options.labels:
        raise typer.BadParameter("Say which column holds the labels: --label task=column.")
    demands = [demand_of(option) for option in gate.fail_under or ()]
    classifier = open_classifier(reader.bundle, reader.encoder)
    try:
        held_out = read_held_out(file, options, classifier.labels, allow_unknown=gate.allow_unknown)
    except BadTrainingData as error:
        refuse(error, as_json=as_json)
    seen = check_unseen(held_out, folder_of(reader.bundle), allow=gate.allow_seen)
    for line in (*held_out.told, *seen):
        sys.stderr.write(f"note: {line}\n")
    scored = _scored(held_out, classifier)
    _show(scored, classifier.bundle_id, as_json=as_json)
    met = [_is_met(measure, wanted, scored) for measure, wanted in demands]
    if not all(met):
        raise typer.Exit(GATE_NOT_MET)


def _scored(held_out: "HeldOut", classifier: Classifier) -> dict[str, dict[str, Any]]:
    from care.classification import OUT_OF_SCOPE
    from training.score import score_classifications

    read = classifier.classify_many(held_out.examples.texts, tasks=list(held_out.gold))
    scored = {}
    for task in held_out.gold:
        rows, names = held_out.rows_of(task)
        scored[task] = score_classifications(names, [read[row] for row in rows], task)
        if all(name == OUT_OF_SCOPE for name in names):
            sys.stderr.write(f"note: {task}: every row is out of scope, so only what abstains can be measured\n")
    return scored


def _show(scored: Mapping[str, Mapping[str, Any]], bundle_id: str, *, as_json: bool) -> None:
    if as_json:
        # NaN is no JSON: what cannot be measured is null.
        tasks = {
            task: {
                name: None if isinstance(value, float) and math.isnan(value) else value
                for name, value in scores.items()
            }
            for task, scores in scored.items()
        }
        sys.stdout.write(json.dumps({"bundle": bundle_id, "tasks": tasks}, allow_nan=False) + "\n")
        return
    names = ("n", "accuracy", "macro_f1", "ece", "coverage_at_0.95", "coverage_at_0.99", "joint_accuracy", "auroc")
    rows = [["task", *names]]
    for task, scores in scored.items():
        rows.append([task, *(_short(scores.get(name)) for name in names)])
    sys.stdout.write(table_of(rows))


def _is_met(measure: str, wanted: float, scored: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether every task is as good as demanded; what is not is said."""
    is_met = True
    for task, scores in scored.items():
        numbers = {name: value for name, value in scores.items() if isinstance(value, int | float)}
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
