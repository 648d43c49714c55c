"""`tactful tone`: what is wrong with an outgoing text, where, and what to write instead."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from care.errors import BadInput

if TYPE_CHECKING:
    from care.reply import ToneReport

_COLUMNS = ("to", "mood", "urgency", "channel", "name")


def tone(
    text: Annotated[str | None, typer.Argument(help="One outgoing text; - reads it from standard input.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A CSV of outgoing texts.")] = None,
    column: Annotated[str, typer.Option("--text", help="The column with the text.")] = "text",
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
        raise typer.BadParameter("give a text, or --file with a CSV, and not both")
    if style not in ("jsonl", "table"):
        raise typer.BadParameter("--format is jsonl or table")
    given = {"to": to, "mood": mood, "urgency": urgency, "channel": channel, "name": name}
    if file is None:
        rows: Iterator[Mapping[str, str | None]] = iter([{**given, "text": sys.stdin.read() if text == "-" else text}])
    else:
        rows = read_rows(file, column, {**given, "to": to_column} if to_column else given)
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


def read_rows(file: Path, column: str, given: Mapping[str, str | None]) -> Iterator[Mapping[str, str | None]]:
    """One mapping a row. An option that names a column of the file is read from it, any other is a value for all rows.

    Raises BadInput when the file cannot be read or has no such column.
    """
    try:
        source = file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    with source:
        reader = csv.DictReader(source)
        columns = reader.fieldnames or ()
        if column not in columns:
            raise BadInput(f"{file} has no column {column}; it has {', '.join(columns)}. Name it with --text.")
        # Columns called to, mood, urgency, channel, name are used as such when the option was left out.
        wanted = {key: given[key] if given[key] not in (None, "*") else key for key in _COLUMNS}
        try:
            for row in reader:
                values = {key: row.get(at) if at in columns else given[key] for key, at in wanted.items() if at}
                yield {**{key: value or None for key, value in values.items()}, "text": row[column]}
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadInput(f"{file} is not a CSV file in UTF-8: {error}.") from error


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
