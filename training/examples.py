"""Read labelled messages from a file, or say on which lines what is wrong and how to mend it, all of it at once."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from care.errors import BadTrainingData, NotFound, Problem
from care.subject import whole
from model.text import normalise
from model.thread import turns_of
from training.cleaning import clean_rows
from training.corrections import add_corrections
from training.labels import LONGEST, SHEET_ERRORS, is_none, listed, rows_of, shown, tidy
from training.options import ReadOptions
from training.rows import Example, Examples, examples_of
from wiring.mail import words_of_html
from wiring.tables.place import Unreadable
from wiring.tables.reading import FileRow, as_words, open_table

MAX_CELL_CHARS = 100_000
MAX_LISTED = 25
_MAY = ("thread", "thread_id", "created_at", "subject")
ALSO = "_also"
"""A column of this name after a label's names what else would do there."""
ONLY = "-"
_HTML = re.compile(
    r"</(?:a|b|body|blockquote|div|em|font|h[1-6]|html|i|li|p|span|strong|table|td|tr|u|ul)\s*>|<br\s*/?>", re.I
)
_NO_TEXTS = SHEET_ERRORS | {"nan"}


def read_examples(paths: Sequence[Path], options: ReadOptions, *, is_training: bool = True) -> Examples:
    """Read files of any kind that is read, and clean what they say.

    A column `subject` that is neither text nor label is each message's first line, as serving reads a mail's. A column
    named after a label's with "_also" behind it holds the second readings: labels parted by "|", "-" for none, nothing
    where nobody read the row again.
    is_training: without it labels stay as they stand there. Raises BadTrainingData with every problem found.
    """
    reading = _Reading(options)
    for path in paths:
        reading.read(path)
    problems, told = reading.problems, reading.notes + reading.counts.lines(options.text)
    rows, n_read, n_repeats = reading.rows, len(reading.rows), 0
    if not rows and not problems:
        where = ", ".join(path.name for path in paths)
        problems.append(Problem(where, "there are no labelled rows", "a heading and at least two rows a label"))
    if is_training and rows:
        added = add_corrections(rows, options)
        problems += added.problems
        told += added.told
        rows, n_read = added.rows, len(added.rows)
        done = clean_rows(rows, options.labels, options.clean)
        problems += done.problems
        told += done.told
        rows, n_repeats = done.rows, done.n_repeats
    if problems:
        raise BadTrainingData([_with_reason(problem, told) for problem in problems])
    return replace(examples_of(rows, tuple(options.labels)), told=tuple(told), n_read=n_read, n_repeats=n_repeats)


def _with_reason(problem: Problem, told: Sequence[str]) -> Problem:
    """What was done with a column before something was found wrong with it is part of why it is."""
    column = problem.where.removeprefix("column ")
    lines = [line.removeprefix(f"{column}: ") for line in told if line.startswith(f"{column}: ")]
    if column == problem.where or not lines:
        return problem
    return replace(problem, fix="; ".join([problem.fix, *lines]))


@dataclass
class _Counts:
    """What was odd about the rows, and how often."""

    unlabelled: Counter[tuple[str, str]] = field(default_factory=Counter)
    firsts: Counter[str] = field(default_factory=Counter)
    tidied: Counter[str] = field(default_factory=Counter)
    empty: list[int] = field(default_factory=list)
    n_html: int = 0

    def lines(self, text: str) -> list[str]:
        """What was done, for people. text: column of the message."""
        told = []
        for (column, label), n in sorted(self.unlabelled.items()):
            told.append(f"{column}: {rows_of(n)} saying {shown(label)} count as unlabelled; --keep-label keeps it")
        for column, n in self.firsts.items():
            told += [f"{column}: {rows_of(n)} with a list of labels count as the first of it"] if n else []
        for column, n in self.tidied.items():
            told += [f"{column}: {rows_of(n)} with spaces or unseen signs at the label count without them"] if n else []
        if self.empty:
            lines = ", ".join(map(str, self.empty[:8])) + (", ..." if len(self.empty) > 8 else "")
            told.append(f"{text}: {rows_of(len(self.empty))} without a text left out (line {lines})")
        if self.n_html:
            told.append(f"{text}: {rows_of(self.n_html)} of HTML read without its tags")
        return told


@dataclass
class _Reading:
    """Rows as they are read, and what was wrong with them."""

    options: ReadOptions
    rows: list[Example] = field(default_factory=list, repr=False)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: _Counts = field(default_factory=_Counts)

    def read(self, path: Path) -> None:
        """All rows of one file."""
        options = self.options
        needs = [options.text, *options.labels.values(), *([options.group] if options.group else [])]
        may = [name for name in (*_MAY, *(column + ALSO for column in options.labels.values())) if name not in needs]
        try:
            table = open_table(path, needs=needs, may=may, sheet=options.sheet)
            self.notes += table.notes
            for row in table:
                if (example := self._example(row, f"{path.name}:{row.line}")) is not None:
                    self.rows.append(example)
        except NotFound:
            self.problems.append(Problem(str(path), "cannot be read: there is no such file", "check the path"))
        except Unreadable as error:
            self.problems += error.problems

    def _example(self, row: FileRow, where: str) -> Example | None:
        options = self.options
        labels = {task: self._label(row, column, where) for task, column in options.labels.items()}
        if not any(labels.values()):
            return None
        is_subject_free = "subject" not in (options.text, options.group, *options.labels.values())
        text = row[options.text]
        message = whole(text, row["subject"]) if is_subject_free else text
        if len(message) > MAX_CELL_CHARS:
            fix = f"at most {MAX_CELL_CHARS:,}; is a quote missing?"
            self.problems.append(Problem(where, f"the text has {len(message):,} characters", fix))
            return None
        if _HTML.search(message):
            self.counts.n_html += 1
            message = words_of_html(message)
        if message.strip().lower() in _NO_TEXTS or not normalise(message):
            if options.clean.strict:
                self.problems.append(Problem(where, "the text is empty", "remove the line or fill it in"))
            self.counts.empty.append(row.line)
            return None
        said = turns_of(row["thread"])
        thread = row["thread_id"] or (not said and row["thread"]) or None
        group = row[options.group].strip() or None if options.group else None
        also = {task: more for task, column in options.labels.items() if (more := self._also(row, column)) is not None}
        return Example(row.line, message, labels, thread, row["created_at"] or None, said, group, also)

    def _also(self, row: FileRow, column: str) -> frozenset[str] | None:
        """What else would do, in a column beside the label's; None where nobody looked."""
        cell = row[column + ALSO].strip() if column + ALSO not in self.options.labels.values() else ""
        return frozenset(label for part in cell.split("|") if (label := tidy(part)) and label != ONLY) if cell else None

    def _label(self, row: FileRow, column: str, where: str) -> str | None:
        value, clean = row.value(column), self.options.clean
        several = listed(value)
        if several is not None and len(several) > 1 and not (clean.first_label and not clean.strict):
            fix = "give each row one label, or take the first of each list with --first-label"
            self.problems.append(Problem(where, f"{column} is a list of {len(several)} labels", fix))
            return None
        try:
            label = tidy(as_words(value)) if several is None else next(iter(several), "")
        except ValueError:
            self.problems.append(Problem(where, f"{column} is an object and no label", "labels are short names"))
            return None
        self.counts.firsts[column] += several is not None and len(several) > 1
        self.counts.tidied[column] += several is None and bool(label) and label != as_words(value)
        if label and label not in clean.keep_labels and is_none(label):
            if clean.strict:
                fix = "leave the cell empty where there is none, or keep it as a label with --keep-label"
                self.problems.append(Problem(where, f"{column} is {label!r}, which is no label", fix))
            self.counts.unlabelled[column, label] += 1
            return None
        if len(label) > LONGEST or any(ord(character) < 32 for character in label):
            self.problems.append(
                Problem(where, f"{column} is too long or has control characters", "labels are short names")
            )
            return None
        return label or None


__all__ = ["MAX_LISTED", "Example", "Examples", "examples_of", "read_examples"]
