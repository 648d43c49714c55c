"""What people say a message is about: checked, kept beside ours, and given out as labels for the next bundle."""

from collections.abc import Iterator, Mapping, Sequence

from care.case_file import CaseFile
from care.classification import OF_DECISIONS, OUT_OF_SCOPE, Correction, PersonLabel
from care.errors import BadStep
from care.unit_of_work import Store, Work

Labels = Mapping[str, Sequence[str]]
"""What the bundles that serve tell apart, by task."""
_MOST_LISTED = 40


def keep_labels(work: Work, file: CaseFile, chosen: Mapping[str, str], known: Labels, *, by: str) -> None:
    """Keep a person's labels, those that agree with ours too. Said again, a label is kept once.

    Raises BadStep for a task or a label that nobody tells apart; nothing is written then.
    """
    tasks = file.classification.tasks if file.classification else {}
    said = dict(file.corrections)
    _refuse_unknown(chosen, file, known)
    for task, label in chosen.items():
        predicted = tasks[task].label if task in tasks else ""
        if label != said.get(task):
            work.classifications.correct(Correction(file.message.id, task, predicted, label, by))


def _refuse_unknown(chosen: Mapping[str, str], file: CaseFile, known: Labels) -> None:
    """A label may also be one that this message has had: an older bundle may have known it."""
    tasks = file.classification.tasks if file.classification else {}
    for task, label in chosen.items():
        if task in OF_DECISIONS or not (task in known or task in tasks):
            raise BadStep(f"There is no such task. The tasks are: {', '.join(known)}.")
        had = {tasks[task].label, *(candidate.label for candidate in tasks[task].candidates)} if task in tasks else ()
        names = list(known.get(task, ()))
        if label not in (*names, *had, dict(file.corrections).get(task), OUT_OF_SCOPE):
            more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
            raise BadStep(
                f"{task} has no such label. It has: {', '.join(names[:_MOST_LISTED])}{more}; "
                f"say {OUT_OF_SCOPE} where none of them fits."
            )


def labels_by_people(store: Store, *, batch: int = 500) -> Iterator[PersonLabel]:
    """Every label that people gave or let stand, message by message, samples left out; in constant memory."""
    after = ""
    while True:
        with store(read=True) as work:
            labels, last = work.classifications.by_people(after=after, limit=batch)
        yield from labels
        if last is None:
            return
        after = last
