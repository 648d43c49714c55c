"""`tactful score`: a whole history labelled by many processes, which goes on where it was when it was killed."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.classify import folder_of
from cli.options import Bundle, Sheet, grouped

if TYPE_CHECKING:
    from workers.scoring.over_processes import Part
    from workers.scoring.plan import HowToScore, ScoringPlan, Shard

TELL_EVERY_S = 5.0
Tell = Callable[[Sequence["Shard"]], None]


@dataclass(frozen=True, kw_only=True)
class HowOptions:
    """What is read, and how it is written."""

    column: Annotated[str, typer.Option("--text", help="Column of the text.")] = "text"
    id: Annotated[str, typer.Option("--id", help="Column of the row's own id, where there is one.")] = "id"
    sheet: Sheet = None
    task: Annotated[list[str] | None, typer.Option(help="Only this task; may be repeated.")] = None
    format: Annotated[Literal["jsonl", "csv", "parquet"], typer.Option(help="How scores are written.")] = "jsonl"
    shard_rows: Annotated[int, typer.Option(min=1, max=1_000_000, help="Rows of one file of scores.")] = 2000
    bundle: Bundle = None

    @property
    def how(self) -> "HowToScore":
        from workers.scoring.plan import HowToScore

        bundle = str(folder_of(self.bundle).resolve()) if self.bundle else None
        tasks = tuple(self.task or ())
        return HowToScore(self.column, self.id, self.sheet, tasks, self.format, self.shard_rows, bundle)


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """Who scores. join: the folder of a run that has begun, to take part in it."""

    engine: Annotated[
        Literal["local", "rq", "dask"],
        typer.Option(help="local: processes here; rq: workers of the queue server; dask: workers of a cluster."),
    ] = "local"
    workers: Annotated[
        int | None, typer.Option(min=0, max=256, help="Processes here; a core each for local, else none.")
    ] = None
    scheduler: Annotated[str | None, typer.Option(help="Address of Dask's scheduler, as tcp://10.0.0.1:8786.")] = None
    join: Annotated[Path | None, typer.Option(help="Take part in the run that has begun in this folder.")] = None
    part: Annotated[str, typer.Option(help="With --join: only this part of it, 2/5.")] = "1/1"
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing while all is well.")] = False

    @property
    def n_workers(self) -> int:
        if self.workers is not None:
            return self.workers
        return len(os.sched_getaffinity(0)) if self.engine == "local" and sys.platform == "linux" else 0

    @property
    def its_part(self) -> "Part":
        """Raises BadParameter."""
        from workers.scoring.over_processes import Part

        number, _, of = self.part.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise typer.BadParameter("--part says which part of how many, as 2/5.")
        return Part(int(number), int(of))


@grouped
def score(
    how: HowOptions,
    engine: EngineOptions,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help=".csv, .tsv, .jsonl, .json, .xlsx or .parquet; also .gz.", show_default=False),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the scores: one file for so many rows.")
    ] = None,
) -> None:
    """Label a history of messages, row by row. The same command again goes on where this one was stopped or killed."""
    from workers.scoring.plan import begin, make_plan, read_plan, tidy

    if engine.join is not None:
        if files or folder:
            raise typer.BadParameter("--join takes files and options from the run; leave them out.")
        _join(engine, engine.join.resolve())
        return
    if not files or folder is None:
        raise typer.BadParameter("Name files of messages, and with -o a folder for their scores.")
    from wiring.settings import load_settings

    folder = folder.resolve()
    plan, notes = make_plan(files, how.how, load_settings())
    for note in notes:
        sys.stderr.write(f"{note}\n")
    missing = begin(plan, folder)
    tell = _teller(plan, is_quiet=engine.quiet)
    tell(missing)
    if missing:
        _hand_out(engine, read_plan(folder), folder, tell)
    tidy(folder)
    sys.stderr.write(f"{plan.n_rows} rows scored, in {len(plan.shards())} files: {folder}\n")


def _hand_out(engine: EngineOptions, plan: "ScoringPlan", folder: Path, tell: Tell) -> None:
    if engine.engine == "dask":
        from workers.scoring import over_dask

        over_dask.hand_out(plan, folder, address=engine.scheduler, n_workers=engine.n_workers, tell=tell)
    elif engine.engine == "rq":
        _over_rq(engine, folder, tell)
    elif engine.n_workers <= 1:
        from workers.scoring.over_processes import score_part

        score_part(folder, engine.its_part, tell=tell)
    else:
        from workers.scoring import over_processes

        over_processes.hand_out(plan, folder, n_workers=engine.n_workers, tell=tell)


def _over_rq(engine: EngineOptions, folder: Path, tell: Tell) -> None:
    from wiring.settings import load_settings
    from workers.scoring.over_processes import Crew
    from workers.scoring.over_rq import hand_out, open_queue

    plan, connection = open_queue(folder, load_settings())
    if not engine.n_workers and not engine.quiet:
        sys.stderr.write(f"Workers on any host that sees the folder: tactful score --engine rq --join {folder}\n")
    with Crew([["--engine", "rq"]] * engine.n_workers, folder) as crew:

        def look(missing: Sequence["Shard"]) -> None:
            crew.tend(len(missing))
            tell(missing)

        hand_out(plan, folder, connection, tell=look)


def _join(engine: EngineOptions, folder: Path) -> None:
    from wiring.settings import load_settings
    from workers.scoring.over_processes import score_part
    from workers.scoring.over_rq import join
    from workers.scoring.plan import read_plan

    if engine.engine == "rq":
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        join(folder, load_settings(), is_stopped=stopped)
    elif engine.engine == "local":
        score_part(folder, engine.its_part, tell=_teller(read_plan(folder), is_quiet=engine.quiet))
    else:
        raise typer.BadParameter("A cluster of Dask has workers of its own; --join is for local and rq.")


def _teller(plan: "ScoringPlan", *, is_quiet: bool) -> Tell:
    """Says now and then how far a run is."""
    began, told_at, at_first = time.monotonic(), -TELL_EVERY_S, -1

    def tell(missing: Sequence["Shard"]) -> None:
        nonlocal told_at, at_first
        n_left = sum(shard.n_rows for shard in missing)
        at_first = n_left if at_first < 0 else at_first
        now = time.monotonic()
        if is_quiet or now - told_at < TELL_EVERY_S:
            return
        told_at = now
        n_done = at_first - n_left
        rate = f", {n_done / (now - began):.0f} rows a second" if n_done else ""
        sys.stderr.write(f"{plan.n_rows - n_left} of {plan.n_rows} rows{rate}\n")

    return tell
