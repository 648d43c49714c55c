"""`tactful draft`: decide about a message, or a file of messages, and draft the replies."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from care.message import Author, Message, Origin, Turn, Visibility, between_us
from care.ports import Classifier, Clock, DraftJudge, Playbook, PlayScore, Redactor, SpanReader, ToneChecker
from care.preparing import DraftingTools, Prepared, prepare
from cli.classify import open_rows
from cli.options import Bundle, ColumnOfTexts, Shown, grouped

LONGEST_THREAD = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One message of a file, as its columns say."""

    id: str
    text: str
    channel: str
    author: str
    in_reply_to: str
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns of a file say what."""

    id_column: Annotated[str | None, typer.Option("--id", help="Column of the message's id.")] = None
    reply_column: Annotated[
        str | None, typer.Option("--in-reply-to", help="Column with the id of the message it answers.")
    ] = None
    author_column: Annotated[str | None, typer.Option("--author", help="Column of the author's name.")] = None
    subject: Annotated[
        str | None, typer.Option(help="Of a mail; for a file its column, `subject` where there is one.")
    ] = None
    channel: Annotated[str, typer.Option(help="Where it was written, or a column that says so.")] = "chat"


@dataclass(frozen=True, kw_only=True)
class DraftOptions(Shown, Columns, ColumnOfTexts):
    bundle: Bundle = None
    playbook: Annotated[Path | None, typer.Option(help="Folder of the playbook; without it the default one.")] = None
    agent: Annotated[str, typer.Option(help="Who signs, where the channel signs.")] = ""
    explain: Annotated[bool, typer.Option(help="Add every play that came into question, with its score.")] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reply_column and not self.id_column:
            raise typer.BadParameter("--in-reply-to needs --id.")

    @property
    def rows(self) -> list[Row]:
        if self.file is None:
            return [Row("1", self.said, self.channel, "", "", self.subject or "")]
        return list(read_rows(self.file, self))


@grouped
def draft(options: DraftOptions) -> None:
    """Decide what to do about each message and draft at most three answers, in the order of the file.

    With --in-reply-to a thread is read as a thread: what was said before is not asked or apologised for twice.
    Of a public one, with --author, only what its author wrote and was answered.
    """
    show = as_line if options.is_lines(default=options.file is not None) else as_words
    rows = options.rows
    desk = open_desk(bundle=options.bundle, playbook=options.playbook, agent=options.agent)
    by_id = {row.id: row for row in reversed(rows)}
    for row in rows:
        sys.stdout.write(show(desk.work_on(row, answered(row, by_id), explain=options.explain)))


def read_rows(file: Path, options: DraftOptions) -> Iterator[Row]:
    """The messages of a file, in order. Raises NotFound, BadInput."""
    id_column, reply_column, author_column = options.id_column, options.reply_column, options.author_column
    named = [name for name in (options.column, id_column, reply_column, author_column, options.subject) if name]
    subject = options.subject or ("subject" if options.column != "subject" else "")
    table = open_rows(file, needs=named, may=(options.channel, subject), sheet=options.sheet)
    for number, row in enumerate(table, start=1):
        yield Row(
            id=_key(row[id_column] if id_column else "") or str(number),
            text=row[options.column],
            channel=row[options.channel] or "*" if options.channel in row.at else options.channel,
            author=row[author_column].strip() if author_column else "",
            in_reply_to=_key(row[reply_column] if reply_column else ""),
            subject=row[subject].strip(),
        )


def _key(value: str | None) -> str:
    """An id as both columns write it: spreadsheets turn 17 into 17.0 in a column with gaps."""
    return (value or "").strip().removesuffix(".0")


def answered(row: Row, by_id: Mapping[str, Row]) -> list[Row]:
    """What the row answers, and what that answered, oldest first."""
    thread: list[Row] = []
    seen = {row.id}
    at = by_id.get(row.in_reply_to)
    while at is not None and at.id not in seen and len(thread) < LONGEST_THREAD:
        thread.append(at)
        seen.add(at.id)
        at = by_id.get(at.in_reply_to)
    return thread[::-1]


def as_turns(before: Sequence[Row], row: Row, *, at: datetime) -> list[Turn]:
    """What `answered` found, as turns that say whose conversation with us each belongs to.

    A file does not say who we are: whoever answers another speaks for us, to them, until they answer somebody else.
    Where nobody is named, the first to write is the customer, and we take turns.
    """
    turns = []
    above, customer = None, ""
    for place, other in enumerate(before):
        by_customer = other.author == row.author if row.author else place % 2 == 0
        if by_customer or not other.in_reply_to:
            customer = other.author
        elif above is not None and above.author != other.author:
            customer = above.author
        turns.append(Turn(other.text, by_customer=by_customer, at=at, customer=customer if row.author else "",
                          subject=other.subject or None))  # fmt: skip
        above = other
    return turns


@dataclass(frozen=True, slots=True)
class Answer:
    """One row, worked on. fits: every play that came into question, where that was asked for."""

    row: Row
    prepared: Prepared
    fits: tuple[PlayScore, ...] | None = None


@dataclass(frozen=True, slots=True)
class DraftingDesk:
    """What the service prepares messages with, without a store. agent: who signs, where the channel signs."""

    redactor: Redactor
    classifier: Classifier
    playbook: Playbook
    tone: ToneChecker
    clock: Clock
    agent: str = ""
    judge: DraftJudge | None = None
    spans: SpanReader | None = None

    def work_on(self, row: Row, before: Sequence[Row], *, explain: bool) -> Answer:
        """Prepare a row just as the service does with a message that comes in."""
        rules = self.playbook.channels.get(row.channel) or self.playbook.channels["*"]
        now = self.clock()
        message = Message(
            id=row.id,
            origin=Origin(channel=row.channel, outside_id=row.id, thread_key=row.id, written_at=now),
            thread_id=before[0].id if before else row.id,
            author=Author(row.author or "customer", row.author or None),
            text=row.text,
            visibility=Visibility.PUBLIC if rules.is_public else Visibility.PRIVATE,
            received_at=now,
            subject=row.subject or None,
        )
        tools = DraftingTools(self.playbook, self.tone, self.clock, self.judge, spans=self.spans)
        thread = between_us(as_turns(before, row, at=now), message)
        prepared = prepare(message, self.classifier, tools, thread=thread, redactor=self.redactor, agent=self.agent)
        return Answer(row, prepared, tuple(self.playbook.explain(prepared.assessed)) if explain else None)


def open_desk(*, bundle: Path | None, playbook: Path | None, agent: str) -> DraftingDesk:
    """Raises BundleError, BadPlaybook, BadSettings."""
    from care.ports import utc_now
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    parts = Assembly(load_settings(**({"playbook": playbook} if playbook else {})), bundle=bundle, is_trial=True)
    # One moment and one edition for all rows, so that they can be compared.
    now, edition = utc_now(), parts.playbook.edition()
    tone, judge = parts.tone, parts.judge
    return DraftingDesk(parts.redactor, parts.classifier, edition, tone, lambda: now, agent, judge, parts.spans)


def as_line(answer: Answer) -> str:
    """The stable contract: one JSON object a row."""
    from wiring.shapes.proposal import ProposalOut

    return ProposalOut.of_row(answer.prepared, id=answer.row.id, channel=answer.row.channel, fits=answer.fits).as_line()


def as_words(answer: Answer) -> str:
    """For a person at a terminal."""
    decision = answer.prepared.decision
    parts = " + ".join(f"{part.name} {part.points}" for part in decision.priority.addends)
    lines = [
        f"{decision.action}  team {decision.team}  priority {decision.priority.total} ({parts})",
        *(f"  {reason}" for reason in decision.reasons),
    ]
    for number, draft in enumerate(answer.prepared.drafts, start=1):
        missing = f"  fill in: {', '.join(draft.missing)}" if draft.missing else ""
        lines += ["", f"{number}. {draft.title}  [{draft.play}]  tone {draft.tone.verdict}{missing}", draft.text]
        for source in draft.sources:
            what = (
                f"for us alone: {source.quote}"
                if source.is_internal
                else f"{source.slot} from {source.title}"
                if source.slot
                else source.title
            )
            lines.append(f"   {what}  [{source.place}]")
        lines += [f"   knowledge has nothing for {lack.slot}" for lack in draft.lacks]
    if answer.prepared.asks:
        lines += ["", answer.prepared.asks]
    for fit in answer.fits or ():
        why = ", ".join(f"{name} {points:+.2f}" for name, points in fit.parts if points)
        lines.append(f"  {fit.score:6.2f} {fit.play_id:<24} {why}")
    return "\n".join(lines).encode("utf-8", "replace").decode("utf-8") + "\n"
