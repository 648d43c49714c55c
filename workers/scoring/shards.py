"""Scores one shard after the other: a file of its own for each, which is there whole or not at all."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from care.classification import Classification
from care.errors import BadInput
from care.ports import Classifier
from care.subject import whole
from wiring.assemble import Assembly
from wiring.serving import reads_with
from wiring.settings import Settings, load_settings
from wiring.shapes.reading import ScoredOut
from wiring.tables.making import making, writing_objects
from wiring.tables.reading import FileRow
from workers.scoring.plan import ScoringPlan, Shard, digest, read_plan, rows_of

_TOGETHER = 256
"""Rows that are read in one go."""

Write = Callable[[ScoredOut], None]


class ShardScorer:
    """What one process scores with. Not safe from several threads: it goes through the files from front to back."""

    def __init__(self, folder: Path, plan: ScoringPlan, classifier: Classifier) -> None:
        self.folder, self.plan, self.classifier = folder, plan, classifier
        self._rows: Iterator[FileRow] = iter(())
        self._file, self._next = -1, 0
        self._checked: set[int] = set()

    @classmethod
    def open(cls, folder: Path, settings: Settings | None = None, *, threads: int = 1) -> "ShardScorer":
        """For a run that has begun. Raises NotFound, BundleError, and BadInput where this host would read otherwise."""
        plan, settings = read_plan(folder), settings or load_settings()
        bundle = Path(plan.how.bundle) if plan.how.bundle else None
        if (here := reads_with(settings, bundle=bundle)) != plan.reads_with:
            raise BadInput(
                f"This run reads with {_said(plan.reads_with)}, and here is {_said(here)}: "
                "bring the same bundles here, or begin another run."
            )
        classifier = Assembly(settings, bundle=bundle, threads=threads, is_trial=True).classifier
        return cls(folder, plan, classifier)

    def score(self, shard: Shard) -> None:
        """Write the scores of a shard, unless they are there. Raises NotFound, and BadInput for a file that changed."""
        target = self.folder / self.plan.name_of(shard.number)
        if target.exists():
            return
        path, n_written = Path(self.plan.files[shard.file].path), 0
        try:
            rows = self._rows_of(shard)
            with self._written(target) as write:
                while together := list(itertools.islice(rows, _TOGETHER)):
                    for row, read in zip(together, self._classified(together), strict=True):
                        write(ScoredOut.of_row(read, file=path.name, line=row.line, input_id=row[self.plan.how.id]))
                        n_written += 1
                if n_written != shard.n_rows:
                    raise BadInput(f"{path} has changed since the run began. Begin another run.")
        except BaseException:
            # Nobody knows any more where in the file we are.
            self._file = -1
            raise

    def _classified(self, rows: list[FileRow]) -> list[Classification]:
        how = self.plan.how
        texts = [whole(row[how.text], row["subject"] if how.text != "subject" else None) for row in rows]
        return self.classifier.classify_many(texts, tasks=how.tasks or None)

    def _rows_of(self, shard: Shard) -> Iterator[FileRow]:
        if self._file != shard.file or shard.first < self._next:
            file = self.plan.files[shard.file]
            path = Path(file.path)
            rows = rows_of(path, self.plan.how)
            if shard.file not in self._checked and digest(path) != file.sha256:
                raise BadInput(f"{path} has changed since the run began. Begin another run.")
            self._checked.add(shard.file)
            self._rows, self._file, self._next = iter(rows), shard.file, 0
        found = itertools.islice(self._rows, shard.first - self._next, shard.first - self._next + shard.n_rows)
        self._next = shard.first + shard.n_rows
        return found

    @contextmanager
    def _written(self, to: Path) -> Iterator[Write]:
        if self.plan.how.format == "jsonl":
            with writing_objects(to) as write_object:
                yield lambda scored: write_object(scored.as_json())
            return
        with making(to, self._columns) as write_row:
            yield lambda scored: write_row(list(scored.as_cells().values()))

    @property
    def _columns(self) -> dict[str, type]:
        """Of a table of scores, as `ScoredOut.as_cells` fills it."""
        columns: dict[str, type] = {"file": str, "line": int, "input_id": str}
        for task in self.classifier.labels:
            if not self.plan.how.tasks or task in self.plan.how.tasks:
                columns |= {task: str, f"{task}_score": float, f"{task}_abstained": bool}
        return {**columns, "language": str, "risk": str, "sensitive": str, "redacted_text": str}


def _said(known: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {id}" for name, id in known.items())
