"""`tactful data`: labelled texts in, from whatever tool has them, and out again."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.flags import ColumnFlags, OutputFlags, labels_of
from cli.options import Sheet, grouped

if TYPE_CHECKING:
    from training.dataset import Guesser
    from wiring.exchange.record import Guess

app = typer.Typer(help="Labelled texts in and out: tables, annotation tools, help desks.", no_args_is_help=True)
_FORMATS = "table, label-studio, argilla, doccano, hugging-face, zendesk or chatwoot"
MOST_LISTED = 10


@app.command(name="import")
@grouped
def import_data(
    file: Annotated[Path, typer.Argument(help="A file of rows, an export of a tool or help desk, or a folder.")],
    output: OutputFlags,
    out: Annotated[Path, typer.Option(help="A new folder for the dataset.")],
    form: Annotated[str, typer.Option("--format", help=f"{_FORMATS}; without it as the file looks.")] = "",
    text: Annotated[str, typer.Option(help="Where the text stands, if the format does not say.")] = "",
    label: Annotated[
        list[str] | None, typer.Option(help="task=where, once for each task; a path may have dots: custom_fields.360.")
    ] = None,
    sheet: Sheet = None,
) -> None:
    """Mask labelled texts and keep them as a dataset: rows, counts, and an issues file with a fix for each problem."""
    from cli.train import progress_to_stderr
    from training.dataset import Import, import_rows, problems_of
    from training.languages import language_name
    from wiring.assemble import redactor
    from wiring.exchange.record import Asked
    from wiring.settings import load_settings

    asked = Asked(text, labels_of(label or []), sheet)
    say = progress_to_stderr(quiet=output.quiet)
    made = import_rows(Import(file, out, asked, redactor(load_settings()), language_name, form, say))
    about = made.about
    if output.as_json:
        sys.stdout.write(json.dumps(about, ensure_ascii=False) + "\n")
        return
    languages = ", ".join(f"{name} {share:.0%}" for name, share in about["languages"].items())
    typer.echo(f"{about['rows']:,} rows of {about['format']} in {out}  {about['hash'][:16]}")
    typer.echo(
        f"  {about['repeats']:,} repeats, {about['conflicts']:,} conflicts, {about['empty']:,} empty; {languages}"
    )
    typer.echo(f"  masked: {', '.join(f'{n:,} {kind}' for kind, n in about['masked'].items()) or 'nothing'}")
    for task, counts in about["counts"].items():
        typer.echo(f"  {task}: {len(counts)} labels on {sum(counts.values()):,} rows")
    if about["issues"]:
        typer.echo(f"  {about['issues']:,} issues in {out / 'issues.csv'}")
        for problem in problems_of(made, most=MOST_LISTED):
            typer.echo(f"    {problem}")
    typer.echo(f"next: tactful train {out} --out my-bundle")


@app.command(name="export")
def export_data(
    dataset: Annotated[Path, typer.Argument(help="The folder of a dataset.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file; for hugging-face a new folder.")],
    form: Annotated[str, typer.Option("--format", help=f"{_FORMATS}; without it the one it came from.")] = "",
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a bundle: what it says of each text goes along as a pre-annotation.")
    ] = None,
) -> None:
    """Write a dataset in any of the formats, with what a bundle proposes; in the one it came from nothing is lost."""
    from training.dataset import export_rows, open_dataset

    opened = open_dataset(dataset)
    name, guesses = "", None
    if bundle is not None:
        name, guesses = _guesser(bundle, opened.tasks)
    n = export_rows(opened, out, form=form, bundle=name, guesses=guesses)
    typer.echo(f"{n:,} rows in {out}", err=True)


@app.command(name="next")
@grouped
def next_to_label(
    file: Annotated[Path, typer.Argument(help="Texts without labels: any file of rows, or a dataset.")],
    columns: ColumnFlags,
    out: Annotated[Path, typer.Option("--out", "-o", help="A file for those chosen: .csv, .xlsx and others.")],
    bundle: Annotated[Path, typer.Option(help="Folder of the bundle whose doubts are asked about.")],
    n: Annotated[int, typer.Option("-n", min=1, help="How many are chosen.")] = 200,
) -> None:
    """Choose what to label next: texts that a bundle is unsure of, each unlike the others.

    Rows that have a label in every --label column, and those that the bundle learnt from, are passed over. Write the
    right label in `right` and who says so in `by`, and train with --add.
    """
    from cli.classify import open_classifier
    from training.choosing import Pool, choose, read_unlabelled, write_choices
    from training.dataset import as_rows
    from wiring.tables.making import check_place

    check_place(out)
    [rows], options = as_rows([file], columns.options())
    classifier = open_classifier(bundle)
    tasks = [task for task in options.labels if task in classifier.labels] or list(classifier.labels)
    unlabelled = read_unlabelled(rows, options, bundle)
    judged = classifier.classify_many(unlabelled.texts, tasks=tasks)
    masked = [message.sensitive.text for message in judged]
    chosen = choose(Pool(unlabelled.lines, masked, judged), tasks, n)
    write_choices(out, chosen)
    seen = f", {unlabelled.n_seen:,} that the bundle learnt from left out" if unlabelled.n_seen else ""
    typer.echo(f"{len(chosen):,} of {len(masked):,} texts in {out}, the most doubtful first{seen}", err=True)
    typer.echo(f"Write what is right in `right` and who says so in `by`, and train with --add {out}", err=True)


def _guesser(bundle: Path, tasks: list[str]) -> "tuple[str, Guesser]":
    from cli.classify import open_classifier
    from wiring.exchange.record import Guess

    classifier = open_classifier(bundle)
    known = [task for task in tasks if task in classifier.labels]
    if not known:
        has = ", ".join(classifier.labels)
        raise typer.BadParameter(f"--bundle: it has none of the tasks {', '.join(tasks)}; it has {has}.")

    def guess(texts: list[str]) -> "list[Mapping[str, Guess]]":
        judged = (message.tasks for message in classifier.classify_many(texts, tasks=known))
        return [{task: Guess(of[task].label, of[task].score) for task in known} for of in judged]

    return classifier.bundle_id, guess
