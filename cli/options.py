"""Options that commands share, each declared once: a command takes one value, whose fields are its options."""

import sys
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from functools import wraps
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_type_hints

import typer

STDIN = "-"
Given = TypeVar("Given")


def takes(options: type[Given]) -> Callable[[Callable[[Given], None]], Callable[..., None]]:
    """Make a command of a function that takes its options as one value of a dataclass."""

    def as_command(run: Callable[[Given], None]) -> Callable[..., None]:
        hints = get_type_hints(options, include_extras=True)
        parameters = [
            Parameter(
                field.name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if field.default is MISSING else field.default,
                annotation=hints[field.name],
            )
            for field in fields(options)  # type: ignore[arg-type]
        ]

        @wraps(run)
        def command(**given: Any) -> None:
            run(options(**given))

        # Typer reads the signature, and the annotations where it cannot.
        vars(command)["__signature__"] = Signature(parameters)
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return command

    return as_command


Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook, where it has several.")]
Bundle = Annotated[Path | None, typer.Option(help="Folder of a bundle to read with, alone; without it what serves.")]
Encoder = Annotated[
    str,
    typer.Option(help="minilm, none, or a local folder; without it as the settings say.", show_default=False),
]
Format = Annotated[Literal["table", "jsonl"], typer.Option(help="table, or jsonl: one JSON object a line.")]


@dataclass(frozen=True, kw_only=True)
class TextOrFile:
    """One text, or a file with a text a row."""

    text: Annotated[str | None, typer.Argument(help="The text, or - for standard input.", show_default=False)] = None
    file: Annotated[
        Path | None, typer.Option(help="A file instead: .csv, .tsv, .jsonl, .json, .xlsx or .parquet; also .gz.")
    ] = None
    sheet: Sheet = None

    def __post_init__(self) -> None:
        if (self.text is None) == (self.file is None):
            raise typer.BadParameter("Give either a text (or -) or --file.")

    @property
    def said(self) -> str:
        """The one text; of standard input where it says so."""
        return sys.stdin.read() if self.text == STDIN else self.text or ""


@dataclass(frozen=True, kw_only=True)
class ColumnOfTexts(TextOrFile):
    column: Annotated[str, typer.Option("--text", help="Column of the text in the file.")] = "text"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How answers are printed."""

    format: Annotated[str, typer.Option(help="table or jsonl.")] = ""
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format jsonl.")] = False

    def is_lines(self, *, default: bool) -> bool:
        """Whether a JSON object a line is wanted. default: where nothing was said. Raises BadParameter."""
        if self.format not in ("", "table", "jsonl", "json"):
            raise typer.BadParameter("--format is table or jsonl.")
        return self.as_json or self.format in ("jsonl", "json") or (default and self.format != "table")
