"""Read YAML that people edit, and say on which line something is wrong.

Only plain data comes in: no tags, no anchors, no aliases, bounded size and depth.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from care.errors import Problem

# The C parser where PyYAML was built with it: ten times as fast, the same nodes.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_BYTES = 1_000_000
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a file, with its place. Wrong values are noted in `problems` and replaced by an empty one."""

    file: str
    path: str
    line: int
    value: Any
    problems: list[Problem] = field(repr=False)

    def wrong(self, what: str, fix: str = "") -> None:
        self.problems.append(Problem(f"{self.file}:{self.line}", f"{self.path}: {what}" if self.path else what, fix))

    def get(self, key: str) -> "Entry":
        """The entry under a key; an empty one when it is not there."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if value is not None else self._at(key, None)

    def need(self, key: str) -> "Entry":
        """Like `get`, and it is a problem when it is not there."""
        entry = self.get(key)
        if entry.value is None:
            self.wrong(f"`{key}` is missing")
        return entry

    def has(self, key: str) -> bool:
        return self.get(key).value is not None

    def only(self, *keys: str, gone: Mapping[str, str] = MappingProxyType({})) -> "Entry":
        """Note every key that is none of these. gone: keys of before, with what to do instead."""
        for key, entry in self.items():
            if key in gone:
                entry.wrong("is no setting any more", gone[key])
            elif key not in keys:
                entry.wrong("is not a setting we know", f"known here: {', '.join(keys)}")
        return self

    def items(self) -> Iterator[tuple[str, "Entry"]]:
        if self.value is None:
            return
        if not isinstance(self.value, dict):
            self.wrong("should be a table of names and values")
            return
        yield from self.value.items()

    def rows(self) -> Iterator["Entry"]:
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.wrong("should be a list")
            return
        yield from self.value

    def text(self, default: str = "") -> str:
        if self.value is None:
            return default
        if isinstance(self.value, (dict, list)):
            self.wrong("should be a text")
            return default
        return str(self.value).strip()

    def texts(self) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        if self.value is None:
            return ()
        if not isinstance(self.value, (dict, list)):
            return (self.text(),)
        return tuple(row.text() for row in self.rows())

    def whole(self, default: int = 0, *, least: int = 0) -> int:
        if self.value is None:
            return default
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < least:
            self.wrong(f"should be a whole number from {least}")
            return default
        return self.value

    def number(self, default: float = 0.0) -> float:
        if self.value is None:
            return default
        if not isinstance(self.value, (int, float)) or isinstance(self.value, bool):
            self.wrong("should be a number")
            return default
        return float(self.value)

    def flag(self, default: bool = False) -> bool:
        if self.value is None:
            return default
        if not isinstance(self.value, bool):
            self.wrong("should be true or false")
            return default
        return self.value

    def day(self) -> date | None:
        if self.value is None or (isinstance(self.value, date)):
            return self.value
        self.wrong("should be a day like 2026-12-24")
        return None

    def one_of(self, allowed: Callable[[], tuple[str, ...]] | tuple[str, ...], default: str = "") -> str:
        choices = allowed() if callable(allowed) else allowed
        text = self.text(default)
        if text and text not in choices:
            self.wrong(f"{text!r} is not known here", f"one of {', '.join(choices)}")
            return default
        return text

    def some_of(self, allowed: tuple[str, ...]) -> frozenset[str]:
        texts = self.texts()
        for text in texts:
            if text not in allowed:
                self.wrong(f"{text!r} is not known here", f"one of {', '.join(allowed)}")
        return frozenset(texts) & frozenset(allowed)

    def _at(self, key: str, value: Any) -> "Entry":
        return Entry(self.file, f"{self.path}.{key}" if self.path else key, self.line, value, self.problems)


def read_yaml(text: str, *, file: str, problems: list[Problem], first_line: int = 1) -> Entry:
    """Parse one YAML document into entries; whatever is wrong is noted in `problems`."""
    empty = Entry(file, "", first_line, None, problems)
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        empty.wrong("is larger than 1 MB")
        return empty
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        what = getattr(error, "problem", None) or "cannot be read"
        Entry(file, "", line, None, problems).wrong(f"not valid YAML: {what}")
        return empty
    if node is None:
        return empty
    return _entry(node, file, "", first_line, problems, depth=0, seen=set())


def _entry(
    node: yaml.Node, file: str, path: str, first_line: int, problems: list[Problem], *, depth: int, seen: set[int]
) -> Entry:
    line = first_line + node.start_mark.line
    entry = Entry(file, path, line, None, problems)
    if id(node) in seen:
        # An alias is the same node again; following it is how a few lines become a billion values.
        entry.wrong("anchors and aliases are not used here", "write the value out")
        return entry
    seen.add(id(node))
    if depth > MAX_DEPTH:
        entry.wrong("is nested too deeply")
        return entry
    if isinstance(node, yaml.MappingNode):
        table: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            inner = f"{path}.{key}" if path else key
            if key in table:
                Entry(file, inner, first_line + key_node.start_mark.line, None, problems).wrong("stands here twice")
            table[key] = _entry(value_node, file, inner, first_line, problems, depth=depth + 1, seen=seen)
        return Entry(file, path, line, table, problems)
    if isinstance(node, yaml.SequenceNode):
        rows = [
            _entry(row, file, f"{path}[{n}]", first_line, problems, depth=depth + 1, seen=seen)
            for n, row in enumerate(node.value)
        ]
        return Entry(file, path, line, rows, problems)
    if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith("tag:yaml.org,2002:python"):
        entry.wrong("only plain values are read here, no tags")
        return entry
    try:
        value = SafeConstructor().construct_object(node)
    except (yaml.YAMLError, ValueError):
        entry.wrong("cannot be read as a value")
        return entry
    return Entry(file, path, line, value, problems)
