"""What is wrong with labelled rows and how to mend it, found while they go by, in constant memory."""

import hashlib
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from care.errors import BadInput, Problem
from model.text import normalise
from training.labels import is_none, key_of, listed, shown, tidy, twins

MOST_LABELS = 5_000
"""More different labels of one task are no labels: the wrong column was named."""
_LONGEST = 100_000
_SAMPLED = 20_000
"""Languages are told of so many texts, spread over the rows."""
_WRITE = "INSERT INTO said VALUES (?, ?, ?, ?, 1) ON CONFLICT (text, task, label) DO UPDATE SET n = n + 1"


class Findings:
    """Looks at rows one after the other. What is said of texts is kept as hashes in a file that nobody names."""

    def __init__(self, tasks: tuple[str, ...], columns: Mapping[str, str], language_of: Callable[[str], str]) -> None:
        self._columns, self._language_of = columns, language_of
        self._labels: dict[str, Counter[str]] = {task: Counter() for task in tasks}
        self._first: dict[tuple[str, str], int] = {}
        self._languages: Counter[str] = Counter()
        self._n = self._n_empty = self._n_repeats = self._n_issues = self._n_conflicts = 0
        self._every = 1

    def __enter__(self) -> "Findings":
        self._folder = tempfile.TemporaryDirectory(prefix="tactful-import-")
        self._said = sqlite3.connect(Path(self._folder.name) / "said.db", isolation_level=None)
        try:
            self._said.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;"
                "CREATE TABLE said (text BLOB, task TEXT, label TEXT, line INT, n INT, PRIMARY KEY (text, task, label))"
                " WITHOUT ROWID; BEGIN"
            )
        except sqlite3.OperationalError as error:
            self._close()
            raise self._no_room(error) from error
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        self._close()
        if isinstance(error, sqlite3.OperationalError):
            raise self._no_room(error) from error

    def _close(self) -> None:
        self._said.close()
        self._folder.cleanup()

    def _no_room(self, error: sqlite3.OperationalError) -> BadInput:
        folder = Path(self._folder.name).parent
        return BadInput(
            f"{folder} cannot take what is looked up while rows go by ({error}). Make room there, or name a larger "
            "folder in TMPDIR."
        )

    def see(self, line: int, text: str, labels: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with one row by itself."""
        self._n += 1
        problems = []
        plain = normalise(text)
        if not plain:
            self._n_empty += 1
            problems.append(Problem("text", "is empty", "remove the row or fill it in; training leaves it out"))
        elif len(text) > _LONGEST:
            problems.append(
                Problem("text", f"has {len(text):,} characters", f"at most {_LONGEST:,}: is a quote missing?")
            )
        key = hashlib.blake2b(plain.lower().encode("utf-8", "replace"), digest_size=12).digest()
        if plain:
            self._tell_language(plain)
        for task, value in labels.items():
            problem, label = self._label(task, value)
            problems += [problem] if problem else []
            if label:
                self._labels[task][label] += 1
                self._first.setdefault((task, label), line)
                if len(self._labels[task]) > MOST_LABELS:
                    raise BadInput(
                        f"{self._columns[task]} has over {MOST_LABELS:,} different values: these are no labels."
                    )
            if plain:
                self._said.execute(_WRITE, (key, task, label or "", line))
        self._n_issues += len(problems)
        return problems

    def _label(self, task: str, value: Any) -> tuple[Problem | None, str | None]:
        where = self._columns[task]
        several = listed(value)
        if several is not None and len(several) > 1:
            fix = "give one label, or train with --first-label"
            return Problem(where, f"is a list of {len(several)} labels", fix), several[0]
        label = tidy(str(value)) if several is None and value is not None else next(iter(several or []), "")
        if not label:
            return Problem(where, "has no label", "label the row; training leaves it out"), None
        if is_none(label):
            fix = "empty the cell, or train with --keep-label where it is a label"
            return Problem(where, f"says {shown(label)}, which is no label", fix), None
        return None, label

    def _tell_language(self, text: str) -> None:
        if self._n % self._every == 0:
            self._languages[self._language_of(text)] += 1
            if self._languages.total() >= _SAMPLED:
                # From here on every other one of those that were looked at.
                self._every *= 2
                self._languages = Counter({name: n // 2 for name, n in self._languages.items()})

    def at_the_end(self) -> Iterator[tuple[int, Problem]]:
        """What is wrong with rows beside others, each with its line, 0 for all."""
        for task, counts in self._labels.items():
            where = self._columns[task]
            for other, best in sorted(twins(counts.elements()).items()):
                what = f"{counts[other]:,} rows say {shown(other)} and {counts[best]:,} say {shown(best)}"
                yield self._found(self._first[task, other], where, what, f"write {shown(best)}; training does")
            sizes = Counter(key_of(label) for label in counts.elements())
            for label in sorted(counts):
                if sizes[key_of(label)] == 1:
                    fix = "give two rows or more, or merge it with another label"
                    yield self._found(self._first[task, label], where, f"{shown(label)} has one row only", fix)
        yield from self._conflicts()

    def _conflicts(self) -> Iterator[tuple[int, Problem]]:
        query = (
            "SELECT task, label, line, n, text FROM said WHERE label != '' AND (text, task) IN (SELECT text, task FROM "
            "said WHERE label != '' GROUP BY text, task HAVING count(*) > 1) ORDER BY text, task, n DESC, line"
        )
        said: list[tuple[str, int, int]] = []
        before: tuple[str, bytes] | None = None
        for task, label, line, n, text in self._said.execute(query):
            if before is not None and (task, text) != before:
                yield from self._conflict(before[0], said)
                said = []
            before = (task, text)
            said.append((label, line, n))
        if before is not None:
            yield from self._conflict(before[0], said)

    def _conflict(self, task: str, said: list[tuple[str, int, int]]) -> Iterator[tuple[int, Problem]]:
        if len({key_of(label) for label, _, _ in said}) < 2:
            return
        self._n_conflicts += 1
        has_majority = said[0][2] > said[1][2]
        best = shown(said[0][0])
        fix = f"say {best} on all" if has_majority else "decide for one; training leaves them out"
        what = "; ".join(
            f"{shown(label)} on line {line}" + (f" and {n - 1} more" if n > 1 else "") for label, line, n in said
        )
        yield self._found(said[0][1], self._columns[task], f"the same text has different labels: {what}", fix)

    def _found(self, line: int, where: str, what: str, fix: str) -> tuple[int, Problem]:
        self._n_issues += 1
        return line, Problem(where, what, fix)

    def said(self) -> dict[str, Any]:
        """The figures of all rows."""
        if self._labels:
            query = "SELECT coalesce(sum(n), 0) FROM (SELECT sum(n) - 1 AS n FROM said GROUP BY text, task) WHERE n > 0"
            [(n_repeats,)] = self._said.execute(query)
            self._n_repeats = n_repeats // len(self._labels)
        total = max(1, self._languages.total())
        return {
            "empty": self._n_empty,
            "repeats": self._n_repeats,
            "conflicts": self._n_conflicts,
            "issues": self._n_issues,
            "languages": {name: round(n / total, 4) for name, n in self._languages.most_common(12)},
            "counts": {task: dict(counts.most_common()) for task, counts in self._labels.items()},
        }
