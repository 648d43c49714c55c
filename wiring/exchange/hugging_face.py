"""Folders of Hugging Face datasets: saved with `save_to_disk`, or splits as Parquet, CSV or JSON Lines."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from care.errors import BadInput
from wiring.exchange.record import Asked, Record
from wiring.tables.making import making
from wiring.tables.reading import open_table

SPLIT = "split"


class HuggingFace:
    """A folder. Each split's name becomes a field `split`; numbers of a ClassLabel become its names."""

    name = "hugging-face"

    def fits(self, path: Path, first: Mapping[str, Any]) -> bool:
        return path.is_dir()

    def look(self, path: Path, asked: Asked) -> Asked:
        if not _parts(path):
            raise BadInput(f"{path} holds no .arrow, .parquet, .csv or .jsonl of a dataset.")
        return replace(asked, text=asked.text or "text", labels=asked.labels or {"label": "label"})

    def read(self, path: Path, asked: Asked) -> Iterator[Record]:
        number = 0
        for split, part, names in _parts(path):
            for values in _rows(part):
                number += 1
                row = {name: _named(value, names.get(name)) for name, value in values.items()}
                missing = [name for name in (asked.text, *asked.labels.values()) if name not in row]
                if missing:
                    raise BadInput(
                        f"{part.name}: there is no column {', '.join(missing)}; name others with --text, --label."
                    )
                labels = {task: row.pop(where) for task, where in asked.labels.items()}
                text = str(row.pop(asked.text) or "")
                yield Record(number, text, labels, {**row, SPLIT: split})

    def write(self, path: Path, records: Iterable[Record], asked: Asked) -> None:
        """Splits as Parquet under `data/`, as the hub keeps them. The folder must be new. Raises BadInput."""
        if path.exists():
            raise BadInput(f"{path} is there already; name a new folder.")
        (path / "data").mkdir(parents=True)
        text = asked.text or "text"
        with ExitStack() as opened:
            writers: dict[str, Any] = {}
            for record in records:
                split = str(record.rest.get(SPLIT) or "train")
                row = {text: record.text, **{where: record.labels.get(task) for task, where in asked.labels.items()}}
                for task, guess in record.guesses.items():
                    row |= {f"{task}_predicted": guess.label, f"{task}_score": round(guess.score, 4)}
                row |= {name: value for name, value in record.rest.items() if name != SPLIT}
                if split not in writers:
                    kinds = {name: type(value) if value is not None else str for name, value in row.items()}
                    file = path / "data" / f"{split}-00000-of-00001.parquet"
                    writers[split] = (list(kinds), opened.enter_context(making(file, kinds)))
                columns, write = writers[split]
                write([row.get(name) for name in columns])


def _parts(folder: Path) -> list[tuple[str, Path, dict[str, list[str]]]]:
    """Split, file and the names of its ClassLabels, in order."""
    found = []
    for path in sorted(folder.rglob("*.arrow")):
        split = path.parent.name if path.parent != folder else "train"
        found.append((split, path, _class_names(path.parent / "dataset_info.json")))
    if found:
        return found
    names = _class_names(folder / "dataset_infos.json") | _class_names(folder / "dataset_info.json")
    for suffix in (".parquet", ".csv", ".jsonl"):
        for path in sorted(folder.rglob(f"*{suffix}")):
            found.append((path.name.split("-")[0].split(".")[0], path, names))
    return found


def _class_names(info: Path) -> dict[str, list[str]]:
    try:
        features = json.loads(info.read_text("utf-8")).get("features") or {}
    except (OSError, ValueError):
        return {}
    return {name: kind["names"] for name, kind in features.items() if isinstance(kind, dict) and "names" in kind}


def _named(value: Any, names: list[str] | None) -> Any:
    if names and isinstance(value, int) and not isinstance(value, bool):
        return names[value] if 0 <= value < len(names) else None
    return value


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if path.suffix != ".arrow":
        table = open_table(path, needs=())
        for row in table:
            yield (
                row.values if isinstance(row.values, dict) else dict(zip(table.source.columns, row.values, strict=True))
            )
        return
    try:
        import pyarrow
        from pyarrow import ipc
    except ImportError:
        raise BadInput(f"{path.name} is Arrow, which needs pyarrow: pip install 'tactful[parquet]'.") from None
    try:
        with pyarrow.memory_map(str(path)) as source, ipc.open_stream(source) as reader:
            for batch in reader:
                yield from batch.to_pylist()
    except pyarrow.ArrowException:
        raise BadInput(f"{path.name} is damaged, or no Arrow stream; write it again.") from None
