"""`tactful import`: what was said before tactful, as closed cases: masked, without clocks, notices or figures."""

from pathlib import Path
from typing import Annotated

import typer


def import_history(
    file: Annotated[
        Path,
        typer.Argument(
            help="A file with a row a message, of any kind that is read; docs/running.md names the columns."
        ),
    ],
    channel: Annotated[str, typer.Option(help="The channel it was written on.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come in, and keep nothing.")] = False,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, where it has several.")] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="COLUMN=FIELD where the file has another name: body=text.")
    ] = None,
) -> None:
    """Bring in conversations of before, both sides. Started again it brings in nothing twice."""
    from care.history import tally
    from wiring.assemble import Assembly, history
    from wiring.history import read_history
    from wiring.settings import load_settings

    names = dict(pair.partition("=")[::2] for pair in mapping or [])
    if dry_run:
        for line in tally(read_history(file, names=names, sheet=sheet)).lines():
            typer.echo(line)
        return
    bringing = history(Assembly(load_settings()), channel)
    rows = read_history(file, names=names, sheet=sheet)
    done = bringing.bring_in(rows, told=lambda n: typer.echo(f"  {n:,} rows", err=True))
    for line in done.lines():
        typer.echo(line)
