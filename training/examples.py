"""Read labelled messages from a file, or say on which lines what is wrong and how to mend it, all of it at once."""

import csv
import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from care.errors import BadTrainingData, Problem
from care.message import Turn
from care.subject import whole
from model.text import normalise
from model.thread import turns_of

MAX_CELL_CHARS = 100_000
MAX_LISTED = 25
_NOT_LABELS = frozenset({"nan", "null", "none", "n/a", "#n/a", "<na>"})


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message.

    line: where it stands in its file, 1 is the heading. labels: task -> label or None. thread: id of its conversation.
    said: the turns before it, oldest first, where the file has them. group: what it belongs to: a trade, brand, year.
    """

    line: int
    text: str = field(repr=False)
    labels: Mapping[str, str | None]
    thread: str | None = None
    created_at: str | None = None
    said: tuple[Turn, ...] = field(repr=False, default=())
    group: str | None = None


@dataclass(frozen=True)
class Examples:
    """Checked examples in file order, and a hash of their content."""

    rows: tuple[Example, ...] = field(repr=False)
    tasks: tuple[str, ...]
    data_hash: str

    @property
    def texts(self) -> list[str]:
        return [row.text for row in self.rows]

    def of(self, task: str) -> list[str | None]:
        return [row.labels.get(task) for row in self.rows]


def read_examples(
    paths: Sequence[Path],
    *,
    text: str,
    labels: Mapping[str, str],
    allow_conflicts: bool = False,
    is_training: bool = True,
    group: str | None = None,
) -> Examples:
    """Read CSV or JSON Lines files.

    text: column of the message. labels: task -> column. group: column of what a row belongs to. A column `subject` that
    is none of these is each message's first line, as serving reads a mail's. Raises BadTrainingData with every problem
    found.
    """
    problems: list[Problem] = []
    rows: list[Example] = []
    for path in paths:
        rows += _read_file(path, text, labels, group, problems)
    if is_training and (rows or not problems):
        where = ", ".join(path.name for path in paths)
        _check(rows, labels, problems, where=where, allow_conflicts=allow_conflicts)
    if problems:
        raise BadTrainingData(problems)
    return examples_of(rows, tuple(labels))


def examples_of(rows: Sequence[Example], tasks: Sequence[str]) -> Examples:
    """Examples from rows that were checked elsewhere."""
    digest = hashlib.sha256()
    for row in rows:
        said = [(turn.by_customer, turn.text) for turn in row.said]
        around = [said, row.group] if said or row.group else []
        digest.update(json.dumps([row.text, sorted(row.labels.items()), *around], default=str).encode())
    return Examples(tuple(rows), tuple(tasks), digest.hexdigest())


def _read_file(
    path: Path, text: str, labels: Mapping[str, str], group: str | None, problems: list[Problem]
) -> list[Example]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.append(Problem(str(path), f"cannot be read: {error.strerror}", "check the path"))
        return []
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(
            Problem(f"{path.name}:{line}", "is not UTF-8", "save it as UTF-8; spreadsheets call it 'CSV UTF-8'")
        )
        return []
    if "\x00" in content[:10_000] and content[:10_000].count("\x00") > 5:
        problems.append(Problem(path.name, "is not UTF-8 text", "save it as UTF-8; it looks like UTF-16 or binary"))
        return []
    records = _jsonl(content, path, problems) if path.suffix in (".jsonl", ".ndjson") else _csv(content, path, problems)
    rows = []
    columns: set[str] | None = None
    asked = dict.fromkeys([text, *labels.values(), *([group] if group else [])])
    for line, record, seen in records:
        if columns is None:
            columns = seen
            missing = [column for column in asked if column not in seen]
            for column in missing:
                problems.append(Problem(f"{path.name}:1", f"there is no column {column!r}", _columns_hint(seen)))
            if missing:
                return []
        if "subject" not in asked:
            record = {**record, text: whole(record.get(text, ""), record.get("subject"))}
        row = _example(line, record, text, labels, path, problems)
        rows.append(replace(row, group=record.get(group, "").strip() or None) if row is not None and group else row)
    return [row for row in rows if row is not None]


def _columns_hint(seen: AbstractSet[str]) -> str:
    only = next(iter(seen)) if len(seen) == 1 else ""
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if sign in only:
            return f"its cells are parted by {name}; save it with commas"
    return f"the columns are: {', '.join(sorted(seen)) or 'none'}"


def _csv(content: str, path: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str], set[str]]]:
    limit = csv.field_size_limit(len(content) + 1)
    try:
        reader = csv.reader(io.StringIO(content, newline=""), strict=False)
        heading = next(reader, None)
        if heading is None:
            return
        columns = [name.strip() for name in heading]
        started = reader.line_num + 1
        for cells in reader:
            line, started = started, reader.line_num + 1
            if not cells:
                continue
            if len(cells) != len(columns):
                what = f"has {len(cells)} cells, the heading has {len(columns)}"
                fix = "quote cells that hold commas or line breaks"
                if reader.line_num > line:
                    what += f", and ends on line {reader.line_num}"
                    fix = "is a quote opened there and never closed?"
                problems.append(Problem(f"{path.name}:{line}", what, fix))
                continue
            yield line, dict(zip(columns, cells, strict=True)), set(columns)
    except csv.Error as error:
        problems.append(Problem(f"{path.name}:{reader.line_num}", f"is not CSV: {error}", "quote the cell"))
    finally:
        csv.field_size_limit(limit)


def _jsonl(content: str, path: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str], set[str]]]:
    columns: set[str] = set()
    records: list[tuple[int, dict[str, str]]] = []
    for line, raw in enumerate(content.split("\n"), 1):
        if not raw.strip():
            continue
        try:
            record = json.loads(raw)
        except (ValueError, RecursionError):
            problems.append(Problem(f"{path.name}:{line}", "is not JSON", "one object a line"))
            continue
        if not isinstance(record, dict):
            problems.append(Problem(f"{path.name}:{line}", "is not a JSON object", "one object a line"))
            continue
        values = {str(key): "" if value is None else str(value) for key, value in record.items()}
        columns |= set(values)
        records.append((line, values))
    for line, values in records:
        yield line, values, columns


def _example(
    line: int, record: Mapping[str, str], text: str, labels: Mapping[str, str], path: Path, problems: list[Problem]
) -> Example | None:
    where = f"{path.name}:{line}"
    message = record.get(text, "")
    if len(message) > MAX_CELL_CHARS:
        problems.append(
            Problem(
                where, f"the text has {len(message):,} characters", f"at most {MAX_CELL_CHARS:,}; is a quote missing?"
            )
        )
        return None
    found: dict[str, str | None] = {}
    for task, column in labels.items():
        label = record.get(column, "").strip()
        if label.lower() in _NOT_LABELS:
            problems.append(
                Problem(where, f"{column} is {label!r}, which is no label", "leave the cell empty where there is none")
            )
            return None
        if len(label) > 200 or any(ord(character) < 32 for character in label):
            problems.append(Problem(where, f"{column} is too long or has control characters", "labels are short names"))
            return None
        found[task] = label or None
    if not any(found.values()):
        return None
    if message.strip().lower() == "nan" or not normalise(message):
        problems.append(Problem(where, "the text is empty", "remove the line or fill it in"))
        return None
    said = turns_of(record.get("thread") or "")
    thread = record.get("thread_id") or (not said and record.get("thread")) or None
    return Example(line, message, found, thread, record.get("created_at") or None, said)


def _check(
    rows: Sequence[Example], labels: Mapping[str, str], problems: list[Problem], *, where: str, allow_conflicts: bool
) -> None:
    if not rows:
        if not problems:
            problems.append(Problem(where, "there are no labelled rows", "a heading and at least two rows a label"))
        return
    for task, column in labels.items():
        counts = Counter(row.labels[task] for row in rows if row.labels[task])
        if not counts:
            problems.append(Problem(f"column {column}", "is empty in every row", "name the column that has the labels"))
        elif len(counts) == 1:
            problems.append(
                Problem(f"column {column}", f"has one label only, {next(iter(counts))!r}", "give at least two labels")
            )
        rare = {label for label, n in counts.items() if n < 2}
        for row in rows:
            if row.labels[task] in rare and len(counts) > 1:
                problems.append(
                    Problem(
                        f"line {row.line}",
                        f"{column} {row.labels[task]!r} has only this row",
                        "give at least 2 rows, or merge it with another label",
                    )
                )
        if not allow_conflicts:
            problems += _conflicts(rows, task, column)


def _conflicts(rows: Sequence[Example], task: str, column: str) -> list[Problem]:
    by_text: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if label := row.labels[task]:
            by_text[normalise(row.text).lower()][label].append(row.line)
    found = []
    for said in by_text.values():
        if len(said) > 1:
            first = min(min(lines) for lines in said.values())
            what = "; ".join(f"{label!r} on line {', '.join(map(str, lines))}" for label, lines in said.items())
            fix = "decide for one, or keep all with --allow-conflicts"
            found.append(Problem(f"line {first}", f"the same text has different labels in {column}: {what}", fix))
    found.sort(key=lambda problem: int(problem.where.split()[1]))
    return found
