"""Which bundle serves: `tactful compare`, `promote`, `rollback` and `bundles`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from care.errors import BadTrainingData
from cli.failures import GATE_NOT_MET
from cli.flags import ColumnFlags
from cli.options import grouped
from cli.train import refuse
from wiring.settings import load_settings

if TYPE_CHECKING:
    from training.compare import Comparison

MOST_LISTED = 20
BundlesFlag = Annotated[
    Path | None, typer.Option(help="Folder that holds the promoted bundles; without it `bundles` in the home folder.")
]


ByFlag = Annotated[str, typer.Option(help="Who decides, where it is not who runs this; kept.")]


@grouped
def compare(
    before: Annotated[str, typer.Argument(help="A bundle: its folder, its id, or `current`.")],
    after: Annotated[str, typer.Argument(help="The other bundle.")],
    columns: ColumnFlags,
    on: Annotated[Path, typer.Option(help="Labelled messages: rows that either learnt from are left out.")],
    bundles: BundlesFlag = None,
    as_json: Annotated[bool, typer.Option("--json", help="All of it as one JSON object.")] = False,
) -> None:
    """Score two bundles on the same messages: intervals, a paired test, labels, and what is read differently.

    Without --label every task counts that a column is named after. p is McNemar's exact test (mid-p): the chance of
    such a difference between bundles that are equally good.
    """
    from training.compare import lines_of
    from training.gate import compare_on
    from training.promotion import find

    folder = _folder(bundles)
    try:
        comparison = compare_on(on, columns.options(), find(before, folder), find(after, folder), load_settings())
    except BadTrainingData as error:
        refuse(error, as_json=as_json)
    if as_json:
        sys.stdout.write(json.dumps(_facts(comparison), ensure_ascii=False) + "\n")
        return
    for line in comparison.told:
        sys.stderr.write(f"note: {line}\n")
    sys.stdout.write("\n".join(lines_of(comparison)) + "\n")
    for task in comparison.tasks:
        for row in task.changed[:MOST_LISTED]:
            sys.stdout.write(f"{task.task} line {row.line}: {row.before} -> {row.after}, labelled {row.gold}\n")
        if len(task.changed) > MOST_LISTED:
            sys.stdout.write(f"{task.task}: {len(task.changed) - MOST_LISTED} more; --json lists all\n")


def _facts(comparison: "Comparison") -> dict[str, Any]:
    tasks = {
        task.task: {
            "n": task.before.n,
            "before": {"right": task.before.value, "interval": task.before.interval},
            "after": {"right": task.after.value, "interval": task.after.interval},
            "difference": task.difference,
            "interval": task.interval,
            "gained": task.gained,
            "lost": task.lost,
            "p": task.p,
            "labels": [asdict(label) for label in task.labels],
            "changed": [asdict(row) for row in task.changed],
        }
        for task in comparison.tasks
    }
    return {"before": comparison.before, "after": comparison.after, "told": list(comparison.told), "tasks": tasks}


@grouped
def promote(
    bundle: Annotated[str, typer.Argument(help="A bundle: its folder, or its id where it served before.")],
    columns: ColumnFlags,
    on: Annotated[Path | None, typer.Option(help="Labelled messages that neither bundle learnt from.")] = None,
    bundles: BundlesFlag = None,
    playbook: Annotated[Path | None, typer.Option(help="Folder of the playbook; without it the one in use.")] = None,
    force: Annotated[
        str | None, typer.Option(metavar="REASON", help="Do it although something speaks against it; kept.")
    ] = None,
    by: ByFlag = "",
) -> None:
    """Let a bundle serve, if it is no worse than the one that does, on the same messages.

    A copy of it is kept: training again into its folder changes nothing that serves. Exit code 3: something speaks
    against it, and all of that is said.
    """
    from training.gate import Question, judge
    from training.promotion import find
    from training.promotion import promote as let_serve

    if force is not None and not force.strip():
        raise typer.BadParameter("--force needs the reason, which is kept.")
    folder = _folder(bundles)
    settings = load_settings(**({"playbook": playbook} if playbook else {}))
    chosen = find(bundle, folder)
    try:
        report = judge(Question(chosen, folder, (on, columns.options()) if on else None), settings)
    except BadTrainingData as error:
        refuse(error, as_json=False)
    for line in report.lines:
        sys.stderr.write(f"{line}\n")
    for line in report.despite:
        sys.stderr.write(f"against it: {line}\n")
    if not report.is_passed and force is None:
        sys.stderr.write('not promoted; --force "why" does it anyway, and keeps the reason\n')
        raise typer.Exit(GATE_NOT_MET)
    reason = (force or "").strip() if report.despite else ""
    kept = let_serve(chosen, folder, reason=reason, despite=report.despite, by=by)
    sys.stdout.write(f"{folder / 'current'} is now {kept.name}\n")
    if folder / "current" not in (settings.bundle, *settings.model.bundles.values()):
        sys.stderr.write(f"note: no setting names {folder / 'current'}; what serves is {settings.bundle}\n")


def rollback(bundles: BundlesFlag = None, by: ByFlag = "") -> None:
    """Go back to the bundle that served before; once more, and to the one before that."""
    from training.promotion import rollback as go_back

    folder = _folder(bundles)
    sys.stdout.write(f"{folder / 'current'} is now {go_back(folder, by=by).name}\n")


def list_bundles(
    bundles: BundlesFlag = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What was promoted and taken back: when, by whom, and why where it was forced."""
    from training.promotion import current, history

    folder = _folder(bundles)
    now = current(folder)
    for line in history(folder):
        if as_json:
            sys.stdout.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
            continue
        mark = "*" if line.bundle == now else " "
        why = f"  {line.reason}" if line.reason else ""
        sys.stdout.write(f"{mark} {line.at}  {line.act:<8}  {line.bundle}  {line.by}{why}\n")
    if not as_json:
        sys.stderr.write(f"current: {now or 'none was promoted'}\n")


def _folder(bundles: Path | None) -> Path:
    return (bundles or load_settings().home / "bundles").absolute()
