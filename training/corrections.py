"""Labels that people gave in service, added to the rows of a file: the newest word counts, and nobody's alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from care.classification import OUT_OF_SCOPE
from care.errors import NotFound, Problem
from care.subject import whole
from model.text import normalise
from training.labels import LONGEST, is_none, key_of, rows_of, shown, tidy
from training.options import ReadOptions
from training.rows import Example
from wiring.tables.place import Unreadable
from wiring.tables.reading import open_table

AUTHOR_SHARE = 0.1
"""So many labels of one person, as a share of the rows of the files, are learnt: nobody turns a bundle alone."""
FEWEST_OF_AUTHOR = 20
RIGHT = "right"
"""In a list of suspects the column for the label that is right, empty where nobody looked."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One label of one person. line: in its file."""

    line: int
    text: str = field(repr=False)
    task: str
    label: str
    by: str
    at: str
    thread: str | None


@dataclass
class Added:
    """The rows of the files, with what people said. told: what was done, for people."""

    rows: list[Example] = field(repr=False)
    told: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def add_corrections(rows: list[Example], options: ReadOptions) -> Added:
    """Rows whose text a person labelled get that label; what was only said in service becomes a row of its own."""
    done = Added(rows)
    spelt = {
        task: {key_of(OUT_OF_SCOPE), *(key_of(name) for row in rows if (name := row.labels.get(task)))}
        for task in options.labels
    }
    said = [label for path in options.added for label in _read(path, options, spelt, done)]
    if done.problems or not options.added:
        return done
    said = _capped(said, max(FEWEST_OF_AUTHOR, int(AUTHOR_SHARE * len(rows))), done)
    latest: dict[str, dict[str, _Said]] = defaultdict(dict)
    for label in sorted(said, key=lambda label: label.at):
        latest[normalise(label.text).lower()][label.task] = label
    done.rows, n_changed, known = [], 0, set()
    for row in rows:
        key = normalise(row.text).lower()
        labels = {task: label.label for task, label in latest.get(key, {}).items()}
        n_changed += any(row.labels.get(task) != label for task, label in labels.items())
        known.add(key)
        done.rows.append(replace(row, labels={**row.labels, **labels}) if labels else row)
    fresh = [_row(labels, options) for key, labels in latest.items() if key not in known]
    done.rows += fresh
    names = ", ".join(path.name for path in options.added)
    done.told.append(f"{names}: {rows_of(len(fresh))} added, {n_changed} of the files got another label by a person")
    return done


def _read(path: Path, options: ReadOptions, known: Mapping[str, AbstractSet[str]], done: Added) -> list[_Said]:
    """The labels of one file: of corrections, or of suspects that somebody settled. known: keys of labels, by task."""
    said, other, n_open = [], Counter[str](), 0
    try:
        table = open_table(path, needs=("text", "task", "label", "by"), may=("subject", "at", "thread_id", RIGHT))
        are_suspects = table.has(RIGHT)
        for row in table:
            task, label = row["task"], tidy(row[RIGHT] if are_suspects else row["label"])
            where = f"{path.name}:{row.line}"
            if task not in options.labels:
                other[task] += 1
            elif are_suspects and not label:
                n_open += 1
            elif not row["by"].strip() or not label or is_none(label) or len(label) > LONGEST:
                done.problems.append(Problem(where, "needs a label, and in `by` who gave it", "mend or remove the row"))
            elif are_suspects and key_of(label) not in known[task]:
                fix = f"write in `{RIGHT}` a label of the files, or leave it empty"
                done.problems.append(Problem(where, f"no row of the files has the label {shown(label)}", fix))
            elif normalise(row["text"]):
                text = whole(row["text"], row["subject"])
                said.append(_Said(row.line, text, task, label, row["by"], row["at"], row["thread_id"] or None))
    except NotFound:
        done.problems.append(Problem(str(path), "cannot be read: there is no such file", "check the path"))
    except Unreadable as error:
        done.problems += error.problems
    if other:
        done.told.append(f"{path.name}: {rows_of(other.total())} of tasks that are not trained here left out")
    if n_open:
        done.told.append(f"{path.name}: {rows_of(n_open)} that nobody settled left out")
    return said


def _capped(said: Sequence[_Said], most: int, done: Added) -> list[_Said]:
    """The newest labels of each person, at most so many."""
    by_author: dict[str, list[_Said]] = defaultdict(list)
    for label in sorted(said, key=lambda label: label.at):
        by_author[label.by].append(label)
    for author, labels in sorted(by_author.items()):
        if len(labels) > most:
            done.told.append(
                f"corrections: of {len(labels)} labels by {author} the newest {most} count; no one's do all"
            )
    return [label for labels in by_author.values() for label in labels[-most:]]


def _row(labels: dict[str, _Said], options: ReadOptions) -> Example:
    newest = max(labels.values(), key=lambda label: label.at)
    named = {task: labels[task].label if task in labels else None for task in options.labels}
    return Example(newest.line, newest.text, named, newest.thread, newest.at or None)
