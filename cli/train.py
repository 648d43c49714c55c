"""`tactful train`: labelled messages in, a bundle out, and an honest report."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care.errors import BadTrainingData
from cli.failures import GATE_NOT_MET
from cli.flags import CleanFlags, ColumnFlags, OutputFlags
from cli.home import data_home
from cli.options import grouped, set_flags
from training.options import ReadOptions, TrainOptions

if TYPE_CHECKING:
    from training.lesson import Tuning
    from training.run import Report

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


@dataclass(frozen=True)
class MadeFlags:
    """What is made of the rows."""

    out: Annotated[Path | None, typer.Option(help="Folder of the new bundle.")] = None
    encoder: Annotated[str, typer.Option(help="minilm, none, or a local folder.")] = "minilm"
    seed: Annotated[int, typer.Option(help="Same data and seed, same bundle.")] = 13
    max_rows: Annotated[int | None, typer.Option(min=10, help="Learn from so many rows at most. [16000]")] = None
    replace: Annotated[bool, typer.Option(help="Let the new bundle take the place of the one at --out.")] = False
    group: Annotated[
        str | None,
        typer.Option(help="Column of what a row belongs to (brand, year, channel): figures then rest on unseen ones."),
    ] = None
    add: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file of `tactful corrections export`, or settled suspects: its labels count before the rows'."
        ),
    ] = None
    suspects: Annotated[
        Path | None, typer.Option(help="Write labels that may be wrong here, worst first: .csv, .xlsx and others.")
    ] = None
    finetune: Annotated[bool, typer.Option(help="Also adapt the encoder to this data (minutes; needs torch).")] = False


@dataclass(frozen=True)
class _Run:
    """One training run, however it was asked for."""

    files: Sequence[Path]
    read: ReadOptions
    options: TrainOptions
    is_replacing: bool
    tuning: "Tuning | None"
    suspects: Path | None = None


@grouped
def train(
    columns: ColumnFlags,
    clean: CleanFlags,
    made: MadeFlags,
    output: OutputFlags,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="One labelled message a row: .csv, .jsonl, .xlsx, .parquet; or a dataset of ours."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file that says all of it, instead of files and flags.")
    ] = None,
) -> None:
    """Train a bundle from labelled messages: any labels, one or more tasks.

    Spellings of one label are merged, repeats learnt once, a few contradictions settled: all of it is said. What cannot
    be settled gives one report with line numbers and fixes, exit code 1, and nothing is written. Exit code 3: a task
    turned out no better than guessing.
    """
    from training.finetune import train_finetuned
    from training.run import check_free
    from training.run import train as train_frozen
    from wiring.tables.making import check_place

    say = progress_to_stderr(quiet=output.quiet)
    if config is None:
        run = _by_flags(files or [], columns, clean, made, say)
    elif files or set_flags(columns, clean, made):
        named = ", ".join(["files"] * bool(files) + set_flags(columns, clean, made))
        raise typer.BadParameter(f"--config says all of it: write {named} into the file, or leave it out.")
    else:
        run = _by_config(config, say)
    if not run.is_replacing:
        check_free(run.options.out)
    if run.suspects is not None:
        check_place(run.suspects)
    try:
        if run.tuning is not None:
            report = train_finetuned(run.files, run.read, run.options, tuning=run.tuning)
        else:
            report = train_frozen(run.files, run.read, run.options)
    except BadTrainingData as error:
        refuse(error, as_json=output.as_json)
    if run.suspects is not None:
        _list_suspects(run.suspects, report)
    tell(report, as_json=output.as_json)
    if not report.is_learnt:
        raise typer.Exit(GATE_NOT_MET)


def _list_suspects(path: Path, report: "Report") -> None:
    from training.suspects import write_suspects

    write_suspects(path, report.suspects)
    n_wrong = sum(suspect.is_wrong for suspect in report.suspects)
    sys.stderr.write(
        f"{len(report.suspects):,} labels that may be wrong in {path}, worst first; about {n_wrong:,} are. Write in "
        f"`right` what is right and in `by` who says so, and train with --add {path}\n"
    )


def _by_flags(
    files: Sequence[Path], columns: ColumnFlags, clean: CleanFlags, made: MadeFlags, say: Callable[[str], None]
) -> _Run:
    from training.dataset import as_rows
    from training.lesson import Tuning
    from training.recipe import TrainRecipe

    files, read = as_rows(files, columns.options())
    if not files or made.out is None or not read.labels:
        raise typer.BadParameter("Name the file, --out and --label task=column, or a TOML file with --config.")
    if made.finetune and made.encoder == "none":
        raise typer.BadParameter("--finetune adapts the encoder, and --encoder none says there is none. Leave one out.")
    recipe = TrainRecipe(seed=made.seed)
    recipe = replace(recipe, max_rows=made.max_rows) if made.max_rows else recipe
    return _Run(
        files,
        replace(read, group=made.group, clean=clean.options(), added=tuple(made.add or ())),
        TrainOptions(made.out, data_home(), made.encoder, recipe=recipe, say=say),
        made.replace,
        Tuning(seed=made.seed) if made.finetune else None,
        made.suspects,
    )


def _by_config(config: Path, say: Callable[[str], None]) -> _Run:
    from training.config import read_config

    said = read_config(config)
    beside = config.parent
    tuning = said.tuning if said.finetune else None
    suspects = beside / said.suspects if said.suspects else None
    options = said.options(beside, data_home(), say)
    return _Run(said.files(beside), said.read(beside), options, said.replace, tuning, suspects)


def train_default(
    encoder: Annotated[str, typer.Option(help="minilm, none, or a local folder.")] = "minilm",
    force: Annotated[bool, typer.Option(help="Train even when nothing changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object.")] = False,
) -> None:
    """Train the default bundle, the heads for risk, drafts and tone, and the reader of spans, where not current."""
    from training.default import default_options, open_default
    from training.default import train_default as run
    from training.encoders import Remembering, usable
    from training.pairs import train_default_pairs
    from training.risk import train_default_risk
    from training.run import open_encoder
    from training.spans import train_default_spans
    from training.tone import train_default_tone
    from wiring.assemble import limits_in

    say = progress_to_stderr(quiet=False)
    home = data_home()
    try:
        chosen = usable(encoder, say=say)
        opened = open_encoder(chosen, home=home, threads=2, say=say)
        # The bundle and the risk heads learn from the same messages: they are read once.
        reader = Remembering.of(opened) if opened is not None else None
        report = run(FIXTURES, default_options(home, chosen, say), reader=reader, force=force)
        train_default_risk(fixtures=FIXTURES, home=home, encoder=reader, force=force, say=say)
        train_default_pairs(fixtures=FIXTURES, home=home, classifier=open_default(home, reader), force=force, say=say)
        words = home / "encoder" if opened is not None else None
        train_default_spans(fixtures=FIXTURES, home=home, encoder=words, force=force, say=say)
        limits = limits_in(FIXTURES / "playbook")
        train_default_tone(home, replies=FIXTURES / "replies.csv", limits=limits, say=say)
    except BadTrainingData as error:
        refuse(error, as_json=as_json)
    if report is not None:
        tell(report, as_json=as_json)


def progress_to_stderr(*, quiet: bool) -> Callable[[str], None]:
    """Lines with the seconds since the start; nothing when quiet."""
    started = time.perf_counter()

    def say(line: str) -> None:
        if not quiet:
            sys.stderr.write(f"{time.perf_counter() - started:6.1f} s  {line}\n")
            sys.stderr.flush()

    return say


def refuse(error: BadTrainingData, *, as_json: bool) -> None:
    """Show the whole report and leave with exit code 1."""
    from training.examples import MAX_LISTED

    problems = error.problems
    if as_json:
        listed = [{"where": p.where, "what": p.what, "fix": p.fix} for p in problems]
        sys.stdout.write(json.dumps({"title": "BadTrainingData", "problems": listed}, ensure_ascii=False) + "\n")
    sys.stderr.write(f"tactful: the labelled data has {len(problems)} problem{'s' * (len(problems) > 1)}\n")
    for problem in problems[:MAX_LISTED]:
        sys.stderr.write(f"  {problem}\n")
    if len(problems) > MAX_LISTED:
        sys.stderr.write(f"  and {len(problems) - MAX_LISTED} more; --json lists all\n")
    raise typer.Exit(1)


def tell(report: "Report", *, as_json: bool) -> None:
    """The report of a run: JSON, or a few lines for people."""
    if as_json:
        sys.stdout.write(json.dumps(_facts(report)) + "\n")
        return
    from training.examples import MAX_LISTED

    for line in report.told[:MAX_LISTED]:
        sys.stderr.write(f"note: {line}\n")
    if len(report.told) > MAX_LISTED:
        sys.stderr.write(f"note: {len(report.told) - MAX_LISTED} more; manifest.json lists all under `told`\n")
    rows = f"{report.n_rows}" if report.n_read == report.n_rows else f"{report.n_rows} of {report.n_read}"
    sys.stdout.write(
        f"{report.bundle_id}  {rows} rows, {report.seconds:.0f} s, {report.peak_mb:.0f} MB  {report.folder}\n"
    )
    for task, metrics in report.tasks.items():
        sys.stdout.write(
            f"  {task}: accuracy {metrics['accuracy']:.3f}, macro-F1 {metrics['macro_f1']:.3f}, calibration error "
            f"{metrics['ece']:.3f}, coverage at 95 % precision {metrics['coverage_at_0.95']:.2f} (out of fold)\n"
        )
        if "baseline" not in metrics:
            sys.stdout.write(f"  {task}: no row could be left out and found again, so nothing was measured\n")
            continue
        sys.stdout.write(
            f"  {'':<{len(task)}}  accuracy is {metrics['accuracy_from']:.3f} to {metrics['accuracy_to']:.3f} in 95 "
            f"of 100 cases; always saying the commonest label gives {metrics['baseline']:.3f}\n"
        )
        if not metrics["better_than_guessing"]:
            sys.stdout.write(
                f"  {task} is NO BETTER THAN GUESSING: these texts do not tell its labels apart. Look whether the "
                f"right columns are named, whether labels follow from the texts, or give more rows a label.\n"
            )
    if report.is_learnt:
        sys.stdout.write(f"next: tactful classify --bundle {report.folder} 'a message'\n")
    else:
        sys.stdout.write("next: mend the data and train again; promote refuses this bundle\n")


def _facts(report: "Report") -> dict[str, object]:
    return {
        "bundle": report.bundle_id,
        "folder": str(report.folder),
        "rows": report.n_rows,
        "read": report.n_read,
        "told": list(report.told),
        "seconds": round(report.seconds, 1),
        "peak_mb": round(report.peak_mb),
        "tasks": {
            task: {name: value for name, value in measured.items() if name != "reliability"}
            for task, measured in report.tasks.items()
        },
    }
