"""`tactful redact`: mask sensitive data in a text, a file or standard input, before anything else touches it."""

import io
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from care.errors import BadInput
from care.sensitive import WITHHELD_TEXT, Handling, Redaction
from cli.failures import GATE_NOT_MET
from cli.options import STDIN, TextOrFile, grouped

LONGEST_PART = 64 * 1024
"""Characters of running text that are taken as one message at most, so that memory stays constant."""

Masker = Callable[[str, str | None], Redaction]


@dataclass(frozen=True, kw_only=True)
class RedactOptions(TextOrFile):
    file: Annotated[
        Path | None, typer.Option(help="A file instead: .csv, .tsv, .jsonl, .json, .xlsx, .parquet or .txt; also .gz.")
    ] = None
    column: Annotated[
        list[str] | None, typer.Option("--text", help="Column or field that holds the text; may be repeated. [text]")
    ] = None
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here, in the kind that was read; may be the same file.")
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a text, with every span.")] = False
    explain: Annotated[bool, typer.Option(help="Say why, and what was looked at and let go.")] = False
    check: Annotated[bool, typer.Option("--check", help="Exit 3 when anything was masked.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No counts on standard error.")] = False


@grouped
def redact(options: RedactOptions) -> None:
    """Mask card numbers, personal ids, bank data, passwords, keys and the like.

    Masked text goes to standard output, counts per kind to standard error. Files are read a row at a time, and looked
    at whole before; a file that is written appears whole or not at all. In running text a paragraph is one message. A
    text that could not be checked is withheld, and the command exits 1.
    """
    from wiring.tables.place import Kind, place_of

    tally = Tally()
    place = place_of(options.file) if options.file is not None else None
    mask = tally.counting(_masker(explain=options.explain))
    if place is not None and place.kind is not Kind.WORDS:
        columns = tuple(options.column or ("text",))
        _table(place.path, options.output, mask, columns, sheet=options.sheet, tally=tally)
    else:
        _running_text(place, options, mask, tally)
    if not options.quiet:
        tally.tell(sys.stderr)
    if tally.n_withheld:
        raise typer.Exit(1)
    if options.check and tally.n_flagged:
        raise typer.Exit(GATE_NOT_MET)


def _running_text(place: Any, options: RedactOptions, mask: Masker, tally: "Tally") -> None:
    """One text, or words of standard input or a file, paragraph by paragraph."""
    show = _as_json if options.as_json else _as_text
    with ExitStack() as opened:
        source, target = _words(place, options.output, opened)
        if options.text not in (None, STDIN):
            show(target, mask(options.said, None), options.explain, end="\n")
        else:
            previous: str | None = None
            for part in paragraphs(iter(lambda: source.readline(LONGEST_PART), "")):
                redaction = mask(part, previous)
                show(target, redaction, options.explain, end="")
                previous = redaction.text
        _keep_original(place, options.output, tally)


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


def _words(place: Any, output: Path | None, opened: ExitStack) -> tuple[TextIO, TextIO]:
    """Where running text comes from and goes to. Undecodable bytes of standard input are kept as they are."""
    from wiring.tables.encoding import Encoding, as_text, encoding_of
    from wiring.tables.files import replaced
    from wiring.tables.place import Kind, kind_of
    from wiring.tables.writing import check_name, text_into

    encoding = encoding_of(place) if place is not None else Encoding("utf-8")
    source = opened.enter_context(as_text(place, encoding)) if place is not None else _escaping(sys.stdin)
    if output is None:
        return source, _escaping(sys.stdout)
    check_name(output, Kind.WORDS, place.path if place is not None else Path("standard input"))
    fresh = opened.enter_context(replaced(output))
    return source, opened.enter_context(text_into(fresh, encoding, is_packed=kind_of(output)[1]))


def _escaping(stream: TextIO) -> TextIO:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    return stream


def _table(
    file: Path, output: Path | None, mask: Masker, columns: Sequence[str], *, sheet: str | None, tally: Tally
) -> None:
    """Rows: the named columns masked, everything else as it was."""
    from wiring.tables.reading import open_table
    from wiring.tables.writing import rewriting

    table = open_table(file, needs=columns, sheet=sheet, hint="choose with --text")
    for note in table.notes:
        sys.stderr.write(f"{note}\n")
    with rewriting(table, output or _escaping(sys.stdout), changed=columns) as keep:
        for row in table:
            for name in columns:
                said = row[name]
                masked = mask(said, None).text if row.value(name) is not None else said
                # A number that hides nothing stays a number.
                if masked != said:
                    row.put(name, masked)
            keep(row)
        _keep_original(table.place, output, tally)


def _keep_original(place: Any, output: Path | None, tally: Tally) -> None:
    """Raises BadInput before a file is replaced by one in which texts are missing."""
    if place is None or output is None or not tally.n_withheld or not output.exists():
        return
    if output.samefile(place.path):
        raise BadInput(
            f"{tally.n_withheld} texts could not be checked; {output} is as it was. Write to another file to look."
        )


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
    from wiring.shapes.reading import MaskedTextOut
    from wiring.tables.writing import as_json

    target.write(as_json(MaskedTextOut.of(redaction, explain=explain).as_json()) + "\n")
