"""`tactful secrets`: keys, and passwords and tokens that stand sealed in the configuration."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from care.errors import BadInput, NotFound

app = typer.Typer(help="Seal passwords and tokens of the configuration.", no_args_is_help=True)


@app.callback()
def secrets() -> None:
    """Seal passwords and tokens of the configuration. Keys stand in TACTFUL_SEAL_KEYS, the newest first."""


@app.command("key")
def make_key() -> None:
    """Make a key: it goes in front of those in TACTFUL_SEAL_KEYS, or into the file of TACTFUL_SEAL_KEYS_FILE."""
    from wiring.sealing import new_key

    typer.echo(new_key())


@app.command("seal")
def seal() -> None:
    """Seal what stands on standard input; what is printed stands in its place in the configuration."""
    from wiring.sealing import SealKeys

    value = sys.stdin.read().removesuffix("\n")
    if not value:
        raise BadInput('There is nothing to seal; pass the value on standard input: printf %s "$PASSWORD" | ...')
    typer.echo(SealKeys.from_environment().seal(value))


@app.command("rotate")
def rotate(
    file: Annotated[Path, typer.Argument(help="A configuration, such as tactful.toml.")],
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only say how many are sealed with an older key.")] = False,
) -> None:
    """Seal every value of a file with the newest key. Take the older keys away afterwards."""
    from wiring.sealing import SealKeys
    from wiring.tables.files import replaced

    try:
        words = file.read_text("utf-8")
    except OSError:
        raise NotFound("file", str(file)) from None
    anew, n = SealKeys.from_environment().sealed_anew(words)
    if not is_dry and n:
        with replaced(file) as fresh:
            fresh.write_text(anew, "utf-8")
    said = "would be" if is_dry else "are"
    typer.echo(f"{n} {said} sealed with the newest key.")
