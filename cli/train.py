"""`tactful train`: labelled messages in, a bundle out, and an honest report."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from care.errors import BadTrainingData
from cli.home import data_home

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def train(
    file: Annotated[Path, typer.Argument(help="One labelled message a row: .csv, .jsonl, .xlsx, .parquet and others.")],
    out: Annotated[Path, typer.Option(help="Folder of the new bundle.")],
    label: Annotated[list[str], typer.Option(help="task=column; give it once for each task.")],
    text: Annotated[str, typer.Option(help="Column of the message.")] = "text",
    encoder: Annotated[str, typer.Option(help="minilm, none, or a local folder.")] = "minilm",
    seed: Annotated[int, typer.Option(help="Same data and seed, same bundle.")] = 13,
    allow_conflicts: Annotated[bool, typer.Option(help="Keep texts that stand there with different labels.")] = False,
    strict: Annotated[
        bool, typer.Option(help="Refuse what would be settled and told: twins, conflicts, blanks.")
    ] = False,
    keep_label: Annotated[
        list[str] | None, typer.Option(help="A word like none or NA that is a label here; may be repeated.")
    ] = None,
    first_label: Annotated[bool, typer.Option(help="Of a list of labels, take the first.")] = False,
    max_rows: Annotated[int | None, typer.Option(min=10, help="Learn from so many rows at most. [16000]")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, where it has several.")] = None,
    replace: Annotated[bool, typer.Option(help="Let the new bundle take the place of the one at --out.")] = False,
    group: Annotated[
        str | None,
        typer.Option(help="Column of what a row belongs to (brand, year, channel): figures then rest on unseen ones."),
    ] = None,
    finetune: Annotated[bool, typer.Option(help="Also adapt the encoder to this data (minutes; needs torch).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Train a bundle from labelled messages: any labels, one or more tasks.

    Spellings of one label are merged, repeats learnt once, a few contradictions settled: all of it is said. What cannot
    be settled gives one report with line numbers and fixes, exit code 1, and nothing is written.
    """
    if finetune and encoder == "none":
        raise typer.BadParameter("--finetune adapts the encoder, and --encoder none says there is none. Leave one out.")
    from training.finetune import train_finetuned
    from training.recipe import TrainRecipe
    from training.run import check_free
    from training.run import train as train_frozen

    labels = labels_of(label)
    if not replace:
        check_free(out)
    home = data_home()
    say = progress_to_stderr(quiet=quiet)
    try:
        run: Callable[..., Any] = train_finetuned if finetune else train_frozen
        report = run(
            file,
            text=text,
            labels=labels,
            encoder=encoder,
            seed=seed,
            out=out,
            home=home,
            allow_conflicts=allow_conflicts,
            group=group,
            sheet=sheet,
            strict=strict,
            first_label=first_label,
            keep_labels=keep_label or (),
            recipe=TrainRecipe(seed=seed, max_rows=max_rows) if max_rows else None,
            progress=say,
        )
    except BadTrainingData as error:
        refuse(error, as_json=as_json)
    tell(report, as_json=as_json)


def train_default(
    encoder: Annotated[str, typer.Option(help="minilm, none, or a local folder.")] = "minilm",
    force: Annotated[bool, typer.Option(help="Train even when nothing changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object.")] = False,
) -> None:
    """Train the default bundle, and the heads for risk, drafts and tone, from our own fixtures, if not current."""
    from training.default import open_default
    from training.default import train_default as run
    from training.encoders import Remembering, usable
    from training.pairs import train_default_pairs
    from training.risk import train_default_risk
    from training.run import open_encoder
    from training.tone import train_default_tone

    say = progress_to_stderr(quiet=False)
    home = data_home()
    try:
        chosen = usable(encoder, say=say)
        opened = open_encoder(chosen, home=home, threads=2, say=say)
        # The bundle and the risk heads learn from the same messages: they are read once.
        reader = Remembering.of(opened) if opened is not None else None
        report = run(fixtures=FIXTURES, home=home, encoder=chosen, reader=reader, force=force, progress=say)
        train_default_risk(fixtures=FIXTURES, home=home, encoder=reader, force=force, say=say)
        train_default_pairs(fixtures=FIXTURES, home=home, classifier=open_default(home, reader), force=force, say=say)
        train_default_tone(home, replies=FIXTURES / "replies.csv", say=say)
    except BadTrainingData as error:
        refuse(error, as_json=as_json)
    if report is not None:
        tell(report, as_json=as_json)


def labels_of(label: list[str]) -> dict[str, str]:
    """task=column options as a mapping; a bare column names its task too."""
    labels = {}
    for option in label:
        task, _, column = option.partition("=")
        if not task or task in labels or task in ("sensitive", "language", "model", "entities", "object", "id"):
            raise typer.BadParameter(f"--label {option}: say task=column, each task once.")
        labels[task] = column or task
    return labels


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


def tell(report: Any, *, as_json: bool) -> None:
    """The report of a run: JSON, or a few lines for people."""
    from training.examples import MAX_LISTED

    facts = {
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
    if as_json:
        sys.stdout.write(json.dumps(facts) + "\n")
        return
    for line in report.told[:MAX_LISTED]:
        sys.stderr.write(f"note: {line}\n")
    if len(report.told) > MAX_LISTED:
        sys.stderr.write(f"note: {len(report.told) - MAX_LISTED} more; manifest.json lists all under `told`\n")
    rows = f"{report.n_rows}" if report.n_read == report.n_rows else f"{report.n_rows} of {report.n_read}"
    sys.stdout.write(
        f"{report.bundle_id}  {rows} rows, {report.seconds:.0f} s, {report.peak_mb:.0f} MB  {report.folder}\n"
    )
    learnt = True
    for task, found in report.tasks.items():
        sys.stdout.write(
            f"  {task}: accuracy {found['accuracy']:.3f}, macro-F1 {found['macro_f1']:.3f}, calibration error "
            f"{found['ece']:.3f}, coverage at 95 % precision {found['coverage_at_0.95']:.2f} (out of fold)\n"
            f"  {'':<{len(task)}}  accuracy is {found['accuracy_from']:.3f} to {found['accuracy_to']:.3f} in 95 of 100 "
            f"cases; always saying the commonest label gives {found['baseline']:.3f}\n"
        )
        if not found["better_than_guessing"]:
            learnt = False
            sys.stdout.write(
                f"  {task} is NO BETTER THAN GUESSING: these texts do not tell its labels apart. Look whether the "
                f"right columns are named, whether labels follow from the texts, or give more rows a label.\n"
            )
    if not learnt:
        sys.stdout.write("next: mend the data and train again; this bundle should not serve\n")
        return
    sys.stdout.write(f"next: tactful classify --bundle {report.folder} 'a message'\n")
