"""`tactful evaluate`: how good a bundle is on labelled messages it has not seen."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.classify import open_classifier, table_of
from cli.failures import GATE_NOT_MET
from cli.train import labels_of, refuse


def evaluate(
    file: Annotated[Path, typer.Argument(help="CSV or JSON Lines with one labelled message a row.")],
    label: Annotated[list[str], typer.Option(help="task=column; give it once for each task.")],
    text: Annotated[str, typer.Option(help="Column of the message.")] = "text",
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a bundle to read with, alone; without it what serves.")
    ] = None,
    encoder: Annotated[
        str, typer.Option(help="minilm, none, or a local folder; without it as the settings say.", show_default=False)
    ] = "",
    fail_under: Annotated[
        list[str] | None, typer.Option(help="measure=value, e.g. macro_f1=0.80; exit 3 when a task is below it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All measures as one JSON object.")] = False,
) -> None:
    """Score a bundle through the code that serves: accuracy, calibration, coverage, out of scope.

    accuracy and macro_f1 count messages in scope; joint_accuracy those that fit no label, too, right when abstained;
    auroc is how well the score tells the two apart; ece how far scores are from being right as often as they say.
    """
    from care.classification import OUT_OF_SCOPE
    from care.errors import BadTrainingData
    from training.examples import read_examples
    from training.score import score_classifications

    labels = labels_of(label)
    demands = [demand_of(option) for option in fail_under or ()]
    try:
        examples = read_examples([file], text=text, labels=labels, allow_conflicts=True, is_training=False)
    except BadTrainingData as error:
        refuse(error, as_json=as_json)
    classifier = open_classifier(bundle, encoder)
    missing = [task for task in labels if task not in classifier.labels]
    if missing:
        raise typer.BadParameter(f"This bundle has no task {missing[0]}; it has {', '.join(classifier.labels)}.")
    read = classifier.classify_many(examples.texts, tasks=list(labels))
    scored = {}
    for task in labels:
        gold = examples.of(task)
        rows = [i for i, name in enumerate(gold) if name is not None]
        scored[task] = score_classifications([gold[i] or OUT_OF_SCOPE for i in rows], [read[i] for i in rows], task)
    if as_json:
        sys.stdout.write(json.dumps({"bundle": classifier.bundle_id, "tasks": scored}) + "\n")
    else:
        names = ("n", "accuracy", "macro_f1", "ece", "coverage_at_0.95", "coverage_at_0.99", "joint_accuracy", "auroc")
        rows_out = [["task", *names]]
        for task, found in scored.items():
            rows_out.append([task, *(_short(found.get(name)) for name in names)])
        sys.stdout.write(table_of(rows_out))
    for measure, least in demands:
        for task, found in scored.items():
            numbers = {name: value for name, value in found.items() if isinstance(value, int | float)}
            if measure not in numbers:
                raise typer.BadParameter(f"{task} has no measure {measure}; it has {', '.join(numbers)}.")
            if numbers[measure] < least:
                sys.stderr.write(f"tactful: {task} {measure} is {numbers[measure]:.4f}, below {least:g}\n")
                raise typer.Exit(GATE_NOT_MET)


def demand_of(option: str) -> tuple[str, float]:
    """measure=value, as a name and a number. Raises BadParameter before anything is scored."""
    measure, _, value = option.partition("=")
    try:
        return measure, float(value)
    except ValueError as error:
        raise typer.BadParameter(f"--fail-under {option}: say measure=value, e.g. macro_f1=0.80.") from error


def _short(value: object) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
