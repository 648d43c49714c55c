"""What is done with labelled rows before anything learns from them: settled, told, and each said thing learnt once."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from care.errors import Problem
from model.text import normalise
from training.labels import key_of, parts_of, rows_of, shown, some, twins
from training.options import CleanOptions
from training.rows import Example

MAY_CONFLICT = 0.05
"""So many of a task's rows may contradict others that a majority settles them; more are a fault of the file."""


@dataclass
class Cleaned:
    """Rows that may be learnt from. told: what was done, for people. n_repeats: rows that said what another does."""

    rows: list[Example] = field(repr=False)
    told: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    n_repeats: int = 0


def clean_rows(rows: list[Example], labels: Mapping[str, str], options: CleanOptions) -> Cleaned:
    """Lists, twins, conflicts, repeats and rare labels, in this order. labels: task -> column."""
    done = Cleaned(rows)
    for task, column in labels.items():
        _lists(done, task, column, options)
        _twins(done, task, column, options)
        if not options.allow_conflicts:
            _conflicts(done, task, column, options)
    done.rows = [row for row in done.rows if any(row.labels.values())]
    _repeats(done)
    for task, column in labels.items():
        _counts(done, task, column, options)
    return done


def _relabelled(row: Example, task: str, label: str | None) -> Example:
    return replace(row, labels={**row.labels, task: label})


def _lists(done: Cleaned, task: str, column: str, options: CleanOptions) -> None:
    counts = Counter(label for row in done.rows if (label := row.labels[task]))
    known = {key_of(label) for label in counts}
    parts = {label: of_label for label in counts if (of_label := parts_of(label, known))}
    at = [i for i, row in enumerate(done.rows) if (row.labels[task] or "") in parts]
    if not at:
        return
    if not options.first_label or options.strict:
        for i in at:
            n = len(parts[done.rows[i].labels[task] or ""])
            fix = "give each row one label, or take the first of each list with --first-label"
            done.problems.append(Problem(f"line {done.rows[i].line}", f"{column} is a list of {n} labels", fix))
        return
    for i in at:
        done.rows[i] = _relabelled(done.rows[i], task, parts[done.rows[i].labels[task] or ""][0])
    done.told.append(f"{column}: {rows_of(len(at))} with a list of labels count as the first of it")


def _twins(done: Cleaned, task: str, column: str, options: CleanOptions) -> None:
    counts = Counter(label for row in done.rows if (label := row.labels[task]))
    merged = twins(label for row in done.rows if (label := row.labels[task]))
    for other, best in sorted(merged.items()):
        what = f"{rows_of(counts[other])} say {shown(other)} and {counts[best]:,} say {shown(best)}"
        if options.strict:
            done.problems.append(Problem(f"column {column}", what, "write a label in one way, or leave out --strict"))
        else:
            done.told.append(f"{column}: {what}: one label, {shown(best)}")
    if not options.strict and merged:
        done.rows = [
            _relabelled(row, task, merged[label]) if (label := row.labels[task]) in merged else row for row in done.rows
        ]


def said_key(row: Example) -> tuple[object, ...]:
    """The same for rows in which the same is said, in the same conversation so far."""
    return (normalise(row.text).lower(), *((turn.by_customer, turn.text) for turn in row.said))


def _conflicts(done: Cleaned, task: str, column: str, options: CleanOptions) -> None:
    by_text: dict[tuple[object, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    n_labelled = 0
    for at, row in enumerate(done.rows):
        if label := row.labels[task]:
            by_text[said_key(row)][label].append(at)
            n_labelled += 1
    torn = [said for said in by_text.values() if len(said) > 1]
    torn.sort(key=lambda said: min(min(rows) for rows in said.values()))
    n_rows = sum(len(rows) for said in torn for rows in said.values())
    if not torn:
        return
    is_settled = not options.strict and n_rows <= MAY_CONFLICT * n_labelled
    for said in torn:
        lines = {label: ", ".join(str(done.rows[at].line) for at in rows[:20]) for label, rows in said.items()}
        first = min(done.rows[at].line for rows in said.values() for at in rows)
        what = "; ".join(f"{shown(label)} on line {where}" for label, where in lines.items())
        if not is_settled:
            fix = "decide for one, or keep all with --allow-conflicts"
            problem = Problem(f"line {first}", f"the same text has different labels in {column}: {what}", fix)
            done.problems.append(problem)
            continue
        sizes = sorted((len(rows) for rows in said.values()), reverse=True)
        best = max(said, key=lambda label: len(said[label])) if sizes[0] > sizes[1] else None
        for rows in said.values():
            for at in rows:
                done.rows[at] = _relabelled(done.rows[at], task, best)
        end = f"counts as {shown(best)}" if best else "has no majority and is left out"
        done.told.append(f"{column}: line {first}: the same text has different labels ({what}) and {end}")


def _repeats(done: Cleaned) -> None:
    """Each thing said is learnt once: what stands there twice would vouch for itself."""
    seen = set()
    kept = []
    for row in done.rows:
        key = (normalise(row.text), said_key(row)[1:], tuple(sorted(row.labels.items(), key=str)), row.group)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    done.n_repeats = len(done.rows) - len(kept)
    if done.n_repeats:
        share = f"{done.n_repeats} of {len(done.rows)} rows ({done.n_repeats / len(done.rows):.0%})"
        done.told.append(f"repeats: {share} say what another says; each is learnt and counted once")
    done.rows = kept


def _counts(done: Cleaned, task: str, column: str, options: CleanOptions) -> None:
    """Whether there is something to learn, and which labels have one row."""
    counts = Counter(label for row in done.rows if (label := row.labels[task]))
    where = f"column {column}"
    if not counts:
        done.problems.append(Problem(where, "is empty in every row", "name the column that has the labels"))
        return
    if len(counts) == 1:
        what = f"has one label only, {shown(next(iter(counts)))}"
        done.problems.append(Problem(where, what, "give at least two labels"))
        return
    rare = {label for label, n in counts.items() if n < 2}
    if options.strict:
        for row in done.rows:
            if (label := row.labels[task]) in rare:
                fix = "give at least 2 rows, or merge it with another label"
                done.problems.append(
                    Problem(f"line {row.line}", f"{column} {shown(label or '')} has only this row", fix)
                )
    elif len(counts) - len(rare) < 2 or len(rare) > max(10, sum(counts.values()) // 2):
        what = f"has {len(rare)} labels of {len(counts)} with a single row"
        fix = "name the column that has the labels; at least two labels need two rows or more"
        done.problems.append(Problem(where, what, fix))
    elif rare:
        done.told.append(f"{column}: one row only, kept as an example but measured nowhere: {some(sorted(rare))}")


def capped(rows: Sequence[Example], tasks: Sequence[str], at_most: int, *, seed: int) -> list[Example]:
    """At most so many of the rows, in their order: drawn evenly, so labels keep their shares, and rare ones a few."""
    if len(rows) <= at_most:
        return list(rows)
    order = np.random.default_rng(seed).permutation(len(rows))
    must: list[int] = []
    for task in tasks:
        n_of: Counter[str] = Counter()
        for at in order:
            label = rows[at].labels.get(task)
            if label and n_of[label] < _A_FEW:
                n_of[label] += 1
                must.append(int(at))
    first = list(dict.fromkeys(must))[: at_most // 2]
    kept = list(dict.fromkeys([*first, *map(int, order)]))[:at_most]
    return [rows[at] for at in sorted(kept)]


_A_FEW = 5
"""Rows of each label that a cap keeps, as far as they are there."""
