"""A dataset: a folder with masked rows, what they are, and what should be mended before anything learns from them."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from care.errors import BadInput, Problem
from care.ports import Redactor
from training.findings import Findings
from training.options import ReadOptions
from wiring.exchange.formats import FORMATS, format_of
from wiring.exchange.record import Asked, Guess, Record
from wiring.tables.files import replaced
from wiring.tables.making import making
from wiring.tables.reading import open_table
from wiring.tables.writing import as_json

ABOUT, ROWS, ISSUES = "dataset.json", "rows.jsonl", "issues.csv"
LIFTED = ("subject", "thread", "thread_id", "created_at")
"""Fields that training reads by name; the others stay together under `rest`."""
_RESERVED = frozenset({"text", "line", "rest", *LIFTED})
_KINDS = {"str": str, "int": int, "float": float, "bool": bool, "dict": dict}
_EVERY = 10_000
Say = Callable[[str], None]


@dataclass(frozen=True)
class Dataset:
    """A folder made by `import_rows`. about: what `dataset.json` says."""

    folder: Path
    about: Mapping[str, Any] = field(repr=False)

    @property
    def rows_file(self) -> Path:
        return self.folder / ROWS

    @property
    def tasks(self) -> list[str]:
        return list(self.about["labels"])

    @property
    def asked(self) -> Asked:
        """Where things stood in the file that it was made from."""
        columns = {name: _KINDS.get(kind, str) for name, kind in self.about["columns"].items()}
        return Asked(self.about["text"], self.about["labels"], columns=columns)


def open_dataset(folder: Path) -> Dataset:
    """Raises BadInput for a folder that is none."""
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        return Dataset(
            folder, {name: about[name] for name in ("format", "text", "labels", "columns", "rows", "hash")} | about
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(f"{folder} is no dataset; make one with `tactful data import`.") from None


def is_dataset(path: Path) -> bool:
    """Whether a path is the folder of a dataset."""
    return (path / ABOUT).is_file()


def as_rows(files: Iterable[Path], options: ReadOptions) -> tuple[list[Path], ReadOptions]:
    """Files to learn from, where some are datasets: their rows, and their tasks where none is named."""
    paths = list(files)
    opened = [open_dataset(path) for path in paths if is_dataset(path)]
    if not opened:
        return paths, options
    tasks = dict.fromkeys(task for dataset in opened for task in dataset.tasks)
    labels = options.labels or {task: task for task in tasks}
    return [path / ROWS if is_dataset(path) else path for path in paths], replace(options, labels=labels, text="text")


@dataclass(frozen=True)
class Import:
    """What is brought in. language_of: the language of a text. form: the format's name, "" for what it looks like."""

    path: Path
    out: Path
    asked: Asked
    redactor: Redactor
    language_of: Callable[[str], str]
    form: str = ""
    say: Say = lambda line: None


def import_rows(order: Import) -> Dataset:
    """Read a file of any format into a new dataset folder, masked first, in constant memory.

    Raises BadInput, NotFound; nothing is left of a folder then that was not there before.
    """
    if order.out.exists() and any(order.out.iterdir()):
        raise BadInput(f"{order.out} is not empty; name a new folder.")
    kind = format_of(order.path, order.form)
    asked = kind.look(order.path, order.asked)
    if wrong := [task for task in asked.labels if task in _RESERVED]:
        raise BadInput(f"A task cannot be called {wrong[0]}; name it otherwise: --label NAME={asked.labels[wrong[0]]}.")
    was_there = order.out.exists()
    order.out.mkdir(parents=True, exist_ok=True)
    try:
        about = _copied(order, kind.read(order.path, asked), asked)
    except BaseException:
        for name in (ROWS, ISSUES):
            (order.out / name).unlink(missing_ok=True)
        if not was_there:
            order.out.rmdir()
        raise
    about = {"format": kind.name, "made_from": order.path.name, **about}
    with replaced(order.out / ABOUT) as fresh:
        fresh.write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return Dataset(order.out, about)


def _copied(order: Import, records: Iterator[Record], asked: Asked) -> dict[str, Any]:
    masking = Masking(order.redactor)
    digest, kinds = hashlib.sha256(), _Kinds(asked.columns)
    n = 0
    with (
        Findings(tuple(asked.labels), asked.labels, order.language_of) as findings,
        replaced(order.out / ROWS) as fresh,
        making(order.out / ISSUES, dict.fromkeys(("line", "where", "problem", "fix"), str)) as write_issue,
        fresh.open("w", encoding="utf-8", newline="\n") as rows,
    ):
        for record in records:
            kinds.see(record, asked)
            row = _row(record, masking)
            line = as_json(row) + "\n"
            digest.update(line.encode("utf-8", "replace"))
            rows.write(line)
            for problem in findings.see(record.line, row["text"], record.labels):
                write_issue([record.line, problem.where, problem.what, problem.fix])
            n += 1
            if n % _EVERY == 0:
                order.say(f"{n:,} rows")
        for number, problem in findings.at_the_end():
            write_issue([number or None, problem.where, problem.what, problem.fix])
        said = findings.said()
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "text": asked.text,
        "labels": dict(asked.labels),
        "columns": kinds.names,
        "rows": n,
        "hash": digest.hexdigest(),
        **said,
        "masked": masking.counts,
    }


def _row(record: Record, masking: "Masking") -> dict[str, Any]:
    rest = {name: masking.value(value) for name, value in record.rest.items()}
    lifted = {name: rest.pop(name) for name in LIFTED if isinstance(rest.get(name), str)}
    labels = {task: label for task, label in record.labels.items() if label not in (None, "")}
    return {"text": masking.text(record.text), **labels, **lifted, "line": record.line, "rest": rest}


class Masking:
    """Masks every text of a row, wherever it stands. counts: by kind of what was found."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.counts: dict[str, int] = {}
        # States, channels and the like come again and again.
        self._short = lru_cache(8192)(self._masked)

    def text(self, text: str) -> str:
        return self._short(text) if len(text) <= 64 else self._masked(text)

    def value(self, value: Any) -> Any:
        """The same in the types of JSON, its texts masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {str(name): self.value(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        if isinstance(value, datetime | date | time):
            return value.isoformat()
        return value if value is None or isinstance(value, int | float) else str(value)

    def _masked(self, text: str) -> str:
        if not text.strip():
            return text
        redaction = self._redactor.redact(text)
        for span in redaction.spans:
            self.counts[span.category] = self.counts.get(span.category, 0) + 1
        return redaction.text


class _Kinds:
    """Which type each column holds, over all rows."""

    def __init__(self, columns: Mapping[str, type]) -> None:
        self._seen: dict[str, set[str]] = {name: set() for name in columns}

    def see(self, record: Record, asked: Asked) -> None:
        for name, value in record.rest.items():
            if value is not None and name in self._seen:
                self._seen[name].add(type(value).__name__)

    @property
    def names(self) -> dict[str, str]:
        only = {name: next(iter(seen)) if len(seen) == 1 else "str" for name, seen in self._seen.items()}
        return {name: kind if kind in _KINDS else "str" for name, kind in only.items()}


def records_of(dataset: Dataset) -> Iterator[Record]:
    """Its rows as they were brought in, masked."""
    tasks = dataset.tasks
    with dataset.rows_file.open(encoding="utf-8") as rows:
        for line in rows:
            row = json.loads(line)
            rest = {**row["rest"], **{name: row[name] for name in LIFTED if name in row}}
            yield Record(row["line"], row["text"], {task: row.get(task) for task in tasks}, rest)


def export_rows(dataset: Dataset, path: Path, *, form: str, bundle: str, guesses: "Guesser | None") -> int:
    """Write a dataset in a format; returns how many rows.

    form: its name, "" for the one it came from. guesses: what a bundle says of texts, by task. Raises BadInput.
    """
    kind = FORMATS[dataset.about["format"]] if not form else format_of(path, form)
    asked = dataset.asked
    if kind.name != dataset.about["format"]:
        asked = Asked("", {task: "labels" if kind.name == "chatwoot" else task for task in dataset.tasks})
    n = 0

    def counted() -> Iterator[Record]:
        nonlocal n
        for record in records_of(dataset) if guesses is None else _guessed(records_of(dataset), guesses):
            n += 1
            yield record

    kind.write(path, counted(), replace(asked, bundle=bundle))
    return n


Guesser = Callable[[list[str]], list[Mapping[str, Guess]]]


def _guessed(records: Iterator[Record], guesses: Guesser) -> Iterator[Record]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == 512:
            yield from _with_guesses(batch, guesses)
            batch = []
    yield from _with_guesses(batch, guesses)


def _with_guesses(batch: list[Record], guesses: Guesser) -> Iterator[Record]:
    if batch:
        for record, guess in zip(batch, guesses([record.text for record in batch]), strict=True):
            yield replace(record, guesses=guess)


def problems_of(dataset: Dataset, *, most: int) -> list[Problem]:
    """The first of its issues."""
    table = open_table(dataset.folder / ISSUES, needs=("line", "where", "problem", "fix"))
    return [
        Problem(f"line {row['line']}, {row['where']}", row["problem"], row["fix"])
        for row in itertools.islice(table, most)
    ]
