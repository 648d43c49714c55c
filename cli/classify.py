"""`tactful classify`: what a message, or a file of messages, is about."""

import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from care.classification import Classification, Judgement, Promise
from care.errors import NotFound
from cli.options import Bundle, ColumnOfTexts, Encoder, Shown, grouped

BATCH = 512


@dataclass(frozen=True, kw_only=True)
class ClassifyOptions(Shown, ColumnOfTexts):
    bundle: Bundle = None
    task: Annotated[list[str] | None, typer.Option(help="Only this task; may be repeated.")] = None
    top_k: Annotated[int, typer.Option(min=1, max=20, help="Candidates a task.")] = 3
    explain: Annotated[bool, typer.Option(help="Add the words that carried each label and like messages.")] = False
    precision: Annotated[
        list[str] | None,
        typer.Option(help="Answer only where this precision is certified: 0.95, or task=0.95, once for each task."),
    ] = None
    encoder: Encoder = ""

    @property
    def texts(self) -> Iterable[str]:
        return [self.said] if self.file is None else texts_of(self.file, self.column, self.sheet)


@grouped
def classify(options: ClassifyOptions) -> None:
    """Say what a message is about: one answer a task, each with a probability that means what it says.

    A file's column `subject` is read as each message's first line, as the service reads a mail's.
    """
    show = _line if options.is_lines(default=options.file is not None) else _table
    texts = options.texts
    classifier = open_classifier(options.bundle, options.encoder)
    unknown = [name for name in options.task or () if name not in classifier.labels]
    if unknown:
        raise typer.BadParameter(f"This bundle has no task {unknown[0]}; it has {', '.join(classifier.labels)}.")
    wanted = precision_of(options.precision or [], list(classifier.labels))
    kept = Kept()
    for batch in batches(texts, BATCH):
        all_read = classifier.classify_many(
            batch, tasks=options.task, explain=options.explain, precision=wanted or None
        )
        for received, read in zip(batch, all_read, strict=True):
            sys.stdout.write(show(received, read, options.top_k, options.explain))
            kept.count(read)
    sys.stderr.writelines(kept.lines())


class Kept:
    """How often each task answered at the precision that was asked of it."""

    def __init__(self) -> None:
        self.total = 0
        self.answered: Counter[str] = Counter()
        self.promises: dict[str, Promise] = {}

    def count(self, read: Classification) -> None:
        self.total += 1
        for task, judged in read.tasks.items():
            if judged.promise is not None:
                self.promises[task] = judged.promise
                self.answered[task] += not judged.abstained

    def lines(self) -> Iterator[str]:
        for task, promise in self.promises.items():
            yield _kept(task, promise, self.answered[task], self.total)


def precision_of(options: list[str], tasks: list[str]) -> dict[str, float]:
    """--precision options by task; a bare share holds for every task that is not named."""
    wanted: dict[str, float] = {}
    for option in sorted(options, key=lambda option: "=" in option):
        task, _, share = option.rpartition("=")
        if task and task not in tasks:
            raise typer.BadParameter(
                f"--precision {option}: this bundle has no task {task}; it has {', '.join(tasks)}."
            )
        try:
            value = float(share)
        except ValueError:
            value = 0.0
        if not 0.5 <= value < 1:
            raise typer.BadParameter(f"--precision {option}: say a share from 0.5 up to 0.999, or task=share.")
        wanted.update({task: value} if task else dict.fromkeys(tasks, value))
    return wanted


def _kept(task: str, promise: Promise, answered: int, total: int) -> str:
    if not promise.coverage:
        return f"{task}: a precision of {promise.precision:g} cannot be certified by this bundle; all abstain\n"
    return (
        f"{task}: answered {answered} of {total} at a certified precision of {promise.precision:g} "
        f"({promise.coverage:.0%} of held-out messages; at least {promise.lower_bound:.3f} right)\n"
    )


def open_classifier(bundle: Path | None, encoder: str = "") -> Any:
    """What serves, as the settings say, or one bundle alone. encoder: as --encoder has it; "": as the settings say.

    Raises BundleError, BadSettings, NotFound.
    """
    from training.run import open_encoder
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    settings = load_settings(**({"model": {"encoder": encoder}} if encoder in ("minilm", "none") else {}))
    folder_of(bundle)
    named = open_encoder(encoder, home=settings.home, threads=2) if encoder not in ("", "minilm", "none") else None
    return Assembly(settings, bundle=bundle, encoder=named, threads=2, is_trial=True).classifier


def folder_of(bundle: Path | None) -> Path:
    """The folder of a bundle, of the one that serves when None. Raises NotFound."""
    from wiring.settings import load_settings

    folder = bundle or load_settings().bundle
    if not folder.is_dir():
        raise NotFound("bundle", str(folder))
    return folder


def texts_of(file: Path, column: str, sheet: str | None = None) -> Iterator[str]:
    """The messages of a file with their subjects, in order; looked at whole before the first.

    Raises NotFound, BadInput.
    """
    from care.subject import whole

    table = open_rows(file, needs=(column,), may=("subject",) if column != "subject" else (), sheet=sheet)
    return (whole(row[column], row["subject"] if column != "subject" else None) for row in table)


def open_rows(file: Path, *, needs: Sequence[str], may: Sequence[str] = (), sheet: str | None = None) -> Any:
    """A file with a message a row; what is unusual about it is said on standard error. Raises NotFound, BadInput."""
    from wiring.tables.reading import open_table

    table = open_table(file, needs=needs, may=may, sheet=sheet, hint="choose with --text")
    for note in table.notes:
        sys.stderr.write(f"{note}\n")
    return table


def batches(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    texts = iter(texts)
    while batch := list(itertools.islice(texts, size)):
        yield batch


def _line(received: str, read: Classification, top_k: int, explain: bool) -> str:
    from wiring.shapes.reading import ClassificationOut

    return ClassificationOut.of(read, top_k=top_k, explain=explain).as_line()


def _table(received: str, read: Classification, top_k: int, explain: bool) -> str:
    lines = []
    for task, judged in read.tasks.items():
        sure = "unsure" if judged.abstained else str(judged.band)
        others = ", ".join(f"{candidate.label} {candidate.score:.2f}" for candidate in judged.candidates[1:top_k])
        reasons = f"  because: {', '.join(judged.reasons)}" if judged.reasons else ""
        lines.append(
            f"{task:<10} {judged.label}  {judged.score:.2f} {sure}{reasons}{f'  ({others})' if others else ''}"
        )
        if words := _carriers(received, read, judged):
            lines.append(f"{'':<10}   words: {', '.join(words)}")
        for near in judged.neighbours if explain else ():
            lines.append(f"{'':<10}   like: {_printable(near.text[:100])} -> {near.label} {near.similarity:.2f}")
    spans = read.sensitive.spans
    if spans:
        kinds = ", ".join(dict.fromkeys(span.category for span in spans))
        lines.append(f"{'sensitive':<10} {read.sensitive.handling}: {kinds}")
    return "\n".join(lines) + "\n"


def _carriers(received: str, read: Classification, judged: Judgement) -> list[str]:
    """The words that carried a label, heaviest first; nothing of what was masked."""
    masked = read.sensitive.spans
    open_spans = [
        evidence
        for evidence in judged.evidence
        if not any(evidence.start < span.end and evidence.end > span.start for span in masked)
    ]
    return [f"{_printable(received[evidence.start : evidence.end])} {evidence.weight:.2f}" for evidence in open_spans]


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\n", " ")


def table_of(rows: Sequence[Sequence[str]]) -> str:
    """Columns lined up, for people."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "".join(
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    )
