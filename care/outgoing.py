"""What goes out in our name: the checks before a person's yes counts, and the reply it becomes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from care import placeholders
from care.errors import BadReply, Problem, SensitiveBlocked
from care.ids import new_id
from care.masking import masked
from care.message import Message, Visibility
from care.ports import Redactor, ToneChecker
from care.reply import Reply, Stage, Verdict
from care.sensitive import Handling


def check_text(
    text: str,
    *,
    answers: Message,
    labels: Mapping[str, str],
    redactor: Redactor,
    tone: ToneChecker,
    visibility: Visibility | None = None,
) -> None:
    """Refuse a text that may not go out in answer to a message.

    labels: by task, what the message is about; mood and urgency set the tone. visibility: of the text; None: as the
    message's.
    Raises BadReply for an open slot, no text, or a tone that is stopped (too long among them), and SensitiveBlocked.
    """
    slots = [
        Problem(f"[[{gap.name}]]" if gap.is_ours else gap.name, "is still open", "fill it in")
        for gap in placeholders.find(text)
    ]
    if slots or not text.strip():
        raise BadReply(slots or [Problem("the reply", "is empty", "write something")])
    _check_sensitive(text, redactor=redactor)
    mood, urgency = labels.get("sentiment"), labels.get("urgency")
    place = visibility or answers.visibility
    report = tone.check(text, channel=answers.channel, to=answers.text, mood=mood, urgency=urgency, visibility=place)
    if report.verdict is Verdict.STOP:
        raise BadReply(
            [
                Problem(f"characters {finding.start} to {finding.end}", finding.message, finding.fix or "")
                for finding in report.findings
            ]
        )


def _check_sensitive(text: str, *, redactor: Redactor) -> None:
    redaction = masked(text, redactor=redactor)
    if redaction.handling is Handling.WITHHELD:
        raise SensitiveBlocked([Problem("the reply", "could not be checked for sensitive data", "try again")])
    if redaction.may_not_go_out:
        raise SensitiveBlocked(
            [
                Problem(f"characters {span.start} to {span.end}", f"holds a {span.category}", "take it out")
                for span in redaction.may_not_go_out
            ]
        )


def new_reply(message: Message, *, text: str, by: str, now: datetime, undo_s: Mapping[str, float]) -> Reply:
    """A reply to a message, approved by a person and pending until its undo window is over.

    undo_s: seconds by channel name; "*" is the default.
    """
    return Reply(
        id=new_id("rpl", now=now),
        message_id=message.id,
        suggestion_id=None,
        channel=message.channel,
        recipient=message.author.handle,
        thread_key=message.thread_key,
        subject=message.subject,
        in_reply_to=message.outside_id,
        text=text,
        stage=Stage.PENDING,
        approved_by=by,
        approved_at=now,
        not_before=now + timedelta(seconds=undo_s.get(message.channel, undo_s.get("*", 0.0))),
        idempotency_key=new_id("idem", now=now),
        case_id=message.case_id,
        turn=message.turn,
        visibility=message.visibility,
    )
