"""`tactful tone`: what is wrong with an outgoing text, where, and what to write instead."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.classify import open_rows

if TYPE_CHECKING:
    from care.reply import ToneReport


def tone(
    text: Annotated[str | None, typer.Argument(help="One outgoing text; - reads it from standard input.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file of outgoing texts: .csv, .jsonl, .xlsx or another kind that is read.")
    ] = None,
    column: Annotated[str, typer.Option("--text", help="The column with the text.")] = "text",
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, where it has several.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="What the customer wrote.")] = None,
    to_column: Annotated[str | None, typer.Option("--to-column", help="The column with what they wrote.")] = None,
    mood: Annotated[str | None, typer.Option("--mood", help="very_negative … very_positive, or a column.")] = None,
    urgency: Annotated[str | None, typer.Option("--urgency", help="low … urgent, or a column.")] = None,
    channel: Annotated[str, typer.Option("--channel", help="Where it goes, or a column.")] = "*",
    name: Annotated[str | None, typer.Option("--name", help="The customer's name, or a column.")] = None,
    style: Annotated[str, typer.Option("--format", help="jsonl or table.")] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format jsonl.")] = False,
) -> None:
    """Check the tone of outgoing texts: send, warn or stop, with what was found and a fix where there is one."""
    if (text is None) is (file is None):
        raise typer.BadParameter("give a text, or --file, and not both")
    if style not in ("jsonl", "table"):
        raise typer.BadParameter("--format is jsonl or table")
    given = {"to": to, "mood": mood, "urgency": urgency, "channel": channel, "name": name}
    if file is None:
        rows: Iterator[Mapping[str, str | None]] = iter([{**given, "text": sys.stdin.read() if text == "-" else text}])
    else:
        rows = read_rows(file, column, {**given, "to": to_column} if to_column else given, sheet)
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
        line = (
            json.dumps(as_dict(report), ensure_ascii=False) if as_json or style == "jsonl" else as_words(report, said)
        )
        sys.stdout.write(line + "\n")


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


def as_dict(report: "ToneReport") -> dict[str, object]:
    """The stable contract, see docs/."""
    findings = [
        {"rule": one.rule, "start": one.start, "end": one.end, "message": one.message, "fix": one.fix}
        for one in report.findings
    ]
    return {"verdict": report.verdict.value, "score": report.score, "findings": findings}


def as_words(report: "ToneReport", text: str) -> str:
    """For a person at a terminal."""
    lines = [f"{report.verdict.value}  ({report.score:.0%} likely to be fine)"]
    for one in report.findings:
        quoted = " ".join(text[one.start : one.end].split())
        quoted = quoted if len(quoted) <= 60 else quoted[:57] + "..."
        fix = f" → {one.fix!r}" if one.fix is not None else ""
        lines.append(f"  {one.rule:<18} {quoted!r}: {one.message}{fix}")
    return "\n".join(lines)
