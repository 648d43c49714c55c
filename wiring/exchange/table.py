"""Tables: a text a row, labels in columns; pre-annotations become columns of their own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from care.errors import BadInput
from wiring.exchange.record import Asked, Record
from wiring.tables.making import making, writing_objects
from wiring.tables.place import Kind
from wiring.tables.reading import Table, open_table


class TableFormat:
    """CSV and its kin, JSON Lines, JSON, Excel and Parquet."""

    name = "table"

    def fits(self, path: Path, first: Mapping[str, Any]) -> bool:
        return True

    def look(self, path: Path, asked: Asked) -> Asked:
        wanted = replace(asked, text=asked.text or "text")
        table = self._opened(path, wanted)
        return replace(wanted, columns=dict.fromkeys(table.source.columns, str))

    def read(self, path: Path, asked: Asked) -> Iterator[Record]:
        table = self._opened(path, asked)
        taken = {table.at[name] for name in (asked.text, *asked.labels.values())}
        places = list(enumerate(table.source.columns))
        for row in table:
            if isinstance(row.values, dict):
                rest = {name: value for name, value in row.values.items() if name not in taken}
            else:
                rest = {name: row.values[at] for at, name in places if at not in taken}
            labels = {task: row.value(column) for task, column in asked.labels.items()}
            text = row.value(asked.text)
            yield Record(row.line, "" if text is None else str(text), labels, rest)

    def _opened(self, path: Path, asked: Asked) -> Table:
        hint = "choose with --text and --label task=column"
        return open_table(path, needs=[asked.text, *asked.labels.values()], sheet=asked.sheet, hint=hint)

    def write(self, path: Path, records: Iterable[Record], asked: Asked) -> None:
        """What a format of its own kept beside a text becomes a column `rest`, as JSON."""
        text, labels = asked.text or "text", asked.labels
        columns: dict[str, type] = dict(asked.columns) or {text: str, **dict.fromkeys(labels.values(), str)}
        has_rest = not asked.columns
        if has_rest:
            columns["rest"] = dict
        guessed = {task: (f"{task}_predicted", f"{task}_score") for task in labels if asked.bundle}
        for names in guessed.values():
            columns |= {names[0]: str, names[1]: float}
        if len({name.casefold() for name in columns}) < len(columns):
            raise BadInput("Two columns would have one name; rename one in the file that was imported.")
        with making(path, columns) as write:
            for record in records:
                cells: dict[str, Any] = {"rest": dict(record.rest) or None} if has_rest else dict(record.rest)
                cells |= {text: record.text, **{column: record.labels.get(task) for task, column in labels.items()}}
                for task, names in guessed.items():
                    if (guess := record.guesses.get(task)) is not None:
                        cells |= {names[0]: guess.label, names[1]: round(guess.score, 4)}
                write([cells.get(name) for name in columns])


def objects_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON file with their lines. Raises Unreadable, NotFound."""
    table = open_table(path, needs=())
    if table.place.kind is not Kind.JSON:
        raise table.place.refused("is no JSON", "export it as JSON or JSON Lines, or import it as a table")
    for row in table:
        assert isinstance(row.values, dict)
        yield row.line, row.values


def write_objects(path: Path, objects: Iterable[Mapping[str, Any]]) -> None:
    """JSON Lines, or one array where the name ends in .json. Raises BadInput for another name."""
    with writing_objects(path) as write:
        for record in objects:
            write(record)
