"""`tactful draft`: decide about a message, or a file of messages, and draft the replies."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from care.decision import Decision
from care.message import Author, Message, Turn, Visibility, between_us
from care.ports import Classifier, Clock, DraftJudge, Playbook, PlayScore, Redactor, ToneChecker
from care.preparing import Prepared, prepare
from care.reply import Draft, ToneReport
from care.wire import classification_as_json
from cli.classify import open_rows

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


def draft(
    text: Annotated[str | None, typer.Argument(help="The message, or - for stdin.", show_default=False)] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file instead: .csv, .tsv, .jsonl, .json, .xlsx or .parquet; also .gz.")
    ] = None,
    column: Annotated[str, typer.Option("--text", help="Column of the message in the file.")] = "text",
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, where it has several.")] = None,
    id_column: Annotated[str | None, typer.Option("--id", help="Column of the message's id.")] = None,
    reply_column: Annotated[
        str | None, typer.Option("--in-reply-to", help="Column with the id of the message it answers.")
    ] = None,
    author_column: Annotated[str | None, typer.Option("--author", help="Column of the author's name.")] = None,
    subject: Annotated[
        str | None, typer.Option(help="Of a mail; for a file its column, `subject` where there is one.")
    ] = None,
    channel: Annotated[str, typer.Option(help="Where it was written, or a column that says so.")] = "chat",
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a bundle to read with, alone; without it what serves.")
    ] = None,
    playbook: Annotated[Path | None, typer.Option(help="Folder of the playbook; without it the default one.")] = None,
    agent: Annotated[str, typer.Option(help="Who signs, where the channel signs.")] = "",
    explain: Annotated[bool, typer.Option(help="Add every play that came into question, with its score.")] = False,
    format: Annotated[str, typer.Option(help="table or jsonl.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format jsonl.")] = False,
) -> None:
    """Decide what to do about each message and draft at most three answers, in the order of the file.

    With --in-reply-to a thread is read as a thread: what was said before is not asked or apologised for twice.
    Of a public one, with --author, only what its author wrote and was answered.
    """
    if (text is None) == (file is None):
        raise typer.BadParameter("Give either a text (or -) or --file.")
    if format not in ("", "table", "jsonl", "json"):
        raise typer.BadParameter("--format is table or jsonl.")
    if reply_column and not id_column:
        raise typer.BadParameter("--in-reply-to needs --id.")
    if file is None:
        rows = [Row("1", (sys.stdin.read() if text == "-" else text) or "", channel, "", "", subject or "")]
    else:
        rows = list(read_rows(file, column, id_column, reply_column, author_column, subject, channel, sheet))
    show = as_line if as_json or format in ("jsonl", "json") or (file is not None and format != "table") else as_words
    desk = open_desk(bundle=bundle, playbook=playbook, agent=agent)
    by_id = {row.id: row for row in reversed(rows)}
    for row in rows:
        sys.stdout.write(show(desk.work_on(row, answered(row, by_id), explain=explain)))


def read_rows(
    file: Path,
    column: str,
    id_column: str | None,
    reply_column: str | None,
    author_column: str | None,
    subject_column: str | None,
    channel: str,
    sheet: str | None = None,
) -> Iterator[Row]:
    """The messages of a file, in order. Raises NotFound, BadInput."""
    named = [name for name in (column, id_column, reply_column, author_column, subject_column) if name]
    subject = subject_column or ("subject" if column != "subject" else "")
    for number, row in enumerate(open_rows(file, needs=named, may=(channel, subject), sheet=sheet), start=1):
        yield Row(
            id=_key(row[id_column] if id_column else "") or str(number),
            text=row[column],
            channel=row[channel] or "*" if channel in row.at else channel,
            author=row[author_column].strip() if author_column else "",
            in_reply_to=_key(row[reply_column] if reply_column else ""),
            subject=row[subject].strip(),
        )


def _key(value: str | None) -> str:
    """An id as both columns write it: spreadsheets turn 17 into 17.0 in a column with gaps."""
    return (value or "").strip().removesuffix(".0")


def answered(row: Row, by_id: Mapping[str, Row]) -> list[Row]:
    """What the row answers, and what that answered, oldest first."""
    found: list[Row] = []
    seen = {row.id}
    at = by_id.get(row.in_reply_to)
    while at is not None and at.id not in seen and len(found) < LONGEST_THREAD:
        found.append(at)
        seen.add(at.id)
        at = by_id.get(at.in_reply_to)
    return found[::-1]


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

    def work_on(self, row: Row, before: Sequence[Row], *, explain: bool) -> Answer:
        """Prepare a row just as the service does with a message that comes in."""
        rules = self.playbook.channels.get(row.channel) or self.playbook.channels["*"]
        now = self.clock()
        message = Message(
            id=row.id, channel=row.channel, outside_id=row.id, thread_id=before[0].id if before else row.id,
            author=Author(row.author or "customer", row.author or None), text=row.text,
            visibility=Visibility.PUBLIC if rules.is_public else Visibility.PRIVATE,
            written_at=now, received_at=now, subject=row.subject or None,
        )  # fmt: skip
        prepared = prepare(
            message,
            thread=between_us(as_turns(before, row, at=now), message),
            classifier=self.classifier,
            playbook=self.playbook,
            tone=self.tone,
            clock=self.clock,
            judge=self.judge,
            redactor=self.redactor,
            agent=self.agent,
        )
        return Answer(row, prepared, tuple(self.playbook.explain(prepared.assessed)) if explain else None)


def open_desk(*, bundle: Path | None, playbook: Path | None, agent: str) -> DraftingDesk:
    """Raises BundleError, BadPlaybook, BadSettings."""
    from care.ports import utc_now
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    parts = Assembly(load_settings(**({"playbook": playbook} if playbook else {})), bundle=bundle, is_trial=True)
    # One moment and one edition for all rows, so that they can be compared.
    now, edition = utc_now(), parts.playbook.edition()
    return DraftingDesk(parts.redactor, parts.classifier, edition, parts.tone, lambda: now, agent, parts.judge)


def as_line(answer: Answer) -> str:
    """The stable contract: one JSON object a row."""
    prepared = answer.prepared
    record: dict[str, Any] = {
        "id": answer.row.id,
        **classification_as_json(prepared.classification),
        "object": "proposal",
        "channel": answer.row.channel,
        "decision": decision_as_json(prepared.decision),
        "suggestions": [suggestion_as_json(draft) for draft in prepared.drafts],
        "asks": prepared.asks,
        "playbook": prepared.playbook,
    }
    if answer.fits is not None:
        record["explain"] = [
            {"play": fit.play, "score": round(fit.score, 4), "parts": dict(fit.parts)} for fit in answer.fits
        ]
    # Escaped, so that a lone surrogate in a text cannot stop the output.
    return json.dumps(record, ensure_ascii=True) + "\n"


def decision_as_json(decision: Decision) -> dict[str, Any]:
    return {
        "action": str(decision.action),
        "team": decision.team,
        "kind": decision.kind,
        "priority": {
            "total": decision.priority.total,
            "addends": [{"name": part.name, "points": part.points} for part in decision.priority.addends],
        },
        "due_at": decision.due_at.isoformat(),
        "promised_at": decision.promised_at.isoformat(),
        "reasons": list(decision.reasons),
    }


def suggestion_as_json(draft: Draft) -> dict[str, Any]:
    return {
        "play": draft.play,
        "title": draft.title,
        "text": draft.text,
        "missing": list(draft.missing),
        "tone": tone_as_json(draft.tone),
        "score": draft.score,
        "offline": draft.is_offline,
    }


def tone_as_json(report: ToneReport) -> Mapping[str, Any]:
    findings = [
        {"rule": one.rule, "start": one.start, "end": one.end, "message": one.message, "fix": one.fix}
        for one in report.findings
    ]
    return {"verdict": str(report.verdict), "score": report.score, "findings": findings}


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
    if answer.prepared.asks:
        lines += ["", answer.prepared.asks]
    for fit in answer.fits or ():
        why = ", ".join(f"{name} {points:+.2f}" for name, points in fit.parts if points)
        lines.append(f"  {fit.score:6.2f} {fit.play_id:<24} {why}")
    return "\n".join(lines).encode("utf-8", "replace").decode("utf-8") + "\n"
