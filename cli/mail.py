"""`tactful mail`: what would be kept of a mail, before any of it is."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from care.errors import BadInput, BadPayload, NotFound, TactfulError
from care.message import Inbound
from cli import failures

app = typer.Typer(help="Read mail as the e-mail channel does.", no_args_is_help=True)

STDIN = "-"
LARGEST = 64 * 1024 * 1024
"""Bytes of one file that are read; no mail server takes a larger mail."""


@app.callback()
def mail() -> None:
    """Read mail as the e-mail channel does."""


@app.command()
def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Mails (.eml), or - for standard input.")],
    format: Annotated[str, typer.Option(help="jsonl: one JSON object a mail.")] = "jsonl",
) -> None:
    """Show what would be kept of each mail: its writer's own words, who is to be answered, what is attached.

    `automatic` says why no person wrote it, or is null. Nothing is stored and nothing is masked. A mail that cannot be
    read is named on standard error, the others go on, and the command exits 1.
    """
    from wiring.settings import load_settings
    from wiring.shapes.answers import MailOut

    if format != "jsonl":
        raise typer.BadParameter("The only format is jsonl.", param_hint="--format")
    settings = load_settings()
    n_failed = 0
    for file in files:
        try:
            record = MailOut.of_file(file, _inbound(file, settings)).as_json()
        except TactfulError as error:
            failures.tell(error, as_json=False)
            n_failed += 1
            continue
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
    if n_failed:
        raise typer.Exit(1)


def _inbound(file: str, settings: Any) -> Inbound:
    from wiring.mail import read_mail

    try:
        return read_mail(_bytes(file), settings)
    except BadPayload as error:
        raise BadInput(f"{file}: {error}") from None


def _bytes(file: str) -> bytes:
    """Raises NotFound and BadInput, naming the file."""
    try:
        if file == STDIN:
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                raw = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise NotFound("file", file) from None
    except OSError as error:
        raise BadInput(f"{file}: cannot be read: {error.strerror}") from None
    if len(raw) > LARGEST:
        raise BadInput(f"{file}: is larger than {LARGEST:,} bytes; no mail is")
    return raw
