"""May the new bundle serve? What speaks against it is listed; whoever promotes it all the same has to say why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from care.errors import BadInput, BundleError, Problem
from care.ports import Classifier
from model.bundle import Bundle, read_manifest
from training.compare import Comparison, TaskComparison, compare, lines_of
from training.held_out import read_held_out, without_seen
from training.options import ReadOptions
from training.promotion import CURRENT
from wiring.settings import Settings
from wiring.tables.reading import open_table

if TYPE_CHECKING:
    from model.classifier import MessageClassifier

FEWEST_ROWS = 30
"""Labelled rows of a task with which anything can be said of it."""
MAY_LOSE = 0.02
"""The share of a task's rows, or of a label's, that may be lost where chance could explain it."""
ROWS_OF_A_LABEL = 50
"""With fewer rows a label's share moves by itself."""
MAY_MISJUDGE = 0.02
"""How much further from the truth scores may be than before: the calibration error."""
SURE = 0.05


@dataclass(frozen=True, slots=True)
class GateReport:
    """despite: what speaks against the new bundle. lines: the report."""

    despite: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        return not self.despite


@dataclass(frozen=True)
class Question:
    """What is asked of the gate. bundles: the folder of `current`. rows: a file with labels, and how it is read."""

    bundle: Path
    bundles: Path
    rows: tuple[Path, ReadOptions] | None = None


def judge(asked: Question, settings: Settings) -> GateReport:
    """Everything that speaks for and against a bundle. Raises BundleError, BadPlaybook, BadInput, BadTrainingData."""
    Bundle.load(asked.bundle)
    despite = [*_not_learnt(read_manifest(asked.bundle))]
    lines: list[str] = []
    before = serves_now(asked.bundles, settings)
    if before is None:
        lines.append("there is no current bundle to compare with")
    else:
        despite += _lost_labels(before, asked.bundle)
        if asked.rows is None:
            despite.append(
                "it was not compared with the bundle that serves: figures of other rows say nothing; "
                "name labelled messages that neither learnt from with --on FILE"
            )
        else:
            path, options = asked.rows
            comparison = compare_on(path, options, before, asked.bundle, settings)
            lines += [*comparison.told, *lines_of(comparison)]
            read = {task.task for task in comparison.tasks}
            left = [task for task in _labels(read_manifest(asked.bundle)) if task not in read]
            despite += [f"{task}: it was not compared, {path.name} has no column of its labels" for task in left]
            despite += [line for task in comparison.tasks for line in speaks_against(task)]
    killed = killed_by(asked.bundle, bundles=asked.bundles, settings=settings)
    despite += [f"{problem.where}: {problem.what}" for problem in killed]
    if killed:
        lines.append(f"rules and plays that would never hold again: {killed[0].fix}")
    return GateReport(tuple(despite), tuple(lines))


def serves_now(bundles: Path, settings: Settings) -> Path | None:
    """The bundle that a promotion in this folder would take the place of; None where none can be opened."""
    for folder in (bundles / CURRENT, *([settings.bundle] if settings.bundle.parent == bundles else [])):
        try:
            read_manifest(folder.resolve())
        except BundleError:
            continue
        return folder.resolve()
    return None


def compare_on(path: Path, options: ReadOptions, before: Path, after: Path, settings: Settings) -> Comparison:
    """Two bundles on the rows of a file that neither learnt from. Raises BadInput, BadTrainingData, BundleError."""
    readers = [_opened(folder, settings) for folder in (before, after)]
    known = _known(*readers)
    wanted = options if options.labels else _with_columns(path, options, known)
    held_out = without_seen(read_held_out(path, wanted, known), [before, after])
    return compare(held_out, *readers)


def _opened(folder: Path, settings: Settings) -> "MessageClassifier":
    from wiring.assemble import redactor
    from wiring.serving import open_classifier

    return open_classifier(settings, redactor=redactor(settings), bundle=folder)


def _known(before: Classifier, after: Classifier) -> dict[str, list[str]]:
    """The labels that one of them knows, of the tasks that both have."""
    shared = [task for task in before.labels if task in after.labels]
    return {task: sorted({*before.labels[task], *after.labels[task]}) for task in shared}


def _with_columns(path: Path, options: ReadOptions, known: dict[str, list[str]]) -> ReadOptions:
    """With every task of both bundles that a column is named after. Raises BadInput where there is none."""
    table = open_table(path, needs=[options.text], may=list(known), sheet=options.sheet)
    labels = {task: task for task in known if table.has(task)}
    if not labels:
        raise BadInput(f"{path.name} has no column named after a task ({', '.join(known)}): say --label task=COLUMN.")
    return replace(options, labels=labels)


def speaks_against(compared: TaskComparison) -> Iterator[str]:
    """Why a task is worse than before, or cannot be judged, in words."""
    n = compared.before.n
    if n < FEWEST_ROWS:
        yield f"{compared.task}: {n} labelled rows are too few to compare; give at least {FEWEST_ROWS}"
        return
    points = f"{-compared.difference * 100:.1f} points of {n} rows"
    if compared.difference < 0 and compared.p < SURE:
        yield f"{compared.task}: it loses {points}, more than chance explains (p = {compared.p:.3f})"
    elif compared.difference < -MAY_LOSE:
        yield f"{compared.task}: it loses {points}"
    for label in compared.labels:
        if label.n >= ROWS_OF_A_LABEL and label.difference < -MAY_LOSE:
            yield f"{compared.task}: of {label.label} it finds {label.after} of {label.n}, before {label.before}"
    before, after = compared.measure("ece")
    if after - before > MAY_MISJUDGE:
        yield f"{compared.task}: its scores are further from the truth: calibration error {before:.3f} -> {after:.3f}"


def _not_learnt(manifest: dict[str, Any]) -> Iterator[str]:
    for task, metrics in manifest["metrics"].items():
        if not metrics.get("better_than_guessing", True):
            yield f"{task}: it is no better than always saying {metrics['baseline_label']!r}"


def _lost_labels(before: Path, after: Path) -> Iterator[str]:
    old, new = (_labels(read_manifest(folder)) for folder in (before, after))
    for task, labels in old.items():
        if task not in new:
            yield f"{task}: the new bundle has no such task"
        elif gone := labels - new[task]:
            yield f"{task}: the new bundle does not know {', '.join(sorted(gone))}"


def _labels(manifest: dict[str, Any]) -> dict[str, set[str]]:
    return {task["task"]: set(task["labels"]) for task in manifest["tasks"]}


def killed_by(bundle: Path, *, bundles: Path, settings: Settings) -> list[Problem]:
    """Rules and plays of the playbook in use that would never hold again once `bundles/current` names this bundle.

    Where the settings name that link, for one task or for all, the others go on serving beside it; where they do not,
    the bundle is taken for the one that serves. Raises BadPlaybook, BundleError.
    """
    from wiring.assemble import Assembly
    from wiring.serving import labels, risks_read

    link = (bundles / CURRENT).absolute()
    named = (settings.bundle, *settings.model.bundles.values())
    after = labels(settings, instead={link if link in named else settings.bundle: bundle})
    try:
        before = labels(_without(settings, link) if not link.exists() else settings)
    except BundleError:
        before = None
    playbook = Assembly(settings, is_trial=True).playbook
    return playbook.killed(after, before=before, risks=risks_read(settings))


def _without(settings: Settings, link: Path) -> Settings:
    """The settings before the first promotion of a bundle for some tasks: those that it will judge are nobody's."""
    others = {task: folder for task, folder in settings.model.bundles.items() if folder != link}
    return settings.model_copy(update={"model": settings.model.model_copy(update={"bundles": others})})
