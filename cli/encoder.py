"""`tactful encoder`: make the encoder ready to serve."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.home import data_home
from cli.train import progress_to_stderr

app = typer.Typer(help="The sentence encoder.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The sentence encoder."""


@app.command("export")
def encoder_export(
    source: Annotated[Path | None, typer.Option("--from", help="Another local model folder.")] = None,
    force: Annotated[bool, typer.Option(help="Export again even when it is there.")] = False,
) -> None:
    """Verify the encoder's weights and export them to int8, once. Prints the folder."""
    from training.export import export

    folder = export(data_home(), source=source, force=force, say=progress_to_stderr(quiet=False))
    sys.stdout.write(f"{folder}\n")
