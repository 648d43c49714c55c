"""`tactful corrections`: what people said messages are about, as labels for the next bundle."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="What people said messages are about.", no_args_is_help=True)


@app.callback()
def corrections() -> None:
    """What people said messages are about."""


@app.command()
def export(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="A file: .csv, .tsv, .jsonl, .json, .xlsx or .parquet; also .gz.")
    ],
    task: Annotated[list[str] | None, typer.Option(help="Only this task; may be repeated.")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Only where the person said another label.")] = False,
) -> None:
    """Write a row for each label that a person gave, or let stand by approving: masked text, old and new label, who.

    Learn from it with `tactful train FILE --add corrections.csv`, or measure on it with `tactful evaluate`.
    """
    from care.correcting import labels_by_people
    from care.times import rfc_3339
    from wiring.assemble import Assembly
    from wiring.settings import load_settings
    from wiring.tables.making import making

    columns = ("message", "thread_id", "channel", "subject", "text", "task", "was", "label", "agreed", "by", "at")
    n_of: Counter[tuple[str, bool]] = Counter()
    with making(out, {**dict.fromkeys(columns, str), "bundle": str}) as write:
        for said in labels_by_people(Assembly(load_settings()).store):
            if (task and said.task not in task) or (changed and said.is_agreed):
                continue
            about = (said.message_id, said.thread_id, said.channel, said.subject, said.text)
            agreed = "yes" if said.is_agreed else "no"
            write([*about, said.task, said.was, said.label, agreed, said.by, rfc_3339(said.at), said.bundle])
            n_of[said.task, said.is_agreed] += 1
    for name in sorted({task for task, _ in n_of}):
        typer.echo(f"{name}: {n_of[name, False]} corrected, {n_of[name, True]} agreed", err=True)
    typer.echo(f"{sum(n_of.values())} labels in {out}", err=True)
