"""`tactful tone`: what is wrong with an outgoing text, where, and what to write instead."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.classify import open_rows
from cli.options import ColumnOfTexts, Shown, grouped

if TYPE_CHECKING:
    from care.reply import ToneReport


@dataclass(frozen=True, kw_only=True)
class ToneContext:
    """What a text is judged with; each is a value for all rows, or a column of the file."""

    to: Annotated[str | None, typer.Option("--to", help="What the customer wrote.")] = None
    mood: Annotated[str | None, typer.Option("--mood", help="very_negative … very_positive, or a column.")] = None
    urgency: Annotated[str | None, typer.Option("--urgency", help="low … urgent, or a column.")] = None
    channel: Annotated[str, typer.Option("--channel", help="Where it goes, or a column.")] = "*"
    name: Annotated[str | None, typer.Option("--name", help="The customer's name, or a column.")] = None


@dataclass(frozen=True, kw_only=True)
class ToneOptions(Shown, ToneContext, ColumnOfTexts):
    to_column: Annotated[str | None, typer.Option("--to-column", help="The column with what they wrote.")] = None

    @property
    def rows(self) -> Iterator[Mapping[str, str | None]]:
        given = {field.name: getattr(self, field.name) for field in fields(ToneContext)}
        if self.file is None:
            return iter([{**given, "text": self.said}])
        return read_rows(self.file, self.column, {**given, "to": self.to_column or self.to}, self.sheet)


@grouped
def tone(options: ToneOptions) -> None:
    """Check the tone of outgoing texts: send, warn or stop, with what was found and a fix where there is one."""
    is_lines = options.is_lines(default=False)
    rows = options.rows
    model = the_model()
    for row in rows:
        said = row["text"] or ""
        report = model.check(
            said,
            channel=row["channel"] or "*",
            to=row["to"],
            mood=row["mood"],
            urgency=row["urgency"],
            name=row["name"],
        )
        sys.stdout.write(as_line(report) if is_lines else as_words(report, said) + "\n")


def read_rows(
    file: Path, column: str, given: Mapping[str, str | None], sheet: str | None = None
) -> Iterator[Mapping[str, str | None]]:
    """One mapping a row. An option that names a column of the file is read from it, any other is a value for all rows.

    Raises NotFound, and BadInput when the file cannot be read or has no such column.
    """
    # Columns called to, mood, urgency, channel, name are used as such when the option was left out.
    wanted = {key: option if option not in (None, "*") else key for key, option in given.items()}
    for row in open_rows(file, needs=(column,), may=[name for name in wanted.values() if name], sheet=sheet):
        values = {key: row[name or ""] if name in row.at else given[key] for key, name in wanted.items()}
        yield {**{key: value or None for key, value in values.items()}, "text": row[column]}


def the_model() -> Any:
    """The tone check of this installation: its playbook's voice and limits, its trained head."""
    from wiring import assemble
    from wiring.settings import load_settings

    # Any: beyond what the port promises it takes the customer's name, and this door may not import model/.
    return assemble.tone(load_settings())


def as_line(report: "ToneReport") -> str:
    """The stable contract, see docs/."""
    from wiring.shapes.reading import ToneOut

    return ToneOut.of(report).as_line()


def as_words(report: "ToneReport", text: str) -> str:
    """For a person at a terminal."""
    lines = [f"{report.verdict.value}  ({report.score:.0%} likely to be fine)"]
    for finding in report.findings:
        quoted = " ".join(text[finding.start : finding.end].split())
        quoted = quoted if len(quoted) <= 60 else quoted[:57] + "..."
        fix = f" → {finding.fix!r}" if finding.fix is not None else ""
        lines.append(f"  {finding.rule:<18} {quoted!r}: {finding.message}{fix}")
    return "\n".join(lines)
