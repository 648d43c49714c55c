"""`tactful redact`: mask sensitive data in a text, a file or standard input, before anything else touches it."""

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from care.errors import BadInput, NotFound
from care.sensitive import WITHHELD_TEXT, Handling, Redaction
from cli.failures import GATE_NOT_MET

STDIN = "-"
LONGEST_PART = 64 * 1024
"""Characters of running text that are taken as one message at most, so that memory stays constant."""

Masker = Callable[[str, str | None], Redaction]


def redact(
    text: Annotated[str | None, typer.Argument(help="The text, or - for standard input.", show_default=False)] = None,
    file: Annotated[Path | None, typer.Option(help="A .csv, .tsv, .jsonl or .txt file instead.")] = None,
    column: Annotated[
        list[str] | None, typer.Option("--text", help="Column or field that holds the text; may be repeated. [text]")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here, not to standard output.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a text, with every span.")] = False,
    explain: Annotated[bool, typer.Option(help="Say why, and what was looked at and let go.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 3 when anything was masked.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No counts on standard error.")] = False,
) -> None:
    """Mask card numbers, personal ids, bank data, passwords, keys and the like.

    Masked text goes to standard output, counts per kind to standard error. Files are read a row at a time; in running
    text a paragraph is one message. A text that could not be checked is withheld, and the command exits 1.
    """
    if (text is None) == (file is None):
        raise typer.BadParameter("Give either a text (or -) or --file.")
    tally = Tally()
    with ExitStack() as opened:
        mask = tally.counting(_masker(explain=explain))
        target = _target(output, opened)
        columns = column or ["text"]
        show = _as_json if as_json else _as_text
        if text is not None and text != STDIN:
            show(target, mask(text, None), explain, end="\n")
        elif file is not None and file.suffix.lower() in (".csv", ".tsv"):
            _rows(_source(file, opened), target, mask, columns, where=file)
        elif file is not None and file.suffix.lower() in (".jsonl", ".ndjson"):
            _lines(_source(file, opened), target, mask, columns, where=file)
        else:
            previous: str | None = None
            source = _source(file, opened)
            for part in paragraphs(iter(lambda: source.readline(LONGEST_PART), "")):
                redaction = mask(part, previous)
                show(target, redaction, explain, end="")
                previous = redaction.text
    if not quiet:
        tally.tell(sys.stderr)
    if tally.n_withheld:
        raise typer.Exit(1)
    if check and tally.n_flagged:
        raise typer.Exit(GATE_NOT_MET)


class Tally:
    """How many of which kind, over all texts of one run."""

    def __init__(self) -> None:
        self.n_texts = self.n_flagged = self.n_withheld = 0
        self.kinds: Counter[tuple[str, str]] = Counter()

    def counting(self, mask: Masker) -> Masker:
        """The same masker, counted; a text it fails on is withheld, never passed through."""

        def counted(text: str, before: str | None) -> Redaction:
            try:
                redaction = mask(text, before)
            except Exception:  # noqa: BLE001  # whatever went wrong, the text must not get out unmasked
                redaction = Redaction(text=WITHHELD_TEXT, handling=Handling.WITHHELD)
                self.n_withheld += 1
            self.n_texts += 1
            self.n_flagged += redaction.is_flagged
            self.kinds.update((span.category, str(span.handling)) for span in redaction.spans)
            return redaction

        return counted

    def tell(self, to: TextIO) -> None:
        to.write(f"{self.n_texts} texts, {self.n_flagged} with something masked\n")
        for (kind, handling), count in sorted(self.kinds.items(), key=lambda item: (-item[1], item[0])):
            to.write(f"  {kind:<20} {count:>8}  {handling}\n")
        if self.n_withheld:
            to.write(f"  {self.n_withheld} could not be checked and were withheld\n")


def paragraphs(source: Iterable[str]) -> Iterator[str]:
    """Running text in pieces that belong together: up to an empty line, LONGEST_PART characters at most.

    Joined they are the source again. A number broken over two lines stays in one piece.
    """
    kept: list[str] = []
    size = 0
    for line in source:
        if kept and (size + len(line) > LONGEST_PART or (not kept[-1].strip() and line.strip())):
            yield "".join(kept)
            kept, size = [], 0
        kept.append(line)
        size += len(line)
    if kept:
        yield "".join(kept)


def _masker(*, explain: bool) -> Masker:
    from wiring.assemble import redactor
    from wiring.settings import load_settings

    finder: Any = redactor(load_settings())
    if explain:
        # The port promises no explanations; the finder we ship has them.
        return lambda text, before: finder.redact(text, before=before, explain=True)
    return lambda text, before: finder.redact(text, before=before)


def _source(file: Path | None, opened: ExitStack) -> TextIO:
    """The file or standard input, undecodable bytes kept as they are."""
    if file is None:
        stream = sys.stdin
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
        return stream
    try:
        return opened.enter_context(file.open(encoding="utf-8-sig", errors="surrogateescape", newline=""))
    except FileNotFoundError:
        raise NotFound("file", str(file)) from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from None


def _target(output: Path | None, opened: ExitStack) -> TextIO:
    if output is None:
        stream = sys.stdout
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape", newline="")
        return stream
    try:
        return opened.enter_context(output.open("w", encoding="utf-8", errors="surrogateescape", newline=""))
    except OSError as error:
        raise BadInput(f"{output} cannot be written: {error.strerror}") from None


def _rows(source: TextIO, target: TextIO, mask: Masker, columns: list[str], *, where: Path) -> None:
    """A table: the named columns masked, everything else as it was."""
    delimiter = "\t" if where.suffix.lower() == ".tsv" else ","
    # Python's own limit of 128 kB a field is below what people paste; ours is 16 MB.
    csv.field_size_limit(16 * 1024 * 1024)
    reader = csv.reader(source, delimiter=delimiter)
    writer = csv.writer(target, delimiter=delimiter, lineterminator="\n")
    try:
        header = next(reader, [])
        missing = [name for name in columns if name not in header]
        if missing:
            raise BadInput(
                f"{where} has no column {', '.join(missing)}; it has {', '.join(header)} (choose with --text)"
            )
        places = [header.index(name) for name in columns]
        writer.writerow(header)
        for row in reader:
            for place in places:
                if place < len(row):
                    row[place] = mask(row[place], None).text
            writer.writerow(row)
    except csv.Error as error:
        raise BadInput(f"{where}, line {reader.line_num}: {error}") from None


def _lines(source: TextIO, target: TextIO, mask: Masker, columns: list[str], *, where: Path) -> None:
    """JSON lines: the named fields masked where they are texts, everything else as it was."""
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            # Without its cause: that one would quote the line.
            raise BadInput(f"{where}, line {number}: not JSON") from None
        if not isinstance(record, dict) or not any(name in record for name in columns):
            raise BadInput(f"{where}, line {number}: no field {', '.join(columns)} (choose with --text)")
        for name in columns:
            if isinstance(record.get(name), str):
                record[name] = mask(record[name], None).text
        target.write(_json(record) + "\n")


def _as_text(target: TextIO, redaction: Redaction, explain: bool, *, end: str) -> None:
    target.write(redaction.text + end)
    if not explain:
        return
    for span in redaction.spans:
        words = f", because of: {' '.join(span.context)}" if span.context else ""
        sys.stderr.write(
            f"  {span.start}-{span.end} {span.category} {span.handling} {span.score:.2f} by {span.recogniser}{words}\n"
        )
    for near_miss in redaction.near_misses:
        sys.stderr.write(f"  let go: {near_miss}\n")


def _as_json(target: TextIO, redaction: Redaction, explain: bool, *, end: str) -> None:
    record: dict[str, Any] = {
        "text": redaction.text,
        "handling": str(redaction.handling),
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "category": span.category,
                "handling": str(span.handling),
                "score": round(span.score, 3),
                "recogniser": span.recogniser,
                "context": list(span.context),
            }
            for span in redaction.spans
        ],
    }
    if explain:
        record["near_misses"] = list(redaction.near_misses)
    target.write(_json(record) + "\n")


def _json(record: object) -> str:
    text = json.dumps(record, ensure_ascii=False)
    # Half a surrogate pair cannot be written as UTF-8; escaped it can, and reads back the same.
    return json.dumps(record) if any("\ud800" <= char <= "\udfff" for char in text) else text
