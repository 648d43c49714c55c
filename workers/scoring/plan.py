"""What a run over a history is: its files, how they are cut into shards, what reads them; kept beside the scores."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from care.errors import BadInput, NotFound
from wiring.serving import labels, reads_with
from wiring.settings import Settings
from wiring.tables.files import replaced
from wiring.tables.reading import Table, open_table

PLAN = "plan.json"
Format = Literal["jsonl", "csv", "parquet"]


@dataclass(frozen=True, slots=True)
class ScoredFile:
    """A file of the history as it was when the run began. path: absolute, the same on every host."""

    path: str
    sha256: str
    n_rows: int


@dataclass(frozen=True, slots=True)
class HowToScore:
    """What the caller says. text, id: columns of the files. tasks: only these; empty: all.

    bundle: folder of one that reads alone; None: what serves. shard_rows: rows of a shard, which is scored again as
    a whole when its process dies.
    """

    text: str = "text"
    id: str = "id"
    sheet: str | None = None
    tasks: tuple[str, ...] = ()
    format: Format = "jsonl"
    shard_rows: int = 2000
    bundle: str | None = None


@dataclass(frozen=True, slots=True)
class Shard:
    """Rows first to first + n_rows of one file, counted from 0. file: its place in the plan."""

    number: int
    file: int
    first: int
    n_rows: int


@dataclass(frozen=True, slots=True)
class ScoringPlan:
    """A run. reads_with: what every process has to read with, as `wiring.serving.reads_with` says it."""

    how: HowToScore
    files: tuple[ScoredFile, ...]
    reads_with: Mapping[str, str]

    @property
    def run_id(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]

    @property
    def n_rows(self) -> int:
        return sum(file.n_rows for file in self.files)

    def shards(self) -> list[Shard]:
        """All of them, in the order of the rows."""
        found: list[Shard] = []
        for place, file in enumerate(self.files):
            for first in range(0, file.n_rows, self.how.shard_rows):
                found.append(Shard(len(found), place, first, min(self.how.shard_rows, file.n_rows - first)))
        return found

    def missing(self, folder: Path) -> list[Shard]:
        """Those whose scores are not there yet."""
        there = {path.name for path in folder.glob("part-*")}
        return [shard for shard in self.shards() if self.name_of(shard.number) not in there]

    def name_of(self, number: int) -> str:
        """The file that holds the scores of a shard."""
        return f"part-{number:06d}.{self.how.format}"


def make_plan(files: Sequence[Path], how: HowToScore, settings: Settings) -> tuple[ScoringPlan, tuple[str, ...]]:
    """Look at every row of every file once. Returns the plan, and what is unusual about the files, for people.

    Raises NotFound, BadInput with every line that is wrong, BundleError where nothing can read.
    """
    bundle = Path(how.bundle) if how.bundle else None
    known, tasks = reads_with(settings, bundle=bundle), labels(settings, bundle=bundle)
    if unknown := [task for task in how.tasks if task not in tasks]:
        raise BadInput(f"There is no task {unknown[0]}; there is {', '.join(tasks)}.")
    scored, notes = [], list[str]()
    for path in files:
        table = rows_of(path, how)
        n_rows = sum(1 for row in table if row[how.text] is not None)
        scored.append(ScoredFile(str(path.resolve()), digest(path), n_rows))
        notes += table.notes
    return ScoringPlan(how, tuple(scored), known), tuple(notes)


def rows_of(path: Path, how: HowToScore) -> Table:
    """One file of the history, looked at. Raises NotFound, BadInput."""
    may = tuple(name for name in ("subject", how.id) if name != how.text)
    return open_table(path, needs=(how.text,), may=may, sheet=how.sheet, hint="choose with --text")


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def begin(plan: ScoringPlan, folder: Path) -> list[Shard]:
    """Begin a run, or go on with it. Returns what is missing. Raises BadInput for the folder of another run."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{folder} cannot be made: {error.strerror}.") from None
    if (folder / PLAN).exists():
        kept = read_plan(folder)
        if kept != plan:
            raise BadInput(
                f"{folder} has the scores of another run: {', '.join(_differences(kept, plan))}. "
                "Name another folder with -o, or remove this one."
            )
    elif any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty, and holds no run to go on with. Name another folder with -o.")
    else:
        with replaced(folder / PLAN) as fresh:
            fresh.write_text(json.dumps(asdict(plan), indent=1) + "\n", "utf-8")
    return plan.missing(folder)


def read_plan(folder: Path) -> ScoringPlan:
    """The plan of a run that has begun. Raises NotFound, BadInput."""
    if not (folder / PLAN).is_file():
        raise NotFound("plan of a run", str(folder / PLAN))
    try:
        kept = json.loads((folder / PLAN).read_text("utf-8"))
        how = HowToScore(**{**kept["how"], "tasks": tuple(kept["how"]["tasks"])})
        return ScoringPlan(how, tuple(ScoredFile(**file) for file in kept["files"]), kept["reads_with"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"{folder / PLAN} is damaged, or of another version. Name another folder with -o.") from None


def tidy(folder: Path) -> None:
    """Remove what processes that died left half written. Call it when no shard is missing."""
    for path in folder.glob(".part-*"):
        path.unlink(missing_ok=True)


def _differences(kept: ScoringPlan, plan: ScoringPlan) -> Iterator[str]:
    if kept.how != plan.how:
        yield "other options"
    if kept.reads_with != plan.reads_with:
        yield "other bundles or another encoder"
    if kept.files != plan.files:
        yield "other files, or files that changed"
