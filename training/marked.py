"""Sentences with marked spans, one a line: `my [kettle|PRODUCT] from [order 4471|ORDER]`. One file a trade."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from care.errors import BadTrainingData, Problem
from model.spans import LABELS

_MARK = re.compile(r"\[([^\[\]|]+)\|([^\[\]|]*)\]")
_LEFT = re.compile(r"[\[\]|]")

Mark = tuple[int, int, str]
"""Where a span starts and ends in its text, in code points, and its label."""


@dataclass(frozen=True, slots=True)
class MarkedText:
    """One sentence without its marks. trade: the file it stands in, by which folds are made."""

    text: str = field(repr=False)
    marks: tuple[Mark, ...]
    trade: str


def read_marked(folder: Path) -> list[MarkedText]:
    """Every sentence of `folder/*.txt`, in the order of the files. Raises BadTrainingData with file and line."""
    problems: list[Problem] = []
    marked = [text for path in sorted(folder.glob("*.txt")) for text in _of_file(path, problems)]
    if not marked and not problems:
        problems.append(Problem(str(folder), "holds no sentences with marked spans", "one .txt file a trade"))
    if problems:
        raise BadTrainingData(problems)
    return marked


def _of_file(path: Path, problems: list[Problem]) -> Iterator[MarkedText]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        problems.append(Problem(str(path), "cannot be read as a text file in UTF-8"))
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        text, marks = parsed(line.strip())
        wrong = sorted({label for _, _, label in marks} - set(LABELS))
        if wrong:
            labels = ", ".join(LABELS)
            problems.append(
                Problem(f"{path.name}:{number}", f"{wrong[0] or 'nothing'} is no label", f"one of {labels}")
            )
        elif _LEFT.search(text):
            fix = "write [words|LABEL], with no other [, ] or | in the line"
            problems.append(Problem(f"{path.name}:{number}", "has a mark that is not closed or has no label", fix))
        else:
            yield MarkedText(text, marks, path.stem)


def parsed(line: str) -> tuple[str, tuple[Mark, ...]]:
    """The text without marks, and where each span stands in it."""
    text, marks, at = "", [], 0
    for match in _MARK.finditer(line):
        text += line[at : match.start()]
        marks.append((len(text), len(text) + len(match[1]), match[2]))
        text += match[1]
        at = match.end()
    return text + line[at:], tuple(marks)
