"""Options that commands share, each declared once: a command takes one value for what belongs together."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints
from zoneinfo import ZoneInfo

import typer

from care.errors import BadInput

STDIN = "-"


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command as Typer wants it. A parameter whose type is a dataclass becomes one flag a field."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type[Any]] = {
        name: kind for name, kind in hints.items() if isinstance(kind, type) and is_dataclass(kind)
    }
    flat = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            flat += _flags_of(groups[name])
        else:
            kind = inspect.Parameter.KEYWORD_ONLY
            flat.append(parameter.replace(kind=kind, annotation=hints[name]))

    def called(**given: Any) -> None:
        made = {
            name: kind(**{flag.name: given.pop(flag.name) for flag in fields(kind)}) for name, kind in groups.items()
        }
        command(**made, **given)

    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__signature__ = inspect.Signature(flat)  # type: ignore[attr-defined]
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in flat}
    return called


def _flags_of(group: type[Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(
            flag.name,
            kind,
            default=inspect.Parameter.empty if flag.default is MISSING else flag.default,
            annotation=hints[flag.name],
        )
        for flag in fields(group)
    ]


def set_flags(*groups: Any) -> list[str]:
    """The names of the flags that somebody set to something else than their defaults."""
    return [
        f"--{flag.name.replace('_', '-')}"
        for group in groups
        for flag in fields(group)
        if (getattr(group, flag.name) or None) != (flag.default or None)
    ]


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


@dataclass(frozen=True, kw_only=True)
class Days:
    """Whole days that are counted."""

    first: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD; 28 days up to the last.")] = ""
    last: Annotated[str, typer.Option("--to", help="The last day, included; today.")] = ""

    def within(self, zone: str) -> tuple[date, date]:
        """First and last of them, today by this zone's clock. Raises BadInput."""
        last = day_of(self.last, "--to") or datetime.now(ZoneInfo(zone)).date()
        return day_of(self.first, "--from") or last - timedelta(days=27), last


def day_of(text: str, option: str) -> date | None:
    """A day as an option gives it; None where it is empty. Raises BadInput."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{option} {text!r} is no day. Write it like 2026-11-26.") from None
